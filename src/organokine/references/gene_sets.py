"""The embedded gene sets and footprints, in the symbols of a species."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.references.registry import read_table, registry
from organokine.references.signatures import SignatureSet, genes_in_species

if TYPE_CHECKING:
    from organokine.study_file import Species

PROCESSES = "GO process"
"""Chosen biological processes of the Gene Ontology: genes of weight 1."""
FOOTPRINTS = "PROGENy"
"""Genes that respond to a signalling pathway, with their weights."""


@cache
def load_gene_sets(species: Species) -> tuple[SignatureSet, ...]:
    """Load the embedded collections: chosen processes of the Gene Ontology, and the footprints of PROGENy.

    Both are human; for other species every ortholog takes the place of its gene (see `signatures.genes_in_species`).

    Parameters
    ----------
    species : str
        `human`, `mouse` or `rat`.

    Returns
    -------
    tuple of SignatureSet
        Genes x sets each. Must not be changed: they are shared.

    Raises
    ------
    ReferenceError
        If a table is missing or damaged.
    """
    entries = {entry.name: entry for entry in registry()}
    sets = read_table(entries["gene_sets"])
    genes = sets.assign(gene=sets["genes"].str.split("|"), weight=1.0).explode("gene")
    prints = read_table(entries["footprints"])
    prints = prints.assign(name=prints["pathway"], weight=prints["weight"].astype(float))
    return (
        _collection(PROCESSES, genes, species, entries["gene_sets"].sha256),
        _collection(FOOTPRINTS, prints, species, entries["footprints"].sha256),
    )


def _collection(name: str, long: pd.DataFrame, species: Species, sha256: str) -> SignatureSet:
    genes, gene_code = np.unique(long["gene"].to_numpy(dtype=str), return_inverse=True)
    sets, set_code = np.unique(long["name"].to_numpy(dtype=str), return_inverse=True)
    weights = np.zeros((len(genes), len(sets)))
    weights[gene_code, set_code] = long["weight"].to_numpy(dtype=float)
    table = pd.DataFrame(weights, index=pd.Index(genes, dtype=object), columns=pd.Index(sets, dtype=object))
    mapped, counts = genes_in_species(table, "human", species)
    return SignatureSet(name, mapped, knows_listed_only=False, sha256=sha256, counts=tuple(counts))
