"""Secretion routes from the features of proteins: signal peptides, transmembrane segments, chains that are let go, locations.

These rules see what those of `routes` do not: whether there is a leader. They are those of a released UniProt entry (reviewed
section) and of Gene Ontology; genes without an entry are left to `routes.classify`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from organokine.references.route_evidence import COLUMNS, EXPERIMENTAL_CODES, WORDS
from organokine.references.routes import GRADES, grade_table

EXPERIMENT, OTHER = "ECO:0000269", "ECO"
"""Evidence codes of UniProt: an experiment, and everything else (a curator's inference, similarity, a model of the sequence)."""

_LOW = ("low_throughput",)
_SOLID = ("low_throughput", "inferred")
_ALL = ("low_throughput", "inferred", "high_throughput")
_OUTSIDE = {"up_secreted": _SOLID, "outside": _SOLID}
_PATHWAY = {"lumen": _SOLID, "granule": _SOLID, "structural": _SOLID}
SUPPORTING: Mapping[str, Mapping[str, Sequence[str]]] = {
    "shed": {"up_soluble": _SOLID, "up_secreted": _SOLID, "outside": _LOW, "up_segment": _SOLID, "up_anchor": _SOLID},
    "ecm": {"up_matrix": _SOLID, "structural": _SOLID, "matrix": _SOLID, "up_signal": _SOLID},
    "classical": {**_OUTSIDE, "up_signal": _SOLID, "up_no_signal": _SOLID, **_PATHWAY},
    "unconventional": {"up_secreted": _SOLID, "outside": _LOW, "up_no_signal": _SOLID},
    "ev_cargo": {"vesicle": _ALL, "outside": ("high_throughput",), "matrix": ("high_throughput",)},
    "intracellular": {"up_inside": _SOLID, "up_kept": _SOLID, "cytosol": _SOLID, "inside": _SOLID},
}
"""Facts that speak for a route, with the grades that count."""
_CHARACTER = ("up_segment", "up_anchor", "up_signal", "up_no_signal", *_PATHWAY)
"""Facts that tell the way out, but not that a protein is out: they come last, and the grade of a route is theirs only if there is no
other."""


class FeatureRoutes(NamedTuple):
    """What features tell.

    Attributes
    ----------
    routes : pandas.DataFrame
        One row per gene and route, as `routes.classify` gives them: gene, route, order (small leads), grade, evidence.
    evidence : pandas.DataFrame
        One row per gene, route and fact, columns `COLUMNS`, the deciding facts first.
    """

    routes: pd.DataFrame
    evidence: pd.DataFrame


def classify_features(entries: pd.DataFrame, annotations: pd.DataFrame, sources: Mapping[str, str]) -> FeatureRoutes:
    """Secretion routes of every gene with an entry.

    The first that holds leads:

    1. in a membrane (transmembrane segment or lipid anchor), and let go (a soluble chain, Secreted, or outside the cell by low
       throughput): `shed`;
    2. a signal peptide, no membrane, in the matrix (by UniProt or by low throughput) or a structural constituent of it, and no
       ligand: `ecm`;
    3. no signal peptide, no membrane, Secreted or outside the cell by low throughput: `unconventional`, unless the protein is seen
       in the secretory pathway: then its leader is on another chain of the gene, and it is `classical`;
    4. a signal peptide, no membrane, Secreted or outside the cell: `classical`; also where no place at all is known;
    5. in extracellular vesicles, or outside the cell by high-throughput lists alone: `ev_cargo`;
    6. inside the cell: `intracellular`.

    Parameters
    ----------
    entries : pandas.DataFrame
        One row per reviewed entry: gene, accession, signal, transmembrane, anchored, soluble, secreted, matrix, kept, inside; see
        `organokine.references.updates.uniprot.read`.
    annotations : pandas.DataFrame
        Gene Ontology: gene, group (of `routes.GROUP_ROOTS`), term, code.
    sources : mapping of str to str
        Names and versions of `uniprot` and `go`, for the evidence.

    Returns
    -------
    FeatureRoutes
        Routes and what stands behind each.
    """
    facts = pd.concat([_entry_facts(entries, sources["uniprot"]), _ontology_facts(annotations, sources["go"])])
    facts = facts[facts["gene"].isin(entries["gene"])].assign(rank=lambda table: table["grade"].map(GRADES.index))
    facts = facts.sort_values(["gene", "fact", "rank", "source", "code", "text"], kind="stable")
    facts = facts.drop_duplicates(["gene", "fact", "grade"])
    genes = np.unique(entries["gene"].to_numpy(dtype=str))
    chosen = _decide(_Known(facts, genes))
    evidence = _supporting(facts, chosen)
    return FeatureRoutes(_routes(chosen, evidence), evidence[list(COLUMNS)].reset_index(drop=True))


class _Known:
    """Which genes have a fact, as boolean arrays aligned with `genes`."""

    def __init__(self, facts: pd.DataFrame, genes: np.ndarray) -> None:
        self.genes = genes
        self._facts = facts

    def has(self, *names: str, grades: Sequence[str] = _SOLID) -> np.ndarray:
        """One of the facts, with one of the grades."""
        chosen = self._facts["fact"].isin(names) & self._facts["grade"].isin(list(grades))
        return np.isin(self.genes, self._facts.loc[chosen, "gene"].to_numpy(dtype=str))


def _decide(known: _Known) -> pd.DataFrame:
    """Columns gene, route, order."""
    has = known.has
    signal, membrane = has("up_signal"), has("up_segment", "up_anchor")
    secreted, low = has("up_secreted"), has("outside", grades=_LOW)
    in_matrix = has("structural", "up_matrix", "matrix")
    shed = membrane & (has("up_soluble") | secreted | low)
    leaderless = ~signal & ~membrane & (secreted | low)
    on_the_way = has(*_PATHWAY)
    inside = has("up_inside", "up_kept", "cytosol", "inside")
    led = signal & ~membrane & (secreted | has("outside", "matrix") | ~inside)
    matrix = signal & ~membrane & in_matrix
    firm = matrix & (has("structural", "up_matrix") | has("matrix", grades=_LOW)) & ~has("signal")
    routes = [
        (shed, "shed", 0),
        (firm, "ecm", 0),
        ((matrix & ~firm) | (leaderless & in_matrix), "ecm", 2),
        (leaderless & ~on_the_way, "unconventional", 1),
        (led | (leaderless & on_the_way), "classical", 1),
        (has("vesicle", grades=_ALL) | has("outside", "matrix", grades=("high_throughput",)), "ev_cargo", 3),
        (inside, "intracellular", 4),
    ]
    frames = [
        pd.DataFrame({"gene": known.genes[found], "route": name, "order": order}) for found, name, order in routes
    ]
    return pd.concat(frames, ignore_index=True)


def _supporting(facts: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    allowed = pd.DataFrame(
        [
            (route, fact, grade, place)
            for route, names in SUPPORTING.items()
            for place, (fact, grades) in enumerate(names.items())
            for grade in grades
        ],
        columns=["route", "fact", "grade", "place"],
    )
    rows = chosen.merge(allowed, on="route").merge(facts, on=["gene", "fact", "grade"])
    rows["character"] = rows["fact"].isin(_CHARACTER)
    rows = rows.sort_values(["gene", "order", "route", "character", "rank", "place"], kind="stable")
    return rows.drop_duplicates(["gene", "route", "fact"]).assign(by_orthology=False)


def _routes(chosen: pd.DataFrame, evidence: pd.DataFrame) -> pd.DataFrame:
    """Grade: that of the first fact; text: all facts in their order."""
    by_route = evidence.groupby(["gene", "route"])
    keys = pd.MultiIndex.from_frame(chosen[["gene", "route"]])
    grade, text = by_route["grade"].first(), by_route["text"].agg("; ".join)
    return chosen.assign(grade=grade.reindex(keys).to_numpy(), evidence=text.reindex(keys).to_numpy())


def _entry_facts(entries: pd.DataFrame, source: str) -> pd.DataFrame:
    """Facts of UniProt entries; of several entries of one gene each adds its own."""
    at = " (" + source + " " + entries["accession"] + ")"
    segments = entries["transmembrane"].astype(str) + " transmembrane segments"
    no_signal = ~entries.groupby("gene")["signal"].transform("any")
    secreted_by_experiment = entries["secreted"] == "low_throughput"
    matrix_by_experiment = entries["matrix"] == "low_throughput"
    rows = [
        _fact(entries, entries["signal"], "up_signal", "signal peptide" + at),
        _fact(entries, no_signal, "up_no_signal", "no signal peptide" + at),
        _fact(
            entries,
            entries["transmembrane"] > 0,
            "up_segment",
            segments.str.replace(r"^1 (.*)s$", r"1 \1", regex=True) + at,
        ),
        _fact(entries, entries["anchored"], "up_anchor", "held in a membrane by a lipid" + at),
        _fact(entries, entries["soluble"] != "", "up_soluble", "let go as `" + entries["soluble"] + "`" + at),
        _fact(entries, entries["secreted"] != "", "up_secreted", "secreted" + at, by_experiment=secreted_by_experiment),
        _fact(
            entries,
            entries["matrix"] != "",
            "up_matrix",
            "in the extracellular matrix" + at,
            by_experiment=matrix_by_experiment,
        ),
        _fact(entries, entries["kept"] != "", "up_kept", entries["kept"] + at),
        _fact(entries, entries["inside"] != "", "up_inside", entries["inside"] + at),
    ]
    return pd.concat(rows, ignore_index=True).assign(source=source)


def _fact(
    entries: pd.DataFrame, holds: pd.Series, name: str, text: pd.Series, by_experiment: pd.Series | None = None
) -> pd.DataFrame:
    measured = pd.Series(data=False, index=entries.index) if by_experiment is None else by_experiment
    table = pd.DataFrame(
        {
            "gene": entries["gene"],
            "fact": name,
            "grade": np.where(measured, "low_throughput", "inferred"),
            "code": np.where(measured, EXPERIMENT, OTHER),
            "experimental": measured,
            "text": text,
        }
    )
    return table[holds]


def _ontology_facts(annotations: pd.DataFrame, source: str) -> pd.DataFrame:
    graded = grade_table(annotations)
    said = graded["group"].map(WORDS).fillna("") + ": " + graded["evidence"] + " (" + source + ")"
    return pd.DataFrame(
        {
            "gene": graded["gene"],
            "fact": graded["group"],
            "grade": graded["grade"],
            "source": source,
            "code": graded["code"],
            "experimental": graded["code"].isin(EXPERIMENTAL_CODES),
            "text": said,
        }
    )
