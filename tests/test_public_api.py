"""`import organokine` is cheap, and gives exactly the promised names."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

import organokine

HEAVY = {"pandas", "numpy", "scipy", "anndata", "plotly", "pydantic"}


def modules_after(statement: str) -> set[str]:
    code = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("statement", ["import organokine", "import organokine.cli"])
def test_nothing_heavy_is_imported_early(statement):
    assert modules_after(statement) & HEAVY == set()


def test_the_check_sees_a_heavy_import():
    assert "numpy" in modules_after("import numpy")


@pytest.mark.parametrize("name", organokine.__all__)
def test_every_public_name_loads(name):
    assert getattr(organokine, name) is not None
    assert name in dir(organokine)


@pytest.mark.parametrize("name", sorted({*organokine.__all__} - {"phenotype", "population"}))
def test_no_module_takes_the_place_of_a_public_name(name):
    assert importlib.util.find_spec(f"organokine.{name}") is None


def test_the_public_names():
    assert set(organokine.__all__) == {
        "LINES",
        "TABLES",
        "Comparison",
        "OrganokineError",
        "Result",
        "Samples",
        "Study",
        "TwoSignatures",
        "__version__",
        "compare",
        "differential",
        "perturbation",
        "phenotype",
        "population",
        "read_study",
        "run",
    }


def test_an_unknown_name_is_refused_as_python_does():
    with pytest.raises(AttributeError, match="no attribute 'mediator'"):
        organokine.mediator  # noqa: B018


def test_the_room_of_populations_is_loaded_when_it_is_used():
    code = (
        "import sys, organokine as ok\n"
        "room = ok.population\n"
        "assert 'pandas' not in sys.modules and 'run' in dir(room)\n"
        "assert callable(room.run) and callable(room.run_shard)\n"
        "assert room.PopulationResult.__name__ == 'PopulationResult'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_room_of_functional_tests_is_loaded_when_it_is_used():
    code = (
        "import sys, organokine as ok\n"
        "assert 'organokine.phenotype' not in sys.modules\n"
        "assert callable(ok.phenotype.analyse) and callable(ok.phenotype.analyse)\n"
        "assert ok.phenotype.FunctionalResult.__name__ == 'FunctionalResult'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
