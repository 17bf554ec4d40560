"""The page of one comparison: its words and numbers are those of the table, and names stay text."""

from __future__ import annotations

import json
import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from organokine import tables
from organokine.report import comparison_figures, comparison_words
from organokine.report.comparison import comparison_page
from organokine.study_file import ContrastSection

OLD_AGAINST_YOUNG = ContrastSection(factor="age", case="old", control="young")
HOSTILE = '<script>alert(1)</script>"&'


def made_up(n: int = 60, n_found: int = 6, seed: int = 1) -> pd.DataFrame:
    """A table `differential`: the first features found, every other one of them down, the last two not tested."""
    rng = np.random.default_rng(seed)
    p = np.sort(rng.uniform(0.06, 1.0, n))
    p[:n_found] = 10.0 ** -np.arange(10, 10 - n_found, -1)
    log2fc = np.where(np.arange(n) % 2 == 0, 1.5, -1.25)
    frame = pd.DataFrame(
        {
            "assay": "liver",
            "modality": "protein",
            "feature": [f"P{place:05d}" for place in range(n)],
            "gene": [f"Gene{place}" for place in range(n)],
            "mean_log2": np.linspace(18, 26, n),
            "log2fc": log2fc,
            "ci_low": log2fc - 0.4,
            "ci_high": log2fc + 0.4,
            "sd": np.linspace(0.4, 0.2, n),
            "p": p,
            "q": np.minimum(1.0, p * n / np.arange(1, n + 1)),
            "n_case": 4,
            "n_control": 4,
            "n_missing": 0,
            "state": "tested",
        }
    )
    if n > 10:
        frame.loc[n - 2 :, ["log2fc", "ci_low", "ci_high", "p", "q"]] = np.nan
        frame.loc[n - 2 :, "state"] = ["too_few_values", "constant"]
    return tables.DIFFERENTIAL.conform(frame)


def quality(n: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "assay": "liver",
            "sample": [f"sample {place}" for place in range(n)],
            "group": (["old", "young"] * n)[:n],
            "n_detected": 50,
            "missing_fraction": 0.125,
            "shift": np.linspace(-0.3, 0.3, n),
            "median_correlation": 0.9,
            "pc1": rng.normal(size=n),
            "pc2": rng.normal(size=n),
            "pc1_share": 0.4,
            "pc2_share": 0.2,
            "outlier": [True] + [False] * (n - 1),
        }
    )
    return tables.QC.conform(frame)


def page_of(table: pd.DataFrame, **other: object) -> str:
    given = {"asked": OLD_AGAINST_YOUNG, "qc": quality(), "facts": {"normalisation": "median"}, **other}
    return comparison_page("liver", table, **given)


def frame_of(page: str) -> str:
    """The page without its scripts."""
    return re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)


def text_of(page: str) -> str:
    return re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", " ", frame_of(page))))


def plot(page: str, name: str) -> dict:
    return json.loads(re.search(rf'id="{name}-data">(.*?)</script>', page, re.DOTALL).group(1))


def test_the_answer_counts_what_the_table_holds():
    said = text_of(page_of(made_up()))
    assert "58 of 60 features could be tested; 6 differ between old and young at q < 0.05" in said
    assert "3 higher and 3 lower in old" in said
    assert "The strongest: Gene0 (log2FC +1.50, q\u00a0=\u00a06.0×10⁻⁹), Gene1 (log2FC −1.25," in said
    assert "Not tested, and without a p-value: 1 for too few values and 1 for the same value in every sample." in said


def test_nothing_found_is_said_plainly_with_how_little_could_be_seen():
    said = text_of(page_of(made_up(n_found=0)))
    assert "58 of 60 features could be tested; none differs at q < 0.05. The smallest q is" in said
    assert "That is not proof that nothing changed: for half of the features the 95\u00a0% interval" in said
    assert "reaches more than 0.4 log2 to either side" in said
    assert "there is no line, as nothing is found by p alone" in said


def test_a_smallest_change_is_part_of_the_answer():
    said = text_of(page_of(made_up(), minimum_effect=0.25))
    assert "6 differ by more than 0.25 log2 between old and young" in said
    assert "none differs by more than 0.25 log2 at q < 0.05" in text_of(
        page_of(made_up(n_found=0), minimum_effect=0.25)
    )


def test_another_fdr_finds_others():
    table = made_up()
    assert f"{int((table['q'] < 0.5).sum())} differ between old and young at q < 0.5" in text_of(
        page_of(table, fdr=0.5)
    )


def test_names_stay_text():
    table = made_up().assign(gene=HOSTILE)
    table["feature"] = [f"{HOSTILE}{place}" for place in range(len(table))]
    qc = quality()
    qc["sample"] = [f"{HOSTILE}{place}" for place in range(len(qc))]
    qc["group"] = qc["group"].replace({"old": HOSTILE})
    asked = ContrastSection(factor=HOSTILE, case=HOSTILE, control="young")
    page = page_of(table, qc=qc, asked=asked, facts={HOSTILE: HOSTILE}, command=HOSTILE, versions={HOSTILE: "1"})
    assert "alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    hover = plot(page, "volcano")["data"][1]["text"][0]
    assert hover.startswith("<b>&lt;script&gt;")


def test_plots_show_every_tested_feature_and_mark_the_found_ones():
    page = page_of(made_up())
    for name in ("volcano", "change", "spread"):
        others, found = plot(page, name)["data"][:2]
        assert (len(others["x"]), len(found["x"])) == (52, 6)
    assert plot(page, "volcano")["layout"]["shapes"][0]["y0"] == pytest.approx(5.0)
    assert sum(plot(page, "p-values")["data"][0]["y"]) == 58
    assert plot(page, "p-values")["layout"]["shapes"][0]["y0"] == pytest.approx(58 / 20)
    assert {each["text"] for each in plot(page, "volcano")["layout"]["annotations"]} <= {f"Gene{n}" for n in range(6)}


def test_the_line_of_the_volcano_is_by_p_alone_where_q_weighs_more():
    table = made_up()
    table.loc[[3, 30], "q"] = [0.9, 0.01]
    page = page_of(table)
    # Of 58 p-values the first six pass: 1e-5 is at most 0.05 x 6 / 58, the next one is at least 0.06.
    assert plot(page, "volcano")["layout"]["shapes"][0]["y0"] == pytest.approx(5.0)
    assert "is where p alone would draw it (Benjamini-Hochberg), while q weighs the size" in text_of(page)
    assert len(plot(page, "volcano")["data"][1]["x"]) == 6


def test_without_residual_spread_there_is_no_plot_of_it():
    page = page_of(made_up().assign(sd=np.nan))
    assert 'id="spread-data"' not in page
    assert 'id="volcano-data"' in page


def test_one_feature_and_no_p_value_are_pages_too():
    one = text_of(page_of(made_up(n=1, n_found=1)))
    assert "1 of 1 feature could be tested; 1 differs between old and young" in one
    nothing = made_up().assign(
        log2fc=np.nan, ci_low=np.nan, ci_high=np.nan, p=np.nan, q=np.nan, sd=np.nan, mean_log2=np.nan
    )
    page = page_of(nothing.assign(state="not_estimable"), qc=tables.QC.empty())
    assert "None of the 60 features could be tested." in text_of(page)
    assert "60 for no estimate possible" in text_of(page)
    assert 'data-figure="' not in page


def test_a_large_table_shows_its_leading_features_and_says_so():
    table = made_up(n=2001)
    page = page_of(table)
    assert frame_of(page).count('<tr data-direction="') == 500
    assert "all 2\u202f001 are in the table that the command writes with" in text_of(page)
    page = page_of(table.head(2000))
    assert frame_of(page).count('<tr data-direction="') == 2000


def test_rows_carry_what_they_are_sorted_and_filtered_by():
    page = frame_of(page_of(made_up()))
    rows = re.findall(r'<tr data-direction="(\w*)" data-found="(\w+)">(.*?)</tr>', page, re.DOTALL)
    assert [found for _, found, _ in rows].count("yes") == 6
    assert [way for way, _, _ in rows[:3]] == ["up", "down", "up"]
    assert [way for way, _, _ in rows[-2:]] == ["", ""]
    assert 'data-sort="1e-10"' in rows[0][2]


def test_without_genes_the_feature_comes_first():
    page = frame_of(page_of(made_up().assign(gene="")))
    columns = re.findall(r'data-column="(\w+)"', page)
    assert columns[:2] == ["feature", "log2fc"]
    assert "gene" not in columns


def test_an_identifier_that_repeats_another_is_shown_once():
    table = made_up()
    page = frame_of(page_of(table.assign(protein=table["feature"])))
    assert 'data-column="feature"' in page
    assert 'data-column="protein"' not in page


def test_presence_is_told_as_description_where_nothing_was_tested():
    rows = pd.DataFrame({"rank": [2, 1], "assay": "liver", "feature": ["P1", "P2"], "gene": ["Late", "Early"]})
    rows = rows.assign(n_case=3, n_control=3, detected_case=[2, 3], detected_control=0, log_odds=[1.5, 3.0])
    described = tables.DETECTION.conform(rows.assign(ci_low=0.1, ci_high=np.inf, state="descriptive"))
    page = page_of(made_up(), detection=described)
    assert "2 features measured in some samples and not in others; with so few samples" in text_of(page)
    batched = page_of(made_up(), detection=described.assign(state="by_batch"))
    assert "in whole batches" in text_of(batched)
    assert "so few samples" not in text_of(batched)
    assert page.index(">Early<") < page.index(">Late<")
    assert ">∞<" in page
    tested = tables.DETECTION.conform(rows.assign(p=[0.2, 0.001], q=[0.2, 0.002], state="tested"))
    assert "2 tested, 1 at q < 0.05." in text_of(page_of(made_up(), detection=tested))
    assert 'id="detection"' not in page_of(made_up(), detection=tables.DETECTION.empty())


def test_calls_that_depend_on_imputation_come_first():
    rows = {"assay": "liver", "feature": ["P1", "P2"], "gene": ["Firm", "Loose"], "q": [0.001, 0.01]}
    verdicts = tables.SENSITIVITY.conform(pd.DataFrame(rows | {"verdict": ["stable", "depends_on_imputation"]}))
    page = page_of(made_up(), sensitivity=verdicts)
    assert "Stable: 1; depends on imputation: 1." in text_of(page)
    assert page.index(">Loose<") < page.index(">Firm<")
    assert "No feature was called" in text_of(page_of(made_up(), sensitivity=tables.SENSITIVITY.empty()))


def test_joins_and_remarks_are_shown():
    joins = tables.JOINS.conform(pd.DataFrame({"assay": "liver", "item": ["missing values"], "n": [7], "of": [480]}))
    flags = pd.DataFrame(
        {"scope": "assay", "name": "liver", "flag": ["blood_differs"], "detail": [f"because {HOSTILE}"]}
    )
    page = page_of(made_up(), joins=joins, flags=tables.FLAGS.conform(flags))
    assert "missing values 7 480" in text_of(page)
    assert f"blood differs because {HOSTILE}" in text_of(page)
    assert "Nothing was dropped and nothing was remarked." in text_of(page_of(made_up()))


def test_samples_that_stand_apart_are_named():
    page = frame_of(page_of(made_up()))
    assert page.count('<span class="flag">stands apart</span>') == 1
    assert "old: n\u00a0=\u00a04, young: n\u00a0=\u00a04" in text_of(page)


def test_methods_facts_command_and_versions_are_shown():
    said = text_of(page_of(made_up(), command="organokine differential a.tsv", versions={"numpy": "9.9"}))
    assert "normalisation median" in said
    assert "organokine differential a.tsv" in said
    assert "numpy 9.9" in said


def test_the_page_is_the_same_each_time():
    assert page_of(made_up()) == page_of(made_up())


def uniform(n: int = 4000) -> np.ndarray:
    return (np.arange(n) + 0.5) / n


@pytest.mark.parametrize(
    ("name", "p"),
    [
        ("none", np.full(5, np.nan)),
        ("few", uniform(199)),
        ("flat", uniform()),
        ("peak", np.concatenate([uniform(), uniform(1000) * 0.01])),
        ("hill", uniform() ** 0.5),
        ("middle", np.concatenate([0.05 + 0.95 * uniform(), uniform(50) * 0.05])),
        ("slope", 1.0 - (1.0 - uniform()[uniform() > 0.05]) ** 0.6),
        ("peak_and_slope", uniform() ** 2.5),
        ("peak_and_hill", np.concatenate([uniform() ** 0.5, np.full(1000, 1e-4)])),
    ],
)
def test_the_shape_of_p_values_is_read(name, p):
    assert comparison_words.shape_of(p).name == name


def test_the_share_of_changed_features_is_told_of_many_only():
    def said(n_unchanged: int) -> str:
        return comparison_words.shape_of(np.concatenate([uniform(n_unchanged), uniform(n_unchanged // 4) * 0.01])).text

    assert "roughly 20\u00a0% of the tested features changed" in said(800)
    for text in (said(796), said(300)):
        assert text.startswith("A peak at zero")
        assert "%" not in text
    few = np.concatenate([uniform(240), uniform(60) * 0.01])
    assert "roughly 20\u00a0% of" in comparison_words.shape_of(few, fewest_for_a_share=300).text


def test_a_bar_of_one_feature_says_so():
    bars = plot(page_of(made_up(n=3, n_found=1)), "p-values")["data"][0]
    assert sum(bars["y"]) == 3
    assert bars["text"][0] == "p 0.00 to 0.05<br>1 feature"
    assert [text.endswith("<br>1 feature") for text in bars["text"]] == [height == 1 for height in bars["y"]]


def test_uniform_p_values_of_any_seed_read_as_flat():
    names = {comparison_words.shape_of(np.random.default_rng(seed).uniform(size=2000)).name for seed in range(200)}
    assert names == {"flat"}


def test_a_test_against_a_minimum_change_has_no_flat_histogram():
    shape = comparison_words.shape_of(uniform() ** 0.5, minimum_effect=0.5)
    assert shape.name == "shifted"
    assert "more than 0.5 log2" in shape.text


def test_running_median_follows_the_level():
    x = np.arange(1000.0)
    line = comparison_figures.running_median(x[::-1], 2 * x[::-1])
    assert len(line[0]) == 40
    assert (np.diff(line[0]) > 0).all()
    np.testing.assert_allclose(line[1], 2 * line[0])
    assert len(comparison_figures.running_median(x[:74], x[:74])[0]) == 0
