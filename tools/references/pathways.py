"""Gene sets for a person to read: chosen terms of the Gene Ontology, and the footprints of pathways (PROGENy). Human symbols."""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path

import pandas as pd

from references.human import GO, ORG

TERMS = Path(__file__).with_name("pathway_terms.txt")
"""Biological processes chosen by hand, by their names in GO: metabolism, stress, signalling, immunity, matrix, muscle, nerve, fat,
bone; each more than a step of a pathway and less than half of biology."""
FEWEST, MOST = 15, 500
"""Genes of a term. Smaller sets are decided by single genes, larger ones say nothing in particular."""
FOOTPRINT_GENES = 500
"""Genes of a footprint with the smallest p, of about twenty thousand: what the authors of PROGENy advise for bulk and smaller data."""
PROGENY = "usr/lib/R/site-library/progeny/data/Rdata"
WITHOUT_EVIDENCE = "ND"

TABLE_SOURCES = {
    "footprints": ["r-bioc-progeny"],
    "gene_sets": ["hand-written", "r-bioc-org.hs.eg.db", "r-bioc-go.db"],
}
TABLE_LICENCES = {
    "footprints": "Apache-2.0",
    "gene_sets": "CC-BY-4.0 (Gene Ontology); BSD-3-Clause (choice of terms)",
}


def tables(packages: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Both tables by name."""
    return {
        "gene_sets": gene_sets(packages["r-bioc-org.hs.eg.db"], packages["r-bioc-go.db"]),
        "footprints": footprints(packages["r-bioc-progeny"]),
    }


def gene_sets(org: Path, go: Path) -> pd.DataFrame:
    """Protein-coding genes of the chosen terms and of all terms below them: pathway, name, genes joined by `|`."""
    with sqlite3.connect(go / GO) as connection:
        named = dict(connection.execute("select term, go_id from go_term where ontology = 'BP'"))
    names = TERMS.read_text(encoding="utf-8").splitlines()
    unknown = [name for name in names if name not in named]
    if len(unknown) > 0:
        message = f"{TERMS.name}: {unknown} are no biological processes of GO"
        raise SystemExit(message)
    query = """select distinct g.symbol, b.go_id from go_bp_all b join gene_info g on b._id = g._id
               join genetype t on b._id = t._id where t.gene_type = 'protein-coding' and b.evidence != ?"""
    with sqlite3.connect(org / ORG) as connection:
        pairs = pd.DataFrame(connection.execute(query, [WITHOUT_EVIDENCE]).fetchall(), columns=["gene", "pathway"])
    by_term = pairs.groupby("pathway")["gene"].agg(sorted)
    table = pd.DataFrame({"pathway": [named[name] for name in names], "name": names})
    table["genes"] = [by_term[key] for key in table["pathway"]]
    outside = table.loc[~table["genes"].str.len().between(FEWEST, MOST), "name"]
    if len(outside) > 0:
        message = f"{TERMS.name}: {list(outside)} have fewer than {FEWEST} or more than {MOST} genes"
        raise SystemExit(message)
    table["genes"] = table["genes"].str.join("|")
    return table.sort_values("pathway", ignore_index=True)


def footprints(progeny: Path) -> pd.DataFrame:
    """Genes that respond to a pathway: pathway, gene, weight (four digits). Reading the package's R data needs Rscript."""
    script = f'lazyLoad("{progeny / PROGENY}"); write.csv(model_human_full, stdout(), row.names = FALSE)'
    done = subprocess.run(["Rscript", "--vanilla", "-e", script], capture_output=True, text=True, check=True)
    text = done.stdout[done.stdout.index('"gene"') :]
    rows = pd.DataFrame([line.split(",") for line in text.replace('"', "").splitlines()[1:]])
    rows.columns = pd.Index(["gene", "pathway", "weight", "p"])
    rows["p"] = rows["p"].astype(float)
    best = rows.sort_values(["pathway", "p", "gene"], kind="stable").groupby("pathway").head(FOOTPRINT_GENES)
    best = best.assign(weight=[f"{float(weight):.4g}" for weight in best["weight"]])
    return best.sort_values(["pathway", "gene"], ignore_index=True)[["pathway", "gene", "weight"]]
