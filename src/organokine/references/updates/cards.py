"""The official downloads a release is made from: one card each.

Addresses are those the sources publish. On a mirror a file lies at `NAME/FILE` below the mirror's address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from organokine.references.updates import genes, go, orthologs, pathways, receptors, signatures, uniprot
from organokine.references.updates.reading import Read

MEGABYTE = 1 << 20
GO = "doi:10.1093/genetics/iyad031"
NCBI = "NCBI Gene, doi:10.1093/nar/gku1055"
CELLPHONEDB_RELEASE = "v5.0.0"


@dataclass(frozen=True)
class Card:
    """One source.

    Attributes
    ----------
    name : str
        Short name, and its folder on a mirror.
    gives : str
        What a release takes from it.
    address, file : str
        Official address, and the name of the file on a mirror and in the download folder.
    licence, citation : str
        Of the content.
    read : callable
        Turns the file into a `Read`.
    largest : int
        Bytes above which a file is not what it should be.
    fewest : int
        Rows below which it is not whole: well below what the source has had for years.
    unpacked : int
        Bytes above which it is not unpacked.
    version : str
        Release, where the address names it.
    opt_in : bool
        Fetched only if asked for, and kept as it comes.
    """

    name: str
    gives: str
    address: str
    file: str
    licence: str
    citation: str
    read: Callable[[Path, Card], Read]
    largest: int
    fewest: int = 1
    unpacked: int = 2048 * MEGABYTE
    version: str = ""
    opt_in: bool = False


def _uniprot(species: str, taxon: int, fewest: int) -> Card:
    fields = "accession,gene_primary,gene_synonym,ft_signal,ft_transmem,ft_chain,cc_subcellular_location,xref_ensembl,xref_geneid"
    query = f"(organism_id:{taxon})+AND+(reviewed:true)"
    return Card(
        name=f"uniprot_{species}",
        gives="signal peptides, transmembrane segments, chains and locations of reviewed proteins; accessions",
        address=f"https://rest.uniprot.org/uniprotkb/stream?compressed=true&format=tsv&query={query}&fields={fields}",
        file=f"uniprot_{species}.tsv.gz",
        licence="CC-BY-4.0",
        citation="UniProt Consortium, doi:10.1093/nar/gkac1052",
        read=uniprot.read,
        largest=100 * MEGABYTE,
        fewest=fewest,
    )


def _annotations(species: str, file: str, fewest: int) -> Card:
    return Card(
        name=f"go_{species}",
        gives="where proteins are, with evidence codes",
        address=f"https://current.geneontology.org/annotations/{file}",
        file=file,
        licence="CC-BY-4.0",
        citation=f"Gene Ontology, {GO}",
        read=go.read_annotations,
        largest=200 * MEGABYTE,
        fewest=fewest,
    )


def _gene_info(species: str, file: str, fewest: int) -> Card:
    return Card(
        name=f"genes_{species}",
        gives="symbols, synonyms and Ensembl genes",
        address=f"https://ftp.ncbi.nlm.nih.gov/gene/DATA/GENE_INFO/Mammalia/{file}",
        file=file,
        licence="public domain",
        citation=NCBI,
        read=genes.read_ncbi,
        largest=100 * MEGABYTE,
        fewest=fewest,
    )


def _nichenet(species: str, file: str) -> Card:
    return Card(
        name=f"nichenet_{species}",
        gives="NicheNet v2 ligand-target matrix; kept as it comes, reading it needs R",
        address=f"https://zenodo.org/records/7074291/files/{file}",
        file=file,
        licence="not stated at its address",
        citation="NicheNet, doi:10.1038/s41592-019-0667-5; doi:10.5281/zenodo.7074291",
        read=signatures.read_rds,
        largest=2048 * MEGABYTE,
        version="v2 (2022-09-13)",
        opt_in=True,
    )


CARDS: tuple[Card, ...] = (
    _uniprot("human", 9606, 18_000),
    _uniprot("mouse", 10090, 15_000),
    _uniprot("rat", 10116, 7_000),
    _annotations("human", "goa_human.gaf.gz", 300_000),
    _annotations("mouse", "mgi.gaf.gz", 200_000),
    _annotations("rat", "rgd.gaf.gz", 200_000),
    Card(
        name="go_terms",
        gives="which term lies below which",
        address="https://current.geneontology.org/ontology/go-basic.obo",
        file="go-basic.obo",
        licence="CC-BY-4.0",
        citation=f"Gene Ontology, {GO}",
        read=go.read_terms,
        largest=200 * MEGABYTE,
        fewest=30_000,
    ),
    _gene_info("human", "Homo_sapiens.gene_info.gz", 40_000),
    _gene_info("mouse", "Mus_musculus.gene_info.gz", 40_000),
    _gene_info("rat", "Rattus_norvegicus.gene_info.gz", 30_000),
    Card(
        name="hgnc",
        gives="human symbols, aliases, previous symbols, orthologs",
        address="https://storage.googleapis.com/public-download-files/hgnc/tsv/tsv/hgnc_complete_set.txt",
        file="hgnc_complete_set.txt",
        licence="CC0-1.0",
        citation="HGNC, doi:10.1093/nar/gkac888",
        read=genes.read_hgnc,
        largest=100 * MEGABYTE,
        fewest=35_000,
    ),
    Card(
        name="ncbi_orthologs",
        gives="orthologs of human, mouse and rat",
        address="https://ftp.ncbi.nlm.nih.gov/gene/DATA/gene_orthologs.gz",
        file="gene_orthologs.gz",
        licence="public domain",
        citation=NCBI,
        read=orthologs.read_ncbi,
        largest=1024 * MEGABYTE,
        fewest=1_000_000,
    ),
    Card(
        name="mgi",
        gives="homology classes of mouse and human",
        address="https://www.informatics.jax.org/downloads/reports/HOM_MouseHumanSequence.rpt",
        file="HOM_MouseHumanSequence.rpt",
        licence="CC-BY-4.0",
        citation="Mouse Genome Informatics, doi:10.1093/nar/gkaa1083",
        read=orthologs.read_mgi,
        largest=100 * MEGABYTE,
        fewest=30_000,
    ),
    Card(
        name="cellphonedb",
        gives="peptide ligands and their receptors",
        address=f"https://github.com/ventolab/cellphonedb-data/archive/refs/tags/{CELLPHONEDB_RELEASE}.zip",
        file=f"cellphonedb-data-{CELLPHONEDB_RELEASE}.zip",
        licence="MIT",
        citation="CellPhoneDB, doi:10.1038/s41596-020-0292-x",
        read=receptors.read,
        largest=500 * MEGABYTE,
        fewest=100,
        unpacked=100 * MEGABYTE,
        version=CELLPHONEDB_RELEASE,
    ),
    Card(
        name="reactome",
        gives="pathways",
        address="https://reactome.org/download/current/ReactomePathways.gmt.zip",
        file="ReactomePathways.gmt.zip",
        licence="CC0-1.0",
        citation="Reactome, doi:10.1093/nar/gkab1028",
        read=pathways.read,
        largest=50 * MEGABYTE,
        fewest=2_000,
        unpacked=100 * MEGABYTE,
    ),
    Card(
        name="secact",
        gives="SecAct signatures of secreted proteins; kept as they come",
        address="https://github.com/data2intelligence/SecAct/raw/main/inst/extdata/SecAct.tsv.gz",
        file="SecAct.tsv.gz",
        licence="see its address",
        citation="SecAct",
        read=signatures.read_secact,
        largest=500 * MEGABYTE,
        fewest=5_000,
        opt_in=True,
    ),
    _nichenet("human", "ligand_target_matrix_nsga2r_final.rds"),
    _nichenet("mouse", "ligand_target_matrix_nsga2r_final_mouse.rds"),
)
"""All sources, in the order they are fetched."""
