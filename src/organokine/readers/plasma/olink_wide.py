"""Olink's wide export of Target, Flex and Focus panels, xlsx or csv: assays across, samples down, and notes around them.

Above the samples stand the rows `Panel`, `Assay`, `Uniprot ID` and `OlinkID`, below them `LOD`, `Missing Data freq.` and others.
Columns with an OlinkID are assays; behind them each panel has its `Plate ID` and `QC Warning`, and often controls.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.annotation import simple_name
from organokine.readers.base import Count, RawTable
from organokine.readers.cells import clean_name, to_numbers
from organokine.readers.grid import read_rows
from organokine.readers.plasma.olink import from_long
from organokine.readers.sniff import FIRST_ROWS

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection, Scale

TOP = {"panel": "Panel", "assay": "Assay", "uniprotid": "Uniprot ID", "olinkid": "OlinkID"}
_PLATE, _WARNING = "plateid", "qcwarning"
_LIMITS = ("lod", "maxlod", "platelod")
"""Rows of limits of detection, the first kind that is there is taken; `Plate LOD` has a row per plate."""
_ASSAY_WARNING = "assaywarning"
_BOTTOM = frozenset(
    {*_LIMITS, _ASSAY_WARNING, "missingdatafreq", "normalization", "lowestquantifiablelevel", "lloq", "uloq"}
)


class _Sheet(NamedTuple):
    """Rows of an export, all of one length: about assays by simple name, of samples, and below them."""

    kind: str
    version: str
    top: dict[str, list[str]]
    samples: list[list[str]]
    bottom: list[list[str]]


def is_olink_wide(sniffed: Sniffed) -> bool:
    """A text or workbook whose first rows begin with the names that Olink gives them."""
    if sniffed.kind not in {"text", "workbook"}:
        return False
    first = {simple_name(re.split("[\t;,]", line, maxsplit=1)[0]) for line in sniffed.lines[:FIRST_ROWS]}
    return set(TOP) <= first


def read_olink_wide(
    path: Path,
    assay: AssaySection,
    folder: Path,  # noqa: ARG001  all readers are called alike
    known: Collection[str] | None,
    where: str,
) -> RawTable:
    """Read the wide export.

    Parameters
    ----------
    path, assay, folder, known, where
        As of every reader; see `Reader`.

    Returns
    -------
    RawTable
        NPX in log2, or concentrations, which are linear; else as `read_olink` gives it.

    Raises
    ------
    DataError
        With what is wrong with the table, if it holds Ct values, or if a sample has an assay twice.
    """
    rows, counts = read_rows(path, where)
    sheet = _parted(rows, where)
    assays = [j for j, name in enumerate(sheet.top["olinkid"]) if j > 0 and name != ""]
    if len(assays) == 0:
        _refuse(where, "no column has an OlinkID", "Export the table again, with its rows of OlinkIDs")
    table = _long(sheet, assays, where)
    scale: Scale = "linear" if sheet.kind == "quantified" else "log2"
    found = from_long(table, assay, known, where, scale=scale, version=sheet.version)
    others = [
        sheet.top["assay"][j]
        for j in range(1, len(sheet.top["assay"]))
        if j not in assays and simple_name(sheet.top["assay"][j]) not in {"", _PLATE, _WARNING}
    ]
    if len(others) > 0:
        note = "without an OlinkID, such as controls: left out"
        counts.append(Count("columns that are no assays", len(others), None, first_examples(others), note))
    return RawTable(
        found.values, found.features, (*counts, *found.counts), found.remarks, found.engine, found.version, scale=scale
    )


def _refuse(
    where: str, what: str, remedy: str, why: str = "Values would be taken for another sample or protein"
) -> NoReturn:
    raise DataError(Problem(where, what, why, remedy))


def _parted(rows: list[list[str]], where: str) -> _Sheet:
    width = max(len(row) for row in rows)
    padded = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    names = [simple_name(row[0]) for row in padded]
    places = {name: names.index(name) for name in TOP if name in names}
    absent = [TOP[name] for name in TOP if name not in places]
    if len(absent) > 0:
        what = f"there is no row {first_examples(absent, 4)} in the first column"
        _refuse(where, what, "Give the export as Olink's software wrote it", "Assays are known by these rows")
    last = max(places.values())
    above = padded[: min(places.values())]
    kind = next(
        (word for row in above for word in ("npx", "quantified", "ct") if simple_name(row[0]) == f"{word}data"), "npx"
    )
    if kind == "ct":
        why = "They are not normalised, and fall where there is more of a protein"
        _refuse(where, "the file holds Ct values", "Export it as NPX", why)
    body = [row for row, name in zip(padded[last + 1 :], names[last + 1 :], strict=True) if any(row) and name != "unit"]
    is_bottom = [simple_name(row[0]) in _BOTTOM for row in body]
    samples = [row for row, is_note in zip(body, is_bottom, strict=True) if not is_note]
    nameless = sum(row[0] == "" for row in samples)
    if nameless > 0 or len(samples) == 0:
        what = f"{nameless} rows have cells and no name of a sample" if nameless > 0 else "there are no rows of samples"
        _refuse(where, what, "Look whether the table was cut off or edited")
    return _Sheet(
        kind,
        next((cell for row in above for cell in row[1:] if re.search(r"[0-9]\.[0-9]", cell) is not None), ""),
        {name: padded[place] for name, place in places.items()},
        samples,
        [row for row, is_note in zip(body, is_bottom, strict=True) if is_note],
    )


def _long(sheet: _Sheet, assays: list[int], where: str) -> pd.DataFrame:
    """One row per sample and assay, samples one after the other."""
    n_samples, n_assays = len(sheet.samples), len(assays)
    names = [clean_name(row[0]) for row in sheet.samples]
    cells = to_numbers(pd.DataFrame([[row[j] for j in assays] for row in sheet.samples], dtype=object))
    if len(cells.refused) > 0:
        places = (f"{text} of {sheet.top['olinkid'][assays[j]]} in {names[i]}" for i, j, text in cells.refused)
        what = f"{len(cells.refused)} cells are no numbers, first {first_examples(places)}"
        why = "A value that cannot be read must not be taken for a missing one"
        _refuse(where, what, "Correct these cells, or leave them empty if nothing was measured", why)
    columns: dict[str, object] = {
        "sampleid": pd.Categorical(np.repeat(np.array(names, dtype=object), n_assays)),
        "npx": cells.numbers.ravel(),
        "lod": _limits(sheet, assays).ravel(),
        "qcwarning": _by_panel(sheet, _WARNING, assays).ravel(),
    }
    for key, row in {"olinkid": "olinkid", "uniprot": "uniprotid", "assay": "assay", "panel": "panel"}.items():
        told = np.array([sheet.top[row][j] for j in assays], dtype=object)
        columns[key] = pd.Categorical(np.tile(told, n_samples))
    warned = [row for row in sheet.bottom if simple_name(row[0]) == _ASSAY_WARNING]
    if len(warned) > 0:
        columns["assaywarning"] = pd.Categorical(_told(sheet, warned, assays).ravel())
    table = pd.DataFrame(columns)
    table["qcwarning"] = table["qcwarning"].astype("category")
    return table


def _by_panel(sheet: _Sheet, what: str, assays: Sequence[int]) -> np.ndarray:
    """(n_samples, n_assays) cells of the column `what` of each assay's panel; the only such column serves all panels."""
    columns = [j for j, name in enumerate(sheet.top["assay"]) if simple_name(name) == what]
    by_panel = {sheet.top["panel"][j]: j for j in columns}
    fallback = columns[0] if len(columns) == 1 else None
    used = [by_panel.get(sheet.top["panel"][j], fallback) for j in assays]
    return np.array([["" if j is None else row[j] for j in used] for row in sheet.samples], dtype=object)


def _told(sheet: _Sheet, rows: Sequence[list[str]], assays: Sequence[int]) -> np.ndarray:
    """(n_samples, n_assays) cells of rows below the samples; a row that names a plate holds for the samples of this plate."""
    plates = _by_panel(sheet, _PLATE, assays)
    found = np.full(plates.shape, "", dtype=object)
    for row in rows:
        of_row = _by_panel(sheet._replace(samples=[row]), _PLATE, assays)
        holds = (of_row != "") & (of_row == plates) if (of_row != "").any() else of_row == ""
        found = np.where(holds, np.array([row[j] for j in assays], dtype=object), found)
    return found


def _limits(sheet: _Sheet, assays: Sequence[int]) -> np.ndarray:
    """(n_samples, n_assays) limits of detection; NaN where none is given."""
    for kind in _LIMITS:
        rows = [row for row in sheet.bottom if simple_name(row[0]) == kind]
        if len(rows) > 0:
            return to_numbers(pd.DataFrame(_told(sheet, rows, assays))).numbers
    return np.full((len(sheet.samples), len(assays)), np.nan)
