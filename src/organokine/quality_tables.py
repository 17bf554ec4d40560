"""Schemas of the tables about the quality of whole assays: by group, by design column, by panel, by pair of samples."""

from __future__ import annotations

from organokine.table_schema import Column, Table

QC_ASSAY = Table(
    "qc_assay",
    "one quality measure of one assay, over a group or over all its samples",
    ("assay", "group", "measure"),
    (
        Column("assay", "text", "", "name of the assay"),
        Column("group", "text", "", "level of the contrast factor; empty for all samples"),
        Column(
            "measure",
            "text",
            "",
            "`features` (of the assay), `identified` (median over samples), `missing`, `complete` and `absent` (features with a value in all, or in none, of "
            "the samples), `cv_05` to `cv_95` (quantiles of the coefficient of variation over features; `cv_50` is the median), "
            "`correlation` and `lowest_correlation` (median and lowest pair of samples; for all samples: pairs across groups), "
            "the name of a panel (median share of the intensity), or with `_level` its median level, centred over all samples",
        ),
        Column("value", "number", "see unit", "value of the measure; NaN if it could not be had"),
        Column("unit", "text", "", "unit of the value"),
        Column("n", "integer", "see measure", "samples, features, or pairs of samples the value rests on"),
        Column("note", "text", "", "what a reader should know, in words"),
    ),
)

QC_BATCH = Table(
    "qc_batch",
    "one design column against one leading principal component of one assay",
    ("assay", "column", "given", "component"),
    (
        Column("assay", "text", "", "name of the assay"),
        Column("column", "text", "", "column of the sample sheet"),
        Column("role", "text", "", "`factor`, `covariate` (it is in the model) or `other` (it is not)"),
        Column("given", "text", "", "what was taken out of the values first, separated by `, `; empty for nothing"),
        Column(
            "component", "integer", "", "1 is the component that explains most of what is left; 0 if none was looked at"
        ),
        Column("component_share", "number", "share", "share of the variance left that the component explains"),
        Column("share", "number", "share", "share of the component that the column explains (R squared)"),
        Column("df", "integer", "", "degrees of freedom of the column beyond what was taken out"),
        Column("p", "number", "", "p of that share if samples do not differ by the column (F-test)"),
        Column("q", "number", "", "Benjamini-Hochberg over the columns of this role and their components"),
        Column("n", "integer", "samples", "samples with a value in the column"),
        Column(
            "confounding",
            "number",
            "share",
            "share of the contrast that goes with the column (R squared; with two groups Cramer's V squared): 1 cannot be told apart",
        ),
        Column(
            "confounding_by_chance", "number", "share", "the same, expected if animals were put into groups at random"
        ),
        Column("note", "text", "", "what a reader should know, in words"),
    ),
)

QC_PANELS = Table(
    "qc_panels",
    "one panel of proteins in one sample of a protein assay",
    ("assay", "sample", "panel"),
    (
        Column("assay", "text", "", "name of the assay"),
        Column("sample", "text", "", "name of the sample"),
        Column("panel", "text", "", "`keratin`, `reagent`, or a panel of blood proteins"),
        Column("n_features", "integer", "features", "features of the panel with a value in the sample"),
        Column(
            "share",
            "number",
            "share",
            "share of the summed linear intensity; NaN for tables of ratios or of affinity panels",
        ),
        Column(
            "level", "number", "log2", "mean centred level of the panel; NaN with fewer than 3 features in the assay"
        ),
    ),
)

QC_PAIRS = Table(
    "qc_pairs",
    "one pair of samples of one assay; none for an assay of more samples than are kept pair by pair",
    ("assay", "sample", "other"),
    (
        Column("assay", "text", "", "name of the assay"),
        Column("sample", "text", "", "name of the first sample"),
        Column("other", "text", "", "name of the second sample, later in the order of the table `qc`"),
        Column(
            "r", "number", "r", "Pearson correlation over the features measured in both; NaN if it could not be had"
        ),
    ),
)
