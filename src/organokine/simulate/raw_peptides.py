"""Peptides of a simulated raw study: when they elute, how they drift, in which charges they fly, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.simulate.raw_proteins import NEUTRON, PROTON, WATER, digest, residue_masses

Floats = NDArray[np.float64]
RETENTION = {
    "W": 8.8, "F": 8.1, "L": 8.1, "I": 7.4, "M": 5.5, "V": 5.0, "Y": 4.5, "C": 2.6, "A": 2.0, "P": 2.0, "E": 1.1, "T": 0.6,
    "D": 0.2, "Q": 0.0, "S": -0.2, "G": -0.2, "N": -0.6, "R": -0.6, "H": -2.1, "K": -2.1,
}  # fmt: skip
"""Minutes a residue adds on a reversed phase at pH 2 (Guo et al. 1986, J Chromatogr 359:499)."""
MOBILITY_LINES = {2: (0.55, 6.0e-4), 3: (0.50, 5.4e-4)}
"""1/K0 at m/z 0 in V s/cm2, and its rise per Th, by charge: ions of one charge lie near a line, those of three below those of two."""
N_ISOTOPES = 4
LOWEST_MZ, HIGHEST_MZ = 350.0, 1250.0  # of precursors: what an instrument is set to look for


@dataclass(frozen=True)
class Abundances:
    """How much there is of what, all spreads as standard deviations in log2.

    Attributes
    ----------
    changed : float
        Share of the proteins that differ from the first group, in each of the others; half of them rise and half fall.
    change : float
        Size of the change; 1.585 is threefold.
    proteins : float
        Spread of the proteins. 1.5 is far less than a tissue has: a short gradient shows no more.
    peptides : float
        Spread of the peptides of a protein, as some ionise well and others do not.
    animals, measurements : float
        Spread of a protein from run to run, and of each peptide on top; 0.15 and 0.1 are those of good label-free data.
    """

    changed: float = 0.4
    change: float = 1.585
    proteins: float = 1.5
    peptides: float = 1.3
    animals: float = 0.15
    measurements: float = 0.1


class Ions(NamedTuple):
    """Peptides in one charge each.

    Attributes
    ----------
    table : pandas.DataFrame
        `peptide`, `protein`, `charge`, `mz` (of the lightest isotope, Th), `seconds` (apex) and `one_over_k0` (V s/cm2), sorted
        by m/z; index 0 to n - 1.
    isotopes : numpy.ndarray
        (n, N_ISOTOPES) share of each isotope.
    amounts : numpy.ndarray
        (n, n_runs) amount in each run; 1 is that of a protein in the middle of the scale.
    """

    table: pd.DataFrame
    isotopes: Floats
    amounts: Floats


def planted_changes(n_proteins: int, n_groups: int, options: Abundances, rng: np.random.Generator) -> Floats:
    """Changes of the proteins, log2 against the first group.

    Returns
    -------
    numpy.ndarray
        (n_proteins, n_groups); the first column is 0, the others are 0 or plus or minus `options.change`.
    """
    changes = np.zeros((n_proteins, n_groups))
    n_each = round(options.changed * n_proteins / 2)
    for column in range(1, n_groups):
        order = rng.permutation(n_proteins)
        changes[order[:n_each], column] = options.change
        changes[order[n_each : 2 * n_each], column] = -options.change
    return changes


def make_ions(
    proteins: pd.DataFrame,
    changes: Floats,
    gradient: float,
    options: Abundances,
    rng: np.random.Generator,
) -> Ions:
    """Digest the proteins of the samples and give every peptide its place in the four dimensions.

    Parameters
    ----------
    proteins : pandas.DataFrame
        Those in the samples, as `random_proteins` gives them.
    changes : numpy.ndarray
        (n_proteins, n_runs) planted log2 change in each run.
    gradient : float
        Length of a run in seconds.
    options : Abundances
        Spreads.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Ions
        Those whose m/z the instrument looks for.
    """
    pairs = [(i, peptide) for i, sequence in enumerate(proteins["sequence"]) for peptide in digest(sequence)]
    owner = np.array([i for i, _ in pairs])
    peptides = [peptide for _, peptide in pairs]
    masses = np.array([residue_masses(peptide).sum() + WATER for peptide in peptides])
    seconds = retention(peptides, gradient, rng)
    level = rng.normal(0.0, options.proteins, (len(proteins), 1)) + changes
    level += rng.normal(0.0, options.animals, level.shape)
    amounts = level[owner] + rng.normal(0.0, options.peptides, (len(peptides), 1))
    amounts = 2.0 ** (amounts + rng.normal(0.0, options.measurements, (len(peptides), changes.shape[1])))
    triple = _share_of_three(peptides, rng)
    parts = []
    for charge, share in ((2, 1 - triple), (3, triple)):
        mz = masses / charge + PROTON
        kept = np.flatnonzero((mz > LOWEST_MZ) & (mz < HIGHEST_MZ) & (share > 0.05))
        parts.append((kept, np.full(len(kept), charge), mz[kept], share[kept]))
    which, charges, mz, share = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.argsort(mz, kind="stable")
    which, charges, mz, share = which[order], charges[order], mz[order], share[order]
    table = pd.DataFrame(
        {
            "peptide": np.array(peptides, dtype=object)[which],
            "protein": proteins["protein"].to_numpy()[owner[which]],
            "charge": charges,
            "mz": mz,
            "seconds": seconds[which],
            "one_over_k0": mobility(mz, charges, rng),
        }
    )
    return Ions(table, isotope_shares(masses[which]), amounts[which] * share[:, None])


def retention(peptides: list[str], gradient: float, rng: np.random.Generator) -> Floats:
    """Apex of each peptide in seconds: the sum over its residues, spread over the middle 80 % of the gradient, and a scatter of 2 %."""
    sums = np.array([sum(RETENTION[letter] for letter in peptide) for peptide in peptides])
    low, high = np.quantile(sums, [0.02, 0.98])
    place = np.clip((sums - low) / (high - low), -0.02, 1.02)
    return np.asarray(gradient * (0.1 + 0.8 * place) + rng.normal(0.0, 0.02 * gradient, len(peptides)))


def mobility(mz: Floats, charge: NDArray[np.int64], rng: np.random.Generator, scatter: float = 0.02) -> Floats:
    """1/K0 of ions: on the line of their charge, and a scatter (V s/cm2) as shapes differ."""
    lines = np.array([MOBILITY_LINES[state] for state in charge.tolist()]).reshape(-1, 2)
    return np.asarray(lines[:, 0] + lines[:, 1] * mz + rng.normal(0.0, scatter, len(mz)))


def isotope_shares(mass: Floats) -> Floats:
    """Shares of the first isotopes by the number of heavy atoms, which is near Poisson with mean 1 at 1800 Da for peptides."""
    mean = np.asarray(mass)[:, None] / 1800.0
    shares = np.exp(-mean) * np.cumprod(np.hstack([np.ones_like(mean), mean / np.arange(1, N_ISOTOPES)]), axis=1)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def isotope_mz(mz: Floats, charge: NDArray[np.int64]) -> Floats:
    """m/z of the isotopes, (n, N_ISOTOPES)."""
    return np.asarray(mz[:, None] + NEUTRON * np.arange(N_ISOTOPES) / charge[:, None])


def _share_of_three(peptides: list[str], rng: np.random.Generator) -> Floats:
    """Share that flies with three charges: the more the longer the peptide, and the more basic residues are within."""
    length = np.array([len(peptide) for peptide in peptides])
    inner = np.array([sum(letter in "KRH" for letter in peptide[:-1]) for peptide in peptides])
    return np.asarray(1 / (1 + np.exp(-((length - 20) / 3 + 1.5 * inner + rng.normal(0.0, 0.5, len(peptides))))))
