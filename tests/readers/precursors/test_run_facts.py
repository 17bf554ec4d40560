"""What a table of precursors tells about its runs, and precursors left out by their ion mobility."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError, StudyFileError
from organokine.readers import RawTable
from organokine.readers.assay import read_assay
from organokine.readers.precursors.diann import read_diann
from organokine.readers.precursors.maxquant import read_evidence
from organokine.readers.precursors.spectronaut import read_spectronaut
from organokine.study_file import AssaySection
from organokine.study_file_reader import read_study_file

TWINS = Path(__file__).resolve().parents[1] / "twins" / "precursors"
RUNS = [f"m{number}" for number in range(1, 7)]


def section(**keys: object) -> AssaySection:
    return AssaySection(name="a", organ="muscle", modality="protein", **({"file": "report.tsv"} | keys))


def report(n_other: int = 300, *, wrong: bool = False, zero: bool = False) -> pd.DataFrame:
    """A report of DIA-NN: protein P1 doubles in the last three runs; one more precursor of it, with a wrong mobility, does not."""
    rng = np.random.default_rng(0)
    names = [("P1", "PEPTIDE"), *((f"Q{number // 3}", f"SAMPLE{number}") for number in range(n_other))]
    names += [("P1", "OFF")] if wrong else []
    rows = []
    for number, (protein, peptide) in enumerate(names):
        level = 1e5 * (number + 1)
        for place, run in enumerate(RUNS):
            is_wrong = peptide == "OFF"
            fold = 2.0 if protein == "P1" and place >= 3 and not is_wrong else 1.0
            mobility = 0.9 + rng.normal(0, 0.01) + 0.4 * is_wrong
            rows.append(
                (run, protein, protein, "", f"{peptide}K2", 2, 0.001, level * fold, 0 if zero else mobility, 0.898)
            )
    columns = ["Run", "Protein.Group", "Protein.Ids", "Genes", "Precursor.Id", "Precursor.Charge", "Q.Value"]
    return pd.DataFrame(rows, columns=[*columns, "Precursor.Normalised", "IM", "Predicted.IM"])


def read(frame: pd.DataFrame, folder: Path, **keys: object) -> RawTable:
    path = folder / "report.tsv"
    frame.to_csv(path, sep="\t", index=False)
    return read_diann(path, section(**keys), folder, None, "t")


def change(table: RawTable) -> float:
    levels = np.log2(table.values.loc["P1"])
    return float(levels.iloc[3:].mean() - levels.iloc[:3].mean())


def test_a_contradicting_precursor_changes_its_protein_unless_it_is_left_out(tmp_path: Path) -> None:
    clean = read(report(), tmp_path)
    kept = read(report(wrong=True), tmp_path)
    left_out = read(report(wrong=True), tmp_path, mobility_outliers="exclude")
    assert change(clean) == pytest.approx(1)
    assert change(kept) < 0.9
    np.testing.assert_allclose(left_out.values, clean.values, rtol=1e-9)
    assert left_out.features.loc["P1", "precursors"] == 1
    for table, said in ((kept, "the precursors stay"), (left_out, "left out")):
        counted = next(count for count in table.counts if count.item == "precursors with a contradicting ion mobility")
        assert (counted.n, counted.of) == (6, 6 * 302)
        assert said in counted.note
        assert table.runs["n_contradicting"].tolist() == [1] * 6
        assert table.runs["n_precursors"].tolist() == [302] * 6


def test_what_contradicts_is_set_in_the_study_file(tmp_path: Path) -> None:
    assert read(report(wrong=True), tmp_path, mobility_limit=100).runs["n_contradicting"].sum() == 0
    assert read(report(), tmp_path, mobility_limit=2).runs["n_contradicting"].mean() == pytest.approx(
        300 * 0.0455, rel=0.4
    )


def test_a_mobility_that_cannot_be_judged_is_said_where_it_should_leave_out(tmp_path: Path) -> None:
    alone = report(8).drop(columns="Predicted.IM")
    note = next(
        count.note
        for count in read(alone, tmp_path, mobility_outliers="exclude").counts
        if "contradicting" in count.item
    )
    assert note.startswith("not known")
    assert not any("contradicting" in count.item for count in read(alone, tmp_path).counts)


def test_nothing_can_be_left_out_where_there_is_no_mobility(tmp_path: Path) -> None:
    report(zero=True).to_csv(tmp_path / "report.tsv", sep="\t", index=False)
    (tmp_path / "matrix.tsv").write_text("gene\ta1\ta2\nAnxa2\t20.5\t21\nActb\t20\t22\n")
    for file in ("report.tsv", "matrix.tsv"):
        read_assay(tmp_path, section(file=file), "mouse")
        with pytest.raises(DataError, match=r"mobility_outliers: precursors are to be left out .* the file holds none"):
            read_assay(tmp_path, section(file=file, mobility_outliers="exclude"), "mouse")


def test_precursors_cannot_be_left_out_of_the_proteins_of_the_engine(tmp_path: Path) -> None:
    text = (
        '[study]\nname = "s"\nspecies = "mouse"\nsamples = "samples.tsv"\n[[assay]]\nname = "a"\norgan = "muscle"\n'
        'modality = "protein"\nfile = "report.tsv"\nquantity = "engine"\nmobility_outliers = "exclude"\n'
    )
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(StudyFileError, match="mobility_outliers: precursors are to be left out of proteins"):
        read_study_file(tmp_path / "study.toml")


def test_zero_is_no_mobility_and_says_nothing_else(tmp_path: Path) -> None:
    runs = read(report(zero=True), tmp_path).runs
    assert runs["n_with_mobility"].eq(0).all()
    assert set(runs.columns) == {"sample", "n_precursors", "missed_cleavage_fraction", "n_with_mobility"}
    absent = read(report().drop(columns=["IM", "Predicted.IM"]), tmp_path).runs
    assert set(absent.columns) == {"sample", "n_precursors", "missed_cleavage_fraction"}


def test_a_run_without_mobility_among_others(tmp_path: Path) -> None:
    frame = report()
    frame.loc[frame["Run"] == "m2", "IM"] = 0
    runs = read(frame, tmp_path).runs.set_index("sample")
    assert runs.loc["m2", "n_with_mobility"] == 0
    assert np.isnan(runs.loc["m2", "median_deviation"])
    assert runs.drop(index="m2")["median_deviation"].to_numpy() == pytest.approx(0.002, abs=0.003)


def test_runs_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    frame = report(60, wrong=True)
    shuffled = read(frame.sample(frac=1, random_state=0), tmp_path).runs.set_index("sample").loc[RUNS]
    pd.testing.assert_frame_equal(shuffled, read(frame, tmp_path).runs.set_index("sample"))


def test_missed_cleavages_are_a_share_of_the_precursors_of_each_run(tmp_path: Path) -> None:
    frame = report(8)
    missed = {f"SAMPLE{number}K2": f"SAKMPLE{number}K2" for number in range(3)}
    frame["Precursor.Id"] = frame["Precursor.Id"].replace(missed)
    frame = frame[~((frame["Run"] == "m1") & (frame["Precursor.Id"] == "SAKMPLE0K2"))]
    expected = [2 / 8, *[3 / 9] * 5]
    np.testing.assert_allclose(read(frame, tmp_path).runs["missed_cleavage_fraction"], expected)


def test_a_file_without_marks_of_contaminants_does_not_tell_their_share(tmp_path: Path) -> None:
    assert "contaminant_fraction" not in read(report(), tmp_path).runs.columns
    evidence = pd.read_csv(TWINS / "maxquant_evidence.txt", sep="\t", dtype=str, keep_default_na=False)
    none = evidence[(evidence["Potential contaminant"] != "+")]
    none.to_csv(tmp_path / "evidence.txt", sep="\t", index=False)
    runs = read_evidence(tmp_path / "evidence.txt", section(), tmp_path, None, "t").runs
    assert runs["contaminant_fraction"].tolist() == [0] * 4


def test_what_fails_other_filters_is_no_share_of_the_contaminants(tmp_path: Path) -> None:
    frame = report(8)
    extra = (
        frame[frame["Run"] == "m1"].tail(2).assign(**{"Protein.Group": "CON__P1", "Precursor.Id": ["CONK2", "TAINK2"]})
    )
    extra["Q.Value"] = [0.001, 0.5]
    share = read(pd.concat([frame, extra]), tmp_path).runs["contaminant_fraction"]
    dropped = extra["Precursor.Normalised"].iloc[0]
    total = frame.loc[frame["Run"] == "m1", "Precursor.Normalised"].sum() + dropped
    np.testing.assert_allclose(share, [dropped / total, 0, 0, 0, 0, 0])


def test_the_unit_is_told_by_the_column(tmp_path: Path) -> None:
    evidence = pd.read_csv(TWINS / "maxquant_evidence.txt", sep="\t", dtype=str, keep_default_na=False)
    evidence.drop(columns="1/K0").to_csv(tmp_path / "evidence.txt", sep="\t", index=False)
    runs = read_evidence(tmp_path / "evidence.txt", section(), tmp_path, None, "t").runs
    assert set(runs["mobility_unit"]) == {"CCS"}


def test_a_precursor_counts_once_however_often_it_is_written(tmp_path: Path) -> None:
    fragments = pd.read_csv(TWINS / "spectronaut_report.tsv", sep="\t", dtype=str, keep_default_na=False)
    fragments["FG.ApexIonMobility"] = "0,9"
    fragments.to_csv(tmp_path / "report.tsv", sep="\t", index=False)
    runs = read_spectronaut(tmp_path / "report.tsv", section(), tmp_path, None, "t").runs
    assert runs["n_precursors"].tolist() == runs["n_with_mobility"].tolist() == [6, 5, 6, 5]


@pytest.mark.public
def test_real_files(shared_data: Path) -> None:
    folder = shared_data / "search_engine_reports"
    for number in (1, 2):
        timstof = read_diann(folder / f"diapasef_diann_report_with_IM_{number}.tsv", section(), folder, None, "t").runs
        assert set(timstof["mobility_unit"]) == {"1/K0"}
        assert timstof["median_deviation"].abs().max() < 0.001
        assert timstof["n_contradicting"].sum() == 0
    orbitrap = read_diann(folder / "diann_1.9_report_orbitrap_sample.tsv.gz", section(), folder, None, "t").runs
    assert orbitrap["n_precursors"].between(170, 210).all()
    assert orbitrap["missed_cleavage_fraction"].between(0.02, 0.05).all()
    assert orbitrap["n_with_mobility"].eq(0).all()
    assert "contaminant_fraction" not in orbitrap.columns


@pytest.mark.public
def test_ions_of_a_real_timstof_are_flagged_by_the_trend_where_there_is_no_prediction(
    shared_data: Path, tmp_path: Path
) -> None:
    real = pd.read_csv(shared_data / "search_engine_reports" / "timstof_mz_1overK0_charge_10k.tsv.gz", sep="\t")
    frame = pd.DataFrame(
        {"Run": "m1", "Protein.Group": "P1", "Genes": "", "Q.Value": 0.001, "Precursor.Normalised": 1e5}, real.index
    )
    frame["Precursor.Id"] = [f"PEPTIDEK{number}" for number in range(len(real))]
    frame = frame.assign(IM=real["one_over_k0"], **{"Precursor.Mz": real["mz"], "Precursor.Charge": real["charge"]})
    swapped = frame["IM"].where(frame.index >= 100, frame["IM"] + 0.3)
    for mobility, extra in ((frame["IM"], 0), (swapped, 95)):
        runs = read(frame.assign(IM=mobility), tmp_path).runs.iloc[0]
        assert runs["n_with_mobility"] == 10_000
        assert np.isnan(runs["median_deviation"])
        assert 0.02 < runs["mad_trend"] < 0.025
        assert extra < runs["n_contradicting"] <= extra + 60
