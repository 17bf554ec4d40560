"""Calibration and power of population mode on simulated populations: docs/population-figures.md.

python benchmarks/population.py [--studies 60] [--workers 2]

Every row is a share of candidates over simulated populations of two organs, 200 genes each, 15 % of them secreted, whose
genes go together by ten factors within each organ, differ between the sexes and change with age. `none` takes nothing out,
`0`, `5` and `15` take out sex, age and so many hidden factors; `all steps` is the p of the claim; `matched` is the
comparison with genes without a secretion route, by the claim's rule.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from organokine.parallel import map_items
from organokine.population.cell import run_cell
from organokine.population.cohort import Cell
from tests.population.cohorts import small_cohort

RUNGS = ("none", "0", "5", "15")
LEVEL = 0.05
FDR = 0.1
NULLS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "40 individuals, bicor": ({}, {}),
    "Pearson": ({"statistic": "pearson"}, {}),
    "Spearman": ({"statistic": "spearman"}, {}),
    "10 % of the values missing": ({}, {"missing": 0.1}),
    "30 individuals": ({"minimum_df": 8}, {"n_individuals": 30}),
    "100 individuals": ({}, {"n_individuals": 100}),
}
NUISANCE = (0.0, 0.2, 0.3, 0.4, 0.6, 0.8)
MESSAGES = [(n, strength) for n in (30, 60, 120) for strength in (0.3, 0.5, 0.7)]


def one_study(seed: int, settings: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Shares of the candidates of one population at or below the level, and the null's spread."""
    cohort = small_cohort(seed, settings, **{"n_genes": 200, "secreted_share": 0.15, "same_gene": 0.0, **options})
    with threadpool_limits(limits=1):
        tables = {rung: run_cell(cohort, Cell("muscle", "fat", "all", rung)).ladder.set_index("gene") for rung in RUNGS}
    found: dict[str, Any] = {rung: float((table["p"] <= LEVEL).mean()) for rung, table in tables.items()}
    claim = pd.concat([tables[rung][["p", "p_competitive"]] for rung in RUNGS[1:]]).groupby(level=0).max()
    found["all steps"] = float((claim["p"] <= LEVEL).mean())
    found["matched, 0"] = float((tables["0"]["p_competitive"] <= LEVEL).mean())
    found["matched, all steps"] = float((claim["p_competitive"] <= LEVEL).mean())
    found["null sd"] = float(tables["0"]["null_sd"].iloc[0])
    for gene in cohort.traits.attrs["messengers"]:
        found["found"] = float(claim.loc[gene, "p"] <= FDR / len(claim))
        found["specific"] = float(claim.loc[gene, "p_competitive"] <= LEVEL)
    return found


def row(name: str, settings: dict[str, Any], options: dict[str, Any], asked: argparse.Namespace) -> pd.Series:
    """Means over the studies of one setting."""
    run = partial(one_study, settings=settings, options=options)
    return pd.DataFrame(map_items(run, range(asked.studies), asked.workers)).mean().rename(name)


def show(title: str, rows: list[pd.Series], columns: list[str]) -> None:
    """Print a table in Markdown."""
    print(f"\n### {title}\n\n| | {' | '.join(columns)} |\n|---{'|---' * len(columns)}|")
    for each in rows:
        print(f"| {each.name} | {' | '.join(f'{each[column]:.3f}' for column in columns)} |", flush=True)


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    steps = [*RUNGS, "all steps", "matched, 0", "matched, all steps"]
    nulls = [row(name, settings, options, asked) for name, (settings, options) in NULLS.items()]
    show("No message", nulls, [*steps, "null sd"])
    curve = [row(f"loading {loading}", {}, {"nuisance": loading}, asked) for loading in NUISANCE]
    show("No message, a nuisance that both organs share", curve, steps)
    planted = [
        row(
            f"{n} individuals, r = {r}",
            {"minimum_df": 8},
            {"n_individuals": n, "strength": r, "messages": (("muscle", "fat"),)},
            asked,
        )
        for n, r in MESSAGES
    ]
    show("One message", planted, ["found", "specific"])
    print(
        f"\n{asked.studies} studies a row; standard error of a share of .05 over independent studies {np.sqrt(0.0475 / asked.studies / 30):.3f}"
    )


if __name__ == "__main__":
    main()
