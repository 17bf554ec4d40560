from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from organokine.evidence import perturbation, reversal
from organokine.evidence.base import EvidenceInput

ARM: dict[str, Any] = {
    "arm": "aav", "comparison": "perturbed", "gene": "Gene000", "kind": "gain", "shows": "sufficient", "engagement": "engaged",
    "engagement_log2fc": 3.0, "state": "tested", "rho": 0.3, "p": 0.01, "smallest_p": 0.004, "fraction": 0.5, "fraction_low": 0.2,
    "fraction_high": 0.8, "n_case": 5, "n_control": 4,
}  # fmt: skip
LOSS = ARM | {"arm": "ko", "kind": "loss", "shows": "necessary", "rho": -0.3, "fraction": -0.4, "p": 0.02}
Asked = Callable[..., pd.DataFrame]


@pytest.fixture
def of(toy_values: Callable[..., Any], ask: Callable[..., EvidenceInput]) -> Asked:
    given = ask(toy_values())

    def answer(line: Any, *rows: dict[str, Any]) -> pd.DataFrame:
        return line.run(replace(given, perturbations=pd.DataFrame(rows)))

    return answer


def test_an_arm_is_the_answer_of_its_gene_and_of_no_other(of: Asked) -> None:
    found = of(perturbation.LINE, ARM)
    row = found.loc["Gene000"]
    assert (row["effect"], row["ci_low"], row["ci_high"], row["p"], row["n"]) == (0.5, 0.2, 0.8, 0.01, 9)
    assert (row["state"], row["direction"]) == ("asked", "up")
    assert "+0.50 of the contrast (+0.20 to +0.80)" in row["note"]
    assert (found["state"].drop("Gene000") == "not_perturbed").all()
    assert found["p"].notna().sum() == 1


def test_each_line_takes_its_own_designs(of: Asked) -> None:
    assert of(perturbation.LINE, LOSS).loc["Gene000", "state"] == "other_design"
    row = of(reversal.LINE, LOSS).loc["Gene000"]
    assert (row["p"], row["effect"], row["direction"]) == (0.02, -0.4, "down")
    assert of(reversal.LINE, ARM).loc["Gene000", "state"] == "other_design"
    for shows in ("opposes", "transfers"):
        for line in (perturbation.LINE, reversal.LINE):
            assert of(line, ARM | {"shows": shows}).loc["Gene000", "state"] == "other_design"


@pytest.mark.parametrize("state", ["not_engaged", "shared_samples", "engagement_not_measured", "too_few_animals_for_p"])
def test_an_arm_that_may_not_be_claimed_gives_its_state_and_no_p(of: Asked, state: str) -> None:
    row = of(perturbation.LINE, ARM | {"state": state}).loc["Gene000"]
    assert row["state"] == state
    assert np.isnan(row["p"])
    assert state.replace("_", " ") in row["note"]


def test_several_arms_are_corrected_for_their_number(of: Asked) -> None:
    row = of(perturbation.LINE, ARM, ARM | {"arm": "other", "p": 0.4}).loc["Gene000"]
    assert row["p"] == pytest.approx(0.02)
    assert row["note"].startswith("arm aav")


def test_a_rescue_needs_both_and_its_p_is_the_larger(of: Asked) -> None:
    rescue = ARM | {"comparison": "rescue", "shows": "reverses", "p": 0.03, "rho": -0.2, "fraction": -0.3}
    row = of(reversal.LINE, ARM, rescue).loc["Gene000"]
    assert (row["p"], row["effect"]) == (0.03, -0.3)
    assert "rescue" in row["note"]
    row = of(reversal.LINE, ARM | {"p": 0.2}, rescue).loc["Gene000"]
    assert (row["p"], row["effect"]) == (0.2, 0.5)
    row = of(reversal.LINE, ARM | {"state": "not_engaged"}, rescue).loc["Gene000"]
    assert row["state"] == "not_engaged"
    assert of(perturbation.LINE, ARM, rescue).loc["Gene000", "p"] == 0.01, "a rescue alone reproduces nothing"


def test_declared_engagement_is_a_caveat(of: Asked) -> None:
    row = of(perturbation.LINE, ARM | {"engagement": "declared"}).loc["Gene000"]
    assert row["state"] in perturbation.LINE.caveats
