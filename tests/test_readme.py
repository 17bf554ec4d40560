"""The README's two commands are the ones that CI runs, and what it promises is there."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BASH_BLOCK = re.compile(r"^<!-- run: (\w+) -->\n```bash\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


def test_two_marked_commands_of_one_line_each():
    blocks = dict(BASH_BLOCK.findall(README))
    assert list(blocks) == ["demo", "tests"]
    assert README.count("```bash") == 2
    assert all("\n" not in command for command in blocks.values())


@pytest.mark.parametrize("name", ["demo", "tests"])
def test_a_command_creates_an_environment_and_installs_pinned(name):
    command = dict(BASH_BLOCK.findall(README))[name]
    environment = re.match(r"python3 -m venv (\S+) && ", command).group(1)
    assert f"{environment}/bin/pip install -c constraints.txt " in command


@pytest.mark.parametrize("name", ["demo", "tests"])
def test_ci_takes_the_command_from_the_readme_verbatim(name):
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    function = re.search(r"^readme_command\(\) \{.*?^\}$", script, re.MULTILINE | re.DOTALL).group()
    extracted = subprocess.run(
        ["bash", "-c", f"{function}\nreadme_command {name}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert extracted.stdout.rstrip("\n") == dict(BASH_BLOCK.findall(README))[name]


def test_ci_runs_every_step_it_defines():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    steps = re.search(r"^steps=\((.*)\)$", script, re.MULTILINE).group(1).split()
    assert steps == ["system", "readme_demo", "readme_tests", "lint", "types", "docs"]
    assert all(re.search(rf"^{step}\(\) \{{", script, re.MULTILINE) for step in steps)


def test_constraints_are_plain_pins_that_cover_every_requirement():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.]*)", line) for line in lines]
    assert None not in pins
    pinned = {normal_name(pin.group(1)) for pin in pins}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    requirements = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    required = {normal_name(re.match(r"[A-Za-z0-9._-]+", requirement).group()) for requirement in requirements}
    assert required - pinned == set()
    assert "organokine" not in pinned


def test_one_version():
    from organokine import __version__

    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.*)$", citation, re.MULTILINE).group(1) == __version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE).group(1)
    assert newest == __version__


def test_the_changelog_sets_changes_of_numbers_apart():
    entries = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert all("### Numbers change" in entry for entry in entries)


def normal_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
