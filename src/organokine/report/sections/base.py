"""The card of a section of the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from organokine.report.data import ReportData


@dataclass(frozen=True)
class Section:
    """One section: what it is called, what it says, and how it is made.

    Attributes
    ----------
    name : str
        Anchor on the page.
    title : str
        Heading, also in the list of contents.
    description : str
        How to read it, one or two sentences.
    build : callable
        `ReportData` to HTML; the empty string if the run holds nothing for this section.
    empty : str
        What the page says in that case.
    needs : str
        Table without whose rows the page leaves the section out altogether, for what most studies do not have; empty for a section
        that is always there.
    """

    name: str
    title: str
    description: str
    build: Callable[[ReportData], str]
    empty: str
    needs: str = ""

    def html(self, data: ReportData) -> Markup:
        """The section's HTML, or the sentence that says why there is none."""
        built = self.build(data)
        if built == "":
            return Markup('<p class="nothing">{}</p>').format(self.empty)
        return Markup(built)

    def is_left_out(self, data: ReportData) -> bool:
        """Whether the run lacks the table that the section is about."""
        return self.needs != "" and len(data.tables.get(self.needs, ())) == 0
