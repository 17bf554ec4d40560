"""The figures of docs/references.md on lists of the user's own: what signal peptides change in the embedded routes.

    python benchmarks/own_lists.py --oracle ../shared/data/references

The oracle is a folder with `prototype/secretion_human.parquet` and `prototype/secretion_mouse.parquet`. Its signal peptides are those
of UniProt and stand in for a prediction without error, so a real one does less. The classes it is judged by use the same signal
peptides; the keyword *Secreted* does not.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from organokine.references import GeneList, References, load_references, with_lists
from organokine.references.routes import STRONG_ROUTES

CLASSES = ("classical", "ecm", "unconventional", "shed")
INSIDE = "intracellular_or_unknown"


def share(hits: pd.Series, digits: int = 0) -> str:
    """Share of true values, in percent."""
    return f"{100 * hits.mean():.{digits}f} %"


def signal_list(genes: pd.DataFrame) -> GeneList:
    """Signal peptides of the oracle as a list of predictions."""
    has = genes["up_signal"]
    said = pd.DataFrame(
        {
            "gene": genes.index,
            "route": has.map({True: "classical", False: ""}),
            "signal": has.map({True: "peptide", False: "none"}),
            "grade": "inferred",
            "evidence": has.map({True: "signal peptide", False: "no signal peptide"}),
        },
        dtype=object,
    )
    nobody = pd.DataFrame(columns=["ligand", "receptor", "source", "reference"], dtype=object)
    return GeneList("UniProt", "signalp", "", "", "", "", is_prediction=True, said=said, receptors=nobody)


def oracle_of(folder: Path, species: str) -> pd.DataFrame:
    """Class, signal peptide and keyword of every gene of the oracle."""
    columns = ["symbol", "secretion_class", "up_signal", "up_secreted", "up_membrane"]
    table = pd.read_parquet(folder / f"prototype/secretion_{species}.parquet", columns=columns)
    return (
        table.dropna(subset=["symbol"]).drop_duplicates("symbol").set_index("symbol").astype({"secretion_class": str})
    )


def quality(genes: pd.DataFrame, references: References) -> str:
    """Recall over all, false ones, and agreement of the route, as cells of a table."""
    ours = references.routes(list(genes.index))["route"]
    passes, secreted = ours.isin(STRONG_ROUTES), genes["secretion_class"].isin(STRONG_ROUTES)
    both = passes & secreted
    leaderless = both & (genes["secretion_class"] == "unconventional")
    false = [share(passes[genes["secretion_class"] == name], digits=1) for name in (INSIDE, "ev_cargo")]
    agreed = ours == genes["secretion_class"]
    return " | ".join([share(passes[secreted]), *false, share(agreed[both]), share(agreed[leaderless])])


def alone(genes: pd.DataFrame, before: References, after: References) -> str:
    """Genes to which a signal peptide alone gave a route, those it did not, and how many of each UniProt calls secreted."""
    old, new = (known.routes(list(genes.index))["route"] for known in (before, after))
    weak = genes["up_signal"] & ~old.isin(STRONG_ROUTES)
    given, kept = weak & new.isin(STRONG_ROUTES), weak & ~new.isin(STRONG_ROUTES)
    secreted, membrane = genes["up_secreted"], genes["up_membrane"]
    return (
        f"signal peptide and no strong route: {int(weak.sum()):,} genes; {int(given.sum()):,} become classical, of which "
        f"{share(secreted[given])} have the keyword Secreted and {share(membrane[given])} are in a membrane; {int(kept.sum()):,} stay, "
        f"{share(secreted[kept])} with the keyword"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle", type=Path, required=True, help="folder of the reference tables to measure against")
    given = parser.parse_args()
    print("| | recall | false, intracellular | false, vesicle cargo | route agrees | route agrees, leaderless |")
    print("|---|---|---|---|---|---|")
    told = []
    for species in ("human", "mouse"):
        genes = oracle_of(given.oracle, species)
        before = load_references(species)
        predicted = signal_list(genes)
        after = with_lists(before, [predicted])
        without_bare = predicted.said.assign(route="")
        refined = GeneList(**{**vars(predicted), "said": without_bare})
        print(f"| {species} | {quality(genes, before)} |")
        print(f"| {species}, signal peptides | {quality(genes, with_lists(before, [refined]))} |")
        print(f'| {species}, signal peptides, `route = "predicted"` | {quality(genes, after)} |')
        told.append(f"- {species}: {alone(genes, before, after)}.")
    print("\n".join(["", *told]))


if __name__ == "__main__":
    main()
