"""Results of a run as one .h5mu: what it holds, and that nothing else depends on it."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import organokine as ok
from organokine import cli, output, tables
from organokine.errors import OrganokineError
from organokine.pipeline import run
from tests.small_study import write_small_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> ok.Study:
    path = write_small_study(tmp_path_factory.mktemp("h5mu"))
    path.write_text(path.read_text().replace('name = "', 'name = "small study ', 1))
    return ok.read_study(path)


def hashes(folder: Path) -> dict[str, str]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["outputs"]


def test_the_study_and_all_tables_are_in_it_and_other_files_stay_as_they_are(study: ok.Study, tmp_path: Path) -> None:
    mudata = pytest.importorskip("mudata")
    out = tmp_path / "out"
    result = run(study, out)
    name = f"{output.plain_name(study.file.study.name)}.h5mu"
    without = hashes(out)
    assert not (out / name).exists()
    assert cli.status(["run", str(study.file.folder / "study.toml"), "--out", str(out), "--h5mu"]) == 0
    written = hashes(out)
    assert written.pop(name) == output.file_sha256(out / name)
    assert written == without
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MuData speaks of its own next version
        held = mudata.read_h5mu(out / name)
    assert set(held.mod) == set(study.assays)
    for assay, data in study.assays.items():
        np.testing.assert_array_equal(held[assay].X, data.X)
    assert {table.name for table in tables.TABLES} <= set(held.uns["organokine"])
    for table in ("mediators", "evidence", "differential", "flags"):
        expected = getattr(result, table)
        found = held.uns["organokine"][table]
        assert list(found.columns) == list(expected.columns)
        numeric = expected.select_dtypes("number").columns
        np.testing.assert_array_equal(found[numeric].to_numpy(dtype=float), expected[numeric].to_numpy(dtype=float))
    assert held.uns["organokine"]["mediators"]["gene"].tolist() == result.mediators["gene"].tolist()
    run(study, out)
    assert not (out / name).exists(), "what an earlier run wrote would no longer belong to its tables"
    assert hashes(out) == without


def test_without_the_extra_a_run_says_so_before_anything_is_read(
    study: ok.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mudata", None)
    with pytest.raises(OrganokineError, match=r"organokine\[mudata\]"):
        run(study, tmp_path / "out", h5mu=True)
    assert cli.status(["run", str(tmp_path / "absent.toml"), "--h5mu"]) == 1
    assert capsys.readouterr().err.startswith("MuData: the package mudata is not installed")
    assert list(tmp_path.iterdir()) == []
