"""Tables of names, routes and receptors put together, and human ones put into the spelling of another species."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pandas as pd

from organokine.references.routes import ORTHOLOGY

SEQUENCE_NAME = r"ENSMUSG\d+|[A-Z]{1,2}\d{5,6}"
"""Aliases that are accessions of sequences, not names; nobody writes them as gene symbols, and they are a third of the aliases."""

NO_COMPLEXES = "connectomeDB2020"
"""The resource that lists every part of a receptor alone."""


def join_synonyms(frame: pd.DataFrame, official: set[str]) -> pd.DataFrame:
    """One row per symbol from pairs symbol, synonym; synonyms that are official symbols of any gene are left out."""
    kept = frame["synonym"].where(~frame["synonym"].isin(official))
    joined = kept.groupby(frame["symbol"]).agg(lambda values: "|".join(sorted(set(values.dropna()) - {""})))
    return joined.rename_axis("symbol").reset_index(name="synonyms").sort_values("symbol", ignore_index=True)


def join_accessions(pairs: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per symbol, one column per kind of accession, from pairs symbol, accession of each kind."""
    joined = {
        kind: frame.groupby("symbol")["accession"].agg(lambda values: "|".join(sorted(set(values))))
        for kind, frame in pairs.items()
    }
    return pd.DataFrame(joined).fillna("").rename_axis("symbol").sort_index().reset_index()


def rodent_spelling(symbol: str) -> str:
    """`ANXA2` to `Anxa2`: first letter large, the rest small."""
    return symbol[:1].upper() + symbol[1:].lower()


def routes_by_orthology(routes: pd.DataFrame, mapping: pd.DataFrame, note: str) -> pd.DataFrame:
    """Human routes (gene, route, order, grade, evidence) under the symbols of another species, marked as by orthology.

    Parameters
    ----------
    routes : pandas.DataFrame
        See `organokine.references.routes.classify`.
    mapping : pandas.DataFrame
        Columns human, symbol.
    note : str
        Stands in the evidence before the human symbol.

    Returns
    -------
    pandas.DataFrame
        The same columns; one row per route and ortholog.
    """
    table = routes.merge(mapping, left_on="gene", right_on="human")
    table["evidence"] = table["evidence"] + f"; {note} " + table["human"]
    table["grade"] = table["grade"] + ORTHOLOGY
    return table.drop(columns=["gene", "human"]).rename(columns={"symbol": "gene"})


def receptors_by_orthology(table: pd.DataFrame, orthologs: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Put ligands and receptor parts into another species; a complex with a part that has no ortholog is left out."""
    rows = []
    for ligand, receptor, source, reference in table.itertuples(index=False):
        parts = [orthologs.get(part, []) for part in receptor.split("+")]
        for name in orthologs.get(ligand, []):
            rows += [
                (name, "+".join(chosen), f"{source}, by orthology", reference) for chosen in itertools.product(*parts)
            ]
    return merged(pd.DataFrame(rows, columns=["ligand", "receptor", "source", "reference"]))


def merged(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per ligand and receptor, the parts in alphabetical order; sources and references joined by `; `."""
    ordered = frame.assign(receptor=frame["receptor"].map(lambda parts: "+".join(sorted(set(parts.split("+"))))))
    by_pair = ordered.groupby(["ligand", "receptor"], sort=True)[["source", "reference"]]
    return by_pair.agg(_joined).reset_index()


def _joined(values: pd.Series) -> str:
    return "; ".join(sorted({each for value in values for each in value.split("; ")}))


def without_ligands(table: pd.DataFrame) -> pd.DataFrame:
    """Take the ligand out of complexes: CellPhoneDB names some receptors as they are when bound (IL6, IL6R and IL6ST)."""
    keys = zip(table["ligand"], table["receptor"], strict=True)
    bound = {ligand for ligand, receptor in keys if "+" in receptor and ligand in receptor.split("+")}

    def free(receptor: str) -> str:
        parts = receptor.split("+")
        return receptor if len(parts) == 1 else "+".join(part for part in parts if part not in bound)

    return merged(table.assign(receptor=table["receptor"].map(free)))


def whole_receptors(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out lone parts of a complex: pairs that only connectomeDB2020 has, which knows no complexes.

    IL6ST alone does not hear interleukin 6. A part stays where a table that knows complexes, or the hand-written one, has it alone.
    """
    together: dict[str, set[str]] = {}
    for ligand, receptor in zip(table["ligand"], table["receptor"], strict=True):
        if "+" in receptor:
            together.setdefault(ligand, set()).update(receptor.split("+"))
    lone = table["source"] == NO_COMPLEXES
    keys = zip(table["ligand"], table["receptor"], strict=True)
    part = pd.Series([receptor in together.get(ligand, set()) for ligand, receptor in keys], index=table.index)
    return table[~(lone & part)].reset_index(drop=True)
