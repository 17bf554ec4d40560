"""Orthologs of human, mouse and rat: which symbols of one species stand for a gene of another, how sure, and facts carried over.

In the embedded tables human and mouse are joined by Ensembl and HCOP; the rat goes by symbol from the mouse, so that nothing about
it is surer than that. A release has pairs of NCBI, MGI and HGNC, the rat's own among them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

BY_SYMBOL, BY_HUMAN = "by_symbol", "by_human"
CONFIDENCE: Mapping[str, str] = {"1": "high", "0": "low", "": "not_called"}
"""Ensembl's confidence of a pair; pairs of HCOP alone were not called by Ensembl. In a release: whether two sources agree."""
NOTES: Mapping[str, str] = {
    "mouse": "by orthology from human",
    "rat": "by symbol from mouse, by orthology from human",
}
"""How human evidence reached a species."""
RELATIVE_NOTES: Mapping[str, str] = {
    "mouse": "no ortholog, by the human relative",
    "rat": "by symbol from mouse, no ortholog, by the human relative",
}
"""The same for genes without ortholog, of families that are secreted as a whole."""
COLUMNS = ("gene", "ortholog", "type", "confidence", "sources", "by_symbol", "state")


def symbols_of(table: pd.DataFrame, species: str) -> pd.DataFrame:
    """Human genes and the symbols that stand for them in a species.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns human, mouse, rat_also (the human symbol in rodent spelling, where the rat may use it beside the mouse's).
    species : str
        `human`, `mouse` or `rat`.

    Returns
    -------
    pandas.DataFrame
        Columns human, symbol; sorted, without repeats. For human each gene stands for itself.
    """
    if species == "human":
        return table[["human"]].drop_duplicates().assign(symbol=lambda genes: genes["human"])
    pairs = table[["human", "mouse"]].set_axis(["human", "symbol"], axis=1)
    if species == "rat":
        extra = table.loc[table["rat_also"] != "", ["human", "rat_also"]].set_axis(["human", "symbol"], axis=1)
        pairs = pd.concat([pairs, extra])
    return pairs.drop_duplicates().sort_values(["human", "symbol"], ignore_index=True)


def pairs_between(table: pd.DataFrame, species: str, to_species: str, rat: pd.DataFrame | None = None) -> pd.DataFrame:
    """All pairs of two different species: gene, ortholog, type, confidence, sources, by_symbol; see `References.orthologs`.

    Parameters
    ----------
    table : pandas.DataFrame
        Pairs of human and mouse: human, mouse, rat_also, type, confidence, sources.
    species, to_species : str
        The two species.
    rat : pandas.DataFrame, optional
        Pairs of human and rat, of a release: human, rat, type, confidence, sources. Without it the rat goes by symbol.
    """
    if rat is not None and "rat" in (species, to_species):
        return _pairs_with_rat(table, rat, species, to_species)
    known = ["type", "confidence", "sources"]
    sides = table.assign(rat=table["mouse"])
    beside = sides[sides["rat_also"] != ""]
    sides = pd.concat([sides, beside.assign(rat=beside["rat_also"])])
    pairs = sides[[species, to_species, *known]].set_axis(["gene", "ortholog", *known], axis=1)
    pairs["confidence"] = pairs["confidence"].map(CONFIDENCE)
    pairs["sources"] = pairs["sources"].astype(int)
    pairs["by_symbol"] = "rat" in (species, to_species)
    if {species, to_species} == {"mouse", "rat"}:
        pairs = pairs.assign(type=BY_SYMBOL, confidence=CONFIDENCE[""], sources=0)
    return pairs.drop_duplicates(["gene", "ortholog"]).sort_values(["gene", "ortholog"], ignore_index=True)


def _pairs_with_rat(table: pd.DataFrame, rat: pd.DataFrame, species: str, to_species: str) -> pd.DataFrame:
    """Pairs of the rat's own: with human as they are, with the mouse by the human gene that both have as ortholog."""
    pairs = rat
    if "mouse" in (species, to_species):
        pairs = table.drop(columns="rat_also").merge(rat, on="human", suffixes=("", "_rat"))
        surest = pairs[["confidence", "confidence_rat"]].min(axis=1)
        fewest = pairs[["sources", "sources_rat"]].astype(int).min(axis=1)
        pairs = pairs.assign(type=BY_HUMAN, confidence=surest, sources=fewest)
    pairs = pairs[[species, to_species, "type", "confidence", "sources"]]
    pairs = pairs.set_axis(["gene", "ortholog", "type", "confidence", "sources"], axis=1)
    pairs = pairs.assign(
        confidence=pairs["confidence"].map(CONFIDENCE), sources=pairs["sources"].astype(int), by_symbol=False
    )
    return pairs.drop_duplicates(["gene", "ortholog"]).sort_values(["gene", "ortholog"], ignore_index=True)


def look_up(pairs: pd.DataFrame, genes: Sequence[str], official: Mapping[str, str]) -> pd.DataFrame:
    """Orthologs of the given genes, each with a state; see `References.orthologs`."""
    given = pd.DataFrame({"given": list(dict.fromkeys(genes))}, dtype=object)
    given["gene"] = [official.get(gene, "") for gene in given["given"]]
    found = given.merge(pairs, on="gene", how="left", indicator="state")
    found["state"] = found["state"].astype(str).replace({"both": "known", "left_only": "none_known"})
    found.loc[found["gene"] == "", "state"] = "unknown_symbol"
    found["gene"] = found["given"]
    found["by_symbol"] = found["by_symbol"].eq(other=True)
    found["sources"] = found["sources"].fillna(0).astype(int)
    return found.fillna({"ortholog": "", "type": "", "confidence": ""})[list(COLUMNS)]


def carried_over(sets: pd.Series, mapping: pd.DataFrame) -> pd.Series:
    """Put sets of genes into another species.

    Parameters
    ----------
    sets : pandas.Series of str
        Alternative sets joined by `;`, genes of a set joined by `+`.
    mapping : pandas.DataFrame
        Columns human, symbol, as `symbols_of` gives them.

    Returns
    -------
    pandas.Series of str
        The same; where a gene has several orthologs any of them will do, and they are joined by `|`. A set with a gene that has
        no ortholog is left out.
    """
    needed = {gene for text in sets for gene in re.split("[;+]", text)}
    asked = mapping[mapping["human"].isin(needed)]
    spelled = asked.groupby("human")["symbol"].agg(list).to_dict()

    def put(text: str) -> str:
        chosen = [[spelled.get(gene, []) for gene in part.split("+")] for part in text.split(";") if part != ""]
        whole = [
            "+".join("|".join(names) for names in part) for part in chosen if all(len(names) > 0 for names in part)
        ]
        return ";".join(dict.fromkeys(whole))

    return sets.map(put)


def without_needed(absent: pd.Series, needed: pd.Series) -> pd.Series:
    """Leave out of `absent` the genes that `needed` names too: orthologs can be too many to tell two enzymes apart."""
    kept = []
    for unwanted, sets in zip(absent, needed, strict=True):
        wanted = set(re.split("[;+|]", sets))
        kept.append(";".join(part for part in unwanted.split(";") if wanted.isdisjoint(part.split("|"))))
    return pd.Series(kept, index=absent.index, dtype=object)
