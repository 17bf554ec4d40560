"""Each reader against the twin of its source, row by row."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pandas as pd
import pytest

from organokine.references.routes import GROUP_ROOTS
from organokine.references.updates import cards
from organokine.references.updates.faults import SourceFault
from organokine.references.updates.go import terms_of_groups
from tests.references.updates import official
from tests.references.updates.official import small, twins

CARDS = {card.name: card for card in small()}


@pytest.fixture
def read(tmp_path):
    def from_content(name: str, content: bytes | None = None):
        path = tmp_path / "file"
        path.write_bytes(twins()[name] if content is None else content)
        return CARDS[name].read(path, CARDS[name])

    return from_content


def test_every_card_says_what_it_must():
    for card in cards.CARDS:
        assert card.address.startswith("https://")
        assert "" not in (card.name, card.gives, card.file, card.licence, card.citation)
        assert card.largest > 0
        assert card.file == card.file.replace("/", "")
    assert len(CARDS) == len(cards.CARDS)
    assert {card.name for card in cards.CARDS if card.opt_in} == {"secact", "nichenet_human", "nichenet_mouse"}


def test_uniprot_features_and_locations(read):
    table = read("uniprot_human").table.set_index("gene")
    annexin = table.loc["ANXA2"]
    assert (annexin["signal"], annexin["transmembrane"], annexin["anchored"]) == (False, 0, False)
    assert (annexin["secreted"], annexin["matrix"], annexin["kept"]) == (
        "low_throughput",
        "low_throughput",
        "Melanosome",
    )
    assert annexin["synonyms"] == "ANX2|LPC2D|p36"
    assert annexin["ensembl"] == "ENST00000001000"
    assert table.loc["TNF", "soluble"] == "Tumor necrosis factor, soluble form"
    assert table.loc["TNF", ["transmembrane", "secreted"]].tolist() == [1, "inferred"]
    assert table.loc["SREBF1", "soluble"] == "", "what moves to the nucleus is not let go"
    assert table.loc["COL1A1", ["signal", "secreted", "matrix"]].tolist() == [True, "inferred", "inferred"]
    assert table.loc["PDIA3", ["secreted", "kept", "inside"]].tolist() == ["", "Endoplasmic reticulum", ""]
    assert table.loc["GAPDH", "inside"] == "Cytoplasm"
    assert table.loc["CD59", "anchored"]


def test_a_note_is_no_location(read):
    row = "P1\tX\t\t\t\t\tSUBCELLULAR LOCATION: Nucleus. Note=Secreted upon stress. Golgi in yeast.\t\t1;"
    content = official.lines([official.UNIPROT_HEADER, row, row])
    found = read("uniprot_human", content).table.iloc[0]
    assert (found["secreted"], found["kept"], found["inside"]) == ("", "", "Nucleus")


def test_go_annotations(read):
    found = read("go_human")
    assert found.version == "2026-09-28"
    assert found.skipped == {"negated": 1, "assigned by Reactome": 1}
    rows = set(found.table.itertuples(index=False, name=None))
    assert ("P07355", "ANXA2", "GO:0070062", "HDA") in rows
    assert ("P02452", "COL1A1", "GO:0005201", "IDA") in rows
    assert not {"GO:0008150"} & set(found.table["term"])
    assert "GO:0005576" not in set(found.table["term"]), "Reactome's titin outside the cell"
    assert len(rows) == len(official.ANNOTATIONS["human"]) - 2


def test_go_annotations_of_another_format_are_refused(read):
    with pytest.raises(SourceFault, match="no gene association file"):
        read("go_human", b"UniProtKB\tP1\n")
    half = gzip.decompress(twins()["go_human"]).replace(b"\tUniProt\t\t\n", b"\n", 1)
    with pytest.raises(SourceFault, match="cut short"):
        read("go_human", half)


def test_go_terms_lie_below_by_is_a_and_part_of_only(read):
    found = read("go_terms")
    assert found.version == "2026-10-01"
    groups = terms_of_groups(found.table)
    by_group = groups.groupby("group")["term"].agg(set)
    assert set(by_group.index) == set(GROUP_ROOTS)
    assert by_group["vesicle"] == {"GO:1903561", "GO:0070062"}
    assert by_group["outside"] == {"GO:0005576", "GO:0005615"}, "roots only, and nothing that merely regulates them"
    assert {"GO:0005654", "GO:0000001", "GO:0030018", "GO:0005829"} <= by_group["cytosol"]
    assert "GO:0005788" not in by_group["inside"]


def test_a_circle_of_terms_ends():
    links = pd.DataFrame({"term": ["GO:0005622", "GO:1"], "above": ["GO:1", "GO:0005622"]})
    assert "GO:1" in set(terms_of_groups(links).query("group == 'inside'")["term"])


def test_genes(read):
    found = read("genes_mouse")
    assert found.skipped == {"no gene (NEWENTRY)": 1}
    row = found.table.set_index("symbol").loc["Trp53"]
    number = official.number_of("TP53", "mouse")
    assert row["geneid"] == str(number)
    assert row["database"] == f"MGI:{number}"
    assert row["ensembl"] == f"ENSMUSG{number:011}"
    assert row["synonyms"] == ""


def test_hgnc(read):
    found = read("hgnc")
    row = found.table.set_index("symbol").loc["ANXA2"]
    assert row["aliases"] == "ANX2|LPC2D|p36"
    assert (row["mouse"], row["rat"]) == ("MGI:2000", "RGD:3000")
    assert "GONE" not in set(found.table["symbol"])


def test_orthologs(read):
    pairs = set(read("ncbi_orthologs").table.itertuples(index=False, name=None))
    assert ("rat", "1001", "3001") in pairs
    assert len(pairs) == 2 * len(official.PROTEINS)
    assert set(read("mgi").table["species"]) == {"mouse"}


def test_cellphonedb(read):
    found = read("cellphonedb")
    assert found.version == "v5.0.0"
    assert found.skipped == {"metabolite ligands": 1, "partners without a gene": 1}
    rows = {(row.ligand, row.receptor): row.source for row in found.table.itertuples()}
    assert rows == {
        ("IL6", "IL6R+IL6ST"): "CellPhoneDB",
        ("TNF", "TLR2"): "CellPhoneDB, as part of TNF+CCN2",
        ("CCN2", "TLR2"): "CellPhoneDB, as part of TNF+CCN2",
    }


def test_a_table_in_an_archive_is_named_when_its_columns_change(read):
    content = official.cellphonedb()
    changed = official.rewritten(content, "gene_input.csv", lambda text: text.replace(b"hgnc_symbol", b"symbol"))
    with pytest.raises(SourceFault, match=r"data/gene_input.csv: the column 'hgnc_symbol' is missing"):
        read("cellphonedb", changed)


def test_reactome(read):
    found = read("reactome")
    assert found.skipped == {"pathways without genes": 1}
    table = found.table.set_index("pathway")
    assert table.loc["R-HSA-1059683"].tolist() == ["Signalling by IL6", "IL6|IL6R|IL6ST"]
    assert table.loc["R-HSA-2", "genes"] == "ANXA2|UNKNOWN1"
    with pytest.raises(SourceFault, match="no identifier"):
        read("reactome", official.archive({"ReactomePathways.gmt": b"name\tgene\tgene\n" * 3}))


def test_large_sets_are_looked_at_before_they_are_kept(read):
    assert read("secact").table["ligand"].tolist() == ["ANXA2", "IL6"]
    with pytest.raises(SourceFault, match="row 1 has 1 numbers for 2 proteins"):
        read("secact", b"ANXA2\tIL6\nGAPDH\t0.1\n")
    with pytest.raises(SourceFault, match="no signature matrix"):
        read("secact", b"<html>")
    assert len(read("nichenet_human").table) == 0
    with pytest.raises(SourceFault, match="not a file of the R language"):
        read("nichenet_human", b"<html>")


def test_real_cards_expect_as_many_rows_as_the_sources_have(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(twins()["hgnc"])
    card = next(card for card in cards.CARDS if card.name == "hgnc")
    with pytest.raises(SourceFault, match="at least 35,000 are expected"):
        card.read(path, card)
    assert replace(card, fewest=2).read(path, replace(card, fewest=2)).table.shape[0] == len(official.PROTEINS)
