"""AnnData and MuData of bulk samples: one h5ad, or the modality of an h5mu that is named like the assay.

Files are read with AnnData's own element reader, so an h5mu needs no further package. Of an h5mu an assay takes the modality of
its own name; else the one named like its modality (`rna`, `protein` or `prot`); else the only one there is.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.annotation import annotate, unique_identifiers
from organokine.readers.base import Count, RawTable
from organokine.readers.cells import clean_name
from organokine.readers.grid import Grid
from organokine.readers.known_samples import keep_known
from organokine.readers.workbook import cell_text

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection, Scale

COUNTS = "counts"
MOST_SAMPLES = 5000
"""Bulk cohorts are smaller, single-cell data are larger; cells are no replicates of animals."""
_SCALES = ("log2", "linear", "counts")


class Annotated(NamedTuple):
    """What is read of one AnnData: `values` (n_samples, n_features), its place and others, and the scale that the file declares."""

    kind: str
    modality: str
    place: str
    others: list[str]
    values: np.ndarray
    samples: list[str]
    var: pd.DataFrame
    scale: Scale
    is_own: bool


def is_annotated(sniffed: Sniffed) -> bool:
    """Any HDF5 file; whether it holds an AnnData is said by its reader."""
    return sniffed.kind == "hdf5"


def read_annotated(
    path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read samples x features from h5ad or h5mu.

    Parameters
    ----------
    path, assay, folder, known, where
        As of every reader; see `Reader`. `columns` of the assay name columns of `var`; `id` is the index of `var` unless given.

    Returns
    -------
    RawTable
        `layers["counts"]` for RNA where there is one, else `X`, sparse or dense. The scale is that of the file if the package
        wrote it.

    Raises
    ------
    DataError
        If the file holds no AnnData, no modality for the assay, more than `MOST_SAMPLES` observations, or natural logarithms
        without counts.
    """
    held = _load(path, assay, MOST_SAMPLES, where)
    kept, counts = keep_known(held.samples, known, "samples", where)
    identifiers, text = _identifiers(held.var, assay, where)
    grid = Grid([str(text.index.name), *map(str, text.columns)], text.reset_index(drop=True), ())
    beside = None if assay.features is None else folder / assay.features
    chosen = assay
    if held.is_own and assay.columns.gene is None:
        chosen = assay.model_copy(update={"columns": assay.columns.model_copy(update={"gene": "genes"})})
    features, _, feature_counts = annotate(grid, identifiers, chosen, beside, (), where)
    index, unique_counts = unique_identifiers(identifiers)
    features.index = index
    values = pd.DataFrame(held.values[kept].T, index=index, columns=[held.samples[position] for position in kept])
    read = [Count("matrix that was read", values.size, None, held.place, f"of {held.kind} {held.modality}".strip())]
    if len(held.others) > 0:
        note = f"layers[{COUNTS!r}] is read for RNA, and X otherwise"
        read.append(Count("matrices not read", len(held.others), None, first_examples(held.others), note))
    all_counts = (*read, *counts, *unique_counts, *feature_counts)
    return RawTable(values, features, all_counts, engine=held.kind, scale=held.scale)


def holds_counts(path: Path) -> bool:
    """Whether an AnnData, or one modality of a MuData, holds counts of reads beside its X."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            groups = [file, *(file["mod"].values() if "mod" in file else ())]
            return any(COUNTS in group.get("layers", {}) for group in groups)
    except Exception:  # noqa: BLE001  a damaged HDF5 file raises errors of any kind; its reader says what is wrong
        return False


def _refuse(where: str, what: str, why: str, remedy: str) -> NoReturn:
    raise DataError(Problem(where, what, why, remedy))


def _load(path: Path, assay: AssaySection, most_samples: int, where: str) -> Annotated:
    import h5py

    try:
        with warnings.catch_warnings(), h5py.File(path, "r") as file:
            warnings.simplefilter("ignore")  # old versions of the format are read all the same
            return _read(file, assay, most_samples, where)
    except DataError:
        raise
    except Exception as error:  # a damaged HDF5 file raises errors of any kind
        what = f"the file {path.name!r} cannot be read ({str(error).splitlines()[0][:100] if str(error) else type(error).__name__})"
        raise DataError(Problem(where, what, "The table cannot be read", "Write or copy the file again")) from error


def _read(file: Any, assay: AssaySection, most_samples: int, where: str) -> Annotated:
    from anndata.io import read_elem

    modality = _modality(list(file["mod"]), assay, where) if "mod" in file else ""
    group = file["mod"][modality] if modality != "" else file
    _refuse_others(group, most_samples, where)
    layers, uns = group.get("layers", {}), group.get("uns", {})
    is_counts = assay.modality == "rna" and COUNTS in layers
    place = f"layers[{COUNTS!r}]" if is_counts else "X"
    if not is_counts and "X" not in group:
        what = f"there is no X, and layers are {first_examples(layers)}"
        _refuse(where, what, "There is nothing to read", "Write the values to X")
    own = uns.get("organokine", {})
    declared = str(read_elem(own["scale"])) if "scale" in own else "auto"
    if not is_counts and declared == "auto" and assay.scale == "auto" and "log1p" in uns:
        what = "X was turned to natural logarithms (uns['log1p'])"
        why = "Taken for log2, all changes would be too small by a third"
        divide = 'divide X by log(2) and declare scale = "log2"'
        if COUNTS in layers:
            _refuse(where, what, why, f"Write modality = \"rna\" to read layers['counts'], or {divide}")
        _refuse(
            where, f"{what}, and there is no layers['counts']", why, f"Keep the counts in layers['counts'], or {divide}"
        )
    obs, var = cast("pd.DataFrame", read_elem(group["obs"])), cast("pd.DataFrame", read_elem(group["var"]))
    values = _dense(read_elem(layers[COUNTS] if is_counts else group["X"]), place, where)
    if values.shape != (len(obs), len(var)):
        what = f"{place} has the shape {values.shape}, and there are {len(obs)} observations and {len(var)} variables"
        _refuse(where, what, "Values would be taken from the wrong place", "Write the file again")
    scale = COUNTS if is_counts else declared if declared in _SCALES else "auto"
    kind = "MuData" if modality != "" else "AnnData"
    is_own = len(own) > 0 and "genes" in var.columns
    others = [name for name in ("X", *(f"layers[{name!r}]" for name in layers), "raw") if name != place]
    others = [name for name in others if name.startswith("layers") or name in group]
    return Annotated(
        kind, modality, place, others, values, [str(name) for name in obs.index], var, cast("Scale", scale), is_own
    )


def _refuse_others(group: Any, most_samples: int, where: str) -> None:
    absent = [name for name in ("obs", "var") if name not in group]
    if len(absent) > 0:
        held = first_examples(group, 5) if len(group) > 0 else "nothing"
        what = f"the HDF5 file has no {' and no '.join(absent)}; it holds {held}"
        _refuse(where, what, "An AnnData has both", "Write it with AnnData (.h5ad) or MuData (.h5mu)")
    n_samples = _n_rows(group["obs"])
    if n_samples > most_samples:
        what = f"there are {n_samples} observations, and more than {most_samples} are not bulk samples"
        why = "Cells are no replicates: a test over cells finds differences between animals that no group has"
        _refuse(where, what, why, "Add the counts of each animal up (pseudobulk), and give one observation per sample")


def _modality(names: list[str], assay: AssaySection, where: str) -> str:
    wanted = [assay.name, assay.modality, *(["prot"] if assay.modality == "protein" else [])]
    found = next((name for name in wanted if name in names), names[0] if len(names) == 1 else None)
    if found is None:
        held = first_examples(names, 6) if len(names) > 0 else "of the file, which has none,"
        what = f"none of the modalities {held} is named like the assay {assay.name!r}"
        _refuse(where, what, "It is not known which one the assay is", "Name the assay like its modality in the file")
    return found


def _n_rows(frame: Any) -> int:
    """Rows of a data frame on disk, before it is read; old files keep it as one array."""
    if not hasattr(frame, "keys"):
        return int(frame.shape[0])
    return int(frame[frame.attrs["_index"]].shape[0])


def _dense(values: Any, place: str, where: str) -> np.ndarray:
    dense = np.asarray(values.toarray() if hasattr(values, "toarray") else values)
    if dense.dtype.kind not in "iuf" or dense.ndim != 2:
        what = f"{place} holds {dense.dtype} in {dense.ndim} dimensions"
        _refuse(where, what, "Values are numbers, samples x features", "Write numbers to it")
    return dense.astype(float)


def _identifiers(var: pd.DataFrame, assay: AssaySection, where: str) -> tuple[pd.Series, pd.DataFrame]:
    """Identifiers of the features, and the columns of `var` as text, its index named like the identifiers."""
    text = pd.DataFrame(
        {str(name): [cell_text(value) for value in var[name].astype(object)] for name in var.columns}, dtype=object
    )
    column = assay.columns.id
    if column is not None and column not in text.columns and column != var.index.name:
        what = f"var has no column {column!r}; columns are {first_examples(text.columns, 8)}"
        _refuse(f"{where} columns.id", what, "It was asked for by name, so none is guessed", "Correct the name")
    written = text[column] if column in text.columns else pd.Series([str(name) for name in var.index], dtype=object)
    text.index = pd.RangeIndex(len(text), name="index of var")
    return written.map(clean_name).reset_index(drop=True), text
