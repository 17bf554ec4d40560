"""What was asked of one table, in the words of its page: axes, headings, sentences, the order of the levels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from organokine.design import AnyLevel, LevelContrast, Slope
from organokine.report import words

if TYPE_CHECKING:
    import pandas as pd

    from organokine.design import Asked

MOST_NUMBERS = 8
"""Different numbers of a slope up to which each one is named with its samples; more would be a list, not a legend."""


_PLAIN_NAME = re.compile(r"\w*[^\W\d_]\w*")


class Question(NamedTuple):
    """How the page speaks of one question.

    Attributes
    ----------
    title : str
        The question itself.
    factor : str
        Column of the sample sheet.
    effect : str
        Column of the table that holds the size of the change, log2 (per unit of the factor for a slope).
    axes : (str, str)
        That size as the title of an axis, in full and in short.
    short, unit : str
        The same before a number, and after a number.
    verbs : (str, str)
        What a feature does that was found: one feature, several features.
    against : str
        Where it does so.
    sides : (str, str)
        What stands after the numbers of features above and below zero; empty where no effect is below zero.
    right : str
        What a large effect means.
    levels : tuple of str
        Levels with a part of their own, control first; others follow in their order.
    meanings : mapping of str to str
        Meanings of columns that are not those of the schema.
    is_slope : bool
        Whether samples are told apart by a number.
    """

    title: str
    factor: str
    effect: str
    axes: tuple[str, str]
    short: str
    unit: str
    verbs: tuple[str, str]
    against: str
    sides: tuple[str, str]
    right: str
    levels: tuple[str, ...]
    meanings: Mapping[str, str]
    is_slope: bool = False

    @property
    def is_signed(self) -> bool:
        """Whether effects lie on both sides of zero."""
        return self.effect == "log2fc"

    def size(self, value: float) -> str:
        """An effect as the page writes it: slopes by significant digits, as the unit of the factor may be small."""
        if words.is_missing(value):
            return words.MISSING
        if self.is_slope:
            return words.typeset(f"{float(value):+#.2g}".rstrip("."))
        return words.signed(value) if self.is_signed else f"{float(value):.2f}"

    def effect_of(self, row: Mapping[Any, Any]) -> str:
        """The effect of one feature in words."""
        size = self.size(row[self.effect])
        if self.is_signed:
            return f"{self.short} {size}"
        return f"{row['highest']} over {row['lowest']} by {size} log2"


def worded(asked: Asked) -> Question:
    """The words for a question.

    Parameters
    ----------
    asked : ContrastSection, LevelContrast, Slope or AnyLevel
        The question.

    Returns
    -------
    Question
        A contrast of two levels with weights 1 and -1 is case against control; other contrasts are written out.
    """
    match asked:
        case Slope():
            return _slope(asked.factor)
        case AnyLevel():
            return _any_level(asked.factor)
        case LevelContrast():
            return _contrast(asked)
        case _:
            return _groups(asked.factor, asked.case, asked.control)


def formula(weights: Mapping[str, float]) -> str:
    """A contrast as a sum, positive weights first: `0.5 × high + 0.5 × middle − low`; names that may be misread stand in quotation marks."""
    ordered = sorted(
        ((level, weight) for level, weight in weights.items() if weight != 0), key=lambda each: each[1] < 0
    )
    text = ""
    for level, weight in ordered:
        sign = "−" if weight < 0 else "+"
        size = "" if abs(weight) == 1 else f"{abs(weight):.3g} × "
        name = level if _PLAIN_NAME.fullmatch(level) is not None else f"“{level}”"
        text += f"{size}{name}" if text == "" else f" {sign} {size}{name}"
    return text


def group_names(qc: pd.DataFrame, question: Question) -> tuple[str, ...]:
    """Groups of the samples: those of the question first, then the others; numbers by size."""
    found = {str(group) for group in qc["group"]} - {"", *question.levels}
    return (*question.levels, *by_size(sorted(found)))


def by_size(levels: Sequence[str]) -> list[str]:
    """Levels by size if all are numbers, else as they stand: 3, 15, 24 and not 15, 24, 3."""
    try:
        return sorted(levels, key=float)
    except ValueError:
        return list(levels)


def sizes(qc: pd.DataFrame, question: Question) -> dict[str, int]:
    """Samples per group; of many numbers only how many samples there are."""
    groups = group_names(qc, question)
    if question.is_slope and len(groups) > MOST_NUMBERS:
        return {"samples": len(qc)}
    counted = qc["group"].astype(str).value_counts()
    shown = groups[::-1] if len(question.levels) == 2 and len(groups) == 2 else groups
    return {group: int(counted.get(group, 0)) for group in shown}


def number_marker(groups: tuple[str, ...], group: str) -> dict[str, Any]:
    """Marker of a sample with a number: light for the lowest, dark for the highest."""
    numbers = np.array([float(each) for each in groups])
    share = (float(group) - numbers.min()) / max(float(np.ptp(numbers)), np.finfo(float).tiny)
    low, high = np.array([0xD3, 0xE6, 0xF0]), np.array([0x06, 0x3A, 0x56])
    red, green, blue = np.rint(low + share * (high - low)).astype(int)
    return {"size": 9, "color": f"rgb({red},{green},{blue})", "line": {"color": "#667079", "width": 1}}


def _groups(factor: str, case: str, control: str) -> Question:
    return Question(
        title=f"{factor}: {case} against {control}",
        factor=factor,
        effect="log2fc",
        axes=(f"log2 fold change, {case} against {control}", "log2 fold change"),
        short="log2FC",
        unit="log2",
        verbs=("differs", "differ"),
        against=f"between {case} and {control}",
        sides=("higher", f"lower in {case}"),
        right=f"higher in {case}",
        levels=(control, case),
        meanings={},
    )


def _contrast(asked: LevelContrast) -> Question:
    above = by_size([level for level, weight in asked.weights.items() if weight > 0])
    below = by_size([level for level, weight in asked.weights.items() if weight < 0])
    if len(above) == len(below) == 1 and asked.weights[above[0]] == 1:
        return _groups(asked.factor, above[0], below[0])
    whole = formula(asked.weights)
    return Question(
        title=f"{asked.factor}: {whole}",
        factor=asked.factor,
        effect="log2fc",
        axes=(f"log2, {whole}", "contrast, log2"),
        short="contrast",
        unit="log2",
        verbs=("differs", "differ"),
        against=f"from zero in {whole}",
        sides=("above", "below zero"),
        right=f"{whole} is above zero",
        levels=(*below, *above),
        meanings={
            "log2fc": f"{whole}, means of log2 adjusted for the covariates",
            "n_case": f"measured samples of the levels with a weight above zero: {words.listed(above)}",
            "n_control": f"measured samples of the levels with a weight below zero: {words.listed(below)}",
        },
    )


def _slope(factor: str) -> Question:
    return Question(
        title=f"change per unit of {factor}",
        factor=factor,
        effect="log2fc",
        axes=(f"log2 change per unit of {factor}", f"log2 change per unit of {factor}"),
        short="slope",
        unit=f"log2 per unit of {factor}",
        verbs=("changes", "change"),
        against=f"with {factor}",
        sides=("rising", f"falling as {factor} grows"),
        right=f"rising with {factor}",
        levels=(),
        meanings={
            "log2fc": f"slope: change in log2 per unit of {factor}, adjusted for the covariates",
            "ci_low": f"lower end of the 95 % interval of the slope, log2 per unit of {factor}",
            "ci_high": f"upper end of the 95 % interval of the slope, log2 per unit of {factor}",
        },
        is_slope=True,
    )


def _any_level(factor: str) -> Question:
    return Question(
        title=f"any difference between the levels of {factor}",
        factor=factor,
        effect="largest_log2fc",
        axes=("largest difference between levels, log2", "largest difference, log2"),
        short="largest difference",
        unit="log2",
        verbs=("differs", "differ"),
        against=f"between the levels of {factor}",
        sides=("", ""),
        right="the highest and the lowest level lie further apart",
        levels=(),
        meanings={},
    )
