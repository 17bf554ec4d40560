"""The page as a whole: whole, closed to the outside, escaped, the same twice."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from fake_run import EVIL, RUNS, Run
from plotly.offline import get_plotlyjs

from organokine import report
from organokine.errors import OutputError
from organokine.report.sections import SECTIONS, candidates
from organokine.report.templates import asset
from organokine.tables import MEDIATORS, TABLES


def frame_of(run: Run) -> str:
    """The page without plotly's own script, which is not ours to judge."""
    return report.render(run.tables, run.manifest).replace(get_plotlyjs(), "")


@pytest.fixture(scope="module", params=sorted(RUNS))
def page(request: pytest.FixtureRequest) -> str:
    return frame_of(RUNS[request.param]())


def test_every_section_is_on_the_page_and_in_the_contents(page: str) -> None:
    for section in SECTIONS:
        n = page.count(f'<section id="{section.name}"')
        assert n == 1 or (n == 0 and section.needs != "")
        assert page.count(f'<a href="#{section.name}">') == n


def test_a_section_that_most_studies_lack_is_left_out_without_its_table() -> None:
    assert '<section id="phenotype"' in frame_of(RUNS["plain"]())
    assert "phenotype" not in re.findall(r'<section id="([a-z]+)"', frame_of(RUNS["no_candidates"]()))


class Addresses(HTMLParser):
    """Collects what real attributes of real elements would load or open."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        loading = {"src", "href", "action", "srcset", "data", "formaction", "poster", "style"}
        self.found += [value or "" for name, value in attrs if name in loading or name.startswith("on")]


def addresses(page: str) -> Addresses:
    parser = Addresses()
    parser.feed(page)
    return parser


def test_nothing_is_loaded_from_outside(page: str) -> None:
    parser = addresses(page)
    beyond = [each for each in parser.found if not each.startswith("#") and re.fullmatch(r"height:\d+px", each) is None]
    assert [each for each in beyond if not each.startswith("https://doi.org/10.")] == []
    assert parser.tags & {"link", "img", "iframe", "object", "embed", "base", "form", "video", "audio"} == set()
    assert "@import" not in asset("style.css")
    assert "url(" not in asset("style.css")


def test_policy_lets_only_the_two_scripts_of_the_page_run(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "unsafe-eval" not in policy[1]
    assert len(re.findall(r"script-src((?: 'sha256-[\w+/=]+')+);", policy[1])[0].split()) == 2


def test_plot_data_is_json_without_nan(page: str) -> None:
    blocks = re.findall(r'<script type="application/json" id="([^"]+)">(.*?)</script>', page, flags=re.S)
    assert len({name for name, _ in blocks}) == len(blocks)
    for _, block in blocks:
        json.loads(block, parse_constant=pytest.fail)


def test_same_tables_same_page() -> None:
    assert frame_of(RUNS["plain"]()) == frame_of(RUNS["plain"]())


def test_what_a_user_typed_is_shown_as_text() -> None:
    page = frame_of(RUNS["hostile_names"]())
    assert EVIL not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "javascript:" not in "".join(addresses(page).found)
    blocks = re.findall(r'<script type="application/json" id="[^"]+">(.*?)</script>', page, flags=re.S)
    texts = json.dumps([json.loads(block) for block in blocks])
    assert "<script" not in texts
    assert "<a" not in texts
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in texts


def test_banner_only_where_data_are_simulated() -> None:
    assert "Simulated data." in frame_of(RUNS["simulated"]())
    assert "Simulated data." not in frame_of(RUNS["plain"]())


def test_help_of_every_column_is_the_meaning_of_the_schema() -> None:
    page = frame_of(RUNS["plain"]())
    for column in MEDIATORS.columns:
        help_text = re.search(rf'<span class="unseen" id="help-{column.name}">([^<]*)</span>', page)
        assert help_text is not None
        meaning = column.meaning.replace("`", "").lower()
        unit = f" unit: {column.unit}." if column.unit != "" else ""
        assert help_text[1].lower() == f"{meaning}.{unit}"


def test_table_shows_the_leading_rows_and_all_that_stand() -> None:
    run = RUNS["plain"]()
    assert len(candidates.shown_rows(run.tables["mediators"])) == 200
    run.tables["mediators"].loc[[220, 240], "tier"] = 1
    assert list(candidates.shown_rows(run.tables["mediators"])["rank"].tail(3)) == [200, 221, 241]
    page = frame_of(run)
    assert page.count("<tr data-tier=") == 202
    assert "202 of 260 candidates are shown" in page


def test_missing_cells_are_dashes_that_say_why() -> None:
    page = frame_of(RUNS["no_plasma"]())
    cells = re.findall(r'data-sort="" title="(not asked[^"]*)">([^<]*)<', page)
    assert ("not asked: plasma not measured", "–") in cells
    assert {text for _, text in cells} == {"–"}


def test_build_writes_the_page_of_a_folder_and_nothing_else(tmp_path: Path) -> None:
    run = RUNS["plain"]()
    for table in TABLES:
        run.tables[table.name].to_parquet(tmp_path / f"{table.name}.parquet")
    (tmp_path / "manifest.json").write_text(json.dumps(run.manifest), encoding="utf-8")
    before = {path.name for path in tmp_path.iterdir()}
    written = report.build(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} - before == {"report.html"}
    assert written.read_text(encoding="utf-8") == report.render(run.tables, run.manifest)


def test_build_names_what_is_missing_of_a_run(tmp_path: Path) -> None:
    pd.DataFrame().to_parquet(tmp_path / "mediators.parquet")
    n_missing = len(TABLES)  # one table is there, and the manifest is not
    with pytest.raises(OutputError, match=rf"{n_missing} files of a finished run are missing: 'evidence\.parquet'"):
        report.build(tmp_path)


def test_style_and_script_name_no_address() -> None:
    for name in ("style.css", "page.js", "frame.html.jinja", "page.html.jinja"):
        assert "http:" not in asset(name)
        assert "https:" not in asset(name)


def test_head_names_covariates_and_complete_pairs() -> None:
    run = RUNS["plain"]()
    run.manifest["subjects"]["paired_per_group"] = {"aged": 5, "young": 4}
    page = frame_of(run)
    assert "<span>age: aged against young, given sex</span>" in page
    assert "<span>complete pairs: 4 + 5</span>" in page
    run.manifest["study"]["contrast"]["covariates"] = []
    del run.manifest["subjects"]["paired_per_group"]
    page = frame_of(run)
    assert "<span>age: aged against young</span>" in page
    assert "complete pairs:" not in page


def test_default_columns_show_how_sure_a_claim_is_before_words() -> None:
    page = frame_of(RUNS["plain"]())
    heads = re.findall(r'<th scope="col" class="([^"]*)" data-column="([^"]+)"', page)
    shown = [name for classes, name in heads if "folded" not in classes.split()]
    assert shown[:9] == [
        "rank", "gene", "tier", "q", "q_maxp", "route", "limiting_evidence", "source_log2fc", "source_q",
    ]  # fmt: skip
    assert "source_p" not in shown
    assert sorted(name for _, name in heads) == sorted(MEDIATORS.names())


def test_files_for_others_may_be_taken_away_but_no_table_changed(tmp_path: Path) -> None:
    run = RUNS["no_candidates"]()
    for table in TABLES:
        run.tables[table.name].to_parquet(tmp_path / f"{table.name}.parquet")
    run.manifest["outputs"] = {"multiqc/organokine_cv_mqc.json": "0" * 64}
    (tmp_path / "manifest.json").write_text(json.dumps(run.manifest), encoding="utf-8")
    assert report.build(tmp_path).is_file()
    run.manifest["outputs"]["qc.parquet"] = "0" * 64
    (tmp_path / "manifest.json").write_text(json.dumps(run.manifest), encoding="utf-8")
    with pytest.raises(OutputError, match=r"1 files are not as the run wrote them, first 'qc\.parquet'"):
        report.build(tmp_path)
