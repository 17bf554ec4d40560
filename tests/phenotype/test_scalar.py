"""Any one value per animal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from organokine.phenotype import TESTS
from tests.simulated_function import scalar


def test_rows_of_an_animal_are_averaged_first() -> None:
    trials = scalar(np.random.default_rng(1), 5)
    noise = np.random.default_rng(2).normal(size=40)
    rows = pd.concat([trials.rows] * 4, ignore_index=True)
    several = replace(trials, rows=rows.assign(value=rows["value"] + noise))
    means = several.rows.groupby(["group", "subject"])["value"].mean()
    found = TESTS["scalar"].run(several)
    assert found.effects.iloc[0]["p"] == pytest.approx(ttest_ind(means["old"], means["young"]).pvalue)
    assert found.effects.iloc[0]["n_units"] == 10
    assert found.animals["n_values"].tolist() == [4] * 10


def test_measures_are_one_family_each_with_its_own_animals() -> None:
    trials = scalar(np.random.default_rng(3), 4)
    other = trials.rows.assign(measure="rearing", value=trials.rows["value"] ** 2).iloc[1:]
    found = TESTS["scalar"].run(
        replace(trials, rows=pd.concat([trials.rows, other], ignore_index=True), measures=("rearing", "distance"))
    )
    assert found.effects["measure"].tolist() == ["rearing", "distance"]
    assert found.effects["n_units"].tolist() == [7, 8]
    assert found.effects["q"].notna().all()
    assert len(found.animals) == 15
