"""The functional tests of a study: read, and joined with the animals whose organs were measured."""

from __future__ import annotations

from collections.abc import Mapping
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
    """What was read of the functional tests.

    Attributes
    ----------
    trials : tuple of Trials
        One per phenotype of the study file, in its order.
    counts, remarks, problems : list
        What was left out, what a user should know, and what is wrong.
    """

    trials: tuple[Trials, ...]
    counts: list[Count]
    remarks: list[Remark]
    problems: list[Problem]


def read_phenotypes(file: StudyFile, samples: pd.DataFrame, assays: Mapping[str, AnnData]) -> Phenotypes:
    """Read all functional tests of a study.

    Parameters
    ----------
    file : StudyFile
        The study file.
    samples : pandas.DataFrame
        The sample sheet, from which groups, sex and cages are taken where a table does not hold them.
    assays : mapping of str to anndata.AnnData
        The joined assays: their animals are those whose molecules are known.

    Returns
    -------
    Phenotypes
        All that is wrong with them is collected.
    """
    found = Phenotypes((), [], [], [])
    if len(file.phenotype) == 0:
        return found
    sheet = _one_row_per_subject(samples)
    measured = {str(name) for key, data in assays.items() if key not in file.arm_assays for name in data.obs["subject"]}
    trials = []
    for section in file.phenotype:
        try:
            test = _read(file, section, sheet)
        except DataError as error:
            found.problems.extend(error.problems)
            continue
        trials.append(test)
        found.counts.extend(
            Count(f"{section.name}: {each.item}", each.n, each.of, each.example, each.note) for each in test.counts
        )
        found.remarks.extend(test.remarks)
        found.counts.append(_shared(test, measured))
    return found._replace(trials=tuple(trials))


def _read(file: StudyFile, section: PhenotypeSection, sheet: pd.DataFrame) -> Trials:
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
    is_one = by_subject.agg(lambda column: len(set(column.dropna())) <= 1)
    return by_subject.first().where(is_one)


def _shared(test: Trials, measured: set[str]) -> Count:
    animals = sorted(set(test.rows["subject"]))
    both = [name for name in animals if name in measured]
    note = "their molecules were measured too; candidates are held against their function"
    return Count(f"{test.name}: animals of the assays", len(both), len(animals), first_examples(both, 1), note)
