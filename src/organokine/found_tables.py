"""The tables of a folder: what each file or folder of files seems to be. Every guess is shown as one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from organokine import guesses
from organokine.errors import DataError, first_examples
from organokine.readers import READERS, Reader
from organokine.readers.annotation import COLUMN_NAMES, are_accessions, find_column
from organokine.readers.assay import detect_reader
from organokine.readers.cells import looks_numeric, to_numbers
from organokine.readers.grid import Grid, read_grid
from organokine.readers.inspection import modality_of, section_of
from organokine.readers.plasma import PLASMA_READERS
from organokine.readers.precursors.diann_folder import is_of_first_pass
from organokine.readers.scale import detect_scale
from organokine.readers.sniff import Sniffed, sniff
from organokine.study_file import PLASMA, Modality

TABLE_ENDINGS = (".tsv", ".csv", ".txt", ".xlsx", ".parquet")
MATRIX = "matrix"
OWN_FILES = ("study.toml", "manifest.json")
ONE_SAMPLE = "one sample only; where there is a file per sample, put the files of one organ into a folder of their own"
OTHER_TABLES = (
    (frozenset({"Product.Mz", "ProductMz", "FragmentMz"}), "looks like a spectral library"),
    (
        frozenset(
            {
                "Sequence", "Peptide", "Peptide Sequence", "PeptideSequence", "Modified sequence", "Modified Sequence",
                "Modified.Sequence", "Stripped.Sequence", "Annotated Sequence", "MS/MS scan number",
            }
        ),
        "looks like peptides or spectra in a table that no reader knows; name one of proteins or precursors",
    ),
    (frozenset({"File.Name", "Raw file", "Raw File"}), "looks like a table about runs"),
)  # fmt: skip
"""Tables that programs write beside their results: columns that tell them, of which one is enough, and what they are."""
NO_MATRIX = "fewer than two columns of numbers, or rows that are numbered and name no gene"


class TableGuess(NamedTuple):
    """What one file, or the part of it that is of one organ, seems to be."""

    file: str
    organ: str
    modality: str
    features: str | None
    columns: dict[str, str]
    samples: list[str]
    identifiers: list[str]
    symbols: list[str]
    format: str = MATRIX
    program: str = ""
    transcripts: str | None = None

    @property
    def name(self) -> str:
        """Name of the assay."""
        return f"{self.organ}_{self.modality}"

    @property
    def has_symbols(self) -> bool:
        """Whether rows have symbols of their own."""
        return "gene" in self.columns or any(symbol != "" for symbol in self.symbols)

    @property
    def has_accessions(self) -> bool:
        """Whether the identifiers are accessions, which cannot stand for gene symbols."""
        return are_accessions(pd.Series(self.identifiers, dtype=str))


def find_tables(folder: Path) -> tuple[list[TableGuess], list[str]]:
    """Guess what each file and each folder of one program is.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the study; of its subfolders only those that one program wrote are read, as one table each.

    Returns
    -------
    tuple
        Tables, each of one organ and modality; and files that were not used, with the reason. Files that neither end like a
        table nor are known to a reader are not mentioned.
    """
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith((".", "~")))
    named = [path.name for path in paths if path.is_file() and stem(path.name) is not None]
    annotations = [name for name in named if _has_word(name, guesses.FEATURE_WORDS)]
    transcripts = next((name for name in named if _has_word(name, guesses.TRANSCRIPT_WORDS)), None)
    tables: list[TableGuess] = []
    skipped: list[str] = []
    for path in paths:
        if path.name in {*annotations, *OWN_FILES} or (path.name == transcripts and not _is_known(path)):
            continue
        try:
            table = _look(path, annotations, transcripts)
        except DataError as error:
            skipped.append(f"{path.name}: {error.problems[0].what}")
            continue
        if isinstance(table, str):
            skipped.append(f"{path.name}: {table}")
        elif table is not None:
            tables.append(table)
    kept, repeated = _without_repeats(tables)
    parts = [part for table in kept for part in _by_organ(table)]
    return _named_apart(parts), [*skipped, *repeated]


def stem(name: str) -> str | None:
    """Name without its endings; None if it is hidden or does not end like a table."""
    plain = name.removesuffix(".gz")
    ending = next((ending for ending in TABLE_ENDINGS if plain.lower().endswith(ending)), None)
    return None if ending is None or name.startswith((".", "~")) else plain[: -len(ending)]


def _has_word(name: str, listed: Sequence[str]) -> bool:
    return any(word in listed for word in guesses.words(name))


def _is_known(path: Path) -> bool:
    return detect_reader(sniff(path)).name != MATRIX


def _look(path: Path, annotations: list[str], transcripts: str | None) -> TableGuess | str | None:
    """A table, the reason why it is none, or None if nobody would take it for one."""
    sniffed = sniff(path)
    reader = detect_reader(sniffed)
    if reader.name != MATRIX:
        return _of_program(path, reader, transcripts)
    if sniffed.kind == "folder":
        return _strange_folder(sniffed)
    if stem(path.name) is None:
        return None
    if _has_word(path.name, guesses.SHEET_WORDS):
        return "looks like a sheet of samples"
    other = next((what for columns, what in OTHER_TABLES if not columns.isdisjoint(sniffed.header)), None)
    if other is not None:
        return other
    return _of_matrix(path, annotations)


def _strange_folder(sniffed: Sniffed) -> str | None:
    if any(name in OWN_FILES for name in sniffed.files):
        return None
    inside = [name for name in sniffed.files if stem(Path(name).name) is not None]
    if len(inside) == 0:
        return None
    return f"a folder that no reader knows; tables in it ({first_examples(inside, 1)}) are not looked into"


def _of_program(path: Path, reader: Reader, transcripts: str | None) -> TableGuess | str:
    section = section_of(path, reader).model_copy(update={"transcripts": transcripts, "quantity": "engine"})
    try:
        # The engine's own quantity is at hand; only the names of runs and proteins are needed here.
        table = reader.read(path, section, path.parent, None, path.name)
    except DataError:
        usual = section.model_copy(update={"quantity": "auto"})
        table = reader.read(path, usual, path.parent, None, path.name)
    samples = [str(name) for name in table.values.columns]
    if len(samples) < 2:
        return ONE_SAMPLE
    is_plasma = reader in PLASMA_READERS
    organ = guesses.known_organ(path.name) or _organ_of_all(samples)
    if organ is None:
        organ = PLASMA if is_plasma else guesses.guess_organ(path.name, guesses.PROGRAM_WORDS)
    return TableGuess(
        path.name,
        organ,
        modality_of(reader, path.name, table),
        None,
        {},
        samples,
        [str(name) for name in table.values.index],
        [str(symbol) for symbol in table.features["gene"]],
        reader.name,
        f"{table.engine} {table.version}".strip(),
        transcripts if "transcript" in reader.reads else None,
    )


def _organ_of_all(samples: Sequence[str]) -> str | None:
    organs = {guesses.known_organ(name) for name in samples}
    return next(iter(organs)) if len(organs) == 1 else None


def _of_matrix(path: Path, annotations: list[str]) -> TableGuess | str:
    grid = read_grid(path, path.name)
    features = next((other for other in annotations if _share_stem(path.name, other)), None)
    beside = None if features is None else read_grid(path.parent / features, features)
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
        return NO_MATRIX
    modality = guesses.guess_modality(path.name) or _modality_of_values(grid, samples)
    symbols: list[str] = []
    if "gene" in columns:
        symbols = next(
            part.body[columns["gene"]].tolist()
            for part in (beside, grid)
            if part is not None and columns["gene"] in part.header
        )
    identifiers = grid.body[grid.header[0]].tolist()
    organ = guesses.guess_organ(path.name)
    return TableGuess(path.name, organ, modality, features, columns, samples, identifiers, symbols)


def _modality_of_values(grid: Grid, samples: list[str]) -> Modality:
    values = to_numbers(grid.body[samples]).numbers
    measured = values[np.isfinite(values)]
    return "rna" if measured.size > 0 and detect_scale(measured, "rna") == "counts" else "protein"


def _share_stem(table: str, annotation: str) -> bool:
    stems = [
        [
            word
            for word in guesses.words(stem(name) or name)
            if word not in (*guesses.FEATURE_WORDS, "matrix", "table", "values")
        ]
        for name in (table, annotation)
    ]
    return stems[0] == stems[1]


def _without_repeats(tables: list[TableGuess]) -> tuple[list[TableGuess], list[str]]:
    """Leave out what one program wrote of the same runs a second time; precursors go before proteins, as in `READERS`."""
    order = list(READERS)
    kept: list[TableGuess] = []
    repeated: list[str] = []
    for table in sorted(tables, key=lambda table: (order.index(table.format), is_of_first_pass(table.file))):
        same = next((other for other in kept if _are_of_the_same_runs(table, other)), None)
        if same is None:
            kept.append(table)
        else:
            repeated.append(f"{table.file}: holds the same samples as {same.file}, which is used")
    return [table for table in tables if table in kept], repeated


def _are_of_the_same_runs(one: TableGuess, other: TableGuess) -> bool:
    if one.modality != other.modality or MATRIX in {one.format, other.format}:
        return False
    organs = {guesses.known_organ(one.file), guesses.known_organ(other.file)} - {None}
    few, many = sorted((set(one.samples), set(other.samples)), key=len)
    return len(organs) < 2 and few <= many


def _by_organ(table: TableGuess) -> list[TableGuess]:
    """A table whose samples name two organs or more is as many assays of one file."""
    organs = [guesses.known_organ(name) for name in table.samples]
    distinct = [organ for organ in dict.fromkeys(organs) if organ is not None]
    if guesses.known_organ(table.file) is not None or None in organs or len(distinct) < 2:
        return [table]
    return [
        table._replace(
            organ=organ,
            samples=[name for name, said in zip(table.samples, organs, strict=True) if said == organ],
        )
        for organ in distinct
    ]


def _named_apart(tables: list[TableGuess]) -> list[TableGuess]:
    """The second table of one organ and modality is of `organ_2`, so that no name stands twice."""
    result: list[TableGuess] = []
    for table in tables:
        organ, number = table.organ, 2
        while (organ, table.modality) in [(other.organ, other.modality) for other in result]:
            organ = f"{table.organ}_{number}"
            number += 1
        result.append(table._replace(organ=organ))
    return result
