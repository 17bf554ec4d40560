"""Bad arms are refused with a message that names the culprit; odd ones are remarked on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from organokine.errors import DataError, StudyFileError
from organokine.simulate import Simulated, write_study
from organokine.study import read_study
from tests.arm_study import GAIN, SMALL, assembled, simulated, with_arms

Bend = Callable[[Simulated], Simulated]


@pytest.fixture(scope="module")
def made() -> Simulated:
    return simulated(n_genes=120, n_proteins=100, missing=False)


def section(**changes: Any) -> Bend:
    return lambda made: with_arms(made, lambda arm: arm | changes if arm["assay"] == GAIN else arm)


def sheet(change: Callable[[pd.DataFrame, pd.Index], None]) -> Bend:
    def bend(made: Simulated) -> Simulated:
        samples = made.samples.copy()
        change(samples, samples.index[samples["assay"] == GAIN])
        return made._replace(samples=samples)

    return bend


def dose(values: list[object]) -> Bend:
    def bend(made: Simulated) -> Simulated:
        samples = made.samples.assign(vg=pd.Series(dtype=object))
        samples.loc[samples.index[samples["assay"] == GAIN], "vg"] = values
        return section(dose="vg")(made._replace(samples=samples))

    return bend


def one_animal(samples: pd.DataFrame, own: pd.Index) -> None:
    samples.drop(index=[place for place in own if samples.loc[place, "virus"] == "AAV-GFP"][1:], inplace=True)  # noqa: PD002


def one_mouse_twice(samples: pd.DataFrame, own: pd.Index) -> None:
    samples.loc[own[1], "subject"] = samples.loc[own[0], "subject"]


def young_in_the_sheet(samples: pd.DataFrame, own: pd.Index) -> None:
    samples.loc[own, "age"] = "young"


def human_symbols(made: Simulated) -> Simulated:
    table = made.tables[GAIN]
    return made._replace(tables=made.tables | {GAIN: table.__class__(
        table.values, table.features.assign(gene=table.features["gene"].str.upper()), table.scale, table.detected
    )})  # fmt: skip


CONTROLS, CASES = [0] * 5, [1e9, 1e9, 1e10, 1e10, 1e11]
BAD: dict[str, tuple[Bend, str]] = {
    "one animal": (sheet(one_animal), r"\[perturbation AAV-Anxa2\]: there are only 1 of virus = 'AAV-GFP'"),
    "one mouse twice": (sheet(one_mouse_twice), r"1 subjects have several samples: 'gain01'"),
    "gene absent, with the one that is meant": (section(gene="ANXA2"), r"no table of the study has a gene 'ANXA2'.*Write 'Anxa2'"),
    "gene absent": (section(gene="Qqqqqq9"), r"no table of the study has a gene 'Qqqqqq9'.*leave the arm out"),
    "another species": (human_symbols, r"have \d+ genes in common .* would if letter case did not count, as between human and mouse"),
    "doses as text": (dose([0] * 5 + ["low", "low", "mid", "mid", "high"]), r"5 doses are no numbers: 'low', 'mid', 'high'.*Write numbers"),
    "dose missing": (dose([*CONTROLS, 1e9, None, 1e10, 1e10, 1e11]), r"1 perturbed samples have no dose: 'gain07_"),
    "dose below zero": (dose([*CONTROLS, -1, 1, 2, 2, 3]), r"1 perturbed samples have a dose of 0 or less: 'gain06_"),
    "dose of nothing": (dose([*CONTROLS, 0, 0, 2, 2, 3]), r"2 perturbed samples have a dose of 0 or less: .*are controls"),
    "dose of a control": (dose([0, 0, 5, 0, 0, *CASES]), r"1 controls have a dose other than 0: 'gain03_"),
    "no such dose": (section(dose="vg"), r"dose: the sample sheet has no column 'vg'"),
    "no such covariate": (section(covariates=("litter",)), r"covariates: the sample sheet has no column 'litter'"),
    "covariate that is the factor": (section(covariates=("virus",)), r"the design cannot tell apart"),
    "no such level": (section(case="AAV-Anxa3"), r"no sample has virus = 'AAV-Anxa3'.*Write 'AAV-Anxa2'"),
    "a gene that is only spelt alike": (section(gene="Anxa2x"), r"leave the arm out; a gene spelt like it, and perhaps another one, is '"),
    "background against the sheet": (
        lambda made: section(background="old")(sheet(young_in_the_sheet)(made)),
        r"background: 'old' is declared, and the sample sheet says age = 'young' of 10 animals",
    ),
    "no such rescue": (section(rescue="rescued"), r"no sample has virus = 'rescued'"),
    "background is no level": (section(background="middle"), r"background: 'middle' is not a level that the contrast compares"),
    "interaction of empty cells": (
        section(interaction={"factor": "sex", "case": "male", "control": "neuter"}), r"no sample has sex = 'neuter'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_arm_is_refused_with_one_clear_message(case: str, made: Simulated) -> None:
    bend, message = BAD[case]
    with pytest.raises(DataError, match=message) as found:
        assembled(bend(made))
    assert all(len(problem.remedy) > 0 for problem in found.value.problems)


def test_all_faults_of_an_arm_are_told_at_once(made: Simulated) -> None:
    with pytest.raises(DataError) as found:
        assembled(section(gene="Nope")(sheet(one_animal)(made)))
    assert len(found.value.problems) == 2


def test_good_arms_are_read_without_a_remark(made: Simulated) -> None:
    study = assembled(made)
    assert len(study.flags) == 0
    assert study.assays[GAIN].n_obs == 10
    assert not set(study.assays[GAIN].obs["subject"]) & set(study.subjects.index)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "gain"', 'kind = "gain"\nrescue = "AAV-GFP"', r"rescue: 'AAV-GFP' is the case or the control too"),
        ('kind = "gain"', 'kind = "gain"\nengagement = "plasmaa"', r"engagement: no assay is called 'plasmaa'"),
        ('kind = "gain"', 'kind = "gain"\nmoves = "sideways"', r"moves: 'sideways' is not one of up, down"),
        ('kind = "gain"', 'kind = "gain"\ninteraction = { factr = "sex", case = "a", control = "b" }', r"'factr' is unknown.*'factor'"),
        ('kind = "gain"', 'kind = "gain"\ninteraction = { factor = "sex", case = "a", control = "a" }', r"case and control are both 'a'"),
        (
            'kind = "gain"', 'kind = "gain"\nrescue = "x"\ninteraction = { factor = "sex", case = "a", control = "b" }',
            r"rescue and interaction stand together",
        ),
        (
            'kind = "gain"', 'kind = "gain"\ninteraction = { factor = "virus", case = "a", control = "b" }',
            r"interaction: its factor 'virus' is that of the arm",
        ),
        (
            'kind = "gain"', 'kind = "gain"\ncovariates = ["C(sex)"]\ninteraction = { factor = "sex", case = "a", control = "b" }',
            r"covariates: 'sex' is the factor of the interaction too",
        ),
        ('kind = "gain"', 'kind = "gain"\nmoves = "down"', r"moves the gene product up, and moves = 'down'.*'loss' or 'inhibitor'"),
        ('kind = "gain"', 'kind = "inhibitor"\nmoves = "up"', r"moves the gene product down, and moves = 'up'.*'gain' or 'recombinant'"),
        ('name = "AAV-shAnxa2"', 'name = "contrast"', r"an arm is called 'contrast'"),
        ('name = "AAV-shAnxa2"', 'name = "  "', r"name: '  ' does not fit: it is blank"),
        (
            'kind = "gain"\nassay = "cerebellum_protein_gain"', 'kind = "gain"\nassay = "muscle_protein"',
            r"source: of the organ 'muscle' there is only 'muscle_protein', which a \[\[perturbation\]\] uses.*may name the same file",
        ),
        ('[declared]', '[pathways]\nminimum_genes = 50\nmaximum_genes = 20\n\n[declared]', r"50 is more than maximum_genes = 20"),
        ('name = "AAV-shAnxa2"', 'name = "AAV-Anxa2"', r"a second arm is called 'AAV-Anxa2'"),
        (
            'assay = "cerebellum_protein_loss"\nfactor = "virus"', 'assay = "cerebellum_protein_gain"\nfactor = "sex"',
            r"'sex' is another factor than 'virus' of an earlier arm in 'cerebellum_protein_gain'",
        ),
    ],
)  # fmt: skip
def test_sections_that_contradict_each_other_are_refused(tmp_path: Any, old: str, new: str, message: str) -> None:
    path = write_study(tmp_path, **SMALL | {"n_genes": 120, "n_proteins": 100})
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StudyFileError, match=message):
        read_study(path)


def test_two_arms_may_share_an_assay(made: Simulated) -> None:
    samples = made.samples.copy()
    own = samples.index[samples["assay"] == GAIN]
    samples.loc[own[3:5], "virus"] = "AAV-Gdf15"
    sections = made.file.model_dump(exclude_none=True)
    second = sections["perturbation"][0] | {"name": "other", "gene": "Gdf15", "case": "AAV-Gdf15"}
    sections["perturbation"] = [sections["perturbation"][0], second, sections["perturbation"][1]]
    study = assembled(made._replace(samples=samples, file=type(made.file).model_validate(sections)))
    assert study.assays[GAIN].obs["virus"].value_counts().to_dict() == {"AAV-Anxa2": 5, "AAV-GFP": 3, "AAV-Gdf15": 2}
