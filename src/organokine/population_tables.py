"""Schemas of the tables of population mode."""

from __future__ import annotations

from organokine.table_schema import Column, Table

_PAIR = (
    Column("source", "text", "", "assay of the sending organ"),
    Column("target", "text", "", "assay of the receiving organ"),
)
_GENE = Column("gene", "text", "", "candidate, a gene of the source organ")
_STRATUM = Column("stratum", "text", "", "`all` individuals, or the sex that the row is restricted to")
_RUNG = Column(
    "rung",
    "text",
    "",
    "what both organs were adjusted for: `none`, or covariates and a number of hidden factors (`0`, `5`, `15`)",
)

POPULATION = Table(
    "population",
    "one candidate in one ordered pair of organs, best first within the pair",
    ("source", "target", "gene"),
    (
        *_PAIR,
        Column("source_organ", "text", "", "sending organ"),
        Column("target_organ", "text", "", "receiving organ"),
        Column("rank", "integer", "", "place within the pair, by `p`, then by `z_score`; empty if not scored"),
        _GENE,
        Column("protein", "text", "", "accession of the source protein, or empty"),
        Column("route", "text", "", "secretion route"),
        Column("n", "integer", "individuals", "individuals with the candidate and the target organ"),
        Column("n_targets", "integer", "genes", "target genes that the score is the mean of"),
        Column(
            "score_unadjusted", "number", "", "secretion score with nothing taken out: mean -ln p of the correlations"
        ),
        Column("score", "number", "", "secretion score with covariates taken out"),
        Column("score_positive", "number", "", "part of `score` from targets that rise with the candidate"),
        Column("score_negative", "number", "", "part of `score` from targets that fall as it rises"),
        Column("score_most_adjusted", "number", "", "score at the largest number of hidden factors that was possible"),
        Column("null_mean", "number", "", "mean of the null of `score`"),
        Column("null_sd", "number", "", "its standard deviation; the more the targets go together, the larger"),
        Column(
            "z_score", "number", "", "(`score` - `null_mean`) / `null_sd`; orders candidates, and is no normal deviate"
        ),
        Column("p_unadjusted", "number", "", "p of `score_unadjusted` by permuting individuals"),
        Column("p", "number", "", "largest p over the numbers of hidden factors: the candidate stands at every one"),
        Column(
            "p_extrapolated",
            "number",
            "",
            "the same with a generalised-Pareto tail where the draws end; an extrapolation, not a test; NaN where not needed",
        ),
        Column(
            "z",
            "number",
            "SD",
            "normal deviate of `p`, finite for `p` = 1 too; comparable between pairs of different size",
        ),
        Column("q", "number", "", "false discovery rate by Benjamini and Hochberg on `p` over all pairs"),
        Column("q_extrapolated", "number", "", "the same with `p_extrapolated` where there is one"),
        Column(
            "p_competitive",
            "number",
            "",
            "largest share, over the numbers of hidden factors, of genes without secretion route and of like level that score as high",
        ),
        Column("p_positive", "number", "", "p of `score_positive`, largest over the numbers of hidden factors"),
        Column("p_negative", "number", "", "p of `score_negative`, likewise"),
        Column("within_sex", "text", "", "p within each sex and its number of individuals, or why there is none"),
        Column(
            "same_gene_r", "number", "r", "correlation with the same gene in the target, which the score leaves out"
        ),
        Column("state", "text", "", "`asked`, or why there is no p"),
        Column(
            "flags",
            "text",
            "",
            "remarks, separated by `;`: `same_gene`, `like_matched`, `not_within_sex`, `own_null`, `pearson`",
        ),
    ),
)

POPULATION_LADDER = Table(
    "population_ladder",
    "one candidate at one step of adjustment, in all individuals or one sex",
    ("source", "target", "stratum", "rung", "gene"),
    (
        *_PAIR,
        _STRATUM,
        _RUNG,
        _GENE,
        Column("n", "integer", "individuals", "individuals with the candidate and the target organ"),
        Column("n_targets", "integer", "genes", "target genes that the score is the mean of"),
        Column("score", "number", "", "secretion score"),
        Column("score_positive", "number", "", "part from targets that rise with the candidate"),
        Column("score_negative", "number", "", "part from targets that fall as it rises"),
        Column("null_mean", "number", "", "mean of the null"),
        Column("null_sd", "number", "", "standard deviation of the null"),
        Column("p", "number", "", "share of permuted individuals that score as high, never zero"),
        Column("p_extrapolated", "number", "", "from a generalised-Pareto tail where fewer than ten draws are as high"),
        Column("p_positive", "number", "", "p of `score_positive`"),
        Column("p_negative", "number", "", "p of `score_negative`"),
        Column("p_competitive", "number", "", "share of matched genes without secretion route that score as high"),
        Column(
            "null_name",
            "text",
            "",
            "null that `p` is from, as in `population_null`; `own` for a gene with ties or far outliers, `own, Pearson` where bicor is not "
            "defined",
        ),
        Column("state", "text", "", "`asked`, or why there is no p"),
    ),
)

POPULATION_NULL = Table(
    "population_null",
    "one quantile of one null",
    ("source", "target", "stratum", "rung", "null_name", "share"),
    (
        *_PAIR,
        _STRATUM,
        _RUNG,
        Column("null_name", "text", "", "`complete`, or how many values its candidates lack, such as `missing to 20%`"),
        Column("share", "number", "", "share of the draws below the value"),
        Column("value", "number", "", "secretion score of permuted individuals"),
        Column("n_draws", "integer", "draws", "draws"),
    ),
)

POPULATION_PAIRS = Table(
    "population_pairs",
    "one ordered pair of organs",
    ("source", "target"),
    (
        *_PAIR,
        Column("source_organ", "text", "", "sending organ"),
        Column("target_organ", "text", "", "receiving organ"),
        Column("n", "integer", "individuals", "individuals with both organs"),
        Column("n_source_only", "integer", "individuals", "individuals with the source alone, not used"),
        Column("n_target_only", "integer", "individuals", "individuals with the target alone, not used"),
        Column("strata", "text", "", "individuals by sex, such as `F 22; M 22`; empty without sex"),
        Column("adjusted_for", "text", "", "covariates, separated by `;`"),
        Column("factors", "text", "", "numbers of hidden factors that were taken out, separated by `;`"),
        Column("factors_left_out", "text", "", "numbers that would have left too few degrees of freedom"),
        Column("n_candidates", "integer", "genes", "candidates that were scored"),
        Column("n_not_scored", "integer", "genes", "candidates without a p; `state` of each says why"),
        Column("n_background", "integer", "genes", "genes without secretion route that they are held against"),
        Column("n_targets", "integer", "genes", "target genes"),
        Column("n_targets_left_out", "integer", "genes", "target genes with too few values, or constant"),
        Column("n_significant", "integer", "genes", "candidates with q at or below the error rate"),
        Column("n_specific", "integer", "genes", "of these, not like matched genes"),
        Column("smallest_q", "number", "", "smallest q that one candidate alone can reach with this number of draws"),
        Column("draws_for_one", "integer", "draws", "draws with which one candidate alone could reach the error rate"),
        Column(
            "same_gene_secreted",
            "number",
            "r",
            "mean correlation of secreted genes with themselves in the target; vesicle cargo counts neither here nor as other",
        ),
        Column(
            "same_gene_secreted_p", "number", "", "p by permuting individuals that this mean is no larger than zero"
        ),
        Column(
            "same_gene_other",
            "number",
            "r",
            "the same for genes known to stay in the cell, or not among those given as secreted; not for those of unknown route",
        ),
        Column("same_gene_other_p", "number", "", "its p"),
        Column(
            "same_gene_difference_p", "number", "", "p by permuting individuals that secreted genes exceed the others"
        ),
        Column("state", "text", "", "`asked`, or why the pair was not scored"),
        Column("note", "text", "", "what a reader should know of this pair"),
    ),
)

POPULATION_SAME_GENE = Table(
    "population_same_gene",
    "one gene measured in both organs of a pair",
    ("source", "target", "gene"),
    (
        *_PAIR,
        Column("gene", "text", "", "gene symbol"),
        Column("route", "text", "", "secretion route"),
        Column("secreted", "flag", "", "whether its route has a weight above 0"),
        Column("n", "integer", "individuals", "individuals with both"),
        Column("r", "number", "r", "correlation across individuals, covariates taken out"),
        Column("p", "number", "", "two-sided p by Student's t"),
        Column("q", "number", "", "Benjamini-Hochberg over the genes of the pair"),
    ),
)

POPULATION_TARGETS = Table(
    "population_targets",
    "one target gene of one leading candidate",
    ("source", "target", "gene", "target_gene"),
    (
        *_PAIR,
        _GENE,
        Column("target_gene", "text", "", "gene of the target organ"),
        Column("place", "integer", "", "place among the candidate's targets, strongest first"),
        Column("r", "number", "r", "correlation, computed again on the individuals with both genes"),
        Column("n", "integer", "individuals", "individuals with both genes"),
        Column("p", "number", "", "two-sided p by Student's t"),
        Column(
            "q", "number", "", "Benjamini-Hochberg over all targets of the candidate, and no smaller than its own q"
        ),
        Column("same_gene", "flag", "", "the target gene is the candidate itself, which the score leaves out"),
    ),
)

POPULATION_PATHWAYS = Table(
    "population_pathways",
    "one gene set against one leading candidate",
    ("source", "target", "gene", "collection", "set"),
    (
        *_PAIR,
        _GENE,
        Column("collection", "text", "", "collection of the set"),
        Column("set", "text", "", "name of the set"),
        Column("n_genes", "integer", "genes", "genes of the set measured in the target"),
        Column("mean_r", "number", "r", "mean correlation of the genes of the set with the candidate"),
        Column("other_mean_r", "number", "r", "mean correlation of the other target genes"),
        Column(
            "r",
            "number",
            "r",
            "correlation of the candidate with the set's mean less that of all other target genes; negative with a `mean_r` near 0 says "
            "that the others rise with it and the set does not",
        ),
        Column("p", "number", "", "two-sided p of `r`; the genes of the set may go together"),
        Column(
            "q",
            "number",
            "",
            "Benjamini-Hochberg over all sets tested for the candidate, and no smaller than its own q",
        ),
        Column(
            "n_tested",
            "integer",
            "sets",
            "sets tested for the candidate; those with a `p` up to 0.05 are listed, and in any case the best twenty",
        ),
    ),
)

POPULATION_TRAITS = Table(
    "population_traits",
    "one trait against one leading candidate and the module of its targets",
    ("source", "target", "gene", "trait"),
    (
        *_PAIR,
        _GENE,
        Column("trait", "text", "", "trait of the same individuals"),
        Column("n", "integer", "individuals", "individuals with candidate, module and trait"),
        Column("module_genes", "integer", "genes", "target genes whose shared course is the module"),
        Column(
            "module_r",
            "number",
            "r",
            "correlation of candidate and module; chosen to be large, and no evidence by itself",
        ),
        Column("trait_r", "number", "r", "correlation of module and trait, covariates taken out"),
        Column("trait_p", "number", "", "its two-sided p by Student's t"),
        Column("candidate_r", "number", "r", "correlation of candidate and trait"),
        Column("candidate_p", "number", "", "its two-sided p"),
        Column("given_module_r", "number", "r", "correlation of candidate and trait with the module held equal"),
        Column("p", "number", "", "larger of the candidate's `p` and `trait_p`: both arms of candidate, module, trait"),
        Column(
            "q",
            "number",
            "",
            "Benjamini-Hochberg on `trait_p` over all rows of the pair, and no smaller than the candidate's own q",
        ),
        Column("state", "text", "", "`asked`, or why there is no p"),
    ),
)

POPULATION_INDIVIDUALS = Table(
    "population_individuals",
    "one individual for one leading candidate, for the dots of the report",
    ("source", "target", "gene", "subject"),
    (
        *_PAIR,
        _GENE,
        Column("subject", "text", "", "individual"),
        Column("sex", "text", "", "sex, or empty"),
        Column("group", "text", "", "level of the first text covariate, or of the contrast's factor, or empty"),
        Column("candidate", "number", "log2", "level of the candidate in the source, covariates taken out"),
        Column("module", "number", "SD", "shared course of its targets in the target organ, covariates taken out"),
    ),
)

POPULATION_TABLES: tuple[Table, ...] = (
    POPULATION, POPULATION_LADDER, POPULATION_NULL, POPULATION_PAIRS, POPULATION_SAME_GENE, POPULATION_TARGETS,
    POPULATION_PATHWAYS, POPULATION_TRAITS, POPULATION_INDIVIDUALS,
)  # fmt: skip
"""Every table of population mode; `population` first."""
