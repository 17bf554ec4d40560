"""One perturbation arm: its animals, those it shares with the contrast, whether it moved its gene, and what it can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from organokine.design import Design, design_matrix
from organokine.errors import DataError, Problem
from organokine.evidence.lookup import matrix_by_gene
from organokine.perturbation_section import DECLARED
from organokine.stages.concordance import Side, strata_of
from organokine.stages.differential import assay_differential
from organokine.study_join import LEAST_SAMPLES, as_text

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.perturbation_section import PerturbationSection
    from organokine.study_file import ContrastSection, DifferentialSection, RankingSection

ACTIVITY = ("inhibitor", "compound")
"""Kinds that may act without changing the level, so that an unchanged level is no failure."""
SAME_VALUES = 1e-6
"""Two samples are the same measurement if their log2 values differ by a constant up to this: normalisation shifts, nothing else."""
LEAST_COMMON_VALUES = 20
"""Values two samples must have in common for that to be looked at."""


class Engagement(NamedTuple):
    """Whether the gene product moved.

    Attributes
    ----------
    state : str
        `engaged`, `not_engaged`, `declared` or `not_measured`.
    log2fc, p : float
        Change of the gene in the arm, and its one-sided p in the direction it was to move.
    assay : str
        Where it was seen.
    note : str
        What a reader should know.
    """

    state: str
    log2fc: float
    p: float
    assay: str
    note: str


class Split(NamedTuple):
    """Animals of both sides with none in common.

    Attributes
    ----------
    contrast, arm : list of str or None
        Samples each side keeps; None where the shared ones cannot be divided.
    n_shared : int
        Samples of the arm that the contrast has too.
    note : str
        What was done, or why nothing could be.
    """

    contrast: list[str] | None
    arm: list[str] | None
    n_shared: int
    note: str


def side_of(adata: AnnData, asked: ContrastSection, arm: PerturbationSection | None = None) -> Side:
    """Values, design and groups of the samples of one side; with the second factor of an arm, its interaction.

    Raises
    ------
    DataError
        If the design cannot separate what is asked from a covariate.
    """
    values = matrix_by_gene(adata, kept=adata.uns["organokine"]["scale"] == "log2_cpm")
    level = adata.obs[asked.factor].astype(str).to_numpy(dtype=str)
    strata = strata_of(adata.obs, asked.covariates)
    where = str(adata.uns["organokine"]["name"])
    design = design_matrix(adata.obs, asked, where)
    if arm is None or arm.interaction is None:
        return Side(values, design, level, level == asked.control, strata)
    second = as_text(adata.obs[arm.interaction.factor]).to_numpy(dtype=str)
    is_case, is_other = (level == asked.case).astype(float), (second == arm.interaction.case).astype(float)
    factors = np.column_stack([np.ones(len(level)), is_case, is_other, is_case * is_other])
    names = ("intercept", "case", arm.interaction.factor, "interaction", *design.names[2:])
    matrix = np.column_stack([factors, design.matrix[:, 2:]])
    if np.linalg.matrix_rank(matrix) < matrix.shape[1] or len(matrix) <= matrix.shape[1]:
        what = f"the animals left do not fill the four groups of {asked.factor} and {arm.interaction.factor}"
        if np.linalg.matrix_rank(factors) == factors.shape[1] < matrix.shape[1]:
            what = f"covariates ({', '.join(asked.covariates)}) cannot be told from {asked.factor} and {arm.interaction.factor}"
        raise DataError(Problem(where, what, "An interaction compares all four", "Bring more animals"))
    whole = Design(matrix, names, np.eye(matrix.shape[1])[3])
    groups = np.char.add(np.char.add(level, " "), second)
    return Side(values, whole, groups, (is_case == 0) & (is_other == 0), strata, n_factor=4)


def samples_of(adata: AnnData, asked: ContrastSection, arm: PerturbationSection) -> AnnData:
    """The part of an arm's assay that one of its comparisons looks at."""
    chosen = adata.obs[asked.factor].astype(str).isin([asked.case, asked.control])
    if arm.interaction is not None and arm.interaction.factor in adata.obs.columns:
        chosen &= as_text(adata.obs[arm.interaction.factor]).isin([arm.interaction.case, arm.interaction.control])
    return adata[chosen.to_numpy()]


def shared_samples(contrast: AnnData, arm: AnnData) -> dict[str, str]:
    """Samples of an arm that are samples of the contrast as well: of the same animal, or with the same values.

    Returns
    -------
    dict of str to str
        Sample of the arm to sample of the contrast.
    """
    by_subject = dict(zip(contrast.obs["subject"], contrast.obs_names, strict=True))
    found = {
        sample: by_subject[subject]
        for sample, subject in zip(arm.obs_names, arm.obs["subject"], strict=True)
        if subject in by_subject
    }
    common = contrast.var_names.intersection(arm.var_names)
    theirs = np.asarray(contrast[:, common].X, dtype=float)
    own = np.asarray(arm[:, common].X, dtype=float)
    for sample, values in zip(arm.obs_names, own, strict=True):
        if sample not in found:
            place = _same_measurement(values, theirs)
            if place is not None:
                found[sample] = str(contrast.obs_names[place])
    return found


def _same_measurement(values: np.ndarray, others: np.ndarray) -> int | None:
    both = np.isfinite(values) & np.isfinite(others)
    for place in np.flatnonzero(both.sum(axis=1) >= LEAST_COMMON_VALUES):
        apart = values[both[place]] - others[place, both[place]]
        if np.ptp(apart) <= SAME_VALUES and np.ptp(values[both[place]]) > SAME_VALUES:
            return int(place)
    return None


def divide_shared(
    contrast: AnnData, asked: ContrastSection, arm: AnnData, of_arm: ContrastSection, rng: np.random.Generator
) -> Split:
    """Divide the animals that both sides have between them, so that neither knows the other's.

    Two contrasts that share animals agree, or disagree, by construction: with four young animals in both, the null correlation is
    about one half. Only the control group of the arm is divided; an arm whose perturbed animals are those of the contrast is
    no experiment beside it.

    Parameters
    ----------
    contrast, arm : anndata.AnnData
        Samples of both sides.
    asked, of_arm : ContrastSection
        Factor, levels and covariates of both.
    rng : numpy.random.Generator
        Says who goes where.

    Returns
    -------
    Split
        All samples if none is shared.
    """
    shared = shared_samples(contrast, arm)
    if len(shared) == 0:
        return Split(list(contrast.obs_names), list(arm.obs_names), 0, "")
    is_control = arm.obs[of_arm.factor].astype(str) == of_arm.control
    perturbed = [sample for sample in shared if not is_control[sample]]
    if len(perturbed) > 0:
        note = (
            f"{len(perturbed)} perturbed samples of the arm are samples of the contrast as well, so that the two are not "
            "independent and agree by construction: no p-value"
        )
        return Split(None, None, len(shared), note)
    groups = contrast.obs.loc[[shared[sample] for sample in shared]]
    strata = pd.Series(
        [
            (level, *stratum)
            for level, stratum in zip(groups[asked.factor].astype(str), _strata(groups, asked), strict=True)
        ],
        index=list(shared),
    )
    drawn = strata.iloc[rng.permutation(len(strata))].sort_values(kind="stable")
    to_contrast = set(drawn.index[::2])
    kept_arm = [sample for sample in arm.obs_names if sample not in to_contrast]
    lost = {shared[sample] for sample in shared if sample not in to_contrast}
    kept_contrast = [sample for sample in contrast.obs_names if sample not in lost]
    smallest = min(
        _smallest_group(contrast.obs.loc[kept_contrast], asked), _smallest_group(arm.obs.loc[kept_arm], of_arm)
    )
    if smallest < LEAST_SAMPLES:
        note = (
            f"{len(shared)} controls of the arm are samples of the contrast as well, too few to be divided between the two, "
            "which agree by construction where they share animals: no p-value"
        )
        return Split(None, None, len(shared), note)
    note = (
        f"{len(shared)} controls were samples of the contrast as well and were divided: {len(to_contrast)} stayed with the "
        f"contrast, {len(shared) - len(to_contrast)} with the arm"
    )
    return Split(kept_contrast, kept_arm, len(shared), note)


def _strata(obs: pd.DataFrame, asked: ContrastSection) -> list[tuple[str, ...]]:
    return [tuple(map(str, stratum)) for stratum in strata_of(obs, asked.covariates)]  # type: ignore[call-overload]


def _smallest_group(obs: pd.DataFrame, asked: ContrastSection) -> int:
    level = obs[asked.factor].astype(str)
    return min(int((level == each).sum()) for each in (asked.case, asked.control))


def engagement(
    adata: AnnData,
    asked: ContrastSection,
    arm: PerturbationSection,
    moves: int,
    options: DifferentialSection,
    settings: RankingSection,
) -> Engagement:
    """Whether the gene product moved the way it was to move.

    A gene measured in all animals of one group and in none of the other (a knock-out) moved too; its p is that of Fisher's
    exact test, one-sided.

    Parameters
    ----------
    adata : anndata.AnnData
        Samples of the comparison in the assay in which to look.
    asked : ContrastSection
        Factor and levels.
    arm : PerturbationSection
        The arm.
    moves : int
        +1 up, -1 down, 0 not known: two-sided.
    options : DifferentialSection
        Options of the linear model.
    settings : RankingSection
        Level of engagement.

    Returns
    -------
    Engagement
        Not engaged is said only of kinds that act on the level.
    """
    name = str(adata.uns["organokine"]["name"])
    silent = "declared" if arm.engagement == DECLARED else "not_measured"
    place = np.flatnonzero(
        (adata.var["gene"] == arm.gene).to_numpy() & adata.var["representative"].to_numpy(dtype=bool)
    )
    if len(place) == 0:
        return Engagement(silent, np.nan, np.nan, name, f"{arm.gene} was not measured in {name}")
    measured = np.isfinite(np.asarray(adata.X, dtype=float)[:, place[0]])
    is_case = (adata.obs[asked.factor].astype(str) == asked.case).to_numpy()
    table = [[int((measured & side).sum()), int((~measured & side).sum())] for side in (is_case, ~is_case)]
    one_only = table[0][0] == 0 or table[1][0] == 0
    if one_only and measured.any():
        p = _presence_p(table, moves)
        note = f"{arm.gene} was measured in {table[0][0]} of {sum(table[0])} perturbed and {table[1][0]} of {sum(table[1])} control samples"
        log2fc = float("nan")
    else:
        row = assay_differential(adata, asked, options).iloc[place[0]]
        found = [float(row[column]) if column in row else float("nan") for column in ("log2fc", "t", "df")]
        log2fc, p = found[0], _one_sided_p(found[1], found[2], moves)
        note = "" if np.isfinite(p) else f"{arm.gene} has too few values in {name}"
    return Engagement(_engaged(p, arm.kind, settings.engagement_p, silent), log2fc, p, name, note)


def engagement_of(log2fc: float, t: float, df: float, kind: str, moves: int, level: float, assay: str) -> Engagement:
    """The same from a change that was tested already."""
    p = _one_sided_p(t, df, moves)
    return Engagement(_engaged(p, kind, level, "not_measured"), log2fc, p, assay, "")


def _one_sided_p(t: float, df: float, moves: int) -> float:
    """Two-sided if it is not known where the gene was to move."""
    return float(2 * stats.t.sf(abs(t), df) if moves == 0 else stats.t.sf(moves * t, df))


def _engaged(p: float, kind: str, level: float, silent: str) -> str:
    if np.isfinite(p) and p <= level:
        return "engaged"
    return silent if silent == "declared" or kind in ACTIVITY or not np.isfinite(p) else "not_engaged"


def _presence_p(table: list[list[int]], moves: int) -> float:
    """Fisher's exact test of measured and not measured, perturbed and control animals; two-sided without a direction."""
    (case, absent_case), (control, absent_control) = table
    n_case, n_measured = case + absent_case, case + control
    of_all = n_case + control + absent_control
    more = float(stats.hypergeom.sf(case - 1, of_all, n_measured, n_case))
    less = float(stats.hypergeom.cdf(case, of_all, n_measured, n_case))
    return {1: more, -1: less}.get(moves, min(1.0, 2.0 * min(more, less)))


def background_of(arm: PerturbationSection, obs: pd.DataFrame, contrast: ContrastSection) -> str:
    """Level of the contrast factor that all animals of an arm have: declared, or in the sample sheet; empty if neither."""
    if arm.background is not None:
        return arm.background
    if contrast.factor == arm.factor or contrast.factor not in obs.columns:
        return ""
    levels = set(as_text(obs[contrast.factor]))
    level = next(iter(levels), "")
    return level if len(levels) == 1 and level in {contrast.case, contrast.control} else ""


def can_show(
    arm: PerturbationSection, comparison: str, direction: int, background: str, contrast: ContrastSection
) -> str:
    """The word that this design may print, if its test supports it.

    Parameters
    ----------
    arm : PerturbationSection
        The arm.
    comparison : str
        `perturbed`, `interaction` or `rescue`.
    direction : int
        +1 if it moves the gene the way the contrast does, -1 if the other way, 0 if one of the two is not known.
    background : str
        Level of the contrast factor of its animals, empty if not known.
    contrast : ContrastSection
        The contrast.

    Returns
    -------
    str
        `sufficient`: moved the same way in animals without the contrast. `reproduces`: the same way in others.
        `necessary`: taken away in animals with the contrast. `reverses`: moved back in animals with the contrast, or rescued.
        `opposes`: moved the other way in animals that may have nothing to reverse. `transfers`: all that blood carries was moved.
        `undirected`: neither is known to be expected.
    """
    if arm.kind == "transfer":
        return "transfers"
    if direction == 0:
        return "undirected"
    if direction > 0:
        is_plain = comparison == "perturbed" and background == contrast.control
        return "sufficient" if is_plain else "reproduces"
    if comparison == "rescue":
        return "reverses"
    if background != contrast.case and not _asks_more_of_case(arm, comparison, contrast):
        return "opposes"
    return "necessary" if arm.kind in {"loss", "inhibitor"} else "reverses"


def _asks_more_of_case(arm: PerturbationSection, comparison: str, contrast: ContrastSection) -> bool:
    """Whether it asks how much more the arm does in animals with the contrast than in those without."""
    second = arm.interaction if comparison == "interaction" else None
    return second is not None and (second.factor, second.case) == (contrast.factor, contrast.case)
