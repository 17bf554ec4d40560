"""The frame of all evidence lines: a card, and what a line is given.

A line is one array or table function and one card. It is asked once for all candidates of a study and answers with one row per
candidate. Ranking and report read the card and never the name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from anndata import AnnData

    from organokine.references import References
    from organokine.references.signatures import SignatureSet
    from organokine.study_file import StudyFile

Role = Literal["arm", "support", "weight", "gate"]


@dataclass(frozen=True)
class Line:
    """The card of an evidence line.

    Attributes
    ----------
    name : str
        Name in tables and docs.
    question : str
        What is asked, in one sentence a biologist reads.
    needs : tuple of str
        What the study must hold, in words; shown when the line could not be asked.
    null : str
        The null hypothesis of `p`, or why there is none.
    unit : str
        Unit of `effect`.
    reference : str
        DOI of the method.
    run : callable
        `EvidenceInput` to a frame indexed by gene, with columns of the table `evidence` other than `line`, `q`, `gene`.
    role : str
        `arm`: its p-value is a link of the claimed chain. `support`: shown, not required. `weight`: contributes a factor
        declared beforehand. `gate`: its states can cap the tier.
    tier : int or None
        For an arm, the tier that first requires it. Several arms of one tier are alternatives.
    caps : mapping of str to int
        States of this line that cap the tier, with the highest tier they allow.
    caveats : mapping of str to str
        States with which a claim may stand, and what it then does not show; said beside the answer.
    columns : mapping of str to str
        Columns of the table `mediators` it fills, from columns of `evidence`.
    """

    name: str
    question: str
    needs: tuple[str, ...]
    null: str
    unit: str
    reference: str
    run: Callable[[EvidenceInput], pd.DataFrame]
    role: Role
    tier: int | None = None
    caps: Mapping[str, int] = field(default_factory=dict)
    caveats: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EvidenceInput:
    """Everything a line may look at.

    Attributes
    ----------
    file : StudyFile
        The resolved study file.
    candidates : pandas.DataFrame
        Index gene, column `protein`: every gene measured in the source organ, in sorted order.
    differential : pandas.DataFrame
        Table `differential` of all assays.
    prepared : mapping of (role, modality) to anndata.AnnData
        Prepared assays of the roles `source`, `target`, `plasma`: `X` normalised log2 (NaN not measured), `var` with `gene`,
        `representative`, `kept`; absent roles and modalities are absent keys.
    qc : pandas.DataFrame
        Table `qc`.
    references : References
        Reference knowledge of the study's species.
    signatures : SignatureSet or None
        What ligands do to cells, in the symbols of the study; None if the study names none.
    rng : callable
        Name to a numpy Generator; the same name always gives the same stream.
    perturbations : pandas.DataFrame or None
        Table `perturbations`; None without one.
    phenotypes : pandas.DataFrame or None
        Table `phenotype_animals`; None without one.
    population : pandas.DataFrame or None
        Table `population`; None where the study does not ask for it.
    """

    file: StudyFile
    candidates: pd.DataFrame
    differential: pd.DataFrame
    prepared: Mapping[tuple[str, str], AnnData]
    qc: pd.DataFrame
    references: References
    rng: Callable[[str], np.random.Generator]
    perturbations: pd.DataFrame | None = None
    signatures: SignatureSet | None = None
    phenotypes: pd.DataFrame | None = None
    population: pd.DataFrame | None = None
