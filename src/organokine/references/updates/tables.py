"""The tables of a release, from its sources as read: the same schemas as the embedded ones, and a few more.

Pure functions: the same sources give the same tables, in the same order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from organokine.references.feature_routes import FeatureRoutes, classify_features
from organokine.references.projection import (
    merged,
    receptors_by_orthology,
    routes_by_orthology,
    whole_receptors,
)
from organokine.references.route_evidence import CURATED, evidence_table, supporting
from organokine.references.routes import (
    GRADES,
    ORTHOLOGY,
    STRONG_ROUTES,
    assemble,
    classify,
    curated_routes,
    grade_table,
)
from organokine.references.store import IMMUNOGLOBULIN
from organokine.references.updates.go import terms_of_groups
from organokine.references.updates.names import (
    Names,
    accessions,
    genes_of_entries,
    human_names,
    one_to_one_spellings,
    orthologs,
    rodent_names,
    with_other_spellings,
)
from organokine.references.updates.receptors import RESOURCE

RODENTS = ("mouse", "rat")
SPECIES = ("human", *RODENTS)
_BY_HAND = {CURATED: "organokine, curated_mediators.tsv"}
NOTE = "by orthology from human"
BEHIND = 10
"""Added to the place of projected routes where the species' own evidence already gives a strong one."""


class Built(NamedTuple):
    """Tables by name, and what was left out on the way, by what it is."""

    tables: dict[str, pd.DataFrame]
    counts: dict[str, int]


class _Species(NamedTuple):
    """One species on the way: names, entries with their official gene, annotations by group."""

    names: Names
    entries: pd.DataFrame
    annotations: pd.DataFrame


def build(read: Mapping[str, pd.DataFrame], embedded: Mapping[str, pd.DataFrame], versions: Mapping[str, str]) -> Built:
    """Build all tables of a release.

    Parameters
    ----------
    read : mapping of str to pandas.DataFrame
        Sources by the name of their card.
    embedded : mapping of str to pandas.DataFrame
        Embedded tables by name: curated mediators, panels, accessions, and receptors of resources that are no longer updated.
    versions : mapping of str to str
        Version of each source, for the evidence texts.

    Returns
    -------
    Built
        Tables sorted by name, and counts.
    """
    species, pairs = _species(read)
    tables: dict[str, pd.DataFrame] = {
        "orthologs": pairs["mouse"].rename(columns={"symbol": "mouse"}).assign(rat_also=""),
        "orthologs_rat": pairs["rat"].rename(columns={"symbol": "rat"}),
        "panels": _panels(embedded["panels"], species),
    }
    for name, each in species.items():
        older = embedded.get(f"accessions_{name}")
        tables[f"genes_{name}"] = each.names.genes
        tables[f"accessions_{name}"] = accessions(read[f"genes_{name}"], each.entries, each.names, older)
    known = species["human"].names.known
    mediators = embedded["curated_mediators"]
    mediators = mediators.assign(symbol=mediators["symbol"].map(known).fillna(mediators["symbol"]).astype(object))
    tables |= _routes(species, pairs, mediators, versions)
    human_pairs = _human_receptors(read["cellphonedb"], embedded["receptors_human"], species["human"].names)
    tables["receptors_human"] = human_pairs
    tables["pathways_human"] = read["reactome"].sort_values("pathway", ignore_index=True)
    for name in RODENTS:
        spelled = {str(gene): list(rows) for gene, rows in pairs[name].groupby("human")["symbol"]}
        tables[f"receptors_{name}"] = receptors_by_orthology(human_pairs, spelled)
        tables[f"pathways_{name}"] = _projected_pathways(tables["pathways_human"], spelled)
    without = {f"entries of UniProt without a gene, {name}": _n_unnamed(each) for name, each in species.items()}
    return Built(dict(sorted(tables.items())), without)


def _species(read: Mapping[str, pd.DataFrame]) -> tuple[dict[str, _Species], dict[str, pd.DataFrame]]:
    names = {"human": human_names(read["genes_human"], read["hgnc"], read["uniprot_human"])}
    pairs: dict[str, pd.DataFrame] = {}
    for name in RODENTS:
        names[name] = rodent_names(read[f"genes_{name}"], read[f"uniprot_{name}"])
        curated = read["hgnc"][["symbol", name]].set_axis(["symbol", "accession"], axis=1)
        listed = [read[source].assign(source=source) for source in ("ncbi_orthologs", "mgi")]
        numbers = pd.concat(listed)
        pairs[name] = orthologs(numbers[numbers["species"] == name], names["human"], names[name], curated)
        spellings = [one_to_one_spellings(pairs[name])]
        if name == "rat":
            both = pairs["mouse"].merge(pairs["rat"], on="human")
            both = both[(both["type_x"] == "one2one") & (both["type_y"] == "one2one")]
            spellings.append(both[["symbol_y", "symbol_x"]].set_axis(["symbol", "spelling"], axis=1))
        names[name] = with_other_spellings(names[name], pd.concat(spellings))
    groups = terms_of_groups(read["go_terms"])
    found = {}
    for name in SPECIES:
        entries = read[f"uniprot_{name}"]
        entries = entries.assign(gene=genes_of_entries(entries, names[name]))
        found[name] = _Species(names[name], entries, _annotations(read[f"go_{name}"], entries, names[name], groups))
    return found, pairs


def _annotations(table: pd.DataFrame, entries: pd.DataFrame, names: Names, groups: pd.DataFrame) -> pd.DataFrame:
    """Annotations of known genes in the groups of the routes: gene, group, term, code."""
    by_accession = entries[entries["gene"] != ""].set_index("accession")["gene"].to_dict()
    gene = table["object_id"].map(by_accession).fillna(table["symbol"].map(names.known))
    known = table.assign(gene=gene)[["gene", "term", "code"]].dropna().drop_duplicates()
    return known.merge(groups, on="term")[["gene", "group", "term", "code"]]


def _n_unnamed(species: _Species) -> int:
    return int((species.entries["gene"] == "").sum())


def _routes(
    species: Mapping[str, _Species],
    pairs: Mapping[str, pd.DataFrame],
    mediators: pd.DataFrame,
    versions: Mapping[str, str],
) -> dict[str, pd.DataFrame]:
    """Routes and their evidence by species; rodents have their own, and beside it that of their human orthologs."""
    human = _own_routes(species["human"], "human", versions)
    curated = curated_routes(mediators)
    led = pd.concat([curated, human.routes], ignore_index=True)
    written = _written_evidence(curated)
    backed = pd.concat([written, human.evidence], ignore_index=True)
    tables = {"routes_human": assemble(led), "route_evidence_human": backed}
    for name in RODENTS:
        own = _own_routes(species[name], name, versions)
        mapping = pairs[name][["human", "symbol"]]
        projected = routes_by_orthology(led, mapping, NOTE)
        both = _own_before_projected(own.routes, projected)
        tables[f"routes_{name}"] = assemble(both)
        carried = routes_by_orthology(backed.rename(columns={"text": "evidence"}), mapping, NOTE)
        carried = carried.rename(columns={"evidence": "text"}).assign(by_orthology=True)
        carried["grade"] = carried["grade"].str.removesuffix(ORTHOLOGY)
        behind = pd.concat([own.evidence, carried[list(own.evidence.columns)]], ignore_index=True)
        tables[f"route_evidence_{name}"] = _deciding_first(behind, both)
    for name in SPECIES:
        table = tables[f"route_evidence_{name}"].drop_duplicates()
        tables[f"route_evidence_{name}"] = table.sort_values("gene", kind="stable", ignore_index=True)
    return tables


def _own_routes(species: _Species, name: str, versions: Mapping[str, str]) -> FeatureRoutes:
    """Routes by features; genes without a reviewed entry by annotations alone."""
    labels = {"uniprot": f"UniProt {versions[f'uniprot_{name}']}", "go": f"GO annotations {versions[f'go_{name}']}"}
    entries = species.entries[species.entries["gene"] != ""]
    found = classify_features(entries, species.annotations, labels)
    left = species.annotations[~species.annotations["gene"].isin(entries["gene"])]
    by_annotation = classify(left, labels["go"])
    behind = supporting(
        grade_table(left), by_annotation.assign(reference=""), {"annotations": labels["go"], **_BY_HAND}
    )
    evidence = _told(behind)
    return FeatureRoutes(
        pd.concat([found.routes, by_annotation], ignore_index=True),
        pd.concat([found.evidence, evidence], ignore_index=True),
    )


def _written_evidence(curated: pd.DataFrame) -> pd.DataFrame:
    nothing = pd.DataFrame(columns=["gene", "group", "grade", "term", "code"])
    return _told(supporting(nothing, curated, {"annotations": "", **_BY_HAND}))


def _told(behind: pd.DataFrame) -> pd.DataFrame:
    """Evidence of a species' own genes in words."""
    nothing = pd.DataFrame(columns=["human", "symbol"])
    return evidence_table(behind, "human", nothing, nothing)


def _own_before_projected(own: pd.DataFrame, projected: pd.DataFrame) -> pd.DataFrame:
    """A species' own strong route leads over a projected one, unless that is hand-written; equals are told from its own evidence.

    Column own: 0 where the evidence is the species' own.
    """
    strong = own.loc[own["route"].isin(STRONG_ROUTES), "gene"]
    behind = projected["gene"].isin(strong) & (projected["order"] >= 0)
    projected = projected.assign(order=projected["order"] + behind * BEHIND, own=1)
    both = pd.concat([own.assign(own=0), projected], ignore_index=True)
    both["rank"] = both["grade"].str.removesuffix(ORTHOLOGY).map(GRADES.index)
    both = both.sort_values(["gene", "route", "rank", "own"], kind="stable")
    first = both.groupby(["gene", "route"])["order"].transform("min")
    return both.assign(order=first).drop_duplicates(["gene", "route"]).drop(columns="rank")


def _deciding_first(evidence: pd.DataFrame, routes: pd.DataFrame) -> pd.DataFrame:
    """Evidence of a species' own or of the human ortholog first, whichever decided the route."""
    decided = routes[["gene", "route", "own"]].merge(evidence, on=["gene", "route"])
    decided["behind"] = decided["by_orthology"] != (decided["own"] == 1)
    return decided.sort_values(["gene", "behind"], kind="stable")[list(evidence.columns)]


def _human_receptors(cellphonedb: pd.DataFrame, embedded: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Pairs of CellPhoneDB as fetched, and the embedded pairs of the resources that are no longer updated."""
    sources = embedded["source"].str.split("; ")
    older = embedded.assign(source=sources.map(lambda parts: [part for part in parts if not part.startswith(RESOURCE)]))
    older = older.explode("source").dropna(subset=["source"])
    cited = older["reference"].str.split("; ")
    fresh = set(cellphonedb["reference"])
    older["reference"] = cited.map(lambda parts: "; ".join(part for part in parts if part not in fresh))
    both = pd.concat([older, cellphonedb], ignore_index=True)
    both["ligand"] = [names.known.get(name, name) for name in both["ligand"]]
    both["receptor"] = [
        "+".join(names.known.get(part, part) for part in receptor.split("+")) for receptor in both["receptor"]
    ]
    return whole_receptors(merged(both))


def _panels(embedded: pd.DataFrame, species: Mapping[str, _Species]) -> pd.DataFrame:
    """The embedded panels, and immunoglobulins among the symbols of today by their prefix."""
    extra = [
        {"species": name, "gene": symbol, "panel": "immunoglobulin"}
        for name, each in species.items()
        for symbol in sorted(set(each.names.symbols.values()))
        if IMMUNOGLOBULIN.fullmatch(symbol) is not None
    ]
    table = pd.concat([embedded, pd.DataFrame(extra, columns=list(embedded.columns))], ignore_index=True)
    return table.drop_duplicates().sort_values(["species", "panel", "gene"], ignore_index=True)


def _projected_pathways(human: pd.DataFrame, spelled: Mapping[str, list[str]]) -> pd.DataFrame:
    """Human pathways with the orthologs of their genes; those without one are left out."""
    genes = [
        "|".join(sorted({symbol for gene in joined.split("|") for symbol in spelled.get(gene, [])}))
        for joined in human["genes"]
    ]
    table = human.assign(genes=genes)
    return table[table["genes"] != ""].reset_index(drop=True)
