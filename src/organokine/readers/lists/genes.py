"""From what a list calls its proteins to the official symbols of the study's species."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from organokine.readers.identifiers import genes_of
from organokine.readers.symbols import gene_of_date
from organokine.references import load_identifiers
from organokine.references.ortholog_names import load_orthologs
from organokine.references.releases import EMBEDDED

if TYPE_CHECKING:
    from organokine.readers.base import RawMatrix
    from organokine.references import Identifiers
    from organokine.study_file import Species

ENTRY_NAMES: Mapping[str, Species] = {"HUMAN": "human", "MOUSE": "mouse", "RAT": "rat"}
"""Ends of the entry names of UniProt, by species."""

_UNIPROT_HEADER = re.compile(r"\b(?:sp|tr)[|_]([A-Z0-9]{6,10}(?:-[0-9]+)?)(?:[|_][A-Z0-9]+_([A-Z0-9]{3,5}))?")
"""Header of a UniProt sequence; programs that allow no bars write `sp_P07355_ANXA2_HUMAN`."""
_SYMBOL = re.compile(r"\b(?:GN[=_]|gene_symbol:)([A-Za-z0-9.@-]+)")
_ENSEMBL = re.compile(r"ENS[A-Z]*G[0-9]{11}")
_SUFFIX = re.compile(r"(?:-\d+|\.\d+)$")


@dataclass(frozen=True)
class StudyGenes:
    """What the tables of a study call their genes.

    Attributes
    ----------
    symbols : frozenset of str
        Symbols of all rows, official or not.
    accessions : mapping of str to str
        Accessions without isoform, to the one gene they have in all tables. UniProt accessions of mouse and rat are not
        embedded, but a table of proteins has them beside its symbols.
    """

    symbols: frozenset[str] = frozenset()
    accessions: Mapping[str, str] = field(default_factory=dict)


def genes_of_tables(tables: Mapping[str, RawMatrix]) -> StudyGenes:
    """Genes and accessions of the tables of a study; an accession with two genes is left out."""
    symbols: set[str] = set()
    owners: dict[str, set[str]] = {}
    for table in tables.values():
        genes = table.features["gene"]
        symbols |= set(genes) - {""}
        if "protein" in table.features.columns:
            for accession, gene in zip(table.features["protein"], genes, strict=True):
                if accession != "" and gene != "":
                    owners.setdefault(_bare(accession), set()).add(gene)
    return StudyGenes(
        frozenset(symbols),
        {accession: next(iter(genes)) for accession, genes in owners.items() if len(genes) == 1},
    )


class GeneNames:
    """Look-up of the genes of a list.

    Parameters
    ----------
    species : str
        Species of the list.
    target : str
        Species of the study.
    study : StudyGenes
        Names in the study's own tables; used if both species are the same.
    release : str
        Release of the references whose names and orthologs are used.
    """

    def __init__(self, species: Species, target: Species, study: StudyGenes, release: str = EMBEDDED) -> None:
        self.species, self.target = species, target
        self._known: Identifiers = load_identifiers(species, release)
        self._study = study if species == target else StudyGenes()
        self._orthologs = {} if species == target else load_orthologs(species, target, release)
        self.respelt = 0

    def of(self, gene: str, protein: str) -> tuple[tuple[str, str], ...]:
        """Genes of a row.

        Parameters
        ----------
        gene : str
            Symbol, or several joined by `;`; may be empty.
        protein : str
            Accession, sequence header, or several accessions joined by `;`; may be empty.

        Returns
        -------
        tuple of tuple
            Pairs of the symbol in the study's species and that in the list's species, which are the same unless the list is of
            another species; empty if the gene is not known or has no ortholog.
        """
        own = self.own(gene, protein)
        if self.species == self.target:
            return tuple((name, name) for name in own)
        return tuple((other, name) for name in own for other in self._orthologs.get(name, ()))

    def own(self, gene: str, protein: str) -> list[str]:
        """Symbols of a row in the species of the list: by accession, else by symbol, else by a synonym of one gene."""
        written = [found for name in gene.split(";") if (found := self.symbol(name.strip())) != ""]
        by_accession = [name for part in protein.split(";") for name in self._of_header(part.strip())]
        agreed = [name for name in written if name in by_accession]
        return list(dict.fromkeys(agreed or by_accession or written))

    def of_official(self, name: str) -> tuple[tuple[str, str], ...]:
        """Genes of an accession or an official symbol, as `of` gives them; empty for a synonym."""
        return () if name in self._known.synonyms else self.of("", name)

    def symbol(self, name: str) -> str:
        """Official symbol of a name, a name of the study's own tables as it is, or the empty string."""
        known = self._known
        if name in known.official or name in self._study.symbols:
            return name
        spelt = known.spelt.get(name.lower())
        if spelt is not None:
            self.respelt += 1
            return spelt
        return known.synonyms.get(name) or gene_of_date(name, "", self.species) or ""

    def _of_header(self, header: str) -> tuple[str, ...]:
        if header == "":
            return ()
        uniprot = _UNIPROT_HEADER.search(header)
        first = header.split(maxsplit=1)[0]
        accessions = [uniprot.group(1)] if uniprot is not None else [*first.split("|"), *_ENSEMBL.findall(header)]
        for accession in accessions:
            genes = genes_of(accession, self._known)
            if len(genes) > 0:
                return genes
            if _bare(accession) in self._study.accessions:
                return (self._study.accessions[_bare(accession)],)
        named = _SYMBOL.findall(header)
        candidates = named if len(named) > 0 or uniprot is not None else first.split("|")
        found = (self.symbol(name) for name in candidates)
        return tuple(name for name in found if name != "")[:1]


def organism_of(labels: list[str]) -> tuple[Species, str] | None:
    """Species that the entry names of most UniProt headers tell, with an example; None if they tell none."""
    headers = ((_UNIPROT_HEADER.search(label), label) for label in labels)
    told = [(found[2], label) for found, label in headers if found is not None and found[2] is not None]
    if len(told) == 0:
        return None
    leading, n = Counter(name for name, _ in told).most_common(1)[0]
    if leading not in ENTRY_NAMES or 2 * n <= len(told):
        return None
    return ENTRY_NAMES[leading], next(label for name, label in told if name == leading)


def _bare(accession: str) -> str:
    header = _UNIPROT_HEADER.search(accession)
    return _SUFFIX.sub("", accession if header is None else header.group(1))
