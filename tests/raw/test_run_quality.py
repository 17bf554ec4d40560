"""Quality of raw runs: planted shifts are found with their size, order does not matter, tiny and failed runs have no numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.errors import Problem
from organokine.raw.result import MATCH_COLUMNS, RawFile
from organokine.raw.run_quality import run_remarks, run_table, trend_sample
from organokine.raw.settings import SearchSettings
from organokine.raw_tables import PRECURSORS, RUNS

LETTERS = np.array(list("ADEFGHILNPQSTVWY"))
NUMBERS = [column.name for column in RUNS.columns if column.kind in {"number", "integer"}]


def made_matches(samples: tuple[str, ...], n: int = 120, seed: int = 0) -> pd.DataFrame:
    """Accepted matches of the same precursors in every sample: 1/K0 and time exactly alike, masses off by normal errors of 2 ppm."""
    rng = np.random.default_rng(seed)
    sequences = ["".join(rng.choice(LETTERS, 9)) + "K" for _ in range(n)]
    charge = rng.integers(2, 4, n)
    mz, minutes = rng.uniform(400, 1000, n), rng.uniform(5, 25, n)
    # A straight line per charge with a scatter of 0.01.
    k0 = 0.5 + 0.0006 * mz - 0.1 * (charge - 2) + rng.normal(0, 0.01, n)
    frames = [
        pd.DataFrame(
            {
                "sample": sample, "spectrum": np.arange(n), "sequence": sequences, "peptide": sequences, "charge": charge, "decoy": False,
                "proteins": [("P1",)] * n, "score": rng.normal(10, 1, n), "hyperscore": 30.0, "mz": mz, "mass_error": rng.normal(0, 2, n),
                "fragment_error": 0.0, "minutes": minutes, "one_over_k0": k0, "engine_q": 0.001, "accepted": True,
                "decoy_as_good": False,
            }
        )
        for sample in samples
    ]  # fmt: skip
    made = pd.concat(frames, ignore_index=True).astype({"sample": "category"})
    assert set(made.columns) == {*MATCH_COLUMNS, "accepted", "decoy_as_good"}
    return made


def made_files(samples: tuple[str, ...], **given: Any) -> list[RawFile]:
    return [RawFile(sample, Path(f"/runs/{sample}.d"), "2026-11-01T10:00:00", 500, **given) for sample in samples]


def made_precursors(matches: pd.DataFrame) -> pd.DataFrame:
    kept = ["sample", "sequence", "charge", "mz", "mass_error", "minutes", "one_over_k0"]
    return PRECURSORS.conform(
        matches[kept].assign(identified=True, quantity=1000.0, protein_group="P1", contaminant=False)
    )


def table_of(matches: pd.DataFrame, samples: tuple[str, ...]) -> pd.DataFrame:
    return run_table(made_files(samples), matches, made_precursors(matches)).set_index("sample")


def test_counts_are_those_of_the_tables() -> None:
    matches = made_matches(("a", "b"), 20)
    matches.loc[:4, "accepted"] = False
    again = matches.iloc[[10]].assign(spectrum=900, score=0.0, mass_error=500.0)
    precursors = made_precursors(matches)
    precursors["identified"] = matches["accepted"].astype("boolean").array
    precursors.loc[[5, 25], "quantity"] = np.nan
    precursors.loc[[6, 7], "protein_group"] = ["P2", "P3"]
    precursors.loc[7, "contaminant"] = True
    runs = run_table(made_files(("b", "a")), pd.concat([matches, again], ignore_index=True), precursors)
    assert list(runs["sample"]) == ["b", "a"]
    a = runs.iloc[1]
    assert a[["file", "state", "acquired", "spectra"]].tolist() == ["a.d", "searched", "2026-11-01T10:00:00", 500]
    assert a[["matched", "precursors", "quantified", "transferred", "protein_groups"]].tolist() == [16, 15, 19, 5, 2]
    proteins = pd.DataFrame({"protein_group": ["P1", "P2"], "a": [1.0, np.nan], "b": [1.0, 2.0]})
    counted = run_table(made_files(("b", "a")), matches, precursors, proteins)
    assert counted["protein_groups"].tolist() == [2, 1]


def test_medians_and_spreads_by_hand_with_the_best_spectrum_of_each_precursor() -> None:
    matches = made_matches(("a",), 11)
    matches["mass_error"] = np.arange(11.0)
    worse = matches.assign(spectrum=99, score=-5.0, mass_error=1000.0)
    run = table_of(matches, ("a",)).loc["a"]
    assert run["mass_error"] == 5.0
    # Distances from 5 are 0, 1, 1, 2, 2, 3, 3, ...: the sixth of eleven is 3.
    assert run["mass_spread"] == pytest.approx(1.4826 * 3)
    both = run_table(made_files(("a",)), pd.concat([worse, matches]), made_precursors(matches)).iloc[0]
    assert both["mass_error"] == 5.0


@pytest.mark.parametrize("percent", [-2.5, 1.0])
def test_a_planted_shift_of_one_run_is_found_with_its_size(percent: float) -> None:
    samples = ("a", "b", "c", "d")
    matches = made_matches(samples)
    is_c = matches["sample"] == "c"
    matches.loc[is_c, "one_over_k0"] *= 1 + percent / 100
    matches.loc[is_c, "minutes"] += 0.75
    runs = table_of(matches, samples)
    assert runs.loc["c", "mobility_shift"] == pytest.approx(percent)
    assert runs.loc["c", "minutes_shift"] == pytest.approx(0.75)
    assert runs.loc[["a", "b", "d"], ["mobility_shift", "minutes_shift"]].to_numpy() == pytest.approx(0, abs=1e-12)
    assert runs["mobility_spread"].to_numpy() == pytest.approx(0, abs=1e-9)


def test_with_two_runs_each_shift_is_half_of_the_difference_and_with_one_there_is_none() -> None:
    matches = made_matches(("a", "b"))
    matches.loc[matches["sample"] == "b", "minutes"] += 1.0
    assert table_of(matches, ("a", "b"))["minutes_shift"].tolist() == pytest.approx([-0.5, 0.5])
    alone = table_of(matches[matches["sample"] == "a"], ("a",)).iloc[0]
    assert np.isnan(alone[["mobility_shift", "mobility_spread", "minutes_shift"]].astype(float)).all()
    assert np.isfinite(alone["mass_error"])


def test_a_planted_drift_is_found_with_its_size_whatever_a_tenth_of_the_precursors_do() -> None:
    matches = made_matches(("a",), 1500)
    span = np.ptp(matches["minutes"])
    matches["mass_error"] = 3.0 + 6.0 * matches["minutes"] / span
    assert table_of(matches, ("a",)).loc["a", "mass_drift"] == pytest.approx(6.0)
    matches.loc[::10, "mass_error"] = 19.0
    assert table_of(matches, ("a",)).loc["a", "mass_drift"] == pytest.approx(6.0, abs=0.8)


def test_an_ion_off_its_trend_is_counted() -> None:
    matches = made_matches(("a",), 400)
    assert table_of(matches, ("a",)).loc["a", "trend_outliers"] == 0
    matches.loc[[3, 7], "one_over_k0"] += 0.2
    run = table_of(matches, ("a",)).loc["a"]
    assert run["trend_outliers"] == 2
    # The median absolute deviation of a normal error of 0.01.
    assert run["trend_spread"] == pytest.approx(0.00674, rel=0.15)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_tiny_run_has_counts_and_no_numbers(n: int) -> None:
    matches = made_matches(("a", "b"), 3)
    matches["accepted"] = matches["spectrum"] < n
    runs = table_of(matches, ("a", "b"))
    assert runs["matched"].tolist() == [n, n]
    of_calibration = NUMBERS[NUMBERS.index("mass_error") :]
    assert runs[of_calibration].isna().all(axis=None)
    assert run_remarks(runs.reset_index(), SearchSettings()) == []
    assert trend_sample(matches)["residual"] == [None] * 2 * n


def test_a_failed_file_has_a_row_without_numbers() -> None:
    matches = made_matches(("a", "c"))
    fault = Problem("b.d", "it is truncated", "frames are lost", "copy it again")
    files = [*made_files(("a",)), *made_files(("b",), problems=(fault,)), *made_files(("c",))]
    runs = run_table(files, matches, made_precursors(matches))
    assert runs["state"].tolist() == ["searched", "failed", "searched"]
    assert runs.loc[1, NUMBERS].isna().all()
    assert runs.loc[[0, 2], NUMBERS].notna().all(axis=None)
    assert run_remarks(runs, SearchSettings()) == []
    assert len(run_table([], matches, PRECURSORS.empty())) == 0


def test_without_matches_the_table_of_precursors_is_taken() -> None:
    matches = made_matches(("a", "b"))
    none = pd.DataFrame(columns=list(MATCH_COLUMNS))
    runs = run_table(made_files(("a", "b")), none, made_precursors(matches))
    of_matches = ["matched", "decoys", "fragment_error"]
    assert runs[of_matches].isna().all(axis=None)
    pd.testing.assert_frame_equal(
        runs.drop(columns=of_matches), table_of(matches, ("a", "b")).reset_index().drop(columns=of_matches)
    )
    assert trend_sample(none, made_precursors(matches)) == trend_sample(matches)
    assert trend_sample(none)["n"] == 0


def test_without_a_calibration_there_is_no_mobility_and_all_else() -> None:
    run = table_of(made_matches(("a", "b")).assign(one_over_k0=np.nan), ("a", "b")).iloc[0]
    empty = ["mobility_shift", "mobility_spread", "trend_spread", "trend_outliers"]
    assert run[run.isna()].index.tolist() == empty


@settings(max_examples=6, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(random: Any) -> None:
    matches = made_matches(("a", "b"), 60)
    # Equal scores of one precursor: only the number of the spectrum tells them apart.
    matches = pd.concat(
        [matches, matches.assign(spectrum=matches["spectrum"] + 500, mass_error=7.0)], ignore_index=True
    )
    precursors = made_precursors(matches.iloc[:120])
    order = random.sample(range(len(matches)), len(matches))
    shuffled = run_table(made_files(("a", "b")), matches.iloc[order], precursors.iloc[::-1])
    pd.testing.assert_frame_equal(shuffled, run_table(made_files(("a", "b")), matches, precursors), check_exact=True)
    assert trend_sample(matches.iloc[order]) == trend_sample(matches)


def test_a_sample_of_the_trend_is_evenly_spaced_and_bounded() -> None:
    matches = made_matches(("a", "b"), 200)
    drawn = trend_sample(matches, most=50)
    assert {len(drawn[name]) for name in ("charge", "mz", "one_over_k0", "residual")} == {50}
    assert drawn["n"] == 400
    assert drawn["charge"] == sorted(drawn["charge"])
    assert max(abs(value) for value in drawn["residual"]) < 0.05
    assert trend_sample(matches)["n"] == len(trend_sample(matches)["mz"])


def runs_of(**columns: list[Any]) -> pd.DataFrame:
    quiet = {
        "sample": ["a", "b", "c"], "file": ["a.d", "b.d", "c.d"], "state": "searched", "matched": 1000, "quantified": 100, "transferred": 50,
        "mass_error": 0.0, "mass_spread": 2.0, "mobility_shift": 0.0,
    }  # fmt: skip
    return RUNS.conform(pd.DataFrame(quiet | columns))


def test_quiet_runs_have_no_remark() -> None:
    assert run_remarks(runs_of(), SearchSettings()) == []
    assert run_remarks(RUNS.empty(), SearchSettings()) == []


@pytest.mark.parametrize(
    ("columns", "where", "said"),
    [
        ({"mass_error": [0.0, -7.0, 0.0], "mass_spread": [2.0, 7.1, 2.0]}, "b (b.d)", "reach 21.2 ppm; precursor_ppm is 20"),
        ({"fragment_error": [10.1, 2.0, 9.9]}, "a (a.d)", "m/z of fragments are off by 10.1 ppm in the median; quantity_ppm is 15"),
        ({"decoys": [29, 10, 31]}, "c (c.d)", "31 decoys beside 1000 matched spectra"),
        ({"matched": [1000, 900, 299]}, "c (c.d)", "299 matched spectra, and 900 in the median of 3 runs"),
        ({"mobility_shift": [1.6, 0.0, 0.0]}, "a (a.d)", "1/K0 differs by +1.60 percent from the median of the other runs"),
        ({"mass_error": [0.0, 0.0, 10.1]}, "c (c.d)", "the mass error differs by +10.10 ppm"),
        ({"transferred": [51, 50, 0]}, "a (a.d)", "51 of 100 quantities were matched between runs"),
    ],
)  # fmt: skip
def test_every_remark_names_its_run_and_its_size(columns: dict[str, list[Any]], where: str, said: str) -> None:
    found = run_remarks(runs_of(**columns), SearchSettings())
    assert [each.where for each in found] == [where]
    assert said in found[0].what


def test_errors_beyond_the_window_name_a_setting_that_would_hold_them() -> None:
    found = run_remarks(runs_of(mass_error=[9.0] * 3, mass_spread=[6.3] * 3), SearchSettings())
    assert ["Set precursor_ppm to 22 or more" in each.remedy for each in found] == [True] * 3


def test_few_decoys_in_a_run_are_chance() -> None:
    assert run_remarks(runs_of(matched=[100, 100, 100], decoys=[9, 9, 9]), SearchSettings()) == []


def test_decoys_of_a_run_are_counted() -> None:
    matches = made_matches(("a", "b"), 20)
    matches.loc[:3, ["decoy", "decoy_as_good", "accepted"]] = [True, True, False]
    assert table_of(matches, ("a", "b"))["decoys"].tolist() == [4, 0]


def test_one_remark_on_many_runs_is_one_and_tells_the_worst() -> None:
    found = run_remarks(runs_of(transferred=[60, 90, 70]), SearchSettings(), most_named=2)
    assert [each.where for each in found] == ["3 of 3 runs"]
    assert found[0].what.startswith("the worst is b (b.d): 90 of 100 quantities")
    assert found[0].what.endswith("likewise 'a (a.d)', 'c (c.d)'")


def test_a_search_that_matched_nothing_counts_zero() -> None:
    nothing = made_matches(("a", "b")).iloc[:0]
    runs = run_table(made_files(("a", "b")), nothing, PRECURSORS.empty())
    assert runs[["matched", "precursors", "quantified", "protein_groups"]].to_numpy().tolist() == [[0] * 4] * 2


def test_of_two_runs_that_differ_both_are_named_with_the_whole_difference() -> None:
    found = run_remarks(runs_of(mobility_shift=[-0.8, 0.8, np.nan]), SearchSettings())
    assert [each.what.split(" percent")[0] for each in found] == ["1/K0 differs by -1.60", "1/K0 differs by +1.60"]
