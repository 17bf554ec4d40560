from __future__ import annotations

import datetime as dt
import json
from importlib import resources
from typing import Any

import pandas as pd
import pytest

from cards import MEDIATOR
from organokine.appraisal.answers import Answer, Answers, Note
from organokine.appraisal.given import AppraisalInput
from organokine.evidence import LINES
from organokine.stages.appraise import complete_cards, evidence_cards
from organokine.study import Study
from tests.appraisal.bending import appraised, refiled
from tests.appraisal.schema_check import faults

SCHEMA = json.loads(resources.files("organokine.appraisal").joinpath("card.schema.json").read_text(encoding="utf-8"))
MANIFEST: dict[str, Any] = {
    "organokine": "0.0", "study": {"study": {"name": "simulated"}}, "seed": 1, "animals_needed": None,
    "inputs": [{"file": "a.tsv", "sha256": "0" * 64, "bytes": 3}], "references": [{"name": "routes", "version": "1"}],
    "versions": {"python": "3"},
}  # fmt: skip
DAY = dt.date(2026, 1, 31)


@pytest.fixture(scope="module")
def made(chain: tuple[Study, dict[str, pd.DataFrame]]) -> dict[str, dict[str, Any]]:
    study, found = chain
    return evidence_cards(study, found, LINES)


def finished(made: dict[str, dict[str, Any]], answers: Answers | None = None) -> dict[str, dict[str, Any]]:
    return complete_cards(made, Answers() if answers is None else answers, MANIFEST)


def test_cards_fit_the_published_schema(made: dict[str, dict[str, Any]]) -> None:
    cards = finished(made)
    assert list(cards) == [MEDIATOR, "Gdf15", "Igf1"]
    for card in cards.values():
        assert faults(card, SCHEMA, SCHEMA) == []
        json.dumps(card, allow_nan=False)


def test_the_validator_sees_what_does_not_fit(made: dict[str, dict[str, Any]]) -> None:
    card = finished(made)[MEDIATOR]
    for bent in (
        card | {"relevance": card["relevance"] | {"word": "actionable"}},
        card | {"not_shown": []},
        card | {"advice": "none"},
        {name: value for name, value in card.items() if name != "provenance"},
        card | {"hasEvidenceLines": card["hasEvidenceLines"][:6]},
        card | {"strength": card["strength"] | {"name": "strong"}},
    ):
        assert len(faults(bent, SCHEMA, SCHEMA)) > 0


def named_facts(node: Any) -> set[str]:
    """Every fact that is named anywhere in a card."""
    if isinstance(node, dict):
        own = {name for key in ("facts", "hasEvidenceItems", "because") for name in _names(node.get(key))}
        own |= {node[key] for key in ("fact", "leading_item") if isinstance(node.get(key), str)}
        return own.union(*(named_facts(each) for each in node.values()))
    return set().union(*(named_facts(each) for each in node)) if isinstance(node, list) else set()


def _names(value: Any) -> list[str]:
    return value if isinstance(value, list) else []


def test_every_fact_that_is_named_is_on_the_card_and_leads_to_its_row(
    made: dict[str, dict[str, Any]], chain: tuple[Study, dict[str, pd.DataFrame]]
) -> None:
    _, found = chain
    for card in made.values():
        assert named_facts(card) <= set(card["facts"])
        for name, fact in card["facts"].items():
            assert fact["id"] == name
            row = fact["source"]["row"]
            table = found.get(fact["source"]["table"])
            if table is None or len(row) == 0:
                continue
            known = {column: value for column, value in row.items() if column in table.columns}
            rows = table
            for column, value in known.items():
                rows = rows[rows[column].astype(str) == value]
            assert len(rows) >= 1, f"{name} is not in {fact['source']}"


def test_numbers_are_those_of_the_tables(
    made: dict[str, dict[str, Any]], chain: tuple[Study, dict[str, pd.DataFrame]]
) -> None:
    _, found = chain
    row = found["evidence"].set_index(["line", "gene"]).loc[("source_change", MEDIATOR)]
    fact = made[MEDIATOR]["facts"]["line.source_change"]
    assert fact["value"] == row["effect"]
    assert fact["interval"] == [row["ci_low"], row["ci_high"]]
    assert (fact["p"], fact["q"]) == (row["p"], row["q"])
    tested = found["differential"].set_index(["assay", "gene"]).loc[("muscle_protein", MEDIATOR)]
    assert fact["n"]["by_group"] == {"old": tested["n_case"], "young": tested["n_control"]}
    assert fact["n"]["by_sex"] == {"female": 10, "male": 10}
    arm = found["perturbations"].set_index(["arm", "comparison"]).loc[("AAV-Anxa2", "perturbed")]
    assert made[MEDIATOR]["facts"]["arm.AAV-Anxa2.perturbed"]["value"] == arm["fraction"]


def test_animals_of_a_link_are_the_pairs_by_group(
    made: dict[str, dict[str, Any]], chain: tuple[Study, dict[str, pd.DataFrame]]
) -> None:
    _, found = chain
    animals = found["animals"]
    rows = animals[(animals["gene"] == MEDIATOR) & (animals["modality"] == "protein") & animals["value"].notna()]
    both = rows[rows["role"].isin(["source", "target"])].groupby(["group", "subject"])["role"].nunique()
    pairs = both[both == 2].groupby("group").size()
    fact = made[MEDIATOR]["facts"]["line.link"]
    assert fact["n"]["by_group"] == {"old": pairs["old"], "young": pairs["young"]}
    n = found["evidence"].set_index(["line", "gene"]).loc[("link", MEDIATOR), "n"]
    assert sum(fact["n"]["by_group"].values()) == n


def test_every_step_down_names_rule_and_fact(made: dict[str, dict[str, Any]]) -> None:
    for card in made.values():
        for link in card["hasEvidenceLines"]:
            assert all(step["rule"] != "" and step["fact"] in card["facts"] for step in link["steps"])
            assert link["rule"] != ""
            assert (link["state"] == "not_tested") == (link["leading_item"] is None)


def test_what_is_not_shown_is_never_empty_and_never_what_is_shown(made: dict[str, dict[str, Any]]) -> None:
    for card in made.values():
        assert len(card["not_shown"]) >= 2
        assert not {each["what"].split(":")[0] for each in card["not_shown"]} & set(card["shown"])
        assert any("people" in each["what"] for each in card["not_shown"])


def test_no_card_advises(made: dict[str, dict[str, Any]]) -> None:
    text = json.dumps([{key: value for key, value in card.items() if key != "use"} for card in made.values()]).lower()
    for word in ("actionable", "recommend", "should take", "mg/kg", "patients should"):
        assert word not in text


def test_the_next_experiment_closes_the_weakest_link_first_with_animals_from_this_study(
    made: dict[str, dict[str, Any]],
) -> None:
    for card in made.values():
        first = card["next_experiment"][0]
        assert first["closes"] == card["weakest_link"]["id"]
        assert first["n_per_group"] is None or first["n_per_group"] >= 6
        assert first["basis"] != ""
    igf1 = {each["closes"]: each for each in made["Igf1"]["next_experiment"]}
    sd = made["Igf1"]["facts"]["change.cerebellum_protein"]["text"]
    assert sd.split(" ")[-2] in igf1["L3"]["basis"]


def test_answers_and_notes_stand_on_the_card_and_change_nothing_else(made: dict[str, dict[str, Any]]) -> None:
    said = {"author": "A. Reader", "date": DAY, "text": "<b>both</b> sexes are in preparation"}
    answers = Answers(
        answer=(Answer(gene=MEDIATOR, rule="R23", **said), Answer(gene="*", rule="R08", **said)),
        note=(Note(gene=MEDIATOR, kind="question", **said),),
    )
    before, after = finished(made), finished(made, answers)
    flags = {flag["rule"]: flag for flag in after[MEDIATOR]["flags"]}
    expected = [said | {"date": "2026-01-31"}]
    assert flags["R23"]["answers"] == expected
    assert flags["R08"]["answers"] == expected
    assert after[MEDIATOR]["notes"] == [expected[0] | {"kind": "question"}]
    assert after["Gdf15"]["notes"] == []
    assert len(after[MEDIATOR]["flags"]) == len(before[MEDIATOR]["flags"])
    changing = {"id", "flags", "notes"}
    for gene in before:
        assert {k: v for k, v in before[gene].items() if k not in changing} == {
            k: v for k, v in after[gene].items() if k not in changing
        }
        assert faults(after[gene], SCHEMA, SCHEMA) == []
    assert before[MEDIATOR]["id"] != after[MEDIATOR]["id"]


def test_the_same_tables_give_the_same_bytes(
    made: dict[str, dict[str, Any]], chain: tuple[Study, dict[str, pd.DataFrame]]
) -> None:
    study, found = chain
    shuffled = {
        name: table.sample(frac=1.0, random_state=3) if name in {"qc_pairs", "qc_batch"} else table
        for name, table in found.items()
    }
    again = evidence_cards(study, shuffled, LINES)
    assert json.dumps(finished(again)) == json.dumps(finished(made))


def test_sensitivity_moves_every_threshold_both_ways_and_tells_what_changes(
    made: dict[str, dict[str, Any]], given: AppraisalInput
) -> None:
    rows = made[MEDIATOR]["sensitivity"]
    assert {(row["threshold"], row["moved"]) for row in rows} == {
        (name, moved) for name in given.limits.named() for moved in ("halved", "doubled")
    }
    few = next(row for row in rows if row["threshold"] == "few_units" and row["moved"] == "doubled")
    assert {"what": "L1 certainty", "from": "low", "to": "very_low"} in few["changes"]
    assert next(row for row in rows if row["threshold"] == "attrition" and row["moved"] == "doubled")["changes"] == []


@pytest.mark.parametrize(
    ("said", "risk", "badge"),
    [({}, "unclear", "not_recorded"), ({"blinded": True}, "low", "declared"), ({"blinded": False}, "high", "declared"),
     ({"blinded": "by colour codes"}, "low", "declared")],
)  # fmt: skip
def test_bias_items_carry_badges(given: AppraisalInput, said: dict[str, Any], risk: str, badge: str) -> None:
    from organokine.appraisal.bias import bias_items

    items = {
        item.item: item for item in bias_items(appraised(refiled(given, declared=given.file.declared | said)).case)
    }
    assert (items[7].risk, items[7].badge) == (risk, badge)
    assert items[2].badge == "computed"
    assert len(items) == 10
