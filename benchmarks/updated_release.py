"""The figures on releases in docs/references.md: what features of proteins tell, and how long a release and its look-ups take.

    python benchmarks/updated_release.py --shared ../shared/data

The folder holds `references` and `identifiers`: real content of UniProt, Gene Ontology, NCBI, CellPhoneDB and Reactome, which is put
into the formats of the official downloads (tests/references/updates/real.py), served on this machine, and fetched by an update.
Transmembrane segments are not in these tables: the location `Membrane` of proteins that are not secreted stands in for them, so
nothing is claimed of shed proteins.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from organokine.references import load_identifiers, load_references, registry
from organokine.references.routes import STRONG_ROUTES
from organokine.references.store import read_table
from organokine.references.updates.registry_text import EMBEDDED_USED
from organokine.references.updates.tables import build
from organokine.references.updates.update import Options, update
from reference_lists import HALVES, LISTS, gene_lists
from reference_set import FOUND, with_interval

ROOT = Path(__file__).resolve().parents[1]
INSIDE = (
    "TTN",
    "ACTN2",
    "NFKB1",
    "TP53",
    "CKM",
    "GAPDH",
    "MYH4",
    "RYR1",
    "RPL3",
    "ATP5F1A",
    "MYOD1",
    "LMNA",
    "H3-3A",
    "PFKM",
)
N_GENES = 20_000


def by_rule(downloads: Path, cards) -> dict[str, pd.Series]:
    """Leading route of every human and mouse gene as if the hand-written table did not exist."""
    read = {card.name: card.read(downloads / card.name / card.file, card).table for card in cards if not card.opt_in}
    wanted = {*EMBEDDED_USED, "curated_mediators"}
    embedded = {entry.name: read_table(entry) for entry in registry.registry() if entry.name in wanted}
    embedded["curated_mediators"] = embedded["curated_mediators"].iloc[:0]
    built = build(read, embedded, dict.fromkeys(read, "undated"))
    return {species: built.tables[f"routes_{species}"].set_index("gene")["route"] for species in ("human", "mouse")}


def print_lists(oracle: Path, release: str, by_features: dict[str, pd.Series]) -> None:
    """Share of every list of `reference_lists` with a strong route, by half: embedded, of the release, and by its rules alone."""
    print("| species | list | half | genes | embedded | release | release, rules alone |")
    print("|---|---|---|---|---|---|---|")
    for species, rules in by_features.items():
        lists = gene_lists(oracle, species)
        found = {
            name: load_references(species, name).routes(list(lists.index))["route"] for name in ("embedded", release)
        }
        found["rules"] = rules.reindex(lists.index)
        for name in LISTS:
            for half in HALVES:
                chosen = lists[name] & (lists["half"] == half)
                cells = [
                    with_interval(routes[chosen].isin(STRONG_ROUTES), int(name not in FOUND))
                    for routes in found.values()
                ]
                print(f"| {species} | {name} | {half} | {chosen.sum():,} | " + " | ".join(cells) + " |")


def print_rules(routes: pd.Series) -> None:
    entry = next(entry for entry in registry.registry() if entry.name == "curated_mediators")
    table = read_table(entry).set_index("symbol")
    mediators = table[table["route"].isin(STRONG_ROUTES)]
    ours = routes.reindex(mediators.index).fillna("unknown")
    strong = ours.isin(STRONG_ROUTES)
    agree = ours == mediators["route"]
    leaderless = mediators["route"] == "unconventional"
    classical = mediators["route"] == "classical"
    print(f"- Hand-written mediators by features alone: {strong.sum()} of {len(ours)} have a strong route;")
    print(
        f"  {agree.sum()} the route written there: {(agree & leaderless).sum()} of {leaderless.sum()} leaderless ones,"
    )
    print(f"  {(agree & classical).sum()} of {classical.sum()} classical ones.")
    inside = routes.reindex(list(INSIDE)).fillna("unknown")
    print(f"- Proteins of the cell with a strong route: {inside.isin(STRONG_ROUTES).sum()} of {len(inside)}.")


def print_times(release: str) -> None:
    print("| | load | names | routes | receptors | symbols |")
    print("|---|---|---|---|---|---|")
    for name in ("embedded", release):
        seconds = [time.process_time()]
        references = load_references("human", name)
        seconds.append(time.process_time())
        load_identifiers("human", name)
        seconds.append(time.process_time())
        genes = (list(references.names) * 2)[:N_GENES]
        for look_up in (references.routes, references.receptors, references.resolve):
            look_up(genes)
            seconds.append(time.process_time())
        cells = [f"{after - before:.2f} s" for before, after in itertools.pairwise(seconds)]
        print(f"| {'a release' if name == release else name} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder of the shared data")
    shared = parser.parse_args().shared
    sys.path.insert(0, str(ROOT))
    from tests.references.updates.loopback import serving
    from tests.references.updates.official import on_mirror
    from tests.references.updates.real import Shared, fitting

    contents = Shared(shared).contents()
    with tempfile.TemporaryDirectory() as folder, serving(on_mirror(contents)) as server:
        os.environ["ORGANOKINE_REFS"] = folder
        began = time.process_time()
        made = update(Options(mirror=server.address, cards=fitting()), lambda _: None)
        print(f"- Release {made.name} made in {time.process_time() - began:.0f} s of processor time.")
        rules = by_rule(Path(folder) / "downloads", fitting())
        print_rules(rules["human"])
        print_lists(shared / "references", made.name, rules)
        print_times(made.name)


if __name__ == "__main__":
    main()
