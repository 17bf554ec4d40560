"""Arrows between the parts of the package point one way, and no part grows out of hand."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "organokine"
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_COMMAND_LINES = 15
MOVED_COMMANDS = {
    "cli_card": ("card", "digest", "note"),
    "cli_claims": ("claims",),
    "cli_differential": ("differential",),
    "cli_inspect": ("inspect",),
    "cli_perturbation": ("perturbation",),
    "cli_phenotype": ("phenotype",),
    "cli_population": ("population",),
    "cli_raw": (),
    "cli_refs": (),
}
FORBIDDEN = {
    "readers": ("stages", "pipeline", "report", "cli"),
    "references": ("stages", "pipeline", "report", "cli"),
    "evidence": ("stages", "pipeline", "report", "cli"),
    "appraisal": ("stages", "pipeline", "report", "cli"),
    "phenotype": ("stages", "pipeline", "report", "cli"),
    "population": ("stages", "pipeline", "report", "cli"),
    "raw": ("stages", "pipeline", "report", "cli"),
    "stages": ("pipeline", "report", "cli"),
    "pipeline": ("cli",),
    "population_run": ("cli",),
    "report": ("pipeline", "cli", "stages", "readers"),
    "digest": ("pipeline", "cli", "stages", "readers", "report", "appraisal"),
}
KERNELS_MAY_IMPORT = {"numpy", "scipy", *sys.stdlib_module_names}


class Function(NamedTuple):
    name: str
    n_lines: int
    is_command: bool


def imports(source: str) -> list[tuple[int, str]]:
    """Level (0 is absolute) and full name of everything imported, wherever in the file."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(0, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.level, f"{node.module or ''}.{alias.name}") for alias in node.names]
    return found


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def layer_faults(part: str, source: str) -> list[str]:
    names = [name for _, name in imports(source)]
    if part == "kernels":
        return [
            name for name in names if name.partition(".")[0] not in KERNELS_MAY_IMPORT and not is_inside(name, part)
        ]
    return [name for name in names for other in FORBIDDEN.get(part, ()) if is_inside(name, other)]


def is_inside(name: str, part: str) -> bool:
    return f"{name}.".startswith(f"organokine.{part}.")


def functions(source: str, commands: tuple[str, ...] = ()) -> list[Function]:
    """Every function with its number of lines, docstring not counted; commands may be registered elsewhere, by name."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            doc = node.body[0] if ast.get_docstring(node) is not None else None
            n_doc = 0 if doc is None else doc.end_lineno - doc.lineno + 1
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            is_command = node.name in commands or any(each.startswith("app.command") for each in decorators)
            n_lines = node.end_lineno - (node.body[0].lineno if is_command else node.lineno) + 1 - n_doc
            found.append(Function(node.name, n_lines, is_command))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_file_keeps_to_its_layer(path):
    assert layer_faults(part_of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_file_is_small_and_imports_absolutely(path):
    source = path.read_text(encoding="utf-8")
    assert [name for level, name in imports(source) if level > 0] == []
    assert len(source.splitlines()) <= MAX_FILE_LINES
    commands = MOVED_COMMANDS.get(path.stem, ())
    assert [function for function in functions(source, commands) if function.n_lines > MAX_FUNCTION_LINES] == []


def test_commands_are_thin():
    commands = [function for function in functions((PACKAGE / "cli.py").read_text("utf-8")) if function.is_command]
    assert len(commands) == 7
    for stem, names in MOVED_COMMANDS.items():
        moved = functions((PACKAGE / f"{stem}.py").read_text("utf-8"), commands=names)
        commands += [function for function in moved if function.is_command]
    assert len(commands) == 23
    assert [command for command in commands if command.n_lines >= MAX_COMMAND_LINES] == []


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("kernels", "import pandas"),
        ("kernels", "def late():\n    from organokine.tables import EVIDENCE"),
        ("evidence", "from organokine import stages"),
        ("stages", "from organokine.pipeline import run"),
        ("pipeline", "from organokine.cli import app"),
        ("report", "import organokine.readers.matrix"),
    ],
)
def test_the_layer_check_sees_a_wrong_arrow(part, source):
    assert len(layer_faults(part, source)) == 1


def test_the_layer_check_lets_right_arrows_pass():
    assert layer_faults("kernels", "import numpy as np\nfrom organokine.kernels.correlation import bicor") == []
    assert layer_faults("stages", "from organokine.evidence import LINES\nfrom organokine import tables") == []
