"""What a study knows of its runs: a row for every sample, the order only where the sheet says it."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import organokine as ok
from organokine import tables
from organokine.errors import DataError
from organokine.exchange import write_h5mu
from organokine.manifest import methods
from organokine.study import Study
from tests.small_study import write_small_study

TWIN = Path(__file__).parent / "readers" / "twins" / "precursors" / "diann_1.9_report.tsv"


def ordered(folder: Path, column: str, values: list[object], key: str | None = None) -> Study:
    """The small study with one more column of its sheet."""
    path = write_small_study(folder)
    sheet = pd.read_csv(folder / "samples.tsv", sep="\t", dtype=str)
    sheet[column] = [values[row % len(values)] for row in range(len(sheet))]
    sheet.to_csv(folder / "samples.tsv", sep="\t", index=False)
    if key is not None:
        path.write_text(f'{path.read_text()}\n[prepare]\nrun_order = "{key}"\n')
    return ok.read_study(path)


def test_every_sample_of_every_assay_has_a_row(tmp_path: Path) -> None:
    study = ok.read_study(write_small_study(tmp_path))
    pd.testing.assert_frame_equal(tables.RUNS.conform(study.runs), study.runs)
    for name, data in study.assays.items():
        rows = study.runs[study.runs["assay"] == name]
        assert rows["sample"].tolist() == data.obs_names.tolist()
        assert rows["subject"].tolist() == data.obs["subject"].tolist()
        assert rows["group"].tolist() == data.obs[study.file.contrast.factor].tolist()
    assert study.runs["n_precursors"].isna().all()
    assert study.runs["run_order"].isna().all()
    assert study.file.prepare.run_order is None


def test_an_order_in_the_sheet_is_taken(tmp_path: Path) -> None:
    study = ordered(tmp_path, "run_order", [3, 1, 2])
    obs = next(iter(study.assays.values())).obs
    rows = study.runs.set_index(["assay", "sample"]).loc[next(iter(study.assays))]
    assert rows["run_order"].tolist() == obs["run_order"].tolist()
    assert study.file.prepare.run_order == "run_order"


def test_times_become_hours_since_the_first(tmp_path: Path) -> None:
    times = ["2024-05-01 13:30", "2024-05-01 23:00", "2024-05-02 00:30"]
    study = ordered(tmp_path, "measured", times, key="measured")
    assert sorted(study.runs["run_order"].unique()) == pytest.approx([0, 9.5, 11])


def test_an_order_that_is_none_is_refused_only_where_it_was_asked_for(tmp_path: Path) -> None:
    words = ["01.05.2024 13:30", "early"]
    with pytest.raises(DataError, match=r"neither numbers nor times, first '01\.05\.2024 13:30'"):
        ordered(tmp_path, "measured", words, key="measured")
    study = ordered(tmp_path, "run_order", words)
    assert study.runs["run_order"].isna().all()
    counted = study.joins.set_index("item").loc["samples with a run order"]
    assert counted["n"] == 0
    assert "not used" in counted["note"]


def test_a_column_asked_for_by_name_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column 'mesured'"):
        ordered(tmp_path, "measured", [1], key="mesured")


def test_a_gap_in_the_order_stays_a_gap(tmp_path: Path) -> None:
    study = ordered(tmp_path, "run_order", [np.nan, 2])
    assert 0 < study.runs["run_order"].isna().sum() < len(study.runs)


def of_precursors(folder: Path, sheet: str = "") -> Study:
    """A study of one assay: a report of precursors of four animals."""
    sheet = sheet or "sample\tsubject\tage\nm1\ta\told\nm2\tb\told\nm3\tc\tyoung\nm4\td\tyoung\n"
    (folder / "samples.tsv").write_text(sheet)
    (folder / "report.tsv").write_bytes(TWIN.read_bytes())
    (folder / "study.toml").write_text(
        '[study]\nname = "s"\nspecies = "mouse"\nsamples = "samples.tsv"\n'
        '[contrast]\nfactor = "age"\ncase = "old"\ncontrol = "young"\n'
        '[[assay]]\nname = "a"\norgan = "muscle"\nmodality = "protein"\nfile = "report.tsv"\n'
    )
    return ok.read_study(folder / "study.toml")


def test_what_the_reader_found_reaches_the_study(tmp_path: Path) -> None:
    runs = of_precursors(tmp_path).runs
    assert runs["sample"].tolist() == ["m1", "m2", "m3", "m4"]
    assert runs["n_precursors"].tolist() == runs["n_with_mobility"].tolist() == [6, 5, 6, 5]
    assert set(runs["mobility_unit"]) == {"1/K0"}
    np.testing.assert_allclose(runs["contaminant_fraction"], [2 / 17, 4 / 27, 2 / 25, 2 / 37])
    np.testing.assert_allclose(runs["median_deviation"], 0.002, atol=1e-6)


def test_precursors_that_were_left_out_are_in_the_methods(tmp_path: Path) -> None:
    file = of_precursors(tmp_path).file
    assert not any("ion mobility" in sentence for sentence in methods(file))
    assay = file.assay[0].model_copy(update={"mobility_outliers": "exclude", "mobility_limit": 4.0})
    said = methods(file.model_copy(update={"assay": (assay,)}))
    assert said[0].startswith("Precursors of a whose ion mobility lay beyond 4 robust standard deviations")


def test_the_order_of_the_sheet_does_not_matter(tmp_path: Path) -> None:
    expected = of_precursors(tmp_path).runs
    rows = "m3\tc\tyoung\nm1\ta\told\nm4\td\tyoung\nm2\tb\told\n"
    pd.testing.assert_frame_equal(of_precursors(tmp_path, f"sample\tsubject\tage\n{rows}").runs, expected)


def test_runs_go_through_h5mu_whole(tmp_path: Path) -> None:
    mudata = pytest.importorskip("mudata")
    study = of_precursors(tmp_path)
    write_h5mu(tmp_path / "study.h5mu", study)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        again = mudata.read_h5mu(tmp_path / "study.h5mu").uns["organokine"]["runs"]
    pd.testing.assert_frame_equal(tables.RUNS.conform(again), study.runs)
