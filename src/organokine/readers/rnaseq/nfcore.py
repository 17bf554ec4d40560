"""Gene counts that nf-core/rnaseq merges over its samples: `salmon.merged.gene_counts*.tsv`, or the folder that holds them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from organokine.errors import DataError, Problem
from organokine.readers.base import Count, RawTable, Remark
from organokine.readers.matrix import read_matrix
from organokine.readers.rnaseq.files import first_cells
from organokine.readers.rnaseq.htseq import is_htseq
from organokine.readers.rnaseq.star import is_star
from organokine.readers.rnaseq.tables import without_identifiers
from organokine.readers.sniff import sniff

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

HEADER = ["gene_id", "gene_name"]
LENGTH_SCALED = "length_scaled"
_LEAST_LARGEST = 100.0  # the first thousand genes of any library hold a larger count; no logarithm of one reaches it


def is_nfcore(sniffed: Sniffed) -> bool:
    """A text headed gene_id, gene_name and samples, with counts of which some are zero; or a folder with such files.

    Two columns of that name are no proof, so the first rows must look like counts: never negative, some zero, some large.
    """
    if sniffed.kind == "folder":
        return len(_merged(sniffed.path, sniffed.files)) > 0
    if sniffed.kind != "text" or list(sniffed.header[:2]) != HEADER or len(sniffed.header) < 3:
        return False
    cells = [cell for line in sniffed.lines[1:-1] for cell in line.split("\t")[2:]]
    try:
        numbers = np.array(cells or ["nan"], dtype=float)
    except ValueError:
        return False
    looks = bool((numbers >= 0).all() and (numbers == 0).any() and numbers.max() >= _LEAST_LARGEST)
    return looks and not is_star(sniffed) and not is_htseq(sniffed)


def read_nfcore(path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str) -> RawTable:
    """Read merged gene counts.

    Parameters
    ----------
    path, assay, folder, known, where
        As of every reader; see `Reader`. Of a folder the file of length-scaled counts is read if there is one.

    Returns
    -------
    RawTable
        Counts, which are not whole. Plain counts are read and remarked upon.

    Raises
    ------
    DataError
        With what is wrong with the table, or if it holds abundances (TPM).
    """
    counts = []
    if path.is_dir():
        found = _merged(path, sniff(path).files)
        if len(found) == 0:
            what = f"no file of {path.name} is headed {' and '.join(HEADER)}"
            raise DataError(
                Problem(where, what, "There are no merged counts to read", "Name the file of merged counts")
            )
        name = next((name for name in found if LENGTH_SCALED in name), found[0])
        counts.append(Count("files of merged counts", len(found), None, name, "the one named here is read"))
        path = path / name
    table = read_matrix(path, assay, folder, known, where)
    numbers = table.values.to_numpy()
    sums = np.nansum(numbers, axis=0)
    if numbers.shape[0] > 1 and bool((np.abs(sums - 1e6) < 1e3).all()):
        what = "every sample adds up to a million: these are abundances (TPM), not counts"
        remedy = (
            'Name the file of gene counts, best the length-scaled one; or write format = "matrix", scale = "linear"'
        )
        raise DataError(Problem(where, what, "Abundances have lost how many reads they rest on", remedy))
    remarks = table.remarks if LENGTH_SCALED in path.name else (*table.remarks, _plain(path, assay))
    gene, unnamed = without_identifiers(table.features["gene"])
    return replace(
        table,
        features=table.features.assign(gene=gene),
        counts=(*counts, *table.counts, *unnamed),
        remarks=remarks,
        engine="nf-core/rnaseq",
        scale="counts" if assay.modality == "rna" else table.scale,
    )


def _merged(folder: Path, files: Collection[str]) -> list[str]:
    """Files of merged gene counts; their header is also that of merged abundances, so the name decides."""
    return [
        name
        for name in files
        if "gene_counts" in name and name.endswith((".tsv", ".tsv.gz")) and first_cells(folder / name)[:2] == HEADER
    ]


def _plain(path: Path, assay: AssaySection) -> Remark:
    beside = sorted(file.name for file in path.parent.glob(f"*{LENGTH_SCALED}*"))
    hint = f": {beside[0]} lies beside it" if len(beside) > 0 else ""
    detail = (
        f"{path.name} holds counts that are not scaled by transcript length, so a gene that changes its isoforms may seem to "
        f"change its level; the length-scaled counts are preferred{hint}"
    )
    return Remark("assay", assay.name, "counts_not_length_scaled", detail)
