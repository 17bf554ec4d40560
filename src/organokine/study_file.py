"""The study file, `study.toml`: what a user writes, and every default it resolves to.

The file holds all the science; the command line holds only the machine. Unknown keys are refused. After reading, the model
holds no `auto` that mattered: what was detected is written into it and saved with the run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Species = Literal["human", "mouse", "rat"]
Modality = Literal["protein", "rna"]
Scale = Literal["auto", "log2", "linear", "counts"]
Normalisation = Literal["median", "none", "quantile", "cyclic_loess"]
Name = Annotated[str, Field(min_length=1)]

PLASMA = "plasma"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StudySection(_Section):
    """`[study]`: name, species, sample sheet and seed."""

    name: Name
    species: Species
    samples: Name = Field(description="sample sheet: columns assay (optional), sample, subject, then any design columns")
    seed: int = Field(default=1, ge=0, description="one seed for everything random")


class ContrastSection(_Section):
    """`[contrast]`: case against control of one factor, given covariates."""

    factor: Name
    case: Name
    control: Name
    covariates: tuple[Name, ...] = ()
    within: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict, description="keep only samples with these values"
    )


class AxisSection(_Section):
    """`[axis]`: which organ sends, which one receives."""

    source: Name
    target: Name


class ColumnsSection(_Section):
    """`columns` of an assay: where to find what in the table or its feature annotation."""

    id: str | None = None
    gene: str | None = None
    protein: str | None = None
    precursors: str | None = None


class AssaySection(_Section):
    """`[[assay]]`: one measured matrix, an (organ, modality) of the study."""

    name: Name
    organ: Name
    modality: Modality
    file: Name
    format: Literal["auto", "matrix"] = "auto"
    scale: Scale = "auto"
    zeros: Literal["auto", "missing", "value"] = Field(
        default="auto", description="what a zero means: not measured, or a value"
    )
    features: str | None = None
    columns: ColumnsSection = ColumnsSection()
    normalise: Normalisation | None = Field(default=None, description="overrides [prepare] for this assay")


class PerturbationSection(_Section):
    """`[[perturbation]]`: an arm in which the candidate was moved."""

    name: Name
    gene: Name
    kind: Literal["gain", "loss", "inhibitor", "compound"]
    assay: Name
    factor: Name
    case: Name
    control: Name


class PhenotypeSection(_Section):
    """`[[phenotype]]`: one functional test."""

    name: Name
    test: Literal["rotarod", "beam", "grip", "gait", "scalar"]
    file: Name
    columns: dict[str, str] = Field(default_factory=dict)
    ceiling: float | None = None


class PrepareSection(_Section):
    """`[prepare]`: normalisation and filtering. Nothing is imputed."""

    normalise: Normalisation = Field(
        default="median", description="log2 shift per sample so that medians agree; counts use TMM and log-cpm"
    )
    minimum_values: int = Field(
        default=2, ge=2, description="measured values per group below which a feature is not tested"
    )
    minimum_values_large: int = Field(default=3, ge=2, description="the same once the smaller group has `large_group`")
    large_group: int = Field(default=5, ge=2, description="samples per group from which `minimum_values_large` holds")
    minimum_cpm_count: int = Field(
        default=10, ge=0, description="counts a gene needs, scaled to the median library, in the smaller group's number of samples"
    )


class DifferentialSection(_Section):
    """`[differential]`: options of the moderated linear model."""

    trend: bool = Field(default=True, description="prior variance follows the mean level (limma-trend)")
    robust: bool = Field(default=True, description="prior is protected from hypervariable features")


class RankingSection(_Section):
    """`[ranking]`: error rate, and the weights declared before the data are seen."""

    fdr: float = Field(default=0.1, gt=0, lt=1, description="false discovery rate of each tier")
    route_weights: dict[str, float] = Field(
        default_factory=lambda: {
            "classical": 1.0,
            "unconventional": 1.0,
            "shed": 1.0,
            "ecm": 0.5,
            "ev_cargo": 0.25,
            "intracellular": 0.0,
            "unknown": 0.0,
        },
        description="prior by secretion route; 0 leaves a candidate at tier 0",
    )
    receptor_weights: dict[str, float] = Field(
        default_factory=lambda: {"present": 1.0, "none_known": 0.7, "not_detected": 0.5},
        description="prior by receptor state; soft, never 0",
    )
    minimum_pairs: int = Field(default=5, ge=3, description="animals per group from which the link counts as an arm")
    relevant_log2fc: float = Field(default=0.585, gt=0, description="change worth finding (1.5-fold), for animal numbers")
    power: float = Field(default=0.8, gt=0, lt=1, description="power for which animal numbers are given")


class StudyFile(_Section):
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
    declared: dict[str, bool | str] = Field(default_factory=dict)
    prepare: PrepareSection = PrepareSection()
    differential: DifferentialSection = DifferentialSection()
    ranking: RankingSection = RankingSection()
    folder: Path = Field(default=Path(), exclude=True)
