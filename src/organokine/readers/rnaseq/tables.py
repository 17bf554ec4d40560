"""Counts of genes as a `RawTable`: annotation, summary rows, the same genes in every file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.annotation import annotate
from organokine.readers.base import Count, RawTable, Remark
from organokine.readers.cells import looks_numeric
from organokine.readers.grid import Grid, read_grid
from organokine.readers.known_samples import keep_known
from organokine.readers.rnaseq.files import numbers_of
from organokine.readers.rnaseq.names import sample_names

if TYPE_CHECKING:
    from organokine.study_file import AssaySection

_ENSEMBL = r"(ENS[A-Z]*[GT][0-9]{11})(?:\.[0-9]+)?"


def without_version(identifiers: pd.Series) -> pd.Series:
    """Ensembl identifiers without the version behind the full stop; others as they are."""
    return identifiers.str.replace(rf"^{_ENSEMBL}(?=$|_PAR_Y$)", r"\1", regex=True)


def without_identifiers(gene: pd.Series) -> tuple[pd.Series, list[Count]]:
    """Empty the symbols that are Ensembl identifiers, which programs write for genes without a symbol, and count them."""
    unnamed = gene.str.fullmatch(_ENSEMBL)
    if not unnamed.any():
        return gene, []
    note = "the symbol column repeats the identifier: no symbol"
    count = Count("symbols that are identifiers", int(unnamed.sum()), len(gene), first_examples(gene[unnamed]), note)
    return gene.mask(unnamed, ""), [count]


def gene_table(  # noqa: PLR0913
    values: pd.DataFrame,
    annotation: pd.DataFrame,
    assay: AssaySection,
    folder: Path,
    where: str,
    *,
    counts: Iterable[Count] = (),
    remarks: Iterable[Remark] = (),
    engine: str,
    version: str = "",
) -> RawTable:
    """Put genes and their counts together.

    Parameters
    ----------
    values : pandas.DataFrame
        Genes x samples; the index holds the identifiers as written.
    annotation : pandas.DataFrame
        Text columns of the file about the same rows, in the same order; a symbol column is found by its name.
    assay : AssaySection
        Its section: names of annotation columns, and the file of features.
    folder : pathlib.Path
        What the path of the file of features is relative to.
    where : str
        What to call the table in messages.
    counts, remarks : iterable
        What was counted and remarked so far.
    engine, version : str
        Program that counted.

    Returns
    -------
    RawTable
        On the scale of counts. A version of an Ensembl identifier stays in the index, and is off where the file of features
        knows none; a symbol that is itself an Ensembl identifier is no symbol.

    Raises
    ------
    DataError
        If genes are repeated or nameless, or the assay is not of RNA.
    """
    identifiers = pd.Series(values.index, dtype=object)
    _refuse(identifiers, assay, engine, where)
    grid = Grid(["gene_id", *annotation.columns], annotation.reset_index(drop=True), ())
    beside = None if assay.features is None else folder / assay.features
    features, _, found = annotate(grid, identifiers, assay, beside, (), where)
    bare = without_version(identifiers)
    if beside is not None and any(
        count.item == "features without annotation" and count.n == count.of for count in found
    ):
        features, _, found = annotate(grid, bare, assay, beside, (), where)
    more = []
    versioned = identifiers[identifiers != bare]
    if len(versioned) > 0:
        note = "the version stays in the identifier, and is off where identifiers are looked up"
        more.append(Count("identifiers with a version", len(versioned), len(bare), first_examples(versioned), note))
    gene, unnamed = without_identifiers(features["gene"])
    features = features.assign(gene=gene)
    more.extend(unnamed)
    features.index = pd.Index(identifiers, dtype=object)
    values = values.set_axis(features.index, axis="index").rename_axis(index=None, columns=None)
    return RawTable(values, features, (*counts, *found, *more), tuple(remarks), engine, version, scale="counts")


def merged_table(
    path: Path,
    assay: AssaySection,
    folder: Path,
    known: Collection[str] | None,
    where: str,
    *,
    engine: str,
    summary: Collection[str],
) -> RawTable:
    """Read one table of genes x samples that a program's files were put together to.

    Parameters
    ----------
    path, assay, folder, known, where
        As of a reader.
    engine : str
        Program that counted.
    summary : collection of str
        Names of rows that are no genes.

    Returns
    -------
    RawTable
        Without the summary rows, which are counted.

    Raises
    ------
    DataError
        With what is wrong with the table.
    """
    grid = read_grid(path, where)
    body = grid.body.rename(columns={grid.header[0]: "gene_id"}) if grid.header[0] == "" else grid.body
    first = str(body.columns[0])
    is_summary = body[first].str.strip().isin(summary)
    body, summary_counts = body[~is_summary], summary_count(body[first][is_summary], len(body))
    if len(body) == 0:
        raise DataError(Problem(where, "the table has no genes", "There is nothing to read", "Export the table again"))
    columns = [str(name) for name in body.columns[1:]]
    values, rest, sample_counts = counted_columns(body, columns, known, where)
    values.index = pd.Index(body[first].str.strip(), dtype=object)
    counts = [*grid.counts, *summary_counts, *sample_counts]
    return gene_table(values, body[rest], assay, folder, where, counts=counts, engine=engine)


def counted_columns(
    body: pd.DataFrame, columns: list[str], known: Collection[str] | None, where: str
) -> tuple[pd.DataFrame, list[str], list[Count]]:
    """Tell columns of counts from columns of text, and read those of the sheet.

    Parameters
    ----------
    body : pandas.DataFrame
        Cells as text.
    columns : list of str
        Columns that may be samples; one is if it holds numbers, if its name is a path, or if the sheet knows it.
    known : collection of str or None
        Samples of the sheet.
    where : str
        What to call the table in messages.

    Returns
    -------
    tuple
        Counts, columns named by sample; names of the other columns; what was left out.
    """
    names = sample_names(columns, known)
    is_sample = [
        looks_numeric(body[column]) or "/" in column or "\\" in column or (known is not None and name in known)
        for column, name in zip(columns, names, strict=True)
    ]
    rest = [column for column, is_one in zip(columns, is_sample, strict=True) if not is_one]
    columns = [column for column, is_one in zip(columns, is_sample, strict=True) if is_one]
    names = sample_names(columns, known)
    kept, counts = keep_known(names, known, "columns", where)
    text = body[[columns[position] for position in kept]].set_axis(body.index + 1, axis="index")
    frame = pd.DataFrame(
        {names[position]: numbers_of(text[columns[position]], where, names[position]) for position in kept}
    )
    return frame, rest, counts


def summary_count(names: pd.Series, n_rows: int) -> list[Count]:
    """Count the rows of a table that sum up what is no gene."""
    note = "rows that count reads without a gene: removed"
    return [Count("summary rows removed", len(names), n_rows, first_examples(names, 5), note)] if len(names) > 0 else []


def together(columns: Mapping[str, pd.Series], where: str) -> pd.DataFrame:
    """One column per sample, all of the same genes.

    Parameters
    ----------
    columns : mapping of str to pandas.Series
        Values by sample; the index holds the genes.
    where : str
        What to call the folder in messages.

    Returns
    -------
    pandas.DataFrame
        Genes in the order of the first file.

    Raises
    ------
    DataError
        If a gene is repeated, or the files do not list the same ones: a gene that is not listed was not counted, which is no
        zero.
    """
    first, *others = columns
    genes = columns[first].index
    for name, column in columns.items():
        repeated = column.index[column.index.duplicated()].unique()
        if len(repeated) > 0:
            what = f"{len(repeated)} rows of {name} have a name that stands before, first {first_examples(repeated)}"
            raise DataError(
                Problem(where, what, "It is not known which row is right", "Make the file of this sample anew")
            )
    for name in others:
        if genes.equals(columns[name].index):
            continue
        different = genes.symmetric_difference(columns[name].index)
        if len(different) > 0:
            what = f"{first} and {name} do not list the same rows: {len(different)} are in one only, first {first_examples(different)}"
            remedy = "Use the same annotation for all samples, and look whether a file is cut off"
            raise DataError(Problem(where, what, "What a file does not list was not counted, which is no zero", remedy))
    return pd.DataFrame({name: column.reindex(genes) for name, column in columns.items()})


def _refuse(identifiers: pd.Series, assay: AssaySection, engine: str, where: str) -> None:
    problems = []
    if assay.modality != "rna":
        what = f"the file holds counts of reads by {engine}, and the assay says modality = {assay.modality!r}"
        problems.append(Problem(where, what, "Counts have a model of their own", 'Write modality = "rna"'))
    repeated = identifiers[identifiers.duplicated()].unique()
    if len(repeated) > 0:
        what = f"{len(repeated)} genes stand on several lines, first {first_examples(repeated)}"
        why = "Counts of exons or of several runs cannot be added up: reads would count twice"
        problems.append(Problem(where, what, why, "Count by gene, once per sample"))
    if (identifiers == "").any():
        what = f"{int((identifiers == '').sum())} lines have no gene identifier"
        problems.append(
            Problem(where, what, "Genes are known by their identifiers", "Look whether the table was shifted")
        )
    if len(problems) > 0:
        raise DataError(problems)
