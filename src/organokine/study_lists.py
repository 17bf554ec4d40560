"""The user's own lists of a study: read, mapped, and counted against the reference knowledge they are laid over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count, Remark
from organokine.readers.lists import ListTable, read_list
from organokine.readers.lists.genes import StudyGenes, genes_of_tables
from organokine.readers.lists.mapping import map_list
from organokine.references import load_references
from organokine.references.lists import GeneList, lay_over

if TYPE_CHECKING:
    from organokine.readers.base import RawMatrix
    from organokine.references import References
    from organokine.study_file import StudyFile

TOGETHER = "all lists"
"""Heading in the table `joins` of what the lists do together; what one of them does is headed `list NAME`."""


@dataclass(frozen=True)
class StudyLists:
    """The lists of a study.

    Attributes
    ----------
    lists : tuple of GeneList
        In the order of the study file.
    counts : dict of str to list of Count
        What was counted, by heading of the table `joins`.
    remarks : tuple of Remark
        Rows for the table `flags`.
    """

    lists: tuple[GeneList, ...] = ()
    counts: dict[str, list[Count]] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()


def read_lists(file: StudyFile) -> tuple[dict[str, ListTable], list[Problem]]:
    """Read all lists of a study file as they stand in their files, with everything that is wrong with them."""
    tables: dict[str, ListTable] = {}
    problems: list[Problem] = []
    for section in file.references.list:
        try:
            tables[section.name] = read_list(section, file.folder)
        except DataError as error:
            problems.extend(error.problems)
    return tables, problems


def map_lists(
    file: StudyFile, listed: Mapping[str, ListTable], tables: Mapping[str, RawMatrix]
) -> tuple[StudyLists, list[Problem]]:
    """Look up the genes of lists and count what they change.

    Parameters
    ----------
    file : StudyFile
        The study file.
    listed : mapping of str to ListTable
        Lists by name.
    tables : mapping of str to RawMatrix
        Tables of the study, whose names of genes and accessions are used too.

    Returns
    -------
    tuple
        The lists in the order of the file, counted; and lists of which no row has a known gene.
    """
    if len(listed) == 0:
        return StudyLists(), []
    study, species, release = genes_of_tables(tables), file.study.species, file.references.release
    lists: list[GeneList] = []
    counts: dict[str, list[Count]] = {}
    remarks: list[Remark] = []
    problems: list[Problem] = []
    for section in file.references.list:
        if section.name in listed:
            path = file.folder / section.file
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            mapped = map_list(section, listed[section.name], sha256, species, study, release)
            lists.append(mapped.genes)
            counts[f"list {section.name}"] = [*mapped.counts, _measured(mapped.genes, study)]
            remarks += mapped.remarks
            problems += mapped.problems
    if len(problems) > 0:
        return StudyLists(), problems
    changes, disputes = _changes(lists, load_references(species, release), study)
    return StudyLists(tuple(lists), counts | {TOGETHER: changes}, (*remarks, *disputes)), []


def _measured(one: GeneList, study: StudyGenes) -> Count:
    genes = set(one.said["gene"]) | set(one.receptors["ligand"])
    return Count("genes of the list that are measured", len(genes & study.symbols), len(genes))


def _changes(lists: list[GeneList], references: References, study: StudyGenes) -> tuple[list[Count], list[Remark]]:
    """What the lists change for the genes that the study measures."""
    listed = {gene for one in lists for gene in (*one.said["gene"], *one.receptors["ligand"])}
    genes = sorted(listed & study.symbols)
    over = lay_over(references, lists)
    before, after = references.routes(genes)["route"], over.references.routes(genes)["route"]
    changed = [f"{gene}: {old} -> {new}" for gene, old, new in zip(genes, before, after, strict=True) if old != new]
    heard = set(over.references.receptors(genes)["ligand"]) - set(references.receptors(genes)["ligand"])
    disputed = [gene for gene in genes if references.names.get(gene, gene) in over.disputed]
    predicted = [gene for gene in genes if references.names.get(gene, gene) in over.predicted]
    counts = [
        Count("routes changed by lists", len(changed), len(genes), first_examples(changed), "of measured genes"),
        Count(
            "routes by a prediction alone",
            len(predicted),
            len(genes),
            first_examples(predicted),
            "most such proteins stay in a membrane or in the cell; route = 'unknown' in the list gives them none",
        ),
        Count(
            "receptors known by lists alone", len(heard), len(genes), first_examples(sorted(heard)), "of measured genes"
        ),
        Count(
            "routes that lists dispute",
            len(disputed),
            len(genes),
            first_examples(disputed),
            "lists, or a list and what leads, say different things: all is kept, and the flag says what",
        ),
    ]
    remarks = [
        Remark("gene", gene, "route_disputed", over.disputed[references.names.get(gene, gene)]) for gene in disputed
    ]
    return counts, remarks
