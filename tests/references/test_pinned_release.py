"""A study is held against the release it names, and the run records it."""

from __future__ import annotations

import hashlib

import pytest

import organokine as ok
from organokine import errors
from organokine.readers.identifiers import map_identifiers
from organokine.readers.symbols import tidy_symbols
from tests.references.updates.official import twins
from tests.small_study import write_small_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pinned")
    write_small_study(folder)
    return folder


def pinned(folder, release: str):
    path = folder / "pinned.toml"
    plain = (folder / "study.toml").read_text(encoding="utf-8")
    path.write_text(f'{plain}\n[references]\nrelease = "{release}"\n', encoding="utf-8")
    return path


def test_a_study_uses_the_embedded_tables_unless_it_names_others(folder, release):
    assert ok.read_study(folder / "study.toml").file.references.release == "embedded"


@pytest.mark.parametrize("by", ["name", "current"])
def test_the_name_of_the_release_is_written_into_the_study(folder, release, by):
    study = ok.read_study(pinned(folder, release if by == "name" else "current"))
    assert study.file.references.release == release


def test_an_absent_release_is_refused_before_anything_is_read(folder, store):
    with pytest.raises(errors.ReferenceError, match=r"there is no release '2020-01-01-0123456789ab'.*refs update"):
        ok.read_study(pinned(folder, "2020-01-01-0123456789ab"))


@pytest.mark.parametrize("name", ["../x", "", "a b"])
def test_a_name_that_no_release_can_have_is_refused(folder, release, name):
    with pytest.raises(errors.OrganokineError, match="release"):
        ok.read_study(pinned(folder, name))


def test_a_run_records_the_release_and_the_hash_of_every_source(folder, release):
    manifest = ok.run(ok.read_study(pinned(folder, release))).manifest
    assert manifest["study"]["references"]["release"] == release
    routes = next(table for table in manifest["references"] if table["name"] == "routes_mouse")
    assert routes["version"] == release
    for source in ("uniprot_mouse", "go_mouse", "uniprot_human"):
        assert hashlib.sha256(twins()[source]).hexdigest() in routes["sources"]


def test_names_of_genes_are_those_of_the_release(release):
    import pandas as pd

    protein = pd.Series(["M07355"], index=["row"])
    symbols = tidy_symbols(pd.Series([""], index=["row"]), protein, "mouse", "table")
    assert map_identifiers(symbols, protein, "mouse").gene.tolist() == [""]
    assert map_identifiers(symbols, protein, "mouse", release).gene.tolist() == ["Anxa2"]
