"""Unit vectors with missing values: each gene keeps the centre of its own individuals."""

from __future__ import annotations

import numpy as np
import pytest

from organokine.population.units import unit_rows


@pytest.mark.parametrize("statistic", ["bicor", "pearson", "spearman"])
def test_a_gene_measured_in_some_is_treated_as_if_the_others_were_not_there(statistic: str) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(5, 40)) + 20
    design = np.column_stack([np.ones(40), np.arange(40.0) ** 2])
    seen = rng.random(40) < 0.6
    holed = unit_rows(np.where(seen, values, np.nan), design, statistic)
    alone = unit_rows(values[:, seen], design[seen], statistic)
    np.testing.assert_allclose(holed.vectors[:, seen], alone.vectors, atol=1e-6)  # single precision
