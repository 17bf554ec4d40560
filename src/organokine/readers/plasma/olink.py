"""Olink NPX in long form: one row per sample and assay, log2, with quality flags and limits of detection."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.annotation import simple_name
from organokine.readers.base import Count, RawTable, Remark
from organokine.readers.cells import clean_name, to_numbers
from organokine.readers.grid import read_grid
from organokine.readers.known_samples import keep_known
from organokine.readers.sniff import sniff

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection, Scale

NEEDED = {"sampleid": "SampleID", "olinkid": "OlinkID", "npx": "NPX"}
_TEXT = (
    "sampleid", "olinkid", "uniprot", "assay", "panel", "qcwarning", "sampleqc", "assaywarning", "assayqc", "sampletype",
    "assaytype", "panelversion", "exploreversion", "softwareversion",
)  # fmt: skip
_LIMITS = ("lod", "maxlod", "platelod")
"""Limits of detection, the first that is there is taken."""
_NUMBERS = ("npx", *_LIMITS)
_KINDS = ("text", "parquet", "workbook")
_CONTROL_SAMPLE = r"^(?:CONTROL_SAMPLE|(?:NEGATIVE|PLATE|SAMPLE|NEG|SMP)_(?:CONTROL|CTRL))"
_CONTROL_ASSAY = r"(?i)\b(?:inc|ext|amp|det|incubation|extension|amplification|detection)[ _.-]*(?:ctrl|control)"


def is_olink(sniffed: Sniffed) -> bool:
    """A table with a sample, an Olink identifier and an NPX in each row."""
    return sniffed.kind in _KINDS and set(NEEDED) <= {simple_name(name) for name in sniffed.header}


def read_olink(path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str) -> RawTable:  # noqa: ARG001
    """Read NPX in long form.

    Parameters
    ----------
    path, assay, folder, known, where
        As of every reader; see `Reader`.

    Returns
    -------
    RawTable
        log2; rows are Olink assays, so a protein on several panels has several rows. Values below the limit of detection and
        values with a warning are kept and counted; control samples and control assays are dropped and counted.

    Raises
    ------
    DataError
        With what is wrong with the table, or if a sample has an assay twice.
    """
    return from_long(_columns(path, where), assay, known, where, scale="log2")


def from_long(
    table: pd.DataFrame,
    assay: AssaySection,
    known: Collection[str] | None,
    where: str,
    *,
    scale: Scale,
    version: str = "",
) -> RawTable:
    """Bring values in long form to assays x samples.

    Parameters
    ----------
    table : pandas.DataFrame
        Text columns `sampleid` and `olinkid`, numbers `npx`; optionally what else is in `_TEXT` and `_NUMBERS`.
    assay, known, where
        As of every reader; see `Reader`.
    scale : str
        Scale of `npx`.
    version : str
        Version of the software; looked for in the table if not given.

    Returns
    -------
    RawTable
        See `read_olink`.

    Raises
    ------
    DataError
        If a sample has an assay twice, or none of the sheet is there.
    """
    table, control_counts = _without_controls(table, known)
    names = list(dict.fromkeys(table["sampleid"]))
    kept, sample_counts = keep_known(names, known, "samples", where)
    samples = [names[position] for position in kept]
    table = table[table["sampleid"].isin(samples)]
    _refuse_repeated(table, where)
    values = _wide(table, samples)
    assays = table.drop_duplicates("olinkid").astype({"olinkid": object}).set_index("olinkid").reindex(values.index)
    below, below_remarks = _below_detection(table, assay)
    warnings, remarks = _warnings(table, assay)
    counts = [*control_counts, *sample_counts, *_several_panels(assays), *below, *warnings]
    remarks = [*below_remarks, *remarks]
    version = _version(table) if version == "" else version
    return RawTable(values, _features(assays), tuple(counts), tuple(remarks), "Olink NPX", version, scale=scale)


def _columns(path: Path, where: str) -> pd.DataFrame:
    """Columns that are used, by simple name: text stripped, numbers as numbers."""
    sniffed = sniff(path)
    if sniffed.kind not in _KINDS:
        remedy = "Give NPX in long form as csv, xlsx or parquet: one row per sample and assay"
        raise DataError(
            Problem(where, f"{path.name!r} is no text, workbook or Parquet file", "It cannot be read", remedy)
        )
    simple = [simple_name(name) for name in sniffed.header]
    problems = []
    for key, name in NEEDED.items():
        if key not in simple:
            what = f"there is no column {name!r}; columns are {first_examples(sniffed.header, 8)}"
            problems.append(Problem(where, what, "NPX in long form has it", "Export the table again, in long form"))
    twice = [key for key in (*_TEXT, *_NUMBERS) if simple.count(key) > 1]
    if len(twice) > 0:
        what = f"columns stand more than once: {first_examples(twice)}"
        problems.append(Problem(where, what, "It is not known which one holds", "Leave the copy out"))
    if len(problems) > 0:
        raise DataError(problems)
    used = {name: key for name, key in zip(sniffed.header, simple, strict=True) if key in (*_TEXT, *_NUMBERS)}
    table = _projected(path, sniffed, list(used), where).rename(columns=used)
    for key in set(_TEXT) & set(table.columns):
        table[key] = _text(table[key])
    for key in set(_NUMBERS) & set(table.columns):
        table[key] = _numbers(table[key], key.upper(), where)
    if len(table) == 0:
        what = "the file has a header and no rows"
        raise DataError(Problem(where, what, "There is nothing to read", "Export the table again"))
    empty = (table["sampleid"] == "") | (table["olinkid"] == "")
    if empty.any():
        what = (
            f"{int(empty.sum())} of {len(table)} rows name no sample or no assay, first row {int(empty.argmax()) + 1}"
        )
        raise DataError(Problem(where, what, "A value belongs to both", "Look whether the table is cut off or shifted"))
    return table


def _text(column: pd.Series) -> pd.Categorical:
    """Names of a long table, each kept once; missing is the empty string."""
    code, found = pd.factorize(column)
    names = np.array([*(clean_name(str(name)) for name in found), ""], dtype=object)
    return pd.Categorical(names[code])


def _projected(path: Path, sniffed: Sniffed, columns: list[str], where: str) -> pd.DataFrame:
    if sniffed.kind == "workbook":
        return read_grid(path, where).body[columns]
    try:
        if sniffed.kind == "parquet":
            return _parquet(path, columns, where)
        with path.open("rb") as file:
            is_gzip = file.read(2) == b"\x1f\x8b"
        delimiter = max("\t;,", key=sniffed.lines[0].count)
        header = list(sniffed.header)
        with gzip.open(path, "rt", encoding="utf-8-sig") if is_gzip else path.open(encoding="utf-8-sig") as text:
            table = pd.read_csv(
                text, sep=delimiter, header=None, skiprows=1, names=header, usecols=columns, dtype=str,
                keep_default_na=False, quoting=csv.QUOTE_MINIMAL,
            )  # fmt: skip
    except (ValueError, OSError, EOFError, zlib.error) as error:  # the errors of pandas and pyarrow are ValueErrors
        what = f"the file {path.name!r} cannot be read ({str(error).strip()[:100]})"
        raise DataError(Problem(where, what, "The table cannot be read", "Copy or export the file again")) from error
    if any(table[column].str.contains("\n", regex=False, na=False).any() for column in columns):
        what = "a quotation mark is opened in one line and closed in another"
        raise DataError(Problem(where, what, "The rows between are swallowed", "Remove the mark, or export again"))
    return table


def _parquet(path: Path, columns: list[str], where: str) -> pd.DataFrame:
    from pyarrow import types
    from pyarrow.parquet import read_schema

    schema = read_schema(path)
    nested = [name for name in columns if types.is_nested(schema.field(name).type)]
    if len(nested) > 0:
        what = f"{len(nested)} columns hold lists or tables in their cells: {first_examples(nested)}"
        raise DataError(Problem(where, what, "A cell is one name or number", "Export the table again, in long form"))
    return pd.read_parquet(path, columns=columns)


def _numbers(column: pd.Series, name: str, where: str) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    text = column.astype(object).where(column.notna(), "").astype(str)
    cells = to_numbers(text.to_frame())
    if len(cells.refused) > 0:
        places = (f"{cell} in row {row + 1}" for row, _, cell in cells.refused)
        what = f"{len(cells.refused)} cells of {name} are no numbers, first {first_examples(places)}"
        why = "A value that cannot be read must not be taken for a missing one"
        raise DataError(Problem(where, what, why, "Correct these cells, or leave them empty if nothing was measured"))
    return cells.numbers[:, 0]


def _without_controls(table: pd.DataFrame, known: Collection[str] | None) -> tuple[pd.DataFrame, list[Count]]:
    """Drop what the manufacturer adds to each plate: by its type where there is one, else by the names it gives them."""
    counts = []
    if "sampletype" in table.columns:
        is_control = ~table["sampletype"].str.upper().isin({"SAMPLE", ""})
    else:
        is_control = table["sampleid"].str.contains(_CONTROL_SAMPLE) & ~table["sampleid"].isin(list(known or ()))
    if is_control.any():
        names = table["sampleid"][is_control].unique()
        note = "samples of the manufacturer on each plate: left out"
        counts.append(Count("control samples", len(names), table["sampleid"].nunique(), first_examples(names), note))
    is_internal = table["assay"].str.contains(_CONTROL_ASSAY) if "assay" in table.columns else is_control & False
    if "assaytype" in table.columns:
        is_internal = is_internal | ~table["assaytype"].str.lower().isin({"assay", ""})
    if is_internal.any():
        names = table["olinkid"][is_internal].unique()
        note = "assays that control incubation, extension, amplification or detection: left out"
        counts.append(Count("control assays", len(names), table["olinkid"].nunique(), first_examples(names), note))
    return table[~is_control & ~is_internal], counts


def _refuse_repeated(table: pd.DataFrame, where: str) -> None:
    repeated = table[table.duplicated(["sampleid", "olinkid"])]
    if len(repeated) > 0:
        first = f"{repeated['olinkid'].iloc[0]} of {repeated['sampleid'].iloc[0]}"
        what = f"{len(repeated)} values stand a second time, first {first}"
        remedy = "Give a sample that was run twice two names, or leave one run out"
        raise DataError(Problem(where, what, "It is not known which of them is the sample's", remedy))


def _wide(table: pd.DataFrame, samples: list[str]) -> pd.DataFrame:
    row, assays = pd.factorize(table["olinkid"].astype(object))
    column = pd.Index(samples).get_indexer(pd.Index(table["sampleid"]))
    values = np.full((len(assays), len(samples)), np.nan)
    values[row, column] = table["npx"].to_numpy()
    return pd.DataFrame(values, index=pd.Index(assays, dtype=object), columns=samples)


def _features(assays: pd.DataFrame) -> pd.DataFrame:
    """Gene and leading protein; a complex such as `IL12A_IL12B` is a group, but only where its accessions are one too."""
    empty = pd.Series("", index=assays.index, dtype=object)
    protein = assays.get("uniprot", empty).astype(object).str.replace(r"[_,; ]+", ";", regex=True)
    gene = assays.get("assay", empty).astype(object)
    gene = gene.where(~protein.str.contains(";", regex=False), gene.str.replace("_", ";", regex=False))
    return pd.DataFrame(
        {"gene": gene, "protein": protein.str.split(";").str[0], "precursors": np.nan}, index=assays.index
    )


def _several_panels(assays: pd.DataFrame) -> list[Count]:
    if "uniprot" not in assays.columns:
        return []
    accessions = assays["uniprot"].astype(object)
    held = accessions[accessions != ""]
    shared = held[held.duplicated(keep=False)]
    if len(shared) == 0:
        return []
    note = "all rows stay, named by OlinkID; the representative rule chooses among rows of one gene"
    return [Count("assays of one protein", len(shared), len(assays), first_examples(shared.unique()), note)]


def _below_detection(table: pd.DataFrame, assay: AssaySection) -> tuple[list[Count], list[Remark]]:
    limit = next((table[name] for name in _LIMITS if name in table.columns and table[name].notna().any()), None)
    if limit is None:
        return [], []
    is_below = table["npx"] < limit
    measured = table["npx"].notna() & limit.notna()
    note = "kept as they are"
    counts = [Count("values below the limit of detection", int(is_below.sum()), int(measured.sum()), "", note)]
    share = is_below.groupby(table["olinkid"], sort=False, observed=True).mean()
    mostly = share.index[share > 0.5]
    if len(mostly) == 0:
        return counts, []
    note = "assays with more than half of their values there: mostly noise, kept"
    item = "assays mostly below the limit of detection"
    counts.append(Count(item, len(mostly), len(share), first_examples(mostly), note))
    detail = f"{len(mostly)} of {len(share)} assays have more than half of their values below the limit of detection"
    return counts, [Remark("assay", assay.name, "below_detection", detail)]


def _warnings(table: pd.DataFrame, assay: AssaySection) -> tuple[list[Count], list[Remark]]:
    counts, remarks = [], []
    for key, item in (("qcwarning", "sample"), ("sampleqc", "sample"), ("assaywarning", "assay"), ("assayqc", "assay")):
        if key not in table.columns:
            continue
        warned = table[~table[key].str.upper().isin({"PASS", "", "NA"})]
        if len(warned) == 0:
            continue
        named = warned["sampleid" if item == "sample" else "olinkid"]
        note = f"values with a warning about the {item}: kept"
        counts.append(
            Count(f"warnings of quality by {item}", len(warned), len(table), first_examples(named.unique()), note)
        )
        if item == "assay":
            continue
        for name, rows in warned.groupby("sampleid", sort=False, observed=True):
            words = ", ".join(sorted(set(rows[key])))
            panels = f" on {', '.join(sorted(set(rows['panel'])))}" if "panel" in rows.columns else ""
            n_all = int((table["sampleid"] == name).sum())
            detail = f"{assay.name}: {len(rows)} of {n_all} values carry the warning {words}{panels}"
            remarks.append(Remark("sample", str(name), "qc_warning", detail))
    return counts, remarks


def _version(table: pd.DataFrame) -> str:
    for key in ("softwareversion", "exploreversion", "panelversion"):
        if key in table.columns:
            found = [name for name in table[key].unique() if re.search(r"[0-9]", name) is not None]
            if len(found) > 0:
                return ", ".join(found)
    return ""
