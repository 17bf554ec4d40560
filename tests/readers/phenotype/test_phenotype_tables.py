"""Reading the table of a functional test: columns, groups, what is left out, and what is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.phenotype import Trials
from organokine.phenotype_section import PhenotypeSection
from organokine.readers.phenotype import Asked, grid_of, read_phenotype, trials_of


def long_table() -> pd.DataFrame:
    """Four animals, two days of two trials."""
    rows = [
        (animal, group, day, trial, 100 + 10 * day + trial)
        for animal, group in (("a", "old"), ("b", "old"), ("c", "young"), ("d", "young"))
        for day in (1, 2)
        for trial in (1, 2)
    ]
    return pd.DataFrame(rows, columns=["subject", "age", "day", "trial", "value"])


def read(frame: pd.DataFrame, test: str = "rotarod", asked: Asked | None = None, **keys: Any) -> Trials:
    section = PhenotypeSection(name="rod", test=test, file="rod.tsv", **keys)
    return trials_of(grid_of(frame), section, Asked("age", "old", "young") if asked is None else asked, "rod.tsv")


def items(trials: Trials) -> dict[str, int]:
    return {count.item: count.n for count in trials.counts}


def test_a_long_table_is_read_as_it_is() -> None:
    trials = read(long_table())
    assert trials.rows["value"].tolist() == long_table()["value"].tolist()
    assert trials.rows["day"].tolist() == long_table()["day"].tolist()
    assert set(trials.rows["measure"]) == {"latency"}
    assert (trials.unit, trials.better, trials.domain) == ("s", "higher", "coordination")
    assert trials.counts == ()


@pytest.mark.parametrize("name", ["rod.tsv", "rod.csv", "rod.xlsx", "rod.parquet"])
def test_every_kind_of_file_gives_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = long_table()
    match path.suffix:
        case ".tsv":
            frame.to_csv(path, sep="\t", index=False)
        case ".csv":
            path.write_text(
                "\ufeff" + frame.to_csv(index=False, sep=";", lineterminator="\r\n"), encoding="utf-8", newline=""
            )
        case ".xlsx":
            frame.to_excel(path, index=False)
        case ".parquet":
            frame.to_parquet(path)
    section = PhenotypeSection(name="rod", test="rotarod", file=name)
    found = read_phenotype(path, section, Asked("age", "old", "young"), name)
    pd.testing.assert_frame_equal(found.rows, read(frame).rows)


def test_columns_of_any_name_are_taken_where_they_are_named() -> None:
    frame = long_table().set_axis(["mouse", "Age group", "d", "t", "latency (s)"], axis="columns")
    columns = {"subject": "mouse", "group": "Age group", "day": "d", "trial": "t", "value": "latency (s)"}
    pd.testing.assert_frame_equal(read(frame, columns=columns).rows, read(long_table()).rows)


def test_a_wide_table_of_days_and_trials_is_the_long_one() -> None:
    long = long_table()
    wide = long.pivot_table(index=["subject", "age"], columns=["day", "trial"], values="value")
    names = [f"day{day}_trial{trial}" for day, trial in wide.columns]
    wide = wide.set_axis(names, axis="columns").reset_index()
    trials = read(wide, columns={"value": tuple(names)})
    order = ["subject", "day", "trial"]
    assert trials.rows.sort_values(order)["value"].tolist() == long.sort_values(order)["value"].tolist()
    assert trials.rows.sort_values(order)["day"].tolist() == long.sort_values(order)["day"].tolist()
    assert items(trials) == {"columns read as trials": 4}


def test_a_wide_table_of_pulls_has_trials_and_no_days() -> None:
    frame = pd.DataFrame({"subject": list("abcd"), "age": ["old", "old", "young", "young"], "pull1": 1.0, "pull2": 2.0})
    trials = read(frame, "grip", columns={"value": ("pull1", "pull2")})
    assert trials.rows["trial"].tolist() == ["1"] * 4 + ["2"] * 4
    assert trials.rows["day"].isna().all()
    assert set(trials.rows["measure"]) == {"force"}


def test_groups_and_sex_come_from_the_sample_sheet_where_the_table_has_none() -> None:
    sheet = pd.DataFrame({"age": ["old", "old", "young", "young"], "sex": list("fmfm")}, index=list("abcd"))
    frame = long_table().drop(columns="age")
    frame.loc[len(frame)] = ["stranger", 1, 1, 90]
    trials = read(frame, asked=Asked("age", "old", "young", sheet))
    assert trials.rows.groupby("subject")["group"].first().to_dict() == {
        "a": "old",
        "b": "old",
        "c": "young",
        "d": "young",
    }
    assert set(trials.rows.loc[trials.rows["subject"] == "b", "sex"]) == {"m"}
    assert items(trials) == {"values without a group": 1}


def test_what_is_left_out_is_counted() -> None:
    frame = long_table().astype(object)
    frame["phase"] = "before"
    frame.loc[16] = ["e", "middle", 1, 1, 50, "before"]
    frame.loc[17] = ["", "old", 1, 1, 50, "before"]
    frame.loc[18] = ["a", "old", 1, 1, 50, "after"]
    frame.loc[0, "value"] = np.nan
    trials = read(frame, within={"phase": "before"})
    assert items(trials) == {
        "rows left out": 1,
        "values without an animal": 1,
        "values of other groups": 1,
        "trials not measured": 1,
    }
    assert len(trials.rows) == 15
    assert [remark.flag for remark in trials.remarks] == ["fewer_trials"]
    assert "'a'" in trials.remarks[0].detail


def test_the_beam_has_slips_time_and_failures() -> None:
    frame = pd.DataFrame({
        "subject": list("aabbccdd"), "age": ["old"] * 4 + ["young"] * 4, "trial": [1, 2] * 4, "slips": range(8), "steps": 20,
        "time": 5.5, "failed": ["yes", "no", "NO", "", "no", "no", "Yes", "no"],
    })  # fmt: skip
    trials = read(frame, "beam", columns={"value": "slips", "exposure": "steps"})
    assert trials.measures == ("slips", "time", "failed")
    assert trials.of("slips")["value"].tolist() == list(range(8))
    assert set(trials.of("slips")["exposure"]) == {20.0}
    assert trials.of("failed")["value"].tolist() == [1, 0, 0, 0, 0, 1, 0]


def test_a_declared_family_is_columns_or_names_in_a_column() -> None:
    wide = pd.DataFrame(
        {"subject": list("abcd"), "age": ["old", "old", "young", "young"], "stride": 1.0, "stance": 2.0, "x": 3}
    )
    by_column = read(wide, "gait", measures=("stride", "stance"))
    long = wide.melt(["subject", "age"], ["stride", "stance", "x"], "parameter")
    by_name = read(long, "gait", measures=("stride", "stance"), columns={"measure": "parameter"})
    assert by_column.measures == by_name.measures == ("stride", "stance")
    assert by_column.rows["value"].tolist() == by_name.rows["value"].tolist()


def spoil(column: str, row: int, value: object) -> pd.DataFrame:
    frame = long_table().astype(object)
    frame.loc[row, column] = value
    return frame


FAULTS = {
    "one animal in a group": (
        long_table().replace({"subject": {"d": "c"}}).assign(trial=list(range(16))), {}, "1 animal with age = 'young'"
    ),
    "negative latency": (spoil("value", 4, -3), {}, "1 value of latency is negative, first -3 of 'b' in line 6"),
    "above the ceiling": (spoil("value", 4, 301), {"ceiling": 300}, "above the ceiling of 300, first 301 of 'b' in line 6"),
    "repeated trial": (spoil("trial", 1, 1), {}, "first trial 1 of day 1 of 'a' in line 3"),
    "animal in two groups": (spoil("age", 0, "young"), {}, "more than one age, first 'a' with 'old', 'young'"),
    "text": (spoil("value", 2, "fell off"), {}, "1 cell of 'value' is no number, first 'fell off' in line 4"),
    "infinite": (spoil("value", 2, np.inf), {}, "1 cell of 'value' is no number, first 'inf' in line 4"),
    "day as text": (spoil("day", 2, "Monday"), {}, "1 cell of 'day' is no number, first 'Monday' in line 4"),
    "all at the ceiling": (long_table().assign(value=300), {"ceiling": 300}, "all 16 values of latency are at the ceiling"),
    "nothing measured": (long_table().assign(value=""), {}, "0 animals with age = 'old' have a value of latency"),
    "absent level": (long_table().replace({"age": {"young": "Young"}}), {}, "no animal has age = 'young'.*Write 'Young'"),
    "absent column": (long_table(), {"columns": {"value": "valu"}}, "no column 'valu'.*Write 'value'"),
    "no subject": (long_table().drop(columns="subject"), {}, "no column 'subject'"),
    "no groups": (long_table().drop(columns="age"), {}, "no column 'age'.*which group"),
    "absent phase": (long_table(), {"within": {"day": "7"}}, "no row has day = '7'"),
    "negative weight": (long_table().assign(weight=-25), {}, "16 values of weight are not above zero, first in line 2"),
    "groups that look alike": (spoil("age", 0, "Old "), {}, "2 values of 'age' mean the same: 'Old', 'old'"),
    "sexes that look alike": (long_table().assign(sex=["m"] * 4 + ["male"] * 12), {}, "2 values of 'sex' mean the same"),
    "animal in a third group": (spoil("age", 0, "middle"), {}, "1 animal has more than one age, first 'a' with 'middle', 'old'"),
    "animal named in its first row only": (
        long_table().assign(subject=[name if k % 4 == 0 else "" for k, name in enumerate("aaaabbbbccccdddd")]), {},
        "12 of 16 values have no animal in their row",
    ),
    "one column for two things": (long_table(), {"columns": {"value": "day", "day": "day"}}, "'day' is named as day and as value"),
    "sex as covariate": (long_table().assign(sex="f"), {"covariates": ("sex",)}, "taken into account by itself"),
    "covariate of a name that is taken": (long_table().assign(block=1), {"covariates": ("block",)}, "a covariate is called 'block'"),
    "covariate twice": (long_table().assign(b=1), {"covariates": ("b", "b")}, "'b' is named twice"),
    "thousands or decimals": (spoil("value", 0, "1,250"), {}, "decimal comma"),
    "two sexes": (long_table().assign(sex=["f", "m"] * 8), {}, "more than one sex"),
}  # fmt: skip


@pytest.mark.parametrize(("frame", "keys", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_with_its_place_and_a_remedy(frame: pd.DataFrame, keys: dict[str, Any], expected: str) -> None:
    with pytest.raises(DataError) as raised:
        read(frame, **keys)
    assert re.search(expected, str(raised.value)) is not None
    assert str(raised.value).startswith("rod.tsv")


def test_all_faults_are_told_at_once() -> None:
    frame = spoil("value", 2, -5)
    frame.loc[9, "trial"] = 1
    with pytest.raises(DataError) as raised:
        read(frame)
    assert len(raised.value.problems) == 2


@pytest.mark.parametrize(
    ("test", "column", "value", "expected"),
    [
        ("beam", "value", 2.5, "no whole number"),
        ("beam", "failed", "perhaps", "'perhaps'.*Write yes or no"),
        ("beam", "failed", 2, "neither yes nor no"),
        ("beam", "exposure", 0, "not above zero"),
        ("grip", "value", -1, "negative"),
    ],
)
def test_impossible_values_of_other_tests_are_told(test: str, column: str, value: object, expected: str) -> None:
    frame = long_table().astype(object)
    if test == "beam":
        frame = frame.assign(failed="no", exposure=10)
    frame.loc[3, column] = value
    with pytest.raises(DataError, match=f"(?s){expected}"):
        read(frame, test)


def test_names_of_animals_that_look_alike_are_told() -> None:
    trials = read(long_table().replace({"subject": {"b": "A"}}))
    assert [remark.flag for remark in trials.remarks] == ["subjects_look_alike"]
    assert "'A' and 'a'" in trials.remarks[0].detail


def test_a_weight_that_changes_nothing_is_told_and_one_that_is_a_covariate_stays_a_number() -> None:
    frame = long_table().assign(g=[20.5] * 4 + [21] * 12, weight=25)
    assert [each.flag for each in read(frame, columns={"weight": "g"}).remarks] == ["weight_not_adjusted_for"]
    trials = read(frame, covariates=("weight",))
    assert trials.rows["weight"].tolist() == [25.0] * 16
    assert trials.remarks == ()


def test_columns_that_a_test_has_no_use_for_are_not_read() -> None:
    trials = read(long_table().assign(measure="rotarod", speed="fast", exposure="long"))
    assert set(trials.rows["measure"]) == {"latency"}


def test_the_column_of_the_factor_goes_before_one_called_group() -> None:
    frame = long_table().assign(group=["old", "young"] * 8)
    assert read(frame).rows["group"].tolist() == frame["age"].tolist()
    named = read(frame.drop(columns="age").assign(group=frame["age"]))
    assert named.rows["group"].tolist() == frame["age"].tolist()


def test_repairs_and_other_sheets_are_counted(tmp_path: Path) -> None:
    commas = long_table().assign(value=[f"{value},5" for value in range(16)])
    assert items(read(commas)) == {"decimal commas in value": 16}
    path = tmp_path / "rod.xlsx"
    with pd.ExcelWriter(path) as book:
        long_table().to_excel(book, sheet_name="one", index=False)
        long_table().to_excel(book, sheet_name="two", index=False)
    section = PhenotypeSection(name="rod", test="rotarod", file="rod.xlsx")
    assert items(read_phenotype(path, section, Asked("age", "old", "young"), "rod.xlsx")) == {"sheets not read": 1}


def test_a_frame_with_a_name_twice_is_refused() -> None:
    with pytest.raises(DataError, match="'day' stand more than once"):
        grid_of(pd.concat([long_table(), long_table()[["day"]]], axis=1))


SHEET = pd.DataFrame({"age": ["old", "old", "young", "young"], "sex": ["male"] * 4}, index=list("abcd"))


def test_what_the_sample_sheet_says_of_an_animal_must_not_differ() -> None:
    asked = Asked("age", "old", "young", SHEET)
    assert len(read(long_table().assign(sex="m"), asked=asked).rows) == 16
    frame = long_table().replace({"age": {"old": "young", "young": "old"}}).assign(sex="f")
    with pytest.raises(DataError) as raised:
        read(frame, asked=asked)
    assert len(raised.value.problems) == 2
    assert "4 animals have another age than in the sample sheet, first 'a' with 'young' instead of 'old'" in str(
        raised.value
    )


def test_animals_that_the_sample_sheet_does_not_know_are_told_by_name() -> None:
    frame = long_table().drop(columns="age").assign(subject=[name.upper() for name in long_table()["subject"]])
    with pytest.raises(
        DataError, match=r"no animal of the table is in the sample sheet \('A', 'B' and 2 more against 'a', 'b'"
    ):
        read(frame, asked=Asked("age", "old", "young", SHEET))
