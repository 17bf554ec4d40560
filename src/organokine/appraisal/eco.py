"""Codes of the Evidence and Conclusion Ontology that cards carry.

Source: Evidence and Conclusion Ontology, release 2024-07-19, CC0 1.0 (Nadendla et al. 2022, doi 10.1093/nar/gkab1025).
"""

from __future__ import annotations

RELEASE = "2024-07-19"

RNA_SEQUENCING = ("ECO:0000295", "RNA-sequencing")
MASS_SPECTROMETRY = ("ECO:0005603", "protein mass spectrometry")
ECTOPIC_EXPRESSION = ("ECO:0000017", "ectopic expression")
IN_VIVO_ASSAY = ("ECO:0000178", "in vivo assay")
ANIMAL_MODEL = ("ECO:0000179", "animal model system")
INTEGRATED = ("ECO:0007673", "automatically integrated combinatorial")

Code = tuple[str, str]


def of_modality(modality: str, reader: str = "") -> Code:
    """Code of a measurement; affinity panels have none of their own here and are in vivo assays."""
    if modality == "rna":
        return RNA_SEQUENCING
    return IN_VIVO_ASSAY if reader.startswith(("olink", "somascan")) else MASS_SPECTROMETRY


def of_arm(kind: str) -> Code:
    """Code of a perturbation; a loss is a knock-out or a knock-down, which the study file does not tell apart."""
    return ECTOPIC_EXPRESSION if kind == "gain" else ANIMAL_MODEL
