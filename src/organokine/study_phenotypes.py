"""The functional tests of a study: read, and joined with the animals whose organs were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers import Count, Remark

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.phenotype import Trials
    from organokine.phenotype_section import PhenotypeSection
    from organokine.study_file import StudyFile


class Phenotypes(NamedTuple):
    """What was read of the functional tests: one `Trials` per phenotype of the study file, in its order, and what is wrong."""

    trials: tuple[Trials, ...]
    problems: list[Problem]


class PhenotypeCheck(NamedTuple):
    """What was left out of the functional tests, and what a user should know."""

    counts: list[Count]
    remarks: list[Remark]


def read_phenotypes(file: StudyFile, samples: pd.DataFrame | None) -> Phenotypes:
    """Read all functional tests of a study.

    Parameters
    ----------
    file : StudyFile
        The study file.
    samples : pandas.DataFrame or None
        The sample sheet, from which groups, sex and cages are taken where a table does not hold them; None if it could not be read.

    Returns
    -------
    Phenotypes
        All that is wrong with them is collected.
    """
    trials: list[Trials] = []
    problems: list[Problem] = []
    sheet = None if samples is None else _one_row_per_subject(samples)
    for section in file.phenotype:
        try:
            trials.append(_read(file, section, sheet))
        except DataError as error:
            problems.extend(error.problems)
    return Phenotypes(tuple(trials), problems)


def check_phenotypes(tests: Sequence[Trials], assays: Mapping[str, AnnData]) -> PhenotypeCheck:
    """Count what was left out of the tests, and how many of their animals the assays of the contrast have."""
    found = PhenotypeCheck([], [])
    measured = {str(name) for data in assays.values() for name in data.obs["subject"]}
    for test in tests:
        found.counts.extend(
            Count(f"{test.name}: {each.item}", each.n, each.of, each.example, each.note) for each in test.counts
        )
        found.remarks.extend(test.remarks)
        animals = sorted(set(test.rows["subject"]))
        both = [name for name in animals if name in measured]
        note = "their molecules were measured too; candidates are held against their function"
        found.counts.append(
            Count(f"{test.name}: animals of the assays", len(both), len(animals), first_examples(both, 1), note)
        )
        if len(both) == 0:
            detail = (
                f"no animal of {test.name!r} is an animal of the assays ({first_examples(animals, 2)} against "
                f"{first_examples(sorted(measured), 2)}), so no candidate is held against it; are the names written alike?"
            )
            found.remarks.append(Remark("study", test.name, "no_common_animals", detail))
    return found


def _read(file: StudyFile, section: PhenotypeSection, sheet: pd.DataFrame | None) -> Trials:
    from organokine.readers.phenotype import Asked, read_phenotype

    contrast = file.contrast
    given = (section.factor, section.case, section.control)
    usual = (None, None, None) if contrast is None else (contrast.factor, contrast.case, contrast.control)
    factor, case, control = (str(own if own is not None else other) for own, other in zip(given, usual, strict=True))
    where = f"[phenotype {section.name}] {section.file}"
    return read_phenotype(file.folder / section.file, section, Asked(factor, case, control, sheet), where)


def _one_row_per_subject(samples: pd.DataFrame) -> pd.DataFrame:
    """What the sample sheet says of each animal: columns that differ between its samples are empty for it."""
    by_subject = samples.groupby("subject", sort=True)
    one = by_subject.first()
    for column in one.columns:
        several = by_subject[column].agg(lambda values: len(set(values.dropna())) > 1)
        one[column] = one[column].astype(object).where(~several)
    return one
