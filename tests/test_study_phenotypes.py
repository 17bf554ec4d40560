"""Functional tests in a study file: groups from the sample sheet, animals shared with the assays, and what is wrong."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from organokine.errors import OrganokineError
from organokine.fingerprints import fingerprint
from organokine.references import load_references
from organokine.study import read_study
from tests.small_study import write_small_study

MICE = [f"m{number:02d}" for number in range(1, 13)]


def write(folder: Path, *sections: str) -> Path:
    """The small study with a rotarod and a grip test of its mice, and these sections."""
    path = write_small_study(folder)
    rows = [
        (mouse, day, trial, 60 + 7 * number + day)
        for number, mouse in enumerate(MICE)
        for day in (1, 2)
        for trial in (1, 2, 3)
    ]
    pd.DataFrame(rows, columns=["subject", "day", "trial", "latency"]).to_csv(folder / "rod.tsv", sep="\t", index=False)
    grip = pd.DataFrame(
        {"mouse": [*MICE[:10], "x1", "x2"], "group": ["young"] * 6 + ["aged"] * 6, "force": range(100, 112), "g": 25}
    )
    grip.to_csv(folder / "grip.csv", index=False)
    path.write_text(path.read_text(encoding="utf-8") + "".join(sections), encoding="utf-8")
    return path


ROD = '\n[[phenotype]]\nname = "rod"\ntest = "rotarod"\nfile = "rod.tsv"\ncolumns = { value = "latency" }\nceiling = 300\n'
GRIP = (
    '\n[[phenotype]]\nname = "grip"\ntest = "grip"\nfile = "grip.csv"\n'
    'columns = { subject = "mouse", value = "force", weight = "g" }\n'
)


def test_groups_and_sex_of_a_test_come_from_the_sample_sheet(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, ROD, GRIP))
    rod, grip = study.phenotypes
    assert (rod.factor, rod.case, rod.control, rod.ceiling) == ("group", "aged", "young", 300)
    facts = rod.rows.groupby("subject")[["group", "sex"]].first()
    assert facts["group"].tolist() == ["young"] * 6 + ["aged"] * 6
    assert facts["sex"].tolist() == ["female", "male"] * 6
    assert set(grip.rows.loc[grip.rows["subject"] == "m01", "sex"]) == {"female"}
    assert set(grip.rows.loc[grip.rows["subject"] == "x1", "sex"]) == {""}


def test_the_animals_shared_with_the_assays_are_counted(tmp_path: Path) -> None:
    joins = read_study(write(tmp_path, ROD, GRIP)).joins.set_index("item")
    assert joins.loc["rod: animals of the assays", ["n", "of"]].tolist() == [12, 12]
    assert joins.loc["grip: animals of the assays", ["n", "of"]].tolist() == [10, 12]


def test_animals_with_other_names_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, ROD)
    rod = pd.read_csv(tmp_path / "rod.tsv", sep="\t")
    rod["group"] = rod["subject"].map(dict(zip(MICE, ["young"] * 6 + ["aged"] * 6, strict=True)))
    rod.assign(subject=rod["subject"].str.upper()).to_csv(tmp_path / "rod.tsv", sep="\t", index=False)
    flags = read_study(path).flags.set_index("flag")
    assert "'M01', 'M02' and 10 more against 'm01', 'm02'" in flags.loc["no_common_animals", "detail"]


WRONG = {
    "file absent": (ROD.replace("rod.tsv", "rot.tsv"), "[phenotype rod] rot.tsv: the file 'rot.tsv' does not exist"),
    "column absent": (ROD.replace("latency", "latnecy"), "no column 'latnecy'"),
    "one name": (ROD + ROD, "a second phenotype is called 'rod'"),
    "unknown key": (ROD + 'celing = 3\n', "the key 'celing' is unknown"),
    "unknown column key": (ROD.replace("value =", "vlaue ="), "the key 'vlaue' is unknown"),
    "unknown test": (ROD.replace('"rotarod"', '"rotorod"'), "'rotorod' is not one of"),
    "level of itself": (ROD + 'factor = "sex"\ncase = "male"\ncontrol = "male"\n', "case and control are both 'male'"),
    "factor without levels": (ROD + 'factor = "sex"\n', "case and control are missing"),
    "measures of a rotarod": (ROD + 'measures = ["latency"]\n', "measures have no meaning for the test 'rotarod'"),
    "speed of a rotarod": (ROD.replace("value =", 'speed = "s", value ='), "'speed' has no meaning for the test 'rotarod'"),
    "ceiling of grip": (GRIP + "ceiling = 3\n", "a ceiling has no meaning for the test 'grip'"),
    "ceiling of nothing": (ROD.replace("300", "-1"), "greater than 0"),
}  # fmt: skip


@pytest.mark.parametrize(("sections", "expected"), WRONG.values(), ids=WRONG)
def test_a_faulty_section_is_told(tmp_path: Path, sections: str, expected: str) -> None:
    with pytest.raises(OrganokineError) as raised:
        read_study(write(tmp_path, sections))
    assert expected in str(raised.value)
    assert len(raised.value.problems) == 1


def test_faults_of_a_test_stand_beside_those_of_a_table(tmp_path: Path) -> None:
    path = write(tmp_path, ROD.replace("latency", "latnecy"))
    (tmp_path / "muscle_rna.tsv").unlink()
    with pytest.raises(OrganokineError) as raised:
        read_study(path)
    assert len(raised.value.problems) == 2


def test_another_factor_may_be_compared(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, ROD + 'factor = "sex"\ncase = "male"\ncontrol = "female"\n'))
    assert study.phenotypes[0].rows.groupby("subject")["group"].first().tolist() == ["female", "male"] * 6


def test_rows_that_are_left_out_are_part_of_the_fingerprint(tmp_path: Path) -> None:
    path = write(tmp_path, ROD)
    references = load_references("mouse")
    before = fingerprint(read_study(path), references)
    rod = pd.read_csv(tmp_path / "rod.tsv", sep="\t")
    pd.concat([rod, rod.iloc[:1].assign(subject="stranger")]).to_csv(tmp_path / "rod.tsv", sep="\t", index=False)
    assert fingerprint(read_study(path), references) != before
