"""Made-up evidence cards for the tests of their views: every kind of field, and any text in all of them."""

from __future__ import annotations

import json
from typing import Any

from organokine.appraisal.card import SCHEMA
from organokine.appraisal.links import LINKS
from organokine.appraisal.thresholds import THRESHOLDS


def fake_card(gene: str = "Anxa2", text: str = "in words") -> dict[str, Any]:
    """A card in which `text` stands wherever words may stand."""
    fact = {
        "id": "line.source_change", "type": "StudyResult", "kind": "effect", "label": text, "value": 1.25, "unit": "log2",
        "interval": [0.5, 2.0], "relevant": 0.585, "p": 0.001, "q": 0.01, "tested": 300,
        "n": {"by_group": {"aged": 6, text: 6}, "by_sex": {}, "unit": "animal"}, "species": "NCBITaxon:10090", "state": "asked",
        "text": text, "eco": {"code": "ECO:0005603", "name": "protein mass spectrometry"},
        "source": {"table": "evidence", "row": {"gene": text}}, "badge": "computed",
    }  # fmt: skip
    word = fact | {
        "id": f"arm.{text}",
        "value": text,
        "interval": None,
        "p": None,
        "q": None,
        "eco": None,
        "badge": "declared",
    }
    names = [fact["id"], word["id"]]
    step = {"domain": "imprecision", "steps": -1, "rule": "C-FEW", "fact": names[0], "reason": text}
    lines = [
        {
            "type": "EvidenceLine", "id": link.id, "name": link.name, "claim": link.claim, "state": state, "certainty": "low",
            "directionOfEvidenceProvided": "neutral", "strengthOfEvidenceProvided": {"name": "low"}, "starts_from": "low",
            "rule": "S-OPEN", "reason": text, "steps": [step], "leading_item": names[0], "waits_on": None, "hasEvidenceItems": names,
        }
        for link, state in zip(LINKS, ["supported", "contradicted", "inconclusive", "not_tested", "not_assessable"] + ["supported"] * 2, strict=True)
    ]  # fmt: skip
    said = {"author": text, "date": "2026-01-31", "text": text}
    change = {"what": "L1 certainty", "from": "low", "to": "very_low"}
    return {
        "id": "sha256:" + "0" * 64, "schema": SCHEMA, "type": "Statement", "use": "Research use only.", "simulated": True, "blocked": True,
        "gene": gene, "species": "mouse", "headline": text, "direction": "neutral",
        "proposition": {
            "type": "MediatorProposition", "subject": {"type": "Gene", "name": gene}, "predicate": "carriesContrastBetweenOrgans",
            "object": {"source_organ": text, "target_organ": text},
            "species_of_data": {"taxon": "NCBITaxon:10090", "name": "Mus musculus"}, "change_in_source": "increased", "context": {},
        },
        "strength": {"name": "low", "of": "L2", "rule": "certainty of the weakest link"},
        "stage": {"code": "T2", "word": "animal experiment", "may_say": "in mice", "because": names},
        "relevance": {"word": "background", "rule": "REL-1", "reason": text, "cap_by": ["no_human_data", text]},
        "hasEvidenceLines": lines, "weakest_link": {"id": "L2", "name": text, "state": "contradicted", "reason": text}, "shown": ["L1"],
        "tests": [{"name": "dose", "question": text, "state": "not_tested", "rule": "S-NONE", "reason": text, "facts": names}],
        "bias": [{"item": 1, "name": text, "risk": "unclear", "badge": "not_recorded", "reason": text, "facts": []}],
        "flags": [{"rule": "R13", "severity": "warn", "message": text, "facts": names, "links": ["L1"], "answers": [said]}],
        "not_shown": [{"what": text, "why": text, "state": "not_tested", "facts": names}],
        "next_experiment": [{"closes": "L2", "design": text, "n_per_group": None, "basis": text, "refuted_by": text, "facts": []}],
        "study_needs": {"sentence": text}, "notes": [said | {"kind": "question"}],
        "ranking": {"rank": 1, "tier": 2, "q": 0.01, "route": "classical", "limiting_evidence": "", "chain": [], "remarks": []},
        "sensitivity": [{"threshold": name, "value": value, "moved": "halved", "to": value / 2, "changes": [change]}
                        for name, value in THRESHOLDS.named().items()],
        "facts": {fact["id"]: fact, word["id"]: word}, "eco_release": "2024-07-19",
        "provenance": {"organokine": "0.0", "study": text, "parameters_sha256": "0" * 64, "seed": 1, "references": [],
                       "inputs": [{"file": text, "sha256": "0" * 64}], "versions": {"numpy": "2"}, "rerun": "organokine run STUDY"},
    }  # fmt: skip


def as_text(card: dict[str, Any]) -> str:
    """The file of a card."""
    return json.dumps(card, indent=2)
