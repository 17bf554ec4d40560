"""Transcripts to genes: the map between them, and counts of genes from abundances and lengths of transcripts."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.annotation import simple_name
from organokine.readers.base import Count
from organokine.readers.grid import read_grid
from organokine.readers.rnaseq.tables import without_version


class TranscriptMap(NamedTuple):
    """Gene of each transcript of a quantification; `gene` is empty where the map knows none."""

    gene: np.ndarray
    symbols: pd.Series
    counts: list[Count]


def read_transcript_map(path: Path, transcripts: pd.Index, where: str) -> TranscriptMap:
    """Read the table of transcript and gene, and look the transcripts of a quantification up in it.

    Parameters
    ----------
    path : pathlib.Path
        The table, with or without a header. The column that knows most transcripts is theirs; the gene is the next one with
        `gene` in its name, else the first other one; a further column of symbols is used.
    transcripts : pandas.Index
        Transcripts of the quantification. What no spelling finds is looked up without what follows `|` (FASTA of GENCODE) and
        then without its version.
    where : str
        What to call the table in messages.

    Returns
    -------
    TranscriptMap
        `gene` (n_transcripts,), `symbols` by gene (empty if the table has none), and what was counted.

    Raises
    ------
    DataError
        If no transcript is in the table, or one has several genes.
    """
    grid = read_grid(path, where)
    rows = pd.concat([pd.DataFrame([dict(zip(grid.header, grid.header, strict=True))]), grid.body], ignore_index=True)
    rows = rows.apply(lambda column: column.str.strip())
    spelt, column, note = _spelling(rows, transcripts.to_series().astype(str), where)
    gene_column, symbol_column = _columns(rows, column)
    known = rows.assign(_key=_respelt(rows[column], note)).drop_duplicates(["_key", gene_column])
    repeated = known["_key"][known["_key"].duplicated()].unique()
    if len(repeated) > 0:
        what = f"{len(repeated)} transcripts have several genes, first {first_examples(repeated)}"
        raise DataError(Problem(where, what, "Their reads would count twice", "Keep one gene per transcript"))
    gene = spelt.map(known.set_index("_key")[gene_column]).fillna("").to_numpy(dtype=object)
    symbols = pd.Series(dtype=object)
    if symbol_column is not None:
        symbols = known.drop_duplicates(gene_column).set_index(gene_column)[symbol_column]
    counts = [] if note == "" else [Count("transcripts respelt", len(spelt), len(spelt), str(spelt.iloc[0]), note)]
    return TranscriptMap(gene, symbols, counts)


def length_scaled_counts(
    counts: np.ndarray, abundance: np.ndarray, length: np.ndarray, gene: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Counts of genes from abundances, scaled by the average length of each gene over samples and by library size.

    The abundance of a gene is the sum over its transcripts. Its length in a sample is their mean effective length weighted by
    abundance, so a change of isoforms changes it, and plain sums of counts with it. Abundance times the mean length over
    samples is free of that; each sample is then scaled back to the reads it had.

    Parameters
    ----------
    counts, abundance, length : numpy.ndarray
        (n_transcripts, n_samples) estimated reads, TPM, and effective length in bases.
    gene : numpy.ndarray
        (n_transcripts,) gene of each transcript.

    Returns
    -------
    tuple
        Genes, sorted; and (n_genes, n_samples) counts, not whole; the sum of each sample is that of `counts`.

    References
    ----------
    Soneson, Love & Robinson 2015, doi 10.12688/f1000research.7563.2
    """
    genes, row = np.unique(gene.astype(str), return_inverse=True)
    abundances = _sums(abundance, row, len(genes))
    with np.errstate(invalid="ignore", divide="ignore"):
        lengths = _sums(abundance * length, row, len(genes)) / abundances
        n_seen = np.isfinite(lengths).sum(axis=1, keepdims=True)
        # A sample without the gene tells nothing of its length: it has the geometric mean of the others.
        typical = np.exp(np.where(np.isfinite(lengths), np.log(lengths), 0.0).sum(axis=1, keepdims=True) / n_seen)
        lengths = np.where(np.isfinite(lengths), lengths, typical)
        scaled = abundances * np.where(n_seen > 0, lengths.mean(axis=1, keepdims=True), 0.0)
        factor = _sums(counts, row, len(genes)).sum(axis=0) / scaled.sum(axis=0)
    return genes, scaled * np.where(np.isfinite(factor), factor, 0.0)


def _sums(values: np.ndarray, row: np.ndarray, n_rows: int) -> np.ndarray:
    return np.column_stack([np.bincount(row, weights=column, minlength=n_rows) for column in values.T])


def _respelt(names: pd.Series, note: str) -> pd.Series:
    return names if note == "" else without_version(names.str.split("|").str[0])


def _spelling(rows: pd.DataFrame, transcripts: pd.Series, where: str) -> tuple[pd.Series, str, str]:
    """Transcripts as the map spells them, its column of transcripts, and a note if they were respelt."""
    for note in ("", "looked up without what follows | and without the version"):
        spelt = _respelt(transcripts, note)
        matches = {str(name): int(spelt.isin(_respelt(rows[name], note)).sum()) for name in rows.columns}
        best = max(matches, key=lambda name: matches[name])
        if matches[best] > 0:
            return spelt, best, note
    what = (
        f"none of the {len(transcripts)} transcripts ({first_examples(transcripts, 2)}) is in the table "
        f"({first_examples(rows.iloc[1:, 0], 2)})"
    )
    raise DataError(
        Problem(where, what, "Their reads belong to no gene", "Give the map of the annotation that was quantified")
    )


def _columns(rows: pd.DataFrame, transcripts: str) -> tuple[str, str | None]:
    """Columns of gene and symbol."""
    others = [str(name) for name in rows.columns if name != transcripts]
    identifiers = [name for name in others if simple_name(name) in {"geneid", "gene", "ensgene", "genes"}]
    gene = identifiers[0] if len(identifiers) > 0 else others[0]
    symbols = [name for name in others if simple_name(name) in {"genename", "symbol", "genesymbol"} and name != gene]
    return gene, symbols[0] if len(symbols) > 0 else None
