"""How many animals, and how small a difference, from the variances that a mixed model found."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isnan

import numpy as np
from scipy.optimize import brentq

from organokine.kernels.power import power_of_t
from organokine.phenotype.models.mixed import Variances


@dataclass(frozen=True)
class Layout:
    """A study of two groups of equal size.

    Attributes
    ----------
    trials : int
        Values per animal (trials times days).
    animals_per_cage : int, optional
        None takes cages to be of no matter.
    treatment_by_cage : bool
        Animals of one cage are of one group, so that the cage is the unit; otherwise every cage has both groups, and what
        cages differ by drops out of the difference.
    covariates : int
        Further coefficients between the units (sex, weight), unrelated to the group.
    """

    trials: int = 1
    animals_per_cage: int | None = None
    treatment_by_cage: bool = False
    covariates: int = 0

    def __post_init__(self) -> None:
        if self.trials < 1 or self.covariates < 0 or (self.animals_per_cage is not None and self.animals_per_cage < 1):
            message = f"needed: at least one trial and one animal per cage; given: {self}"
            raise ValueError(message)
        if self.treatment_by_cage and self.animals_per_cage is None:
            message = "a treatment by cage needs the number of animals per cage"
            raise ValueError(message)


def power_of_layout(
    difference: float, variances: Variances, layout: Layout, animals: int, *, alpha: float = 0.05
) -> float:
    """Power to find a difference of two groups with a number of animals in each.

    Parameters
    ----------
    difference : float
        Of the group means, in the units of the values; its sign is ignored.
    variances : Variances
        Of a fitted model. The residual is that of all values of one animal where `subject` is NaN (one trial).
    layout : Layout
    animals : int
        Per group; of a treatment by cage in whole cages, a rest is not counted.
    alpha : float
        Level of the two-sided test.

    Returns
    -------
    float
        Probability of a rejection by the t test that `contrast_of` makes of the mixed model in balanced data; 0 where no
        degree of freedom is left.

    Raises
    ------
    ValueError
        If the variances do not tell what the layout needs.
    """
    se, df = _error(variances, layout, animals)
    if df < 1:
        return 0.0
    return power_of_t(abs(difference) / se, df, alpha) if se > 0 else float(difference != 0)


def animals_for_power(
    difference: float,
    variances: Variances,
    layout: Layout,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    maximum: int = 1000,
) -> int | None:
    """Smallest number of animals per group with the wanted power; in whole cages for a treatment by cage.

    Parameters
    ----------
    difference, variances, layout, alpha
        As of `power_of_layout`.
    power : float
        Wanted, above `alpha`.
    maximum : int
        The largest number looked at.

    Returns
    -------
    int or None
        None if more than `maximum` are needed.

    Raises
    ------
    ValueError
        If not 0 < alpha < power < 1, or the variances do not tell what the layout needs.
    """
    _check_levels(alpha, power)
    step = layout.animals_per_cage if layout.treatment_by_cage and layout.animals_per_cage is not None else 1
    low, high = 0, maximum // step

    def enough(n: int) -> bool:
        return power_of_layout(difference, variances, layout, n * step, alpha=alpha) >= power

    if high < 1 or not enough(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high * step


def smallest_difference(
    animals: int, variances: Variances, layout: Layout, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Smallest difference that a study with so many animals per group finds with the wanted power.

    Not the power to find the difference that was observed, which only says the p-value again.

    Parameters
    ----------
    animals, variances, layout, alpha, power
        As of `animals_for_power`.

    Returns
    -------
    float
        In the units of the values; NaN where no degree of freedom is left.

    Raises
    ------
    ValueError
        As of `animals_for_power`.
    """
    _check_levels(alpha, power)
    se, df = _error(variances, layout, animals)
    if df < 1:
        return float("nan")
    high = 1.0
    while power_of_t(high, df, alpha) < power:
        high *= 2
    return se * float(brentq(lambda shift: power_of_t(shift, df, alpha) - power, 0.0, high, xtol=1e-10))


def _error(variances: Variances, layout: Layout, animals: int) -> tuple[float, int]:
    """Standard error of the difference, and its degrees of freedom."""
    if isnan(variances.subject) and layout.trials > 1:
        message = "variances of one trial per animal do not tell what more trials would bring"
        raise ValueError(message)
    if layout.treatment_by_cage and isnan(variances.cage):
        message = "the variance between cages is needed for a treatment by cage, and was not fitted"
        raise ValueError(message)
    animal = (0.0 if isnan(variances.subject) else variances.subject) + variances.residual / layout.trials
    if animals < 1:
        return float("nan"), 0
    if layout.animals_per_cage is None:
        return float(np.sqrt(2 * animal / animals)), 2 * animals - 2 - layout.covariates
    if not layout.treatment_by_cage:
        cages = ceil(2 * animals / layout.animals_per_cage)
        return float(np.sqrt(2 * animal / animals)), 2 * animals - cages - 1 - layout.covariates
    cages = animals // layout.animals_per_cage
    if cages < 1:
        return float("nan"), 0
    cage = variances.cage + animal / layout.animals_per_cage
    return float(np.sqrt(2 * cage / cages)), 2 * cages - 2 - layout.covariates


def _check_levels(alpha: float, power: float) -> None:
    if not 0 < alpha < power < 1:
        message = f"needed: 0 < alpha < power < 1; given alpha {alpha}, power {power}"
        raise ValueError(message)
