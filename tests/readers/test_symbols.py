from __future__ import annotations

import pandas as pd
import pytest

from organokine.readers.symbols import Symbols, gene_of_date, tidy_symbols


def tidy(symbols: list[str], species: str = "mouse", protein: list[str] | None = None) -> Symbols:
    index = pd.Index([f"row{number}" for number in range(len(symbols))])
    accessions = pd.Series(protein if protein is not None else [""] * len(symbols), index=index, dtype=object)
    return tidy_symbols(pd.Series(symbols, index=index, dtype=object), accessions, species, "assay")


def count(symbols: Symbols, item: str) -> int | None:
    return next((found.n for found in symbols.counts if found.item == item), None)


@pytest.mark.parametrize(
    ("written", "mouse", "human"),
    [
        ("7-Mar", "Marchf7", "MARCHF7"),
        ("Mar-07", "Marchf7", "MARCHF7"),
        ("2-Sep", "Septin2", "SEPTIN2"),
        ("Sept-02", "Septin2", "SEPTIN2"),
        ("2019-03-05", "Marchf5", "MARCHF5"),
        ("2019-09-11 00:00:00", "Septin11", "SEPTIN11"),
        ("15-Sep", "Selenof", "SELENOF"),
        ("1-Dec", "", "DELEC1"),
        ("1-Mar", "", ""),
        ("2-Mar", "", ""),
        ("12-Mar", "", ""),
        ("13-Sep", "", ""),
        ("4-Oct", "", ""),
        ("01/03/2019", "", ""),
        ("44256", "", ""),
    ],
)
def test_dates_become_the_one_gene_that_fits(written: str, mouse: str, human: str) -> None:
    assert gene_of_date(written, "", "mouse") == mouse
    assert gene_of_date(written, "", "human") == human


@pytest.mark.parametrize(
    "symbol", ["Septin7", "Marchf5", "Anxa2", "Hbb-bs", "2310035C23Rik", "Dec1", "Nkx2-1", "H2-K1", "Mar1"]
)
def test_symbols_that_are_no_dates_are_left_alone(symbol: str) -> None:
    assert gene_of_date(symbol, "", "mouse") is None


@pytest.mark.parametrize(
    ("identifiers", "species", "gene"),
    [("Q6NZQ8", "mouse", "Marchf1"), ("Q9CW42-2", "mouse", "Mtarc1"), ("ENSG00000145416.12", "human", "MARCHF1")],
)
def test_another_identifier_of_the_row_decides_between_genes_of_one_date(
    identifiers: str, species: str, gene: str
) -> None:
    assert gene_of_date("1-Mar", identifiers, species) == gene


def test_ambiguous_dates_are_unmapped_flagged_and_keep_their_text() -> None:
    symbols = tidy(["Anxa2", "1-Mar", "3-Sep"], protein=["", "", ""])
    assert symbols.gene.tolist() == ["Anxa2", "", "Septin3"]
    assert symbols.genes.tolist() == ["Anxa2", "1-Mar", "Septin3"]
    assert count(symbols, "symbols recovered from dates") == 1
    assert count(symbols, "symbols that may be dates") == 1
    assert {(remark.name, remark.flag) for remark in symbols.remarks} == {
        ("1-Mar", "symbol_date"),
        ("Septin3", "symbol_recovered"),
    }


def test_a_column_of_numbers_is_not_taken_for_dates() -> None:
    assert tidy(["44256", "36001", "11287"]).gene.tolist() == ["44256", "36001", "11287"]


def test_groups_keep_all_genes_and_are_flagged_only_when_genes_differ() -> None:
    symbols = tidy(["Myh1;Myh4", "Acta1; Acta1", ";Ckm", "2-Sep;Gfap"])
    assert symbols.gene.tolist() == ["Myh1", "Acta1", "Ckm", "Septin2"]
    assert symbols.genes.tolist() == ["Myh1;Myh4", "Acta1", "Ckm", "Septin2;Gfap"]
    assert {remark.name for remark in symbols.remarks if remark.flag == "protein_group"} == {"Myh1", "Septin2"}
    assert count(symbols, "features of several genes") == 2


def test_missing_marks_are_unmapped() -> None:
    symbols = tidy(["", "NA", "-", "nan", "Anxa2"])
    assert symbols.gene.tolist() == ["", "", "", "", "Anxa2"]


def test_a_table_in_the_case_of_another_species_is_respelt_and_flagged() -> None:
    symbols = tidy(["ANXA2", "IL6", "NKX2-1", "1700021F05RIK", "H2-K1"])
    assert symbols.gene.tolist() == ["Anxa2", "Il6", "Nkx2-1", "1700021F05Rik", "H2-K1"]
    assert [remark.flag for remark in symbols.remarks] == ["symbol_case"]
    human = tidy(["Anxa2", "Il6", "Gfap"], species="human")
    assert human.gene.tolist() == ["ANXA2", "IL6", "GFAP"]
    assert count(human, "symbol_case") == 3


def test_single_symbols_in_another_case_are_left_alone() -> None:
    written = ["Anxa2", "Il6", "LOC100361", "MGC95208", "Gfap"]
    symbols = tidy(written)
    assert symbols.gene.tolist() == written
    assert symbols.remarks == ()
    human = tidy(["ANXA2", "C1orf112", "IL6"], species="human")
    assert human.gene.tolist() == ["ANXA2", "C1orf112", "IL6"]
