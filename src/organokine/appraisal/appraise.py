"""Appraise the candidates of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from organokine.appraisal.card import Appraisal, card_of
from organokine.appraisal.case import make_case
from organokine.appraisal.given import AppraisalInput
from organokine.appraisal.sensitivity import threshold_sensitivity
from organokine.appraisal.species import derive_species

if TYPE_CHECKING:
    from collections.abc import Mapping


def appraise(
    given: AppraisalInput, genes: Sequence[str], ranking: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Appraise candidates from the facts of their run.

    Parameters
    ----------
    given : AppraisalInput
        Tables and designs of the run.
    genes : sequence of str
        Candidates, in order.
    ranking : mapping of str to mapping
        By gene: what the ranking said of it, plain JSON.

    Returns
    -------
    dict of str to dict
        Cards by gene; plain JSON that `card.schema.json` describes, but for provenance, answers and notes.
    """
    species = derive_species(given)
    cases = {gene: make_case(given, gene, species) for gene in genes}
    appraisals = {gene: Appraisal(case) for gene, case in cases.items()}
    moved = threshold_sensitivity(appraisals)
    return {gene: card_of(each, ranking[gene], moved[gene]) for gene, each in appraisals.items()}
