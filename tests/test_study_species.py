"""Tables of another species are refused and name it; right ones, mixtures and panels are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from organokine.cli import status
from organokine.errors import DataError, first_examples
from organokine.readers import RawMatrix
from organokine.references import load_identifiers
from organokine.references.registry import read_table, registry
from organokine.references.species_names import telling_symbols
from organokine.study import read_study
from organokine.study_file_base import Species
from organokine.study_file_reader import read_study_file
from organokine.study_species import LEAST_FOREIGN, check_species, foreign_identifiers, foreign_symbols
from tests.public_studies import write_motrpac, write_tsumagari
from tests.small_study import write_small_study

SPECIES = get_args(Species)
WRONG = [(species, declared) for species in SPECIES for declared in SPECIES if species != declared]


def official(species: Species) -> list[str]:
    """Symbols of all genes of a species, as in an embedded list."""
    entry = next(entry for entry in registry() if entry.name == f"accessions_{species}")
    return sorted(read_table(entry)["symbol"])


def drawn(species: Species, n: int, seed: int) -> list[str]:
    return list(np.random.default_rng(seed).choice(official(species), n, replace=False))


@pytest.mark.parametrize("species", SPECIES)
def test_a_right_table_is_never_accused_and_letter_case_does_not_matter(species: Species) -> None:
    for seed, n in enumerate((20, 200, 2000, 10_000)):
        symbols = drawn(species, n, seed)
        for written in (symbols, [name.upper() for name in symbols], [name.capitalize() for name in symbols]):
            assert foreign_symbols(species, written) is None


@pytest.mark.parametrize(("species", "declared"), WRONG)
def test_a_foreign_table_is_told_by_its_symbols(species: Species, declared: Species) -> None:
    for seed in range(3):
        found = foreign_symbols(declared, drawn(species, 2000, seed))
        assert found is not None
        assert found.species == species
        assert found.n_foreign > 10 * found.n_own


def test_what_tells_two_species_apart_is_of_one_only() -> None:
    mouse = telling_symbols("mouse", "rat")
    assert not mouse.own & mouse.other
    assert mouse == telling_symbols("rat", "mouse")[::-1]
    synonyms = {name.lower() for name in load_identifiers("rat").synonyms}
    known_to_rat = {name for name in mouse.own if name in synonyms}
    assert all(load_identifiers("rat").spelt.get(name, name) not in mouse.other for name in known_to_rat)
    assert not any(name.startswith(("mir1", "let7")) for name in mouse.own | mouse.other)


def test_few_foreign_symbols_and_mixtures_are_let_pass() -> None:
    foreign = sorted(telling_symbols("mouse", "rat").other)
    own = sorted(telling_symbols("mouse", "rat").own)
    assert foreign_symbols("mouse", foreign[: LEAST_FOREIGN - 1]) is None
    assert foreign_symbols("mouse", ["", *foreign[:LEAST_FOREIGN]]) == (
        "rat",
        10,
        0,
        first_examples(foreign[:LEAST_FOREIGN]),
    )
    assert foreign_symbols("mouse", [*foreign[:20], *own[:10]]) is None, "a third is of the declared species"
    assert foreign_symbols("mouse", [*foreign[:20], *own[:9]]) is not None
    assert foreign_symbols("mouse", []) is None


@pytest.mark.parametrize(
    ("declared", "identifiers", "species"),
    [
        ("mouse", [f"ENSRNOG{place:011d}" for place in range(30)], "rat"),
        ("mouse", [f"ENSG{place:011d}.4" for place in range(30)], "human"),
        ("human", [f"ENSMUST{place:011d}" for place in range(30)], "mouse"),
        ("rat", [f"sp|P{place:05d}|K{place}_MOUSE" for place in range(30)], "mouse"),
        ("mouse", [f"ENSMUSG{place:011d}" for place in range(30)], None),
        ("human", [f"ENSG{place:011d}" for place in range(30)], None),
        ("mouse", [f"K{place}_HUMAN" for place in range(30)] + [f"M{place}_MOUSE" for place in range(300)], None),
        ("mouse", [f"K{place}_HUMAN" for place in range(9)], None),
        ("mouse", [f"batch_RATIO {place}" for place in range(30)] + [f"FROM_RATS {place}" for place in range(30)], None),
    ],
)  # fmt: skip
def test_identifiers_name_their_species(declared: Species, identifiers: list[str], species: str | None) -> None:
    found = foreign_identifiers(declared, identifiers)
    assert (None if found is None else found.species) == species


def matrix(index: list[str], gene: list[str], reader: str = "memory") -> RawMatrix:
    features = pd.DataFrame({"gene": gene}, index=pd.Index(index, dtype=object))
    return RawMatrix(pd.DataFrame(0.0, index=features.index, columns=["s"]), features, "log2", reader=reader)


def test_every_assay_is_looked_at_and_panels_are_not(tmp_path: Path) -> None:
    file = read_study_file(write_small_study(tmp_path))
    names = [f"row{place}" for place in range(3000)]
    rat, mouse = (matrix(names, drawn(name, 3000, 1)) for name in ("rat", "mouse"))
    by_identifier = matrix([f"ENSRNOG{place:011d}" for place in range(30)], ["Anxa2"] * 30)
    tables = {"muscle_protein": rat, "muscle_rna": mouse, "cerebellum_protein": replace(rat, reader="somascan")}
    found = list(check_species(file, tables | {"cerebellum_rna": by_identifier}))
    assert [problem.where.split("]")[0] for problem in found] == ["[assay muscle_protein", "[assay cerebellum_rna"]
    assert "of the symbols that tell mouse from rat" in found[0].what
    assert "of the identifiers that tell mouse from rat, 30 are of rat ('ENSRNOG00000000000'" in found[1].what
    assert all("species = 'rat'" in problem.remedy for problem in found)


def test_check_says_it_for_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = write_small_study(tmp_path)
    path = tmp_path / "muscle_rna.tsv"
    table = pd.read_csv(path, sep="\t").assign(
        gene=lambda table: [f"ENSRNOG{place:011d}" for place in range(len(table))]
    )
    table.to_csv(path, sep="\t", index=False)
    assert status(["check", str(study)]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "[assay muscle_rna] muscle_rna.tsv: of the identifiers that tell mouse from rat, 60 are of rat" in said


REAL = {
    "rat": ("gastrocnemius_proteome_log2ratio", "gastrocnemius_rnaseq_counts", "scwat_proteome_log2ratio", "scwat_rnaseq_counts"),
    "mouse": ("proteomics_liver", "proteomics_plasma"),
}  # fmt: skip
FOLDERS = {"rat": "motrpac_rat_training", "mouse": "prometis_mouse_liver_plasma"}


@pytest.mark.public
@pytest.mark.parametrize(("species", "stem"), [(name, stem) for name, stems in REAL.items() for stem in stems])
def test_real_tables_are_told_and_not_accused(species: Species, stem: str, shared_data: Path) -> None:
    table = pd.read_csv(shared_data / FOLDERS[species] / f"{stem}.features.tsv.gz", sep="\t", dtype=str)
    symbols = table["gene_symbol"].dropna().tolist()
    assert foreign_symbols(species, symbols) is None
    for declared in SPECIES:
        if declared != species:
            found = foreign_symbols(declared, symbols)
            assert found is not None
            assert found.species == species


@pytest.mark.public
@pytest.mark.parametrize(
    ("write", "species", "declared", "n"),
    [(write_tsumagari, "mouse", "rat", 2), (write_tsumagari, "mouse", "human", 2), (write_motrpac, "rat", "mouse", 4)],
)
def test_a_real_study_under_another_species_is_refused(
    write, species: str, declared: str, n: int, shared_data: Path, tmp_path: Path
) -> None:  # fmt: skip
    path = write(tmp_path, shared_data)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'species = "{species}"', f'species = "{declared}"'), encoding="utf-8")
    with pytest.raises(DataError) as found:
        read_study(path)
    assert len(found.value.problems) == n
    assert all(f"that tell {declared} from {species}" in problem.what for problem in found.value.problems)
