"""Whether what a leading candidate goes with in the target goes with a trait of the individuals too."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.kernels.linear_model import residuals
from organokine.population.adjusted import Adjusted, Candidate, without
from organokine.population.cell import ASKED
from organokine.population.pairing import NO_FREEDOM, TOO_FEW
from organokine.population.targets import Targets
from organokine.population.units import unit_rows

Floats = NDArray[np.float64]

NO_MODULE = "no_module"
"""No target gene but the same one had enough values."""
CONSTANT = "constant"
"""The trait, the candidate or the module does not vary over the individuals, or only as the covariates do."""


class Module(NamedTuple):
    """The shared course of a candidate's targets.

    Attributes
    ----------
    score : numpy.ndarray
        (n_individuals,) mean 0 and standard deviation 1; NaN where none of the targets was measured.
    n_genes : int
        Target genes it rests on.
    """

    score: Floats
    n_genes: int


def module_of(adjusted: Adjusted, candidate: Candidate, targets: Targets) -> Module:
    """First principal component, over the individuals, of the unit vectors of the targets of a candidate.

    The same gene is left out. The sign is that with which it rises with the candidate. Where a target was not measured, zero, the
    mean of its residuals, stands in.
    """
    place = targets.place[targets.place != candidate.own]
    n = len(adjusted.design)
    vectors = without(adjusted.target.vectors[place], adjusted.design)
    if len(place) == 0 or not np.linalg.norm(vectors) > 0:
        return Module(np.full(n, np.nan), 0)
    _, _, directions = np.linalg.svd(vectors, full_matrices=False)
    course = directions[0]
    r = targets.r[targets.place != candidate.own]
    course = course if r @ (vectors @ course) >= 0 else -course
    measured = np.isfinite(adjusted.data.target_values[place]).any(axis=0)
    course = np.where(measured, course, np.nan)
    return Module((course - np.nanmean(course)) / np.nanstd(course, ddof=1), len(place))


def trait_rows(
    adjusted: Adjusted, candidate: Candidate, module: Module, traits: pd.DataFrame, minimum_df: int
) -> pd.DataFrame:
    """Hold candidate and module against every trait.

    All correlations of a row are of the individuals with candidate, module and trait, by the statistic of the pair, covariates taken
    out of all three. The module was made without the trait, so that `trait_p` is a p like any other; `module_r` is not evidence, since
    the targets were chosen for it.

    Null hypothesis of `p`: the candidate has nothing to do with the target, or the module has nothing to do with the trait. It is
    the larger of the two p (Berger 1982, doi:10.1080/00401706.1982.10487790), which is valid whichever of them holds, for one
    candidate that was not chosen for its p.

    Parameters
    ----------
    adjusted : Adjusted
        The pair of organs.
    candidate : Candidate
        A gene of the source.
    module : Module
        Its module.
    traits : pandas.DataFrame
        Index subject; one column of numbers per trait; NaN is not measured.
    minimum_df : int
        Degrees of freedom below which a trait is not asked.

    Returns
    -------
    pandas.DataFrame
        Rows of table `population_traits` in the order of the traits; `q` is that of the candidate, below which the final one, which
        counts all rows of the pair, cannot be.
    """
    values = traits.reindex(adjusted.data.individuals.index).to_numpy(dtype=float).T
    all_three = np.isfinite(values) & np.isfinite(candidate.values) & np.isfinite(module.score)
    of_candidate, of_module, of_trait = (
        unit_rows(np.where(all_three, each, np.nan), adjusted.design, adjusted.statistic)
        for each in (candidate.values, module.score, values)
    )
    n = all_three.sum(axis=1)
    varies = of_candidate.varies & of_module.varies & of_trait.varies
    state = np.select(
        [
            np.full(len(n), module.n_genes == 0),
            n < adjusted.data.least_pairs,
            n - 2 - adjusted.n_adjusted < minimum_df,
            ~varies,
        ],
        [NO_MODULE, TOO_FEW, NO_FREEDOM, CONSTANT],
        ASKED,
    )
    asked = state == ASKED

    def correlated(left: NDArray[np.float32], right: NDArray[np.float32]) -> Floats:
        r = np.einsum("ij,ij->i", left.astype(float), right.astype(float))
        return np.where(asked, np.clip(r, -1.0, 1.0), np.nan)

    module_r = correlated(of_candidate.vectors, of_module.vectors)
    trait_r = correlated(of_module.vectors, of_trait.vectors)
    candidate_r = correlated(of_candidate.vectors, of_trait.vectors)
    trait_p = adjusted.p(trait_r, n)
    return pd.DataFrame(
        {
            **adjusted.key,
            "gene": candidate.gene,
            "trait": traits.columns.astype(str),
            "n": n,
            "module_genes": module.n_genes,
            "module_r": module_r,
            "trait_r": trait_r,
            "trait_p": trait_p,
            "candidate_r": candidate_r,
            "candidate_p": adjusted.p(candidate_r, n),
            "given_module_r": _given(candidate_r, module_r, trait_r),
            "p": np.maximum(candidate.p, trait_p),
            "q": np.where(asked, candidate.q, np.nan),
            "state": state,
        }
    )


def individual_rows(adjusted: Adjusted, candidate: Candidate, module: Module, told: pd.DataFrame) -> pd.DataFrame:
    """Rows of table `population_individuals`; `told` has the columns sex and group of every individual, in their order."""
    return pd.DataFrame(
        {
            **adjusted.key,
            "gene": candidate.gene,
            "subject": adjusted.data.individuals.index.astype(str),
            "sex": told["sex"].to_numpy(),
            "group": told["group"].to_numpy(),
            "candidate": residuals(candidate.values[None, :], adjusted.design).values[0],
            "module": module.score,
        }
    )


def _given(outer: Floats, first: Floats, second: Floats) -> Floats:
    """Partial correlation of two things, from theirs (`outer`) and those of each with a third that is held equal."""
    rest = (1.0 - first**2) * (1.0 - second**2)
    # What follows wholly from the third has no course of its own left.
    given = np.divide(outer - first * second, np.sqrt(rest), out=np.full(len(outer), np.nan), where=rest > 1e-12)
    return np.asarray(given)
