"""Design matrices of functional tests: group first, then what it is adjusted for, all centred."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from organokine.phenotype.base import Trials

GROUP = "group"


class Design(NamedTuple):
    """Columns of a linear model of rows (trials or animals).

    Attributes
    ----------
    matrix : numpy.ndarray
        (n_rows, n_columns) float; the first column is one, the second the group: +1/2 for the case and -1/2 for the control, so that
        its coefficient is case - control. All others are centred, so that it is the difference at their middle.
    names : tuple of str
        What each column is.
    rows : pandas.DataFrame
        The rows it is of: those that have all that is adjusted for.
    adjusted_for : tuple of str
        What was put in besides the group.
    notes : tuple of str
        What could not be put in, and why.
    """

    matrix: np.ndarray
    names: tuple[str, ...]
    rows: pd.DataFrame
    adjusted_for: tuple[str, ...]
    notes: tuple[str, ...]

    def weights(self, name: str) -> np.ndarray:
        """(n_columns,) contrast that picks one column."""
        return np.array([float(each == name) for each in self.names])


def make_design(
    rows: pd.DataFrame, trials: Trials, *, numbers: Sequence[str] = (), interaction: str | None = None
) -> Design:
    """Group, sex, covariates and numbers as columns; what is the same for all rows or cannot be told from the group is left out.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with the columns of `Trials.rows`.
    trials : Trials
        Says which group is the case and what the covariates are.
    numbers : sequence of str
        Columns of numbers to adjust for, such as `weight`, `speed` or `day`; rows without them are left out.
    interaction : str, optional
        `sex`, or one of `numbers`: its product with the group is added as the column `group x NAME`.

    Returns
    -------
    Design
        Of full rank.
    """
    notes: list[str] = []
    used = [name for name in numbers if rows[name].notna().any()]
    kept = rows[rows[used].notna().all(axis=1)].reset_index(drop=True) if len(used) > 0 else rows.reset_index(drop=True)
    notes.extend(_lost(rows, kept, used))
    group = np.where(kept["group"] == trials.case, 0.5, -0.5)
    columns: list[tuple[str, str, np.ndarray]] = [("", "intercept", np.ones(len(kept))), ("", GROUP, group)]
    columns += [("sex", *each) for each in _levels(kept, "sex", notes)]
    for name in trials.covariates:
        columns += [(name, *each) for each in _covariate(kept, name, notes)]
    columns += [(name, name, _centred(kept, name)) for name in used]
    if interaction is not None:
        columns += [("", f"{GROUP} x {name}", group * values) for of, name, values in columns if of == interaction]
    matrix, names, adjusted = _of_full_rank(columns, notes)
    return Design(matrix, names, kept, adjusted, tuple(notes))


def _lost(rows: pd.DataFrame, kept: pd.DataFrame, used: Sequence[str]) -> list[str]:
    """What is left out since a number to adjust for is not known: whole animals, and values of animals that have others."""
    said = []
    n_animals = rows["subject"].nunique() - kept["subject"].nunique()
    if n_animals > 0:
        animals = "animal" if n_animals == 1 else "animals"
        said.append(f"{n_animals} {animals} without {' or '.join(used)} {'is' if n_animals == 1 else 'are'} left out")
    n_values = int(rows["subject"].isin(kept["subject"]).sum()) - len(kept)
    if n_values > 0:
        values = "value" if n_values == 1 else "values"
        said.append(
            f"{n_values} {values} without {' or '.join(used)} of other animals {'is' if n_values == 1 else 'are'} left out"
        )
    return said


def _centred(rows: pd.DataFrame, name: str) -> np.ndarray:
    """A column of numbers minus its middle: of the days tested for a day, else of the animals, so that no animal counts more."""
    values = rows[name].to_numpy(dtype=float)
    if name == "day":
        return values - float(np.mean(np.unique(values)))
    return values - float(rows.groupby("subject")[name].mean().mean())


def _levels(rows: pd.DataFrame, name: str, notes: list[str]) -> list[tuple[str, np.ndarray]]:
    """One column per level but the first; each animal counts once in the centring, whatever its number of rows."""
    text = rows[name].astype(str)
    levels = sorted(set(text))
    if len(levels) < 2:
        return []
    if "" in levels:
        n = rows.loc[text == "", "subject"].nunique()
        notes.append(f"{name} is not known of {n} animals, so it is not adjusted for")
        return []
    one_each = rows.drop_duplicates("subject")[name].astype(str)
    found = []
    for level in levels[1:]:
        column = f"{name} {level}" if len(levels) > 2 else name
        found.append((column, (text == level).to_numpy(dtype=float) - float((one_each == level).mean())))
    return found


def _covariate(rows: pd.DataFrame, name: str, notes: list[str]) -> list[tuple[str, np.ndarray]]:
    numbers = pd.to_numeric(rows[name], errors="coerce")
    is_text = numbers.isna() & (rows[name] != "")
    if is_text.any() or numbers.isna().all():
        return _levels(rows, name, notes)
    if numbers.isna().any():
        n = rows.loc[numbers.isna(), "subject"].nunique()
        notes.append(f"{name} is not known of {n} animals, so it is not adjusted for")
        return []
    return [(name, _centred(rows.assign(**{name: numbers}), name))]


def _of_full_rank(
    columns: Iterable[tuple[str, str, np.ndarray]], notes: list[str]
) -> tuple[np.ndarray, tuple[str, ...], tuple[str, ...]]:
    kept: list[np.ndarray] = []
    names: list[str] = []
    adjusted: list[str] = []
    for of, name, values in columns:
        # Of unit length, so that the unit of a covariate does not decide whether it is told apart.
        size = float(np.linalg.norm(values))
        tried = np.column_stack(
            [*(each / np.linalg.norm(each) for each in kept), values / size if size > 0 else values]
        )
        if len(kept) > 0 and np.linalg.matrix_rank(tried) == len(kept):
            if np.ptp(values) > 0:
                notes.append(
                    f"{name} cannot be told from the group or from the other columns, so it is not adjusted for"
                )
            continue
        kept.append(values)
        names.append(name)
        if of != "" and of not in adjusted:
            adjusted.append(of)
    return np.column_stack(kept), tuple(names), tuple(adjusted)
