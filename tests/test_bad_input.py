"""Every malformed input gives one message that names the culprit, says why it matters and what to do, and writes nothing."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine import cli
from organokine.errors import DataError, OrganokineError, StudyFileError
from organokine.study import read_study
from tests.small_study import write_small_study

MUSCLE = "muscle protein.tsv"
MUSCLE_RNA = "muscle_rna.tsv"


@dataclass(frozen=True)
class Case:
    """One way to spoil the small study, and what the message must say."""

    name: str
    mutate: Callable[[Path], None]
    expected: str
    error: type[OrganokineError] = DataError


def replace(file: str, old: str, new: str, count: int = -1) -> Callable[[Path], None]:
    def mutate(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, count), encoding="utf-8")

    return mutate


def edit(file: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    def mutate(folder: Path) -> None:
        frame = pd.read_csv(folder / file, sep="\t", dtype=str, keep_default_na=False)
        change(frame).to_csv(folder / file, sep="\t", index=False)

    return mutate


def recode(file: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def mutate(folder: Path) -> None:
        (folder / file).write_bytes(change((folder / file).read_bytes()))

    return mutate


def content(file: str, data: bytes) -> Callable[[Path], None]:
    return recode(file, lambda _: data)


def together(*mutations: Callable[[Path], None]) -> Callable[[Path], None]:
    def mutate(folder: Path) -> None:
        for mutation in mutations:
            mutation(folder)

    return mutate


def cell(row: int, column: str, value: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        changed = frame.copy()
        changed.loc[row, column] = value
        return changed

    return change


def column(name: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.assign(**{name: value})


def remove(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def replace_by_folder(file: str) -> Callable[[Path], None]:
    def mutate(folder: Path) -> None:
        (folder / file).unlink()
        (folder / file).mkdir()

    return mutate


def latin_1(file: str) -> Callable[[Path], None]:
    def mutate(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8").replace("Anxa2", "Anxa2µ").replace("aged", "agé")
        (folder / file).write_bytes(text.encode("latin-1"))

    return mutate


def one_column(folder: Path) -> None:
    text = (folder / MUSCLE).read_text(encoding="utf-8")
    (folder / MUSCLE).write_text(text.replace("\t", " "), encoding="utf-8")


def broken_gzip(folder: Path) -> None:
    packed = gzip.compress((folder / MUSCLE).read_bytes())
    (folder / MUSCLE).write_bytes(packed[: len(packed) // 2])


def workbook(formula: str) -> Callable[[Path], None]:
    """The table as a workbook with a formula that no program has calculated; a wrong XML entity if there is no formula."""

    def mutate(folder: Path) -> None:
        frame = pd.read_csv(folder / MUSCLE, sep="\t", dtype={"gene": object})
        if formula != "":
            frame = frame.astype({"mu_protein_m01": object})
            frame.loc[2, "mu_protein_m01"] = formula
        path = folder / "t.xlsx"
        frame.to_excel(path, index=False)
        (folder / MUSCLE).write_bytes(path.read_bytes() if formula != "" else with_broken_sheet(path.read_bytes()))
        path.unlink()

    return mutate


def with_broken_sheet(book: bytes) -> bytes:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data.replace(b"</row>", b"</r>") if name.endswith("sheet1.xml") else data)
    return changed.getvalue()


def long_name(folder: Path) -> None:
    study('file = "muscle protein.tsv"', f'file = "{"x" * 300}.tsv"')(folder)


def duplicate_column(folder: Path) -> None:
    replace(MUSCLE, "mu_protein_m02", "mu_protein_m01", 1)(folder)


def long_line(folder: Path) -> None:
    lines = (folder / MUSCLE).read_text(encoding="utf-8").splitlines()
    lines[4] += "\t1.5"
    (folder / MUSCLE).write_text("\n".join(lines), encoding="utf-8")


def sheet(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    return edit("samples.tsv", change)


def only_one_aged(frame: pd.DataFrame) -> pd.DataFrame:
    dropped = frame["assay"].eq("muscle_protein") & frame["group"].eq("aged") & frame["subject"].ne("m12")
    return frame[~dropped]


def other_genes(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(gene=[f"Unknown{number}" for number in range(len(frame))])


def missing_sex(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(sex=frame["sex"].where(frame["subject"] != "m03", ""))


def other_group_in_rna(frame: pd.DataFrame) -> pd.DataFrame:
    swapped = {"m01": "aged", "m07": "young"}
    is_rna = frame["assay"] == "muscle_rna"
    return frame.assign(group=frame["group"].mask(is_rna, frame["subject"].map(swapped).fillna(frame["group"])))


def silent_sample(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(mu_protein_m05="")


def all_zero(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**dict.fromkeys((name for name in frame.columns if name.startswith("mu_")), "0"))


def without_sample_names(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(sample=[f"unknown_{number}" for number in range(len(frame))])


SECOND_ASSAY = '\n[[assay]]\nname = "{name}"\norgan = "muscle"\nmodality = "protein"\nfile = "muscle protein.tsv"\n'
ARM = '\n[[perturbation]]\nname = "AAV"\ngene = "Anxa2"\nkind = "{kind}"\nassay = "{assay}"\nfactor = "group"\ncase = "aged"\ncontrol = "{control}"\n'


def append(text: str) -> Callable[[Path], None]:
    def mutate(folder: Path) -> None:
        path = folder / "study.toml"
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return mutate


def study(old: str, new: str) -> Callable[[Path], None]:
    return replace("study.toml", old, new, 1)


CASES: list[Case] = [
    Case("study file absent", remove("study.toml"), r"study\.toml: the study file does not exist", StudyFileError),
    Case("study file empty", content("study.toml", b"\n"), r"study\.toml: the study file is empty", StudyFileError),
    Case("study file is a folder", replace_by_folder("study.toml"), r"study\.toml: it is a folder", StudyFileError),
    Case("study file not UTF-8", latin_1("study.toml"), r"study\.toml: line 8 is not UTF-8", StudyFileError),
    Case("broken TOML", study('species = "mouse"', "species = mouse"), r"not valid TOML: .*line 3", StudyFileError),
    Case("key twice", study('species = "mouse"', 'name = "again"'), r"not valid TOML: .*line 3", StudyFileError),
    Case("unknown key", study("covariates", "covariate"), r"\[contrast\] covariate: .*'covariates'", StudyFileError),
    Case("unknown section", append("\n[axes]\nsource = 'a'\n"), r"\[axes\].*unknown.*'axis'", StudyFileError),
    Case("missing key", study('species = "mouse"\n', ""), r"\[study\] species: 'species' is missing", StudyFileError),
    Case("unknown species", study('"mouse"', '"mouze"'), r"\[study\] species: 'mouze' .*'mouse'", StudyFileError),
    Case("number for text", study('"aged"', "24"), r"\[contrast\] case: 24 is not text.*quotes", StudyFileError),
    Case("negative seed", study("[contrast]", "seed = -1\n[contrast]"), r"\[study\] seed: -1", StudyFileError),
    Case("single brackets", study("[[assay]]", "[assay]"), r"not valid TOML", StudyFileError),
    Case("unknown weight", append("[ranking.route_weights]\nclasical = 1.0\n"), r"\[ranking\].*'clasical'", StudyFileError),
    Case("assay name twice", append(SECOND_ASSAY.format(name="muscle_rna")), r"second assay is called 'muscle_rna'", StudyFileError),
    Case("second assay of an organ", append(SECOND_ASSAY.format(name="again")), r"\[assay 5\]: 'again' is a second protein", StudyFileError),
    Case("unknown organ", study('source = "muscle"', 'source = "mussle"'), r"\[axis\] source: .*'mussle'.*'muscle'", StudyFileError),
    Case("plasma as source", study('source = "muscle"', 'source = "plasma"'), r"'plasma' cannot be the source", StudyFileError),
    Case("organ to itself", study('target = "cerebellum"', 'target = "muscle"'), r"source and target are both 'muscle'", StudyFileError),
    Case("case is control", study('"young"', '"aged"'), r"case and control are both 'aged'", StudyFileError),
    Case("arm without assay", append(ARM.format(kind="gain", assay="aav", control="young")), r"no assay is called 'aav'", StudyFileError),
    Case("unknown kind of arm", append(ARM.format(kind="gane", assay="muscle_rna", control="young")), r"'gane' .*'gain'", StudyFileError),
    Case("unknown format", study('modality = "rna"', 'modality = "rna"\nformat = "matrx"'), r"no reader is called 'matrx'.*'matrix'"),
    Case("table absent", remove(MUSCLE), r"\[assay muscle_protein\] muscle protein\.tsv: the file .* does not exist"),
    Case("table empty", content(MUSCLE, b""), r"muscle protein\.tsv: the file is empty"),
    Case("table with a header only", content(MUSCLE, b"protein\tgene\tmu_protein_m01\n"), r"a header and no rows"),
    Case("wrong delimiter", one_column, r"only one column was found"),
    Case("table not UTF-8", latin_1(MUSCLE), r"muscle protein\.tsv: line 2 is not UTF-8 text.*Save the table as UTF-8"),
    Case("damaged gzip", broken_gzip, r"compressed file is damaged"),
    Case("old Excel", content(MUSCLE, b"\xd0\xcf\x11\xe0" + bytes(600)), r"old Excel format"),
    Case("damaged workbook", content(MUSCLE, b"PK\x03\x04" + bytes(600)), r"workbook is damaged and cannot be opened"),
    Case("workbook with damaged XML", workbook(""), r"workbook is damaged and cannot be opened"),
    Case("formulas never calculated", workbook("=1+20"), r"1 cells hold a formula without its result, first D4.*Open and save it in Excel"),
    Case("name too long for a file", long_name, r"the file 'x+\.tsv' does not exist"),
    Case("quote never closed", replace(MUSCLE, "Il6", '"Il6', 1), r"1 lines have a cell that begins with a quotation mark.*first line 3: .*Il6"),
    Case("text after a closing quote", replace(MUSCLE, "Il6", '"Il" 6', 1), r"first line 3: "),
    Case("line break in quotes", replace(MUSCLE, "Il6", '"Il\n6"', 1), r"1 lines have a cell.*first line 3: .*Il"),
    Case("quote never closed in the sheet", replace("samples.tsv", "female", '"female', 1), r"sample sheet samples\.tsv: 1 lines have a cell that begins with a quotation mark.*first line 2"),
    Case("damaged Parquet", content(MUSCLE, b"PAR1" + bytes(600)), r"Parquet file cannot be opened"),
    Case("line longer than the header", long_line, r"1 lines have more cells.*first line 5"),
    Case("sample column twice", duplicate_column, r"more than once: 'mu_protein_m01'"),
    Case("text in numbers", edit(MUSCLE, cell(3, "mu_protein_m04", "n/d")), r"1 cells are no numbers, first 'n/d in row Q10004, column mu_protein_m04'"),
    Case("thousands separator", edit(MUSCLE, cell(3, "mu_protein_m04", "1,234")), r"'1,234 in row"),
    Case("infinite value", edit(MUSCLE, cell(0, "mu_protein_m01", "-inf")), r"1 values are infinite.*Q10001, column mu_protein_m01"),
    Case("negative intensities", together(study('modality = "protein"', 'modality = "protein"\nscale = "linear"'), edit(MUSCLE, cell(0, "mu_protein_m01", "-5.5"))), r"1 values are negative.*'linear'"),
    Case("negative counts", together(study('modality = "rna"', 'modality = "rna"\nscale = "counts"'), edit(MUSCLE_RNA, cell(2, "mu_rna_m03", "-7"))), r"1 values are negative.*'counts'"),
    Case("infinite count", edit(MUSCLE_RNA, cell(2, "mu_rna_m03", "inf")), r"1 values are infinite.*row Fndc5, column mu_rna_m03"),
    Case("count beyond whole numbers", edit(MUSCLE_RNA, cell(2, "mu_rna_m03", "18446744073709551616")), r"1 counts are above 2 to the power of 53.*row Fndc5, column mu_rna_m03"),
    Case("count beyond any number", edit(MUSCLE_RNA, cell(2, "mu_rna_m03", "1e400")), r"1 cells are no numbers, first '1e400 in row Fndc5, column mu_rna_m03"),
    Case("one negative count", edit(MUSCLE_RNA, cell(2, "mu_rna_m03", "-7")), r"1 values are negative.*row Fndc5, column mu_rna_m03.*'counts'"),
    Case("one linear value among log2", edit(MUSCLE, cell(1, "mu_protein_m02", "345678.5")), r"1 values are above 100, first at 'row Q10002, column mu_protein_m02'.*scale"),
    Case("all zeros", edit(MUSCLE, all_zero), r"muscle protein\.tsv: no value is other than zero or missing"),
    Case("zeros kept on a linear scale", study('modality = "protein"', 'modality = "protein"\nscale = "linear"\nzeros = "value"'), r"zeros = .value. cannot hold"),
    Case("named column absent", study('gene = "gene"', 'gene = "gen"'), r"columns\.gene: there is no column 'gen'.*'gene'"),
    Case("file of features absent", study('modality = "rna"', 'modality = "rna"\nfeatures = "f.tsv"'), r"muscle_rna\.tsv features: the file 'f\.tsv'"),
    Case("sample without a value", edit(MUSCLE, silent_sample), r"1 samples have no value at all: 'mu_protein_m05'"),
    Case("no gene in common", together(edit(MUSCLE, other_genes), edit(MUSCLE_RNA, other_genes)), r"no gene in common.*columns = \{ gene = \.\.\. \}.*features = "),
    Case("sheet absent", remove("samples.tsv"), r"sample sheet samples\.tsv: the file .* does not exist"),
    Case("sheet without subjects", replace("samples.tsv", "subject", "subjekt", 1), r"no column 'subject'.*Rename 'subjekt'"),
    Case("key column in two spellings", sheet(lambda frame: frame.assign(Assay=frame["assay"])), r"differ only in letter case: 'assay', 'Assay'"),
    Case("comma of unknown meaning", sheet(lambda frame: frame.assign(weight=np.where(frame["subject"] == "m02", "1,250", "7"))), r"samples\.tsv weight: 4 values have a comma, first '1,250' in line 3"),
    Case("no column of identifiers", edit(MUSCLE_RNA, lambda frame: frame.drop(columns="gene")), r"first column 'mu_rna_m01' is a sample.*columns = \{ id = "),
    Case("subject empty", sheet(cell(0, "subject", "")), r"1 rows have no subject, first in line 2"),
    Case("sample twice in the sheet", sheet(lambda frame: pd.concat([frame, frame.iloc[[3]]])), r"more than once: 'mu_protein_m04'"),
    Case("unknown assay in the sheet", sheet(lambda frame: frame.replace({"assay": {"muscle_rna": "muscle_rnas"}})), r"not in the study file: 'muscle_rnas'.*'muscle_rna'(.|\n)*have no row: 'muscle_rna'"),
    Case("no sample matches", sheet(without_sample_names), r"none of the 12 samples .*'unknown_0'.*'mu_protein_m01'"),
    Case("factor absent", study('factor = "group"', 'factor = "groups"'), r"no column 'groups'.*'group'"),
    Case("level absent", study('case = "aged"', 'case = "agd"'), r"no sample has group = 'agd'.*'aged'"),
    Case("level that means missing", together(study('control = "young"', 'control = "none"'), replace("samples.tsv", "young", "none")), r"no sample has group = 'none': the sample sheet reads 'none' as a missing value.*another name"),
    Case("factor is a key column", study('factor = "group"', 'factor = "sample"'), r"\[contrast\] factor: 'sample' cannot be used here"),
    Case("covariate is a key column", study('["sex"]', '["assay"]'), r"\[contrast\] covariates: 'assay' cannot be used here"),
    Case("levels alike but for case", sheet(lambda frame: frame.replace({"group": {"aged": "Aged"}}).mask(frame["subject"].eq("m12") & frame["group"].eq("aged"), frame)), r"sample sheet group: 2 values of 'group' differ only.*'Aged' and 'aged'"),
    Case("covariate levels alike but for an invisible sign", sheet(lambda frame: frame.assign(sex=frame["sex"].mask(frame["subject"].eq("m02"), "ma\u200ble"))), r"sample sheet sex: 2 values of 'sex'.*'male' and 'ma\\u200ble'"),
    Case("covariate infinite", together(study('["sex"]', '["weight"]'), sheet(lambda frame: frame.assign(weight=np.where(frame["subject"] == "m02", "inf", "7.5")))), r"sample sheet weight: the covariate 'weight' is infinite in 4 samples: 'mu_protein_m02'"),
    Case("covariate absent", study('["sex"]', '["sexx"]'), r"no column 'sexx'.*'sex'"),
    Case("covariate missing in a sample", sheet(missing_sex), r"'sex' is missing in 1 samples: 'mu_protein_m03'"),
    Case("covariate constant", sheet(column("sex", "male")), r"\[assay muscle_protein\]: .*'sex=male'"),
    Case("covariate confounded", sheet(lambda frame: frame.assign(sex=np.where(frame["group"] == "aged", "male", "female"))), r"cannot tell apart .*'sex=male'"),
    Case("one sample per group", sheet(only_one_aged), r"only 1 of group = 'aged'"),
    Case("within leaves nothing", study('covariates = ["sex"]', 'within = { batch = "b3" }'), r"no sample has batch = 'b3'"),
    Case("animal twice in an assay", sheet(lambda frame: frame.replace({"subject": {"m02": "m01"}})), r"1 subjects have several samples: 'm01'"),
    Case("animal in two groups", sheet(other_group_in_rna), r"2 subjects have several values of 'group', first 'm01'"),
    Case("phenotype file absent", append('\n[[phenotype]]\nname = "r"\ntest = "rotarod"\nfile = "r.tsv"\n'), r"\[phenotype r\] r\.tsv: the file 'r\.tsv'"),
]  # fmt: skip


@pytest.fixture
def small_study(tmp_path: Path) -> Path:
    return write_small_study(tmp_path / "a study")


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_named_explained_and_leaves_nothing(
    case: Case, small_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case.mutate(small_study.parent)
    before = files_of(tmp_path)
    with pytest.raises(case.error) as caught:
        read_study(small_study)
    assert re.search(case.expected, str(caught.value)) is not None, str(caught.value)
    for problem in caught.value.problems:
        parts = (problem.where, problem.what, problem.why, problem.remedy)
        assert all(part.strip() != "" for part in parts), problem
    assert cli.status(["run", str(small_study), "--out", str(tmp_path / "results")]) == 1
    said = capsys.readouterr()
    assert said.err.strip() == str(caught.value).strip(), "the message alone, no traceback"
    assert said.out == ""
    assert files_of(tmp_path) == before


def test_the_unspoilt_study_reads(small_study: Path) -> None:
    assert {name: data.shape for name, data in read_study(small_study).assays.items()} == dict.fromkeys(
        ("muscle_protein", "muscle_rna", "cerebellum_protein", "cerebellum_rna"), (12, 60)
    )


def test_all_problems_of_a_study_are_told_at_once(small_study: Path) -> None:
    folder = small_study.parent
    edit(MUSCLE, cell(0, "mu_protein_m01", "inf"))(folder)
    remove("cerebellum_rna.tsv")(folder)
    sheet(cell(0, "subject", ""))(folder)
    with pytest.raises(DataError) as caught:
        read_study(small_study)
    message = str(caught.value)
    for culprit in ("no subject", "infinite, first at 'row Q10001", "cerebellum_rna.tsv"):
        assert culprit in message


def test_all_problems_of_a_study_file_are_told_at_once(small_study: Path) -> None:
    folder = small_study.parent
    study('species = "mouse"', 'specis = "mouse"')(folder)
    study('case = "aged"', "case = 1")(folder)
    with pytest.raises(StudyFileError) as caught:
        read_study(small_study)
    assert [problem.where for problem in caught.value.problems] == [
        "study.toml [study] species",
        "study.toml [study] specis",
        "study.toml [contrast] case",
    ]


BYTE_ORDER_MARK = b"\xef\xbb\xbf"
HARMLESS: dict[str, Callable[[Path], None]] = {
    "byte order mark": recode(MUSCLE, lambda data: BYTE_ORDER_MARK + data),
    "Windows line ends": recode(MUSCLE, lambda data: data.replace(b"\n", b"\r\n")),
    "gzip without the ending": recode(MUSCLE, gzip.compress),
    "study file from Windows": recode("study.toml", lambda data: BYTE_ORDER_MARK + data.replace(b"\n", b"\r\n")),
    "sample sheet from Windows": recode("samples.tsv", lambda data: BYTE_ORDER_MARK + data.replace(b"\n", b"\r\n")),
    "quoted cells": replace(MUSCLE, "Il6", '"Il6"'),
    "comment above the header": recode(MUSCLE, lambda data: b'# Program:x v2.0; Command:"x" "-a"\n' + data),
    "spaces around levels": replace("samples.tsv", "aged", " aged "),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_dirt_changes_nothing(name: str, small_study: Path) -> None:
    clean = read_study(small_study)
    HARMLESS[name](small_study.parent)
    dirty = read_study(small_study)
    for assay, data in clean.assays.items():
        np.testing.assert_array_equal(dirty.assays[assay].X, data.X)
        pd.testing.assert_frame_equal(dirty.assays[assay].obs, data.obs)
        pd.testing.assert_frame_equal(dirty.assays[assay].var, data.var)


def test_html_in_a_gene_name_is_kept_as_it_is(small_study: Path) -> None:
    markup = "<img src=x onerror=alert(1)>"
    edit(MUSCLE, cell(0, "gene", markup))(small_study.parent)
    data = read_study(small_study).assays["muscle_protein"]
    assert data.var["gene"].iloc[0] == markup


def test_a_feature_without_values_and_a_constant_one_are_read(small_study: Path) -> None:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        changed = frame.copy()
        samples = [name for name in frame.columns if name.startswith("mu_")]
        changed.loc[0, samples] = "NA"
        changed.loc[1, samples] = "20"
        return changed

    edit(MUSCLE, change)(small_study.parent)
    study_read = read_study(small_study)
    data = study_read.assays["muscle_protein"]
    assert np.isnan(data.X[:, 0]).all()
    assert (data.X[:, 1] == 20).all()
    joins = study_read.joins.set_index(["assay", "item"])
    assert joins.loc[("muscle_protein", "features without a value"), "n"] == 1


def test_subjects_that_look_alike_are_flagged(small_study: Path) -> None:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        is_rna = frame["assay"].eq("muscle_rna")
        other = frame["subject"].replace({"m01": "M1", "m02": "m02\u200b", "m10": "m010"})
        return frame.assign(subject=frame["subject"].where(~is_rna, other))

    assert "subjects_look_alike" not in set(read_study(small_study).flags["flag"])
    sheet(change)(small_study.parent)
    flags = read_study(small_study).flags.set_index("flag")
    assert flags.loc["subjects_look_alike", "scope"] == "study"
    detail = flags.loc["subjects_look_alike", "detail"]
    assert detail.startswith("3 animals")
    assert "'M1' and 'm01'; 'm010' and 'm10'; 'm02' and 'm02\\u200b'" in detail
