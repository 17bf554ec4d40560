"""What the rows of a table are: identifiers, gene, protein and precursors, from the table itself or a file beside it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.readers.base import Count
from organokine.readers.cells import clean_name, count_float_names, looks_numeric, to_numbers
from organokine.readers.grid import Grid, read_grid

if TYPE_CHECKING:
    from organokine.study_file import AssaySection

COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "gene": (
        "genesymbol", "genesymbols", "symbol", "gene", "genes", "genename", "genenames", "pggenes", "hgncsymbol", "mgisymbol",
        "externalgenename",
    ),
    "protein": (
        "uniprot", "uniprotid", "accession", "proteinaccession", "protein", "proteinid", "proteinids", "proteingroup",
        "proteingroups", "pgproteingroups", "majorityproteinids",
    ),
    "precursors": (
        "precursors", "nprecursors", "numprecursors", "peptides", "npeptides", "numpeptides", "nsequences", "uniquepeptides",
    ),
}  # fmt: skip
"""Names of annotation columns that are recognised when the study file names none; lower case, letters and digits only."""

NO_NUMBER_OF_PRECURSORS = "precursors that are no number"
"""What such cells are called where they are counted."""

_ACCESSION = re.compile(
    r"(?:[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2})(?:-[0-9]+)?"
    r"|ENS[A-Z]*[GTP][0-9]{11}(?:\.[0-9]+)?|[ANXY][MPR]_[0-9]+(?:\.[0-9]+)?|[0-9]+"
)


def simple_name(name: str) -> str:
    """Lower-case letters and digits of a column name, for comparing."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def find_column(header: Iterable[str], kind: str) -> str | None:
    """Find the column of a kind of annotation by its name; the first in the order of `COLUMN_NAMES`, or None."""
    by_name = {simple_name(name): name for name in reversed(list(header))}
    return next((by_name[name] for name in COLUMN_NAMES[kind] if name in by_name), None)


def are_accessions(identifiers: pd.Series) -> bool:
    """Whether most identifiers look like accessions of a database, and so cannot be gene symbols."""
    first = identifiers.str.split(";").str[0]
    return bool(first.str.fullmatch(_ACCESSION.pattern).mean() > 0.5)


def identifiers_of(
    grid: Grid, assay: AssaySection, known: Collection[str], where: str
) -> tuple[str, pd.Series, list[Count]]:
    """Find the identifier column of a table.

    Parameters
    ----------
    grid : Grid
        The table.
    assay : AssaySection
        Its section; `columns.id` names the column, else the first is taken, or the first of text if that is a sample.
    known : collection of str
        Samples of the sheet; none of their columns is taken for identifiers unless `columns.id` names it.
    where : str
        What to call the table in messages.

    Returns
    -------
    tuple
        Name of the column, identifiers as text, and what was repaired.

    Raises
    ------
    DataError
        If the column does not exist, or every column may be a sample.
    """
    column = _first_of_text(grid, known, where) if assay.columns.id is None else assay.columns.id
    if column not in grid.header:
        raise DataError(_absent("id", column, grid.header, where))
    written = grid.body[column]
    identifiers = written.map(clean_name)
    counts = []
    floats = count_float_names(written)
    if len(floats) > 0:
        note = "identifiers of the form 12345.0 are whole numbers read as floats"
        counts.append(Count("identifiers repaired", len(floats), len(written), first_examples(floats), note))
    return column, identifiers, counts


def _first_of_text(grid: Grid, known: Collection[str], where: str) -> str:
    """The first column, unless it is a sample of the sheet: then the first that is none and is not of numbers."""
    if grid.header[0] not in known:
        return grid.header[0]
    for name in grid.header[1:]:
        if name not in known and not looks_numeric(grid.body[name]):
            return name
    what = (
        f"the first column {grid.header[0]!r} is a sample of the sheet, and no other column holds identifiers as text"
    )
    why = "Features are known by their identifiers"
    raise DataError(
        Problem(
            where,
            what,
            why,
            "Name the column of identifiers: columns = { id = ... } in a study file, --id-column on the command line",
        )
    )


def unique_identifiers(identifiers: pd.Series) -> tuple[pd.Index, list[Count]]:
    """Make identifiers unique: an empty one is named by its line, a repeated one gets `#2`, `#3`, ... at its end.

    All rows stay: rows of one identifier are usually several products of one gene, and `representative` chooses among them
    by its rule.
    """
    counts = []
    blank = identifiers == ""
    if blank.any():
        identifiers = identifiers.mask(blank, [f"line {number}" for number in range(2, len(identifiers) + 2)])
        note = "named by their line"
        counts.append(Count("features without an identifier", int(blank.sum()), len(blank), "", note))
    repeat = identifiers.groupby(identifiers).cumcount()
    again = repeat > 0
    if again.any():
        note = (
            "all rows stay; the second is called `name#2`, and the representative rule chooses among rows of one gene"
        )
        examples = first_examples(identifiers[again].unique())
        counts.append(Count("duplicated feature identifiers", int(again.sum()), len(again), examples, note))
        identifiers = identifiers.where(~again, identifiers + "#" + (repeat + 1).astype(str))
    if identifiers.duplicated().any():
        identifiers = identifiers + "@" + pd.Series(range(2, len(identifiers) + 2), index=identifiers.index).astype(str)
    return pd.Index(identifiers.to_numpy(dtype=object), dtype=object), counts


def annotate(
    grid: Grid, identifiers: pd.Series, assay: AssaySection, annotation: Path | None, known: Collection[str], where: str
) -> tuple[pd.DataFrame, dict[str, str], list[Count]]:
    """Find gene, protein and precursors of each row.

    Parameters
    ----------
    grid : Grid
        The table.
    identifiers : pandas.Series
        Identifier of each row, repeated ones included.
    assay : AssaySection
        Its section; `columns` may name the columns.
    annotation : pathlib.Path or None
        File of features, joined by identifier; its columns go before those of the table.
    known : collection of str
        Samples of the sheet; their columns are no annotation unless `columns` names them.
    where : str
        What to call the table in messages.

    Returns
    -------
    tuple
        Frame with text columns `gene` and `protein` and float column `precursors`, one row per row of the table; the columns
        of the table that were used, by kind; what was counted.

    Raises
    ------
    DataError
        If a named column does not exist, or the file of features contradicts itself.
    """
    beside, counts = _beside(identifiers, assay, annotation, where)
    problems: list[Problem] = []
    used: dict[str, str] = {}
    found: dict[str, pd.Series] = {}
    header = [name for name in grid.header if name not in known]
    for kind in COLUMN_NAMES:
        named = getattr(assay.columns, kind)
        in_beside = named if named is not None and named in beside.columns else None
        in_table = named if named is not None and named in grid.header else None
        if named is None:
            in_beside, in_table = find_column(beside.columns, kind), find_column(header, kind)
        elif in_beside is None and in_table is None:
            problems.append(_absent(kind, named, [*beside.columns, *grid.header], where))
        if in_beside is not None:
            found[kind] = beside[in_beside]
        elif in_table is not None:
            used[kind] = in_table
            found[kind] = grid.body[in_table]
    if len(problems) > 0:
        raise DataError(problems)
    features, more = _from_identifiers(found, identifiers, assay)
    return features, used, [*counts, *more]


def _from_identifiers(
    found: dict[str, pd.Series], identifiers: pd.Series, assay: AssaySection
) -> tuple[pd.DataFrame, list[Count]]:
    """Put the annotation together; where there is no column, the identifier itself may be the gene or the protein."""
    counts = []
    none = pd.Series("", index=identifiers.index, dtype=object)
    accessions = are_accessions(identifiers)
    gene = found.get("gene")
    if gene is None:
        gene = none if accessions else identifiers
        note = (
            "identifiers look like accessions: name the column of the symbols, or a table of features that has it"
            if accessions
            else "the identifier is taken for the gene symbol"
        )
        counts.append(Count("no gene column", len(identifiers), len(identifiers), first_examples(identifiers), note))
    protein = found.get("protein", identifiers if accessions and assay.modality == "protein" else none)
    precursors = to_numbers(found.get("precursors", none).to_frame())
    if len(precursors.refused) > 0:
        texts = first_examples(dict.fromkeys(text for _, _, text in precursors.refused))
        note = "taken as unknown; the prior variance follows precursors only where every tested feature has a number"
        counts.append(Count(NO_NUMBER_OF_PRECURSORS, len(precursors.refused), len(identifiers), texts, note))
    features = pd.DataFrame(
        {
            "gene": gene.to_numpy(dtype=object),
            "protein": protein.str.split(";").str[0].str.strip().to_numpy(dtype=object),
            "precursors": precursors.numbers[:, 0],
        }
    )
    return features, counts


def _beside(
    identifiers: pd.Series, assay: AssaySection, annotation: Path | None, where: str
) -> tuple[pd.DataFrame, list[Count]]:
    """Rows of the file of features, in the order of the table; empty text where it has none."""
    if annotation is None:
        return pd.DataFrame(index=identifiers.index), []
    where = f"{where} features"
    grid = read_grid(annotation, where)
    column = assay.columns.id if assay.columns.id in grid.header else grid.header[0]
    keys = grid.body[column].map(clean_name)
    rows = grid.body.drop(columns=column).assign(_key=keys).drop_duplicates()
    repeated = rows["_key"][rows["_key"].duplicated()].unique()
    if len(repeated) > 0:
        what = f"{len(repeated)} identifiers have several rows that differ, first {first_examples(repeated)}"
        why = "It is not known which gene a feature belongs to"
        raise DataError(Problem(where, what, why, "Keep one row per identifier; join several genes with a semicolon"))
    rows = rows.set_index("_key")
    absent = identifiers[~identifiers.isin(rows.index)]
    counts = [replace(count, item=f"{count.item} in the file of features") for count in grid.counts]
    if len(absent) > 0:
        note = "the file of features has no row for them"
        counts.append(Count("features without annotation", len(absent), len(identifiers), first_examples(absent), note))
    return rows.reindex(identifiers).set_axis(identifiers.index).fillna(""), counts


def _absent(kind: str, named: str, header: Iterable[str], where: str) -> Problem:
    names = list(dict.fromkeys(header))
    near = nearest(named, names)
    remedy = f"Write {near!r}" if near is not None else f"Columns are {first_examples(names, 8)}"
    why = "It was asked for by name, so none is guessed"
    return Problem(f"{where} columns.{kind}", f"there is no column {named!r}", why, remedy)
