from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.readers import READERS, RawTable
from organokine.readers.assay import read_assay
from organokine.readers.sniff import sniff
from organokine.study_file import AssaySection

TWINS = Path(__file__).resolve().parents[1] / "twins" / "proteins"
SAMPLES = ["young_1", "young_2", "old_1", "old_2"]
NAN = np.nan
LFQ = [[8.1e6, 8.2e6, 1.6e7, 1.7e7], [2.5e6, 2.6e6, NAN, 2.4e6], [NAN, NAN, 9e5, 9.5e5]]
DIA = [[380503, 401220.5, 812044, NAN], [NAN, 2.25e6, NAN, 1.5e6], [NAN, NAN, 55012.25, 61000]]
ALPHA = [[380503.5, 401220.25, 812044.75, NAN], [NAN, 2250000.5, NAN, 1500000.125], [NAN, NAN, 55012.25, 61000.5]]

# file: reader, engine, version, values, genes, proteins, precursors, rows left out
EXPECTED = {
    "diann_1.8.pg_matrix.tsv": (
        "diann_proteins", "DIA-NN", "1.x", DIA, ["Anxa2", "Apoe;Gm123", ""], [NAN] * 3, {"contaminants": 1},
    ),
    "diann_2.1.pg_matrix.tsv": (
        "diann_proteins", "DIA-NN", "2.1 or later", DIA, ["Anxa2", "Apoe;Gm123", "Gfap"], [12, 5, 1], {},
    ),
    "maxquant.proteinGroups.txt": (
        "maxquant", "MaxQuant", "", LFQ, ["Anxa2", "Apoe;Apoe2", ""], [13, 6, 2],
        {"decoys": 1, "contaminants": 1, "proteins only identified by site": 1, "zeros taken as missing": 3},
    ),
    "fragpipe_new.combined_protein.tsv": (
        "fragpipe", "FragPipe", "", LFQ[:2], ["Anxa2", "Apoe"], [14, 6],
        {"decoys": 1, "contaminants": 1, "zeros taken as missing": 1},
    ),
    "fragpipe_old.combined_protein.tsv": (
        "fragpipe", "FragPipe", "", LFQ[:2], ["Anxa2", "Apoe"], [14, 6], {"zeros taken as missing": 1},
    ),
    "spectronaut_pivot.tsv": (
        "spectronaut_proteins", "Spectronaut", "", ALPHA, ["Anxa2", "Apoe;Gm123", "Gfap"], [13, 5, 2],
        {"decimal commas": 7, "marks of missing values": 5, "precursors from runs": 4},
    ),
    "alphadia.pg.matrix.tsv": (
        "alphadia_proteins", "AlphaDIA", "", ALPHA, ["", "", ""], [NAN] * 3, {"zeros taken as missing": 5, "no gene column": 3},
    ),
    "proteome_discoverer.Proteins.txt": (
        "proteome_discoverer", "Proteome Discoverer", "", LFQ, ["Anxa2", "Apoe", "Gfap"], [14, 6, 2],
        {"contaminants": 1, "proteins that are not the master of their group": 1},
    ),
    "quantms.mzTab": (
        "mztab", "TOPP software", "3.1.0", LFQ[:2], ["Anxa2", "Apoe;Gm123"], [14, 6],
        {"decoys": 1, "rows of group members": 2, "genes from FASTA headers": 2, "marks of missing values": 1},
    ),
}  # fmt: skip


def section(file: str, **keys: object) -> AssaySection:
    return AssaySection(name="a", organ="muscle", modality="protein", file=file, **keys)


def read(path: Path, known: Sequence[str] | None = None, **keys: object) -> RawTable:
    first = next(reader for reader in READERS.values() if reader.detect(sniff(path)))
    return first.read(path, section(path.name, **keys), path.parent, known, "t")


def items(table: RawTable) -> dict[str, int]:
    return {count.item: count.n for count in table.counts}


def note(table: RawTable, item: str) -> str:
    return next(count.note for count in table.counts if count.item == item)


def frame_of(name: str) -> pd.DataFrame:
    return pd.read_csv(TWINS / name, sep="\t", dtype=str, keep_default_na=False)


def written(frame: pd.DataFrame, folder: Path, name: str = "t.tsv") -> Path:
    path = folder / name
    frame.to_csv(path, sep="\t", index=False)
    return path


@pytest.mark.parametrize("name", EXPECTED)
def test_a_twin_is_read_whole(name: str) -> None:
    reader, engine, version, values, genes, precursors, counted = EXPECTED[name]
    path = TWINS / name
    assert [card.name for card in READERS.values() if card.detect(sniff(path))] == [reader, "matrix"]
    table = read(path)
    samples = ["F1", "F2", "F3", "F4"] if reader == "proteome_discoverer" else SAMPLES
    assert table.values.columns.tolist() == samples
    np.testing.assert_array_equal(table.values.to_numpy(), np.array(values, dtype=float))
    assert table.features["gene"].tolist() == genes
    assert table.features["protein"].tolist() == ["P07356", "P08226", "P03995"][: len(values)]
    np.testing.assert_array_equal(table.features["precursors"].to_numpy(), np.array(precursors, dtype=float))
    assert (table.engine, table.version) == (engine, version)
    assert {item: n for item, n in items(table).items() if item not in ("quantity", "names of samples")} == counted


@pytest.mark.parametrize("name", EXPECTED)
def test_only_samples_of_the_sheet_are_read(name: str) -> None:
    known = ["F3", "F1", "absent"] if name.startswith("proteome") else ["old_1", "young_1", "absent"]
    table = read(TWINS / name, known)
    assert sorted(table.values.columns) == sorted(known[:2])
    assert items(table)["columns without a row in the sheet"] == 2
    with pytest.raises(DataError, match="none of the 1 samples of the sample sheet"):
        read(TWINS / name, ["elsewhere"])


def test_a_run_may_be_named_by_its_path(tmp_path: Path) -> None:
    known = [r"D:\data\young_1.raw", "young_2.raw", "old_1", "old_2.mzML"]
    assert read(TWINS / "diann_1.8.pg_matrix.tsv", known).values.columns.tolist() == known
    frame = frame_of("diann_2.1.pg_matrix.tsv").rename(columns={"/data/old_1.d": "/other/young_1.d"})
    path = written(frame, tmp_path)
    with pytest.raises(DataError, match=r"'young_1' in '/data/young_1.d', '/other/young_1.d'"):
        read(path)
    both = ["/data/young_1.d", "/other/young_1.d"]
    assert read(path, both).values.columns.tolist() == both


def test_an_empty_run_is_a_sample_and_a_column_of_words_is_none(tmp_path: Path) -> None:
    frame = frame_of("diann_2.1.pg_matrix.tsv").assign(**{"/data/blank.d": "", "Comment": "fine"})
    table = read(written(frame, tmp_path))
    assert table.values["blank"].isna().all()
    assert "Comment" not in table.values.columns
    assert items(table)["text columns ignored"] == 1


def test_a_diann_matrix_may_be_parquet(tmp_path: Path) -> None:
    frame = frame_of("diann_2.1.pg_matrix.tsv")
    numbers = frame.columns[4:]
    frame[numbers] = frame[numbers].replace("", np.nan).astype(float)
    frame.to_parquet(tmp_path / "t.parquet")
    np.testing.assert_array_equal(read(tmp_path / "t.parquet").values.to_numpy(), np.array(DIA))


def test_a_diann_matrix_of_genes_is_read_without_what_it_cannot_tell(tmp_path: Path) -> None:
    name = "diann_2.1.gg_matrix.tsv"
    assert [card.name for card in READERS.values() if card.detect(sniff(TWINS / name))] == ["diann_genes", "matrix"]
    table = read(TWINS / name)
    np.testing.assert_array_equal(table.values.to_numpy(), np.array(DIA))
    assert table.features["gene"].tolist() == ["Anxa2", "Apoe;Gm123", "Gfap"]
    assert table.features["protein"].tolist() == [""] * 3
    assert table.features["precursors"].tolist() == [12, 5, 1]
    assert (table.engine, table.version) == ("DIA-NN", "2.1 or later")
    assert items(table)["rows without a gene"] == 1
    assert "contaminants cannot be told" in note(table, "quantity")
    unique = frame_of(name)[["Genes", "/data/young_1.d", "/data/old_1.d"]]
    assert read(written(unique, tmp_path)).values.columns.tolist() == ["young_1", "old_1"]
    by_hand = unique.set_axis(["Genes", "young_1", "old_1"], axis="columns")
    assert [card.name for card in READERS.values() if card.detect(sniff(written(by_hand, tmp_path)))] == ["matrix"]


def test_maxquant_without_lfq_gives_intensities_and_says_so(tmp_path: Path) -> None:
    frame = frame_of("maxquant.proteinGroups.txt")
    lfq = [name for name in frame.columns if name.startswith("LFQ")]
    for path in (
        written(frame.drop(columns=lfq), tmp_path, "absent.txt"),
        written(frame.assign(**dict.fromkeys(lfq, "0")), tmp_path, "zero.txt"),
    ):
        table = read(path)
        assert table.values.loc["P08226"].tolist()[:2] == [3e6, 3e6]
        assert note(table, "quantity").startswith("Intensity was taken")
    assert note(read(TWINS / "maxquant.proteinGroups.txt"), "quantity").startswith("LFQ intensity was taken")


def test_maxquant_genes_come_from_fasta_headers_where_there_is_no_column(tmp_path: Path) -> None:
    table = read(written(frame_of("maxquant.proteinGroups.txt").drop(columns="Gene names"), tmp_path))
    assert table.features["gene"].tolist() == ["Anxa2", "", ""]
    assert items(table)["genes from FASTA headers"] == 1


def test_maxquant_labels_and_reporters(tmp_path: Path) -> None:
    frame = frame_of("maxquant.proteinGroups.txt")
    silac = frame.assign(**{"Intensity L": "1", "Intensity H": "1", "LFQ intensity H young_1": "5"})
    table = read(written(silac, tmp_path, "silac.txt"))
    assert table.values.columns.tolist() == SAMPLES
    assert items(table)["columns of labels ignored"] == 3
    reporters = frame.assign(**{f"Reporter intensity corrected {i} mix": "700" for i in (1, 2)})
    reporters = reporters.assign(**{f"Reporter intensity corrected {i}": "700" for i in (1, 2)})
    assert read(written(reporters, tmp_path, "tmt.txt")).values.columns.tolist() == ["1 mix", "2 mix"]


def test_maxquant_says_which_flags_are_absent_and_refuses_odd_ones(tmp_path: Path) -> None:
    frame = frame_of("maxquant.proteinGroups.txt")
    table = read(written(frame.drop(columns=["Reverse", "Potential contaminant"]), tmp_path))
    assert items(table)["columns of flags absent"] == 2
    assert table.values.index.tolist() == ["P07356", "P08226", "P03995"]
    with pytest.raises(DataError, match="are no flags, first 'perhaps'"):
        read(written(frame.assign(Reverse="perhaps"), tmp_path))
    with pytest.raises(DataError, match=r"none of its 6 rows stays"):
        read(written(frame.assign(Reverse="+"), tmp_path))


def test_fragpipe_without_intensities_is_refused_with_a_remedy(tmp_path: Path) -> None:
    frame = frame_of("fragpipe_new.combined_protein.tsv")
    counts_only = frame[[name for name in frame.columns if not name.endswith("Intensity")]]
    with pytest.raises(DataError, match="no column holds the intensities of a run"):
        read(written(counts_only, tmp_path))


def test_spectronaut_prefers_the_numbers_over_the_experiment(tmp_path: Path) -> None:
    frame = frame_of("spectronaut_pivot.tsv").assign(
        **{"PG.NrOfPrecursorsIdentified (Experiment-wide)": ["20", "9", "4"]}
    )
    assert read(written(frame, tmp_path)).features["precursors"].tolist() == [20, 9, 4]


def test_a_pivot_with_semicolons_and_decimal_commas_keeps_groups_in_quotes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "PG.ProteinGroups;PG.Genes;[1] m1.raw.PG.Quantity;[2] m2.raw.PG.Quantity\n"
        '"P07356;A0A123";"Anxa2;Gm1";1234,5;Filtered\nP08226;Apoe;2345,75;NaN\nP03995;Gfap;0;12,5\n',
        encoding="utf-8",
    )
    table = read(path)
    assert table.values.index.tolist() == ["P07356;A0A123", "P08226", "P03995"]
    np.testing.assert_array_equal(table.values.to_numpy(), [[1234.5, NAN], [2345.75, NAN], [NAN, 12.5]])
    assert table.features["gene"].tolist() == ["Anxa2;Gm1", "Apoe", "Gfap"]


def test_q_values_filter_where_the_study_file_says_so() -> None:
    path = TWINS / "spectronaut_pivot.tsv"
    table = read(path, q_values={"PG.Qvalue": 0.01})
    assert table.values.index.tolist() == ["P07356", "P08226;A0A123"]
    assert items(table)["rows with PG.Qvalue above 0.01"] == 1
    with pytest.raises(DataError, match=r"no column 'PG.QValues'.*Write 'PG.Qvalue'"):
        read(path, q_values={"PG.QValues": 0.01})
    with pytest.raises(DataError, match="limit 5"):
        read(path, q_values={"PG.Qvalue": 5})


def test_a_repeated_group_keeps_all_rows_under_unique_names(tmp_path: Path) -> None:
    frame = frame_of("maxquant.proteinGroups.txt")
    table = read(written(pd.concat([frame, frame.iloc[[0, 3]]]), tmp_path))
    assert table.values.index.tolist() == ["P07356", "P08226", "P03995", "P07356#2"]
    assert items(table)["duplicated feature identifiers"] == 1
    assert items(table)["contaminants"] == 2


def test_directlfq_needs_precursors() -> None:
    with pytest.raises(DataError, match="this table of MaxQuant holds proteins only"):
        read(TWINS / "maxquant.proteinGroups.txt", quantity="directlfq")


def test_columns_and_features_of_the_study_file_go_first(tmp_path: Path) -> None:
    path = TWINS / "maxquant.proteinGroups.txt"
    table = read(path, columns={"id": "id", "gene": "Majority protein IDs", "precursors": "Peptides"})
    assert table.values.index.tolist() == ["0", "1", "2"]
    assert table.features["gene"].tolist() == ["P07356", "P08226", "P03995"]
    assert table.features["precursors"].tolist() == [14, 6, 2]
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    (tmp_path / "f.tsv").write_text("id\tgene_symbol\nP03995\tGfap\n", encoding="utf-8")
    table = read(copy, features="f.tsv")
    assert table.features["gene"].tolist() == ["", "", "Gfap"]
    assert items(table)["features without annotation"] == 2


def test_zeros_stay_where_the_study_file_says_they_are_values() -> None:
    table = read(TWINS / "alphadia.pg.matrix.tsv", zeros="value")
    assert int((table.values == 0).to_numpy().sum()) == 5


@pytest.mark.parametrize(
    ("known", "chosen"),
    [
        (["F1: Sample, young, 1", "F4: Sample, old, 2"], ["F1: Sample, young, 1", "F4: Sample, old, 2"]),
        (["young, 2", "old, 1"], ["young, 2", "old, 1"]),
    ],
)
def test_proteome_discoverer_samples_have_several_names(known: list[str], chosen: list[str]) -> None:
    assert read(TWINS / "proteome_discoverer.Proteins.txt", known).values.columns.tolist() == chosen


def test_proteome_discoverer_workbooks_plain_abundances_and_headers_for_r(tmp_path: Path) -> None:
    frame = frame_of("proteome_discoverer.Proteins.txt")
    path = tmp_path / "t.xlsx"
    frame.to_excel(path, index=False)
    np.testing.assert_array_equal(read(path).values.to_numpy(), np.array(LFQ))
    plain = frame[[name for name in frame.columns if "(Normalized)" not in name]]
    assert read(written(plain, tmp_path)).values.loc["P07356"].tolist() == [8e6, 8e6, 2e7, 2e7]
    for_r = frame.rename(columns=lambda name: name.translate(str.maketrans("", "", ":(),")).replace("# ", "Number of "))
    table = read(written(for_r, tmp_path))
    assert table.values.columns.tolist() == ["F1", "F2", "F3", "F4"]
    assert table.values.loc["P07356"].tolist() == LFQ[0]
    assert table.features["precursors"].tolist() == [14, 6, 2]


def test_channels_of_one_file_keep_file_and_channel(tmp_path: Path) -> None:
    frame = frame_of("proteome_discoverer.Proteins.txt")
    channels = {f"F{i}: Sample": f"F1: {125 + i}" for i in range(1, 5)}
    for old, new in channels.items():
        frame = frame.rename(columns=lambda name, old=old, new=new: name.replace(old, new))
    path = written(frame, tmp_path)
    assert read(path).values.columns.tolist() == ["F1: 126", "F1: 127", "F1: 128", "F1: 129"]
    assert read(path, ["old, 1"]).values.loc["P07356"].tolist() == [1.6e7]


def test_mztab_assays_without_a_file_of_their_own(tmp_path: Path) -> None:
    text = (TWINS / "quantms.mzTab").read_text(encoding="utf-8")
    path = tmp_path / "t.mzTab"
    path.write_text(
        text.replace("ms_run[2]\n", "ms_run[1]\n").replace("-location\tfile:///data/old_2.mzML", "-location\tnull")
    )
    assert read(path).values.columns.tolist() == ["assay[1]", "assay[2]", "old_1", "assay[4]"]


def test_mztab_without_proteins_is_refused(tmp_path: Path) -> None:
    text = (TWINS / "quantms.mzTab").read_text(encoding="utf-8")
    path = tmp_path / "t.mzTab"
    path.write_text("".join(line for line in text.splitlines(keepends=True) if not line.startswith("PR")))
    with pytest.raises(DataError, match="no section of proteins"):
        read(path)
    path.write_text("".join(line for line in text.splitlines(keepends=True) if not line.startswith("PRT")))
    with pytest.raises(DataError, match="a header and no rows"):
        read(path)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_word_among_the_numbers_is_one_message(name: str, tmp_path: Path) -> None:
    text = (TWINS / name).read_text(encoding="utf-8")
    value = {"spectronaut_pivot.tsv": "401220,25", "alphadia.pg.matrix.tsv": "401220.25"}.get(
        name, "401220.5" if name.startswith("diann") else "8200000.0"
    )
    assert value in text
    path = tmp_path / name
    path.write_text(text.replace(value, "40122O"), encoding="utf-8")
    with pytest.raises(DataError, match=r"1 cells are no numbers, first '40122O in row .*P07356") as caught:
        read(path)
    assert len(caught.value.problems) == 1


@pytest.mark.public
def test_a_real_diann_matrix(shared_data: Path) -> None:
    table = read(shared_data / "search_engine_reports" / "diann_pg_matrix_tiny.tsv.gz")
    assert table.values.shape == (10, 20)
    assert table.values.columns.tolist() == [f"S{i}" for i in range(1, 21)]
    assert table.features["gene"].iloc[:2].tolist() == ["HDLBP", "SERPINA1"]
    assert table.values.iloc[0, 0] == 380503.0
    assert bool(np.isnan(table.values.iloc[0, 1]))


@pytest.mark.public
def test_a_real_maxquant_table(shared_data: Path) -> None:
    file = "maxquant_proteinGroups.txt.gz"
    table = read(shared_data / "search_engine_reports" / file)
    assert table.values.shape == (773, 10)
    counted = items(table)
    assert [counted[item] for item in ("decoys", "contaminants", "proteins only identified by site")] == [12, 31, 66]
    assert table.values.columns.tolist()[:3] == ["AC381", "AC384", "AC386_b"]
    assert int(table.values.isna().to_numpy().sum()) == counted["zeros taken as missing"]
    assert not table.features["protein"].str.contains("|", regex=False).any()
    matrix = read_assay(shared_data / "search_engine_reports", section(file), "human")
    assert (matrix.scale, matrix.detected, matrix.engine) == ("log2", "linear", "MaxQuant")
    assert bool((matrix.features["gene"] != "").mean() > 0.8)


@pytest.mark.public
def test_a_real_fragpipe_table(shared_data: Path) -> None:
    table = read(shared_data / "search_engine_reports" / "fragpipe_combined_protein_tiny.tsv.gz")
    assert table.values.shape == (10, 20)
    assert table.values.loc["P02790", "S1"] == 2216637.5
    assert table.features.loc["P02790", ["gene", "protein", "precursors"]].tolist() == ["HPX", "P02790", 95.0]
    assert items(table)["zeros taken as missing"] == 110


def test_share_of_contaminants_by_sample_on_either_scale(tmp_path: Path) -> None:
    frame = frame_of("maxquant.proteinGroups.txt")
    columns = [f"LFQ intensity {name}" for name in SAMPLES]
    values = frame[columns].astype(float)
    is_contaminant = (frame["Potential contaminant"] == "+") & (frame["Reverse"] != "+")
    other = (frame["Reverse"] == "+") | (frame["Only identified by site"] == "+")
    values[is_contaminant] = [1e6, 2e6, 0, 3e6]
    expected = values[is_contaminant & ~other].sum() / values[~other].sum()
    assert 0 < expected.iloc[0] < 1
    path = written(frame.assign(**values), tmp_path)
    runs = read(path).runs
    assert runs["sample"].tolist() == SAMPLES
    np.testing.assert_allclose(runs["contaminant_fraction"], expected)
    logs = np.log2(values.where(values > 0)).astype(object).where(values > 0, "NaN")
    np.testing.assert_allclose(read(written(frame.assign(**logs), tmp_path)).runs["contaminant_fraction"], expected)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("fragpipe_new.combined_protein.tsv", True),
        ("fragpipe_old.combined_protein.tsv", False),
        ("spectronaut_pivot.tsv", False),
    ],
)
def test_a_table_without_marks_of_contaminants_does_not_tell_their_share(file: str, *, told: bool) -> None:
    runs = read(TWINS / file).runs
    assert (runs is not None) == told
    assert runs is None or runs["contaminant_fraction"].between(0, 1, inclusive="neither").all()
