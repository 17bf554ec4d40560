"""Tables of proteins as search engines write them: one module per engine says what its columns are, one reads them all."""

from __future__ import annotations

from organokine.readers.base import Reader
from organokine.readers.search_engines.alphadia_proteins import is_alphadia_proteins, read_alphadia_proteins
from organokine.readers.search_engines.diann_genes import is_diann_genes, read_diann_genes
from organokine.readers.search_engines.diann_proteins import is_diann_proteins, read_diann_proteins
from organokine.readers.search_engines.fragpipe_proteins import is_fragpipe_proteins, read_fragpipe_proteins
from organokine.readers.search_engines.maxquant_proteins import is_maxquant_proteins, read_maxquant_proteins
from organokine.readers.search_engines.mztab_proteins import is_mztab, read_mztab_proteins
from organokine.readers.search_engines.proteome_discoverer import is_proteome_discoverer, read_proteome_discoverer
from organokine.readers.search_engines.spectronaut_proteins import is_spectronaut_proteins, read_spectronaut_proteins

PROTEIN_READERS = (
    Reader("diann_proteins", "report.pg_matrix of DIA-NN 1.8 to 2: proteins", is_diann_proteins, read_diann_proteins),
    Reader(
        "diann_genes",
        "report.gg_matrix or unique_genes_matrix of DIA-NN: genes",
        is_diann_genes,
        read_diann_genes,
    ),
    Reader("maxquant", "proteinGroups.txt of MaxQuant: proteins", is_maxquant_proteins, read_maxquant_proteins),
    Reader("fragpipe", "combined_protein.tsv of FragPipe: proteins", is_fragpipe_proteins, read_fragpipe_proteins),
    Reader(
        "spectronaut_proteins",
        "run pivot report of Spectronaut: proteins",
        is_spectronaut_proteins,
        read_spectronaut_proteins,
    ),
    Reader("alphadia_proteins", "pg.matrix of AlphaDIA: proteins", is_alphadia_proteins, read_alphadia_proteins),
    Reader(
        "proteome_discoverer",
        "proteins of Proteome Discoverer, text or xlsx",
        is_proteome_discoverer,
        read_proteome_discoverer,
    ),
    Reader("mztab", "section of proteins of mzTab 1.0", is_mztab, read_mztab_proteins),
)
