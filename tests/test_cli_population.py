"""The command `population`, and what the other commands say of a study with `[population]`."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from organokine import cli
from tests.population_study import edit, stand_in, write_small_population
from tests.small_study import write_small_study

DOCS = Path(__file__).resolve().parents[1] / "docs"
COMMAND = re.compile(r"organokine population [^\n]*--(?:workers|shard|merge)\b[^\n]*")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_population(tmp_path_factory.mktemp("template")).parent


@pytest.fixture
def study(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The study in the working directory, with stand-ins for what scores it."""
    for file in template.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.chdir(tmp_path)
    stand_in(monkeypatch)
    return tmp_path / "study.toml"


def test_check_names_the_command(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.status(["check", "study.toml"]) == 0
    said = capsys.readouterr().out
    assert said.endswith("The study can be run: organokine population study.toml\n")
    assert "organokine run" not in said
    assert "pairs of organs to be scored: 2 of 2" in said


def test_check_of_a_study_with_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_small_study(tmp_path)
    edit(path, "[contrast]", "[population]\n\n[contrast]")
    assert cli.status(["check", str(path)]) == 0
    captured = capsys.readouterr().out
    assert f"organokine run {path}" in captured
    assert f"organokine population {path}" in captured
    assert "Warning: no pair of organs has 20 individuals in common" in captured


def test_run_points_to_population(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.status(["run", "study.toml"]) == 1
    assert "[contrast] is absent" in (said := capsys.readouterr().err)
    assert "Run `organokine population` for what [population] asks, or add [contrast]" in said


def test_population_points_to_its_section(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_small_study(tmp_path)
    assert cli.status(["population", str(path)]) == 1
    assert "[population] is absent" in capsys.readouterr().err
    assert not (tmp_path / "small_population").exists()


def test_the_whole(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.status(["population", "study.toml"]) == 0
    said = capsys.readouterr().out
    out = study.parent / "simulated_population_population"
    assert said.splitlines() == ["In words.", f"report: {out / 'report.html'}"]
    assert (out / "population.tsv").is_file()


def test_an_ordinary_run_does_not_write_into_it(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_small_study(tmp_path / "other")
    edit(other, 'name = "small"', 'name = "simulated_population"')
    assert cli.status(["population", "study.toml", "--out", "here"]) == 0
    assert cli.status(["run", str(other), "--out", "here"]) == 1
    assert "another study, 'simulated_population (population mode)'" in capsys.readouterr().err


@pytest.mark.parametrize("shard", ["3/2", "a/b", "0/4", "", "4"])
def test_a_shard_that_is_none(study: Path, capsys: pytest.CaptureFixture[str], shard: str) -> None:
    assert cli.status(["population", "study.toml", "--shard", shard]) == 2
    assert "3/8" in " ".join(capsys.readouterr().err.split())
    assert not (study.parent / "simulated_population_population").exists()


@pytest.mark.parametrize("other", [["--fresh"], ["--shard", "1/2"], ["--scheduler", "tcp://127.0.0.1:1"]])
def test_a_merge_computes_nothing(study: Path, capsys: pytest.CaptureFixture[str], other: list[str]) -> None:
    assert cli.status(["population", "study.toml", "--merge", *other]) == 2
    assert "--merge computes nothing" in " ".join(capsys.readouterr().err.split())


def test_a_merge_without_its_shards_is_one_message(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.status(["population", "study.toml", "--shard", "1/3"]) == 0
    assert "shard 1/3: 4 of 12 cells, 0 of them were there already" in capsys.readouterr().out
    assert cli.status(["population", "study.toml", "--merge"]) == 1
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert "they belong to shards 2/3, 3/3" in captured.err


def commands_of_the_page() -> list[str]:
    """Every command of docs/clusters.md with the variables of SLURM, Snakemake and Nextflow filled in, for two shards."""
    text = (DOCS / "clusters.md").read_text(encoding="utf-8")
    filled = {
        "${SLURM_ARRAY_TASK_ID}": "1", "{wildcards.i}": "1", "{N}": "2", "${i}": "1", "${params.n}": "2", "/16": "/2",
        "${params.study}": "study.toml", "${params.out}": "study_population",
    }  # fmt: skip
    found = []
    for command in COMMAND.findall(text):
        for sign, value in filled.items():
            command = command.replace(sign, value)  # noqa: PLW2901
        found.append(command.replace('"', "").strip())
    return found


def test_the_commands_of_the_page_on_clusters_run(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands = commands_of_the_page()
    assert len(commands) == 10
    assert {tuple(re.findall(r"--\w+", command)) for command in commands} == {
        ("--workers",),
        ("--shard",),
        ("--merge",),
        ("--out", "--shard"),
        ("--out", "--merge"),
    }
    for command in dict.fromkeys(commands):
        # The first of two shards is on the page; what is left is computed here before anything is merged.
        if "--merge" in command:
            second = command.replace("--merge", "--shard 2/2")
            assert cli.status(shlex.split(second)[1:]) == 0, capsys.readouterr().err
        one = command.replace("--workers 8", "--workers 1")
        assert cli.status(shlex.split(one)[1:]) == 0, f"{command}: {capsys.readouterr().err}"


def test_the_python_of_the_page_on_clusters_compiles() -> None:
    text = (DOCS / "clusters.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    dask = [block for block in blocks if "SLURMCluster" in block]
    assert len(dask) == 1
    compile(dask[0], "clusters.md", "exec")


def test_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stand_in(monkeypatch)
    monkeypatch.setattr("organokine.simulate.cohort_folder.write_population", write_small_population)
    assert cli.status(["demo", "--population"]) == 0
    assert capsys.readouterr().out.startswith("The data of this demo are SIMULATED")
    assert (tmp_path / "organokine_demo_population" / "simulated_population_population" / "report.html").is_file()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "study.toml").touch()
    assert cli.status(["demo", "--population", "--out", "mine"]) == 1


@pytest.mark.slow
def test_shards_of_a_real_study_and_their_merge(template: Path, tmp_path: Path, capsys) -> None:
    """Nothing stands in for anything: the planted messenger leads."""
    path = write_small_population(tmp_path, n_individuals=60, n_genes=150)
    for arguments in (["--shard", "1/2"], ["--shard", "2/2"], ["--merge"]):
        assert cli.status(["population", str(path), "--out", str(tmp_path / "out"), *arguments]) == 0
    said = " ".join(capsys.readouterr().out.split())
    planted = (tmp_path / "truth.tsv").read_text(encoding="utf-8").splitlines()[1].split("\t")
    first = (tmp_path / "out" / "population.tsv").read_text(encoding="utf-8").splitlines()[1].split("\t")
    assert first[5] in planted
    assert first[5] in said
    assert "Traceback" not in said
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert first[5] in page
