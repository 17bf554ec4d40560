"""UniProt: reviewed entries with signal peptides, transmembrane segments, chains and locations.

The Swiss-Prot section as a table (doi:10.1093/nar/gkac1052). Locations carry evidence codes of the Evidence and Conclusion
Ontology: ECO:0000269 is an experiment; all others are a curator's inference, similarity or a model of the sequence.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from organokine.references.updates.reading import Read, read_table

if TYPE_CHECKING:
    from organokine.references.updates.cards import Card

EXPERIMENT = "ECO:0000269"
FIELDS = {
    "Entry": "accession",
    "Gene Names (primary)": "gene",
    "Gene Names (synonym)": "synonyms",
    "Signal peptide": "signal",
    "Transmembrane": "transmembrane",
    "Chain": "chain",
    "Subcellular location [CC]": "location",
    "Ensembl": "ensembl",
    "GeneID": "geneid",
}
"""Columns of the table, and what they are called here."""

INSIDE = ("Cytoplasm", "Nucleus", "Mitochondrion", "Peroxisome", "Cytoplasmic")
KEPT = ("Endoplasmic reticulum", "Sarcoplasmic reticulum", "Golgi", "Lysosome", "Endosome", "Melanosome")
"""Beginnings of locations inside the cell, and of those where proteins of the secretory pathway are kept."""

_NOTE = re.compile(r'/note="([^"]*)"')
_SOLUBLE = re.compile(
    r"\b(?:soluble|secreted|shed|serum|urinary) form\b|^(?:soluble|secreted|shed|processed) (?!and )|\bectodomain\b",
    flags=re.IGNORECASE,
)
"""Names of chains that are let go; `N-terminally processed` and `... soluble protein 1` are not among them."""
_EVIDENCE = re.compile(r"\{([^}]*)\}")
_MOLECULE = re.compile(r"^\[[^\]]*\]:\s*")


class _Places(NamedTuple):
    """What a location says: how well `secreted` is known (empty if not said), and where else the protein is."""

    secreted: str
    matrix: str
    anchored: bool
    nucleus: bool
    kept: str
    inside: str


def read(path: Path, card: Card) -> Read:
    """Read the table of one species.

    Parameters
    ----------
    path : pathlib.Path
        Tab-separated download of UniProt with the columns of `FIELDS`.
    card : Card
        The source.

    Returns
    -------
    Read
        One row per entry; columns accession, gene, synonyms (joined by `|`), geneid, ensembl (genes or transcripts, joined by `|`);
        signal (bool), transmembrane (number of segments), anchored (bool: by a lipid), soluble (name of a soluble chain of a
        membrane protein), secreted and matrix (grade, empty if not said), kept and inside (location, empty if not said).
    """
    table = read_table(path, card, FIELDS)
    places = pd.DataFrame([_places(text) for text in table["location"]], columns=list(_Places._fields))
    soluble = [
        _soluble(chain, nucleus=nucleus) for chain, nucleus in zip(table["chain"], places["nucleus"], strict=True)
    ]
    entries = pd.DataFrame(
        {
            "accession": table["accession"],
            "gene": table["gene"].str.split(";").str[0].str.strip(),
            "synonyms": table["synonyms"].str.split().str.join("|"),
            "geneid": table["geneid"].str.split(";").str[0].str.strip(),
            "ensembl": table["ensembl"].map(_ensembl),
            "signal": table["signal"].str.contains("SIGNAL", regex=False),
            "transmembrane": table["transmembrane"].str.count("TRANSMEM"),
            "anchored": places["anchored"],
            "soluble": soluble,
            "secreted": places["secreted"],
            "matrix": places["matrix"],
            "kept": places["kept"],
            "inside": places["inside"],
        }
    )
    return Read(entries)


def _places(text: str) -> _Places:
    secreted = matrix = kept = inside = ""
    for statement in _statements(text):
        place = _MOLECULE.sub("", statement)
        grade = "low_throughput" if EXPERIMENT in statement else "inferred"
        if place.startswith("Secreted") and secreted != "low_throughput":
            secreted = grade
        if ("extracellular matrix" in place or "basement membrane" in place) and matrix != "low_throughput":
            matrix = grade
        name = re.split("[,;]", _EVIDENCE.sub("", place))[0].strip(" .")
        if kept == "" and name.startswith(KEPT):
            kept = name
        if inside == "" and name.startswith(INSIDE):
            inside = name
    anchored = "GPI-anchor" in text or "Lipid-anchor" in text
    return _Places(secreted, matrix, anchored, "Nucleus" in text, kept, inside)


def _statements(text: str) -> list[str]:
    """Single locations with their evidence, without the free notes."""
    found = []
    for part in text.split("SUBCELLULAR LOCATION:"):
        found += [statement.strip() for statement in part.partition("Note=")[0].split(". ")]
    return [statement for statement in found if statement != ""]


def _soluble(chain: str, *, nucleus: bool) -> str:
    """Name of a chain that is let go; what is cut from the membrane and moves to the nucleus stays in the cell."""
    for name in _NOTE.findall(chain):
        if _SOLUBLE.search(name) is not None and not nucleus:
            return str(name)
    return ""


def _ensembl(text: str) -> str:
    """Accessions without version and remarks: `ENST00000332972.9 [P07355-2];` is `ENST00000332972`."""
    names = [name.split("[")[0].strip().partition(".")[0] for name in text.replace('"', "").split(";")]
    return "|".join(dict.fromkeys(name for name in names if name != ""))
