"""Tables of the user's own: what an experiment saw outside cells, genes with their routes, ligands with their receptors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.readers.annotation import COLUMN_NAMES, are_accessions, simple_name
from organokine.readers.base import Count
from organokine.readers.cells import MISSING_MARKS
from organokine.readers.grid import Grid, read_text
from organokine.readers.lists.base import (
    RECEPTOR_COLUMNS,
    ListTable,
    cells,
    gene_and_protein,
    needed_cells,
    read_cells,
    scores,
    statements,
)
from organokine.readers.sniff import sniff
from organokine.references.lists import OUTSIDE
from organokine.references.routes import ROUTES

if TYPE_CHECKING:
    from organokine.study_file import ListSection

_ROUTE_NAMES = ("route", "secretionroute", "routes")
_LIGAND_NAMES = ("ligand", "ligandgenesymbol", "ligandsymbol", "ligandgene", "ligandcomplex", "sourcegenesymbol")
_RECEPTOR_NAMES = (
    "receptor", "receptorgenesymbol", "receptorsymbol", "receptorgene", "receptorcomplex", "targetgenesymbol",
)  # fmt: skip
_REFERENCE_NAMES = ("reference", "references", "doi", "pmid", "pubmedid")


def read_secretome(path: Path, section: ListSection, where: str) -> ListTable:
    """Read the proteins that an experiment saw outside cells; a plain list of one column will do.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    section : ListSection
        `route` is the route they took, `outside` if left out; `threshold` with `columns.score` keeps rows.
    where : str
        What to call it in messages.

    Returns
    -------
    ListTable
        One row per row of the file that counts.

    Raises
    ------
    DataError
        If the file cannot be read, or has no column of genes or proteins.
    """
    grid = _one_column(path, where, section)
    if grid is None:
        grid = read_cells(path, where)
    gene, protein = gene_and_protein(grid, section, where)
    score, kept, counts = _kept(grid, section, where)
    none = pd.Series("", index=grid.body.index, dtype=object)
    route = none.mask(kept, OUTSIDE if section.route is None else section.route)
    shown = score.map(lambda value: "" if np.isnan(value) else f", score {value:.3g}")
    rows = statements(gene, protein, route, none, score, "seen outside the cell" + shown)
    return ListTable(rows[kept.to_numpy()], (*grid.counts, *counts))


def read_routes(path: Path, section: ListSection, where: str) -> ListTable:
    """Read a table of genes and secretion routes.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    section : ListSection
        `threshold` with `columns.score` keeps rows.
    where : str
        What to call it in messages.

    Returns
    -------
    ListTable
        One row per gene and route; a cell may hold several routes joined by `;`. Rows without a route, or with `unknown`, say
        nothing and are counted.

    Raises
    ------
    DataError
        If there is no column of routes, or a word is no route.
    """
    grid = read_cells(path, where)
    gene, protein = gene_and_protein(grid, section, where)
    why = f"A table of routes says one of {', '.join(ROUTES)} beside each gene"
    route = needed_cells(grid, "route", section.columns.route, _ROUTE_NAMES, where, why)
    source = cells(grid, "reference", section.columns.reference, _REFERENCE_NAMES, where)
    score, kept, counts = _kept(grid, section, where)
    text = pd.Series("as listed", index=grid.body.index, dtype=object)
    if source is not None:
        text = text + source.map(lambda said: "" if said.lower() in MISSING_MARKS else f", {said}")
    words = route.str.split(";").explode()
    plain = words.str.strip().str.lower().str.replace(r"[\s-]+", "_", regex=True)
    plain = plain.mask(plain.isin([*MISSING_MARKS, "unknown"]), "")
    _refuse_unknown(words[~plain.isin([*ROUTES, OUTSIDE, ""])], where)
    at = plain.index
    rows = statements(gene[at], protein[at], plain, plain.mask(plain != "", ""), score[at], text[at])
    held = kept[at].to_numpy() & (plain != "").to_numpy()
    empty = int((kept[at].to_numpy() & (plain == "").to_numpy()).sum())
    if empty > 0:
        counts.append(Count("rows without a route", empty, len(grid.body), "", "they say nothing"))
    return ListTable(rows[held], (*grid.counts, *counts))


def read_receptors(path: Path, section: ListSection, where: str) -> ListTable:
    """Read a table of ligands and receptors.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    section : ListSection
        `threshold` with `columns.score` keeps rows.
    where : str
        What to call it in messages.

    Returns
    -------
    ListTable
        One row per pair; complexes as written.

    Raises
    ------
    DataError
        If there is no column of ligands or none of receptors.
    """
    grid = read_cells(path, where)
    named = section.columns
    problems: list[Problem] = []
    found: dict[str, pd.Series] = {}
    why = "A receptor is looked up by its ligand"
    for key, name, usual in (("ligand", named.ligand, _LIGAND_NAMES), ("receptor", named.receptor, _RECEPTOR_NAMES)):
        try:
            found[key] = needed_cells(grid, key, name, usual, where, why)
        except DataError as error:
            problems.extend(error.problems)
    if len(problems) > 0:
        raise DataError(problems)
    source = cells(grid, "reference", named.reference, _REFERENCE_NAMES, where)
    score, kept, counts = _kept(grid, section, where)
    none = pd.Series("", index=grid.body.index, dtype=object)
    rows = pd.DataFrame(
        dict(
            zip(
                RECEPTOR_COLUMNS,
                (found["ligand"], found["receptor"], none if source is None else source, score),
                strict=True,
            )
        )
    )
    return ListTable(rows[kept.to_numpy()].reset_index(drop=True), (*grid.counts, *counts))


def _one_column(path: Path, where: str, section: ListSection) -> Grid | None:
    """A plain list, one name to a line, with or without a header; None if the file is no such list."""
    looked = sniff(path)
    lines = [line for line in looked.lines if line.strip() != "" and not line.startswith("#")]
    if (
        looked.kind != "text"
        or len(lines) == 0
        or any(sign in lines[0] for sign in "\t,;")
        or any("\t" in line for line in lines)
    ):
        return None
    names = [line.strip().strip('"') for line in read_text(path, where).splitlines() if not line.startswith("#")]
    names = [name for name in names if name != ""]
    headed = (section.columns.gene, section.columns.protein)
    usual = {*COLUMN_NAMES["gene"], *COLUMN_NAMES["protein"]}
    if names[0] in headed or simple_name(names[0]) in usual:
        return Grid([names[0]], pd.DataFrame({names[0]: names[1:]}, dtype=object), ())
    header = "protein" if are_accessions(pd.Series(names, dtype=object)) else "gene"
    return Grid([header], pd.DataFrame({header: names}, dtype=object), ())


def _kept(grid: Grid, section: ListSection, where: str) -> tuple[pd.Series, pd.Series, list[Count]]:
    """Scores, which rows reach the threshold, and how many do not."""
    column = cells(grid, "score", section.columns.score, (), where)
    score = scores(column, grid.body.index, "columns.score", where)
    if section.threshold is None:
        return score, pd.Series(data=True, index=score.index), []
    kept = score >= section.threshold
    note = f"rows whose score is below {section.threshold:g} or empty are left out"
    return score, kept, [Count("rows below the threshold", int((~kept).sum()), len(kept), "", note)]


def _refuse_unknown(words: pd.Series, where: str) -> None:
    if len(words) == 0:
        return
    near = nearest(str(words.iloc[0]).strip(), (*ROUTES, OUTSIDE))
    choose = f"Routes are {', '.join(ROUTES)}, and {OUTSIDE} where the way out is not known"
    raise DataError(
        Problem(
            f"{where} route",
            f"{len(words)} words are no route: {first_examples(words.unique())}",
            "A route decides whether a candidate can be secreted, so none is guessed",
            choose if near is None else f"Write {near!r} for {str(words.iloc[0]).strip()!r}. {choose}",
        )
    )
