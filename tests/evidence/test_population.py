"""The line `population` on small tables of scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from organokine.evidence import population
from organokine.evidence.base import EvidenceInput
from organokine.population_tables import POPULATION
from organokine.study_file import StudyFile

Make = Callable[..., Any]
PROTEIN, RNA = ("muscle_protein", "brain_protein"), ("muscle_rna", "brain_rna")


@pytest.fixture
def given(toy_values: Make, ask: Make) -> EvidenceInput:
    asked = ask({("source", "protein"): toy_values()["source", "protein"]})
    assays = [
        {"name": f"{organ}_{modality}", "organ": organ, "modality": modality, "file": "a.tsv"}
        for organ in ("muscle", "brain")
        for modality in ("rna", "protein")
    ]
    plain = asked.file.model_dump(exclude_unset=True) | {"assay": assays}
    return replace(asked, file=StudyFile.model_validate(plain))


def scored(gene: str, assays: tuple[str, str] = PROTEIN, p: float = 0.01, **changed: object) -> dict[str, object]:
    row = {
        "source": assays[0], "target": assays[1], "source_organ": "muscle", "target_organ": "brain", "gene": gene,
        "n": 24, "score": 1.8, "score_unadjusted": 2.1, "null_mean": 1.0, "null_sd": 0.2, "p": p, "p_competitive": 0.02,
        "within_sex": "F 0.02 (12)", "state": "asked",
    }  # fmt: skip
    return row | changed


def answer(given: EvidenceInput, *rows: dict[str, object]) -> pd.DataFrame:
    return population.LINE.run(replace(given, population=POPULATION.conform(pd.DataFrame(list(rows)))))


def test_the_score_above_its_null_is_given_with_what_qualifies_it(given: EvidenceInput) -> None:
    row = answer(given, scored("Gene000")).loc["Gene000"]
    assert row["effect"] == pytest.approx(0.8)
    assert row[["se", "p", "n", "state"]].tolist() == [0.2, 0.01, 24, "asked"]
    for part in (
        "score 1.80 where 1.00 is usual",
        "2.10 with nothing taken out",
        "p = 0.02",
        "F 0.02 (12)",
        "no direction",
    ):
        assert part in row["note"]
    assert "caus" not in row["note"]


def test_protein_comes_first_and_rna_where_no_protein_was_scored(given: EvidenceInput) -> None:
    lost = {"p": np.nan, "score": np.nan, "state": "too_few_values"}
    rows = answer(
        given,
        scored("Gene000", RNA, 0.001),
        scored("Gene000", PROTEIN, 0.2),
        scored("Gene001", RNA, 0.003),
        scored("Gene002", PROTEIN, **lost),
        scored("Gene002", RNA, 0.004),
        scored("Gene003", RNA, **lost),
        scored("Gene003", PROTEIN, **lost | {"state": "constant"}),
    )
    assert rows["p"].head(3).tolist() == [0.2, 0.003, 0.004]
    assert np.isnan(rows.loc["Gene003", "p"])
    assert rows.loc["Gene003", ["state", "note"]].tolist() == ["constant", ""]


def test_a_candidate_like_its_matched_genes_is_said_to_be(given: EvidenceInput) -> None:
    rows = answer(
        given,
        scored("Gene000", p_competitive=0.05),
        scored("Gene001", p_competitive=0.051),
        scored("Gene002", p_competitive=np.nan),
    )
    assert rows["state"].head(3).tolist() == ["asked", "like_matched", "asked"]


def test_what_was_not_asked_and_what_was_not_scored(given: EvidenceInput) -> None:
    assert set(population.LINE.run(given)["state"]) == {"no_population"}
    reverse = scored("Gene000", source_organ="brain", target_organ="muscle")
    for rows in (answer(given, reverse), answer(given, scored("Nobody"))):
        assert set(rows["state"]) == {"not_scored"}
        assert list(rows.index) == list(given.candidates.index)
    some = answer(given, scored("Gene005"))
    assert some["state"].value_counts().to_dict() == {"not_scored": len(some) - 1, "asked": 1}
    assert set(some["note"].drop("Gene005")) == {""}


def test_the_line_supports_and_claims_nothing() -> None:
    assert population.LINE.role == "support"
    assert population.LINE.tier is None
    assert dict(population.LINE.columns) == {}
    assert dict(population.LINE.caps) == {}
