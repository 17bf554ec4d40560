"""Sections of a study file that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from organokine.errors import Problem, first_examples, nearest
from organokine.study_file import PLASMA, ContrastSection, PerturbationSection, StudyFile


def contradictions(file: StudyFile, name: str) -> Iterator[Problem]:
    """Find sections of a study file that are each well formed and contradict each other.

    Parameters
    ----------
    file : StudyFile
        The study file.
    name : str
        What to call it in messages.

    Yields
    ------
    Problem
        Assays of one name, precursors to be left out of finished proteins, two assays for one organ and modality, an axis without assays or onto itself, perturbations
        without their assay, and contrasts of a level with itself.
    """
    yield from _assay_contradictions(file, name)
    yield from _axis_contradictions(file, name)
    yield from _level_contradictions(file, name)


def _assay_contradictions(file: StudyFile, name: str) -> Iterator[Problem]:
    arms = {arm.assay for arm in file.perturbation}
    names: set[str] = set()
    pairs: dict[tuple[str, str], str] = {}
    for number, assay in enumerate(file.assay, start=1):
        where = f"{name} [assay {number}]"
        if assay.name in names:
            why = "Tables and samples are told apart by the name of their assay"
            yield Problem(f"{where} name", f"a second assay is called {assay.name!r}", why, "Give each its own name")
        names.add(assay.name)
        if assay.mobility_outliers == "exclude" and assay.quantity == "engine":
            yield Problem(
                f"{where} mobility_outliers",
                "precursors are to be left out of proteins that the engine has already quantified with them",
                "The engine's own protein intensities rest on all its precursors",
                "Leave out quantity = 'engine', so that proteins are made of the precursors that stay",
            )
        first = pairs.setdefault((assay.organ, assay.modality), assay.name) if assay.name not in arms else assay.name
        if first != assay.name:
            yield Problem(
                where,
                f"{assay.name!r} is a second {assay.modality} assay of {assay.organ!r}, beside {first!r}",
                "Each organ and modality has one assay, or evidence would be counted twice",
                "Leave one out, or name it in a [[perturbation]] if it belongs to one",
            )
    for number, arm in enumerate(file.perturbation, start=1):
        if arm.assay not in names:
            near = nearest(arm.assay, sorted(names))
            yield Problem(
                f"{name} [perturbation {number}] assay",
                f"no assay is called {arm.assay!r}",
                "The samples of the perturbation are found through its assay",
                f"Write {near!r}" if near is not None else "Add an [[assay]] of that name",
            )


def _axis_contradictions(file: StudyFile, name: str) -> Iterator[Problem]:
    if file.axis is None:
        return
    arms = {arm.assay for arm in file.perturbation}
    organs = sorted({assay.organ for assay in file.assay if assay.name not in arms})
    for key, organ in (("source", file.axis.source), ("target", file.axis.target)):
        where = f"{name} [axis] {key}"
        if organ == PLASMA:
            why = "Plasma carries a message between organs, it neither sends nor receives one"
            yield Problem(
                where, f"{PLASMA!r} cannot be the {key}", why, "Name an organ; plasma may be measured beside it"
            )
        elif organ not in organs:
            near = nearest(organ, organs)
            yield Problem(
                where,
                f"no assay is of the organ {organ!r}",
                "The axis is asked of the assays of its organs",
                f"Write {near!r}" if near is not None else f"Measured organs are {first_examples(organs, 6)}",
            )
    if file.axis.source == file.axis.target:
        why = "A message is sent from one organ to another"
        yield Problem(f"{name} [axis]", f"source and target are both {file.axis.source!r}", why, "Name two organs")


def _level_contradictions(file: StudyFile, name: str) -> Iterator[Problem]:
    sections: list[tuple[str, ContrastSection | PerturbationSection]] = []
    if file.contrast is not None:
        sections.append(("contrast", file.contrast))
    sections.extend((f"perturbation {number}", arm) for number, arm in enumerate(file.perturbation, start=1))
    for place, section in sections:
        if section.case == section.control:
            why = "There is nothing to compare"
            what = f"case and control are both {section.case!r}"
            yield Problem(f"{name} [{place}]", what, why, f"Name two levels of {section.factor!r}")
