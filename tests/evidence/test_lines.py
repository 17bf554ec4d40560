"""Each line on small studies with a planted answer, and one contract test over all of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from organokine import tables
from organokine.evidence import LINES
from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import largest

Values = dict[tuple[str, str], pd.DataFrame]
Make = Callable[..., Values]
Ask = Callable[..., EvidenceInput]

SOURCE, SOURCE_RNA = ("source", "protein"), ("source", "rna")
TARGET, TARGET_RNA, PLASMA = ("target", "protein"), ("target", "rna"), ("plasma", "protein")
BY_NAME = {line.name: line for line in LINES}


def is_old(table: pd.DataFrame) -> np.ndarray:
    return np.array([int(subject[1:]) % 2 == 0 for subject in table.columns])


def raise_in_old(table: pd.DataFrame, gene: str, by: float) -> None:
    table.loc[gene, is_old(table)] += by


def test_source_change_takes_protein_first_and_rna_where_there_is_none(toy_values: Make, ask: Ask) -> None:
    values = toy_values()
    raise_in_old(values[SOURCE], "Gene000", 2.0)
    raise_in_old(values[SOURCE_RNA], "Gene001", -2.0)
    values[SOURCE].loc["Gene001"] = np.nan
    answer = BY_NAME["source_change"].run(ask(values))
    assert answer.loc["Gene000", "effect"] == pytest.approx(2.0, abs=0.5)
    assert answer.loc["Gene000", "p"] < 1e-6
    assert answer.loc["Gene000", ["state", "direction"]].tolist() == ["asked", "up"]
    assert answer.loc["Gene001", ["state", "direction", "flags"]].tolist() == ["rna_only", "down", "rna_only"]
    assert answer.loc["Gene001", "p"] < 1e-6


def test_arrival_needs_protein_beyond_its_own_mrna(toy_values: Make, ask: Ask) -> None:
    values = toy_values()
    for gene in ("Gene000", "Gene001", "Gene002", "Gene004", "Gene005"):
        raise_in_old(values[SOURCE], gene, 2.0)
    for gene in ("Gene000", "Gene001", "Gene005"):
        raise_in_old(values[TARGET], gene, 2.0)
    raise_in_old(values[TARGET_RNA], "Gene001", 2.0)
    raise_in_old(values[TARGET_RNA], "Gene002", -2.0)
    raise_in_old(values[TARGET], "Gene004", -2.0)
    answer = BY_NAME["arrival"].run(ask(values, {TARGET_RNA: ["Gene005"]}))
    assert answer.loc["Gene000", "p"] < 1e-6
    assert answer.loc["Gene001", "p"] > 0.001, "its own mRNA explains the protein"
    assert answer.loc["Gene002", "p"] > 0.001, "less mRNA at unchanged protein is no arrival"
    assert answer.loc["Gene004", "p"] > 0.99, "the wrong direction"
    assert answer.loc["Gene005", "p"] < 1e-6
    assert answer.loc["Gene005", "state"] == "rna_not_detected"


def test_arrival_says_what_was_not_measured(toy_values: Make, ask: Ask) -> None:
    values = toy_values()
    values[TARGET] = values[TARGET].drop(index="Gene000")
    without_rna = {key: table for key, table in values.items() if key != TARGET_RNA}
    answer = BY_NAME["arrival"].run(ask(without_rna))
    assert answer.loc["Gene000", "state"] == "not_measured_in_target"
    assert np.isnan(answer.loc["Gene000", "p"])
    assert (answer["state"].drop("Gene000") == "rna_not_measured").all()


def test_arrival_with_rna_of_other_animals_is_still_held_against_it(toy_values: Make, ask: Ask) -> None:
    values = toy_values(32)
    proteins, others = list(range(16)), list(range(16, 32))
    values = {key: table.iloc[:, others if key == TARGET_RNA else proteins].copy() for key, table in values.items()}
    for gene in ("Gene000", "Gene001"):
        raise_in_old(values[SOURCE], gene, 2.0)
        raise_in_old(values[TARGET], gene, 2.0)
    raise_in_old(values[TARGET_RNA], "Gene001", 2.0)
    answer = BY_NAME["arrival"].run(ask(values))
    assert answer.loc["Gene000", "p"] < 1e-6
    assert answer.loc["Gene001", "p"] > 0.001, "its own mRNA explains the protein"
    assert (answer["state"] == "asked").all()


def test_plasma_must_move_with_the_source(toy_values: Make, ask: Ask) -> None:
    values = toy_values()
    for gene in ("Gene000", "Gene001"):
        raise_in_old(values[SOURCE], gene, 2.0)
    raise_in_old(values[PLASMA], "Gene000", 1.0)
    raise_in_old(values[PLASMA], "Gene001", -1.0)
    answer = BY_NAME["plasma_change"].run(ask(values))
    assert answer.loc["Gene000", "p"] < 1e-4
    assert answer.loc["Gene001", "p"] > 0.99
    absent = BY_NAME["plasma_change"].run(ask({key: values[key] for key in (SOURCE, TARGET)}))
    assert (absent["state"] == "plasma_not_measured").all()
    assert absent["p"].isna().all()


def test_link_finds_the_animal_level_link_and_not_the_group_difference(toy_values: Make, ask: Ask) -> None:
    values = toy_values()
    noise = values[TARGET].loc["Gene000"] - values[TARGET].loc["Gene000"].mean()
    values[TARGET].loc["Gene000"] = values[SOURCE].loc["Gene000"] + 0.2 * noise
    for key in (SOURCE, TARGET):
        raise_in_old(values[key], "Gene001", 3.0)
    answer = BY_NAME["link"].run(ask(values))
    assert answer.loc["Gene000", "p"] < 1e-3
    assert answer.loc["Gene000", "state"] == "asked"
    assert answer.loc["Gene000", "ci_low"] < answer.loc["Gene000", "effect"] < answer.loc["Gene000", "ci_high"]
    assert answer.loc["Gene001", "p"] > 0.001


def test_link_to_a_shared_nuisance_is_called_like_matched(toy_values: Make, ask: Ask) -> None:
    values = toy_values()
    nuisance = np.random.default_rng(5).normal(0, 1.0, values[SOURCE].shape[1])
    for key in (SOURCE, TARGET):
        values[key] += nuisance
    answer = BY_NAME["link"].run(ask(values))
    assert (answer["p"] < 0.05).mean() > 0.5, "the nuisance makes partners matter for most proteins"
    assert (answer["state"] == "like_matched").mean() > 0.85


@pytest.mark.parametrize(
    ("source", "target", "state"),
    [
        (range(16), range(16, 32), "unpaired"),
        (range(16), range(8, 24), "too_few_pairs"),
        (range(16), range(6, 16), "asked"),
    ],
)
def test_link_needs_enough_pairs(toy_values: Make, ask: Ask, source: range, target: range, state: str) -> None:
    values = toy_values(32)
    values = {
        SOURCE: values[SOURCE].iloc[:, list(source)],
        TARGET: values[TARGET].iloc[:, list(target)],
    }
    answer = BY_NAME["link"].run(ask(values))
    assert (answer["state"].replace("like_matched", "asked") == state).all()


def test_pairs_that_cannot_tell_the_contrast_from_a_covariate_are_too_few(toy_values: Make, ask: Ask) -> None:
    values = toy_values(40)
    of_one_sex = [i for i in range(40) if i % 4 < 2]
    values = {key: values[key] for key in (SOURCE, TARGET, TARGET_RNA)}
    values[SOURCE] = values[SOURCE].iloc[:, [*of_one_sex, 2, 3, 6, 7]]
    values[TARGET] = values[TARGET].iloc[:, [*of_one_sex, 10, 11, 14, 15]]
    values[TARGET_RNA] = values[TARGET_RNA].iloc[:, [*of_one_sex, 18, 19, 22, 23]]
    given = ask(values)
    assert (BY_NAME["link"].run(given)["state"] == "too_few_pairs").all()
    assert (BY_NAME["arrival"].run(given)["state"] == "asked").all(), "the changes are compared instead"


def test_origin_tells_made_here_from_blood(toy_values: Make, ask: Ask) -> None:
    values = toy_values()
    blood = np.random.default_rng(2).normal(0, 1.0, 16)
    for gene in ("Gene003", "Gene119", "Gene050"):
        values[SOURCE].loc[gene] += blood
    answer = BY_NAME["origin"].run(ask(values, {SOURCE_RNA: ["Gene007"]}))
    assert answer.loc["Gene000", "state"] == "made_here"
    assert answer.loc["Gene003", "state"] == "blood_suspect", "its transcript is among the weakest"
    assert answer.loc["Gene119", "state"] == "made_here", "its transcript is among the strongest"
    assert "blood_panel" in answer.loc["Gene119", "flags"]
    assert answer.loc["Gene007", "state"] == "no_transcript"
    assert "follows_blood_index" in answer.loc["Gene050", "flags"]
    assert answer.loc["Gene003", "note"] == "blood panel: plasma; known to be made in liver, muscle"
    assert answer.loc["Gene004", "note"] == "known to be made in all tissues"
    assert answer.loc[["Gene000", "Gene119"], "note"].tolist() == ["", "blood panel: erythrocyte"]
    without_rna = BY_NAME["origin"].run(ask({key: values[key] for key in (SOURCE, TARGET)}))
    assert without_rna.loc["Gene000", "state"] == "rna_not_measured"
    assert without_rna.loc["Gene003", "state"] == "blood_suspect"


def test_receptor_wants_all_parts_of_a_complex_and_never_rules_out(toy_values: Make, ask: Ask) -> None:
    answer = BY_NAME["receptor"].run(ask(toy_values()))
    assert answer.loc[["Gene000", "Gene001", "Gene002"], "state"].tolist() == ["present", "not_detected", "none_known"]
    assert (answer["weight"] > 0).all()


def test_release_is_a_declared_weight(toy_values: Make, ask: Ask) -> None:
    answer = BY_NAME["release"].run(ask(toy_values(), route_weights={"classical": 0.8, "intracellular": 0.0}))
    assert answer.loc["Gene000", ["state", "weight"]].tolist() == ["classical", 0.8]
    assert answer.loc["Gene100", ["state", "weight"]].tolist() == ["intracellular", 0.0]


STUDIES = {
    "whole": lambda values: values,
    "no plasma": lambda values: {key: table for key, table in values.items() if key[0] != "plasma"},
    "proteins alone": lambda values: {SOURCE: values[SOURCE], TARGET: values[TARGET]},
    "no target": lambda values: {SOURCE: values[SOURCE]},
    "rna alone": lambda values: {SOURCE_RNA: values[SOURCE_RNA], TARGET_RNA: values[TARGET_RNA]},
    "three a group": lambda values: {key: table.iloc[:, :6] for key, table in values.items()},
    "a feature never seen": lambda values: {
        key: table.mask(table.index.to_series() == "Gene010") for key, table in values.items()
    },
}


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
@pytest.mark.parametrize("study", STUDIES)
def test_contract_of_every_line(line: Line, study: str, toy_values: Make, ask: Ask) -> None:
    values = STUDIES[study](toy_values(seed=0))
    given = ask(values)
    before = {key: (np.array(adata.X), adata.obs.copy(), adata.var.copy()) for key, adata in given.prepared.items()}
    answer = line.run(given)
    assert answer.index.equals(given.candidates.index)
    tables.EVIDENCE.conform(answer.drop(columns="flags", errors="ignore").assign(line=line.name, gene=answer.index))
    assert (answer["state"] != "").all(), "every row says what was asked or why not"
    if "p" in answer.columns:
        assert answer["p"].dropna().between(0, 1).all()
        assert (answer["p"].dropna() > 0).all()
    if line.role == "weight":
        assert answer["weight"].ge(0).all()
    for key, (matrix, obs, var) in before.items():
        np.testing.assert_array_equal(given.prepared[key].X, matrix)
        pd.testing.assert_frame_equal(given.prepared[key].obs, obs)
        pd.testing.assert_frame_equal(given.prepared[key].var, var)
    pd.testing.assert_frame_equal(line.run(given), answer)
    assert line.question != ""
    assert line.null != ""
    assert line.reference != ""
    assert set(line.columns) <= set(tables.MEDIATORS.names())
    assert (line.role == "arm") == (line.tier is not None)


def test_names_of_lines_are_unique() -> None:
    assert len(BY_NAME) == len(LINES)


def test_the_largest_are_positive_in_order_and_ties_keep_theirs() -> None:
    values = np.array([0.5, -1.0, 2.0, 0.5, 0.0, 3.0])
    assert largest(values, 3).tolist() == [5, 2, 0]
    assert largest(values, 9).tolist() == [5, 2, 0, 3]
    assert largest(-np.ones(3), 2).tolist() == []
    assert largest(np.empty(0), 2).tolist() == []
