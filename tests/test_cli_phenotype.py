"""The command `phenotype`, and the function of that name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import organokine as ok
from organokine import cli
from organokine.cli_phenotype import WRITTEN

COLUMNS = ["--subject", "id", "--group", "genotype", "--value", "latency", "--day", "day", "--trial", "trial"]


def mice() -> pd.DataFrame:
    """Four mice per group, three days of two trials; the knock-outs fall earlier."""
    rng = np.random.default_rng(3)
    level = {
        f"{group}{number}": mean + rng.normal(0, 15) for group, mean in (("wt", 150), ("ko", 90)) for number in range(4)
    }
    rows = [
        (mouse, mouse[:2], day, trial, round(mean + 8 * day + rng.normal(0, 10), 1))
        for mouse, mean in level.items()
        for day in (1, 2, 3)
        for trial in (1, 2)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["id", "genotype", "day", "trial", "latency"])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rotarod.tsv"
    mice().to_csv(path, sep="\t", index=False)
    return path


def test_the_folder_holds_tables_json_and_a_page_with_what_arrive_asks_for(table: Path, capsys) -> None:
    out = table.parent / "found"
    assert cli.status(["phenotype", "rotarod", str(table), *COLUMNS, "--ceiling", "300", "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == set(WRITTEN)
    assert "The ko animals stayed" in capsys.readouterr().out
    means = mice().groupby(["id", "genotype"])["latency"].mean().reset_index()
    ko, wt = (means.loc[means["genotype"] == group, "latency"] for group in ("ko", "wt"))
    found = pd.read_csv(out / "phenotypes.tsv", sep="\t").iloc[0]
    np.testing.assert_allclose(
        found[["estimate", "p"]].astype(float), [ko.mean() - wt.mean(), stats.ttest_ind(ko, wt).pvalue]
    )
    answers = {row["field"]: row for row in json.loads((out / "phenotype.json").read_text(encoding="utf-8"))["arrive"]}
    assert answers["animals of each group"]["answer"] == "rotarod: 4 ko, 4 wt"
    assert answers["blinded assessment of outcomes"]["badge"] == "not_recorded"
    page = (out / "phenotype.html").read_text(encoding="utf-8")
    assert "ARRIVE 2.0, Essential 10" in page
    assert "rotarod: 4 ko, 4 wt" in page


@pytest.mark.parametrize(
    ("more", "status", "expected"),
    [
        (["--ceiling", "0"], 1, "phenotype ceiling: Input should be greater than 0"),
        (["--ceiling", "nan"], 1, "finite number"),
        (["--where", "day"], 2, "COL=VALUE"),
        (["--where", "day=1", "--where", "day=2"], 2, "names 'day' twice"),
        (["--measures", "latency"], 1, "measures have no meaning for the test 'rotarod'"),
        (["--speed", "day"], 1, "'speed' has no meaning for the test 'rotarod'"),
        (["--control", "wild"], 1, "no animal has genotype = 'wild'; there are 'ko', 'wt'"),
        (["--covariate", "sex"], 1, "no column 'sex'"),
    ],
)
def test_what_is_asked_wrongly_is_told_and_nothing_is_written(table: Path, more, status, expected, capsys) -> None:
    out = table.parent / "found"
    assert cli.status(["phenotype", "rotarod", str(table), *COLUMNS, *more, "--out", str(out)]) == status
    assert expected in capsys.readouterr().err
    assert not out.exists()


def test_neither_a_file_nor_the_table_itself_is_replaced(table: Path, capsys) -> None:
    assert cli.status(["phenotype", "rotarod", str(table), *COLUMNS, "--out", str(table)]) == 1
    other = table.parent / "file"
    other.write_text("mine", encoding="utf-8")
    assert cli.status(["phenotype", "rotarod", str(table), *COLUMNS, "--out", str(other)]) == 1
    assert "is a file, not a folder" in capsys.readouterr().err
    own = table.rename(table.parent / "phenotypes.tsv")
    before = own.read_bytes()
    assert cli.status(["phenotype", "rotarod", str(own), *COLUMNS, "--out", str(own.parent)]) == 1
    assert own.read_bytes() == before


def test_of_a_long_family_the_terminal_tells_the_answers_only(tmp_path: Path, capsys) -> None:
    rng = np.random.default_rng(0)
    names = [f"stride {k}" for k in range(5)]
    frame = pd.DataFrame(rng.normal(5, 1, (8, 5)), columns=names).assign(id=range(8), genotype=["wt", "ko"] * 4)
    frame.to_csv(tmp_path / "gait.tsv", sep="\t", index=False)
    asked = ["phenotype", "gait", str(tmp_path / "gait.tsv"), "--subject", "id", "--group", "genotype"]
    assert cli.status([*asked, "--measures", ",".join(names), "--out", str(tmp_path / "found")]) == 0
    said = capsys.readouterr().out
    assert "Of 5 declared measures" in said
    assert "With the spread seen here" not in said
    assert cli.status([*asked, "--out", str(tmp_path / "found")]) == 1
    assert "Name the parameters with measures" in capsys.readouterr().err


def test_the_function_can_be_called_again_and_takes_codes_of_numbers() -> None:
    asked = {"subject": "id", "group": "genotype", "value": "latency"}
    first = ok.phenotype.analyse(mice(), "rotarod", **asked).findings.effects
    coded = mice().assign(genotype=lambda frame: (frame["genotype"] == "ko").astype(int))
    second = ok.phenotype.analyse(coded, "rotarod", **asked, case=1, control=0).findings.effects
    np.testing.assert_array_equal(first["p"], second["p"])
    with pytest.raises(ok.OrganokineError, match="the key 'dya' is unknown"):
        ok.phenotype.analyse(mice(), "rotarod", **asked, columns={"dya": "day"})


def test_a_ceiling_that_was_forgotten_is_asked_after() -> None:
    capped = mice().assign(latency=lambda frame: frame["latency"].clip(upper=150))
    found = ok.phenotype.analyse(capped, "rotarod", subject="id", group="genotype", value="latency").findings
    assert [remark.flag for remark in found.remarks] == ["ceiling_not_named"]
    assert "last exactly 150 s" in found.remarks[0].detail
