"""The section of population mode in a study file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from organokine.study_file_base import Name, Section


class TraitsSection(Section):
    """`[[population.traits]]`: a table of traits of the individuals, such as hormones in plasma."""

    file: Name = Field(description="one row per individual: tsv, csv, xlsx or parquet")
    subject: Name = Field(default="subject", description="column of the individuals, named as in the sample sheet")
    values: tuple[Name, ...] = Field(
        default=(), description="columns of the traits, as numbers; all numeric columns if left out"
    )


class PopulationSection(Section):
    """`[population]`: who talks to whom across individuals."""

    pairs: tuple[tuple[Name, Name], ...] = Field(
        default=(),
        description='ordered pairs of organs, source first, such as `[["liver", "plasma"]]`; all if left out',
    )
    across_modalities: bool = Field(
        default=False, description="also pair the protein of one organ with the RNA of another, and the reverse"
    )
    statistic: Literal["bicor", "pearson", "spearman"] = Field(
        default="bicor",
        description="correlation across individuals; biweight midcorrelation is moved little by outlying individuals",
    )
    candidates: Literal["secreted", "all"] = Field(
        default="secreted",
        description="genes of the source that are scored: those with a secretion route of weight above 0, or all",
    )
    covariates: tuple[Name, ...] = Field(
        default=(),
        description="columns of the sample sheet that both organs are adjusted for, such as age or batch; sex, and the factor and the "
        "covariates of `[contrast]`, are adjusted for without being named",
    )
    sex: Name = Field(default="sex", description="column of the sample sheet that holds the sex, if there is one")
    within: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict, description="keep only samples with these values"
    )
    factors: tuple[int, ...] = Field(
        default=(0, 5, 15),
        description="numbers of hidden factors taken out beside the covariates; a candidate has to stand at every one of them "
        "that the individuals allow",
    )
    permutations: int = Field(
        default=10_000,
        ge=999,
        le=10_000_000,
        description="draws of the null, shared by all candidates of a pair of organs",
    )
    most_permutations: int = Field(
        default=100_000,
        ge=999,
        le=10_000_000,
        description="draws up to which a null goes on while a candidate has fewer than ten draws as high, where with `permutations` "
        "one candidate alone could not reach the error rate over all pairs",
    )
    minimum_subjects: int = Field(
        default=20, ge=8, description="individuals measured in both organs below which a pair is not scored"
    )
    minimum_subjects_within_sex: int = Field(default=15, ge=8, description="the same for one sex alone")
    minimum_pairs: int = Field(
        default=20,
        ge=6,
        description="individuals with values of both genes below which two genes are not correlated; within one sex "
        "`minimum_subjects_within_sex` if that is less",
    )
    minimum_df: int = Field(
        default=10,
        ge=3,
        description="degrees of freedom that covariates and hidden factors must leave; a larger number of factors is left out",
    )
    matched: int = Field(
        default=100,
        ge=20,
        description="genes without a secretion route, of like level in the source, that a candidate is held against; 100 resolve "
        "p to 0.01",
    )
    background: int = Field(
        default=2000,
        ge=100,
        description="genes without a secretion route that are scored to be held against, evenly spread over the levels; all if "
        "there are fewer",
    )
    leading: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="candidates of each pair whose targets, pathways and traits are looked at",
    )
    targets: int = Field(
        default=50, ge=5, le=5000, description="target genes listed for each of them; their shared course is its module"
    )
    traits: tuple[TraitsSection, ...] = Field(default=(), description="tables of traits of the individuals")

    @field_validator("factors")
    @classmethod
    def _ladder(cls, given: tuple[int, ...]) -> tuple[int, ...]:
        if len(given) == 0 or min(given) < 0:
            message = "at least one number of factors is needed, and none below 0; write [0] for covariates alone"
            raise ValueError(message)
        return tuple(sorted(set(given)))

    @field_validator("pairs")
    @classmethod
    def _two_organs(cls, given: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        for source, target in given:
            if source == target:
                message = (
                    f"{source!r} is paired with itself; genes of one sample correlate for many reasons that are no message. "
                    "Name two organs"
                )
                raise ValueError(message)
        return tuple(dict.fromkeys(given))
