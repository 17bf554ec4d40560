"""Names of genes: NCBI Gene for all species, HGNC for human (doi:10.1093/nar/gkac888)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from organokine.references.updates.reading import Read, read_table

if TYPE_CHECKING:
    from organokine.references.updates.cards import Card

NCBI_FIELDS = {
    "GeneID": "geneid",
    "Symbol": "symbol",
    "Synonyms": "synonyms",
    "dbXrefs": "references",
    "type_of_gene": "type",
}
HGNC_FIELDS = {
    "symbol": "symbol",
    "status": "status",
    "alias_symbol": "aliases",
    "prev_symbol": "previous",
    "entrez_id": "geneid",
    "ensembl_gene_id": "ensembl",
    "uniprot_ids": "uniprot",
    "mgd_id": "mouse",
    "rgd_id": "rat",
}


def read_ncbi(path: Path, card: Card) -> Read:
    """Read `gene_info` of one species.

    Parameters
    ----------
    path : pathlib.Path
        The file of NCBI, compressed or not.
    card : Card
        The source.

    Returns
    -------
    Read
        One row per gene: geneid, symbol, synonyms (joined by `|`), type, ensembl (joined by `|`), database (accession of the
        species' own database: `HGNC:1`, `MGI:1`, `RGD:1`). Rows that stand for no gene (`NEWENTRY`) are left out.
    """
    table = read_table(path, card, NCBI_FIELDS)
    table = table.replace({"synonyms": {"-": ""}, "references": {"-": ""}})
    table["ensembl"] = table["references"].str.findall(r"Ensembl:([^|]+)").str.join("|")
    own = table["references"].str.extract(r"(?:^|\|)(?:HGNC:HGNC|MGI:MGI|RGD):(\d+)", expand=False)
    kind = table["references"].str.extract(r"(?:^|\|)(HGNC|MGI|RGD):", expand=False)
    table["database"] = (kind + ":" + own).fillna("")
    genes = table.loc[table["symbol"] != "NEWENTRY"].drop(columns="references")
    return Read(genes.reset_index(drop=True), skipped={"no gene (NEWENTRY)": len(table) - len(genes)})


def read_hgnc(path: Path, card: Card) -> Read:
    """Read the complete set of HGNC.

    Parameters
    ----------
    path : pathlib.Path
        `hgnc_complete_set.txt`.
    card : Card
        The source.

    Returns
    -------
    Read
        One row per approved gene: symbol, aliases, previous, geneid, ensembl, uniprot, mouse (`MGI:1`), rat (`RGD:1`); lists are
        joined by `|`.
    """
    table = read_table(path, card, HGNC_FIELDS)
    for name in table.columns:
        table[name] = table[name].str.strip('"').str.replace(", ", "|", regex=False)
    approved = table["status"] == "Approved"
    genes = table.loc[approved].drop(columns="status").reset_index(drop=True)
    return Read(genes, skipped={"not approved": int((~approved).sum())})
