"""Schemas of the tables of functional tests."""

from __future__ import annotations

from organokine.table_schema import Column, Table

_MEASURE = (
    Column("phenotype", "text", "", "name of the functional test"),
    Column("measure", "text", "", "what was measured in it, such as `latency`, `slips`, `force`, or a gait parameter"),
)
_KEY = ("phenotype", "measure")

PHENOTYPES = Table(
    "phenotypes",
    "one effect on one measure by one method",
    (*_KEY, "term", "method"),
    (
        Column("phenotype", "text", "", "name of the functional test"),
        Column("test", "text", "", "kind of test"),
        Column("measure", "text", "", "what was measured"),
        Column(
            "term",
            "text",
            "",
            "`group`: case against control, the main effect; `group x day`: difference of the learning slopes; `group x sex`; "
            "`group x weight`; `sex`; `day`",
        ),
        Column("method", "text", "", "how it was estimated, in a few words"),
        Column(
            "role",
            "text",
            "",
            "`primary`: the answer, fixed beforehand by the kind of test; `secondary`; `estimate`: an estimate whose p is not calibrated "
            "with few animals and is not given; `sensitivity`: the same question under another assumption; `adjusted`: coordination with strength, weight and activity held equal, beside the same animals without",
        ),
        Column("adjusted_for", "text", "", "what it is adjusted for, separated by `;`"),
        Column("scale", "text", "", "`difference` of means (case - control), or `ratio` (case / control)"),
        Column("unit", "text", "", "unit of a difference; empty for a ratio"),
        Column("estimate", "number", "see unit", "difference, or ratio"),
        Column("se", "number", "see unit", "standard error; of the logarithm for a ratio"),
        Column("df", "number", "", "degrees of freedom of its t; animals count, not trials"),
        Column("ci_low", "number", "see unit", "lower end of the 95 % interval"),
        Column("ci_high", "number", "see unit", "upper end of the 95 % interval"),
        Column("p", "number", "", "two-sided p of no effect; NaN where none may be given"),
        Column(
            "q",
            "number",
            "",
            "Benjamini-Hochberg false discovery rate over the declared measures of this test (primary rows)",
        ),
        Column(
            "standardised", "number", "SD", "difference in standard deviations between animals of one group (Hedges' g)"
        ),
        Column("n_case", "integer", "animals", "animals of the case that it rests on"),
        Column("n_control", "integer", "animals", "animals of the control"),
        Column("n_units", "integer", "count", "units of replication: animals, or cages where cages were treated"),
        Column("n_values", "integer", "count", "trials"),
        Column(
            "state",
            "text",
            "",
            "`estimated`; `not_estimated`: the note says why; `all_alike`: no animal slipped, or all or none failed; `no_event`: p but no "
            "estimate, since in one group none, or all, of the animals did",
        ),
        Column("note", "text", "", "what a reader should know, in words"),
    ),
)

PHENOTYPE_ANIMALS = Table(
    "phenotype_animals",
    "one animal in one measure",
    (*_KEY, "subject"),
    (
        Column("phenotype", "text", "", "name of the functional test"),
        Column("test", "text", "", "kind of test"),
        Column("domain", "text", "", "`coordination`, `strength`, `activity` or `other`"),
        Column("measure", "text", "", "what was measured"),
        Column("subject", "text", "", "animal"),
        Column("group", "text", "", "its group"),
        Column("is_case", "flag", "", "whether that is the case"),
        Column("sex", "text", "", "its sex, if known"),
        Column("cage", "text", "", "its cage or litter, if known"),
        Column("weight", "number", "as given", "its body weight: mean over trials"),
        Column(
            "value",
            "number",
            "see unit",
            "what stands for the animal: mean of its trials, best three for grip, rate for slips",
        ),
        Column("unit", "text", "", "unit of the value"),
        Column("better", "text", "", "`higher` or `lower`: which way is better function; empty if not known"),
        Column("n_values", "integer", "count", "trials it rests on"),
        Column("n_at_ceiling", "integer", "count", "of these, trials that ended at the ceiling"),
    ),
)

PHENOTYPE_DAYS = Table(
    "phenotype_days",
    "one animal on one day, for learning curves",
    (*_KEY, "subject", "day"),
    (
        *_MEASURE,
        Column("subject", "text", "", "animal"),
        Column("group", "text", "", "its group"),
        Column("day", "number", "as given", "day of testing"),
        Column("value", "number", "see unit", "mean of its trials of that day"),
        Column("n_values", "integer", "count", "trials"),
    ),
)

PHENOTYPE_CURVES = Table(
    "phenotype_curves",
    "one point of a curve of one group; a picture, no test",
    (*_KEY, "curve", "group", "x"),
    (
        *_MEASURE,
        Column(
            "curve",
            "text",
            "",
            "`learning`: mean of the animals of a day; `survival`: share of trials still on the rod",
        ),
        Column("group", "text", "", "group"),
        Column("x", "number", "as given", "day, or time"),
        Column("y", "number", "see curve", "mean value, or share"),
        Column("y_low", "number", "see curve", "lower end of its 95 % interval over animals"),
        Column("y_high", "number", "see curve", "upper end"),
        Column("n", "integer", "count", "animals behind the point"),
    ),
)

PHENOTYPE_POWER = Table(
    "phenotype_power",
    "one size of effect in one measure, planned from the variances of this study",
    (*_KEY, "share"),
    (
        *_MEASURE,
        Column("share", "number", "share", "size of the effect as a share of the control mean"),
        Column("difference", "number", "see unit", "the same in the unit of the measure"),
        Column("unit", "text", "", "unit of the measure"),
        Column(
            "n_per_group",
            "integer",
            "animals",
            "animals per group for a power of 0.8 at two-sided 0.05; NA if over 1,000",
        ),
        Column(
            "smallest_detectable",
            "number",
            "see unit",
            "smallest difference that the animals of this study show with a power of 0.8",
        ),
        Column(
            "sd_animals",
            "number",
            "see unit",
            "standard deviation between animals of one group; of natural logarithms for crossing times, as all that follow",
        ),
        Column(
            "sd_trials",
            "number",
            "see unit",
            "standard deviation between trials of one animal; NaN with one trial each",
        ),
        Column("sd_cages", "number", "see unit", "standard deviation between cages; NaN if not fitted"),
        Column("trials", "number", "count", "trials per animal that this is planned for: as in this study"),
    ),
)

ARRIVE = Table(
    "arrive",
    "one field of the ARRIVE 2.0 Essential 10",
    ("item", "field"),
    (
        Column("item", "text", "", "number and name of the item"),
        Column("field", "text", "", "what it asks for"),
        Column("answer", "text", "", "what this study says; empty if it does not"),
        Column("badge", "text", "", "`computed` from the data, `declared` by the user, or `not_recorded`"),
    ),
)

PHENOTYPE_TABLES: tuple[Table, ...] = (
    PHENOTYPES,
    PHENOTYPE_ANIMALS,
    PHENOTYPE_DAYS,
    PHENOTYPE_CURVES,
    PHENOTYPE_POWER,
    ARRIVE,
)
