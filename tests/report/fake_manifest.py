"""The manifest of a made-up run: lines, assays, study file and all that the report reads beside the tables."""

from __future__ import annotations

from typing import Any

LINES: list[dict[str, Any]] = [
    {"name": "source_change", "question": "Does it change in the source organ?", "needs": ["source protein"],
     "null": "No change.", "unit": "log2", "reference": "10.2202/1544-6115.1027", "role": "arm", "tier": 1,
     "caps": {}, "columns": {"source_log2fc": "effect", "source_p": "p", "source_q": "q"}},
    {"name": "release", "question": "Can it leave the cell, by which route?", "needs": ["reference knowledge"],
     "null": "None: a prior.", "unit": "", "reference": "", "role": "weight", "tier": None,
     "caps": {}, "columns": {"route": "state"}},
    {"name": "origin", "question": "Does the source organ make it, or is it blood?", "needs": ["source RNA"],
     "null": "None: states and flags.", "unit": "r", "reference": "10.1016/j.molmet.2021.101296", "role": "gate",
     "tier": None, "caps": {"blood_suspect": 1}, "columns": {}},
    {"name": "plasma_change", "question": "Is it seen moving in blood?", "needs": ["plasma protein"],
     "null": "No change in plasma.", "unit": "log2", "reference": "10.2202/1544-6115.1027", "role": "support",
     "tier": None, "caps": {}, "columns": {"plasma_p": "p"}},
    {"name": "arrival", "question": "Is the protein in the target beyond what its own mRNA explains?",
     "needs": ["target protein", "target RNA (better)"], "null": "The target protein does not follow.", "unit": "log2",
     "reference": "10.1080/00401706.1982.10487790", "role": "arm", "tier": 2,
     "caps": {}, "columns": {"target_log2fc": "effect", "arrival_p": "p"}},
    {"name": "receptor", "question": "Can the target organ hear it?", "needs": ["reference knowledge"],
     "null": "None: a soft prior.", "unit": "", "reference": "10.1038/s41467-020-18873-z", "role": "weight",
     "tier": None, "caps": {}, "columns": {"receptor_state": "state"}},
    {"name": "link", "question": "Animal by animal, within group, does the target follow the source?",
     "needs": ["both proteins of the same animals"], "null": "Which source belongs to which target does not matter.",
     "unit": "r", "reference": "10.1161/CIRCRESAHA.115.306798", "role": "arm", "tier": 3,
     "caps": {"not_specific": 2}, "columns": {"link_p": "p"}},
]  # fmt: skip

ASSAYS = (
    ("muscle_protein", "muscle", "protein", "source"),
    ("muscle_rna", "muscle", "rna", "source"),
    ("cerebellum_protein", "cerebellum", "protein", "target"),
    ("cerebellum_rna", "cerebellum", "rna", "target"),
    ("plasma_protein", "plasma", "protein", "plasma"),
)


def subjects(n_animals: int, n_paired: int) -> dict[str, Any]:
    each = {"aged": n_animals, "young": n_animals}
    return {"n": 2 * n_animals, "n_paired": n_paired, "per_group": each, "paired_per_group": each}


def manifest() -> dict[str, Any]:
    meanings = (
        "nominated: order only, error rate not controlled", "changed and secreted",
        "arrives in, or specifically moves, the target", "animal-level link", "perturbation reproduces it",
        "loss of function or rescue reverses it",
    )  # fmt: skip
    return {
        "organokine": "0.1.0", "created": "2026-11-23T06:00:00+00:00", "alpha": 0.1, "seed": 1, "simulated": False, "outputs": {},
        "subjects": subjects(6, 12), "animals_needed": None, "lines": [dict(line) for line in LINES],
        "study": {
            "study": {"name": "ageing muscle to cerebellum", "species": "mouse", "samples": "samples.tsv", "seed": 1},
            "contrast": {"factor": "age", "case": "aged", "control": "young", "covariates": ["sex"], "within": {}},
            "axis": {"source": "muscle", "target": "cerebellum"},
            "assay": [
                {"name": assay, "organ": organ, "modality": modality, "file": f"{assay}.tsv.gz", "scale": "log2", "features": None}
                for assay, organ, modality, _ in ASSAYS
            ],
            "perturbation": [], "phenotype": [], "declared": {"randomised": True},
            "prepare": {"normalise": "median", "minimum_values": 2},
            "differential": {"trend": True, "robust": True},
            "ranking": {"fdr": 0.1, "route_weights": {"classical": 1.0, "unknown": 0.0}, "minimum_pairs": 5},
        },
        "tiers": [
            {"tier": tier, "meaning": meaning, "n": 0, "asked": tier <= 3, "reason": "" if tier <= 3 else "no perturbation arm"}
            for tier, meaning in enumerate(meanings)
        ],
        "inputs": [{"file": f"{assay}.tsv.gz", "sha256": "ab" * 32, "bytes": 1_234_567} for assay, *_ in ASSAYS],
        "references": [
            {"name": "secretion", "version": "2026.1", "licence": "CC BY 4.0", "sha256": "cd" * 32, "citation": "UniProt 2025"}
        ],
        "versions": {"python": "3.11.2", "numpy": "2.4.6", "pandas": "2.3.3"},
        "stages": [{"name": "prepare", "key": "0123", "seconds": 1.25}, {"name": "rank", "key": "4567", "seconds": 0.5}],
        "methods": ["intensities were log2 transformed and median normalised", "moderated t-tests were used (limma)."],
        "citations": [{"text": "Smyth (2004). Linear models and empirical Bayes methods.", "doi": "10.2202/1544-6115.1027"}],
    }  # fmt: skip
