"""A simulated study in memory: study file, tables, samples and planted truth."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from organokine.readers.base import RawMatrix
from organokine.simulate import measure
from organokine.simulate.arms import ARMS, arm_animals, arm_levels
from organokine.simulate.behaviour import behaviour_tables
from organokine.simulate.effects import effect_table, truth_table
from organokine.simulate.genes import gene_table
from organokine.simulate.options import Options
from organokine.simulate.study_toml import SOURCE, TARGET, arm_assay, study_toml
from organokine.study_file import StudyFile

Streams = Callable[[str], np.random.Generator]


class Simulated(NamedTuple):
    """A simulated study, as `organokine.study.assemble_study` takes it.

    Attributes
    ----------
    file : StudyFile
        The study file.
    tables : mapping of str to RawMatrix
        By assay name.
    samples : pandas.DataFrame
        The sample sheet: assay, sample, subject, age, sex, batch; virus where there are arms.
    truth : pandas.DataFrame
        What was planted: gene, role, log2 changes; see `organokine.simulate.effects.truth_table`.
    behaviour : mapping of str to pandas.DataFrame
        Tables of the functional tests by name; empty without.
    """

    file: StudyFile
    tables: Mapping[str, RawMatrix]
    samples: pd.DataFrame
    truth: pd.DataFrame
    behaviour: Mapping[str, pd.DataFrame]


class _Measured(NamedTuple):
    """One table: values features x animals, on the scale of the file that a user would have."""

    values: pd.DataFrame
    precursors: np.ndarray
    scale: Literal["linear", "log2", "counts"]


def simulate_tables(seed: int = 1, **options: Any) -> Simulated:
    """Simulate a muscle -> cerebellum ageing study in mice, in memory.

    Parameters
    ----------
    seed : int
        The same seed gives the same study. Each part draws from its own stream, so leaving out one assay does not change
        another.
    **options
        Fields of `organokine.simulate.Options`: scenario, sizes, effects, noise.

    Returns
    -------
    Simulated
        Study file, tables, samples and truth.

    Raises
    ------
    TypeError, ValueError
        If an option is unknown or does not fit.
    """
    chosen = Options(**options)
    genes = gene_table(chosen, generator_of(seed, "genes"))
    effects = effect_table(genes, chosen, lambda name: generator_of(seed, f"effects/{name}"))
    mice = measure.animals(chosen)
    measured = _measured(genes, effects, mice, chosen, lambda name: generator_of(seed, name))
    if not chosen.batch:
        mice = mice.drop(columns="batch")
    arms = _arms(genes, effects, chosen, lambda name: generator_of(seed, name))
    every = [(name, mice, table) for name, table in measured.items()] + arms
    return Simulated(
        file=StudyFile.model_validate(tomllib.loads(study_toml(seed, chosen))),
        tables={name: _raw_matrix(name, table, animals) for name, animals, table in every},
        samples=pd.concat([_sheet(name, animals) for name, animals, _ in every], ignore_index=True),
        truth=truth_table(genes, effects, chosen),
        behaviour=behaviour_tables(mice, genes, chosen, lambda name: generator_of(seed, name))
        if chosen.behaviour
        else {},
    )


def generator_of(seed: int, name: str) -> np.random.Generator:
    """The stream of one part of a simulated study."""
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=tuple(name.encode())))


def sample_names(name: str, mice: pd.DataFrame) -> list[str]:
    """Names of the samples of one assay."""
    return [f"{subject}_{name}" for subject in mice["subject"]]


def _sheet(name: str, mice: pd.DataFrame) -> pd.DataFrame:
    sheet = mice.assign(assay=name, sample=sample_names(name, mice))
    return sheet[["assay", "sample", *mice.columns]]


def _raw_matrix(name: str, table: _Measured, mice: pd.DataFrame) -> RawMatrix:
    values = table.values.set_axis(sample_names(name, mice), axis=1)
    genes = values.index.to_numpy(dtype=object)
    features = pd.DataFrame({"gene": genes, "precursors": table.precursors}, index=values.index)
    if table.scale == "counts":
        return RawMatrix(values, features, "counts", "counts")
    if table.scale == "linear":
        values = pd.DataFrame(np.log2(values.to_numpy()), values.index, values.columns)
    return RawMatrix(values, features, "log2", table.scale)


def _measured(
    genes: pd.DataFrame, effects: pd.DataFrame, mice: pd.DataFrame, options: Options, generator: Streams
) -> dict[str, _Measured]:
    found = _proteins(genes, effects, mice, options, generator)
    if options.with_rna:
        found |= _transcripts(genes, effects, mice, options, generator)
    if options.with_plasma:
        found["plasma_protein"] = _plasma(genes, effects, mice, options, generator)
    return found


def _proteins(
    genes: pd.DataFrame,
    effects: pd.DataFrame,
    mice: pd.DataFrame,
    options: Options,
    generator: Streams,
) -> dict[str, _Measured]:
    is_old = (mice["age"] == "old").to_numpy(dtype=float)
    blood = genes["blood"].to_numpy()
    content = measure.blood_content(mice, options, generator)
    noises = {
        role: measure.noise(
            genes[f"{role}_level"].to_numpy(), len(mice), options.protein_sd, options, generator(f"{role}/noise")
        )
        for role in ("source", "target")
    }
    measure.link_mediators(noises["source"], noises["target"], genes, options)
    rng = generator("nuisance")
    nuisance = np.outer(options.shared_nuisance * rng.normal(size=len(genes)), rng.normal(size=len(mice)))
    found = {}
    for role, organ in (("source", SOURCE), ("target", TARGET)):
        rng = generator(f"{role}/protein")
        level = measure.PROTEIN_LEVEL + measure.PROTEIN_SPREAD * genes[f"{role}_level"].to_numpy()
        # The planted effect of blood proteins is that of the blood content itself.
        planted = np.outer(np.where(blood, 0.0, effects[f"{role}_protein"]), is_old) + np.outer(blood, content[role])
        expected = level[:, None] + planted + noises[role].residual + noises[role].sd[:, None] * nuisance
        expected += measure.covariate_part(mice, len(genes), options, rng)
        rows = genes[f"{role}_protein"].to_numpy()
        values = measure.intensities(expected[rows], options, rng)
        precursors = _precursors(level[rows], rng)
        found[f"{organ}_protein"] = _table(values, genes.index[rows], precursors, "linear")
    return found


def _transcripts(
    genes: pd.DataFrame,
    effects: pd.DataFrame,
    mice: pd.DataFrame,
    options: Options,
    generator: Streams,
) -> dict[str, _Measured]:
    is_old = (mice["age"] == "old").to_numpy(dtype=float)
    found = {}
    for role, organ in (("source", SOURCE), ("target", TARGET)):
        rng = generator(f"{role}/rna")
        level = genes[f"{role}_level"].to_numpy()
        residual = measure.noise(level, len(mice), options.rna_sd, options, rng).residual
        expected = (measure.RNA_LEVEL + measure.RNA_SPREAD * level)[:, None] + residual
        expected += np.outer(effects[f"{role}_rna"], is_old) + measure.covariate_part(mice, len(genes), options, rng)
        rows = genes[f"{role}_rna"].to_numpy()
        values = measure.counts(expected[rows], genes.index[rows], genes["blood"].to_numpy()[rows], rng)
        found[f"{organ}_rna"] = _table(values, genes.index[rows], np.full(int(rows.sum()), np.nan), "counts")
    return found


def _plasma(
    genes: pd.DataFrame,
    effects: pd.DataFrame,
    mice: pd.DataFrame,
    options: Options,
    generator: Streams,
) -> _Measured:
    rng = generator("plasma")
    seen = genes[genes["plasma"]]
    level = seen["plasma_level"].to_numpy()
    expected = (measure.PLASMA_LEVEL + measure.PROTEIN_SPREAD * level)[:, None]
    expected = expected + measure.noise(level, len(mice), options.plasma_sd, options, rng).residual
    expected += np.outer(effects.loc[seen.index, "plasma"], (mice["age"] == "old").to_numpy(dtype=float))
    expected += measure.covariate_part(mice, len(seen), options, rng)
    values = measure.plasma_values(expected, options, rng)
    return _table(values, seen.index, _precursors(expected.mean(axis=1), rng), "log2")


def _arms(
    genes: pd.DataFrame, effects: pd.DataFrame, options: Options, generator: Streams
) -> list[tuple[str, pd.DataFrame, _Measured]]:
    """Name, animals and table of each arm."""
    found = []
    rows = genes["target_protein"].to_numpy()
    for arm in ARMS if options.perturbations else ():
        mice = arm_animals(arm, options)
        level = arm_levels(arm, mice, genes, effects, options, generator)[rows]
        rng = generator(f"arm/{arm.name}/measured")
        values = measure.intensities(level, options, rng)
        table = _table(values, genes.index[rows], _precursors(level.mean(axis=1), rng), "linear")
        found.append((arm_assay(arm), mice, table))
    return found


def _precursors(level: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Precursors behind a protein: about 2 at the detection limit, some 30 for the highest."""
    return 1.0 + rng.poisson(2.0 ** ((level - measure.PROTEIN_LEVEL) / 2.0) * 5.0)


def _table(
    values: np.ndarray, index: pd.Index, precursors: np.ndarray, scale: Literal["linear", "log2", "counts"]
) -> _Measured:
    """Keep the rows with a value, in alphabetical order: a search engine does not list what it never saw."""
    rows = np.flatnonzero(np.isfinite(values).any(axis=1))
    rows = rows[np.argsort(index.to_numpy()[rows], kind="stable")]
    return _Measured(pd.DataFrame(values[rows], index=index[rows]), precursors[rows], scale)
