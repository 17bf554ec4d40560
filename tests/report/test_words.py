from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from organokine.report import words


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0521, "0.052"), (0.06, "0.060"), (1.0, "1.0"), (0.001, "0.0010"), (3.21e-5, "3.2×10⁻⁵"), (9.99e-4, "1.0×10⁻³"),
     (1e-200, "1.0×10⁻²⁰⁰"), (0.0, "<1×10⁻³⁰⁰"), (float("nan"), "–")],
)  # fmt: skip
def test_probability(value: float, shown: str) -> None:
    assert words.probability(value) == shown


@pytest.mark.parametrize("value", [None, np.nan, pd.NA, "", pd.NaT])
def test_missing(value: object) -> None:
    assert words.is_missing(value)


@pytest.mark.parametrize("value", [0, 0.0, "nan", "0", False, np.float64(0), np.int64(3)])
def test_not_missing(value: object) -> None:
    assert not words.is_missing(value)


def test_signed_has_a_true_minus_sign() -> None:
    assert words.signed(-0.314) == "−0.31"
    assert words.signed(1.8) == "+1.80"


def test_sentence_leaves_mrna_alone() -> None:
    assert words.sentence("mRNA not tested") == "mRNA not tested."
    assert words.sentence("nothing was imputed") == "Nothing was imputed."


def test_lists_and_counts() -> None:
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.animals(1, "mouse") == "1 mouse"
    assert words.counted(2, "candidate") == "2 candidates"


def test_doi_link_takes_a_doi_only() -> None:
    assert words.doi_link("10.1000/x") == "https://doi.org/10.1000/x"
    assert words.doi_link("javascript:alert(1)") is None
    assert words.doi_link("") is None


def test_moment_is_read_to_the_minute() -> None:
    assert words.moment("2026-11-23T06:31:20+00:00") == "2026-11-23 06:31 UTC"
    assert words.moment("2026-11-23") == "2026-11-23"


def test_names_are_spaced_and_acronyms_are_large() -> None:
    assert words.spaced("target_rna_not_measured") == "target RNA not measured"
    assert words.spaced("ev_cargo") == "EV cargo"
    assert words.spaced("never") == "never"


def test_group_sizes_leave_out_empty_groups() -> None:
    assert words.group_sizes({"3": 6, "24": 5, "12": 0}) == "3: n\u00a0=\u00a06, 24: n\u00a0=\u00a05"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("p = 3.4e-10", "p = 3.4×10⁻¹⁰"),
        ("log2FC -0.11, p = 0.41", "log2FC −0.11, p = 0.41"),
        ("(-3.4e-10).", "(−3.4×10⁻¹⁰)."),
        ("1e+05 cells", "1×10⁵ cells"),
        ("Il-6 and IL6-2, 2024-01-02, 5-10, Q3E1, 3e5, 1.5e-3x, --fdr", None),
        ("GO:0005654 IDA (org.Hs.eg.db 3.16.0)", None),
    ],
)
def test_typeset_sets_numbers_and_leaves_names(text: str, shown: str | None) -> None:
    assert words.typeset(text) == (text if shown is None else shown)


def test_correlations_near_one_have_the_digits_that_tell() -> None:
    said = [words.correlation(value) for value in (-0.125, 0.4, 0.9, 0.985, 0.9968, float("nan"))]
    assert said == ["−0.12", "0.40", "0.900", "0.985", "0.9968", "–"]


def test_small_shares_keep_two_digits() -> None:
    assert [words.small_share(value) for value in (0.0, 0.00003, 0.00123, 0.24, None)] == [
        "0\u00a0%", "<0.01\u00a0%", "0.12\u00a0%", "24\u00a0%", "–",
    ]  # fmt: skip
