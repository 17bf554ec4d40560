"""Functional tests: one file each, one line in `TESTS`."""

from __future__ import annotations

from organokine.functional import beam, gait, grip, rotarod, scalar
from organokine.functional.base import Findings, FunctionalTest, Trials

TESTS: dict[str, FunctionalTest] = {
    card.name: card for card in (rotarod.TEST, beam.TEST, grip.TEST, gait.TEST, scalar.TEST)
}
"""Every functional test by name."""

__all__ = ["TESTS", "Findings", "FunctionalTest", "Trials"]
