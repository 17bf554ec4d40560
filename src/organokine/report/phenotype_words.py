"""What is said of a functional test: every effect as a plain sentence, in the direction that is better or worse function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from organokine.report import words

Row = Mapping[Any, Any]

SHOWN_BELOW = 0.05
"""Two-sided p, or false discovery rate over a family, below which a difference is said to be shown; the custom of the field, and
the level of the 95 % intervals beside it."""
MANY = 4
"""Measures of one test up to which each has its own sentences; of more, the family is told first."""
WHY_NOT = {
    "too_few_animals": "there are too few animals",
    "no_variation": "all values are the same",
    "all_at_ceiling": "every trial ended at the ceiling",
    "confounded": "the groups cannot be told from what is adjusted for",
}
SD = "standard deviations between animals of one group"


class Measure(NamedTuple):
    """One measure of one functional test, and what its groups are called.

    Attributes
    ----------
    phenotype, test, measure, unit : str
        As in the table `phenotype_animals`.
    case, control : str
        Names of the groups; `case` and `control` where no animal tells them.
    better : str
        `higher`, `lower` or empty: which way is better function.
    domain : str
        What it measures.
    species : str
        As the study file names it; empty if not known.
    """

    phenotype: str
    test: str
    measure: str
    unit: str
    case: str
    control: str
    better: str
    domain: str
    species: str

    @property
    def noun(self) -> str:
        """The measure in words."""
        return _phrase(self).noun or words.spaced(self.measure)

    @property
    def animals(self) -> str:
        """Species in the plural."""
        return words.SPECIES.get(self.species, ("animal", "animals"))[1]

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table that belong to this measure."""
        found: pd.DataFrame = table[(table["phenotype"] == self.phenotype) & (table["measure"] == self.measure)]
        return found


class Phrase(NamedTuple):
    """How a measure is spoken of: more and less of it, a multiple of it, its noun, and the two ends of an interval."""

    more: str
    less: str
    times: str
    noun: str
    ends: tuple[str, str]


_PHRASES = {
    ("rotarod", "latency"): Phrase(
        "{case} stayed {size} longer on the rod than {control}",
        "{case} stayed {size} less on the rod than {control}",
        "{case} stayed {size} times as long on the rod as {control}",
        "time on the rod",
        ("longer", "shorter"),
    ),
    ("beam", "slips"): Phrase(
        "{case} made {size} more slips than {control}",
        "{case} made {size} fewer slips than {control}",
        "{case} made {size} times as many slips as {control}",
        "slips on the beam",
        ("more", "fewer"),
    ),
    ("beam", "time"): Phrase(
        "{case} took {size} longer to cross the beam than {control}",
        "{case} took {size} less to cross the beam than {control}",
        "{case} took {size} times as long to cross the beam as {control}",
        "time to cross the beam",
        ("longer", "shorter"),
    ),
    ("grip", "force"): Phrase(
        "{case} pulled {size} more than {control}",
        "{case} pulled {size} less than {control}",
        "{case} pulled {size} times as hard as {control}",
        "grip force",
        ("more", "less"),
    ),
}
_ANY = Phrase(
    "{noun} was {size} higher in {case} than in {control}",
    "{noun} was {size} lower in {case} than in {control}",
    "{noun} in {case} was {size} times that in {control}",
    "",
    ("higher", "lower"),
)


def measures_of(effects: pd.DataFrame, animals: pd.DataFrame, species: str = "") -> list[Measure]:
    """Every measure of the table `phenotypes` in its order, with the names of its groups from `phenotype_animals`.

    Parameters
    ----------
    effects, animals : pandas.DataFrame
        Tables `phenotypes` and `phenotype_animals`.
    species : str
        As the study file names it; the words say "animals" where it is not known.
    """
    found = []
    for row in effects.drop_duplicates(["phenotype", "measure"]).to_dict("records"):
        own = animals[(animals["phenotype"] == row["phenotype"]) & (animals["measure"] == row["measure"])]
        is_case = own["is_case"].fillna(value=False).to_numpy(dtype=bool)
        first = own.iloc[0] if len(own) > 0 else {"unit": row["unit"], "better": "", "domain": ""}
        found.append(
            Measure(
                str(row["phenotype"]),
                str(row["test"]),
                str(row["measure"]),
                str(first["unit"]),
                str(own["group"][is_case].iloc[0]) if is_case.any() else "case",
                str(own["group"][~is_case].iloc[0]) if (~is_case).any() else "control",
                str(first["better"]),
                str(first["domain"]),
                species,
            )
        )
    return found


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
    said = []
    for row in sorted(rows, key=lambda row: (row is not primary, row["term"] != "group")):
        said += [_sentence(measure, row, primary), *_note(row)]
    return list(dict.fromkeys(text for text in said if text != ""))


def _sentence(measure: Measure, row: Row, primary: Row | None) -> str:
    if row["state"] != "estimated" or words.is_missing(row["estimate"]):
        what = "" if row is primary else f" ({term_in_words(str(row['term']))}, {row['method']})"
        return words.sentence(f"No estimate for {measure.noun}{what}: {_reason(str(row['state']))}")
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


def _reason(state: str) -> str:
    return "the reason was not kept" if state in {"", "estimated"} else WHY_NOT.get(state, words.spaced(state))


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
        f"no difference was shown in {measure.noun} between {_groups(measure)[0]} and {_groups(measure)[1]}: "
        f"{_reaches(measure, row)} ({_numbers(measure, row, interval=False)})"
    )


def _beside(measure: Measure, row: Row, primary: Row | None) -> str:
    """The same question answered in another way: adjusted for more or less, or under another assumption."""
    start = _beside_start(row, [] if primary is None else _adjusted(primary))
    if words.is_missing(row["p"]):
        given = f" ({_interval(measure, row)})" if _interval(measure, row) != "" else ""
        return f"{start} the difference is {_amount(measure, row)}{given}; no p is given with this estimate"
    numbers = _numbers(measure, row, interval=is_shown(row))
    if is_shown(row):
        return f"{start} the difference is {_amount(measure, row)} ({numbers})"
    return f"{start} no difference is shown: {_reaches(measure, row)} ({numbers})"


def _beside_start(row: Row, adjusted: Sequence[str]) -> str:
    """What sets a row apart from the answer: what it is adjusted for, or how it was estimated."""
    added = [each for each in _adjusted(row) if each not in adjusted]
    if len(added) > 0:
        return f"after {words.listed(added)} {'is' if len(added) == 1 else 'are'} taken into account"
    start = {"estimate": "in another estimate", "sensitivity": "under another assumption"}.get(str(row["role"]), "as a secondary analysis")  # fmt: skip
    left = [each for each in adjusted if each not in _adjusted(row)]
    without = "" if len(left) == 0 else f", without taking {words.listed(left)} into account"
    return f"{start} ({row['method']}{without})"


def _learning(measure: Measure, row: Row) -> str:
    case, control = _groups(measure)
    numbers = _numbers(measure, row)
    if row["scale"] == "ratio":
        change = f"from one day to the next, {measure.noun} of {case} against {control} is multiplied by {words.plain(row['estimate'])}"
    else:
        steeper = "higher" if float(row["estimate"]) > 0 else "lower"
        unit = str(row["unit"]) if "per" in str(row["unit"]) else f"{row['unit']} per day".strip()
        size = f"{words.plain(abs(float(row['estimate'])))} {unit}"
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
    numbers = f"{term_in_words('group x ' + on)}: {_numbers(measure, row, interval=False)}"
    said = "" if _span(row) == "" else f"; interval of the interaction {_span(row)}"
    if is_shown(row):
        return f"the difference in {measure.noun} depends on {on} ({numbers}{said})"
    return f"that the difference in {measure.noun} depends on {on} was not shown ({numbers}{said})"


def _groups(measure: Measure) -> tuple[str, str]:
    """Both groups with an article; a group that is called by a number is said to be one."""
    case, control = measure.case, measure.control
    first = f"the {case} {measure.animals}" if case[:1].isalpha() else f"the {measure.animals} of group {case}"
    second = f"the {control} ones" if control[:1].isalpha() else f"those of group {control}"
    return first, second


def _phrase(measure: Measure) -> Phrase:
    return _PHRASES.get((measure.test, measure.measure), _ANY)


def _difference(measure: Measure, row: Row) -> str:
    case, control = _groups(measure)
    phrase = _phrase(measure)
    value = float(row["estimate"])
    if row["scale"] == "ratio":
        return phrase.times.format(case=case, control=control, noun=measure.noun, size=words.plain(value))
    shape = phrase.more if value >= 0 else phrase.less
    return shape.format(case=case, control=control, noun=measure.noun, size=_size(value, row))


def _function(measure: Measure, row: Row) -> str:
    """What the direction means for function; empty where it is not known."""
    if measure.better == "":
        return ""
    is_up = float(row["estimate"]) > (1.0 if row["scale"] == "ratio" else 0.0)
    return f", which is {'better' if is_up == (measure.better == 'higher') else 'worse'} function"


def _size(value: float, row: Row) -> str:
    number = "∞" if np.isinf(value) else words.plain(abs(float(value)))
    return f"{number} {row['unit']}".strip()


def _amount(measure: Measure, row: Row) -> str:
    if row["scale"] == "ratio":
        return f"{words.plain(row['estimate'])}-fold"
    return _end(measure, float(row["estimate"]), row)


def _interval(measure: Measure, row: Row) -> str:
    """`95 % interval 20 to 64 s shorter`; empty without one."""
    if words.is_missing(row["ci_low"]) or words.is_missing(row["ci_high"]):
        return ""
    low, high = float(row["ci_low"]), float(row["ci_high"])
    if row["scale"] == "ratio":
        return f"95\u00a0% interval {words.plain(low)} to {words.plain(high)} times"
    more, less = _phrase(measure).ends
    if low < 0 <= high:
        return f"95\u00a0% interval {_end(measure, low, row)} to {_end(measure, high, row)}"
    near, far = sorted([abs(low), abs(high)])
    return f"95\u00a0% interval {words.plain(near)} to {_size(far, row)} {more if low >= 0 else less}"


def _end(measure: Measure, value: float, row: Row) -> str:
    if words.plain(value) == "0":
        return _size(0.0, row)
    more, less = _phrase(measure).ends
    return f"{_size(value, row)} {more if value > 0 else less}"


def _reaches(measure: Measure, row: Row) -> str:
    """Estimate and the reach of its interval: what an undecided test leaves open."""
    amount = f"{words.plain(row['estimate'])} times" if row["scale"] == "ratio" else _amount(measure, row)
    if words.is_missing(row["ci_low"]) or words.is_missing(row["ci_high"]):
        return f"the estimate is {amount}"
    low, high = float(row["ci_low"]), float(row["ci_high"])
    if row["scale"] == "ratio":
        span = f"{words.plain(low)} to {words.plain(high)} times"
    else:
        span = f"{_end(measure, low, row)} to {_end(measure, high, row)}"
    return f"the estimate is {amount}, and the 95\u00a0% interval reaches from {span}"


def _span(row: Row) -> str:
    """Both ends with their signs, for slopes and interactions; empty without an interval."""
    if words.is_missing(row["ci_low"]) or words.is_missing(row["ci_high"]):
        return ""
    return f"{words.plain(row['ci_low'])} to {words.plain(row['ci_high'])} {row['unit']}".strip()


def _adjusted(row: Row) -> list[str]:
    return [words.spaced(part) for part in str(row["adjusted_for"]).split(";") if part.strip() != ""]


def _numbers(measure: Measure, row: Row, *, interval: bool = True) -> str:
    """What stands in brackets behind an effect; semicolons, since it has commas inside."""
    span = _interval(measure, row)
    if row["term"] != "group" and row["scale"] != "ratio" and _span(row) != "":
        span = f"95\u00a0% interval {_span(row)}"
    parts = [span if interval else ""]
    if not words.is_missing(row["p"]):
        q = row["q"]
        is_corrected = not words.is_missing(q) and float(q) != float(row["p"])
        rate = f", false discovery rate over the measures {words.probability(q)}" if is_corrected else ""
        parts.append(f"p\u00a0=\u00a0{words.probability(row['p'])}{rate}")
    parts.append(_counts(measure, row))
    adjusted = [] if "adjusted" in str(row["method"]) else _adjusted(row)
    method = f"{row['method']}{', adjusted for ' + words.listed(adjusted) if len(adjusted) > 0 else ''}"
    df = "" if words.is_missing(row["df"]) else f", {words.plain(row['df'])} degrees of freedom"
    parts.append(f"{method}{df}")
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


def _note(row: Row) -> list[str]:
    return [] if words.is_missing(row["note"]) else [words.sentence(words.typeset(str(row["note"])))]
