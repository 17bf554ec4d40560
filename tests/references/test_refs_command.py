"""The commands `refs` as a user calls them."""

from __future__ import annotations

import json
import shutil
from functools import partial

import pytest

from organokine import cli
from organokine.references.updates import update as module
from tests.references.conftest import QUICK
from tests.references.updates.loopback import serving
from tests.references.updates.official import on_mirror, small, twins


@pytest.fixture
def run(capsys):
    def command(*arguments: str) -> tuple[int, str, str]:
        status = cli.status(["refs", *arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command


@pytest.fixture
def small_cards(monkeypatch):
    """The command makes releases of twins, quickly."""

    monkeypatch.setattr(module, "Options", partial(module.Options, cards=small(), limits=QUICK))


def test_path(run, store):
    assert run("path") == (0, f"{store}\n", "")
    assert not store.exists()


def test_list_names_version_size_licence_and_citation(run, release):
    status, out, err = run("list")
    assert (status, err) == (0, "")
    assert max(len(line) for line in out.splitlines()) <= 80
    for piece in (
        "embedded",
        release,
        "current",
        "routes_human",
        "2026.1",
        "MIT",
        "CC-BY-4.0",
        "kB",
        "doi:10.1093/nar/gkac1052",
    ):
        assert piece in out


def test_list_as_json(run, release):
    status, out, _ = run("list", "--json")
    assert status == 0
    embedded, made = json.loads(out)
    assert (embedded["name"], made["name"], made["is_current"]) == ("embedded", release, True)
    for table in (*embedded["tables"], *made["tables"]):
        assert table["size"] > 0
        assert "" not in (table["version"], table["licence"], table["citation"], table["sha256"])
    assert {source["name"] for source in made["sources"]} >= {"uniprot_human", "go_terms", "secact"}


def test_show(run):
    status, out, err = run("show", "ANXA2")
    assert (status, err) == (0, "")
    assert out.startswith("ANXA2  (human, embedded tables)")
    status, out, _ = run("show", "ANXA2", "--json")
    assert json.loads(out)["gene"] == "ANXA2"


def test_show_of_an_unknown_gene(run):
    status, out, err = run("show", "ANXA22", "--species", "human")
    assert (status, out) == (1, "")
    assert err.startswith("'ANXA22' (human): no gene of that name is known.")
    assert "ANXA2" in err.removeprefix("'ANXA22'")


def test_show_of_an_absent_release(run, store):
    status, out, err = run("show", "ANXA2", "--release", "current")
    assert (status, out) == (1, "")
    assert "organokine refs update" in err


def test_update_tells_what_to_write_into_the_study_file(run, store, small_cards):
    with serving(on_mirror(twins())) as server:
        status, out, err = run("update", "--mirror", server.address, "--with", "secact")
    assert status == 0
    (made,) = (store / "releases").iterdir()
    assert out.startswith(f"release {made.name}\n")
    assert f'[references]\nrelease = "{made.name}"' in out
    assert "1 go_human: assigned by Reactome" in out
    assert "uniprot_human: 0.0 MB" in err
    assert (made / "SecAct.tsv.gz").is_file()


def test_update_takes_the_mirror_from_the_environment_and_tells_each_failure(run, store, small_cards, monkeypatch):
    with serving({}) as server:
        monkeypatch.setenv("ORGANOKINE_REFS_MIRROR", server.address)
        status, out, err = run("update")
    assert (status, out) == (1, "")
    told = [line for line in err.splitlines() if "no release was changed" in line]
    assert len(told) == 15
    assert told[0].startswith(
        f"uniprot_human ({server.address}/uniprot_human/uniprot_human.tsv.gz): the server answers 404"
    )
    assert "Traceback" not in err


def test_update_offline(run, store):
    status, out, err = run("update", "--offline")
    assert (status, out) == (1, "")
    assert "15 of 15 sources are not in the download folder" in err


def test_verify(run, store, release, made, monkeypatch):
    assert run("verify") == (0, f"embedded: intact\n{release}: intact\n", "")
    shutil.copytree(made[0], store)
    monkeypatch.setenv("ORGANOKINE_REFS", str(store))
    damaged = store / "releases" / release / "routes_human.tsv"
    damaged.write_text("x")
    status, out, err = run("verify")
    assert status == 1
    assert out == f"embedded: intact\n{release}: damaged\n"
    assert err.startswith(f"{damaged}: the file differs from what the registry lists")


def test_a_damaged_registry_does_not_stop_the_list(run, release, made, store, monkeypatch):
    shutil.copytree(made[0], store)
    monkeypatch.setenv("ORGANOKINE_REFS", str(store))
    (store / "releases" / release / "registry.toml").write_text("x = ")
    status, out, _ = run("list")
    assert status == 0
    assert f"{release}  (damaged, see `organokine refs verify`)" in out
    assert run("verify")[0] == 1
