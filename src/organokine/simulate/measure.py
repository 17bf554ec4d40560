"""From planted truth to measured values: animals, noise, blood, dropout and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.simulate.genes import HAEMOGLOBIN, MEDIATORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from organokine.simulate.options import Options, Range

PROTEIN_LEVEL, PROTEIN_SPREAD = 17.0, 2.0
"""Mean and standard deviation of log2 protein intensities, as timsTOF search engines report them."""
RNA_LEVEL, RNA_SPREAD = 4.5, 2.2
"""Mean and standard deviation of log2 counts per million of expressed genes."""
READS_PER_GENE = 2000.0
"""Mean depth: 12 million assigned reads for 6,000 genes."""
BLOOD_COUNTS = 0.3
"""Expected counts of the transcript of a blood protein in an organ that does not make it; ten times as many of haemoglobin."""
PLASMA_LEVEL = 18.0


class Noise(NamedTuple):
    """Residuals of one assay.

    Attributes
    ----------
    residual : numpy.ndarray
        (n_genes, n_animals) log2.
    sd : numpy.ndarray
        (n_genes,) their standard deviation.
    """

    residual: np.ndarray
    sd: np.ndarray


def animals(options: Options) -> pd.DataFrame:
    """The animals: columns subject, age, sex, batch. Sex alternates, batch by pairs, alike in both groups: nothing is confounded."""
    rows = [
        {
            "subject": f"mouse{1 + position + group * options.n_per_group:02d}",
            "age": age,
            "sex": ("female", "male")[position % 2],
            "batch": ("b1", "b2")[(position // 2) % 2],
        }
        for group, age in enumerate(("young", "old"))
        for position in range(options.n_per_group)
    ]
    return pd.DataFrame(rows)


def noise(level: np.ndarray, n_animals: int, span: Range, options: Options, rng: np.random.Generator) -> Noise:
    """Draw correlated residuals whose spread falls with the level.

    Parameters
    ----------
    level : numpy.ndarray
        (n_genes,) in standard deviations.
    n_animals : int
        Columns.
    span : (float, float)
        Residual standard deviation of high and of low genes.
    options : Options
        Factors and their share.
    rng : numpy.random.Generator
        Source of randomness.
    """
    n = len(level)
    high, low = span
    sd = (high + (low - high) / (1.0 + np.exp(2.0 * level))) * np.exp(rng.normal(0.0, options.sd_spread, size=n))
    share = rng.uniform(*options.correlation, size=(n, 1))
    loadings = rng.normal(size=(n, options.n_factors))
    loadings /= np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    common = loadings @ rng.normal(size=(options.n_factors, n_animals))
    standard = np.sqrt(share) * common + np.sqrt(1.0 - share) * rng.normal(size=(n, n_animals))
    return Noise(standard * sd[:, None], sd)


def covariate_part(mice: pd.DataFrame, n_genes: int, options: Options, rng: np.random.Generator) -> np.ndarray:
    """(n_genes, n_animals) log2: differences of sexes and of batches."""
    has_sex = rng.random(n_genes) < options.sex_share
    sex = np.where(has_sex, rng.normal(0.0, options.sex_sd, size=n_genes), 0.0)
    batch = rng.normal(0.0, options.batch_sd if options.batch else 0.0, size=n_genes)
    is_male = (mice["sex"] == "male").to_numpy(dtype=float)
    is_second = (mice["batch"] == "b2").to_numpy(dtype=float)
    return np.asarray(np.outer(sex, is_male) + np.outer(batch, is_second))


def blood_content(
    mice: pd.DataFrame, options: Options, generator: Callable[[str], np.random.Generator]
) -> dict[str, np.ndarray]:
    """Log2 blood content of the source and target samples, (n_animals,) each; in the nulls without group and animal part."""
    n = len(mice)
    animal = generator("blood").normal(0.0, options.blood_animal_sd, size=n)
    shared = animal + options.blood_shift * (mice["age"] == "old").to_numpy(dtype=float)
    if options.scenario != "demo":
        shared = np.zeros(n)
    return {
        role: shared + generator(f"blood/{role}").normal(0.0, options.blood_organ_sd, size=n)
        for role in ("source", "target")
    }


def link_mediators(source: Noise, target: Noise, genes: pd.DataFrame, options: Options) -> None:
    """Make the residuals of the mediators in the target follow those in the source, in place."""
    if not options.paired_link or options.scenario != "demo":
        return
    for gene in MEDIATORS:
        row = genes.index.get_loc(gene)
        follows = source.residual[row] / source.sd[row]
        own = target.residual[row] / target.sd[row]
        target.residual[row] = target.sd[row] * (options.link * follows + np.sqrt(1.0 - options.link**2) * own)


def intensities(expected: np.ndarray, options: Options, rng: np.random.Generator) -> np.ndarray:
    """Whole-number linear intensities with sample levels and dropout; NaN is not measured.

    Parameters
    ----------
    expected : numpy.ndarray
        (n_proteins, n_samples) log2.
    options : Options
        Sample levels and dropout.
    rng : numpy.random.Generator
        Source of randomness.
    """
    level = expected + rng.normal(0.0, options.sample_sd, size=expected.shape[1])
    values = np.maximum(np.rint(2.0**level), 1.0)
    return np.where(_is_missing(level, options, rng), np.nan, values)


def plasma_values(expected: np.ndarray, options: Options, rng: np.random.Generator) -> np.ndarray:
    """Log2 values of plasma proteins to four decimals, with sample levels; a few missing at random."""
    level = expected + rng.normal(0.0, options.sample_sd, size=expected.shape[1])
    is_missing = rng.random(expected.shape) < (options.dropout_random if options.missing else 0.0)
    return np.where(is_missing, np.nan, np.round(level, 4))


def counts(expected: np.ndarray, genes: pd.Index, blood: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Poisson counts around the log-normal levels of animals, from libraries that differ in size.

    Parameters
    ----------
    expected : numpy.ndarray
        (n_genes, n_samples) log2 level.
    genes : pandas.Index
        (n_genes,) symbols.
    blood : numpy.ndarray
        (n_genes,) True where the organ has no transcript of its own.
    rng : numpy.random.Generator
        Source of randomness.
    """
    n_genes, n_samples = expected.shape
    library = READS_PER_GENE * n_genes * np.exp(rng.normal(0.0, 0.25, size=n_samples))
    abundance = np.where(blood[:, None], 0.0, 2.0**expected)
    mean = abundance / abundance.sum(axis=0) * library
    trace = np.where(genes.isin(HAEMOGLOBIN), 10.0 * BLOOD_COUNTS, BLOOD_COUNTS)[:, None]
    return rng.poisson(np.where(blood[:, None], trace, mean)).astype(float)


def _is_missing(level: np.ndarray, options: Options, rng: np.random.Generator) -> np.ndarray:
    chance = options.dropout_random + 1.0 / (1.0 + np.exp(options.dropout_slope * (level - options.dropout_midpoint)))
    return rng.random(level.shape) < (chance if options.missing else 0.0)
