"""Counts by STAR: one `ReadsPerGene` file per sample with three countings of it, or one table that was made from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count, RawTable, Remark
from organokine.readers.known_samples import keep_known
from organokine.readers.rnaseq.files import files_that, first_cells, numbers_of, text_columns
from organokine.readers.rnaseq.names import sample_names
from organokine.readers.rnaseq.tables import gene_table, merged_table, summary_count, together
from organokine.readers.sniff import sniff

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

Strand = Literal["unstranded", "forward", "reverse"]
SUMMARY = ("N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous")
COLUMN: dict[str, int] = {"unstranded": 1, "forward": 2, "reverse": 3}
"""Column of a `ReadsPerGene` file, from 0: reads of either strand, first read on the strand of the RNA, second read on it."""


def is_star(sniffed: Sniffed) -> bool:
    """A text or a folder of texts whose first rows are the counters of STAR."""
    if sniffed.kind == "folder":
        return len(files_that(sniffed.path, sniffed.files, _is_one_sample)) > 0
    return sniffed.kind == "text" and any(
        line.split("\t")[0].strip().strip('"') in SUMMARY for line in sniffed.lines[:6]
    )


def read_star(path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str) -> RawTable:
    """Read a folder of `ReadsPerGene` files, one of them, or one table with a column per sample.

    Parameters
    ----------
    path, assay, folder, known, where
        As of every reader; see `Reader`. `strand` of the assay chooses the column of `ReadsPerGene` files; if it is not
        given, `strand_of` does.

    Returns
    -------
    RawTable
        Counts of genes; the four rows of counters are removed and counted.

    Raises
    ------
    DataError
        With what is wrong with the files, or if the strand cannot be told from the counts.
    """
    if path.is_dir():
        found = files_that(path, sniff(path).files, _is_one_sample)
        written, paths = found, [path / name for name in found]
    elif _is_one_sample(first_cells(path)):
        written, paths = [f"{path.absolute().parent.name}/{path.name}"], [path]
    else:
        return merged_table(path, assay, folder, known, where, engine="STAR", summary=SUMMARY)
    names = sample_names(written, known)
    kept, counts = keep_known(names, known, "files", where)
    tables = {names[position]: _one_sample(paths[position], where) for position in kept}
    strand, strand_count, remarks = _strand(tables, assay, where)
    columns = {name: table[strand] for name, table in tables.items()}
    values = together(columns, where)
    is_summary = values.index.isin(SUMMARY)
    counts = [*counts, *summary_count(values.index[is_summary].to_series(), len(values)), strand_count]
    values = values[~is_summary]
    nothing = pd.DataFrame(index=values.index)
    return gene_table(values, nothing, assay, folder, where, counts=counts, remarks=remarks, engine="STAR")


def strand_of(forward: float, reverse: float, stranded: float = 0.8, unstranded: float = 0.1) -> Strand | None:
    """Tell the strand of a library from its reads in genes.

    Parameters
    ----------
    forward, reverse : float
        Reads in genes when the first read, or the second, must lie on the strand of the RNA.
    stranded : float
        Share of both from which a library is taken for stranded. The default is that of nf-core/rnaseq
        (`--stranded_threshold`).
    unstranded : float
        Largest difference between the shares at which it is taken for unstranded (`--unstranded_threshold` there).

    Returns
    -------
    str or None
        None if the counts do not tell.
    """
    total = forward + reverse
    if total == 0:
        return None
    if forward >= stranded * total:
        return "forward"
    if reverse >= stranded * total:
        return "reverse"
    return "unstranded" if abs(forward - reverse) <= unstranded * total else None


def _is_one_sample(cells: list[str]) -> bool:
    return cells[0:1] == [SUMMARY[0]] and len(cells) == 4 and all(cell.isdigit() for cell in cells[1:])


def _one_sample(path: Path, where: str) -> pd.DataFrame:
    text = text_columns(path, where)
    if text.shape[1] != 4:
        what = f"{path.name} has {text.shape[1]} columns, not gene, unstranded, forward and reverse"
        raise DataError(Problem(where, what, "The counts cannot be told apart", "Give the file as STAR wrote it"))
    place = f"{where} {path.name}"
    numbers = {strand: numbers_of(text[column], place, strand) for strand, column in COLUMN.items()}
    return pd.DataFrame(numbers, index=pd.Index(text[0].str.strip(), dtype=object))


def _strand(tables: Mapping[str, pd.DataFrame], assay: AssaySection, where: str) -> tuple[Strand, Count, list[Remark]]:
    shares: dict[str, float] = {}
    found: dict[str, Strand | None] = {}
    for name, table in tables.items():
        genes = table[~table.index.isin(SUMMARY)]
        forward, reverse = float(genes["forward"].sum()), float(genes["reverse"].sum())
        found[name] = strand_of(forward, reverse)
        shares[name] = forward / (forward + reverse) if forward + reverse > 0 else np.nan
    all_shares = [share for share in shares.values() if not np.isnan(share)]
    seen = f"{min(all_shares):.0%} to {max(all_shares):.0%}" if len(all_shares) > 0 else "none"
    note = f"of the reads that lie in a gene on one strand, {seen} (by sample) have the first read on that of the RNA"
    told = {strand for name, strand in found.items() if not np.isnan(shares[name])}
    if assay.strand is not None:
        others = [name for name, strand in found.items() if strand not in (assay.strand, None)]
        detail = (
            f"strand = {assay.strand!r} is declared, and the counts of {first_examples(others)} say otherwise: {note}"
        )
        remarks = [Remark("assay", assay.name, "strand_contradicted", detail)] if len(others) > 0 else []
        return assay.strand, Count("strand declared", len(tables), None, assay.strand, note), remarks
    strand = told.pop() if len(told) == 1 else None
    if strand is not None:
        return strand, Count("strand found", len(tables), None, strand, f"{note}; set `strand` if this is wrong"), []
    shown = first_examples(f"{name}: {share:.0%} forward" for name, share in shares.items())
    what = f"the counts do not tell the strand of the library alike for all samples ({shown})"
    why = "With the wrong column most reads are lost, or reads of the gene on the other strand are counted"
    raise DataError(Problem(where, what, why, 'Write strand = "unstranded", "forward" or "reverse" into the assay'))
