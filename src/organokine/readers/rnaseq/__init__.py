"""Counts of RNA reads as quantification programs write them: featureCounts, HTSeq, STAR, Salmon, kallisto, nf-core/rnaseq."""

from __future__ import annotations

from organokine.readers.base import Reader
from organokine.readers.rnaseq.featurecounts import is_featurecounts, read_featurecounts
from organokine.readers.rnaseq.htseq import is_htseq, read_htseq
from organokine.readers.rnaseq.nfcore import is_nfcore, read_nfcore
from organokine.readers.rnaseq.quantification import KALLISTO, SALMON, is_quantified_by, reader_of
from organokine.readers.rnaseq.star import is_star, read_star

RNA_READERS = (
    Reader(
        "featurecounts", "counts of featureCounts, columns named by alignments", is_featurecounts, read_featurecounts
    ),
    Reader("star", "a folder of STAR ReadsPerGene files, one per sample, or one table of them", is_star, read_star),
    Reader("htseq", "a folder of htseq-count files, one per sample, or one table of them", is_htseq, read_htseq),
    Reader("nfcore", "merged gene counts of nf-core/rnaseq, or the folder that holds them", is_nfcore, read_nfcore),
    Reader(
        "salmon",
        "a folder of Salmon, quant.sf per sample, with a table of transcript and gene",
        is_quantified_by(SALMON),
        reader_of(SALMON),
    ),
    Reader(
        "kallisto",
        "a folder of kallisto, abundance.tsv per sample, with a table of transcript and gene",
        is_quantified_by(KALLISTO),
        reader_of(KALLISTO),
    ),
)
