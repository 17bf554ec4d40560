"""Small twins of the official downloads, in their real formats; the genes are real, the rows written by hand."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from organokine.references.updates.cards import CARDS, Card

TAXA = {"human": ("9606", "OX"), "mouse": ("10090", "MGI"), "rat": ("10116", "RGD")}
UNIPROT_HEADER = (
    "Entry\tGene Names (primary)\tGene Names (synonym)\tSignal peptide\tTransmembrane\tChain\tSubcellular location [CC]\t"
    "Ensembl\tGeneID"
)
SIGNAL = 'SIGNAL 1..20; /evidence="ECO:0000255"'
SEGMENT = 'TRANSMEM 36..56; /note="Helical; Signal-anchor for type II membrane protein"; /evidence="ECO:0000255"'
EXPERIMENT = "{ECO:0000269|PubMed:1, ECO:0000269|PubMed:2}"
SIMILAR = "{ECO:0000250|UniProtKB:P1}"


class Protein(NamedTuple):
    """A reviewed entry of UniProt: human symbol, accession, features and location."""

    symbol: str
    accession: str
    signal: str = ""
    segment: str = ""
    chain: str = ""
    location: str = ""
    synonyms: str = ""


PROTEINS = (
    Protein(
        "ANXA2",
        "P07355",
        location=f"SUBCELLULAR LOCATION: Secreted, extracellular space, extracellular matrix, basement membrane {EXPERIMENT}. "
        f"Melanosome {EXPERIMENT}. Note=In the lamina beneath the plasma membrane.",
        synonyms="ANX2 LPC2D p36",
    ),
    Protein("IL6", "P05231", signal=SIGNAL, location=f"SUBCELLULAR LOCATION: Secreted {EXPERIMENT}."),
    Protein(
        "IL6R", "P08887", signal=SIGNAL, segment=SEGMENT, location="SUBCELLULAR LOCATION: Cell membrane; Single-pass."
    ),
    Protein("IL6ST", "P40189", signal=SIGNAL, segment=SEGMENT, location="SUBCELLULAR LOCATION: Cell membrane."),
    Protein(
        "TNF",
        "P01375",
        segment=SEGMENT,
        chain='CHAIN 1..233; /note="Tumor necrosis factor, membrane form"; /id="PRO_1"; CHAIN 77..233; /note="Tumor necrosis '
        'factor, soluble form"; /id="PRO_2"',
        location=f"SUBCELLULAR LOCATION: Cell membrane {EXPERIMENT}; Single-pass type II membrane protein. [Tumor necrosis factor, "
        "soluble form]: Secreted {ECO:0000305}.",
    ),
    Protein(
        "SREBF1",
        "P36956",
        segment=SEGMENT,
        chain='CHAIN 1..490; /note="Processed sterol regulatory element-binding protein 1"; /id="PRO_3"',
        location="SUBCELLULAR LOCATION: Endoplasmic reticulum membrane; Multi-pass membrane protein. [Processed sterol regulatory "
        "element-binding protein 1]: Nucleus.",
    ),
    Protein(
        "COL1A1",
        "P02452",
        signal=SIGNAL,
        location=f"SUBCELLULAR LOCATION: Secreted, extracellular space, extracellular matrix {SIMILAR}.",
    ),
    Protein(
        "PDIA3", "P30101", signal=SIGNAL, location="SUBCELLULAR LOCATION: Endoplasmic reticulum {ECO:0000269|PubMed:3}."
    ),
    Protein(
        "CD59",
        "P13987",
        signal=SIGNAL,
        location="SUBCELLULAR LOCATION: Cell membrane; Lipid-anchor, GPI-anchor. Secreted.",
    ),
    Protein("TTN", "Q8WZ42", location="SUBCELLULAR LOCATION: Cytoplasm. Nucleus."),
    Protein("GAPDH", "P04406", location="SUBCELLULAR LOCATION: Cytoplasm, cytosol {ECO:0000269|PubMed:4}. Nucleus."),
    Protein("TXN", "P10599", location=f"SUBCELLULAR LOCATION: Nucleus. Cytoplasm. Secreted {EXPERIMENT}."),
    Protein("TP53", "P04637", location="SUBCELLULAR LOCATION: Cytoplasm. Nucleus."),
    Protein("TLR2", "O60603", signal=SIGNAL, segment=SEGMENT, location="SUBCELLULAR LOCATION: Cell membrane."),
    Protein("CCN2", "P29279", signal=SIGNAL, location="SUBCELLULAR LOCATION: Secreted.", synonyms="CTGF HCS24 IGFBP8"),
    Protein("ROBO4", "Q8WZ75", signal=SIGNAL, segment=SEGMENT),
    Protein("ORPHAN", "Q00000", signal=SIGNAL),
)
RODENT_SYMBOLS = {"TXN": {"mouse": "Txn1", "rat": "Txn1"}, "TP53": {"mouse": "Trp53", "rat": "Tp53"}}
REVIEWED = {
    "human": {protein.symbol for protein in PROTEINS},
    "mouse": {"ANXA2", "IL6", "TNF", "COL1A1", "TTN", "TXN", "TP53"},
    "rat": {"IL6", "TTN"},
}
ANNOTATIONS = {
    "human": [
        ("P07355", "ANXA2", "GO:0070062", "HDA", "located_in", "UniProt"),
        ("P07355", "ANXA2", "GO:0005829", "IDA", "located_in", "UniProt"),
        ("P05231", "IL6", "GO:0005615", "IDA", "located_in", "UniProt"),
        ("P01375", "TNF", "GO:0005615", "IDA", "located_in", "UniProt"),
        ("P02452", "COL1A1", "GO:0005201", "IDA", "enables", "UniProt"),
        ("Q8WZ42", "TTN", "GO:0005576", "TAS", "located_in", "Reactome"),
        ("Q8WZ42", "TTN", "GO:0030018", "IDA", "located_in", "UniProt"),
        ("P04406", "GAPDH", "GO:1903561", "HDA", "located_in", "UniProt"),
        ("P04406", "GAPDH", "GO:0005829", "IDA", "located_in", "UniProt"),
        ("P04637", "TP53", "GO:0005615", "IDA", "NOT|located_in", "UniProt"),
        ("P04637", "TP53", "GO:0005654", "IDA", "located_in", "UniProt"),
    ],
    "mouse": [
        ("MGI:88246", "Anxa2", "GO:0005829", "IDA", "located_in", "MGI"),
        ("MGI:96559", "Il6", "GO:0005615", "IDA", "located_in", "MGI"),
        ("MGI:1", "Gapdh", "GO:0005615", "IDA", "located_in", "MGI"),
        ("MGI:1", "Gapdh", "GO:0005829", "IDA", "located_in", "MGI"),
    ],
    "rat": [("2901", "Il6", "GO:0005615", "IDA", "located_in", "RGD")],
}
TERMS = {
    "GO:0005576": (),
    "GO:0005615": ("is_a: GO:0005576 ! extracellular region",),
    "GO:1903561": (),
    "GO:0070062": ("is_a: GO:1903561 ! extracellular vesicle",),
    "GO:0005201": (),
    "GO:0031012": (),
    "GO:0005622": (),
    "GO:0005737": ("relationship: part_of GO:0005622 ! intracellular",),
    "GO:0005829": ("relationship: part_of GO:0005737 ! cytoplasm",),
    "GO:0005634": ("relationship: part_of GO:0005622 ! intracellular",),
    "GO:0005654": ("relationship: part_of GO:0005634 ! nucleus", "alt_id: GO:0000001"),
    "GO:0005856": ("relationship: part_of GO:0005622 ! intracellular",),
    "GO:0030018": ("relationship: part_of GO:0005856 ! cytoskeleton",),
    "GO:0005788": (),
    "GO:0099999": ("relationship: regulates GO:0005576 ! extracellular region",),
}
GENE_INFO_HEADER = (
    "#tax_id\tGeneID\tSymbol\tLocusTag\tSynonyms\tdbXrefs\tchromosome\tmap_location\tdescription\ttype_of_gene\t"
    "Symbol_from_nomenclature_authority\tFull_name_from_nomenclature_authority\tNomenclature_status\tOther_designations\t"
    "Modification_date\tFeature_type"
)
HGNC_HEADER = (
    "hgnc_id\tsymbol\tname\tlocus_group\tlocus_type\tstatus\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\tuniprot_ids\t"
    "mgd_id\trgd_id"
)
MGI_HEADER = (
    "DB Class Key\tCommon Organism Name\tNCBI Taxon ID\tSymbol\tEntrezGene ID\tMouse MGI ID\tHGNC ID\tOMIM Gene ID\t"
    "Genetic Location\tGenome Coordinates (mouse: GRCm39 human: GRCh38)\tNucleotide RefSeq IDs\tProtein RefSeq IDs\tSWISS_PROT IDs"
)


def symbol_in(symbol: str, species: str) -> str:
    if species == "human":
        return symbol
    return RODENT_SYMBOLS.get(symbol, {}).get(species, symbol.capitalize())


def number_of(symbol: str, species: str) -> int:
    """Identifier of NCBI Gene in these twins."""
    position = [protein.symbol for protein in PROTEINS].index(symbol)
    return {"human": 1000, "mouse": 2000, "rat": 3000}[species] + position


def uniprot(species: str) -> bytes:
    rows = [UNIPROT_HEADER]
    for protein in PROTEINS:
        if protein.symbol in REVIEWED[species]:
            name = symbol_in(protein.symbol, species)
            name = {"Txn1": "Txn", "Trp53": "Tp53"}.get(
                name, name
            )  # UniProt does not always follow the species' database
            accession = protein.accession if species == "human" else f"{species[0].upper()}{protein.accession[1:]}"
            cells = (
                accession,
                name,
                protein.synonyms,
                protein.signal,
                protein.segment,
                protein.chain,
                protein.location,
            )
            rows.append(
                "\t".join(
                    [
                        *cells,
                        f"ENST{number_of(protein.symbol, species):011}.2;",
                        f"{number_of(protein.symbol, species)};",
                    ]
                )
            )
    return gzip.compress(lines(rows), mtime=0)


def annotations(species: str) -> bytes:
    database = {"human": "UniProtKB", "mouse": "MGI", "rat": "RGD"}[species]
    rows = [
        "!gaf-version: 2.2",
        "!",
        "!generated-by: GOC",
        "!date-generated: 2026-09-28T00:00",
        "!Header from source: !!",
    ]
    for key, symbol, term, code, qualifier, assigned in ANNOTATIONS[species]:
        aspect = "F" if term == "GO:0005201" else "C"
        rows.append(
            f"{database}\t{key}\t{symbol}\t{qualifier}\t{term}\tPMID:1\t{code}\t\t{aspect}\tname 5' ! \"x\t\tprotein\t"
            f"taxon:{TAXA[species][0]}\t20260101\t{assigned}\t\t"
        )
    rows.append(
        f"{database}\tX\tX\tinvolved_in\tGO:0008150\tPMID:1\tIDA\t\tP\tname\t\tprotein\ttaxon:1\t20260101\tX\t\t"
    )
    return gzip.compress(lines(rows), mtime=0)


def terms() -> bytes:
    rows = ["format-version: 1.2", "data-version: releases/2026-10-01", "ontology: go", ""]
    for term, links in TERMS.items():
        rows += ["[Term]", f"id: {term}", "name: something", "namespace: cellular_component", *links, ""]
    return lines([*rows, "[Typedef]", "id: part_of", "is_a: GO:0005576"])


def gene_info(species: str) -> bytes:
    prefix = {"human": "HGNC:HGNC", "mouse": "MGI:MGI", "rat": "RGD"}[species]
    ensembl = {"human": "ENSG", "mouse": "ENSMUSG", "rat": "ENSRNOG"}[species]
    rows = [GENE_INFO_HEADER]
    for protein in PROTEINS:
        number = number_of(protein.symbol, species)
        # NCBI lags behind HGNC by one renamed gene.
        name = "CTGF" if (protein.symbol, species) == ("CCN2", "human") else symbol_in(protein.symbol, species)
        synonyms = protein.synonyms.replace(" ", "|") if species == "human" and protein.synonyms != "" else "-"
        xrefs = f"{prefix}:{number}|Ensembl:{ensembl}{number:011}|AllianceGenome:HGNC:{number}"
        rows.append(
            f"{TAXA[species][0]}\t{number}\t{name}\t-\t{synonyms}\t{xrefs}\t1\t1\tsome gene\tprotein-coding\t{name}\t-\tO\t-\t20260101\t-"
        )
    rows.append(f"{TAXA[species][0]}\t1\tNEWENTRY\t-\t-\t-\t-\t-\t-\tother\t-\t-\t-\t-\t20260101\t-")
    heavy = {"human": "IGHG1", "mouse": "Ighg1", "rat": "Ighg1"}[species]
    rows.append(f"{TAXA[species][0]}\t2\t{heavy}\t-\t-\t-\t-\t-\t-\tother\t-\t-\t-\t-\t20260101\t-")
    return gzip.compress(lines(rows), mtime=0)


def hgnc() -> bytes:
    rows = [HGNC_HEADER]
    for protein in PROTEINS:
        number, mouse, rat = (number_of(protein.symbol, species) for species in ("human", "mouse", "rat"))
        aliases = f'"{protein.synonyms.replace(" ", "|")}"' if protein.synonyms != "" else ""
        previous = "CTGF" if protein.symbol == "CCN2" else ""
        rows.append(
            f"HGNC:{number}\t{protein.symbol}\tname\tprotein-coding gene\tgene with protein product\tApproved\t{aliases}\t{previous}\t"
            f"{number}\tENSG{number:011}\t{protein.accession}\tMGI:{mouse}\tRGD:{rat}"
        )
    rows.append("HGNC:9\tGONE\tname\twithdrawn\twithdrawn\tEntry Withdrawn\t\t\t\t\t\t\t")
    return lines(rows)


def ncbi_orthologs() -> bytes:
    rows = ["#tax_id\tGeneID\trelationship\tOther_tax_id\tOther_GeneID"]
    for protein in PROTEINS:
        human = number_of(protein.symbol, "human")
        others = [(TAXA[species][0], number_of(protein.symbol, species)) for species in ("mouse", "rat")]
        rows += [f"9606\t{human}\tOrtholog\t{taxon}\t{other}" for taxon, other in others]
        rows.append(f"9606\t{human}\tOrtholog\t7955\t{human}")
    rows.append("7955\t5\tOrtholog\t8355\t6")
    return gzip.compress(lines(rows), mtime=0)


def mgi() -> bytes:
    rows = [MGI_HEADER]
    for position, protein in enumerate(PROTEINS):
        for species, common in (("mouse", "mouse, laboratory"), ("human", "human")):
            number = number_of(protein.symbol, species)
            rows.append(
                f"{position}\t{common}\t{TAXA[species][0]}\t{symbol_in(protein.symbol, species)}\t{number}\t\t\t\t\t\t\t\t"
            )
    return lines(rows)


def cellphonedb() -> bytes:
    prefix = "cellphonedb-data-5.0.0/data/"
    interactions = [
        "id_cp_interaction,partner_a,partner_b,is_ppi,interactors,directionality",
        ",P05231,IL6_receptor,True,IL6-IL6R+IL6ST,Ligand-Receptor",
        ',TNF_trimer,O60603,True,"TNF, thrice",Ligand-Receptor',
        ",Adrenaline_byPNMT,O60603,False,x,Ligand-Receptor",
        ",P05231,P40189,True,x,Adhesion-Adhesion",
        ",P05231,P99999,True,x,Ligand-Receptor",
    ]
    complexes = [
        "complex_name,uniprot_1,uniprot_2,uniprot_3,uniprot_4,uniprot_5,other_desc",
        "IL6_receptor,P08887,P40189,,,,",
        "TNF_trimer,P01375,P29279,,,,",
        "Adrenaline_byPNMT,P11086,,,,,biosynthesis_enzyme",
    ]
    genes = ["gene_name,uniprot,hgnc_symbol,ensembl", *(f"{p.symbol},{p.accession},{p.symbol},ENSG1" for p in PROTEINS)]
    return archive(
        {
            f"{prefix}interaction_input.csv": lines(interactions),
            f"{prefix}complex_input.csv": lines(complexes),
            f"{prefix}gene_input.csv": lines(genes),
            "cellphonedb-data-5.0.0/README.md": b"read me",
        }
    )


def reactome() -> bytes:
    rows = [
        "Signalling by IL6\tR-HSA-1059683\tIL6\tIL6R\tIL6ST",
        "Annexins\tR-HSA-2\tReactome Pathway\tANXA2\tUNKNOWN1",
        "Empty\tR-HSA-3",
    ]
    return archive({"ReactomePathways.gmt": lines(rows)})


def secact() -> bytes:
    return gzip.compress(lines(["ANXA2\tIL6", "GAPDH\t0.1\t-0.2", "TTN\t0\t1e-3"]), mtime=0)


def lines(rows: Sequence[str]) -> bytes:
    return ("\n".join(rows) + "\n").encode()


def archive(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def rewritten(packed: bytes, ending: str, change: Callable[[bytes], bytes]) -> bytes:
    """An archive in which one member is changed."""
    with zipfile.ZipFile(io.BytesIO(packed)) as held:
        members = {name: held.read(name) for name in held.namelist()}
    return archive({name: change(content) if name.endswith(ending) else content for name, content in members.items()})


def twins() -> dict[str, bytes]:
    """All sources by the name of their card, as their servers send them."""
    contents: dict[str, bytes] = {
        "go_terms": terms(),
        "hgnc": hgnc(),
        "ncbi_orthologs": ncbi_orthologs(),
        "mgi": mgi(),
        "cellphonedb": cellphonedb(),
        "reactome": reactome(),
        "secact": secact(),
        "nichenet_human": gzip.compress(b"X\n\x00\x00\x00\x03matrix", mtime=0),
        "nichenet_mouse": gzip.compress(b"X\n\x00\x00\x00\x03matrix", mtime=0),
    }
    for species in TAXA:
        contents[f"uniprot_{species}"] = uniprot(species)
        contents[f"go_{species}"] = annotations(species)
        contents[f"genes_{species}"] = gene_info(species)
    return contents


def small(cards: Iterable[Card] = CARDS) -> tuple[Card, ...]:
    """The cards, but content with few rows."""
    return tuple(replace(card, fewest=min(card.fewest, 2)) for card in cards)


def on_mirror(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Contents by the path at which a mirror has them."""
    return {f"/{card.name}/{card.file}": contents[card.name] for card in CARDS if card.name in contents}
