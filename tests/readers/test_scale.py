from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.readers.scale import detect_scale, to_scale, zeros_mean_missing


def frame(rows: list[list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        rows, index=[f"f{i}" for i in range(len(rows))], columns=[f"s{j}" for j in range(len(rows[0]))], dtype=float
    )


def items(scaled: object) -> dict[str, int]:
    return {count.item: count.n for count in scaled.counts}


@pytest.mark.parametrize(
    ("values", "modality", "expected"),
    [
        ([0.0, 12.0, 4000.0], "rna", "counts"),
        ([0.0, 12.0, 4000.0, 5000.0], "protein", "linear"),  # search engines round intensities to whole numbers
        ([0.5, 12.1, 4000.2, 5000.1], "rna", "linear"),
        ([2.5e5, 1.2e9], "protein", "linear"),
        ([18.2, 33.1, np.nan], "protein", "log2"),
        ([-1.5, 0.0, 250.0], "protein", "log2"),
        ([0.0, 1.0, 9.0], "rna", "log2"),
        ([np.nan, np.nan], "protein", "log2"),
    ],
)
def test_scale_is_detected(values: list[float], modality: str, expected: str) -> None:
    assert detect_scale(np.array(values), modality) == expected


def log2_table() -> pd.DataFrame:
    return frame(np.random.default_rng(1).uniform(15.0, 30.0, (200, 6)).tolist())


def test_one_large_cell_does_not_make_log2_values_linear() -> None:
    values = log2_table()
    values.iloc[3, 2] = 180000.0
    assert detect_scale(values.to_numpy(), "protein") == "log2"
    with pytest.raises(DataError, match=r"1 values are above 100, first at 'row f3, column s2'.*declare scale"):
        to_scale(values, "auto", "auto", "protein", "t")
    assert to_scale(values, "log2", "auto", "protein", "t").values.iloc[3, 2] == 180000.0


@pytest.mark.parametrize(("modality", "expected"), [("protein", "linear"), ("rna", "counts")])
def test_one_negative_cell_does_not_make_intensities_or_counts_log2(modality: str, expected: str) -> None:
    values = (2 ** log2_table()).round()
    values.iloc[5, 1] = -7.0
    assert detect_scale(values.to_numpy(), modality) == expected
    with pytest.raises(DataError, match=rf"1 values are negative, first at 'row f5, column s1'.*{expected}"):
        to_scale(values, "auto", "auto", modality, "t")


def test_negative_log2_values_stay_log2() -> None:
    values = log2_table() - 22.0
    assert to_scale(values, "auto", "auto", "protein", "t").detected == "log2"


def test_a_table_of_mostly_small_linear_values_is_linear() -> None:
    values = frame([[3.1, 0.0, 2.2]] * 400 + [[4012.5, 3900.1, 90.2]])  # TPM: few genes hold most of the million
    assert detect_scale(values.to_numpy(), "rna") == "linear"


@pytest.mark.parametrize("scale", ["auto", "log2", "linear", "counts"])
@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_table_without_any_value_is_refused(scale: str, value: float) -> None:
    with pytest.raises(DataError, match="no value is other than zero or missing"):
        to_scale(frame([[value, value], [value, value]]), scale, "auto", "protein", "t")


def test_zero_means_missing_in_intensities_and_not_in_ratios_or_counts() -> None:
    intensities = np.array([0.0, 18.0, 22.5, 31.0])
    assert zeros_mean_missing(intensities, "log2")
    assert not zeros_mean_missing(np.array([0.0, -0.4, 0.7]), "log2")
    assert not zeros_mean_missing(np.array([0.0, 0.2, 3.1, 7.7]), "log2")  # log-cpm: small values beside zero
    assert zeros_mean_missing(intensities, "linear")
    assert not zeros_mean_missing(intensities, "counts")


def test_linear_values_become_log2_and_their_zeros_missing() -> None:
    scaled = to_scale(frame([[1024.0, 0.0], [2048.0, 4096.0]]), "auto", "auto", "protein", "t")
    np.testing.assert_array_equal(scaled.values.to_numpy(), [[10.0, np.nan], [11.0, 12.0]])
    assert (scaled.scale, scaled.detected, scaled.zeros) == ("log2", "linear", "missing")
    assert items(scaled)["zeros that mean missing"] == 1
    assert "scale detected" in items(scaled)


def test_declared_scale_and_zeros_override_detection() -> None:
    values = frame([[0.0, 20.0], [21.0, 22.0]])
    kept = to_scale(values, "log2", "value", "protein", "t")
    np.testing.assert_array_equal(kept.values.to_numpy(), values.to_numpy())
    assert items(kept) == {"scale declared": 4, "zeros kept as values": 1}
    ratios = to_scale(frame([[0.0, -1.0]]), "log2", "missing", "protein", "t")
    assert np.isnan(ratios.values.iloc[0, 0])


def test_expected_counts_are_kept_and_counted() -> None:
    scaled = to_scale(frame([[10.5, 3000.0], [0.0, 2.0]]), "counts", "auto", "rna", "t")
    np.testing.assert_array_equal(scaled.values.to_numpy(), [[10.5, 3000.0], [0.0, 2.0]])
    assert items(scaled)["counts that are not whole"] == 1


def test_the_input_is_not_changed() -> None:
    values = frame([[0.0, 1024.0]])
    before = values.copy()
    to_scale(values, "linear", "auto", "protein", "t")
    pd.testing.assert_frame_equal(values, before)


def test_impossible_values_are_all_named() -> None:
    with pytest.raises(DataError) as caught:
        to_scale(frame([[np.inf, -1.0]]), "counts", "missing", "rna", "t")
    whats = [problem.what for problem in caught.value.problems]
    assert len(whats) == 3
    assert "row f0, column s0" in whats[0]
    assert "row f0, column s1" in whats[1]


@pytest.mark.parametrize("dtype", ["int8", "int32", "uint64", "float32", "Int64", "object", "str"])
def test_counts_of_any_type_of_number_are_the_same_counts(dtype: str) -> None:
    numbers = frame([[100.0, 3.0], [0.0, 2.0]])
    scaled = to_scale(numbers.astype("int64").astype(dtype), "counts", "auto", "rna", "t")
    pd.testing.assert_frame_equal(scaled.values, numbers)


def test_counts_beyond_32_bits_do_not_overflow() -> None:
    largest = np.iinfo(np.int32).max
    table = frame([[largest, 2], [3, 2**53]]).astype("int64")
    assert to_scale(table, "counts", "auto", "rna", "t").values.to_numpy().tolist() == [[largest, 2.0], [3.0, 2.0**53]]


@pytest.mark.parametrize("value", [2.0**53 + 2, 2.0**64, 1e308])
def test_counts_too_large_to_be_whole_are_refused(value: float) -> None:
    table = frame([[10.0, 5.0], [3.0, value]])
    with pytest.raises(DataError, match=r"1 counts are above 2 to the power of 53, first at 'row f1, column s1'"):
        to_scale(table, "counts", "auto", "rna", "t")


def test_the_largest_unsigned_number_is_refused() -> None:
    table = pd.DataFrame({"s1": np.array([5, 2**64 - 1], dtype=np.uint64), "s2": [1, 2]}, index=["f1", "f2"])
    with pytest.raises(DataError, match=r"1 counts are above .* 'row f2, column s1'"):
        to_scale(table, "counts", "auto", "rna", "t")


@pytest.mark.parametrize("scale", ["auto", "counts", "log2"])
def test_text_that_is_no_number_is_refused_and_never_made_missing(scale: str) -> None:
    table = frame([[2.0, 3.0], [4.0, 2.0]]).astype("int64").astype(str)
    table.iloc[1, 1] = "12 reads"
    table.iloc[0, 0] = " "
    with pytest.raises(DataError, match="1 cells are no numbers, first '12 reads' in row f1, column s1"):
        to_scale(table, scale, "auto", "rna", "t")
    table.iloc[1, 1] = "12"
    values = to_scale(table, scale, "auto", "rna", "t").values.to_numpy()
    np.testing.assert_array_equal(values, [[np.nan, 3.0], [4.0, 12.0]])


@pytest.mark.parametrize("column", [[True, False], [1 + 0j, 2 + 0j], pd.to_datetime(["2020-01-01", "2021-01-01"])])
def test_columns_of_something_else_than_numbers_are_refused(column: object) -> None:
    table = pd.DataFrame({"s1": column, "s2": [1.0, 2.0]}, index=["f1", "f2"])
    with pytest.raises(DataError, match=r"2 cells are no numbers, first .* in row f1, column s1"):
        to_scale(table, "counts", "auto", "rna", "t")
