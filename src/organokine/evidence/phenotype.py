"""Animal by animal, within group, does function follow the candidate?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import ASKED, design_of_subset, matrix_by_gene, organ_of, words
from organokine.kernels.mediation import bootstrap_indirect, mediation
from organokine.kernels.within_group import Largest, Part, largest_association_p, within_group_association

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData

    from organokine.study_file import ContrastSection

SHOWN_P = 0.05
"""Joint significance up to which both paths are said to be there; above, mediation is not shown."""
PLACES = ("source", "plasma", "target")
CASE = 1
"""Column of a design that is 1 in the case."""


class Functions(NamedTuple):
    """Measured functions of the animals.

    Attributes
    ----------
    about : pandas.DataFrame
        One row per phenotype and measure: `phenotype`, `measure`, `better`, `unit`.
    values : pandas.DataFrame
        (n_functions, n_subjects); NaN is not measured.
    groups : pandas.DataFrame
        The same shape: group of the animal in that test; empty where not measured.
    """

    about: pd.DataFrame
    values: pd.DataFrame
    groups: pd.DataFrame


class Place(NamedTuple):
    """One part of the association: where, which functions, which genes."""

    words: str
    functions: np.ndarray
    genes: pd.Index
    part: Part


def run(given: EvidenceInput) -> pd.DataFrame:
    """Strongest within-group association of each candidate with any function in any place, and whether mediation is shown.

    Places are source, plasma and target, protein first and RNA where no protein was measured in enough animals. All pairs of
    place and function count: p is that of the strongest of them, corrected for all by moving whole animals within their group.

    Null hypothesis: within a group, which animal has which functions does not depend on the candidate.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; effect is r given group and covariates, positive where more of it goes with better function (raw
        where the table does not say which way is better), its interval by Fisher's z and not corrected for the choice.
    """
    genes = given.candidates.index
    functions = functions_of(given)
    if functions is None:
        return pd.DataFrame({"state": "no_phenotype"}, index=genes)
    places, animals_in_common = _places(given, functions)
    if len(places) == 0:
        state = "too_few_animals" if animals_in_common else "no_common_animals"
        return pd.DataFrame({"state": state}, index=genes)
    found = largest_association_p([place.part for place in places], len(genes), given.rng("phenotype/animals"))
    rows = pd.concat([_of_place(given, functions, place, k, found) for k, place in enumerate(places)])
    rows = rows.reindex(genes)
    rows["state"] = np.where(rows["p"].notna(), ASKED, "not_measured_in_enough")
    return rows.fillna({"note": "", "direction": ""})


def functions_of(given: EvidenceInput) -> Functions | None:
    """Functions of the animals, one row per phenotype and measure in the order of the table; None without any value."""
    table = given.phenotypes
    if table is None or given.file.contrast is None:
        return None
    table = table[table["value"].notna()]
    if len(table) == 0:
        return None
    key = ["phenotype", "measure"]
    about = table.drop_duplicates(key)[[*key, "better", "unit"]].reset_index(drop=True)
    number = pd.Series(about.index, index=pd.MultiIndex.from_frame(about[key]))
    long = table.assign(number=number.reindex(pd.MultiIndex.from_frame(table[key])).to_numpy())
    values = long.pivot_table(index="number", columns="subject", values="value", aggfunc="sum")
    groups = long.pivot_table(index="number", columns="subject", values="group", aggfunc="first")
    return Functions(about, values.astype(float), groups.reindex_like(values).fillna(""))


def _places(given: EvidenceInput, functions: Functions) -> tuple[list[Place], bool]:
    """All parts with enough animals, and whether any animal has both a level and a function."""
    found: list[Place] = []
    in_common = False
    contrast = given.file.contrast
    if contrast is None:
        return found, in_common
    numbers = {subject: k for k, subject in enumerate(functions.values.columns)}
    for role in PLACES:
        measured: set[str] = set()
        for modality in ("protein", "rna"):
            if (role, modality) not in given.prepared:
                continue
            adata = given.prepared[role, modality]
            values = _values_of(functions, adata, contrast)
            in_common |= bool(values.notna().any(axis=None))
            name = f"{organ_of(given, role)} {modality}"
            tried = [_place(given, adata, name, chosen, numbers, measured) for chosen in _same_animals(values)]
            here = [place for place in tried if place is not None]
            measured |= {gene for place in here for gene in place.genes}
            found += here
    return found, in_common


def _values_of(functions: Functions, adata: AnnData, contrast: ContrastSection) -> pd.DataFrame:
    """Functions x samples of an assay; NaN where not measured, or where the test groups the animal otherwise than the contrast."""
    subjects = adata.obs["subject"].to_numpy()
    values = functions.values.reindex(columns=subjects)
    groups = functions.groups.reindex(columns=subjects)
    level = adata.obs[contrast.factor].astype(str).to_numpy(dtype=str)
    return values.where(groups.to_numpy() == level[None, :]).set_axis(adata.obs_names, axis=1)


def _same_animals(values: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Functions measured in the same samples, without those in which they were not."""
    measured = values.notna().to_numpy()
    for pattern in np.unique(measured, axis=0):
        yield values.loc[(measured == pattern).all(axis=1), pattern]


def _place(
    given: EvidenceInput,
    adata: AnnData,
    name: str,
    values: pd.DataFrame,
    numbers: dict[str, int],
    measured: set[str],
) -> Place | None:
    """One part; None with too few animals, or where these cannot tell the contrast from a covariate."""
    contrast, least = given.file.contrast, given.file.ranking.minimum_function_animals
    obs = adata.obs.loc[values.columns]
    if contrast is None or len(obs) == 0:
        return None
    groups = obs[contrast.factor].astype(str).to_numpy(dtype=str)
    levels = (contrast.case, contrast.control)
    if min((groups == level).sum() for level in levels) < least:
        return None
    design = design_of_subset(obs, contrast)
    if design is None:
        return None
    table = matrix_by_gene(adata, kept=True)[values.columns]
    enough = np.all([(table.loc[:, groups == level].notna().sum(axis=1) >= least) for level in levels], axis=0)
    table = table[enough & table.index.isin(given.candidates.index) & ~table.index.isin(measured)]
    if len(table) == 0:
        return None
    animals = np.array([numbers[subject] for subject in obs["subject"]], dtype=np.intp)
    rows = given.candidates.index.get_indexer(table.index)
    part = Part(rows, table.to_numpy(), values.to_numpy(), design.matrix, groups, animals)
    return Place(name, values.index.to_numpy(), table.index, part)


def _of_place(given: EvidenceInput, functions: Functions, place: Place, number: int, found: Largest) -> pd.DataFrame:
    """Rows of the candidates whose strongest association is in this place."""
    part = place.part
    chosen = np.flatnonzero(found.part[part.rows] == number)
    rows, which = part.rows[chosen], found.function[part.rows[chosen]]
    one = within_group_association(part)
    paths = mediation(part.candidates[chosen], part.functions[which], part.design, CASE)
    r, df = one.r[chosen, which], one.df[chosen]
    about = functions.about.iloc[place.functions[which]]
    sign = np.where((about["better"] == "lower").to_numpy(), -1.0, 1.0)
    spread = 1.0 / np.sqrt(np.maximum(df - 1.0, 1.0))
    with np.errstate(divide="ignore"):
        ends = np.sort(np.tanh(np.arctanh(sign * r)[:, None] + 1.96 * spread[:, None] * np.array([-1.0, 1.0])), axis=1)
    p = found.p[rows]
    answers = {
        "effect": sign * r,
        "se": spread * (1.0 - r**2),
        "ci_low": ends[:, 0],
        "ci_high": ends[:, 1],
        "p": p,
        "n": one.n[chosen],
        "direction": words(np.sign(sign * r)),
    }
    intervals = _intervals(given, place, chosen, which, p)
    joint_p = np.maximum(paths.a_p, p)
    notes = [
        f"{each.phenotype} {each.measure} and its level in {place.words}, the strongest of {n_tests} pairs looked at; "
        + in_words(joint, indirect, total, ends, each.unit)
        for each, n_tests, joint, indirect, total, ends in zip(
            about.itertuples(), found.n_tests[rows], joint_p, paths.indirect, paths.total, intervals, strict=True
        )
    ]
    return pd.DataFrame(answers | {"note": notes}, index=place.genes[chosen])


def _intervals(
    given: EvidenceInput, place: Place, chosen: np.ndarray, which: np.ndarray, p: np.ndarray
) -> list[tuple[float, float]]:
    """Bootstrap intervals of the indirect effects of those candidates whose association stands out; NaN of the others."""
    part = place.part
    return [
        bootstrap_indirect(
            part.candidates[row],
            part.functions[function],
            part.design,
            CASE,
            given.rng(f"phenotype/{place.words}/{gene}"),
        )
        if each <= SHOWN_P
        else (np.nan, np.nan)
        for row, function, gene, each in zip(chosen, which, place.genes[chosen], p, strict=True)
    ]


def in_words(joint_p: float, indirect: float, total: float, interval: tuple[float, float], unit: str) -> str:
    """What both paths together say: never more than consistency with mediation.

    Parameters
    ----------
    joint_p : float
        The larger of the p of both paths; NaN if one could not be had.
    indirect, total : float
        Product of the paths, and difference of the function between the groups, in the unit of the function.
    interval : (float, float)
        Bootstrap interval of the product; NaN if there is none.
    unit : str
        Unit of the function.
    """
    if not np.isfinite(joint_p):
        return "mediation could not be asked"
    found = f"joint significance p = {joint_p:.2g}"
    if joint_p > SHOWN_P:
        return f"mediation not shown ({found})"
    ends = "no interval with so few animals"
    if np.isfinite(interval[0]):
        ends = f"{interval[0]:+.3g} to {interval[1]:+.3g}"
    amount = f"{indirect:+.3g}{'' if unit == '' else ' '}{unit} ({ends}) of the {total:+.3g} between the groups"
    if indirect * total <= 0:
        return f"mediation not shown: the path by it, {amount}, points the other way ({found})"
    return f"consistent with mediation: {amount} ({found})"


LINE = Line(
    name="phenotype",
    question="Animal by animal, within group, does function follow it?",
    needs=("a functional test of the animals whose organs were measured", "four animals per group"),
    null="Within a group, which animal has which functions does not depend on the candidate, in any place.",
    unit="r",
    reference="10.1080/07350015.1983.10509354",
    run=run,
    role="support",
    columns={"phenotype_p": "p"},
)
