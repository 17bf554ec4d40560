"""Facts of one candidate from where it was moved on purpose, and from functional tests of the animals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from organokine.appraisal import eco
from organokine.appraisal.facts import COMPUTED, DECLARED, Fact, number, whole

if TYPE_CHECKING:
    from organokine.appraisal.given import AppraisalInput
    from organokine.perturbation_section import PerturbationSection
    from organokine.phenotype_section import PhenotypeSection


class Arm(NamedTuple):
    """One comparison of one arm of the candidate: its row of the table `perturbations` and the names of its facts."""

    row: Mapping[str, Any]
    section: PerturbationSection
    effect: str
    engagement: str
    dose: str

    @property
    def is_engaged(self) -> bool:
        """Whether a table shows that the candidate moved; what is declared does not count."""
        return bool(self.row["engagement"] == "engaged")

    @property
    def organ_moved(self) -> str:
        """Assay in which the candidate was seen to move."""
        return str(self.row["engagement_assay"])


def arms_of(given: AppraisalInput, gene: str) -> list[Arm]:
    """Comparisons of the arms that moved this candidate, in the order of the table."""
    sections = {each.name: each for each in given.file.perturbation}
    found = []
    for row in given.rows("perturbations", "gene", gene):
        name = f"arm.{row['arm']}.{row['comparison']}"
        if row["arm"] in sections:
            found.append(Arm(row, sections[row["arm"]], name, f"{name}.engagement", f"{name}.dose"))
    return found


def arm_facts(given: AppraisalInput, gene: str) -> Iterator[Fact]:
    """Effect, engagement and dose of every comparison."""
    for arm in arms_of(given, gene):
        row = arm.row
        key = {"arm": str(row["arm"]), "comparison": str(row["comparison"])}
        present = given.animals(arm.section.assay, arm.section.factor)
        levels = _levels(arm)
        n = {level: min(whole(row[side]) or 0, present.get(level, 0)) for side, level in levels.items()}
        common: dict[str, Any] = {"eco": eco.of_arm(str(row["kind"])), "table": "perturbations", "row": key, "n": n}
        yield Fact(
            id=arm.effect,
            kind="perturbation",
            label=f"share of the contrast in {row['organ']} ({row['modality']}) that the arm {row['arm']} has "
            f"({row['kind']}, {row['comparison']})",
            value=number(row["fraction"]),
            unit="share of the contrast",
            low=number(row["fraction_low"]),
            high=number(row["fraction_high"]),
            relevant=given.limits.relevant_share,
            p=number(row["p"]) if row["state"] == "tested" else None,
            n_by_sex=_sexes(given, arm.section.assay),
            state=str(row["state"]),
            text=str(row["note"]),
            **common,
        )
        yield Fact(
            id=arm.engagement,
            kind="engagement",
            label=f"how far the arm {row['arm']} moved the candidate itself",
            value=number(row["engagement_log2fc"]),
            unit="log2",
            p=number(row["engagement_p"]),
            state=str(row["engagement"]),
            text=f"seen in {row['engagement_assay']}" if row["engagement_assay"] != "" else "",
            badge=DECLARED if row["engagement"] == "declared" else COMPUTED,
            **common,
        )
        if number(row["dose_p"]) is not None:
            yield Fact(
                id=arm.dose,
                kind="perturbation",
                label=f"trend over the doses of the arm {row['arm']}",
                value="trend",
                p=number(row["dose_p"]),
                state="tested",
                **common,
            )


def _levels(arm: Arm) -> dict[str, str]:
    section = arm.section
    if arm.row["comparison"] == "rescue" and section.rescue is not None:
        return {"n_case": section.rescue, "n_control": section.case}
    return {"n_case": section.case, "n_control": section.control}


def _sexes(given: AppraisalInput, assay: str) -> dict[str, int]:
    column = given.sex_column(assay)
    return {} if column is None else given.animals(assay, column)


class Function(NamedTuple):
    """One effect on one functional measure."""

    row: Mapping[str, Any]
    section: PhenotypeSection
    id: str
    arm: str
    domain: str

    @property
    def is_primary(self) -> bool:
        """Whether it is the answer that was fixed beforehand."""
        return bool(self.row["role"] == "primary")


def functions_of(given: AppraisalInput, gene: str) -> list[Function]:
    """Effects of groups on function: those of the contrast, and those of arms that moved this candidate."""
    found: list[Function] = []
    names: set[str] = set()
    for section in given.file.phenotype:
        arm = _arm_of(given, gene, section)
        if arm is None:
            continue
        for row in given.rows("phenotypes", "phenotype", section.name):
            if row["term"] != "group" or row["role"] not in {"primary", "adjusted"}:
                continue
            name = f"function.{row['phenotype']}.{row['measure']}"
            name += "" if row["role"] == "primary" else f".{row['adjusted_for'] or 'same_animals'}"
            name = name if name not in names else f"{name}.{row['method']}"
            names.add(name)
            found.append(Function(row, section, name, arm, section.domain or _DOMAINS.get(section.test, "other")))
    return found


_DOMAINS = {"rotarod": "coordination", "beam": "coordination", "gait": "coordination", "grip": "strength"}


def _arm_of(given: AppraisalInput, gene: str, section: PhenotypeSection) -> str | None:
    """Empty for a test of the contrast, the arm for one of the candidate's arms, None for another's."""
    contrast = given.file.contrast
    if contrast is None:
        return None
    asked = (
        section.factor or contrast.factor,
        section.case or contrast.case,
        section.control or contrast.control,
    )
    if asked == (contrast.factor, contrast.case, contrast.control):
        return ""
    for arm in given.file.perturbation:
        if arm.gene == gene and asked == (arm.factor, arm.case, arm.control):
            return arm.name
    return None


def function_facts(given: AppraisalInput, gene: str) -> Iterator[Fact]:
    """One fact per effect on function."""
    for each in functions_of(given, gene):
        row = each.row
        estimate, in_sd = number(row["estimate"]), number(row["standardised"])
        is_ratio = row["scale"] == "ratio"
        matters = None
        if not is_ratio and estimate is not None and in_sd is not None and in_sd != 0:
            matters = given.limits.relevant_sd * abs(estimate / in_sd)
        adjusted = f", adjusted for {row['adjusted_for']}" if row["adjusted_for"] != "" else ""
        whose = "the contrast" if each.arm == "" else f"the arm {each.arm}"
        yield Fact(
            id=each.id,
            kind="function",
            label=f"effect of {whose} on {row['measure']} ({row['phenotype']}){adjusted}",
            value=estimate,
            unit="ratio" if is_ratio else str(row["unit"]),
            low=number(row["ci_low"]),
            high=number(row["ci_high"]),
            relevant=matters,
            p=number(row["p"]),
            q=number(row["q"]),
            n=_compared(given, each),
            n_by_sex=_function_sexes(given, str(row["phenotype"]), str(row["measure"])),
            state=str(row["state"]),
            text=str(row["note"]),
            eco=eco.IN_VIVO_ASSAY,
            table="phenotypes",
            row={name: str(row[name]) for name in ("phenotype", "measure", "term", "method")},
        )


LEAST_DISTINCT = 4
"""Distinct values from which it is no chance that every animal shares its value with another one of its group."""


def tested_facts(given: AppraisalInput) -> Iterator[Fact]:
    """Animals of every functional test; the same for all candidates."""
    table = given.tables["phenotype_animals"]
    for (phenotype, measure), rows in table.groupby(["phenotype", "measure"], sort=True):
        free = rows[rows["n_at_ceiling"].fillna(0) < rows["n_values"].fillna(1)]
        twins = free.groupby(["group", "value", free["weight"].fillna(-1.0)]).size()
        copied = len(twins) >= LEAST_DISTINCT and int(twins.min()) >= 2
        counts = rows.groupby("group", sort=True)["subject"].nunique()
        yield Fact(
            id=f"design.{phenotype}.{measure}",
            kind="design",
            label=f"animals of {phenotype}, {measure}",
            value=float(counts.sum()),
            unit="animals",
            n={str(group): int(n) for group, n in counts.items()},
            n_by_sex=_function_sexes(given, str(phenotype), str(measure)),
            text="every animal has the value of another one of its group" if copied else "",
            state="copies" if copied else "",
            table="phenotype_animals",
            row={"phenotype": str(phenotype), "measure": str(measure)},
        )


def _compared(given: AppraisalInput, each: Function) -> dict[str, int]:
    contrast = given.file.contrast
    levels = (
        each.section.case or ("case" if contrast is None else contrast.case),
        each.section.control or ("control" if contrast is None else contrast.control),
    )
    return dict(zip(levels, (whole(each.row["n_case"]) or 0, whole(each.row["n_control"]) or 0), strict=True))


def _function_sexes(given: AppraisalInput, phenotype: str, measure: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in given.rows("phenotype_animals", "phenotype", phenotype):
        if row["measure"] == measure and row["sex"] != "":
            counts[row["sex"]] = counts.get(row["sex"], 0) + 1
    return dict(sorted(counts.items()))
