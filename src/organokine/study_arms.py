"""What can be wrong with the perturbation arms of a study: sheet, animals, doses, genes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.design import covariate_column
from organokine.errors import Problem, first_examples, nearest
from organokine.perturbation_section import DECLARED
from organokine.readers import Remark
from organokine.study_checks import absent_column, factor_problems, level_problems
from organokine.study_file import ContrastSection
from organokine.study_join import as_text, group_problems

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.perturbation_section import PerturbationSection
    from organokine.study_file import StudyFile

LEAST_SHARED = 0.1
"""Share of the smaller table's genes that an arm and the contrast must have in common: of one organ, modality and species they have
most, and with fewer the symbols are not those of the same genes."""


class ArmCheck(NamedTuple):
    """What was found in the arms."""

    remarks: list[Remark]
    problems: list[Problem]


def check_sheet_of_arms(file: StudyFile, samples: pd.DataFrame) -> Iterator[Problem]:
    """Find columns and levels of the arms that the sample sheet does not know.

    Parameters
    ----------
    file : StudyFile
        The study file.
    samples : pandas.DataFrame
        The sample sheet.

    Yields
    ------
    Problem
        Absent columns and levels, doses that are no numbers, a background that is no level of the contrast.
    """
    for arm in file.perturbation:
        where = f"[perturbation {arm.name}]"
        for assay in arm.assays:
            rows = samples[samples["assay"] == assay] if "assay" in samples.columns else samples
            yield from factor_problems(where, arm.factor, arm.levels, rows)
        rows = samples[samples["assay"] == arm.assay] if "assay" in samples.columns else samples
        for column in map(covariate_column, arm.covariates):
            if column not in samples.columns:
                yield absent_column(f"{where} covariates", column, samples)
        if arm.interaction is not None:
            levels = (arm.interaction.case, arm.interaction.control)
            yield from level_problems(f"{where} interaction", arm.interaction.factor, levels, rows)
        if arm.dose is not None and arm.factor in rows.columns:
            yield from dose_problems(where, arm, rows)
        yield from background_problems(where, arm, file.contrast)


def check_arms(file: StudyFile, assays: Mapping[str, AnnData]) -> ArmCheck:
    """Check the arms against their animals and against the contrast.

    Parameters
    ----------
    file : StudyFile
        The study file.
    assays : mapping of str to anndata.AnnData
        All joined assays.

    Returns
    -------
    ArmCheck
        Problems: too few or repeated animals, covariates that are missing or confounded, genes of another species, a gene
        that no table of the study has. Remarks: an arm whose organ or modality the contrast does not have; a gene that
        its arm did not measure.
    """
    found = ArmCheck([], [])
    known = {gene for data in assays.values() for gene in data.var["gene"]} - {""}
    for arm in file.perturbation:
        where = f"[perturbation {arm.name}]"
        found.problems.extend(_animal_problems(where, arm, assays))
        found.problems.extend(background_against_sheet(where, arm, assays[arm.assay].obs, file.contrast))
        if arm.gene not in known:
            found.problems.append(absent_gene(where, arm.gene, known))
        else:
            found.remarks.extend(_gene_remarks(arm, assays))
        found.remarks.extend(_organ_remarks(file, arm, assays))
        found.problems.extend(_species_problems(where, file, arm, assays))
    return found


def contrast_assay(file: StudyFile, assays: Mapping[str, AnnData], arm_assay: str) -> str | None:
    """The assay of the contrast in the organ and modality of an arm's assay, or None."""
    about = assays[arm_assay].uns["organokine"]
    for name, data in assays.items():
        own = data.uns["organokine"]
        if name not in file.arm_assays and (own["organ"], own["modality"]) == (about["organ"], about["modality"]):
            return name
    return None


def comparisons(arm: PerturbationSection) -> dict[str, ContrastSection]:
    """What an arm compares, by name: `perturbed` or `interaction` is case against control, `rescue` the rescued group against the case."""
    first = ContrastSection(factor=arm.factor, case=arm.case, control=arm.control, covariates=arm.covariates)
    found = {"perturbed" if arm.interaction is None else "interaction": first}
    if arm.rescue is not None:
        found["rescue"] = first.model_copy(update={"case": arm.rescue, "control": arm.case})
    return found


def dose_problems(where: str, arm: PerturbationSection, rows: pd.DataFrame) -> Iterator[Problem]:
    """Doses that are absent, no numbers, missing for a perturbed animal, or given to a control."""
    column = str(arm.dose)
    if column not in rows.columns:
        yield absent_column(f"{where} dose", column, rows)
        return
    level = as_text(rows[arm.factor])
    given = rows[level.isin([arm.case, arm.control])]
    dose = pd.to_numeric(given[column], errors="coerce")
    is_case = level.loc[given.index] == arm.case
    text = given[column].notna() & (as_text(given[column]) != "") & ~np.isfinite(dose)
    if text.any():
        yield Problem(
            f"{where} dose",
            f"{int(text.sum())} doses are no numbers: {first_examples(given.loc[text, column].unique())}",
            "Doses are put in order, and words have none",
            "Write numbers in one unit, such as 1e11, into that column",
        )
        return
    missing = given.loc[is_case & ~np.isfinite(dose), "sample"]
    if len(missing) > 0:
        what = f"{len(missing)} perturbed samples have no dose: {first_examples(missing)}"
        yield Problem(
            f"{where} dose", what, "They have no place in the order of doses", "Fill it in, or leave dose out"
        )
    none = given.loc[is_case & (dose <= 0), "sample"]
    if len(none) > 0:
        what = f"{len(none)} perturbed samples have a dose of 0 or less: {first_examples(none)}"
        remedy = (
            "Write what they were given, as numbers above 0 (not as logarithms); animals that got nothing are controls"
        )
        yield Problem(f"{where} dose", what, "Dose 0 is that of the controls, which doses are compared with", remedy)
        return
    other = given.loc[~is_case & (dose.fillna(0.0) != 0), "sample"]
    if len(other) > 0:
        what = f"{len(other)} controls have a dose other than 0: {first_examples(other)}"
        yield Problem(f"{where} dose", what, "A control was given none", "Write 0 or nothing for controls")


def background_problems(where: str, arm: PerturbationSection, contrast: ContrastSection | None) -> Iterator[Problem]:
    """A background that is no level of the contrast."""
    if arm.background is None:
        return
    levels = () if contrast is None else (contrast.case, contrast.control)
    if arm.background not in levels:
        near = nearest(arm.background, levels)
        yield Problem(
            f"{where} background",
            f"{arm.background!r} is not a level that the contrast compares",
            "It says whether the perturbed animals are those of its case or of its control",
            f"Write {near!r}" if near is not None else f"Write one of {first_examples(levels)}, or leave it out",
        )


def background_against_sheet(
    where: str, arm: PerturbationSection, obs: pd.DataFrame, contrast: ContrastSection | None
) -> Iterator[Problem]:
    """A background other than the one that the sample sheet gives the arm's animals."""
    if (
        contrast is None
        or arm.background is None
        or contrast.factor == arm.factor
        or contrast.factor not in obs.columns
    ):
        return
    level = as_text(obs.loc[as_text(obs[arm.factor]).isin(arm.levels), contrast.factor])
    other = level[level.isin([contrast.case, contrast.control]) & (level != arm.background)]
    if len(other) > 0:
        yield Problem(
            f"{where} background",
            f"{arm.background!r} is declared, and the sample sheet says {contrast.factor} = {first_examples(other.unique())} "
            f"of {len(other)} animals of the arm",
            "It decides whether the arm may show what is sufficient or what is necessary",
            "Correct one of the two; what stands in the sheet need not be declared",
        )


def _animal_problems(where: str, arm: PerturbationSection, assays: Mapping[str, AnnData]) -> Iterator[Problem]:
    for assay in arm.assays:
        for name, asked in comparisons(arm).items():
            part = f"{where} rescue" if name == "rescue" else where
            plain = asked if assay == arm.assay else asked.model_copy(update={"covariates": ()})
            yield from group_problems(part if assay == arm.assay else f"{part} {assay}", assays[assay].obs, plain)
    if arm.interaction is not None:
        obs = assays[arm.assay].obs
        second = as_text(obs[arm.interaction.factor])
        for level in (arm.case, arm.control):
            for other in (arm.interaction.case, arm.interaction.control):
                n = int(((obs[arm.factor] == level) & (second == other)).sum())
                if n < 2:
                    yield Problem(
                        f"{where} interaction",
                        f"there are {n} animals with {arm.factor} = {level!r} and {arm.interaction.factor} = {other!r}",
                        "An interaction compares four groups, each of two animals or more",
                        "Add animals, or leave the interaction out",
                    )


def absent_gene(where: str, gene: str, known: set[str]) -> Problem:
    """A gene that no table has, and the one that may be meant."""
    near = nearest(gene, known)
    remedy = "Correct the symbol, or leave the arm out"
    if near is not None:
        is_same = near.casefold() == gene.strip().casefold()
        # A symbol that is only like it, such as Anxa9 for Anxa2, is another gene.
        remedy = (
            f"Write {near!r}" if is_same else f"{remedy}; a gene spelt like it, and perhaps another one, is {near!r}"
        )
    return Problem(
        f"{where} gene",
        f"no table of the study has a gene {gene!r}",
        "Neither its change nor whether the arm moved it can be seen, so the arm says nothing about any candidate",
        remedy,
    )


def _gene_remarks(arm: PerturbationSection, assays: Mapping[str, AnnData]) -> Iterator[Remark]:
    assay = arm.assays[-1]
    if arm.engagement == DECLARED or (assays[assay].var["gene"] == arm.gene).any():
        return
    detail = (
        f"{assay!r} does not have {arm.gene}, so it cannot be seen that the arm {arm.name!r} moved it; name an assay that "
        "has it with engagement = ..., or write engagement = 'declared' if it was seen otherwise"
    )
    yield Remark("study", arm.name, "engagement_not_measured", detail)


def _organ_remarks(file: StudyFile, arm: PerturbationSection, assays: Mapping[str, AnnData]) -> Iterator[Remark]:
    if contrast_assay(file, assays, arm.assay) is not None:
        return
    about = assays[arm.assay].uns["organokine"]
    detail = (
        f"the contrast was not measured in {about['organ']} {about['modality']}, so the arm {arm.name!r} has no signature to "
        "be held against"
    )
    yield Remark("study", arm.name, "no_contrast_assay", detail)


def _species_problems(
    where: str, file: StudyFile, arm: PerturbationSection, assays: Mapping[str, AnnData]
) -> Iterator[Problem]:
    other = contrast_assay(file, assays, arm.assay)
    if other is None:
        return
    tables = {name: assays[name].var["gene"] for name in (arm.assay, other)}
    problem = few_common_genes(f"{where} assay", tables, file.study.species)
    if problem is not None:
        yield problem


def few_common_genes(where: str, tables: Mapping[str, pd.Series], species: str) -> Problem | None:
    """Two tables whose symbols are not those of the same genes.

    Parameters
    ----------
    where : str
        What to call them in the message.
    tables : mapping of str to pandas.Series
        Symbols of two tables by name; empty ones do not count.
    species : str
        Species the symbols should be of; empty if it is not known.

    Returns
    -------
    Problem or None
        None if they have enough genes in common.
    """
    own, theirs = ({*genes} - {""} for genes in tables.values())
    shared = len(own & theirs)
    if shared > 0 and shared >= LEAST_SHARED * min(len(own), len(theirs)):
        return None
    alike = len({gene.upper() for gene in own} & {gene.upper() for gene in theirs})
    hint = f"; {alike} would if letter case did not count, as between human and mouse" if alike > shared else ""
    examples = [first_examples(sorted(names), 2) if len(names) > 0 else "no symbol" for names in (own, theirs)]
    first, second = tables
    return Problem(
        where,
        f"{first!r} and {second!r} have {shared} genes in common ({examples[0]} against {examples[1]}){hint}",
        f"A signature is compared gene by gene, by symbols of {species or 'one species'}",
        "Check the species of both, and the column of the gene symbols",
    )
