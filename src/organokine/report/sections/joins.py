"""What was lost when inputs were joined, and remarks on samples, assays and the study."""

from __future__ import annotations

import pandas as pd

from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill
from organokine.tables import FLAGS, JOINS

_BEYOND_GENES = ("study", "assay", "sample")


def build(data: ReportData) -> str:
    """The table `joins`, and `flags` of study, assay and sample scope."""
    return of_tables(data.tables["joins"], data.tables["flags"])


def of_tables(joins: pd.DataFrame, flags: pd.DataFrame) -> str:
    """The same from the two tables; the empty string if both are."""
    beyond = flags[flags["scope"].isin(_BEYOND_GENES)]
    scopes = {scope: place for place, scope in enumerate(_BEYOND_GENES)}
    beyond = beyond.assign(place=beyond["scope"].map(scopes)).sort_values(["place", "name", "flag"], kind="stable")
    n_gene_flags = int((flags["scope"] == "gene").sum())
    if len(joins) == 0 and len(flags) == 0:
        return ""
    return fill(
        "joins.html.jinja",
        joins=joins.to_dict("records"),
        join_columns=JOINS.columns,
        flags=beyond.to_dict("records"),
        flag_columns=FLAGS.columns,
        n_gene_flags=n_gene_flags,
    )


SECTION = Section(
    name="joins",
    title="What was dropped, repaired or remarked",
    description="Everything that a join lost or mended is counted here. Nothing was imputed.",
    build=build,
    empty="Nothing was dropped and nothing was remarked.",
)
