"""Ordinary least squares: one value per animal, with covariates (ANCOVA)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from organokine.errors import DataError, Problem
from organokine.phenotype.models.checks import measured, spare_values

Floats = NDArray[np.float64]

_MODEL = "linear model"


@dataclass(frozen=True)
class LinearFit:
    """A linear model by ordinary least squares.

    Attributes
    ----------
    coefficients : (p,) array
    covariance : (p, p) array
    standard_errors : (p,) array
    df : int
        Values minus coefficients.
    residual_variance : float
    log_likelihood : float
        At the maximum-likelihood variance (as R's `logLik`).
    r_squared : float
        Share of the variance explained by the design.
    n_values, n_not_measured : int
        Values fitted, and left out since they are NaN.
    """

    coefficients: Floats
    covariance: Floats
    standard_errors: Floats
    df: int
    residual_variance: float
    log_likelihood: float
    r_squared: float
    n_values: int
    n_not_measured: int

    def df_of(self, weights: Floats) -> float:  # noqa: ARG002  the same for all
        """Degrees of freedom of any weighted sum of the coefficients."""
        return float(self.df)


def ordinary(value: ArrayLike, design: ArrayLike) -> LinearFit:
    """Fit a linear model to one value per animal.

    Rows are taken to be independent: with several values per animal use `random_intercepts`.

    Parameters
    ----------
    value : (n,) array-like
        NaN is not measured: the row is left out, and counted.
    design : (n, p) array-like
        One column per coefficient, of full rank.

    Returns
    -------
    LinearFit

    Raises
    ------
    DataError
        If a covariate is missing, a value is infinite, terms cannot be told apart, or nothing is left to estimate the
        variance from.
    """
    from statsmodels.regression.linear_model import OLS

    data = measured(_MODEL, value, design)
    spare_values(_MODEL, *data.design.shape)
    fit = OLS(data.value, data.design).fit()
    # Numerical: the design reproduces the values up to rounding.
    if fit.ssr <= 1e-24 * (data.value @ data.value):
        raise DataError(
            Problem(
                _MODEL,
                "the values do not vary around the model",
                "Without variation there is no error to judge a difference by",
                "Check the column of values",
            )
        )
    return LinearFit(
        np.asarray(fit.params),
        np.asarray(fit.cov_params()),
        np.asarray(fit.bse),
        int(fit.df_resid),
        float(fit.scale),
        float(fit.llf),
        float(fit.rsquared),
        len(data.value),
        data.n_not_measured,
    )
