"""How plainly the symbols of a table tell its species: right tables under the wrong species, and under their own.

    python benchmarks/species.py ../shared/data

Real tables of rat and mouse, and lists of all genes of the three species (NCBI 2016, RGD 2020), are declared to be of each species.
Counted are the symbols that only the declared species has and those that only another one has, and how often parts of a table,
drawn at random, are accused.
"""

from __future__ import annotations

import argparse
from itertools import chain
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd

from organokine.references.species_names import telling_symbols
from organokine.study_file_base import Species
from organokine.study_species import foreign_symbols

RAT, MOUSE = "motrpac_rat_training", "prometis_mouse_liver_plasma"
TABLES = (
    ("muscle, protein", "rat", f"{RAT}/gastrocnemius_proteome_log2ratio.features.tsv.gz", "gene_symbol"),
    ("muscle, RNA", "rat", f"{RAT}/gastrocnemius_rnaseq_counts.features.tsv.gz", "gene_symbol"),
    ("second muscle, RNA", "rat", f"{RAT}/vastus_rnaseq_counts.features.tsv.gz", "gene_symbol"),
    ("fat, protein", "rat", f"{RAT}/scwat_proteome_log2ratio.features.tsv.gz", "gene_symbol"),
    ("fat, RNA", "rat", f"{RAT}/scwat_rnaseq_counts.features.tsv.gz", "gene_symbol"),
    ("cortex, protein", "mouse", "tsumagari2023_mouse_ageing_brain/cortex.log2.tsv.gz", "gene_symbol"),
    ("hippocampus, protein", "mouse", "tsumagari2023_mouse_ageing_brain/hippocampus.log2.tsv.gz", "gene_symbol"),
    ("liver, protein", "mouse", f"{MOUSE}/proteomics_liver.features.tsv.gz", "gene_symbol"),
    ("plasma, protein", "mouse", f"{MOUSE}/proteomics_plasma.features.tsv.gz", "gene_symbol"),
    ("list of NCBI", "human", "identifiers/ncbi_protein_coding_human_2016.tsv.gz", "symbol"),
    ("list of NCBI", "mouse", "identifiers/ncbi_protein_coding_mouse_2016.tsv.gz", "symbol"),
    ("list of RGD", "human", "identifiers/rgd_rat_human_mouse_symbols.tsv.gz", "HUMAN_ORTHOLOG_SYMBOL"),
    ("list of RGD", "mouse", "identifiers/rgd_rat_human_mouse_symbols.tsv.gz", "MOUSE_ORTHOLOG_SYMBOL"),
    ("list of RGD", "rat", "identifiers/rgd_rat_human_mouse_symbols.tsv.gz", "RAT_GENE_SYMBOL"),
)
SIZES = (100, 200, 400, 800, 1600)


def read(path: Path, column: str) -> list[str]:
    written = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)[column]
    return sorted({name.split(";")[0].strip() for name in written} - {""})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the real tables")
    parser.add_argument("--draws", type=int, default=50, help="parts drawn of each table and size")
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    parts: dict[tuple[str, Species], list[tuple[int, bool]]] = {}
    print("| table | is of | read as | own : foreign symbols | accused of |\n|---|---|---|---|---|")
    for words, species, file, column in TABLES:
        symbols = read(given.data / file, column)
        for declared in get_args(Species):
            counts = []
            for other in get_args(Species):
                if declared != other and species in (declared, other):
                    telling = telling_symbols(declared, other)
                    lower = {name.lower() for name in symbols}
                    counts.append(f"{len(lower & telling.own)} : {len(lower & telling.other)} ({other})")
            found = foreign_symbols(declared, symbols)
            accused = "-" if found is None else found.species
            print(f"| {words} | {species} | {declared} | {', '.join(counts)} | {accused} |", flush=True)
            for size in SIZES:
                drawn = [
                    rng.choice(symbols, size, replace=False) for _ in range(given.draws if len(symbols) >= size else 0)
                ]
                hits = [(size, foreign_symbols(declared, each) is not None) for each in drawn]
                parts.setdefault((species, declared), []).extend(hits)
    print(
        "\n| is of | read as | "
        + " | ".join(f"{size} symbols" for size in SIZES)
        + " |\n|---|---|"
        + "---|" * len(SIZES)
    )
    for (species, declared), hits in sorted(parts.items()):
        of_size = [[hit for size, hit in hits if size == wanted] for wanted in SIZES]
        cells = [f"{np.mean(each):.2f} of {len(each)}" if len(each) > 0 else "" for each in of_size]
        print(f"| {species} | {declared} | {' | '.join(cells)} |")
    wrong = list(chain.from_iterable(hits for (species, declared), hits in parts.items() if species == declared))
    print(f"\nRight tables accused: {sum(hit for _, hit in wrong)} of {len(wrong)} parts")


if __name__ == "__main__":
    main()
