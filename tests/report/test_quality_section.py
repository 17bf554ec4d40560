"""The quality section: who stands apart and why, what the columns of the sheet explain, and figures that stay light."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fake_run import EVIL, RUNS, Run

from organokine.report import quality_words
from organokine.report.data import ReportData
from organokine.report.quality_figures import MOST_SQUARES, pair_matrix
from organokine.report.sections import quality
from organokine.report.sections.quality import by_group


def data_of(run: Run) -> ReportData:
    return ReportData(run.tables, run.manifest)


def html_of(run: Run) -> str:
    return str(quality.SECTION.html(data_of(run)))


def text_of(html: str) -> str:
    without = re.sub(r"<script.*?</script>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without)).replace("&#39;", "'").replace("\u00a0", " ")


def figure(html: str, name: str) -> dict[str, Any]:
    found = re.search(rf'<script type="application/json" id="{name}-data">(.*?)</script>', html, flags=re.S)
    assert found is not None, name
    return json.loads(found[1])


@pytest.fixture(scope="module")
def plain() -> str:
    return html_of(RUNS["plain"]())


def test_an_outlier_is_named_with_why_and_was_not_removed() -> None:
    run = RUNS["plain"]()
    qc = run.tables["qc"]
    odd = (qc["assay"] == "cerebellum_protein") & qc["outlier"]
    qc.loc[odd, ["median_correlation", "n_detected", "blood_index"]] = [0.41, 1500, 9.0]
    name = qc.loc[odd, "sample"].iloc[0]
    text = text_of(html_of(run))
    assert f"stands apart {name} (young): its median correlation with the other samples is 0.41, where 0.9" in text
    assert "fewer features were measured in it than in the median sample; its blood index is the highest" in text
    assert "It was not removed." in text
    assert text.count("No sample stands apart from the others.") == 4


def test_no_outlier_anywhere_is_said_once() -> None:
    run = RUNS["plain"]()
    run.tables["qc"]["outlier"] = pd.array([False] * len(run.tables["qc"]), dtype="boolean")
    text = text_of(html_of(run))
    assert text.count("No sample stands apart from the others.") == 1
    assert "All assays. No sample stands apart from the others." in text


def test_summary_has_a_row_per_assay_and_group(plain: str) -> None:
    table = plain[: plain.index("</table>")]
    assert table.count("<tr><th") + table.count("<tr><td") == 1 + 2 * 5
    row = re.search(r"muscle_protein.*?</tr>", table, flags=re.S)[0]
    assert re.findall(r'<td class="number">([^<]*)</td>', row) == [
        "6", "3\u202f200", "8\u00a0%", "2\u202f900", "12", "16\u00a0% (24\u00a0%)", "0.960", "0.12\u00a0%",
    ]  # fmt: skip


def test_columns_without_a_finding_are_said_to_be_looked_at(plain: str) -> None:
    text = text_of(plain)
    said = "Batch: 'plate' held against the leading components of what age and sex leave: nothing stands out (smallest q 0.30)."
    assert f"All assays. {said}" in text
    assert "70 % of component 1 (40 %, q 1.0×10⁻³)" in text or "70 % of component 1 (40 %, q 0.0010)" in text
    assert "100 % (9 %)" in text
    assert "follows from age, sex" in text


def test_remarks_on_batches_are_shown_under_their_assay() -> None:
    run = RUNS["plain"]()
    flags = run.tables["flags"]
    for flag in ("batch_effect", "batch_confounded", "few_features"):
        flags.loc[len(flags)] = ["assay", "muscle_protein", flag, "quality", f"detail of {flag}"]
    text = text_of(html_of(run))
    first = text[text.index("muscle, protein No sample") :].partition("muscle, RNA No sample")[0]
    assert "Batch: Detail of batch_effect." in first
    assert "Design: Detail of batch_confounded." in first
    assert "few_features" not in text
    assert "nothing stands out" not in first


def test_a_sheet_without_further_columns_and_one_without_a_contrast() -> None:
    run = RUNS["plain"]()
    run.tables["qc_batch"] = run.tables["qc_batch"][run.tables["qc_batch"]["role"] != "other"]
    assert "has no column beyond the model; a batch that is not written down is not looked for" in text_of(html_of(run))
    without = text_of(html_of(RUNS["without_contrast"]()))
    assert (
        "'age', 'sex', 'plate' and 'cage' held against the leading components: 'age' explains 70 % of component 1"
        in without
    )


def test_squares_are_ordered_by_group_and_symmetric(plain: str) -> None:
    drawn = figure(plain, "qc-0-correlation")
    (trace,) = drawn["data"]
    assert [name[-3:] for name in trace["x"]] == [f"m{place + 1:02d}" for place in range(12)]
    z = np.array(trace["z"], dtype=float)
    np.testing.assert_array_equal(z, z.T)
    assert np.isnan(np.diag(z)).all()
    assert [line["x0"] for line in drawn["layout"]["shapes"] if line["x0"] == line["x1"]] == [5.5]
    assert drawn["layout"]["xaxis"]["ticktext"] == ["young", "aged"]


def test_a_sample_that_stands_apart_does_not_take_the_whole_scale() -> None:
    run = RUNS["plain"]()
    pairs, qc = run.tables["qc_pairs"], run.tables["qc"]
    odd = qc.loc[(qc["assay"] == "cerebellum_protein") & qc["outlier"], "sample"].iloc[0]
    is_odd = (pairs["assay"] == "cerebellum_protein") & ((pairs["sample"] == odd) | (pairs["other"] == odd))
    pairs.loc[is_odd, "r"] = 0.1
    html = html_of(run)
    (trace,) = figure(html, "qc-2-correlation")["data"]
    assert trace["zmin"] > 0.89
    assert re.search(r"0\.10 to 0\.9\d\d; lines part the groups\. All below 0\.9", text_of(html))


def test_many_samples_have_no_squares_but_their_own_likeness() -> None:
    run = RUNS["plain"]()
    first = run.tables["qc"][run.tables["qc"]["assay"] == "muscle_protein"]
    copies = pd.concat([first.assign(sample=first["sample"] + f"_{place}") for place in range(MOST_SQUARES // 12 + 1)])
    run.tables["qc"] = pd.concat([copies, run.tables["qc"].drop(first.index)], ignore_index=True)
    html = html_of(run)
    assert 'id="qc-0-correlation"' not in html
    assert 'id="qc-0-median-correlation"' in html
    assert 'id="qc-1-correlation"' in html


def test_boxes_are_drawn_from_quantiles_and_bars_from_counts(plain: str) -> None:
    young, aged = figure(plain, "qc-0-variation")["data"]
    assert (young["lowerfence"], young["q1"], young["median"], young["q3"], young["upperfence"]) == (
        [0.05],
        [0.1],
        [0.16],
        [0.24],
        [0.5],
    )
    assert (young["x"], aged["x"]) == ([0], [1])
    bars = {bar["name"]: bar["x"] for bar in figure(plain, "qc-0-measured")["data"]}
    assert bars == {"all": [2900, 2900], "some": [488, 488], "none": [12, 12]}
    assert 'id="qc-1-measured"' not in plain, "counts have no missing values"


def test_runs_are_told_in_a_line_with_the_way_to_their_section(plain: str) -> None:
    assert plain.count('href="#runs"') == 3
    text = text_of(plain)
    assert re.search(r"Runs, median: 4\d.\d{3} precursors; missed cleavages 1\d % \(most: 1\d %, MU_p_m\d\d\)", text)


def test_keratin_is_drawn_as_share_or_where_that_has_no_meaning_as_level() -> None:
    run = RUNS["plain"]()
    assert figure(html_of(run), "qc-0-keratin")["layout"]["yaxis"]["title"]["text"] == "share"
    run.tables["qc_panels"]["share"] = np.nan
    html = html_of(run)
    assert figure(html, "qc-0-keratin")["layout"]["yaxis"]["title"]["text"] == "log2"
    assert "Contaminants:" not in text_of(html)


def test_a_page_stays_light(plain: str) -> None:
    assert len(plain) < 150_000


def test_names_are_escaped_wherever_they_stand() -> None:
    html = html_of(RUNS["hostile_names"]())
    assert EVIL not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;plate" in html


def test_measures_of_one_group_only_are_a_table() -> None:
    run = RUNS["without_contrast"]()
    measures = by_group(run.tables["qc_assay"], "muscle_protein")
    assert list(measures.index) == [""]
    assert measures.loc["", "in_some"] == 488
    assert by_group(run.tables["qc_assay"], "unknown").empty
    assert len(quality.summary(data_of(run))) == 5


def test_pairs_of_unknown_samples_are_left_out_of_the_square() -> None:
    pairs = pd.DataFrame({"sample": ["a", "a", "b"], "other": ["b", "c", "x"], "r": [0.5, 0.25, 0.9]})
    r = pair_matrix(["c", "a", "b"], pairs)
    np.testing.assert_array_equal(r, [[np.nan, 0.25, np.nan], [0.25, np.nan, 0.5], [np.nan, 0.5, np.nan]])


def test_an_extreme_among_equal_values_is_not_worth_a_word() -> None:
    samples = pd.DataFrame(
        {"sample": list("abcd"), "group": "", "median_correlation": [0.9, 0.9, 0.9, 0.2], "n_detected": 100, "shift": [0.0, 0.0, 0.0, 1.0],
         "outlier": pd.array([False, False, False, True], dtype="boolean")}
    )  # fmt: skip
    (said,) = quality_words.outliers(samples)
    assert said == "d: its median correlation with the other samples is 0.20, where 0.900 is usual. It was not removed."
