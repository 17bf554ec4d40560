"""Commands, exit statuses and messages; the science beneath is tested where it lives."""

from __future__ import annotations

import html
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import organokine.study
from organokine import cli, tables, terminal
from organokine.cli_differential import covariates_of
from organokine.errors import OrganokineError, Problem
from organokine.evidence import LINES
from tests.small_study import write_small_study

HELP_SECONDS = 0.4
MARKUP = "[red]study[/red] :smile: <b>.toml"


@pytest.fixture
def failing(monkeypatch):
    """Let reading a study raise."""

    def fail_with(error: BaseException) -> None:
        def read(path: Path, searching: object) -> None:
            raise error

        monkeypatch.setattr(organokine.study, "read_study", read, raising=False)

    return fail_with


def run_in_a_shell(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from organokine.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_version():
    done = run_in_a_shell("--version")
    assert (done.returncode, done.stdout) == (0, f"organokine {organokine.__version__}\n")


def test_help_answers_fast():
    seconds = []
    for _ in range(5):
        before = os.times()
        done = run_in_a_shell("--help")
        after = os.times()
        assert done.returncode == 0
        assert "differential" in done.stdout
        used = after.children_user - before.children_user + after.children_system - before.children_system
        seconds.append(used)
    # Processor time: what it takes on a machine that does nothing else, unlike one that runs tests.
    assert 0 < min(seconds) < HELP_SECONDS


def test_a_users_error_is_one_plain_message(failing, capsys):
    problem = Problem(MARKUP, "is absent", "Nothing can be run", "Write one")
    failing(OrganokineError(problem))
    assert cli.status(["check", "study.toml"]) == 1
    captured = capsys.readouterr()
    assert captured.err == f"{MARKUP}: is absent. Nothing can be run. Write one.\n"
    assert captured.out == ""


def test_a_missing_study_file_is_the_users(tmp_path):
    done = run_in_a_shell("check", str(tmp_path / "no such [bold]file.toml"))
    assert done.returncode == 1
    assert "no such [bold]file.toml" in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("arguments", [["run"], ["run", "a.toml", "--wrong"], ["fly"], ["run", "a", "--workers", "0"]])
def test_wrong_usage(arguments, capsys):
    assert cli.status(arguments) == 2
    assert "Usage:" in capsys.readouterr().err


def test_a_bug_of_ours_leaves_a_traceback_in_a_file(failing, capsys):
    failing(KeyError("inner detail"))
    assert cli.status(["check", "study.toml"]) == 3
    message = capsys.readouterr().err
    assert len(message.splitlines()) == 1
    assert "Traceback" not in message
    assert "organokine doctor" in message
    path = Path(re.search(r"report it with (\S+) and", message).group(1))
    try:
        assert "KeyError: 'inner detail'" in path.read_text(encoding="utf-8")
    finally:
        path.unlink()


def test_a_bug_is_told_even_without_a_temp_folder(failing, capsys, monkeypatch):
    def no_file(*_arguments: object, **_options: object) -> None:
        raise OSError

    monkeypatch.setattr(cli.tempfile, "NamedTemporaryFile", no_file)
    failing(KeyError("inner detail"))
    assert cli.status(["check", "study.toml"]) == 3
    assert "KeyError: 'inner detail'" in capsys.readouterr().err


def test_an_interrupt_is_one_line(failing, capsys):
    failing(KeyboardInterrupt())
    assert cli.status(["check", "study.toml"]) == 130
    assert capsys.readouterr().err.splitlines() == [
        "Interrupted. A run resumes where it stopped when it is started again."
    ]


def test_lines_prints_every_card(capsys):
    assert cli.status(["lines"]) == 0
    printed = capsys.readouterr().out
    assert all(f"{line.name}: {line.question}" in printed and line.null in printed for line in LINES)
    assert "effect in ;" not in printed
    assert printed.count("  no effect; method: ") == sum(line.unit == "" for line in LINES)


def test_doctor_ends_with_a_verdict(capsys):
    assert cli.status(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert re.search(rf"^organokine +{re.escape(organokine.__version__)}$", printed, re.MULTILINE)
    assert "Nothing to mend." in printed or "Warning: " in printed


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("muscle to brain", "muscle_to_brain_organokine"),
        ("../up/äging", "up_äging_organokine"),
        ("a.b-c", "a.b-c_organokine"),
    ],
)
def test_the_default_folder_lies_beside_the_study_file(name, folder, tmp_path):
    file = SimpleNamespace(study=SimpleNamespace(name=name), folder=tmp_path)
    assert cli.default_out(SimpleNamespace(file=file)) == tmp_path / folder


def test_leaders_are_shown_as_written_and_missing_as_missing(capsys):
    rows = pd.DataFrame({"gene": ["[red]Anxa2[/red]", "Fgf21"], "rank": [1, 2], "tier": [2, 0], "route": "classical"})
    mediators = tables.MEDIATORS.conform(rows.assign(q=[0.0123, float("nan")], source_log2fc=[-0.53, 1.2]))
    caveat = {"line": "arrival", "tier": 2, "state": "alone", "n": 1, "of": 1, "caveat": "RNA was [not] measured"}
    result = SimpleNamespace(mediators=mediators, manifest={"caveats": [caveat]})
    terminal.print_leaders(result, 0.1)
    printed = capsys.readouterr().out
    assert "For 1 of the 1 at tier 2 or above: RNA was [not] measured.\n" in printed
    assert "-0.53" in printed
    assert "+1.20" in printed
    assert printed.startswith("1 of 2 candidates reach tier 2 or above (false discovery rate 0.1).")
    assert "[red]Anxa2[/red]" in printed
    assert "0.012" in printed
    assert "nan" not in printed.lower()


def test_check_shows_assays_and_what_the_joins_lose(tmp_path, capsys):
    study = write_small_study(tmp_path)
    assert cli.status(["check", str(study)]) == 0
    printed = capsys.readouterr().out
    assert "group: aged against young, given sex" in printed
    assert "from muscle to cerebellum" in printed
    assert re.search(r"^  muscle_rna: 12 samples x \d+ features, counts$", printed, re.MULTILINE)
    assert re.search(r"^  samples matched: 12 of 12 ", printed, re.MULTILINE)
    assert "None" not in printed
    assert "<NA>" not in printed
    assert f"organokine run {study}" in printed
    assert "Warning" not in printed


def test_check_warns_of_samples_that_share_no_animal(tmp_path, capsys):
    study = write_small_study(tmp_path)
    sheet = pd.read_csv(tmp_path / "samples.tsv", sep="\t", dtype=str)
    sheet.assign(subject=sheet["sample"]).to_csv(tmp_path / "samples.tsv", sep="\t", index=False)
    assert cli.status(["check", str(study)]) == 0
    printed = capsys.readouterr().out
    warnings = [line for line in printed.splitlines() if line.startswith("Warning: ")]
    assert len(warnings) == 3
    assert all(line.endswith("the column subject names the animal, alike in all assays.") for line in warnings)
    assert printed.index("subjects in both organs: 0 of 48") < printed.index("Warning: ")


def test_new_says_what_was_guessed(tmp_path, capsys):
    study = write_small_study(tmp_path)
    study.unlink()
    assert cli.status(["new", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert f"wrote {tmp_path / 'samples.new.tsv'}\n" in printed
    assert "subjects are guessed from the sample names: 12 animals in both cerebellum and muscle" in printed
    assert "samples.tsv is there already and stays as it is" in printed


DIFFERENTIAL = ["--factor", "group", "--case", "aged", "--control", "young", "--covariate", "sex"]


def test_differential_prints_or_writes_the_same_table(tmp_path, capsys):
    folder = write_small_study(tmp_path).parent
    asked = [
        "differential",
        str(folder / "cerebellum_protein.tsv"),
        "--samples",
        str(folder / "samples.tsv"),
        *DIFFERENTIAL,
    ]
    assert cli.status(asked) == 0
    printed = capsys.readouterr().out
    assert cli.status([*asked, "--out", str(tmp_path / "out.tsv")]) == 0
    assert (tmp_path / "out.tsv").read_text(encoding="utf-8") == printed
    table = pd.read_csv(tmp_path / "out.tsv", sep="\t")
    n_found = int((table["q"] < 0.05).sum())
    said = f"wrote {tmp_path / 'out.tsv'}: 60 features, {table['p'].notna().sum()} tested, {n_found} at q < 0.05\n"
    assert capsys.readouterr().out == f"{said}A page with figures: add --report FILE.html\n"
    assert table["protein"].str.fullmatch("Q[0-9]{5}").all()
    assert list(table.columns) == tables.DIFFERENTIAL.names()
    assert set(table["gene"]) >= {"Anxa2", "Gfap"}
    assert table["p"].between(0, 1).sum() > 20


def test_differential_says_what_is_wrong(tmp_path, capsys):
    folder = write_small_study(tmp_path).parent
    asked = [
        "differential",
        str(folder / "cerebellum_protein.tsv"),
        "--samples",
        str(folder / "samples.tsv"),
        *DIFFERENTIAL,
    ]
    assert cli.status([*asked, "--assay", "liver"]) == 1
    assert "no row is of the assay 'liver'" in capsys.readouterr().err
    assert cli.status([*asked, "--out", str(folder)]) == 1
    assert "cannot be written" in capsys.readouterr().err
    asked[1] = str(folder / "absent.tsv")
    assert cli.status([*asked, "--assay", "muscle_rna"]) == 1
    said = capsys.readouterr().err
    assert f"'absent.tsv' does not exist in {folder}. " in said
    assert "study file" not in said


def test_differential_writes_a_page_that_can_be_made_again(tmp_path, capsys):
    folder = write_small_study(tmp_path).parent
    table, page = folder / "cerebellum_protein.tsv", tmp_path / "page.html"
    asked = ["differential", str(table), "--samples", str(folder / "samples.tsv"), *DIFFERENTIAL]
    assert cli.status([*asked, "--fdr", "0.2", "--sensitivity", "--report", str(page)]) == 0
    said = capsys.readouterr().out
    assert re.fullmatch(rf"report: {re.escape(str(page))}: 60 features, \d+ tested, \d+ at q < 0\.2\n", said)
    first = page.read_text(encoding="utf-8")
    for word in ("cerebellum_protein, group: aged against young", 'id="volcano-data"', "Calls that depend on missing"):
        assert word in first
    command = html.unescape(re.search(r"<code>(organokine differential .*?)</code>", first).group(1))
    page.unlink()
    assert cli.status(shlex.split(command)[1:]) == 0
    assert page.read_text(encoding="utf-8") == first
    assert not list(tmp_path.glob("*.part"))


def test_differential_refuses_one_file_for_table_and_page(tmp_path, capsys):
    folder = write_small_study(tmp_path).parent
    asked = ["differential", str(folder / "cerebellum_protein.tsv"), "--samples", str(folder / "samples.tsv")]
    both = ["--out", str(tmp_path / "a"), "--report", str(tmp_path / "." / "a")]
    assert cli.status([*asked, *DIFFERENTIAL, *both]) == 1
    assert "is named by both --out and --report" in capsys.readouterr().err
    assert cli.status([*asked, *DIFFERENTIAL, "--report", str(tmp_path / "absent" / "page.html")]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()


def test_differential_takes_covariates_with_commas_or_repeated(tmp_path, capsys):
    folder = write_small_study(tmp_path).parent
    sheet = pd.read_csv(folder / "samples.tsv", sep="\t", dtype=str)
    batch = ["ab"[place // 2 % 2] for place in range(len(sheet))]
    sheet.assign(batch=batch).to_csv(folder / "samples.tsv", sep="\t", index=False)
    asked = ["differential", str(folder / "cerebellum_protein.tsv"), "--samples", str(folder / "samples.tsv")]
    asked += DIFFERENTIAL[:-2]
    printed = []
    for given in (
        ["--covariates", "sex, batch"],
        ["--covariate", "sex", "--covariate", "batch"],
        ["--covariate", "sex"],
    ):
        assert cli.status([*asked, *given]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != printed[2]
    assert cli.status([*asked, "--covariates", "sex,absent"]) == 1
    assert "'absent'" in capsys.readouterr().err


def test_a_covariate_whose_name_holds_a_comma_stays_whole():
    columns = ["sample", "sex, as seen", "batch"]
    assert covariates_of(["sex, as seen", "batch"], columns) == ("sex, as seen", "batch")
    assert covariates_of(["batch,sex"], columns) == ("batch", "sex")
    assert covariates_of([], columns) == ()


@pytest.mark.parametrize(
    "options",
    [
        ["--normalise", "none"],
        ["--minimum-effect", "0.5"],
        ["--block", "subject"],
        ["--engine", "deseq2"],
    ],
)
def test_an_option_of_differential_reaches_the_model(options, tmp_path, capsys):
    folder = write_small_study(tmp_path).parent
    asked = ["differential", str(folder / "cerebellum_protein.tsv"), "--samples", str(folder / "samples.tsv")]
    assert cli.status([*asked, *DIFFERENTIAL]) == 0
    plain = capsys.readouterr().out
    status = cli.status([*asked, *DIFFERENTIAL, *options])
    captured = capsys.readouterr()
    refused = {"--block": "all 12 blocks have one sample", "--engine": "the table does not hold counts"}
    if options[0] in refused:
        assert status == 1
        assert refused[options[0]] in captured.err
    else:
        assert status == 0
        assert captured.out != plain


@pytest.mark.parametrize("wrong", [["--fdr", "0.9"], ["--minimum-effect", "-1"], ["--engine", "magic"]])
def test_differential_refuses_impossible_options(wrong, capsys):
    assert cli.status(["differential", "t", "--samples", "s", *DIFFERENTIAL, *wrong]) == 2
    assert "Usage:" in capsys.readouterr().err


def test_differential_finds_its_assay_by_the_samples_and_needs_no_subject(tmp_path, capsys):
    folder = write_small_study(tmp_path).parent
    renamed = folder / "renamed.tsv"
    (folder / "cerebellum_rna.tsv").rename(renamed)
    sheet = pd.read_csv(folder / "samples.tsv", sep="\t").drop(columns="subject")
    sheet.to_csv(folder / "samples.tsv", sep="\t", index=False)
    asked = ["differential", str(renamed), "--samples", str(folder / "samples.tsv"), *DIFFERENTIAL, "--modality", "rna"]
    assert cli.status(asked) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("cerebellum_rna\t")
    twice = sheet.assign(assay=sheet["assay"].replace("cerebellum_rna", "again"))
    pd.concat([sheet, twice]).drop_duplicates().to_csv(folder / "samples.tsv", sep="\t", index=False)
    assert cli.status(asked) == 1
    assert "no row is of the assay 'renamed'" in capsys.readouterr().err


def test_the_demo_replaces_no_study_of_the_user(tmp_path, capsys):
    study = write_small_study(tmp_path)
    before = study.read_bytes()
    assert cli.status(["demo", "--out", str(tmp_path)]) == 1
    assert "the folder holds a study of its own" in capsys.readouterr().err
    assert study.read_bytes() == before


def test_the_demo_needs_a_place_to_write(tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert cli.status(["demo", "--out", str(tmp_path / "file")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_verbose_run_names_its_stages_and_lands_beside_the_study_file(tmp_path):
    study = write_small_study(tmp_path)
    done = run_in_a_shell("run", str(study), "--verbose")
    assert done.returncode == 0
    said = re.findall(r"^organokine: +\d+ % (\w+)$", done.stderr, re.MULTILINE)
    stages = [
        "prepare",
        "quality",
        "differential",
        "detection",
        "pathways",
        "sensitivity",
        "perturbation",
        "phenotype",
        "population",
        "evidence",
        "rank",
        "appraise",
        "report",
    ]
    assert said == [*stages, "done"]
    assert (tmp_path / "small_organokine" / "report.html").is_file()
    assert f"report: {tmp_path / 'small_organokine' / 'report.html'}" in done.stdout
