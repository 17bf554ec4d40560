"""Human facts: symbols and synonyms, Gene Ontology annotations by group, hormones and ligands."""

from __future__ import annotations

import importlib
import pickle
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd

from organokine.references.projection import join_accessions, join_synonyms
from organokine.references.routes import EXACT_GROUPS, GROUP_ROOTS

ORG = "usr/lib/R/site-library/org.Hs.eg.db/extdata/org.Hs.eg.sqlite"
GO = "usr/lib/R/site-library/GO.db/extdata/GO.sqlite"
PICKLE_TYPES = {
    ("pandas.core.frame", "DataFrame"),
    ("pandas.core.internals.managers", "BlockManager"),
    ("pandas._libs.internals", "_unpickle_block"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("builtins", "slice"),
    ("pandas.core.indexes.base", "_new_Index"),
    ("pandas.core.indexes.base", "Index"),
    ("pandas.core.indexes.range", "RangeIndex"),
}


class TablesOnly(pickle.Unpickler):
    """Unpickles data frames and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        """Give the named type if it is part of a data frame."""
        if (module, name) not in PICKLE_TYPES:
            message = f"{module}.{name} is not part of a table"
            raise pickle.UnpicklingError(message)
        return getattr(importlib.import_module(module.replace("numpy.core.", "numpy._core.")), name)


def genes(org: Path) -> pd.DataFrame:
    """Protein-coding genes: symbol, synonyms joined by `|` (those that are no official symbol)."""
    with sqlite3.connect(org / ORG) as connection:
        official = {row[0] for row in connection.execute("select symbol from gene_info")}
        frame = pd.read_sql(
            "select symbol, alias_symbol as synonym from gene_info join genetype using (_id) "
            "left join alias using (_id) where gene_type = 'protein-coding'",
            connection,
        )
    return join_synonyms(frame, official)


def all_symbols(org: Path) -> list[str]:
    """Official symbols of genes of any type: immunoglobulin segments are no protein-coding genes to NCBI."""
    with sqlite3.connect(org / ORG) as connection:
        return sorted({row[0] for row in connection.execute("select symbol from gene_info")})


def accessions(org: Path) -> set[tuple[str, str]]:
    """Pairs of symbol and UniProt accession."""
    with sqlite3.connect(org / ORG) as connection:
        return set(connection.execute("select symbol, uniprot_id from uniprot join gene_info using (_id)").fetchall())


def accession_table(org: Path) -> pd.DataFrame:
    """Accessions of genes of any type: symbol, uniprot and ensembl (genes), each joined by `|`."""
    query = "select symbol, {kind}_id as accession from {kind} join gene_info using (_id)"
    with sqlite3.connect(org / ORG) as connection:
        pairs = {kind: pd.read_sql(query.format(kind=kind), connection) for kind in ("uniprot", "ensembl")}
    return join_accessions(pairs)


def annotations(org: Path, go: Path) -> pd.DataFrame:
    """Gene Ontology annotations of protein-coding genes in the groups of the routes: gene, group, term, code."""
    query = (
        "select symbol as gene, go_id as term, evidence as code from go_{} join gene_info using (_id) "
        "join genetype using (_id) where gene_type = 'protein-coding'"
    )
    with sqlite3.connect(org / ORG) as connection:
        frames = [pd.read_sql(query.format(ontology), connection) for ontology in ("cc", "mf")]
    return pd.concat(frames, ignore_index=True).merge(_group_terms(go), on="term")


def _group_terms(go: Path) -> pd.DataFrame:
    rows = []
    with sqlite3.connect(go / GO) as connection:
        for group, roots in GROUP_ROOTS.items():
            terms = set(roots)
            if group not in EXACT_GROUPS:
                terms |= {term for root in roots for term in _below(connection, root)}
            rows += [(group, term) for term in sorted(terms)]
    return pd.DataFrame(rows, columns=["group", "term"])


def _below(connection: sqlite3.Connection, root: str) -> list[str]:
    query = (
        "select lower.go_id from go_term as upper join go_{0}_offspring as link on upper._id = link._id "
        "join go_term as lower on link._offspring_id = lower._id where upper.go_id = ?"
    )
    return [row[0] for ontology in ("cc", "mf") for row in connection.execute(query.format(ontology), (root,))]


def hormones(hormone2cell: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Producing genes and receptors of the hormones of hormone2cell, as the package holds them."""
    folder = hormone2cell / "hormone2cell"
    tables = []
    for name in ("hormone_producing_definition_v2.0.0.pkl", "hormone_receptor_definition_v2.0.0.pkl"):
        with (folder / name).open("rb") as stream:
            tables.append(TablesOnly(stream).load())
    return tables[0], tables[1]
