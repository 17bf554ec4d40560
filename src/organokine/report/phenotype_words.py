"""What is said of a functional test: every effect as a plain sentence, in the direction that is better or worse function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from organokine.report import words
from organokine.report.phenotype_measures import Measure, number

Row = Mapping[Any, Any]

SHOWN_BELOW = 0.05
"""Two-sided p, or false discovery rate over a family, below which a difference is said to be shown; the custom of the field, and
the level of the 95 % intervals beside it."""
MANY = 4
"""Measures of one test up to which each has its own sentences; of more, the family is told first."""
NO_REASON = ("", "estimated", "not_estimated")
"""States that hold no reason of their own: it stands in the note."""
WHY_NOT = {
    "all_alike": "all animals are alike",
    "no_event": "in one group it happened to none of the animals, or to all",
}
ADJUSTED = "adjusted"
"""Role of a row that holds strength, weight and activity equal, and of the one beside it in the same animals without."""


def is_shown(row: Row) -> bool:
    """Whether a row shows a difference: by its false discovery rate where it has one, by its p otherwise."""
    decisive = row["p"] if words.is_missing(row["q"]) else row["q"]
    return not words.is_missing(decisive) and float(decisive) < SHOWN_BELOW


def primary_of(rows: Sequence[Row]) -> Row | None:
    """The row that answers, or None."""
    return next((row for row in rows if row["role"] == "primary" and row["term"] == "group"), None)


def said_of(measure: Measure, rows: Sequence[Row]) -> list[str]:
    """Sentences on one measure: the answer first, then what stands beside it, then learning and what it depends on.

    Parameters
    ----------
    measure : Measure
        The measure.
    rows : sequence of mapping
        Its rows of the table `phenotypes`.
    """
    primary = primary_of(rows)
    said: list[str] = []
    # What was held equal is named before the same animals without it are spoken of.
    held = [len(_adjusted(row)) if row["role"] == ADJUSTED else 0 for row in rows]
    order = sorted(
        range(len(rows)),
        key=lambda at: (rows[at] is not primary, rows[at]["term"] != "group", rows[at]["role"] == ADJUSTED, -held[at]),
    )
    for row in (rows[at] for at in order):
        text = _sentence(measure, row, primary)
        note = words.sentence(words.typeset(str(row["note"])))
        is_told = row["state"] in {"", "not_estimated"} or note in " ".join(said)
        said.append(text if text == "" or is_told else f"{text} {note}".strip())
    return list(dict.fromkeys(text for text in said if text != ""))


def _sentence(measure: Measure, row: Row, primary: Row | None) -> str:
    if row["state"] != "estimated" or words.is_missing(row["estimate"]):
        what = "" if row is primary else f" ({term_in_words(str(row['term']))}, {row['method']})"
        p = "" if words.is_missing(row["p"]) else f" ({_numbers(measure, row)}); {_by_p(measure, row)}"
        return words.sentence(f"no estimate for {measure.noun}{what}: {_reason(row)}{p}")
    match row["term"]:
        case "group":
            is_answer = primary is None or row is primary
            return words.sentence(_answer(measure, row) if is_answer else _beside(measure, row, primary))
        case "group x day":
            return words.sentence(_learning(measure, row))
        case "group x sex" | "group x weight":
            return words.sentence(_depends(measure, row, str(row["term"]).removeprefix("group x ")))
        case _:
            return ""


def _by_p(measure: Measure, row: Row) -> str:
    """What p says where there is no estimate."""
    both = f"{measure.groups[0]} and {measure.groups[1]}"
    return f"that {both} differ is {'shown' if is_shown(row) else 'not shown'}"


def _reason(row: Row) -> str:
    state = str(row["state"])
    if state not in NO_REASON:
        return WHY_NOT.get(state, words.spaced(state))
    return "the reason was not kept" if words.is_missing(row["note"]) else words.typeset(str(row["note"]))


def term_in_words(term: str) -> str:
    """A term of the model as a reader says it."""
    return {
        "group": "case against control",
        "group x day": "difference in learning",
        "group x sex": "whether it depends on sex",
        "group x weight": "whether it depends on weight",
    }.get(term, term)


def _answer(measure: Measure, row: Row) -> str:
    if is_shown(row):
        return f"{_difference(measure, row)}{_function(measure, row)} ({_numbers(measure, row)})"
    if words.is_missing(row["p"]):
        return f"{_difference(measure, row)}, without a p-value ({_numbers(measure, row)})"
    return (
        f"no difference was shown in {measure.noun} between {measure.groups[0]} and {measure.groups[1]}: "
        f"{_reaches(measure, row)} ({_numbers(measure, row, interval=False)})"
    )


def _beside(measure: Measure, row: Row, primary: Row | None) -> str:
    """The same question answered in another way: adjusted for more, or under another assumption."""
    added = [each for each in _adjusted(row) if primary is not None and each not in _adjusted(primary)]
    if len(added) > 0:
        start = f"after {words.listed(added)} {'is' if len(added) == 1 else 'are'} taken into account"
    elif row["role"] == ADJUSTED:
        if primary is not None and _same_animals(row, primary):
            return ""
        start = "in the animals of which all of that is known, without taking it into account,"
    else:
        kind = {"estimate": "in another estimate", "sensitivity": "under another assumption"}
        start = f"{kind.get(str(row['role']), 'as a secondary analysis')} ({row['method']})"
    if words.is_missing(row["p"]):
        given = f" ({_interval(measure, row)})" if _interval(measure, row) != "" else ""
        return f"{start} the difference is {_amount(measure, row)}{given}, without a p-value"
    numbers = _numbers(measure, row, interval=is_shown(row), method=len(added) > 0)
    if is_shown(row):
        return f"{start} the difference is {_amount(measure, row)} ({numbers})"
    return f"{start} no difference is shown: {_reaches(measure, row)} ({numbers})"


def _same_animals(row: Row, other: Row) -> bool:
    return bool(row["n_case"] == other["n_case"] and row["n_control"] == other["n_control"])


def _learning(measure: Measure, row: Row) -> str:
    case, control = measure.groups
    numbers = _numbers(measure, row)
    if row["scale"] == "ratio":
        change = f"from one day to the next, {measure.noun} of {case} against {control} is multiplied by {number(row['estimate'], row)}"
    else:
        steeper = "higher" if float(row["estimate"]) > 0 else "lower"
        unit = str(row["unit"]) if "per" in str(row["unit"]) else f"{row['unit']} per day".strip()
        size = f"{number(abs(float(row['estimate'])), row)} {unit}"
        change = f"the slope of {measure.noun} over days was {size} {steeper} in {case} than in {control}"
    if not is_shown(row):
        reached = "" if _span(row) == "" else f"; the interval reaches from {_span(row)}"
        numbers = _numbers(measure, row, interval=False)
        return f"no difference in learning was shown between {case} and {control}{reached} ({numbers})"
    if measure.better == "":
        return f"{change} ({numbers})"
    is_up = float(row["estimate"]) > (1.0 if row["scale"] == "ratio" else 0.0)
    gained = "more" if is_up == (measure.better == "higher") else "less"
    return f"{change}: they gained {gained} from day to day ({numbers})"


def _depends(measure: Measure, row: Row, on: str) -> str:
    numbers = _numbers(measure, row)
    if is_shown(row):
        return f"the difference in {measure.noun} depends on {on} ({numbers})"
    return f"that the difference in {measure.noun} depends on {on} was not shown ({numbers})"


def _difference(measure: Measure, row: Row) -> str:
    case, control = measure.groups
    phrase = measure.phrase
    value = float(row["estimate"])
    if row["scale"] == "ratio":
        return phrase.times.format(case=case, control=control, noun=measure.noun, size=number(value, row))
    shape = phrase.more if value >= 0 else phrase.less
    return shape.format(case=case, control=control, noun=measure.noun, size=_size(value, row))


def _function(measure: Measure, row: Row) -> str:
    """What the direction means for function; empty where it is not known."""
    if measure.better == "":
        return ""
    is_up = float(row["estimate"]) > (1.0 if row["scale"] == "ratio" else 0.0)
    return f", which is {'better' if is_up == (measure.better == 'higher') else 'worse'} function"


def _size(value: float, row: Row) -> str:
    return f"{number(abs(float(value)), row)} {row['unit']}".strip()


def _amount(measure: Measure, row: Row) -> str:
    if row["scale"] == "ratio":
        return f"{number(row['estimate'], row)}-fold"
    return _end(measure, float(row["estimate"]), row)


def _interval(measure: Measure, row: Row) -> str:
    """`95 % interval 20 to 64 s shorter`; empty without one."""
    if words.is_missing(row["ci_low"]) or words.is_missing(row["ci_high"]):
        return ""
    low, high = float(row["ci_low"]), float(row["ci_high"])
    if row["scale"] == "ratio":
        return f"95\u00a0% interval {number(low, row)} to {number(high, row)} times"
    more, less = measure.phrase.ends
    if low < 0 <= high:
        return f"95\u00a0% interval {_end(measure, low, row)} to {_end(measure, high, row)}"
    near, far = sorted([abs(low), abs(high)])
    return f"95\u00a0% interval {number(near, row)} to {_size(far, row)} {more if low >= 0 else less}"


def _end(measure: Measure, value: float, row: Row) -> str:
    if value == 0:
        return _size(0.0, row)
    more, less = measure.phrase.ends
    return f"{_size(value, row)} {more if value > 0 else less}"


def _reaches(measure: Measure, row: Row) -> str:
    """Estimate and the reach of its interval: what an undecided test leaves open."""
    amount = f"{number(row['estimate'], row)} times" if row["scale"] == "ratio" else _amount(measure, row)
    if words.is_missing(row["ci_low"]) or words.is_missing(row["ci_high"]):
        return f"the estimate is {amount}"
    low, high = float(row["ci_low"]), float(row["ci_high"])
    if row["scale"] == "ratio":
        span = f"{number(low, row)} to {number(high, row)} times"
    else:
        span = f"{_end(measure, low, row)} to {_end(measure, high, row)}"
    return f"the estimate is {amount}, and the 95\u00a0% interval reaches from {span}"


def _span(row: Row) -> str:
    """Both ends with their signs, for slopes and interactions; empty without an interval."""
    if words.is_missing(row["ci_low"]) or words.is_missing(row["ci_high"]):
        return ""
    return f"{number(row['ci_low'], row)} to {number(row['ci_high'], row)} {row['unit']}".strip()


def _adjusted(row: Row) -> list[str]:
    return [words.spaced(part) for part in str(row["adjusted_for"]).split(";") if part.strip() != ""]


def _numbers(measure: Measure, row: Row, *, interval: bool = True, method: bool = True) -> str:
    """What stands in brackets behind an effect; semicolons, since it has commas inside."""
    span = _interval(measure, row)
    if row["term"] != "group" and row["scale"] != "ratio" and _span(row) != "":
        span = f"95\u00a0% interval{'' if row['term'] == 'group x day' else ' of the interaction'} {_span(row)}"
    parts = [span if interval else ""]
    if not words.is_missing(row["p"]):
        q = row["q"]
        is_corrected = not words.is_missing(q) and float(q) != float(row["p"])
        rate = f", false discovery rate over the measures {words.probability(q)}" if is_corrected else ""
        parts.append(f"p\u00a0=\u00a0{words.probability(row['p'])}{rate}")
    parts.append(_counts(measure, row))
    df = "" if words.is_missing(row["df"]) else f"{words.plain(row['df'])} degrees of freedom"
    parts.append(", ".join(part for part in (_method(row) if method else "", df) if part != ""))
    return "; ".join(part for part in parts if part != "")


def _counts(measure: Measure, row: Row) -> str:
    if words.is_missing(row["n_case"]) or words.is_missing(row["n_control"]):
        return ""
    n = int(row["n_case"]) + int(row["n_control"])
    text = f"{words.count(row['n_case'])} and {words.count(row['n_control'])} {measure.animals}"
    if not words.is_missing(row["n_values"]) and int(row["n_values"]) != n:
        text += f", {words.counted(int(row['n_values']), 'trial')}"
    if not words.is_missing(row["n_units"]) and int(row["n_units"]) != n:
        text += f" in {words.counted(int(row['n_units']), 'unit')} of replication"
    return text


def _method(row: Row) -> str:
    """How it was estimated, and what it is adjusted for unless that was the point of the row."""
    adjusted = [] if row["role"] == ADJUSTED else _adjusted(row)
    return f"{row['method']}{', adjusted for ' + words.listed(adjusted) if len(adjusted) > 0 else ''}"
