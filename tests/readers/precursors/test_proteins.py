from __future__ import annotations

import logging
import warnings

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.readers.precursors import PrecursorTable, to_proteins
from organokine.readers.precursors.table import to_wide


def table(lines: list[tuple[str, str, str, float]], **more: list[float]) -> PrecursorTable:
    rows = pd.DataFrame(lines, columns=["run", "precursor", "protein", "quantity"]).assign(genes="")
    rows = rows.astype(dict.fromkeys(("run", "precursor", "protein", "genes"), "category"))
    return PrecursorTable(rows.assign(**more))


def simulated(seed: int = 0, n_proteins: int = 30, n_runs: int = 8) -> tuple[PrecursorTable, np.ndarray]:
    """Precursors of proteins with known levels; a third of them missing, and noise of a tenth."""
    rng = np.random.default_rng(seed)
    levels = rng.normal(0, 1, (n_proteins, n_runs))
    lines = [
        (
            f"r{run}",
            f"p{protein}_{ion}",
            f"P{protein:02d}",
            2.0 ** (20 + ion + levels[protein, run] + rng.normal(0, 0.1)),
        )
        for protein in range(n_proteins)
        for ion in range(6)
        for run in range(n_runs)
        if rng.random() > 0.33
    ]
    return table(lines), levels


def centred(values: np.ndarray) -> np.ndarray:
    return values - np.nanmean(values, axis=1, keepdims=True)


def test_directlfq_finds_the_levels_that_were_put_in() -> None:
    precursors, levels = simulated()
    values = to_proteins(precursors, "directlfq", "t").values
    error = centred(np.log2(values.to_numpy())) - centred(levels)
    assert np.nanstd(error) < 0.12


def by_the_package(precursors: PrecursorTable) -> pd.DataFrame:
    """log2 intensities by the functions of directLFQ itself."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    from directlfq import protein_intensity_estimation

    root.handlers[:] = handlers
    root.setLevel(level)
    wide = to_wide(precursors.rows, "same")
    index = pd.MultiIndex.from_arrays([wide.protein, np.arange(len(wide.protein))], names=["protein", "ion"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        profiles = protein_intensity_estimation.get_list_of_tuple_w_protein_profiles_and_shifted_peptides(
            pd.DataFrame(np.log2(wide.quantities), index=index), num_samples_quadratic=10, min_nonan=1, num_cores=1
        )
    kept = {name: profile for name, (profile, _) in zip(wide.proteins, profiles, strict=True) if profile is not None}
    return pd.DataFrame.from_dict(kept, orient="index", columns=wide.runs)


def test_the_package_directlfq_finds_the_same() -> None:
    """Proteins of one to 130 precursors, with many values missing."""
    rng = np.random.default_rng(7)
    lines = [
        (f"r{run}", f"p{protein}_{ion}", f"P{protein:02d}", 2.0 ** (20 + rng.normal(0, 2) + run * rng.normal(0, 0.2)))
        for protein, n_ions in enumerate([1, 1, 2, 3, 5, 9, 10, 11, 25, 60, 100, 130])
        for ion in range(n_ions)
        for run in range(7)
        if rng.random() > 0.2 + 0.05 * (ion % 13)
    ]
    precursors = table(lines)
    found, expected = np.log2(to_proteins(precursors, "auto", "t").values), by_the_package(precursors)
    pd.testing.assert_frame_equal(found, expected, check_names=False, rtol=0, atol=1e-9)


def test_the_order_of_rows_does_not_matter() -> None:
    precursors, _ = simulated(seed=1)
    shuffled = PrecursorTable(precursors.rows.sample(frac=1, random_state=3))
    first, second = to_proteins(precursors, "auto", "t"), to_proteins(shuffled, "auto", "t")
    pd.testing.assert_frame_equal(first.values, second.values, check_exact=True)
    pd.testing.assert_frame_equal(first.features, second.features)


def test_the_input_is_not_changed() -> None:
    precursors, _ = simulated(seed=2)
    before = precursors.rows.copy(deep=True)
    to_proteins(precursors, "auto", "t")
    pd.testing.assert_frame_equal(precursors.rows, before)


def test_a_shift_of_a_run_shifts_its_proteins_only() -> None:
    """Why samples need not be normalised before."""
    precursors, _ = simulated(seed=3)
    rows = precursors.rows
    shifted = rows.assign(quantity=rows["quantity"] * np.where(rows["run"] == "r2", 8.0, 1.0))
    first = np.log2(to_proteins(precursors, "auto", "t").values)
    second = np.log2(to_proteins(PrecursorTable(shifted), "auto", "t").values)
    difference = centred((second - first).to_numpy())
    expected = np.where(first.columns == "r2", 3.0, 0.0)
    expected = np.broadcast_to(expected, difference.shape).astype(float)
    expected = centred(np.where(np.isnan(difference), np.nan, expected))
    np.testing.assert_allclose(difference, expected, atol=1e-9)


def test_logging_of_the_process_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    with caplog.at_level(logging.INFO):
        to_proteins(simulated(seed=4)[0], "auto", "t")
    assert (root.handlers[:], root.level) == before
    assert caplog.records == []


def test_proteins_with_more_than_a_hundred_precursors() -> None:
    lines = [(f"r{run}", f"p{ion}", "P1", 2.0 ** (10 + ion % 7 + run)) for ion in range(130) for run in range(3)]
    proteins = to_proteins(table(lines), "auto", "t")
    np.testing.assert_allclose(np.diff(np.log2(proteins.values.to_numpy()[0])), [1, 1])
    assert proteins.features["precursors"].tolist() == [130]


def test_a_protein_without_a_precursor_in_two_runs_is_counted() -> None:
    lines = [("a", "x", "P1", 4.0), ("b", "x", "P1", 8.0), ("a", "y", "P2", 4.0)]
    proteins = to_proteins(table(lines), "auto", "t")
    assert proteins.values.index.tolist() == ["P1"]
    lost = next(count for count in proteins.counts if "no value" in count.item)
    assert (lost.n, lost.of, lost.example) == (1, 2, "'P2'")


def test_repeats_are_summed_or_one() -> None:
    lines = [("a", "x", "P1", 4.0), ("a", "x", "P1", 6.0), ("b", "x", "P1", 8.0), ("b", "x", "P1", 8.0)]
    rows = table(lines).rows
    summed, same = to_wide(rows, "sum"), to_wide(rows, "same")
    assert summed.quantities.tolist() == [[10.0, 16.0]]
    assert same.quantities.tolist() == [[6.0, 8.0]]
    assert (same.repeated, same.differing) == (2, 1)


def test_a_precursor_of_two_groups_counts_for_both() -> None:
    lines = [("a", "x", "P1", 4.0), ("b", "x", "P1", 8.0), ("a", "x", "P2", 4.0), ("b", "x", "P2", 8.0)]
    proteins = to_proteins(table(lines), "auto", "t")
    assert proteins.features["precursors"].tolist() == [1, 1]
    assert "precursors in several protein groups" in {count.item for count in proteins.counts}


def test_the_engine_quantity_that_differs_within_a_run_is_counted() -> None:
    lines = [("a", "x", "P1", 4.0), ("a", "y", "P1", 4.0), ("b", "x", "P1", 8.0)]
    proteins = to_proteins(table(lines, engine_quantity=[10.0, 12.0, np.nan]), "engine", "t")
    assert proteins.values.loc["P1", "a"] == 12.0
    assert np.isnan(proteins.values.loc["P1", "b"])
    assert next(count.n for count in proteins.counts if count.item == "protein quantities that differ") == 1


def test_nothing_measured_is_one_message() -> None:
    with pytest.raises(DataError, match="no precursor with a quantity is left"):
        to_proteins(table([("a", "x", "P1", 0.0), ("a", "y", "P1", np.nan)]), "auto", "t")
