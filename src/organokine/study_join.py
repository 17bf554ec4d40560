"""The join of one table with the sample sheet, counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData

from organokine.design import covariate_column, design_matrix
from organokine.errors import DataError, Problem, first_examples
from organokine.readers import Count, RawMatrix, Remark
from organokine.study_file import ContrastSection

if TYPE_CHECKING:
    from organokine.perturbation_section import PerturbationSection
    from organokine.study_file import AssaySection

LEAST_SAMPLES = 2  # a variance within a group needs two


class Joined(NamedTuple):
    """One assay after the join, with what was counted, remarked and found wrong."""

    data: AnnData
    counts: list[Count]
    remarks: list[Remark]
    problems: list[Problem]


def as_text(values: pd.Series) -> pd.Series:
    """Values of a design column as text, as a study file writes them: `24` and not `24.0`; missing is the empty string."""
    held = values.to_numpy(dtype=object)
    text = [
        "" if missing else str(int(value)) if isinstance(value, float) and value % 1 == 0 else str(value)
        for value, missing in zip(held, pd.isna(held), strict=True)
    ]
    return pd.Series(text, index=values.index, dtype=object)


def join_assay(
    assay: AssaySection,
    table: RawMatrix,
    samples: pd.DataFrame,
    contrast: ContrastSection | None,
    arms: Sequence[PerturbationSection] = (),
) -> Joined:
    """Join one table with its rows of the sample sheet.

    Parameters
    ----------
    assay : AssaySection
        The section of the assay.
    table : RawMatrix
        Its table.
    samples : pandas.DataFrame
        The whole sample sheet.
    contrast : ContrastSection or None
        The contrast of the study; None keeps all samples.
    arms : sequence of PerturbationSection
        The perturbations the assay belongs to: their factor and levels take the place of the contrast.

    Returns
    -------
    Joined
        The AnnData of `Study`, and what was counted.
    """
    asked = contrast if len(arms) == 0 else None
    listed = samples[samples["assay"] == assay.name] if "assay" in samples.columns else samples
    position = pd.Index(table.values.columns).get_indexer(pd.Index(listed["sample"]))
    with_column = listed[position >= 0]
    rows = with_column if asked is None else with_column[_of_contrast(with_column, asked)]
    if len(arms) > 0:
        levels = {level for arm in arms for level in arm.levels}
        rows = with_column[as_text(with_column[arms[0].factor]).isin(levels)]
    rows = rows.sort_values("sample")
    obs = rows.drop(columns=[name for name in ("assay", "sample") if name in rows.columns])
    obs = obs[["subject", *(name for name in obs.columns if name != "subject")]].set_axis(
        pd.Index(rows["sample"], dtype=object, name="sample"), axis="index"
    )
    obs["subject"] = as_text(obs["subject"])
    for factor in ([] if asked is None else [asked.factor]) + [arm.factor for arm in arms]:
        obs[factor] = as_text(obs[factor])
    columns = pd.Index(table.values.columns).get_indexer(pd.Index(rows["sample"]))
    numbers = np.ascontiguousarray(table.values.to_numpy(dtype=float)[:, columns].T)
    var, gene_counts = _features(table, numbers)
    data = AnnData(X=numbers, obs=obs, var=var, uns={"organokine": _origin(assay, table)})
    counts = [
        *_sample_counts(listed, with_column, rows, samples, _choice(asked, arms)),
        *table.counts,
        *gene_counts,
        *_value_counts(numbers, obs),
    ]
    problems = list(_problems(assay, data, asked))
    return Joined(data, counts, [*table.remarks, *_number_remarks(obs, contrast)], problems)


def representative_rows(gene: pd.Series, numbers: np.ndarray, precursors: pd.Series) -> np.ndarray:
    """Choose the one row that stands for each gene.

    The row with the most measured values; then the most precursors; then the highest mean; then the first identifier in
    alphabetical order. The rule looks at no group, so it cannot favour a difference.

    Parameters
    ----------
    gene : pandas.Series
        (n_features,) symbols, index the identifiers; empty if unmapped.
    numbers : numpy.ndarray
        (n_samples, n_features), NaN is not measured.
    precursors : pandas.Series
        (n_features,) number of precursors or peptides, NaN if unknown.

    Returns
    -------
    numpy.ndarray
        (n_features,) bool; false in every row without a gene.
    """
    mapped = (gene != "").to_numpy()
    repeated = gene.duplicated(keep=False).to_numpy() & mapped
    chosen = mapped & ~repeated
    rows = np.flatnonzero(repeated)
    if len(rows) == 0:
        return chosen
    measured = ~np.isnan(numbers[:, rows])
    n_measured = measured.sum(axis=0)
    mean = np.where(measured, numbers[:, rows], 0.0).sum(axis=0) / np.maximum(n_measured, 1)
    known = np.nan_to_num(precursors.to_numpy(dtype=float)[rows], nan=-1.0)
    order = np.lexsort((gene.index[rows].to_numpy(dtype=str), -mean, -known, -n_measured))
    best = ~gene.iloc[rows[order]].duplicated().to_numpy()
    chosen[rows[order][best]] = True
    return chosen


def unmatched_samples(tables: Mapping[str, RawMatrix], samples: pd.DataFrame) -> list[Count]:
    """Count the rows of a sheet without a column `assay` that no table holds, and those that several hold."""
    if "assay" in samples.columns:
        return []
    columns = pd.Series([name for table in tables.values() for name in table.values.columns], dtype=object)
    found = samples["sample"].map(columns.value_counts()).fillna(0)
    counts = [Count("rows of the sample sheet", len(samples), None, "", "for all assays")]
    if (found == 0).any():
        absent = samples.loc[found == 0, "sample"]
        note = "no table has a column of that name"
        counts.append(
            Count("samples in the sheet without a column", len(absent), len(samples), first_examples(absent), note)
        )
    if (found > 1).any():
        shared = samples.loc[found > 1, "sample"]
        note = "columns of that name stand in several tables: the row describes them all"
        counts.append(Count("samples of several assays", len(shared), len(samples), first_examples(shared), note))
    return counts


def _of_contrast(rows: pd.DataFrame, contrast: ContrastSection) -> pd.Series:
    return as_text(rows[contrast.factor]).isin([contrast.case, contrast.control]) & rows_within(rows, contrast.within)


def rows_within(rows: pd.DataFrame, within: Mapping[str, str | tuple[str, ...]]) -> pd.Series:
    """Which rows have the values that are asked for, in all columns that are named."""
    kept = pd.Series(True, index=rows.index)  # noqa: FBT003
    for column, allowed in within.items():
        kept &= as_text(rows[column]).isin([allowed] if isinstance(allowed, str) else allowed)
    return kept


def _origin(assay: AssaySection, table: RawMatrix) -> dict[str, str]:
    return {
        "organ": assay.organ,
        "modality": assay.modality,
        "scale": table.scale,
        "file": table.file,
        "sha256": table.sha256,
        "reader": table.reader,
    }


def _features(table: RawMatrix, numbers: np.ndarray) -> tuple[pd.DataFrame, list[Count]]:
    given = table.features
    n_features = len(given)
    gene = given["gene"]
    precursors = (
        given["precursors"] if "precursors" in given.columns else pd.Series(np.full(n_features, np.nan), given.index)
    )
    representative = representative_rows(gene, numbers, precursors)
    var = pd.DataFrame(
        {
            "gene": gene.to_numpy(dtype=object),
            "genes": (given["genes"] if "genes" in given.columns else gene).to_numpy(dtype=object),
            "protein": given["protein"].to_numpy(dtype=object) if "protein" in given.columns else "",
            "precursors": precursors.to_numpy(dtype=float),
            "representative": representative,
        },
        index=pd.Index(given.index, dtype=object, name="feature"),
    )
    n_genes = int(representative.sum())
    counts = [Count("features", n_features, None, "", ""), Count("genes", n_genes, n_features, "", "")]
    several = gene[(gene != "") & gene.duplicated()].unique()
    if len(several) > 0:
        note = "one row stands for the gene: most measured values, then precursors, then mean, then first identifier; all rows stay"
        counts.append(Count("genes on several features", len(several), n_genes, first_examples(several), note))
    return var, counts


def _choice(asked: ContrastSection | None, arms: Sequence[PerturbationSection]) -> str:
    """Which of the matched samples are used, in words."""
    if len(arms) > 0:
        return "samples of its perturbation, out of those matched"
    return "all that were matched" if asked is None else "samples of the contrast, out of those matched"


def _sample_counts(
    listed: pd.DataFrame, with_column: pd.DataFrame, rows: pd.DataFrame, samples: pd.DataFrame, choice: str
) -> Iterator[Count]:
    yield Count("samples used", len(rows), len(with_column), "", choice)
    if "assay" not in samples.columns:
        return
    yield Count("samples matched", len(with_column), len(listed), "", "in the sample sheet and in the table")
    absent = listed.loc[~listed["sample"].isin(with_column["sample"]), "sample"]
    if len(absent) > 0:
        note = "the table has no column of that name"
        yield Count("samples in the sheet without a column", len(absent), len(listed), first_examples(absent), note)


def _value_counts(numbers: np.ndarray, obs: pd.DataFrame, minimum_share: float = 0.05) -> Iterator[Count]:
    """Count missing values, features without any, and samples that are missing together.

    A set of two or more samples that `minimum_share` of all features lack together, and no other sample, is a block: chance
    would spread missing values over many sets, a batch of a multiplexed experiment takes its samples together.
    """
    missing = np.isnan(numbers)
    n_missing = int(missing.sum())
    if n_missing == 0:
        return
    yield Count("missing values", n_missing, numbers.size, "", "not measured; nothing is imputed")
    n_samples, n_features = numbers.shape
    empty = int(missing.all(axis=0).sum())
    if empty > 0:
        yield Count("features without a value", empty, n_features, "", "in the samples used; they cannot be tested")
    packed = np.ascontiguousarray(np.packbits(missing, axis=0).T)
    _, first, sizes = np.unique(packed.view(f"V{packed.shape[1]}").ravel(), return_index=True, return_counts=True)
    frequent = np.flatnonzero(sizes > minimum_share * n_features)
    frequent = frequent[np.lexsort((first[frequent], -sizes[frequent]))]
    lacking = [(int(sizes[pattern]), missing[:, first[pattern]]) for pattern in frequent]
    blocks = [(size, obs.index[lack]) for size, lack in lacking if 2 <= lack.sum() < n_samples]
    if len(blocks) > 0:
        example = "; ".join(f"{size} features lack {first_examples(names, 4)}" for size, names in blocks[:3])
        note = (
            "samples that lack the same features: missing by batch, not by abundance; if these samples were labelled or run "
            "together, add a column to the sheet and name it in covariates"
        )
        yield Count("features missing in whole blocks", sum(size for size, _ in blocks), n_features, example, note)


def _number_remarks(obs: pd.DataFrame, contrast: ContrastSection | None, most_levels: int = 6) -> Iterator[Remark]:
    """Name covariates that look like labels written as numbers: few distinct whole numbers."""
    for covariate in () if contrast is None else contrast.covariates:
        if covariate not in obs.columns or obs[covariate].dtype.kind not in "iuf":
            continue
        values = obs[covariate].dropna().unique()
        if len(values) <= most_levels and bool((values % 1 == 0).all()):
            detail = (
                f"the covariate {covariate!r} has {len(values)} whole numbers and enters as a number; "
                f"write 'C({covariate})' if they are labels"
            )
            yield Remark("study", covariate, "covariate_read_as_number", detail)


def _problems(assay: AssaySection, data: AnnData, asked: ContrastSection | None) -> Iterator[Problem]:
    where = f"[assay {assay.name}]"
    if data.n_obs > 0:
        silent = data.obs_names[np.isnan(data.X).all(axis=1)]
        if len(silent) > 0:
            what = f"{len(silent)} samples have no value at all: {first_examples(silent)}"
            why = "A sample without values cannot be normalised"
            yield Problem(where, what, why, "Take them out of the sample sheet, or look at the table")
    if asked is not None:
        yield from group_problems(where, data.obs, asked)


def group_problems(where: str, obs: pd.DataFrame, asked: ContrastSection) -> Iterator[Problem]:
    """What keeps two groups of animals from being compared: repeated animals, too few, covariates missing or confounded.

    Parameters
    ----------
    where : str
        What to call the samples in a message.
    obs : pandas.DataFrame
        Samples with `subject`, the factor as text, and the covariates; those of other levels are not looked at.
    asked : ContrastSection
        Factor, levels and covariates.

    Yields
    ------
    Problem
        All of them.
    """
    obs = obs[obs[asked.factor].isin([asked.case, asked.control])]
    several = obs["subject"][obs["subject"].duplicated()].unique()
    if len(several) > 0:
        what = f"{len(several)} subjects have several samples: {first_examples(several)}"
        why = "The animal is the unit of replication, and repeats of one animal would be counted as several animals"
        remedy = "Keep or average to one sample per animal, or give animals their own names; one table alone may name a block"
        yield Problem(where, what, why, remedy)
    groups = obs[asked.factor].value_counts()
    few = [level for level in (asked.case, asked.control) if groups.get(level, 0) < LEAST_SAMPLES]
    if len(few) > 0:
        numbers = " and ".join(f"{int(groups.get(level, 0))} of {asked.factor} = {level!r}" for level in few)
        why = f"The spread within a group is estimated from at least {LEAST_SAMPLES} samples"
        yield Problem(where, f"there are only {numbers}", why, "Add samples, or leave it out of the study file")
        return
    missing = [
        (column, obs.index[obs[column].isna()])
        for column in map(covariate_column, asked.covariates)
        if obs[column].isna().any()
    ]
    for column, names in missing:
        what = f"the covariate {column!r} is missing in {len(names)} samples: {first_examples(names)}"
        why = "A sample without the covariate cannot enter the model, and leaving it out would be silent"
        yield Problem(where, what, why, "Fill it in, take the samples out of the sheet, or leave the covariate out")
    if len(missing) == 0:
        try:
            design_matrix(obs, asked, where)
        except DataError as error:
            yield from error.problems
