"""Signatures and gene sets: what a ligand does to cells, or which genes belong together, in the symbols of a study."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.references.orthologs import pairs_between
from organokine.references.registry import read_table, registry
from organokine.references.store import names_of

if TYPE_CHECKING:
    from organokine.readers.base import Count
    from organokine.study_file import Species

_STEM = re.compile(r"(?P<stem>[A-Z]{2,})(?:[-\d]|$)")


@dataclass(frozen=True)
class SignatureSet:
    """Signatures of genes, all from one place.

    Attributes
    ----------
    name : str
        What to call it in tables and text.
    weights : pandas.DataFrame
        Genes x signatures in the symbols of the study, both unique and sorted; 0 is no weight. A plain set has weights of 1.
    knows_listed_only : bool
        Whether nothing is known of genes that are not listed. Then they take no part; otherwise they have weight 0.
    file : str
        Where it was read, as the study file names it.
    sha256 : str
        Hash of that file.
    licence, citation : str
        As the user gave them; empty if not.
    counts : tuple of Count
        What was lost or merged on the way.
    """

    name: str
    weights: pd.DataFrame
    knows_listed_only: bool
    file: str = ""
    sha256: str = ""
    licence: str = ""
    citation: str = ""
    counts: tuple[Count, ...] = ()

    def over(self, genes: Sequence[str]) -> pd.DataFrame:
        """Weights of the genes of a measurement: those of the genes that take part, in the order given."""
        if self.knows_listed_only:
            known = set(self.weights.index)
            return self.weights.loc[[gene for gene in genes if gene in known]]
        return self.weights.reindex(list(genes), fill_value=0.0)

    def fingerprint(self) -> bytes:
        """SHA-256 of genes, signatures and weights."""
        labels = "\n".join([*self.weights.index, "", *self.weights.columns, str(self.knows_listed_only)])
        content = np.ascontiguousarray(self.weights.to_numpy(dtype=float))
        return hashlib.sha256(labels.encode() + content.tobytes()).digest()

    def version_row(self) -> dict[str, str]:
        """Row of the table of references: name, version, licence, sha256, citation, sources."""
        return {
            "name": self.name,
            "version": "as given",
            "licence": self.licence,
            "sha256": self.sha256,
            "citation": self.citation,
            "sources": self.file,
        }


def in_species(table: pd.DataFrame, written: Species, study: Species) -> tuple[pd.DataFrame, list[Count]]:
    """Put genes and signatures into the official symbols of a species.

    Synonyms are resolved in the species they are written in; then every ortholog of the embedded table takes the weight. Genes,
    and signatures, that come to the same symbol are averaged. There is no table of rat orthologs: those of the mouse stand in.

    Parameters
    ----------
    table : pandas.DataFrame
        Genes x signatures, both by gene symbol.
    written, study : str
        Species of the table and of the study.

    Returns
    -------
    pandas.DataFrame, list of Count
        The same with other labels, sorted; and what was lost or merged.
    """
    symbols = _symbols(written, study)
    counts: list[Count] = []
    mapped = _relabelled(table, symbols, "genes of the signatures", counts)
    return _relabelled(mapped.T, symbols, "signatures", counts).T, counts


def genes_in_species(table: pd.DataFrame, written: Species, study: Species) -> tuple[pd.DataFrame, list[Count]]:
    """Put the genes alone into the symbols of a species, where the columns are names of sets; see `in_species`."""
    counts: list[Count] = []
    return _relabelled(table, _symbols(written, study), "genes of the sets", counts), counts


def family_stem(symbol: str) -> str:
    """Letters before the first digit of a gene symbol, by which members of a gene family are told; empty below two letters.

    `ANXA2` gives `ANXA`, `Wnt5a` `WNT`, `IL6` `IL`, `MSTN` `MSTN`, `C3` nothing. A family of symbols is not one of proteins: all
    interleukins are one, and TGFB1 and GDF15 are two.
    """
    match = _STEM.match(symbol.upper())
    return "" if match is None else match["stem"]


def family_mask(genes: Sequence[str], signatures: Sequence[str], *, family: bool = True) -> np.ndarray:
    """Which genes are the ligand of a signature, or of its family.

    Parameters
    ----------
    genes, signatures : sequence of str
        Symbols of genes and of ligands.
    family : bool
        Mask genes of the same stem too (`family_stem`).

    Returns
    -------
    numpy.ndarray of bool
        (n_genes, n_signatures).
    """
    hidden = _same([gene.upper() for gene in genes], [name.upper() for name in signatures])
    if family:
        hidden |= _same([family_stem(gene) for gene in genes], [family_stem(name) for name in signatures])
    return hidden


def _same(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    """(n_left, n_right) equal and not empty; compared as numbers, since there may be millions of pairs."""
    number = {text: place for place, text in enumerate(dict.fromkeys(right))}
    number.pop("", None)
    rows = np.array([number.get(text, -1) for text in left], dtype=int)
    columns = np.array([number.get(text, -2) for text in right], dtype=int)
    return np.asarray(rows[:, None] == columns[None, :])


def _symbols(written: Species, study: Species) -> dict[str, list[str]]:
    """Official symbols and synonyms of one species to the symbols of another."""
    entries = {entry.name: entry for entry in registry()}
    names = names_of(read_table(entries[f"genes_{written}"]))
    if written == study or {written, study} == {"mouse", "rat"}:
        return {name: [symbol] for name, symbol in names.items()}
    pairs = pairs_between(read_table(entries["orthologs"]), written, study)
    orthologs: dict[str, list[str]] = {}
    for symbol, other in zip(pairs["gene"], pairs["ortholog"], strict=True):
        orthologs.setdefault(symbol, []).append(other)
    through = {name: orthologs[symbol] for name, symbol in names.items() if symbol in orthologs}
    return {**orthologs, **through}


def _relabelled(table: pd.DataFrame, symbols: Mapping[str, list[str]], what: str, counts: list[Count]) -> pd.DataFrame:
    from organokine.errors import first_examples
    from organokine.readers.base import Count

    labels = [str(label) for label in table.index]
    found = [symbols.get(label, []) for label in labels]
    place = np.repeat(np.arange(len(labels)), [len(each) for each in found])
    symbol = [each for listed in found for each in listed]
    unknown = [label for label, each in zip(labels, found, strict=True) if len(each) == 0]
    if len(unknown) > 0:
        note = "left out: no official symbol, or no ortholog in the species of the study"
        counts.append(Count(f"{what} without a symbol", len(unknown), len(labels), first_examples(unknown), note))
    values = table.to_numpy(dtype=float)[place]
    uniques, code = np.unique(np.array(symbol, dtype=object).astype(str), return_inverse=True)
    sums = np.zeros((len(uniques), table.shape[1]))
    np.add.at(sums, code, values)
    times = np.bincount(code, minlength=len(uniques))
    if (times > 1).any():
        note = "several of the file are one symbol of the study: the mean of their weights is taken"
        examples = first_examples(uniques[times > 1])
        counts.append(Count(f"{what} merged", int((times > 1).sum()), len(uniques), examples, note))
    return pd.DataFrame(
        sums / np.maximum(times, 1)[:, None], index=pd.Index(uniques, dtype=object), columns=table.columns
    )
