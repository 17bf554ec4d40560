"""From accessions and symbols to one official symbol per row."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pandas as pd
import pytest

from organokine.readers import READERS, RawMatrix
from organokine.readers.assay import read_assay
from organokine.readers.base import MetNames
from organokine.readers.identifiers import Mapped, agree_on_names, map_identifiers
from organokine.readers.symbols import tidy_symbols
from organokine.references import load_identifiers, load_references
from organokine.study_file import Species, StudyFile
from organokine.study_file_reader import read_study_file
from tests.public_studies import write_motrpac, write_tsumagari


def mapped(rows: list[tuple[str, str, str]], species: Species) -> Mapped:
    """From rows of identifier, symbols and accession."""
    frame = pd.DataFrame(rows, columns=["key", "gene", "protein"], dtype=object).set_index("key")
    return map_identifiers(tidy_symbols(frame["gene"], frame["protein"], species, "assay"), frame["protein"], species)


def counted(found: Mapped) -> dict[str, int]:
    return {count.item: count.n for count in found.counts}


@pytest.mark.parametrize(
    ("row", "species", "gene"),
    [
        (("1", "", "P07355"), "human", "ANXA2"),
        (("1", "", "P07355-2"), "human", "ANXA2"),
        (("1", "", "sp|P07355|ANXA2_HUMAN"), "human", "ANXA2"),
        (("P07355", "", ""), "human", "ANXA2"),
        (("ENSG00000182718.17", "", ""), "human", "ANXA2"),
        (("ENSMUSG00000032231", "", ""), "mouse", "Anxa2"),
        (("ENSMUSG00000032231.10#2", "", ""), "mouse", "Anxa2"),
        (("1", "SEPP1", ""), "human", "SELENOP"),
        (("1", "Sepp1", ""), "mouse", "Selenop"),
        (("1", "C1ORF43", ""), "human", "C1orf43"),
        (("1", "mrpl24", ""), "rat", "Mrpl24"),
        (("1", "RT1-Da", ""), "rat", "RT1-Da"),
        (("ENSRNOG00000010362", "", ""), "rat", "Anxa2"),
        (("1", "Car4", ""), "rat", "Ca4"),
        (("1", "Mettl7a", ""), "rat", "Tmt1a"),
        (("1", "", ""), "human", ""),
    ],
)
def test_accession_first_then_symbol_then_synonym(row: tuple[str, str, str], species: Species, gene: str) -> None:
    assert mapped([row], species).gene.tolist() == [gene]


def test_an_accession_overrules_a_symbol_and_says_so() -> None:
    found = mapped([("a", "ANXA5", "P07355"), ("b", "GFAP", "P14136"), ("c", "", "P02452")], "human")
    assert found.gene.tolist() == ["ANXA2", "GFAP", "COL1A1"]
    assert found.genes.tolist() == ["ANXA2", "GFAP", "COL1A1"]
    assert counted(found) == {
        "symbols corrected by accession": 1,
        "genes found by accession": 1,
        "features without a gene": 0,
    }
    assert [(remark.name, remark.flag) for remark in found.remarks] == [("ANXA2", "symbol_corrected")]
    assert "'ANXA5'" in found.remarks[0].detail
    assert found.names.aliases == {}


def test_an_accession_of_several_genes_decides_only_among_the_symbols_of_the_file() -> None:
    known = load_identifiers("human").accessions
    accession, genes = next((key, genes) for key, genes in known.items() if len(genes) > 1 and len(key) == 6)
    found = mapped([("a", genes[1], accession), ("b", "GFAP", accession), ("c", "", accession)], "human")
    assert found.gene.tolist() == [genes[1], "GFAP", ""]
    assert counted(found) == {"features without a gene": 1}


def test_an_ensembl_gene_that_lies_over_two_rat_genes_contradicts_neither() -> None:
    known = load_identifiers("rat").accessions
    accession = "ENSRNOG00000018669"
    assert known[accession] == ("Insl3", "Jak3")
    assert mapped([(accession, "Insl3", "")], "rat").gene.tolist() == ["Insl3"]


def test_what_is_known_of_a_rat_gene_is_found_under_its_name_of_today() -> None:
    rat = load_references("rat")
    known = load_identifiers("rat")
    assert known.synonyms["Csh1"] == "Prl3d1l1"
    assert rat.routes(["Prl3d1l1"])["evidence"].tolist() == rat.routes(["Csh1"])["evidence"].tolist() != [""]
    assert set(rat.receptors(["Prl3d1l1"])["receptor"]) == set(rat.receptors(["Csh1"])["receptor"]) != set()


def test_the_gene_of_the_leading_accession_leads_a_group() -> None:
    found = mapped([("a", "ANXA1;ANXA2", "P07355;P04083"), ("b", "GFAP;VIM", "")], "human")
    assert found.gene.tolist() == ["ANXA2", "GFAP"]
    assert found.genes.tolist() == ["ANXA2;ANXA1", "GFAP;VIM"]
    assert counted(found) == {"features without a gene": 0}


def test_a_synonym_beside_its_official_symbol_is_another_gene() -> None:
    found = mapped([("a", "Mettl7a", ""), ("b", "Tmt1a", "")], "rat")
    assert found.gene.tolist() == ["Mettl7a", "Tmt1a"]
    assert counted(found)["synonyms left as they are"] == 1
    alone = mapped([("a", "Mettl7a", "")], "rat")
    assert alone.gene.tolist() == [load_identifiers("rat").synonyms["Mettl7a"]]


def test_what_is_not_known_stays_and_is_counted_with_examples() -> None:
    found = mapped([("a", "Nosuch1", ""), ("b", "Gfap", "Q99999"), ("c", "", "Q99999")], "rat")
    assert found.gene.tolist() == ["Nosuch1", "Gfap", ""]
    count = next(count for count in found.counts if count.item == "symbols not in the reference tables")
    assert (count.n, count.of, count.example) == (1, 3, "'Nosuch1'")


def matrix(symbols: list[str], names: MetNames) -> RawMatrix:
    features = pd.DataFrame(
        {"gene": symbols, "genes": symbols}, index=[f"row{number}" for number in range(len(symbols))]
    )
    return RawMatrix(pd.DataFrame(1.0, index=features.index, columns=["s"]), features, "log2", names=names)


def genes(tables: dict[str, RawMatrix]) -> list[list[str]]:
    assert all(table.features["gene"].tolist() == table.features["genes"].tolist() for table in tables.values())
    return [table.features["gene"].tolist() for table in tables.values()]


def test_a_symbol_that_one_table_explains_is_replaced_in_all() -> None:
    learned = mapped([("ENSMUSG00000032231", "Newname", "")], "mouse")
    assert learned.names.aliases == {"Newname": "Anxa2"}
    assert counted(learned) == {"symbols corrected by accession": 1, "features without a gene": 0}
    shared = agree_on_names(
        {"rna": matrix(["Anxa2"], learned.names), "protein": matrix(["Newname", "Gfap"], MetNames())}
    )
    assert genes(shared) == [["Anxa2"], ["Anxa2", "Gfap"]]
    assert [count.item for count in shared["protein"].counts] == ["symbols known by their accession in another table"]
    assert shared["rna"].counts == ()


def test_a_symbol_that_two_tables_explain_differently_stays() -> None:
    tables = {name: matrix(["Newname"], MetNames({"Newname": gene})) for name, gene in (("a", "Anxa2"), ("b", "Gfap"))}
    assert genes(agree_on_names(tables)) == [["Newname"], ["Newname"]]


def test_a_synonym_that_one_table_keeps_stays_in_all() -> None:
    both = mapped([("row0", "Mettl7a", ""), ("row1", "Tmt1a", "")], "rat")
    alone = mapped([("row0", "Mettl7a", ""), ("row1", "Gfap", "")], "rat")
    assert both.names.kept == frozenset({"Mettl7a"})
    assert alone.names.replaced == {"row0": "Mettl7a"}
    tables = {"a": matrix(both.gene.tolist(), both.names), "b": matrix(alone.gene.tolist(), alone.names)}
    shared = agree_on_names(tables)
    assert genes(shared) == [["Mettl7a", "Tmt1a"], ["Mettl7a", "Gfap"]]
    assert [count.item for count in shared["b"].counts] == ["synonyms left as in another table"]


@pytest.mark.parametrize("species", ["human", "mouse", "rat"])
def test_synonyms_are_no_official_symbols(species: Species) -> None:
    known = load_identifiers(species)
    assert set(known.synonyms).isdisjoint(known.official)
    assert set(known.synonyms.values()) <= known.official
    assert len(known.accessions) > 0


@pytest.mark.public
@pytest.mark.parametrize(
    ("file", "species", "bounds"),
    [
        ("motrpac_rat_training/gastrocnemius_proteome_log2ratio.features.tsv.gz", "rat", (0.99, 0.04, 0.01)),
        ("motrpac_rat_training/scwat_rnaseq_counts.features.tsv.gz", "rat", (0.94, 0.05, 0.06)),
        ("tsumagari2023_mouse_ageing_brain/cortex.log2.tsv.gz", "mouse", (0.98, 0.05, 0.02)),
    ],
)
def test_most_rows_of_real_tables_get_an_official_symbol(
    file: str, species: Species, bounds: tuple[float, float, float], shared_data: Path
) -> None:
    table = pd.read_csv(shared_data / file, sep="\t", dtype=str, keep_default_na=False)
    none = pd.Series("", index=table.index, dtype=object)
    found = map_identifiers(tidy_symbols(table["gene_symbol"], none, species, "a"), none, species)
    held = found.gene[found.gene != ""]
    counts = counted(found)
    assert held.isin(load_identifiers(species).official).mean() > bounds[0]
    assert counts["synonyms replaced by the official symbol"] < bounds[1] * len(held)
    assert counts["symbols not in the reference tables"] < bounds[2] * len(held)


@pytest.mark.public
@pytest.mark.parametrize("write", [write_motrpac, write_tsumagari])
def test_tables_of_real_studies_share_no_fewer_rows(
    write: Callable[[Path, Path], Path], shared_data: Path, tmp_path: Path
) -> None:
    file = read_study_file(write(tmp_path, shared_data))
    read = {assay.name: read_assay(file.folder, assay, file.study.species) for assay in file.assay}
    named = agree_on_names(read)
    written = {name: _written_genes(file, name) for name in named}
    for one, other in permutations(named, 2):
        before = written[one].isin(set(written[other]) - {""}).sum()
        assert named[one].features["gene"].isin(set(named[other].features["gene"]) - {""}).sum() >= before


def _written_genes(file: StudyFile, name: str) -> pd.Series:
    assay = next(assay for assay in file.assay if assay.name == name)
    table = READERS["matrix"].read(file.folder / assay.file, assay, file.folder, None, name)
    return tidy_symbols(table.features["gene"], table.features["protein"], file.study.species, name).gene
