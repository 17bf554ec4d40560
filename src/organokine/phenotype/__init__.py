"""Functional tests: one file each, one line in `TESTS`; `analyse` is one test of one table, without a study.

>>> import organokine as ok
>>> ok.phenotype.analyse("rotarod.tsv", "rotarod", subject="id", group="age", value="latency")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from organokine.phenotype import beam, gait, grip, rotarod, scalar
from organokine.phenotype.base import Findings, FunctionalTest, Trials

if TYPE_CHECKING:
    from organokine.phenotype.analysis import FunctionalResult, analyse

TESTS: dict[str, FunctionalTest] = {
    card.name: card for card in (rotarod.TEST, beam.TEST, grip.TEST, gait.TEST, scalar.TEST)
}
"""Every functional test by name."""

__all__ = ["TESTS", "Findings", "FunctionalResult", "FunctionalTest", "Trials", "analyse"]


def __getattr__(name: str) -> object:
    """The analysis of a table needs its reader, which needs the tests: it is loaded when it is first used."""
    if name not in {"FunctionalResult", "analyse"}:
        message = f"module 'organokine.phenotype' has no attribute {name!r}"
        raise AttributeError(message)
    from organokine.phenotype import analysis

    return getattr(analysis, name)
