"""What each engine is told: commands and files, against lists written by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pydantic
import pytest

from organokine.errors import DataError
from organokine.raw.engines import ENGINES, EngineJob, EngineSettings, engine_of, find_engine, no_engine_problem
from organokine.raw.engines.base import check_job
from tests.raw.engines.stub import write_job

DIGEST = [
    *("--cut", "K*,R*", "--missed-cleavages", "1", "--met-excision", "--min-pep-len", "7", "--max-pep-len", "30"),
    *("--min-pr-charge", "2", "--max-pr-charge", "4", "--unimod4", "--var-mods", "1"),
    *("--var-mod", "UniMod:35,15.994915,M", "--var-mod", "UniMod:1,42.010565,*n", "--threads", "4", "--verbose", "1"),
]


def straw_job(*names: str, **settings: object) -> EngineJob:
    folders = tuple(Path("/data/Mäuse 1") / f"{name}.d" for name in names)
    return EngineJob(folders, names, Path("/data/mouse.fasta"), Path("/out here"), EngineSettings(**settings), 4)


def test_dia_nn_predicts_a_library_and_then_searches_all_runs() -> None:
    library, search = engine_of("diann").commands(Path("/opt/diann"), straw_job("a", "b"))
    assert library == [
        *("/opt/diann", "--fasta", "/data/mouse.fasta", "--fasta-search", "--predictor", "--gen-spec-lib"),
        *("--out-lib", "/out here/library.parquet", "--out", "/out here/library.tsv", *DIGEST),
    ]
    assert search == [
        *("/opt/diann", "--lib", "/out here/library.predicted.speclib", "--fasta", "/data/mouse.fasta"),
        *("--f", "/data/Mäuse 1/a.d", "--f", "/data/Mäuse 1/b.d", "--out", "/out here/report.tsv", "--qvalue", "0.01"),
        *("--mass-acc", "15", "--mass-acc-ms1", "15", "--temp", "/out here/quant", "--use-quant"),
        *("--reanalyse", "--rt-profiling", *DIGEST),
    ]


def test_dia_nn_is_told_what_the_user_set() -> None:
    job = straw_job(
        "a",
        missed_cleavages=2,
        carbamidomethyl=False,
        variable=(),
        mass_accuracy=12.5,
        fdr=0.001,
        extra=("--window", "7"),
    )
    library, search = engine_of("diann").commands(Path("/opt/diann"), job)
    assert "--reanalyse" not in search  # nothing to match between with one run
    assert not {"--unimod4", "--var-mods", "--var-mod"} & {*library, *search}
    assert search[search.index("--qvalue") :][:6] == [
        "--qvalue",
        "0.001",
        "--mass-acc",
        "12.5",
        "--mass-acc-ms1",
        "12.5",
    ]
    assert search[search.index("--missed-cleavages") + 1] == "2"
    assert (library[-2:], search[-2:]) == (["--window", "7"], ["--window", "7"])


def test_alphadia_is_told_by_one_command_and_a_file() -> None:
    engine, job = engine_of("alphadia"), straw_job("a", "b", extra=("--config-dict", '{"general": {}}'))
    assert engine.commands(Path("/opt/alphadia"), job) == [
        [
            *("/opt/alphadia", "--output", "/out here", "--file", "/data/Mäuse 1/a.d", "--file", "/data/Mäuse 1/b.d"),
            *("--fasta", "/data/mouse.fasta", "--config", "/out here/alphadia.json"),
            *("--config-dict", '{"general": {}}'),
        ]
    ]
    assert {name: json.loads(text) for name, text in engine.files(job).items()} == {
        "alphadia.json": {
            "general": {"thread_count": 4, "reuse_quant": True},
            "library_prediction": {
                "enabled": True,
                "enzyme": "trypsin",
                "missed_cleavages": 1,
                "precursor_len": [7, 30],
                "precursor_charge": [2, 4],
                "fixed_modifications": "Carbamidomethyl@C",
                "variable_modifications": "Oxidation@M;Acetyl@Protein_N-term",
                "max_var_mod_num": 1,
            },
            "search": {"extraction_backend": "python", "target_ms1_tolerance": 15.0, "target_ms2_tolerance": 15.0},
            "fdr": {"fdr": 0.01},
        }
    }


@pytest.mark.parametrize(
    ("name", "log", "version"),
    [
        ("diann", "$ /opt/DIA-NN 1/diann --f a\nDIA-NN 1.8.1 (Data-Independent Acquisition)\n", "1.8.1"),
        ("diann", "DIA-NN 1.8.2 beta 27 (Data-Independent Acquisition)\n", "1.8.2 beta 27"),
        ("diann", "DIA-NN 2.3.0 Academia  (Data-Independent Acquisition)\n", "2.3.0"),
        ("diann", "no word of it", ""),
        ("alphadia", "0:00:00.1 PROGRESS: version: 2.3.0\n0:00:00.1 INFO: alphabase       : 1.8.1\n", "2.3.0"),
        ("alphadia", "no word of it", ""),
    ],
)
def test_the_version_is_what_the_log_tells(name: str, log: str, version: str) -> None:
    assert engine_of(name).version(log) == version


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_cards_are_whole(engine) -> None:
    job = straw_job("a", "b")
    commands = engine.commands(Path("/p"), job)
    assert len(engine.products(job)) == len(commands)
    assert engine.modes == ("diaPASEF",)
    assert f'format = "{engine.format}"' in engine.import_it


@pytest.mark.parametrize(
    "settings",
    [
        {"missed_cleavages": -1},
        {"minimum_length": 31},
        {"minimum_charge": 5},
        {"fdr": 0.05},
        {"variable": ("x",)},
        {"x": 1},
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        EngineSettings(**settings)


def test_all_that_is_wrong_with_a_job_is_told_at_once(tmp_path: Path) -> None:
    job = write_job(tmp_path / "a--b", extra=("--out", "elsewhere", "--temp=x"))
    double = tmp_path / "other" / "m1.d"
    job = replace(job, folders=(*job.folders, double), samples=(*job.samples, "mouse 1"))
    job.fasta.write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(DataError) as caught:
        check_job(engine_of("diann"), job)
    said = str(caught.value)
    for part in (
        "2 files of raw folders are absent",
        "2 folders go by the same name: 'm1'",
        "2 samples have the same name: 'mouse 1'",
        "packed with gzip",
        "'--out', '--temp=x' cannot be handed to DIA-NN",
        "two hyphens in a row",
    ):
        assert part in said
    assert len(caught.value.problems) == 6


@pytest.mark.parametrize("cut", ["folders", "fasta"])
def test_a_job_without_runs_or_fasta_is_refused(tmp_path: Path, cut: str) -> None:
    job = write_job(tmp_path)
    job = replace(job, folders=(), samples=()) if cut == "folders" else replace(job, fasta=tmp_path / "none.fasta")
    with pytest.raises(DataError, match="there is no run" if cut == "folders" else "No such file"):
        check_job(engine_of("alphadia"), job)


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_an_engine_is_found_by_file_folder_and_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "Programme für MS"
    folder.mkdir()
    for name in ("diann-1.8.1", "diann-1.10.0", "diann-notes"):
        program(folder / name)
    assert find_engine("diann", folder) == folder / "diann-1.10.0"
    named = program(folder / "diann-linux")
    assert find_engine("diann", folder) == named
    assert find_engine("diann", str(program(folder / "any name"))) == folder / "any name"
    monkeypatch.setenv("PATH", str(folder))
    assert find_engine("diann") == named


def test_an_engine_that_is_not_there_is_told_with_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "diann").write_text("no program")
    for path, what in ((None, "not on PATH"), (tmp_path / "no", "no file"), (tmp_path, "holds no program named")):
        with pytest.raises(DataError, match=what) as caught:
            find_engine("diann", path)
        assert "github.com/vdemichev/DiaNN" in str(caught.value)
        assert 'format = "diann"' in str(caught.value)
    with pytest.raises(DataError, match=r"may not be executed.*chmod"):
        find_engine("diann", tmp_path / "diann")
    with pytest.raises(DataError, match=r"no engine 'dian'.*Write 'diann'"):
        find_engine("dian")


def test_without_an_engine_it_is_said_which_there_are_and_how_to_import() -> None:
    said = str(no_engine_problem("the 4 runs"))
    for part in (
        "--engine diann --engine-path",
        "DIA-NN",
        "AlphaDIA",
        "Apache-2.0",
        "non-profit",
        '"alphadia"',
        '"diann"',
    ):
        assert part in said
