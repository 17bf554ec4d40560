"""The F distribution with a denominator that may have infinitely many degrees of freedom (then chi-squared over df)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, fdtr, fdtrc, fdtri, gammainc, gammaincc, gammainccinv, gammaincinv, gammaln

Floats = NDArray[np.float64]


def lower_tail(ratio: Floats, df: Floats, df_prior: float) -> Floats:
    """Probability of a ratio at most this large."""
    infinite = np.isposinf(df_prior)
    return np.asarray(gammainc(df / 2, df / 2 * ratio) if infinite else fdtr(df, df_prior, ratio), dtype=np.float64)


def upper_tail(ratio: Floats, df: Floats, df_prior: float) -> Floats:
    """Probability of a ratio larger than this."""
    infinite = np.isposinf(df_prior)
    return np.asarray(gammaincc(df / 2, df / 2 * ratio) if infinite else fdtrc(df, df_prior, ratio), dtype=np.float64)


def lower_quantile(probability: Floats | float, df: Floats, df_prior: float) -> Floats:
    """The ratio with this probability below it."""
    infinite = np.isposinf(df_prior)
    if infinite:
        return 2 / df * gammaincinv(df / 2, probability)
    return np.asarray(fdtri(df, df_prior, probability), dtype=np.float64)


def upper_quantile(probability: Floats | float, df: Floats, df_prior: float) -> Floats:
    """The ratio with this probability above it, exact for the smallest probabilities."""
    infinite = np.isposinf(df_prior)
    return 2 / df * gammainccinv(df / 2, probability) if infinite else 1 / fdtri(df_prior, df, probability)


def log_density(ratio: Floats, df: Floats, df_prior: float) -> Floats:
    """Logarithm of the density at a positive ratio."""
    half, log_ratio = df / 2, np.log(ratio)
    if np.isposinf(df_prior):
        return half * np.log(half) - gammaln(half) + (half - 1) * log_ratio - half * ratio
    odds = df * ratio / df_prior
    constant = half * np.log(df / df_prior) - betaln(half, df_prior / 2)
    return constant + (half - 1) * log_ratio - (half + df_prior / 2) * np.log1p(odds)
