"""The user's own lists laid over the reference knowledge: which route leads, what is added, where lists disagree.

Every rule looks at the lists and the references alone, never at the data, so what a list changes is still a prior.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from organokine.references.registry import TableEntry
from organokine.references.routes import GRADES, NOT_LOOKED_AT, ORTHOLOGY, SECRETORY_PATHWAY, STRONG_ROUTES

if TYPE_CHECKING:
    import pandas as pd

    from organokine.references.store import References

OUTSIDE = "outside"
"""What a list says of a protein seen outside the cell whose way out it cannot tell."""
ALONE = "not known outside the cell"
"""Said of a protein to which a prediction gave a route and of which nothing else is known."""
LIST = "list "
"""How the name of a list begins among the sources of receptors and among the versions."""

_CURATED, _LISTED, _PREDICTED, _SEEN, _EMBEDDED, _LAST = 0.0, 1.0, 2.0, 3.0, 4.0, 5.0
_STEP = 1e-3
"""Places of routes: hand-written, told by a list, predicted, seen outside, embedded, not to lead; in each by the order of lists."""


@dataclass(frozen=True)
class GeneList:
    """A list of the user's own, under the symbols of the study's species.

    Attributes
    ----------
    name, kind, file, sha256 : str
        Name and kind in the study file, file and its hash.
    version, reference : str
        Program that wrote it and where it comes from; empty if unknown.
    is_prediction : bool
        It speaks of sequences alone.
    said : pandas.DataFrame
        Text columns gene, route (of `ROUTES`, `outside`, or empty), signal (`peptide`, `none`, `membrane` or empty), grade,
        evidence; one row per statement, best first within a gene.
    receptors : pandas.DataFrame
        Text columns of the receptor table: ligand, receptor (parts joined by `+`), source, reference.
    """

    name: str
    kind: str
    file: str
    sha256: str
    version: str
    reference: str
    is_prediction: bool
    said: pd.DataFrame
    receptors: pd.DataFrame


class LaidOver(NamedTuple):
    """References under lists.

    Attributes
    ----------
    references : References
        Look-ups answer with the lists.
    disputed : mapping of str to str
        Genes of which the lists, or a list and what leads, say different things, and what they say.
    predicted : frozenset of str
        Genes whose leading route is a prediction alone.
    """

    references: References
    disputed: Mapping[str, str]
    predicted: frozenset[str]


class _Said(NamedTuple):
    """One statement of a list on one gene."""

    place: int
    name: str
    is_prediction: bool
    route: str
    signal: str
    grade: str
    evidence: str


class _Part(NamedTuple):
    """One route of one gene: small places lead."""

    place: float
    route: str
    grade: str
    evidence: str


class _Signal(NamedTuple):
    """What the lists say of the start of a protein: `peptide`, `none`, `membrane`, `disputed`, or empty."""

    word: str
    evidence: str


def with_lists(references: References, lists: Sequence[GeneList]) -> References:
    """Lay lists over the reference knowledge; see `lay_over`."""
    return lay_over(references, lists).references


def lay_over(references: References, lists: Sequence[GeneList]) -> LaidOver:
    """Lay lists over the reference knowledge.

    The leading route of a gene is, first match:

    1. the hand-written one: a reference stands beside it;
    2. that of the first list that tells one, by experiment or declaration: it was chosen for this study before the data were seen;
    3. the embedded one, where it is strong. If it was told without a signal peptide, lists of predictors now tell: with a signal
       peptide `unconventional` becomes `classical`; without one `classical` becomes `unconventional`, unless the protein was seen
       in the secretory pathway or begins with a membrane helix;
    4. where a list saw the protein outside and another tells a signal peptide: `classical`, or `shed` for a known receptor;
    5. that of a predictor, if nothing places the protein inside the cell and it is no known receptor: a signal peptide alone also
       begins receptors and proteins of the organelles;
    6. where a list saw the protein outside: `ev_cargo`, a hint, since what left and what leaked look alike;
    7. the embedded one.

    No route is removed. Statements on one route are joined in its evidence text.

    Parameters
    ----------
    references : References
        What is known without the lists.
    lists : sequence of GeneList
        In the order of the study file.

    Returns
    -------
    LaidOver
        New references; without a list those that were given.
    """
    if len(lists) == 0:
        return LaidOver(references, {}, frozenset())
    receptor_table = _receptors(references, lists)
    heard = {part for receptor in receptor_table["receptor"] for part in receptor.split("+")}
    by_gene = _by_gene(lists, references.names)
    table = references.route_table
    listed = table.loc[table["gene"].isin(by_gene.keys()), ["gene", "routes", "grade", "evidence"]]
    known = {gene: _parts(*row) for gene, *row in listed.itertuples(index=False, name=None)}
    rows: dict[str, tuple[str, str, str, str]] = {}
    disputed: dict[str, str] = {}
    predicted: set[str] = set()
    for gene, said in by_gene.items():
        signal = _signal(said)
        parts = _merged(_combined(known.get(gene, []), said, signal, is_receptor=gene in heard))
        if len(parts) > 0:
            rows[gene] = _row(parts)
            if _PREDICTED <= parts[0].place < _SEEN:
                predicted.add(gene)
        dispute = _dispute(parts, said, signal)
        if dispute != "":
            disputed[gene] = dispute
    changed = replace(
        references,
        route_table=_with_rows(table, rows),
        receptor_table=receptor_table,
        entries=(*references.entries, *(_entry(one, references.species) for one in lists)),
    )
    return LaidOver(changed, disputed, frozenset(predicted))


def _by_gene(lists: Sequence[GeneList], names: Mapping[str, str]) -> dict[str, list[_Said]]:
    """Statements by gene, in the order of the lists; a symbol of the study that is a synonym finds its official row."""
    found: dict[str, list[_Said]] = {}
    for place, one in enumerate(lists):
        rows = one.said[["gene", "route", "signal", "grade", "evidence"]].itertuples(index=False, name=None)
        for gene, *statement in rows:
            said = _Said(place, one.name, one.is_prediction, *statement)
            found.setdefault(names.get(gene, gene), []).append(said)
    return found


def _parts(routes: str, grade: str, evidence: str) -> list[_Part]:
    """Routes of an assembled row; the grades of those that do not lead are not kept in it."""
    texts = dict(text.split(": ", 1) for text in evidence.split(" | ") if ": " in text)
    first = _CURATED if grade.startswith("curated") else _EMBEDDED
    return [
        _Part(
            first if place == 0 else _EMBEDDED + place * _STEP, route, grade if place == 0 else "", texts.get(route, "")
        )
        for place, route in enumerate(routes.split(";"))
    ]


def _signal(said: Iterable[_Said]) -> _Signal:
    """What the lists say together; of several rows of one list, such as isoforms, one with a signal peptide decides."""
    by_list: dict[int, _Said] = {}
    order = ("peptide", "membrane", "none")
    for one in said:
        if one.signal != "":
            held = by_list.get(one.place)
            if held is None or order.index(one.signal) < order.index(held.signal):
                by_list[one.place] = one
    told = list(by_list.values())
    words = {one.signal for one in told}
    text = "; ".join(one.evidence for one in told)
    if len(words) == 0:
        return _Signal("", "")
    if "peptide" in words and len(words) > 1:
        return _Signal("disputed", text)
    return _Signal("peptide" if "peptide" in words else "membrane" if "membrane" in words else "none", text)


def _combined(known: list[_Part], said: list[_Said], signal: _Signal, *, is_receptor: bool) -> list[_Part]:
    """All routes of a gene with their places, before those of one name are joined."""
    parts = [_refined(part, signal) for part in known]
    told = signal.word != "" and parts != known
    parts += [
        _Part(_LISTED + one.place * _STEP, one.route, one.grade, one.evidence)
        for one in said
        if not one.is_prediction and one.route not in {"", OUTSIDE}
    ]
    for one in said:
        if one.route == OUTSIDE and not one.is_prediction:
            leading = _leading_strong(parts)
            beyond = "shed" if is_receptor else "classical"
            route = leading if leading != "" else beyond if signal.word == "peptide" else "ev_cargo"
            parts.append(_Part((_SEEN if leading == "" else _LAST) + one.place * _STEP, route, one.grade, one.evidence))
    leading = _leading_strong(parts)
    if leading != "":
        return parts if told or signal.word == "" else [*parts, _Part(_LAST, leading, "", signal.evidence)]
    may_lead = not is_receptor and all(part.route != "intracellular" for part in parts)
    alone = "" if len(parts) > 0 else f"; {ALONE}"
    return parts + [
        _Part((_PREDICTED if may_lead else _LAST) + one.place * _STEP, one.route, one.grade, one.evidence + alone)
        for one in said
        if one.is_prediction and one.route != ""
    ]


def _refined(part: _Part, signal: _Signal) -> _Part:
    """A route that was told without a signal peptide, told again with what the lists say of it."""
    if signal.word == "" or NOT_LOOKED_AT not in part.evidence:
        return part
    route = part.route
    if signal.word == "peptide" and route == "unconventional":
        route = "classical"
    if signal.word == "none" and route == "classical" and SECRETORY_PATHWAY not in part.evidence:
        route = "unconventional"
    evidence = f"{part.evidence.replace(f'; {NOT_LOOKED_AT}', '')}; {signal.evidence}"
    return part._replace(route=route, evidence=evidence)


def _leading_strong(parts: Iterable[_Part]) -> str:
    strong = [part for part in parts if part.route in STRONG_ROUTES]
    return min(strong, key=lambda part: part.place).route if len(strong) > 0 else ""


def _merged(parts: Iterable[_Part]) -> list[_Part]:
    """One part per route, leading first: the best place and grade, the texts joined."""
    merged: dict[str, _Part] = {}
    for part in sorted(parts, key=lambda part: part.place):
        held = merged.get(part.route)
        if held is None:
            merged[part.route] = part
        else:
            texts = dict.fromkeys(text for text in (held.evidence, part.evidence) if text != "")
            grade = min((held.grade, part.grade), key=_quality)
            merged[part.route] = held._replace(grade=grade, evidence="; ".join(texts))
    return list(merged.values())


def _quality(grade: str) -> tuple[int, bool]:
    """Small is good; evidence of the species itself goes before that of an ortholog."""
    plain = grade.removesuffix(ORTHOLOGY)
    return (GRADES.index(plain) if plain in GRADES else len(GRADES)), grade != plain


def _row(parts: list[_Part]) -> tuple[str, str, str, str]:
    """Cells route, routes, grade and evidence of the route table."""
    routes = ";".join(part.route for part in parts)
    return parts[0].route, routes, parts[0].grade, " | ".join(f"{part.route}: {part.evidence}" for part in parts)


def _dispute(parts: list[_Part], said: list[_Said], signal: _Signal) -> str:
    """What the statements on a gene hold against each other; empty if nothing."""
    leading = parts[0].route if len(parts) > 0 else ""
    listed = {one.route: one for one in said if not one.is_prediction and one.route not in {"", OUTSIDE}}
    others = [f"list {one.name!r} says {route}" for route, one in listed.items() if route != leading]
    if signal.word == "disputed" or (leading, signal.word) in {("unconventional", "peptide"), ("classical", "none")}:
        others.append(signal.evidence)
    return "" if len(others) == 0 else f"{leading} leads; {'; '.join(others)}"


def _with_rows(table: pd.DataFrame, rows: Mapping[str, tuple[str, str, str, str]]) -> pd.DataFrame:
    """The route table with some rows replaced or added, sorted by gene."""
    import pandas as pd

    columns = ["route", "routes", "grade", "evidence"]
    new = pd.DataFrame.from_dict(dict(rows), orient="index", columns=columns, dtype=object).rename_axis("gene")
    kept = table[~table["gene"].isin(new.index)]
    both = pd.concat([kept, new.reset_index()], ignore_index=True)
    return both.sort_values("gene", kind="stable", ignore_index=True)[list(table.columns)]


def _receptors(references: References, lists: Sequence[GeneList]) -> pd.DataFrame:
    """The receptor table with those of the lists; a pair that is known already names the list beside its source."""
    import pandas as pd

    table = references.receptor_table
    found = [one.receptors for one in lists if len(one.receptors) > 0]
    if len(found) == 0:
        return table
    added = pd.concat(found, ignore_index=True)
    added["ligand"] = [references.names.get(ligand, ligand) for ligand in added["ligand"]]
    both = pd.concat([table, added], ignore_index=True)
    pair = both["ligand"] + " " + both["receptor"].str.split("+").map(sorted).str.join("+")
    repeated = pair.duplicated(keep=False).to_numpy()
    for name in ("source", "reference"):
        both.loc[repeated, name] = both[repeated].groupby(pair[repeated])[name].transform(_joined)
    return both[~pair.duplicated().to_numpy()].reset_index(drop=True)[list(table.columns)]


def _joined(texts: pd.Series) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text != ""))


def _entry(one: GeneList, species: str) -> TableEntry:
    return TableEntry(
        name=f"{LIST}{one.name!r}",
        file=one.file,
        species=(species,),
        version=one.version if one.version != "" else "not told",
        sha256=one.sha256,
        licence="the user's own",
        citation=one.reference if one.reference != "" else "none given",
        sources=(f"{one.kind}, {one.file}",),
    )
