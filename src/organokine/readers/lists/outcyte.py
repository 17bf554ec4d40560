"""Results of OutCyte 1 and 2 (Zhao et al. 2019, doi 10.1038/s41598-019-55351-z), as written or saved as csv or xlsx.

OutCyte 1 writes sequence, class and score without a header (`NAME_pipeline.txt`), or a commented header of its own for its two
steps; OutCyte 2 writes a csv of one probability per class, and the largest decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.annotation import simple_name
from organokine.readers.base import Count
from organokine.readers.lists.base import ListTable, cells, gene_and_protein, read_cells, scores, statements

if TYPE_CHECKING:
    from organokine.readers.grid import Grid
    from organokine.study_file import ListSection

CLASSES: Mapping[str, str] = {
    "signalpeptide": "signal peptide",
    "ups": "unconventional secretion",
    "transmembrane": "membrane helix at the start",
    "intracellular": "stays inside",
}
"""Classes in the words of the evidence. A helix at the start holds a protein in the membrane, and passes no gate."""

_CLASS_COLUMNS = ("prediction", "classes", "class", "predictedclass")
_STEP_COLUMNS: Mapping[str, str] = {
    "sp": "signalpeptide",
    "tm": "transmembrane",
    "nc": "intracellular",
    "positive": "ups",
    "negative": "intracellular",
}
"""What the two steps of OutCyte 1 call their columns of probabilities."""


def read_outcyte(path: Path, section: ListSection, where: str) -> ListTable:
    """Read a result of OutCyte.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    section : ListSection
        `threshold` is the smallest score of a class that counts; with `route = "predicted"` a class is a route of its own.
    where : str
        What to call it in messages.

    Returns
    -------
    ListTable
        One class per sequence, as route and signal. A result of the step for unconventional secretion alone has not looked for
        signal peptides, and gives no signal.

    Raises
    ------
    DataError
        If no column holds classes or their probabilities, or a word is no class.
    """
    grid = read_cells(path, where, _table)
    gene, protein = gene_and_protein(grid, section, where, ("id", "entry"))
    chances = _chances(grid, where)
    word = cells(grid, "class", None, _CLASS_COLUMNS, where)
    score = scores(cells(grid, "score", section.columns.score, ("score",), where), grid.body.index, "score", where)
    if word is None:
        if len(chances.columns) < 2:
            raise DataError(_no_classes(grid, where))
        word = chances.fillna(-1.0).idxmax(axis="columns").mask(chances.isna().all(axis="columns"), "")
    if len(chances.columns) > 0 and section.columns.score is None:
        score = chances.max(axis="columns")
    kind = word.map(simple_name)
    _refuse_unknown(word[~kind.isin([*CLASSES, ""])], where)
    if section.threshold is not None and score.isna().all():
        why = "Without scores only the program's own call is known"
        what = "a threshold was given, and there is no column of scores"
        raise DataError(Problem(f"{where} threshold", what, why, "Leave threshold out, or name columns.score"))
    called = kind != ""
    kept = called if section.threshold is None else called & (score >= section.threshold)
    looked = not {"ups", "intracellular"}.issuperset(kind[called]) or "signalpeptide" in chances.columns
    rows = statements(gene, protein, _route(kind, section), _signal(kind, looked=looked), score, _text(kind, score))
    counts = [*grid.counts]
    if not kept.all():
        note = "no class, or its score is below the threshold; they say nothing"
        counts.append(Count("rows that do not count", int((~kept).sum()), len(kept), "", note))
    return ListTable(rows[kept.to_numpy()], tuple(counts), (), "OutCyte")


def _table(text: str) -> str:
    """Blanks between cells as tabs, a header without `#`, and a header where there is none."""
    lines = [line for line in text.splitlines() if line.strip() != ""]
    if len(lines) == 0:
        return text
    first = lines[0].lstrip("# ").split()
    if lines[0].startswith("#"):
        return "\n".join(["\t".join(first), *("\t".join(line.split()) for line in lines[1:])])
    if len(first) == 3 and simple_name(first[1]) in CLASSES:
        return "\n".join(["ID\tclass\tscore", *("\t".join(line.split()) for line in lines)])
    return text


def _chances(grid: Grid, where: str) -> pd.DataFrame:
    """Probability of each class that has a column."""
    simple = {name: simple_name(name) for name in grid.header}
    found = {_STEP_COLUMNS.get(simple[name], simple[name]): name for name in grid.header}
    held = {kind: scores(grid.body[found[kind]], grid.body.index, "score", where) for kind in CLASSES if kind in found}
    return pd.DataFrame(held, index=grid.body.index)


def _route(kind: pd.Series, section: ListSection) -> pd.Series:
    routes = {"signalpeptide": "classical", "ups": "unconventional"} if section.route == "predicted" else {}
    return kind.map(lambda name: routes.get(name, ""))


def _signal(kind: pd.Series, *, looked: bool) -> pd.Series:
    words = {"signalpeptide": "peptide", "ups": "none", "intracellular": "none", "transmembrane": "membrane"}
    return kind.map(lambda name: words.get(name, "") if looked else "")


def _text(kind: pd.Series, score: pd.Series) -> pd.Series:
    shown = score.map(lambda value: "" if np.isnan(value) else f" ({value:.2f})")
    leaderless = kind.isin(["ups", "intracellular"])
    said = kind.map(lambda name: CLASSES.get(name, ""))
    return said.where(~leaderless, "no signal peptide, " + said) + shown + " by OutCyte"


def _no_classes(grid: Grid, where: str) -> Problem:
    what = f"no column of classes was found among {first_examples(grid.header, 8)}"
    why = "A result of OutCyte says of each sequence Signal-peptide, UPS, Transmembrane or Intracellular"
    remedy = (
        "Name the file NAME_pipeline.txt of OutCyte 1 or NAME_RESULT.csv of OutCyte 2, or read it as kind = 'routes'"
    )
    return Problem(where, what, why, remedy)


def _refuse_unknown(words: pd.Series, where: str) -> None:
    if len(words) > 0:
        what = f"{len(words)} classes are no word of OutCyte: {first_examples(words.unique())}"
        remedy = (
            "Words are Signal-peptide, UPS, Transmembrane, Intracellular; read a table of your own as kind = 'routes'"
        )
        raise DataError(Problem(where, what, "Whether the protein leaves the cell would be a guess", remedy))
