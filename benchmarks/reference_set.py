"""The figures of docs/references.md: how well the embedded references agree with UniProt, Gene Ontology and the rat genome.

    python benchmarks/reference_set.py --oracle ../shared/data/references --packages FOLDER

The oracle is the folder of the reference tables (`benchmarks/reference_lists.py` says which lists are made of them); beside it lie
the folders `motrpac_rat_training` and `identifiers`. `--packages` names the scratch folder of `tools/build_references.py`; without
it the figures that need the annotations themselves are left out: the rules without lists of ligands and hormones, and the
hand-written mediators by rules alone. Intervals are Wilson's, 95 %.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from scipy import stats

from organokine.references import load_references
from organokine.references.routes import GRADES, ORTHOLOGY, STRONG_ROUTES, assemble, classify
from reference_lists import HALVES, LISTS, gene_lists, uniprot

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src/organokine/references/data"
CLASSES = ("classical", "ecm", "unconventional", "shed")
INSIDE = "intracellular_or_unknown"
FOUND = ("mediators", "leaderless", "classical", "secreted")
FEWEST_FOUND, MOST_PASSED = 0.8, 0.05
"""The target, on the test half and without the hand-written table: known mediators found, intracellular controls let pass."""
N_GENES = 20_000


def share(hits: Iterable[bool], digits: int = 0) -> str:
    """Share of true values, in percent."""
    return f"{100 * pd.Series(list(hits)).mean():.{digits}f} %"


def with_interval(hits: pd.Series, digits: int = 0) -> str:
    """Share of true values in percent, with Wilson's interval."""
    ends = stats.binomtest(int(hits.sum()), len(hits)).proportion_ci(method="wilson")
    low, high = (f"{100 * end:.{digits}f}" for end in ends)
    return f"{share(hits, digits)} ({low}-{high})"


def strong(routes: pd.Series) -> pd.Series:
    """Which of the routes lead out of the cell with more than a hint."""
    return routes.isin(STRONG_ROUTES)


def embedded(species: str, genes: pd.Index) -> pd.DataFrame:
    """Which genes have a strong route: with the hand-written table, and by the rules alone."""
    references = load_references(species)
    evidence = references.route_evidence(list(genes))
    ruled = evidence.loc[(evidence["grade"] != "curated") & strong(evidence["route"]), "gene"]
    both = strong(references.routes(list(genes))["route"])
    return pd.DataFrame({"embedded": both.to_numpy(), "rules alone": genes.isin(ruled)}, index=genes)


def print_lists(oracle: Path, packages: Path | None) -> None:
    """Found of every list and let pass of the controls, by half; and whether the target is met."""
    met = []
    print("| species | list | half | genes | embedded | rules alone | rules, no lists |")
    print("|---|---|---|---|---|---|---|")
    for species in ("human", "mouse"):
        lists = gene_lists(oracle, species)
        found = embedded(species, lists.index)
        found["rules, no lists"] = without_lists(packages, species, lists.index)
        for name in LISTS:
            for half in HALVES:
                chosen = found[lists[name] & (lists["half"] == half)]
                cells = [
                    with_interval(chosen[column], int(name not in FOUND)) for column in ("embedded", "rules alone")
                ]
                cells += [share(chosen["rules, no lists"], int(name not in FOUND)) if packages is not None else ""]
                print(f"| {species} | {name} | {half} | {len(chosen):,} | " + " | ".join(cells) + " |")
        test = found["rules alone"][lists["half"] == "test"]
        recall, passed = (test[lists[name]].mean() for name in ("mediators", "intracellular"))
        met.append((species, recall >= FEWEST_FOUND and passed <= MOST_PASSED))
    print("\n- Target met: " + ", ".join(f"{species} {'yes' if reached else 'NO'}" for species, reached in met))


def without_lists(packages: Path | None, species: str, genes: pd.Index) -> pd.Series:
    """Which genes have a strong route by Gene Ontology alone, as if no list of ligands and hormones were known."""
    nothing = pd.Series(data=False, index=genes)
    if packages is None:
        return nothing
    unpacked = unpack_all(packages)
    import build_references
    from references import human

    annotations = human.annotations(unpacked["r-bioc-org.hs.eg.db"], unpacked["r-bioc-go.db"])
    routes = classify(annotations, build_references.EVIDENCE_SOURCES["annotations"])
    found = set(routes.loc[strong(routes["route"]), "gene"])
    if species != "human":
        pairs = load_references("human").orthologs(sorted(found), species)
        found = set(pairs["ortholog"])
    return pd.Series(genes.isin(found), index=genes)


def secretion(oracle: Path, species: str) -> pd.DataFrame:
    """The oracle's class of every gene (`theirs`) beside our route, grade and evidence (`ours`)."""
    table = pd.read_parquet(oracle / f"prototype/secretion_{species}.parquet", columns=["symbol", "secretion_class"])
    table = table.dropna(subset=["symbol"]).drop_duplicates("symbol").set_index("symbol")
    references = load_references(species)
    table = table[~references.is_immunoglobulin(list(table.index))]
    ours = references.routes(list(table.index)).rename(columns={"route": "ours"})
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
    """Agreement with the classes of UniProt and Gene Ontology, gene by gene."""
    print("| | recall | " + " | ".join(CLASSES) + " | false, intracellular | false, vesicle cargo | route agrees |")
    print("|---|" + "---|" * 8)
    for species in ("human", "mouse"):
        genes = secretion(oracle, species)
        by_rule = genes[~genes["grade"].str.startswith("curated")]
        half = gene_lists(oracle, species)["half"].reindex(by_rule.index)
        print(f"| {species} | {quality(genes)} |")
        print(f"| {species}, without hand-written rows | {quality(by_rule)} |")
        print(f"| {species}, the same, test half | {quality(by_rule[half == 'test'])} |")


def print_human(oracle: Path) -> None:
    """Share of secreted proteins, and what stands behind the plain classical ones."""
    genes = secretion(oracle, "human")
    print(f"- Human genes: {len(genes):,}. Strong route: {share(strong(genes['ours']))}; by UniProt and")
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


def print_grades(oracle: Path) -> None:
    """How often a strong route is that of a protein which UniProt calls Secreted or gives a signal peptide, by grade."""
    for species in ("human", "mouse"):
        entries = uniprot(oracle, species)
        routes = load_references(species).routes(list(entries.index))
        chosen = strong(routes["route"]).to_numpy()
        led = (entries["Secreted"] | entries["SIGNAL"])[chosen]
        grade = routes.loc[chosen, "grade"].str.removesuffix(ORTHOLOGY)
        cells = [
            f"{name} {share(led[(grade == name).to_numpy()], 1)} of {(grade == name).sum():,}" for name in GRADES[:3]
        ]
        print(f"- {species}, strong route, Secreted or with a signal peptide by UniProt: {', '.join(cells)}.")


def print_curated(packages: Path | None) -> None:
    """The hand-written table: its size, its receptors, and what the rules say of its mediators."""
    table = pd.read_csv(DATA / "curated_mediators.tsv", sep="\t", keep_default_na=False).set_index("symbol")
    mediators = table[strong(table["route"])]
    heard = set(load_references("human").receptors(list(mediators.index))["ligand"])
    print(f"- Hand-written: {len(mediators)} mediators and {len(table) - len(mediators)} markers of leaking tissue;")
    print(
        f"  {(mediators['receptors'] != '').sum()} with receptors written there, {len(mediators) - len(heard)} without any known."
    )
    if packages is None:
        print("- Hand-written mediators by rules alone: not measured, needs --packages.")
        return
    ruled = rules_alone(packages).reindex(mediators.index)
    print(f"- Hand-written mediators by rules alone: strong route {share(strong(ruled))}, the route written there")
    print(f"  {share(ruled == mediators['route'])}.")


def rules_alone(packages: Path) -> pd.Series:
    """Leading route of every human gene as if the hand-written table did not exist."""
    unpacked = unpack_all(packages)
    import build_references

    routes = build_references.build_routes(unpacked)[1]
    return assemble(routes[routes["grade"] != "curated"]).set_index("gene")["route"]


def unpack_all(packages: Path) -> dict[str, Path]:
    """The folders of the packages that the human routes are made from."""
    sys.path.insert(0, str(ROOT / "tools"))
    from references.sources import SOURCES, fetch, unpack

    folder = packages.resolve()
    unpacked = {}
    for name in ("r-bioc-org.hs.eg.db", "r-bioc-go.db", "liana", "hormone2cell"):
        fetch(SOURCES[name], folder)
        unpacked[name] = unpack(SOURCES[name], folder)
    return unpacked


def print_rat(data: Path) -> None:
    """How many rat symbols are known, and whether their evidence is that of the right human gene."""
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
    found = rat.orthologs(symbols, "human")
    theirs = dict(zip(symbols, human, strict=True))
    found = found[(found["state"] == "known") & (found["gene"].map(theirs) != "")]
    named = (found["ortholog"] == found["gene"].map(theirs)).groupby(found["gene"]).any()
    print(f"  Of {len(named):,} with an ortholog here, {share(named, digits=1)} have that one.")


def print_speed() -> None:
    """Seconds to load the references of each species, and to ask for the routes of many genes; the best of five."""
    for species in ("human", "mouse", "rat"):
        genes = (list(load_references(species).route_table["gene"]) * 2)[:N_GENES]
        loading, asking = [], []
        for _ in range(5):
            began = time.perf_counter()
            references = load_references(species)
            loaded = time.perf_counter()
            references.routes(genes)
            loading.append(loaded - began)
            asking.append(time.perf_counter() - loaded)
        print(f"- {species}: loaded in {min(loading):.2f} s, routes of {N_GENES:,} genes in {min(asking):.3f} s.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle", type=Path, required=True, help="folder of the reference tables to measure against")
    parser.add_argument("--packages", type=Path, help="scratch folder of tools/build_references.py")
    given = parser.parse_args()
    print_lists(given.oracle, given.packages)
    print()
    print_quality(given.oracle)
    print()
    print_human(given.oracle)
    print_grades(given.oracle)
    print_rat(given.oracle.parent)
    print_curated(given.packages)
    print_speed()
    size = sum(path.stat().st_size for path in DATA.iterdir())
    print(f"- Embedded tables: {size / 1e6:.1f} MB.")


if __name__ == "__main__":
    main()
