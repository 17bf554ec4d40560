"""Folders of Salmon (`quant.sf`) and kallisto (`abundance.tsv`): transcripts by sample, counted by gene."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count, RawTable
from organokine.readers.known_samples import keep_known
from organokine.readers.rnaseq.files import files_that, numbers_of, text_columns
from organokine.readers.rnaseq.names import sample_names
from organokine.readers.rnaseq.nfcore import is_nfcore
from organokine.readers.rnaseq.tables import gene_table, together
from organokine.readers.rnaseq.transcripts import TranscriptMap, length_scaled_counts, read_transcript_map
from organokine.readers.sniff import sniff

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection


class Quantifier(NamedTuple):
    """A program that quantifies transcripts, and its columns."""

    name: str
    transcript: str
    length: str
    abundance: str
    reads: str

    def wrote(self, cells: list[str]) -> bool:
        """Whether these are the cells of its header."""
        return set(self[1:]) <= set(cells)


SALMON = Quantifier("Salmon", "Name", "EffectiveLength", "TPM", "NumReads")
KALLISTO = Quantifier("kallisto", "target_id", "eff_length", "tpm", "est_counts")


def is_quantified_by(program: Quantifier) -> Callable[[Sniffed], bool]:
    """Test for a folder (or one file) of a program."""

    def is_quantified(sniffed: Sniffed) -> bool:
        if sniffed.kind == "folder":
            return len(files_that(sniffed.path, sniffed.files, program.wrote)) > 0 and not is_nfcore(sniffed)
        return sniffed.kind == "text" and program.wrote(list(sniffed.header))

    return is_quantified


def reader_of(
    program: Quantifier,
) -> Callable[[Path, AssaySection, Path, Collection[str] | None, str], RawTable]:
    """Reader of the folders of a program; see `read_quantified`."""

    def read(path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str) -> RawTable:
        return read_quantified(program, path, assay, folder, known, where)

    return read


def read_quantified(
    program: Quantifier, path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read transcripts of all samples, and count by gene.

    Parameters
    ----------
    program : Quantifier
        Salmon or kallisto.
    path, assay, folder, known, where
        As of every reader; see `Reader`. `transcripts` of the assay is the table of transcript and gene.

    Returns
    -------
    RawTable
        Length-scaled counts; see `length_scaled_counts`. Transcripts without a gene are left out and counted.

    Raises
    ------
    DataError
        With what is wrong with the files or the map of transcripts.
    """
    if assay.transcripts is None:
        what = f"{program.name} quantifies transcripts, and no table says which gene each belongs to"
        remedy = 'Write transcripts = "tx2gene.tsv" into the assay: a table of transcript and gene'
        raise DataError(Problem(where, what, "Genes are compared, not transcripts", remedy))
    if path.is_dir():
        written = files_that(path, sniff(path).files, program.wrote)
        paths = [path / name for name in written]
    else:
        written, paths = [f"{path.absolute().parent.name}/{path.name}"], [path]
    names = sample_names(written, known)
    kept, counts = keep_known(names, known, "files", where)
    tables = {names[position]: _one_sample(program, paths[position], where) for position in kept}
    count, abundance, length = (
        together({name: table[column] for name, table in tables.items()}, where)
        for column in (program.reads, program.abundance, program.length)
    )
    beside = f"{where} transcripts"
    genes_of = read_transcript_map(folder / assay.transcripts, count.index, beside)
    has_gene = genes_of.gene != ""
    counts = [*counts, *genes_of.counts, *_without_gene(count, has_gene)]
    genes, numbers = length_scaled_counts(
        count.to_numpy()[has_gene],
        abundance.to_numpy()[has_gene],
        length.to_numpy()[has_gene],
        genes_of.gene[has_gene],
    )
    counts.append(_method(len(genes), int(has_gene.sum())))
    values = pd.DataFrame(numbers, index=pd.Index(genes, dtype=object), columns=count.columns)
    return gene_table(values, _symbols(genes_of, genes), assay, folder, where, counts=counts, engine=program.name)


def _one_sample(program: Quantifier, path: Path, where: str) -> pd.DataFrame:
    text = text_columns(path, where)
    place = f"{where} {path.parent.name}/{path.name}"
    header = [str(name).strip() for name in text.iloc[0]]
    problems = []
    for name in program[1:]:
        if header.count(name) != 1:
            what = f"there are {header.count(name)} columns {name!r}"
            problems.append(Problem(place, what, f"{program.name} writes one", "Give the file as it was written"))
    if len(problems) > 0:
        raise DataError(problems)
    columns = {name: text.iloc[1:, header.index(name)] for name in program[1:]}
    index = pd.Index(columns[program.transcript].str.strip(), dtype=object)
    return pd.DataFrame({name: numbers_of(columns[name], place, name) for name in program[2:]}, index=index)


def _without_gene(count: pd.DataFrame, has_gene: np.ndarray) -> list[Count]:
    if has_gene.all():
        return []
    lost = count[~has_gene]
    total = float(count.to_numpy().sum())
    share = float(lost.to_numpy().sum()) / total if total > 0 else 0.0
    note = f"not in the map of transcripts: left out, with {share:.2%} of the reads"
    return [Count("transcripts without a gene", len(lost), len(count), first_examples(lost.index), note)]


def _method(n_genes: int, n_transcripts: int) -> Count:
    note = "counts from abundances, scaled by mean length and library size (doi 10.12688/f1000research.7563.2)"
    return Count("transcripts counted by gene", n_transcripts, None, f"{n_genes} genes", note)


def _symbols(genes_of: TranscriptMap, genes: np.ndarray) -> pd.DataFrame:
    if len(genes_of.symbols) == 0:
        return pd.DataFrame(index=pd.RangeIndex(len(genes)))
    return genes_of.symbols.reindex(genes).fillna("").rename("gene_name").reset_index(drop=True).to_frame()
