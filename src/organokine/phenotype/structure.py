"""What the unit of replication is: animals, or the cages (or litters) they share."""

from __future__ import annotations

from typing import Literal, NamedTuple

import pandas as pd

LEAST_CAGES = 5
"""Cages of two animals or more from which a variance between cages is fitted; with fewer it cannot be estimated
(doi 10.7717/peerj.4794: at least five levels of a random effect), and cages enter as blocks."""

LEAST_ANIMALS = 2
"""Animals per group below which there is no spread between animals, and so no test, whatever the number of trials."""


class Structure(NamedTuple):
    """How animals are housed, as far as it matters for the test.

    Attributes
    ----------
    kind : str
        `animals`: cages are not known, or no two animals share one. `cage_unit`: all animals of a cage are of one group, so the
        cage is the unit. `one_cage`: the same with a single cage in a group, so that the group cannot be told from the cage.
        `random_cage`: cages hold both groups, and there are enough for a variance between them. `few_cages`: all that animals
        share hold both groups, and they are too few for one: blocks, as a sensitivity analysis. `partly_mixed`: they are too few, and
        some hold one group only: blocks, since otherwise animals that share such a cage would count as independent.
    n_cages : int
        Cages.
    note : str
        The same in words; empty if there is nothing to say.
    """

    kind: Literal["animals", "cage_unit", "one_cage", "random_cage", "few_cages", "partly_mixed"]
    n_cages: int = 0
    note: str = ""


def find_structure(rows: pd.DataFrame) -> Structure:
    """Find the unit from the cages of the animals.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns `subject`, `group` and `cage`; empty where a cage is not known.

    Returns
    -------
    Structure
        Cages count only if they are known for all animals and some are shared.
    """
    animals = rows.drop_duplicates("subject")
    unknown = int((animals["cage"] == "").sum())
    if unknown == len(animals):
        return Structure("animals")
    if unknown > 0:
        return Structure(
            "animals", 0, f"the cage of {unknown} animals is not known, so cages are not taken into account"
        )
    sizes = animals.groupby("cage").size()
    if (sizes < 2).all():
        return Structure("animals", len(sizes), "every animal has a cage of its own")
    pairs = animals[["cage", "group"]].drop_duplicates()
    if not pairs["cage"].duplicated().any():
        return _of_one_group(animals, len(sizes))
    n_groups = pairs.groupby("cage").size()
    has_pure = bool(((sizes >= 2) & (n_groups == 1)).any())
    return _of_both_groups(len(sizes), int((sizes >= 2).sum()), has_pure=has_pure)


def _of_one_group(animals: pd.DataFrame, n_cages: int) -> Structure:
    if (animals.groupby("group")["cage"].nunique() < 2).any():
        note = "all animals of a group share one cage, so the group cannot be told from the cage"
        return Structure("one_cage", n_cages, note)
    note = f"all animals of a cage are of one group, so the cage is the unit ({n_cages} cages)"
    return Structure("cage_unit", n_cages, note)


def _of_both_groups(n_cages: int, n_shared: int, *, has_pure: bool) -> Structure:
    if n_shared >= LEAST_CAGES:
        return Structure("random_cage", n_cages, f"cages as random intercepts ({n_cages} cages)")
    if has_pure:
        note = "some cages hold one group and some both, so cages are blocks: animals are compared with those of their own cage"
        return Structure("partly_mixed", n_cages, note)
    note = f"{n_shared} shared cages are too few for a variance between cages; see the sensitivity analysis with cages as blocks"
    return Structure("few_cages", n_cages, note)
