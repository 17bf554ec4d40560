"""Everything that is known of one gene, and from where: what `organokine refs show` prints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from organokine import errors
from organokine.errors import Problem
from organokine.references.identifiers import load_identifiers
from organokine.references.registry import read_table, registry
from organokine.references.releases import EMBEDDED, resolve_release
from organokine.references.store import load_references
from organokine.study_file import Species

if TYPE_CHECKING:
    import pandas as pd

    from organokine.references.store import References

_SHOWN = frozenset(
    [
        "genes",
        "accessions",
        "routes",
        "route_evidence",
        "receptors",
        "panels",
        "orthologs",
        "orthologs_rat",
        "pathways",
        "metabolite_hormones",
        "curated_mediators",
    ]
)
HORMONE_LIST = "hormone2cell: "
N_NEAREST = 4


@dataclass(frozen=True)
class Dossier:
    """What is known of one gene of one species.

    Attributes
    ----------
    asked, gene, species, release : str
        What was asked for, the official symbol it stands for, the species, and the release of the references.
    also_in : tuple of str
        Other species that know the name.
    synonyms : tuple of str
        Names that lead to this gene alone, or to others too.
    accessions : mapping of str to tuple of str
        By kind: `uniprot`, `ensembl`.
    routes : tuple of mappings
        route, leads (bool), grade, evidence; the leading route first. `evidence` is a list of pieces, the deciding one first: text,
        grade, source, code, experimental, by_orthology.
    origin : mapping
        organs known to make it, reference; empty where none is known.
    receptors, ligands : tuple of mappings
        receptor, source, reference: what hears it; ligand, receptor, source, reference: what it hears, alone or in a complex.
    hormones : tuple of str
        Peptide hormones it makes.
    metabolites : tuple of mappings
        name, kind, part (`enzyme` or `receptor`): hormones that are no proteins and that it helps to make, or hears.
    panels : tuple of str
        Blood panels it is in.
    orthologs : tuple of mappings
        species, symbol, type, confidence, sources, by_symbol.
    pathways : tuple of mappings
        pathway, name; the embedded tables have none.
    tables : tuple of mappings
        name, version, licence, sources of the tables all this is from.
    """

    asked: str
    gene: str
    species: str
    release: str
    also_in: tuple[str, ...]
    synonyms: tuple[str, ...]
    accessions: Mapping[str, tuple[str, ...]]
    routes: tuple[Mapping[str, Any], ...]
    origin: Mapping[str, str]
    receptors: tuple[Mapping[str, str], ...]
    ligands: tuple[Mapping[str, str], ...]
    hormones: tuple[str, ...]
    metabolites: tuple[Mapping[str, str], ...]
    panels: tuple[str, ...]
    orthologs: tuple[Mapping[str, Any], ...]
    pathways: tuple[Mapping[str, str], ...]
    tables: tuple[Mapping[str, str], ...]


class Named(NamedTuple):
    """The gene a name stands for: official symbol, species, and the other species that know the name."""

    gene: str
    species: Species
    also_in: tuple[str, ...]


class _Meant(NamedTuple):
    """Genes a name may stand for, and how far it is from their symbol: 0 official or an accession, 1 a synonym, 2 but for its case."""

    genes: tuple[str, ...]
    distance: int


def look_up(asked: str, species: Species | None, release: str) -> Dossier:
    """Collect everything that is known of one gene.

    Parameters
    ----------
    asked, species : str, str or None
        See `named`.
    release : str
        `embedded`, `current`, or the name of a release in the store.

    Returns
    -------
    Dossier
        What is known.

    Raises
    ------
    ReferenceError
        If no gene is called so, with the nearest names; or if several are.
    """
    release = resolve_release(release)
    return _collect(asked.strip(), named(asked, species, release), release)


def named(asked: str, species: Species | None, release: str) -> Named:
    """Find the gene that a name stands for.

    Parameters
    ----------
    asked : str
        Symbol, synonym or accession, in any case.
    species : str or None
        `human`, `mouse` or `rat`; None for the one in which the name is nearest to an official symbol, the first of these if
        several are.
    release : str
        `embedded`, or the name of a release in the store.

    Returns
    -------
    Named
        The gene.

    Raises
    ------
    ReferenceError
        If no gene is called so, with the nearest names; or if several are.
    """
    asked = asked.strip()
    every: tuple[Species, ...] = get_args(Species)
    found = {each: _meant(asked, each, release) for each in every}
    chosen = species if species is not None else min(every, key=lambda each: _rank(found[each], each, release))
    genes = found[chosen].genes
    if len(genes) != 1:
        raise _not_one(asked, genes, chosen, release)
    others = tuple(each for each in every if each != chosen and len(found[each].genes) > 0)
    return Named(genes[0], chosen, others)


def _meant(asked: str, species: Species, release: str) -> _Meant:
    known = load_identifiers(species, release)
    if asked in known.official:
        return _Meant((asked,), 0)
    plain = re.split("[.-]", asked)[0]
    by_accession = known.accessions.get(asked, known.accessions.get(plain, ()))
    if len(by_accession) > 0:
        return _Meant(by_accession, 0)
    if asked.lower() in known.spelt:
        return _Meant((known.spelt[asked.lower()],), 2)
    # People write names in any case: a synonym of several genes is one of all of them, whatever its case.
    genes, as_written = _synonyms(species, release).get(asked.lower(), ((), frozenset()))
    return _Meant(genes, 1 if asked in as_written else 2)


@cache
def _synonyms(species: Species, release: str) -> Mapping[str, tuple[tuple[str, ...], frozenset[str]]]:
    """Synonyms in lower case, to the genes they are used for and the ways they are written."""
    genes: dict[str, list[str]] = {}
    written: dict[str, set[str]] = {}
    table = _tables(species, release)["genes"]
    for symbol, joined in zip(table["symbol"], table["synonyms"], strict=True):
        for name in joined.split("|") if joined != "" else ():
            genes.setdefault(name.lower(), []).append(symbol)
            written.setdefault(name.lower(), set()).add(name)
    for name, symbol in load_identifiers(species, release).synonyms.items():
        genes.setdefault(name.lower(), []).append(symbol)
        written.setdefault(name.lower(), set()).add(name)
    return {name: (tuple(dict.fromkeys(genes[name])), frozenset(written[name])) for name in genes}


def _rank(meant: _Meant, species: Species, release: str) -> int:
    """Small first: one gene by its distance, several, none. Embedded rat knowledge is the mouse's, so no better than by a synonym."""
    if len(meant.genes) != 1:
        return 3 if len(meant.genes) > 1 else 4
    stands_in = species == "rat" and release == EMBEDDED
    return max(meant.distance, 1) if stands_in else meant.distance


def _not_one(asked: str, genes: tuple[str, ...], species: Species, release: str) -> errors.ReferenceError:
    where, why = f"{asked!r} ({species})", "Knowledge is kept by gene"
    if len(genes) > 1:
        shown = ", ".join(sorted(genes)[:8]) + (f" and {len(genes) - 8} more" if len(genes) > 8 else "")
        return errors.ReferenceError(Problem(where, f"the name is used for {shown}", why, "Name one of them"))
    known = load_identifiers(species, release)
    names = {name.lower(): name for name in (*known.synonyms, *known.official)}
    near = [names[name] for name in get_close_matches(asked.lower(), list(names), n=N_NEAREST, cutoff=0.7)]
    remedy = f"Near are {', '.join(near)}" if len(near) > 0 else "Look for its official symbol, or give --species"
    return errors.ReferenceError(Problem(where, "no gene of that name is known", why, remedy))


def _tables(species: Species, release: str) -> dict[str, pd.DataFrame]:
    return {
        entry.name.removesuffix(f"_{species}"): read_table(entry)
        for entry in registry(release)
        if entry.name in {f"genes_{species}", f"accessions_{species}", f"pathways_{species}"}
    }


def _collect(asked: str, found: Named, release: str) -> Dossier:
    gene, species, others = found
    references = load_references(species, release)
    tables = _tables(species, release)
    # Knowledge of a rat gene may be kept under a former name.
    kept = gene if gene in set(tables["genes"]["symbol"]) else references.names.get(gene, gene)
    names = tables["genes"].loc[tables["genes"]["symbol"] == kept, "synonyms"]
    pairs = references.receptor_table
    heard = pairs[pairs["receptor"].str.split("+").map(lambda parts: kept in parts)]
    panels = references.panels()
    own = pairs[pairs["ligand"] == kept]
    return Dossier(
        asked=asked,
        gene=gene,
        species=species,
        release=release,
        also_in=others,
        synonyms=tuple(name for joined in names for name in joined.split("|") if name != ""),
        accessions=_accessions(tables.get("accessions"), gene),
        routes=_routes(references, gene),
        origin=_records(references.origin([gene])[["organs", "reference"]])[0],
        receptors=_records(own[["receptor", "source", "reference"]]),
        ligands=_records(heard[["ligand", "receptor", "source", "reference"]]),
        hormones=_hormones(own["source"]),
        metabolites=_metabolites(references.metabolite_hormones(), kept),
        panels=tuple(panels.loc[panels["gene"] == kept, "panel"]),
        orthologs=_orthologs(references, gene),
        pathways=_pathways(tables.get("pathways"), kept),
        tables=tuple(
            {"name": each.name, "version": each.version, "licence": each.licence, "sources": "; ".join(each.sources)}
            for each in references.entries
            if each.name.removesuffix(f"_{species}") in _SHOWN
        ),
    )


def _accessions(table: pd.DataFrame | None, gene: str) -> dict[str, tuple[str, ...]]:
    if table is None:
        return {}
    rows = table[table["symbol"] == gene].drop(columns=["symbol", "synonyms"], errors="ignore")
    return {
        str(kind): tuple(each for joined in rows[kind] for each in joined.split("|") if each != "") for kind in rows
    }


def _routes(references: References, gene: str) -> tuple[dict[str, Any], ...]:
    row = references.routes([gene]).iloc[0]
    if row["route"] == "unknown":
        return ()
    pieces = references.route_evidence([gene])
    found = []
    for route in row["routes"].split(";"):
        behind = pieces.loc[
            pieces["route"] == route, ["text", "grade", "source", "code", "experimental", "by_orthology"]
        ]
        rows = [{str(key): value for key, value in piece.items()} for piece in behind.to_dict("records")]
        leads = route == row["route"]
        grade = row["grade"] if leads else rows[0]["grade"] if len(rows) > 0 else ""
        found.append({"route": route, "leads": leads, "grade": grade, "evidence": rows})
    return tuple(found)


def _hormones(sources: pd.Series) -> tuple[str, ...]:
    each = sources.str.split("; ").explode()
    named = each[each.str.startswith(HORMONE_LIST)].str.removeprefix(HORMONE_LIST).str.split(",").str[0]
    return tuple(dict.fromkeys(named))


def _metabolites(table: pd.DataFrame, gene: str) -> tuple[dict[str, str], ...]:
    found = []
    for part, column in (("enzyme", "enzymes"), ("receptor", "receptors")):
        rows = table[table[column].map(lambda genes: gene in re.split("[;+|]", genes))]
        found += [{"name": row["name"], "kind": row["kind"], "part": part} for row in rows.to_dict("records")]
    return tuple(found)


def _orthologs(references: References, gene: str) -> tuple[dict[str, Any], ...]:
    found: list[dict[str, Any]] = []
    for species in get_args(Species):
        if species != references.species:
            rows = references.orthologs([gene], species).query("state == 'known'")
            named = rows.rename(columns={"ortholog": "symbol"}).assign(species=species)
            columns = ["species", "symbol", "type", "confidence", "sources", "by_symbol"]
            found += [{str(key): value for key, value in row.items()} for row in named[columns].to_dict("records")]
    return tuple(found)


def _pathways(table: pd.DataFrame | None, gene: str) -> tuple[dict[str, str], ...]:
    if table is None:
        return ()
    return _records(table.loc[table["genes"].str.split("|").map(lambda genes: gene in genes), ["pathway", "name"]])


def _records(table: pd.DataFrame) -> tuple[dict[str, str], ...]:
    return tuple({str(key): str(value) for key, value in row.items()} for row in table.to_dict("records"))
