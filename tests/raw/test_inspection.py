from __future__ import annotations

import json

import numpy as np
import pytest

from organokine import cli
from organokine.errors import DataError
from organokine.raw.folder import open_folder
from organokine.raw.inspection import as_json, inspect_folder
from tests.raw.tiny_folder import METADATA, change, some_ions, write_tiny


@pytest.fixture
def folder(tmp_path):
    return write_tiny(tmp_path / "a.d", [some_ions(seed) for seed in range(7)])


def told(found):
    return " ".join(str(fault.problem) for fault in found.faults)


def test_a_sound_folder(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    found = inspect_folder(folder)
    assert found.faults == ()
    facts = found.facts
    assert [facts[name] for name in ("mode", "ms1_frames", "ms2_frames", "empty_ms2_frames")] == ["ddaPASEF", 3, 4, 0]
    assert facts["minutes"] == pytest.approx(0.01)
    assert facts["mobility_high"] == pytest.approx(1 / (0.009 + 135 / 219), rel=1e-12)
    assert facts["mobility_low"] == pytest.approx(1 / (0.009 + 135 / 81), rel=1e-12)
    # 20 ppm per degree, and the last MS1 frame is 0.6 degrees warmer than the first
    assert facts["mass_drift_ppm"] == pytest.approx(12)
    assert found.traces["total"].tolist() == [some_ions(seed).intensity.sum() for seed in (0, 3, 6)]
    assert found.ion_map.intensity.sum() == found.traces["total"].sum()
    assert found.ion_map.n_ions == 900
    assert json.loads(json.dumps(as_json([found]), allow_nan=False))[0]["readable"] is True
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_map_holds_ions_where_the_calibration_puts_them(folder):
    ions = inspect_folder(folder, most_frames=1).ion_map
    assert ions.n_frames == 1
    scan, tof = some_ions(0).scan, some_ions(0).tof
    mobility = 1 / (0.009 + 135 / (219 + (81 - 219) / 199 * scan))
    mz = ((tof * 0.2 + 24864 + 816) / np.sqrt(1e12 / 151622)) ** 2
    expected, _, _ = np.histogram2d(mobility, mz, bins=(ions.mobility, ions.mz), weights=some_ions(0).intensity)
    assert (
        np.abs(expected - ions.intensity).sum() <= 2 * ions.intensity.max()
    )  # an ion on an edge may fall to either side
    assert ions.mz[[0, -1]] == pytest.approx([mz.min(), mz.max()], rel=1e-9)


@pytest.mark.parametrize(
    ("statements", "said", "is_readable"),
    [
        (["drop table Frames"], "the table Frames is absent", False),
        (["drop table Frames", "drop table GlobalMetadata"], "the table GlobalMetadata is absent", False),
        (["alter table Frames rename column TimsId to Offset"], "lacks 1 columns, 'TimsId'", False),
        (["update Frames set NumPeaks = 'many' where Id = 2"], "1 rows of the table Frames have no number in 'n_peaks'", False),
        (["delete from Frames where Id in (3, 4)"], "2 frames are missing from the table Frames ('3', '4')", False),
        (["delete from Frames"], "the table Frames has no row", False),
        (["drop table Precursors"], "the table Precursors is absent", False),
        (["delete from PasefFrameMsMsInfo"], "the table PasefFrameMsMsInfo is empty", False),
        (["update Frames set NumScans = 9 where Id = 5"], "the blocks of 1 of 7 frames ('5') do not begin", False),
        (["update GlobalMetadata set Value = '4' where Key = 'SchemaVersionMajor'"], "the schema version is '4'", False),
        (["update GlobalMetadata set Value = '1' where Key = 'TimsCompressionType'"], "the compression type is '1'", False),
        (["update GlobalMetadata set Value = '0' where Key = 'ClosedProperly'"], "was not closed properly", True),
        (["update Frames set NumPeaks = 0 where MsMsType = 8"], "4 of 4 MS2 frames are empty", True),
        (["update Frames set MsMsType = 0"], "there is no MS2 frame", True),
        (["update Frames set MsMsType = 9 where Id = 2"], "modes are mixed: ddaPASEF and diaPASEF", True),
        (["update TimsCalibration set ModelType = 5"], "TimsCalibration has the unknown ModelType '5'", True),
        (["update Frames set MzCalibration = 3"], "rows of MzCalibration that are absent ('3')", True),
        (["drop table MzCalibration"], "there is no calibration in a table MzCalibration", True),
        (["update TimsCalibration set C1 = 0"], "TimsCalibration has zero for C1", True),
        (["update MzCalibration set C1 = 'x'"], "a row of the table MzCalibration does not hold numbers", False),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(folder, statements, said, is_readable):
    change(folder, *statements)
    found = inspect_folder(folder)
    assert said in told(found)
    assert found.is_readable is is_readable
    assert all(str(folder) in fault.problem.where for fault in found.faults)


def test_a_folder_that_may_not_be_looked_into_is_told(folder, monkeypatch):
    def refused(*_: object) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.is_file", refused)
    with pytest.raises(DataError, match=r"the folder cannot be read \(Permission denied\)"):
        open_folder(folder)


def test_all_faults_are_told_at_once(folder):
    change(
        folder, "update GlobalMetadata set Value = '0' where Key = 'ClosedProperly'", "delete from Frames where Id = 3"
    )
    file = folder / "analysis.tdf_bin"
    file.write_bytes(file.read_bytes()[:-100])
    found = inspect_folder(folder)
    assert [fault.is_fatal for fault in found.faults] == [True, True, False]
    assert "before 1 of 6 frames ('7')" in told(found)


def test_what_is_no_folder_of_a_timstof(tmp_path, folder):
    (tmp_path / "file.d").write_text("", encoding="utf-8")
    (tmp_path / "empty.d").mkdir()
    for name, said in (
        ("absent.d", "no such folder"),
        ("file.d", "this is a file"),
        ("empty.d", "neither analysis.tdf"),
    ):
        found = inspect_folder(tmp_path / name)
        assert said in told(found)
        assert not found.is_readable
    (folder / "analysis.tdf").write_bytes(b"SQLite format 3\x00 and then nothing")
    assert "the database cannot be read" in told(inspect_folder(folder))
    (folder / "analysis.tdf_bin").unlink()
    assert "analysis.tdf_bin is absent" in told(inspect_folder(folder))


def test_an_unknown_kind_and_dia_are_named(tmp_path):
    frames = [some_ions(seed, 20) for seed in range(3)]
    assert open_folder(write_tiny(tmp_path / "dia.d", frames, kind=9)).mode == "diaPASEF"
    assert open_folder(write_tiny(tmp_path / "new.d", frames, kind=77)).mode == "unknown (MsMsType 77)"
    assert METADATA["SchemaVersionMajor"] == "3"


def test_the_command_shows_every_folder_and_writes_a_page(folder, tmp_path, capsys):
    assert cli.status(["raw", "inspect", str(tmp_path / "<b>no.d"), str(folder), "--out", str(tmp_path / "out")]) == 1
    captured = capsys.readouterr()
    assert "<b>no.d: unreadable" in captured.out
    assert f"{folder}: ddaPASEF, 0.0 min, 3 MS1 and 4 MS2 frames, 1/K0 0.597 to 1.599, sound" in captured.out
    assert "no such folder" in captured.err
    page = (tmp_path / "out" / "inspect.html").read_text(encoding="utf-8")
    for word in ("map-1", "total-1", "base-peak-1", "drift-1", "no such folder", "&lt;b&gt;no.d"):
        assert word in page
    assert "<b>no.d" not in page
    assert len(json.loads((tmp_path / "out" / "inspect.json").read_text(encoding="utf-8"))) == 2
    assert cli.status(["raw", "inspect", str(folder)]) == 0


@pytest.mark.parametrize("number", [0, 4])
@pytest.mark.parametrize(
    "packed",
    [
        bytes(40),  # the middle of a file that was never written
        b"\x28\xb5\x2f\xfd\xe0" + (26_843_548_808).to_bytes(8, "little") + bytes(27),  # announces 26 GB
    ],
    ids=["zeros", "too much announced"],
)
def test_a_block_that_is_spoilt_in_the_middle_is_seen_before_any_engine_reads_it(folder, number, packed):
    offset = int(open_folder(folder).frames["offset"].iloc[number])
    with (folder / "analysis.tdf_bin").open("r+b") as file:
        file.seek(offset + 8)
        file.write(packed)
    found = inspect_folder(folder, with_map=False)
    assert not found.is_readable
    assert f"the blocks of 1 of 7 frames ('{number + 1}') cannot be unpacked" in told(found)
