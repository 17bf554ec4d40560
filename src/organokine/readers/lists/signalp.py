"""Results of SignalP 5 (`NAME_summary.signalp5`) and 6 (`prediction_results.txt`), as written or saved as csv or xlsx.

SignalP 6 gives each sequence the type with the highest probability (Teufel et al. 2022, doi 10.1038/s41587-021-01156-3), SignalP 5
likewise (Almagro Armenteros et al. 2019, doi 10.1038/s41587-019-0036-z); that call is taken unless the study file gives a
threshold. Sequences are told apart by the header they had in the FASTA file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count, Remark
from organokine.readers.lists.base import ListTable, cells, gene_and_protein, read_cells, scores, statements

if TYPE_CHECKING:
    from organokine.readers.grid import Grid
    from organokine.study_file import ListSection

NONE = ("OTHER", "NO_SP")
"""No signal peptide; the first release of SignalP 6 wrote `NO_SP`."""
PEPTIDE = ("SP", "LIPO", "TAT", "TATLIPO", "PILIN")
"""Types of signal peptides; animals have the first only. Run for eukaryotes, SignalP 6 adds the others to it."""

_HEADER = re.compile(r"#?\s*ID\tPrediction\t", re.IGNORECASE)
_PROGRAM = re.compile(r"#\s*(SignalP-[0-9][\w.]*)(?:\s+Organism:\s*(\S+))?")
_TYPE_OF_COLUMN = re.compile(r"(SP|LIPO|TAT|TATLIPO|PILIN) ?\((?:Sec|Tat)/.*\)")
_EUKARYOTES = ("euk", "eukarya")


def read_signalp(path: Path, section: ListSection, where: str) -> ListTable:
    """Read a result of SignalP.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    section : ListSection
        `threshold` is the smallest probability of a signal peptide that counts as one; with `route = "predicted"` a signal peptide
        is a route of its own.
    where : str
        What to call it in messages.

    Returns
    -------
    ListTable
        A signal peptide, or none, per sequence.

    Raises
    ------
    DataError
        If the file is of another program or release, lacks the column of predictions, or holds words that are none.
    """
    met: list[tuple[str, str]] = []
    grid = read_cells(path, where, lambda text: _table(text, where, met))
    word = cells(grid, "prediction", None, ("prediction",), where)
    if word is None:
        raise DataError(_no_result(grid, where))
    gene, protein = gene_and_protein(grid, section, where, ("id",))
    kind = word.str.split("(").str[0].str.strip().str.upper()
    _refuse_unknown(word[~kind.isin([*NONE, *PEPTIDE, ""])], where)
    chance = _probability(grid, where)
    if section.threshold is not None and chance.isna().all():
        what = "a threshold was given, and there is no column of probabilities such as 'SP(Sec/SPI)'"
        why = "Without them only the program's own call is known"
        raise DataError(Problem(f"{where} threshold", what, why, "Leave threshold out"))
    has_peptide = kind.isin(PEPTIDE) if section.threshold is None else chance >= section.threshold
    called = (kind != "") if section.threshold is None else chance.notna()
    signal = pd.Series(np.select([~called, has_peptide], ["", "peptide"], "none"), index=kind.index, dtype=object)
    route = pd.Series("", index=kind.index, dtype=object)
    if section.route == "predicted":
        route = route.mask(signal == "peptide", "classical")
    program = met[0][0] if len(met) > 0 else ""
    shown = chance.map(lambda share: "" if np.isnan(share) else f" ({share:.2f})")
    text = signal.map({"peptide": "signal peptide", "none": "no signal peptide", "": ""}) + shown
    text = text + f" by {program if program != '' else 'SignalP'}"
    rows = statements(gene, protein, route, signal, chance, text)
    counts = [*grid.counts, *_counts(kind, called)]
    return ListTable(rows[rows["signal"] != ""], tuple(counts), _remarks(met, kind, section), program)


def _table(text: str, where: str, met: list[tuple[str, str]]) -> str:
    """The table in a result: its header without `#`, and results that were joined end to end as one.

    The last column is the cleavage site, and lines without one may end before it; shorter lines are left as they are, to be
    counted as such.
    """
    lines = text.splitlines()
    met.extend((found[1], found[2] or "") for line in lines if (found := _PROGRAM.match(line)) is not None)
    old = next((program for program, _ in met if not program.startswith(("SignalP-5", "SignalP-6"))), None)
    if old is not None:
        remedy = "Run SignalP 6, or make a table of genes and routes and read it as kind = 'routes'"
        raise DataError(
            Problem(where, f"it is a result of {old}", "Results of SignalP 5 and 6 are read, others differ", remedy)
        )
    header = next((line for line in lines if _HEADER.match(line) is not None), None)
    if header is None:
        return text
    width = header.count("\t")
    body = [line + "\t" * (line.count("\t") == width - 1) for line in lines if line.strip() != "" and line[0] != "#"]
    names = header.lstrip("# ")
    return "\n".join([names, *(line for line in body if line.rstrip("\t") != names)])


def _probability(grid: Grid, where: str) -> pd.Series:
    """Probability of a signal peptide of any type; NaN where no column holds it."""
    columns = [name for name in grid.header if _TYPE_OF_COLUMN.fullmatch(name) is not None]
    parts = [scores(grid.body[name], grid.body.index, "threshold", where) for name in columns]
    if len(parts) == 0:
        return pd.Series(np.nan, index=grid.body.index)
    return pd.concat(parts, axis="columns").sum(axis="columns", min_count=1)


def _no_result(grid: Grid, where: str) -> Problem:
    what = f"there is no column 'Prediction' among {first_examples(grid.header, 8)}"
    why = "A result of SignalP says there which sequence has a signal peptide"
    remedy = "Name the file prediction_results.txt of SignalP 6 or NAME_summary.signalp5 of SignalP 5, not the gff3 or the fasta"
    return Problem(where, what, why, remedy)


def _refuse_unknown(words: pd.Series, where: str) -> None:
    if len(words) > 0:
        what = f"{len(words)} predictions are no word of SignalP: {first_examples(words.unique())}"
        raise DataError(
            Problem(
                f"{where} Prediction",
                what,
                "Whether there is a signal peptide would be a guess",
                f"Words are {', '.join((*NONE, *PEPTIDE))}; read a table of your own as kind = 'routes'",
            )
        )


def _counts(kind: pd.Series, called: pd.Series) -> list[Count]:
    if called.all():
        return []
    return [Count("rows without a prediction", int((~called).sum()), len(kind), "", "they say nothing")]


def _remarks(met: list[tuple[str, str]], kind: pd.Series, section: ListSection) -> tuple[Remark, ...]:
    others = sorted({organism for _, organism in met if organism != "" and organism.lower() not in _EUKARYOTES})
    bacterial = kind[kind.isin(PEPTIDE[1:])]
    if len(others) == 0 and len(bacterial) == 0:
        return ()
    run = f"run for {first_examples(others)}" if len(others) > 0 else f"{len(bacterial)} types that animals do not have"
    detail = f"the list {section.name!r} of SignalP was not made for eukaryotes ({run}): run it again for Eukarya"
    return (Remark("study", section.name, "signalp_not_for_eukaryotes", detail),)
