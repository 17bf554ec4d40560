"""Which genes a simulated study has, where each is found, and what is planted in it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.references import load_references

if TYPE_CHECKING:
    from organokine.simulate.options import Options

LEADERLESS, CLASSICAL = "Anxa2", "Gdf15"
MEDIATORS = (LEADERLESS, CLASSICAL)
SOURCE_DECOY, TARGET_DECOY = "Igf1", "Apod"
PLANTED = (*MEDIATORS, SOURCE_DECOY, TARGET_DECOY)
BLOOD = (
    "Alb", "Trf", "Hba-a1", "Hbb-bs", "Hpx", "Apoa1", "Hp", "Igkc", "Ighm", "Ighg1", "Ighg2b", "Ighg2c", "Iglc2", "Serpina1a",
    "Serpina1b", "Serpinc1", "Apoh", "Fga", "Fgb", "Fgg", "Pzp", "Gc", "Ahsg", "Ambp", "Kng1", "Plg", "Hrg", "Vtn", "Itih4",
    "Apoa4",
)  # fmt: skip
"""Proteins of mouse plasma and red cells that reach other organs with the blood left in them, the most abundant first."""
HAEMOGLOBIN = ("Hba-a1", "Hbb-bs")


class Symbols(NamedTuple):
    """Symbols to draw from: ordinary genes, and those of them whose protein is secreted."""

    ordinary: tuple[str, ...]
    secreted: tuple[str, ...]


@cache
def mouse_symbols() -> Symbols:
    """Official mouse symbols of genes with a known secretion route, without blood panels and planted genes."""
    references = load_references("mouse")
    left_out = {*references.panels()["gene"], *PLANTED, *BLOOD}
    known = references.route_table
    ordinary = [gene for gene in known["gene"] if gene not in left_out]
    secreted = set(known.loc[known["route"] == "classical", "gene"])
    return Symbols(tuple(ordinary), tuple(gene for gene in ordinary if gene in secreted))


@cache
def intracellular_symbols() -> tuple[str, ...]:
    """Official mouse symbols of genes whose protein stays inside, likewise."""
    known = load_references("mouse").route_table
    inside = set(known.loc[known["route"] == "intracellular", "gene"])
    return tuple(gene for gene in mouse_symbols().ordinary if gene in inside)


def gene_table(options: Options, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the genes of a study.

    Parameters
    ----------
    options : Options
        Sizes, and symbols to draw from.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    pandas.DataFrame
        Index gene. `blood` (bool); for both organs `<role>_rna` and `<role>_protein` (bool: is in the table of the assay)
        and `<role>_level` (float: abundance in standard deviations, of transcript and protein in common); `plasma` (bool)
        and `plasma_level`.

    Raises
    ------
    ValueError
        If more genes are asked for than there are symbols.
    """
    pool = mouse_symbols() if options.genes is None else _own_symbols(options.genes)
    n_own = round(options.n_genes * (1 - options.shared_genes))
    n_drawn = options.n_genes + n_own - len(PLANTED)
    if n_drawn > len(pool.ordinary):
        message = f"{n_drawn} genes are needed and {len(pool.ordinary)} symbols are known"
        raise ValueError(message)
    drawn = rng.choice(np.array(pool.ordinary, dtype=object), n_drawn, replace=False)
    index = pd.Index([*PLANTED, *BLOOD, *drawn], dtype=object, name="gene")
    table = pd.DataFrame({"blood": index.isin(BLOOD)}, index=index)
    common = rng.normal(size=len(index))
    # Some proteins give good peptides and others do not, whatever the organ.
    detectable = rng.normal(size=len(index))
    ordinary = np.arange(len(PLANTED) + len(BLOOD), len(index))
    own = {"source": ordinary[len(ordinary) - 2 * n_own :][:n_own], "target": ordinary[len(ordinary) - n_own :]}
    for role, other in (("source", "target"), ("target", "source")):
        present = np.ones(len(index), dtype=bool)
        present[own[other]] = False
        level = np.sqrt(0.6) * common + np.sqrt(0.4) * rng.normal(size=len(index))
        level[: len(PLANTED)] = options.mediator_level
        # Blood in an organ thins out from albumin to the rarer plasma proteins.
        level[table["blood"]] = np.linspace(2.0, -0.5, len(BLOOD))
        table[f"{role}_rna"] = present
        table[f"{role}_level"] = level
        table[f"{role}_protein"] = (
            _chosen(present & ~table["blood"].to_numpy(), level + detectable, options) | table["blood"]
        )
    secreted = table.index.isin(pool.secreted)
    others = np.flatnonzero(secreted & (table["source_rna"] | table["target_rna"]).to_numpy())
    n_others = min(len(others), max(options.n_plasma - len(PLANTED) - len(BLOOD), 0))
    in_plasma = table["blood"].to_numpy() | table.index.isin(PLANTED)
    in_plasma[rng.choice(others, n_others, replace=False)] = True
    table["plasma"] = in_plasma
    table["plasma_level"] = np.where(table["blood"], table["source_level"] + 1.0, rng.normal(size=len(index)))
    table.loc[list(PLANTED), "plasma_level"] = 0.0
    return table


def _own_symbols(genes: tuple[str, ...]) -> Symbols:
    ordinary = tuple(gene for gene in dict.fromkeys(genes) if gene not in {*PLANTED, *BLOOD})
    secreted = set(mouse_symbols().secreted)
    return Symbols(ordinary, tuple(gene for gene in ordinary if gene in secreted))


def _chosen(present: np.ndarray, chance: np.ndarray, options: Options) -> np.ndarray:
    """The transcripts whose protein is seen: the planted ones, and those with the best chance."""
    order = np.where(present, chance, -np.inf)
    order[: len(PLANTED)] = np.inf
    chosen = np.zeros(len(order), dtype=bool)
    chosen[np.argsort(-order, kind="stable")[: max(options.n_proteins - len(BLOOD), len(PLANTED))]] = True
    return np.asarray(chosen & present)
