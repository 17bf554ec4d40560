"""organokine: which protein does one organ send that the other one receives, and how sure may we be?

>>> import organokine as ok
>>> study = ok.read_study("study.toml")  # doctest: +SKIP
>>> ok.run(study).mediators  # doctest: +SKIP

The names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from organokine import phenotype, population
    from organokine.errors import OrganokineError
    from organokine.evidence import LINES
    from organokine.pipeline import run
    from organokine.result import Result
    from organokine.stages.one_assay import Comparison, compare, differential
    from organokine.stages.two_signatures import Samples, TwoSignatures, perturbation
    from organokine.study import Study, read_study
    from organokine.tables import TABLES

__version__ = "0.1.0"

__all__ = [
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
]

_HOMES = {
    "LINES": "organokine.evidence",
    "TABLES": "organokine.tables",
    "Comparison": "organokine.stages.one_assay",
    "OrganokineError": "organokine.errors",
    "Result": "organokine.result",
    "Samples": "organokine.stages.two_signatures",
    "Study": "organokine.study",
    "TwoSignatures": "organokine.stages.two_signatures",
    "compare": "organokine.stages.one_assay",
    "differential": "organokine.stages.one_assay",
    "perturbation": "organokine.stages.two_signatures",
    "read_study": "organokine.study",
    "run": "organokine.pipeline",
}
_ROOMS = ("phenotype", "population")  # sub-packages that are public under their own name


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _ROOMS:
        return import_module(f"organokine.{name}")
    if name not in _HOMES:
        message = f"module 'organokine' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES, *_ROOMS])
