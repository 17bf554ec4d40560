"""A first study file and sample sheet for a folder of tables, with every guess marked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from organokine import guesses
from organokine.errors import DataError, OutputError, Problem, first_examples
from organokine.readers.annotation import COLUMN_NAMES, are_accessions, find_column
from organokine.readers.cells import looks_numeric, to_numbers
from organokine.readers.grid import Grid, read_grid
from organokine.readers.scale import detect_scale
from organokine.study_file import PLASMA

TABLE_ENDINGS = (".tsv", ".csv", ".txt", ".xlsx", ".parquet")
GUESSED = "# guessed"
SHEET = "samples.tsv"
NEW_SHEET = "samples.new.tsv"

_HEAD = """\
# The study file: all of the science. Guesses are marked, correct what is wrong.
# Then: organokine check study.toml

[study]
name = {name}
species = {species}  # guessed; human, mouse or rat
samples = {sheet}  # the sample sheet: assay, sample, subject, then any columns of the design
# {subjects}
seed = 1  # one seed for everything random

[contrast]  # case against control of one column of the sample sheet
factor = "group"
case = {case}  # {contrast_note}
control = {control}  # {contrast_note}
covariates = []  # columns to adjust for, for example ["sex"]; a batch written as a number is "C(batch)"
"""
_AXIS = """
[axis]
source = {source}  # guessed; the organ that sends
target = {target}  # guessed; the organ that receives
"""
_NO_AXIS = """
# [axis]  # needs tables of two organs
# source = "..."
# target = "..."
"""
_NO_SYMBOLS = (
    "# FILL IN: no column of gene symbols was found. Name it in gene below; if the symbols stand in a table of their own, by "
    'identifier, name that file in features = "..." and its column in gene.'
)
_NAMES_ARE_SYMBOLS = (
    "# guessed: no column of gene symbols was found, and the identifiers are taken for symbols. Else name it in gene below, or "
    'name a table of symbols by identifier in features = "...".'
)


class TableGuess(NamedTuple):
    """What one file seems to be."""

    file: str
    organ: str
    modality: str
    features: str | None
    columns: dict[str, str]
    samples: list[str]
    identifiers: list[str]
    symbols: list[str]

    @property
    def name(self) -> str:
        """Name of the assay."""
        return f"{self.organ}_{self.modality}"

    @property
    def has_accessions(self) -> bool:
        """Whether the identifiers are accessions, which cannot stand for gene symbols."""
        return are_accessions(pd.Series(self.identifiers, dtype=str))


class NewStudy(NamedTuple):
    """What was written, and what is to be looked at."""

    study_file: Path
    sheet: Path
    remarks: tuple[str, ...]


def write_new_study(folder: str | Path) -> NewStudy:
    """Write a study file and a sample sheet for the tables of a folder.

    Parameters
    ----------
    folder : str or pathlib.Path
        Folder that holds the tables; subfolders are not looked into.

    Returns
    -------
    NewStudy
        The study file, with a comment on every key and every guess marked; the sample sheet, with animals and groups where
        the names of the samples suggest them, called `samples.new.tsv` where there is a `samples.tsv`; and remarks on both.

    Raises
    ------
    OutputError
        If one of the two would replace a file, or cannot be written.
    DataError
        If the folder does not exist or holds no table.
    """
    folder = Path(folder)
    if not folder.is_dir():
        what = "it is not a folder" if folder.exists() else "the folder does not exist"
        raise DataError(
            Problem(str(folder), what, "A study is written from a folder of tables", "Name the folder of your tables")
        )
    study_file, sheet = _free_paths(folder)
    tables, skipped = _tables(folder)
    if len(tables) == 0:
        what = (
            f"no table was found ({len(skipped)} files could not be used)" if len(skipped) > 0 else "no table was found"
        )
        remedy = f"Put tables of features x samples there, ending in {', '.join(TABLE_ENDINGS)} (also .gz)"
        raise DataError(Problem(str(folder), what, "A study is written from a folder of tables", remedy))
    samples = [guesses.guess_samples(table.samples) for table in tables]
    rows = [(table.name, *guess) for table, listed in zip(tables, samples, strict=True) for guess in listed]
    lines = ["\t".join(row) + "\n" for row in [("assay", "sample", "subject", "group"), *rows]]
    subjects = _subject_remark(tables, samples, sheet.name)
    text = _study_text(folder, tables, skipped, sheet.name, subjects, [row[3] for row in rows])
    try:
        study_file.write_text(text, encoding="utf-8")
        sheet.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        what = f"it cannot be written to ({error.strerror})"
        raise OutputError(
            Problem(str(folder), what, "The study file goes beside the tables", "Choose another folder")
        ) from None
    remarks = [subjects]
    if sheet.name != SHEET:
        remarks.append(
            f"{SHEET} is there already and stays as it is; the new sheet is {sheet.name}, and study.toml names it: to use "
            f'your own, write samples = "{SHEET}"'
        )
    return NewStudy(study_file, sheet, tuple(remarks))


def _free_paths(folder: Path) -> tuple[Path, Path]:
    """Where to write the study file and the sheet; nothing that is there is replaced."""
    sheet = SHEET if not (folder / SHEET).exists() else NEW_SHEET
    paths = (folder / "study.toml", folder / sheet)
    present = [path.name for path in paths if path.exists()]
    if len(present) > 0:
        exist, them = ("exists", "it") if len(present) == 1 else ("exist", "them")
        what = f"{first_examples(present)} {exist} already"
        remedy = f"Edit {them}, or move {them} away first"
        raise OutputError(Problem(str(folder), what, "What you wrote by hand is never overwritten", remedy))
    return paths


def _subject_remark(tables: Sequence[TableGuess], samples: Sequence[list[guesses.SampleGuess]], sheet: str) -> str:
    """What the guessed subjects pair: two organs, or two tables of one organ."""
    by_organ: dict[str, list[guesses.SampleGuess]] = {}
    for table, listed in zip(tables, samples, strict=True):
        if table.organ != PLASMA:
            by_organ.setdefault(table.organ, []).extend(listed)
    if len(by_organ) > 1:
        return guesses.subject_remark(by_organ, sheet)
    by_table = {table.name: listed for table, listed in zip(tables, samples, strict=True)}
    return guesses.subject_remark(by_table, sheet)


def _tables(folder: Path) -> tuple[list[TableGuess], list[str]]:
    """Guess what each file of a folder is; files that are no table are named with the reason."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and _stem(path.name) is not None)
    is_annotation = {name: any(word in guesses.FEATURE_WORDS for word in guesses.words(name)) for name in names}
    annotations = [name for name in names if is_annotation[name]]
    tables: list[TableGuess] = []
    skipped: list[str] = []
    for name in names:
        if is_annotation[name]:
            continue
        if any(word in guesses.SHEET_WORDS for word in guesses.words(name)):
            skipped.append(f"{name}: looks like a sheet of samples")
            continue
        try:
            table = _guess_table(folder, name, annotations, [(known.organ, known.modality) for known in tables])
        except DataError as error:
            skipped.append(f"{name}: {error.problems[0].what}")
            continue
        if table is None:
            skipped.append(f"{name}: fewer than two columns of numbers, or rows that are numbered and name no gene")
        else:
            tables.append(table)
    return tables, skipped


def _guess_table(folder: Path, name: str, annotations: list[str], taken: list[tuple[str, str]]) -> TableGuess | None:
    grid = read_grid(folder / name, name)
    features = next((other for other in annotations if _share_stem(name, other)), None)
    beside = None if features is None else read_grid(folder / features, features)
    columns = {"id": grid.header[0]}
    for kind in COLUMN_NAMES:
        found = next(
            (
                column
                for part in (beside, grid)
                if part is not None and (column := find_column(part.header, kind)) is not None
            ),
            None,
        )
        if found is not None:
            columns[kind] = found
    samples = [column for column in grid.header if column not in columns.values() and looks_numeric(grid.body[column])]
    if len(samples) < 2 or ("gene" not in columns and grid.body[grid.header[0]].str.fullmatch(r"[0-9]+").all()):
        return None
    modality = guesses.guess_modality(name) or _modality_of_values(grid, samples)
    organ = guesses.guess_organ(name)
    number = 2
    while (organ, modality) in taken:
        organ = f"{guesses.guess_organ(name)}_{number}"
        number += 1
    symbols = (
        []
        if "gene" not in columns
        else next(
            part.body[columns["gene"]].tolist()
            for part in (beside, grid)
            if part is not None and columns["gene"] in part.header
        )
    )
    return TableGuess(name, organ, modality, features, columns, samples, grid.body[grid.header[0]].tolist(), symbols)


def _modality_of_values(grid: Grid, samples: list[str]) -> str:
    values = to_numbers(grid.body[samples]).numbers
    measured = values[np.isfinite(values)]
    return "rna" if measured.size > 0 and detect_scale(measured, "rna") == "counts" else "protein"


def _stem(name: str) -> str | None:
    """Name without its endings; None if it is hidden or does not end like a table."""
    plain = name.removesuffix(".gz")
    ending = next((ending for ending in TABLE_ENDINGS if plain.lower().endswith(ending)), None)
    return None if ending is None or name.startswith((".", "~")) else plain[: -len(ending)]


def _share_stem(table: str, annotation: str) -> bool:
    stems = [
        [
            word
            for word in guesses.words(_stem(name) or name)
            if word not in (*guesses.FEATURE_WORDS, "matrix", "table", "values")
        ]
        for name in (table, annotation)
    ]
    return stems[0] == stems[1]


def _study_text(
    folder: Path, tables: Sequence[TableGuess], skipped: list[str], sheet: str, subjects: str, groups: list[str]
) -> str:
    contrast = guesses.guess_contrast(groups)
    case, control = ("case", "control") if contrast is None else contrast
    note = (
        f"FILL IN, here and in the column group of {sheet}" if contrast is None else "guessed; a value of that column"
    )
    identifiers = [name for table in tables for name in table.identifiers]
    symbols = [name for table in tables for name in table.symbols]
    text = _HEAD.format(
        name=_quoted(folder.resolve().name or "study"),
        species=_quoted(guesses.guess_species(identifiers, symbols)),
        sheet=_quoted(sheet),
        subjects=subjects,
        case=_quoted(case),
        control=_quoted(control),
        contrast_note=note,
    )
    organs = [organ for organ in dict.fromkeys(table.organ for table in tables) if organ != PLASMA]
    text += _NO_AXIS if len(organs) < 2 else _AXIS.format(source=_quoted(organs[0]), target=_quoted(organs[1]))
    text += "".join(_assay_text(table) for table in tables)
    if len(skipped) > 0:
        text += "\n# Files that were not used:\n" + "".join(
            f"# {json.dumps(line, ensure_ascii=False)}\n" for line in skipped
        )
    return text


def _assay_text(table: TableGuess) -> str:
    columns = dict(table.columns)
    if "gene" not in columns and table.has_accessions:
        columns["gene"] = "FILL IN"
    written = ", ".join(f"{kind} = {_quoted(name)}" for kind, name in columns.items())
    lines = [
        "",
        "[[assay]]  # one table: features x samples",
        f"name = {_quoted(table.name)}  # as in the column assay of the sample sheet",
        f"organ = {_quoted(table.organ)}  {GUESSED} from the file name; `plasma` is reserved for plasma or serum",
        f"modality = {_quoted(table.modality)}  {GUESSED}; protein or rna",
        f"file = {_quoted(table.file)}",
        'scale = "auto"  # auto, log2, linear or counts; `organokine check` says what was found',
    ]
    if table.features is not None:
        lines.append(f"features = {_quoted(table.features)}  {GUESSED}; annotation of the rows, joined by identifier")
    if "gene" not in table.columns:
        lines.append(_NO_SYMBOLS if table.has_accessions else _NAMES_ARE_SYMBOLS)
    lines.append(f"columns = {{ {written} }}  {GUESSED}; identifier, gene symbol, protein and precursors")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string; JSON escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
