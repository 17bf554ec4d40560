"""Names of header fields by which pages say whom and how a study studied."""

from __future__ import annotations

import re

POPULATION = (
    r"(?:study |target |research )?population(?: studied)?|(?:study |research )?(?:participants?|subjects?|sample|cohort)"
    r"|species(?: studied)?|organisms?|model(?: organism)?|animals|(?:tested|studied) (?:in|on)"
    r"|who (?:or what )?(?:was|were) (?:studied|tested|examined)|who took part|studied"
)
DESIGN = (
    r"(?:study|research|trial) (?:type|design)|design|type of (?:study|research|evidence)|(?:evidence|publication|article) type"
    r"|design of the study"
)
RATING = (
    r"(?:strength|level|quality|rating) of (?:the )?evidence|evidence(?: (?:strength|level|stage|quality|score|rating|grade))?"
    r"|(?:clinical |practical )?(?:relevance|impact)(?: score)?|(?:confidence|reliability|trust)(?: score| level| rating)?|(?:our )?rating"
)
OTHER = (
    r"sample size|number of (?:participants|animals|people|patients)|n|sex|age|funding|conflicts? of interest|registered|registration"
    r"|outcomes?|main (?:result|outcome|finding)|intervention|treatment groups?|treatment|human data|key (?:takeaway|message|finding)|bottom line"
    r"|limitations?|source|journal|published|author|authors|date|title|weakest link"
)
_NAME = re.compile(rf"(?:{POPULATION}|{DESIGN}|{RATING}|{OTHER})\Z", re.IGNORECASE)
_POPULATION = re.compile(rf"(?:{POPULATION})\Z", re.IGNORECASE)
_DESIGN = re.compile(rf"(?:{DESIGN})\Z", re.IGNORECASE)
_LED = re.compile(rf"(?<![\w'])({POPULATION}|{DESIGN}|{RATING}|{OTHER}) ?: ", re.IGNORECASE)


def tidy(name: str) -> str:
    """The name without signs around it: `**Population**:` and `Who was studied?` become plain words."""
    return re.sub(r"[_ ]+", " ", name.strip(" :?*•|-_#\t")).strip()


def is_known(name: str) -> bool:
    """Whether a page that writes this before a value means a header field."""
    return _NAME.match(tidy(name)) is not None


def asks_population(name: str) -> bool:
    """Whether the field says whom or what a study studied."""
    return _POPULATION.match(tidy(name)) is not None


def asks_design(name: str) -> bool:
    """Whether the field says how."""
    return _DESIGN.match(tidy(name)) is not None


def split_line(line: str) -> list[tuple[str, str]]:
    """Fields of a line such as `Population: mice | Study type: experiment`.

    Parameters
    ----------
    line : str
        Text of one line.

    Returns
    -------
    list of (str, str)
        Names and values; empty where the line does not begin with the name of a field.
    """
    start = len(line) - len(line.lstrip(" *•|-"))
    if _LED.match(line, start) is None:
        return []
    found = list(_LED.finditer(line, start))
    ends = [each.start() for each in found[1:]] + [len(line)]
    return [
        (each.group(1), line[each.end() : end].strip(" *•|·;-"))
        for each, end in zip(found, ends, strict=True)
        if len(line[each.end() : end].strip(" *•|·;-")) > 0
    ]
