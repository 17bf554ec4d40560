"""False discovery rates for conjunctions: every link of a chain must be non-null.

The claim of a mediator is that *all* required arms are non-null, so its null is composite: at least one arm is null. Tests that
combine p-values for "anything non-null" (Fisher, Stouffer, Cauchy) reject nearly always when one arm alone is strong.
"""

from __future__ import annotations

import numpy as np

from organokine.kernels.multiple_testing import benjamini_hochberg


def adaptive_filter(p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """q-values of the full conjunction by adaptive filtering (AdaFilter-BH), with hypothesis weights.

    For hypothesis j with arms in a row of `p`, the selection statistic S is the largest p, the filter statistic F the second
    largest. At threshold g, hypothesis j with weight w is selected if ``S <= w g``, and the expected number of false
    selections is at most ``sum over {F <= w g} of w g``, since given F a null conjunction has ``P(S <= w g | F) <= w g``. With
    one arm this is the weighted Benjamini-Hochberg procedure. Only ratios of weights matter.

    Null hypothesis: at least one arm of the row is null.

    Parameters
    ----------
    p : numpy.ndarray
        (n_hypotheses, n_arms) p-values; a row with NaN was not asked.
    weights : numpy.ndarray
        (n_hypotheses,) non-negative, declared before the data were seen; 0 takes the hypothesis out.

    Returns
    -------
    numpy.ndarray
        (n_hypotheses,) q-values; NaN where a p-value is missing or the weight is 0.

    References
    ----------
    Wang, Gui, Su, Sabatti, Owen (2022), Ann. Stat. 50(4), doi 10.1214/21-AOS2139; weights after Genovese, Roeder, Wasserman
    (2006), doi 10.1093/biomet/93.3.509.
    """
    q = np.full(p.shape[0], np.nan)
    asked = np.isfinite(p).all(axis=1) & (weights > 0)
    if not asked.any():
        return q
    ordered = np.sort(p[asked], axis=1)
    weight = weights[asked]
    selection = ordered[:, -1] / weight
    filtering = ordered[:, -2] / weight if p.shape[1] > 1 else np.zeros(len(weight))
    by_selection = np.argsort(selection, kind="stable")
    thresholds = selection[by_selection]
    by_filter = np.argsort(filtering, kind="stable")
    filter_weight = np.concatenate(([0.0], np.cumsum(weight[by_filter])))
    # Numerical: a p over its weight that equals the threshold up to rounding is at the threshold, whatever the scale of the weights.
    reach = thresholds * (1 + 1e-12)
    passing = np.searchsorted(filtering[by_filter], reach, side="right")
    n_selected = np.searchsorted(thresholds, reach, side="right")
    proportion = thresholds * filter_weight[passing] / n_selected
    monotone = np.minimum.accumulate(proportion[::-1])[::-1]
    inside = np.empty(len(weight))
    inside[by_selection] = np.minimum(monotone, 1.0)
    q[asked] = inside
    return q


def max_p(p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """q-values of the full conjunction by the largest p-value of each row: valid always, with little power.

    Null hypothesis: at least one arm of the row is null.

    Parameters
    ----------
    p : numpy.ndarray
        (n_hypotheses, n_arms) p-values; a row with NaN was not asked.
    weights : numpy.ndarray
        (n_hypotheses,) non-negative; 0 takes the hypothesis out.

    Returns
    -------
    numpy.ndarray
        (n_hypotheses,) weighted Benjamini-Hochberg q-values of the row maxima; NaN where not asked.

    References
    ----------
    Berger (1982), doi 10.1080/00401706.1982.10487790.
    """
    asked = np.isfinite(p).all(axis=1) & (weights > 0)
    q = np.full(p.shape[0], np.nan)
    if asked.any():
        q[asked] = benjamini_hochberg(p[asked].max(axis=1), weights=weights[asked])
    return q
