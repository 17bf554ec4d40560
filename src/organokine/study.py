"""`Study`: the subjects, one AnnData per assay, and what was lost on the way in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.appraisal.answers import Answers, read_answers
from organokine.errors import DataError, NotSearchedError, Problem
from organokine.study_file_raw import RAW, SIMULATED_RUNS

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from mudata import MuData

    from organokine.phenotype import Trials
    from organokine.readers import Count, RawMatrix, Remark
    from organokine.readers.sample_sheet import SampleSheet
    from organokine.references.lists import GeneList
    from organokine.references.signatures import SignatureSet
    from organokine.study_file import StudyFile
    from organokine.study_lists import StudyLists
    from organokine.study_raw import Searching


@dataclass(frozen=True)
class Study:
    """All inputs of one study, joined and counted. Never changed in place.

    Attributes
    ----------
    file : StudyFile
        The resolved study file: everything detected is written into it.
    subjects : pandas.DataFrame
        Index `subject`; the design columns that are constant within each subject.
    assays : mapping of str to anndata.AnnData
        By assay name. `obs`: index sample (sorted), column `subject` (text), then the design columns of the sample sheet; the
        factor is text. Only samples of the contrast (case or control, and `within`) are kept; an assay of a perturbation
        keeps the levels that its perturbations name; without a contrast all are kept.
        `var`: index native identifier in the order of the file, columns `gene` (symbol, empty if unmapped), `genes` (all
        genes of a protein group, joined by `;`), `protein` (leading accession or empty), `precursors` (float, NaN if
        unknown), `representative` (bool: the one row that stands for its gene; see `representative_rows`).
        `X`: float64, samples x features; NaN is not measured, zero is zero; on the scale named in
        `uns["organokine"]` (`organ`, `modality`, `scale` = log2 | counts, `file`, `sha256`, `reader`).
    runs : pandas.DataFrame
        Table `runs`: what the files tell about each run, and when it was measured; a row for every sample of every assay.
    joins : pandas.DataFrame
        Table `joins`: what was matched, lost, repaired, and why.
    flags : pandas.DataFrame
        Table `flags`: remarks on samples, assays and genes.
    lists : tuple of GeneList
        The user's own reference lists, in the order of the study file; a run lays them over its references.
    signatures : SignatureSet or None
        What ligands do to cells, in the symbols of the study; None if the study file names none.
    gene_sets : SignatureSet or None
        The user's own gene sets; None if the study file names none.
    phenotypes : tuple of Trials
        Functional tests of the animals, in the order of the study file.
    answers : Answers
        What people said of flags and candidates, from `answers.toml`; shown on cards, and of no effect on any number or level.
    traits : pandas.DataFrame or None
        Traits of the individuals for population mode: index subject, one column of numbers per trait; None if the study file
        names none.
    """

    file: StudyFile
    subjects: pd.DataFrame
    assays: Mapping[str, AnnData]
    runs: pd.DataFrame
    joins: pd.DataFrame
    flags: pd.DataFrame
    lists: tuple[GeneList, ...] = ()
    signatures: SignatureSet | None = None
    gene_sets: SignatureSet | None = None
    phenotypes: tuple[Trials, ...] = ()
    answers: Answers = field(default_factory=Answers)
    traits: pd.DataFrame | None = None

    def find(self, organ: str, modality: str) -> str | None:
        """Name of the assay of an organ and modality, or None; perturbation arms are not looked at."""
        for assay in self.file.assay:
            if assay.name not in self.file.arm_assays and (assay.organ, assay.modality) == (organ, modality):
                return assay.name
        return None

    def to_mudata(self, results: Mapping[str, pd.DataFrame] | None = None) -> MuData:
        """All assays as one MuData, with tables of a run if they are given; see `organokine.exchange.study_to_mudata`."""
        from organokine.exchange import study_to_mudata

        return study_to_mudata(self, results)


def read_study(path: str | Path, searching: Searching | None = None) -> Study:
    """Read a study file, its sample sheet and all its tables, and join them.

    Parameters
    ----------
    path : str or pathlib.Path
        The study file.
    searching : Searching, optional
        How raw runs are searched, and whether; without it searches are made that are not finished, which may take hours.

    Returns
    -------
    Study
        Joined, with everything that was repaired or lost counted in `joins`.

    Raises
    ------
    StudyFileError
        If the study file cannot be read as written.
    ReferenceError
        If the release of the references that it names is not here.
    DataError
        With everything that is wrong with the sample sheet, the tables (also those of another species), the lists and the
        joins between them.
    NotSearchedError
        If nothing else is wrong, and raw runs are not searched that may not be.
    """
    from organokine.readers.identifiers import agree_on_names
    from organokine.readers.sample_sheet import read_samples
    from organokine.readers.signature_files import read_sets
    from organokine.study_file_reader import read_study_file
    from organokine.study_lists import map_lists, read_lists
    from organokine.study_phenotypes import read_phenotypes
    from organokine.study_population import read_all_traits
    from organokine.study_species import check_species

    file = _with_named_release(read_study_file(path))
    problems: list[Problem] = []
    sheet: SampleSheet | None = None
    try:
        sheet = read_samples(file.folder / file.study.samples, f"sample sheet {file.study.samples}")
    except DataError as error:
        problems.extend(error.problems)
    tables, waiting = _read_tables(file, sheet, problems, searching)
    sets = read_sets(file)
    behaviour = read_phenotypes(file, None if sheet is None else sheet.samples)
    traits = read_all_traits(file)
    problems.extend([*sets.problems, *behaviour.problems, *traits.problems])
    answers = Answers()
    try:
        answers = read_answers(file.folder)
    except DataError as error:
        problems.extend(error.problems)
    listed, faults = read_lists(file)
    agreed = agree_on_names(tables)
    problems.extend(check_species(file, agreed))
    lists, unmapped = map_lists(file, listed, agreed)
    # The names of a table that could not be read may be those that a list lacks.
    problems.extend([*faults, *(unmapped if len(tables) == len(file.assay) else [])])
    if sheet is None or len(problems) > 0:
        raise DataError(problems)
    if len(waiting) > 0:
        raise NotSearchedError(waiting)
    counts = [*sheet.counts, *sets.counts, *traits.counts]
    study = assemble_study(file, agreed, sheet.samples, counts, lists, behaviour.trials, traits=traits.values)
    return replace(study, signatures=sets.signatures, gene_sets=sets.gene_sets, answers=answers)


def assemble_study(
    file: StudyFile,
    tables: Mapping[str, RawMatrix],
    samples: pd.DataFrame,
    counts: Iterable[Count] = (),
    lists: StudyLists | None = None,
    phenotypes: tuple[Trials, ...] = (),
    *,
    traits: pd.DataFrame | None = None,
) -> Study:
    """Join tables that are in memory with their sample sheet.

    Parameters
    ----------
    file : StudyFile
        The study file.
    tables : mapping of str to RawMatrix
        One per assay of the file, by name.
    samples : pandas.DataFrame
        Text columns `sample`, `subject`, optionally `assay`; then design columns.
    counts : iterable of Count
        What was counted while the sample sheet was read.
    lists : StudyLists, optional
        The user's own reference lists, mapped.
    phenotypes : tuple of Trials
        Functional tests of the animals.
    traits : pandas.DataFrame, optional
        Traits of the individuals.

    Returns
    -------
    Study
        Joined and checked.

    Raises
    ------
    DataError
        With everything that is wrong with the joins: factor, levels or covariates that are absent, too few samples, samples
        that are not replicates of animals, covariates confounded with the contrast, organs without a gene in common, and for
        population mode individuals that are no individuals.
    """
    from organokine.study_arms import check_arms, check_sheet_of_arms
    from organokine.study_checks import check_axis, check_modalities, check_sheet, subject_table
    from organokine.study_join import Joined, join_assay, unmatched_samples
    from organokine.study_lists import StudyLists
    from organokine.study_phenotypes import check_phenotypes
    from organokine.study_population import check_population, check_sheet_of_population
    from organokine.study_runs import read_run_order, run_table

    known = StudyLists() if lists is None else lists
    order = read_run_order(file, samples)
    problems = [*check_sheet(file, tables, samples), *check_sheet_of_arms(file, samples), *order.problems]
    problems.extend(check_sheet_of_population(file, samples))
    if len(problems) > 0:
        raise DataError(problems)
    joined: dict[str, Joined] = {
        assay.name: join_assay(assay, tables[assay.name], samples, file.contrast, file.arms_of(assay.name))
        for assay in file.assay
    }
    problems = [problem for part in joined.values() for problem in part.problems]
    contrast_assays = {name: part.data for name, part in joined.items() if name not in file.arm_assays}
    subjects, subject_problems = subject_table(contrast_assays, file.contrast)
    axis = check_axis(file, contrast_assays)
    modality_counts, modality_remarks = check_modalities(contrast_assays)
    arms = check_arms(file, {name: part.data for name, part in joined.items()})
    behaviour = check_phenotypes(phenotypes, contrast_assays)
    people = check_population(file, contrast_assays, samples, traits)
    problems.extend([*subject_problems, *axis.problems, *arms.problems, *people.problems])
    if len(problems) > 0:
        raise DataError(problems)
    study_counts = [*counts, *unmatched_samples(tables, samples), *axis.counts, *modality_counts, *order.counts]
    study_counts.extend([*behaviour.counts, *people.counts])
    study_remarks = [*axis.remarks, *modality_remarks, *arms.remarks, *behaviour.remarks, *people.remarks]
    assays = {name: part.data for name, part in joined.items()}
    return Study(
        file=_resolved(file, tables, order.column),
        subjects=subjects,
        assays=assays,
        runs=run_table(file, tables, assays, samples, order),
        joins=_joins({"study": study_counts} | {name: part.counts for name, part in joined.items()} | known.counts),
        flags=_flags(
            {"": study_remarks} | {name: part.remarks for name, part in joined.items()} | {"lists": known.remarks}
        ),
        lists=known.lists,
        phenotypes=phenotypes,
        traits=traits,
    )


def _read_tables(
    file: StudyFile, sheet: SampleSheet | None, problems: list[Problem], searching: Searching | None
) -> tuple[dict[str, RawMatrix], list[Problem]]:
    """Tables of all assays that can be read, and what waits for a search; what is wrong with the others is added to the problems."""
    from organokine.study_raw import Searching, read_table

    how = Searching() if searching is None else searching
    tables: dict[str, RawMatrix] = {}
    waiting: list[Problem] = []
    # Raw runs come last, and are only searched if nothing is wrong so far: that takes long.
    for assay in sorted(file.assay, key=lambda each: each.format == RAW):
        known = None if sheet is None else sheet.names_of(assay.name)
        allowed = how._replace(may_search=how.may_search and len(problems) == 0)
        try:
            tables[assay.name] = read_table(file, assay, known, allowed)
        except DataError as error:
            problems.extend(error.problems)
        except NotSearchedError as error:
            waiting.extend(error.problems)
    return {assay.name: tables[assay.name] for assay in file.assay if assay.name in tables}, waiting


def _with_named_release(file: StudyFile) -> StudyFile:
    """The study file with the name of the release in place of `current`."""
    from organokine.references.releases import resolve_release

    named = file.references.model_copy(update={"release": resolve_release(file.references.release)})
    return file.model_copy(update={"references": named})


def _resolved(file: StudyFile, tables: Mapping[str, RawMatrix], run_order: str | None) -> StudyFile:
    """Write what was detected into the study file."""
    from organokine.readers import READERS

    assays = []
    for assay in file.assay:
        table = tables[assay.name]
        found: dict[str, str] = {
            "scale": table.scale if table.detected == "auto" else table.detected,
            "zeros": table.zeros,
        }
        if table.reader in READERS and assay.format != RAW:
            found["format"] = table.reader
        assays.append(assay.model_copy(update=found))
    prepare = file.prepare.model_copy(update={"run_order": run_order})
    flags = {remark.flag for table in tables.values() for remark in table.remarks}
    declared = file.declared | ({"simulated": True} if SIMULATED_RUNS in flags else {})
    return file.model_copy(update={"assay": tuple(assays), "prepare": prepare, "declared": declared})


def _joins(counts: Mapping[str, Iterable[Count]]) -> pd.DataFrame:
    import pandas as pd

    from organokine.tables import JOINS

    rows = [
        (assay, count.item, count.n, count.of, count.example, count.note)
        for assay, listed in counts.items()
        for count in listed
    ]
    return JOINS.conform(pd.DataFrame(rows, columns=JOINS.names()))


def _flags(remarks: Mapping[str, Iterable[Remark]]) -> pd.DataFrame:
    """One row per scope, name and flag; what several assays say of one gene is put together."""
    import pandas as pd

    from organokine.tables import FLAGS

    details: dict[tuple[str, str, str], list[str]] = {}
    for assay, listed in remarks.items():
        for remark in listed:
            said = details.setdefault((remark.scope, remark.name, remark.flag), [])
            detail = f"{assay}: {remark.detail}" if remark.scope == "gene" else remark.detail
            if detail not in said:
                said.append(detail)
    rows = [(*key, "read", "; ".join(said)) for key, said in details.items()]
    return FLAGS.conform(pd.DataFrame(rows, columns=FLAGS.names()))
