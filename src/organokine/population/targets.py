"""Which target genes go with a leading candidate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.kernels.log_p import minus_log_p
from organokine.population.adjusted import SMALLEST_P, Adjusted, Candidate
from organokine.population.units import exact_rows

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Targets(NamedTuple):
    """The strongest targets of a candidate, strongest first; all arrays are (n_listed,).

    Attributes
    ----------
    place : numpy.ndarray
        Places among the target genes.
    r, n : numpy.ndarray
        Correlation on the individuals with both genes, and their number.
    p, q : numpy.ndarray
        Two-sided p by Student's t, and Benjamini and Hochberg's rate over all targets of the candidate, no smaller than the
        candidate's own.
    """

    place: Integers
    r: Floats
    n: Integers
    p: Floats
    q: Floats


def strongest_targets(adjusted: Adjusted, candidate: Candidate, n_listed: int) -> Targets:
    """List the targets that go most closely with a candidate.

    Strongest is what has the smallest p: with the same individuals everywhere that is the largest |r|; where values are missing, a
    large r of few individuals does not come first. Those listed are computed again on the individuals with both genes, and put in
    order by that.

    Null hypothesis of each p: the two genes have nothing to do with each other beyond the covariates.

    Parameters
    ----------
    adjusted : Adjusted
        The pair of organs.
    candidate : Candidate
        A gene of the source.
    n_listed : int
        How many; fewer if there are fewer with enough pairs.

    Returns
    -------
    Targets
        The same gene in the target may be among them.
    """
    strength = minus_log_p(candidate.r, candidate.n - 2.0 - adjusted.n_adjusted)
    tested = np.flatnonzero(np.isfinite(strength))
    chosen = tested[np.argsort(-strength[tested], kind="stable")[:n_listed]]
    values = adjusted.data.target_values[chosen]
    r, n = exact_rows(np.broadcast_to(candidate.values, values.shape), values, adjusted.design, adjusted.statistic)
    strength[chosen] = minus_log_p(r, n - 2.0 - adjusted.n_adjusted)
    p = np.maximum(np.exp(-strength), SMALLEST_P)
    q = candidate.q_of(p)
    known = np.flatnonzero(np.isfinite(strength[chosen]))
    order = known[np.argsort(-strength[chosen[known]], kind="stable")]
    place = chosen[order]
    return Targets(place, r[order], n[order], p[place], q[place])


def target_rows(adjusted: Adjusted, candidate: Candidate, targets: Targets) -> pd.DataFrame:
    """Rows of table `population_targets`."""
    return pd.DataFrame(
        {
            **adjusted.key,
            "gene": candidate.gene,
            "target_gene": adjusted.data.target_genes[targets.place],
            "place": np.arange(1, len(targets.place) + 1),
            "r": targets.r,
            "n": targets.n,
            "p": targets.p,
            "q": targets.q,
            "same_gene": targets.place == candidate.own,
        }
    )
