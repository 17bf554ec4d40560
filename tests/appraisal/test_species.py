from __future__ import annotations

import pandas as pd
import pytest

from organokine.appraisal.given import AppraisalInput
from organokine.appraisal.species import derive_species
from tests.appraisal.bending import changed


def with_features(given: AppraisalInput, names: list[str], genes: list[str]) -> AppraisalInput:
    rows = pd.DataFrame({"assay": "a", "feature": names, "protein": "", "gene": genes})
    return changed(given, differential=lambda _: rows)


@pytest.mark.parametrize(
    ("names", "genes", "species", "agrees"),
    [
        (["ENSMUSG00000000001", "ENSMUSG00000000003"], ["Gnai3", "Pbsn"], "mouse", True),
        (["ENSRNOG00000000001", "x"], ["Anxa2", "Mstn"], "rat", True),
        (["ENSG00000000003", "ENSG00000000005"], ["TSPAN6", "TNMD"], "human", True),
        (["ANXA2_MOUSE", "GDF15_MOUSE"], ["Anxa2", "Gdf15"], "mouse", True),
        (["p1", "p2"], ["Anxa2", "Gdf15"], "rodent", True),
        (["p1", "p2"], ["ANXA2", "GDF15"], "human", True),
        (["p1", "p2"], ["ANXA2", "Gdf15"], "unknown", True),
        (["p1", "p2"], ["", ""], "unknown", True),
        (["ANXA2_MOUSE", "GDF15_MOUSE"], ["ANXA2", "GDF15"], "unknown", False),
        (["ENSMUSG00000000001", "ENSG00000000003"], ["", ""], "unknown", False),
    ],
)
def test_species_by_identifiers(
    given: AppraisalInput, names: list[str], genes: list[str], species: str, agrees: bool
) -> None:
    found = derive_species(with_features(given, names, genes))
    assert (found.species, found.agrees) == (species, agrees)
    assert found.fits_declared == (agrees and species in {"mouse", "rodent", "unknown"})


def test_a_few_contaminants_of_people_do_not_outvote_a_table_of_mice(given: AppraisalInput) -> None:
    names = [f"P{place}_MOUSE" for place in range(100)] + ["K1C10_HUMAN"]
    assert derive_species(with_features(given, names, ["Anxa2"] * 101)).species == "mouse"


def test_every_assay_is_heard(given: AppraisalInput) -> None:
    votes = derive_species(given).votes
    assert {vote.assay for vote in votes} >= {"muscle_protein", "cerebellum_protein", "muscle_rna", "plasma_protein"}
