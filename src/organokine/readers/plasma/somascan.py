"""SomaScan ADAT: a text of four sections, the last of which holds analytes across and samples down.

The reader is the package's own: the format is a page of rules, and a file at fault must end in a message that names the place.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.annotation import unique_identifiers
from organokine.readers.base import Count, RawTable, Remark
from organokine.readers.cells import to_numbers
from organokine.readers.grid import read_text
from organokine.readers.known_samples import keep_known

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

SECTIONS = ("^HEADER", "^COL_DATA", "^ROW_DATA", "^TABLE_BEGIN")
SAMPLE_NAMES = (
    "SampleId", "SampleName", "ExtIdentifier", "SampleDescription", "TubeUniqueID", "Barcode", "Barcode2d", "SubjectID",
    "Subject_ID",
)  # fmt: skip
"""Columns that may name samples, in the order in which they are asked."""


class Adat(NamedTuple):
    """The parts of an ADAT: `values` (n_samples, n_analytes) as text, and what is said of analytes and samples."""

    header: dict[str, str]
    analytes: pd.DataFrame
    samples: pd.DataFrame
    values: pd.DataFrame


def is_adat(sniffed: Sniffed) -> bool:
    """A text with the section marks of an ADAT."""
    marks = {line.strip() for line in sniffed.lines if line.startswith("^")}
    return sniffed.kind == "text" and set(SECTIONS[1:]) <= marks


def read_adat(path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str) -> RawTable:  # noqa: ARG001
    """Read relative fluorescence units of a SomaScan.

    Parameters
    ----------
    path, assay, folder, known, where
        As of every reader; see `Reader`. The sheet may name samples as any column of `SAMPLE_NAMES` does.

    Returns
    -------
    RawTable
        Linear; rows are SeqIds, so a protein with several aptamers has several rows. Control analytes, analytes of other
        organisms, and calibrators, buffers and quality controls are dropped and counted; what was flagged is kept and named.

    Raises
    ------
    DataError
        With what is wrong with the file.
    """
    adat = parse_adat(path, where)
    is_analyte, analyte_counts = _analytes(adat.analytes)
    is_sample, sample_counts = _samples(adat.samples)
    if not is_analyte.any() or not is_sample.any():
        _refuse(
            where, "no analyte or no sample is left", f"Controls were left out: {(*analyte_counts, *sample_counts)}"
        )
    column, names = _names(adat.samples[is_sample], known, where)
    kept, known_counts = keep_known(names, known, "samples", where)
    samples = adat.samples[is_sample].iloc[kept].set_axis([names[position] for position in kept], axis="index")
    analytes = adat.analytes[is_analyte]
    cells = to_numbers(adat.values.loc[is_sample, is_analyte].iloc[kept])
    if len(cells.refused) > 0:
        places = (f"{text} of {analytes['SeqId'].iloc[j]} in {samples.index[i]}" for i, j, text in cells.refused)
        _refuse(
            where, f"{len(cells.refused)} cells are no numbers, first {first_examples(places)}", "Correct these cells"
        )
    index, identifier_counts = unique_identifiers(analytes["SeqId"].reset_index(drop=True))
    values = pd.DataFrame(cells.numbers.T, index=index, columns=samples.index.to_list())
    flags, remarks = _flags(analytes, samples, assay)
    named = (
        []
        if column == "SampleId"
        else [Count("samples named by another column", len(kept), None, column, "the sheet names them so")]
    )
    counts = (*analyte_counts, *sample_counts, *named, *known_counts, *identifier_counts, *flags)
    version = adat.header.get("AssayVersion", "")
    return RawTable(values, _features(analytes, index), counts, tuple(remarks), "SomaScan", version, scale="linear")


def parse_adat(path: Path, where: str) -> Adat:
    """Part an ADAT.

    Parameters
    ----------
    path : pathlib.Path
        The file, gzip or not.
    where : str
        What to call it in messages.

    Returns
    -------
    Adat
        All samples and analytes, cells stripped.

    Raises
    ------
    DataError
        If the file cannot be read, or its sections are not as the format has them.
    """
    sections = _sections(read_text(path, where), where)
    pairs = [line.lstrip("!").partition("\t") for line in sections["^HEADER"]]
    rows = [[cell.strip() for cell in line.split("\t")] for line in sections["^TABLE_BEGIN"]]
    first = next((number for number, row in enumerate(rows) if row[0] != ""), len(rows))
    if first == 0 or first + 1 >= len(rows):
        _refuse(where, "the table lacks its rows about analytes or its rows of samples", "Export the file again")
    begin, analytes = _across(rows[:first], where)
    names = rows[first][:begin]
    _refuse_names(names, "SampleId", where)
    width = begin + 1 + len(analytes)
    body = rows[first + 1 :]
    for number, row in enumerate(body, start=1):
        if len(row) < width or any(cell != "" for cell in row[width:]):
            what = f"sample row {number} has {len(row)} cells and {width} are expected"
            _refuse(where, what, "Copy the file again; it may be cut off, or edited in a spreadsheet")
    return Adat(
        {key: value.strip() for key, _, value in pairs},
        analytes,
        pd.DataFrame([row[:begin] for row in body], columns=names, dtype=object),
        pd.DataFrame([row[begin + 1 : width] for row in body], dtype=object),
    )


def _across(rows: list[list[str]], where: str) -> tuple[int, pd.DataFrame]:
    """Column that holds the names of the rows about analytes, and these rows as a table with one row per analyte."""
    starts = {next((number for number, cell in enumerate(row) if cell != ""), len(row)) for row in rows}
    if len(starts) > 1:
        _refuse(where, f"the rows about analytes begin in {len(starts)} different columns", "Export the file again")
    begin = starts.pop()
    fields = [row[begin] if begin < len(row) else "" for row in rows]
    _refuse_names(fields, "SeqId", where)
    identifiers = rows[fields.index("SeqId")][begin + 1 :]
    n_analytes = max((number for number, cell in enumerate(identifiers, start=1) if cell != ""), default=0)
    across = [(row[begin + 1 :] + [""] * n_analytes)[:n_analytes] for row in rows]
    return begin, pd.DataFrame(dict(zip(fields, across, strict=True)), dtype=object)


def _refuse_names(names: list[str], needed: str, where: str) -> None:
    if names.count(needed) != 1 or len(set(names)) < len(names):
        what = f"{needed!r} stands {names.count(needed)} times, or another name twice, in {first_examples(names, 8)}"
        _refuse(where, what, "Give the file as it was delivered")


def _refuse(where: str, what: str, remedy: str, why: str = "Values would be taken from the wrong place") -> NoReturn:
    raise DataError(Problem(where, what, why, remedy))


def _sections(text: str, where: str) -> dict[str, list[str]]:
    """Lines by section; other sections, as some writers add, are passed over."""
    sections: dict[str, list[str]] = {}
    name = ""
    for line in io.StringIO(text, newline=None):  # other signs that end a line may stand in notes
        if line.startswith("^"):
            name = line.strip()
            sections.setdefault(name, [])
        elif line.strip() != "" and name != "":
            sections[name].append(line.rstrip("\n"))
    absent = [name for name in SECTIONS if name not in sections]
    if len(absent) > 0:
        _refuse(where, f"sections are absent: {', '.join(absent)}", "Give the ADAT as it was delivered")
    return sections


def _analytes(analytes: pd.DataFrame) -> tuple[pd.Series, list[Count]]:
    """Which analytes are human proteins; where an organism or type is not said, the analyte stays."""
    kept = pd.Series(True, index=analytes.index)  # noqa: FBT003
    counts = []
    if "Type" in analytes.columns:
        kind = analytes["Type"]
        is_control = ~kind.str.lower().isin({"protein", ""})
        counts.extend(_left_out("control analytes", kind, is_control, "no proteins of the samples"))
        kept &= ~is_control
    if "Organism" in analytes.columns:
        organism = analytes["Organism"]
        is_other = ~organism.str.lower().isin({"human", ""}) & kept
        # A menu of another species has no human analyte.
        if organism[kept].str.lower().eq("human").any():
            counts.extend(
                _left_out("analytes of other organisms", organism, is_other, "proteins of viruses or fusions")
            )
            kept &= ~is_other
    return kept, counts


def _samples(samples: pd.DataFrame) -> tuple[pd.Series, list[Count]]:
    if "SampleType" not in samples.columns:
        return pd.Series(True, index=samples.index), []  # noqa: FBT003
    is_control = ~samples["SampleType"].str.lower().isin({"sample", ""})
    return ~is_control, _left_out("control samples", samples["SampleType"], is_control, "of the manufacturer")


def _left_out(item: str, kind: pd.Series, dropped: pd.Series, note: str) -> list[Count]:
    if not dropped.any():
        return []
    examples = first_examples((f"{name}: {n}" for name, n in kind[dropped].value_counts().items()), 6)
    return [Count(item, int(dropped.sum()), len(kind), examples, f"{note}: left out")]


def _names(samples: pd.DataFrame, known: Collection[str] | None, where: str) -> tuple[str, list[str]]:
    """The column that names samples as the sheet does, and its names; `SampleId` if there is no sheet."""
    columns = [name for name in SAMPLE_NAMES if name in samples.columns]
    matches = {name: 0 if known is None else int(samples[name].isin(list(known)).sum()) for name in columns}
    column = max(columns, key=lambda name: matches[name])
    if (samples[column] == "").any() and known is None:
        _refuse(
            where, f"{int((samples[column] == '').sum())} samples have no {column}", "Fill it in", "Samples need names"
        )
    return column, samples[column].to_list()


def _features(analytes: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """Groups are written with blanks, `|` or commas; the package joins them by `;`."""
    empty = pd.Series("", index=analytes.index, dtype=object)
    gene, protein = (
        analytes.get(name, empty).str.replace(r"[|,; ]+", ";", regex=True) for name in ("EntrezGeneSymbol", "UniProt")
    )
    leading = protein.str.split(";").str[0].to_numpy(dtype=object)
    return pd.DataFrame({"gene": gene.to_numpy(dtype=object), "protein": leading, "precursors": np.nan}, index=index)


def _flags(analytes: pd.DataFrame, samples: pd.DataFrame, assay: AssaySection) -> tuple[list[Count], list[Remark]]:
    counts, remarks = [], []
    if "ColCheck" in analytes.columns:
        flagged = analytes["SeqId"][analytes["ColCheck"].str.upper() == "FLAG"]
        if len(flagged) > 0:
            note = "ColCheck: outside the range of the quality control: kept"
            counts.append(Count("analytes flagged", len(flagged), len(analytes), first_examples(flagged), note))
    if "RowCheck" in samples.columns:
        names = samples.index[samples["RowCheck"].str.upper() == "FLAG"]
        if len(names) > 0:
            note = "RowCheck: a normalisation factor is outside its range: kept"
            counts.append(Count("samples flagged", len(names), len(samples), first_examples(names), note))
        detail = f"{assay.name}: RowCheck of the SomaScan is FLAG, a normalisation factor is outside its range"
        remarks = [Remark("sample", str(name), "row_check", detail) for name in names]
    return counts, remarks
