"""Schemas of the tables of perturbation arms."""

from __future__ import annotations

from organokine.table_schema import Column, Table

_ARM = (
    Column("arm", "text", "", "name of the arm"),
    Column(
        "comparison",
        "text",
        "",
        "`perturbed`: case against control; `rescue`: the rescued group against the case; `interaction`: difference of the "
        "effect between two levels of a second factor",
    ),
)
_KEY = ("arm", "comparison")

PERTURBATIONS = Table(
    "perturbations",
    "one comparison of one perturbation arm, held against the contrast in the same organ and modality",
    _KEY,
    (
        *_ARM,
        Column("gene", "text", "", "gene that was moved; left out of both signatures"),
        Column("kind", "text", "", "how it was moved"),
        Column("moves", "text", "", "where this comparison moves it: `up`, `down`, or empty if not declared"),
        Column("organ", "text", "", "organ in which the signatures are compared"),
        Column("modality", "text", "", "`protein` or `rna`"),
        Column("background", "text", "", "level of the contrast factor of the arm's animals, if known"),
        Column(
            "shows",
            "text",
            "",
            "what this design can show, and the only word it may print: `sufficient` (moved the way the contrast moves it, in "
            "animals of its control), `reproduces` (the same way, in others), `necessary` (taken away in animals of its case), "
            "`reverses` (moved back in animals of its case, or rescued), `opposes` (moved back where there may be nothing to "
            "reverse), `transfers` (all of blood was moved, not one gene), `undirected`",
        ),
        Column("n_case", "integer", "animals", "animals of the perturbed (or rescued) group"),
        Column("n_control", "integer", "animals", "animals of its control, after shared ones were divided"),
        Column(
            "engagement",
            "text",
            "",
            "did the gene product move: `engaged`, `not_engaged` (the arm has failed, it is not negative), `declared`, `not_measured`",
        ),
        Column("engagement_assay", "text", "", "where that was looked at"),
        Column("engagement_log2fc", "number", "log2", "change of the gene in the arm"),
        Column("engagement_p", "number", "", "its one-sided p in the direction it was to move"),
        Column(
            "contrast_log2fc",
            "number",
            "log2",
            "its change in the contrast, in the same organ and modality if measured there",
        ),
        Column("contrast_assay", "text", "", "where that change was measured"),
        Column(
            "direction", "integer", "", "+1: expected to agree with the contrast; -1: to oppose it; 0: neither is known"
        ),
        Column(
            "state",
            "text",
            "",
            "`tested`; or why there is no p, or none that may be claimed: `no_contrast_assay`, `shared_samples`, `confounded`, "
            "`too_few_shared_genes`, `too_few_animals_for_p`, `not_engaged`, `engagement_not_measured`, `direction_unknown`",
        ),
        Column("rho", "number", "r", "Spearman correlation of the moderated t of arm and contrast over shared genes"),
        Column(
            "p",
            "number",
            "",
            "p of `rho` in the direction expected (two-sided without one), by permuting the labels of the arm's animals",
        ),
        Column("smallest_p", "number", "", "smallest p that the animals of the arm could give"),
        Column("n_arrangements", "integer", "count", "arrangements of labels used, the true one among them"),
        Column(
            "fraction",
            "number",
            "share",
            "fraction of the contrast that the arm reproduces, corrected for the errors of both; negative: it reverses it; NaN "
            "if the contrast has no clear signature",
        ),
        Column("fraction_low", "number", "share", "lower end of its 95 % interval, over the animals of both"),
        Column("fraction_high", "number", "share", "upper end of its 95 % interval"),
        Column("n_genes", "integer", "genes", "genes compared"),
        Column("up_up", "integer", "genes", "genes that rise in the contrast (p <= 0.05) and rise in the arm"),
        Column("down_down", "integer", "genes", "genes that fall in both"),
        Column("up_down", "integer", "genes", "genes that rise in the contrast and fall in the arm"),
        Column("down_up", "integer", "genes", "genes that fall in the contrast and rise in the arm"),
        Column(
            "dose_p",
            "number",
            "",
            "one-sided p of scores in the order of doses, by permuting doses among perturbed animals",
        ),
        Column("shared_samples", "integer", "samples", "samples of the arm that the contrast has too"),
        Column(
            "verdict",
            "text",
            "",
            "the word of `shows` if p <= 0.05; `opposite` if the arm goes the other way at that level; `not_shown`; empty if not tested",
        ),
        Column("note", "text", "", "what a reader should know, in words"),
    ),
)

PERTURBATION_SCORES = Table(
    "perturbation_scores",
    "one animal projected on the signature of the contrast",
    (*_KEY, "side", "sample"),
    (
        *_ARM,
        Column("side", "text", "", "`arm`, or `contrast`: its own animals, each on the signature of the others"),
        Column("sample", "text", "", "sample"),
        Column("subject", "text", "", "animal"),
        Column("group", "text", "", "its group"),
        Column("dose", "number", "as given", "dose; 0 for controls of an arm with doses, NaN without"),
        Column(
            "score",
            "number",
            "share",
            "0 is the mean of the controls of its side, 1 the whole contrast; adjusted for covariates",
        ),
    ),
)

PERTURBATION_DOSES = Table(
    "perturbation_doses",
    "one dose of one arm, in order",
    (*_KEY, "dose"),
    (
        *_ARM,
        Column("dose", "number", "as given", "dose; 0 is the control"),
        Column("n", "integer", "animals", "animals"),
        Column("engagement_log2fc", "number", "log2", "mean level of the gene against the controls"),
        Column("fraction", "number", "share", "mean score against the controls"),
        Column("fraction_low", "number", "share", "lower end of its 95 % t interval over the animals of the arm alone"),
        Column("fraction_high", "number", "share", "upper end"),
    ),
)

PERTURBATION_GENES = Table(
    "perturbation_genes",
    "one gene in both signatures, for the picture: the thousand that changed most clearly in the contrast, and of the others one in so many",
    (*_KEY, "gene"),
    (
        *_ARM,
        Column("gene", "text", "", "gene symbol"),
        Column("contrast_log2fc", "number", "log2", "change in the contrast"),
        Column("contrast_t", "number", "", "its moderated t"),
        Column("arm_log2fc", "number", "log2", "change in the arm"),
        Column("arm_t", "number", "", "its moderated t, without a variance trend"),
    ),
)

PERTURBATION_OVERLAP = Table(
    "perturbation_overlap",
    "one pair of depths in the two rankings from most raised to most lowered; a picture, no test",
    (*_KEY, "contrast_top", "arm_top"),
    (
        *_ARM,
        Column("contrast_top", "integer", "genes", "genes from the top of the contrast"),
        Column("arm_top", "integer", "genes", "genes from the top of the arm"),
        Column(
            "signed",
            "number",
            "-log10",
            "hypergeometric tail of what they have in common, as if genes were independent, which they are not; negative where "
            "they have less than chance in common; cut at 50",
        ),
    ),
)

ARM_TABLES: tuple[Table, ...] = (
    PERTURBATIONS,
    PERTURBATION_SCORES,
    PERTURBATION_DOSES,
    PERTURBATION_GENES,
    PERTURBATION_OVERLAP,
)
