"""Schemas of the tables with one row per feature of an assay."""

from __future__ import annotations

from organokine.table_schema import Column, Table

DIFFERENTIAL = Table(
    "differential",
    "one feature of one assay, case against control",
    ("assay", "feature"),
    (
        Column("assay", "text", "", "name of the assay"),
        Column("organ", "text", "", "organ of the assay"),
        Column("modality", "text", "", "`protein` or `rna`"),
        Column("feature", "text", "", "native identifier of the row"),
        Column("gene", "text", "", "gene symbol; empty if unmapped"),
        Column("protein", "text", "", "protein accession, where known"),
        Column("representative", "flag", "", "the one row that stands for its gene in this assay"),
        Column("mean_log2", "number", "log2", "mean of the measured values"),
        Column("log2fc", "number", "log2", "case minus control, adjusted for the covariates"),
        Column("se", "number", "log2", "moderated standard error of `log2fc`"),
        Column("ci_low", "number", "log2", "lower end of the 95 % interval"),
        Column("ci_high", "number", "log2", "upper end of the 95 % interval"),
        Column("sd", "number", "log2", "moderated residual standard deviation"),
        Column("df", "number", "", "degrees of freedom of the moderated t"),
        Column("t", "number", "", "moderated t-statistic"),
        Column("p", "number", "", "two-sided p-value; NaN if it could not be tested"),
        Column(
            "discovery_p",
            "number",
            "",
            "p in the order of discovery, which also weighs how plausible the size of the change is; NaN if not asked for",
        ),
        Column(
            "q",
            "number",
            "",
            "false discovery rate within the assay, over `discovery_p` where there is one ([differential] multiple_testing)",
        ),
        Column("n_case", "integer", "samples", "measured samples of the case group; missing for a slope"),
        Column("n_control", "integer", "samples", "measured samples of the control group; missing for a slope"),
        Column("n_missing", "integer", "samples", "samples of the comparison without a value"),
        Column(
            "state",
            "text",
            "",
            "`tested`, or why not: `too_few_values`, `low_counts`, `not_estimable`, `constant`, `count_outlier`",
        ),
    ),
)

JOINT = Table(
    "joint",
    "one feature of one assay: any difference between the levels of a factor",
    ("assay", "feature"),
    (
        Column("assay", "text", "", "name of the assay"),
        Column("organ", "text", "", "organ of the assay"),
        Column("modality", "text", "", "`protein` or `rna`"),
        Column("feature", "text", "", "native identifier of the row"),
        Column("gene", "text", "", "gene symbol; empty if unmapped"),
        Column("protein", "text", "", "protein accession, where known"),
        Column("representative", "flag", "", "the one row that stands for its gene in this assay"),
        Column("mean_log2", "number", "log2", "mean of the measured values"),
        Column("largest_log2fc", "number", "log2", "highest less lowest level mean, adjusted for the covariates"),
        Column("highest", "text", "", "level of the highest mean"),
        Column("lowest", "text", "", "level of the lowest mean"),
        Column("sd", "number", "log2", "moderated residual standard deviation"),
        Column("f", "number", "", "moderated F-statistic"),
        Column("df_numerator", "number", "", "its first degrees of freedom"),
        Column("df", "number", "", "its second degrees of freedom: residual plus prior"),
        Column("p", "number", "", "p of no difference between any levels; NaN if it could not be tested"),
        Column("q", "number", "", "Benjamini-Hochberg false discovery rate within the assay"),
        Column("n_measured", "integer", "samples", "measured samples"),
        Column("n_missing", "integer", "samples", "samples without a value"),
        Column("state", "text", "", "`tested`, or why not, as in `differential`"),
    ),
)

DETECTION = Table(
    "detection",
    "one feature of one protein assay that was measured in some samples and not in others; apart from fold changes",
    ("assay", "feature"),
    (
        Column(
            "rank", "integer", "", "1 is the best of the assay: by p, then difference of detected shares, then level"
        ),
        Column("assay", "text", "", "name of the assay"),
        Column("organ", "text", "", "organ"),
        Column("modality", "text", "", "`protein`: counts have zeros instead of missing values"),
        Column("feature", "text", "", "native identifier of the row"),
        Column("gene", "text", "", "gene symbol, empty if unmapped"),
        Column("protein", "text", "", "leading accession"),
        Column("representative", "flag", "", "the one row that stands for its gene"),
        Column("precursors", "number", "count", "precursors or peptides the row rests on; NaN if unknown"),
        Column("mean_log2", "number", "log2", "mean level where measured"),
        Column("n_case", "integer", "samples", "samples of the case group"),
        Column("n_control", "integer", "samples", "samples of the control group"),
        Column("detected_case", "integer", "samples", "samples of the case group with a value"),
        Column("detected_control", "integer", "samples", "samples of the control group with a value"),
        Column(
            "log_odds",
            "number",
            "log odds",
            "natural log odds ratio of being measured, case against control, beyond how deeply each sample was measured",
        ),
        Column(
            "ci_low",
            "number",
            "log odds",
            "lower end of its 95 % profile interval, for p up to 0.05; infinite if it has none",
        ),
        Column(
            "ci_high",
            "number",
            "log odds",
            "upper end of its 95 % profile interval, for p up to 0.05; infinite if it has none",
        ),
        Column("p", "number", "", "two-sided p of the penalised likelihood ratio; NaN unless `tested`"),
        Column("q", "number", "", "Benjamini-Hochberg false discovery rate within the assay"),
        Column(
            "log2fc_bound",
            "number",
            "log2",
            "where one group has no value: change at least this large if the absent level lies below the 0.05 quantile of what "
            "was measured in those samples; NaN if that does not decide or missing values of the assay are not its low ones",
        ),
        Column(
            "state",
            "text",
            "",
            "`tested`; `descriptive`: fewer than 4 animals in a group, where even the most extreme outcome may be chance; "
            "`by_batch`: samples lack the same features, so that the batch is the unit and not the animal",
        ),
    ),
)

SENSITIVITY = Table(
    "sensitivity",
    "one feature called on measured values or with missing values filled in; empty unless `[differential] sensitivity`",
    ("assay", "feature"),
    (
        Column("assay", "text", "", "name of the assay"),
        Column("organ", "text", "", "organ"),
        Column("modality", "text", "", "`protein`: counts have zeros instead of missing values"),
        Column("feature", "text", "", "native identifier of the row"),
        Column("gene", "text", "", "gene symbol, empty if unmapped"),
        Column("protein", "text", "", "leading accession"),
        Column("representative", "flag", "", "the one row that stands for its gene"),
        Column("n_missing", "integer", "samples", "samples of both groups without a value"),
        Column("log2fc", "number", "log2", "case minus control of measured values, as in `differential`"),
        Column("q", "number", "", "its false discovery rate; NaN if it could not be tested"),
        Column("downshift_log2fc", "number", "log2", "median over draws from the lower flank of each sample"),
        Column("downshift_q", "number", "", "median false discovery rate of those draws"),
        Column("downshift_called", "number", "share", "draws in which it was called"),
        Column("neighbours_log2fc", "number", "log2", "the same with missing values from the nearest features"),
        Column("neighbours_q", "number", "", "its false discovery rate"),
        Column(
            "verdict",
            "text",
            "",
            "`stable`: called in all three with the same sign; `depends_on_imputation`: called on measured values, lost or "
            "reversed when filled in (without a missing value: by the variance prior and the correction it shares with the "
            "others); `only_with_imputation`: not called on measured values",
        ),
    ),
)
