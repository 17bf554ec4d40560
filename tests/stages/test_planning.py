from __future__ import annotations

import pandas as pd
import pytest

from organokine import tables
from organokine.stages.planning import animals_needed
from organokine.study_file import StudyFile


@pytest.fixture
def file() -> StudyFile:
    return StudyFile.model_validate(
        {
            "study": {"name": "s", "species": "mouse", "samples": "s"},
            "contrast": {"factor": "age", "case": "old", "control": "young", "covariates": ["sex"]},
            "axis": {"source": "muscle", "target": "brain"},
            "assay": [{"name": "a", "organ": "muscle", "modality": "protein", "file": "a"}],
        }
    )


def measured(sd: float) -> pd.DataFrame:
    rows = [
        {"assay": organ, "organ": organ, "modality": "protein", "feature": str(i), "state": "tested"}
        | {"sd": sd if organ == "brain" else 0.1, "n_case": 6, "n_control": 5}
        for organ in ("muscle", "brain", "plasma")
        for i in range(3)
    ]
    return tables.DIFFERENTIAL.conform(pd.DataFrame(rows))


def tiers(second: int, third: int, *, asked: tuple[bool, bool] = (True, True)) -> list[dict[str, object]]:
    return [
        {"tier": 2, "n": second, "asked": asked[0], "n_hypotheses": 400},
        {"tier": 3, "n": third, "asked": asked[1], "n_hypotheses": 400},
    ]


def test_an_empty_tier_2_asks_for_animals_by_the_noisier_organ(file: StudyFile) -> None:
    quiet = animals_needed(measured(0.2), tiers(0, 0), file, 11)
    noisy = animals_needed(measured(0.6), tiers(0, 0), file, 11)
    assert quiet is not None
    assert noisy is not None
    assert (quiet["tier"], quiet["n_now"], noisy["sd"]) == (2, 5, 0.6)
    assert int(str(noisy["n_per_group"])) > 4 * int(str(quiet["n_per_group"]))
    assert f"about {noisy['n_per_group']} animals per group" in str(noisy["sentence"])


def test_an_empty_tier_3_asks_for_pairs(file: StudyFile) -> None:
    needed = animals_needed(measured(0.2), tiers(4, 0), file, 11)
    assert needed is not None
    assert (needed["tier"], needed["n_now"]) == (3, 5)
    assert "r = 0.7 among the 4 at tier 2" in str(needed["sentence"])


@pytest.mark.parametrize(
    "given", [tiers(3, 1), tiers(0, 0, asked=(False, False)), tiers(2, 0, asked=(True, False)), tiers(0, 2)]
)
def test_nothing_is_said_where_no_asked_tier_is_empty(file: StudyFile, given: list[dict[str, object]]) -> None:
    assert animals_needed(measured(0.2), given, file, 11) is None


def test_more_animals_than_anyone_has_is_said_so(file: StudyFile) -> None:
    needed = animals_needed(measured(30.0), tiers(0, 0), file, 11)
    assert needed is not None
    assert needed["n_per_group"] is None
    assert "more than 1,000" in str(needed["sentence"])
