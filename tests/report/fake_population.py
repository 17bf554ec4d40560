"""Made-up tables of population mode: a few candidates that stand, one like its matched genes, and many of the null."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from organokine.population_tables import POPULATION_TABLES

ORGANS = ("liver", "muscle")
DRAWS = 10_000
RUNGS = ("none", "0", "5", "15")
FDR = 0.1
NULL_MEAN, NULL_SD = 1.0, 0.1
SHARES = np.array([0.0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0])
STANDING = ("Gdf15", "Fgf21", "Angptl4")
"""Stand at every step; the last of them no better than matched genes."""
TOO_FEW = "too_few_individuals"
PATHS = ("HALLMARK_OXIDATIVE_PHOSPHORYLATION", "HALLMARK_MYOGENESIS", "HALLMARK_HYPOXIA")
FACTS = {"individuals": "44 mice with both organs", "statistic": "biweight midcorrelation, covariates taken out"}


def population_tables(
    organs: Sequence[str] = ORGANS,
    *,
    n_genes: int = 60,
    n: int = 44,
    n_leading: int = 6,
    standing: Sequence[str] = STANDING,
    not_scored: Sequence[tuple[str, str]] = (),
) -> dict[str, pd.DataFrame]:
    """All tables, conformed.

    Parameters
    ----------
    organs : sequence of str
        Every ordered pair of them is in the tables.
    n_genes, n, n_leading : int
        Candidates of a pair, individuals, and candidates whose targets are looked at.
    standing : sequence of str
        Candidates that stand, in the first pair alone.
    not_scored : sequence of (str, str)
        Pairs with too few individuals.
    """
    rng = np.random.default_rng(3)
    pairs = list(permutations(organs, 2))
    scored = [pair for pair in pairs if pair not in set(not_scored)]
    first = _one_pair(rng, n_genes, n, n_leading, standing)
    other = _one_pair(rng, n_genes, n, n_leading, ())
    parts: dict[str, list[pd.DataFrame]] = {schema.name: [] for schema in POPULATION_TABLES}
    for pair in scored:
        for name, rows in (first if pair == scored[0] else other).items():
            both = _names(pair) if name == "population" else {"source": pair[0], "target": pair[1]}
            parts[name].append(rows.assign(**both))
    if len(scored) > 0:
        whole = pd.concat(parts["population"], ignore_index=True)
        asked = whole["p"].notna()
        whole.loc[asked, "q"] = stats.false_discovery_control(whole.loc[asked, "p"])
        parts["population"] = [whole]
    parts["population_pairs"] = [_pair_row(pair, parts["population"], n, is_scored=pair in scored) for pair in pairs]
    return {
        schema.name: schema.conform(pd.concat(parts[schema.name], ignore_index=True))
        if len(parts[schema.name]) > 0
        else schema.empty()
        for schema in POPULATION_TABLES
    }


def _one_pair(
    rng: np.random.Generator, n_genes: int, n: int, n_leading: int, standing: Sequence[str]
) -> dict[str, pd.DataFrame]:
    ladder = _ladder(rng, n_genes, standing)
    candidates = _candidates(rng, ladder, n)
    leading = [
        {name: rows.assign(gene=gene) for name, rows in _leading(rng, n).items()}
        for gene in candidates["gene"][:n_leading]
    ]
    return {
        "population_ladder": ladder.assign(n=n),
        "population": candidates,
        "population_null": _null(),
        "population_same_gene": _same_gene(rng, n),
        **{name: pd.concat([each[name] for each in leading]) for name in (leading[0] if n_leading > 0 else {})},
    }


def _names(pair: tuple[str, str]) -> dict[str, str]:
    return {"source": pair[0], "target": pair[1], "source_organ": pair[0], "target_organ": pair[1]}


def _ladder(rng: np.random.Generator, n_genes: int, standing: Sequence[str]) -> pd.DataFrame:
    genes = [*standing, *(f"Gene{place:03d}" for place in range(n_genes - len(standing)))]
    height = np.concatenate([np.linspace(9.0, 5.5, len(standing)), rng.normal(0.0, 1.0, n_genes - len(standing))])
    rows = []
    for step, rung in enumerate(RUNGS):
        z = height * (1.0 - 0.1 * step) + (2.0 if rung == "none" else 0.0) + rng.normal(0, 0.15, n_genes)
        p = np.maximum(stats.norm.sf(z), 1.0 / (1 + DRAWS))
        rows.append(
            pd.DataFrame(
                {
                    "stratum": "all", "rung": rung, "gene": genes, "n_targets": 5000, "score": NULL_MEAN + NULL_SD * z,
                    "score_positive": 0.6 * (NULL_MEAN + NULL_SD * z), "score_negative": 0.4 * (NULL_MEAN + NULL_SD * z),
                    "null_mean": NULL_MEAN, "null_sd": NULL_SD, "p": p, "p_positive": p, "p_negative": np.minimum(1, 3 * p),
                    "p_extrapolated": np.where(p <= 10 / DRAWS, stats.norm.sf(z), np.nan),
                    "p_competitive": np.minimum(1.0, np.maximum(0.0099, p * 20)), "null_name": "complete", "state": "asked",
                }
            )
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _candidates(rng: np.random.Generator, ladder: pd.DataFrame, n: int) -> pd.DataFrame:
    by_rung = {str(rung): rows.set_index("gene") for rung, rows in ladder.groupby("rung")}
    adjusted = pd.concat([by_rung[rung] for rung in RUNGS[1:]]).groupby("gene")
    worst = adjusted[["p", "p_extrapolated", "p_competitive", "p_positive", "p_negative"]].max()
    base = by_rung["0"]
    genes = worst.index
    table = worst.assign(
        n=n, n_targets=5000, route=rng.choice(["classical", "unconventional", "ev_cargo"], len(genes)),
        score_unadjusted=by_rung["none"].loc[genes, "score"], score=base.loc[genes, "score"],
        score_positive=base.loc[genes, "score_positive"], score_negative=base.loc[genes, "score_negative"],
        score_most_adjusted=by_rung["15"].loc[genes, "score"], null_mean=NULL_MEAN, null_sd=NULL_SD,
        z_score=(base.loc[genes, "score"] - NULL_MEAN) / NULL_SD, p_unadjusted=by_rung["none"].loc[genes, "p"],
        z=stats.norm.isf(worst["p"]), within_sex="F 0.012 (n = 22); M 0.0031 (n = 22)", state="asked", flags="",
        same_gene_r=rng.uniform(-0.3, 0.5, len(genes)), protein="",
    ).reset_index()  # fmt: skip
    table.loc[table["gene"] == STANDING[-1], ["p_competitive", "flags"]] = [0.3, "like_matched;same_gene"]
    table["p_extrapolated"] = table["p_extrapolated"].where(table["p"] <= 10 / DRAWS)
    table["q_extrapolated"] = table["p_extrapolated"] * 10
    table = table.sort_values(["p", "z_score"], ascending=[True, False]).reset_index(drop=True)
    table["rank"] = np.arange(1, len(table) + 1)
    lost = {"gene": "Lost1", "route": "classical", "n": 7, "state": "too_few_values", "flags": "", "within_sex": ""}
    return pd.concat([table, pd.DataFrame([lost])], ignore_index=True)


def _null() -> pd.DataFrame:
    value = NULL_MEAN + NULL_SD * stats.norm.ppf(np.clip(SHARES, 1e-4, 1 - 1e-4))
    return pd.concat(
        [
            pd.DataFrame({"stratum": "all", "rung": rung, "null_name": "complete", "share": SHARES, "value": value, "n_draws": DRAWS})
            for rung in RUNGS
        ]
    )  # fmt: skip


def _same_gene(rng: np.random.Generator, n: int) -> pd.DataFrame:
    secreted = np.arange(150) < 40
    r = np.tanh(np.where(secreted, 0.25, 0.0) + rng.normal(0, 1 / np.sqrt(n - 3), 150))
    p = 2 * stats.t.sf(np.abs(r) * np.sqrt((n - 2) / (1 - r**2)), n - 2)
    return pd.DataFrame(
        {
            "gene": [f"Same{place:03d}" for place in range(150)], "route": np.where(secreted, "classical", "intracellular"),
            "secreted": secreted, "n": n, "r": r, "p": p, "q": stats.false_discovery_control(p),
        }
    )  # fmt: skip


def _leading(rng: np.random.Generator, n: int) -> dict[str, pd.DataFrame]:
    """What is known of one leading candidate."""
    r = np.linspace(0.75, 0.4, 20) * rng.choice([-1, 1], 20, p=[0.3, 0.7])
    p = 2 * stats.t.sf(np.abs(r) * np.sqrt((n - 2) / (1 - r**2)), n - 2)
    targets = pd.DataFrame(
        {
            "target_gene": [f"Target{place:02d}" for place in range(1, 21)], "place": np.arange(1, 21), "r": r, "n": n, "p": p,
            "q": np.minimum(1, p * 20), "same_gene": False,
        }
    )  # fmt: skip
    pathways = pd.DataFrame(
        {
            "collection": "hallmark", "set": PATHS, "n_genes": (180, 150, 120), "mean_r": (0.31, 0.12, -0.08),
            "other_mean_r": 0.02, "r": (0.5, 0.2, -0.15), "p": (0.0005, 0.19, 0.33), "q": (0.0015, 0.28, 0.33),
        }
    )  # fmt: skip
    traits = pd.DataFrame(
        {
            "trait": ("insulin", "body weight"), "n": n, "module_genes": 20, "module_r": 0.7, "trait_r": (0.48, 0.1),
            "trait_p": (0.001, 0.52), "candidate_r": (0.4, 0.05), "candidate_p": (0.007, 0.75), "given_module_r": (0.1, -0.02),
            "p": (0.001, 0.52), "q": (0.002, 0.52), "state": "asked",
        }
    )  # fmt: skip
    level = rng.normal(0, 1, n)
    individuals = pd.DataFrame(
        {
            "subject": [f"m{place:03d}" for place in range(n)], "sex": np.where(np.arange(n) % 2 == 0, "F", "M"),
            "group": np.where(np.arange(n) < n // 2, "young", "old"), "candidate": level,
            "module": 0.7 * level + rng.normal(0, 0.7, n),
        }
    )  # fmt: skip
    return {
        "population_targets": targets, "population_pathways": pathways, "population_traits": traits,
        "population_individuals": individuals,
    }  # fmt: skip


def _pair_row(pair: tuple[str, str], candidates: list[pd.DataFrame], n: int, *, is_scored: bool) -> pd.DataFrame:
    row: dict[str, Any] = _names(pair) | {
        "n": n if is_scored else 7, "n_source_only": 2, "n_target_only": 1, "strata": "F 22; M 22", "adjusted_for": "sex;age",
        "state": "asked" if is_scored else TOO_FEW, "note": "",
    }  # fmt: skip
    if is_scored:
        own = candidates[0]
        own = own[(own["source"] == pair[0]) & (own["target"] == pair[1]) & (own["state"] == "asked")]
        found = own[own["q"] <= FDR]
        n_tests = int(candidates[0]["p"].notna().sum())
        row |= {
            "factors": "0;5;15", "factors_left_out": "", "n_candidates": len(own), "n_not_scored": 1, "n_background": 3000,
            "n_targets": 5000, "n_targets_left_out": 12, "n_significant": len(found),
            "n_specific": int((~found["flags"].str.contains("like_matched")).sum()), "smallest_q": min(1.0, n_tests / (1 + DRAWS)),
            "draws_for_one": int(np.ceil(n_tests / FDR)),
            "same_gene_secreted": 0.24, "same_gene_secreted_p": 0.0002, "same_gene_other": 0.01, "same_gene_other_p": 0.4,
            "same_gene_difference_p": 0.0009,
        }  # fmt: skip
    return pd.DataFrame([row])


def hostile(tables: dict[str, pd.DataFrame], evil: str) -> dict[str, pd.DataFrame]:
    """The same tables with an evil text before whatever a user or a file of references may name."""
    columns = {
        "source", "target", "source_organ", "target_organ", "gene", "protein", "route", "within_sex", "strata", "adjusted_for", "note",
        "target_gene", "collection", "set", "trait", "subject", "sex", "group",
    }  # fmt: skip
    return {
        name: table.assign(**{column: evil + table[column] for column in columns & set(table.columns)})
        for name, table in tables.items()
    }
