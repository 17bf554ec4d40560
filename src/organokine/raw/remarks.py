"""What must be read before the tables of joined runs, or is counted beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from organokine.errors import Problem
from organokine.raw.health import faults_of
from organokine.raw.precursor_mobility import without_charge
from organokine.readers.base import Count

if TYPE_CHECKING:
    import pandas as pd

    from organokine.raw.folder import RawFolder


def uncharged(folders: Sequence[RawFolder]) -> list[Count]:
    """Spectra that cannot be matched, since the instrument gave their precursors no charge."""
    told = {folder.path.name: without_charge(folder) for folder in folders}
    n = sum(missing for missing, _ in told.values())
    if n == 0:
        return []
    worst = max(told, key=lambda name: told[name])
    note = "the instrument found no charge; they are not matched"
    return [Count("fragment spectra without a charge", n, sum(of for _, of in told.values()), worst, note)]


def unfitted(missing: Sequence[str]) -> list[Problem]:
    """Parts of the score that could not be fitted or learned."""
    if len(missing) == 0:
        return []
    what = f"the score is made without the {' and the '.join(missing)}, which could not be fitted"
    why = "Few matches are right: what is found rests on less than usual, and may be nothing"
    return [
        Problem(
            "joint score",
            what,
            why,
            "Is it the FASTA of the right species? Look at the runs with `organokine raw inspect`",
        )
    ]


def oddities(folders: Sequence[RawFolder]) -> list[Problem]:
    """What is odd about runs that were searched all the same."""
    return [fault.problem for folder in folders for fault in faults_of(folder) if not fault.is_fatal]


def nothing_but_contaminants(precursors: pd.DataFrame, proteins: pd.DataFrame) -> list[Problem]:
    """Why the table of proteins is empty although something was found."""
    if len(proteins) > 0 or len(precursors) == 0:
        return []
    n = precursors["protein_group"].nunique()
    what = f"none of the {n} protein groups found is in the table of proteins"
    why = "All are contaminants by the prefix of their identifier, or have no quantity"
    return [
        Problem("proteins.tsv", what, why, "See precursors.tsv, and whether the FASTA holds more than contaminants")
    ]
