from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from organokine import guesses
from organokine.errors import DataError, OutputError
from organokine.new_study import write_new_study
from organokine.study import read_study
from organokine.study_file_reader import read_study_file
from tests.raw.tiny_folder import some_ions, write_tiny
from tests.small_study import write_small_study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tables of the small study without its study file and sheet."""
    path = write_small_study(tmp_path / "my data")
    path.unlink()
    (path.parent / "samples.tsv").unlink()
    return path.parent


def rename_samples(folder: Path) -> None:
    """Give samples names that hold their group: `mu_aged_7`."""
    for path in folder.glob("*.tsv"):
        frame = pd.read_csv(path, sep="\t")
        names = {name: name for name in frame.columns}
        for name in [name for name in frame.columns if "_m" in name]:
            number = int(name[-2:])
            names[name] = f"{name[:2]}_{'young' if number <= 6 else 'aged'}_{number}"
        frame.rename(columns=names).to_csv(path, sep="\t", index=False)


def test_a_folder_whose_names_say_the_groups_reads_at_once(folder: Path) -> None:
    rename_samples(folder)
    study_path, _, _ = write_new_study(folder)
    study = read_study(study_path)
    assert {name: data.shape for name, data in study.assays.items()} == dict.fromkeys(
        ("cerebellum_protein", "cerebellum_rna", "muscle_protein", "muscle_rna"), (12, 60)
    )
    contrast = study.file.contrast
    assert contrast is not None
    assert (contrast.factor, contrast.case, contrast.control) == ("group", "aged", "young")
    assert study.file.study.species == "mouse"
    assert len(study.subjects) == 12


def test_blanks_are_marked_and_filling_them_is_enough(folder: Path) -> None:
    study_path, sheet_path, _ = write_new_study(folder)
    assert study_path.read_text(encoding="utf-8").count("FILL IN") == 2
    read_study_file(study_path)
    with pytest.raises(DataError, match="no sample has group = 'case'"):
        read_study(study_path)
    sheet = pd.read_csv(sheet_path, sep="\t", dtype=str)
    assert set(sheet["subject"]) == {f"m{number:02d}" for number in range(1, 13)}
    sheet["group"] = sheet["subject"].gt("m06").map({True: "case", False: "control"})
    sheet.to_csv(sheet_path, sep="\t", index=False)
    assert read_study(study_path).assays["muscle_rna"].n_obs == 12


@pytest.mark.parametrize(
    ("present", "said"),
    [
        (["study.toml"], "'study.toml' exists already.*Edit it, or move it away"),
        (["study.toml", "samples.tsv"], "'study.toml' exists already"),
        (["samples.tsv", "samples.new.tsv"], r"'samples\.new\.tsv' exists already"),
        (
            ["samples.tsv", "study.toml", "samples.new.tsv"],
            "'study.toml', .* exist already.*Edit them, or move them away",
        ),
    ],
)
def test_nothing_is_overwritten(present: list[str], said: str, folder: Path) -> None:
    for name in present:
        (folder / name).write_text("mine", encoding="utf-8")
    before = sorted(folder.iterdir())
    with pytest.raises(OutputError, match=said):
        write_new_study(folder)
    assert all((folder / name).read_text(encoding="utf-8") == "mine" for name in present)
    assert sorted(folder.iterdir()) == before


def test_a_sheet_that_is_there_stays_and_the_new_one_is_beside_it(folder: Path) -> None:
    rename_samples(folder)
    (folder / "samples.tsv").write_text("mine", encoding="utf-8")
    written = write_new_study(folder)
    assert (folder / "samples.tsv").read_text(encoding="utf-8") == "mine"
    assert written.sheet.name == "samples.new.tsv"
    assert any("samples.tsv is there already and stays as it is" in remark for remark in written.remarks)
    study = read_study(written.study_file)
    assert study.file.study.samples == "samples.new.tsv"
    assert len(study.subjects) == 12


def test_guessed_subjects_are_said_to_be_guessed(folder: Path) -> None:
    written = write_new_study(folder)
    said = (
        "subjects are guessed from the sample names: 12 animals in both cerebellum and muscle, such as "
        "'m01' = 'cb_protein_m01', 'mu_protein_m01'; correct the column subject of samples.tsv where that is wrong"
    )
    assert written.remarks == (said,)
    assert f"# {said}\n" in written.study_file.read_text(encoding="utf-8")


def test_subjects_that_no_name_tells_are_to_be_filled_in(folder: Path) -> None:
    for number, path in enumerate(sorted(folder.glob("*.tsv"))):
        frame = pd.read_csv(path, sep="\t")
        vials = {name: f"9{number}{column:03d}" for column, name in enumerate(frame.columns) if "_m" in name}
        frame.rename(columns=vials).to_csv(path, sep="\t", index=False)
    written = write_new_study(folder)
    assert len(written.remarks) == 1
    assert "no animal could be told from the sample names to be in both cerebellum and muscle" in written.remarks[0]
    assert "FILL IN the column subject of samples.tsv" in written.study_file.read_text(encoding="utf-8")


def test_accessions_without_symbols_are_said_and_marked(folder: Path) -> None:
    rename_samples(folder)
    table = folder / "muscle protein.tsv"
    pd.read_csv(table, sep="\t").drop(columns="gene").to_csv(table, sep="\t", index=False)
    path = write_new_study(folder).study_file
    text = path.read_text(encoding="utf-8")
    assert text.count('gene = "FILL IN"') == 1
    assert re.search(r"# FILL IN: no column of gene symbols was found.*features = ", text) is not None
    with pytest.raises(DataError, match=r"\[assay muscle_protein\].* there is no column 'FILL IN'"):
        read_study(path)


def test_names_that_are_no_accessions_are_taken_for_symbols(folder: Path) -> None:
    rename_samples(folder)
    table = folder / "muscle_rna.tsv"
    pd.read_csv(table, sep="\t").rename(columns={"gene": "row"}).to_csv(table, sep="\t", index=False)
    path = write_new_study(folder).study_file
    assert "the identifiers are taken for symbols" in path.read_text(encoding="utf-8")
    assert "Anxa2" in read_study(path).assays["muscle_rna"].var["gene"].tolist()


def test_two_tables_of_one_organ_are_paired_by_table() -> None:
    one = guesses.guess_samples(["p_m1", "p_m2"])
    other = guesses.guess_samples(["r_m2", "r_m3"])
    assert "1 animals in both a and b, such as 'm2' = 'p_m2', 'r_m2'" in guesses.subject_remark(
        {"a": one, "b": other}, "samples.tsv"
    )
    assert "one per sample" in guesses.subject_remark({"a": one}, "samples.tsv")


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here", encoding="utf-8")
    with pytest.raises(DataError, match=r"no table was found \(1 files could not be used\)"):
        write_new_study(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(DataError, match="does not exist"):
        write_new_study(tmp_path / "absent")


def test_files_that_are_no_tables_are_named(folder: Path) -> None:
    (folder / "animal_metadata.tsv").write_text("id\tsex\nm01\tmale\n", encoding="utf-8")
    (folder / "weights.csv").write_text("mouse,pre,post\n1,20.5,21\n2,22,23\n", encoding="utf-8")
    (folder / ".hidden.tsv").write_text("x", encoding="utf-8")
    text = write_new_study(folder)[0].read_text(encoding="utf-8")
    assert "animal_metadata.tsv: looks like a sheet of samples" in text
    assert "weights.csv: " in text
    assert "hidden" not in text


def test_a_file_of_features_is_found_by_its_name(folder: Path) -> None:
    rename_samples(folder)
    table = folder / "muscle_rna.tsv"
    frame = pd.read_csv(table, sep="\t")
    keys = [f"ENSMUSG9{number:010d}" for number in range(len(frame))]
    pd.DataFrame({"key": keys, "symbol": frame["gene"]}).to_csv(
        folder / "muscle_rna.features.tsv", sep="\t", index=False
    )
    frame.drop(columns="gene").assign(key=keys)[["key", *frame.columns[1:]]].to_csv(table, sep="\t", index=False)
    study = read_study(write_new_study(folder)[0])
    assert study.assays["muscle_rna"].var["gene"].tolist() == frame["gene"].tolist()


def test_names_that_need_escapes_are_written_as_toml(tmp_path: Path) -> None:
    folder = tmp_path / 'a "quoted" \\ folder'
    folder.mkdir()
    (folder / "liver_protein.tsv").write_text("gene\ta_1\ta_2\tb_1\tb_2\nAnxa2\t20\t21\t22\t23\n", encoding="utf-8")
    file = read_study_file(write_new_study(folder)[0])
    assert file.study.name == folder.name
    assert file.axis is None


@pytest.mark.parametrize(
    ("name", "organ", "modality"),
    [
        ("gastrocnemius_proteome_log2ratio.matrix.tsv", "gastrocnemius", "protein"),
        ("MuscleRNA.csv", "muscle", "rna"),
        ("counts_cerebellum.tsv", "cerebellum", "rna"),
        ("serum_npx.csv", "plasma", "protein"),
        ("organ7_x.tsv", "organ7", None),
        ("protein_rna_muscle.tsv", "muscle", None),
    ],
)
def test_organ_and_modality_are_guessed_from_file_names(name: str, organ: str, modality: str | None) -> None:
    assert guesses.guess_organ(name) == organ
    assert guesses.guess_modality(name) == modality


def test_animals_and_groups_are_guessed_from_sample_names() -> None:
    found = guesses.guess_samples(["Cx_3mo_1", "Cx_24mo_1", "Cx_3mo_2", "Cx_24mo_2"])
    assert [guess.subject for guess in found] == ["3mo_1", "24mo_1", "3mo_2", "24mo_2"]
    assert [guess.group for guess in found] == ["3mo", "24mo", "3mo", "24mo"]
    glued = guesses.guess_samples(["old1", "old2", "young1", "young2"])
    assert [guess.group for guess in glued] == ["old", "old", "young", "young"]
    silent = guesses.guess_samples(["901", "902", "903"])
    assert [guess.group for guess in silent] == ["", "", ""]


def test_the_control_is_the_level_that_says_so() -> None:
    assert guesses.guess_contrast(["SED", "8W", "SED"]) == ("8W", "SED")
    assert guesses.guess_contrast(["b", "a"]) == ("b", "a")
    assert guesses.guess_contrast(["", "a"]) is None


def test_a_folder_of_raw_runs_is_told_as_one(tmp_path: Path) -> None:
    for name in ("m1.d", "m2.d"):
        write_tiny(tmp_path / name, [some_ions(1, 20)])
    with pytest.raises(DataError) as caught:
        write_new_study(tmp_path)
    assert "no table was found, and 2 raw runs, first m1.d" in caught.value.problems[0].what
    assert "format = 'raw'" in caught.value.problems[0].remedy
