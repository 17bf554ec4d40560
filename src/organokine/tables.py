"""Schema of every table a run leaves: one place for column, kind, unit and meaning.

The schemas are used four times: to validate, as Parquet metadata, for the generated docs, and for the column help of the
report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "number", "integer", "flag"]


@dataclass(frozen=True)
class Column:
    """One column: its name, kind, unit (empty if none) and meaning in one sentence."""

    name: str
    kind: Kind
    unit: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """One table: its name, what a row is, the columns that identify a row, and all columns."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def names(self) -> list[str]:
        """Names of the columns in order."""
        return [column.name for column in self.columns]

    def empty(self) -> pd.DataFrame:
        """A table of this schema without rows."""
        import pandas as pd

        return self.conform(pd.DataFrame(columns=self.names()))

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Order the columns, fill absent ones with missing, set the types, and check the key.

        Parameters
        ----------
        frame : pandas.DataFrame
            Rows of this table; columns the schema does not know are refused.

        Returns
        -------
        pandas.DataFrame
            A new frame with exactly the columns of the schema and a plain row index. Missing is NaN in numbers,
            ``pd.NA`` in integers and flags, and the empty string in text.

        Raises
        ------
        ValueError
            If a column is unknown, or two rows have the same key.
        """
        import pandas as pd

        unknown = [name for name in frame.columns if name not in self.names()]
        if len(unknown) > 0:
            message = f"table {self.name}: unknown columns {unknown}"
            raise ValueError(message)
        data = {
            column.name: _typed(frame[column.name], column.kind)
            if column.name in frame.columns
            else _missing(len(frame), column.kind)
            for column in self.columns
        }
        result = pd.DataFrame({name: values.array for name, values in data.items()})
        duplicated = result.duplicated(subset=list(self.key)) if len(self.key) > 0 else None
        if duplicated is not None and duplicated.any():
            example = result.loc[duplicated, list(self.key)].iloc[0].to_dict()
            message = f"table {self.name}: {int(duplicated.sum())} rows repeat a key, first {example}"
            raise ValueError(message)
        return result


def _typed(values: pd.Series, kind: Kind) -> pd.Series:
    match kind:
        case "text":
            return values.astype(object).where(values.notna(), "").map(str).astype(object)
        case "number":
            return values.astype("float64")
        case "integer":
            return values.astype("Int64")
        case "flag":
            return values.astype("boolean")


def _missing(n_rows: int, kind: Kind) -> pd.Series:
    import pandas as pd

    return _typed(pd.Series([None] * n_rows, dtype=object), kind)


JOINS = Table(
    "joins",
    "one thing that was counted when the inputs were joined",
    ("assay", "item"),
    (
        Column("assay", "text", "", "name of the assay, or `study` for what concerns all of them"),
        Column("item", "text", "", "what was counted, for example `samples without a column`"),
        Column("n", "integer", "count", "how many"),
        Column("of", "integer", "count", "out of how many"),
        Column("example", "text", "", "the first few of them"),
        Column("note", "text", "", "what was done with them and why"),
    ),
)

QC = Table(
    "qc",
    "one sample of one assay",
    ("assay", "sample"),
    (
        Column("assay", "text", "", "name of the assay"),
        Column("organ", "text", "", "organ of the assay"),
        Column("modality", "text", "", "`protein` or `rna`"),
        Column("sample", "text", "", "name of the sample"),
        Column("subject", "text", "", "animal or donor"),
        Column("group", "text", "", "level of the contrast factor"),
        Column("n_detected", "integer", "features", "features with a value in this sample"),
        Column("missing_fraction", "number", "share", "share of the assay's features without a value"),
        Column("total", "number", "counts or log2", "sum of counts, or median log2 value before normalisation"),
        Column("shift", "number", "log2", "what normalisation took away from this sample"),
        Column("median_correlation", "number", "r", "median Pearson correlation with the other samples"),
        Column("pc1", "number", "log2", "score on the first principal component of complete features"),
        Column("pc2", "number", "log2", "score on the second principal component"),
        Column("pc1_share", "number", "share", "variance explained by the first component"),
        Column("pc2_share", "number", "share", "variance explained by the second component"),
        Column("blood_index", "number", "log2", "mean centred level of blood-cell and plasma proteins"),
        Column("outlier", "flag", "", "stands apart from the other samples; named, never removed"),
    ),
)

FLAGS = Table(
    "flags",
    "one remark on a gene, sample, assay or the study",
    ("scope", "name", "flag"),
    (
        Column("scope", "text", "", "`gene`, `sample`, `assay` or `study`"),
        Column("name", "text", "", "which one"),
        Column("flag", "text", "", "short name of the remark"),
        Column("source", "text", "", "evidence line or stage that raised it"),
        Column("detail", "text", "", "the remark in words"),
    ),
)

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

EVIDENCE = Table(
    "evidence",
    "one evidence line asked of one candidate",
    ("line", "gene"),
    (
        Column("line", "text", "", "name of the evidence line"),
        Column("gene", "text", "", "gene symbol of the candidate"),
        Column("effect", "number", "see line", "effect in the unit of the line"),
        Column("se", "number", "see line", "standard error of the effect"),
        Column("ci_low", "number", "see line", "lower end of the 95 % interval"),
        Column("ci_high", "number", "see line", "upper end of the 95 % interval"),
        Column("p", "number", "", "p-value under the line's null; NaN if it could not be asked"),
        Column("q", "number", "", "Benjamini-Hochberg false discovery rate over the candidates of this line"),
        Column("n", "integer", "animals", "animals (or complexes, for soft lines) the row rests on"),
        Column("direction", "text", "", "`up`, `down` or empty"),
        Column("state", "text", "", "`asked`, or the line's own word for what could not be asked or was found"),
        Column("weight", "number", "", "factor this line contributes to the ranking weight; 1 if neutral"),
        Column("note", "text", "", "what a reader should know, in words"),
    ),
)

MEDIATORS = Table(
    "mediators",
    "one candidate, best first",
    ("gene",),
    (
        Column("rank", "integer", "", "1 is the best: by tier, then by `q`, then by p in the source"),
        Column("gene", "text", "", "gene symbol"),
        Column("protein", "text", "", "accession of the representative source protein"),
        Column("route", "text", "", "leading secretion route"),
        Column("tier", "integer", "", "how much of the chain is supported (0 nominated to 5 reversed)"),
        Column(
            "q",
            "number",
            "",
            "partial-conjunction false discovery rate of the tier shown, no less than that of the tiers below; of tier 1 for tier 0",
        ),
        Column("q_maxp", "number", "", "the same claim by the maximum p-value: the conservative reference"),
        Column("limiting_evidence", "text", "", "the line that keeps this candidate from the next tier"),
        Column("weight", "number", "", "pre-declared weight from route and receptor"),
        Column("source_log2fc", "number", "log2", "change in the source organ, protein first"),
        Column("source_p", "number", "", "its p-value"),
        Column("source_q", "number", "", "its false discovery rate over the candidates"),
        Column("target_log2fc", "number", "log2", "change of the same protein in the target organ"),
        Column("arrival_p", "number", "", "p of arriving in the target beyond its own mRNA"),
        Column("response_p", "number", "", "p of the target responding as this ligand predicts"),
        Column("link_p", "number", "", "p of the animal-by-animal link within groups"),
        Column("plasma_p", "number", "", "p of moving in plasma in the same direction"),
        Column("perturbation_p", "number", "", "p of the perturbation reproducing the contrast"),
        Column("phenotype_p", "number", "", "p of the within-group association with function"),
        Column("receptor_state", "text", "", "`present`, `not_detected` or `none_known`"),
        Column("q_tier1", "number", "", "false discovery rate of the claim of tier 1"),
        Column("q_tier2", "number", "", "false discovery rate of the claim of tier 2"),
        Column("q_tier3", "number", "", "false discovery rate of the claim of tier 3"),
        Column("q_tier4", "number", "", "false discovery rate of the claim of tier 4"),
        Column("q_tier5", "number", "", "false discovery rate of the claim of tier 5"),
        Column("flags", "text", "", "remarks, separated by `;`"),
    ),
)

ANIMALS = Table(
    "animals",
    "one leading candidate in one sample, for the dots of the report",
    ("gene", "assay", "sample"),
    (
        Column("gene", "text", "", "gene symbol"),
        Column("assay", "text", "", "name of the assay"),
        Column("organ", "text", "", "organ"),
        Column("role", "text", "", "`source`, `target` or `plasma`"),
        Column("modality", "text", "", "`protein` or `rna`"),
        Column("sample", "text", "", "sample"),
        Column("subject", "text", "", "animal or donor"),
        Column("group", "text", "", "level of the contrast factor"),
        Column("value", "number", "log2", "normalised level; NaN is not measured"),
        Column("residual", "number", "log2", "level after group and covariates are taken out"),
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

TABLES: tuple[Table, ...] = (MEDIATORS, EVIDENCE, DIFFERENTIAL, DETECTION, SENSITIVITY, QC, JOINS, FLAGS, ANIMALS)
