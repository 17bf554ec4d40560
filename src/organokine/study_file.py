"""The study file, `study.toml`: what a user writes, and every default it resolves to.

The file holds all the science; the command line holds only the machine. Unknown keys are refused. After reading, the model
holds no `auto` that mattered: what was detected is written into it and saved with the run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from organokine import study_file_base
from organokine.errors import first_examples
from organokine.perturbation_section import PerturbationSection
from organokine.phenotype_section import PhenotypeSection
from organokine.population_section import PopulationSection
from organokine.study_file_base import Name, Section
from organokine.study_file_raw import RawSection
from organokine.study_file_sets import PathwaysSection, ResponseSection

Species = study_file_base.Species
Modality = Literal["protein", "rna"]
Scale = Literal["auto", "log2", "linear", "counts"]
Normalisation = Literal["stable", "median", "none", "quantile", "cyclic_loess"]

PLASMA = "plasma"
LARGEST_WEIGHT = 1e6
"""Only ratios of weights matter; beyond this they lose digits."""


class StudySection(Section):
    """`[study]`: name, species, sample sheet and seed."""

    name: Name = Field(description="what the study is called, in the report and in the name of the output folder")
    species: Species = Field(description="species of all samples; decides the reference knowledge")
    samples: Name = Field(
        description="sample sheet: columns assay (optional), sample, subject (the animal, alike in all assays), then any design "
        "columns"
    )
    seed: int = Field(default=1, ge=0, description="one seed for everything random")


class ContrastSection(Section):
    """`[contrast]`: case against control of one factor, given covariates."""

    factor: Name = Field(description="column of the sample sheet that tells the groups apart")
    case: Name = Field(description="its value for the group of interest")
    control: Name = Field(description="its value for the group compared against")
    covariates: tuple[Name, ...] = Field(
        default=(), description="columns of the sample sheet that are adjusted for, such as sex or batch"
    )
    within: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict, description="keep only samples with these values"
    )


class AxisSection(Section):
    """`[axis]`: which organ sends, which one receives."""

    source: Name = Field(description="organ that sends")
    target: Name = Field(description="organ that receives")


class ColumnsSection(Section):
    """`columns` of an assay: where to find what in the table or its feature annotation."""

    id: str | None = Field(default=None, description="unique identifier of a row")
    gene: str | None = Field(default=None, description="gene symbol, or symbols joined by `;`")
    protein: str | None = Field(default=None, description="protein accession")
    precursors: str | None = Field(default=None, description="number of precursors or peptides a row rests on")


class AssaySection(Section):
    """`[[assay]]`: one measured matrix, an (organ, modality) of the study."""

    name: Name = Field(description="name of the assay, as in the column `assay` of the sample sheet")
    organ: Name = Field(description="organ of the samples; `plasma` is blood plasma or serum")
    modality: Modality = Field(description="what was measured")
    file: Name = Field(
        description="the table: features in rows, samples in columns; or with `raw` the sheet of raw runs"
    )
    format: Name = Field(
        default="auto",
        description="`auto`, the name of a reader, or `raw`: raw timsTOF runs are searched to make the table",
    )
    raw: RawSection | None = Field(default=None, description='how raw runs are searched; only with `format = "raw"`')
    scale: Scale = Field(default="auto", description="scale of the values; detected and shown unless given")
    zeros: Literal["auto", "missing", "value"] = Field(
        default="auto", description="what a zero means: not measured, or a value"
    )
    features: str | None = Field(
        default=None, description="table that annotates the rows, if they are not annotated already"
    )
    columns: ColumnsSection = Field(default=ColumnsSection(), description="where to find what, if not found by itself")
    quantity: Literal["auto", "directlfq", "engine"] = Field(
        default="auto",
        description="protein intensities of a table of precursors: directLFQ on the precursors (also `auto`), or the engine's own",
    )
    mobility_outliers: Literal["flag", "exclude"] = Field(
        default="flag",
        description="precursors whose ion mobility contradicts their identity in a run: counted (`flag`), or also left out before "
        "proteins are made of them (`exclude`)",
    )
    mobility_limit: float = Field(
        default=5.0,
        ge=2,
        le=100,
        description="robust standard deviations from what is expected in its run beyond which an ion mobility contradicts",
    )
    q_values: dict[str, float] = Field(
        default_factory=dict,
        description='largest value of a column of q-values, such as `{ "PG.Q.Value" = 0.05 }`; overrides the reader\'s own filters',
    )
    strand: Literal["unstranded", "forward", "reverse"] | None = Field(
        default=None, description="strand of the library, for counts by STAR; found from the counts if not given"
    )
    transcripts: str | None = Field(
        default=None, description="table of transcript and gene, for folders of Salmon or kallisto"
    )
    normalise: Normalisation | None = Field(default=None, description="overrides [prepare] for this assay")


class PrepareSection(Section):
    """`[prepare]`: normalisation and filtering. Nothing is imputed."""

    normalise: Normalisation = Field(
        default="stable",
        description="log2 shift per sample so that the features that vary least agree (`stable`), or so that the medians of "
        "all features do (`median`); counts use TMM and log-cpm",
    )
    minimum_values: int = Field(
        default=2, ge=2, description="measured values per group below which a feature is not tested"
    )
    minimum_values_large: int = Field(default=3, ge=2, description="the same once the smaller group has `large_group`")
    large_group: int = Field(default=5, ge=2, description="samples per group from which `minimum_values_large` holds")
    minimum_cpm_count: int = Field(
        default=10,
        ge=0,
        description="counts a gene needs, scaled to the median library, in the smaller group's number of samples",
    )
    run_order: Name | None = Field(
        default=None,
        description="column of the sample sheet that says in which order samples were measured, as numbers or as times such as "
        "2024-05-01 13:20; `run_order` if the sheet has it",
    )


class DifferentialSection(Section):
    """`[differential]`: options of the moderated linear model."""

    trend: bool = Field(default=True, description="prior variance follows the mean level (limma-trend)")
    robust: bool = Field(default=True, description="prior is protected from hypervariable features")
    precursor_trend: bool = Field(
        default=True,
        description="prior variance follows the number of precursors as well, where every tested row of an assay has one",
    )
    minimum_log2fc: float = Field(
        default=0.0,
        ge=0,
        le=20,
        description="smallest change worth claiming (TREAT): the null is any change up to this",
    )
    sample_weights: bool = Field(
        default=False, description="weigh samples by their precision; only after a normalisation that leaves no shift"
    )
    multiple_testing: Literal["discovery", "bh", "storey"] = Field(
        default="discovery",
        description="`q` by Benjamini and Hochberg in the order of discovery, which learns the typical size of changes; by "
        "Benjamini and Hochberg on `p`; or with the share of unchanged features estimated (Storey)",
    )
    engine: Literal["moderated", "deseq2"] = Field(
        default="moderated", description="model of counts: moderated t with voom weights, or DESeq2 (extra `deseq2`)"
    )
    detection: bool = Field(
        default=True, description="also ask whether a protein is measured at all in one group more than in the other"
    )
    sensitivity: bool = Field(
        default=False, description="also report which calls would change if missing values were filled in"
    )


def _route_weights() -> dict[str, float]:
    return {
        "classical": 1.0,
        "unconventional": 1.0,
        "shed": 1.0,
        "ecm": 0.5,
        "ev_cargo": 0.25,
        "intracellular": 0.0,
        "unknown": 0.0,
    }


def _receptor_weights() -> dict[str, float]:
    return {"present": 1.0, "none_known": 0.7, "not_detected": 0.5}


class RankingSection(Section):
    """`[ranking]`: error rate, and the weights declared before the data are seen."""

    fdr: float = Field(default=0.1, ge=1e-9, le=0.5, description="false discovery rate of each tier")
    route_weights: dict[str, float] = Field(
        default_factory=_route_weights, description="prior by secretion route; 0 leaves a candidate at tier 0"
    )
    receptor_weights: dict[str, float] = Field(
        default_factory=_receptor_weights, description="prior by receptor state; soft, never 0"
    )
    minimum_pairs: int = Field(default=5, ge=3, description="animals per group from which the link counts as an arm")
    minimum_function_animals: int = Field(
        default=4,
        ge=3,
        description="animals per group with both a level and a function from which these are held against each other; four can be "
        "given each other's functions in 576 ways, three in 36",
    )
    relevant_log2fc: float = Field(
        default=0.585, ge=0.01, le=20, description="change worth finding (1.5-fold), for animal numbers"
    )
    relevant_correlation: float = Field(
        default=0.7, gt=0, lt=1, description="animal-level link worth finding, for animal numbers"
    )
    power: float = Field(default=0.8, ge=0.5, lt=1, description="power for which animal numbers are given")
    permutations: int = Field(
        default=1000,
        ge=99,
        le=1_000_000,
        description="arrangements of the labels of a perturbation arm; all are used if there are no more than this",
    )
    engagement_p: float = Field(
        default=0.05,
        gt=0,
        le=0.5,
        description="one-sided p at which the gene product of a perturbation arm is seen to have moved",
    )

    @field_validator("route_weights")
    @classmethod
    def _complete_routes(cls, given: dict[str, float]) -> dict[str, float]:
        return _completed(given, _route_weights())

    @field_validator("receptor_weights")
    @classmethod
    def _complete_receptors(cls, given: dict[str, float]) -> dict[str, float]:
        return _completed(given, _receptor_weights())


def _completed(given: dict[str, float], defaults: dict[str, float]) -> dict[str, float]:
    """Put the user's weights over the defaults, so that naming one weight does not lose the others."""
    unknown = [name for name in given if name not in defaults]
    if len(unknown) > 0:
        message = f"{first_examples(unknown)} is not one of {', '.join(defaults)}"
        raise ValueError(message)
    if any(not 0 <= weight <= LARGEST_WEIGHT for weight in given.values()):
        message = f"a weight is a number from 0 to {LARGEST_WEIGHT:g}; only ratios of weights matter"
        raise ValueError(message)
    return defaults | given


ListKind = Literal["signalp", "outcyte", "secretome", "routes", "receptors"]
ListRoute = Literal[
    "outside", "predicted", "classical", "unconventional", "shed", "ecm", "ev_cargo", "intracellular", "unknown"
]  # fmt: skip


class ListColumnsSection(Section):
    """`columns` of a list: where to find what, if not found by its name."""

    gene: str | None = Field(default=None, description="gene symbol, or symbols joined by `;`")
    protein: str | None = Field(
        default=None, description="protein or gene accession, or the header of the sequence that a predictor was given"
    )
    route: str | None = Field(default=None, description="secretion route, for `routes`")
    ligand: str | None = Field(default=None, description="ligand, for `receptors`")
    receptor: str | None = Field(
        default=None, description="receptor, for `receptors`; parts of a complex joined by `+`, `_` or `,`"
    )
    reference: str | None = Field(default=None, description="where the row comes from, for `routes` and `receptors`")
    score: str | None = Field(default=None, description="number that `threshold` is compared with")


class ListSection(Section):
    """`[[references.list]]`: a list of the user's own, laid over the reference knowledge before the data are seen."""

    name: Name = Field(description="what the list is called on evidence cards and in the report")
    file: Name = Field(description="the list: tsv, csv, xlsx or parquet, or what the predictor wrote")
    kind: ListKind = Field(
        description="result of SignalP 5 or 6; result of OutCyte; proteins seen outside cells by an experiment; genes with "
        "their routes; ligands with their receptors"
    )
    species: Species | None = Field(
        default=None,
        description="species of the list if it is not that of the study: genes are then mapped by orthologs",
    )
    route: ListRoute | None = Field(
        default=None,
        description="for `secretome`: the route its proteins took, or `outside` if the experiment cannot tell (also if left "
        "out); for `signalp` and `outcyte`: `predicted` if a prediction alone shall give a route, which it does not otherwise",
    )
    threshold: float | None = Field(
        default=None,
        description="smallest score that counts; a predictor's own call if left out, and every row of other lists",
    )
    grade: Literal["low_throughput", "inferred", "high_throughput"] | None = Field(
        default=None,
        description="grade of the evidence; `inferred` for predictors, `high_throughput` for `secretome`, `low_throughput` for "
        "`routes` if left out",
    )
    reference: str = Field(default="", description="where the list comes from, such as a DOI; shown on evidence cards")
    columns: ListColumnsSection = Field(
        default=ListColumnsSection(), description="where to find what, if not found by itself"
    )


class ReferencesSection(Section):
    """`[references]`: which reference knowledge the study is held against."""

    release: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")] = Field(
        default="embedded",
        description="`embedded` for the tables that come with organokine; the name of a release that `organokine refs update` "
        "made; or `current` for the newest of these, whose name is then written into the run",
    )
    list: tuple[ListSection, ...] = Field(default=(), description="lists of the user's own")


class StudyFile(Section):
    """A whole study file.

    Attributes
    ----------
    folder : pathlib.Path
        Folder of the file; all paths in it are relative to this. Not a key of the file.
    """

    study: StudySection
    contrast: ContrastSection | None = None
    axis: AxisSection | None = None
    assay: tuple[AssaySection, ...] = Field(min_length=1)
    perturbation: tuple[PerturbationSection, ...] = ()
    phenotype: tuple[PhenotypeSection, ...] = ()
    declared: dict[str, bool | str] = Field(
        default_factory=dict, description="What data cannot tell, such as `randomised = true`; shown as declared."
    )
    prepare: PrepareSection = PrepareSection()
    differential: DifferentialSection = DifferentialSection()
    ranking: RankingSection = RankingSection()
    references: ReferencesSection = ReferencesSection()
    response: ResponseSection = ResponseSection()
    pathways: PathwaysSection = PathwaysSection()
    population: PopulationSection | None = None
    folder: Path = Field(default=Path(), exclude=True)

    def contrast_of(self, assay: str) -> ContrastSection | None:
        """What an assay is compared by: its first perturbation, or else the contrast of the study.

        Covariates of a perturbation are those of its own assay; where it only looks for its gene, it adjusts for none.
        """
        for arm in self.arms_of(assay):
            covariates = arm.covariates if assay == arm.assay else ()
            return ContrastSection(factor=arm.factor, case=arm.case, control=arm.control, covariates=covariates)
        return self.contrast

    @property
    def arm_assays(self) -> frozenset[str]:
        """Assays that perturbations use, which the contrast therefore does not."""
        return frozenset(name for arm in self.perturbation for name in arm.assays)

    def arms_of(self, assay: str) -> tuple[PerturbationSection, ...]:
        """Perturbations that use an assay, in the order of the file."""
        return tuple(arm for arm in self.perturbation if assay in arm.assays)
