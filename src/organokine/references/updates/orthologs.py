"""Orthologs: pairs of NCBI (gene_orthologs) and homology classes of MGI (doi:10.1093/nar/gkaa1083)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from organokine.references.updates.reading import Read, read_table

if TYPE_CHECKING:
    from organokine.references.updates.cards import Card

TAXA = {"human": "9606", "mouse": "10090", "rat": "10116"}
NCBI_FIELDS = {"tax_id": "taxon", "GeneID": "human", "Other_tax_id": "other_taxon", "Other_GeneID": "other"}
MGI_FIELDS = {"DB Class Key": "class", "NCBI Taxon ID": "taxon", "EntrezGene ID": "geneid"}


def read_ncbi(path: Path, card: Card) -> Read:
    """Read the pairs of human with mouse and rat genes.

    Parameters
    ----------
    path : pathlib.Path
        `gene_orthologs` of NCBI: in each pair of mammals with human the human gene stands first.
    card : Card
        The source.

    Returns
    -------
    Read
        Columns species (`mouse` or `rat`), human, other: identifiers of NCBI Gene.
    """
    rodents = {taxon: species for species, taxon in TAXA.items() if species != "human"}
    table = read_table(
        path,
        card,
        NCBI_FIELDS,
        keep=lambda piece: (piece["taxon"] == TAXA["human"]) & piece["other_taxon"].isin(list(rodents)),
    )
    table["species"] = table["other_taxon"].map(rodents)
    return Read(table[["species", "human", "other"]])


def read_mgi(path: Path, card: Card) -> Read:
    """Read the homology classes of mouse and human.

    Parameters
    ----------
    path : pathlib.Path
        `HOM_MouseHumanSequence.rpt`.
    card : Card
        The source.

    Returns
    -------
    Read
        Columns species (`mouse`), human, other: identifiers of NCBI Gene, each human gene of a class with each mouse gene of it.
    """
    table = read_table(path, card, MGI_FIELDS)
    sides = {species: table[table["taxon"] == TAXA[species]] for species in ("human", "mouse")}
    pairs = sides["human"].merge(sides["mouse"], on="class", suffixes=("_human", "_mouse"))
    pairs = pairs.rename(columns={"geneid_human": "human", "geneid_mouse": "other"}).assign(species="mouse")
    known = (pairs["human"] != "") & (pairs["other"] != "")
    return Read(pairs.loc[known, ["species", "human", "other"]].reset_index(drop=True))
