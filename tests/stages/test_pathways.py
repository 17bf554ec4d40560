"""Sets that were moved are found, in the right direction and comparison; what cannot be tested leaves no row."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest

from organokine import tables
from organokine.references.gene_sets import FOOTPRINTS, PROCESSES, load_gene_sets, pathway_weights
from organokine.references.signatures import SignatureSet
from organokine.stages.differential import differential_table
from organokine.stages.pathways import Comparison, find_comparisons, pathway_table
from organokine.study_file import ContrastSection, DifferentialSection, StudyFile
from organokine.study_file_sets import PathwaysSection

GENES = [f"Gene{i:03d}" for i in range(200)]
ASKED = ContrastSection(factor="age", case="old", control="young")


def prepared(name: str, moved: dict[str, float], seed: int = 0, n: int = 12) -> anndata.AnnData:
    rng = np.random.default_rng(seed)
    values = rng.normal(20, 0.4, (n, len(GENES)))
    is_old = np.arange(n) % 2 == 0
    for gene, by in moved.items():
        values[is_old, GENES.index(gene)] += by
    obs = pd.DataFrame({"age": np.where(is_old, "old", "young")}, index=[f"{name}{i}" for i in range(n)])
    var = pd.DataFrame(
        {"gene": GENES, "protein": "", "representative": True, "kept": True, "reason": "", "mean_log2": 20.0}
    )
    var.index = [f"id{gene}" for gene in GENES]
    about = {"name": name, "organ": name, "modality": "rna", "scale": "log2"}
    return anndata.AnnData(values, obs=obs, var=var, uns={"organokine": about})


def sets(**members: dict[str, float]) -> SignatureSet:
    table = pd.DataFrame(members).reindex(GENES).fillna(0.0)
    return SignatureSet("toy", table, knows_listed_only=False)


def compared(adata: anndata.AnnData) -> Comparison:
    options = DifferentialSection(multiple_testing="bh")
    return Comparison("contrast", adata, ASKED, differential_table({"a": adata}, ASKED, options))


def test_a_set_and_a_weighted_set_are_found_in_their_direction() -> None:
    moved = dict.fromkeys(GENES[:20], 0.8)
    opposed = {gene: 1.0 if place < 10 else -1.0 for place, gene in enumerate(GENES[:20])}
    adata = prepared("muscle", moved | dict.fromkeys(GENES[10:20], -0.8))
    table = pathway_table(
        [compared(adata)],
        [
            sets(
                plain=dict.fromkeys(GENES[:20], 1.0),
                signed={gene: -5 * w for gene, w in opposed.items()},
                rest=dict.fromkeys(GENES[40:60], 1.0),
            )
        ],
        PathwaysSection(),
    ).set_index("set")
    assert table.loc["signed", "q"] < 0.01
    assert table.loc["signed", "direction"] == "down"
    assert table.loc["signed", "effect"] < -2
    assert set(table.loc["signed", "leading"].split(", ")) < set(GENES[:20])
    assert table.loc["plain", "p"] > 0.05, "half rises and half falls"
    assert table.loc["rest", "p"] > 0.01
    assert list(table["n"]) == [20, 20, 20]
    assert (table["df"] == 10).all()


def test_sets_of_the_wrong_size_and_assays_without_enough_leave_no_row() -> None:
    adata = prepared("muscle", {})
    small, large = dict.fromkeys(GENES[:10], 1.0), dict.fromkeys(GENES, 1.0)
    one = sets(small=small, large=large, right=dict.fromkeys(GENES[:30], 1.0))
    table = pathway_table([compared(adata)], [one], PathwaysSection(maximum_genes=100))
    assert list(table["set"]) == ["right"]
    listed = SignatureSet("listed", one.weights.iloc[:30], knows_listed_only=True)
    assert pathway_table([compared(adata)], [listed], PathwaysSection())["p"].isna().all(), "no gene is outside"
    assert pathway_table([], [one], PathwaysSection()).equals(tables.PATHWAYS.empty())


def file_with_arm(**keys: object) -> StudyFile:
    arm = {
        "name": "AAV",
        "gene": "Gene000",
        "kind": "gain",
        "assay": "arm",
        "factor": "age",
        "case": "old",
        "control": "young",
    }
    return StudyFile.model_validate(
        {
            "study": {"name": "toy", "species": "mouse", "samples": "samples.tsv"},
            "contrast": {"factor": "age", "case": "old", "control": "young"},
            "assay": [{"name": name, "organ": name, "modality": "rna", "file": "a.tsv"} for name in ("arm", "muscle")],
            "perturbation": [arm | keys],
        }
    )


def test_the_contrast_comes_first_and_every_perturbation_in_its_own_assay() -> None:
    file = file_with_arm()
    assays = {"arm": prepared("arm", dict.fromkeys(GENES[:20], 1.0), 1, 16), "muscle": prepared("muscle", {}, 2)}
    # Animals of another arm in the same assay take no part.
    assays["arm"].obs.iloc[12:, 0] = "other"
    options = DifferentialSection(multiple_testing="bh")
    differential = differential_table({"muscle": assays["muscle"]}, ASKED, options)
    found = find_comparisons(file, assays, differential, options)
    assert [(each.name, each.adata.uns["organokine"]["name"]) for each in found] == [
        ("contrast", "muscle"),
        ("AAV", "arm"),
    ]
    assert found[1].adata.n_obs == 12
    table = pathway_table(found, [sets(moved=dict.fromkeys(GENES[:20], 1.0))], PathwaysSection()).set_index(
        "comparison"
    )
    assert table.loc["AAV", "q"] < 0.001 < table.loc["contrast", "q"]


def test_an_arm_is_compared_with_its_covariates_and_left_out_where_they_confound_it() -> None:
    arm = prepared("arm", dict.fromkeys(GENES[:20], 1.0))
    arm.obs["sex"] = ["f", "f", "m", "m"] * 3
    options, nothing = DifferentialSection(multiple_testing="bh"), pd.DataFrame({"assay": []})
    adjusted, plain = (
        find_comparisons(file_with_arm(covariates=covariates), {"arm": arm}, nothing, options)[0].differential
        for covariates in (["sex"], [])
    )
    assert (adjusted["log2fc"] - plain["log2fc"]).abs().max() < 1e-9, "sex is balanced"
    assert (adjusted["se"] != plain["se"]).all()
    arm.obs["sex"] = arm.obs["age"]
    assert find_comparisons(file_with_arm(covariates=["sex"]), {"arm": arm}, nothing, options) == []


@pytest.mark.parametrize(("species", "gene"), [("human", "SERPINE1"), ("mouse", "Serpine1"), ("rat", "Serpine1")])
def test_embedded_sets_are_in_the_symbols_of_the_species(species, gene: str) -> None:
    processes, footprints = load_gene_sets(species)
    assert (processes.name, footprints.name) == (PROCESSES, FOOTPRINTS)
    assert processes.weights.shape[1] == 198
    assert footprints.weights.shape[1] == 14
    assert footprints.weights.loc[gene, "TGFb"] > 0
    assert processes.weights.to_numpy().min() == 0
    assert processes.weights.to_numpy().max() == 1
    assert not processes.knows_listed_only
    assert processes.weights["tricarboxylic acid cycle"].astype(bool).sum() >= 25


def test_pathways_of_a_release_keep_their_names_apart() -> None:
    table = pd.DataFrame({"pathway": ["R-1", "R-2", "R-3"], "name": ["a", "b", "b"], "genes": ["X|Y", "X", "Z"]})
    weights = pathway_weights(table)
    assert list(weights.columns) == ["a", "b (R-2)", "b (R-3)"]
    assert weights["a"].to_dict() == {"X": 1.0, "Y": 1.0, "Z": 0.0}
