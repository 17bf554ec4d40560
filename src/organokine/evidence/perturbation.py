"""Does moving the candidate on purpose reproduce the contrast?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import ASKED, words

if TYPE_CHECKING:
    from collections.abc import Hashable

TESTED = "tested"
DECLARED = "engagement_declared"
"""State of a candidate of which no table shows that the arm moved it; the user says that it did."""
CAVEATS = {DECLARED: "that the arm moved it is declared, and no table shows it"}
MAIN = ("perturbed", "interaction")
Arms = list[dict[str, Any]]


def run(given: EvidenceInput) -> pd.DataFrame:
    """Label-permuted concordance of the arms that move the candidate the way the contrast does.

    Of several arms the one with the least p counts, corrected for their number.

    Null hypothesis: which animals of the arm were perturbed does not matter.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; effect is the fraction of the contrast that the arm reproduces.
    """
    return answer(given, _single_arms)


def answer(given: EvidenceInput, choose: Callable[[Arms], tuple[list[Arms], list[str]]]) -> pd.DataFrame:
    """Rows of a line over the table `perturbations`.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.
    choose : callable
        All comparisons of one gene to the tests that this line takes, each a list of comparisons which must all hold; and the states
        of those that could not be tested.

    Returns
    -------
    pandas.DataFrame
        One row per candidate.
    """
    table = given.perturbations
    by_gene: dict[Hashable, Arms] = {}
    for row in [] if table is None else table.to_dict("records"):
        by_gene.setdefault(row["gene"], []).append({str(name): value for name, value in row.items()})
    genes = given.candidates.index
    rows = [_of_gene(by_gene[gene], choose) if gene in by_gene else {"state": "not_perturbed"} for gene in genes]
    return pd.DataFrame(
        rows, index=genes, columns=["effect", "ci_low", "ci_high", "p", "n", "direction", "state", "note"]
    ).fillna({"direction": "", "note": ""})


def _of_gene(arms: Arms, choose: Callable[[Arms], tuple[list[Arms], list[str]]]) -> dict[str, Any]:
    tests, untested = choose(arms)
    if len(tests) == 0:
        return {"state": untested[0] if len(untested) > 0 else "other_design", "note": in_words(arms)}
    p = [max(float(each["p"]) for each in test) for test in tests]
    best = tests[int(np.argmin(p))]
    # Of the comparisons that must all hold, the weakest is shown.
    weakest = max(best, key=lambda each: float(each["p"]))
    is_declared = any(each["engagement"] == "declared" for each in best)
    return {
        "effect": weakest["fraction"],
        "ci_low": weakest["fraction_low"],
        "ci_high": weakest["fraction_high"],
        "p": min(1.0, min(p) * len(p)),
        "n": weakest["n_case"] + weakest["n_control"],
        "direction": str(words(np.array([np.sign(weakest["rho"])]))[0]),
        "state": DECLARED if is_declared else ASKED,
        "note": in_words(best),
    }


def _single_arms(arms: Arms) -> tuple[list[Arms], list[str]]:
    return tested_arms([arm for arm in arms if arm["comparison"] in MAIN], ("sufficient", "reproduces"))


def tested_arms(arms: Arms, shows: Sequence[str]) -> tuple[list[Arms], list[str]]:
    """Arms whose design can show one of these, each a test of its own, and the states of those not tested."""
    # Without a direction a design shows nothing yet; its state says so.
    fitting = [arm for arm in arms if arm["shows"] in (*shows, "undirected")]
    tests = [[arm] for arm in fitting if arm["state"] == TESTED]
    return tests, [str(arm["state"]) for arm in fitting if arm["state"] != TESTED]


def in_words(arms: Arms) -> str:
    """Arms with what they moved and how much of the contrast they reproduce."""
    return "; ".join(_one_in_words(arm) for arm in arms)


def _one_in_words(arm: dict[str, Any]) -> str:
    comparison = "" if arm["comparison"] == "perturbed" else f", {arm['comparison']}"
    parts = [f"arm {arm['arm']} ({arm['kind']}{comparison})"]
    if np.isfinite(arm["engagement_log2fc"]):
        parts.append(f"moved it {arm['engagement_log2fc']:+.2f} log2")
    if arm["state"] == TESTED and np.isfinite(arm["fraction"]):
        ends = (
            f" ({arm['fraction_low']:+.2f} to {arm['fraction_high']:+.2f})" if np.isfinite(arm["fraction_low"]) else ""
        )
        parts.append(f"has {arm['fraction']:+.2f} of the contrast{ends}")
    if arm["state"] == TESTED:
        parts.append(f"p = {arm['p']:.2g}, smallest possible {arm['smallest_p']:.2g}")
    else:
        parts.append(arm["state"].replace("_", " "))
    return ", ".join(parts)


LINE = Line(
    name="perturbation",
    question="Does moving it on purpose, the way the contrast moves it, reproduce the contrast?",
    needs=("a perturbation arm with animals of its own", "the contrast in the same organ and modality"),
    null="Which animals of the arm were perturbed does not matter.",
    unit="share of the contrast",
    reference="10.1016/j.neuroimage.2014.01.060",
    run=run,
    role="arm",
    tier=4,
    caveats=CAVEATS,
    columns={"perturbation_p": "p"},
)
