"""Readers of RNA counts on twins of what the programs write: real headers, invented values."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.readers import READERS, RawMatrix
from organokine.readers.assay import read_assay
from organokine.readers.rnaseq.names import sample_names
from organokine.readers.rnaseq.star import strand_of
from organokine.readers.rnaseq.transcripts import length_scaled_counts
from organokine.readers.sniff import sniff
from organokine.study_file import AssaySection

TWINS = Path(__file__).resolve().parents[1] / "twins" / "rnaseq"
SAMPLES = ["young_1", "young_2", "old_1", "old_2"]
COUNTS = pd.DataFrame(
    [[1520, 1604, 1388, 1290], [310, 295, 602, 640], [0, 2, 14, 9], [88000, 91250, 87004, 90011], [3, 0, 1, 0]],
    columns=SAMPLES,
)
TWIN_OF = {
    "featurecounts.txt": "featurecounts",
    "star": "star",
    "star_merged.tsv": "star",
    "star/old_1/old_1ReadsPerGene.out.tab": "star",
    "htseq": "htseq",
    "htseq_merged.tsv": "htseq",
    "htseq/old_1.counts.txt": "htseq",
    "nfcore": "nfcore",
    "nfcore/salmon.merged.gene_counts.tsv": "nfcore",
    "salmon": "salmon",
    "kallisto": "kallisto",
}


def section(file: str, **keys: object) -> AssaySection:
    keys = {"transcripts": "tx2gene.tsv", "modality": "rna"} | keys
    return AssaySection(name="a", organ="muscle", file=file, **keys)


def read(file: str, known: list[str] | None = None, folder: Path = TWINS, **keys: object) -> RawMatrix:
    return read_assay(folder, section(file, **keys), "mouse", known)


def items(table: RawMatrix) -> dict[str, int]:
    return {count.item: count.n for count in table.counts}


def example(table: RawMatrix, item: str) -> str:
    return next(count.example for count in table.counts if count.item == item)


@pytest.mark.parametrize(("file", "reader"), TWIN_OF.items())
def test_a_twin_is_claimed_by_its_reader_alone_and_read_as_counts(file, reader):
    sniffed = sniff(TWINS / file)
    assert [name for name, card in READERS.items() if name != "matrix" and card.detect(sniffed)] == [reader]
    table = read(file)
    assert (table.reader, table.scale) == (reader, "counts")
    assert table.engine != ""
    assert table.values.index.is_unique
    assert table.values.index.equals(table.features.index)
    assert not table.values.isna().any(axis=None)
    assert set(table.values.columns) <= set(SAMPLES)
    assert "Anxa2" in table.features["gene"].to_list()


@pytest.mark.parametrize("file", ["featurecounts.txt", "htseq_merged.tsv", "star_merged.tsv"])
def test_tables_hold_the_counts_of_the_file(file):
    np.testing.assert_array_equal(read(file).values[SAMPLES], COUNTS)


def test_featurecounts_says_its_version_and_knows_samples_by_the_stem_of_the_alignment():
    table = read("featurecounts.txt", known=["old_1", "young_2", "other"])
    assert table.values.columns.to_list() == ["young_2", "old_1"]
    assert (table.engine, table.version) == ("featureCounts", "2.0.6")
    assert items(table)["columns without a row in the sheet"] == 2
    assert items(table)["symbols that are identifiers"] == 1


def test_featurecounts_of_exons_is_refused(tmp_path):
    text = (TWINS / "featurecounts.txt").read_text(encoding="utf-8")
    (tmp_path / "c.txt").write_text(text + text.splitlines()[-1] + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"1 genes stand on several lines, first 'ENSMUSG00000099999\.2'"):
        read("c.txt", folder=tmp_path)


def test_counts_of_reads_are_no_protein_assay():
    with pytest.raises(DataError, match="modality = 'protein'"):
        read("featurecounts.txt", modality="protein")


def test_summary_rows_are_removed_and_counted():
    for file, n in {"htseq": 5, "htseq_merged.tsv": 5, "star": 4, "star_merged.tsv": 4}.items():
        table = read(file)
        assert items(table)["summary rows removed"] == n
        assert table.values.index.str.startswith("ENSMUSG").all()


def test_a_compressed_table_is_known_by_its_last_rows_too(tmp_path):
    rows = "".join(f"Gene{number}\t{number}\n" for number in range(60_000))
    (tmp_path / "h.gz").write_bytes(gzip.compress(f"{rows}__no_feature\t5\n".encode()))
    (tmp_path / "plain.gz").write_bytes(gzip.compress(rows.encode()))
    assert READERS["htseq"].detect(sniff(tmp_path / "h.gz"))
    assert not READERS["htseq"].detect(sniff(tmp_path / "plain.gz"))


@pytest.mark.parametrize(
    ("forward", "reverse", "strand"),
    [(95, 5, "forward"), (4, 96, "reverse"), (52, 48, "unstranded"), (70, 30, None), (0, 0, None), (80, 20, "forward")],
)
def test_the_strand_is_told_by_the_share_of_reads(forward, reverse, strand):
    assert strand_of(forward, reverse) == strand


def test_star_takes_the_column_of_the_strand_it_finds_and_says_so():
    table = read("star", known=["old_1", "young_1"])
    assert example(table, "strand found") == "reverse"
    assert table.values.loc["ENSMUSG00000032231.8", ["young_1", "old_1"]].to_list() == [297, 577]
    assert items(table)["files without a row in the sheet"] == 2


def test_star_takes_a_declared_strand_and_says_what_the_counts_say():
    table = read("star", strand="unstranded")
    np.testing.assert_array_equal(table.values[SAMPLES], COUNTS)
    remark = next(remark for remark in table.remarks if remark.flag == "strand_contradicted")
    assert "4% to 4% (by sample)" in remark.detail


def test_star_refuses_an_ambiguous_strand(tmp_path):
    shutil.copytree(TWINS / "star", tmp_path / "star")
    file = tmp_path / "star" / "old_1" / "old_1ReadsPerGene.out.tab"
    rows = pd.read_csv(file, sep="\t", header=None)
    rows[2] = rows[3] // 2
    rows.to_csv(file, sep="\t", header=False, index=False)
    with pytest.raises(DataError, match=r"do not tell the strand.*'old_1: 33% forward'"):
        read("star", folder=tmp_path)
    assert read("star", folder=tmp_path, strand="reverse").values.shape == (5, 4)


def test_files_must_list_the_same_genes(tmp_path):
    shutil.copytree(TWINS / "star", tmp_path / "star")
    file = tmp_path / "star" / "young_2" / "young_2ReadsPerGene.out.tab"
    file.write_text("".join(file.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    with pytest.raises(DataError, match="old_1 and young_2 do not list the same rows: 1 are in one only"):
        read("star", folder=tmp_path)


def test_of_a_folder_the_length_scaled_counts_are_read_and_plain_ones_are_remarked_upon():
    scaled, plain = read("nfcore"), read("nfcore/salmon.merged.gene_counts.tsv")
    np.testing.assert_allclose(scaled.values[SAMPLES], COUNTS * 1.013, atol=1e-3)
    assert [remark.flag for remark in scaled.remarks if remark.scope == "assay"] == []
    remark = next(remark for remark in plain.remarks if remark.flag == "counts_not_length_scaled")
    assert "salmon.merged.gene_counts_length_scaled.tsv lies beside it" in remark.detail
    assert items(plain)["counts that are not whole"] > 0


def test_merged_abundances_are_refused(tmp_path):
    frame = pd.read_csv(TWINS / "nfcore" / "salmon.merged.gene_counts.tsv", sep="\t")
    frame[SAMPLES] = frame[SAMPLES] / frame[SAMPLES].sum() * 1e6
    frame.to_csv(tmp_path / "salmon.merged.gene_tpm.tsv", sep="\t", index=False)
    with pytest.raises(DataError, match="abundances"):
        read("salmon.merged.gene_tpm.tsv", folder=tmp_path)


def test_log2_values_with_the_header_of_nfcore_stay_with_the_matrix(tmp_path):
    frame = pd.read_csv(TWINS / "nfcore" / "salmon.merged.gene_counts.tsv", sep="\t")
    frame[SAMPLES] = np.log2(frame[SAMPLES] + 1)
    frame.to_csv(tmp_path / "t.tsv", sep="\t", index=False)
    assert read("t.tsv", folder=tmp_path).reader == "matrix"


def test_transcripts_are_counted_by_gene_and_those_without_one_are_counted():
    salmon, kallisto = read("salmon"), read("kallisto")
    pd.testing.assert_frame_equal(salmon.values, kallisto.values)
    assert sorted(salmon.values.columns) == ["old_1", "young_1"]
    assert items(salmon)["transcripts without a gene"] == 1
    # What each sample had in transcripts with a gene is what it has in genes.
    np.testing.assert_allclose(salmon.values[["young_1", "old_1"]].sum(), [1830.0, 2259.0])


def test_a_map_without_header_in_other_order_and_without_versions_is_understood(tmp_path):
    shutil.copytree(TWINS / "salmon", tmp_path / "salmon")
    frame = pd.read_csv(TWINS / "tx2gene.tsv", sep="\t")
    frame["transcript_id"] = frame["transcript_id"].str.split(".").str[0]
    frame[["gene_id", "transcript_id"]].to_csv(tmp_path / "map.tsv", sep="\t", header=False, index=False)
    table = read("salmon", folder=tmp_path, transcripts="map.tsv")
    pd.testing.assert_frame_equal(table.values, read("salmon").values)
    assert items(table)["transcripts respelt"] == 5


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("tx\tgene\nENSMUST00000034756.14\tA\nENSMUST00000034756.14\tB\n", "1 transcripts have several genes"),
        ("tx\tgene\nENST1\tA\n", "none of the 5 transcripts"),
    ],
)
def test_a_wrong_map_is_refused(rows, message, tmp_path):
    shutil.copytree(TWINS / "salmon", tmp_path / "salmon")
    (tmp_path / "map.tsv").write_text(rows, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read("salmon", folder=tmp_path, transcripts="map.tsv")


def test_salmon_needs_a_map():
    with pytest.raises(DataError, match=r'transcripts = "tx2gene\.tsv"'):
        read("salmon", transcripts=None)


def test_length_scaled_counts_agree_with_a_plain_calculation():
    rng = np.random.default_rng(3)
    gene = np.array(["b", "a", "b", "c", "a", "d"])
    abundance = rng.uniform(1, 100, (6, 3))
    abundance[3] = [5.0, 0.0, 7.0]  # gene c is absent from one sample
    abundance[5] = 0.0
    length = rng.uniform(200, 3000, (6, 3))
    counts = abundance * length * 0.01
    expected = np.zeros((4, 3))
    for row, name in enumerate("abcd"):
        mine = np.flatnonzero(gene == name)
        lengths = []
        for sample in range(3):
            total = sum(abundance[i, sample] for i in mine)
            if total > 0:
                lengths.append(sum(abundance[i, sample] * length[i, sample] for i in mine) / total)
        lengths += [float(np.prod(lengths)) ** (1 / len(lengths))] * (3 - len(lengths)) if len(lengths) > 0 else []
        for sample in range(3):
            expected[row, sample] = sum(abundance[i, sample] for i in mine) * (np.mean(lengths) if lengths else 0)
    expected *= counts.sum(axis=0) / expected.sum(axis=0)
    genes, scaled = length_scaled_counts(counts, abundance, length, gene)
    assert genes.tolist() == ["a", "b", "c", "d"]
    np.testing.assert_allclose(scaled, expected, rtol=1e-12)


def test_a_switch_of_isoforms_does_not_change_the_level_of_a_gene():
    gene = np.array(["switch", "switch", "other"])
    length = np.array([[500.0, 500.0], [4000.0, 4000.0], [1000.0, 1000.0]])
    abundance = np.array([[90.0, 10.0], [10.0, 90.0], [100.0, 100.0]])
    counts = abundance * length
    plain = counts[:2].sum(axis=0)
    assert plain[1] > 4 * plain[0]
    _, scaled = length_scaled_counts(counts, abundance, length, gene)
    other, switch = scaled
    np.testing.assert_allclose(switch[1] / other[1], switch[0] / other[0])


@pytest.mark.parametrize(
    ("written", "known", "expected"),
    [
        (["/d/s1.sorted.bam", r"C:\d\s2.bam"], None, ["s1", "s2"]),
        (["s1/quant.sf", "s2_quant/quant.sf"], None, ["s1", "s2"]),
        (["s1/Aligned.sortedByCoord.out.bam", "s2/Aligned.sortedByCoord.out.bam"], None, ["s1", "s2"]),
        (["run/s1.counts.txt.gz"], None, ["s1"]),
        (["s1.sorted.bam", "s2.bam"], ["s1.sorted", "s2.bam"], ["s1.sorted", "s2.bam"]),
        (["p/s1/x/quant.sf", "p/s2/x/quant.sf"], ["s1"], ["s1", "s2"]),
        (["x.bam", "x.bam"], None, ["x.bam", "x.bam"]),
    ],
)
def test_samples_are_known_by_what_programs_did_not_add(written, known, expected):
    assert sample_names(written, known) == expected


def test_two_files_of_one_sample_are_refused(tmp_path):
    for name in ("s1.txt", "s1.tsv"):
        shutil.copy(TWINS / "htseq" / "old_1.counts.txt", tmp_path / name)
    with pytest.raises(DataError, match="1 samples stand more than once among the files: 's1'"):
        read_assay(tmp_path.parent, section(tmp_path.name), "mouse", ["s1"])


def test_a_sheet_of_other_samples_is_refused():
    with pytest.raises(DataError, match=r"none of the 1 samples of the sample sheet \('m9'\) is among the columns"):
        read("featurecounts.txt", known=["m9"])


def test_symbols_come_from_the_file_of_features_with_or_without_versions(tmp_path):
    shutil.copy(TWINS / "star_merged.tsv", tmp_path / "c.tsv")
    (tmp_path / "f.tsv").write_text(
        "id\tsymbol\nENSMUSG00000032231\tAnxa2\nENSMUSG00000000001\tGnai3\n", encoding="utf-8"
    )
    table = read("c.tsv", folder=tmp_path, features="f.tsv")
    assert items(table)["features without annotation"] == 3
    assert table.features["gene"].to_list()[:2] == ["Gnai3", "Anxa2"]


def damaged(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else [folder]


def cut(text: str) -> str:
    return text[: int(len(text) * 0.7)]


def renamed(text: str) -> str:
    return text.replace("Geneid", "Gene").replace("gene_id", "Id").replace("TPM", "tpm2").replace("eff_length", "len")


def repeated(text: str) -> str:
    return "\n".join(f"{line}\t{line.split(chr(9))[-1]}" for line in text.splitlines())


def reordered(text: str) -> str:
    return "\n".join("\t".join(reversed(line.split("\t"))) for line in text.splitlines())


def wrong_type(text: str) -> str:
    lines = text.splitlines()
    return "\n".join([*lines[:-1], lines[-1].rpartition("\t")[0] + "\tmany"])


def empty(text: str) -> str:
    return ""


@pytest.mark.parametrize("damage", [cut, renamed, repeated, reordered, wrong_type, empty])
@pytest.mark.parametrize("file", TWIN_OF)
@pytest.mark.parametrize("is_declared", [False, True])
def test_damaged_files_are_read_or_refused_and_never_break(file, damage, is_declared, tmp_path):
    shutil.copytree(TWINS, tmp_path, dirs_exist_ok=True)
    for path in damaged(tmp_path / file):
        path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    try:
        table = read(file, folder=tmp_path, format=TWIN_OF[file] if is_declared else "auto")
    except DataError as error:
        assert str(error) != ""  # noqa: PT017  either outcome is right
    else:
        assert table.values.index.is_unique


@pytest.mark.parametrize("reader", sorted({*TWIN_OF.values()}))
def test_an_absent_path_is_a_message(reader, tmp_path):
    with pytest.raises(DataError):
        read("nothing", folder=tmp_path, format=reader)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(DataError):
        read("nothing", folder=tmp_path, format=reader)


@pytest.mark.public
def test_a_plain_matrix_of_counts_is_claimed_by_no_reader_of_rna(shared_data):
    for path in sorted((shared_data / "motrpac_rat_training").glob("*rnaseq_counts.*.tsv.gz")):
        sniffed = sniff(path)
        assert next(name for name, card in READERS.items() if card.detect(sniffed)) == "matrix"
