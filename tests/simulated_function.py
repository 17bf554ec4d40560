"""Simulated functional tests, with or without an effect of the group, for tests of the rooms, their calibration and the benchmark."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from organokine.phenotype import TESTS, Trials
from organokine.phenotype.base import COLUMNS

Cages = Literal["none", "mixed", "of one group"]
EMPTY = {
    "day": np.nan, "trial": "", "sex": "", "weight": np.nan, "cage": "", "speed": np.nan, "exposure": np.nan,
}  # fmt: skip


def as_trials(test: str, frame: pd.DataFrame, **keys: Any) -> Trials:
    """`Trials` of rows that need only `measure`, `subject`, `group` (`old` or `young`) and `value`."""
    rows = frame.assign(**{name: value for name, value in EMPTY.items() if name not in frame.columns})
    extra = [name for name in rows.columns if name not in COLUMNS]
    card = TESTS[test]
    given = {"unit": card.unit, "better": card.better, "domain": card.domain} | keys
    given.setdefault("measures", tuple(dict.fromkeys(rows["measure"])))
    return Trials(test, test, rows[[*COLUMNS, *extra]].reset_index(drop=True), "age", "old", "young", **given)


def animals(
    rng: np.random.Generator, n: int, *, cages: Cages = "none", of_cage: int = 2, sex: bool = False
) -> pd.DataFrame:
    """2n animals, half of them old: `subject`, `group`, `sex`, `cage`, and `cage_number`."""
    number = np.arange(2 * n)
    # Cages of one group hold neighbours of one half; mixed ones one animal after the other of both.
    order = number if cages == "of one group" else (number % n) * 2 + number // n
    subject = [f"m{k:02d}" for k in rng.permutation(2 * n)]
    cage_number = order // of_cage
    return pd.DataFrame(
        {
            "subject": subject,
            "group": np.repeat(["old", "young"], n),
            "sex": np.where(number % 2 == 0, "f", "m") if sex else "",
            "cage": "" if cages == "none" else [f"c{k}" for k in cage_number],
            "cage_number": cage_number,
        }
    )


def cage_effects(rng: np.random.Generator, who: pd.DataFrame, sd: float) -> np.ndarray:
    return sd * rng.normal(size=len(who))[who["cage_number"]]


def rotarod(
    rng: np.random.Generator,
    n: int,
    *,
    effect: float = 0.0,
    n_days: int = 3,
    n_trials: int = 3,
    animal_sd: float = 30.0,
    slope_sd: float = 10.0,
    trial_sd: float = 25.0,
    learning: float = 15.0,
    cage_sd: float = 0.0,
    share_at_ceiling: float = 0.0,
    drop_out: float = 0.0,
    sex_effect: float = 0.0,
    cages: Cages = "none",
    of_cage: int = 2,
    sex: bool = False,
) -> Trials:
    """Latencies around 150 s of animals that differ in level and in how fast they learn.

    `share_at_ceiling` of the trials of a group without effect end at the ceiling; `drop_out` is the share of animals that are not tested
    after a day of chance, and half of it the share of single trials that are lost.
    """
    who = animals(rng, n, cages=cages, of_cage=of_cage, sex=sex)
    level = 150 + effect * (who["group"] == "old").to_numpy(dtype=float) + animal_sd * rng.normal(size=2 * n)
    level += cage_effects(rng, who, cage_sd) + sex_effect * (who["sex"] == "m").to_numpy(dtype=float)
    slope = learning + slope_sd * rng.normal(size=2 * n)
    code, day, trial = (
        part.ravel()
        for part in np.meshgrid(np.arange(2 * n), np.arange(1, n_days + 1), np.arange(1, n_trials + 1), indexing="ij")
    )
    centred = day - (n_days + 1) / 2
    value = level[code] + slope[code] * centred + trial_sd * rng.normal(size=len(code))
    ceiling = None
    if share_at_ceiling > 0:
        from scipy.stats import norm

        spread = np.sqrt(animal_sd**2 + cage_sd**2 + trial_sd**2 + (slope_sd**2 + learning**2) * (n_days**2 - 1) / 12)
        ceiling = float(150 + spread * norm.ppf(1 - share_at_ceiling))
        value = np.minimum(value, ceiling)
    last = np.where(rng.random(2 * n) < drop_out, rng.integers(1, n_days + 1, 2 * n), n_days)
    kept = (day <= last[code]) & (rng.random(len(code)) >= drop_out / 2)
    frame = who.drop(columns="cage_number").iloc[code].assign(
        measure="latency", value=np.maximum(value, 0.0), day=day.astype(float), trial=trial.astype(str)
    )  # fmt: skip
    return as_trials("rotarod", frame[kept], ceiling=ceiling)


def beam(
    rng: np.random.Generator,
    n: int,
    *,
    ratio: float = 1.0,
    n_trials: int = 4,
    slips: float = 3.0,
    spread: float = 0.5,
    failing: float = 0.2,
    time_ratio: float = 1.0,
    cages: Cages = "none",
    of_cage: int = 2,
    cage_sd: float = 0.0,
    sex: bool = False,
) -> Trials:
    """Slips, crossing times and failures. `spread` is the standard deviation of the logarithm of an animal's own rate and time;
    `failing` the chance that an animal of average rate fails at a crossing."""
    who = animals(rng, n, cages=cages, of_cage=of_cage, sex=sex)
    is_old = (who["group"] == "old").to_numpy(dtype=float)
    own = spread * rng.normal(size=2 * n) + cage_effects(rng, who, cage_sd)
    rate = slips * np.exp(own - spread**2 / 2 + np.log(ratio) * is_old)
    code = np.repeat(np.arange(2 * n), n_trials)
    about = (
        who.drop(columns="cage_number").iloc[code].assign(trial=np.tile(np.arange(1, n_trials + 1), 2 * n).astype(str))
    )
    log_time = np.log(8) + own + np.log(time_ratio) * is_old
    values = {
        "slips": rng.poisson(rate[code]).astype(float),
        "time": np.exp(log_time[code] + 0.2 * rng.normal(size=len(code))),
        "failed": (rng.random(len(code)) < failing * np.exp(own[code])).astype(float),
    }
    frame = pd.concat([about.assign(measure=name, value=found) for name, found in values.items()])
    return as_trials("beam", frame)


def grip(
    rng: np.random.Generator,
    n: int,
    *,
    heavier: float = 6.0,
    effect: float = 0.0,
    slope: float = 2.0,
    animal_sd: float = 10.0,
    pulls: int = 5,
    cages: Cages = "none",
    cage_sd: float = 0.0,
    of_cage: int = 2,
    sex: bool = False,
) -> Trials:
    """Forces around 110 g that rise by `slope` per gram of body weight; the old animals weigh `heavier` grams more."""
    who = animals(rng, n, cages=cages, of_cage=of_cage, sex=sex)
    is_old = (who["group"] == "old").to_numpy(dtype=float)
    weight = 27 + heavier * is_old + 2.5 * rng.normal(size=2 * n)
    force = (
        110
        + slope * (weight - 27)
        + effect * is_old
        + animal_sd * rng.normal(size=2 * n)
        + cage_effects(rng, who, cage_sd)
    )
    code = np.repeat(np.arange(2 * n), pulls)
    frame = who.drop(columns="cage_number").iloc[code].assign(
        measure="force",
        value=force[code] + 8 * rng.normal(size=len(code)),
        weight=weight[code],
        trial=np.tile(np.arange(1, pulls + 1), 2 * n).astype(str),
    )  # fmt: skip
    return as_trials("grip", frame)


def gait(
    rng: np.random.Generator,
    n: int,
    *,
    n_parameters: int = 8,
    slower: float = 3.0,
    effect: float = 0.0,
    n_runs: int = 3,
    shared: float = 0.6,
    sex: bool = False,
) -> Trials:
    """Parameters that go along with walking speed and with each other (`shared` of the variance between animals); the old are slower."""
    who = animals(rng, n, sex=sex)
    is_old = (who["group"] == "old").to_numpy(dtype=float)
    code = np.repeat(np.arange(2 * n), n_runs)
    speed = (25 - slower * is_old + 3 * rng.normal(size=2 * n))[code] + 2 * rng.normal(size=len(code))
    common = rng.normal(size=2 * n)
    about = (
        who.drop(columns="cage_number")
        .iloc[code]
        .assign(speed=speed, trial=np.tile(np.arange(1, n_runs + 1), 2 * n).astype(str))
    )
    parts = []
    for number in range(n_parameters):
        own = np.sqrt(shared) * common + np.sqrt(1 - shared) * rng.normal(size=2 * n) + effect * is_old
        value = own[code] + 0.3 * (speed - 25) + 0.5 * rng.normal(size=len(code))
        parts.append(about.assign(measure=f"parameter {number}", value=10 + value))
    return as_trials("gait", pd.concat(parts))


def scalar(
    rng: np.random.Generator,
    n: int,
    *,
    effect: float = 0.0,
    cages: Cages = "none",
    cage_sd: float = 0.0,
    of_cage: int = 2,
    sex: bool = False,
) -> Trials:
    """One value per animal, such as a distance of 40 m."""
    who = animals(rng, n, cages=cages, of_cage=of_cage, sex=sex)
    value = 40 + effect * (who["group"] == "old") + 8 * rng.normal(size=2 * n) + cage_effects(rng, who, cage_sd)
    return as_trials("scalar", who.drop(columns="cage_number").assign(measure="distance", value=value))


SIMULATED = {"rotarod": rotarod, "beam": beam, "grip": grip, "gait": gait, "scalar": scalar}
