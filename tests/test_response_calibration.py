"""A target whose labels were swapped responds to no ligand: the chain from prepared assays to tiers says so, with a user's signatures."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from organokine.evidence import LINES
from organokine.references import References, load_references
from organokine.references.signatures import SignatureSet
from organokine.simulate import simulate_tables
from organokine.stages.differential import differential_table
from organokine.stages.evidence import gather
from organokine.stages.prepare import Prepared, prepare
from organokine.stages.rank import rank
from organokine.study import Study, assemble_study

BOUND = 0.999
LEVEL = 0.05
N_SWAPS = 40
N_SIGNATURES = 60
TIER = 2
# Of tier 2 the response alone: what it lets through is then its own doing.
ASKED = [line for line in LINES if line.name in {"source_change", "release", "origin", "receptor", "response"}]


class Chain(NamedTuple):
    """A study of two organs that both change, prepared and compared, and whose target is to be swapped."""

    study: Study
    prepared: Prepared
    differential: pd.DataFrame
    references: References


def co_expression(study: Study, prepared: Prepared, rng: np.random.Generator) -> SignatureSet:
    """Signatures as those learned from co-expression: genes that go with the ligand in this very target, and noise.

    They lie along the axes on which the animals differ, which is what misleads a test that takes genes as independent.
    """
    adata = prepared.assays["cerebellum_rna"]
    rows = (adata.var["kept"] & adata.var["representative"]).to_numpy(dtype=bool)
    values = np.asarray(adata.X, dtype=float)[:, rows]
    table = pd.DataFrame((values - values.mean(axis=0)) / values.std(axis=0), columns=adata.var.loc[rows, "gene"])
    changed = prepared.assays["muscle_protein"].var["gene"]
    ligands = [gene for gene in dict.fromkeys(changed) if gene in table.columns][:N_SIGNATURES]
    weights = table.T @ table[ligands] / len(table) + rng.normal(0, 0.3, (table.shape[1], len(ligands)))
    return SignatureSet("own", weights.sort_index().sort_index(axis="columns"), knows_listed_only=True)


@pytest.fixture(scope="module")
def chain() -> Chain:
    made = simulate_tables(
        3, n_genes=300, n_proteins=250, n_plasma=60, with_plasma=False, changed_share=0.25, changed_size=(0.6, 0.6)
    )
    assert made.file.contrast is not None
    file = made.file.model_copy(
        update={
            "contrast": made.file.contrast.model_copy(update={"covariates": ("sex",)}),
            "differential": made.file.differential.model_copy(update={"detection": False}),
            "response": made.file.response.model_copy(update={"n_permutations": 99}),
        }
    )
    study = assemble_study(file, made.tables, made.samples)
    references = load_references("mouse")
    prepared = prepare(study, references)
    study = replace(study, signatures=co_expression(study, prepared, np.random.default_rng(0)))
    table = differential_table(prepared.assays, file.contrast, file.differential)
    return Chain(study, prepared, table, references)


def swapped(chain: Chain, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables `evidence` and `mediators` after the labels of the target moved between animals of one sex, alike in its assays."""
    file, assays = chain.study.file, dict(chain.prepared.assays)
    assert file.contrast is not None
    factor = file.contrast.factor
    animals = chain.study.subjects
    label: dict[str, str] = {}
    for _, members in animals.groupby("sex", observed=True):
        label |= dict(zip(members.index, rng.permutation(members[factor].astype(str)), strict=True))
    targets = {name: assays[name].copy() for name in assays if name.startswith("cerebellum")}
    for adata in targets.values():
        adata.obs[factor] = [label[subject] for subject in adata.obs["subject"]]
    tested = differential_table(targets, file.contrast, file.differential)
    kept = chain.differential[~chain.differential["assay"].isin(targets)]
    differential = pd.concat([kept, tested], ignore_index=True)
    found = gather(chain.study, assays | targets, differential, chain.prepared.qc, chain.references, ASKED)
    ranking = rank(found.evidence, found.flags, found.candidates, ASKED, file.ranking)
    return found.evidence, ranking.mediators


@pytest.fixture(scope="module")
def swaps(chain: Chain) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    rng = np.random.default_rng(7)
    return [swapped(chain, rng) for _ in range(N_SWAPS)]


def answers(evidence: pd.DataFrame) -> pd.DataFrame:
    """Candidates that change in the source and were asked for a response: its p, and that of genes taken as replicates."""
    source = evidence[evidence["line"] == "source_change"].set_index("gene")
    response = evidence[evidence["line"] == "response"].set_index("gene")
    found = response.loc[response["p"].notna(), ["p", "effect"]].join(source[["effect", "q"]], rsuffix="_source")
    found = found[found["q"] <= 0.1]
    return found.assign(by_genes=stats.norm.sf(found["effect"] * np.sign(found["effect_source"])))


@pytest.mark.slow
def test_a_swapped_target_confirms_no_more_than_the_level(swaps: list[tuple[pd.DataFrame, pd.DataFrame]]) -> None:
    tables = [answers(evidence) for evidence, _ in swaps]
    assert min(map(len, tables)) >= 10, "the source does change, and signatures are asked"
    rng = np.random.default_rng(1)
    one_of_each = pd.DataFrame([table.iloc[rng.integers(len(table))] for table in tables])
    most = stats.binom.ppf(BOUND, N_SWAPS, LEVEL)
    assert (one_of_each["p"] <= LEVEL).sum() <= most
    share = np.array([(table["p"] <= LEVEL).mean() for table in tables])
    assert share.mean() <= LEVEL + stats.t.ppf(BOUND, N_SWAPS - 1) * share.std(ddof=1) / np.sqrt(N_SWAPS)
    assert (one_of_each["by_genes"] <= LEVEL).sum() > most, (
        "genes taken as replicates are misled: what the test can see"
    )


@pytest.mark.slow
def test_a_swapped_target_gives_no_claim_more_often_than_declared(
    swaps: list[tuple[pd.DataFrame, pd.DataFrame]], chain: Chain
) -> None:
    claimed = sum(bool((mediators["tier"] >= TIER).any()) for _, mediators in swaps)
    assert claimed <= stats.binom.ppf(BOUND, N_SWAPS, chain.study.file.ranking.fdr)
    assert all((mediators["tier"] == 1).any() for _, mediators in swaps), "only the second tier is in question"
