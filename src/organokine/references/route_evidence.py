"""Which evidence stands behind each route: one row per gene, route and piece of evidence.

A route is a conclusion from several annotations (outside the cell, and in a membrane: shed). The rows here are those annotations,
each with its source, its evidence code and its own grade; the grade of the route is that of its first row.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from organokine.references.orthologs import NOTES, RELATIVE_NOTES
from organokine.references.routes import GRADES, LIST_GROUPS, STRONG_ROUTES

EXPERIMENTAL_CODES: frozenset[str] = frozenset(("EXP", "HDA", "HEP", "HMP", "IDA", "IGI", "IMP", "IPI"))
"""Gene Ontology codes that stand for an experiment, of low or high throughput. IC is a curator's inference; a row of the
hand-written table is a reading of the literature."""
CURATED = "curated"
STORED = ("gene", "route", "kind", "grade", "source", "code", "term")
COLUMNS = ("gene", "route", "grade", "source", "code", "experimental", "text", "by_orthology")

_SOLID = ("low_throughput", "inferred")
_OUTSIDE: Mapping[str, tuple[str, ...]] = {"outside": _SOLID, "hormone": _SOLID, "ligand": _SOLID}
SUPPORTING: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "classical": {
        **_OUTSIDE,
        "lumen": _SOLID,
        "granule": _SOLID,
        "structural": _SOLID,
        "pathway": ("low_throughput",),
    },
    "unconventional": {**_OUTSIDE, "cytosol": _SOLID, "cytoplasm": ("low_throughput",)},
    "shed": {**_OUTSIDE, "membrane": _SOLID},
    "ecm": {"structural": _SOLID, "matrix": _SOLID},
    "ev_cargo": {
        "vesicle": ("low_throughput", "inferred", "high_throughput"),
        "outside": ("high_throughput",),
        "matrix": ("high_throughput",),
    },
    "intracellular": {"cytosol": _SOLID, "inside": _SOLID},
}
"""Groups of annotations (`routes.GROUP_ROOTS`) that speak for a route, the deciding ones first, with the grades that count."""

WORDS: Mapping[str, str] = {
    "outside": "outside the cell",
    "hormone": "listed as a hormone",
    "ligand": "listed as a ligand",
    "vesicle": "in extracellular vesicles",
    "matrix": "in the extracellular matrix",
    "structural": "constituent of the extracellular matrix",
    "membrane": "part of a membrane or anchored in it",
    "lumen": "in the lumen of endoplasmic reticulum or Golgi",
    "pathway": "in endoplasmic reticulum, Golgi or secretory granules",
    "granule": "in secretory granules or lipoproteins",
    "cytosol": "in cytosol, nucleus, mitochondrion or cytoskeleton",
    "cytoplasm": "in the cytoplasm",
    "inside": "inside the cell",
    CURATED: "hand-written",
}
NOT_LOOKED_AT = "signal peptide not looked at"
_NEEDS_LEADER = ("classical", "unconventional", "shed")


def supporting(graded: pd.DataFrame, leading: pd.DataFrame, sources: Mapping[str, str]) -> pd.DataFrame:
    """The annotations behind the routes of the rules and of the hand-written table.

    Parameters
    ----------
    graded : pandas.DataFrame
        As `routes.grade_table` gives it.
    leading : pandas.DataFrame
        One row per gene and route, as `routes.classify` and `routes.curated_routes` give them; columns gene, route, order, grade,
        reference (of the hand-written rows).
    sources : mapping of str to str
        Name and version of the source by group of `LIST_GROUPS`, of all other groups under `annotations`, of the hand-written
        table under `curated`.

    Returns
    -------
    pandas.DataFrame
        Columns `STORED`, sorted by gene, then in the order of the routes, then the deciding evidence first.
    """
    by_hand = leading["grade"] == CURATED
    rank = leading["grade"].map(GRADES.index)
    told = leading.assign(rank=rank).sort_values(["gene", "order", "rank", "route"], kind="stable")
    turn = told.drop_duplicates(["gene", "route"])[["gene", "route"]]
    turn["turn"] = np.arange(len(turn))
    kinds = [
        (route, kind, grade, place)
        for route, groups in SUPPORTING.items()
        for place, (kind, grades) in enumerate(groups.items())
        for grade in grades
    ]
    allowed = pd.DataFrame(kinds, columns=["route", "kind", "grade", "place"])
    rows = leading.loc[~by_hand, ["gene", "route"]].merge(allowed, on="route")
    rows = rows.merge(graded.rename(columns={"group": "kind"}), on=["gene", "kind", "grade"])
    rows["source"] = rows["kind"].map(sources).fillna(sources["annotations"])
    rows["term"] = rows["term"].mask(rows["kind"].isin(LIST_GROUPS), "")
    written = leading.loc[by_hand, ["gene", "route", "reference"]].rename(columns={"reference": "term"})
    written = written.assign(kind=CURATED, grade=CURATED, code=CURATED, place=-1, source=sources[CURATED])
    table = pd.concat([written, rows], ignore_index=True).merge(turn, on=["gene", "route"])
    table["rank"] = table["grade"].map(GRADES.index)
    table = table.sort_values(["turn", "place", "rank"], kind="stable")
    return table[list(STORED)].reset_index(drop=True)


def evidence_table(stored: pd.DataFrame, species: str, mapping: pd.DataFrame, related: pd.DataFrame) -> pd.DataFrame:
    """The embedded rows in the words and the symbols of a species.

    Parameters
    ----------
    stored : pandas.DataFrame
        Columns `STORED`, human genes.
    species : str
        `human`, `mouse` or `rat`.
    mapping : pandas.DataFrame
        Columns human, symbol: the genes of the species that have the evidence of a human one; not looked at for human.
    related : pandas.DataFrame
        The same for genes without ortholog; they have only what the rules say, and it is no more than inferred.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, see `References.route_evidence`.
    """
    told = stored.assign(
        text=_texts(stored), experimental=stored["code"].isin(EXPERIMENTAL_CODES), by_orthology=species != "human"
    )
    if species == "human":
        return told[list(COLUMNS)]
    ruled = told[(told["kind"] != CURATED) & told["route"].isin(STRONG_ROUTES)].assign(grade="inferred")
    table = pd.concat([_put(told, mapping, NOTES[species]), _put(ruled, related, RELATIVE_NOTES[species])])
    several = pd.concat([mapping, related])["symbol"]
    return _better_ortholog_first(table, set(several[several.duplicated()]))[list(COLUMNS)].reset_index(drop=True)


def _texts(stored: pd.DataFrame) -> pd.Series:
    code = stored["code"].where(stored["code"] != CURATED, "")
    said = (stored["kind"].map(WORDS) + ": " + stored["term"] + " " + code).str.rstrip(" :")
    said = said.mask(stored["kind"].isin(LIST_GROUPS), stored["kind"].map(WORDS))
    unseen = stored["kind"].isin(list(_OUTSIDE)) & stored["route"].isin(_NEEDS_LEADER)
    return said + " (" + stored["source"] + np.where(unseen, f"; {NOT_LOOKED_AT})", ")")


def _put(told: pd.DataFrame, mapping: pd.DataFrame, note: str) -> pd.DataFrame:
    table = told.rename(columns={"gene": "human"}).merge(mapping, on="human").rename(columns={"symbol": "gene"})
    return table.assign(text=table["text"] + f"; {note} " + table["human"])


def _better_ortholog_first(table: pd.DataFrame, genes: set[str]) -> pd.DataFrame:
    """Where a gene has several human orthologs, those come first whose deciding evidence of the route is the better."""
    several = table["gene"].isin(genes)
    chosen = table[several].copy()
    ranked = chosen.assign(rank=chosen["grade"].map(GRADES.index))
    chosen[["rank", "first"]] = ranked.groupby(["human", "gene", "route"])[["rank", "text"]].transform("first")
    chosen = chosen.sort_values(["gene", "route", "rank", "first"], kind="stable")
    return pd.concat([table[~several], chosen])


def in_turn(evidence: pd.DataFrame, routes: pd.Series) -> pd.DataFrame:
    """Rows of genes in their order, routes in the order of `routes` (by gene, joined by `;`), otherwise as they are."""
    turn = {
        (gene, route): place
        for gene, joined in zip(routes.index, routes, strict=True)
        for place, route in enumerate(joined.split(";"))
    }
    place = [turn.get(pair, len(turn)) for pair in zip(evidence["gene"], evidence["route"], strict=True)]
    given = {gene: n for n, gene in enumerate(routes.index)}
    turns = np.array([place, [given[gene] for gene in evidence["gene"]]], dtype=int)
    return evidence.iloc[np.lexsort(turns)].reset_index(drop=True)
