"""Schema of the table of gene sets."""

from __future__ import annotations

from organokine.table_schema import Column, Table

PATHWAYS = Table(
    "pathways",
    "one gene set or footprint in one comparison of one assay; for a person to read, no claim rests on it",
    ("comparison", "assay", "collection", "set"),
    (
        Column(
            "comparison",
            "text",
            "",
            "`contrast`, or the name of a perturbation: its case against its control, whatever else the arm asks",
        ),
        Column("assay", "text", "", "name of the assay"),
        Column("organ", "text", "", "organ of the assay"),
        Column("modality", "text", "", "`protein` or `rna`"),
        Column("collection", "text", "", "where the set is from: `GO process`, `PROGENy`, or the user's own"),
        Column("set", "text", "", "name of the set"),
        Column("n", "integer", "genes", "genes of the set that were tested in this assay"),
        Column("direction", "text", "", "`up` or `down`"),
        Column(
            "effect",
            "number",
            "z",
            "mean moderated z of the set's genes less that of all others; for weighted sets the slope over the weights, whose mean "
            "size is made 1",
        ),
        Column("correlation", "number", "r", "mean correlation of the set's genes after the design, as estimated"),
        Column("t", "number", "", "effect over its standard error, which grows with that correlation"),
        Column("df", "number", "", "degrees of freedom of `t`: those left by the design"),
        Column(
            "p",
            "number",
            "",
            "two-sided; null hypothesis: the genes of the set change no more in one direction than others",
        ),
        Column(
            "q",
            "number",
            "",
            "Benjamini-Hochberg false discovery rate over the sets of the collection in this comparison",
        ),
        Column("leading", "text", "", "genes of the set that speak most for it, the strongest first"),
    ),
)
