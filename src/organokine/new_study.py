"""A first study file and sample sheet for a folder of tables, with every guess marked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from organokine import guesses
from organokine.errors import DataError, OutputError, Problem, first_examples
from organokine.found_tables import MATRIX, TABLE_ENDINGS, TableGuess, find_tables
from organokine.raw.folder import TABLES_FILE
from organokine.readers.identifiers import genes_of
from organokine.references import load_identifiers
from organokine.study_file import PLASMA, Species
from organokine.study_file_raw import RAW

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


_NO_SYMBOLS_IN_FORMAT = (
    "# FILL IN: the file holds no gene symbols, and its accessions are not among those that are known here. Name a table of "
    'symbols by identifier in features = "...".'
)
_ACCESSIONS_ARE_KNOWN = "# no column of gene symbols was found: genes are found by their accessions"


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
        Folder that holds the tables: reports of search engines, counts, matrices. A subfolder is read if one program wrote
        it, such as those of STAR and Salmon; others are not looked into.

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
    tables, skipped = find_tables(folder)
    if len(tables) == 0:
        what = (
            f"no table was found ({len(skipped)} files could not be used)" if len(skipped) > 0 else "no table was found"
        )
        remedy = f"Put tables of features x samples there, ending in {', '.join(TABLE_ENDINGS)} (also .gz)"
        runs = sorted(path.name for path in folder.iterdir() if (path / TABLES_FILE).is_file())
        if len(runs) > 0:
            what += f", and {len(runs)} raw runs, first {runs[0]}"
            remedy += f"; or write a study file with an assay of format = {RAW!r}, which names a sheet of such runs"
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
    species = guesses.guess_species(identifiers, symbols)
    text = _HEAD.format(
        name=_quoted(folder.resolve().name or "study"),
        species=_quoted(species),
        sheet=_quoted(sheet),
        subjects=subjects,
        case=_quoted(case),
        control=_quoted(control),
        contrast_note=note,
    )
    organs = [organ for organ in dict.fromkeys(table.organ for table in tables) if organ != PLASMA]
    text += _NO_AXIS if len(organs) < 2 else _AXIS.format(source=_quoted(organs[0]), target=_quoted(organs[1]))
    text += "".join(_assay_text(table, species) for table in tables)
    if len(skipped) > 0:
        text += "\n# Files that were not used:\n" + "".join(
            f"# {json.dumps(line, ensure_ascii=False)}\n" for line in skipped
        )
    return text


def _assay_text(table: TableGuess, species: Species) -> str:
    found_from = "from the file name" if table.format == MATRIX else "from names of files and samples"
    lines = [
        "",
        "[[assay]]  # one table: features x samples",
        f"name = {_quoted(table.name)}  # as in the column assay of the sample sheet",
        f"organ = {_quoted(table.organ)}  {GUESSED} {found_from}; `plasma` is reserved for plasma or serum",
        f"modality = {_quoted(table.modality)}  {GUESSED}; protein or rna",
        f"file = {_quoted(table.file)}",
    ]
    if table.format != MATRIX:
        program = f"written by {table.program}; " if table.program != "" else ""
        lines.append(
            f"format = {_quoted(table.format)}  {GUESSED} from its columns: {program}`organokine inspect` says more"
        )
    if table.transcripts is not None:
        lines.append(f"transcripts = {_quoted(table.transcripts)}  {GUESSED}; table of transcript and gene")
    lines.append('scale = "auto"  # auto, log2, linear or counts; `organokine check` says what was found')
    if table.features is not None:
        lines.append(f"features = {_quoted(table.features)}  {GUESSED}; annotation of the rows, joined by identifier")
    return "\n".join([*lines, *_column_lines(table, species)]) + "\n"


def _column_lines(table: TableGuess, species: Species) -> list[str]:
    """Where the genes are: in a column, in the accessions, or to be filled in."""
    columns = dict(table.columns)
    lines = []
    if not table.has_symbols and _are_embedded(table.identifiers, species):
        lines.append(_ACCESSIONS_ARE_KNOWN)
    elif not table.has_symbols and table.format != MATRIX:
        lines.append(_NO_SYMBOLS_IN_FORMAT)
    elif not table.has_symbols and table.has_accessions:
        lines.append(_NO_SYMBOLS)
        columns["gene"] = "FILL IN"
    elif not table.has_symbols:
        lines.append(_NAMES_ARE_SYMBOLS)
    if len(columns) > 0:
        written = ", ".join(f"{kind} = {_quoted(name)}" for kind, name in columns.items())
        lines.append(f"columns = {{ {written} }}  {GUESSED}; identifier, gene symbol, protein and precursors")
    return lines


def _are_embedded(identifiers: Sequence[str], species: Species) -> bool:
    """Whether the embedded tables tell the genes of most identifiers."""
    known = load_identifiers(species)
    return sum(len(genes_of(name.split(";")[0], known)) > 0 for name in identifiers) > len(identifiers) / 2


def _quoted(text: str) -> str:
    """A TOML basic string; JSON escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
