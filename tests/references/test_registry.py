from __future__ import annotations

import gzip
import hashlib
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from organokine.references.registry import data_folder, read_verified, registry
from organokine.references.routes import ROUTES

MAXIMUM_BYTES = 3_000_000
ROOT = Path(__file__).resolve().parents[2]


def test_every_file_is_registered_and_intact():
    files = {entry.name for entry in data_folder().iterdir()}
    assert {entry.file for entry in registry()} == files
    for entry in registry():
        assert hashlib.sha256(read_verified(entry)).hexdigest() == entry.sha256


def test_the_tables_stay_small():
    assert sum(len(read_verified(entry)) for entry in registry()) < MAXIMUM_BYTES


def test_every_table_has_licence_citation_and_sources():
    for entry in registry():
        assert all(len(text) > 0 for text in (entry.licence, entry.citation, entry.version, *entry.sources))


def test_compressed_tables_carry_no_clock():
    for entry in registry():
        if entry.file.endswith(".gz"):
            assert read_verified(entry)[4:8] == b"\0\0\0\0"


def test_tables_are_sorted_by_their_key_without_repeats():
    for entry in registry():
        if entry.name.startswith(("accessions", "genes", "routes")):
            lines = gzip.decompress(read_verified(entry)).decode().splitlines()[1:]
            keys = [line.split("\t", 1)[0] for line in lines]
            assert keys == sorted(set(keys))


def test_sources_are_pinned_and_no_host_is_named():
    text = (ROOT / "src/organokine/references/registry.toml").read_text(encoding="utf-8")
    for source in tomllib.loads(text)["source"].values():
        assert re.fullmatch("[0-9a-f]{64}", source["sha256"])
        assert len(source["licence"]) * len(source["content_licence"]) * len(source["citation"]) > 0
    assert "://" not in text


@pytest.fixture(scope="module")
def curated():
    entry = next(entry for entry in registry() if entry.name == "curated_mediators")
    return pd.read_csv(data_folder() / entry.file, sep="\t", keep_default_na=False)


def test_the_curated_table_is_complete(curated):
    assert len(curated) >= 200
    assert list(curated.columns) == ["symbol", "route", "organs", "receptors", "reference"]
    assert not curated["symbol"].duplicated().any()
    assert list(curated["symbol"]) == sorted(curated["symbol"])
    assert set(curated["route"]) <= set(ROUTES)
    assert curated["reference"].str.fullmatch(r"UniProt:[A-Z][0-9A-Z]{5}|doi:10\.\S+|PMID:\d+").all()
    assert (curated.drop(columns="receptors") != "").all(axis=None)


def test_curated_receptors_are_written_in_one_way_and_none_is_that_of_the_motivating_study(curated):
    named = curated[curated["receptors"] != ""]
    assert len(named) > 120
    for joined in named["receptors"]:
        complexes = joined.split(";")
        assert complexes == sorted(set(complexes))
        assert all(part == "+".join(sorted(set(part.split("+")))) for part in complexes)
    assert curated.set_index("symbol").loc["ANXA2", "receptors"] == ""


@pytest.mark.public
def test_every_curated_receptor_is_in_an_oracle_table_too(curated, shared_data):
    """As a whole in CellPhoneDB or hormone2cell, or with every part heard by the ligand in connectomeDB2020."""
    folder = shared_data / "references"
    known = cellphonedb_pairs(folder / "lr_cellphonedb_v5") | hormone_pairs(folder / "hormones_hormone2cell")
    lone = pd.read_csv(folder / "lr_connectomeDB2020_NATMI/lrc2p.csv").itertuples(index=False, name=None)
    lone = set(lone)
    doubtful = [
        (row.symbol, receptor)
        for row in curated[curated["receptors"] != ""].itertuples()
        for receptor in row.receptors.split(";")
        if (row.symbol, frozenset(receptor.split("+"))) not in known
        and not all((row.symbol, part) in lone for part in receptor.split("+"))
    ]
    assert doubtful == []


def cellphonedb_pairs(folder: Path) -> set[tuple[str, frozenset[str]]]:
    """Ligand genes and receptors of CellPhoneDB, either way round, without what a bound complex says of its ligand."""
    genes = pd.read_csv(folder / "gene_input.csv").drop_duplicates("uniprot").set_index("uniprot")["hgnc_symbol"]
    parts = pd.read_csv(folder / "complex_input.csv").set_index("complex_name").filter(regex=r"^uniprot_\d$")
    complexes = {name: frozenset(row.dropna().map(genes).dropna()) for name, row in parts.iterrows()}
    pairs = pd.read_csv(folder / "interaction_input.csv", usecols=["partner_a", "partner_b"])
    known = set()
    for one, other in pairs.itertuples(index=False, name=None):
        for ligand, receptor in ((one, other), (other, one)):
            made = complexes.get(ligand, frozenset([genes.get(ligand, "")]))
            heard = complexes.get(receptor, frozenset([genes.get(receptor, "")]))
            known |= {(gene, heard - {gene}) for gene in made}
    return known


def hormone_pairs(folder: Path) -> set[tuple[str, frozenset[str]]]:
    made = pd.read_csv(folder / "hormone_producing_definition_v2.0.0.tsv", sep="\t")
    heard = pd.read_csv(folder / "hormone_receptor_definition_v2.0.0.tsv", sep="\t")
    both = made[["hormone_short", "hpc_include1"]].merge(heard, on="hormone_short")
    columns = ["hpc_include1", "receptorgene1", "receptorgene2"]
    rows = both.dropna(subset=["receptorgene1"])[columns].fillna("").itertuples(index=False, name=None)
    return {(gene.strip(), frozenset(part.strip() for part in parts) - {""}) for gene, *parts in rows}


@pytest.mark.public
def test_curated_accessions_are_those_of_the_gene(curated, shared_data):
    oracle = pd.read_parquet(shared_data / "references/prototype/secretion_human.parquet")
    known = set(zip(oracle["symbol"], oracle["uniprot"], strict=True))
    cited = curated[curated["reference"].str.startswith("UniProt:")]
    pairs = zip(cited["symbol"], cited["reference"].str.removeprefix("UniProt:"), strict=True)
    assert [pair for pair in pairs if pair not in known] == []


@pytest.mark.public
def test_curated_mediators_leave_the_cell_by_the_oracle_too(curated, shared_data):
    """UniProt or Gene Ontology let each of them out: secreted, led, shed or seen outside; leak markers are the exception."""
    oracle = pd.read_parquet(shared_data / "references/prototype/secretion_human.parquet")
    outside = oracle.loc[oracle[["up_secreted", "up_signal", "up_shed_chain", "go_xs_low"]].any(axis=1), "symbol"]
    mediators = curated[~curated["route"].isin(["intracellular"])]
    assert set(mediators["symbol"]) - set(outside) == set()


def test_contaminants_are_official_symbols_with_their_own_accessions():
    entries = {entry.name: entry for entry in registry()}
    table = pd.read_csv(data_folder() / entries["contaminants"].file, sep="\t", dtype=str, keep_default_na=False)
    assert set(table["panel"]) == {"keratin", "reagent"}
    assert not table.duplicated().any()
    assert table["protein"].str.fullmatch(r"([OPQ]\d[A-Z\d]{3}\d)?").all()
    for species in ("human", "mouse", "rat"):
        genes = read_gz(entries[f"genes_{species}"])
        own = table.loc[table["species"] == species, "gene"]
        assert len(own) > 20
        assert set(own) <= set(genes["symbol"])
    accessions = read_gz(entries["accessions_human"]).set_index("symbol")["uniprot"]
    human = table[table["species"] == "human"]
    assert all(
        protein in accessions[gene].split("|") for gene, protein in zip(human["gene"], human["protein"], strict=True)
    )


def read_gz(entry):
    return pd.read_csv(data_folder() / entry.file, sep="\t", dtype=str, keep_default_na=False, compression="gzip")
