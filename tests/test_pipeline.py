"""The contract of every stage, and of a run as a whole, on a small study."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import organokine as ok
from organokine import tables
from organokine.errors import OrganokineError
from organokine.pipeline import STAGES, Stage, _file_name, fingerprint, run
from organokine.references import load_references
from organokine.references.signatures import SignatureSet
from organokine.result import Result
from organokine.study import Study
from organokine.study_file import StudyFile
from tests.small_study import write_small_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return ok.read_study(write_small_study(tmp_path_factory.mktemp("pipeline")))


@pytest.fixture(scope="module")
def result(study: Study) -> Result:
    return run(study)


def same(one: Result, other: Result, *, but: str = "") -> None:
    for table in tables.TABLES:
        left, right = getattr(one, table.name), getattr(other, table.name)
        if but != "" and table.name == "evidence":
            left, right = left[left["line"] != but], right[right["line"] != but]
        pd.testing.assert_frame_equal(left, right, check_exact=True)


def with_seed(study: Study, seed: int) -> Study:
    section = study.file.study.model_copy(update={"seed": seed})
    return replace(study, file=study.file.model_copy(update={"study": section}))


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_card_of_every_stage(stage: Stage) -> None:
    assert stage.name.isidentifier()
    assert set(stage.sections) <= set(StudyFile.model_fields)
    assert [each.name for each in STAGES].count(stage.name) == 1


def test_every_section_of_science_is_in_the_key_of_some_stage() -> None:
    keyed = {section for stage in STAGES for section in stage.sections}
    not_science_of_a_run = {"folder"}
    assert keyed | not_science_of_a_run == set(StudyFile.model_fields)


def test_all_tables_keep_their_schema(result: Result) -> None:
    for table in tables.TABLES:
        frame = getattr(result, table.name)
        # The small study has no missing value, did not ask what depends on them, has no perturbation arm, no functional test and too few genes for a set.
        is_empty = table.name in {"detection", "sensitivity", "pathways"} or table.name.startswith(
            ("perturbation", "phenotype", "arrive", "population")
        )
        assert (len(frame) == 0) == is_empty, table.name
        pd.testing.assert_frame_equal(table.conform(frame), frame)


def test_signatures_ask_one_line_and_are_part_of_the_key(study: Study, result: Result) -> None:
    genes = sorted({gene for adata in study.assays.values() for gene in adata.var["gene"] if gene != ""})
    rng = np.random.default_rng(2)
    weights = pd.DataFrame(rng.normal(size=(len(genes), 25)), index=genes, columns=genes[:25])
    with_signatures = replace(study, signatures=SignatureSet("toy", weights, knows_listed_only=True))
    references = load_references("mouse")
    assert fingerprint(with_signatures, references) != fingerprint(study, references)
    found = run(with_signatures)
    of_line = found.evidence["line"] == "response"
    pd.testing.assert_frame_equal(found.evidence[~of_line], result.evidence[~of_line], check_exact=True)
    assert set(result.evidence.loc[of_line, "state"]) == {"no_signatures"}
    assert found.evidence.loc[of_line, "p"].notna().any()
    assert found.manifest["references"][-1]["name"] == "toy"


def test_a_run_changes_none_of_its_inputs(study: Study) -> None:
    references = load_references("mouse")
    before = fingerprint(study, references)
    run(study, references=references)
    assert fingerprint(study, references) == before


def test_the_same_seed_gives_the_same_and_seed_0_is_a_seed(study: Study, result: Result) -> None:
    same(run(study), result)
    nought, other = run(with_seed(study, 0)), run(with_seed(study, 2))
    same(nought, run(with_seed(study, 0)))
    link = [r.evidence.loc[r.evidence["line"] == "link", "p"] for r in (nought, other)]
    assert not np.array_equal(link[0], link[1], equal_nan=True)
    pd.testing.assert_frame_equal(nought.differential, other.differential, check_exact=True)


def test_order_of_columns_and_rows_of_a_file_does_not_matter(study: Study, result: Result, tmp_path: Path) -> None:
    path = write_small_study(tmp_path)
    rng = np.random.default_rng(0)
    sheet = pd.read_csv(tmp_path / "samples.tsv", sep="\t", dtype=str)
    sheet.sample(frac=1, random_state=1).to_csv(tmp_path / "samples.tsv", sep="\t", index=False)
    for assay in study.file.assay:
        table = pd.read_csv(tmp_path / assay.file, sep="\t", dtype=str, keep_default_na=False)
        columns = [table.columns[0], *rng.permutation(table.columns[1:])]
        table[columns].to_csv(tmp_path / assay.file, sep="\t", index=False)
    shuffled = ok.run(ok.read_study(path))
    pd.testing.assert_frame_equal(shuffled.mediators, result.mediators, check_exact=True)


def test_without_a_folder_nothing_is_written(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(study).out is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("section", ["contrast", "axis"])
def test_a_study_without_a_question_is_told_what_is_absent(study: Study, section: str) -> None:
    silent = replace(study, file=study.file.model_copy(update={section: None}))
    with pytest.raises(OrganokineError, match=rf"\[{section}\] is absent"):
        run(silent)


def test_progress_names_the_stages_in_order(study: Study, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    run(study, tmp_path / "out", progress=lambda name, share: told.append((name, share)))
    assert [name for name, _ in told] == [*(stage.name for stage in STAGES), "report", "done"]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_cards_of_odd_symbols_have_files_of_their_own() -> None:
    names = [_file_name(gene) for gene in ("Anxa2", "A/B1", "A_B1", "../etc", "x" * 300, "x" * 301)]
    assert names[0] == "Anxa2"
    assert len(set(names)) == len(names)
    assert all(len(name) < 100 and "/" not in name and not name.startswith(".") for name in names)


def test_an_arm_of_its_own_is_not_compared_by_the_contrast_of_the_study(tmp_path: Path) -> None:
    path = write_small_study(tmp_path)
    sheet = pd.read_csv(tmp_path / "samples.tsv", sep="\t", dtype=str, keep_default_na=False)
    first = pd.read_csv(tmp_path / "muscle protein.tsv", sep="\t")
    arm = sheet[sheet["assay"] == "muscle_protein"].assign(assay="arm", group="", virus=["aav", "gfp"] * 6)
    arm["subject"] = "k" + arm["subject"]
    # The names of the samples are those of the contrast: a name tells a sample within its assay only.
    first.to_csv(tmp_path / "arm.tsv", sep="\t", index=False)
    pd.concat([sheet, arm]).to_csv(tmp_path / "samples.tsv", sep="\t", index=False)
    text = (
        '[[assay]]\nname = "arm"\norgan = "muscle"\nmodality = "protein"\nfile = "arm.tsv"\n'
        '[[perturbation]]\nname = "AAV"\ngene = "Anxa2"\nkind = "gain"\nassay = "arm"\nfactor = "virus"\n'
        'case = "aav"\ncontrol = "gfp"\n'
    )
    path.write_text(path.read_text() + "\n" + text)
    result = run(ok.read_study(path))
    assert "arm" not in set(result.differential["assay"])
    assert "arm" in set(result.qc["assay"])
    assert result.perturbations["arm"].tolist() == ["AAV"]
    assert result.perturbations["shared_samples"].tolist() == [12], "the same values of animals with other names"
    assert result.perturbations["state"].tolist() == ["shared_samples"]
