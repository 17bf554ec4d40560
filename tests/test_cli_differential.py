"""The questions and the annotation of the command `differential`; its other options are tested with the commands."""

from __future__ import annotations

import html
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine import cli, tables, terminal
from organokine.cli_differential import command_line, weights_of

LEVELS = ["high dose"] * 4 + ["low"] * 4 + ["middle"] * 4
QUESTIONS = {
    "case": ["--factor", "group", "--case", "high dose", "--control", "low"],
    "contrast": ["--factor", "group", "--contrast", "high dose=1/2, middle = 0.5,low=-1"],
    "slope": ["--factor", "dose", "--per-unit"],
    "any level": ["--factor", "group", "--any-level"],
}
N_FEATURES = 60


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    """The command on a table of twelve samples at three doses, ten of sixty features rising with dose."""
    rng = np.random.default_rng(4)
    dose = np.repeat([2.0, 0.0, 0.5], 4)
    values = rng.normal(20.0, 2.0, (N_FEATURES, 1)) + rng.normal(0.0, 0.2, (N_FEATURES, 12))
    values[:10] += dose
    names = [f"s{place}" for place in range(12)]
    table = pd.DataFrame(values, columns=names)
    table.insert(0, "row", [f"NP_{place:06d}.1" for place in range(N_FEATURES)])
    table.to_csv(tmp_path / "liver.tsv", sep="\t", index=False)
    sheet = pd.DataFrame({"sample": names, "group": LEVELS, "dose": dose, "sex": ["f", "m"] * 6})
    sheet.to_csv(tmp_path / "sheet.tsv", sep="\t", index=False)
    rows = {"name": table["row"], "symbol": [f"Gene{place}" for place in range(N_FEATURES)]}
    rows |= {"accession": [f"Q{place:05d}" for place in range(N_FEATURES)], "seen": np.arange(N_FEATURES) % 9 + 1}
    pd.DataFrame(rows)[::-1].to_csv(tmp_path / "features.tsv", sep="\t", index=False)
    return ["differential", str(tmp_path / "liver.tsv"), "--samples", str(tmp_path / "sheet.tsv")]


def annotation(folder: Path) -> list[str]:
    columns = ["--gene-column", "symbol", "--protein-column", "accession", "--precursors-column", "seen"]
    return ["--features", str(folder / "features.tsv"), *columns]


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("case", "liver, group: high dose against low"),
        ("contrast", "liver, group: 0.5 × “high dose” + 0.5 × middle − low"),
        ("slope", "liver, change per unit of dose"),
        ("any level", "liver, any difference between the levels of group"),
    ],
)
def test_every_question_gives_a_table_and_a_page_that_can_be_made_again(given, tmp_path, capsys, kind, title):
    page = tmp_path / "page.html"
    written = ["--out", str(tmp_path / "out.tsv"), "--report", str(page)]
    assert cli.status([*given, *QUESTIONS[kind], *annotation(tmp_path), *written]) == 0
    assert "60 features, 60 tested" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "out.tsv", sep="\t")
    assert list(table.columns) == (tables.JOINT if kind == "any level" else tables.DIFFERENTIAL).names()
    assert (table["q"][:10] < 0.05).all()
    first = page.read_text(encoding="utf-8")
    assert f"<title>{html.escape(title, quote=False)}" in first
    assert re.search(r'<th scope="row" class="gene" data-sort="[^"]*">Gene\d</th>', first)
    command = html.unescape(re.search(r"<code>(organokine differential .*?)</code>", first).group(1))
    page.unlink()
    assert cli.status(shlex.split(command)[1:]) == 0
    assert page.read_text(encoding="utf-8") == first


def test_effects_are_those_that_were_planted(given, capsys):
    expected = {"case": 2.0, "contrast": 1.25, "slope": 1.0, "any level": 2.0}
    for kind, size in expected.items():
        assert cli.status([*given, *QUESTIONS[kind]]) == 0
        rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
        column = rows[0].index("largest_log2fc" if kind == "any level" else "log2fc")
        assert np.mean([float(row[column]) for row in rows[1:11]]) == pytest.approx(size, abs=0.2)


def test_annotation_reaches_the_table_and_the_prior(given, tmp_path):
    page = tmp_path / "page.html"
    asked = [*given, *QUESTIONS["case"], "--out", str(tmp_path / "out.tsv"), "--report", str(page)]
    assert cli.status([*asked, *annotation(tmp_path)]) == 0
    table = pd.read_csv(tmp_path / "out.tsv", sep="\t", keep_default_na=False)
    assert table["gene"].to_list() == [f"Gene{place}" for place in range(N_FEATURES)]
    assert table["protein"].to_list() == [f"Q{place:05d}" for place in range(N_FEATURES)]
    assert "follows the mean level and the number of precursors" in page.read_text(encoding="utf-8")
    assert cli.status(asked) == 0
    bare = pd.read_csv(tmp_path / "out.tsv", sep="\t", keep_default_na=False)
    assert (bare["gene"] == "").all()
    text = page.read_text(encoding="utf-8")
    assert "number of precursors" not in text
    assert "identifiers look like accessions: name the column of the symbols" in text


def test_annotation_may_stand_in_the_table_itself(given, tmp_path):
    table = pd.read_csv(tmp_path / "liver.tsv", sep="\t")
    table.insert(0, "label", [f"Gene{place}" for place in range(N_FEATURES)])
    table.to_csv(tmp_path / "liver.tsv", sep="\t", index=False)
    asked = [*given, *QUESTIONS["case"], "--out", str(tmp_path / "out.tsv")]
    assert cli.status([*asked, "--id-column", "row", "--gene-column", "label"]) == 0
    found = pd.read_csv(tmp_path / "out.tsv", sep="\t")
    assert found["feature"][0] == "NP_000000.1"
    assert found["gene"][0] == "Gene0"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--gene-column", "symbl"], "there is no column 'symbl'"),
        (["--id-column", "absent"], "there is no column 'absent'"),
        (["--features", "absent.tsv"], "absent.tsv"),
    ],
)
def test_wrong_annotation_is_told_in_one_message(given, tmp_path, capsys, options, words):
    assert cli.status([*given, *QUESTIONS["case"], *annotation(tmp_path)[:2], *options]) == 1
    said = capsys.readouterr().err
    assert words in said
    assert "study file" not in said
    assert "Usage:" not in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "ask exactly one question"),
        (["--case", "low"], "ask exactly one question"),
        (["--control", "low", "--any-level"], "ask exactly one question"),
        (["--per-unit", "--any-level"], "ask exactly one question"),
        (["--case", "low", "--control", "middle", "--contrast", "low=1,middle=-1"], "ask exactly one question"),
        (["--contrast", "low=1,middle"], "'middle' is not LEVEL=WEIGHT"),
        (["--contrast", "low=a,middle=-1"], "'low=a' is not LEVEL=WEIGHT"),
        (["--contrast", "p=q=1,middle=-1"], "contains = or , cannot be written here"),
        (["--contrast", "low=1/0,middle=-1"], "'low=1/0' is not LEVEL=WEIGHT"),
        (["--contrast", "low=nan,middle=-1"], "'low=nan' is not LEVEL=WEIGHT"),
        (["--contrast", "low=1,middle=-1,"], "'low=1,middle=-1,' has an empty part"),
        (["--contrast", ""], "'' has an empty part"),
        (["--any-level", "--fdr", "nan"], "nan is not a number from 1e-09 to 0.5"),
        (["--any-level", "--minimum-effect", "nan"], "nan is not a number from 0 to 20"),
        (["--any-level", "--minimum-effect", "-0.5"], "-0.5 is not a number from 0 to 20"),
        (["--contrast", "low=1,low=-1"], "the level 'low' has two weights"),
    ],
    ids=str,
)
def test_wrong_usage_of_questions(given, capsys, options, words):
    assert cli.status([*given, "--factor", "group", *options]) == 2
    said = capsys.readouterr().err
    assert "Usage:" in said
    assert words in re.sub(r"\s+", " ", said)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--factor", "group", "--contrast", "low=1,middle=1"], "are no difference"),
        (["--factor", "group", "--contrast", "lower=1,middle=-1"], "no sample has the level 'lower'"),
        (["--factor", "group", "--per-unit"], "12 of 12 values are no numbers"),
        (["--factor", "grup", "--any-level"], "Did you mean 'group'"),
        (["--factor", "group", "--any-level", "--minimum-effect", "1"], "belongs to one change"),
        (["--factor", "dose", "--per-unit", "--sensitivity"], "case against control only"),
        (["--factor", "group", "--any-level", "--covariate", "dose"], "Leave the covariate out, or restrict"),
        (["--factor", "group", "--any-level", "--covariates", ""], "a name is empty in ''"),
        (["--factor", "group", "--any-level", "--covariates", "sex,"], "a name is empty in 'sex,'"),
        (["--factor", "group", "--any-level", "--assay", " "], "--assay: the name is empty"),
    ],
    ids=str,
)
def test_what_the_data_cannot_answer_is_one_message(given, capsys, options, words):
    assert cli.status([*given, *options]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert "Usage:" not in captured.err
    assert len(captured.err.splitlines()) == 1


def test_weights_are_numbers_or_fractions():
    assert weights_of("high dose=0.5, 8 W = 1/4,x=1e-3,low=-.25") == {
        "high dose": 0.5,
        "8 W": 0.25,
        "x": 0.001,
        "low": -0.25,
    }
    assert sum(weights_of("a=1/3,b=1/3,c=1/3,d=-1").values()) == pytest.approx(0.0, abs=1e-15)


def test_one_feature_is_not_several():
    table = pd.DataFrame({"p": [0.01], "q": [0.01]})
    assert terminal.summary_of_table(table) == "1 feature, 1 tested, 1 at q < 0.05"


def test_what_was_repaired_while_reading_is_on_the_page(given, tmp_path):
    table = pd.read_csv(tmp_path / "liver.tsv", sep="\t").assign(other=1.5)
    table.to_csv(tmp_path / "liver.tsv", sep="\t", index=False)
    page = tmp_path / "page.html"
    assert cli.status([*given, *QUESTIONS["any level"], "--report", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "columns without a row in the sheet" in text
    assert text.index("columns without a row in the sheet") < text.index("samples used")


@pytest.mark.parametrize("written", ["--out", "--report"])
@pytest.mark.parametrize("read", ["liver.tsv", "sheet.tsv", "features.tsv"])
@pytest.mark.parametrize("way", ["same", "roundabout", "symbolic link", "hard link"])
def test_a_result_never_replaces_what_is_read(given, tmp_path, capsys, monkeypatch, written, read, way):
    before = (tmp_path / read).read_bytes()
    other = tmp_path / "other.html"
    match way:
        case "same":
            other = tmp_path / read
        case "roundabout":
            monkeypatch.chdir(tmp_path)
            other = Path("..") / tmp_path.name / read
        case "symbolic link":
            other.symlink_to(tmp_path / read)
        case "hard link":
            other.hardlink_to(tmp_path / read)
    asked = [*given, *QUESTIONS["case"], "--features", str(tmp_path / "features.tsv"), written, str(other)]
    assert cli.status(asked) == 1
    option = {"liver.tsv": "TABLE", "sheet.tsv": "--samples", "features.tsv": "--features"}[read]
    assert f"{other}: is named by both {option} and {written}" in capsys.readouterr().err
    assert (tmp_path / read).read_bytes() == before


def test_a_result_that_is_named_twice_is_refused_before_anything_is_read(tmp_path, capsys):
    asked = ["differential", str(tmp_path / "absent"), "--samples", "absent_too", *QUESTIONS["case"]]
    assert cli.status([*asked, "--out", str(tmp_path / "x" / ".." / "absent")]) == 1
    assert "is named by both TABLE and --out" in capsys.readouterr().err
    assert cli.status([*asked, "--out", "new.html", "--report", "./new.html"]) == 1
    assert "is named by both --out and --report" in capsys.readouterr().err


@pytest.mark.parametrize("place", [".", "..", "folder", "x" * 300])
def test_a_table_that_is_no_file_is_told_in_one_message(given, tmp_path, capsys, monkeypatch, place):
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    assert cli.status(["differential", place, *given[2:], *QUESTIONS["case"]]) == 1
    said = capsys.readouterr().err
    assert ("does not exist" if place.startswith("x") else "TABLE is a folder") in said
    assert len(said.splitlines()) == 1


def test_a_hidden_file_has_a_name_too(given, tmp_path):
    (tmp_path / "liver.tsv").rename(tmp_path / ".liver.tsv")
    asked = ["differential", str(tmp_path / ".liver.tsv"), *given[2:], *QUESTIONS["case"]]
    assert cli.status([*asked, "--out", str(tmp_path / "out.tsv")]) == 0
    assert set(pd.read_csv(tmp_path / "out.tsv", sep="\t")["assay"]) == {"liver"}


def test_precursors_that_are_no_number_are_counted_on_the_terminal_and_the_page(given, tmp_path, capsys):
    features = pd.read_csv(tmp_path / "features.tsv", sep="\t", dtype={"seen": object})
    asked = [*given, *QUESTIONS["case"], *annotation(tmp_path), "--report", str(tmp_path / "page.html")]
    assert cli.status(asked) == 0
    assert capsys.readouterr().err == ""
    features.loc[:2, "seen"] = ["many", "", "few"]
    features.to_csv(tmp_path / "features.tsv", sep="\t", index=False)
    assert cli.status(asked) == 0
    assert (
        "Warning: precursors that are no number: 2 of 60, 'few', 'many' (taken as unknown;" in capsys.readouterr().err
    )
    assert "precursors that are no number" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("options", [["--scale", "counts"], [], ["--scale", "counts", "--normalise", "quantile"]])
def test_the_command_on_the_page_of_counts_names_no_other_normalisation(given, tmp_path, options):
    table = pd.read_csv(tmp_path / "liver.tsv", sep="\t", index_col=0)
    (2**table).div(1000).round().astype(int).to_csv(tmp_path / "liver.tsv", sep="\t")
    page = tmp_path / "page.html"
    asked = [*given, *QUESTIONS["case"], "--modality", "rna", *options, "--report", str(page)]
    assert cli.status(asked) == 0
    text = page.read_text(encoding="utf-8")
    assert "TMM" in text
    assert "--normalise" not in text
    assert "--minimum-effect 0.0" in text


def test_the_command_leaves_out_what_is_named_without_effect():
    given = {"table": Path("a.tsv"), "normalise": "stable", "minimum_effect": 0.0, "per_unit": False, "case": None}
    assert command_line(given) == "organokine differential a.tsv --normalise stable --minimum-effect 0.0"
    assert command_line(given, {"normalise", "minimum_effect"}) == "organokine differential a.tsv"


@pytest.mark.public
def test_real_muscle_proteins_have_symbols_and_precursors(shared_data, tmp_path):
    data = shared_data / "motrpac_rat_training"
    stem = "gastrocnemius_proteome_log2ratio"
    asked = ["differential", str(data / f"{stem}.matrix.tsv.gz"), "--samples", str(data / f"{stem}.samples.tsv.gz")]
    asked += ["--factor", "timepoint", "--contrast", "8W=1/2,4W=1/2,SED=-1", "--covariates", "sex"]
    asked += ["--features", str(data / f"{stem}.features.tsv.gz"), "--id-column", "feature_id"]
    asked += ["--gene-column", "gene_symbol", "--precursors-column", "num_peptides"]
    assert cli.status([*asked, "--report", str(tmp_path / "page.html"), "--out", str(tmp_path / "out.tsv")]) == 0
    table = pd.read_csv(tmp_path / "out.tsv", sep="\t")
    # Endurance training raises hexokinase 2 in muscle.
    hexokinase = table[table["gene"] == "Hk2"].iloc[0]
    assert hexokinase["q"] < 0.001
    assert hexokinase["log2fc"] > 0.3
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert ">Hk2</th>" in page
    assert "follows the mean level and the number of precursors" in page
