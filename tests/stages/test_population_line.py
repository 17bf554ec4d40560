"""Population mode over the axis of a study with a contrast: groups count for nothing, individuals within them do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from typer.testing import CliRunner

import organokine as ok
from organokine.cli import app
from organokine.population_section import PopulationSection
from organokine.references import load_references
from organokine.simulate import simulate_tables
from organokine.simulate.folder import write_study
from organokine.stages.population import make_cohort
from organokine.stages.population_line import axis_scores
from organokine.study import Study, assemble_study

SMALL = {
    "n_per_group": 14, "n_genes": 320, "n_proteins": 200, "with_rna": False, "with_plasma": False, "batch": False,
    "scenario": "global_null", "missing": False, "correlation": (0.0, 0.0),
}  # fmt: skip
ASKED = PopulationSection(permutations=999, most_permutations=999, factors=(0,), background=100)
SOURCE, TARGET = "muscle_protein", "cerebellum_protein"


def study_of(*, shift: float = 0.0, messenger: str = "") -> Study:
    """Two thirds of the genes of both organs differ between the groups; the target follows one gene of the source within them.

    With all of them changed the median would, and normalisation would move the samples.
    """
    made = simulate_tables(2, **SMALL)
    tables = dict(made.tables)
    subjects = made.samples.drop_duplicates("subject")
    is_old = (subjects["age"] == "old").to_numpy(dtype=float)
    for name in (SOURCE, TARGET):
        values = tables[name].values
        signs = np.random.default_rng(5).choice([-1.0, 0.0, 1.0], len(values))[:, None]
        tables[name] = replace(tables[name], values=values + shift * signs * is_old)
    if messenger != "":
        level = tables[SOURCE].values.loc[messenger].to_numpy()
        level = level - np.where(is_old > 0, level[is_old > 0].mean(), level[is_old == 0].mean())
        values = tables[TARGET].values
        weights = np.random.default_rng(6).normal(0, 0.8, len(values))[:, None]
        tables[TARGET] = replace(tables[TARGET], values=values + weights * level / level.std() * 0.3)
    file = made.file.model_copy(update={"population": ASKED})
    return assemble_study(file, tables, made.samples)


def secreted_of(study: Study) -> list[str]:
    genes = sorted(set(study.assays[SOURCE].var["gene"]))
    routes = load_references("mouse").routes(genes)["route"]
    return list(routes.index[routes.isin(["classical"])])


@pytest.fixture(scope="module")
def shifted() -> tuple[Study, pd.DataFrame]:
    study = study_of(shift=2.0)
    return study, axis_scores(study, load_references("mouse"))


def test_both_organs_changing_with_the_groups_is_nothing(shifted: tuple[Study, pd.DataFrame]) -> None:
    p = shifted[1]["p"].dropna()
    assert len(p) > 40
    assert stats.kstest(p, "uniform", alternative="greater").pvalue > 0.001
    assert (p <= 0.05).mean() < 0.2
    unadjusted = shifted[1]["p_unadjusted"].dropna()
    assert (unadjusted <= 0.05).mean() > 0.5, "with the groups left in, what changes follows all else that does"


def test_the_axis_alone_is_scored(shifted: tuple[Study, pd.DataFrame]) -> None:
    table = shifted[1]
    assert set(table["source"]) == {SOURCE}
    assert set(table["target"]) == {TARGET}
    assert set(table["gene"]) <= set(shifted[0].assays[SOURCE].var["gene"])


def test_covariates_of_the_contrast_are_taken_out_too(shifted: tuple[Study, pd.DataFrame]) -> None:
    study = shifted[0]
    contrast = study.file.contrast.model_copy(update={"covariates": ("C(cage)", "litter")})
    options = study.file.population.model_copy(update={"covariates": ("litter",)})
    adjusted = replace(study, file=study.file.model_copy(update={"contrast": contrast, "population": options}))
    for data in adjusted.assays.values():
        data.obs["cage"], data.obs["litter"] = (
            np.arange(data.n_obs) % 3,
            np.where(np.arange(data.n_obs) % 2 == 0, "a", "b"),
        )
    cohort = make_cohort(adjusted, load_references("mouse"))
    assert cohort.options.covariates == ("litter", "cage")
    assert cohort.factor == contrast.factor
    assert cohort.matrices[SOURCE].individuals["cage"].dtype == object, "C(...) makes numbers levels"


def test_pairs_of_the_study_file_do_not_matter_and_neither_do_workers(shifted: tuple[Study, pd.DataFrame]) -> None:
    study, table = shifted
    other = study.file.population.model_copy(update={"pairs": (("cerebellum", "muscle"),), "leading": 3})
    reversed_ = replace(study, file=study.file.model_copy(update={"population": other}))
    again = axis_scores(reversed_, load_references("mouse"), workers=2)
    pd.testing.assert_frame_equal(again, table, check_exact=True)


def test_without_the_section_there_is_nothing(shifted: tuple[Study, pd.DataFrame]) -> None:
    study = shifted[0]
    for absent in ("population", "axis"):
        silent = replace(study, file=study.file.model_copy(update={absent: None}))
        assert len(axis_scores(silent, load_references("mouse"))) == 0


def test_a_link_of_individuals_within_the_groups_is_found() -> None:
    messenger = secreted_of(study_of())[3]
    table = axis_scores(study_of(shift=2.0, messenger=messenger), load_references("mouse")).set_index("gene")
    assert table["rank"].idxmin() == messenger
    assert table.loc[messenger, "p"] <= 0.002
    assert table.loc[messenger, "score"] > table.loc[messenger, "null_mean"] + 3 * table.loc[messenger, "null_sd"]


def test_a_run_carries_it_and_ranks_as_without_it(tmp_path: Path) -> None:
    path = write_study(tmp_path / "study", seed=3, **SMALL | {"scenario": "demo", "n_genes": 150, "n_proteins": 110})
    plain = ok.run(ok.read_study(path))
    section = "[population]\npermutations = 999\nmost_permutations = 999\nfactors = [0]\n\n[declared]"
    path.write_text(path.read_text(encoding="utf-8").replace("[declared]", section), encoding="utf-8")
    out = tmp_path / "out"
    assert CliRunner().invoke(app, ["run", str(path), "--out", str(out)]).exit_code == 0
    evidence = pd.read_parquet(out / "evidence.parquet")
    of_line = evidence["line"] == "population"
    assert set(plain.evidence.loc[plain.evidence["line"] == "population", "state"]) == {"no_population"}
    assert evidence.loc[of_line, "p"].notna().sum() > 10
    rest = plain.evidence[plain.evidence["line"] != "population"].reset_index(drop=True)
    pd.testing.assert_frame_equal(evidence[~of_line].reset_index(drop=True), rest, check_exact=True)
    pd.testing.assert_frame_equal(pd.read_parquet(out / "mediators.parquet"), plain.mediators, check_exact=True)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert '<section id="population"' in page
    asked = set(evidence.loc[of_line & evidence["p"].notna(), "gene"])
    card = next(
        card
        for file in sorted((out / "cards").glob("*.json"))
        if (card := json.loads(file.read_text(encoding="utf-8")))["gene"] in asked
    )
    fact = card["facts"]["line.population"]
    assert fact["kind"] == "correlation"
    assert "no direction" in fact["text"]
    last = card["hasEvidenceLines"][-1]
    assert "line.population" in last["hasEvidenceItems"]
    assert last["leading_item"] != "line.population"
    text = (
        tmp_path / "page.html"
    )  # what a reader sees: with the library of plots a page is too long to be one about a study
    text.write_text(re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL), encoding="utf-8")
    claims = CliRunner().invoke(app, ["claims", str(text)])
    assert claims.exit_code == 0, claims.output


def test_a_run_without_population_mode_does_not_load_its_compiled_loops() -> None:
    code = "import sys, organokine.pipeline; print('organokine.population.blocks' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
