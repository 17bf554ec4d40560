"""Columns of the sample sheet against the leading components of an assay, and against its contrast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from organokine.design import covariate_column
from organokine.kernels.association import Components, confounding, explained_share, leading_components
from organokine.kernels.multiple_testing import benjamini_hochberg

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.study_file import ContrastSection

N_COMPONENTS = 3
"""Components that are looked at: a batch worth a column of the model is among the first, and every further one thins the
correction."""
LEAST_DF = 3
"""Residual degrees of freedom from which a share is looked at: with fewer, nine tenths of a component are explained by chance."""
BATCH_Q = 0.05
"""False discovery rate of the flag `batch_effect` within an assay: the usual level, since the remedy is a look at the sheet."""
LEAST_SHARE = 0.1
"""Share of a component below which a column is not flagged however small its p: in a large cohort everything is significant."""
CONFOUNDED = 0.8
"""Share of the contrast from which a column is said to go with it: Cramer's V of 0.9, a fifth of the information left."""
MOST_LABELS = 6
"""Distinct whole numbers up to which a numeric column is taken for labels; a line through them would miss a middle batch."""


class _Column(NamedTuple):
    """A design column as the kernels take it: (n_known, n_columns), which samples have a value, and remarks."""

    matrix: np.ndarray
    known: np.ndarray
    remark: str
    is_usable: bool


def batch_rows(
    adata: AnnData, sheet: pd.DataFrame, is_outlier: np.ndarray, contrast: ContrastSection | None
) -> pd.DataFrame:
    """How much of the leading components of an assay each column of the sample sheet explains.

    Every column is held against the components as they are, and, if there is a contrast, against those of what the rest of the
    model (factor and covariates) leaves. Null hypothesis: given what was taken out, samples do not differ by the column; see
    `organokine.kernels.association.explained_share`. p are corrected over the columns of one role and their components, so
    that what a covariate explains does not lower the bar for a column that is not in the model.

    Parameters
    ----------
    adata : anndata.AnnData
        A prepared assay.
    sheet : pandas.DataFrame
        Its samples in the same order: `subject` and the columns to look at.
    is_outlier : numpy.ndarray
        (n_samples,) samples that stand apart: each would be a component of its own, so that this look, and only this one,
        does without them, and says so.
    contrast : ContrastSection, optional
        What the assay is for.

    Returns
    -------
    pandas.DataFrame
        Rows of the table `qc_batch`.
    """
    obs = sheet[~is_outlier]
    values = np.asarray(adata.X, dtype=float)[~is_outlier][:, adata.var["kept"].to_numpy(dtype=bool)].T
    looks = _Looks(obs, values)
    model = _model(contrast)
    rows = []
    # A sheet of several assays has columns that only other assays fill.
    for name in (column for column in obs.columns if column != "subject" and obs[column].notna().any()):
        role = "other" if name not in model else ("factor" if name == next(iter(model)) else "covariate")
        column = _coded(obs[name], as_labels=model.get(name, False))
        apart = _confounding(column, obs, contrast) if role != "factor" else {}
        note = "; ".join(filter(None, [column.remark, _without(adata.obs_names[is_outlier])]))
        about = {"assay": adata.uns["organokine"]["name"], "column": name, "role": role, "note": note} | apart
        others = {key: labels for key, labels in model.items() if key != name}
        for given in [{}, others] if column.is_usable and len(others) > 0 else [{}]:
            rows += [about | row for row in looks.rows(column, given, str(about["note"]))]
    table = pd.DataFrame(rows, columns=[*_FOUND, "assay", "column", "role", "confounding", "confounding_by_chance"])
    return table.assign(q=_corrected(table))


_FOUND = ("given", "component", "component_share", "share", "df", "p", "n", "note")


class _Looks:
    """Components of one assay under each design that was taken out, found once."""

    def __init__(self, obs: pd.DataFrame, values: np.ndarray) -> None:
        self.obs = obs
        self.values = values
        self.is_independent = not obs["subject"].duplicated().any()
        self.found: dict[tuple[str, ...], tuple[np.ndarray, Components]] = {}

    def rows(self, column: _Column, given: Mapping[str, bool], note: str) -> Iterator[dict[str, Any]]:
        """One row per component; one of component 0 that says why, if none could be looked at."""
        taken_out = ", ".join(given)
        about: dict[str, Any] = {"given": taken_out, "n": int(column.known.sum())}
        if not column.is_usable:
            yield about | {"component": 0, "note": note}
            return
        design, components = self._components(given)
        association = explained_share(components.scores[column.known], column.matrix, design[column.known])
        why = _why_not(components, association.df, association.df_residual, taken_out)
        if why != "":
            yield about | {"component": 0, "df": association.df, "note": "; ".join(filter(None, [why, note]))}
            return
        if not self.is_independent:
            note = "; ".join(filter(None, [note, "several samples of one animal: no p-value"]))
        for place in np.flatnonzero(np.isfinite(components.share)):
            yield about | {
                "component": int(place) + 1,
                "component_share": components.share[place],
                "share": association.share[place],
                "df": association.df,
                "p": association.p[place] if self.is_independent else np.nan,
                "note": note,
            }

    def _components(self, given: Mapping[str, bool]) -> tuple[np.ndarray, Components]:
        key = tuple(given)
        if key not in self.found:
            parts = [_coded(self.obs[name], as_labels=labels).matrix for name, labels in given.items()]
            design = np.column_stack([np.ones(len(self.obs)), *parts])
            self.found[key] = design, leading_components(self.values, design, N_COMPONENTS)
        return self.found[key]


def _why_not(components: Components, df: int, df_residual: int, given: str) -> str:
    if not np.isfinite(components.share).any():
        return (
            "no feature is measured in all samples" if components.n_features == 0 else f"nothing varies beyond {given}"
        )
    if df == 0:
        return f"follows from {given}" if given != "" else "does not vary"
    return f"too few samples: {max(df_residual, 0)} degrees of freedom are left" if df_residual < LEAST_DF else ""


def _model(contrast: ContrastSection | None) -> dict[str, bool]:
    """Columns of the model, factor first, and whether they are labels whatever they look like."""
    if contrast is None:
        return {}
    covariates = {covariate_column(each): covariate_column(each) != each for each in contrast.covariates}
    return {contrast.factor: True} | {name: labels for name, labels in covariates.items() if name != contrast.factor}


def _coded(values: pd.Series, *, as_labels: bool) -> _Column:
    """Indicators of every level, or the number; samples without a value are left out."""
    known = values.notna().to_numpy(dtype=bool)
    present = values[known]
    distinct = int(present.nunique())
    remark, is_usable = "", True
    is_number = values.dtype.kind in "iuf"
    if is_number and not as_labels and _are_labels(present):
        as_labels, remark = True, f"{distinct} whole numbers, taken for labels"
    if is_number and not as_labels:
        numbers = present.to_numpy(dtype=float)
        matrix = (numbers - numbers.mean())[:, None] if len(numbers) > 0 else np.empty((0, 1))
    else:
        labels = present.astype(str).to_numpy(dtype=str)
        matrix = (labels[:, None] == np.unique(labels)[None, :]).astype(float)
        if distinct > len(labels) / 2 and distinct > 1:
            is_usable, remark = False, f"{distinct} labels for {len(labels)} samples: names, not batches"
    if distinct <= 1:
        is_usable, remark = False, "the same in all samples"
    return _Column(matrix, known, remark, is_usable)


def _are_labels(numbers: pd.Series) -> bool:
    """Few whole numbers, of which most stand for several samples; an order of runs has each once."""
    distinct = int(numbers.nunique())
    return distinct <= min(MOST_LABELS, len(numbers) / 2) and bool((numbers.astype(float) % 1 == 0).all())


def _confounding(column: _Column, obs: pd.DataFrame, contrast: ContrastSection | None) -> dict[str, float]:
    if contrast is None or not column.is_usable:
        return {}
    is_case = (obs[contrast.factor].astype(str) == contrast.case).to_numpy(dtype=float)[column.known]
    share, by_chance = confounding(column.matrix, is_case, np.ones((len(is_case), 1)))
    return {"confounding": share, "confounding_by_chance": by_chance}


def _without(outliers: pd.Index) -> str:
    return "" if len(outliers) == 0 else f"looked at without {', '.join(map(str, outliers))}, named as standing apart"


def _corrected(table: pd.DataFrame) -> np.ndarray:
    """False discovery rates over the columns of one role and their components, for each of the two looks."""
    q = np.full(len(table), np.nan)
    for rows in table.groupby(["role", table["given"] == ""]).indices.values():
        q[rows] = benjamini_hochberg(table["p"].to_numpy(dtype=float)[rows])
    return q


def batch_flags(table: pd.DataFrame, contrast: ContrastSection | None) -> list[dict[str, str]]:
    """Remarks on one assay: columns outside the model that explain a leading component, and columns that go with the contrast.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of `qc_batch` of one assay.
    contrast : ContrastSection, optional
        What the assay is for; without one there is no model and no remark.

    Returns
    -------
    list of dict
        Rows of the table `flags`. `batch_effect` is raised without any batch in at most the share `BATCH_Q` of assays;
        `batch_confounded` describes the design, and no test is behind it.
    """
    if contrast is None or len(table) == 0:
        return []
    said = {"batch_effect": _effects(table), "batch_confounded": _confounded(table, contrast.factor)}
    name = str(table["assay"].iloc[0])
    return [
        {"scope": "assay", "name": name, "flag": flag, "source": "quality", "detail": detail}
        for flag, detail in said.items()
        if detail != ""
    ]


def found_effects(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `qc_batch` that make the flag `batch_effect`: of each column outside the model the component it explains best."""
    is_found = (
        (table["role"] == "other") & (table["given"] != "") & (table["q"] <= BATCH_Q) & (table["share"] >= LEAST_SHARE)
    )
    found = table.assign(weight=table["share"] * table["component_share"])[is_found]
    return found.sort_values("weight", ascending=False, kind="stable").drop_duplicates("column")


def _effects(table: pd.DataFrame) -> str:
    said = []
    for row in found_effects(table).to_dict("records"):
        given, verb = " and ".join(row["given"].rsplit(", ", 1)), "leave" if ", " in row["given"] else "leaves"
        said.append(
            f"{row['column']!r} explains {row['share']:.0%} of component {row['component']} "
            f"({row['component_share']:.0%} of the variance) of what {given} {verb} (q = {row['q']:.2g})"
        )
    return "; ".join(said) + ("; not in the model: if it is a batch, name it in covariates" if len(said) > 0 else "")


def _confounded(table: pd.DataFrame, factor: str) -> str:
    columns = table.drop_duplicates("column")
    columns = columns[columns["confounding"] >= CONFOUNDED]
    said = [
        f"{row.column!r} goes with {factor} ({row.confounding:.0%} of the contrast)" for row in columns.itertuples()
    ]
    if len(said) == 0:
        return ""
    return (
        f"{'; '.join(said)}: if it is a batch, no statistics can tell its effect from that of {factor}; if it only names the groups "
        "in other words, nothing is wrong"
    )
