"""What the docs claim, a script in `benchmarks/` shows."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import population_plots

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = sorted((ROOT / "benchmarks").glob("*.py"))
PAGES = sorted((ROOT / "docs").glob("*.md"))
# A share or a share with its interval, in the row of a table; 95 % is the level of an interval, not a figure.
MEASURED = re.compile(r"^\|.*(?:\b(?!95 %)\d[\d.]* %|\d\.\d+ \(\d)", re.MULTILINE)
NAMED = re.compile(r"benchmarks/\w+\.py")

HELP_OF_EACH = """
import contextlib, io, json, pathlib, runpy, sys, traceback
said = {}
for script in sys.argv[1:]:
    sys.argv, sys.path[0] = [script, "--help"], str(pathlib.Path(script).parent)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            runpy.run_path(script, run_name="__main__")
            status = "does not know --help"
        except SystemExit as end:
            status = end.code
        except Exception:
            status = traceback.format_exc()
    said[script] = {"status": status, "out": out.getvalue()}
print(json.dumps(said))
"""


def faults(page: str) -> list[str]:
    """What is wrong with the figures of a page."""
    named = NAMED.findall(page)
    missing = [f"{script} does not exist" for script in named if not (ROOT / script).is_file()]
    return missing + (["no script is named"] if MEASURED.search(page) and not named else [])


def test_every_script_explains_itself():
    """In one process for all, which imports the package once, and which knows the folders that a shell would know."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", HELP_OF_EACH, *map(str, SCRIPTS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == [str(script) for script in SCRIPTS]
    assert {script: each for script, each in said.items() if each["status"] != 0} == {}
    for script in SCRIPTS:
        words = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))).split()
        assert "".join(words) in "".join(said[str(script)]["out"].split()), script.name


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_with_measured_figures_names_the_script_that_makes_them(page):
    assert faults(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", ["references.md", "statistics.md"])
def test_the_pages_of_figures_are_seen_as_such(name):
    assert MEASURED.search((ROOT / "docs" / name).read_text(encoding="utf-8"))


def test_a_figure_without_script_and_a_script_that_is_not_there_are_seen():
    assert faults("| human | 79 % |") == ["no script is named"]
    assert faults("| nothing changes | 0.01 (0.00-0.05) |") == ["no script is named"]
    assert faults("Made by `benchmarks/gone.py`.\n| human | 79 % |") == ["benchmarks/gone.py does not exist"]
    assert faults("| `ci_low` | lower end of the 95 % interval |") == []


def test_plots_of_population_figures_show_their_tables() -> None:
    page = population_plots.PAGE.read_text(encoding="utf-8")
    for name, draw in population_plots.PLOTS.items():
        assert (population_plots.DOCS / name).read_text(encoding="utf-8") == draw(page)
        assert name in page
