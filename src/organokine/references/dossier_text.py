"""A dossier to read: as lines of 80 columns, or as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from organokine.references.releases import EMBEDDED
from organokine.references.wrapping import wrapped

if TYPE_CHECKING:
    from organokine.references.dossier import Dossier

_TEXT = 22
_HASH = re.compile(r", sha256 [0-9a-f]+")
_KINDS = {"uniprot": "UniProt", "ensembl": "Ensembl"}


def as_json(found: Dossier) -> str:
    """A dossier as one JSON object with its fields."""
    return json.dumps(asdict(found), indent=2, ensure_ascii=False)


def as_text(found: Dossier) -> str:
    """A dossier to read on a terminal of 80 columns; a section without content says so."""
    release = "embedded tables" if found.release == EMBEDDED else f"release {found.release}"
    lines = [f"{found.gene}  ({found.species}, {release})"]
    if found.asked != found.gene:
        lines += wrapped("asked for", found.asked, _TEXT)
    if len(found.also_in) > 0:
        lines += wrapped("also known in", ", ".join(found.also_in), _TEXT)
    lines += wrapped("synonyms", _listed(found.synonyms), _TEXT)
    for kind, accessions in found.accessions.items():
        lines += wrapped(_KINDS.get(kind, kind), _listed(accessions), _TEXT)
    made_in = found.origin["organs"].replace(";", ", ")
    lines += wrapped("made in", f"{made_in} ({found.origin['reference']})" if made_in != "" else "not noted", _TEXT)
    for title, rows, nothing in _sections(found):
        lines += ["", title]
        lines += (
            [line for label, text in rows for line in wrapped(label, text, _TEXT)]
            if len(rows) > 0
            else [f"  {nothing}"]
        )
    return "\n".join(lines)


def _sections(found: Dossier) -> list[tuple[str, list[tuple[str, str]], str]]:
    """Title, rows of label and text, and what to say if there are none."""
    made = [(name, "peptide hormone") for name in found.hormones]
    words = {"enzyme": "an enzyme that makes it", "receptor": "hears it"}
    made += [(each["name"], f"{each['kind']}; {words[each['part']]}") for each in found.metabolites]
    sections = [
        ("How it may leave a cell", _routes(found), "nothing is known"),
        (
            "Receptors that hear it",
            [(each["receptor"], f"{each['source']} ({each['reference']})") for each in found.receptors],
            "none known, which says little",
        ),
        (
            "Ligands it hears, alone or in a complex",
            [(each["ligand"], _heard(each["receptor"], found.gene, each["source"])) for each in found.ligands],
            "none known",
        ),
        ("Hormones", made, "none known"),
        ("Blood panels", [(each, "") for each in found.panels], "none"),
        ("Orthologs", [(each["species"], _ortholog(each)) for each in found.orthologs], "none known"),
        ("Pathways", [(each["pathway"], each["name"]) for each in found.pathways], "none known"),
        (
            "From",
            [(each["name"], f"{each['version']}; from {_HASH.sub('', each['sources'])}") for each in found.tables],
            "nothing",
        ),
    ]
    return [each for each in sections if each[0] != "Pathways" or found.release != EMBEDDED]


def _routes(found: Dossier) -> list[tuple[str, str]]:
    rows = []
    for each in found.routes:
        rows.append((each["route"], f"{'leads' if each['leads'] else 'also'}; {each['grade']}"))
        rows += [("", f"- {piece['text']}") for piece in each["evidence"]]
    return rows


def _heard(receptor: str, gene: str, source: str) -> str:
    return source if receptor == gene else f"as {receptor}; {source}"


def _ortholog(row: Mapping[str, Any]) -> str:
    if row["type"] == "by_symbol":
        return f"{row['symbol']}  by symbol"
    sure = {"high": "high confidence", "low": "low confidence"}.get(row["confidence"], "confidence not called")
    by_symbol = ", by symbol" if row["by_symbol"] else ""
    return f"{row['symbol']}  {row['type']}, {sure}, {row['sources']} databases{by_symbol}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) > 0 else "none"
