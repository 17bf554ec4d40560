"""Sums of `-ln p`: a plain double loop says the same, the same call gives the same bits, and no matrix is ever held."""

from __future__ import annotations

import tracemalloc

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.kernels.log_p import LAST_FITTED_R, minus_log_p
from organokine.population import blocks
from organokine.population.blocks import SOURCE_BLOCK, TARGET_BLOCK, Sums, correlate_one, score_rows
from organokine.population.units import Units, unit_rows

WITHIN = 2e-5
"""Relative: single precision and the rational function together."""


def genes(rng: np.random.Generator, n_genes: int, n: int, missing: float = 0.0) -> np.ndarray:
    values = 8 + rng.normal(size=(n_genes, 2)) @ rng.normal(size=(2, n)) + rng.normal(size=(n_genes, n))
    values[rng.random(values.shape) < missing] = np.nan
    return values


def units(values: np.ndarray, statistic: str = "bicor") -> Units:
    return unit_rows(values, np.ones((values.shape[1], 1)), statistic)


def plain(source: Units, target: Units, n_adjusted: int, least_pairs: int) -> Sums:
    """Pair by pair in double precision, on the individuals of the pair."""
    shape = len(source.vectors)
    total, positive, used = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.int64)
    for i in range(shape):
        for j in range(len(target.vectors)):
            both = source.row(i).mask()[0] * target.row(j).mask()[0] > 0
            one, other = source.vectors[i, both].astype(float), target.vectors[j, both].astype(float)
            spread = np.linalg.norm(one) * np.linalg.norm(other)
            n = both.sum()
            if spread == 0 or n < least_pairs or n - 2 - n_adjusted < 1:
                continue
            r = one @ other / spread
            value = minus_log_p(np.clip(r, -1, 1), n - 2 - n_adjusted)
            total[i] += value
            positive[i] += value if r > 0 else 0.0
            used[i] += 1
    return Sums(np.where(used > 0, total, np.nan), np.where(used > 0, positive, np.nan), used)


def agree(found: Sums, expected: Sums, within: float = WITHIN) -> None:
    np.testing.assert_array_equal(found.n_targets, expected.n_targets)
    np.testing.assert_allclose(found.total, expected.total, rtol=within)
    # One target more or less beside zero, where the sign is rounding, is nothing.
    np.testing.assert_allclose(found.positive, expected.positive, rtol=within, atol=1e-4)


@pytest.mark.parametrize("statistic", ["bicor", "pearson", "spearman"])
@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("n_adjusted", [0, 3])
def test_a_double_loop_says_the_same(statistic, missing, n_adjusted) -> None:
    rng = np.random.default_rng(6)
    source, target = (units(genes(rng, m, 24, missing), statistic) for m in (7, 33))
    found = score_rows(source, target, n_adjusted, 12)
    agree(found, plain(source, target, n_adjusted, 12))
    assert (found.n_targets == 33).all()


def test_constants_do_not_count() -> None:
    rng = np.random.default_rng(7)
    for missing in (0.0, 0.1):
        one, other = genes(rng, 4, 24, missing), genes(rng, 9, 24, missing)
        one[2], other[[0, 5]] = 3.3, 5.0
        source, target = units(one), units(other)
        found = score_rows(source, target, 0, 12)
        agree(found, plain(source, target, 0, 12))
        assert found.n_targets.tolist() == [7, 7, 0, 7]
        assert np.isnan(found.total[2])
        assert np.isnan(found.positive[2])


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_correlations_near_one_and_one(missing) -> None:
    """Beyond the fitted range every pair is computed exactly; a perfect one is finite."""
    rng = np.random.default_rng(8)
    source = genes(rng, 5, 40)
    noise = [0.3, 0.2, 0.1, 1e-2, 1e-4]
    near = [sign * (row + size * rng.normal(size=40)) for row in source for size in noise for sign in (1, -1)]
    source[rng.random(source.shape) < missing] = np.nan
    left, right = units(source, "pearson"), units(np.concatenate([near, 2 * source + 1, -source]), "pearson")
    found, expected = score_rows(left, right, 0, 20), plain(left, right, 0, 20)
    np.testing.assert_array_equal(found.n_targets, expected.n_targets)
    # 1 - r of a perfect correlation is rounding, of which the logarithm is taken.
    few = right.rows(slice(0, len(near)))
    agree(score_rows(left, few, 0, 20), plain(left, few, 0, 20))
    beyond = sum((np.abs(correlate_one(left.row(i), few)[0]) > LAST_FITTED_R).sum() for i in range(5))
    assert beyond > 20
    assert np.isfinite(found.total).all()
    alone = score_rows(left.row(0), right.rows(slice(len(near), len(near) + 1)), 0, 20)
    n = int(correlate_one(left.row(0), right.row(len(near)))[1][0])
    assert alone.total[0] == alone.positive[0] >= minus_log_p(1 - 1e-13, n - 2)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_no_pair_at_the_end_of_the_fitted_range_is_lost_or_counted_twice(missing) -> None:
    """Single and double precision stand on either side of it."""
    rng = np.random.default_rng(9)
    n, m = 60, 400
    one = rng.normal(size=(1, n))
    hole = rng.random(n) < missing
    one -= one[:, ~hole].mean()
    noise = rng.normal(size=(m, n))
    noise[:, hole] = 0
    noise -= (noise.sum(axis=1) / (~hole).sum())[:, None]
    noise[:, hole] = 0
    inside = one[0, ~hole] / np.linalg.norm(one[0, ~hole])
    noise[:, ~hole] -= (noise[:, ~hole] @ inside)[:, None] * inside
    noise /= np.linalg.norm(noise, axis=1)[:, None]
    r = LAST_FITTED_R + rng.normal(size=(m, 1)) * 3e-8
    whole = np.zeros(n)
    whole[~hole] = inside
    target = r * whole + np.sqrt(1 - r**2) * noise
    source = one.copy()
    source[:, hole], target[:, hole] = np.nan, np.nan
    left, right = units(source, "pearson"), units(target, "pearson")
    single = np.abs((left.vectors @ right.vectors.T)[0].astype(float)) > LAST_FITTED_R
    double = correlate_one(left, right)[0] > LAST_FITTED_R
    assert (single != double).any()
    agree(score_rows(left, right, 0, 20), plain(left, right, 0, 20))


def test_signs() -> None:
    rng = np.random.default_rng(10)
    source, target = units(genes(rng, 5, 30)), units(genes(rng, 40, 30))
    turned = Units(-target.vectors, None, target.varies, target.fallback)
    one, other = score_rows(source, target, 0, 20), score_rows(source, turned, 0, 20)
    np.testing.assert_array_equal(one.total, other.total)
    np.testing.assert_allclose(one.positive + other.positive, one.total, rtol=1e-12)
    assert (one.positive > 0).all()
    assert (one.positive < one.total).all()


def test_pairs_with_few_individuals_do_not_count() -> None:
    rng = np.random.default_rng(11)
    source, target = genes(rng, 3, 30), genes(rng, 6, 30)
    source[0, :11], target[1, 19:], target[2, :] = np.nan, np.nan, np.nan
    left, right = units(source), units(target)
    found = score_rows(left, right, 0, 19)
    agree(found, plain(left, right, 0, 19))
    assert found.n_targets.tolist() == [4, 5, 5]
    assert score_rows(left, right, 0, 31).n_targets.tolist() == [0, 0, 0]
    assert np.isnan(score_rows(units(source[1:]), units(target[3:]), 0, 31).total).all()
    # Too few degrees of freedom, whatever the number of pairs.
    for one, other in ((left, right), (units(source[1:]), units(target[3:]))):
        assert np.isnan(score_rows(one, other, 28, 1).total).all()
        agree(score_rows(one, other, 27, 1), plain(one, other, 27, 1))


@pytest.mark.parametrize(("n_source", "n_target"), [(0, 5), (3, 0), (1, 1)])
def test_small_sizes(n_source, n_target) -> None:
    rng = np.random.default_rng(12)
    source, target = units(genes(rng, 8, 30)), units(genes(rng, 8, 30))
    found = score_rows(source.rows(slice(0, n_source)), target.rows(slice(0, n_target)), 0, 20)
    agree(found, plain(source.rows(slice(0, n_source)), target.rows(slice(0, n_target)), 0, 20))


@pytest.mark.parametrize("missing", [0.0, 0.02])
def test_the_same_bits_for_the_same_call_and_for_a_block_alone(missing) -> None:
    """Full blocks, counted from the first source, are what may be shared out; other subsets agree to rounding alone."""
    rng = np.random.default_rng(13)
    source, target = (units(genes(rng, m, 25, missing)) for m in (2 * SOURCE_BLOCK + 10, TARGET_BLOCK + 50))
    whole = score_rows(source, target, 0, 20)
    for found, expected in zip(score_rows(source, target, 0, 20), whole, strict=True):
        np.testing.assert_array_equal(found, expected)
    for start in range(0, len(source.vectors), SOURCE_BLOCK):
        rows = slice(start, start + SOURCE_BLOCK)
        for found, expected in zip(score_rows(source.rows(rows), target, 0, 20), whole, strict=True):
            np.testing.assert_array_equal(found, expected[rows])
    few = np.array([3, 300, 511])
    np.testing.assert_allclose(score_rows(source.rows(few), target, 0, 20).total, whole.total[few], rtol=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 0.4), st.integers(0, 4), st.sampled_from([6, 12]))
def test_any_table_agrees_with_the_double_loop(seed, missing, n_adjusted, least) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(8, 40))
    source, target = genes(rng, 3, n, missing), genes(rng, 12, n, missing)
    source[0] = np.round(source[0])
    target[0], target[1] = 1.0, np.where(rng.random(n) < 0.6, 0.0, target[1])
    left, right = units(source), units(target)
    agree(score_rows(left, right, n_adjusted, least), plain(left, right, n_adjusted, least))


@pytest.mark.parametrize("missing", [0.0, 0.01])
def test_memory_does_not_grow_with_sources_times_targets(missing) -> None:
    """What a call allocates at its peak: some blocks, however many rows and columns there are."""
    rng = np.random.default_rng(14)
    source, target = (units(genes(rng, 4 * size, 22, missing)) for size in (SOURCE_BLOCK, TARGET_BLOCK))
    peaks = []
    for n_source, n_target in ((2 * SOURCE_BLOCK, 2 * TARGET_BLOCK), (4 * SOURCE_BLOCK, 4 * TARGET_BLOCK)):
        left, right = source.rows(slice(0, n_source)), target.rows(slice(0, n_target))
        score_rows(left, right, 0, 15)
        tracemalloc.start()
        score_rows(left, right, 0, 15)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
    # The matrix in single precision.
    assert peaks[1] < 4 * len(source.vectors) * len(target.vectors)


def test_one_source_against_all_targets() -> None:
    rng = np.random.default_rng(15)
    values = genes(rng, 6, 30, 0.1)
    values[3] = 2.0
    target = units(values)
    r, n = correlate_one(target.row(0), target)
    np.testing.assert_array_equal(n[:3], [(np.isfinite(values[0]) & np.isfinite(values[j])).sum() for j in range(3)])
    assert r[0] == pytest.approx(1, abs=1e-15)
    assert np.isnan(r[3])
    assert n[3] == 0


def test_it_works_where_nothing_can_be_kept_on_disk(monkeypatch) -> None:
    """Numba refuses to compile for a cache without a place, which is said when the function is defined."""

    def refuse(*_args: object, **_options: object) -> None:
        message = "cannot cache function: no locator available"
        raise RuntimeError(message)

    monkeypatch.setattr(numba.core.dispatcher.Dispatcher, "enable_caching", refuse)
    total = np.zeros(1)

    def add(out: np.ndarray) -> None:
        out[0] += 2.0

    blocks._compiled(add)(total)
    assert total[0] == 2.0
