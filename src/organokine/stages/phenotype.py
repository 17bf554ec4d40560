"""Stage: do the groups differ in function, each test by its own analysis; and coordination beside strength."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from organokine.manifest import versions
from organokine.phenotype import TESTS, Findings, Trials
from organokine.phenotype.adjusted import adjusted_for_strength
from organokine.phenotype_tables import (
    PHENOTYPE_ANIMALS,
    PHENOTYPE_CURVES,
    PHENOTYPE_DAYS,
    PHENOTYPE_POWER,
    PHENOTYPES,
)
from organokine.stages.arrive import arrive_table

if TYPE_CHECKING:
    from organokine.study_file import StudyFile


def phenotype_tables(tests: Sequence[Trials]) -> Findings:
    """Analyse all functional tests of a study.

    Parameters
    ----------
    tests : sequence of Trials
        The tests as read.

    Returns
    -------
    Findings
        All tables, empty without a test; the effects hold coordination adjusted for strength where both were measured in the same
        animals.
    """
    found = [TESTS[trials.test].run(trials) for trials in tests]
    animals = _together([each.animals for each in found], PHENOTYPE_ANIMALS.empty())
    adjusted = adjusted_for_strength(tests, animals, TESTS)
    return Findings(
        _together([*[each.effects for each in found], adjusted], PHENOTYPES.empty()),
        animals,
        _together([each.days for each in found], PHENOTYPE_DAYS.empty()),
        _together([each.curves for each in found], PHENOTYPE_CURVES.empty()),
        _together([each.power for each in found], PHENOTYPE_POWER.empty()),
        tuple(remark for each in found for remark in each.remarks),
    )


def functional_tables(file: StudyFile, tests: Sequence[Trials]) -> dict[str, pd.DataFrame]:
    """The tables of a run about function, by name: those of the tests, and `arrive`."""
    found = phenotype_tables(tests)
    return {
        "phenotypes": found.effects,
        "phenotype_animals": found.animals,
        "phenotype_days": found.days,
        "phenotype_curves": found.curves,
        "phenotype_power": found.power,
        "arrive": arrive_table(
            found.effects,
            found.animals,
            species=file.study.species,
            declared=file.declared,
            counts=[(trials.name, count) for trials in tests for count in trials.counts],
            versions=versions(),
        ),
    }


def _together(parts: Sequence[pd.DataFrame], empty: pd.DataFrame) -> pd.DataFrame:
    filled = [part for part in parts if len(part) > 0]
    return pd.concat(filled, ignore_index=True) if len(filled) > 0 else empty
