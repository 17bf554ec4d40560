"""What the page says of a perturbation arm: no word that its design may not print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from organokine.report import words

Row = Mapping[str, Any]
Contrast = Mapping[str, Any] | None

VERBS = {
    "gain": "overexpression of {gene}",
    "recombinant": "giving {gene} protein",
    "loss": "taking {gene} away",
    "inhibitor": "inhibiting {gene}",
    "compound": "the compound aimed at {gene}",
    "transfer": "transfer of blood, with {gene} in it,",
}
WHY_NOT = {
    "no_contrast_assay": "The contrast was not measured in this organ and modality, so there is no signature to compare with.",
    "shared_samples": "No p-value and no fraction: arm and contrast share animals, and would agree by construction.",
    "confounded": "The design of the arm, or of the contrast, cannot separate its groups from a covariate.",
    "too_few_shared_genes": "Arm and contrast have too few genes in common.",
    "too_few_animals_for_p": "Too few animals for a p-value: not even the most extreme arrangement of them would be one in twenty. "
    "What there is, is the fraction and its interval.",
    "engagement_not_measured": "No table shows that the arm moved the gene, so the result supports no claim.",
    "direction_unknown": "It is not known whether the arm moves the gene the way the contrast does, so the p-value is two-sided and "
    "supports no claim.",
    "no_animals": "Two tables of changes hold no animals, so there is neither p-value nor interval.",
}


def said_of(row: Row, contrast: Contrast) -> list[str]:
    """Sentences on one comparison: engagement first, then what was found, then what to know about it."""
    parts = [_engagement(row), _finding(row, contrast), *_notes(row)]
    return [part for part in parts if part != ""]


def heading(row: Row) -> str:
    """Arm, what was moved, and where it was looked at."""
    comparison = {"rescue": ", rescue", "interaction": ", interaction"}.get(str(row["comparison"]), "")
    place = f"{row['organ']}, {words.modality(str(row['modality']))}"
    return f"{row['arm']}{comparison}: {row['gene']}, {words.spaced(str(row['kind']))}, seen in {place}"


def fold(log2fc: float) -> str:
    """A change as its fold: `8-fold up`, `1.6-fold down`."""
    return f"{2 ** abs(float(log2fc)):.2g}-fold {'up' if log2fc > 0 else 'down'}"


def _engagement(row: Row) -> str:
    gene = row["gene"]
    if words.is_missing(gene):
        return ""
    moved = "" if words.is_missing(row["engagement_log2fc"]) else f" {fold(row['engagement_log2fc'])}"
    own = (
        ""
        if words.is_missing(row["contrast_log2fc"])
        else f", against {fold(row['contrast_log2fc'])} in the contrast{_seen_in(row)}"
    )
    sides = "two" if words.is_missing(row["moves"]) else "one"
    p = "" if words.is_missing(row["engagement_p"]) else f", {sides}-sided p = {words.probability(row['engagement_p'])}"
    match row["engagement"]:
        case "engaged":
            return words.sentence(f"{gene} moved{moved}{p}{own}")
        case "not_engaged":
            return words.sentence(
                f"The arm has failed: {gene} was not seen to move as intended ({moved.strip() or 'no change'}{p}{own}); it "
                "speaks neither for nor against"
            )
        case "declared":
            seen = f"; in {row['engagement_assay']} it is{moved}{p}" if moved != "" else ""
            return words.sentence(f"That {gene} moved is declared, not measured{seen}{own}")
        case _ if moved != "":
            what = f"{gene} was not seen to move ({moved.strip()}{p}{own})"
            return words.sentence(f"{what}, and it is not declared that the arm hit it")
        case _:
            return words.sentence(f"Whether {gene} moved was not measured{own}")


def _seen_in(row: Row) -> str:
    """The assay of the contrast; two tables without a study around them have no name of their own."""
    return "" if row["contrast_assay"] == "contrast" else f" ({row['contrast_assay']})"


def _finding(row: Row, contrast: Contrast) -> str:
    if row["state"] == "not_engaged":
        return ""
    if row["state"] == "tested":
        say = _VERDICTS.get(str(row["verdict"]), _not_shown)
        return words.sentence(f"{say(row, contrast)} ({_numbers(row)})")
    why = WHY_NOT.get(str(row["state"]), words.sentence(words.spaced(str(row["state"]))))
    if words.is_missing(row["gene"]) and row["state"] == "engagement_not_measured":
        why = "No gene was named: this says how far the two agree, and supports no claim about a gene."
    if words.is_missing(row["rho"]):
        return why
    return f"{why} The arm has {share(row)} of {_versus(contrast)} ({_numbers(row)})."


def _numbers(row: Row) -> str:
    parts = [f"ρ = {words.signed(row['rho'])}"]
    is_tested = not words.is_missing(row["p"])
    if is_tested:
        parts.append(f"p = {words.probability(row['p'])}")
    if is_tested and not words.is_missing(row["smallest_p"]):
        parts.append(
            f"by {words.count(row['n_arrangements'])} arrangements of the labels of {words.count(row['n_case'])} + "
            f"{words.count(row['n_control'])} animals; the smallest possible is {words.probability(row['smallest_p'])}"
        )
    elif row["state"] == "too_few_animals_for_p" and not words.is_missing(row["smallest_p"]):
        parts.append(f"no p below {words.probability(row['smallest_p'])} is possible")
    return ", ".join(parts)


def _versus(contrast: Contrast) -> str:
    return "the contrast" if contrast is None else f"{contrast['case']} against {contrast['control']}"


def _act(row: Row) -> str:
    """What was done, as the comparison sees it: a rescue brings back what the perturbation changed."""
    act = _plain_act(row)
    if row["comparison"] == "rescue":
        return f"the rescue after {act}"
    if row["comparison"] == "interaction":
        return f"the interaction (how far the effect of {act} differs between two backgrounds)"
    return act


def _plain_act(row: Row) -> str:
    return VERBS.get(str(row["kind"]), "the arm on {gene}").format(gene=row["gene"])


def _background(row: Row) -> str:
    return "" if words.is_missing(row["background"]) else f" in {row['background']} animals"


def share(row: Row, *, taken: bool = False) -> str:
    """The fraction with its interval; `taken` for what a reversal takes back."""
    if words.is_missing(row["fraction"]):
        return "an unknown share"
    sign = -1.0 if taken else 1.0
    value = _percent(sign * float(row["fraction"]))
    if words.is_missing(row["fraction_low"]):
        return value
    ends = sorted([sign * float(row["fraction_low"]), sign * float(row["fraction_high"])])
    return f"{value} (95\u00a0% interval {_percent(ends[0])} to {_percent(ends[1])})"


def _percent(value: float) -> str:
    """A share with a true minus sign; what rounds to zero has none."""
    return words.percent(round(value, 2) + 0.0).replace("-", "−")


def _sufficient(row: Row, contrast: Contrast) -> str:
    return f"Sufficient in part: {_act(row)}{_background(row)} reproduces {share(row)} of {_versus(contrast)}"


def _reproduces(row: Row, contrast: Contrast) -> str:
    return f"{_capital(_act(row))}{_background(row)} reproduces {share(row)} of {_versus(contrast)}"


def _necessary(row: Row, contrast: Contrast) -> str:
    return (
        f"Necessary in part: {_act(row)}{_background(row)} takes back {share(row, taken=True)} of {_versus(contrast)}"
    )


def _reverses(row: Row, contrast: Contrast) -> str:
    return f"{_capital(_act(row))}{_background(row)} reverses {share(row, taken=True)} of {_versus(contrast)}"


def _opposes(row: Row, contrast: Contrast) -> str:
    return (
        f"{_capital(_act(row))} goes against {_versus(contrast)}, {share(row)} of it, in animals of which it is not known that they "
        "have it: whether it would undo it is not shown"
    )


def _transfers(row: Row, contrast: Contrast) -> str:
    return (
        f"{_capital(_act(row))}{_background(row)} carries {share(row)} of {_versus(contrast)}: something in blood does, which need not "
        f"be {row['gene']}"
    )


def _opposite(row: Row, contrast: Contrast) -> str:
    return f"{_capital(_act(row))} goes the other way than expected: {share(row)} of {_versus(contrast)}"


def _not_shown(row: Row, contrast: Contrast) -> str:
    return f"Not shown: {_act(row)}{_background(row)} has {share(row)} of {_versus(contrast)}"


_VERDICTS: dict[str, Callable[[Row, Contrast], str]] = {
    "sufficient": _sufficient,
    "reproduces": _reproduces,
    "necessary": _necessary,
    "reverses": _reverses,
    "opposes": _opposes,
    "transfers": _transfers,
    "opposite": _opposite,
    "not_shown": _not_shown,
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _notes(row: Row) -> list[str]:
    found = [] if words.is_missing(row["note"]) else [words.sentence(words.typeset(str(row["note"])))]
    if not words.is_missing(row["dose_p"]):
        how = "in some direction at two-sided" if row["direction"] == 0 else "as expected at one-sided"
        found.append(
            f"Among perturbed animals the score goes with the dose {how} p = {words.probability(row['dose_p'])}."
        )
    return found
