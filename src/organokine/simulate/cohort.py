"""A simulated population: several organs of the same individuals, with planted messages, shared nuisance and traits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.randomness import named_generator
from organokine.simulate.genes import intracellular_symbols, mouse_symbols

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CohortOptions:
    """What a simulated population is like.

    Attributes
    ----------
    n_individuals : int
        Individuals, half of them of each sex; all have all organs but for `absent`.
    n_genes : int
        Genes of each organ, the same in all.
    secreted_share : float
        Share of them that are secreted.
    organs : tuple of str
        Organs.
    messages : tuple of (str, str)
        Source and target of each planted message; each has a gene of its own.
    strength : float
        Correlation of the messenger with the course of its targets.
    target_share : float
        Share of the target's genes that follow it.
    n_factors, factor_share : int, float
        Factors within each organ by which its genes go together, and the share of a gene's variance that is theirs.
    nuisance : float
        Loading of one factor that all organs of an individual share, such as how long it lay: no message at all.
    sex_effect, age_effect : float
        Spread over genes of the difference between the sexes, and of the slope on standardised age, in every organ.
    same_gene : float
        Correlation that a gene has with itself in the other organs, as by a variant active in all.
    missing : float
        Mean share of values that are missing; low genes lack more.
    absent : float
        Share of individuals that lack an organ, organ by organ.
    """

    n_individuals: int = 60
    n_genes: int = 1200
    secreted_share: float = 0.15
    organs: tuple[str, ...] = ("muscle", "fat", "brain")
    messages: tuple[tuple[str, str], ...] = (("muscle", "fat"), ("fat", "brain"))
    strength: float = 0.8
    target_share: float = 0.3
    n_factors: int = 10
    factor_share: float = 0.4
    nuisance: float = 0.0
    sex_effect: float = 0.5
    age_effect: float = 0.3
    same_gene: float = 0.3
    missing: float = 0.0
    absent: float = 0.0


class SimulatedCohort(NamedTuple):
    """A population in memory.

    Attributes
    ----------
    levels : dict of str to pandas.DataFrame
        By organ, individuals x genes, log2; NaN is not measured.
    individuals : pandas.DataFrame
        Index individual; `sex`, `age`.
    traits : pandas.DataFrame
        Index individual; one column per message, `TARGET_trait`, that follows the course of its targets, and `noise_trait`.
    messages : pandas.DataFrame
        What was planted: `source`, `target`, `gene`, `n_targets`.
    targets : dict of str to list of str
        Target genes by messenger.
    secreted : list of str
        Genes that are secreted.
    """

    levels: dict[str, pd.DataFrame]
    individuals: pd.DataFrame
    traits: pd.DataFrame
    messages: pd.DataFrame
    targets: dict[str, list[str]]
    secreted: list[str]


def simulate_cohort(options: CohortOptions = CohortOptions(), seed: int = 1) -> SimulatedCohort:
    """Simulate a population.

    Parameters
    ----------
    options : CohortOptions
        What it is like.
    seed : int
        The same seed gives the same population.

    Returns
    -------
    SimulatedCohort
        Gene symbols are those of real mouse genes; everything else is drawn.
    """
    rng = named_generator(seed, "cohort")
    n = options.n_individuals
    names = pd.Index([f"id{i + 1:03d}" for i in range(n)], name="subject")
    individuals = pd.DataFrame(
        {"sex": np.where(np.arange(n) % 2 == 0, "F", "M"), "age": rng.integers(20, 80, n).astype(float)}, index=names
    )
    genes, secreted = _genes(options, rng)
    shared = rng.normal(size=n)
    inherited = rng.normal(size=(n, len(genes)))
    own = {organ: _organ(options, individuals, shared, inherited, rng) for organ in options.organs}
    rows, targets, traits = [], {}, {}
    for (source, target), gene in zip(
        options.messages, rng.choice(secreted, len(options.messages), replace=False), strict=True
    ):
        followers = rng.choice(len(genes), round(options.target_share * len(genes)), replace=False)
        course = own[source][:, genes.index(gene)]
        signs = np.where(rng.random(len(followers)) < 0.8, 1.0, -1.0)  # most rise, some fall
        loading = options.strength * rng.uniform(0.5, 1.0, len(followers)) * signs
        own[target][:, followers] = np.sqrt(1 - loading**2) * own[target][:, followers] + np.outer(course, loading)
        rows.append((source, target, gene, len(followers)))
        targets[gene] = [genes[i] for i in followers]
        driven = own[target][:, followers] @ signs
        traits[f"{target}_trait"] = 0.7 * driven / driven.std() + 0.7 * rng.normal(size=n)
    traits["noise_trait"] = rng.normal(size=n)
    level = rng.normal(8.0, 2.0, len(genes))
    levels = {
        organ: _measured(options, pd.DataFrame(values + level, index=names, columns=genes), rng)
        for organ, values in own.items()
    }
    return SimulatedCohort(
        levels,
        individuals,
        pd.DataFrame(traits, index=names),
        pd.DataFrame(rows, columns=["source", "target", "gene", "n_targets"]),
        targets,
        sorted(secreted),
    )


def _genes(options: CohortOptions, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    n_secreted = round(options.secreted_share * options.n_genes)
    secreted = [str(gene) for gene in rng.choice(mouse_symbols().secreted, n_secreted, replace=False)]
    others = [str(gene) for gene in rng.choice(intracellular_symbols(), options.n_genes - n_secreted, replace=False)]
    genes = [*secreted, *others]
    rng.shuffle(genes)
    return genes, secreted


def _organ(
    options: CohortOptions, individuals: pd.DataFrame, shared: Floats, inherited: Floats, rng: np.random.Generator
) -> Floats:
    """Levels of one organ, (n_individuals, n_genes), each gene of unit variance but for sex, age and nuisance."""
    n, m = inherited.shape
    factors = (
        rng.normal(size=(n, options.n_factors)) @ rng.normal(size=(options.n_factors, m)) / np.sqrt(options.n_factors)
    )
    noise_share = 1 - options.factor_share - options.same_gene
    values = (
        np.sqrt(options.factor_share) * factors
        + np.sqrt(options.same_gene) * inherited
        + np.sqrt(noise_share) * rng.normal(size=(n, m))
    )
    female = (individuals["sex"] == "F").to_numpy(dtype=float) - 0.5
    age = individuals["age"].to_numpy()
    values += np.outer(female, options.sex_effect * rng.normal(size=m))
    values += np.outer((age - age.mean()) / age.std(), options.age_effect * rng.normal(size=m))
    values += np.outer(shared, options.nuisance * rng.normal(size=m))
    return np.asarray(values)


def _measured(options: CohortOptions, levels: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Some values lost, the more the lower the gene; some individuals without the organ."""
    if options.missing > 0:
        place = levels.mean().rank(ascending=False) / levels.shape[1]
        share = np.minimum(2 * options.missing * place.to_numpy(), 0.9)
        levels = levels.mask(rng.random(levels.shape) < share)
    kept = np.sort(rng.permutation(len(levels))[: round((1 - options.absent) * len(levels))])
    return levels.iloc[kept]
