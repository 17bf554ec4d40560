"""Files for MultiQC: found by their names, parsed as it parses them, samples of two assays apart, names harmless."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from fake_run import EVIL, EVIL_LINK, RUNS, Run

from organokine.report import MULTIQC_FOLDER, multiqc_files
from organokine.report.multiqc import plain_name

FOUND_BY_MULTIQC = re.compile(r"[\w.-]+_mqc\.(tsv|json)")
PLOTS = {"scatter", "heatmap", "box", "bargraph"}


def files_of(run: Run) -> dict[str, str]:
    return multiqc_files(run.tables, run.manifest)


def general(text: str) -> tuple[dict[str, object], pd.DataFrame]:
    """Header and table as MultiQC reads them: comments are YAML, of which JSON on one line is a part."""
    lines = text.splitlines()
    header = dict(line[1:].strip().split(": ", 1) for line in lines if line.startswith("#"))
    cells = [line.split("\t") for line in lines if not line.startswith("#")]
    assert len({len(row) for row in cells}) == 1
    table = pd.DataFrame(cells[1:], columns=cells[0]).set_index("Sample")
    return {key: json.loads(value) for key, value in header.items()}, table


@pytest.fixture(scope="module", params=sorted(set(RUNS) - {"no_candidates"}))
def files(request: pytest.FixtureRequest) -> dict[str, str]:
    return files_of(RUNS[request.param]())


def test_every_file_is_one_that_multiqc_finds_and_understands(files: dict[str, str]) -> None:
    assert all(FOUND_BY_MULTIQC.fullmatch(name) for name in files)
    sections = [json.loads(text, parse_constant=pytest.fail) for name, text in files.items() if name.endswith(".json")]
    assert len({section["id"] for section in sections}) == len(sections)
    for section in sections:
        assert section["plot_type"] in PLOTS
        assert section["parent_id"] == "organokine"
        assert section["section_name"] != ""
        assert section["description"].endswith(".")
        assert section["pconfig"]["id"] not in {other["id"] for other in sections}
        assert isinstance(section["data"], list), "names that are keys would be shortened"
        if section["plot_type"] == "heatmap":
            assert [len(row) for row in section["data"]] == [len(section["xcats"])] * len(section["ycats"])


def test_general_statistics_have_a_heading_for_every_column(files: dict[str, str]) -> None:
    header, table = general(files["organokine_general_mqc.tsv"])
    assert header["plot_type"] == "generalstats"
    assert [name for each in header["headers"] for name in each] == list(table.columns)
    assert table.index.is_unique
    assert not table.index.str.startswith("#").any()


def test_samples_of_one_name_in_two_assays_stay_apart() -> None:
    run = RUNS["plain"]()
    for name, columns in (
        ("qc", ["sample"]),
        ("runs", ["sample"]),
        ("qc_panels", ["sample"]),
        ("qc_pairs", ["sample", "other"]),
    ):
        for column in columns:
            run.tables[name][column] = run.tables[name][column].str.replace(r"^.*_", "", regex=True)
    found = files_of(run)
    _, table = general(found["organokine_general_mqc.tsv"])
    assert len(table) == len(run.tables["qc"]) == 60
    assert table.index.is_unique
    assert "muscle_rna | m01" in table.index
    points = json.loads(found["organokine_pca_02_muscle_rna_mqc.json"])["data"][0]
    assert sorted(points) == [f"muscle_rna | m{place:02d}" for place in range(1, 13)]


def test_numbers_are_those_of_the_tables() -> None:
    run = RUNS["plain"]()
    found = files_of(run)
    _, table = general(found["organokine_general_mqc.tsv"])
    qc, runs = run.tables["qc"].iloc[3], run.tables["runs"].iloc[3]
    row = table.loc[f"{qc['assay']} | {qc['sample']}"]
    assert float(row["n_detected"]) == qc["n_detected"]
    assert float(row["missing_fraction"]) == pytest.approx(100 * qc["missing_fraction"], rel=1e-4)
    assert float(row["missed_cleavage_fraction"]) == pytest.approx(100 * runs["missed_cleavage_fraction"], rel=1e-4)
    assert float(row["n_precursors"]) == runs["n_precursors"]
    outliers = run.tables["qc"].loc[run.tables["qc"]["outlier"], "sample"]
    assert list(table.index[table["outlier"] == "apart"].str.replace(r"^.* \| ", "", regex=True)) == list(outliers)
    assert (table.loc[table.index.str.startswith("muscle_rna"), "n_precursors"] == "").all(), "missing is an empty cell"
    square = json.loads(found["organokine_correlation_01_muscle_protein_mqc.json"])
    pair = run.tables["qc_pairs"].iloc[0]
    one, other = (square["xcats"].index(f"{pair['assay']} | {pair[name]}") for name in ("sample", "other"))
    assert square["data"][one][other] == square["data"][other][one] == pytest.approx(pair["r"], rel=1e-3)
    assert square["data"][one][one] is None
    boxes = json.loads(found["organokine_cv_mqc.json"])["data"][0]
    assert boxes["muscle_protein | young"] == {"min": 5.0, "q1": 10.0, "median": 16.0, "q3": 24.0, "max": 50.0}
    bars = json.loads(found["organokine_missing_mqc.json"])["data"][0]
    assert bars["muscle_protein | aged"] == {"complete": 2900, "absent": 12, "in_some": 488}
    assert "muscle_rna | aged" not in bars


def test_columns_and_plots_without_a_value_are_left_out() -> None:
    run = RUNS["all_missing"]()
    found = files_of(run)
    _, table = general(found["organokine_general_mqc.tsv"])
    assert list(table.columns) == ["n_detected", "n_precursors", "outlier"]
    assert list(found) == ["organokine_general_mqc.tsv"]
    assert files_of(RUNS["no_candidates"]()) == {}


def test_names_are_html_text_on_one_line() -> None:
    assert plain_name("a", "b") == "a | b"
    assert plain_name("#a", "x\ty\nz\u2028w") == "&#35;a | x y z w"
    assert plain_name("<b>", "a & b") == "&lt;b&gt; | a &amp; b"
    texts = "".join(files_of(RUNS["hostile_names"]()).values())
    assert EVIL not in texts
    assert EVIL_LINK not in texts
    assert "&lt;script&gt;" in texts


def test_assays_of_like_names_have_files_of_their_own() -> None:
    run = RUNS["plain"]()
    renamed = {"muscle_protein": "../a b", "cerebellum_protein": "a/b", "muscle_rna": "ä" * 90}
    for name in ("qc", "runs", "qc_assay", "qc_batch", "qc_panels", "qc_pairs", "differential"):
        run.tables[name]["assay"] = run.tables[name]["assay"].replace(renamed)
    names = list(files_of(run))
    assert len(names) == len(set(names)) == 13
    assert all(FOUND_BY_MULTIQC.fullmatch(name) and len(name) < 90 for name in names)


def test_the_same_tables_give_the_same_files_and_are_left_alone() -> None:
    run = RUNS["plain"]()
    before = {name: table.copy(deep=True) for name, table in run.tables.items()}
    assert files_of(run) == files_of(run)
    assert all(table.equals(before[name]) for name, table in run.tables.items())
    assert MULTIQC_FOLDER == "multiqc"
