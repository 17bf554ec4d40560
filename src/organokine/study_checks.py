"""What can only be checked over all assays of a study: sheet, subjects, axis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.design import covariate_column
from organokine.errors import Problem, first_examples, nearest
from organokine.readers import Count, Remark
from organokine.readers.cells import MISSING_MARKS, alike, plain_animal, plain_spelling
from organokine.study_join import as_text

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.population_section import PopulationSection
    from organokine.readers import RawMatrix
    from organokine.study_file import ContrastSection, StudyFile

FIXED_FOR_LIFE = ("sex", "gender", "genotype")
RESERVED = ("assay", "sample")
NAME_THE_ANIMAL = (
    "if they are the same animals, correct the sample sheet: the column subject names the animal, alike in all assays"
)


class AxisCheck(NamedTuple):
    """What was found between source and target."""

    counts: list[Count]
    remarks: list[Remark]
    problems: list[Problem]


def check_sheet(file: StudyFile, tables: Mapping[str, RawMatrix], samples: pd.DataFrame) -> Iterator[Problem]:
    """Find assays without a table, and names in the study file that the sample sheet does not know.

    Parameters
    ----------
    file : StudyFile
        The study file.
    tables : mapping of str to RawMatrix
        The tables that were read.
    samples : pandas.DataFrame
        The sample sheet.

    Yields
    ------
    Problem
        Absent tables, columns, levels, and assays that the study file does not know; what concerns perturbations is
        checked by `study_arms`.
    """
    where = f"sample sheet {file.study.samples}"
    names = [assay.name for assay in file.assay]
    for name in names:
        if name not in tables:
            yield Problem(
                f"[assay {name}]", "there is no table", "Every assay of the study file is joined", "Give its table"
            )
    if "assay" in samples.columns:
        unknown = [name for name in samples["assay"].unique() if name not in names]
        if len(unknown) > 0:
            near = nearest(str(unknown[0]), names)
            what = f"{len(unknown)} assays are not in the study file: {first_examples(unknown)}"
            remedy = (
                f"Write {near!r}" if near is not None else f"Assays of the study file are {first_examples(names, 8)}"
            )
            yield Problem(f"{where} assay", what, "These samples would not be read", remedy)
        absent = [name for name in names if name not in set(samples["assay"])]
        if len(absent) > 0:
            what = f"{len(absent)} assays of the study file have no row: {first_examples(absent)}"
            yield Problem(
                f"{where} assay", what, "An assay is joined to animals through its rows", "Add a row per sample"
            )
    if file.contrast is not None:
        yield from _contrast_problems(file.contrast, samples, where)


def subject_table(
    assays: Mapping[str, AnnData], contrast: ContrastSection | None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Put together what is constant within each subject.

    Parameters
    ----------
    assays : mapping of str to anndata.AnnData
        Assays of the contrast.
    contrast : ContrastSection or None
        Its factor may not differ between the samples of a subject.

    Returns
    -------
    tuple
        Frame with index `subject`, sorted, and the columns that are constant within all subjects; and subjects whose factor
        or sex differs between assays.
    """
    obs = pd.concat([data.obs for data in assays.values()])
    subject, names = pd.factorize(obs["subject"], sort=True)
    problems = []
    constant = []
    for column in obs.columns[1:]:
        codes, levels = pd.factorize(obs[column], use_na_sentinel=False)
        pairs = np.unique(subject * max(len(levels), 1) + codes)
        if len(pairs) == len(names):
            constant.append(column)
        elif column.lower() in FIXED_FOR_LIFE or (contrast is not None and column == contrast.factor):
            problems.append(_changing_subject(obs, column, names[pairs // len(levels)]))
    _, first = np.unique(subject, return_index=True)
    subjects = obs[constant].iloc[first].set_axis(pd.Index(names, dtype=object, name="subject"), axis="index")
    return subjects, problems


def check_axis(file: StudyFile, assays: Mapping[str, AnnData]) -> AxisCheck:
    """Check what source and target have in common: genes and animals.

    Parameters
    ----------
    file : StudyFile
        The study file.
    assays : mapping of str to anndata.AnnData
        Assays of the contrast.

    Returns
    -------
    AxisCheck
        Counts of shared subjects and genes; the flag `unpaired` if no subject is shared; a problem if no gene is.
    """
    if file.axis is None:
        return AxisCheck([], [], [])
    ends = [
        [data for data in assays.values() if data.uns["organokine"]["organ"] == organ]
        for organ in (file.axis.source, file.axis.target)
    ]
    source, target = (_samples_by_subject(end) for end in ends)
    genes = [{name for data in end for name in data.var["gene"] if name != ""} for end in ends]
    shared = genes[0] & genes[1]
    both = f"{file.axis.source} and {file.axis.target}"
    paired = _shared_subjects("subjects in both organs", source, target, both)
    counts = [
        paired,
        Count("genes in both organs", len(shared), len(genes[0] | genes[1]), "", both),
    ]
    remarks, problems = [], []
    if paired.n == 0:
        detail = (
            f"no animal was measured in both {both}, so the animal-by-animal link cannot be asked; {NAME_THE_ANIMAL}"
        )
        remarks.append(Remark("study", "axis", "unpaired", detail))
    if len(shared) == 0:
        problems.append(_no_shared_gene(file, genes))
    return AxisCheck(counts, remarks, problems)


def check_modalities(assays: Mapping[str, AnnData]) -> tuple[list[Count], list[Remark]]:
    """Check which animals have both protein and RNA of an organ.

    Parameters
    ----------
    assays : mapping of str to anndata.AnnData
        Assays of the contrast.

    Returns
    -------
    tuple
        One count per organ with both modalities; the flag `rna_and_protein_of_different_animals` where no animal has both; the
        flag `subjects_look_alike` where animals would be joined if their names were written alike.
    """
    by_organ: dict[str, dict[str, AnnData]] = {}
    for data in assays.values():
        origin = data.uns["organokine"]
        by_organ.setdefault(origin["organ"], {})[origin["modality"]] = data
    counts, remarks = [], _subjects_look_alike(assays)
    for organ, measured in by_organ.items():
        if len(measured) < 2:
            continue
        protein, rna = (_samples_by_subject([measured[modality]]) for modality in ("protein", "rna"))
        counts.append(_shared_subjects(f"subjects with protein and RNA of {organ}", protein, rna, ""))
        if counts[-1].n == 0:
            detail = (
                f"no animal has both protein and RNA of {organ}, so the two cannot be compared animal by animal, only "
                f"their changes between the groups; {NAME_THE_ANIMAL}"
            )
            remarks.append(Remark("study", organ, "rna_and_protein_of_different_animals", detail))
    return counts, remarks


def _subjects_look_alike(assays: Mapping[str, AnnData]) -> list[Remark]:
    """Name subjects that differ only in letter case, leading zeros or invisible signs: `M01`, `m01` and `m1`."""
    names = {subject for data in assays.values() for subject in data.obs["subject"]}
    found = alike(names, plain_animal)
    if len(found) == 0:
        return []
    examples = "; ".join(_shown(spellings) for spellings in found[:3])
    detail = (
        f"{len(found)} animals are written in ways that differ only in letter case, leading zeros or invisible signs "
        f"({examples}) and are taken for different animals; {NAME_THE_ANIMAL}"
    )
    return [Remark("study", "subjects", "subjects_look_alike", detail)]


def _samples_by_subject(end: Iterable[AnnData]) -> dict[str, str]:
    """First sample of each subject."""
    samples: dict[str, str] = {}
    for data in end:
        for subject, sample in zip(data.obs["subject"], data.obs_names, strict=True):
            samples.setdefault(subject, sample)
    return samples


def _shared_subjects(item: str, first: Mapping[str, str], second: Mapping[str, str], note: str) -> Count:
    """Count the subjects that two sides share, with the samples of one of them: a wrong pairing shows in its names."""
    shared = sorted(first.keys() & second.keys())
    example = "" if len(shared) == 0 else f"{shared[0]!r} = {first[shared[0]]!r}, {second[shared[0]]!r}"
    return Count(item, len(shared), len(first.keys() | second.keys()), example, note)


def _contrast_problems(contrast: ContrastSection, samples: pd.DataFrame, where: str) -> Iterator[Problem]:
    yield from factor_problems("[contrast]", contrast.factor, (contrast.case, contrast.control), samples)
    yield from design_problems("[contrast]", contrast, samples, where)


def design_problems(
    name: str, section: ContrastSection | PopulationSection, samples: pd.DataFrame, where: str
) -> Iterator[Problem]:
    """What is wrong with the covariates of a section, and with the columns and levels that it keeps to."""
    for covariate in map(covariate_column, section.covariates):
        if covariate not in samples.columns:
            yield absent_column(f"{name} covariates, {where}", covariate, samples)
        elif covariate in RESERVED:
            yield _reserved(f"{name} covariates", covariate)
        else:
            yield from spelling_problems(covariate, samples)
            yield from _infinite_problems(covariate, samples)
    for column, allowed in section.within.items():
        levels = (allowed,) if isinstance(allowed, str) else allowed
        yield from level_problems(f"{name} within", column, levels, samples)
        if column in samples.columns and column not in RESERVED:
            yield from spelling_problems(column, samples)


def factor_problems(where: str, factor: str, levels: tuple[str, ...], samples: pd.DataFrame) -> Iterator[Problem]:
    """What is wrong with a factor in the sample sheet: reserved, absent, without a level that is named, levels that look alike."""
    if factor in RESERVED:
        yield _reserved(f"{where} factor", factor)
        return
    yield from level_problems(where, factor, levels, samples)
    if factor in samples.columns:
        yield from spelling_problems(factor, samples)


def _reserved(where: str, column: str) -> Problem:
    why = f"That column says which {column} a row is about, so it cannot tell groups of animals apart"
    return Problem(
        where, f"{column!r} cannot be used here", why, "Name a column of the sample sheet that describes the animals"
    )


def spelling_problems(column: str, samples: pd.DataFrame) -> Iterator[Problem]:
    """Levels that look alike: a group would be split, or its samples left out."""
    for spellings in alike(set(as_text(samples[column])) - {""}, plain_spelling):
        what = (
            f"{len(spellings)} values of {column!r} differ only in letter case or invisible signs: {_shown(spellings)}"
        )
        why = "They would be taken for different groups"
        yield Problem(f"sample sheet {column}", what, why, "Write them alike")


def _shown(spellings: Iterable[str]) -> str:
    """Spellings with invisible signs written out, as `repr` does."""
    return " and ".join(map(repr, spellings))


def _infinite_problems(column: str, samples: pd.DataFrame) -> Iterator[Problem]:
    if not pd.api.types.is_float_dtype(samples[column]):
        return
    infinite = samples.loc[np.isinf(samples[column]), "sample"]
    if len(infinite) > 0:
        what = f"the covariate {column!r} is infinite in {len(infinite)} samples: {first_examples(infinite)}"
        why = "A model cannot be fitted to an infinite value"
        yield Problem(f"sample sheet {column}", what, why, "Correct the value, or leave the covariate out")


def level_problems(where: str, column: str, levels: tuple[str, ...], samples: pd.DataFrame) -> Iterator[Problem]:
    """A column that the sample sheet does not have, or levels that no sample has."""
    if column not in samples.columns:
        yield absent_column(where, column, samples)
        return
    held = sorted(set(as_text(samples[column])) - {""})
    for level in levels:
        if level not in held:
            near = nearest(level, held)
            known = (
                f"Levels in the sample sheet are {first_examples(held, 8)}" if len(held) > 0 else "Fill in that column"
            )
            remedy = f"Write {near!r}" if near is not None else known
            what = f"no sample has {column} = {level!r}"
            if level.strip().lower() in MISSING_MARKS:
                what = f"{what}: the sample sheet reads {level!r} as a missing value"
                remedy = "Give that group another name, such as 'control', in the sample sheet and in the study file"
            yield Problem(where, what, "Samples are chosen by this value", remedy)


def absent_column(where: str, column: str, samples: pd.DataFrame) -> Problem:
    """Say that the sample sheet has no such column, and which one may be meant."""
    names = [str(name) for name in samples.columns]
    near = nearest(column, names)
    remedy = f"Write {near!r}" if near is not None else f"Add the column; there are {first_examples(names, 8)}"
    why = "Groups and covariates are read from the sample sheet"
    return Problem(where, f"the sample sheet has no column {column!r}", why, remedy)


def _changing_subject(obs: pd.DataFrame, column: str, names: pd.Index) -> Problem:
    changing = names[names.duplicated()].unique()
    values = as_text(obs.loc[obs["subject"] == changing[0], column]).unique()
    return Problem(
        f"sample sheet {column}",
        f"{len(changing)} subjects have several values of {column!r}, first {changing[0]!r}: {first_examples(values)}",
        "A subject is one animal in one group, and samples are joined by it",
        "Correct the value, or give animals of different groups different names",
    )


def _no_shared_gene(file: StudyFile, genes: list[set[str]]) -> Problem:
    examples = [first_examples(sorted(names), 2) if len(names) > 0 else "no symbol" for names in genes]
    return Problem(
        "[axis]",
        f"source and target have no gene in common ({examples[0]} against {examples[1]})",
        f"A mediator is followed from one organ to the other by its {file.study.species} gene symbol",
        "Check the species; in each assay name the column of symbols with columns = { gene = ... }, or the table that has "
        "symbols by identifier with features = ...",
    )
