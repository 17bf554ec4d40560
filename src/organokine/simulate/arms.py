"""Perturbation arms of a simulated study: the leaderless mediator raised in young mice and taken away in old ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.simulate import measure
from organokine.simulate.genes import LEADERLESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from organokine.simulate.options import Options


class Arm(NamedTuple):
    """One arm: its name in the study file, what it does, and the two groups of its factor `virus`."""

    name: str
    kind: str
    age: str
    case: str
    control: str


ARMS = (
    Arm("gain", "gain", "young", f"AAV-{LEADERLESS}", "AAV-GFP"),
    Arm("loss", "loss", "old", f"AAV-sh{LEADERLESS}", "AAV-shScramble"),
)


def arm_animals(arm: Arm, options: Options) -> pd.DataFrame:
    """Animals of an arm, other ones than those of the study: columns subject, age, sex, virus."""
    rows = [
        {
            "subject": f"{arm.name}{1 + position + group * options.arm_animals:02d}",
            "age": arm.age,
            "sex": ("female", "male")[position % 2],
            "virus": virus,
        }
        for group, virus in enumerate((arm.control, arm.case))
        for position in range(options.arm_animals)
    ]
    return pd.DataFrame(rows)


def arm_levels(
    arm: Arm,
    mice: pd.DataFrame,
    genes: pd.DataFrame,
    effects: pd.DataFrame,
    options: Options,
    generator: Callable[[str], np.random.Generator],
) -> np.ndarray:
    """Log2 levels of the target proteins in an arm.

    The arm carries a share of all that ageing does to the target, or takes it away, and moves the mediator itself by its own amount.

    Parameters
    ----------
    arm : Arm
        Which one.
    mice : pandas.DataFrame
        Its animals.
    genes, effects : pandas.DataFrame
        The drawn genes and what ageing does to them.
    options : Options
        Sizes.
    generator : callable
        Name to a numpy Generator.

    Returns
    -------
    numpy.ndarray
        (n_genes, n_animals).
    """
    sign = 1.0 if arm.kind == "gain" else -1.0
    is_case = (mice["virus"] == arm.case).to_numpy(dtype=float)
    blood = genes["blood"].to_numpy()
    ageing = np.where(blood, 0.0, effects["target_protein"])
    change = sign * options.arm_fraction * ageing
    change[genes.index.get_loc(LEADERLESS)] = sign * options.arm_move
    level = measure.PROTEIN_LEVEL + measure.PROTEIN_SPREAD * genes["target_level"].to_numpy()
    rng = generator(f"arm/{arm.name}")
    noise = measure.noise(genes["target_level"].to_numpy(), len(mice), options.protein_sd, options, rng).residual
    content = rng.normal(0.0, options.blood_organ_sd, size=len(mice))
    own = level + (ageing if arm.age == "old" else 0.0)
    sexes = measure.covariate_part(mice.assign(batch="b1"), len(genes), options, rng)
    return np.asarray(own[:, None] + np.outer(change, is_case) + np.outer(blood, content) + noise + sexes)
