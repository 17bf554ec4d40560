"""Studies and results in the formats of other tools."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.errors import OrganokineError, Problem

if TYPE_CHECKING:
    import pandas as pd
    from mudata import MuData

    from organokine.study import Study


def require_mudata() -> type[MuData]:
    """The class `MuData`; an `OrganokineError` with what to install if the package is absent."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the packages below it, on import
            from mudata import MuData
    except ImportError as error:
        problem = Problem(
            "MuData",
            "the package mudata is not installed",
            "It is an extra of organokine and not part of it",
            "pip install 'organokine[mudata]'",
        )
        raise OrganokineError(problem) from error
    found: type[MuData] = MuData
    return found


def study_to_mudata(study: Study, results: Mapping[str, pd.DataFrame] | None = None) -> MuData:
    """Put a study into one MuData.

    Parameters
    ----------
    study : Study
        The study; it is not changed.
    results : mapping of str to pandas.DataFrame, optional
        Tables of a run to keep beside it, such as `differential` and `mediators`.

    Returns
    -------
    mudata.MuData
        One modality per assay, named like it: `X`, `obs` (samples, with `subject`) and `var` as in the study, so names of
        features may stand in several modalities. `uns["organokine"]` holds the resolved study file as JSON (`study`), the version
        of the package, `runs`, `joins`, `flags` and the results. Missing text is the empty string, as HDF5 has no other.

    Raises
    ------
    OrganokineError
        If the package `mudata` is not installed.
    """
    from organokine import __version__

    mudata_class = require_mudata()
    assays = {name: data.copy() for name, data in study.assays.items()}
    for data in assays.values():
        data.obs, data.var = _writable(data.obs), _writable(data.var)
    with warnings.catch_warnings():
        # The same genes are measured in several organs, of which MuData warns.
        warnings.simplefilter("ignore")
        together = mudata_class(assays)
    tables = {"runs": study.runs, "joins": study.joins, "flags": study.flags, **(results or {})}
    together.uns["organokine"] = {
        "version": __version__,
        "study": study.file.model_dump_json(),
        **{name: _writable(table.set_axis(table.index.astype(str), axis="index")) for name, table in tables.items()},
    }
    return together


def write_h5mu(path: str | Path, study: Study, results: Mapping[str, pd.DataFrame] | None = None) -> None:
    """Write a study, and tables of a run if they are given, as .h5mu.

    Parameters
    ----------
    path : str or pathlib.Path
        The file; one of that name is written over.
    study, results
        As of `study_to_mudata`.

    Raises
    ------
    OrganokineError
        If the package `mudata` is not installed.
    """
    together = study_to_mudata(study, results)
    with warnings.catch_warnings():
        # MuData speaks of its own next version and of names in several modalities, which a user cannot change.
        warnings.simplefilter("ignore")
        together.write_h5mu(str(path))


def _writable(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of mixed objects as text, which HDF5 can hold."""
    import pandas as pd

    from organokine.study_join import as_text

    is_mixed = [pd.api.types.is_object_dtype(dtype) or pd.api.types.is_string_dtype(dtype) for dtype in frame.dtypes]
    return frame.assign(**{str(name): as_text(frame[name]) for name in frame.columns[is_mixed]})
