"""The line `response`: what it sees, what it masks, what it says where it cannot be asked, and how often it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from organokine.evidence import LINES, response
from organokine.evidence.base import EvidenceInput
from organokine.references.signatures import SignatureSet
from organokine.stages.rank import limiting_evidence

Make = Callable[..., dict[tuple[str, str], pd.DataFrame]]
Ask = Callable[..., EvidenceInput]
SOURCE, TARGET, TARGET_RNA = ("source", "protein"), ("target", "protein"), ("target", "rna")
LIGANDS = [f"Gene{i:03d}" for i in range(40)]


def is_old(table: pd.DataFrame) -> np.ndarray:
    return np.array([int(subject[1:]) % 2 == 0 for subject in table.columns])


def some_signatures(genes: list[str], seed: int = 3, **options: object) -> SignatureSet:
    """Every ligand moves all genes along two shared programmes and a little of its own; its own gene most of all."""
    rng = np.random.default_rng(seed)
    programmes = rng.normal(size=(len(genes), 2))
    weights = programmes @ rng.normal(size=(2, len(LIGANDS))) + rng.normal(size=(len(genes), len(LIGANDS)))
    table = pd.DataFrame(weights, index=genes, columns=LIGANDS)
    for ligand in LIGANDS:
        table.loc[ligand, ligand] = 100.0
    return SignatureSet("toy", table, knows_listed_only=bool(options.get("wide", True)))


def given_signatures(given: EvidenceInput, signatures: SignatureSet, **options: object) -> EvidenceInput:
    # All toy genes share one stem: as a family, each would mask all others.
    section = given.file.response.model_copy(update={"mask_family": False, "n_permutations": 199} | options)
    return replace(given, signatures=signatures, file=given.file.model_copy(update={"response": section}))


def respond(values: dict, signatures: SignatureSet, ligand: str, by: float, key: tuple[str, str] = TARGET_RNA) -> None:
    """The target of old animals moves along a ligand's signature, the ligand's own gene left out."""
    w = signatures.weights[ligand].reindex(values[key].index).copy()
    w[ligand] = 0.0
    values[key].loc[:, is_old(values[key])] += by * w.to_numpy()[:, None]


def test_a_response_is_seen_in_the_direction_of_the_source(toy_values: Make, ask: Ask) -> None:
    values = toy_values()
    signatures = some_signatures(list(values[TARGET_RNA].index))
    for ligand, way in (("Gene005", 1.0), ("Gene006", -1.0)):
        values[SOURCE].loc[ligand, is_old(values[SOURCE])] += 2.0 * way
    respond(values, signatures, "Gene005", 0.2)
    values[TARGET_RNA].loc["Gene005", is_old(values[TARGET_RNA])] -= 1.0
    answer = response.run(given_signatures(ask(values), signatures))
    assert answer.loc["Gene005", "p"] <= 0.05
    assert answer.loc["Gene005", ["state", "direction"]].tolist() == ["asked", "up"]
    assert answer.loc["Gene005", "n"] == 16
    assert "rests on 119 genes" in answer.loc["Gene005", "note"]
    assert "against 39 other signatures" in answer.loc["Gene005", "note"]
    turned = {key: table.copy() for key, table in values.items()}
    turned[SOURCE].loc["Gene005"] *= -1.0
    assert response.run(given_signatures(ask(turned), signatures)).loc["Gene005", "p"] > 0.9
    assert answer.loc["Gene050", "state"] == "none_known"
    assert np.isnan(answer.loc["Gene050", "p"])


def test_the_ligands_own_gene_says_nothing(toy_values: Make, ask: Ask) -> None:
    values = toy_values()
    signatures = some_signatures(list(values[TARGET_RNA].index))
    before = response.run(given_signatures(ask(values), signatures))
    values[TARGET_RNA].loc["Gene007", is_old(values[TARGET_RNA])] += 5.0
    after = response.run(given_signatures(ask(values), signatures))
    # The variance prior that all genes share is what is left of the change.
    assert after.loc["Gene007", "effect"] == pytest.approx(before.loc["Gene007", "effect"], abs=0.1)
    assert abs(after.loc["Gene008", "effect"] - before.loc["Gene008", "effect"]) > 0.1
    moved = values[SOURCE].copy()
    moved.loc["Gene007", is_old(moved)] += 2.0
    answer = response.run(given_signatures(ask(values | {SOURCE: moved}), signatures))
    assert answer.loc["Gene007", "state"] == "own_expression"


def test_a_family_is_masked_unless_it_is_not_to_be(toy_values: Make, ask: Ask) -> None:
    given = ask(toy_values())
    signatures = some_signatures(list(given.candidates.index))
    alone = response.run(given_signatures(given, signatures))
    family = response.run(given_signatures(given, signatures, mask_family=True))
    assert alone.loc[LIGANDS, "state"].isin(["asked", "own_expression"]).all()
    assert (family.loc[LIGANDS, "state"] == "small_overlap").all()


@pytest.mark.parametrize(
    ("case", "state"),
    [
        ("nothing given", "no_signatures"),
        ("no target", "target_not_measured"),
        ("protein only", "rna_not_measured"),
        ("few signatures", "too_few_signatures"),
        ("few animals", "too_few_animals"),
        ("few genes", "small_overlap"),
    ],
)
def test_what_cannot_be_asked_is_said(toy_values: Make, ask: Ask, case: str, state: str) -> None:
    values = toy_values(8 if case == "few animals" else 16)
    signatures = some_signatures(list(values[TARGET_RNA].index))
    if case == "few animals":
        # Two old and two young females and as many males, but in the target two of each are gone.
        values[TARGET_RNA] = values[TARGET_RNA].iloc[:, :6]
        values[TARGET] = values[TARGET].iloc[:, :6]
    if case == "no target":
        values = {key: table for key, table in values.items() if key[0] != "target"}
    if case == "protein only":
        del values[TARGET_RNA]
    if case == "few signatures":
        signatures = replace(signatures, weights=signatures.weights.iloc[:, :10])
    if case == "few genes":
        signatures = replace(signatures, weights=signatures.weights.iloc[::12])
    given = ask(values)
    given = given if case == "nothing given" else given_signatures(given, signatures)
    answer = response.run(given)
    assert answer.index.equals(given.candidates.index)
    assert answer.loc["Gene000", "state"] == state
    assert bool(np.isnan(answer["p"].get("Gene000", np.nan)) if "p" in answer else True) == (
        state != "rna_not_measured"
    )


def test_sparse_sets_and_wide_tables_differ_in_what_they_know(toy_values: Make, ask: Ask) -> None:
    given = ask(toy_values())
    genes = list(given.candidates.index)
    half = some_signatures(genes)
    wide = replace(half, weights=half.weights.iloc[:60])
    sparse = replace(wide, knows_listed_only=False)
    by_wide, by_sparse = (response.run(given_signatures(given, each)) for each in (wide, sparse))
    assert by_wide.loc["Gene001", "n"] == by_sparse.loc["Gene001", "n"]
    assert by_wide.loc["Gene001", "note"].split(",")[0] == by_sparse.loc["Gene001", "note"].split(",")[0]
    assert by_wide.loc["Gene001", "effect"] != pytest.approx(by_sparse.loc["Gene001", "effect"], abs=0.01)


def swapped(values: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The same animals' names over other animals' values, within sex, so that labels say nothing and no effect is left."""
    sex = np.array([int(subject[1:]) % 4 < 2 for subject in values.columns])
    order = np.arange(values.shape[1])
    for each in (True, False):
        order[sex == each] = rng.permutation(order[sex == each])
    return pd.DataFrame(values.to_numpy()[:, order], index=values.index, columns=values.columns)


def test_swapped_labels_of_the_target_confirm_no_more_than_declared(toy_values: Make, ask: Ask) -> None:
    """Source real, target swapped. Genes of the target share the programmes that the signatures are made of."""
    n_studies, changed = 30, LIGANDS[:20]
    both, by_genes, one = 0, 0, 0
    for seed in range(n_studies):
        rng = np.random.default_rng(seed)
        values = toy_values(seed=seed)
        signatures = some_signatures(list(values[TARGET_RNA].index), seed)
        way = rng.choice([-1.0, 1.0], len(changed))
        values[SOURCE].loc[changed, is_old(values[SOURCE])] += 2.0 * way[:, None]
        programmes = signatures.weights.drop(index=LIGANDS).iloc[:, :2].to_numpy()
        values[TARGET_RNA].iloc[len(LIGANDS) :] += 0.3 * programmes @ rng.normal(size=(2, 16))
        values[TARGET_RNA] = swapped(values[TARGET_RNA], rng)
        rest = {key: values[key] for key in (SOURCE, TARGET_RNA)}
        answer = response.run(given_signatures(ask(rest), signatures, n_permutations=39)).loc[changed]
        both += int((answer["p"] <= 0.05).sum())
        one += int(answer["p"].iloc[0] <= 0.05)
        by_genes += int((stats.t.sf(way * answer["effect"], 117) <= 0.05).sum())
    assert one <= stats.binom.ppf(0.999, n_studies, 0.05)
    assert both / len(changed) <= stats.binom.ppf(0.999, n_studies, 0.05)
    assert by_genes > 0.2 * n_studies * len(changed), "as if genes were replicates, a fifth would be confirmed"


def test_without_signatures_the_line_stands_aside(toy_values: Make, ask: Ask) -> None:
    given = ask(toy_values())
    answers = {line.name: line.run(given) for line in LINES}
    rows = [frame.assign(line=name, gene=frame.index).reset_index(drop=True) for name, frame in answers.items()]
    evidence = pd.concat(rows, ignore_index=True)
    genes = given.candidates.index
    claimed = np.ones(len(genes), dtype=int)
    without = [line for line in LINES if line.name != "response"]
    np.testing.assert_array_equal(
        limiting_evidence(evidence, LINES, genes, claimed), limiting_evidence(evidence, without, genes, claimed)
    )
    assert set(answers["response"]["state"]) == {"no_signatures"}
