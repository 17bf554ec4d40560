"""Does taking the candidate away, or bringing it back, reverse the contrast?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.perturbation import CAVEATS, MAIN, TESTED, Arms, answer, tested_arms

if TYPE_CHECKING:
    import pandas as pd

REVERSES = ("necessary", "reverses")


def run(given: EvidenceInput) -> pd.DataFrame:
    """Label-permuted concordance of the arms that move the candidate against the contrast, in animals that have it.

    A rescue counts if the perturbation reproduces the contrast and the rescue reverses it: both must hold, so its p is the
    larger of the two.

    Null hypothesis: which animals of the arm were perturbed, or rescued, does not matter.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; effect is the fraction of the contrast that the arm has, negative where it reverses it.
    """
    return answer(given, _reversals)


def _reversals(arms: Arms) -> tuple[list[Arms], list[str]]:
    tests, untested = tested_arms([arm for arm in arms if arm["comparison"] in MAIN], REVERSES)
    for rescue in arms:
        if rescue["comparison"] != "rescue" or rescue["shows"] not in REVERSES:
            continue
        pair = [next(arm for arm in arms if arm["arm"] == rescue["arm"] and arm["comparison"] in MAIN), rescue]
        if all(each["state"] == TESTED for each in pair):
            tests.append(pair)
        else:
            untested += [str(each["state"]) for each in pair if each["state"] != TESTED]
    return tests, untested


LINE = Line(
    name="reversal",
    question="Does taking it away, or bringing it back, reverse the contrast?",
    needs=(
        "an arm that moves it against the contrast in animals that have the contrast, or a rescue",
        "the contrast in the same organ and modality",
    ),
    null="Which animals of the arm were perturbed, or rescued, does not matter.",
    unit="share of the contrast",
    reference="10.1016/j.neuroimage.2014.01.060",
    run=run,
    role="arm",
    tier=5,
    caveats=CAVEATS,
    columns={"reversal_p": "p"},
)
