from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

from organokine import errors
from organokine.references import load_identifiers, load_references, registry, releases
from organokine.references.routes import ROUTES
from organokine.references.updates.update import Options, update
from tests.references.conftest import QUICK
from tests.references.updates.loopback import Behaviour, serving
from tests.references.updates.official import archive, hgnc, on_mirror, small, terms, twins, uniprot

UNIPROT = "/uniprot_human/uniprot_human.tsv.gz"
REACTOME = "/reactome/ReactomePathways.gmt.zip"
HGNC = "/hgnc/hgnc_complete_set.txt"


@pytest.fixture
def server():
    with serving(on_mirror(twins())) as started:
        yield started


def run(server, limits=QUICK, **options):
    return update(Options(mirror=server.address, cards=small(), limits=limits, **options), lambda _: None)


def content_of(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted(folder.iterdir())}


def holds_no_release(store: Path) -> bool:
    nothing_aside = not any(each.name.startswith(".") for each in store.iterdir())
    return releases.stored_releases() == () and not (store / "current").exists() and nothing_aside


def test_a_release_has_the_embedded_tables_and_more(release):
    embedded = {entry.name for entry in registry.registry()}
    made = {entry.name for entry in registry.registry(release)}
    assert embedded - made == {"route_evidence", "relatives", "gene_sets", "footprints"}
    assert {"accessions_rat", "orthologs_rat", "pathways_human", "pathways_mouse", "pathways_rat"} <= made
    for entry in registry.registry():
        if entry.name in made:
            ours, theirs = (
                pd.read_csv(registry.data_folder().joinpath(entry.file), sep="\t", nrows=1).columns,
                pd.read_csv(releases.release_folder(release) / f"{entry.name}.tsv", sep="\t", nrows=1).columns,
            )
            # the rat's own names stand in `genes_rat` of a release
            assert set(ours) - ({"synonyms"} if entry.name == "accessions_rat" else set()) <= set(theirs)


def test_a_release_is_named_by_its_ontology_and_its_content(release, made):
    folder = made[0] / "releases" / release
    digest = hashlib.sha256((folder / "registry.toml").read_bytes()).hexdigest()
    assert release == f"2026-10-01-{digest[:12]}"
    assert (made[0] / "current").read_text() == f"{release}\n"
    assert releases.resolve_release("current") == release


def test_every_source_stands_in_the_registry_with_its_hash(release, made):
    sources = {source.name: source for source in registry.listed(release)[1]}
    contents = twins()
    for name, content in contents.items():
        if name in sources:
            assert sources[name].sha256 == hashlib.sha256(content).hexdigest()
            assert sources[name].size == len(content)
    assert sources["go_human"].version == "2026-09-28"
    assert sources["cellphonedb"].version == "v5.0.0"
    assert sources["uniprot_human"].address.startswith("https://rest.uniprot.org/")
    assert all(source.licence != "" and source.citation != "" for source in sources.values())


def test_what_was_left_out_is_counted(made):
    counts = made[1].counts
    assert counts["go_human: assigned by Reactome"] == 1
    assert counts["go_human: negated"] == 1
    assert counts["cellphonedb: metabolite ligands"] == 1
    assert counts["hgnc: not approved"] == 1


def test_versions_name_the_release_and_the_hash_of_each_source(release):
    versions = load_references("mouse", release).versions()
    routes = versions.set_index("name").loc["routes_mouse"]
    assert set(versions["version"]) == {release}
    assert hashlib.sha256(twins()["uniprot_mouse"]).hexdigest() in routes["sources"]
    assert (versions != "").all(axis=None)


@pytest.mark.parametrize(
    ("species", "gene", "route", "grade"),
    [
        ("human", "ANXA2", "unconventional", "curated"),
        ("human", "COL1A1", "ecm", "inferred"),
        ("human", "PDIA3", "intracellular", "inferred"),
        ("human", "CD59", "shed", "inferred"),
        ("human", "SREBF1", "intracellular", "inferred"),
        ("human", "TTN", "intracellular", "low_throughput"),
        ("human", "TP53", "intracellular", "low_throughput"),
        ("human", "GAPDH", "ev_cargo", "high_throughput"),
        ("mouse", "Anxa2", "unconventional", "curated_orthology"),
        ("mouse", "Col1a1", "ecm", "inferred"),
        ("mouse", "Cd59", "shed", "inferred_orthology"),
        ("mouse", "Gapdh", "unconventional", "low_throughput"),
        ("rat", "Il6", "classical", "curated_orthology"),
        ("rat", "Col1a1", "ecm", "inferred_orthology"),
    ],
)
def test_routes_of_a_release(release, species, gene, route, grade):
    row = load_references(species, release).routes([gene]).iloc[0]
    assert (row["route"], row["grade"]) == (route, grade)
    assert set(row["routes"].split(";")) <= set(ROUTES)


def test_each_route_has_its_evidence(release):
    for species in ("human", "mouse", "rat"):
        table = pd.read_csv(
            releases.release_folder(release) / f"route_evidence_{species}.tsv", sep="\t", keep_default_na=False
        )
        routes = load_references(species, release).route_table
        told = {
            (gene, route)
            for gene, joined in zip(routes["gene"], routes["routes"], strict=True)
            for route in joined.split(";")
        }
        assert told == set(zip(table["gene"], table["route"], strict=True))
        assert (table["text"] != "").all()
        first = table.drop_duplicates(["gene", "route"]).set_index(["gene", "route"])["grade"]
        for gene, route, grade in zip(routes["gene"], routes["route"], routes["grade"], strict=True):
            assert first[gene, route] == grade.removesuffix("_orthology")


@pytest.mark.parametrize(
    ("species", "given", "official"),
    [
        ("human", "CTGF", "CCN2"),
        ("human", "p36", "ANXA2"),
        ("mouse", "Txn", "Txn1"),
        ("mouse", "Tp53", "Trp53"),
        ("rat", "Txn", "Txn1"),
        ("rat", "Trp53", "Tp53"),
        ("rat", "Tp53", "Tp53"),
        ("human", "GONE", ""),
    ],
)
def test_symbols_of_a_release_resolve(release, species, given, official):
    assert load_references(species, release).resolve([given]).iloc[0] == official


def test_accessions_of_a_release(release):
    human, rat = load_identifiers("human", release), load_identifiers("rat", release)
    assert human.accessions["P07355"] == ("ANXA2",)
    assert human.accessions["ENSG00000001000"] == ("ANXA2",)
    assert human.accessions["A0A024R5Z7"] == ("ANXA2",), "unreviewed accessions of the embedded table stay"
    assert rat.accessions["ENSRNOG00000003001"] == ("Il6",)


def test_receptors_of_a_release(release):
    human, mouse = load_references("human", release), load_references("mouse", release)
    annexin = human.receptors(["ANXA2"])
    assert set(annexin["receptor"]) == {"ROBO4", "TLR2"}
    interleukin = human.receptors(["IL6"])
    assert "IL6R+IL6ST" in set(interleukin["receptor"])
    assert "CNR2" not in set(annexin["receptor"])
    assert "PNMT" not in set(human.receptor_table["ligand"]), "adrenaline is no protein"
    assert mouse.receptors(["Il6"])["source"].str.endswith("by orthology").all()


def test_orthologs_of_a_release(release):
    folder = releases.release_folder(release)
    pairs = pd.read_csv(folder / "orthologs.tsv", sep="\t").set_index("human")
    assert pairs.loc["TP53", ["mouse", "type", "confidence", "sources"]].tolist() == ["Trp53", "one2one", 1, 3]
    rat = pd.read_csv(folder / "orthologs_rat.tsv", sep="\t").set_index("human")
    assert rat.loc["TP53", ["rat", "sources"]].tolist() == ["Tp53", 2]


def test_pathways_and_panels_of_a_release(release):
    folder = releases.release_folder(release)
    pathways = pd.read_csv(folder / "pathways_mouse.tsv", sep="\t").set_index("pathway")
    assert pathways.loc["R-HSA-1059683", "genes"] == "Il6|Il6r|Il6st"
    panels = load_references("rat", release).panels()
    assert "immunoglobulin" in set(panels.loc[panels["gene"] == "Ighg1", "panel"])


def test_large_sets_are_kept_as_they_come(release, made):
    folder = made[0] / "releases" / release
    assert (folder / "SecAct.tsv.gz").read_bytes() == twins()["secact"]
    assert (folder / "ligand_target_matrix_nsga2r_final.rds").is_file()
    assert not (folder / "ligand_target_matrix_nsga2r_final_mouse.rds").exists()


def test_the_same_bytes_give_the_same_release(server, store, made):
    again = run(server, extra=("secact", "nichenet_human"))
    assert again.name == made[1].name
    first, second = content_of(made[0] / "releases" / again.name), content_of(store / "releases" / again.name)
    assert (
        json.loads(first.pop("retrieved.json"))["organokine"] == json.loads(second.pop("retrieved.json"))["organokine"]
    )
    assert first == second


def test_nothing_is_written_outside_the_store(server, store, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("HOME", str(elsewhere))
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    made = run(server)
    assert list(elsewhere.iterdir()) == []
    assert [each.name for each in tmp_path.iterdir() if each != elsewhere] == ["store"]
    assert sorted(each.name for each in store.iterdir()) == ["current", "downloads", "lock", "releases"]
    assert [each.name for each in (store / "releases").iterdir()] == [made.name]

    table = store / "releases" / made.name / "routes_human.tsv"
    table.write_text("damaged")
    mended = run(server, offline=True)
    assert (mended.name, mended.is_new) == (made.name, True)
    assert registry.faults(made.name) == []


BREAKING = {
    "truncated": (UNIPROT, {"how": Behaviour(cuts=[300] * 9, etag=False)}, "the connection ended after 300 of"),
    "busy": (UNIPROT, {"how": Behaviour(statuses=[503] * 9)}, "the server answers 503"),
    "slow": (UNIPROT, {"how": Behaviour(pause=0.05)}, "too slow"),
    "circle": (UNIPROT, {"how": Behaviour(redirect=UNIPROT)}, "circle"),
    "absent": (UNIPROT, {"content": None}, "404"),
    "changed column": (
        UNIPROT,
        {"content": gzip.compress(gzip.decompress(uniprot("human")).replace(b"Signal peptide", b"Signal"))},
        "the column 'Signal peptide' is missing",
    ),
    "page of a login": (HGNC, {"content": b"<html>Please log in</html>"}, "is missing; its columns are"),
    "half a table": (UNIPROT, {"content": uniprot("human")[:-40]}, "damaged or cut short"),
    "no rows": (HGNC, {"content": hgnc().splitlines(keepends=True)[0]}, "it has 0 rows"),
    "name that leads out": (
        REACTOME,
        {"content": archive({"../ReactomePathways.gmt": b"x\tR-1\ta"})},
        "leads out of its folder",
    ),
    "another ontology": ("/go_terms/go-basic.obo", {"content": terms()[:80]}, "terms, at least"),
}


@pytest.mark.parametrize("what", BREAKING)
def test_one_bad_source_changes_nothing_and_is_named(server, store, what):
    path, broken, message = BREAKING[what]
    if "how" in broken:
        server.behaviour[path] = broken["how"]
    elif broken["content"] is None:
        del server.files[path]
    else:
        server.files[path] = broken["content"]
    with pytest.raises(errors.ReferenceError) as caught:
        run(server, limits=replace(QUICK, total=0.4 if what == "slow" else 20))
    (problem,) = caught.value.problems
    assert problem.where.startswith(f"{path.split('/')[1]} (")
    assert message in problem.what
    assert holds_no_release(store)
    notes = [each for each in (store / "downloads").rglob("*.json") if not each.name.endswith(".part.json")]
    assert len(notes) == 14, "what was fetched well is kept, what cannot be read is fetched anew"


def test_all_bad_sources_are_named_at_once_and_the_good_ones_are_not_fetched_again(server, store):
    broken = [UNIPROT, HGNC, REACTOME]
    for path in broken:
        server.behaviour[path] = Behaviour(statuses=[503] * QUICK.attempts)
    with pytest.raises(errors.ReferenceError) as caught:
        run(server)
    assert [problem.where.split(" ")[0] for problem in caught.value.problems] == ["uniprot_human", "hgnc", "reactome"]
    assert holds_no_release(store)
    server.asked.clear()
    server.files[REACTOME] = b"no archive"
    with pytest.raises(errors.ReferenceError) as caught:
        run(server)
    assert [problem.where.split(" ")[0] for problem in caught.value.problems] == ["reactome"]
    assert sorted(server.paths()) == ["/SHA256SUMS", *sorted(broken)]


def test_an_older_release_stays_when_an_update_fails(server, store, made):
    releases_folder = store / "releases"
    releases_folder.mkdir(parents=True)
    (releases_folder / made[1].name).symlink_to(made[0] / "releases" / made[1].name)
    releases.set_current(made[1].name)
    server.behaviour[UNIPROT] = Behaviour(statuses=[500] * 9)
    with pytest.raises(errors.ReferenceError):
        run(server)
    assert releases.stored_releases() == (made[1].name,)
    assert releases.current_release() == made[1].name


def test_hashes_that_a_mirror_lists_are_honoured(server, store):
    lines = [f"{hashlib.sha256(content).hexdigest()}  .{path}" for path, content in server.files.items()]
    server.files["/SHA256SUMS"] = "\n".join(lines).replace(lines[0][:64], "0" * 64).encode()
    with pytest.raises(errors.ReferenceError, match="SHA256SUMS of the mirror says 0000"):
        run(server)
    assert holds_no_release(store)


def test_a_strange_list_of_hashes_is_refused(server, store):
    server.files["/SHA256SUMS"] = b"<html>hello</html>"
    with pytest.raises(errors.ReferenceError, match="lines that are no hash and name"):
        run(server)
    assert holds_no_release(store)


@pytest.mark.parametrize("mirror", ["http://example.org", "ftp://127.0.0.1", "folder"])
def test_a_mirror_that_is_not_encrypted_is_refused(store, mirror):
    with pytest.raises(errors.ReferenceError, match="https://"):
        update(Options(mirror=mirror, cards=small(), limits=QUICK), lambda _: None)


def test_offline_asks_nobody_and_says_what_it_lacks(server, store):
    with pytest.raises(errors.ReferenceError, match="15 of 15 sources are not in the download folder: uniprot_human"):
        run(server, offline=True)
    assert server.asked == []
    assert holds_no_release(store)


def test_two_updates_at_once_are_refused(server, store):
    store.mkdir()
    with FileLock(store / "lock"), pytest.raises(errors.ReferenceError, match="another update is at work"):
        run(server)
    assert server.asked == []


def test_what_a_killed_update_left_is_removed(server, store):
    left = store / ".making-123"
    left.mkdir(parents=True)
    (left / "routes_human.tsv").write_text("half")
    with pytest.raises(errors.ReferenceError):
        run(server, offline=True)
    assert not left.exists()


def test_a_store_that_cannot_be_written_is_told(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("ORGANOKINE_REFS", str(tmp_path / "file"))
    with pytest.raises(errors.ReferenceError, match="cannot be written"):
        run(server)


def test_an_unknown_large_set_is_told(server, store):
    with pytest.raises(errors.ReferenceError, match="Write 'nichenet_human'"):
        run(server, extra=("nichenet_humans",))
    assert not store.exists()


def test_orthologs_of_a_release_are_looked_up_between_all_species(release):
    mouse = load_references("mouse", release)
    human = mouse.orthologs(["Trp53", "nope"], "human").set_index("gene")
    assert human.loc["Trp53", ["ortholog", "type", "confidence", "sources"]].tolist() == ["TP53", "one2one", "high", 3]
    assert human["state"].tolist() == ["known", "unknown_symbol"]
    rat = mouse.orthologs(["Trp53"], "rat").iloc[0]
    assert (rat["ortholog"], rat["type"], rat["confidence"], rat["sources"]) == ("Tp53", "by_human", "high", 2)
    assert not rat["by_symbol"], "the rat has symbols of its own in a release"
    back = load_references("rat", release).orthologs(["Tp53"], "human").iloc[0]
    assert (back["ortholog"], back["type"]) == ("TP53", "one2one")


def test_evidence_hormones_and_origin_of_a_release(release):
    mouse = load_references("mouse", release)
    pieces = mouse.route_evidence(["Col1a1"])
    own = pieces[~pieces["by_orthology"]]
    assert own["text"].iloc[0] == "in the extracellular matrix (UniProt 2026-10-01 M02452)"
    assert pieces["by_orthology"].any()
    annexin = mouse.route_evidence(["Anxa2"])
    assert annexin["code"].iloc[0] == "curated"
    assert set(annexin["route"]) <= set(mouse.routes(["Anxa2"])["routes"].iloc[0].split(";"))
    assert mouse.origin(["Anxa2"])["organs"].iloc[0] == "muscle;vessel"
    assert len(load_references("rat", release).metabolite_hormones()) > 0
    assert len(mouse.contaminants()) > 0
