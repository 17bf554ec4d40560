"""Sentences on functional tests: numbers and directions of the tables, nothing claimed that was not shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fake_phenotypes import BY_STRENGTH, CROSSING, FAILED, GRIP, ROD, SLIPS, SLOPE, TOBIT, phenotype_tables

from organokine.report.phenotype_measures import Measure, measures_of, number
from organokine.report.phenotype_summary import by_test, family, in_words, power_in_words
from organokine.report.phenotype_words import said_of

NBSP = "\u00a0"


def said(*rows: dict[str, Any], better: str | None = None, **names: str) -> list[str]:
    tables = phenotype_tables(list(rows))
    measure = measures_of(tables["phenotypes"], tables["phenotype_animals"], "mouse")[0]
    changed = measure._replace(**names)
    if better is not None:
        changed = changed._replace(better=better)
    return said_of(changed, tables["phenotypes"].to_dict("records"))


def test_a_difference_is_told_with_all_that_it_rests_on() -> None:
    expected = (
        f"The old mice stayed 42 s less on the rod than the young ones, which is worse function (95{NBSP}% interval 20 to 64 s shorter; "
        f"p{NBSP}={NBSP}6.0×10⁻⁴; 12 and 12 mice, 216 trials; mixed model with the animal as unit, adjusted for sex, 21 degrees of freedom)."
    )
    assert said(ROD) == [expected]


@pytest.mark.parametrize(
    ("sign", "better", "function"),
    [(-1, "higher", "worse"), (-1, "lower", "better"), (1, "higher", "better"), (1, "lower", "worse")],
)
def test_the_word_for_function_follows_what_is_better(sign: int, better: str, function: str) -> None:
    ends = sorted([sign * 20.0, sign * 64.0])
    text = said(ROD | {"estimate": sign * 42.0, "ci_low": ends[0], "ci_high": ends[1]}, better=better)[0]
    assert f"which is {function} function" in text
    assert ("42 s longer on the rod" in text) == (sign > 0)


def test_a_ratio_is_told_as_times_as_many() -> None:
    text = said(SLIPS)[0]
    assert text.startswith("The old mice made 1.80 times as many slips as the young ones, which is worse function")
    assert "1.24 to 2.60 times" in text
    assert "false discovery rate over the measures 0.0080" in text
    fewer = said(SLIPS | {"estimate": 0.5, "ci_low": 0.3, "ci_high": 0.8})[0]
    assert "0.50 times as many slips" in fewer
    assert "better function" in fewer


def test_what_is_not_shown_is_never_called_absent() -> None:
    for row in (GRIP, CROSSING):
        text = said(row)[0]
        assert text.startswith("No difference was shown in")
        assert "no effect" not in text
        assert "function" not in text
    assert f"the estimate is 11 g less, and the 95{NBSP}% interval reaches from 27 g less to 5 g more" in said(GRIP)[0]
    assert "the estimate is 1.12 times, and the" in said(CROSSING)[0]
    assert "reaches from 0.90 to 1.39 times" in said(CROSSING)[0]


def test_the_false_discovery_rate_decides_where_there_is_one() -> None:
    assert said(ROD | {"p": 0.03, "q": 0.2})[0].startswith("No difference was shown")
    assert said(ROD | {"p": 0.03, "q": np.nan})[0].startswith("The old mice stayed")


def test_learning_says_who_gains_less() -> None:
    text = said(ROD, SLOPE)[1]
    assert "was 8.1 s per day lower in the old mice than in the young ones: they gained less from day to day" in text
    assert "−15.0 to −1.2 s per day" in text
    none = said(ROD, SLOPE | {"p": 0.4, "ci_high": 3.0})[1]
    assert none.startswith("No difference in learning was shown between the old mice and the young ones")


def test_an_estimate_without_p_says_so_and_keeps_its_note() -> None:
    text = said(ROD, TOBIT)[1]
    assert text.startswith(
        "In another estimate (random-intercept Tobit model) the difference is 59 s shorter, without a p-value."
    )
    assert "28 % of the trials of young mice ended at the ceiling" in text
    assert "p\u00a0=" not in text


def test_strength_is_taken_into_account_beside_the_answer() -> None:
    row = BY_STRENGTH | {"role": "adjusted"}
    beside = row | {"adjusted_for": "sex", "method": "mixed model, same animals", "n_case": 10, "estimate": -40.0}
    texts = said(ROD, beside, row)
    assert texts[2].startswith(
        "In the animals of which all of that is known, without taking it into account, the difference is"
    )
    assert texts[1].startswith(
        "After grip, weight and activity are taken into account the difference is 31 s shorter ("
    )
    gone = said(ROD, row | {"p": 0.3, "ci_high": 8.0})[1]
    assert "are taken into account no difference is shown: the estimate is 31 s shorter, and" in gone
    assert len(said(ROD, beside | {"n_case": 12}, row)) == 2


def test_interactions_and_sensitivity() -> None:
    sex = ROD | {
        "term": "group x sex",
        "role": "secondary",
        "estimate": 6.6,
        "ci_low": -18.0,
        "ci_high": 31.0,
        "p": 0.59,
        "q": np.nan,
    }
    assert said(ROD, sex)[1].startswith(
        f"That the difference in time on the rod depends on sex was not shown (95{NBSP}% interval of the interaction −18 to 31 s"
    )
    assert "depends on sex (95" in said(ROD, sex | {"p": 0.01})[1]
    blocks = ROD | {"role": "sensitivity", "method": "cages as blocks", "q": np.nan}
    assert "Under another assumption (cages as blocks) the difference is 42 s shorter (" in said(ROD, blocks)[1]


def test_states_say_why_there_is_no_estimate() -> None:
    assert said(FAILED) == ["No estimate for failures: no failures."]
    why = {"state": "not_estimated", "note": "the values do not vary"}
    assert said(FAILED | why) == ["No estimate for failures: the values do not vary."]
    alike = said(FAILED | {"measure": "failed", "state": "all_alike", "note": "failed at least once: 0 of 12 old"})
    assert alike == [
        "No estimate for the odds of failing to cross at least once: all animals are alike. Failed at least once: 0 of 12 old."
    ]


def test_a_p_without_an_estimate_is_told() -> None:
    row = FAILED | {"measure": "slips", "state": "no_event", "p": 0.002, "q": 0.004, "df": np.nan}
    text = said(row)[0]
    assert text.startswith(
        "No estimate for slips on the beam: in one group it happened to none of the animals, or to all (p"
    )
    assert text.endswith("; that the old mice and the young ones differ is shown.")
    assert said(row | {"p": 0.3, "q": 0.3})[0].endswith("differ is not shown.")


def test_cages_as_units_are_told() -> None:
    assert "12 and 12 mice, 216 trials in 8 units of replication" in said(ROD | {"n_units": 8})[0]


def test_groups_called_by_a_number_and_unknown_species() -> None:
    text = said(ROD, case="24", control="3", species="")[0]
    assert text.startswith("The animals of group 24 stayed 42 s less on the rod than those of group 3")
    assert "12 and 12 animals" in text


def test_measures_of_the_users_own_are_named_and_braces_do_no_harm() -> None:
    row = ROD | {"test": "gait", "measure": "{size} of_stride", "unit": "cm"}
    assert said(row)[0].startswith("{size} of stride was 42 cm lower in the old mice than in the young ones (95")
    value = said(ROD | {"test": "scalar", "measure": "value", "phenotype": "open field"})[0]
    assert value.startswith("Open field was 42 s lower")


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (-13.21, -25.4, -1.0, "−13"), (0.2183, 0.0895, 0.347, "0.22"), (1234.5, 1000.0, 1500.0, "1234"), (-0.001, -0.5, 0.5, "0.00"),
        (3.14159, np.nan, np.nan, "3.14"), (np.inf, 1.0, np.inf, "∞"), (np.nan, 1.0, 2.0, "–"),
    ],
)  # fmt: skip
def test_numbers_have_the_digits_of_their_interval(value: float, low: float, high: float, text: str) -> None:
    assert number(value, {"ci_low": low, "ci_high": high}) == text


def test_a_family_is_told_at_once_and_measure_by_measure() -> None:
    tables = phenotype_tables()
    gait = by_test(measures_of(tables["phenotypes"], tables["phenotype_animals"], "mouse"))["gait"]
    text = family(gait, tables["phenotypes"])
    assert text == (
        "Of 8 declared measures 3 differ between the old and the young mice at a false discovery rate of 0.05: duty factor (higher), "
        "paw area (higher) and regularity (higher)."
    )
    none = tables["phenotypes"].assign(q=1.0)
    none.loc[none["measure"] == "cadence", ["p", "q"]] = np.nan
    assert "Of 7 declared measures none was shown to differ" in family(gait, none)
    assert family(gait, none).endswith("1 measure could not be tested.")
    printed = [
        each for each in in_words(tables["phenotypes"], tables["phenotype_animals"]) if each.startswith("gait: ")
    ]
    assert len(printed) == 9


def test_power_is_about_another_study_and_never_about_this_result() -> None:
    tables = phenotype_tables()
    measure = measures_of(tables["phenotypes"], tables["phenotype_animals"])[0]
    text = power_in_words(measure, tables["phenotype_power"])
    assert text.startswith(
        f"With the spread seen here, 64 animals per group would show a difference of 18 s (10{NBSP}% of the control mean), 17 one"
    )
    assert "For 9 s or less, more than 1,000 would be needed." in text
    assert text.endswith("This study could have seen differences of 36 s or more.")
    assert power_in_words(measure, tables["phenotype_power"].iloc[:0]) == ""
    unknown = tables["phenotype_power"].assign(difference=np.nan, smallest_detectable=np.nan, n_per_group=None)
    assert power_in_words(measure, tables["phenotype_power"].iloc[:0].combine_first(unknown)) == ""


def test_every_kind_of_row_makes_whole_sentences() -> None:
    tables = phenotype_tables()
    for text in in_words(tables["phenotypes"], tables["phenotype_animals"], tables["phenotype_power"], "mouse"):
        assert text.endswith(".")
        assert "nan" not in text.replace("nance", "")
        assert "  " not in text
        assert "{" not in text


def test_without_animals_groups_are_case_and_control() -> None:
    tables = phenotype_tables([ROD])
    found = measures_of(tables["phenotypes"], tables["phenotype_animals"].iloc[:0])
    assert found == [Measure("rod, week 12", "rotarod", "latency", "s", "case", "control", "", "", "")]
    assert said_of(found[0], tables["phenotypes"].to_dict("records"))[0].startswith("The case animals stayed 42 s less")
