"""One official gene symbol per row: by its accession, else by the symbol that the file gives, else by a synonym.

Tables are joined by gene across organs and modalities, so each must call a gene by the same name. The accession is what was
measured, and goes first; a symbol is a label that some release of some database gave it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from organokine.errors import first_examples
from organokine.readers.base import Count, MetNames, Remark
from organokine.references import Identifiers, load_identifiers
from organokine.references.releases import EMBEDDED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from organokine.readers.base import RawMatrix
    from organokine.readers.symbols import Symbols
    from organokine.study_file import Species

_IN_FASTA_HEADER = re.compile(r"(?:sp|tr)\|([^|]+)\|")
_SUFFIX = re.compile(r"(?:-\d+|\.\d+|#\d+)+$")

BY_ACCESSION = "genes found by accession"
CORRECTED = "symbols corrected by accession"
RENAMED = "synonyms replaced by the official symbol"
RESPELT = "symbols respelt"
KEPT = "synonyms left as they are"
UNKNOWN = "symbols not in the reference tables"
BESIDE = " beside "
KEPT_ELSEWHERE = "synonyms left as in another table"
SHARED = "symbols known by their accession in another table"
UNMAPPED = "features without a gene"


class Mapped(NamedTuple):
    """Genes of the rows of a table, and what was done to find them.

    Attributes
    ----------
    gene : pandas.Series
        One symbol per row, empty if unmapped.
    genes : pandas.Series
        All symbols of a row, joined by `;`. A symbol that the accession contradicts is not among them: it is in a remark.
    counts : tuple of Count
        Rows by what was done to them.
    remarks : tuple of Remark
        One for each symbol that an accession corrected, with what the file says.
    names : MetNames
        What other tables of the study must know of the names in this one.
    """

    gene: pd.Series
    genes: pd.Series
    counts: tuple[Count, ...]
    remarks: tuple[Remark, ...]
    names: MetNames


class _Row(NamedTuple):
    """Official symbols of one row by the symbols of the file, and what was done: item, text, symbol that came of it."""

    official: list[str]
    done: list[tuple[str, str, str]]


def map_identifiers(symbols: Symbols, protein: pd.Series, species: Species, release: str = EMBEDDED) -> Mapped:
    """Give each row its official symbol.

    Parameters
    ----------
    symbols : Symbols
        Tidied symbols as the file holds them; index the native identifier.
    protein : pandas.Series
        Accessions of the same rows, empty where there is none: then the native identifier is looked up.
    species : str
        `human`, `mouse` or `rat`.
    release : str
        Release of the references whose names are used.

    Returns
    -------
    Mapped
        An accession of one gene decides, an accession of several only among the symbols of the file. Without one, a symbol
        stays if it is official, is respelt if it is official but for its case, and is replaced if it is a synonym of one
        gene that has no row of its own in this table. Any other symbol stays as the file has it, and is counted.
    """
    known = load_identifiers(species, release)
    written = [[name for name in names.split(";") if name != ""] for names in symbols.genes]
    present = {name for names in written for name in names}
    done: dict[str, list[str]] = {}
    remarks: list[Remark] = []
    aliases: dict[str, str] = {}
    replaced: dict[str, str] = {}
    found: list[list[str]] = []
    for key, accession, leading, names in zip(symbols.gene.index, protein, symbols.gene, written, strict=True):
        first = accession.split(";")[0] if accession != "" else str(key)
        row = _by_symbol(names if leading != "" else [], known, present)
        chosen, item = _by_accession(genes_of(first, known), row.official)
        if item == CORRECTED:
            remarks.append(_correction(chosen[0], first, leading))
            if (UNKNOWN, leading) in {(done_item, name) for done_item, _, name in row.done}:
                aliases[leading] = chosen[0]
        if item != "":
            text = f"{leading} -> {chosen[0]} ({first})" if item == CORRECTED else f"{first} -> {chosen[0]}"
            done.setdefault(item, []).append(text)
        for other, text, name in row.done:
            if name in chosen:
                done.setdefault(other, []).append(text)
            if other == RENAMED and name == chosen[0] and name != leading:
                replaced[str(key)] = leading
        if len(chosen) == 0:
            done.setdefault(UNMAPPED, []).append(str(key))
        found.append(chosen)
    index = symbols.gene.index
    gene = pd.Series([names[0] if len(names) > 0 else "" for names in found], index=index, dtype=object)
    genes = pd.Series([";".join(names) for names in found], index=index, dtype=object)
    kept = frozenset(text.split(BESIDE)[0] for text in done.get(KEPT, []))
    names_met = MetNames(aliases, replaced, kept)
    return Mapped(gene, genes, _counts(done, len(found)), tuple(remarks), names_met)


def genes_of(accession: str, known: Identifiers) -> tuple[str, ...]:
    """Official symbols of an accession as files write it.

    Parameters
    ----------
    accession : str
        With or without version, isoform, the mark of a repeated row (`#2`) and the frame of a FASTA header (`sp|...|...`).
    known : Identifiers
        Names of the species.

    Returns
    -------
    tuple of str
        Empty if the accession is not known, several if it is of several genes.
    """
    header = _IN_FASTA_HEADER.search(accession)
    plain = accession.strip() if header is None else header.group(1)
    return known.accessions.get(plain, known.accessions.get(_SUFFIX.sub("", plain), ()))


def agree_on_names(tables: Mapping[str, RawMatrix]) -> dict[str, RawMatrix]:
    """Call a gene alike in all tables of a study, whichever of them tells what a name means.

    Parameters
    ----------
    tables : mapping of str to RawMatrix
        Tables of one study.

    Returns
    -------
    dict of str to RawMatrix
        A symbol that the accession of one table explains is replaced in the others too, unless two tables explain it
        differently. A synonym that one table holds beside its official symbol stays in the others too. Both are counted.
    """
    meant: dict[str, set[str]] = {}
    for table in tables.values():
        for name, gene in table.names.aliases.items():
            meant.setdefault(name, set()).add(gene)
    aliases = {name: next(iter(genes)) for name, genes in meant.items() if len(genes) == 1}
    kept = frozenset(name for table in tables.values() for name in table.names.kept)
    result = {}
    for assay, table in tables.items():
        back = {key: name for key, name in table.names.replaced.items() if name in kept}
        rows = zip(table.features.index, table.features["gene"], strict=True)
        onward = {key: aliases[name] for key, name in rows if name in aliases}
        changed = _renamed(table, back, KEPT_ELSEWHERE, "there the gene they are a synonym of has a row of its own")
        result[assay] = _renamed(changed, onward, SHARED, "the reference tables do not know them")
    return result


def _renamed(table: RawMatrix, new: Mapping[str, str], item: str, note: str) -> RawMatrix:
    """The table with other leading genes in some rows, counted."""
    if len(new) == 0:
        return table
    features = table.features.copy()
    old = features.loc[list(new), "gene"]
    example = first_examples(f"{name} -> {gene}" for name, gene in zip(old, new.values(), strict=True))
    features.loc[list(new), "gene"] = list(new.values())
    if "genes" in features.columns:
        rest = features.loc[list(new), "genes"].str.split(";").str[1:]
        features.loc[list(new), "genes"] = [
            ";".join(dict.fromkeys([gene, *others])) for gene, others in zip(new.values(), rest, strict=True)
        ]
    count = Count(item, len(new), len(features), example, note)
    return replace(table, features=features, counts=(*table.counts, count))


def _by_symbol(names: list[str], known: Identifiers, present: Collection[str]) -> _Row:
    row = _Row([], [])
    for name in names:
        spelt, synonym = known.spelt.get(name.lower()), known.synonyms.get(name)
        official = name
        if name in known.official:
            pass
        elif spelt is not None:
            official = spelt
            row.done.append((RESPELT, f"{name} -> {spelt}", spelt))
        elif synonym is None:
            row.done.append((UNKNOWN, name, name))
        elif synonym in present:
            row.done.append((KEPT, f"{name}{BESIDE}{synonym}", name))
        else:
            official = synonym
            row.done.append((RENAMED, f"{name} -> {synonym}", synonym))
        if official not in row.official:
            row.official.append(official)
    return row


def _by_accession(genes: tuple[str, ...], official: list[str]) -> tuple[list[str], str]:
    """All symbols of a row, that of its accession first; and what the accession did, empty if nothing."""
    fitting = [name for name in official if name in genes]
    if len(fitting) > 0:
        return [fitting[0], *(name for name in official if name != fitting[0])], ""
    if len(genes) != 1:
        return official, ""
    return [genes[0], *official[1:]], BY_ACCESSION if len(official) == 0 else CORRECTED


def _correction(gene: str, accession: str, leading: str) -> Remark:
    detail = f"the file calls {accession} {leading!r}; in the reference tables it is {gene}"
    return Remark("gene", gene, "symbol_corrected", detail)


def _counts(done: dict[str, list[str]], n_rows: int) -> tuple[Count, ...]:
    notes = {
        BY_ACCESSION: "rows without a symbol of their own",
        CORRECTED: "the accession decides; the symbol of the file is in the flags",
        RENAMED: "each is a synonym of one gene only",
        RESPELT: "official symbols but for their case",
        KEPT: "the gene they are a synonym of has a row of its own, so they are taken for another gene",
        UNKNOWN: "neither official nor a synonym of one gene: kept as written",
        UNMAPPED: "kept as rows of the table; they cannot become candidates",
    }
    return tuple(
        Count(item, len(done.get(item, [])), n_rows, first_examples(done.get(item, [])), note)
        for item, note in notes.items()
        if item in done or item == UNMAPPED
    )
