from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from organokine.errors import OutputError
from organokine.output import StageOutput, claim, file_sha256


@pytest.fixture
def stage() -> StageOutput:
    return StageOutput({"numbers": pd.DataFrame({"a": [1.0, float("nan")]})}, {"n": 2})


def test_a_finished_stage_comes_back_whole(tmp_path: Path, stage: StageOutput) -> None:
    with claim(tmp_path / "out", "one", fresh=False) as folder:
        folder.save_stage("first", "key", stage)
    with claim(tmp_path / "out", "one", fresh=False) as folder:
        found = folder.load_stage("first", "key")
        assert found is not None
        pd.testing.assert_frame_equal(found.tables["numbers"], stage.tables["numbers"])
        assert found.facts == {"n": 2}
        assert folder.load_stage("first", "other key") is None
        assert folder.load_stage("second", "key") is None


def test_a_damaged_or_half_written_stage_is_not_used(tmp_path: Path, stage: StageOutput) -> None:
    with claim(tmp_path / "out", "one", fresh=False) as folder:
        folder.save_stage("first", "key", stage)
        table = folder.hidden / "stages" / "first" / "numbers.parquet"
        table.write_bytes(table.read_bytes()[:-10])
        assert folder.load_stage("first", "key") is None
        folder.save_stage("first", "key", stage)
        (folder.hidden / "stages" / "first" / "done.json").unlink()
        assert folder.load_stage("first", "key") is None


def test_fresh_forgets_finished_stages(tmp_path: Path, stage: StageOutput) -> None:
    with claim(tmp_path / "out", "one", fresh=False) as folder:
        folder.save_stage("first", "key", stage)
    with claim(tmp_path / "out", "one", fresh=True) as folder:
        assert folder.load_stage("first", "key") is None


def test_results_appear_only_when_all_were_made(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def killed() -> None:
        with claim(out, "one", fresh=False) as folder, folder.staging() as aside:
            (aside / "a.txt").write_text("half")
            raise InterruptedError

    with pytest.raises(OutputError):
        killed()
    assert [item.name for item in out.iterdir()] == [".organokine"]
    with claim(out, "one", fresh=False) as folder, folder.staging() as aside:
        (aside / "a.txt").write_text("whole")
        (aside / "cards").mkdir()
    assert sorted(item.name for item in out.iterdir()) == [".organokine", "a.txt", "cards"]
    assert (out / "a.txt").read_text() == "whole"


HOLD = """
import sys, time
from pathlib import Path
from organokine.output import claim
with claim(Path(sys.argv[1]), "one", fresh=False):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_into_the_same_folder_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(out)], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            with pytest.raises(OutputError, match="another run is writing"), claim(out, "one", fresh=False):
                pass
        finally:
            other.kill()
    with claim(out, "one", fresh=False) as folder:
        assert folder.path.is_dir()


def test_folders_of_others_are_refused_untouched(tmp_path: Path) -> None:
    with claim(tmp_path / "out", "one", fresh=False):
        pass
    with (
        pytest.raises(OutputError, match=re.escape("another study, 'one'")),
        claim(tmp_path / "out", "two", fresh=True),
    ):
        pass
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("years of work")
    with pytest.raises(OutputError, match=re.escape("thesis.doc")), claim(tmp_path / "mine", "one", fresh=True):
        pass
    assert [item.name for item in (tmp_path / "mine").iterdir()] == ["thesis.doc"]
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="this is a file"), claim(tmp_path / "file", "one", fresh=False):
        pass


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write to")
def test_a_folder_that_cannot_be_written_is_said_so() -> None:
    with pytest.raises(OutputError, match="cannot be written"), claim(Path("/proc/organokine"), "one", fresh=False):
        pass


def test_hash_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert file_sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_move_cut_short_leaves_no_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    names = ["a.parquet", "manifest.json", "z.parquet"]

    def write(text: str) -> None:
        with claim(out, "one", fresh=False) as folder, folder.staging() as aside:
            for name in names:
                (aside / name).write_text(text)

    write("first")
    whole = Path.replace

    def cut_short(self: Path, target: Path) -> Path:
        if self.name == "z.parquet":
            raise OSError(5, "the power went")
        return whole(self, target)

    monkeypatch.setattr(Path, "replace", cut_short)
    with pytest.raises(OutputError, match="the power went"):
        write("second")
    assert (out / "a.parquet").read_text() == "second"
    assert not (out / "manifest.json").exists(), "nobody takes the mixture for a run"
    monkeypatch.undo()
    write("third")
    assert {(out / name).read_text() for name in names} == {"third"}


@pytest.mark.parametrize("damage", ["", "null", "[]", "{}", "\x00"])
def test_a_damaged_note_is_said_so(tmp_path: Path, stage: StageOutput, damage: str) -> None:
    with claim(tmp_path / "out", "one", fresh=False) as folder:
        folder.save_stage("first", "key", stage)
        (folder.hidden / "stages" / "first" / "done.json").write_text(damage)
        assert folder.load_stage("first", "key") is None
    (tmp_path / "out" / ".organokine" / "study.json").write_text(damage)
    with pytest.raises(OutputError, match="is damaged"), claim(tmp_path / "out", "one", fresh=True):
        pass
