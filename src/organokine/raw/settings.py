"""What a search of raw files is asked for; every number has a default, a reason and a place in `provenance.json`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from organokine.study_file_base import Section

Residue = Annotated[str, Field(pattern=r"^([\[\^]?[ACDEFGHIKLMNPQRSTVWY]|[\[\^])$")]
AminoAcid = Annotated[str, Field(pattern=r"^[ACDEFGHIKLMNPQRSTVWY]$")]
Unimod = Annotated[int, Field(ge=1, le=9999)]


def _usual_variable() -> dict[str, tuple[int, ...]]:
    return {"M": (35,), "[": (1,)}


class SearchSettings(Section):
    """Settings of `raw run`, `raw search` and `raw combine`, as a file (`--config`) or in a study file."""

    missed_cleavages: int = Field(
        default=2,
        ge=0,
        le=4,
        description="sites of trypsin (after K or R, not before P) that may be left uncut in a peptide",
    )
    minimum_length: int = Field(
        default=7, ge=5, le=50, description="shortest peptide; shorter ones rarely belong to one protein only"
    )
    maximum_length: int = Field(default=30, ge=5, le=60, description="longest peptide")
    fixed: dict[AminoAcid, Unimod] = Field(
        default_factory=lambda: {"C": 4},
        description="modifications that every such residue has, by their number in Unimod, in place of the default; 4 is carbamidomethyl",
    )
    variable: dict[Residue, tuple[Unimod, ...]] = Field(
        default_factory=_usual_variable,
        description="modifications that a residue may have; `[` is the start of a protein, `^` of a peptide. 35 is oxidation, 1 acetyl",
    )
    maximum_variable: int = Field(
        default=2, ge=0, le=5, description="variable modifications of one peptide; each more makes the search longer"
    )
    minimum_charge: int = Field(
        default=2, ge=1, le=6, description="lowest charge of a precursor; singly charged ions are mostly no peptides"
    )
    maximum_charge: int = Field(default=4, ge=1, le=6, description="highest charge of a precursor")
    precursor_ppm: float = Field(
        default=20.0,
        gt=0,
        le=100,
        description="largest deviation of a precursor's mass in ppm; twice what a timsTOF usually shows",
    )
    fragment_ppm: float = Field(
        default=20.0,
        gt=0,
        le=100,
        description="largest deviation of a fragment's m/z in ppm; the engine calibrates by a straight line, which alone is off by up to 13",
    )
    most_isotopes: int = Field(
        default=2, ge=0, le=3, description="by how many isotopes the instrument may have missed the monoisotopic peak"
    )
    peaks: int = Field(
        default=150, ge=20, le=1000, description="peaks of a fragment spectrum that are used, the highest ones"
    )
    minimum_peaks: int = Field(
        default=4, ge=2, le=20, description="fragments that must match for a peptide to be considered"
    )
    fdr: float = Field(
        default=0.01, gt=0, le=0.2, description="false discovery rate among peptides, counted over all runs together"
    )
    least_unique: int = Field(
        default=2, ge=1, le=10, description="peptides that only one protein group has, for the group to be reported"
    )
    shared_peptides: Literal["leave_out", "razor"] = Field(
        default="leave_out",
        description="peptides that several groups have enter no quantity, or that of the group with most peptides (`razor`)",
    )
    match_between_runs: bool = Field(
        default=True,
        description="also quantify a precursor in runs where no spectrum was matched to it, at its aligned retention time",
    )
    mobility_percent: float = Field(
        default=3.0,
        gt=0,
        le=100,
        description="window of 1/K0 around an identification for its quantity, to either side",
    )
    quantity_ppm: float = Field(
        default=15.0,
        gt=0,
        le=100,
        description="window of m/z for quantities, to either side; wider than the error of the engine's straight calibration",
    )
    compare_mobility: bool = Field(
        default=True,
        description="repeat rescoring and quantities without ion mobility, to show what it contributes; adds up to a half to the joint step",
    )

    engine_words: tuple[str, ...] = Field(
        default=(), description="words handed to an engine for diaPASEF as they are, after all others; Sage takes none"
    )

    @field_validator("variable")
    @classmethod
    def _no_empty(cls, given: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        empty = [residue for residue, numbers in given.items() if len(numbers) == 0]
        if len(empty) > 0:
            message = f"{empty[0]!r} has no modification; leave it out"
            raise ValueError(message)
        return given

    @model_validator(mode="after")
    def _one_kind_of_each(self) -> SearchSettings:
        both = sorted({residue[-1] for residue in self.variable} & set(self.fixed))
        if len(both) > 0:
            message = f"{both[0]} has a fixed and a variable modification; the engine would add both up"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _in_order(self) -> SearchSettings:
        for low, high in (("minimum_length", "maximum_length"), ("minimum_charge", "maximum_charge")):
            if getattr(self, low) > getattr(self, high):
                message = f"{low} is larger than {high}"
                raise ValueError(message)
        return self


OF_A_SEARCH = (
    "missed_cleavages", "minimum_length", "maximum_length", "fixed", "variable", "maximum_variable", "minimum_charge", "maximum_charge",
    "precursor_ppm", "fragment_ppm", "most_isotopes", "peaks", "minimum_peaks",
)  # fmt: skip
"""Settings that the search of one file depends on; the others only matter once all files are joined."""
