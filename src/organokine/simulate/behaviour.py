"""Functional tests of a simulated study: a rod that the leaderless mediator makes animals fall off, and a grip that it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.simulate import measure
from organokine.simulate.genes import LEADERLESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from organokine.simulate.options import Options

CEILING = 300.0
"""Seconds after which a trial ends, as on most rods."""
DAYS, TRIALS = 3, 3
MEAN_LATENCY, AGED_LATENCY, LEARNING = 220.0, -100.0, 15.0
ANIMAL_SD, TRIAL_SD = 30.0, 25.0
"""Seconds: mean of young animals on the middle day, what age takes (about what the rise of the mediator carries), what a day
gives, spread of animals and of trials."""
MEAN_FORCE, FORCE_PER_GRAM, FORCE_SD = 110.0, 3.0, 8.0
MEAN_WEIGHT, AGED_WEIGHT, WEIGHT_SD = 25.0, 6.0, 2.0
"""Grip in gram-force, body weight in gram: old mice are heavier and, for their weight, as strong."""


def behaviour_tables(
    mice: pd.DataFrame, genes: pd.DataFrame, options: Options, generator: Callable[[str], np.random.Generator]
) -> dict[str, pd.DataFrame]:
    """Trials of the rotarod and of grip strength of the animals of the study, and of some more.

    Parameters
    ----------
    mice : pandas.DataFrame
        Animals of the study: subject, age, sex.
    genes : pandas.DataFrame
        The drawn genes.
    options : Options
        Sizes, and how tightly latency follows the mediator.
    generator : callable
        Name to a numpy Generator.

    Returns
    -------
    dict of str to pandas.DataFrame
        `rotarod`: subject, age, sex, day, trial, latency (s). `grip`: subject, age, sex, trial, force (gram-force), weight (g).
    """
    rng = generator("behaviour")
    everyone = pd.concat([mice[["subject", "age", "sex"]], _more_mice(options)], ignore_index=True)
    n = len(everyone)
    # The residuals of the source are drawn again from their own stream, so that they are those of its table.
    levels = genes["source_level"].to_numpy()
    source = measure.noise(levels, len(mice), options.protein_sd, options, generator("source/noise"))
    row = genes.index.get_loc(LEADERLESS)
    driver = np.append(source.residual[row] / source.sd[row], rng.normal(size=n - len(mice)))
    link = options.behaviour_link if options.scenario == "demo" else 0.0
    animal = link * driver + np.sqrt(1.0 - link**2) * rng.normal(size=n)
    is_old = (everyone["age"] == "old").to_numpy(dtype=float) * (options.scenario == "demo")
    latency = MEAN_LATENCY + AGED_LATENCY * is_old + ANIMAL_SD * animal
    weight = MEAN_WEIGHT + AGED_WEIGHT * is_old + WEIGHT_SD * rng.normal(size=n)
    force = MEAN_FORCE + FORCE_PER_GRAM * (weight - MEAN_WEIGHT) + FORCE_SD * rng.normal(size=n)
    return {"rotarod": _rotarod(everyone, latency, rng), "grip": _grip(everyone, force, weight, rng)}


def _more_mice(options: Options) -> pd.DataFrame:
    rows = [
        {
            "subject": f"runner{1 + place + group * options.behaviour_only:02d}",
            "age": age,
            "sex": ("female", "male")[place % 2],
        }
        for group, age in enumerate(("young", "old"))
        for place in range(options.behaviour_only)
    ]
    return pd.DataFrame(rows, columns=["subject", "age", "sex"])


def _rotarod(mice: pd.DataFrame, latency: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    days, trials = np.meshgrid(np.arange(1, DAYS + 1), np.arange(1, TRIALS + 1), indexing="ij")
    mean = latency[:, None] + LEARNING * (days.ravel() - (1 + DAYS) / 2)
    seconds = np.clip(mean + rng.normal(0.0, TRIAL_SD, mean.shape), 1.0, CEILING)
    table = mice.loc[mice.index.repeat(mean.shape[1])].reset_index(drop=True)
    return table.assign(
        day=np.tile(days.ravel(), len(mice)),
        trial=np.tile(trials.ravel(), len(mice)),
        latency=np.round(seconds.ravel(), 1),
    )


def _grip(mice: pd.DataFrame, force: np.ndarray, weight: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    pulls = force[:, None] + rng.normal(0.0, FORCE_SD / 2, (len(mice), TRIALS))
    table = mice.loc[mice.index.repeat(TRIALS)].reset_index(drop=True)
    return table.assign(
        trial=np.tile(np.arange(1, TRIALS + 1), len(mice)),
        force=np.round(pulls.ravel(), 1),
        weight=np.repeat(np.round(weight, 1), TRIALS),
    )
