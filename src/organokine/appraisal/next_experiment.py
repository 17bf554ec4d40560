"""What to do next for each link that is not supported, with animals per group from the variances fitted in this study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from organokine.appraisal.facts import number, whole
from organokine.appraisal.links import lead_function
from organokine.appraisal.sources import differential_row
from organokine.kernels.power import animals_per_group, pairs_for_correlation

if TYPE_CHECKING:
    from organokine.appraisal.case import Case
    from organokine.appraisal.links import Link

POWER, LEVEL = 0.8, 0.05
"""Conventional power and two-sided level of a confirmation that asks one question of one candidate."""
FUNCTION_SHARE = 0.2
"""Size of effect on function planned for, as a share of the control mean: the nearest row of the table `phenotype_power` is taken."""
WORTH_R = 0.7
"""Animal-level link worth finding: half of the variance."""


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes
    ----------
    closes : str
        Link it would close.
    design : str
        What to do.
    n_per_group : int or None
        Animals per group; None if over 1,000, or if nothing in this study tells a variance.
    basis : str
        What the number rests on.
    refuted_by : str
        Result that would speak against the candidate.
    facts : tuple of str
        Facts it rests on.
    """

    closes: str
    design: str
    n_per_group: int | None
    basis: str
    refuted_by: str
    facts: tuple[str, ...] = ()


def next_experiments(case: Case, links: Sequence[Link], first: str) -> list[Experiment]:
    """One experiment for each link that is not supported, that for the weakest link first; a confirmation if all are."""
    makers = {
        "L1": _source,
        "L2": _release,
        "L3": _arrival,
        "L4": _receipt,
        "L5": _response,
        "L6": _function,
        "L7": _together,
    }
    open_links = [link.id for link in links if link.state != "supported"]
    order = sorted(open_links, key=lambda name: (name != first, name))
    planned = [makers[name](case) for name in order] if len(order) > 0 else [_source(case)]
    return [_no_fewer(each, int(np.ceil(case.limits.few_units))) for each in planned]


def _no_fewer(planned: Experiment, least: int) -> Experiment:
    """Never fewer animals than those below which certainty falls, whatever power says."""
    if planned.n_per_group is None or planned.n_per_group >= least:
        return planned
    basis = f"{planned.basis}; power alone asks {planned.n_per_group}, and fewer than {least} would cost certainty"
    return replace(planned, n_per_group=least, basis=basis)


def _for_change(case: Case, role: str, share: float = 1.0) -> tuple[int | None, str, tuple[str, ...]]:
    """Animals to find a relevant change, by this gene's own standard deviation in an organ, or the median of the organ."""
    assay = case.given.assay_of(role, "protein") or case.given.assay_of(role, "rna")
    if assay is None:
        return None, "no such samples were measured here: a pilot must tell the variance", ()
    row = differential_row(case.given, case.gene, assay.name)
    sd = None if row is None else number(row["sd"])
    whose = "of this candidate"
    if sd is None:
        table = case.given.tables["differential"]
        sd = number(table.loc[table["assay"] == assay.name, "sd"].median())
        whose = "of a typical feature"
    if sd is None:
        return None, "no variance could be fitted here: a pilot must tell it", ()
    effect = case.limits.relevant_log2 * share
    n = animals_per_group(effect / sd, alpha=LEVEL, power=POWER)
    said = f"{2**effect:.1f}-fold with {POWER:.0%} power at two-sided {LEVEL:g}, standard deviation {sd:.2f} log2 {whose} in {assay.organ}"
    fact = f"change.{assay.name}"
    return n, said, (fact,) if fact in case.facts else ()


def _source(case: Case) -> Experiment:
    n, basis, facts = _for_change(case, "source")
    return Experiment("L1", f"measure it again in {case.given.source} of other animals of both groups and both sexes, groups spread over batches",
                      n, basis, "no change, or one in the other direction", facts)  # fmt: skip


def _release(case: Case) -> Experiment:
    n, basis, facts = _for_change(case, "plasma")
    return Experiment("L2", f"measure it in plasma, and in what {case.given.source} gives off (conditioned medium or vesicles), of both groups",
                      n, basis, "it is made, and not found outside the organ", facts)  # fmt: skip


def _arrival(case: Case) -> Experiment:
    n, basis, facts = _for_change(case, "target")
    return Experiment("L3", f"tag the protein in {case.given.source} alone and look for the tag in {case.given.target}; measure the target's own transcript",
                      n, basis, f"no tagged protein in {case.given.target} where it is plainly made in {case.given.source}", facts)  # fmt: skip


def _receipt(case: Case) -> Experiment:
    n, basis, facts = _for_change(case, "target")
    return Experiment("L4", f"block or remove the receptor in {case.given.target}, and move the candidate",
                      n, basis, "the target responds alike without the receptor", facts)  # fmt: skip


def _response(case: Case) -> Experiment:
    n, basis, facts = _for_arm(case)
    design = f"take it away in {case.given.source} of the case group, and raise it in the control group, to the level of the case; animals at random"
    return Experiment("L5", design, n, basis, "the candidate moves as planned, and the target does not", facts)


def _for_arm(case: Case) -> tuple[int | None, str, tuple[str, ...]]:
    """Animals to find half of the contrast by scores of animals, whose spread the arms at hand tell; else as for a change."""
    scores = case.given.tables["perturbation_scores"]
    own = scores[scores["side"] == "arm"]
    within = own.groupby(["arm", "comparison", "group"])["score"].var().dropna()
    if len(within) == 0:
        return _for_change(case, "target")
    sd = float(np.sqrt(within.mean()))
    n = animals_per_group(0.5 / sd, alpha=LEVEL, power=POWER)
    said = f"half of the contrast with {POWER:.0%} power at two-sided {LEVEL:g}, standard deviation {sd:.2f} of animals' scores in the arms at hand"
    return n, said, tuple(arm.effect for arm in case.arms)


def _function(case: Case) -> Experiment:
    chosen = lead_function(case, of_arm=True) or lead_function(case, of_arm=False)
    design = "test coordination of animals in which it was moved, with strength, weight and activity beside it; assessors blinded"
    refuted = "the candidate moves, and function does not, or only as far as strength explains"
    if chosen is None:
        return Experiment(
            "L6", design, None, "no functional test is in this study: a pilot must tell the variance", refuted
        )
    rows = [row for row in case.given.rows("phenotype_power", "phenotype", str(chosen.row["phenotype"]))
            if row["measure"] == chosen.row["measure"]]  # fmt: skip
    if len(rows) == 0:
        return Experiment("L6", design, None, "no variance could be fitted here", refuted, (chosen.id,))
    row = min(rows, key=lambda each: abs(each["share"] - FUNCTION_SHARE))
    basis = (
        f"{row['share']:.0%} of the control mean with 80% power at two-sided 0.05, standard deviation {row['sd_animals']:.3g} "
        f"{row['unit']} between animals of {row['phenotype']}"
    )
    return Experiment("L6", design, whole(row["n_per_group"]), basis, refuted, (chosen.id,))


def _together(case: Case) -> Experiment:
    pairs = pairs_for_correlation(WORTH_R, LEVEL, POWER, 1)
    basis = f"r = {WORTH_R:g} within groups with {POWER:.0%} power at one-sided {LEVEL:g}, over both groups"
    facts = ("line.link",) if "line.link" in case.facts else ()
    return Experiment("L7", "measure source, target and function in the same animals, at several times if that can be",
                      -(-pairs // 2), basis, "within groups, animals with more of it do not differ in the target", facts)  # fmt: skip
