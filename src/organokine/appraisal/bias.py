"""Risk of bias by the items of SYRCLE, each with a badge; no total, as its authors advise.

Items after Hooijmans et al. 2014, BMC Med Res Methodol 14, 43, doi 10.1186/1471-2288-14-43.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from organokine.appraisal.certainty import batches
from organokine.appraisal.facts import COMPUTED, DECLARED, NOT_RECORDED

if TYPE_CHECKING:
    from organokine.appraisal.case import Case

Risk = Literal["low", "high", "unclear"]


class Item(NamedTuple):
    """One item: its number and name, the risk, the badge, why, and the facts behind it."""

    item: int
    name: str
    risk: Risk
    badge: str
    reason: str
    facts: tuple[str, ...] = ()


def bias_items(case: Case) -> list[Item]:
    """All ten items."""
    return [
        _declared(case, 1, "sequence generation", ("randomised", "randomized", "sequence_generation", "randomisation")),
        _baseline(case),
        _declared(case, 3, "allocation concealment", ("allocation_concealed", "allocation_concealment")),
        _declared(case, 4, "random housing", ("random_housing", "randomised_housing")),
        _declared(case, 5, "blinding of caregivers", ("caregiver_blinded", "caregivers_blinded", "blinded_caregivers")),
        _order(case),
        _declared(case, 7, "blinding of assessors", ("blinded", "assessor_blinded", "blinded_assessment")),
        _attrition(case),
        _reporting(case),
        _other(case),
    ]


def _declared(
    case: Case, item: int, name: str, keys: tuple[str, ...], cap: Callable[[Case], str] | None = None
) -> Item:
    """An item that data cannot show: what the user declares, capped by what the data refute."""
    fact = case.declared(*keys)
    refuted = (cap or _refuted)(case)
    if fact is None:
        return Item(item, name, "unclear", NOT_RECORDED, "not recorded")
    if fact.value == "no":
        return Item(item, name, "high", DECLARED, "declared: no", (fact.id,))
    if refuted != "":
        return Item(
            item, name, "unclear", DECLARED, f"declared: {fact.value}; capped by the data: {refuted}", (fact.id,)
        )
    return Item(item, name, "low", DECLARED, f"declared: {fact.value}", (fact.id,))


def _refuted(case: Case) -> str:
    """What the data show that a declaration of good allocation or handling cannot be squared with."""
    assays = tuple(each.name for each in case.given.file.assay)
    full = [fact for fact in batches(case, assays) if (fact.number or 0.0) > case.limits.batch_fully]
    return "" if len(full) == 0 else f"{full[0].label}, V = {full[0].number:.2f}"


def _baseline(case: Case) -> Item:
    """Sexes of both groups in the source organ; body weight differs with age and is shown with function."""
    name = "baseline characteristics"
    contrast, assay = (
        case.given.file.contrast,
        case.given.assay_of("source", "protein") or case.given.assay_of("source", "rna"),
    )
    column = None if assay is None else case.given.sex_column(assay.name)
    if contrast is None or assay is None or column is None:
        return Item(2, name, "unclear", NOT_RECORDED, "sex is not recorded")
    obs = case.given.designs[assay.name]
    shares = {}
    for side in (contrast.case, contrast.control):
        of_side = obs[obs[contrast.factor].astype(str) == side][column].dropna().astype(str)
        shares[side] = of_side.value_counts(normalize=True)
    apart = max(
        float(shares[contrast.case].get(level, 0.0) - shares[contrast.control].get(level, 0.0))
        for level in sorted(set(obs[column].dropna().astype(str)))
    )
    is_apart = apart > case.limits.batch_partly
    said = f"share of a sex differs by up to {apart:.0%} between groups"
    return Item(2, name, "high" if is_apart else "low", COMPUTED, said, (f"design.{assay.name}",))


def _order(case: Case) -> Item:
    """Order of measurement: it can refute a random order, never prove one."""
    name = "random outcome assessment"
    runs = case.given.tables["runs"]
    contrast = case.given.file.contrast
    known = runs[runs["run_order"].notna()]
    if contrast is not None:
        for assay, rows in known.groupby("assay", sort=True):
            sides = [rows.loc[rows["group"] == side, "run_order"] for side in (contrast.case, contrast.control)]
            if min(len(side) for side in sides) >= 2 and (
                sides[0].min() > sides[1].max() or sides[1].min() > sides[0].max()
            ):
                return Item(
                    6,
                    name,
                    "high",
                    COMPUTED,
                    f"{assay}: one group was measured wholly before the other",
                    (f"design.{assay}",),
                )
    return _declared(case, 6, name, ("random_assessment", "random_outcome_assessment"))


def _attrition(case: Case) -> Item:
    name = "incomplete outcome data"
    facts = [fact for fact in case.facts if fact.id.startswith("change.") and len(fact.n) == 2]
    worst, where = 0.0, ""
    for fact in facts:
        design = case.fact(f"design.{fact.row['assay']}")
        if design is None:
            continue
        lost = [1 - n / design.n[level] for level, n in fact.n.items() if design.n.get(level, 0) > 0]
        if len(lost) == 2 and abs(lost[0] - lost[1]) > worst:
            worst, where = abs(lost[0] - lost[1]), fact.id
    if len(facts) == 0:
        return Item(8, name, "unclear", NOT_RECORDED, "not recorded")
    said = f"losses of values differ by up to {worst:.0%} of animals between groups; animals lost before measurement are not recorded"
    return Item(
        8, name, "high" if worst > case.limits.attrition else "unclear", COMPUTED, said, (where,) if where != "" else ()
    )


def _reporting(case: Case) -> Item:
    """Every test of the study file is on the card; whether more were planned must be declared."""
    name = "selective reporting"
    absent = planned_and_absent(case)
    if absent is None:
        return Item(9, name, "unclear", NOT_RECORDED, "no list of planned outcomes is declared")
    fact = case.declared(*PLANNED)
    names = () if fact is None else (fact.id,)
    if len(absent) > 0:
        return Item(9, name, "high", COMPUTED, f"planned and absent: {', '.join(absent)}", names)
    return Item(9, name, "low", DECLARED, "all planned outcomes are present, by the declared list", names)


PLANNED = ("planned_outcomes", "outcomes", "registered_outcomes")


def planned_and_absent(case: Case) -> list[str] | None:
    """Outcomes that the user declares as planned and that no functional test or assay has; None if none are declared."""
    fact = case.declared(*PLANNED)
    if fact is None:
        return None
    given = case.given.file
    present = {each.name.casefold() for each in given.phenotype} | {each.test for each in given.phenotype}
    present |= {each.name.casefold() for each in given.assay} | {each.organ.casefold() for each in given.assay}
    present |= {measure.casefold() for each in given.phenotype for measure in each.measures}
    planned = [word.strip() for word in str(fact.value).replace(",", ";").split(";")]
    return [word for word in planned if word != "" and word.casefold() not in present]


def _other(case: Case) -> Item:
    copied = [fact for fact in case.facts.of("design") if fact.state == "copies"]
    if len(copied) > 0:
        return Item(10, "other", "high", COMPUTED, f"{copied[0].label}: {copied[0].text}", (copied[0].id,))
    fact = case.declared("conflicts", "conflict_of_interest", "funding")
    if fact is None:
        return Item(10, "other", "unclear", NOT_RECORDED, "funding and conflicts of interest are not declared")
    return Item(10, "other", "unclear", DECLARED, f"{fact.label}: {fact.value}", (fact.id,))
