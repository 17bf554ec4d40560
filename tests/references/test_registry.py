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

MAXIMUM_BYTES = 2_500_000
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
    return pd.read_csv(data_folder() / entry.file, sep="\t")


def test_the_curated_table_is_complete(curated):
    assert len(curated) >= 120
    assert not curated["symbol"].duplicated().any()
    assert list(curated["symbol"]) == sorted(curated["symbol"])
    assert set(curated["route"]) <= set(ROUTES)
    assert curated["reference"].str.fullmatch(r"UniProt:[A-Z][0-9A-Z]{5}|doi:10\.\S+|PMID:\d+").all()
    assert curated.notna().all(axis=None)


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
