from __future__ import annotations

import builtins
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.stages import deseq2
from organokine.stages.deseq2 import Deseq2Test, deseq2_numbers, deseq2_test, table_columns
from tests.kernels.conftest import Golden

DESIGNS = ("group", "batch", "age")
COLUMNS = ["log2fc", "se", "ci_low", "ci_high", "sd", "df", "t", "p", "q"]


@pytest.fixture(scope="module")
def case() -> Golden:
    return Golden("deseq2")


@pytest.fixture(scope="module")
def tests_by_design(case: Golden) -> dict[str, Deseq2Test]:
    designs = {name: np.array(case.about["designs"][name], dtype=float).T for name in DESIGNS}
    return {
        name: deseq2_test(case.input.to_numpy(), design, np.eye(design.shape[1])[1]) for name, design in designs.items()
    }


def simulated(n_features: int = 60, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    group = np.repeat([0.0, 1.0], 4)
    mean = np.exp(rng.normal(5, 1, n_features))[:, None] * 2.0 ** np.outer(rng.normal(0, 1, n_features), group)
    counts = rng.negative_binomial(8, 8 / (8 + mean * rng.uniform(0.5, 2, 8)))
    return counts.astype(float), np.column_stack([np.ones(8), group]), np.array([0.0, 1.0])


def expected(case: Golden, quantity: str, design: str) -> np.ndarray:
    return case.expected[f"{quantity}_{design}"].to_numpy(dtype=float)


@pytest.mark.parametrize("design", DESIGNS)
def test_the_same_genes_are_tested_as_in_r(case, tests_by_design, design):
    test = tests_by_design[design]
    for quantity in ("effect", "se", "t", "p"):
        np.testing.assert_array_equal(
            np.isnan(getattr(test, quantity)), np.isnan(expected(case, quantity, design)), err_msg=quantity
        )
    untested = np.isnan(expected(case, "p", design))
    zero = (case.input == 0).all(axis=1).to_numpy()
    np.testing.assert_array_equal(test.reason == "low_counts", zero)
    np.testing.assert_array_equal(test.reason == "count_outlier", untested & ~zero)
    np.testing.assert_array_equal(test.reason == "", ~untested)


@pytest.mark.parametrize("design", DESIGNS)
def test_the_numbers_are_those_of_r(case, tests_by_design, design):
    test = tests_by_design[design]
    usual = ~case.input.index.isin(case.about["zero_in_one_group"]["genes"])
    difference = {
        "effect": np.abs(test.effect - expected(case, "effect", design)),
        "se": np.abs(test.se / expected(case, "se", design) - 1),
        "t": np.abs(test.t - expected(case, "t", design)),
        "log10_p": np.abs(np.log10(test.p) - np.log10(expected(case, "p", design))),
    }
    for entry in case.about["agreement"]:
        values = difference[entry["quantity"]][usual]
        values = values[np.isfinite(values)]
        assert len(values) >= 780
        assert np.median(values) <= entry["median"], entry["quantity"]
        assert np.quantile(values, 0.99) <= entry["p99"], entry["quantity"]


@pytest.mark.parametrize("design", DESIGNS)
def test_the_same_genes_are_significant_as_in_r(case, tests_by_design, design):
    level = case.about["significant"]["q"]
    ours, theirs = table_columns(tests_by_design[design])["q"] < level, expected(case, "q", design) < level
    assert theirs.sum() > 80
    assert (ours & theirs).sum() >= case.about["significant"]["overlap"] * (ours | theirs).sum()


@pytest.mark.parametrize("design", DESIGNS)
def test_genes_of_zeros_in_one_group_are_on_the_safe_side_of_r(case, tests_by_design, design):
    test = tests_by_design[design]
    zeros = case.input.index.isin(case.about["zero_in_one_group"]["genes"])
    np.testing.assert_allclose(test.effect[zeros], expected(case, "effect", design)[zeros], atol=1e-3)
    assert (test.p[zeros] > expected(case, "p", design)[zeros]).all()
    assert (test.p[zeros] < 1e-4).all()


def test_outliers_and_unfinished_fits_are_counted(tests_by_design, monkeypatch):
    n_outliers = int((tests_by_design["group"].reason == "count_outlier").sum())
    assert n_outliers > 0
    assert f"{n_outliers} features were not tested because one sample decides them" in tests_by_design["group"].notes
    data_set, wald_test = deseq2._import()

    class Stuck(data_set):
        def fit_LFC(self):  # noqa: N802  the name in pydeseq2
            super().fit_LFC()
            self.var.loc["feature2", "_LFC_converged"] = False

    monkeypatch.setattr(deseq2, "_import", lambda: (Stuck, wald_test))
    counts, design, contrast = simulated()
    counts[0] = 0
    test = deseq2_test(counts, design, contrast)
    # The engine is not given the feature of zeros, so its feature 2 is ours at 3.
    np.testing.assert_array_equal(np.flatnonzero(~test.converged), [3])
    assert np.isfinite(test.p[3])
    assert "the fits of 1 features did not converge" in test.notes


def test_the_columns_are_those_of_the_table():
    counts, design, contrast = simulated()
    counts[5] = 0
    columns = deseq2_numbers(counts, design, contrast)
    test = deseq2_test(counts, design, contrast)
    assert list(columns) == COLUMNS
    assert all(values.shape == (60,) and np.isnan(values[5]) for values in columns.values())
    np.testing.assert_array_equal(columns["p"], test.p)
    np.testing.assert_allclose(columns["t"], test.effect / test.se, rtol=1e-12)
    tested = np.isfinite(columns["p"])
    assert np.isinf(columns["df"][tested]).all()
    np.testing.assert_allclose(columns["ci_high"] - columns["ci_low"], 2 * 1.959963984540054 * columns["se"])
    # Delta method: the sd of log2 of a negative binomial count of that mean and dispersion.
    rng = np.random.default_rng(1)
    large = int(np.nanargmax(test.mean))
    size, mean = 1 / test.dispersion[large], test.mean[large]
    drawn = rng.negative_binomial(size, size / (size + mean), 20000)
    assert columns["sd"][large] == pytest.approx(np.log2(drawn[drawn > 0]).std(), rel=0.15)


def test_recoding_the_design_and_the_sign_of_the_contrast():
    counts, design, contrast = simulated()
    test = deseq2_test(counts, design, contrast)
    cells = np.column_stack([1 - design[:, 1], design[:, 1]])
    recoded = deseq2_test(counts, cells, np.array([-1.0, 1.0]))
    opposite = deseq2_test(counts, design, -contrast)
    np.testing.assert_allclose(recoded.effect, test.effect, atol=1e-4)
    np.testing.assert_allclose(recoded.p, test.p, rtol=1e-2)
    np.testing.assert_array_equal(opposite.effect, -test.effect)
    np.testing.assert_array_equal(opposite.p, test.p)


def test_counts_that_are_unknown_or_not_whole():
    counts, design, contrast = simulated()
    test = deseq2_test(counts, design, contrast)
    odd = np.vstack([counts, counts[:1]])
    odd[:60] += 0.25 * (counts > 0)
    odd[60, 3] = np.nan
    again = deseq2_test(odd, design, contrast)
    np.testing.assert_array_equal(again.p[:60], test.p)
    assert np.isnan(again.p[60])
    assert again.reason[60] == "missing_count"
    n_odd = int((counts > 0).sum())
    assert again.notes == (f"{n_odd} of {counts.size} counts were not whole and were rounded", *test.notes)


@pytest.mark.parametrize(("value", "word"), [(-1.0, "negative"), (np.inf, "infinite"), (2.0**54, "power of 53")])
def test_impossible_counts_are_refused(value, word):
    counts, design, contrast = simulated()
    counts[7, 2] = value
    with pytest.raises(DataError, match=f"1 values are .*{word}.*first in row 8"):
        deseq2_test(counts, design, contrast)


def test_counts_beyond_32_bits_do_not_overflow():
    counts, design, contrast = simulated()
    counts[4] = np.round(counts[4] * 2.0**33)
    test = deseq2_test(counts, design, contrast)
    usual = deseq2_test(simulated()[0], design, contrast)
    assert test.mean[4] > 2.0**32
    assert test.effect[4] == pytest.approx(usual.effect[4], abs=0.1)


def test_nothing_to_test():
    _, design, contrast = simulated()
    test = deseq2_test(np.zeros((2, 8)), design, contrast)
    assert list(test.reason) == ["low_counts", "low_counts"]
    assert np.isnan(test.p).all()


def test_zeros_in_every_feature_leave_size_factors_from_the_others():
    counts, design, contrast = simulated()
    counts[np.arange(60), np.arange(60) % 8] = 0
    test = deseq2_test(counts, design, contrast)
    assert np.isfinite(test.p).sum() > 30
    assert any("size factors are from the counts above zero" in note for note in test.notes)
    assert test.size_factors.max() / test.size_factors.min() > 1.5


def test_few_residual_degrees_of_freedom_are_noted_and_nothing_is_printed(capfd):
    counts, design, contrast = simulated()
    filters = list(warnings.filters)
    test = deseq2_test(counts[:, [0, 1, 4, 5]], design[[0, 1, 4, 5]], contrast)
    assert np.isfinite(test.p).any()
    assert any("degrees of freedom" in note for note in test.notes)
    assert warnings.filters == filters
    assert capfd.readouterr() == ("", "")


def test_without_pydeseq2_the_message_says_how_to_get_it(monkeypatch):
    counts, design, contrast = simulated()
    original = builtins.__import__

    def absent(name, *args, **kwargs):
        if name.startswith("pydeseq2"):
            raise ModuleNotFoundError(name="pydeseq2")
        return original(name, *args, **kwargs)

    for module in [name for name in sys.modules if name.startswith("pydeseq2")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(DataError, match=r"'pydeseq2' is not installed.*pip install 'organokine\[deseq2\]'"):
        deseq2_test(counts, design, contrast)


def test_seven_per_group_have_outlying_counts_replaced():
    rng = np.random.default_rng(4)
    group = np.repeat([0.0, 1.0], 7)
    mean = np.exp(rng.normal(5, 1, 80))[:, None] * np.ones(14)
    counts = rng.negative_binomial(10, 10 / (10 + mean)).astype(float)
    counts[3, 2] *= 300
    counts[9] = 0
    counts[9, 5] = 4000
    test = deseq2_test(counts, np.column_stack([np.ones(14), group]), np.array([0.0, 1.0]))
    assert np.isfinite(test.p[3])
    assert abs(test.effect[3]) < 2
    # All that is left of feature 9 is zero: not p = 1, but not tested.
    assert np.isnan(test.p[9])
    assert test.reason[9] == "count_outlier"
    assert any("replaced" in note for note in test.notes)


def test_pandas_in_pandas_out_is_not_needed():
    counts, design, contrast = simulated()
    frame = pd.DataFrame(counts, index=[f"g{i}" for i in range(60)])
    np.testing.assert_array_equal(deseq2_test(frame, design, contrast).p, deseq2_test(counts, design, contrast).p)
