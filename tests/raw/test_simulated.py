"""Simulated runs: what is written comes back, where and as much as the truth says."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zstandard

from organokine import cli
from organokine.errors import OutputError
from organokine.raw.frames import read_frame
from organokine.raw.inspection import inspect_folder
from organokine.simulate.raw_proteins import digest
from organokine.simulate.raw_study import RawStudy, simulate_raw

SMALL = {"n_proteins": 12, "gradient": 30.0, "replicates": 2}


@pytest.fixture(scope="module")
def dda(tmp_path_factory: pytest.TempPathFactory) -> RawStudy:
    return simulate_raw(tmp_path_factory.mktemp("dda"), seed=3, **SMALL)


@pytest.fixture(scope="module")
def dia(tmp_path_factory: pytest.TempPathFactory) -> RawStudy:
    return simulate_raw(tmp_path_factory.mktemp("dia"), mode="dia", seed=3, **SMALL | {"replicates": 1})


def table(run: Path, name: str) -> pd.DataFrame:
    with closing(sqlite3.connect(run / "analysis.tdf")) as database:
        return pd.read_sql_query(f"SELECT * FROM {name}", database)


def peaks_of(run: Path, offset: int) -> list[tuple[int, int, int]]:
    """Scan, time of flight and intensity, number by number from the description of the format."""
    data = (run / "analysis.tdf_bin").read_bytes()
    length, n_scans = struct.unpack_from("<II", data, offset)
    payload = zstandard.ZstdDecompressor().decompress(data[offset + 8 : offset + length])
    n = len(payload) // 4
    numbers = [sum(payload[i + n * byte] << (8 * byte) for byte in range(4)) for i in range(n)]
    assert numbers[0] == n_scans
    counts = [value // 2 for value in numbers[1:n_scans]]
    counts.append((n - n_scans) // 2 - sum(counts))
    found, at = [], n_scans
    for scan, count in enumerate(counts):
        tof = -1
        for _ in range(count):
            tof += numbers[at]
            found.append((scan, tof, numbers[at + 1]))
            at += 2
    return found


def survey(run: Path) -> pd.DataFrame:
    """All peaks of the frames without fragmentation: seconds, m/z, 1/K0 by the two formulas, intensity."""
    frames = table(run, "Frames")
    mz, tims = table(run, "MzCalibration").loc[0], table(run, "TimsCalibration").loc[0]
    parts = []
    for frame in frames[frames["MsMsType"] == 0].itertuples():
        part = read_frame(run / "analysis.tdf_bin", frame.TimsId)
        parts.append(pd.DataFrame(part._asdict()).assign(seconds=frame.Time))
    peaks = pd.concat(parts)
    time = peaks["tof"] * mz["DigitizerTimebase"] + mz["DigitizerDelay"]
    peaks["mz"] = ((time - mz["C0"]) / np.sqrt(1e12 / mz["C1"])) ** 2
    volt = tims["C2"] + (tims["C3"] - tims["C2"]) / tims["C1"] * (peaks["scan"] - tims["C4"] - tims["C0"])
    return peaks.assign(mobility=1 / (tims["C6"] + tims["C7"] / volt))


def signal(peaks: pd.DataFrame, ions: pd.DataFrame) -> np.ndarray:
    """Intensity of the lightest isotope of each ion where the truth has it."""
    sums = []
    for ion in ions.itertuples():
        near = (np.abs(peaks["mz"] / ion.mz - 1) < 12e-6) & (np.abs(peaks["seconds"] - ion.seconds) < 4)
        near &= np.abs(peaks["mobility"] - ion.one_over_k0) < 0.025
        sums.append(peaks.loc[near, "intensity"].sum())
    return np.array(sums, dtype=float)


def test_frames_say_what_is_in_them(dda: RawStudy) -> None:
    frames = table(dda.runs[0], "Frames")
    with_peaks = np.flatnonzero(frames["NumPeaks"] > 0)
    empty = np.flatnonzero(frames["NumPeaks"] == 0)  # nothing was picked
    assert not frames.loc[empty, "MsMsType"].eq(0).any()
    assert [peaks_of(dda.runs[0], frames.loc[row, "TimsId"]) for row in empty[:1]] == [[]] * min(len(empty), 1)
    for frame in frames.iloc[with_peaks[[0, 1, len(with_peaks) // 2, -1]]].itertuples():
        peaks = np.array(peaks_of(dda.runs[0], frame.TimsId))
        assert len(peaks) == frame.NumPeaks
        assert peaks[:, 2].sum() == frame.SummedIntensities
        assert peaks[:, 2].max() == frame.MaxIntensity
        assert len(np.unique(peaks[:, :2], axis=0)) == len(peaks)
    last = frames.iloc[-1]["TimsId"]
    data = (dda.runs[0] / "analysis.tdf_bin").read_bytes()
    assert last + struct.unpack_from("<I", data, last)[0] == len(data)


def test_fold_changes_come_back_from_the_survey(dda: RawStudy) -> None:
    truth = pd.read_csv(dda.truth, sep="\t").set_index("protein")
    ions = pd.read_csv(dda.ions, sep="\t")
    ions = ions[ions["seconds"].between(5, 25)].reset_index(drop=True)
    sums = np.array([signal(survey(run), ions) for run in dda.runs])
    found = (sums > 0).all(axis=0)
    assert found.mean() > 0.9
    change = np.log2(sums[2:, found].mean(axis=0) / sums[:2, found].mean(axis=0))
    planted = truth.loc[ions.loc[found, "protein"], "log2fc_aged"].to_numpy()
    assert set(planted) == {-1.585, 0.0, 1.585}
    for size in (-1.585, 0.0, 1.585):
        # A protein's own scatter of 0.15 in two runs a group, over two to eight proteins, and stray ions that shrink it.
        assert np.median(change[planted == size]) == pytest.approx(size, abs=0.3)


def test_precursors_are_fragmented_one_at_a_time(dda: RawStudy) -> None:
    windows, precursors = table(dda.runs[0], "PasefFrameMsMsInfo"), table(dda.runs[0], "Precursors")
    assert len(windows) > 100
    joined = windows.merge(precursors, left_on="Precursor", right_on="Id")
    assert len(joined) == len(windows)
    assert (joined["Parent"] < joined["Frame"]).all()
    assert (np.abs(joined["IsolationMz"] - joined["MonoisotopicMz"]) < 0.5).all()
    assert joined["ScanNumber"].between(joined["ScanNumBegin"], joined["ScanNumEnd"]).all()
    for _, own in windows.groupby("Frame"):
        assert (own["ScanNumBegin"].to_numpy()[1:] >= own["ScanNumEnd"].to_numpy()[:-1]).all()
    kinds = table(dda.runs[0], "Frames").set_index("Id")["MsMsType"]
    assert set(kinds.loc[windows["Frame"]]) == {8}


def test_windows_of_dia_tile_mass_and_scans(dia: RawStudy) -> None:
    windows = table(dia.runs[0], "DiaFrameMsMsWindows").sort_values("IsolationMz")
    low = windows["IsolationMz"] - windows["IsolationWidth"] / 2
    high = windows["IsolationMz"] + windows["IsolationWidth"] / 2
    np.testing.assert_allclose(low.to_numpy()[1:], high.to_numpy()[:-1])
    for _, own in windows.sort_values("ScanNumBegin").groupby("WindowGroup"):
        assert own["ScanNumBegin"].tolist() == [0, own["ScanNumEnd"].iloc[0]]
        assert own["ScanNumEnd"].iloc[-1] == 400
        assert own["IsolationMz"].is_monotonic_decreasing
    frames, info = table(dia.runs[0], "Frames"), table(dia.runs[0], "DiaFrameMsMsInfo")
    assert set(frames["ScanMode"]) == {9}
    assert info["Frame"].tolist() == frames.loc[frames["MsMsType"] == 9, "Id"].tolist()
    assert set(info["WindowGroup"]) == set(windows["WindowGroup"])


def test_our_own_reader_finds_nothing_wrong(dda: RawStudy, dia: RawStudy) -> None:
    for run in (dda.runs[0], dia.runs[0]):
        found = inspect_folder(run, with_map=False)
        assert found.is_readable
        assert [fault.problem for fault in found.faults] == []


def test_the_fasta_lacks_a_quarter_and_has_strangers(dda: RawStudy) -> None:
    truth = pd.read_csv(dda.truth, sep="\t").set_index("protein")
    entries = dda.fasta.read_text("utf-8").split(">")[1:]
    sequences = {entry.split("|")[1]: "".join(entry.splitlines()[1:]) for entry in entries}
    assert set(sequences) == set(truth.index[truth["in_fasta"]])
    assert int((truth["in_sample"] & ~truth["in_fasta"]).sum()) == 3
    assert int((~truth["in_sample"] & truth["in_fasta"]).sum()) == 24
    assert truth.loc[~truth["in_sample"], "log2fc_aged"].isna().all()
    ions = pd.read_csv(dda.ions, sep="\t")
    own = ions[ions["protein"].isin(list(sequences))]
    assert all(row.peptide in digest(sequences[row.protein]) for row in own.itertuples())
    assert dda.readme.read_text("utf-8").startswith("SIMULATED DATA")


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    options = {"n_proteins": 4, "gradient": 10.0, "replicates": 1}
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        simulate_raw(tmp_path / name, seed=seed, **options)
    files = [path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert len(files) == 9
    same = {
        name: [(tmp_path / name / f).read_bytes() == (tmp_path / "a" / f).read_bytes() for f in files] for name in "bc"
    }
    assert all(same["b"])
    assert not same["c"][files.index(Path("young_1.d/analysis.tdf_bin"))]
    simulate_raw(tmp_path / "a", seed=1, **options)  # an earlier simulation is replaced
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "c" / f).read_bytes() for f in files)


def test_bad_options_are_told_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    bad = ["--proteins", "1", "--groups", "a,,b/c", "--replicates", "0", "--gradient", "nan", "--seed", "-1"]
    assert cli.status(["raw", "simulate", out, *bad]) == 1
    said = capsys.readouterr().err
    assert all(f"--{name}: " in said for name in ("proteins", "groups", "replicates", "gradient", "seed"))
    assert not Path(out).exists()
    with pytest.raises(OutputError, match="distinct"):
        simulate_raw(out, groups=["a", "A"])
    with pytest.raises(OutputError, match="dda or dia"):
        simulate_raw(out, mode="prm")


def test_a_folder_of_the_user_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("mine\n", encoding="utf-8")
    with pytest.raises(OutputError, match="no simulation"):
        simulate_raw(tmp_path, **SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["README.txt"]
    with pytest.raises(OutputError, match="is a file"):
        simulate_raw(tmp_path / "README.txt", **SMALL)


def test_the_command_says_simulated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--proteins", "4", "--gradient", "10", "--replicates", "1", "--groups", "a"]
    assert cli.status(["raw", "simulate", str(tmp_path / "out"), *options]) == 0
    assert capsys.readouterr().out.startswith("SIMULATED: 1 runs in ")
