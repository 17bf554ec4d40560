"""Known truth: an E. coli proteome spiked into human cells at five levels, all ten pairs of levels.

    python benchmarks/spike_in.py FOLDER

FOLDER holds `protein_log2_lfq.tsv.gz` (proteins x 20 samples a1 .. e4, log2, empty not measured) and `ecoli_accessions.txt`: the
MaxLFQ table of Shen et al. 2018 (doi 10.1073/pnas.1800541115) as re-analysed with MSqRobSum (Sticker et al. 2020,
doi 10.1074/mcp.RA119.001624). Every E. coli protein is changed in every pair, no human one is. Printed is the mean over the ten
pairs, of all 3,550 proteins: one that could not be tested is a miss. FDP is the share of human proteins among those with
q < 0.05, TPR the share of E. coli proteins found, partial AUC the mean TPR over false positive rates up to 0.1.
"""

from __future__ import annotations

import argparse
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

import organokine as ok

LEVELS = "abcde"
CALLED = 0.05
LARGEST_FALSE_POSITIVE_RATE = 0.1
VARIANTS: dict[str, dict[str, object]] = {
    "default": {},
    "order of p (Benjamini-Hochberg)": {"multiple_testing": "bh"},
    "Storey q": {"multiple_testing": "storey"},
    "no normalisation": {"normalise": "none"},
    "median normalisation": {"normalise": "median"},
    "cyclic loess": {"normalise": "cyclic_loess"},
    "prior without trend": {"trend": False},
    "not robust": {"robust": False},
}
PUBLISHED = {
    "msqrobsum on the same table": (0.036, 0.646, 0.725),
    "limma trend, no imputation": (0.036, 0.622, 0.703),
    "DEP, mixed imputation": (0.047, 0.549, 0.690),
    "Perseus": (0.043, 0.520, 0.667),
}
"""Mean FDP, TPR and partial AUC of the same ten pairs and table."""


class SpikeIn(NamedTuple):
    """Values (proteins x samples, log2), samples, and which proteins are changed."""

    values: pd.DataFrame
    samples: pd.DataFrame
    changed: np.ndarray


class Score(NamedTuple):
    """One pair of levels."""

    fdp: float
    tpr: float
    partial_auc: float
    called: int
    tested: int


def read(folder: Path) -> SpikeIn:
    values = pd.read_csv(folder / "protein_log2_lfq.tsv.gz", sep="\t", index_col=0)
    values = values.where(values != 0)
    spiked = set((folder / "ecoli_accessions.txt").read_text(encoding="utf-8").split())
    changed = np.array([not spiked.isdisjoint(name.split(";")) for name in values.index])
    samples = pd.DataFrame({"sample": values.columns, "level": values.columns.str[0]})
    return SpikeIn(values, samples, changed)


def partial_auc(p: np.ndarray, changed: np.ndarray) -> float:
    """Mean share of changed features found over false positive rates up to the largest; what was not tested is never found."""
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    last_of_equals = np.append(np.diff(p[order]) > 0, True)
    found = np.append(0.0, np.cumsum(changed[order])[last_of_equals] / changed.sum())
    false = np.append(0.0, np.cumsum(~changed[order])[last_of_equals] / (~changed).sum())
    end = LARGEST_FALSE_POSITIVE_RATE
    x, y = np.append(false[false < end], end), np.append(found[false < end], np.interp(end, false, found))
    return float(np.trapezoid(y, x) / end)


def pairs(data: SpikeIn, **options: object) -> list[Score]:
    """All pairs of levels, each compared as a user would compare it, with the same options."""
    scores = []
    for low, high in combinations(LEVELS, 2):
        table = ok.differential(data.values, data.samples, factor="level", case=high, control=low, **options)
        called = (table["q"] < CALLED).to_numpy()
        ordered = table["discovery_p"].where(table["discovery_p"].notna(), table["p"]).to_numpy()
        scores.append(
            Score(
                fdp=float((called & ~data.changed).sum() / max(called.sum(), 1)),
                tpr=float((called & data.changed).sum() / data.changed.sum()),
                partial_auc=partial_auc(ordered, data.changed),
                called=int(called.sum()),
                tested=int(table["p"].notna().sum()),
            )
        )
    return scores


def largest_fdp(scores: list[Score]) -> float:
    """The level plus two standard errors of a mean of ten independent binomial shares."""
    variance = [CALLED * (1 - CALLED) / score.called for score in scores]
    return CALLED + 2 * float(np.sqrt(np.sum(variance)) / len(scores))


def row(name: str, scores: list[Score]) -> str:
    mean = Score(*np.mean(scores, axis=0))
    worst = max(score.fdp for score in scores)
    return f"| {name} | {mean.fdp:.3f} ({worst:.3f}) | {mean.tpr:.3f} | {mean.partial_auc:.3f} | {mean.tested:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the two files are")
    data = read(parser.parse_args().folder)
    print("| method | FDP (largest) | TPR | partial AUC | tested |\n|---|---|---|---|---|")
    with threadpool_limits(1):
        for name, options in VARIANTS.items():
            scores = pairs(data, **options)
            print(row(name, scores), flush=True)
            if name == "default":
                bound = largest_fdp(scores)
    for name, (fdp, tpr, area) in PUBLISHED.items():
        print(f"| {name} (published) | {fdp:.3f} | {tpr:.3f} | {area:.3f} | |")
    print(f"\nNominal FDP plus two standard errors of the mean: {bound:.3f}.")


if __name__ == "__main__":
    main()
