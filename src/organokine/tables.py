"""Schema of every table a run leaves: one place for column, kind, unit and meaning.

The schemas are used four times: to validate, as Parquet metadata, for the generated docs, and for the column help of the
report.
"""

from __future__ import annotations

from organokine.feature_tables import DETECTION, DIFFERENTIAL, JOINT, SENSITIVITY
from organokine.pathway_tables import PATHWAYS
from organokine.perturbation_tables import (
    ARM_TABLES,
    PERTURBATION_DOSES,
    PERTURBATION_GENES,
    PERTURBATION_OVERLAP,
    PERTURBATION_SCORES,
    PERTURBATIONS,
)
from organokine.phenotype_tables import (
    ARRIVE,
    PHENOTYPE_ANIMALS,
    PHENOTYPE_CURVES,
    PHENOTYPE_DAYS,
    PHENOTYPE_POWER,
    PHENOTYPE_TABLES,
    PHENOTYPES,
)
from organokine.population_tables import POPULATION
from organokine.quality_tables import QC_ASSAY, QC_BATCH, QC_PAIRS, QC_PANELS
from organokine.table_schema import Column, Kind, Table

__all__ = [
    "ANIMALS", "ARRIVE", "DETECTION", "DIFFERENTIAL", "EVIDENCE", "FLAGS", "JOINS", "JOINT", "MEDIATORS", "PATHWAYS", "PERTURBATIONS",
    "PERTURBATION_DOSES", "PERTURBATION_GENES", "PERTURBATION_OVERLAP", "PERTURBATION_SCORES", "PHENOTYPES",
    "PHENOTYPE_ANIMALS", "PHENOTYPE_CURVES", "PHENOTYPE_DAYS", "PHENOTYPE_POWER", "QC", "QC_ASSAY", "QC_BATCH", "QC_PAIRS", "QC_PANELS", "RUNS", "SENSITIVITY", "TABLES", "Column", "Kind", "Table",
]  # fmt: skip

JOINS = Table(
    "joins",
    "one thing that was counted when the inputs were joined",
    ("assay", "item"),
    (
        Column(
            "assay", "text", "", "name of the assay, `study` for all of them, or `list` and the name of a user's list"
        ),
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

RUNS = Table(
    "runs",
    "one run (sample column) of one assay, as far as its file tells",
    ("assay", "sample"),
    (
        Column("assay", "text", "", "name of the assay"),
        Column("organ", "text", "", "organ of the assay"),
        Column("modality", "text", "", "`protein` or `rna`"),
        Column("sample", "text", "", "name of the sample"),
        Column("subject", "text", "", "animal or donor"),
        Column("group", "text", "", "level of the contrast factor, or of the perturbation the assay is for"),
        Column(
            "run_order",
            "number",
            "number or hours",
            "when the sample was measured, by the sample sheet ([prepare] run_order): its number, or hours since the first run "
            "of the sheet; NaN if the sheet does not say",
        ),
        Column(
            "n_precursors",
            "integer",
            "precursors",
            "precursors with a quantity, also those left out for their mobility; missing if the file is of proteins or RNA",
        ),
        Column(
            "missed_cleavage_fraction",
            "number",
            "share",
            "share of these precursors with a lysine or arginine inside that no proline follows; NaN if the file has no sequences",
        ),
        Column(
            "contaminant_fraction",
            "number",
            "share",
            "share of the summed linear intensity that was in rows left out as contaminants; NaN if the file does not mark them",
        ),
        Column(
            "n_with_mobility",
            "integer",
            "precursors",
            "precursors with an ion mobility; 0 if the column of the file is empty, missing if there is none",
        ),
        Column(
            "mobility_unit", "text", "", "`1/K0` (V s/cm2) or `CCS` (square angstrom); empty if there is no mobility"
        ),
        Column(
            "median_deviation",
            "number",
            "1/K0 or CCS",
            "median of measured minus predicted ion mobility; NaN without a prediction",
        ),
        Column("mad_deviation", "number", "1/K0 or CCS", "median absolute deviation of the same around its median"),
        Column(
            "mad_trend",
            "number",
            "1/K0 or CCS",
            "median absolute residual of ion mobility from its trend with m/z within charges; NaN without m/z and charge",
        ),
        Column(
            "n_contradicting",
            "integer",
            "precursors",
            "precursors whose ion mobility contradicts their identity; they stay unless `mobility_outliers` of the assay says "
            "otherwise",
        ),
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
        Column("reversal_p", "number", "", "p of its loss, or of bringing it back, reversing the contrast"),
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

TABLES: tuple[Table, ...] = (
    MEDIATORS, EVIDENCE, DIFFERENTIAL, DETECTION, SENSITIVITY, PATHWAYS, QC, QC_ASSAY, QC_BATCH, QC_PANELS, QC_PAIRS, RUNS,
    JOINS, FLAGS, ANIMALS, *ARM_TABLES, *PHENOTYPE_TABLES, POPULATION,
)  # fmt: skip
