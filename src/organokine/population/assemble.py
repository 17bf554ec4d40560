"""From cells to tables: one row per candidate that stands at every step of adjustment, and what its pair says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.population.cell import ASKED, OWN, OWN_BY_PEARSON
from organokine.population.cohort import ALL, UNADJUSTED, Cell, CellResult, Cohort, Pair
from organokine.population.leading import lead
from organokine.population.matching import LIKE_MATCHED_P
from organokine.population.plan import Plan, enough_draws
from organokine.population_tables import (
    POPULATION,
    POPULATION_LADDER,
    POPULATION_NULL,
    POPULATION_PAIRS,
    POPULATION_TABLES,
)

if TYPE_CHECKING:
    from organokine.references.signatures import SignatureSet
    from organokine.table_schema import Table

WITHIN_SEX_P = 0.05
"""A candidate that stands in all individuals and in neither sex at this level is flagged."""
SAME_GENE_P = 0.01
"""The gene follows itself in the target at this level: a variant active in both organs would do that, too."""


def assemble(
    cohort: Cohort, planned: Plan, results: Mapping[Cell, CellResult], collections: Sequence[SignatureSet] = ()
) -> dict[str, pd.DataFrame]:
    """Put the cells together.

    Parameters
    ----------
    cohort : Cohort
        The population.
    planned : Plan
        Its pairs and cells.
    results : mapping of Cell to CellResult
        One for every cell of the plan.
    collections : sequence of SignatureSet
        Gene sets for the targets of leading candidates.

    Returns
    -------
    dict of str to pandas.DataFrame
        Every table of population mode by name.
    """
    cells = [results[cell] for cell in planned.cells]
    ladder = _joined([each.ladder for each in cells], POPULATION_LADDER)
    null = _joined([each.null for each in cells], POPULATION_NULL)
    headline = _headline(cohort, ladder)
    reach = _reach(cohort, headline)
    found: dict[str, list[pd.DataFrame]] = {}
    pairs = []
    places = headline.groupby(["source", "target"], sort=False).indices
    for _, row in planned.pairs.iterrows():
        pair = Pair(row["source"], row["target"])
        own = headline.iloc[places.get(tuple(pair), [])]
        if row["state"] != ASKED:
            pairs.append(row.to_dict())
            continue
        ahead = lead(cohort, pair, own, collections)
        for name, table in ahead.tables.items():
            found.setdefault(name, []).append(table)
        headline.loc[own.index, ["same_gene_r", "same_gene_p"]] = _same_gene(own, ahead.tables["population_same_gene"])
        pairs.append(row.to_dict() | _counts(cohort, own) | reach | ahead.summary)
    headline["flags"] = _flags(headline, ladder)
    tables = {
        "population": POPULATION.conform(headline.drop(columns=["same_gene_p"])),
        "population_ladder": ladder,
        "population_null": null,
        "population_pairs": POPULATION_PAIRS.conform(pd.DataFrame(pairs, columns=POPULATION_PAIRS.names())),
    }
    return tables | {
        table.name: table.conform(pd.concat(found[table.name], ignore_index=True))
        if table.name in found
        else table.empty()
        for table in POPULATION_TABLES
        if table.name not in tables
    }


def _joined(parts: Sequence[pd.DataFrame], schema: Table) -> pd.DataFrame:
    full = [part for part in parts if len(part) > 0]
    return schema.empty() if len(full) == 0 else schema.conform(pd.concat(full, ignore_index=True))


def _headline(cohort: Cohort, ladder: pd.DataFrame) -> pd.DataFrame:
    """One row per candidate: the smallest number of factors for the scores, the largest p over all for the claim."""
    key = ["source", "target", "gene"]
    whole = ladder[ladder["stratum"] == ALL]
    adjusted = whole[whole["rung"] != UNADJUSTED]
    adjusted = adjusted.assign(step=adjusted["rung"].astype(int), tail=adjusted["p_extrapolated"].fillna(adjusted["p"]))
    by_gene = adjusted.sort_values("step", kind="stable").groupby(key, sort=False)
    first, last = by_gene.nth(0).set_index(key), by_gene.nth(-1).set_index(key)
    before = whole[whole["rung"] == UNADJUSTED].set_index(key)
    # NaN at any step is NaN for the claim: a candidate that could not be scored there does not stand there.
    claims = ["p", "p_positive", "p_negative", "p_competitive", "tail"]
    largest = adjusted[claims].fillna(np.inf).groupby([adjusted[name] for name in key], sort=False).max()
    worst = largest.where(np.isfinite(largest))
    found = first[
        ["n", "n_targets", "score", "score_positive", "score_negative", "null_mean", "null_sd", "state"]
    ].join(worst)
    found["score_unadjusted"], found["p_unadjusted"] = before["score"], before["p"]
    found["score_most_adjusted"] = last["score"]
    found["z_score"] = (found["score"] - found["null_mean"]) / found["null_sd"]
    unscored = found["p"].isna() & (found["state"] == ASKED)
    found.loc[unscored, "state"] = "not_scored_at_every_step"
    # A score below every draw has p = 1, whose deviate is not finite; it is taken for the largest p below.
    most = cohort.options.permutations / (cohort.options.permutations + 1)
    found["z"] = -special.ndtri(np.minimum(found["p"].to_numpy(dtype=float), most))
    found["q"] = benjamini_hochberg(found["p"].to_numpy(dtype=float))
    found["q_extrapolated"] = benjamini_hochberg(found["tail"].to_numpy(dtype=float))
    found["p_extrapolated"] = found["tail"].where(found["tail"] < found["p"])
    found["within_sex"] = _within_sex(ladder, pd.MultiIndex.from_frame(found.index.to_frame()))
    found = found.drop(columns=["tail"]).reset_index()
    return _described(cohort, found)


def _described(cohort: Cohort, found: pd.DataFrame) -> pd.DataFrame:
    """Organs, accessions, routes and places added, best first within each pair."""
    matrices = cohort.matrices
    for side in ("source", "target"):
        found[f"{side}_organ"] = [matrices[name].organ for name in found[side]]
    accession = {name: dict(zip(matrix.genes, matrix.proteins, strict=True)) for name, matrix in matrices.items()}
    found["protein"] = [accession[name][gene] for name, gene in zip(found["source"], found["gene"], strict=True)]
    found["route"] = cohort.routes["route"].reindex(found["gene"]).to_numpy()
    order = {name: place for place, name in enumerate(matrices)}
    places = found.assign(_source=found["source"].map(order), _target=found["target"].map(order), _z=-found["z_score"])
    found = found.loc[places.sort_values(["_source", "_target", "p", "_z", "gene"], kind="stable").index]
    found = found.reset_index(drop=True)
    scored = found["p"].notna()
    found["rank"] = (scored.groupby([found["source"], found["target"]]).cumsum()).where(scored).astype("Int64")
    found["same_gene_r"] = found["same_gene_p"] = np.nan
    return found


def _within_sex(ladder: pd.DataFrame, wanted: pd.MultiIndex) -> list[str]:
    key = ["source", "target", "gene"]
    own = ladder[(ladder["stratum"] != ALL) & ladder["p"].notna()]
    said = own["stratum"] + " p = " + own["p"].map(_short) + " (n = " + own["n"].astype(str) + ")"
    words = said.groupby([own[name] for name in key], sort=False).agg(_sentence)
    return [str(text) for text in words.reindex(wanted).fillna("not scored within sex")]


def _short(p: float) -> str:
    return f"{p:.2g}"


def _sentence(parts: pd.Series) -> str:
    return "; ".join(parts)


def _same_gene(rows: pd.DataFrame, same: pd.DataFrame) -> np.ndarray:
    by_gene = same.set_index("gene")[["r", "p"]]
    return by_gene.reindex(rows["gene"]).to_numpy(dtype=float)


def _flags(headline: pd.DataFrame, ladder: pd.DataFrame) -> list[str]:
    key = ["source", "target", "gene"]
    names = pd.MultiIndex.from_frame(headline[key])
    own = ladder[
        (ladder["stratum"] == ALL) & (ladder["rung"] != UNADJUSTED) & ladder["null_name"].isin((OWN, OWN_BY_PEARSON))
    ]
    by_pearson = own[own["null_name"] == OWN_BY_PEARSON]
    smallest = ladder[ladder["stratum"] != ALL].groupby(key)["p"].min().reindex(names).to_numpy(dtype=float)
    stands = (headline["p"] <= WITHIN_SEX_P).to_numpy(dtype=bool)
    remarks = {
        "same_gene": (headline["same_gene_p"] <= SAME_GENE_P).to_numpy(dtype=bool),
        "like_matched": (headline["p_competitive"] > LIKE_MATCHED_P).to_numpy(dtype=bool),
        "not_within_sex": stands & (smallest > WITHIN_SEX_P),
        "own_null": names.isin(pd.MultiIndex.from_frame(own[key])),
        "pearson": names.isin(pd.MultiIndex.from_frame(by_pearson[key])),
    }
    return [";".join(name for name, marked in remarks.items() if marked[i]) for i in range(len(headline))]


def _counts(cohort: Cohort, own: pd.DataFrame) -> dict[str, object]:
    scored = own["p"].notna()
    significant = (own["q"] <= cohort.fdr) & scored
    specific = significant & (own["p_competitive"] <= LIKE_MATCHED_P)
    return {
        "n_candidates": int(scored.sum()),
        "n_not_scored": int((~scored).sum()),
        "n_significant": int(significant.sum()),
        "n_specific": int(specific.sum()),
    }


def _reach(cohort: Cohort, headline: pd.DataFrame) -> dict[str, object]:
    """What one candidate alone could reach: with m tests and B draws, q = m / (B + 1)."""
    n_tests = int(headline["p"].notna().sum())
    draws = enough_draws(cohort)
    return {
        "smallest_q": min(1.0, n_tests / (draws + 1)) if n_tests > 0 else np.nan,
        "draws_for_one": int(np.ceil(n_tests / cohort.fdr)) - 1 if n_tests > 0 else pd.NA,
    }
