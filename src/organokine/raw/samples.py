"""The sheet of raw runs: which `.d` folder is which sample, and what is known about it."""

from __future__ import annotations

import gzip
import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, cast

import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.raw.folder import open_folder
from organokine.raw.sample_formats import Kind, SheetRows, is_manifest, manifest_rows, sheet_rows
from organokine.raw.sample_paths import Found, find_folder
from organokine.raw.sdrf import is_sdrf, sdrf_rows
from organokine.readers.base import Count
from organokine.readers.cells import MISSING_MARKS
from organokine.readers.grid import read_rows

RESERVED = ("protein_group", "protein", "gene", "precursors")
"""Columns of the protein matrix that are no samples."""
SEARCHED = ("ddaPASEF", "diaPASEF")
_EACH_ABSENT = 3  # so many absent folders are told one by one even if all are absent


class RawRun(NamedTuple):
    """One run of the sheet.

    Attributes
    ----------
    sample : str
        Name of the sample; unique.
    path : pathlib.Path
        Its `.d` folder: absolute, or relative to the working directory.
    """

    sample: str
    path: Path


@dataclass(frozen=True)
class RawSamples:
    """A sheet of raw runs.

    Attributes
    ----------
    runs : tuple of RawRun
        In the order of the sheet.
    table : pandas.DataFrame
        One row per run: `sample`, then every other column of the sheet as text, without the path.
    kind : str
        Form of the sheet: `sheet` (our own), `sdrf` or `fragpipe`.
    counts : tuple of Count
        What was left out or repaired.
    sha256 : str
        Of the sheet, so that a file and its gzip have the same.
    """

    runs: tuple[RawRun, ...]
    table: pd.DataFrame
    kind: Kind
    counts: tuple[Count, ...]
    sha256: str


def read_raw_samples(path: Path) -> RawSamples:
    """Read a sheet of raw runs: our own form, SDRF-Proteomics or a FragPipe manifest, told apart by content.

    Parameters
    ----------
    path : pathlib.Path
        The sheet as tsv, csv, xlsx or parquet, gzip or not. Paths in it start from its folder.

    Returns
    -------
    RawSamples
        Its runs. Whether a folder is whole is not looked at.

    Raises
    ------
    DataError
        With everything that is wrong: no rows, no column of paths, a sample or a folder named twice, folders that are absent or
        no runs, names that cannot be those of samples, labelled runs, fractions.
    """
    where = str(path)
    sheet = _rows(path, where)
    found = [
        find_folder(written, path.parent, f"{where}, line {line}")
        for line, written in zip(sheet.lines, sheet.paths, strict=True)
    ]
    samples = [
        _folder_name(each.path) if name is None else name for name, each in zip(sheet.samples, found, strict=True)
    ]
    problems = [
        *sheet.problems,
        *_not_found(found, sheet, path),
        *_one_folder_twice(found, sheet.lines, where),
        *_unfit_names(samples, sheet, found, where),
    ]
    if len(problems) > 0:
        raise DataError(problems)
    table = sheet.others.reset_index(drop=True)
    table.insert(0, "sample", pd.Series(samples, dtype=object))
    runs = tuple(RawRun(sample, each.path) for sample, each in zip(samples, found, strict=True))
    return RawSamples(runs, table, sheet.kind, (*sheet.counts, *_counts(sheet, found)), _sha256(path))


def acquisition_mode(runs: Sequence[RawRun]) -> Literal["ddaPASEF", "diaPASEF"]:
    """Tell how all runs were acquired, from the kinds of their frames.

    Parameters
    ----------
    runs : sequence of RawRun
        The runs; folders that cannot be opened or have no frames are passed over, since a search sets them apart.

    Returns
    -------
    str
        `ddaPASEF` or `diaPASEF`.

    Raises
    ------
    DataError
        If no folder can be opened, modes are mixed, or a mode is neither.
    """
    if len(runs) == 0:
        raise DataError(Problem("raw data", "there is no run", "There is nothing to search", "Name at least one"))
    samples_of: dict[str, list[str]] = defaultdict(list)
    faults: list[Problem] = []
    for run in runs:
        try:
            folder = open_folder(run.path)
        except DataError as error:
            faults += error.problems
            continue
        if len(folder.frames) > 0:
            samples_of[folder.mode].append(run.sample)
            continue
        why, remedy = "There is nothing to search", "Copy the folder from the instrument again"
        faults.append(Problem(str(run.path), "the table Frames has no row", why, remedy))
    if len(samples_of) == 0:
        raise DataError(faults)
    problems = _mode_problems(samples_of)
    if len(problems) > 0:
        raise DataError(problems)
    return cast("Literal['ddaPASEF', 'diaPASEF']", next(iter(samples_of)))


def _mode_problems(samples_of: Mapping[str, Sequence[str]]) -> list[Problem]:
    problems = []
    for mode, samples in samples_of.items():
        if mode not in SEARCHED:
            what = f"{len(samples)} runs were acquired as {mode}: {first_examples(samples)}"
            why = f"Only {' and '.join(SEARCHED)} are searched"
            problems.append(Problem("raw data", what, why, "Leave these runs out of the sheet"))
    mixed = [mode for mode in SEARCHED if mode in samples_of]
    if len(mixed) > 1:
        shown = ", ".join(f"{len(samples_of[mode])} {mode} ({first_examples(samples_of[mode])})" for mode in mixed)
        why = "They are searched by different programs, and their intensities cannot be compared"
        remedy = "Make a sheet of each kind, run the command twice, and bring the tables as two assays of the study"
        problems.append(Problem("raw data", f"modes are mixed: {shown}", why, remedy))
    return problems


def _rows(path: Path, where: str) -> SheetRows:
    rows, counts = read_rows(path, where, one_column=True)
    first = next((row for row in rows if any(cell.strip() != "" for cell in row)), [])
    if is_sdrf(first):
        return sdrf_rows(rows, counts, where)
    return (manifest_rows if is_manifest(first) else sheet_rows)(rows, counts, where)


def _sha256(path: Path) -> str:
    content = path.read_bytes()
    return hashlib.sha256(gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).hexdigest()


def _folder_name(path: Path) -> str:
    return path.name[:-2] if path.name.lower().endswith(".d") else path.name


def _not_found(found: Sequence[Found], sheet: SheetRows, path: Path) -> list[Problem]:
    absent = [each for each in found if each.is_absent]
    if len(absent) <= _EACH_ABSENT or len(absent) < len(found):
        return [each.problem for each in found if each.problem is not None]
    shown = first_examples(f"{each.path} (line {line})" for line, each in zip(sheet.lines, found, strict=True))
    what = f"none of the {len(found)} folders exists: {shown}"
    remedy = "Put the sheet where its paths start from, or write whole paths"
    return [
        Problem(str(path), what, f"Relative paths start from the folder of the sheet, {path.absolute().parent}", remedy)
    ]


def _one_folder_twice(found: Sequence[Found], lines: Sequence[int], where: str) -> list[Problem]:
    """Folders are told apart as the file system does, whatever links and capitals lead to them."""
    lines_of: dict[tuple[int, int], list[int]] = defaultdict(list)
    names: dict[tuple[int, int], str] = {}
    for line, each in zip(lines, found, strict=True):
        if each.problem is None:
            told = each.path.stat()
            lines_of[told.st_dev, told.st_ino].append(line)
            names.setdefault((told.st_dev, told.st_ino), each.path.name)
    twice = [f"{names[key]} in lines {_joined(held)}" for key, held in lines_of.items() if len(held) > 1]
    if len(twice) == 0:
        return []
    what = f"{len(twice)} folders stand more than once: {first_examples(twice)}"
    why = "A run would count as two samples, and its noise as agreement between animals"
    return [Problem(f"{where} path", what, why, "Keep one row for each folder")]


def _unfit_names(samples: Sequence[str], sheet: SheetRows, found: Sequence[Found], where: str) -> list[Problem]:
    # A row whose folder was to give the name and is not there is told as that.
    named = [
        (line, sample)
        for line, sample, given, each in zip(sheet.lines, samples, sheet.samples, found, strict=True)
        if given is not None or each.problem is None
    ]
    problems = []
    for is_unfit, what, why, remedy in _UNFIT:
        unfit = [f"{sample} in line {line}" for line, sample in named if is_unfit(sample)]
        if len(unfit) > 0:
            told = f"{len(unfit)} samples {what}: {first_examples(unfit)}"
            problems.append(Problem(f"{where} sample", told, why, remedy))
    lines_of: dict[str, list[int]] = defaultdict(list)
    for line, sample in named:
        if not _is_unnamed(sample):
            lines_of[sample].append(line)
    twice = [f"{sample} in lines {_joined(held)}" for sample, held in lines_of.items() if len(held) > 1]
    if len(twice) > 0 and sheet.kind != "fragpipe":
        what = f"{len(twice)} samples stand more than once: {first_examples(twice)}"
        is_derived = all(name is None for name in sheet.samples)
        remedy = "Add a column 'sample' with a name for each" if is_derived else "Give each run its own name"
        problems.append(Problem(f"{where} sample", what, "Each sample is one column of the protein matrix", remedy))
    return problems


def _is_unnamed(sample: str) -> bool:
    return sample.lower() in MISSING_MARKS


def _has_controls(sample: str) -> bool:
    return any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in sample)


def _is_reserved(sample: str) -> bool:
    return sample.lower() in RESERVED


_UNFIT = (
    (
        _is_unnamed,
        "have no name",
        "Empty cells and words such as NA are read as missing",
        "Fill in the name, or remove the row",
    ),
    (
        _has_controls,
        "have a tab or a line break in their name",
        "It would break the tables",
        "Write the name on one line",
    ),
    (
        _is_reserved,
        "are named like a column of the protein matrix",
        f"{', '.join(RESERVED)} are columns that are no samples, in any letter case",
        "Rename these samples",
    ),
)


def _joined(lines: Iterable[int]) -> str:
    *others, last = [str(line) for line in lines]
    return f"{', '.join(others)} and {last}"


def _counts(sheet: SheetRows, found: Sequence[Found]) -> list[Count]:
    counts = []
    derived = [_folder_name(each.path) for name, each in zip(sheet.samples, found, strict=True) if name is None]
    if len(derived) > 0:
        note = "the sheet gives no name, or none that is unique"
        item = "samples named after their folders"
        counts.append(Count(item, len(derived), len(found), first_examples(derived, 1), note))
    for repair in dict.fromkeys(each.repair for each in found if each.repair != ""):
        repaired = [each.path.name for each in found if each.repair == repair]
        counts.append(Count(repair, len(repaired), len(found), first_examples(repaired, 1), ""))
    return counts
