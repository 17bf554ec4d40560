"""Sections of a study file that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from organokine.design import covariate_column
from organokine.errors import Problem, first_examples, nearest
from organokine.perturbation_section import PerturbationSection, moves_problem
from organokine.phenotype_section import PhenotypeSection, needless_keys
from organokine.study_file import PLASMA, AssaySection, ContrastSection, ListSection, StudyFile
from organokine.study_file_raw import RAW

_LIST_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "signalp": (("predicted",), ("protein", "gene")),
    "outcyte": (("predicted",), ("protein", "gene", "score")),
    "secretome": (
        ("outside", "classical", "unconventional", "shed", "ecm", "ev_cargo"),
        ("protein", "gene", "score"),
    ),
    "routes": ((), ("protein", "gene", "route", "reference", "score")),
    "receptors": ((), ("ligand", "receptor", "reference", "score")),
}
"""Values of `route` and keys of `columns` that have a meaning, by kind of list."""


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
        Assays of one name, precursors to be left out of finished proteins, raw runs without their settings or settings without runs, two assays for one organ and modality, an axis without
        assays or onto itself, perturbations without their assay or with designs that exclude each other, contrasts of a level
        with itself, lists of one name, keys of a list that its kind does not know, phenotypes of one name or without groups, and
        pairs of organs that cannot be compared.
    """
    yield from _assay_contradictions(file, name)
    yield from _arm_contradictions(file, name)
    yield from _axis_contradictions(file, name)
    yield from _level_contradictions(file, name)
    yield from _list_contradictions(file, name)
    yield from _phenotype_contradictions(file, name)
    yield from _population_contradictions(file, name)
    sets = file.pathways
    if sets.minimum_genes > sets.maximum_genes:
        yield Problem(
            f"{name} [pathways] minimum_genes",
            f"{sets.minimum_genes} is more than maximum_genes = {sets.maximum_genes}",
            "No set of genes would be tested",
            "Write a smaller minimum_genes, or a larger maximum_genes",
        )


def _assay_contradictions(file: StudyFile, name: str) -> Iterator[Problem]:
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
        yield from _raw_contradictions(assay, where)
        first = (
            pairs.setdefault((assay.organ, assay.modality), assay.name)
            if assay.name not in file.arm_assays
            else assay.name
        )
        if first != assay.name:
            yield Problem(
                where,
                f"{assay.name!r} is a second {assay.modality} assay of {assay.organ!r}, beside {first!r}",
                "Each organ and modality has one assay, or evidence would be counted twice",
                "Leave one out, or name it in a [[perturbation]] if it belongs to one",
            )


def _raw_contradictions(assay: AssaySection, where: str) -> Iterator[Problem]:
    if assay.format != RAW:
        if assay.raw is not None:
            what = f"raw stands beside format = {assay.format!r}"
            remedy = f"Write format = {RAW!r} if the file is a sheet of raw runs, or leave raw out"
            yield Problem(f"{where} raw", what, "It would be ignored in silence", remedy)
        return
    if assay.raw is None:
        what = f"format = {RAW!r} stands without raw"
        remedy = 'Add raw = { fasta = "..." }; other settings have defaults'
        yield Problem(f"{where} raw", what, "Runs are searched against the proteins of a FASTA", remedy)
    elif assay.raw.engine_path is not None and assay.raw.engine in ("auto", "sage"):
        what = f"engine_path stands beside engine = {assay.raw.engine!r}"
        why = "Sage comes as a package, so the path would be ignored in silence"
        yield Problem(
            f"{where} raw.engine_path", what, why, "Write engine = 'diann' or 'alphadia', or leave the path out"
        )
    if assay.modality != "protein":
        what = f"raw runs are said to be of {assay.modality}"
        yield Problem(f"{where} modality", what, "A timsTOF measures peptides", "Write modality = 'protein'")


def _arm_contradictions(file: StudyFile, name: str) -> Iterator[Problem]:
    names = {assay.name for assay in file.assay}
    factors: dict[str, str] = {}
    called: set[str] = set()
    for number, arm in enumerate(file.perturbation, start=1):
        where = f"{name} [perturbation {number}]"
        if arm.name in called:
            yield Problem(
                f"{where} name",
                f"a second arm is called {arm.name!r}",
                "Results are told apart by the name",
                "Give each its own name",
            )
        called.add(arm.name)
        if arm.name == "contrast":
            yield Problem(
                f"{where} name",
                "an arm is called 'contrast'",
                "In the tables that is the contrast of the study",
                "Give it a name of its own",
            )
        for key, assay in zip(("assay", "engagement"), arm.assays, strict=False):
            if assay not in names:
                near = nearest(assay, sorted(names))
                yield Problem(
                    f"{where} {key}",
                    f"no assay is called {assay!r}",
                    "The samples of the perturbation are found through its assay",
                    f"Write {near!r}" if near is not None else "Add an [[assay]] of that name",
                )
            if factors.setdefault(assay, arm.factor) != arm.factor:
                yield Problem(
                    f"{where} factor",
                    f"{arm.factor!r} is another factor than {factors[assay]!r} of an earlier arm in {assay!r}",
                    "The samples of an assay are grouped by one factor",
                    "Put the groups of both arms into one column, or give each arm an assay of its own",
                )
        if len(set(arm.levels)) < len(arm.levels) and arm.case != arm.control:
            yield Problem(
                f"{where} rescue",
                f"{arm.rescue!r} is the case or the control too",
                "There is nothing to compare",
                "Name a third level",
            )
        if arm.interaction is not None and arm.rescue is not None:
            yield Problem(
                where,
                "rescue and interaction stand together",
                "They are two designs with different questions",
                "Declare two arms",
            )
        yield from _interaction_contradictions(arm, where)
        wrong_way = moves_problem(where, arm)
        if wrong_way is not None:
            yield wrong_way


def _interaction_contradictions(arm: PerturbationSection, where: str) -> Iterator[Problem]:
    if arm.interaction is None:
        return
    second = arm.interaction.factor
    if arm.interaction.case == arm.interaction.control:
        yield Problem(
            f"{where} interaction",
            f"case and control are both {arm.interaction.case!r}",
            "There is nothing to compare",
            "Name two levels",
        )
    if second == arm.factor:
        yield Problem(
            f"{where} interaction",
            f"its factor {second!r} is that of the arm",
            "An interaction asks whether the effect of one factor differs between the levels of another",
            "Name another column, such as genotype or age",
        )
    elif second in map(covariate_column, arm.covariates):
        yield Problem(
            f"{where} covariates",
            f"{second!r} is the factor of the interaction too",
            "The interaction adjusts for its own factor already",
            "Leave it out of covariates",
        )


def _axis_contradictions(file: StudyFile, name: str) -> Iterator[Problem]:
    if file.axis is None:
        return
    organs = sorted({assay.organ for assay in file.assay if assay.name not in file.arm_assays})
    for key, organ in (("source", file.axis.source), ("target", file.axis.target)):
        where = f"{name} [axis] {key}"
        if organ == PLASMA:
            why = "Plasma carries a message between organs, it neither sends nor receives one"
            yield Problem(
                where, f"{PLASMA!r} cannot be the {key}", why, "Name an organ; plasma may be measured beside it"
            )
        elif organ not in organs:
            yield _absent_organ(file, where, organ, organs, "The axis is asked of the assays of its organs")
    if file.axis.source == file.axis.target:
        why = "A message is sent from one organ to another"
        yield Problem(f"{name} [axis]", f"source and target are both {file.axis.source!r}", why, "Name two organs")


def _population_contradictions(file: StudyFile, name: str) -> Iterator[Problem]:
    if file.population is None:
        return
    measured: dict[str, set[str]] = {}
    for assay in file.assay:
        if assay.name not in file.arm_assays:
            measured.setdefault(assay.organ, set()).add(assay.modality)
    organs = sorted(measured)
    if len(organs) < 2:
        what = f"the assays that no [[perturbation]] uses are of {first_examples(organs) if len(organs) > 0 else 'no organ'} alone"
        yield Problem(
            f"{name} [population]", what, "A message goes from one organ to another", "Add an [[assay]] of another"
        )
        return
    pairs = file.population.pairs
    for number, pair in enumerate(pairs, start=1):
        where = f"{name} [population] pairs {number}"
        for organ in pair:
            if organ not in organs:
                yield _absent_organ(file, where, organ, organs, "A pair is asked of the assays of its organs")
    known = [pair for pair in pairs if set(pair) <= set(organs)] if len(pairs) > 0 else list(permutations(organs, 2))
    apart = [pair for pair in known if measured[pair[0]].isdisjoint(measured[pair[1]])]
    if file.population.across_modalities or len(apart) == 0 or (len(pairs) == 0 and len(apart) < len(known)):
        return
    source, target = apart[0]
    what = (
        f"{len(apart)} of {len(known)} pairs of organs have no modality in common, first {source!r} "
        f"({', '.join(sorted(measured[source]))}) and {target!r} ({', '.join(sorted(measured[target]))})"
    )
    remedy = "Write across_modalities = true, leave the pair out, or add an assay"
    yield Problem(f"{name} [population] pairs", what, "Protein is paired with protein, and RNA with RNA", remedy)


def _absent_organ(file: StudyFile, where: str, organ: str, organs: list[str], why: str) -> Problem:
    of_arms = [assay.name for assay in file.assay if assay.organ == organ and assay.name in file.arm_assays]
    if len(of_arms) > 0:
        return Problem(
            where,
            f"of the organ {organ!r} there is only {first_examples(of_arms)}, which a [[perturbation]] uses",
            "What a perturbation names as assay or engagement holds its own animals and takes no part in the contrast",
            "Give the arm's animals an [[assay]] of their own, with rows of its name in the sample sheet; it may name the same file",
        )
    near = nearest(organ, organs)
    return Problem(
        where,
        f"no assay is of the organ {organ!r}",
        why,
        f"Write {near!r}" if near is not None else f"Measured organs are {first_examples(organs, 6)}",
    )


def _level_contradictions(file: StudyFile, name: str) -> Iterator[Problem]:
    sections: list[tuple[str, ContrastSection | PerturbationSection | PhenotypeSection]] = []
    if file.contrast is not None:
        sections.append(("contrast", file.contrast))
    sections.extend((f"perturbation {number}", arm) for number, arm in enumerate(file.perturbation, start=1))
    sections.extend((f"phenotype {number}", test) for number, test in enumerate(file.phenotype, start=1))
    for place, section in sections:
        if section.case is not None and section.case == section.control:
            why = "There is nothing to compare"
            what = f"case and control are both {section.case!r}"
            yield Problem(f"{name} [{place}]", what, why, f"Name two levels of {section.factor!r}")


def _phenotype_contradictions(file: StudyFile, name: str) -> Iterator[Problem]:
    names: set[str] = set()
    for number, test in enumerate(file.phenotype, start=1):
        where = f"{name} [phenotype {number}]"
        if test.name in names:
            why = "Results are told apart by the name"
            yield Problem(f"{where} name", f"a second phenotype is called {test.name!r}", why, "Give each its own name")
        names.add(test.name)
        own = {"factor": test.factor, "case": test.case, "control": test.control}
        absent = [key for key, value in own.items() if value is None]
        if file.contrast is None and len(absent) > 0:
            what = f"the groups are not told: {', '.join(absent)} {'is' if len(absent) == 1 else 'are'} missing"
            yield Problem(where, what, "There is no [contrast] to take them from", f"Add {' and '.join(absent)}")
        elif test.factor is not None and len(absent) > 0:
            what = f"the factor is {test.factor!r}, and {' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} missing"
            yield Problem(where, what, "The levels of the contrast are those of another factor", "Add them")
        yield from needless_keys(test, where)


def _list_contradictions(file: StudyFile, name: str) -> Iterator[Problem]:
    names: set[str] = set()
    for number, section in enumerate(file.references.list, start=1):
        where = f"{name} [references.list {number}]"
        if section.name in names:
            why = "Evidence names the list it comes from"
            yield Problem(f"{where} name", f"a second list is called {section.name!r}", why, "Give each its own name")
        names.add(section.name)
        yield from _keys_without_meaning(section, where)


def _keys_without_meaning(section: ListSection, where: str) -> Iterator[Problem]:
    """Keys of a list that its kind cannot follow; what each kind knows is said on the page of references."""
    routes, columns = _LIST_KEYS[section.kind]
    if section.route is not None and section.route not in routes:
        allowed = f"Write one of {', '.join(routes)}, or leave it out" if len(routes) > 0 else "Leave it out"
        what = f"route = {section.route!r} has no meaning for a list of the kind {section.kind!r}"
        yield Problem(f"{where} route", what, "It would be ignored in silence", allowed)
    if section.grade is not None and section.kind == "receptors":
        what = "a list of receptors has no grade"
        yield Problem(f"{where} grade", what, "It would be ignored in silence", "Leave it out")
    for key, column in section.columns.model_dump().items():
        if column is not None and key not in columns:
            what = f"{key!r} has no meaning for a list of the kind {section.kind!r}"
            remedy = f"Its columns are {', '.join(columns)}"
            yield Problem(f"{where} columns", what, "It would be ignored in silence", remedy)
    if section.threshold is None:
        return
    if section.kind in {"signalp", "outcyte"}:
        if not 0 < section.threshold <= 1:
            why = "It is compared with a probability"
            yield Problem(
                f"{where} threshold", f"{section.threshold:g} is no probability", why, "Write a number up to 1"
            )
    elif section.columns.score is None:
        why = "A threshold is compared with the numbers of a column"
        remedy = "Name the column: columns = { score = ... }"
        yield Problem(f"{where} threshold", "no column of scores is named", why, remedy)
