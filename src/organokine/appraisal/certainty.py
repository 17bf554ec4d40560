"""Steps of certainty that rest on the whole study: batches, cohorts, sexes and layers that disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from organokine.appraisal.judgement import Step, none_of

if TYPE_CHECKING:
    from organokine.appraisal.case import Case
    from organokine.appraisal.facts import Fact

BATCH_WORDS = (
    "batch",
    "plate",
    "run",
    "cage",
    "site",
    "lane",
    "operator",
    "day",
    "instrument",
    "pool",
    "block",
    "litter",
)
"""Words in the name of a column that make it one of how samples were handled; any other column that goes with the groups may just
name them in other words."""


def is_batch(column: str) -> bool:
    """Whether a column says how samples were handled, by its name."""
    words = column.lower().replace("-", "_").replace(" ", "_").split("_")
    return any(word.rstrip("s0123456789") in BATCH_WORDS for word in words)


def batches(case: Case, assays: tuple[str, ...]) -> list[Fact]:
    """Facts about columns of how samples were handled, of these assays."""
    return [
        fact
        for fact in case.facts.of("quality")
        if fact.table == "qc_batch" and fact.row["assay"] in assays and is_batch(fact.row["column"])
    ]


def blocking_batch(case: Case, assays: tuple[str, ...]) -> Fact | None:
    """A batch that is the group, if there is one."""
    full = [fact for fact in batches(case, assays) if (fact.number or 0.0) > case.limits.batch_fully]
    return full[0] if len(full) > 0 else None


def batch_steps(case: Case, assays: tuple[str, ...]) -> list[Step]:
    """A step down for the batch that goes furthest with the groups, beyond what chance would give."""
    partly = [
        fact
        for fact in batches(case, assays)
        if case.limits.batch_partly < (fact.number or 0.0) <= case.limits.batch_fully and fact.state == "beyond_chance"
    ]
    if len(partly) == 0:
        return []
    worst = max(partly, key=lambda fact: fact.number or 0.0)
    return [Step("risk of bias", -1, "C-BATCH", worst.id, f"{worst.label}: V = {worst.number:.2f}")]


def copied_samples(case: Case, assays: tuple[str, ...]) -> Fact | None:
    """The design of an assay, or functional test, in which animals are copies of others, if there is one."""
    facts = [case.fact(f"design.{assay}") for assay in assays]
    return next((fact for fact in facts if fact is not None and fact.state == "copies"), None)


def study_steps(case: Case, fact: Fact) -> list[Step]:
    """For the source organ: steps by sexes, layers and cohorts that agree or not."""
    if fact.id != "line.source_change":
        return []
    return _sexes(case) + _layers(case) + _cohorts(case)


def clear_sign(fact: Fact | None) -> int:
    """Sign of a fact whose interval excludes no effect; 0 else."""
    if fact is None or fact.low is None or fact.high is None:
        return 0
    none = none_of(fact)
    return 1 if fact.low > none else (-1 if fact.high < none else 0)


def _sexes(case: Case) -> list[Step]:
    values = [fact for fact in case.facts if fact.id.startswith("sex.") and fact.number is not None]
    signs = {(fact.number or 0.0) > 0 for fact in values}
    if len(signs) < 2:
        return []
    return [Step("inconsistency", -1, "C-SEXES", values[0].id, "the sexes change in opposite directions")]


def opposed_layers(case: Case) -> tuple[Fact, Fact] | None:
    """Protein and transcript of the source organ, if both change clearly and in opposite directions."""
    assays = [case.given.assay_of("source", modality) for modality in ("protein", "rna")]
    facts = [None if assay is None else case.fact(f"change.{assay.name}") for assay in assays]
    signs = [clear_sign(fact) for fact in facts]
    if facts[0] is None or facts[1] is None or signs[0] * signs[1] >= 0:
        return None
    return facts[0], facts[1]


def _layers(case: Case) -> list[Step]:
    opposed = opposed_layers(case)
    if opposed is None:
        return []
    return [
        Step("inconsistency", -1, "C-LAYERS", opposed[1].id, "protein and transcript change in opposite directions")
    ]


def cohort_signs(case: Case) -> dict[str, int]:
    """By fact: clear sign of the change within each cohort that could be tested."""
    return {
        fact.id: clear_sign(fact) for fact in case.facts if fact.id.startswith("cohort.") and fact.number is not None
    }


def _cohorts(case: Case) -> list[Step]:
    signs = cohort_signs(case)
    if {1, -1} <= set(signs.values()):
        return [Step("inconsistency", -2, "C-COHORTS", next(iter(signs)), "cohorts change in opposite directions")]
    if len(signs) >= 2 and set(signs.values()) in ({1}, {-1}):
        return [
            Step("replication", 1, "C-REPLICATED", next(iter(signs)), f"{len(signs)} cohorts agree, each by itself")
        ]
    return []
