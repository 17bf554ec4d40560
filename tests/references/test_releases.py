from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from organokine import errors
from organokine.references import load_references, registry, releases


def test_the_environment_names_the_store(store):
    assert releases.store_folder() == store


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, ".local/share/organokine/references"),
        ("linux", {"XDG_DATA_HOME": "/elsewhere"}, "/elsewhere/organokine/references"),
        ("darwin", {}, "Library/Application Support/organokine/references"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/organokine/references"),
        ("win32", {}, "AppData/Local/organokine/references"),
    ],
)
def test_without_it_the_system_does(monkeypatch, tmp_path, platform, variables, expected):
    for name in ("ORGANOKINE_REFS", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", platform)
    assert releases.store_folder() == tmp_path / expected


def test_a_relative_store_does_not_move_with_the_working_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORGANOKINE_REFS", "store")
    assert releases.store_folder() == tmp_path / "store"


def test_an_empty_store_has_embedded_tables_only(store):
    assert releases.stored_releases() == ()
    assert releases.current_release() is None
    assert releases.resolve_release("embedded") == "embedded"
    assert not store.exists(), "looking makes nothing"


def test_without_a_release_current_is_told_how_to_get_one(store):
    with pytest.raises(errors.ReferenceError, match=r"no release was made here yet.*organokine refs update"):
        releases.resolve_release("current")


def test_an_absent_release_is_told_how_to_get_it(release, made):
    with pytest.raises(errors.ReferenceError) as caught:
        releases.resolve_release("2020-01-01-0123456789ab")
    (problem,) = caught.value.problems
    assert release in problem.what
    assert "organokine refs update" in problem.remedy
    assert str(made[0] / "releases") in problem.remedy


def test_a_misspelt_release_is_told_the_nearest(release):
    with pytest.raises(errors.ReferenceError, match=f"Write '{release}'"):
        releases.resolve_release(release[:-1])


@pytest.mark.parametrize("name", ["..", "../x-0123456789ab", "a/b-0123456789ab", ".making-1", "2026-10-01", ""])
def test_only_folders_with_the_name_of_a_release_are_releases(store, name):
    folder = store / "releases" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "registry.toml").write_text("")
    assert releases.stored_releases() == ()


@pytest.fixture
def copied(release, made, store):
    shutil.copytree(made[0], store, dirs_exist_ok=True)
    return store / "releases" / release


def test_an_intact_release_has_no_fault(release, copied, monkeypatch):
    monkeypatch.setenv("ORGANOKINE_REFS", str(copied.parents[1]))
    assert registry.faults(release) == []
    assert registry.faults("embedded") == []


@pytest.mark.parametrize(
    ("file", "damage", "message"),
    [
        ("routes_mouse.tsv", lambda path: path.write_bytes(path.read_bytes() + b"x"), "differs"),
        ("genes_rat.tsv", Path.unlink, "missing"),
        ("SecAct.tsv.gz", lambda path: path.write_bytes(b"x"), "differs"),
        ("SecAct.tsv.gz", Path.unlink, "missing"),
        ("registry.toml", lambda path: path.write_text(path.read_text() + "\n"), "not the one that gave"),
    ],
)
def test_each_damaged_file_is_named(release, copied, monkeypatch, file, damage, message):
    monkeypatch.setenv("ORGANOKINE_REFS", str(copied.parents[1]))
    damage(copied / file)
    (problem,) = registry.faults(release)
    assert problem.where == str(copied / file)
    assert message in problem.what


def test_a_damaged_table_of_a_release_is_refused(release, copied, monkeypatch):
    monkeypatch.setenv("ORGANOKINE_REFS", str(copied.parents[1]))
    (copied / "routes_mouse.tsv").write_text("gene\troute\n")
    with pytest.raises(errors.ReferenceError, match=r"routes_mouse\.tsv: the file differs"):
        load_references("mouse", release)
