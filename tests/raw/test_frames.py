from __future__ import annotations

import sys

import numpy as np
import pytest

from organokine.errors import DataError, OrganokineError
from organokine.raw.folder import open_folder
from organokine.raw.frames import read_frame
from tests.raw.tiny_folder import Ions, some_ions, write_tiny

EMPTY = Ions(*(np.zeros(0, dtype=int) for _ in range(3)))


def test_ions_come_back_as_they_were_written(tmp_path):
    written = [some_ions(1), EMPTY, some_ions(2, 1), some_ions(3, 2000)]
    folder = open_folder(write_tiny(tmp_path / "a.d", written))
    for offset, ions in zip(folder.frames["offset"], written, strict=True):
        read = read_frame(folder.frames_file, offset)
        assert [each.tolist() for each in read] == [each.tolist() for each in ions]


def test_damage_names_the_block(tmp_path):
    path = write_tiny(tmp_path / "a.d", [some_ions(1)])
    file = path / "analysis.tdf_bin"
    whole = file.read_bytes()
    for wrong, said in (
        (whole[:5], "begins beyond the end"),
        (whole[:-7], "bytes are announced"),
        (whole[:8] + b"no zstd" + whole[15:], "cannot be unpacked"),
        (whole[:4] + b"\x09\x00\x00\x00" + whole[8:], "do not fit the 9 scans"),
    ):
        file.write_bytes(wrong)
        with pytest.raises(DataError, match=rf"analysis.tdf_bin, byte 0: .*{said}"):
            read_frame(file, 0)


def test_without_zstandard_it_says_what_to_install(tmp_path, monkeypatch):
    path = write_tiny(tmp_path / "a.d", [some_ions(1)])
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(OrganokineError, match=r"organokine\[raw\]"):
        read_frame(path / "analysis.tdf_bin", 0)


@pytest.mark.public
def test_folders_of_timsrust_hold_what_their_tables_say(shared_data):
    for name in ("timsrust_test.d", "timsrust_dia_test.d"):
        folder = open_folder(shared_data / "search_engine_reports" / name)
        for row in folder.frames.head(2).to_dict("records"):
            frame = read_frame(folder.frames_file, row["offset"])
            assert len(frame.tof) == row["n_peaks"]
            assert frame.intensity.sum() == row["total"]
            assert frame.tof.min() >= 0
