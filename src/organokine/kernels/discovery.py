"""A p-value that borrows the typical size of true effects from all features of a study.

True effects of one study have typical sizes in the unit of the values (a protein doubles), while a minute effect with a minute
standard error reaches the same t. Features are therefore ordered by how much likelier their estimate is under the effects
found in the study than under none, and a p-value is given to that order.

Why it stays valid: where the effect is zero, the moderated t is independent of the moderated variance (Smyth 2004), so that
the chance of so large a ratio is known for every standard error. The p-value is the mean of these chances over all
features: of n features without effect, no more than n p are expected at or below p, whatever the effects learnt. As each
feature also teaches the effects a little, a size counts only for the features it has beyond a few (`unseen_features`), and an
order by the ordinary p is mixed in (`ordinary_features`), which rules where there is little to learn from.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

Floats = NDArray[np.float64]

# Numerical, not scientific: resolution of the curves of the null chance, and when the fit of the effects stands still.
_SMALLEST_P = float(np.finfo(np.float64).tiny)
_LARGEST_DF = 1e8
_N_REPRESENTATIVES = 150
_N_STEPS = 200
_N_KNOTS = 1500
_MOST_ITERATIONS = 500
_STANDSTILL = 1e-6
_LEAST_SHARE = 1e-4


class EffectDistribution(NamedTuple):
    """How large true effects are, as learnt from all features; empty if nothing was learnt.

    Attributes
    ----------
    size : numpy.ndarray
        (n_effects,) absolute sizes, ascending, in the unit of the effects.
    share : numpy.ndarray
        (n_effects,) share of all features whose true effect has that size (either sign). With `share_null` the sum is 1.
    """

    size: Floats
    share: Floats


class Discovery(NamedTuple):
    """P-values in the order of discovery.

    Attributes
    ----------
    p : numpy.ndarray
        (n_features,) p-value for `benjamini_hochberg`; NaN where effect, se or df is missing. Null hypothesis: the effect is
        zero. It is one of the whole list: over all features without effect it is uniform or conservative, while for those
        of one standard error alone it need not be.
    share_null : float
        Estimated share of features without effect, from above. NaN if nothing was learnt (fewer than `least_tests` features).
    effects : EffectDistribution
        What the order rests on.
    """

    p: Floats
    share_null: float
    effects: EffectDistribution


def discovery_p(  # noqa: PLR0913 - every setting is named, and has a default
    effect: ArrayLike,
    se: ArrayLike,
    df: ArrayLike,
    *,
    n_effects: int = 30,
    least_tests: int = 100,
    null_features: float = 10.0,
    unseen_features: float = 4.0,
    ordinary_features: float = 20.0,
    ordinary_shape: float = 0.25,
) -> Discovery:
    """P-values of moderated t tests, ordered by the effect sizes found in the whole study.

    Parameters
    ----------
    effect, se : array_like
        (n_features,) estimate and standard error in one unit (log2 fold change), from a variance moderated over the features.
    df : array_like
        (n_features,) degrees of freedom of `effect / se`; may be infinite. A scalar holds for all.
    n_effects : int
        Number of absolute sizes, evenly spaced on the log scale from half the median standard error (smaller ones cannot be
        told from zero) to the largest estimate. 30 are steps of some 15 %, finer than any standard error resolves.
    least_tests : int
        Below this number of tested features nothing is learnt and `p` is the ordinary p: with 100 features, some 10 of
        them true, fewer features teach the sizes than `ordinary_features` hold against.
    null_features : float
        Features without effect added to those seen when the shares are estimated, so that the share without effect is
        rather over- than underestimated (Stephens 2017 adds 10).
    unseen_features : float
        Features taken off every size once the shares are estimated, and given to no effect: a size that fewer have than this
        is not believed, so that no feature makes the size by which it is judged. Without, at 20 `ordinary_features`, 10 of
        400 tables without any effect more than with the ordinary p had a discovery at 0.05; with 4, none of 800 more.
    ordinary_features : float
        True features added that are known by their ordinary p alone. They hold the order to that of the ordinary p until
        the study shows more true features than that.
    ordinary_shape : float
        Those have p-values of density a p^(a - 1) with this a (beta-uniform mixture, Pounds and Morris 2003). Only
        their order and their reach matter: a smaller a lets them rule among the smallest p.

    Returns
    -------
    Discovery
        `p` rises never with the absolute effect at the same se and df; features of the same absolute effect, se and df share
        one p. It does not depend on the order of features, nor on the unit.

    Raises
    ------
    ValueError
        If a setting is out of range.

    References
    ----------
    Storey 2007, doi:10.1111/j.1467-9868.2007.005592.x; Stephens 2017, doi:10.1093/biostatistics/kxw041; Smyth 2004,
    doi:10.2202/1544-6115.1027; Pounds and Morris 2003, doi:10.1093/bioinformatics/btg148.
    """
    none_negative = min(null_features, unseen_features) >= 0
    if n_effects < 1 or not none_negative or not ordinary_features > 0 or not 0 < ordinary_shape < 1:
        message = (
            "n_effects >= 1, null_features and unseen_features >= 0, ordinary_features > 0 and ordinary_shape between 0 and 1 "
            "are needed"
        )
        raise ValueError(message)
    size, error, freedom = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (effect, se, df)))
    p = np.full(size.shape, np.nan)
    tested = np.isfinite(size) & np.isfinite(error) & (error > 0) & (freedom > 0)
    # In an order of their own, so that not even the rounding of sums depends on that of the features.
    order = np.flatnonzero(tested)
    order = order[np.lexsort((freedom[order], error[order], np.abs(size[order])))]
    used_t, used_se = np.abs(size[order]) / error[order], error[order]
    ordinary = np.maximum(2.0 * stdtr(freedom[order], -used_t), _SMALLEST_P)
    if len(order) < max(least_tests, 1) or not np.any(used_t > 0):
        p[order] = ordinary
        return Discovery(p, np.nan, EffectDistribution(np.empty(0), np.empty(0)))
    used_df = np.minimum(freedom[order], _LARGEST_DF)
    sizes = _sizes(used_t * used_se, used_se, n_effects)
    share = _learn(used_t, used_se, used_df, sizes, null_features)
    unseen = np.minimum(share[1:], unseen_features / (len(order) + null_features))
    share = np.append(share[0] + unseen.sum(), share[1:] - unseen)
    effects = EffectDistribution(sizes, share[1:])
    order_of = _Order(effects, ordinary_features / len(order), ordinary_shape)
    p[order] = _null_chance(used_t, used_se, used_df, ordinary, order_of)
    return Discovery(p, float(share[0]), effects)


class _Order(NamedTuple):
    """What features are ordered by: effects learnt, and the share of those added that are known by their ordinary p."""

    effects: EffectDistribution
    ordinary_share: float
    ordinary_shape: float


def _sizes(absolute: Floats, se: Floats, n_effects: int) -> Floats:
    smallest = 0.5 * float(np.median(se))
    return np.geomspace(smallest, max(float(absolute.max()), 2 * smallest), n_effects)


def _log_ratio(t: Floats, shift: Floats, df: Floats, *, rising: bool) -> Floats:
    """Log of the density of |t| where the effect is `shift` standard errors, over that where it is zero.

    An estimate far beyond the effect speaks for a large error rather than for the effect, so that the ratio falls again
    (beyond t^2 - shift t = df). `rising` keeps it at that height: a larger effect is never held against a feature.
    """
    if rising:
        t = np.minimum(t, (shift + np.sqrt(shift**2 + 4 * df)) / 2)
    null = np.log1p(t**2 / df)
    near, far = null - np.log1p((t - shift) ** 2 / df), null - np.log1p((t + shift) ** 2 / df)
    half = (df + 1) / 2
    result: Floats = np.logaddexp(half * near, half * far) - np.log(2.0)
    return result


def _learn(t: Floats, se: Floats, df: Floats, sizes: Floats, null_features: float) -> Floats:
    """Shares of no effect and of each size by expectation-maximisation."""
    log_ratio = np.zeros((len(t), len(sizes) + 1))
    for column, size in enumerate(sizes, start=1):
        log_ratio[:, column] = _log_ratio(t, size / se, df, rising=False)
    ratio = np.exp(log_ratio - log_ratio.max(axis=1, keepdims=True))
    share = np.full(ratio.shape[1], 0.5 / len(sizes))
    share[0] = 0.5
    for _ in range(_MOST_ITERATIONS):
        before = share
        counted = share * (ratio.T @ (1.0 / (ratio @ share)))
        counted[0] += null_features
        share = counted / counted.sum()
        if np.abs(share - before).max() < _STANDSTILL:
            break
    return share


def _log_statistic(t: Floats, se: Floats, df: Floats, p: Floats, order: _Order) -> Floats:
    """Log of the ratio of all effects to the null, up to a constant; rises strictly with `t`."""
    shape = order.ordinary_shape
    total: Floats = np.log(order.ordinary_share * shape) + (shape - 1) * np.log(p)
    for size, share in zip(order.effects.size, order.effects.share, strict=True):
        if share > _LEAST_SHARE * order.ordinary_share:
            total = np.logaddexp(total, np.log(share) + _log_ratio(t, size / se, df, rising=True))
    return total


def _null_chance(t: Floats, se: Floats, df: Floats, p: Floats, order: _Order) -> Floats:
    """Mean over features of the chance that the statistic is as large as each one's, where there is no effect."""
    statistic = _log_statistic(t, se, df, p, order)
    chosen, weight = _representatives(se, df)
    reach = max(1e3, 30 * float(t.max()))
    grid = np.concatenate([[0.0], np.geomspace(1e-3, reach, _N_STEPS)])[None, :]
    tail = np.maximum(2.0 * stdtr(df[chosen, None], -grid), _SMALLEST_P)
    curves = _log_statistic(grid, se[chosen, None], df[chosen, None], tail, order)
    log_tail = np.log(tail)
    ranked = np.sort(statistic)
    # All of the largest, where p is small and matters, and ever fewer below.
    from_top = np.unique(np.geomspace(1, len(ranked), _N_KNOTS).astype(np.intp))
    knots = ranked[len(ranked) - from_top[::-1]]
    chance = np.zeros(len(knots))
    for curve, log_chance, share in zip(curves, log_tail, weight, strict=True):
        chance += share * np.exp(np.interp(knots, curve, log_chance))
    result: Floats = np.exp(np.interp(statistic, knots, np.log(np.clip(chance, _SMALLEST_P, 1.0))))
    return result.clip(_SMALLEST_P, 1.0)


def _representatives(se: Floats, df: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Features that stand for all others of much the same standard error and degrees of freedom, and their shares.

    Each feature stands for itself unless there are more than twice `_N_REPRESENTATIVES`.
    """
    order = np.lexsort((df, se))
    if len(order) <= 2 * _N_REPRESENTATIVES:
        return order, np.full(len(order), 1 / len(order))
    parts = [
        part
        for block in np.array_split(order, _N_REPRESENTATIVES // 3)
        for part in np.array_split(block[np.argsort(df[block], kind="stable")], 3)
    ]
    middle = np.array([part[np.argsort(se[part], kind="stable")[len(part) // 2]] for part in parts])
    return middle, np.array([len(part) / len(order) for part in parts])
