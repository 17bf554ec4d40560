"""Mixed model with a random intercept per animal, and per cage: trials over days with the animal as the unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from organokine.errors import DataError, Problem
from organokine.kernels.random_intercepts import RestrictedFit, Strata, restricted_fit
from organokine.phenotype.models.checks import check_nested, codes_of, measured, spare_values

Floats = NDArray[np.float64]

_MODEL = "mixed model"


class Variances(NamedTuple):
    """Variances of the random intercepts and of the residual, in squared units of the values.

    NaN where the layout cannot tell one from the next smaller one: `cage` without cages or with one animal in every cage,
    `subject` with one value of every animal.
    """

    cage: float
    subject: float
    residual: float


@dataclass(frozen=True)
class MixedFit:
    """A random-intercept model fitted by restricted maximum likelihood (REML).

    Attributes
    ----------
    coefficients : (p,) array
    covariance : (p, p) array
        `model_covariance`, unless a variance is at its boundary: then each stratum's error is the mean square of its own
        residuals, so that a group effect is judged by the variation between animals only.
    standard_errors : (p,) array
    model_covariance : (p, p) array
        At the estimated variances, as lme4's `vcov`.
    log_likelihood : float
        Restricted, with its constants (as lme4's `logLik`).
    variances : Variances
    at_boundary : tuple of str
        Which of "cage" and "subject" have an estimated variance of zero.
    n_values, n_not_measured, n_subjects, n_cages : int
        What was fitted, values left out since they are NaN, animals with a value, and cages (0 if none were given).
    strata : Strata
        `covariance` and degrees of freedom between cages (animals, if no cages were given), between animals of one cage,
        and within animals.
    variance_covariance, covariance_slope : array
        Covariance (q, q) of the log variances that are not zero, and the derivatives (q, p, p) of `model_covariance` by
        them.
    """

    coefficients: Floats
    covariance: Floats
    standard_errors: Floats
    model_covariance: Floats
    log_likelihood: float
    variances: Variances
    at_boundary: tuple[str, ...]
    n_values: int
    n_not_measured: int
    n_subjects: int
    n_cages: int
    strata: Strata
    variance_covariance: Floats
    covariance_slope: Floats

    def df_of(self, weights: Floats) -> float:
        """Degrees of freedom of a weighted sum by strata, the default of `contrast_of`.

        The variance of the sum is the sum of its parts between cages, between animals and within animals, each with the
        degrees of freedom that the coefficients leave in its stratum; the parts are combined by Satterthwaite's rule. In
        balanced data a sum lies in one stratum, so that the group effect has animals minus the rank of the design
        between animals: the degrees of freedom of the t test of the animals' means. Unlike `satterthwaite_df` they do not
        jump to the number of trials where the variance between animals is estimated as zero.

        Without an effect, at 4 animals per group of 9 trials, a test at 5 % rejects 5.5, 5.2 and 4.6 % where animals differ
        by 0, 0.3 and 1 residual standard deviations; with `model_covariance` and these degrees of freedom it would be
        1.2, 3.3 and 4.5 % (the variance is estimated as zero in 58, 25 and 0 % of studies), and as lmerTest 4.1, 5.3 and
        4.6 % (1,000 simulated studies; `benchmarks/behaviour_models.py`).

        Returns
        -------
        float
            NaN if a stratum that contributes has no degree of freedom (one cage per treatment).
        """
        return stratum_df(self.strata, weights)

    def satterthwaite_df(self, weights: Floats) -> float:
        """Degrees of freedom by Satterthwaite's method from the curvature of the likelihood, as lmerTest.

        A variance estimated as zero is taken to be known, so that with few animals trials count as animals: not the
        default.

        References
        ----------
        Kuznetsova et al. 2017, J Stat Softw 82(13), doi:10.18637/jss.v082.i13.
        """
        slope = np.einsum("i,kij,j->k", weights, self.covariance_slope, weights)
        variance = float(weights @ self.model_covariance @ weights)
        return 2 * variance**2 / float(slope @ self.variance_covariance @ slope)


def stratum_df(strata: Strata, weights: Floats) -> float:
    """Combine the degrees of freedom of the strata for one weighted sum of coefficients."""
    parts = np.einsum("i,kij,j->k", weights, strata.covariance, weights)
    # Numerical: a part that is rounding needs no degrees of freedom.
    used = parts > 1e-10 * parts.sum()
    if (strata.df[used] <= 0).any():
        return float("nan")
    return float(parts.sum() ** 2 / np.sum(parts[used] ** 2 / strata.df[used]))


def random_intercepts(
    value: ArrayLike, design: ArrayLike, subject: ArrayLike, cage: ArrayLike | None = None
) -> MixedFit:
    """Fit a linear mixed model with a random intercept per animal and, if given, per cage.

    Centre the day of trials in the design: then the coefficient of the group is the difference averaged over days, not
    that on day zero. With one value per animal the fit is that of ordinary least squares.

    Slopes over days are taken to be alike within a group. Where animals learn differently a test of group by day rejects
    too often: with slopes of a standard deviation of 0.3 and 0.6 of the residual's, three trials on each of three days, a
    test at 5 % rejects 12 and 21 % at 4 animals per group without an effect. Test learning by the slope of each animal,
    one row per animal. (`benchmarks/behaviour_models.py`)

    Parameters
    ----------
    value : (n,) array-like
        One value per trial. NaN is not measured: the trial is left out, and counted; animals may have different numbers
        of trials.
    design : (n, p) array-like
        One column per coefficient, of full rank.
    subject : (n,) array-like
        Label of the animal.
    cage : (n,) array-like, optional
        Label of the cage or litter, constant within animals.

    Returns
    -------
    MixedFit

    Raises
    ------
    DataError
        If a covariate or label is missing, a value is infinite, terms cannot be told apart, an animal is in several
        cages, nothing is left to estimate a variance from, or the likelihood has no maximum.

    Notes
    -----
    The restricted likelihood is maximised by us rather than by statsmodels' MixedLM: the strata and Satterthwaite's
    degrees of freedom need its parts and derivatives, it has closed forms here, and ours can rest on the boundary. The
    tests compare both and lme4.

    References
    ----------
    Laird and Ware 1982, Biometrics 38, 963, doi:10.2307/2529876.
    """
    data = measured(_MODEL, value, design)
    spare_values(_MODEL, *data.design.shape)
    subjects = codes_of(_MODEL, "animal", subject, data.kept)
    cages = None if cage is None else codes_of(_MODEL, "cage", cage, data.kept)
    if cages is not None:
        check_nested(_MODEL, subjects, cages)
    _check_variation(data.value, data.design, subjects)
    fit = restricted_fit(data.value, data.design, subjects, cages)
    _check_convergence(fit)
    strata = fit.strata
    if fit.at_boundary.any():
        own = np.where(strata.df > 0, strata.dispersion, 1.0)
        strata = strata._replace(covariance=own[:, None, None] * strata.covariance)
    covariance = strata.covariance.sum(axis=0)
    return MixedFit(
        fit.coefficients,
        covariance,
        np.sqrt(np.diag(covariance)),
        fit.covariance,
        fit.log_likelihood,
        Variances(*fit.variances.tolist()),
        tuple(name for name, zero in zip(("cage", "subject"), fit.at_boundary, strict=False) if zero),
        len(data.value),
        data.n_not_measured,
        int(subjects.max()) + 1,
        0 if cages is None else int(cages.max()) + 1,
        strata,
        fit.variance_covariance,
        fit.covariance_slope,
    )


def _check_variation(value: Floats, design: Floats, subject: NDArray[np.intp]) -> None:
    """Raise DataError if the design, or the animals, leave no residual."""
    n_of_animal = np.bincount(subject)
    spread = value - value.mean()
    total = float(spread @ spread)
    animals = np.eye(len(n_of_animal))[subject]
    columns = design if (n_of_animal == 1).all() else np.column_stack([design, animals])
    residual = value - columns @ np.linalg.lstsq(columns, value, rcond=None)[0]
    # Numerical: what is left is rounding.
    if float(residual @ residual) <= 1e-20 * total or total == 0:
        raise DataError(
            Problem(
                _MODEL,
                "the trials of the animals do not vary around the model",
                "Without variation there is no error to judge a difference by",
                "Check the column of values, and whether one value was copied to all trials of an animal",
            )
        )


def _check_convergence(fit: RestrictedFit) -> None:
    if not fit.converged:
        raise DataError(
            Problem(
                _MODEL,
                "the restricted likelihood has no maximum that the search could find",
                "Estimates from where a search stopped are not to be trusted",
                "Analyse the mean of each animal, and check for animals whose trials are all alike",
            )
        )
