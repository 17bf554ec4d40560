"""The cards of all readers of precursors, specific ones first."""

from __future__ import annotations

from organokine.readers.base import Reader
from organokine.readers.precursors.diann import is_diann, read_diann
from organokine.readers.precursors.diann_folder import is_diann_folder, read_diann_folder
from organokine.readers.precursors.long_engines import (
    is_alphadia,
    is_msstats,
    is_raw_precursors,
    read_alphadia,
    read_msstats,
    read_raw_precursors,
)
from organokine.readers.precursors.maxquant import is_evidence, read_evidence
from organokine.readers.precursors.spectronaut import is_spectronaut, read_spectronaut
from organokine.readers.precursors.wide_engines import (
    is_alphadia_matrix,
    is_diann_matrix,
    is_fragpipe_ion,
    is_peaks,
    is_sage,
    read_alphadia_matrix,
    read_diann_matrix,
    read_fragpipe_ion,
    read_peaks,
    read_sage,
)

PRECURSOR_READERS = (
    Reader("diann", "report of DIA-NN 1.8, 1.9 (tsv) or 2 (Parquet): precursors", is_diann, read_diann),
    Reader("diann_matrix", "report.pr_matrix of DIA-NN: precursors, wide", is_diann_matrix, read_diann_matrix),
    Reader(
        "diann_folder",
        "a folder of DIA-NN, such as diann-output of FragPipe: its report, else a matrix of it",
        is_diann_folder,
        read_diann_folder,
    ),
    Reader("spectronaut", "long report of Spectronaut: precursors or fragments", is_spectronaut, read_spectronaut),
    Reader("maxquant_evidence", "evidence.txt of MaxQuant: features", is_evidence, read_evidence),
    Reader("fragpipe_ion", "combined_ion.tsv of FragPipe: precursors", is_fragpipe_ion, read_fragpipe_ion),
    Reader("sage", "lfq.tsv of Sage: precursors", is_sage, read_sage),
    Reader("alphadia", "precursors of AlphaDIA 1 or 2, long", is_alphadia, read_alphadia),
    Reader("alphadia_matrix", "precursor matrix of AlphaDIA, wide", is_alphadia_matrix, read_alphadia_matrix),
    Reader("peaks", "lfq.dia.features.csv of PEAKS: features", is_peaks, read_peaks),
    Reader("msstats", "long format of MSstats, as quantms writes it", is_msstats, read_msstats),
    Reader(
        "raw_precursors",
        "precursors.parquet or .tsv of `organokine raw run`: precursors",
        is_raw_precursors,
        read_raw_precursors,
    ),
)
