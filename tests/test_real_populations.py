"""Real populations: organs of the same animals across individuals, with traits; what follows plasma, and what does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import organokine as ok
from organokine.population_run import PopulationResult
from tests.public_studies import PLASMA_TRAITS, write_motrpac_population, write_prometis_population

pytestmark = pytest.mark.public

FEW_DRAWS = "permutations = 999\nmost_permutations = 999\n"


@pytest.fixture(scope="module")
def motrpac(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> PopulationResult:
    folder = tmp_path_factory.mktemp("motrpac_population")
    settings = 'pairs = [["muscle", "fat"]]\nfactors = [0, 5]\nbackground = 300\n' + FEW_DRAWS
    return ok.population.run(ok.read_study(write_motrpac_population(folder, shared_data, settings)))


@pytest.fixture(scope="module")
def prometis(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> PopulationResult:
    folder = tmp_path_factory.mktemp("prometis_population")
    settings = 'statistic = "pearson"\n' + FEW_DRAWS
    return ok.population.run(ok.read_study(write_prometis_population(folder, shared_data, settings)))


def test_muscle_and_fat_are_paired_animal_by_animal_in_protein_and_rna(motrpac: PopulationResult) -> None:
    pairs = motrpac.population_pairs.set_index("source")
    assert list(pairs.index) == ["muscle_protein", "muscle_rna"]
    assert (pairs["state"] == "asked").all()
    assert (pairs["n"] >= 44).all(), "44 animals have all layers"
    assert (pairs["adjusted_for"] == "timepoint;sex").all()


def test_training_and_sex_left_in_would_look_like_messages(motrpac: PopulationResult) -> None:
    table = motrpac.population[motrpac.population["state"] == "asked"]
    assert (table["p_unadjusted"] <= 0.05).mean() > 2 * (table["p"] <= 0.05).mean()
    assert table["score"].notna().all()
    assert np.isfinite(table["score_unadjusted"]).all()


def test_each_leading_candidate_is_held_against_every_hormone(motrpac: PopulationResult) -> None:
    traits = motrpac.population_traits
    assert set(traits["trait"]) == set(PLASMA_TRAITS)
    asked = traits[traits["state"] == "asked"]
    assert len(asked) >= 0.9 * len(traits)
    assert (asked["p"] >= asked["trait_p"]).all()


def test_proteins_that_the_liver_secretes_follow_their_own_level_in_plasma(prometis: PopulationResult) -> None:
    same = prometis.population_same_gene.set_index("gene")
    for gene in ("C3", "Hpx", "Apoa4", "Serpina3k"):
        assert same.loc[gene, "r"] > 0.5, gene
    pair = prometis.population_pairs.iloc[0]
    assert pair["adjusted_for"] == "sex"
    assert pair["same_gene_secreted_p"] < 0.01, "plasma proteins are made by the liver"
    assert pair["same_gene_other_p"] > 0.05, "what leaks from cells does not follow the level in the cells"
    assert pair["same_gene_secreted"] > pair["same_gene_other"]
