"""Population mode in a study: what the sheet, the assays and the tables of traits must hold for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.design import covariate_column
from organokine.errors import DataError, Problem, first_examples
from organokine.population.checks import copies, sex_problems
from organokine.population.cohort import OrganMatrix
from organokine.readers.base import Count, Remark
from organokine.readers.traits import read_traits
from organokine.study_checks import absent_column, design_problems, spelling_problems
from organokine.study_join import as_text, rows_within

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.population_section import PopulationSection
    from organokine.study_file import StudyFile

SUBJECT = "subject"
SEX_WORDS = ("sex", "gender")


class Traits(NamedTuple):
    """What was read of the traits.

    Attributes
    ----------
    values : pandas.DataFrame or None
        Index subject, sorted; one column of numbers per trait; None if the study file names none.
    counts : list of Count
        What was repaired or left out.
    problems : list of Problem
        What is wrong with the tables.
    """

    values: pd.DataFrame | None
    counts: list[Count]
    problems: list[Problem]


class PopulationCheck(NamedTuple):
    """What was found over the assays of a population."""

    counts: list[Count]
    remarks: list[Remark]
    problems: list[Problem]


def read_all_traits(file: StudyFile) -> Traits:
    """Read all tables of traits, with everything that is wrong with them."""
    found = Traits(None, [], [])
    if file.population is None or len(file.population.traits) == 0:
        return found
    tables = []
    origin: dict[str, str] = {}
    for number, section in enumerate(file.population.traits, start=1):
        where = f"[population.traits {number}] {section.file}"
        try:
            table = read_traits(file.folder / section.file, section, where)
        except DataError as error:
            found.problems.extend(error.problems)
            continue
        tables.append(table.values)
        found.counts.extend(replace(each, item=f"{section.file}: {each.item}") for each in table.counts)
        for name in table.values.columns:
            if name in origin:
                what = f"the trait {name!r} stands in {origin[name]!r} too"
                found.problems.append(
                    Problem(where, what, "Results are told apart by the name", "Rename it, or leave it out of `values`")
                )
            origin[name] = section.file
    if len(found.problems) > 0:
        return found
    return found._replace(values=pd.concat(tables, axis="columns").sort_index().rename_axis("subject"))


def check_sheet_of_population(file: StudyFile, samples: pd.DataFrame) -> Iterator[Problem]:
    """Covariates, sex and levels of `[population]` that the sample sheet does not have, or has in several spellings."""
    section = file.population
    if section is None:
        return
    where = f"sample sheet {file.study.samples}"
    yield from design_problems("[population]", section, samples, where)
    if SUBJECT in {section.sex, *map(covariate_column, section.covariates)}:
        why = "It has a value of its own for every individual, and would take out everything"
        remedy = "Name a column that describes the individuals"
        yield Problem("[population] covariates", f"{SUBJECT!r} cannot be used here", why, remedy)
    elif section.sex in samples.columns:
        yield from sex_problems(as_text(samples[section.sex]), f"sample sheet {section.sex}")
    if section.sex in samples.columns:
        if section.sex not in section.covariates and section.sex != SUBJECT:
            yield from spelling_problems(section.sex, samples)
    elif "sex" in section.model_fields_set:
        yield absent_column(f"[population] sex, {where}", section.sex, samples)


def check_population(
    file: StudyFile, assays: Mapping[str, AnnData], samples: pd.DataFrame, traits: pd.DataFrame | None
) -> PopulationCheck:
    """Check that individuals are individuals, and count those that organs and traits share.

    Parameters
    ----------
    file : StudyFile
        The study file.
    assays : mapping of str to anndata.AnnData
        Assays that no perturbation uses.
    samples : pandas.DataFrame
        The sample sheet.
    traits : pandas.DataFrame or None
        Index subject.

    Returns
    -------
    PopulationCheck
        Problems: assays without a sample, individuals with several samples in one assay, samples that are copies of each
        other, traits of nobody. Remarks: a sex that is not found under the name asked for, no pair with enough individuals.
    """
    section = file.population
    found = PopulationCheck([], [], [])
    if section is None:
        return found
    kept = {name: data[rows_within(data.obs, section.within).to_numpy()] for name, data in assays.items()}
    for name, data in kept.items():
        found.problems.extend(_individual_problems(name, data, has_contrast=file.contrast is not None))
    found.remarks.extend(_sex_remark(section, samples))
    people = {name: set(data.obs["subject"]) for name, data in kept.items()}
    organs = {assay.name: (assay.organ, assay.modality) for assay in file.assay}
    complete = {name: _with_covariates(section, file, data) for name, data in kept.items()}
    _count_pairs(section, complete, organs, found)
    if traits is not None:
        _count_traits(traits, set().union(*people.values()), found)
    return found


def _individual_problems(name: str, data: AnnData, *, has_contrast: bool) -> Iterator[Problem]:
    where = f"[assay {name}]"
    if data.n_obs == 0:
        what = "no sample is left for [population]"
        yield Problem(where, what, "Organs are compared across individuals", "Look at `within`, or leave the assay out")
        return
    several = data.obs["subject"][data.obs["subject"].duplicated()].unique()
    if len(several) > 0 and not has_contrast:  # with a contrast, the join has said so
        what = f"{len(several)} subjects have several samples: {first_examples(several)}"
        why = "The individual is the unit, and repeats of one would be counted as several"
        yield Problem(where, what, why, "Keep one sample per individual, such as with `within` in [population]")
    once = data[~data.obs["subject"].duplicated().to_numpy()]
    nameless = np.full(once.n_vars, "", dtype=object)
    individuals = once.obs.set_index("subject")
    values = np.asarray(once.X, dtype=float).T
    yield from copies(OrganMatrix(name, "", "", values, nameless, nameless, individuals))


def _sex_remark(section: PopulationSection, samples: pd.DataFrame) -> Iterator[Remark]:
    if section.sex in samples.columns:
        return
    near = [str(name) for name in samples.columns if str(name).lower() in SEX_WORDS]
    if len(near) > 0:
        detail = (
            f"the sample sheet has no column {section.sex!r}, so sex is not adjusted for; if {near[0]!r} holds it, write "
            f"sex = {near[0]!r} in [population]"
        )
        yield Remark("study", near[0], "sex_not_named", detail)


def _with_covariates(section: PopulationSection, file: StudyFile, data: AnnData) -> set[str]:
    """Individuals with a value of everything that is adjusted for; the others are not used."""
    named = [*map(covariate_column, section.covariates), section.sex]
    named += [] if file.contrast is None else [file.contrast.factor]
    columns = [name for name in dict.fromkeys(named) if name in data.obs]
    known = [(as_text(data.obs[name]) != "").to_numpy(dtype=bool) for name in columns]
    rows = np.all(known, axis=0) if len(known) > 0 else np.ones(data.n_obs, dtype=bool)
    return set(data.obs["subject"][rows])


def _count_pairs(
    section: PopulationSection,
    people: Mapping[str, set[str]],
    organs: Mapping[str, tuple[str, str]],
    found: PopulationCheck,
) -> None:
    """Count the ordered pairs of assays with enough individuals in both."""
    shared = {}
    for source in people:
        for target in people:
            (organ, modality), (other_organ, other_modality) = organs[source], organs[target]
            asked = len(section.pairs) == 0 or (organ, other_organ) in section.pairs
            if organ != other_organ and asked and (section.across_modalities or modality == other_modality):
                shared[f"{source} to {target}"] = len(people[source] & people[target])
    if len(shared) == 0:
        return
    enough = sum(n >= section.minimum_subjects for n in shared.values())
    best = max(shared, key=lambda name: shared[name])
    note = f"at least {section.minimum_subjects} individuals with both organs and all covariates"
    found.counts.append(
        Count("pairs of organs to be scored", enough, len(shared), f"{best}: {shared[best]} individuals", note)
    )
    if enough == 0:
        detail = (
            f"no pair of organs has {section.minimum_subjects} individuals in common with all covariates (most: {best}, "
            f"{shared[best]}), so nothing can be scored; if they are the same individuals, name them alike in the column subject of "
            "the sample sheet, and look for empty cells in the columns of sex and covariates"
        )
        found.remarks.append(Remark("study", "population", "too_few_individuals", detail))


def _count_traits(traits: pd.DataFrame, people: set[str], found: PopulationCheck) -> None:
    both = sorted(set(traits.index) & people)
    if len(both) == 0:
        what = (
            f"no individual of the traits is one of the assays ({first_examples(sorted(traits.index), 2)} against "
            f"{first_examples(sorted(people), 2)})"
        )
        why = "Traits are held against organs individual by individual"
        found.problems.append(
            Problem("[population.traits]", what, why, "Name individuals as in the column subject of the sample sheet")
        )
        return
    found.counts.append(Count("traits", traits.shape[1], None, first_examples(traits.columns), ""))
    others = sorted(set(traits.index) - people)
    found.counts.append(
        Count("individuals with traits and organs", len(both), len(traits), "", "the others have no organ here")
    )
    if len(others) > 0:
        found.counts.append(Count("individuals with traits alone", len(others), len(traits), first_examples(others)))
