"""Files of signatures: three layouts that say the same, and damage that is told in one message."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.readers.signature_files import read_gene_sets, read_sets, read_signature_file, read_signatures
from organokine.study_file import StudyFile
from organokine.study_file_sets import PathwaysSection, ResponseSection

WIDE = "gene\tIL6\tANXA2\nSTAT3\t1.5\t0\nSOCS3\t2\t-1\nANXA2\t0\t9\n"
LONG = "ligand,target,weight\nIL6,STAT3,1.5\nIL6,SOCS3,2\nANXA2,SOCS3,-1\nANXA2,ANXA2,9\n"


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("wide.tsv", WIDE),
        ("wide.tsv.gz", gzip.compress(WIDE.encode(), mtime=0)),
        ("wide_of_r.tsv", WIDE.replace("gene\t", "")),
        ("wide.csv", WIDE.replace("\t", ";").replace("\n", "\r\n")),
        ("long.csv", LONG),
        ("marked.csv", "\ufeff" + LONG),
    ],
)
def test_layouts_that_say_the_same_give_the_same(tmp_path: Path, name: str, content: str | bytes) -> None:
    table = read_signature_file(written(tmp_path, name, content), "file")
    expected = pd.DataFrame({"IL6": [1.5, 2.0, 0.0], "ANXA2": [0.0, -1.0, 9.0]}, index=["STAT3", "SOCS3", "ANXA2"])
    assert table.knows_listed_only == name.startswith("wide")
    found = table.weights.loc[expected.index, expected.columns]
    np.testing.assert_array_equal(found.to_numpy(), expected.to_numpy())
    assert table.weights.shape == (3, 2)


def test_a_gmt_is_a_list_of_weights_of_one(tmp_path: Path) -> None:
    path = written(tmp_path, "sets.gmt", "glycolysis\tweb page\tHK1\tHK2\tHK2\nlipids\t\tFASN\t\n")
    table = read_signature_file(path, "file")
    assert table.weights.to_dict() == {
        "glycolysis": {"FASN": 0.0, "HK1": 1.0, "HK2": 1.0},
        "lipids": {"FASN": 1.0, "HK1": 0.0, "HK2": 0.0},
    }


def test_sets_without_a_gene_are_counted_however_their_lines_end(tmp_path: Path) -> None:
    table = read_signature_file(written(tmp_path, "sets.gmt", "one\t\tHK1\ntwo\tset\nthree\tset\t\t\n"), "file")
    assert list(table.weights.columns) == ["one"]
    assert [(count.item, count.n, count.of, count.example) for count in table.counts] == [
        ("sets without a gene", 2, 3, "'two', 'three'")
    ]


def test_empty_cells_and_genes_twice_are_counted(tmp_path: Path) -> None:
    table = read_signature_file(written(tmp_path, "wide.tsv", WIDE + "STAT3\t\t4\n"), "file")
    assert table.weights.loc["STAT3"].tolist() == [0.75, 2.0]
    assert [(count.item, count.n, count.of) for count in table.counts] == [
        ("empty weights of signatures", 1, 8),
        ("genes of the signatures twice", 1, 4),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.tsv", None, "does not exist"),
        ("a.tsv", "", "the file is empty"),
        ("a.tsv.gz", gzip.compress(WIDE.encode(), mtime=0)[:40], "damaged or cut off"),
        ("a.tsv", b"gene\tIL6\n\xff\xfe\t1\n", "not UTF-8"),
        ("a.tsv", "gene\nSTAT3\n", "only one column"),
        ("a.tsv", WIDE.replace("1.5", "high"), "1 weights are no finite number, first 'high' of 'STAT3' in 'IL6'"),
        ("a.tsv", WIDE.replace("1.5", "inf"), "no finite number"),
        ("a.tsv", WIDE + "A\t1\t2\t3\t4\n", "cannot be read as a table"),
        ("a.tsv", WIDE.replace("ANXA2\n", "IL6\n", 1), "1 columns stand twice, first 'il6'"),
        ("a.csv", LONG + "IL6,STAT3,1\n", "1 pairs stand twice, first IL6 and STAT3"),
        ("a.csv", LONG + "IL6,,1\n", "1 rows lack a signature, gene or weight, first row 6"),
        (
            "a.tsv",
            WIDE.replace("\n", "\t\n").replace("\t\n", "\n", 1),
            "rows have 4 cells and its header has 3, first 'gene'",
        ),
        ("a.tsv", "IL6\tANXA2\nSTAT3\t1\t\nSOCS3\t2\t\n", "Remove the separators at the ends of the rows"),
        ("a.tsv", WIDE.replace("1.5", "1,5"), "Write numbers with a full stop as the decimal sign"),
        ("a.csv", "ligand,target,weight\n", "it has a header and no rows"),
        ("a.xlsx", b"PK\x03\x04 and more", "a workbook or a zip file, no text"),
        ("a.parquet", b"PAR1 and more", "a parquet file, no text"),
        ("a.gmt", "one set A B\n", "1 lines have one column only"),
        ("a.gmt", "one\tset\n", "none of its 1 sets has a gene"),
        ("a.gmt", "one\tset\tA\n\tset\tB\n", "1 sets have no name, first in line 2"),
        ("a.gmt", "one\t\tA\none\t\tB\n", "names stand twice"),
    ],
)
def test_damage_is_told_in_one_message(tmp_path: Path, name: str, content: str | bytes | None, message: str) -> None:
    path = tmp_path / name if content is None else written(tmp_path, name, content)
    with pytest.raises(DataError) as caught:
        read_signature_file(path, "[response] signatures")
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1


def test_signatures_come_in_the_symbols_of_the_study(tmp_path: Path) -> None:
    written(tmp_path, "wide.tsv", WIDE.replace("STAT3", "APRF") + "NOGENE\t1\t1\n")
    section = ResponseSection(signatures="wide.tsv", species="human", licence="MIT")
    found = read_signatures(tmp_path, section, "mouse")
    assert found is not None
    assert list(found.weights.columns) == ["Anxa2", "Il6"]
    assert found.weights.loc["Stat3", "Il6"] == 1.5
    assert [(count.item, count.n) for count in found.counts] == [("genes of the signatures without a symbol", 1)]
    row = found.version_row()
    assert (row["name"], row["licence"], row["sources"]) == ("wide.tsv", "MIT", "wide.tsv")
    assert len(row["sha256"]) == 64


def test_secact_and_files_of_another_species_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="pip install secactpy"):
        read_signatures(tmp_path, ResponseSection(signatures="secact"), "mouse")
    written(tmp_path, "wide.tsv", "gene\tA\tB\nzz1\t1\t2\nzz2\t2\t1\n")
    with pytest.raises(DataError, match="none of its 2 genes and 2 signatures is a gene of the study"):
        read_signatures(tmp_path, ResponseSection(signatures="wide.tsv"), "human")


def test_a_file_of_another_species_is_refused_though_a_few_symbols_are_spelt_alike(tmp_path: Path) -> None:
    human = [f"ZNF{number}" for number in range(700, 712)]
    written(tmp_path, "sets.gmt", "\t".join(["set", "", "Actb", *human]) + "\n")
    with pytest.raises(DataError, match=r"12 of its 13 genes are no genes of the study.*symbols of the species mouse"):
        read_gene_sets(tmp_path, PathwaysSection(sets="sets.gmt"), "mouse")


def test_sets_of_a_user_are_not_called_as_those_of_organokine(tmp_path: Path) -> None:
    written(tmp_path, "sets.gmt", "one\t\tHK1\n")
    with pytest.raises(DataError, match="it is called 'PROGENy', as sets of organokine are"):
        read_gene_sets(tmp_path, PathwaysSection(sets="sets.gmt", name="PROGENy"), "human")


def test_names_of_gene_sets_are_no_genes(tmp_path: Path) -> None:
    written(tmp_path, "sets.gmt", "IL6 response\t\tSTAT3\tSOCS3\nother\t\tHK1\n")
    found = read_gene_sets(tmp_path, PathwaysSection(sets="sets.gmt", species="human", name="mine"), "mouse")
    assert found is not None
    assert list(found.weights.columns) == ["IL6 response", "other"]
    assert list(found.weights.index) == ["Hk1", "Socs3", "Stat3"]
    assert found.name == "mine"


def test_all_faults_of_a_study_are_collected(tmp_path: Path) -> None:
    file = StudyFile.model_validate(
        {
            "study": {"name": "toy", "species": "mouse", "samples": "samples.tsv"},
            "assay": [{"name": "a", "organ": "muscle", "modality": "protein", "file": "a.tsv"}],
            "response": {"signatures": "no.tsv"},
            "pathways": {"sets": "no.gmt"},
        }
    ).model_copy(update={"folder": tmp_path})
    found = read_sets(file)
    assert [problem.where for problem in found.problems] == ["[response] signatures no.tsv", "[pathways] sets no.gmt"]
    assert found.signatures is None
    assert found.counts == []
