"""The chain of evidence of every leading candidate."""

from __future__ import annotations

from organokine.report.cards import card
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill


def build(data: ReportData) -> str:
    """One card per leading candidate, the first one open."""
    leading = data.leading()
    if len(leading) == 0:
        return ""
    records = [{str(key): value for key, value in row.items()} for row in leading.to_dict("records")]
    return fill(
        "evidence_cards.html.jinja",
        cards=[card(data, place, record) for place, record in enumerate(records, start=1)],
        alpha=data.alpha,
    )


SECTION = Section(
    name="chain",
    title="The chain of evidence",
    description="One card per leading candidate; open it to see its chain link by link, from the source organ to the target.",
    build=build,
    empty="There is no leading candidate.",
)
