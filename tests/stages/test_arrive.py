"""The ARRIVE table: what the data tell is counted, what only the user knows is quoted, the rest is a gap."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import organokine
from organokine.phenotype_tables import ARRIVE, PHENOTYPE_ANIMALS, PHENOTYPES
from organokine.readers import Count
from organokine.stages.arrive import DECLARED, arrive_table

DOCS = Path(__file__).resolve().parents[2] / "docs" / "phenotype.md"
N = 5
ROW: dict[str, Any] = {
    "phenotype": "rod", "test": "rotarod", "measure": "latency", "term": "group", "method": "mixed model", "role": "primary",
    "adjusted_for": "sex;body_weight", "scale": "difference", "unit": "s", "estimate": -40.0, "ci_low": -62.0, "ci_high": -18.0,
    "p": 0.01, "n_case": N, "n_control": N, "n_units": 2 * N, "n_values": 90, "state": "estimated",
}  # fmt: skip
TOBIT = ROW | {"role": "estimate", "method": "Tobit", "p": np.nan}


def effects(*rows: dict[str, Any]) -> pd.DataFrame:
    return PHENOTYPES.conform(pd.DataFrame([ROW, *rows]))


def animals(measure: str = "latency", **changes: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "phenotype": "rod", "test": "rotarod", "measure": measure, "subject": [f"m{place}" for place in range(2 * N)],
            "group": ["old"] * N + ["young"] * N, "is_case": [True] * N + [False] * N, "sex": ["f", "m"] * N,
            "weight": [30.0] * N + [20.0, 22.0, 24.0, 26.0, 28.0], "value": [100.0, 120.0] * N, "unit": "s",
        }
    )  # fmt: skip
    return PHENOTYPE_ANIMALS.conform(frame.assign(**changes))


def answers(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    return {row.field: (row.answer, row.badge) for row in table.itertuples(index=False)}


def test_what_the_data_tell_is_computed() -> None:
    told = answers(arrive_table(effects(TOBIT), animals(), species="mouse", counts=[]))
    assert told["groups compared"] == ("rod: old against young (control)", "computed")
    assert told["experimental unit"] == ("animal", "computed")
    assert told["animals of each group"] == ("rod: 5 old, 5 young", "computed")
    assert told["animals in total"] == ("10", "computed")
    assert told["animals and trials left out"] == ("none", "computed")
    assert told["outcomes measured"] == ("rod: latency (s)", "computed")
    assert told["methods"] == ("rod, latency: mixed model, adjusted for sex, body weight", "computed")
    assert told["the same question under other assumptions"] == ("rod, latency: Tobit", "computed")
    assert told["species"] == ("mouse", "declared")
    assert told["sex"] == ("5 f, 5 m", "computed")
    assert told["body weight, mean and range, as given"][0] == "old: 30 (30 to 30; n = 5); young: 24 (20 to 28; n = 5)"
    assert told["effect sizes with 95 % interval"] == ("rod, latency: -40 s (-62 to -18)", "computed")
    assert told["mean and standard deviation over animals"][0].startswith("rod, latency, old: 108 ± 11")


def test_all_ten_items_stand_in_their_order_with_every_field_once() -> None:
    table = arrive_table(effects(), animals())
    assert list(dict.fromkeys(int(item.split(" ")[0]) for item in table["item"])) == list(range(1, 11))
    assert table["field"].is_unique
    assert ARRIVE.conform(table).equals(table)
    is_gap = table["badge"] == "not_recorded"
    assert (table["answer"] == "").equals(is_gap)


def test_what_only_the_user_knows_is_declared_or_a_gap() -> None:
    bare = answers(arrive_table(effects(), animals()))
    assert bare["animals allocated at random"] == ("", "not_recorded")
    assert bare["species"] == ("", "not_recorded")
    assert bare["animals and trials left out"] == ("", "not_recorded")
    assert "approval" not in bare
    given: dict[str, bool | str] = {
        "randomised": True,
        "blinded_assessment": False,
        "strain": " C57BL/6J ",
        "ethics": "A 12",
        "own": "x",
    }
    told = answers(arrive_table(effects(), animals(), declared=given))
    assert told["animals allocated at random"] == ("yes", "declared")
    assert told["blinded assessment of outcomes"] == ("no", "declared")
    assert told["strain"] == ("C57BL/6J", "declared")
    assert told["approval"] == ("A 12", "declared")
    assert "x" not in {answer for answer, _ in told.values()}


def test_cages_are_the_unit_where_there_are_fewer_of_them_than_animals() -> None:
    by_cage = effects().assign(n_units=4)
    assert answers(arrive_table(by_cage, animals()))["experimental unit"][0] == "rod: cage or litter"
    both = pd.concat([by_cage, effects().assign(phenotype="beam")], ignore_index=True)
    unit = answers(arrive_table(both, animals()))["experimental unit"][0]
    assert unit == "rod: cage or litter; the animal in all other tests"


def test_animals_lost_on_the_way_are_counted() -> None:
    counts = [
        ("rod", Count("values of other groups", 3, 93, "m9", "age is neither")),
        ("rod", Count("columns read as trials", 9)),
    ]
    fewer = effects().assign(n_case=N - 2)
    told = answers(arrive_table(fewer, animals(), counts=counts))["animals and trials left out"][0]
    assert (
        told
        == "rod: values of other groups, 3 of 93 (age is neither); rod, latency: 2 animals measured and not in the model"
    )


def test_exact_numbers_are_never_cut_short_and_other_lists_say_where_the_rest_is() -> None:
    names = [f"parameter {place}" for place in range(9)]
    many = PHENOTYPES.conform(pd.DataFrame([ROW | {"measure": name} for name in names]))
    parts = [
        animals(name, value=[np.nan] * (place == 0) + [1.0] * (2 * N - (place == 0)))
        for place, name in enumerate(names)
    ]
    told = answers(arrive_table(many, pd.concat(parts, ignore_index=True)))
    assert told["animals of each group"][0].count(" young") == 9
    assert "rod, parameter 0: 4 old, 5 young" in told["animals of each group"][0]
    assert told["effect sizes with 95 % interval"][0].endswith("and 3 more in the table `phenotypes`")


def test_unknown_sex_weight_and_numbers_leave_gaps_and_no_errors() -> None:
    bare = PHENOTYPES.conform(
        effects().assign(estimate=np.nan, n_case=pd.NA, n_units=pd.NA, method="", adjusted_for="")
    )
    told = answers(arrive_table(bare, animals(sex="", weight=np.nan)))
    for field in ("sex", "body weight, mean and range, as given", "effect sizes with 95 % interval", "methods"):
        assert told[field] == ("", "not_recorded")
    partly = answers(arrive_table(effects(), animals(sex=["f"] + [""] * (2 * N - 1))))
    assert partly["sex"][0] == "1 f, 9 not known"


def test_software_is_named_with_its_version() -> None:
    told = answers(arrive_table(effects(), animals(), versions={"numpy": "2.4"}))["software"]
    assert told == (f"organokine {organokine.__version__}, numpy 2.4", "computed")


def test_without_a_functional_test_the_table_is_empty() -> None:
    assert arrive_table(PHENOTYPES.empty(), PHENOTYPE_ANIMALS.empty(), species="rat").equals(ARRIVE.empty())


@pytest.mark.parametrize("field", DECLARED, ids=lambda field: field.key)
def test_every_known_key_is_documented(field: Any) -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \| ([^|]+) \|$", DOCS.read_text(encoding="utf-8"), flags=re.M)
    assert (field.key, field.item, field.field) in rows
