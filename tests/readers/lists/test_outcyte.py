"""Results of OutCyte 1 and 2, on twins with the layout of the real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from organokine.errors import DataError
from organokine.readers.lists import ListTable, read_list
from organokine.study_file import ListSection

TWINS = Path(__file__).resolve().parents[1] / "twins" / "lists"


def read(file: str, folder: Path = TWINS, **keys: object) -> ListTable:
    return read_list(ListSection(name="mine", file=file, kind="outcyte", **keys), folder)


def said(table: ListTable) -> list[tuple[str, str]]:
    return list(zip(table.rows["signal"], table.rows["route"], strict=True))


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            "muscle_pipeline.txt",
            [("none", "unconventional"), ("peptide", "classical"), ("membrane", ""), ("none", "")],
        ),
        ("muscle_sp.txt", [("none", ""), ("peptide", "classical")]),
        ("muscle_ups.txt", [("", "unconventional"), ("", "")]),
        (
            "muscle_standard_v2_RESULT.csv",
            [("none", "unconventional"), ("peptide", "classical"), ("membrane", "")],
        ),
        ("annotated.tsv", [("none", "unconventional"), ("peptide", "classical")]),
    ],
)
def test_every_layout_gives_signals_and_routes(file: str, expected: list[tuple[str, str]]) -> None:
    assert said(read(file, route="predicted")) == expected


def test_scores_are_those_of_the_class() -> None:
    assert read("muscle_sp.txt").rows["score"].tolist() == [0.9811, 0.9964]
    assert read("muscle_standard_v2_RESULT.csv").rows["score"].tolist() == [0.60, 0.97, 0.55]
    texts = read("muscle_pipeline.txt").rows["text"].tolist()
    assert texts[0] == "no signal peptide, unconventional secretion (0.61) by OutCyte"
    assert texts[2] == "membrane helix at the start (0.60) by OutCyte"


def test_symbols_beside_the_result_are_used() -> None:
    assert read("annotated.tsv").rows["gene"].tolist() == ["ANXA2", "CCL3"]


def test_a_threshold_leaves_weak_classes_out() -> None:
    table = read("muscle_pipeline.txt", threshold=0.9, route="predicted")
    assert said(table) == [("peptide", "classical"), ("none", "")]
    assert [(count.item, count.n) for count in table.counts] == [("rows that do not count", 2)]


def test_a_prediction_alone_gives_no_route_unless_asked_to() -> None:
    assert {route for _, route in said(read("muscle_pipeline.txt"))} == {""}


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("ID\tclass\nP1\tsecreted\n", "1 classes are no word of OutCyte: 'secreted'"),
        ("ID\tlength\nP1\t20\n", "no column of classes"),
        ("", "empty"),
        ("ID\tclass\nP1\tUPS\n", "no column of scores"),
    ],
)
def test_what_is_no_result_of_outcyte_is_refused(content: str, match: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.txt").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=match):
        read("wrong.txt", tmp_path, threshold=0.5)
