"""A dossier to read: as lines of 80 columns, or as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING

from organokine.references.releases import EMBEDDED
from organokine.references.wrapping import wrapped

if TYPE_CHECKING:
    from organokine.references.dossier import Dossier

_TEXT = 20
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
    lines += wrapped("synonyms", ", ".join(found.synonyms) if len(found.synonyms) > 0 else "none", _TEXT)
    for kind, accessions in found.accessions.items():
        lines += wrapped(_KINDS.get(kind, kind), ", ".join(accessions) if len(accessions) > 0 else "none", _TEXT)
    lines += ["", "How it may leave a cell", *_routes(found)]
    lines += ["", "Receptors that hear it"]
    rows = [(each["receptor"], f"{each['source']} ({each['reference']})") for each in found.receptors]
    lines += _rows(rows, "none known, which says little")
    lines += ["", "Ligands it hears, alone or in a complex"]
    lines += _rows(
        [(each["ligand"], _heard(each["receptor"], found.gene, each["source"])) for each in found.ligands], "none known"
    )
    lines += [
        "",
        "Hormones it makes",
        *wrapped("", ", ".join(found.hormones) if len(found.hormones) > 0 else "none known", 2),
    ]
    lines += ["", "Blood panels", *wrapped("", ", ".join(found.panels) if len(found.panels) > 0 else "none", 2)]
    lines += ["", "Orthologs"]
    lines += _rows([(each["species"], _ortholog(each)) for each in found.orthologs], "none known")
    if found.release != EMBEDDED:
        lines += ["", "Pathways", *_rows([(each["pathway"], each["name"]) for each in found.pathways], "none known")]
    lines += ["", "From"]
    for table in found.tables:
        lines += wrapped(table["name"], f"{table['version']}; from {_HASH.sub('', table['sources'])}", _TEXT)
    return "\n".join(lines)


def _routes(found: Dossier) -> list[str]:
    lines = []
    for each in found.routes:
        graded = f"leads; {each['grade']}" if each["leads"] else "also"
        lines += [f"  {each['route']:<{_TEXT - 2}}{graded}", *wrapped("", each["evidence"], _TEXT)]
    return lines if len(lines) > 0 else ["  nothing is known"]


def _heard(receptor: str, gene: str, source: str) -> str:
    return source if receptor == gene else f"as {receptor}; {source}"


def _ortholog(each: object) -> str:
    row: dict[str, str] = dict(each)  # type: ignore[call-overload]
    sure = {"1": "high confidence", "0": "low confidence"}.get(row["confidence"], "confidence not called")
    return f"{row['symbol']}  {row['type']}, {sure}, {row['sources']} databases"


def _rows(rows: list[tuple[str, str]], nothing: str) -> list[str]:
    lines = [line for label, text in rows for line in wrapped(label, text, _TEXT)]
    return lines if len(lines) > 0 else [f"  {nothing}"]
