"""The embedded gene sets and footprints, in the symbols of a species."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.references.registry import read_table, registry
from organokine.references.releases import EMBEDDED
from organokine.references.signatures import SignatureSet, genes_in_species

if TYPE_CHECKING:
    from organokine.study_file import Species

PROCESSES = "GO process"
"""Chosen biological processes of the Gene Ontology: genes of weight 1."""
FOOTPRINTS = "PROGENy"
"""Genes that respond to a signalling pathway, with their weights."""
REACTOME = "Reactome"
"""Pathways of a release."""


@cache
def load_gene_sets(species: Species, release: str = EMBEDDED) -> tuple[SignatureSet, ...]:
    """Load the embedded collections, chosen processes of the Gene Ontology and the footprints of PROGENy, and those of a release.

    The embedded ones are human; for other species every ortholog takes the place of its gene (see
    `signatures.genes_in_species`). A release has the pathways of Reactome.

    Parameters
    ----------
    species : str
        `human`, `mouse` or `rat`.
    release : str
        `embedded`, or the name of a release in the store.

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
    embedded = (
        _collection(PROCESSES, genes, species, entries["gene_sets"].sha256),
        _collection(FOOTPRINTS, prints, species, entries["footprints"].sha256),
    )
    pathways = [entry for entry in registry(release) if entry.name == f"pathways_{species}"]
    return (
        *embedded,
        *(SignatureSet(REACTOME, pathway_weights(read_table(entry)), knows_listed_only=False) for entry in pathways),
    )


def pathway_weights(table: pd.DataFrame) -> pd.DataFrame:
    """Genes x pathways of a table with the columns pathway, name, genes (joined by `|`): 1 for a member.

    Names that stand twice get their identifier.
    """
    twice = table["name"].duplicated(keep=False)
    named = table.assign(name=table["name"].where(~twice, table["name"] + " (" + table["pathway"] + ")"))
    return _weights(named.assign(gene=named["genes"].str.split("|"), weight=1.0).explode("gene"))


def _collection(name: str, long: pd.DataFrame, species: Species, sha256: str) -> SignatureSet:
    mapped, counts = genes_in_species(_weights(long), "human", species)
    return SignatureSet(name, mapped, knows_listed_only=False, sha256=sha256, counts=tuple(counts))


def _weights(long: pd.DataFrame) -> pd.DataFrame:
    genes, gene_code = np.unique(long["gene"].to_numpy(dtype=str), return_inverse=True)
    sets, set_code = np.unique(long["name"].to_numpy(dtype=str), return_inverse=True)
    weights = np.zeros((len(genes), len(sets)))
    weights[gene_code, set_code] = long["weight"].to_numpy(dtype=float)
    return pd.DataFrame(weights, index=pd.Index(genes, dtype=object), columns=pd.Index(sets, dtype=object))
