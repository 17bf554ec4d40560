"""The figures of docs/references.md: how well the embedded references agree with UniProt, Gene Ontology and the rat genome.

    python benchmarks/reference_set.py --oracle ../shared/data/references --packages FOLDER

The oracle is a folder with `prototype/secretion_human.parquet` and `prototype/secretion_mouse.parquet`; beside it lie the folders
`motrpac_rat_training` and `identifiers`. `--packages` names the scratch folder of `tools/build_references.py`; without it the
one figure that needs the annotations themselves, the hand-written mediators by rules alone, is left out.
"""

from __future__ import annotations

import argparse
import re
import sys
import zlib
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from organokine.references import load_references
from organokine.references.routes import STRONG_ROUTES, assemble

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src/organokine/references/data"
CLASSES = ("classical", "ecm", "unconventional", "shed")
INSIDE = "intracellular_or_unknown"


def share(hits: Iterable[bool], digits: int = 0) -> str:
    """Share of true values, in percent."""
    return f"{100 * pd.Series(list(hits)).mean():.{digits}f} %"


def strong(routes: pd.Series) -> pd.Series:
    """Which of the routes lead out of the cell with more than a hint."""
    return routes.isin(STRONG_ROUTES)


def secretion(oracle: Path, species: str) -> pd.DataFrame:
    """The oracle's class of every gene (`theirs`) beside our route, grade and evidence (`ours`)."""
    table = pd.read_parquet(oracle / f"prototype/secretion_{species}.parquet", columns=["symbol", "secretion_class"])
    table = table.dropna(subset=["symbol"]).drop_duplicates("symbol").set_index("symbol")
    ours = load_references(species).routes(list(table.index)).rename(columns={"route": "ours"})
    return ours.assign(theirs=table["secretion_class"].astype(str))


def quality(genes: pd.DataFrame) -> str:
    """Recall over all and by class, false ones, and agreement of the route, as cells of a table."""
    secreted = genes[strong(genes["theirs"])]
    both = secreted[strong(secreted["ours"])]
    cells = [share(strong(secreted["ours"]))]
    cells += [share(strong(secreted.loc[secreted["theirs"] == name, "ours"])) for name in CLASSES]
    cells += [share(strong(genes.loc[genes["theirs"] == name, "ours"]), digits=1) for name in (INSIDE, "ev_cargo")]
    return " | ".join([*cells, share(both["ours"] == both["theirs"])])


def print_quality(oracle: Path) -> None:
    print("| | recall | " + " | ".join(CLASSES) + " | false, intracellular | false, vesicle cargo | route agrees |")
    print("|---|" + "---|" * 8)
    for species in ("human", "mouse"):
        genes = secretion(oracle, species)
        by_rule = genes[~genes["grade"].str.startswith("curated")]
        # The half that was set aside while the rules were written: symbols whose checksum is odd.
        second = by_rule[[zlib.crc32(symbol.encode()) % 2 == 1 for symbol in by_rule.index]]
        print(f"| {species} | {quality(genes)} |")
        print(f"| {species}, without hand-written rows | {quality(by_rule)} |")
        print(f"| {species}, the same, second half | {quality(second)} |")


def print_human(oracle: Path) -> None:
    genes = secretion(oracle, "human")
    print(f"- Human protein-coding genes: {len(genes):,}. Strong route: {share(strong(genes['ours']))}; by UniProt and")
    print(f"  Gene Ontology: {share(strong(genes['theirs']))}.")
    only_outside = genes[
        (genes["ours"] == "classical")
        & (genes["grade"] == "low_throughput")
        & genes["evidence"].str.startswith("classical:")
        & genes["evidence"].str.contains("not seen in cytosol or nucleus", regex=False)
    ]
    classes = ", ".join(f"{name} {share(only_outside['theirs'] == name)}" for name in (*CLASSES, "ev_cargo", INSIDE))
    print(
        f"- Outside the cell by low throughput, nothing in the cytosol: {len(only_outside)} genes; oracle: {classes}."
    )


def print_curated(packages: Path | None) -> None:
    table = pd.read_csv(DATA / "curated_mediators.tsv", sep="\t").set_index("symbol")
    mediators = table[strong(table["route"])]
    heard = set(load_references("human").receptors(list(mediators.index))["ligand"])
    print(f"- Hand-written: {len(mediators)} mediators and {len(table) - len(mediators)} markers of leaking tissue;")
    print(f"  {len(mediators) - len(heard)} mediators have no known receptor.")
    if packages is None:
        print("- Hand-written mediators by rules alone: not measured, needs --packages.")
        return
    ruled = rules_alone(packages).reindex(mediators.index)
    print(f"- Hand-written mediators by rules alone: strong route {share(strong(ruled))}, the route written there")
    print(f"  {share(ruled == mediators['route'])}.")


def rules_alone(packages: Path) -> pd.Series:
    """Leading route of every human gene as if the hand-written table did not exist."""
    sys.path.insert(0, str(ROOT / "tools"))
    import build_references
    from references.sources import SOURCES, fetch, unpack

    folder = packages.resolve()
    unpacked = {}
    for name in ("r-bioc-org.hs.eg.db", "r-bioc-go.db", "liana", "hormone2cell"):
        fetch(SOURCES[name], folder)
        unpacked[name] = unpack(SOURCES[name], folder)
    routes = build_references.build_routes(unpacked)[1]
    return assemble(routes[routes["grade"] != "curated"]).set_index("gene")["route"]


def print_rat(data: Path) -> None:
    rat = load_references("rat")
    proteome = data / "motrpac_rat_training/gastrocnemius_proteome_log2ratio.features.tsv.gz"
    genes = pd.read_csv(proteome, sep="\t")["gene_symbol"].dropna().unique()
    routes = rat.routes(genes)["route"]
    print(f"- Rat muscle proteome: {len(genes):,} genes, symbol known {share(rat.resolve(genes) != '')}, strong route")
    print(f"  {share(strong(routes), digits=1)}, vesicle cargo only {share(routes == 'ev_cargo')}.")
    table = pd.read_csv(data / "identifiers/rgd_rat_human_mouse_symbols.tsv.gz", sep="\t", keep_default_na=False)
    table = table.drop_duplicates("RAT_GENE_SYMBOL").query("HUMAN_ORTHOLOG_SYMBOL != ''")
    symbols = list(table["RAT_GENE_SYMBOL"])
    human = load_references("human").resolve(list(table["HUMAN_ORTHOLOG_SYMBOL"]))
    evidence = rat.routes(symbols)["evidence"]
    known = [(text, gene) for text, gene in zip(evidence, human, strict=True) if text != "" and gene != ""]
    agreed = [gene in re.findall(r"from human (\S+)", text) for text, gene in known]
    print(
        f"- Rat Genome Database: {len(table):,} rat symbols with a human ortholog, known {share(rat.resolve(symbols) != '')};"
    )
    print(f"  of {len(known):,} with a route {share(agreed, digits=1)} take it from that ortholog.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle", type=Path, required=True, help="folder of the reference tables to measure against")
    parser.add_argument("--packages", type=Path, help="scratch folder of tools/build_references.py")
    given = parser.parse_args()
    print_quality(given.oracle)
    print()
    print_human(given.oracle)
    print_rat(given.oracle.parent)
    print_curated(given.packages)
    size = sum(path.stat().st_size for path in DATA.iterdir())
    print(f"- Embedded tables: {size / 1e6:.1f} MB.")


if __name__ == "__main__":
    main()
