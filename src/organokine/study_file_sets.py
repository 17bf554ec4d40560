"""Sections of the study file that name signatures and gene sets."""

from __future__ import annotations

from pydantic import Field

from organokine.study_file_base import Name, Section, Species


class ResponseSection(Section):
    """`[response]`: signatures of what ligands do to cells, against which the target's contrast is held."""

    signatures: Name | None = Field(
        default=None,
        description="file of signatures: genes x ligands, or a list of signature, gene and weight, or GMT, by gene symbol; "
        "`secact` for those of the installed package secactpy. Without it the line `response` is not asked",
    )
    name: str = Field(default="", description="what to call the set; the name of the file if not given")
    species: Species | None = Field(
        default=None, description="species of the signatures, if not that of the study: orthologs are looked up"
    )
    licence: str = Field(default="", description="licence of the set, kept with the run")
    citation: str = Field(default="", description="what to cite for the set, kept with the run")
    n_permutations: int = Field(
        default=999,
        ge=19,
        le=99_999,
        description="arrangements of the animals' labels; all of them if there are no more, otherwise this many drawn ones "
        "(999 resolve p to 0.001)",
    )
    minimum_overlap: int = Field(
        default=15,
        ge=3,
        description="genes of a signature that the target must have measured; with fewer, single genes decide (the usual "
        "minimum of gene set enrichment, doi 10.1073/pnas.0506580102)",
    )
    mask_family: bool = Field(
        default=True,
        description="leave out of a signature, beside the ligand, the genes whose symbol begins with the same letters before "
        "the first digit (ANXA1 for ANXA2); false leaves out the ligand alone",
    )


class PathwaysSection(Section):
    """`[pathways]`: gene sets that are looked for in every contrast, for a person to read; no claim rests on them."""

    sets: Name | None = Field(
        default=None,
        description="file of gene sets, GMT or a list of set and gene, by gene symbol; beside those that come with organokine",
    )
    name: str = Field(default="", description="what to call the user's sets; the name of the file if not given")
    species: Species | None = Field(default=None, description="species of the user's sets, if not that of the study")
    licence: str = Field(default="", description="licence of the user's sets, kept with the run")
    citation: str = Field(default="", description="what to cite for the user's sets, kept with the run")
    minimum_genes: int = Field(
        default=15, ge=2, description="measured genes below which a set is not tested (doi 10.1073/pnas.0506580102)"
    )
    maximum_genes: int = Field(
        default=500, ge=2, description="measured genes above which a set is not tested: it says nothing in particular"
    )
