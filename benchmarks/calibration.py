"""How often the whole chain claims a mediator where there is none, and finds the planted ones where there are.

    python benchmarks/calibration.py --studies 100 > docs/calibration.md

Each study is simulated, assembled and run through every stage in memory. A null study counts if any candidate reaches tier 2 or
above; the interval is the exact binomial one (Clopper and Pearson 1934, doi 10.1093/biomet/26.4.404).
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from scipy import stats

from organokine import pipeline
from organokine.references import load_references
from organokine.simulate import simulate_tables
from organokine.study import assemble_study

NULLS = {
    "global_null": "nothing changes",
    "source_only": "30 % of the source changes, nothing else",
    "target_only": "30 % of the target changes, nothing else",
}
GROUP_SIZES = (3, 4, 6)
NUISANCES = (0.5, 1.0)
SMALL = {"n_genes": 1000, "n_proteins": 500, "n_plasma": 60}
PLANTED = ("Anxa2", "Gdf15")


def tiers_of(seed: int, **options: object) -> dict[str, int]:
    """Tier of every candidate of one simulated study."""
    simulated = simulate_tables(seed, **SMALL, **options)
    study = assemble_study(simulated.file, simulated.tables, simulated.samples)
    mediators = pipeline.run(study, references=load_references("mouse")).mediators
    return dict(zip(mediators["gene"], mediators["tier"].astype(int), strict=True))


def interval(hits: int, n: int) -> str:
    """Share with its 95 % interval."""
    found = stats.binomtest(hits, n).proportion_ci(0.95, "exact")
    return f"{hits / n:.2f} ({found.low:.2f}-{found.high:.2f})"


def claims_share(pool: ProcessPoolExecutor, n_studies: int, **options: object) -> str:
    """Share of studies with any candidate at tier 2 or above."""
    hits = sum(max(tiers.values()) >= 2 for tiers in pool.map(partial(tiers_of, **options), range(n_studies)))
    return interval(hits, n_studies)


def nulls(pool: ProcessPoolExecutor, n_studies: int) -> None:
    """Studies without a mediator."""
    print("## Studies without a mediator that are given one (tier 2 or above)\n")
    print("| null | " + " | ".join(f"{n} + {n} animals" for n in GROUP_SIZES) + " |")
    print("|---|" + "---|" * len(GROUP_SIZES))
    for scenario, words in NULLS.items():
        cells = [claims_share(pool, n_studies, scenario=scenario, n_per_group=n) for n in GROUP_SIZES]
        print(f"| {words} | " + " | ".join(cells) + " |", flush=True)


def stress(pool: ProcessPoolExecutor, n_studies: int) -> None:
    """The assumption that may break: organs of one animal share a nuisance."""
    print("\n## A nuisance that an animal carries into both organs\n")
    print("Source and target are taken to err independently. A nuisance of the animal (perfusion, order of dissection)")
    print(
        "makes them err together: here each protein follows it with a loading drawn around zero, alike in both organs,"
    )
    print("whose spread is given in the protein's own standard deviations. Nothing changes here; 6 + 6 animals.\n")
    print("| nuisance | " + " | ".join(f"{size:g} standard deviations" for size in NUISANCES) + " |")
    print("|---|" + "---|" * len(NUISANCES))
    cells = [
        claims_share(pool, n_studies, scenario="global_null", n_per_group=6, shared_nuisance=size) for size in NUISANCES
    ]
    print("| studies given a mediator | " + " | ".join(cells) + " |", flush=True)


def power(pool: ProcessPoolExecutor, n_studies: int) -> None:
    """Planted mediators, and what is claimed beside them."""
    print("\n## Planted mediators found, and false claims beside them\n")
    print("| animals | planted at tier 2 or above | planted at tier 3 | false among claims of tier 2 or above |")
    print("|---|---|---|---|")
    for n in GROUP_SIZES:
        studies = list(pool.map(partial(tiers_of, scenario="demo", n_per_group=n), range(n_studies)))
        planted = [tiers[gene] for tiers in studies for gene in PLANTED if gene in tiers]
        claims = [gene for tiers in studies for gene, tier in tiers.items() if tier >= 2]
        false = sum(gene not in PLANTED for gene in claims)
        second = interval(sum(tier >= 2 for tier in planted), len(planted))
        third = interval(sum(tier >= 3 for tier in planted), len(planted))
        print(f"| {n} + {n} | {second} | {third} | {false} of {len(claims)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    alpha = simulate_tables(0, **SMALL).file.ranking.fdr
    print("# Calibration\n")
    print(
        "Made by `benchmarks/calibration.py`: simulated muscle -> cerebellum studies of 500 proteins and 1,000 transcripts"
    )
    print(
        f"per organ with correlated genes and missing values, {given.studies} studies per cell, false discovery rate {alpha:g}."
    )
    print("Shares with exact 95 % intervals.\n")
    with ProcessPoolExecutor(given.workers) as pool:
        nulls(pool, given.studies)
        power(pool, given.studies)
        stress(pool, given.studies)


if __name__ == "__main__":
    main()
