from __future__ import annotations

import time

import pytest

from organokine import errors
from organokine.references import details, load_references, registry, store
from organokine.references.routes import GRADES, NO_GRADE, ORTHOLOGY, ROUTES, STRONG_ROUTES

SPECIES = ("human", "mouse", "rat")
UNCONVENTIONAL = ("ANXA2", "FGF2", "IL1B", "HMGB1")
INSIDE = ("TTN", "ACTN2", "NFKB1", "TP53", "CKM", "GAPDH", "MYH4", "ATP5F1A")


@pytest.fixture(scope="module", params=SPECIES)
def references(request):
    return load_references(request.param)


def spelled(references, symbols):
    return [symbol if references.species == "human" else symbol.capitalize() for symbol in symbols]


def test_leaderless_mediators_are_candidates(references):
    routes = references.routes(spelled(references, UNCONVENTIONAL))
    assert set(routes["route"]) == {"unconventional"}


def test_proteins_of_the_cell_are_not(references):
    routes = references.routes(spelled(references, INSIDE))
    assert set(routes["route"]) <= {"intracellular", "ev_cargo"}


def test_classical_and_shed(references):
    routes = references.routes(spelled(references, ["GDF15", "FNDC5", "IL6", "LEP"]))
    assert list(routes["route"]) == ["classical", "shed", "classical", "classical"]


def test_annexin_a2_is_told_with_its_evidence(references):
    row = references.routes(spelled(references, ["ANXA2"])).iloc[0]
    assert row["routes"].split(";")[0] == "unconventional"
    assert "ev_cargo" in row["routes"].split(";")
    assert "UniProt:P07355" in row["evidence"]
    assert "GO:0070062 IDA (org.Hs.eg.db 3.16.0)" in row["evidence"]


def test_evidence_of_rodents_is_marked_as_by_orthology(references):
    grades = references.route_table["grade"]
    allowed = set(GRADES) if references.species == "human" else {grade + ORTHOLOGY for grade in GRADES}
    assert set(grades) == allowed
    if references.species == "rat":
        assert references.route_table["evidence"].str.contains("by symbol from mouse").all()


def test_annexin_a2_has_no_receptor_from_the_study_it_is_tested_on(references):
    receptors = references.receptors(spelled(references, ["ANXA2"]))
    assert set(receptors["receptor"]) == set(spelled(references, ["ROBO4", "TLR2"]))


def test_hmgb1_keeps_its_receptors(references):
    assert len(references.receptors(spelled(references, ["HMGB1"]))) >= 3


def test_complexes_keep_all_their_parts(references):
    receptors = references.receptors(spelled(references, ["GDF15", "FNDC5"]))
    parts = {frozenset(receptor.upper().split("+")) for receptor in receptors["receptor"]}
    assert {frozenset({"GFRAL", "RET"}), frozenset({"ITGA5", "ITGB5"})} <= parts


def test_the_parts_of_a_complex_are_in_one_order_and_the_ligand_is_none_of_them(references):
    for row in references.receptor_table.itertuples():
        parts = row.receptor.split("+")
        assert parts == sorted(set(parts))
        assert len(parts) == 1 or row.ligand not in parts


def test_a_lone_part_of_a_known_complex_is_no_receptor(references):
    heard = references.receptors(spelled(references, ["IL6", "BMP2", "VEGFA"]))
    by_ligand = heard.groupby("ligand")["receptor"].agg(set)
    six, bone, vessel = (by_ligand[name] for name in spelled(references, ["IL6", "BMP2", "VEGFA"]))
    assert "+".join(spelled(references, ["IL6R", "IL6ST"])) in six or "Il6ra+Il6st" in six
    assert [name for name in six if name.capitalize().startswith("Il6") and "+" not in name] == []
    assert bone.isdisjoint(spelled(references, ["BMPR1A", "BMPR2", "ACVR2A"]))
    assert vessel >= set(spelled(references, ["FLT1", "KDR"])), "each hears it alone, by hand"


def test_receptors_of_the_hand_written_table_are_known_as_such(references):
    written = references.receptor_table[references.receptor_table["source"].str.contains("hand-written")]
    assert len(written) > 180
    assert set(spelled(references, ["LEP", "GDF15", "FNDC5", "IL6"])) <= set(written["ligand"])


def test_receptors_are_in_the_order_asked_and_under_the_name_asked(references):
    asked = spelled(references, ["LEP", "nope", "ANXA2", "LEP"])
    receptors = references.receptors(asked)
    assert list(dict.fromkeys(receptors["ligand"])) == [asked[0], asked[2]]
    assert list(receptors.columns) == ["ligand", "receptor", "source", "reference"]
    assert references.receptors([]).empty


def test_rodent_families_without_ortholog_have_the_route_of_their_human_relatives():
    """Placental lactogen I leaves the cell as prolactin does; whether the same receptor hears it is not known from that."""
    for species in ("mouse", "rat"):
        references = load_references(species)
        row = references.routes(["Prl3d1"]).iloc[0]
        assert (row["route"], row["grade"]) == ("classical", "inferred_orthology")
        assert "no ortholog, by the human relative PRL" in row["evidence"]
        pieces = references.route_evidence(["Prl3d1"])
        assert set(pieces["grade"]) == {"inferred"}
        assert pieces["by_orthology"].all()
        assert pieces["text"].str.contains("no ortholog, by the human relative PRL").all()
        assert list(references.orthologs(["Prl3d1"], "human")["state"]) == ["none_known"]
        assert references.receptors(["Prl3d1"]).empty
        assert list(references.origin(["Prl3d1"])["state"]) == ["none_known"]


def test_unknown_genes_are_unknown(references):
    routes = references.routes(["", "no such gene", "7-Sep"])
    assert list(routes["route"]) == ["unknown"] * 3
    assert list(routes["routes"]) == ["unknown"] * 3
    assert list(routes["grade"]) == [NO_GRADE] * 3
    assert list(routes["evidence"]) == [""] * 3


def test_routes_keep_the_given_order_and_repeats(references):
    asked = spelled(references, ["TTN", "nope", "ANXA2", "TTN"])
    routes = references.routes(asked)
    assert list(routes.index) == asked
    assert list(routes.columns) == ["route", "routes", "grade", "evidence"]
    assert list(routes["route"] == "unconventional") == [False, False, True, False]
    assert len(references.routes([])) == 0


def test_ligands_and_receptor_parts_are_official_symbols(references):
    parts = {part for receptor in references.receptor_table["receptor"] for part in receptor.split("+")}
    symbols = sorted(parts | set(references.receptor_table["ligand"]))
    assert [symbol for symbol in symbols if references.names.get(symbol) != symbol] == []


def test_genes_with_a_route_are_official_symbols(references):
    genes = list(references.route_table["gene"])
    assert (references.resolve(genes) == genes).all()


def test_keys_are_unique_and_words_are_known(references):
    assert not references.route_table["gene"].duplicated().any()
    assert not references.receptor_table.duplicated(["ligand", "receptor"]).any()
    assert not references.panel_table.duplicated().any()
    assert set(references.route_table["route"]) <= set(ROUTES)
    assert not (references.route_table["evidence"] == "").any()
    assert not (references.receptor_table["reference"] == "").any()
    first = references.route_table["routes"].str.split(";").str[0]
    assert (first == references.route_table["route"]).all()


def test_strong_routes_do_not_flood(references):
    """UniProt calls 11 % of human proteins secreted; a tenth is the truth, a fifth would be a vesicle list."""
    genes = list(set(references.names.values()))
    share = references.routes(genes)["route"].isin(STRONG_ROUTES).mean()
    assert 0.06 < share < 0.11


@pytest.mark.parametrize(
    ("species", "given", "official"),
    [
        ("human", "ANXA2", "ANXA2"),
        ("human", "CTGF", "CCN2"),
        ("human", "SEPP1", "SELENOP"),
        ("human", "nope", ""),
        ("mouse", "Txn", "Txn1"),
        ("mouse", "Gpi", "Gpi1"),
        ("mouse", "Tp53", "Trp53"),
        ("mouse", "Txn1", "Txn1"),
        ("mouse", "Atp5a1", "Atp5f1a"),
        ("rat", "Tp53", "Tp53"),
        ("rat", "Txn1", "Txn1"),
        ("rat", "Gpi", "Gpi"),
        ("rat", "Ctgf", "Ccn2"),
    ],
)
def test_symbols_resolve(species, given, official):
    resolved = load_references(species).resolve([given])
    assert list(resolved.index) == [given]
    assert resolved.iloc[0] == official


def test_synonyms_find_routes_and_receptors():
    mouse = load_references("mouse")
    assert mouse.routes(["Ctgf"])["route"].iloc[0] == mouse.routes(["Ccn2"])["route"].iloc[0] == "classical"
    assert list(mouse.receptors(["Ctgf"])["receptor"]) == list(mouse.receptors(["Ccn2"])["receptor"])


def test_an_ambiguous_synonym_resolves_to_nothing():
    human = load_references("human")
    assert human.resolve(["p40"]).iloc[0] == ""


@pytest.mark.parametrize(
    ("species", "gene", "panel"),
    [
        ("human", "ALB", "plasma"),
        ("human", "HBB", "erythrocyte"),
        ("human", "IGHG1", "immunoglobulin"),
        ("human", "PF4", "platelet"),
        ("mouse", "Alb", "plasma"),
        ("mouse", "Mup3", "plasma"),
        ("mouse", "Serpina1a", "plasma"),
        ("mouse", "Hba-a1", "erythrocyte"),
        ("mouse", "Hbb-bs", "erythrocyte"),
        ("mouse", "Hbb-bt", "erythrocyte"),
        ("mouse", "Ighm", "immunoglobulin"),
        ("mouse", "Ighg2b", "immunoglobulin"),
        ("mouse", "Igkc", "immunoglobulin"),
        ("mouse", "Pf4", "platelet"),
        ("rat", "Alb", "plasma"),
        ("rat", "Hba-a1", "erythrocyte"),
        ("rat", "Igh-6", "immunoglobulin"),
    ],
)
def test_panels(species, gene, panel):
    panels = load_references(species).panels()
    assert list(panels.columns) == ["gene", "panel"]
    assert panel in set(panels.loc[panels["gene"] == gene, "panel"])


def test_panels_cannot_be_changed_from_outside(references):
    references.panels()["panel"] = "changed"
    assert "changed" not in set(references.panels()["panel"])


def test_immunoglobulins_by_prefix_without_their_namesakes(references):
    asked = ["IGHV3-23", "Igkv4-55", "Ighg2c", "IGLC2", "Igkc", "IGHMBP2", "IGLL1", "Iglon5", "IGF1", "Ighmbp2"]
    assert list(references.is_immunoglobulin(asked)) == [True] * 5 + [False] * 5


def test_versions_name_licence_and_citation(references):
    versions = references.versions()
    assert list(versions.columns[:5]) == ["name", "version", "licence", "sha256", "citation"]
    assert (versions != "").all(axis=None)
    assert versions["sha256"].str.fullmatch("[0-9a-f]{64}").all()
    assert f"routes_{references.species}" in set(versions["name"])


def test_a_species_that_is_not_served_is_refused():
    with pytest.raises(errors.ReferenceError, match="zebrafish"):
        load_references("zebrafish")


def test_a_damaged_table_is_refused(monkeypatch, tmp_path):
    entry = next(entry for entry in registry.registry() if entry.name == "panels")
    (tmp_path / entry.file).write_bytes(b"gene\tpanel\n")
    monkeypatch.setattr(registry, "data_folder", lambda: tmp_path)
    with pytest.raises(errors.ReferenceError, match="SHA-256"):
        registry.read_verified(entry)
    (tmp_path / entry.file).unlink()
    with pytest.raises(errors.ReferenceError, match="missing"):
        registry.read_verified(entry)


def test_loading_reads_no_more_than_the_first_questions_need(monkeypatch):
    """Evidence, orthologs and hormones are a third of the bytes; a run does not ask for them."""
    read = []
    monkeypatch.setattr(store, "read_table", lambda entry: read.append(entry.name) or registry.read_table(entry))
    monkeypatch.setattr(details, "read_table", lambda entry: read.append(entry.name) or registry.read_table(entry))
    references = load_references("mouse")
    references.routes(["Anxa2"])
    assert sorted(read) == ["contaminants", "genes_mouse", "panels", "receptors_mouse", "routes_mouse"]
    references.route_evidence(["Anxa2"])
    assert {"route_evidence", "relatives", "orthologs"} <= set(read)


def test_asking_for_every_gene_costs_less_than_loading():
    load_references("mouse")
    began = time.process_time()
    references = load_references("mouse")
    loaded = time.process_time()
    genes = (list(references.route_table["gene"]) * 2)[:20_000]
    asked = time.process_time()
    references.routes(genes)
    assert time.process_time() - asked < loaded - began, "one look-up per gene would take far longer"


def test_contaminants_in_the_spelling_of_the_species_and_by_accession(references):
    table = references.contaminants()
    keratin = table[table["panel"] == "keratin"]
    assert spelled(references, ["KRT1"])[0] in set(keratin["gene"])
    assert "P04264" in set(keratin["protein"])
    assert not set(spelled(references, ["KRT8", "KRT18", "KRT19"])) & set(keratin["gene"]), "made by inner epithelia"
    reagents = table[table["panel"] == "reagent"]
    assert {"P00761", "P02769"} <= set(reagents["protein"])
    assert set(reagents["gene"]) == {""}
