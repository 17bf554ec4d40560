"""Rows of the table `phenotypes`: one effect, by one model, in words and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from organokine.errors import DataError
from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.phenotype.design import GROUP, Design, make_design
from organokine.phenotype.structure import LEAST_ANIMALS, LEAST_CAGES, Structure, find_structure
from organokine.phenotype_tables import PHENOTYPES

if TYPE_CHECKING:
    from organokine.phenotype.base import Trials
    from organokine.phenotype.models import Contrast, MixedFit

ESTIMATED = "estimated"
NOT_ESTIMATED = "not_estimated"
ALL_ALIKE = "all_alike"
NO_EVENT = "no_event"
STATES = {
    ESTIMATED: "an estimate, with p unless the note says why not",
    NOT_ESTIMATED: "nothing; the note says why",
    ALL_ALIKE: "nothing, since no animal slipped, or all or none failed",
    NO_EVENT: "p, but no estimate: in one group none, or all, of the animals did",
}
"""What a row of the table `phenotypes` holds, by its state."""
LEAST_DF = 4
"""Degrees of freedom that a second model, with an interaction or with blocks, must leave; with fewer its interval says nothing."""
LEAST_PART = 0.01
"""Share of the variance of an effect from which a stratum counts in its degrees of freedom, where cages hold both groups."""
Row = dict[str, Any]


class Told(NamedTuple):
    """How a row is labelled.

    Attributes
    ----------
    role : str
        `primary`, `secondary`, `sensitivity` or `adjusted`.
    method : str
        How it was estimated; empty for the name of the model.
    unit : str or None
        Unit of the difference; None for that of the test.
    is_log : bool
        Values are natural logarithms, and the row is a ratio.
    """

    role: str = "primary"
    method: str = ""
    unit: str | None = None
    is_log: bool = False


def linear_effect(
    rows: pd.DataFrame,
    trials: Trials,
    measure: str,
    *,
    numbers: Sequence[str] = (),
    interaction: str | None = None,
    term: str = GROUP,
    told: Told | None = None,
) -> Row:
    """Effect of the group, or its interaction, on values that may be several per animal; the animal (or its cage) is the unit.

    A linear mixed model with random intercepts of animals, and of cages where they matter; with one value per animal it is
    ordinary least squares. Null hypothesis: the groups have the same mean, given what is adjusted for.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one measure, with the columns of `Trials.rows`.
    trials : Trials
        The test.
    measure : str
        Name of the measure in the table.
    numbers : sequence of str
        Columns of numbers to adjust for.
    interaction : str, optional
        `sex`, or one of `numbers`, whose product with the group is in the model.
    term : str
        The column asked for: `group`, or `group x NAME` of the interaction.
    told : Told, optional
        How the row is labelled; as the primary answer in the unit of the test if left out.

    Returns
    -------
    dict
        A row of the table `phenotypes`; with the state `not_estimated` and the reason in its note if the model cannot be fitted.
    """
    label = Told() if told is None else told
    if find_structure(rows).kind == "partly_mixed":
        rows, trials = rows.assign(block=rows["cage"]), trials_with_blocks(trials)
    design = make_design(_one_each(rows, numbers), trials, numbers=numbers, interaction=interaction)
    structure = find_structure(design.rows)
    notes = [*design.notes, *([structure.note] if structure.note != "" else [])]
    method = label.method if label.method != "" else _method(design.rows, structure)
    row = row_of(trials, measure, term, label.role, method) | counts_of(design.rows, trials)
    row |= {"adjusted_for": ";".join(design.adjusted_for), "scale": "ratio" if label.is_log else "difference"}
    row["unit"] = "" if label.is_log else trials.unit if label.unit is None else label.unit
    if structure.kind == "cage_unit":
        row["n_units"] = structure.n_cages
    refused = _refused(row, term, design)
    if refused != "":
        return row | {"state": NOT_ESTIMATED, "note": "; ".join([*notes, refused])}
    try:
        found = _fit(design, structure, term)
    except DataError as error:
        return row | {"state": NOT_ESTIMATED, "note": "; ".join([*notes, error.problems[0].what])}
    if not found.df > 0:
        notes.append("there is no degree of freedom left for a test")
    return row | numbers_of(found, is_log=label.is_log) | {"state": ESTIMATED, "note": "; ".join(notes)}


def _one_each(rows: pd.DataFrame, numbers: Sequence[str]) -> pd.DataFrame:
    """The rows; one per animal if one value was written into all rows of each animal, since copies are not trials."""
    same = rows.groupby("subject")[["value", *numbers]].nunique(dropna=False)
    if len(same) == 0 or (same > 1).any(axis=None):
        return rows
    return rows.drop_duplicates("subject").reset_index(drop=True)


def _refused(row: Row, term: str, design: Design) -> str:
    """Why there is no model to fit; empty if there is one."""
    if min(row["n_case"], row["n_control"]) < LEAST_ANIMALS:
        return f"{row['n_case']} animals of the case and {row['n_control']} of the control are left: too few to compare"
    if term not in design.names:
        return f"{term} cannot be told apart from the other columns"
    return ""


def _fit(design: Design, structure: Structure, term: str) -> Contrast:
    from organokine.phenotype.models import contrast_of, random_intercepts

    rows = design.rows
    cage = rows["cage"] if structure.kind in {"cage_unit", "one_cage", "random_cage"} else None
    fit = random_intercepts(rows["value"], design.matrix, rows["subject"], cage)
    weights = design.weights(term)
    return contrast_of(fit, weights, df=_least_df(fit, weights) if structure.kind == "random_cage" else None)


def _least_df(fit: MixedFit, weights: np.ndarray) -> float:
    """The fewest degrees of freedom of the strata (cages, animals, trials) that tell more than `LEAST_PART` of an effect.

    Where some cages hold both groups and some one, an effect is weighed together from cages and from animals by variances that are
    estimated; the degrees of freedom of the whole do not reckon with that, and p would be too small: 7 to 9 % instead of 5 % with eight
    cages, six of them of one group (5 to 7 % with these).
    """
    parts = np.einsum("i,kij,j->k", weights, fit.strata.covariance, weights)
    return float(fit.strata.df[parts > LEAST_PART * parts.sum()].min())


def _method(rows: pd.DataFrame, structure: Structure) -> str:
    several = rows["subject"].duplicated().any()
    if structure.kind in {"cage_unit", "one_cage", "random_cage"}:
        return "mixed model, animals in cages" if several else "mixed model of animals in cages"
    return "mixed model of trials" if several else "linear model of animals"


def numbers_of(found: Contrast, *, is_log: bool) -> Row:
    """Estimate, standard error, interval and p of a contrast, as differences or as ratios."""
    change = np.exp if is_log else float
    return {
        "estimate": float(change(found.estimate)),
        "se": found.se,
        "df": found.df,
        "ci_low": float(change(found.ci_low)),
        "ci_high": float(change(found.ci_high)),
        "p": found.p,
    }


def row_of(trials: Trials, measure: str, term: str, role: str, method: str) -> Row:
    """What identifies a row of the table `phenotypes`."""
    return {
        "phenotype": trials.name,
        "test": trials.test,
        "measure": measure,
        "term": term,
        "method": method,
        "role": role,
    }


def counts_of(rows: pd.DataFrame, trials: Trials) -> Row:
    """Animals of each group and values that a row rests on."""
    animals = rows.drop_duplicates("subject")
    n_case = int((animals["group"] == trials.case).sum())
    n_control = int((animals["group"] == trials.control).sum())
    return {"n_case": n_case, "n_control": n_control, "n_units": n_case + n_control, "n_values": len(rows)}


def sex_interaction(
    rows: pd.DataFrame, trials: Trials, measure: str, *, is_log: bool = False, **given: Any
) -> list[Row]:
    """The row `group x sex`: does the effect differ between the sexes; none with one sex, or too few animals to say."""
    animals = rows.drop_duplicates("subject")
    cells = animals.groupby(["group", "sex"]).size()
    if animals["sex"].nunique() != 2 or (animals["sex"] == "").any() or len(cells) < 4 or len(animals) - 4 < LEAST_DF:
        return []
    return [
        linear_effect(
            rows,
            trials,
            measure,
            interaction="sex",
            term=f"{GROUP} x sex",
            told=Told("secondary", is_log=is_log),
            **given,
        )
    ]


def cage_sensitivity(
    rows: pd.DataFrame, trials: Trials, measure: str, *, is_log: bool = False, **given: Any
) -> list[Row]:
    """The effect with cages as blocks, where they are too few for a variance between them."""
    if find_structure(rows).kind != "few_cages":
        return []
    blocked = trials_with_blocks(trials)
    row = linear_effect(
        rows.assign(block=rows["cage"], cage=""), blocked, measure, told=Told("sensitivity", is_log=is_log), **given
    )
    return [row | {"method": f"{row['method']}, cages as blocks (fewer than {LEAST_CAGES})"}]


def trials_with_blocks(trials: Trials) -> Trials:
    """The same test with the column `block` among its covariates."""
    from dataclasses import replace

    return replace(trials, covariates=(*trials.covariates, "block"))


def standardised(row: Row, animals: pd.DataFrame, trials: Trials) -> Row:
    """A row of a difference with the same in standard deviations between animals; NaN if it was not estimated."""
    return row | {"standardised": hedges_g(row.get("estimate", float("nan")), animals, trials)}


def primary_effects(
    rows: pd.DataFrame,
    trials: Trials,
    measure: str,
    animals: pd.DataFrame,
    *,
    numbers: Sequence[str] = (),
    told: Told | None = None,
) -> list[Row]:
    """The primary row of a measure, with cages as blocks where they are too few, and whether it depends on sex.

    Parameters
    ----------
    rows, trials, measure, numbers, told
        As of `linear_effect`; `told` labels the primary row alone.
    animals : pandas.DataFrame
        One row per animal with what stands for it in `value`, between which the effect is standardised.

    Returns
    -------
    list of dict
        Rows of the table `phenotypes`.
    """
    return [
        standardised(linear_effect(rows, trials, measure, numbers=numbers, told=told), animals, trials),
        *cage_sensitivity(rows, trials, measure, numbers=numbers),
        *sex_interaction(rows, trials, measure, numbers=numbers),
    ]


def hedges_g(difference: float, animals: pd.DataFrame, trials: Trials) -> float:
    """A difference in standard deviations between the animals of one group, corrected for their number.

    Parameters
    ----------
    difference : float
        Case - control, in the unit of the column `value`.
    animals : pandas.DataFrame
        One row per animal: `group`, `value`.
    trials : Trials
        The test.

    Returns
    -------
    float
        NaN if the animals do not vary (Hedges 1981, doi:10.3102/10769986006002107).
    """
    parts = [animals.loc[animals["group"] == level, "value"] for level in (trials.case, trials.control)]
    df = sum(len(part) for part in parts) - 2
    variance = sum(float(((part - part.mean()) ** 2).sum()) for part in parts) / max(df, 1)
    if df < 1 or not variance > 0:
        return float("nan")
    return difference / float(np.sqrt(variance)) * (1 - 3 / (4 * df - 1))


def effect_table(rows: Iterable[Row]) -> pd.DataFrame:
    """The table `phenotypes` of one test, with `q` over its primary rows: one per declared measure."""
    frame = pd.DataFrame(list(rows))
    if len(frame) == 0:
        return PHENOTYPES.empty()
    frame["q"] = np.nan
    family = (frame["role"] == "primary") & (frame["term"] == GROUP)
    if "p" in frame.columns and family.any():
        frame.loc[family, "q"] = benjamini_hochberg(frame.loc[family, "p"].to_numpy(dtype=float))
    return PHENOTYPES.conform(frame)
