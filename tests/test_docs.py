"""The docs say what the program does: generated pages are fresh, and the commands and code on the pages run."""

from __future__ import annotations

import importlib.util
import io
import re
import shlex
import sys
import types
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

import organokine
from organokine import cli, pipeline

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
COMMAND = re.compile(r"^\$ organokine (.*)$", re.MULTILINE)
CONTENT = "gene\ta1\ta2\ta3\tb1\tb2\tb3\nActb\t20\t20.1\t20.2\t20\t20.3\t20.1\nAnxa2\t18\t18.2\t18.1\t19\t19.2\t19.3\n"


@pytest.fixture(scope="module")
def build_docs():
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "tools" / "build_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def code_block(page: str) -> str:
    return re.search(
        r"^```python\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ).group(1)


def test_generated_pages_are_fresh(build_docs):
    assert build_docs.main(["--check"]) == 0


def test_a_stale_page_is_named(build_docs, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build_docs, "DOCS", tmp_path)
    assert build_docs.main([]) == 0
    (tmp_path / "tables.md").write_text("old", encoding="utf-8")
    assert build_docs.main(["--check"]) == 1
    assert "tables.md" in capsys.readouterr().err


def test_every_key_column_and_line_has_a_meaning(build_docs):
    empty = re.compile(r"^\| `\w+` \|.*\|  \|$", re.MULTILINE)
    assert empty.findall(build_docs.study_file_page()) == []
    assert empty.findall(build_docs.tables_page()) == []


def test_every_page_is_in_the_navigation_and_the_reverse():
    navigation = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(navigation) == sorted(path.name for path in DOCS.glob("*.md"))


def test_every_command_is_documented(build_docs):
    page = build_docs.command_line_page()
    commands = [command.name or command.callback.__name__ for command in cli.app.registered_commands]
    known = {
        "new",
        "check",
        "run",
        "report",
        "lines",
        "demo",
        "doctor",
        "differential",
        "inspect",
        "perturbation",
        "phenotype",
        "population",
        "claims",
        "card",
        "digest",
        "note",
    }
    assert set(commands) == known
    commands += [f"refs {name}" for name in ("list", "show", "update", "verify", "path")]
    commands += ["raw inspect"]
    assert all(f"\n## {command}\n" in page and f"organokine {command} " in page for command in commands)


def test_every_public_name_is_on_the_python_page():
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    assert [name for name in organokine.__all__ if f"`{name}" not in page] == []


class Said(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Said]]:
    """The folder in which the commands of the tutorial ran, and what each said."""
    folder = tmp_path_factory.mktemp("tu torial")
    (folder / "my_study").mkdir()
    (folder / "my_study" / "muscle.tsv").write_text(CONTENT, encoding="utf-8")
    said = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for command in COMMAND.findall((DOCS / "tutorial.md").read_text(encoding="utf-8")):
            with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
                status = cli.status(shlex.split(command))
            said[command] = Said(status, out.getvalue(), err.getvalue())
    return folder, said


@pytest.mark.slow
def test_the_commands_of_the_tutorial_run(tutorial):
    folder, said = tutorial
    assert len(said) == 6
    assert {command: each.err for command, each in said.items() if each.status != 0} == {}
    assert (folder / "organokine_demo" / "again" / "report.html").is_file()


@pytest.mark.slow
def test_the_demo_says_it_is_simulated_and_leaves_a_report(tutorial):
    folder, said = tutorial
    printed = said["demo"].out
    assert "SIMULATED" in printed
    report = folder / re.search(r"^report: (.*)$", printed, re.MULTILINE).group(1)
    assert report.is_file()
    assert {path.name for path in report.parent.iterdir()} >= {"mediators.tsv", "manifest.json", "cards"}
    first = report.read_bytes()
    assert cli.status(["report", str(report.parent)]) == 0
    assert report.read_bytes() == first


@pytest.mark.slow
def test_a_line_added_as_the_page_says_is_asked(tmp_path, monkeypatch):
    from organokine.simulate import write_study

    abundance = types.ModuleType("abundance")
    monkeypatch.setitem(sys.modules, "abundance", abundance)
    exec(compile(code_block("adding-a-line.md"), "adding-a-line.md", "exec"), abundance.__dict__)
    study = organokine.read_study(write_study(tmp_path))
    result = pipeline.run(study, lines=(*organokine.LINES, abundance.LINE))
    rows = result.evidence[result.evidence["line"] == "abundance"]
    assert set(rows["gene"]) == set(result.mediators["gene"])
    asked = rows[rows["state"] == "asked"]
    assert len(asked) > 100
    assert asked["effect"].max() == 1.0
    assert rows.loc[rows["state"] == "protein_not_measured", "effect"].isna().all()
