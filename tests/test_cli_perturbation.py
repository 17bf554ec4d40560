"""The command `perturbation`: two matrices, two tables, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine import cli, tables

N_GENES, N = 150, 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ageing contrast and an arm with half of it, each of four against four animals, log2."""
    place = tmp_path_factory.mktemp("arms")
    rng = np.random.default_rng(2)
    genes = [f"Gene{number}" for number in range(N_GENES)]
    effect = np.where(np.arange(N_GENES) % 3 == 0, rng.normal(0, 1.5, N_GENES), 0.0)
    effect[0] = 1.0
    level = rng.normal(8, 2, (N_GENES, 1))
    for name, share in (("ageing", 1.0), ("aav", 0.5)):
        label = np.repeat([1.0, 0.0], N)
        values = level + rng.normal(0, 0.3, (N_GENES, 2 * N)) + share * np.outer(effect, label)
        values[0] += (3.0 if name == "aav" else 0.0) * label
        samples = [f"{name}{number}" for number in range(2 * N)]
        table = pd.DataFrame(values.round(4), columns=samples)
        table.insert(0, "gene", genes)
        table.to_csv(place / f"{name}.tsv", sep="\t", index=False)
        sheet = pd.DataFrame(
            {"sample": samples, "group": ["case"] * N + ["control"] * N, "dose": ["high"] * N + ["none"] * N}
        )
        sheet.to_csv(place / f"{name}_samples.tsv", sep="\t", index=False)
    return place


def command(folder: Path, *more: str) -> list[str]:
    groups = ["--factor", "group", "--case", "case", "--control", "control"]
    of_arm = ["--arm-factor", "group", "--arm-case", "case", "--arm-control", "control"]
    sheets = ["--samples", str(folder / "ageing_samples.tsv"), "--arm-samples", str(folder / "aav_samples.tsv")]
    return ["perturbation", str(folder / "ageing.tsv"), str(folder / "aav.tsv"), *sheets, *groups, *of_arm, *more]


def test_two_matrices_are_compared_and_both_tables_written(folder, tmp_path, capsys):
    out, scores = tmp_path / "summary.tsv", tmp_path / "scores.tsv"
    given = command(folder, "--gene", "Gene0", "--background", "control", "--out", str(out), "--scores", str(scores))
    assert cli.status(given) == 0
    said = capsys.readouterr().out
    assert "149 genes in both." in said
    assert "Gene0 moved" in said
    assert "Sufficient in part: overexpression of Gene0 in control animals reproduces" in said
    row = pd.read_csv(out, sep="\t").iloc[0]
    assert list(pd.read_csv(out, sep="\t").columns) == tables.PERTURBATIONS.names()
    assert row["fraction"] == pytest.approx(0.5, abs=0.15)
    assert row["p"] == pytest.approx(1 / 70)
    assert len(pd.read_csv(scores, sep="\t")) == 4 * N


@pytest.mark.parametrize("option", [["--background", "x"], ["--scores", "s.tsv"], ["--scale", "log2"], ["--seed", "1"]])
def test_what_two_tables_cannot_use_is_refused(option, capsys):
    assert cli.status(["perturbation", "one.tsv", "two.tsv", *option]) == 2
    assert f"{option[0]} is about matrices" in capsys.readouterr().err.replace("\n", " ")


def test_two_tables_of_changes_are_compared_without_p(folder, tmp_path, capsys):
    written = []
    for name in ("ageing", "aav"):
        written.append(str(tmp_path / f"{name}.tsv"))
        given = [
            "differential",
            str(folder / f"{name}.tsv"),
            "--samples",
            str(folder / f"{name}_samples.tsv"),
            "--modality",
            "rna",
        ]
        groups = ["--factor", "group", "--case", "case", "--control", "control", "--gene-column", "gene"]
        assert cli.status([*given, *groups, "--out", written[-1]]) == 0
    capsys.readouterr()
    assert cli.status(["perturbation", *written, "--gene", "Gene0"]) == 0
    said = capsys.readouterr().out
    assert "neither p-value nor interval" in said
    assert "of the contrast (ρ = +" in said


@pytest.mark.parametrize(
    ("more", "status", "message"),
    [
        (["--dose", "dose"], 1, "4 doses are no numbers: 'high'"),
        (["--gene", "Gene0", "--kind", "gane"], 2, "'gane' is not one of"),
        (["--arm-case", "control"], 1, "case is 'control' and control is 'control'"),
        (["--covariate", "sex"], 1, "no column 'sex'"),
        (["--background", "young"], 1, "'young' is not a level that the contrast compares"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(folder, capsys, more, status, message):
    assert cli.status(command(folder, *more)) == status
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said


def test_usage_and_files_are_checked_before_anything_is_read(folder, tmp_path, capsys):
    both = [str(folder / "ageing.tsv"), str(folder / "aav.tsv")]
    assert cli.status(["perturbation", *both, "--factor", "group"]) == 2
    assert "--factor is about matrices, and without --samples" in capsys.readouterr().err
    assert (
        cli.status(["perturbation", *both, "--samples", str(folder / "ageing_samples.tsv"), "--factor", "group"]) == 2
    )
    assert "--case" in capsys.readouterr().err
    assert cli.status(["perturbation", *both, "--out", both[1]]) == 1
    assert "is named by both ARM and --out" in capsys.readouterr().err
    assert cli.status(["perturbation", str(tmp_path), both[1]]) == 1
    assert "CONTRAST is a folder" in capsys.readouterr().err
    assert cli.status(["perturbation", *both]) == 1
    assert "the columns 'log2fc', 'se'" in capsys.readouterr().err


def test_one_sheet_for_both_matrices(folder, tmp_path, capsys):
    sheets = [pd.read_csv(folder / f"{name}_samples.tsv", sep="\t").assign(assay=name) for name in ("ageing", "aav")]
    pd.concat(sheets).to_csv(tmp_path / "all.tsv", sep="\t", index=False)
    given = [
        str(tmp_path / "all.tsv") if each.endswith("_samples.tsv") else each
        for each in command(folder, "--gene", "Gene0")
    ]
    assert cli.status(given) == 0
    assert "Gene0 moved" in capsys.readouterr().out


def test_where_the_contrast_does_not_move_the_gene_it_is_said_how_to_go_on(folder, capsys):
    assert cli.status(command(folder, "--gene", "Gene0", "--kind", "compound")) == 0
    assert "Say with --expects what was expected" in capsys.readouterr().out
