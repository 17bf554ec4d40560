"""Tables of the user's own: secretomes, routes, receptors."""

from __future__ import annotations

from pathlib import Path

import pytest

from organokine.errors import DataError
from organokine.readers.lists import ListTable, read_list
from organokine.study_file import ListColumnsSection, ListSection


@pytest.fixture
def read(tmp_path: Path):
    def read(content: str, kind: str, columns: dict[str, str] | None = None, **keys: object) -> ListTable:
        (tmp_path / "list.tsv").write_text(content, encoding="utf-8")
        named = ListColumnsSection(**({} if columns is None else columns))
        return read_list(ListSection(name="mine", file="list.tsv", kind=kind, columns=named, **keys), tmp_path)

    return read


@pytest.mark.parametrize(
    ("content", "column", "names"),
    [
        ("Anxa2\nIl6\n", "gene", ["Anxa2", "Il6"]),
        ("Gene\nAnxa2\nIl6\n", "gene", ["Anxa2", "Il6"]),
        ("# my list\nGene symbol\r\nAnxa2\r\n\r\nIl6\r\n", "gene", ["Anxa2", "Il6"]),
        ("P07355\nP05231\n", "protein", ["P07355", "P05231"]),
        ("gene,score\nAnxa2,1\nIl6,2\n", "gene", ["Anxa2", "Il6"]),
    ],
)
def test_a_secretome_may_be_a_plain_list(read, content: str, column: str, names: list[str]) -> None:
    table = read(content, "secretome")
    assert table.rows[column].tolist() == names
    assert table.rows["label"].tolist() == names
    assert set(table.rows["route"]) == {"outside"}


def test_a_plain_list_may_head_its_column_as_it_likes(read) -> None:
    assert read("my favourites\nAnxa2\n", "secretome", {"gene": "my favourites"}).rows["gene"].tolist() == ["Anxa2"]


def test_a_secretome_takes_the_declared_route_and_the_rows_above_the_threshold(read) -> None:
    content = "gene\tlog2 medium over lysate\nAnxa2\t2.5\nIl6\t1\nMb\t-3\nTtn\t\n"
    columns = {"score": "log2 medium over lysate"}
    table = read(content, "secretome", columns, threshold=1.0, route="unconventional")
    assert table.rows["gene"].tolist() == ["Anxa2", "Il6"]
    assert set(table.rows["route"]) == {"unconventional"}
    assert table.rows["text"].tolist() == ["seen outside the cell, score 2.5", "seen outside the cell, score 1"]
    assert [(count.item, count.n, count.of) for count in table.counts] == [("rows below the threshold", 2, 4)]


def test_routes_are_read_as_they_are_commonly_written(read) -> None:
    content = "symbol\troute\tPMID\nAnxa2\tUnconventional\t1\nIl6\tclassical; EV cargo\tNA\nMb\tunknown\t\nTtn\t\t\nLif\tev-cargo\t\n"
    table = read(content, "routes")
    pairs = list(zip(table.rows["gene"], table.rows["route"], strict=True))
    assert pairs == [
        ("Anxa2", "unconventional"),
        ("Il6", "classical"),
        ("Il6", "ev_cargo"),
        ("Lif", "ev_cargo"),
    ]
    assert table.rows["text"].tolist() == ["as listed, 1", "as listed", "as listed", "as listed"]
    assert [(count.item, count.n) for count in table.counts] == [("rows without a route", 2)]


@pytest.mark.parametrize(
    "header", ["ligand\treceptor", "Ligand gene symbol\tReceptor gene symbol", "source_genesymbol\ttarget_genesymbol"]
)
def test_receptors_are_found_under_the_names_of_common_tables(read, header: str) -> None:
    table = read(f"{header}\tdoi\nGDF15\tGFRAL+RET\t10.1\n", "receptors")
    assert table.rows.values.tolist()[0][:3] == ["GDF15", "GFRAL+RET", "10.1"]


@pytest.mark.parametrize(
    ("content", "kind", "columns", "match"),
    [
        ("name\troute\nAnxa2\tclassical\n", "routes", {}, "no column of genes or proteins"),
        ("gene\twhere\nAnxa2\tclassical\n", "routes", {}, "no column of routes was found among 'gene', 'where'"),
        ("gene\troute\nAnxa2\tclasical\n", "routes", {}, "Write 'classical' for 'clasical'"),
        ("gene\troute\nAnxa2\tsomewhere\nIl6\telsewhere\n", "routes", {}, "2 words are no route: 'somewhere', 'elsewhere'"),
        ("gene\troute\nAnxa2\tclassical\n", "routes", {"gene": "symbl"}, "no column 'symbl'"),
        ("gene\troute\nAnxa2\tclassical\n", "routes", {"gene": "gen"}, "Write 'gene'"),
        ("a\tb\nGDF15\tGFRAL\n", "receptors", {}, "no column of ligands(.|\n)*no column of receptors"),
        ("gene\tscore\nAnxa2\thigh\n", "secretome", {"score": "score"}, "1 cells of the column 'score' are no number"),
        ("gene\troute\n", "routes", {}, "a header and no rows"),
        ("", "secretome", {}, "empty"),
    ],
)  # fmt: skip
def test_faults_of_a_table_are_told(read, content: str, kind: str, columns: dict[str, str], match: str) -> None:
    with pytest.raises(DataError, match=match):
        read(content, kind, columns)


def test_an_absent_file_and_another_encoding_are_told(tmp_path: Path) -> None:
    section = ListSection(name="mine", file="none.tsv", kind="secretome")
    with pytest.raises(DataError, match=r"'none.tsv' does not exist"):
        read_list(section, tmp_path)
    (tmp_path / "none.tsv").write_bytes("Gène\nAnxa2\n".encode("latin-1"))
    with pytest.raises(DataError, match="line 1 is not UTF-8 text"):
        read_list(section, tmp_path)
