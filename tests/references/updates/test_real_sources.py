"""The real content of the sources, in their formats, through an update: what the rules are for must come out."""

from __future__ import annotations

import pandas as pd
import pytest

from organokine.references import load_identifiers, load_references, releases
from organokine.references.routes import STRONG_ROUTES
from organokine.references.updates.update import Options, update
from tests.references.conftest import QUICK
from tests.references.updates.loopback import serving
from tests.references.updates.official import on_mirror, small
from tests.references.updates.real import Shared

pytestmark = pytest.mark.public

LEADERLESS = ["ANXA2", "FGF1", "FGF2", "IL1B", "IL18", "HMGB1", "LGALS1", "LGALS3", "MIF", "NAMPT", "S100A8", "TXN"]
CLASSICAL = ["GDF15", "IL6", "LEP", "ADIPOQ", "FGF21", "MSTN", "INS", "CXCL8", "GCG", "IGF1"]
INSIDE = ["TTN", "ACTN2", "NFKB1", "TP53", "CKM", "GAPDH", "MYH4", "RYR1", "RPL3", "ATP5F1A", "MYOD1", "LMNA"]
OTHERS = ["TNF", "COL1A1", "COL4A1", "PDIA3", "HSPA5", "ALB", "GFRAL", "RET", "ROBO4", "TLR2", "EGFR", "IL6R", "IL6ST"]
OTHERS += ["HAVCR2", "SDC1", "THBD"]


@pytest.fixture(scope="module")
def made(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / "store"
    contents = Shared(shared_data, [*LEADERLESS, *CLASSICAL, *INSIDE, *OTHERS, "TXN1", "TRP53"]).contents()
    with pytest.MonkeyPatch.context() as patch, serving(on_mirror(contents)) as server:
        patch.setenv("ORGANOKINE_REFS", str(folder))
        yield update(Options(mirror=server.address, cards=small(), limits=QUICK), lambda _: None)


def routes(made, species: str, symbols: list[str]) -> pd.DataFrame:
    """Routes of the genes that have one ortholog of the same symbol."""
    different = {"TXN", "TP53", "CXCL8", "INS"}
    spelled = symbols if species == "human" else [name.capitalize() for name in symbols if name not in different]
    return load_references(species, made.name).routes(spelled)


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_leaderless_mediators_are_found_although_they_have_no_signal_peptide(made, species):
    assert set(routes(made, species, LEADERLESS)["route"]) == {"unconventional"}


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_classical_mediators_and_proteins_of_the_cell(made, species):
    assert set(routes(made, species, CLASSICAL)["route"]) == {"classical"}
    assert not set(routes(made, species, INSIDE)["route"]) & set(STRONG_ROUTES)


def test_features_alone_would_find_them_too(made):
    """The hand-written rows lead; what the features say stands in the evidence of the release."""
    table = pd.read_csv(
        releases.release_folder(made.name) / "route_evidence_human.tsv", sep="\t", keep_default_na=False
    )
    told = table[table["source"].str.startswith("UniProt") & (table["route"] == "unconventional")]
    assert set(LEADERLESS) <= set(told["gene"])
    assert set(told.loc[told["gene"] == "ANXA2", "text"].str.split(" (", regex=False).str[0]) == {
        "secreted",
        "no signal peptide",
    }


def test_native_evidence_of_the_mouse_is_not_marked_as_human(made):
    mouse = load_references("mouse", made.name).route_table.set_index("gene")
    assert mouse.loc["Col4a1", "grade"] in ("low_throughput", "inferred")
    assert "UniProt 2026-10-01 P02463" in mouse.loc["Col4a1", "evidence"]


def test_names_receptors_and_accessions(made):
    mouse, human = load_references("mouse", made.name), load_references("human", made.name)
    assert mouse.resolve(["Tp53", "Txn"]).tolist() == ["Trp53", "Txn1"]
    assert len(mouse.receptors(["Hmgb1"])) >= 3
    assert "IL6R+IL6ST" in set(human.receptors(["IL6"])["receptor"])
    assert set(human.receptors(["ANXA2"])["receptor"]) == {"ROBO4", "TLR2"}
    assert load_identifiers("mouse", made.name).accessions["P07356"] == ("Anxa2",)
