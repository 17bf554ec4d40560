"""What `secretion_score` says of arguments that it cannot use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import organokine as ok
from organokine.errors import DataError

N = 40
NAMES = [f"d{i}" for i in range(N)]
RNG = np.random.default_rng(0)
SOURCE = pd.DataFrame(RNG.normal(size=(N, 30)), index=NAMES, columns=[f"L{i}" for i in range(30)])
TARGET = pd.DataFrame(RNG.normal(size=(N, 20)), index=NAMES, columns=[f"F{i}" for i in range(20)])
SHEET = pd.DataFrame({"sex": ["F", "M"] * (N // 2), "age": np.arange(N) % 5 * 1.0}, index=NAMES)
TRAITS = pd.DataFrame({"insulin": RNG.normal(size=N)}, index=NAMES)


def score(**changed: Any) -> Any:
    given: dict[str, Any] = {"source": SOURCE, "target": TARGET, "secreted": ["L0", "L1"], "factors": [0]} | changed
    given = {"permutations": 999, "most_permutations": 999} | given
    return ok.population.secretion_score(given.pop("source"), given.pop("target"), **given)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"source": SOURCE.to_numpy()}, "source: is a ndarray and no table"),
        ({"target": None}, "target: is a NoneType and no table"),
        ({"source": SOURCE.iloc[:0]}, "source: has no row"),
        ({"source": SOURCE.iloc[:, :0]}, "source: has no column"),
        ({"source": SOURCE.T}, "no individual is one of the source ('d0', 'd1' and 38 more against 'L0', 'L1'"),
        ({"target": SOURCE}, "is the same table as the source"),
        ({"source": SOURCE.set_axis([1, "1", *SOURCE.columns[2:]], axis=1)}, "1 genes stand there more than once: '1'"),
        ({"source": SOURCE.set_axis([np.nan, *NAMES[1:]])}, "1 individuals have no name"),
        ({"source": SOURCE.set_axis(pd.MultiIndex.from_arrays([NAMES, NAMES]))}, "have 2 levels"),
        ({"source": SOURCE.replace(SOURCE.iloc[0, 0], np.inf)}, "infinite values in 1 columns: 'L0'"),
        ({"source": SOURCE > 0}, "30 columns are not numbers"),
        ({"target": TARGET.iloc[:, :1]}, "fewer than two genes"),
        ({"secreted": "L0"}, "'L0' is no list of genes"),
        ({"secreted": ["l0"]}, "none of the 30 genes ('L0', 'L1', 'L2' and 27 more) is secreted"),
        ({"secreted": None}, "neither `species` nor `secreted` is given"),
        ({"factors": [40]}, "covariates and 40 hidden factors, the fewest asked for, leave fewer than 10"),
        ({"samples": SHEET, "sex": "gender"}, "there is no column 'gender'"),
        ({"samples": SHEET.assign(sex=["F", "female"] * 20)}, "mean the same sex: 'F' and 'female'"),
        ({"samples": SHEET.assign(sex=["all", "M"] * 20)}, "a sex is called 'all'"),
        ({"samples": SHEET.assign(sex=None)}, "40 individuals have both organs, 40 of them without a value of sex"),
        ({"samples": SHEET.replace(3.0, np.inf), "covariates": ["age"]}, "infinite values in 1 columns: 'age'"),
        ({"samples": SHEET.set_axis([f"z{i}" for i in range(N)])}, "samples: no individual is one of both organs"),
        ({"samples": pd.concat([SHEET, SHEET], axis=1)}, "2 columns stand there more than once"),
        ({"covariates": ["age"]}, "covariates are named and no samples given"),
        ({"traits": [1]}, "traits: is a list and no table"),
        ({"traits": TRAITS.assign(x="a")}, "1 traits are not numbers: 'x'"),
        ({"traits": TRAITS.set_axis(["d1", *NAMES[1:]])}, "1 individuals stand there more than once: 'd1'"),
        ({"traits": TRAITS.set_axis([f"z{i}" for i in range(N)])}, "traits: no individual is one of both organs"),
        ({"seed": "a"}, "'a' is no whole number"),
        ({"gene_sets": ["a"]}, "are no list of sets"),
    ],
)
def test_one_message_names_what_is_wrong(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError) as caught:
        score(**changed)
    assert said in str(caught.value)


def test_names_are_joined_as_text_whatever_their_type() -> None:
    numbers = [int(name[1:]) for name in NAMES]
    given = {"samples": SHEET.set_axis([str(i) for i in numbers]), "traits": TRAITS.set_axis(numbers)}
    found = score(source=SOURCE.set_axis(numbers), target=TARGET.set_axis(numbers), covariates=["age"], **given)
    assert found.pair["n"].tolist() == [N]
    assert found.traits["n"].tolist() == [N, N]


def test_numbers_kept_as_objects_stay_numbers() -> None:
    plain = score(samples=SHEET, covariates=["age"])
    held = score(samples=SHEET.astype(object), covariates=["age"])
    pd.testing.assert_frame_equal(plain.scores, held.scores)


def test_a_covariate_that_takes_nothing_out_is_said() -> None:
    found = score(samples=SHEET.assign(age=3), covariates=["age"])
    assert "age is one value, or follows from the other covariates" in found.pair["note"].iloc[0]
