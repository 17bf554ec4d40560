"""Error rates of the differential table under nulls, with nothing set: rates of p, and of discoveries."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks.differential import SETTINGS, outcome, simulate

pytestmark = pytest.mark.slow
N_TABLES = 8
N_FEATURES = 800
CHANCE_OF_FAILURE = 1e-3


@pytest.mark.parametrize("n", [3, 4, 6])
@pytest.mark.parametrize("setting", SETTINGS)
def test_error_rates_hold(n: int, setting: str) -> None:
    missing, batch = SETTINGS[setting]
    rates = {"missing": missing, "batch": batch, "n_features": N_FEATURES, "factors": 0}
    nulls = [outcome(seed, n, 0.0, **rates) for seed in range(N_TABLES)]
    n_tested = sum(found.tested for found in nulls)
    wrong = sum(round(found.type_one * found.tested) for found in nulls)
    assert stats.binomtest(wrong, n_tested, 0.05).pvalue > CHANCE_OF_FAILURE
    some = [outcome(seed, n, 0.1, **rates) for seed in range(N_TABLES)]
    most_tables = stats.binom.ppf(1 - CHANCE_OF_FAILURE, N_TABLES, 0.05)
    for method in ("discovery", "bh", "storey"):
        assert sum(found.any_call[method] for found in nulls) <= most_tables
        false = np.array([found.fdp[method] for found in some])
        assert false.mean() <= 0.05 + 3 * false.std(ddof=1) / np.sqrt(N_TABLES)
        assert np.mean([found.tpr[method] for found in some]) > 0.1


def test_the_simulation_is_what_it_says() -> None:
    data = simulate(1, 6, 0.1, missing=True, batch=False)
    assert 0.08 < data.changed.mean() < 0.12
    assert 0.1 < data.values.isna().to_numpy().mean() < 0.3
    assert simulate(1, 6, 0.0, missing=False, batch=False).values.notna().to_numpy().all()
