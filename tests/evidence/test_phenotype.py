"""The line `phenotype` on small studies with a planted answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from organokine.evidence import phenotype
from organokine.evidence.base import EvidenceInput

SOURCE, TARGET, PLASMA = ("source", "protein"), ("target", "protein"), ("plasma", "protein")
Make = Callable[..., Any]


def functions(values: dict[str, pd.Series], *, better: str = "higher", unit: str = "s") -> pd.DataFrame:
    """Table `phenotype_animals` of some measures of one test; animals with even numbers are old."""
    rows = [
        {
            "phenotype": "rotarod", "test": "rotarod", "measure": measure, "subject": subject, "value": value,
            "group": "old" if int(subject[1:]) % 2 == 0 else "young", "better": better, "unit": unit,
        }
        for measure, series in values.items()
        for subject, value in series.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def noise(subjects: pd.Index, seed: int = 1) -> pd.Series:
    return pd.Series(np.random.default_rng(seed).normal(0, 0.1, len(subjects)), index=subjects)


@pytest.fixture
def values(toy_values: Make) -> Any:
    return toy_values()


def fallen(values: Any, gene: str = "Gene000", place: tuple[str, str] = SOURCE) -> pd.Series:
    """Latency that falls with a gene within both groups; old animals fall earlier."""
    level = values[place].loc[gene]
    is_old = np.array([int(subject[1:]) % 2 == 0 for subject in level.index])
    return 200 - 40 * (level - level.mean()) - 60 * is_old + noise(level.index)


def answer(given: EvidenceInput, table: pd.DataFrame | None) -> pd.DataFrame:
    return phenotype.LINE.run(replace(given, phenotypes=table))


def test_what_drives_a_function_within_group_is_found_and_named(values: Any, ask: Make) -> None:
    is_old = np.array([int(subject[1:]) % 2 == 0 for subject in values[SOURCE].columns])
    values[SOURCE].loc["Gene000", is_old] += 1.0
    measures = {"latency": fallen(values), "speed": noise(values[SOURCE].columns, 3)}
    rows = answer(ask(values), functions(measures))
    row = rows.loc["Gene000"]
    assert row["p"] < 1e-3
    assert row["effect"] < -0.9
    assert row["ci_low"] < row["effect"] < row["ci_high"]
    assert (row["state"], row["direction"], row["n"]) == ("asked", "down", 16)
    assert row["note"].startswith("rotarod latency and its level in muscle protein, the strongest of 6 pairs looked at")
    assert "consistent with mediation: -" in row["note"]
    assert " to " in row["note"]
    assert " s (" in row["note"]
    assert "caus" not in row["note"]
    others = rows.drop("Gene000")
    assert (others["p"] < 0.05).mean() < 0.12


def test_less_is_better_turns_the_sign(values: Any, ask: Make) -> None:
    given = ask({SOURCE: values[SOURCE]})
    row = answer(given, functions({"slips": fallen(values)}, better="lower")).loc["Gene000"]
    assert row["effect"] > 0.9
    assert row["ci_low"] < row["effect"] < row["ci_high"]
    assert row["direction"] == "up"
    raw = answer(given, functions({"slips": fallen(values)}, better="")).loc["Gene000"]
    assert raw["effect"] == pytest.approx(-row["effect"])


def test_both_changing_with_the_group_is_no_association(values: Any, ask: Make) -> None:
    subjects = values[SOURCE].columns
    is_old = np.array([int(subject[1:]) % 2 == 0 for subject in subjects])
    values[SOURCE].loc[:, is_old] += 3.0
    latency = 200 - 90 * is_old + 10 * noise(subjects)
    rows = answer(ask({SOURCE: values[SOURCE]}), functions({"latency": pd.Series(latency, index=subjects)}))
    assert 0.005 < (rows["p"] <= 0.05).mean() < 0.12
    pooled = [abs(np.corrcoef(values[SOURCE].loc[gene], latency)[0, 1]) for gene in rows.index]
    assert min(pooled) > 0.7, "over both groups everything is correlated"


def test_an_association_without_a_change_is_not_shown_as_mediation(values: Any, ask: Make) -> None:
    row = answer(ask(values), functions({"latency": fallen(values)})).loc["Gene000"]
    assert row["p"] < 1e-3
    assert "mediation not shown" in row["note"]
    assert "consistent" not in row["note"]


def test_a_path_against_the_change_of_function_is_no_mediation() -> None:
    words = phenotype.in_words(0.01, 20.0, -60.0, (5.0, 40.0), "s")
    assert words.startswith(
        "mediation not shown: the path by it, +20 s (+5 to +40) of the -60 between the groups, points"
    )
    words = phenotype.in_words(0.01, -20.0, -60.0, (np.nan, np.nan), "")
    assert words == (
        "consistent with mediation: -20 (no interval with so few animals) of the -60 between the groups "
        "(joint significance p = 0.01)"
    )
    assert phenotype.in_words(np.nan, 1.0, 1.0, (np.nan, np.nan), "s") == "mediation could not be asked"


def test_rna_stands_in_where_no_protein_was_measured(values: Any, ask: Make) -> None:
    rna = ("source", "rna")
    values[SOURCE].loc["Gene000"] = np.nan
    rows = answer(ask({SOURCE: values[SOURCE], rna: values[rna]}), functions({"latency": fallen(values, place=rna)}))
    assert "muscle rna, the strongest of 1 pair" in rows.loc["Gene000", "note"]
    assert rows.loc["Gene000", "p"] < 1e-3
    assert rows["note"].drop("Gene000").str.contains("muscle protein").all()


def test_plasma_and_target_are_looked_at(values: Any, ask: Make) -> None:
    for place, organ in ((PLASMA, "plasma"), (TARGET, "brain")):
        row = answer(ask(values), functions({"latency": fallen(values, place=place)})).loc["Gene000"]
        assert f"level in {organ} protein" in row["note"]
        assert row["p"] < 1e-3


def test_what_was_not_measured_is_said(values: Any, ask: Make) -> None:
    given = ask({SOURCE: values[SOURCE]})
    latency = fallen(values)
    for table in (None, functions({"latency": latency}).head(0), functions({"latency": latency * np.nan})):
        rows = answer(given, table)
        assert (rows["state"] == "no_phenotype").all()
    strangers = latency.set_axis([f"x{subject[1:]}" for subject in latency.index])
    assert (answer(given, functions({"latency": strangers}))["state"] == "no_common_animals").all()
    assert (answer(given, functions({"latency": latency.iloc[:7]}))["state"] == "too_few_animals").all()
    rows = answer(given, functions({"latency": latency.iloc[:8]}))
    assert (rows["state"] == "asked").all()
    assert (rows["n"] == 8).all()
    other = functions({"latency": latency}).assign(group="treated")
    assert (answer(given, other)["state"] == "no_common_animals").all(), (
        "groups of another contrast are not adjusted for"
    )


def test_a_minimum_of_the_study_file_is_kept(values: Any, ask: Make) -> None:
    given = ask({SOURCE: values[SOURCE]}, minimum_function_animals=5)
    assert (answer(given, functions({"latency": fallen(values).iloc[:8]}))["state"] == "too_few_animals").all()


def test_missing_values_are_counted_and_not_guessed(values: Any, ask: Make) -> None:
    latency = fallen(values)
    values[SOURCE].loc["Gene000", ["m00", "m01"]] = np.nan
    latency["m02"] = np.nan
    row = answer(ask({SOURCE: values[SOURCE]}), functions({"latency": latency})).loc["Gene000"]
    assert row["n"] == 13
    assert row["p"] < 1e-3


def test_a_gene_measured_in_too_few_animals_has_no_p(values: Any, ask: Make) -> None:
    latency = fallen(values).iloc[:10]
    values[SOURCE].loc["Gene000", values[SOURCE].columns[:4]] = np.nan
    row = answer(ask({SOURCE: values[SOURCE]}), functions({"latency": latency})).loc["Gene000"]
    assert row["state"] == "not_measured_in_enough"
    assert np.isnan(row["p"])
    assert row["note"] == ""


def test_a_seed_gives_the_same_and_the_order_of_the_table_no_other_effect(values: Any, ask: Make) -> None:
    given, table = ask({SOURCE: values[SOURCE]}), functions({"latency": noise(values[SOURCE].columns)})
    first = answer(given, table)
    pd.testing.assert_frame_equal(first, answer(given, table))
    turned = answer(given, table.iloc[::-1])
    pd.testing.assert_series_equal(first["effect"], turned["effect"])


def test_the_line_supports_and_claims_nothing() -> None:
    assert phenotype.LINE.role == "support"
    assert phenotype.LINE.tier is None
    assert dict(phenotype.LINE.columns) == {"phenotype_p": "p"}
