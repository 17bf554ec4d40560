"""Facts of one candidate from what was measured in the contrast: evidence lines, RNA beside protein, design, sexes, cohorts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from organokine.appraisal import eco
from organokine.appraisal.facts import Fact, number, whole
from organokine.kernels.parting import area_under_curve
from organokine.study_file import PLASMA

if TYPE_CHECKING:
    from organokine.appraisal.given import AppraisalInput
    from organokine.study_file import AssaySection

DISCRIMINATION = "plasma.discrimination"
"""Fact that tells how well the level in plasma parts the groups."""
MEASURED = {"source_change": "source", "plasma_change": "plasma", "arrival": "target"}
"""Role of the assay that a line's effect is measured in."""
RELEVANT = {"log2": "relevant_log2", "r": "relevant_r", "share of the contrast": "relevant_share"}
"""Threshold of a size that matters, by unit."""


def line_facts(given: AppraisalInput, gene: str) -> Iterator[Fact]:
    """What every evidence line said of the candidate; arms have facts of their own."""
    cards = {line.name: line for line in given.lines}
    for row in given.rows("evidence", "gene", gene):
        card = cards.get(row["line"])
        if card is None or row["line"] in {"perturbation", "reversal"}:
            continue
        yield _line_fact(given, gene, row, card.question, card.unit, given.n_tested.get(row["line"], 0))


def _line_fact(
    given: AppraisalInput, gene: str, row: Mapping[str, Any], question: str, unit: str, n_tested: int
) -> Fact:
    name = str(row["line"])
    p, effect = number(row["p"]), number(row["effect"])
    has_effect = p is not None or effect is not None
    assay = _assay_of_line(given, row)
    corrected = None if name == "source_change" else given.family_q.get((name, gene))
    q = number(row["q"]) if corrected is None else corrected[0]
    kind = "annotation" if not has_effect else ("correlation" if unit.split(" ", maxsplit=1)[0] == "r" else "effect")
    if name == "origin":
        kind = "quality"
    if name == "population" and has_effect:
        kind = "correlation"
    relevant = RELEVANT.get(unit)
    return Fact(
        id=f"line.{name}",
        kind=kind,
        label=question,
        value=effect if effect is not None else str(row["state"]),
        unit=unit if effect is not None else "",
        low=number(row["ci_low"]),
        high=number(row["ci_high"]),
        relevant=None if relevant is None or effect is None else float(getattr(given.limits, relevant)),
        p=p,
        q=q if p is not None else None,
        tested=None if p is None else (n_tested if corrected is None else corrected[1]),
        n=_animals_of_line(given, gene, name, assay, row) if has_effect else {},
        n_by_sex=_by_sex(given, assay) if has_effect else {},
        state=str(row["state"]),
        text=str(row["note"]),
        eco=eco.INTEGRATED if kind == "annotation" or assay is None else eco.of_modality(assay.modality, assay.format),
        table="evidence",
        row={"line": name, "gene": gene},
    )


def _assay_of_line(given: AppraisalInput, row: Mapping[str, Any]) -> AssaySection | None:
    role = MEASURED.get(str(row["line"]), "target" if row["line"] in {"link", "response"} else "source")
    modality = "rna" if row["state"] == "rna_only" else "protein"
    return given.assay_of(role, modality) or given.assay_of(role, "rna")


def _by_sex(given: AppraisalInput, assay: AssaySection | None) -> dict[str, int]:
    column = None if assay is None else given.sex_column(assay.name)
    return {} if assay is None or column is None else given.animals(assay.name, column)


def _animals_of_line(
    given: AppraisalInput, gene: str, line: str, assay: AssaySection | None, row: Mapping[str, Any]
) -> dict[str, int]:
    """Animals by group with a value: never more than there are distinct animals."""
    contrast = given.file.contrast
    if contrast is None or assay is None:
        return {}
    present = given.animals(assay.name, contrast.factor)
    groups = {level: present.get(level, 0) for level in (contrast.case, contrast.control)}
    if line in MEASURED:
        measured = _measured(given, gene, assay.name)
        return {level: min(n, measured.get(level, n)) for level, n in groups.items()}
    n = whole(row["n"])
    if n is None or line == "response":
        return groups
    return _pairs(given, gene, groups) if line == "link" else {"both groups": min(n, sum(groups.values()))}


def _pairs(given: AppraisalInput, gene: str, groups: Mapping[str, int]) -> dict[str, int]:
    """Animals by group in which the protein was measured in both organs."""
    seen: dict[str, dict[str, set[str]]] = {level: {"source": set(), "target": set()} for level in groups}
    for row in given.rows("animals", "gene", gene):
        is_end = row["modality"] == "protein" and row["role"] in {"source", "target"} and row["group"] in seen
        if is_end and number(row["value"]) is not None:
            seen[row["group"]][row["role"]].add(row["subject"])
    return {level: min(n, len(seen[level]["source"] & seen[level]["target"])) for level, n in groups.items()}


def _measured(given: AppraisalInput, gene: str, assay: str) -> dict[str, int]:
    contrast = given.file.contrast
    row = differential_row(given, gene, assay)
    if row is None or contrast is None:
        return {}
    counts = {contrast.case: whole(row["n_case"]), contrast.control: whole(row["n_control"])}
    return {level: n for level, n in counts.items() if n is not None}


def differential_row(given: AppraisalInput, gene: str, assay: str) -> dict[str, Any] | None:
    """The row of the table `differential` that stands for a gene in an assay, or None."""
    rows = given.rows("differential", "gene", gene)
    return next((row for row in rows if row["assay"] == assay and row["representative"] is not False), None)


def measured_facts(given: AppraisalInput, gene: str) -> Iterator[Fact]:
    """Change of protein and RNA of the candidate in every assay of the contrast."""
    contrast = given.file.contrast
    for assay in given.contrast_assays:
        row = differential_row(given, gene, assay.name)
        if row is None or contrast is None:
            continue
        place = "plasma" if assay.organ == PLASMA else assay.organ
        present = given.animals(assay.name, contrast.factor)
        counts = {contrast.case: row["n_case"], contrast.control: row["n_control"]}
        yield Fact(
            id=f"change.{assay.name}",
            kind="effect",
            label=f"change of the {'transcript' if assay.modality == 'rna' else 'protein'} in {place}, "
            f"{contrast.case} against {contrast.control}",
            value=number(row["log2fc"]),
            unit="log2",
            low=number(row["ci_low"]),
            high=number(row["ci_high"]),
            relevant=given.limits.relevant_log2,
            p=number(row["p"]),
            q=number(row["q"]),
            n={level: min(whole(n) or 0, present.get(level, 0)) for level, n in counts.items()},
            n_by_sex=_by_sex(given, assay),
            state=str(row["state"]),
            text=f"standard deviation within groups {row['sd']:.2f} log2" if number(row["sd"]) is not None else "",
            eco=eco.of_modality(assay.modality, assay.format),
            table="differential",
            row={"assay": assay.name, "feature": str(row["feature"])},
        )


def parting_facts(given: AppraisalInput, gene: str) -> Iterator[Fact]:
    """How well the level in plasma parts the groups, in the individuals at hand."""
    contrast, assay = given.file.contrast, given.assay_of(PLASMA, "protein")
    if contrast is None or assay is None:
        return
    levels: dict[str, list[float]] = {contrast.case: [], contrast.control: []}
    for row in given.rows("animals", "gene", gene):
        value = number(row["value"])
        if row["assay"] == assay.name and row["group"] in levels and value is not None:
            levels[row["group"]].append(value)
    found = area_under_curve(levels[contrast.case], levels[contrast.control])
    if number(found.area) is None:
        return
    yield Fact(
        id=DISCRIMINATION,
        kind="quality",
        label=f"share of pairs in which {contrast.case} has more of it in plasma than {contrast.control}",
        value=found.area,
        unit="AUC",
        low=found.low,
        high=found.high,
        n={level: len(each) for level, each in levels.items()},
        text="0.5 is chance; in the individuals at hand, among whom it was also selected, and not adjusted for covariates",
        eco=eco.of_modality(assay.modality, assay.format),
        table="animals",
        row={"gene": gene, "assay": assay.name},
    )


def design_facts(given: AppraisalInput) -> Iterator[Fact]:
    """Animals, sexes and batches of every assay; the same for all candidates."""
    contrast = given.file.contrast
    for assay in given.file.assay:
        asked = given.file.contrast_of(assay.name)
        factor = asked.factor if asked is not None else (contrast.factor if contrast is not None else "")
        groups = given.animals(assay.name, factor)
        n_rows, n_copies = len(given.designs[assay.name]), len(given.copies.get(assay.name, set()))
        yield Fact(
            id=f"design.{assay.name}",
            kind="design",
            label=f"animals of {assay.name}: {assay.organ}, {assay.modality}",
            value=float(sum(groups.values())),
            unit="animals",
            n=groups,
            n_by_sex=_by_sex(given, assay),
            text=f"{n_rows} samples" + (f", of which {n_copies} are copies of others" if n_copies > 0 else ""),
            state="copies" if n_copies > 0 else "",
            table="qc",
            row={"assay": assay.name},
        )
    yield from _batch_facts(given)


def _batch_facts(given: AppraisalInput) -> Iterator[Fact]:
    table = given.tables["qc_batch"]
    found = table[table["confounding"].notna()].drop_duplicates(["assay", "column"])
    factor = "" if given.file.contrast is None else given.file.contrast.factor
    for row in found.sort_values(["assay", "column"], kind="stable").to_dict("records"):
        if row["column"] == factor:
            continue
        chance = number(row["confounding_by_chance"]) or 0.0
        yield Fact(
            id=f"batch.{row['assay']}.{row['column']}",
            kind="quality",
            label=f"how far the column {row['column']} goes with the groups in {row['assay']}",
            value=float(np.sqrt(row["confounding"])),
            unit="Cramer's V",
            text=f"expected by chance {np.sqrt(chance):.2f}",
            # A column that goes with the groups no more than chance would have it is no batch that biases them.
            state="beyond_chance" if row["confounding"] > 2 * chance else "as_by_chance",
            table="qc_batch",
            row={"assay": str(row["assay"]), "column": str(row["column"])},
        )


def subgroup_facts(given: AppraisalInput, gene: str) -> Iterator[Fact]:
    """Change of the candidate in the source organ within each sex, and within each cohort if the sheet names cohorts."""
    assay = given.assay_of("source", "protein") or given.assay_of("source", "rna")
    if assay is None:
        return
    for kind, column in (("sex", given.sex_column(assay.name)), ("cohort", given.cohort_column(assay.name))):
        if column is not None:
            for level in given.animals(assay.name, column):
                yield _subgroup(given, gene, assay, (kind, column, level))


def _subgroup(given: AppraisalInput, gene: str, assay: AssaySection, which: tuple[str, str, str]) -> Fact:
    kind, column, level = which
    obs = given.designs[assay.name]
    chosen = set(obs.index[obs[column].astype(str) == level]) - given.copies.get(assay.name, set())
    rows = [r for r in given.rows("animals", "gene", gene) if r["assay"] == assay.name and r["sample"] in chosen]
    contrast = given.file.contrast
    sides = [] if contrast is None else [contrast.case, contrast.control]
    values = {side: np.array([r["value"] for r in rows if r["group"] == side], dtype=float) for side in sides}
    values = {side: each[np.isfinite(each)] for side, each in values.items()}
    fact = Fact(
        id=f"{kind}.{level}",
        kind="effect",
        label=f"change in {assay.organ} within {column} {level}",
        unit="log2",
        n={side: len(each) for side, each in values.items()},
        state="too_few_values",
        eco=eco.of_modality(assay.modality, assay.format),
        table="animals",
        row={"gene": gene, "assay": assay.name, column: level},
    )
    if len(values) == 0 or min(len(each) for each in values.values()) < 2:
        return fact
    case, control = values.values()
    difference = float(case.mean() - control.mean())
    if case.std() + control.std() == 0:
        return fact
    test = stats.ttest_ind(case, control, equal_var=False)
    interval = test.confidence_interval(0.95)
    return _with(
        fact, value=difference, low=float(interval.low), high=float(interval.high), p=float(test.pvalue), state="tested"
    )


def _with(fact: Fact, **changes: Any) -> Fact:
    from dataclasses import replace

    return replace(fact, **changes)
