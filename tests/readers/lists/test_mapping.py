"""From what a list calls its proteins to the symbols of the study, everything counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.readers.base import RawMatrix
from organokine.readers.lists import read_list
from organokine.readers.lists.genes import GeneNames, StudyGenes, genes_of_tables, organism_of
from organokine.readers.lists.mapping import MappedList, map_list
from organokine.study_file import ListSection, Species

TWINS = Path(__file__).resolve().parents[1] / "twins" / "lists"
STUDY = StudyGenes(frozenset({"Anxa2", "LOC100912345"}), {"P07356": "Anxa2"})


def table_of(genes: list[str], proteins: list[str]) -> RawMatrix:
    index = pd.Index([f"f{number}" for number in range(len(genes))])
    features = pd.DataFrame({"gene": genes, "protein": proteins}, index=index)
    return RawMatrix(pd.DataFrame(np.zeros((len(genes), 1)), index=index), features, "log2")


def mapped(tmp_path: Path, content: str, kind: str, **keys: object) -> MappedList:
    """A list laid into a study of mice."""
    (tmp_path / "list.tsv").write_text(content, encoding="utf-8")
    section = ListSection(name="mine", file="list.tsv", kind=kind, **keys)
    return map_list(section, read_list(section, tmp_path), "ab" * 32, "mouse", STUDY)


def counted(found: MappedList) -> dict[str, int]:
    return {count.item: count.n for count in found.counts}


@pytest.mark.parametrize(
    ("gene", "protein", "species", "expected"),
    [
        ("", "P07355", "human", ["ANXA2"]),
        ("", "P07355-2", "human", ["ANXA2"]),
        ("", "sp|P07355|ANXA2_HUMAN Annexin A2 OS=Homo sapiens GN=ANXA2", "human", ["ANXA2"]),
        ("", "sp_P07355_ANXA2_HUMAN", "human", ["ANXA2"]),
        ("", "ENSP00000346032.3|ENST00000332680.8|ENSG00000182718.18|-|-|ANXA2-201|ANXA2|357", "human", ["ANXA2"]),
        ("", "ENSMUSP00000034756.9 pep chromosome:GRCm39 gene:ENSMUSG00000032231.16", "mouse", ["Anxa2"]),
        ("", "sp|P07356|ANXA2_MOUSE", "mouse", ["Anxa2"]),  # by a table of the study
        ("", "sp|P12399|CTL2A_MOUSE Protein CTLA-2 GN=Anxa2 PE=2", "mouse", ["Anxa2"]),
        ("", "Anxa2", "mouse", ["Anxa2"]),
        ("Sepp1", "", "mouse", ["Selenop"]),
        ("ANXA2", "", "mouse", ["Anxa2"]),
        ("7-Sep", "", "mouse", ["Septin7"]),
        ("LOC100912345", "", "mouse", ["LOC100912345"]),
        ("ANXA5", "P07355", "human", ["ANXA2"]),
        ("HSPA1A;HSPA1B", "", "human", ["HSPA1A", "HSPA1B"]),
        ("", "sp|Q99999|PGS1_MOUSE", "mouse", []),  # an entry name is no symbol: PGS1 is the protein of BGN
        ("", "sp|Q9ZZZ9", "mouse", []),  # `sp` is a synonym of Snap25
        ("nope", "", "mouse", []),
        ("", "", "mouse", []),
    ],
)
def test_accession_first_then_symbol_then_synonym(
    gene: str, protein: str, species: Species, expected: list[str]
) -> None:
    assert [symbol for symbol, _ in GeneNames(species, species, STUDY).of(gene, protein)] == expected


def test_a_list_of_another_species_goes_by_orthologs() -> None:
    assert GeneNames("human", "mouse", STUDY).of("", "P07355") == (("Anxa2", "ANXA2"),)
    assert GeneNames("human", "rat", STUDY).of("TP53", "") == (("Tp53", "TP53"),)
    assert len(GeneNames("human", "mouse", STUDY).of("SERPINA1", "")) > 1


def test_accessions_of_the_study_are_those_with_one_gene() -> None:
    tables = {
        "a": table_of(["Anxa2", "Il6", ""], ["P07356-2", "P08505", "P1"]),
        "b": table_of(["Anxa2", "Mb"], ["P07356", "P08505"]),
    }
    study = genes_of_tables(tables)
    assert study.accessions == {"P07356": "Anxa2"}
    assert study.symbols == {"Anxa2", "Il6", "Mb"}


def test_entry_names_tell_the_species() -> None:
    assert organism_of(["sp|P07355|ANXA2_HUMAN", "sp|P05231|IL6_HUMAN", "tr|A0A000|X_MOUSE"])[0] == "human"
    assert organism_of(["P07355"]) is None
    assert organism_of(["sp|P07355|ANXA2_HUMAN", "tr|A0A000|X_MOUSE"]) is None
    assert organism_of(["sp|P02769|ALBU_BOVIN"]) is None


def test_statements_name_their_list_and_the_best_of_repeated_rows_stays(tmp_path: Path) -> None:
    content = "gene\tscore\nAnxa2\t1\nAnxa2\t3\nnope\t2\n"
    found = mapped(tmp_path, content, "secretome", reference="doi:10.1/x", columns={"score": "score"})
    assert found.genes.said.values.tolist() == [
        ["Anxa2", "outside", "", "high_throughput", "seen outside the cell, score 3 (list 'mine', doi:10.1/x)"]
    ]
    assert counted(found) == {"genes of the list": 1, "rows without a known gene": 1, "repeated rows": 1}
    assert "'nope'" in found.counts[1].example
    assert found.problems == []


def test_isoforms_that_differ_are_kept_and_counted(tmp_path: Path) -> None:
    found = mapped(tmp_path, "Anxa2 UPS 0.6\nAnxa2 Intracellular 0.9\n", "outcyte", route="predicted")
    assert found.genes.said["route"].tolist() == ["", "unconventional"]
    assert counted(found)["genes with several statements"] == 1


def test_evidence_of_another_species_is_marked_as_by_orthology(tmp_path: Path) -> None:
    found = mapped(tmp_path, "gene\troute\nANXA2\tunconventional\n", "routes", species="human")
    row = found.genes.said.iloc[0]
    assert (row["gene"], row["grade"]) == ("Anxa2", "low_throughput_orthology")
    assert row["evidence"].endswith("(list 'mine'); by orthology from human ANXA2")


def test_bars_and_line_breaks_of_a_name_do_not_break_the_evidence(tmp_path: Path) -> None:
    (tmp_path / "list.tsv").write_text("Anxa2\n", encoding="utf-8")
    section = ListSection(name="a | b:\n c", file="list.tsv", kind="secretome", reference="x | y")
    found = map_list(section, read_list(section, tmp_path), "", "mouse", STUDY)
    assert " | " not in found.genes.said["evidence"].iloc[0]
    assert "\n" not in found.genes.said["evidence"].iloc[0]


def test_complexes_are_parted_by_every_usual_sign(tmp_path: Path) -> None:
    content = (
        "ligand\treceptor\tdoi\nGdf15\tGfral+Ret\t1\nGdf15\tGfral_Ret\t2\nGdf15\tGfral, Ret\t3\nGdf15\tRet\t4\n"
        "Inhba_Inhbb\tAcvr2a\t5\nGdf15\tGfral_R2\t6\n"
    )
    found = mapped(tmp_path, content, "receptors")
    pairs = found.genes.receptors[["ligand", "receptor", "source", "reference"]].values.tolist()
    assert pairs == [
        ["Gdf15", "Gfral+Ret", "list 'mine'", "1"],
        ["Gdf15", "Ret", "list 'mine'", "4"],
        ["Inhba", "Acvr2a", "list 'mine'", "5"],
        ["Inhbb", "Acvr2a", "list 'mine'", "5"],
    ]
    assert counted(found) == {"genes of the list": 3, "rows without a known gene": 1, "repeated rows": 2}


def test_receptors_of_another_species_go_by_orthologs(tmp_path: Path) -> None:
    content = "ligand\treceptor\nANXA2\tCNR2\n"
    found = mapped(tmp_path, content, "receptors", species="human")
    assert found.genes.receptors.values.tolist() == [["Anxa2", "Cnr2", "list 'mine', by orthology", ""]]


def test_a_list_without_a_known_gene_is_refused_with_examples(tmp_path: Path) -> None:
    found = mapped(tmp_path, "protein\nP05067\nP10636\n", "secretome")
    assert len(found.problems) == 1
    assert "none of its 2 rows has a gene that is known in mouse: 'P05067', 'P10636'" in str(found.problems[0])


def test_sequences_of_another_species_are_refused(tmp_path: Path) -> None:
    section = ListSection(name="mine", file="prediction_results.txt", kind="signalp")
    found = map_list(section, read_list(section, TWINS), "", "mouse", STUDY)
    assert "its sequences are of human" in found.problems[0].what
    assert found.problems[0].remedy == "Write species = 'human'"
    right = section.model_copy(update={"species": "human"})
    assert map_list(right, read_list(right, TWINS), "", "mouse", STUDY).problems == []
    wrong = section.model_copy(update={"species": "mouse"})
    assert map_list(wrong, read_list(wrong, TWINS), "", "human", STUDY).problems[0].remedy == "Leave species out"


def test_a_list_of_which_no_row_counts_is_refused(tmp_path: Path) -> None:
    found = mapped(tmp_path, "gene\tscore\nAnxa2\t1\n", "secretome", columns={"score": "score"}, threshold=2)
    assert found.problems[0].what == "no row of the list counts"


def test_mostly_unknown_and_mostly_respelt_lists_are_remarked(tmp_path: Path) -> None:
    found = mapped(tmp_path, "gene\nANXA2\nFOO1\nFOO2\n", "secretome")
    assert [remark.flag for remark in found.remarks] == ["list_mostly_unknown"]
    found = mapped(tmp_path, "gene\nANXA2\nIL6\nMb\n", "secretome")
    assert [remark.flag for remark in found.remarks] == ["list_symbol_case"]
