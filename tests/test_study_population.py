"""What a study must hold for population mode, and what is said of one that does not."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import organokine as ok
from organokine.errors import DataError, OrganokineError, StudyFileError
from organokine.references import load_references
from organokine.stages.population import gather_cohort, make_cohort
from tests.population_study import edit, write_small_population
from tests.small_study import write_small_study


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_population(tmp_path_factory.mktemp("template")).parent


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    for file in template.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path / "study.toml"


def message(path: Path) -> str:
    with pytest.raises(OrganokineError) as caught:
        ok.read_study(path)
    return str(caught.value)


def sheet_of(path: Path) -> pd.DataFrame:
    return pd.read_csv(path.parent / "samples.tsv", sep="\t", dtype=str)


def write_sheet(path: Path, sheet: pd.DataFrame) -> None:
    sheet.to_csv(path.parent / "samples.tsv", sep="\t", index=False)


def change_table(path: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    file = path.parent / name
    table = change(pd.read_csv(file, sep="\t"))
    text = table.to_csv(sep="\t", index=False)
    file.write_bytes(gzip.compress(text.encode(), mtime=0) if name.endswith(".gz") else text.encode())


def traits(path: Path, text: str) -> None:
    (path.parent / "traits.tsv").write_text(text, encoding="utf-8")


def test_a_population_is_read(path: Path) -> None:
    study = ok.read_study(path)
    assert study.traits.index.is_monotonic_increasing
    assert len(study.traits) == 40
    assert set(study.traits.dtypes) == {np.dtype("float64")}
    joins = study.joins.set_index(["assay", "item"])
    assert joins.loc[("study", "pairs of organs to be scored"), ["n", "of"]].tolist() == [2, 2]
    assert joins.loc[("study", "individuals with traits and organs"), "n"] == 40


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('pairs = [["muscle", "fta"]]', "no assay is of the organ 'fta'. A pair is asked of the assays of its organs. Write 'fat'"),
        ('pairs = [["muscle", "muscle"]]', "'muscle' is paired with itself"),
        ('pairs = [["muscle"]]', 'is no pair of organs. A pair has a sending and a receiving organ. Write pairs = [["liver"'),
        ('pairs = ["muscle", "fat"]', "'muscle' is no pair of organs"),
        ('pairs = [["muscle", "fat", "brain"]]', "is no pair of organs"),
        ("permutation = 9", "the key 'permutation' is unknown. A key that is not understood would be ignored in silence. Write 'permutations'"),
        ("permutations = 5", "5 does not fit"),
        ('statistic = "kendall"', "'kendall' is not one of bicor, pearson, spearman"),
        ("factors = []", "at least one number of factors is needed"),
        ('[[population.traits]]\nfiel = "x"', "[population.traits 1] fiel: the key 'fiel' is unknown. A key that is not understood would be ignored in silence. Write 'file'"),
    ],
)  # fmt: skip
def test_what_the_study_file_itself_shows(path: Path, keys: str, said: str) -> None:
    text = path.read_text(encoding="utf-8")
    start, end = text.index("covariates = "), text.index("[[assay]]")
    path.write_text(f"{text[:start]}{keys}\n{text[end:]}", encoding="utf-8")
    with pytest.raises(StudyFileError) as caught:
        ok.read_study(path)
    assert said in str(caught.value)


def test_organs_without_a_common_modality(path: Path) -> None:
    edit(path, 'organ = "fat"\nmodality = "protein"', 'organ = "fat"\nmodality = "rna"')
    said = message(path)
    assert "2 of 2 pairs of organs have no modality in common, first 'fat' (rna) and 'muscle' (protein)" in said
    assert "Write across_modalities = true" in said
    edit(path, "[population]", "[population]\nacross_modalities = true")
    assert ok.read_study(path).file.population.across_modalities


def test_one_organ_is_no_population(path: Path) -> None:
    edit(path, 'organ = "fat"', 'organ = "muscle"')
    assert "'muscle' alone" in message(path)


def test_what_the_sheet_does_not_have_is_told_at_once(path: Path) -> None:
    edit(
        path,
        'covariates = ["age"]',
        'covariates = ["agee", "sample"]\nsex = "gender"\nwithin = { sex = "female", diet = "HF" }',
    )
    said = message(path)
    assert (
        "the sample sheet has no column 'agee'. Groups and covariates are read from the sample sheet. Write 'age'"
        in said
    )
    assert "'sample' cannot be used here" in said
    assert "[population] sex, sample sheet samples.tsv: the sample sheet has no column 'gender'" in said
    assert "no sample has sex = 'female'" in said
    assert "the sample sheet has no column 'diet'" in said


def test_sexes_in_two_spellings(path: Path) -> None:
    sheet = sheet_of(path)
    sheet.loc[0, "sex"] = sheet.loc[0, "sex"].lower()
    write_sheet(path, sheet)
    assert "differ only in letter case" in message(path)


def test_a_sex_under_another_name_is_remarked_on(path: Path) -> None:
    write_sheet(path, sheet_of(path).rename(columns={"sex": "Gender"}))
    flags = ok.read_study(path).flags.set_index("flag")
    assert "write sex = 'Gender' in [population]" in flags.loc["sex_not_named", "detail"]


def test_an_individual_twice(path: Path) -> None:
    sheet = sheet_of(path)
    fat = sheet.index[sheet["assay"] == "fat_protein"]
    for column in ("subject", "sex", "age"):
        sheet.loc[fat[1], column] = sheet.loc[fat[0], column]
    write_sheet(path, sheet)
    said = message(path)
    assert f"[assay fat_protein]: 1 subjects have several samples: '{sheet.loc[fat[0], 'subject']}'" in said
    assert "with `within` in [population]" in said
    sheet["visit"] = "1"
    sheet.loc[fat[1], "visit"] = "2"
    write_sheet(path, sheet)
    edit(path, "[population]", '[population]\nwithin = { visit = "1" }')
    cohort = make_cohort(ok.read_study(path), load_references("mouse"))
    assert len(cohort.matrices["fat_protein"].individuals) == 39


def test_copies_are_named(path: Path) -> None:
    def copy(table: pd.DataFrame) -> pd.DataFrame:
        names = table.columns
        return table.assign(**{names[3]: table[names[2]], names[5]: table[names[2]]})

    change_table(path, "fat.tsv.gz", copy)
    said = message(path)
    assert "2 individuals have exactly the values of another" in said
    sheet = sheet_of(path)
    first = sheet.loc[sheet["assay"] == "fat_protein", "subject"].iloc[1]
    assert f"= {first}'" in said


TRAITS = [
    ("", "the file is empty"),
    ("subject\tinsulin\n", "the file has a header and no rows"),
    ("mouse\tinsulin\nM01\t3\n", "there is no column 'subject'"),
    ("subject\tinsulin\nM01\t3\nM01\t4\n", "1 individuals have several rows: 'M01'"),
    ("subject\tinsulin\nM01\t3\n\t4\n", "1 rows name no individual, first in line 3"),
    ("subject\tdiet\nM01\tchow\nM02\tHF\n", "no column holds numbers alone"),
    ("subject\tinsulin\nZ1\t3\nZ2\t4\n", "no individual of the traits is one of the assays ('Z1', 'Z2' against "),
    ("subject\tinsulin\nM01\tinf\nM02\t4\n", "1 traits have infinite values: 'insulin'"),
]


@pytest.mark.parametrize(("text", "said"), TRAITS, ids=[said[:30] for _, said in TRAITS])
def test_traits_that_cannot_be_used(path: Path, text: str, said: str) -> None:
    traits(path, text)
    assert said in message(path)


def test_traits_that_are_named(path: Path) -> None:
    name = sheet_of(path)["subject"].iloc[0]
    edit(path, 'file = "traits.tsv"', 'file = "traits.tsv"\nvalues = ["insulin", "diet", "glucos"]')
    traits(path, f"subject\tinsulin\tdiet\tglucose\n{name}\t3\tchow\t5\n")
    assert "there is no column 'glucos'" in message(path)
    edit(path, '"glucos"', '"glucose"')
    said = message(path)
    assert "traits.tsv diet: 1 values are no numbers, first 'chow' in line 2" in said
    edit(path, '"insulin", "diet", "glucose"', '"insulin"')
    study = ok.read_study(path)
    assert study.traits.columns.tolist() == ["insulin"]
    counted = study.joins.set_index("item")
    assert counted.loc["traits.tsv: columns that are no traits", ["n", "of"]].tolist() == [2, 3]


def test_traits_that_are_missing_or_stand_twice(path: Path) -> None:
    edit(path, 'file = "traits.tsv"', 'file = "traits.tsv"\n\n[[population.traits]]\nfile = "more.tsv"')
    assert "more.tsv" in message(path)
    (path.parent / "more.tsv").write_bytes((path.parent / "traits.tsv").read_bytes())
    assert "stands in 'traits.tsv' too" in message(path)
    (path.parent / "more.tsv").write_bytes(b"\x1f\x8b\x08broken")
    assert "more.tsv" in message(path)


def test_too_few_individuals_are_a_warning(path: Path) -> None:
    sheet = sheet_of(path)
    fat = sheet["assay"] == "fat_protein"
    sheet.loc[fat, "subject"] = "other " + sheet.loc[fat, "subject"]
    write_sheet(path, sheet)
    edit(path, '[[population.traits]]\nfile = "traits.tsv"\n', "")
    flags = ok.read_study(path).flags.set_index("flag")
    assert "no pair of organs has 20 individuals in common" in flags.loc["too_few_individuals", "detail"]


def test_a_cohort_is_what_the_study_holds(path: Path) -> None:
    edit(path, 'covariates = ["age"]', 'covariates = ["C(age)"]')
    study = ok.read_study(path)
    gathered = gather_cohort(study, load_references("mouse"))
    cohort = gathered.cohort
    assert list(cohort.matrices) == ["muscle_protein", "fat_protein"]
    for name, matrix in cohort.matrices.items():
        adata = study.assays[name]
        assert matrix.individuals.index.tolist() == sorted(adata.obs["subject"])
        assert matrix.values.shape == (len(matrix.genes), 40)
        assert len(set(matrix.genes)) == len(matrix.genes)
        assert matrix.individuals["age"].map(type).eq(str).all(), "C(age) is a label"
        # The shift of a sample is one number: differences between genes stay.
        sample = adata.obs_names[adata.obs["subject"] == matrix.individuals.index[3]][0]
        raw = pd.Series(adata[sample].X.ravel(), index=adata.var["gene"]).loc[list(matrix.genes)].to_numpy()
        assert np.ptp(matrix.values[:, 3] - raw) == pytest.approx(0, abs=1e-9)
    assert cohort.options.covariates == ("age",)
    weights = study.file.ranking.route_weights
    assert (cohort.routes["secreted"] == (cohort.routes["route"].map(weights) > 0)).all()
    assert 0 < cohort.routes["secreted"].sum() < len(cohort.routes)
    assert cohort.traits.index.tolist() == cohort.matrices["fat_protein"].individuals.index.tolist()
    counted = gathered.joins.set_index(["assay", "item"])
    assert counted.loc[("muscle_protein", "genes with a secretion route"), "n"] > 0


def test_genes_that_are_left_out_are_counted(path: Path) -> None:
    def thin(table: pd.DataFrame) -> pd.DataFrame:
        table.iloc[0, 3:] = np.nan
        table.iloc[1, 1:] = 5.0
        return table

    change_table(path, "fat.tsv.gz", thin)
    gathered = gather_cohort(ok.read_study(path), load_references("mouse"))
    counted = gathered.joins.set_index(["assay", "item"])
    assert counted.loc[("fat_protein", "genes with too_few_values"), "n"] == 1
    assert counted.loc[("fat_protein", "genes with constant"), "n"] == 1


def nameless_and_twice(table: pd.DataFrame) -> pd.DataFrame:
    table.loc[0, ["protein", "gene"]] = ["unknown", ""]
    table.loc[1, "gene"] = table.loc[2, "gene"]
    return table


def test_beside_a_contrast_its_factor_is_a_covariate(tmp_path: Path) -> None:
    path = write_small_study(tmp_path)
    edit(path, "[contrast]", '[population]\npairs = [["muscle", "cerebellum"]]\n\n[contrast]')
    change_table(path, "muscle protein.tsv", nameless_and_twice)
    gathered = gather_cohort(ok.read_study(path), load_references("mouse"))
    cohort = gathered.cohort
    counted = gathered.joins.set_index(["assay", "item"])["n"]
    assert counted["muscle_protein", "rows without a gene"] == 1
    assert counted["muscle_protein", "rows beside the one of their gene"] == 1
    assert len(cohort.matrices["muscle_protein"].genes) == 58
    assert cohort.factor == "group"
    assert set(cohort.matrices) == {"muscle_protein", "muscle_rna", "cerebellum_protein", "cerebellum_rna"}


def test_without_the_section_there_is_no_cohort(tmp_path: Path) -> None:
    study = ok.read_study(write_small_study(tmp_path))
    with pytest.raises(DataError, match=r"\[population\] is absent"):
        make_cohort(study, load_references("mouse"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("F", "female", "values mean the same sex: 'F' and 'female'"), ("F", "all", "a sex is called 'all'")],
)
def test_a_sex_is_written_in_one_way_and_not_as_all_individuals(path: Path, old: str, new: str, said: str) -> None:
    sheet = sheet_of(path)
    first = sheet["subject"] == sheet.loc[sheet["sex"] == old, "subject"].iloc[0]
    write_sheet(path, sheet.assign(sex=sheet["sex"].where(~first, new)))
    assert said in message(path)


def test_the_individual_is_no_covariate(path: Path) -> None:
    edit(path, 'covariates = ["age"]', 'covariates = ["subject"]')
    assert "'subject' cannot be used here" in message(path)


def test_individuals_without_a_covariate_are_not_counted_on(path: Path) -> None:
    write_sheet(path, sheet_of(path).assign(age=""))
    flags = ok.read_study(path).flags
    assert flags.loc[flags["flag"] == "too_few_individuals", "detail"].str.contains("all covariates").any()
