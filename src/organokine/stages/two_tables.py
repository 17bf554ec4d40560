"""An arm held against a contrast as two tables of changes alone: no animals, and so neither p nor interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.stages.arms import Engagement, engagement_of
from organokine.stages.concordance import Concordance, compare_tables
from organokine.study_file import RankingSection

if TYPE_CHECKING:
    from organokine.perturbation_section import PerturbationSection

NO_GENE = "(no gene named)"
NEEDED = ("gene", "log2fc", "se", "df", "t", "p")
EXPECTED = {"reproduces": 1, "reverses": -1}
SEEN_P = 0.05
"""Level at which the contrast is seen to move the gene: of a smaller change the sign is chance, and in the organ that receives a
mediator the mediator's own gene need not change at all."""
Expectation = Literal["reproduces", "reverses"]


def direction_of(moves: int, change: float, p: float, expects: Expectation | None) -> int:
    """Whether the arm should agree (+1) or oppose (-1); 0 where the contrast is not seen to move the gene."""
    if expects is not None:
        return EXPECTED[expects]
    return int(moves * np.sign(change)) if np.isfinite(change) and p <= SEEN_P else 0


def compare_changes(
    first: pd.DataFrame, second: pd.DataFrame, section: PerturbationSection, expects: Expectation | None
) -> dict[str, pd.DataFrame]:
    """Rows of the tables of perturbations, from two tables of changes.

    Parameters
    ----------
    first, second : pandas.DataFrame
        Contrast and arm, as `changes_by_gene` leaves them.
    section : PerturbationSection
        The arm.
    expects : str or None
        What was expected beforehand.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name of the table.
    """
    gene = section.gene
    found = compare_tables(first, second, [gene])
    moves = section.direction
    own, p = (float(first[name].get(gene, np.nan)) for name in ("log2fc", "p"))
    moved = _moved(second, section)
    direction = direction_of(moves, own, p, expects)
    row = {
        "gene": "" if gene == NO_GENE else gene,
        "kind": section.kind,
        "moves": {1: "up", -1: "down"}.get(moves, ""),
        "shows": "undirected",
        "engagement": moved.state,
        "engagement_assay": moved.assay,
        "engagement_log2fc": moved.log2fc,
        "engagement_p": moved.p,
        "contrast_log2fc": own,
        "contrast_assay": "contrast",
        "direction": direction,
        "state": found.state,
        "rho": found.rho,
        "fraction": found.fraction.slope,
        "n_genes": found.n_genes,
        "note": "animals that the two tables share cannot be seen, and would make them agree by construction",
    }
    return {"perturbations": pd.DataFrame([row | found.quadrants._asdict()])} | _pictures(found)


def same_table(first: pd.DataFrame, second: pd.DataFrame) -> Iterator[Problem]:
    """Two tables that are one."""
    if len(first) > 0 and first.equals(second.reindex(first.index)):
        yield Problem(
            "contrast and arm",
            "the two tables are the same",
            "A contrast agrees with itself, which says nothing",
            "Give the table of the arm as the second one",
        )


def changes_by_gene(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row of numbers per gene, index gene, of a table `differential`.

    Raises
    ------
    DataError
        If a column is absent, or a gene has several rows.
    """
    absent = [column for column in NEEDED if column not in table.columns]
    if len(absent) > 0:
        raise DataError(
            Problem(
                f"table {name}",
                f"the columns {first_examples(absent, 6)} are absent; there are {first_examples(table.columns, 8)}",
                "Signatures are compared by the columns that `organokine differential --out` writes",
                "Give such a table, or matrices with their samples",
            )
        )
    rows = table[table["gene"].fillna("").astype(str).str.strip() != ""]
    if "representative" in rows.columns:
        rows = rows[rows["representative"].astype(str).str.lower() == "true"]
    numbers = rows[list(NEEDED[1:])].apply(pd.to_numeric, errors="coerce")
    found: pd.DataFrame = numbers.set_axis(pd.Index(rows["gene"].astype(str)), axis=0)
    several = found.index[found.index.duplicated()].unique()
    if len(several) > 0:
        raise DataError(
            Problem(
                f"table {name}",
                f"{len(several)} genes stand in several rows: {first_examples(several)}",
                "A signature has one change per gene",
                "Keep one row per gene, or the column `representative` that marks it",
            )
        )
    return found


def _moved(table: pd.DataFrame, section: PerturbationSection) -> Engagement:
    if section.gene not in table.index:
        return Engagement(section.engagement or "not_measured", np.nan, np.nan, "arm", "")
    log2fc, t, df = (float(table[name].get(section.gene, np.nan)) for name in ("log2fc", "t", "df"))
    level = RankingSection().engagement_p
    found = engagement_of(log2fc, t, df, section.kind, section.direction, level, "arm")
    return found if found.state == "engaged" or section.engagement is None else found._replace(state=section.engagement)


def _pictures(found: Concordance) -> dict[str, pd.DataFrame]:
    grid = found.overlap
    size = len(grid.steps)
    overlap = {"contrast_top": np.repeat(grid.steps, size), "arm_top": np.tile(grid.steps, size)}
    return {
        "perturbation_genes": found.points.rename_axis("gene").reset_index(),
        "perturbation_overlap": pd.DataFrame(overlap | {"signed": grid.signed.ravel()}),
    }
