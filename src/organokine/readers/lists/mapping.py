"""From a list as its file holds it to a list under the symbols of the study, everything counted."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from organokine.errors import Problem, first_examples
from organokine.readers.base import Count, Remark
from organokine.readers.lists import LIST_READERS, where_of
from organokine.readers.lists.genes import GeneNames, StudyGenes, organism_of
from organokine.references.lists import LIST, GeneList
from organokine.references.releases import EMBEDDED
from organokine.references.routes import ORTHOLOGY

if TYPE_CHECKING:
    from organokine.readers.lists import ListTable
    from organokine.study_file import ListSection, Species

UNMAPPED = "rows without a known gene"
WITHOUT_ORTHOLOG = "rows without an ortholog"
SAID = ("gene", "route", "signal", "grade", "evidence")
HEARD = ("ligand", "receptor", "source", "reference")
NOT_KNOWN = "the reference tables and the tables of the study do not know them"
MOSTLY = 0.5
"""Share of rows without a known gene, or respelt, above which a list is named in a warning: more is lost, or guessed, than not."""

_PARTS = re.compile(r"[+,;&]")


class MappedList(NamedTuple):
    """A list under the symbols of the study, with what was counted, remarked and found wrong."""

    genes: GeneList
    counts: list[Count]
    remarks: list[Remark]
    problems: list[Problem]


def map_list(
    section: ListSection,
    table: ListTable,
    sha256: str,
    species: Species,
    study: StudyGenes,
    release: str = EMBEDDED,
) -> MappedList:
    """Look up the genes of a list.

    Parameters
    ----------
    section : ListSection
        Its section of the study file.
    table : ListTable
        The list as its file holds it.
    sha256 : str
        Hash of the file.
    species : str
        Species of the study.
    study : StudyGenes
        What the tables of the study call their genes.
    release : str
        Release of the references that the study names.

    Returns
    -------
    MappedList
        Of the rows of one gene that say the same, that with the best score stays. A row without a known gene is left out and
        counted; that no row has one is a problem, as are sequences of another species.
    """
    own = species if section.species is None else section.species
    names = GeneNames(own, species, study, release)
    if section.kind == "receptors":
        said = pd.DataFrame(columns=list(SAID), dtype=object)
        heard, counts, lost = _pairs(section, table.rows, names)
    else:
        said, counts, lost = _statements(section, table.rows, names)
        heard = pd.DataFrame(columns=list(HEARD), dtype=object)
    genes = GeneList(
        name=section.name,
        kind=section.kind,
        file=section.file,
        sha256=sha256,
        version=table.version,
        reference=section.reference,
        is_prediction=LIST_READERS[section.kind].is_prediction,
        said=said,
        receptors=heard,
    )
    problems = _problems(section, table, own, species, lost)
    remarks = [*table.remarks, *_remarks(section, len(table.rows), lost, names, own)]
    return MappedList(genes, [*table.counts, *counts], remarks, problems)


def _statements(
    section: ListSection, rows: pd.DataFrame, names: GeneNames
) -> tuple[pd.DataFrame, list[Count], list[str]]:
    grade = section.grade if section.grade is not None else LIST_READERS[section.kind].grade
    source = f"(list {section.name!r}{f', {section.reference}' if section.reference != '' else ''})"
    found: list[tuple[str, ...]] = []
    lost: list[str] = []
    alone: list[str] = []
    by_score = rows.sort_values("score", ascending=False, kind="stable")
    columns = ["label", "gene", "protein", "route", "signal", "text"]
    for label, symbol, protein, route, signal, text in by_score[columns].itertuples(index=False, name=None):
        pairs = names.of(symbol, protein)
        if len(pairs) == 0:
            (lost if len(names.own(symbol, protein)) == 0 else alone).append(label)
        for gene, own in pairs:
            foreign = names.species != names.target
            by = f"; by orthology from {names.species} {own}" if foreign else ""
            evidence = _plain(f"{text} {source}{by}")
            found.append((gene, route, signal, grade + ORTHOLOGY if foreign else grade, evidence))
    every = pd.DataFrame(found, columns=list(SAID), dtype=object)
    said = every.drop_duplicates(["gene", "route", "signal"]).sort_values("gene", kind="stable", ignore_index=True)
    several = said.loc[said["gene"].duplicated(), "gene"].unique()
    counts = _counted(len(rows), lost, said["gene"].nunique(), len(every) - len(said), NOT_KNOWN)
    if len(alone) > 0:
        note = f"genes of {names.species} that have none in {names.target}: left out"
        counts.append(Count(WITHOUT_ORTHOLOG, len(alone), len(rows), first_examples(dict.fromkeys(alone)), note))
    if len(several) > 0:
        note = "rows of one gene, such as isoforms, that say different things: all are kept"
        counts.append(
            Count("genes with several statements", len(several), said["gene"].nunique(), first_examples(several), note)
        )
    return said, counts, lost + (alone if len(said) == 0 else [])


def _pairs(section: ListSection, rows: pd.DataFrame, names: GeneNames) -> tuple[pd.DataFrame, list[Count], list[str]]:
    """Ligands and receptors by symbol; of a ligand that is a complex every part has a row, as in the embedded table."""
    source = f"{LIST}{section.name!r}{'' if names.species == names.target else ', by orthology'}"
    found: list[tuple[str, ...]] = []
    lost: list[str] = []
    columns = ["ligand", "receptor", "reference"]
    for ligand_written, receptor_written, cited in rows[columns].itertuples(index=False, name=None):
        ligands = {ligand for chosen in _complexes(ligand_written, names) for ligand in chosen}
        receptors = _complexes(receptor_written, names)
        if len(ligands) == 0 or len(receptors) == 0:
            lost.append(f"{ligand_written} - {receptor_written}")
        reference = "; ".join(dict.fromkeys(text for text in (cited, section.reference) if text != ""))
        found += [
            (ligand, "+".join(chosen), _plain(source), _plain(reference))
            for ligand in sorted(ligands)
            for chosen in receptors
        ]
    every = pd.DataFrame(found, columns=list(HEARD), dtype=object)
    heard = every.drop_duplicates(["ligand", "receptor"]).sort_values(
        ["ligand", "receptor"], kind="stable", ignore_index=True
    )
    missing = (
        NOT_KNOWN if names.species == names.target else f"one part is not known, or has no ortholog in {names.target}"
    )
    return heard, _counted(len(rows), lost, heard["ligand"].nunique(), len(every) - len(heard), missing), lost


def _complexes(written: str, names: GeneNames) -> list[tuple[str, ...]]:
    """Symbols of all parts, once per choice of orthologs; empty if one part is not known: a complex needs all its parts."""
    whole = names.of("", written)
    if len(whole) > 0:
        return [(symbol,) for symbol, _ in whole]
    found: list[list[str]] = []
    for part in (part.strip() for part in _PARTS.split(written) if part.strip() != ""):
        pairs = names.of("", part)
        # `TGFbR1_R2` abbreviates its second part, and R2 is a synonym of another gene.
        inner = [pairs] if len(pairs) > 0 else [names.of_official(name) for name in part.split("_")]
        found += [[symbol for symbol, _ in each] for each in inner]
    return [tuple(dict.fromkeys(chosen)) for chosen in product(*found)] if len(found) > 0 else []


def _counted(n_rows: int, lost: list[str], n_genes: int, n_repeated: int, missing: str) -> list[Count]:
    counts = [Count("genes of the list", n_genes)]
    if len(lost) > 0:
        counts.append(Count(UNMAPPED, len(lost), n_rows, first_examples(dict.fromkeys(lost)), f"{missing}: left out"))
    if n_repeated > 0:
        note = "another row says the same; that with the best score stays, else the first"
        counts.append(Count("repeated rows", n_repeated, n_rows, "", note))
    return counts


def _problems(section: ListSection, table: ListTable, own: Species, species: Species, lost: list[str]) -> list[Problem]:
    where = where_of(section)
    if len(table.rows) == 0:
        why = "A list that says nothing was hardly meant"
        return [Problem(where, "no row of the list counts", why, "Look at the threshold, or leave the list out")]
    told = organism_of(list(table.rows["label"])) if "label" in table.rows.columns else None
    if told is not None and told[0] != own:
        what = f"its sequences are of {told[0]} (first {told[1][:60]!r}), and it is read as {own}"
        return [
            Problem(
                where,
                what,
                "Genes of another species are joined by orthologs, not by their names",
                f"Write species = {told[0]!r}" if told[0] != species else "Leave species out",
            )
        ]
    if len(lost) < len(table.rows):
        return []
    what = f"none of its {len(lost)} rows has a gene that is known in {own}: {first_examples(dict.fromkeys(lost))}"
    remedy = (
        "Name the right columns, or the species of the list: species = 'human', 'mouse' or 'rat'; UniProt accessions of mouse "
        "and rat are known only where a protein table of the study holds them"
    )
    return [Problem(where, what, "A list is joined with the study by gene", remedy)]


def _remarks(section: ListSection, n_rows: int, lost: list[str], names: GeneNames, own: Species) -> list[Remark]:
    remarks = []
    if n_rows * MOSTLY < len(lost) < n_rows:
        detail = (
            f"{len(lost)} of {n_rows} rows of the list {section.name!r} have no gene that is known, such as "
            f"{first_examples(dict.fromkeys(lost))}"
        )
        remarks.append(Remark("study", section.name, "list_mostly_unknown", detail))
    if names.respelt > MOSTLY * n_rows:
        detail = (
            f"most symbols of the list {section.name!r} are not in the case of {own} and were respelt; if it is a list of "
            "another species, write its species, so that orthologs are used"
        )
        remarks.append(Remark("study", section.name, "list_symbol_case", detail))
    return remarks


def _plain(text: str) -> str:
    """On one line and without the bars that part the routes of an evidence text."""
    return " ".join(text.replace("|", "/").split())
