"""What `organokine new` finds in folders that search engines and counting programs wrote."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from organokine import guesses
from organokine.found_tables import ONE_SAMPLE, OTHER_TABLES, find_tables
from organokine.new_study import write_new_study
from organokine.study_file_reader import read_study_file

TWINS = Path(__file__).parent / "readers" / "twins"
PG_HEADER = "Protein.Group\tProtein.Ids\tProtein.Names\tGenes\tFirst.Protein.Description"


def pg_matrix(path: Path, runs: list[str]) -> None:
    """A protein table of DIA-NN with these runs."""
    header = "\t".join([PG_HEADER, *(f"D:\\data\\{run}.d" for run in runs)])
    rows = [
        "\t".join(
            [
                accession,
                accession,
                f"{gene.upper()}_MOUSE",
                gene,
                gene,
                *(f"{1e5 + 9 * i + k}" for i in range(len(runs))),
            ]
        )
        for k, (accession, gene) in enumerate((("P07356", "Anxa2"), ("P03995", "Gfap"), ("Q9CX48", "Zcchc10")))
    ]
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def test_a_second_report_of_the_same_runs_is_left_out_and_named(tmp_path: Path) -> None:
    shutil.copy(TWINS / "precursors/diann_1.9_report.tsv", tmp_path / "report.tsv")
    pg_matrix(tmp_path / "report.pg_matrix.tsv", ["m1", "m2", "m3", "m4"])
    tables, skipped = find_tables(tmp_path)
    assert [(table.file, table.format, table.modality, table.samples) for table in tables] == [
        ("report.tsv", "diann", "protein", ["m1", "m2", "m3", "m4"])
    ]
    assert skipped == ["report.pg_matrix.tsv: holds the same samples as report.tsv, which is used"]


def test_of_a_whole_folder_of_dia_nn_the_main_report_is_used(tmp_path: Path) -> None:
    for name in ("report.tsv", "report-first-pass.tsv"):
        shutil.copy(TWINS / "precursors/diann_1.9_report.tsv", tmp_path / name)
    shutil.copy(TWINS / "precursors/diann_pr_matrix.tsv", tmp_path / "report.pr_matrix.tsv")
    pg_matrix(tmp_path / "report.pg_matrix.tsv", ["m1", "m2", "m3", "m4"])
    texts = {
        "report.stats.tsv": "File.Name\tPrecursors.Identified\tTotal.Quantity\nm1.d\t7\t10\nm2.d\t8\t11\n",
        "report-lib.tsv": "Precursor.Id\tProtein.Group\tProduct.Mz\tRT\nAK2\tP1\t500.1\t3.5\nCK2\tP2\t600.1\t4.5\n",
        "peptides.txt": "Sequence\tIntensity a\tIntensity b\nAK\t10\t11\nCK\t20\t21\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    tables, skipped = find_tables(tmp_path)
    assert [table.file for table in tables] == ["report.tsv"]
    assert dict(line.split(": ") for line in skipped) == {
        "peptides.txt": OTHER_TABLES[1][1],
        "report-lib.tsv": OTHER_TABLES[0][1],
        "report.stats.tsv": OTHER_TABLES[2][1],
    } | dict.fromkeys(
        ("report-first-pass.tsv", "report.pg_matrix.tsv", "report.pr_matrix.tsv"),
        "holds the same samples as report.tsv, which is used",
    )


def test_reports_of_two_organs_with_runs_of_one_name_both_stay(tmp_path: Path) -> None:
    for organ in ("muscle", "liver"):
        pg_matrix(tmp_path / f"{organ}.pg_matrix.tsv", ["m1", "m2", "m3"])
    tables, skipped = find_tables(tmp_path)
    assert ([table.name for table in tables], skipped) == (["liver_protein", "muscle_protein"], [])


def test_one_report_of_two_organs_becomes_two_assays(tmp_path: Path) -> None:
    runs = [
        f"{organ}_{group}_{number}" for organ in ("Muscle", "Liver") for group in ("old", "young") for number in (1, 2)
    ]
    pg_matrix(tmp_path / "report.pg_matrix.tsv", runs)
    written = write_new_study(tmp_path)
    file = read_study_file(written.study_file)
    assert [(assay.name, assay.organ, assay.file) for assay in file.assay] == [
        ("muscle_protein", "muscle", "report.pg_matrix.tsv"),
        ("liver_protein", "liver", "report.pg_matrix.tsv"),
    ]
    rows = [line.split("\t") for line in written.sheet.read_text(encoding="utf-8").splitlines()[1:]]
    assert [(row[0], row[1]) for row in rows if row[0] == "liver_protein"] == [
        ("liver_protein", run) for run in runs if run.startswith("Liver")
    ]
    assert {row[3] for row in rows} == {"old", "young"}


@pytest.mark.parametrize("program", ["star", "htseq", "salmon", "kallisto"])
def test_a_folder_of_counts_is_one_table(program: str, tmp_path: Path) -> None:
    shutil.copytree(TWINS / "rnaseq" / program, tmp_path / f"muscle_{program}")
    if program in {"salmon", "kallisto"}:
        shutil.copy(TWINS / "rnaseq/tx2gene.tsv", tmp_path / "tx2gene.tsv")
    (table,), skipped = find_tables(tmp_path)
    assert (table.name, table.file, table.format, skipped) == ("muscle_rna", f"muscle_{program}", program, [])
    assert {"young_1", "old_1"} <= set(table.samples)
    file = read_study_file(write_new_study(tmp_path).study_file)
    assert file.assay[0].format == program
    assert file.assay[0].transcripts == ("tx2gene.tsv" if program in {"salmon", "kallisto"} else None)


def test_transcripts_without_a_map_are_named_with_what_is_missing(tmp_path: Path) -> None:
    shutil.copytree(TWINS / "rnaseq/salmon", tmp_path / "muscle_salmon")
    tables, skipped = find_tables(tmp_path)
    assert tables == []
    assert skipped == ["muscle_salmon: Salmon quantifies transcripts, and no table says which gene each belongs to"]


def test_a_file_per_sample_beside_each_other_is_not_taken_for_tables(tmp_path: Path) -> None:
    for path in (TWINS / "rnaseq/star").rglob("*.tab"):
        shutil.copy(path, tmp_path / path.name)
    tables, skipped = find_tables(tmp_path)
    assert tables == []
    assert len(skipped) == 4
    assert all(ONE_SAMPLE in line for line in skipped)


def test_what_is_no_table_does_not_break_it(tmp_path: Path) -> None:
    pg_matrix(tmp_path / "muscle_report.pg_matrix.tsv", ["m1", "m2", "m3"])
    (tmp_path / "poster.pdf").write_bytes(b"%PDF-1.4\n\0\xff")
    (tmp_path / "report.log.txt").write_text("started\nfinished\n", encoding="utf-8")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\3\4")
    (tmp_path / "raw.d").mkdir()
    (tmp_path / "raw.d" / "analysis.tdf").write_bytes(b"\0\1")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "table.tsv").write_text("a\tb\n", encoding="utf-8")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text("{}", encoding="utf-8")
    (tmp_path / "run" / "mediators.tsv").write_text("a\tb\n", encoding="utf-8")
    text = write_new_study(tmp_path).study_file.read_text(encoding="utf-8")
    assert text.count("[[assay]]") == 1
    assert all(f'# "{name}: ' in text for name in ("report.log.txt", "broken.parquet", "broken.xlsx", "old"))
    assert all(name not in text for name in ("poster.pdf", "raw.d", "mediators"))


def test_a_guess_of_the_format_is_marked_and_genes_need_no_column(tmp_path: Path) -> None:
    pg_matrix(tmp_path / "muscle_report.pg_matrix.tsv", ["m1", "m2", "m3"])
    text = write_new_study(tmp_path).study_file.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("format = "))
    assert "# guessed from its columns: written by DIA-NN" in line
    assert "columns = " not in text
    assert "FILL IN: no column" not in text


def test_accessions_that_are_known_need_no_symbols(tmp_path: Path) -> None:
    rows = ["ENSMUSG00000032231\t5\t2000", "ENSMUSG00000000001\t7\t9"]
    (tmp_path / "liver_rna.tsv").write_text("\n".join(["id\ta_1\ta_2", *rows]) + "\n", encoding="utf-8")
    text = write_new_study(tmp_path).study_file.read_text(encoding="utf-8")
    assert "genes are found by their accessions" in text
    assert "FILL IN: no column" not in text


def test_a_panel_is_of_plasma(tmp_path: Path) -> None:
    shutil.copy(TWINS / "plasma/olink_npx.csv", tmp_path / "olink_npx.csv")
    (table,), _ = find_tables(tmp_path)
    assert (table.organ, table.modality) == ("plasma", "protein")


@pytest.mark.parametrize(
    ("symbols", "species"),
    [(["Anxa2", "RGD1304622"], "rat"), (["RT1-Da", "Gfap"], "rat"), (["Anxa2", "Gfap"], "mouse"), (["ANXA2"], "human")],
)
def test_symbols_tell_the_species(symbols: list[str], species: str) -> None:
    assert guesses.guess_species([], symbols) == species


@pytest.mark.parametrize(
    ("name", "organ"),
    [("report.pg_matrix.tsv", "organ"), ("mu_report.parquet", "mu"), ("combined_protein.tsv", "organ")],
)
def test_words_of_programs_are_no_organs(name: str, organ: str) -> None:
    assert guesses.guess_organ(name, guesses.PROGRAM_WORDS) == organ
