"""Coordination beside strength: a weak, heavy or idle animal falls too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from organokine.phenotype.design import GROUP
from organokine.phenotype.effects import LEAST_DF
from organokine.phenotype_tables import PHENOTYPES

if TYPE_CHECKING:
    from organokine.phenotype.base import Findings, FunctionalTest, Trials

ROLE = "adjusted"
HELD_EQUAL = ("strength", "activity")
WEIGHT = "body weight"
NOTE = (
    "what is left when these are held equal: if the group works through strength, weight or activity, that part is taken out; "
    "if they merely go along with it, the difference stays"
)


def adjusted_for_strength(
    tests: Sequence[Trials], animals: pd.DataFrame, cards: Mapping[str, FunctionalTest]
) -> pd.DataFrame:
    """The effects on coordination, adjusted for strength, body weight and activity of the same animals.

    Null hypothesis: animals of equal strength, weight and activity have the same function in both groups.

    Parameters
    ----------
    tests : sequence of Trials
        All tests of a study; those of the domain `coordination` are adjusted.
    animals : pandas.DataFrame
        Table `phenotype_animals` of all of them.
    cards : mapping of str to FunctionalTest
        The tests by name.

    Returns
    -------
    pandas.DataFrame
        Rows of the table `phenotypes` with the role `adjusted`: the primary effects of each test among the animals of which all is
        known, with and without the adjustment; empty where nothing else was measured in enough of these animals.
    """
    parts = []
    for trials in tests:
        if trials.domain != "coordination":
            continue
        known = _known_of_animals(trials, animals)
        if known.shape[1] == 0:
            continue
        rows = trials.rows[trials.rows["subject"].isin(known.index)]
        if not _enough(rows, trials, known.shape[1]):
            continue
        joined = rows.join(known, on="subject").reset_index(drop=True)
        names = [str(name) for name in known.columns]
        same = replace(trials, rows=joined)
        with_them = replace(same, covariates=(*trials.covariates, *names))
        run = cards[trials.test].run
        parts.append(_primary(run(same), "in the animals of which all is known", ""))
        parts.append(_primary(run(with_them), f"given {', '.join(names)}", NOTE))
    return PHENOTYPES.conform(pd.concat(parts, ignore_index=True)) if len(parts) > 0 else PHENOTYPES.empty()


def _known_of_animals(trials: Trials, animals: pd.DataFrame) -> pd.DataFrame:
    """Index subject, one column for each thing known of all of these animals: strength and activity by test, and weight."""
    others = animals[animals["domain"].isin(HELD_EQUAL) & (animals["phenotype"] != trials.name)]
    columns: dict[str, pd.Series] = {}
    for (phenotype, measure), own in others.groupby(["phenotype", "measure"], sort=False):
        name = str(phenotype) if phenotype == measure else f"{phenotype} {measure}"
        columns[name] = own.set_index("subject")["value"]
    if len(columns) == 0:
        return pd.DataFrame(index=pd.Index([], name="subject"))
    weight = animals.groupby("subject")["weight"].mean()
    if weight.notna().any():
        columns[WEIGHT] = weight
    # A name that a column of the test has already, such as that of a covariate, gets a word more.
    table = pd.DataFrame(columns).rename(columns=lambda name: f"{name} (other test)" if name in trials.rows else name)
    own_animals = sorted(set(trials.rows["subject"]))
    table = table.reindex(own_animals)
    # A measure that few of these animals have would leave too few of them.
    table = table.loc[:, table.notna().sum() >= len(own_animals) / 2]
    return table.dropna()


def _enough(rows: pd.DataFrame, trials: Trials, n_columns: int) -> bool:
    per_group = (
        rows.drop_duplicates("subject")["group"].value_counts().reindex([trials.case, trials.control], fill_value=0)
    )
    return bool(per_group.min() >= 2 and per_group.sum() - 2 - n_columns - len(trials.covariates) - 1 >= LEAST_DF)


def _primary(found: Findings, how: str, note: str) -> pd.DataFrame:
    effects = found.effects
    rows = effects[(effects["role"] == "primary") & (effects["term"] == GROUP)]
    notes = [f"{each}; {note}".strip("; ") for each in rows["note"]]
    return rows.assign(role=ROLE, method=rows["method"] + f", {how}", note=notes, q=float("nan"))
