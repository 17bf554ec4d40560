"""What the unit is, from who lives with whom."""

from __future__ import annotations

import pandas as pd
import pytest

from organokine.phenotype.structure import LEAST_CAGES, find_structure


def housed(old: str, young: str) -> pd.DataFrame:
    """One letter per animal: its cage; a dot where it is not known."""
    cages = [cage.replace(".", "") for cage in old + young]
    return pd.DataFrame(
        {
            "subject": [f"m{k}" for k in range(len(cages))],
            "group": ["old"] * len(old) + ["young"] * len(young),
            "cage": cages,
        }
    )


@pytest.mark.parametrize(
    ("old", "young", "kind", "n_cages", "said"),
    [
        ("....", "....", "animals", 0, ""),
        ("abcd", "efgh", "animals", 8, "a cage of its own"),
        ("aab.", "ccdd", "animals", 0, "1 animals is not known"),
        ("aabb", "ccdd", "cage_unit", 4, "the cage is the unit"),
        ("aaab", "cdef", "cage_unit", 6, "the cage is the unit"),
        ("aaaa", "bbcc", "one_cage", 3, "cannot be told from the cage"),
        ("aaaa", "bbbb", "one_cage", 2, "cannot be told from the cage"),
        ("abcd", "abcd", "few_cages", 4, "too few"),
        ("abcdef", "abcdef", "random_cage", 6, "random intercepts"),
        ("aabbcd", "ddeeff", "random_cage", 6, "random intercepts"),
        ("abcdefg", "abcdhij", "few_cages", 10, "4 shared cages"),
        ("aaab", "bccc", "partly_mixed", 3, "cages are blocks"),
    ],
)
def test_kinds(old: str, young: str, kind: str, n_cages: int, said: str) -> None:
    found = find_structure(housed(old, young))
    assert (found.kind, found.n_cages) == (kind, n_cages)
    assert said in found.note
    assert (found.note == "") == (said == "")


def test_the_number_of_cages_that_are_enough() -> None:
    letters = "abcdefgh"
    for n in range(2, 9):
        kind = find_structure(housed(letters[:n], letters[:n])).kind
        assert kind == ("random_cage" if n >= LEAST_CAGES else "few_cages")


def test_rows_of_trials_and_their_order_do_not_matter() -> None:
    animals = housed("aabb", "ccdd")
    trials = pd.concat([animals] * 3).sample(frac=1, random_state=1)
    assert find_structure(trials) == find_structure(animals)
