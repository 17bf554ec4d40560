"""Made-up evidence cards with what a digest speaks of: measurements, arms, function, and any text where a user may type."""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from typing import Any

from tests.report.fake_cards import fake_card

TAXA = {
    "mouse": ("NCBITaxon:10090", "Mus musculus"),
    "human": ("NCBITaxon:9606", "Homo sapiens"),
    "rat": ("NCBITaxon:10116", "Rattus norvegicus"),
}
STAGES = {
    "T0": "annotation only",
    "T1": "cells or tissue outside the body",
    "T2": "animal experiment",
    "T3": "people, at one time",
}
GAIN, LOSS, DRUG = "arm.AAV-Anxa2.perturbed", "arm.AAV-sh.perturbed", "arm.compound 7.perturbed"
LATENCY = "function.rotarod.latency"
LEADING = {
    "L1": "line.source_change",
    "L2": "line.plasma_change",
    "L3": "line.arrival",
    "L4": None,
    "L5": GAIN,
    "L6": LATENCY,
    "L7": "line.link",
}


def fact(
    name: str, kind: str, label: str, value: float | str | None, unit: str = "log2", **changes: Any
) -> dict[str, Any]:
    """One fact of six old and seven young animals."""
    measured = isinstance(value, float) and kind not in {"design", "declaration"}
    return {
        "id": name, "type": "StudyResult", "kind": kind, "label": label, "value": value, "unit": unit,
        "interval": [value - 0.25, value + 0.25] if measured else None, "relevant": None, "p": 0.0012 if measured else None,
        "q": 0.034 if measured else None, "tested": 321 if measured else None,
        "n": {"by_group": {"old": 6, "young": 7} if measured else {}, "by_sex": {}, "unit": "animal" if measured else ""},
        "species": "NCBITaxon:10090", "state": "asked", "text": "", "eco": None, "source": {"table": "evidence", "row": {}}, "badge": "computed",
    } | changes  # fmt: skip


def facts(gene: str, text: str) -> list[dict[str, Any]]:
    """Facts of every kind; `text` stands where users name things."""
    arms = {GAIN: ("AAV-Anxa2", "gain", 0.61), LOSS: ("AAV-sh", "loss", -0.52), DRUG: ("compound 7", "compound", -0.33)}
    found = [
        fact("species", "design", "species, from identifiers and sample sheet", "mouse", ""),
        fact("line.source_change", "effect", "Does it change in the source organ?", 1.25),
        fact("line.plasma_change", "effect", "Is it seen moving in blood?", 0.75),
        fact("line.arrival", "effect", "Is the protein in the target?", 0.5),
        fact("line.link", "correlation", "Does the target follow the source?", 0.6, "r"),
        fact(LATENCY, "function", "effect of the contrast on latency", -95.5, "s", source={"table": "phenotypes", "row": {"phenotype": "rotarod", "measure": "latency"}}),
        fact(f"design.{text}", "design", f"animals of {text}", 13.0, "animals",
             n={"by_group": {text: 6, "young": 7}, "by_sex": {"female": 7, "male": 6}, "unit": "animal"}),
        fact("declared.funding", "declaration", "funding", text, "", badge="declared"),
    ]  # fmt: skip
    for name, (arm, kind, value) in arms.items():
        row = {"table": "perturbations", "row": {"arm": arm, "comparison": "perturbed", "gene": gene}}
        found.append(
            fact(
                name,
                "perturbation",
                f"share that the arm {arm} has ({kind}, perturbed)",
                value,
                "share of the contrast",
                source=row,
            )
        )
        moved = 2.5 if kind == "gain" else -2.5
        found.append(fact(f"{name}.engagement", "engagement", f"how far the arm {arm} moved it", moved, source=row))
    return found


def made_card(
    gene: str = "Anxa2",
    text: str = "muscle",
    *,
    species: str = "mouse",
    stage: str = "T2",
    way: str = "increased",
    states: dict[str, str] | None = None,
    certainty: dict[str, str] | None = None,
    shown: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A card; links are supported with low certainty unless told otherwise, `shown` has the fact of each supported test."""
    card = deepcopy(fake_card(gene, text))
    found = facts(gene, text)
    card |= {
        "gene": gene,
        "species": species,
        "simulated": False,
        "blocked": False,
        "facts": {each["id"]: each for each in found},
    }
    card["headline"] = "headline"
    card["proposition"] |= {
        "object": {"source_organ": text, "target_organ": "cerebellum"},
        "species_of_data": dict(zip(("taxon", "name"), TAXA[species], strict=True)),
        "change_in_source": way, "context": {"factor": "age", "case": "old", "control": "young"},
    }  # fmt: skip
    card["stage"] = {"code": stage, "word": STAGES[stage], "may_say": "in words", "because": ["species"]}
    for line in card["hasEvidenceLines"]:
        name = line["id"]
        line |= {
            "state": (states or {}).get(name, "supported"),
            "certainty": (certainty or {}).get(name, "low"),
            "reason": f"{text} says so",
            "rule": "S-X",
        }
        line["leading_item"] = None if line["state"] == "not_tested" else LEADING[name]
        line["steps"] = [
            {
                "domain": "imprecision",
                "steps": -1,
                "rule": "C-FEW",
                "fact": "line.source_change",
                "reason": f"6 animals of {text}",
            }
        ]
    weak = card["hasEvidenceLines"][6]
    card["weakest_link"] = {"id": "L7", "name": weak["name"], "state": weak["state"], "reason": weak["reason"]}
    card["tests"] = [
        {"name": name, "question": f"{name}?", "state": "supported" if name in (shown or {}) else "not_tested", "rule": "S-NONE",
         "reason": "no arm", "facts": [(shown or {})[name]] if name in (shown or {}) else []}
        for name in ("sufficiency", "necessity", "reversal", "specificity", "dose", "order", "replication", "both_sexes")
    ]  # fmt: skip
    card["flags"] = [flag | {"facts": []} for flag in card["flags"]]
    return card


def sealed(card: dict[str, Any]) -> dict[str, Any]:
    """The card under the hash of what is in it, as a run leaves it."""
    content = {name: value for name, value in card.items() if name != "id"}
    return card | {"id": f"sha256:{hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()}"}
