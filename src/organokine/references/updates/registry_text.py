"""The registry of a release: every source and every table with version, hash, licence and citation, as text.

It holds nothing that differs between two makings of a release from the same bytes: no time and no mirror.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.references import registry

if TYPE_CHECKING:
    import pandas as pd

    from organokine.references.updates.cards import Card
    from organokine.references.updates.download import Fetched

HAND_WRITTEN = "hand-written"
EMBEDDED_USED = ("accessions_human", "accessions_mouse", "metabolite_hormones", "panels", "receptors_human")
"""Embedded tables of which a release takes over rows."""
_SPECIES = ("human", "mouse", "rat")
_PAIRS = ("ncbi_orthologs", "mgi", "hgnc")
_NAMES = ("genes_{}", "uniprot_{}")
_PLACES = (HAND_WRITTEN, "uniprot_{}", "go_{}", "go_terms")
TABLE_SOURCES: Mapping[str, tuple[str, ...]] = {
    "accessions": (*_NAMES, "accessions_{}"),
    "blood_panels": (HAND_WRITTEN,),
    "contaminants": (HAND_WRITTEN,),
    "curated_mediators": (HAND_WRITTEN,),
    "genes": (*_NAMES, "hgnc"),
    "metabolite_hormones": ("metabolite_hormones",),
    "orthologs": (*_PAIRS, "genes_human", "genes_mouse"),
    "orthologs_rat": (*_PAIRS, "genes_human", "genes_rat"),
    "panels": ("panels", "genes_human", "genes_mouse", "genes_rat"),
    "pathways": ("reactome",),
    "receptors": ("cellphonedb", "receptors_human"),
    "route_evidence": _PLACES,
    "routes": _PLACES,
}
"""Sources of each kind of table, `{}` for its species; rodents also rest on those of human and on the orthologs."""


def write_table(name: str, table: pd.DataFrame, folder: Path) -> tuple[str, str]:
    """Write a table into a folder and give its file and hash; not compressed, since other versions of zlib give other bytes."""
    content = table.to_csv(sep="\t", index=False, lineterminator="\n", na_rep="").encode()
    path = folder / f"{name}.tsv"
    path.write_bytes(content)
    return path.name, hashlib.sha256(content).hexdigest()


def release_date(versions: Mapping[str, str]) -> str:
    """Date of the newest dated source; `undated` if none names a date."""
    dates = sorted(found.group() for text in versions.values() if (found := re.search(r"\d{4}-\d{2}-\d{2}", text)))
    return dates[-1] if len(dates) > 0 else "undated"


def registry_text(
    cards: Sequence[Card],
    fetched: Mapping[str, Fetched],
    versions: Mapping[str, str],
    files: Mapping[str, tuple[str, str]],
    counts: Mapping[str, int],
) -> str:
    """The registry of a release.

    Parameters
    ----------
    cards : sequence of Card
        Its sources.
    fetched, versions : mappings
        Hash and size, and version, of each source by name.
    files : mapping of str to tuple of str
        File and SHA-256 of each table by name.
    counts : mapping of str to int
        What was left out on the way.

    Returns
    -------
    str
        TOML.
    """
    known = {card.name: _source(card, fetched[card.name], versions[card.name]) for card in cards}
    known |= {f"embedded:{name}": _embedded(name) for name in EMBEDDED_USED}
    lines = ["# Written by organokine refs update: what this release was made from.", "", "[left_out]"]
    lines += [f"{json.dumps(what)} = {n}" for what, n in sorted(counts.items())]
    for name, facts in known.items():
        lines += ["", f"[source.{json.dumps(name)}]", *_keys(facts)]
    for name, (file, digest) in sorted(files.items()):
        used = _sources_of(name, known)
        facts = {
            "file": file,
            "species": [each for each in _SPECIES if name.endswith(f"_{each}")] or list(_SPECIES),
            "sha256": digest,
            "sources": used,
            "licence": _joined(used, known, "licence"),
            "citation": _joined(used, known, "citation"),
        }
        lines += ["", f"[table.{name}]", *_keys(facts)]
    return "\n".join(lines) + "\n"


def _source(card: Card, fetched: Fetched, version: str) -> dict[str, object]:
    return {
        "gives": card.gives,
        "version": version,
        "address": card.address,
        "file": card.file,
        "sha256": fetched.sha256,
        "size": fetched.size,
        "licence": card.licence,
        "citation": card.citation,
        "kept": card.opt_in,
    }


def _embedded(name: str) -> dict[str, object]:
    entry = next(entry for entry in registry.registry() if entry.name == name)
    return {
        "gives": "rows of sources that are not fetched",
        "version": entry.version,
        "file": entry.file,
        "sha256": entry.sha256,
        "licence": entry.licence,
        "citation": entry.citation,
    }


def _sources_of(table: str, known: Mapping[str, object]) -> list[str]:
    kind, _, species = table.rpartition("_")
    kind = table if table in TABLE_SOURCES else kind
    used = [name.format(species) for name in TABLE_SOURCES[kind]]
    if kind != "accessions" and species in ("mouse", "rat"):
        used += [name.format("human") for name in TABLE_SOURCES[kind]]
        used += [*_PAIRS, f"genes_{species}", "genes_human"]
    fetched_or_embedded = [name if name in known or name == HAND_WRITTEN else f"embedded:{name}" for name in used]
    return [name for name in dict.fromkeys(fetched_or_embedded) if name in known or name == HAND_WRITTEN]


def _joined(used: Sequence[str], known: Mapping[str, dict[str, object]], field: str) -> str:
    own = {"licence": "BSD-3-Clause", "citation": "organokine"}[field]
    found = [own if name == HAND_WRITTEN else str(known[name][field]) for name in used]
    return "; ".join(dict.fromkeys(part for text in found for part in text.split("; ")))


def _keys(facts: Mapping[str, object]) -> list[str]:
    return [f"{key} = {json.dumps(value)}" for key, value in facts.items()]
