"""What the page of one comparison says in words: the answer, and how the p-values lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from organokine.report import words
from organokine.report.comparison_question import Question

REASONS = {
    "too_few_values": "too few values",
    "low_counts": "low counts",
    "not_estimable": "no estimate possible with the values there are",
    "constant": "the same value in every sample",
    "count_outlier": "a single extreme count",
}
N_STRONGEST = 3
FEWEST_FOR_A_SHAPE = 200
"""p-values below which a histogram of twenty bars is mostly chance: ten are expected in a bar."""
FEWEST_FOR_A_SHARE = 1000
"""p-values from which the share of changed features is told: its standard error is the inverse of the root of their number
if they are independent (3 % at 1,000, 6 % at 300), and more as features are correlated."""
DEPARTURE = 0.2
"""Share by which a part of the histogram must miss what chance gives before it is named: features are correlated, so that a
binomial error alone would name nearly every histogram of some thousand p-values."""
STANDARD_ERRORS = 4.0
"""Binomial standard errors a departure must reach as well; the reading follows Breheny, Stromberg and Lambert (2018),
doi:10.3390/ht7030023."""
_FLAT = "Flat, as chance alone makes it: nothing changed, or nothing large enough to be seen with these samples."
_PEAK = "A peak at zero that runs out to an even height: what a sound test shows when some features changed."
_SHARE = " By the height on the right, roughly {} of the tested features changed, found one by one or not."
_SLOPE = "Falling from zero to one without a peak: many changes that are too small to be told from chance one by one."
_PEAK_AND_SLOPE = (
    "A peak at zero, and a rest that keeps falling instead of lying flat: many small changes, or p-values that are too small "
    "because samples are correlated. If several samples come from one animal, name the column of the animal as block; if a "
    "batch goes with the groups, no covariate can part them."
)
_CAUSES = (
    "The usual cause is variation that the design does not name: a batch, sex, or pairs of samples from one animal. Look at the "
    "principal components below and give such a column as a covariate or, for animals, as block."
)
_HILL = f"More p-values near one than chance gives: the test is more careful than it need be. {_CAUSES}"
_PEAK_AND_HILL = (
    f"A peak at zero and a hill at one: some features changed, yet the test of the others is too careful. {_CAUSES}"
)
_MIDDLE = f"Fewer small p-values than chance gives: the test is more careful than it need be. {_CAUSES}"
_SHIFTED = (
    "The test asked for a change of more than {:g} {} in either direction. Features that did not change then lie near one by "
    "design, so that the shape is not read as it is for a test against no change."
)
_SHAPES = {
    "flat": _FLAT,
    "middle": _MIDDLE,
    "peak": _PEAK,
    "slope": _SLOPE,
    "hill": _HILL,
    "peak_and_slope": _PEAK_AND_SLOPE,
    "peak_and_hill": _PEAK_AND_HILL,
}


class Shape(NamedTuple):
    """How p-values lie between 0 and 1.

    Attributes
    ----------
    name : str
        `none`, `few`, `shifted`, `flat`, `middle`, `peak`, `slope`, `hill`, `peak_and_slope` or `peak_and_hill`.
    text : str
        What that says about the comparison, in words.
    """

    name: str
    text: str


def tested_rows(table: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Rows with a p-value and an effect."""
    return table[table["p"].notna() & table[question.effect].notna()]


def found_rows(table: pd.DataFrame, question: Question, fdr: float) -> pd.DataFrame:
    """Tested rows with q below the false discovery rate, best first."""
    tested = tested_rows(table, question)
    return best_first(tested[tested["q"] < fdr], question)


def best_first(table: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Rows by q, then p, then size of the effect; those that were not tested last."""
    columns = (-table[question.effect].abs(), table["p"], table["q"])
    return table.iloc[np.lexsort([column.to_numpy(dtype=float) for column in columns])]


def name_of(row: Mapping[Any, Any]) -> str:
    """The gene of a row, or the feature where no gene is known."""
    return str(row["feature"] if words.is_missing(row["gene"]) else row["gene"])


def answer(table: pd.DataFrame, question: Question, fdr: float, minimum_effect: float = 0.0) -> list[str]:
    """The result in a few sentences.

    Parameters
    ----------
    table : pandas.DataFrame
        Table `differential` or `joint` of one assay.
    question : Question
        The words for what was asked.
    fdr : float
        False discovery rate below which a feature counts as found.
    minimum_effect : float
        Smallest change the test asked for, log2 (per unit of the factor for a slope).

    Returns
    -------
    list of str
        Paragraphs of plain text.
    """
    tested = tested_rows(table, question)
    if len(tested) == 0:
        none = f"None of the {words.counted(len(table), 'feature')} could be tested. {untested(table, question)}"
        return [none.strip()]
    found = found_rows(table, question, fdr)
    of_all = f"{words.count(len(tested))} of {words.counted(len(table), 'feature')} could be tested"
    if len(tested) == len(table) > 1:
        of_all = f"All {words.counted(len(table), 'feature')} could be tested"
    by = "" if minimum_effect == 0 else f" by more than {minimum_effect:g} {question.unit}"
    if len(found) == 0:
        first = f"{of_all}; none {question.verbs[0]}{by} at q < {fdr:g}.{_how_little(tested, question)}"
    else:
        verb = question.verbs[0] if len(found) == 1 else question.verbs[1]
        differ = f"{words.count(len(found))} {verb}{by} {question.against} at q < {fdr:g}"
        first = f"{of_all}; {differ}: {_found(found, question)}"
    return [text for text in (first, untested(table, question)) if text != ""]


def _found(found: pd.DataFrame, question: Question) -> str:
    leaders = [
        f"{name_of(row)} ({question.effect_of(row)}, q\u00a0=\u00a0{words.probability(row['q'])})"
        for row in found.head(N_STRONGEST).to_dict("records")
    ]
    return f"{_where_high(found, question)}. The strongest: {words.listed(leaders)}."


def _where_high(found: pd.DataFrame, question: Question) -> str:
    """How many lie above and below zero, or how often each level is the highest."""
    if question.is_signed:
        n_up = int((found[question.effect] > 0).sum())
        above, below = question.sides
        return f"{words.count(n_up)} {above} and {words.count(len(found) - n_up)} {below}"
    highest = found["highest"].value_counts()
    return f"highest in {words.listed([f'{level} ({words.count(int(n))})' for level, n in highest.items()])}"


def _how_little(tested: pd.DataFrame, question: Question) -> str:
    """The smallest q, and how large a change could have stayed unseen."""
    best = best_first(tested, question).iloc[0].to_dict()
    text = (
        "" if words.is_missing(best["q"]) else f" The smallest q is {words.probability(best['q'])} ({name_of(best)})."
    )
    if not question.is_signed:
        return f"{text} That is not proof that nothing changed."
    half = (tested["ci_high"] - tested["ci_low"]).to_numpy(dtype=float) / 2
    known = half[np.isfinite(half)]
    if len(known) > 0:
        text += (
            " That is not proof that nothing changed: for half of the features the 95\u00a0% interval reaches more than "
            f"{float(np.median(known)):.2g} {question.unit} to either side of the estimate."
        )
    return text


def untested(table: pd.DataFrame, question: Question) -> str:
    """How many features were not tested, by reason; empty if all were."""
    rows = table[table["p"].isna() | table[question.effect].isna()]
    if len(rows) == 0:
        return ""
    states = rows["state"].replace({"": "no_reason", "tested": "no_reason"}).value_counts()
    told = [f"{words.count(int(n))} for {_reason(str(state))}" for state, n in states.items()]
    return f"Not tested, and without a p-value: {words.listed(told)}."


def _reason(state: str) -> str:
    return "a reason that was not kept" if state == "no_reason" else REASONS.get(state, words.spaced(state))


def shape_of(
    p: np.ndarray, minimum_effect: float = 0.0, unit: str = "log2", fewest_for_a_share: int = FEWEST_FOR_A_SHARE
) -> Shape:
    """Read a histogram of p-values.

    Null hypothesis of the reading: all p-values are uniform between 0 and 1.

    Parameters
    ----------
    p : numpy.ndarray
        (n_features,) p-values; NaN is not tested.
    minimum_effect : float
        Smallest change the test asked for; above 0 the p-values of unchanged features lie near one by design.
    unit : str
        Its unit.
    fewest_for_a_share : int
        p-values from which the text of a peak tells the share of changed features; of fewer the share is mostly chance.

    Returns
    -------
    Shape
        `few` below `FEWEST_FOR_A_SHAPE` p-values; otherwise what departs from uniform by `DEPARTURE` and by
        `STANDARD_ERRORS`.
    """
    known = p[np.isfinite(p)]
    if len(known) == 0:
        return Shape("none", "There is no p-value to draw.")
    if len(known) < FEWEST_FOR_A_SHAPE:
        return Shape("few", f"{words.counted(len(known), 'p-value')}: too few for the shape to say anything.")
    if minimum_effect > 0:
        return Shape("shifted", _SHIFTED.format(minimum_effect, unit))
    name = _shape_name(known)
    if name != "peak" or len(known) < fewest_for_a_share:
        return Shape(name, _SHAPES[name])
    # Storey's estimate: unchanged features alone fill the right half evenly.
    changed = words.percent(1.0 - min(1.0, float((known > 0.5).mean()) / 0.5))
    return Shape(name, _PEAK + _SHARE.format(changed))


def _shape_name(p: np.ndarray) -> str:
    """The key of `_SHAPES` that fits."""
    # The rest is what a peak at zero leaves: its own shape is asked apart from the height of the peak.
    rest = p[p > 0.2]
    peak = _departure(p <= 0.05, 0.05)
    if _departure(rest > 0.8, 0.25) > 0:
        return "peak_and_hill" if peak > 0 else "hill"
    if _departure(rest <= 0.6, 0.5) > 0:
        return "peak_and_slope" if peak > 0 else "slope"
    return {1: "peak", 0: "flat", -1: "middle"}[peak]


def _departure(is_there: np.ndarray, expected: float) -> int:
    """1 if clearly more p-values lie in a part than uniform ones would, -1 if clearly fewer, else 0."""
    if len(is_there) == 0:
        return 0
    difference = float(is_there.mean()) - expected
    error = float(np.sqrt(expected * (1.0 - expected) / len(is_there)))
    is_clear = abs(difference) > max(DEPARTURE * expected, STANDARD_ERRORS * error)
    return int(np.sign(difference)) if is_clear else 0
