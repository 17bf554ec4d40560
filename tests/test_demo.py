"""The simulated study, from its files to the page."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import organokine as ok
from organokine import report, tables
from organokine.errors import OutputError
from organokine.result import Result
from organokine.simulate import write_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Result:
    return ok.run(ok.read_study(write_study(folder / "study", perturbations=True, behaviour=True)), folder / "out")


def test_both_planted_mediators_lead_and_the_traps_do_not(demo: Result) -> None:
    ranked = demo.mediators.set_index("gene")
    for gene, route in (("Anxa2", "unconventional"), ("Gdf15", "classical")):
        assert ranked.loc[gene, "rank"] <= 5
        assert ranked.loc[gene, "tier"] >= 2
        assert ranked.loc[gene, "route"] == route
    truth = pd.read_csv(demo.out.parent / "study" / "truth.tsv", sep="\t").set_index("gene")["role"]
    claimed = ranked.index[ranked["tier"] >= 2]
    assert (truth.reindex(claimed) == "mediator").all()
    traps = truth.index[truth.isin(["blood_leak", "source_only_decoy", "target_only_decoy"])].intersection(ranked.index)
    assert len(traps) > 10
    assert (ranked.loc[traps, "rank"] > 5).all()


def test_the_arms_lift_the_gene_that_was_moved_and_the_page_says_what_they_show(demo: Result) -> None:
    ranked = demo.mediators.set_index("gene")
    assert ranked.loc["Anxa2", "tier"] == 5
    assert ranked.loc["Gdf15", ["tier", "limiting_evidence"]].tolist() == [3, "perturbation"]
    assert demo.perturbations["verdict"].tolist() == ["sufficient", "necessary"]
    page = (demo.out / "report.html").read_text()
    assert "Sufficient in part: overexpression of Anxa2 in young animals" in page
    assert "Necessary in part: taking Anxa2 away in old animals" in page


def test_function_follows_the_mediator_that_drives_it(demo: Result) -> None:
    rows = demo.evidence[demo.evidence["line"] == "phenotype"].set_index("gene")
    row = rows.loc["Anxa2"]
    assert row["p"] < 0.05
    assert row["effect"] < 0
    assert row["note"].startswith("rotarod latency and its level in muscle protein")
    assert "consistent with mediation" in row["note"]
    assert demo.mediators.set_index("gene").loc["Anxa2", "phenotype_p"] == row["p"]
    assert 0.02 < (rows["p"] <= 0.05).mean() < 0.08
    assert rows.loc["Gdf15", "p"] > 0.05


def test_the_blood_leak_carries_its_flag_and_says_what_limits_it(demo: Result) -> None:
    leak = demo.mediators.set_index("gene").loc["Alb"]
    assert "blood_panel" in leak["flags"]
    assert leak["tier"] <= 1
    assert leak["source_p"] < 0.05, "the trap is one: it does rise in the source"
    assert leak["arrival_p"] < 0.05, "and it does rise in the target"
    assert leak["limiting_evidence"] == "origin"
    assert (demo.flags["flag"] == "blood_differs").any()


def test_the_folder_holds_what_the_contract_says(demo: Result) -> None:
    out = demo.out
    for table in tables.TABLES:
        written = pd.read_parquet(out / f"{table.name}.parquet")
        assert list(written.columns) == table.names()
        pd.testing.assert_frame_equal(table.conform(written), getattr(demo, table.name))
    text = pd.read_csv(out / "mediators.tsv", sep="\t", keep_default_na=False)
    assert text["gene"].tolist() == demo.mediators["gene"].tolist()
    manifest = json.loads((out / "manifest.json").read_text())
    for_multiqc = {path.relative_to(out).as_posix() for path in (out / "multiqc").iterdir()}
    assert len(for_multiqc) == 17, "two for each of seven assays, and three for all"
    assert for_multiqc <= set(manifest["outputs"])
    assert manifest["simulated"] is True
    assert manifest["study"]["study"]["seed"] == 1
    assert {"study.toml"}.isdisjoint({each["file"] for each in manifest["inputs"]})
    assert all(len(each["sha256"]) == 64 for each in manifest["inputs"])
    assert [stage["name"] for stage in manifest["stages"]] == [
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
    ]
    card = json.loads((out / "cards" / "Anxa2.json").read_text())
    assert card["species"] == "mouse"
    assert [step["line"] for step in card["ranking"]["chain"]] == [line.name for line in ok.LINES]
    page = (out / "report.html").read_text()
    assert "imulated" in page
    assert not list(out.rglob("*.part"))


def test_a_second_run_resumes_and_gives_the_same(demo: Result, folder: Path) -> None:
    again = ok.run(ok.read_study(folder / "study" / "study.toml"), folder / "out")
    assert all(stage["resumed"] for stage in again.manifest["stages"])
    for table in tables.TABLES:
        pd.testing.assert_frame_equal(getattr(again, table.name), getattr(demo, table.name))
    assert json.dumps(again.cards) == json.dumps(demo.cards)


def test_workers_do_not_change_an_answer(demo: Result, folder: Path) -> None:
    alone = ok.run(ok.read_study(folder / "study" / "study.toml"), workers=2)
    for table in tables.TABLES:
        pd.testing.assert_frame_equal(getattr(alone, table.name), getattr(demo, table.name), check_exact=True)
    assert json.dumps(alone.cards) == json.dumps(demo.cards)


def test_a_changed_error_rate_reruns_only_what_depends_on_it(demo: Result, folder: Path) -> None:
    path = folder / "study" / "study.toml"
    study = ok.read_study(path)
    stricter = study.file.model_copy(update={"ranking": study.file.ranking.model_copy(update={"fdr": 1e-9})})
    result = ok.run(replace(study, file=stricter), folder / "out")
    resumed = {stage["name"]: stage["resumed"] for stage in result.manifest["stages"]}
    again = {"sensitivity", "perturbation", "phenotype", "population", "evidence", "rank", "appraise"}
    assert {name for name, is_resumed in resumed.items() if not is_resumed} == again
    assert (result.mediators["tier"] <= 1).all()
    needed = result.manifest["animals_needed"]
    assert needed["n_per_group"] > 6
    assert str(needed["n_per_group"]) in needed["sentence"]


@pytest.mark.parametrize("damage", ["", "null", "[]", "{}", '{"study": 1}', "\x00"])
def test_no_page_is_made_of_a_damaged_manifest(demo: Result, tmp_path: Path, damage: str) -> None:
    out = shutil.copytree(demo.out, tmp_path / "out")
    (out / "manifest.json").write_text(damage)
    with pytest.raises(OutputError, match="not the manifest of a run"):
        report.build(out)


def test_no_page_is_made_of_tables_of_two_runs(demo: Result, tmp_path: Path) -> None:
    out = shutil.copytree(demo.out, tmp_path / "out")
    assert report.build(out).is_file()
    demo.evidence.head(3).to_parquet(out / "evidence.parquet")
    (out / "qc.parquet").write_bytes(b"PAR1")
    with pytest.raises(
        OutputError, match=r"2 files are not as the run wrote them, first 'evidence.parquet', 'qc.parquet'"
    ):
        report.build(out)
