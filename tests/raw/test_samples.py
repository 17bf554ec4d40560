"""Sheets of raw runs in three forms, and every way in which they are wrong."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.errors import DataError
from organokine.raw.samples import RESERVED, RawRun, acquisition_mode, read_raw_samples
from organokine.readers.cells import MISSING_MARKS
from organokine.simulate.raw_study import simulate_raw
from tests.raw.tiny_folder import change, some_ions, write_tiny

SDRF = "source name\tcharacteristics[organism]\tassay name\tcomment[label]\tcomment[fraction identifier]\tcomment[data file]"


@pytest.fixture
def beside(tmp_path):
    """A folder with the runs a.d, b.d and c.d; whether they are whole is of no concern here."""
    for name in "abc":
        (tmp_path / f"{name}.d").mkdir()
    return tmp_path


def sheet(folder: Path, *lines: str, name: str = "samples.tsv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def refused(path: Path) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_raw_samples(path)
    return [str(problem) for problem in caught.value.problems]


def counted(read) -> dict[str, int]:
    return {count.item: count.n for count in read.counts}


def test_our_own_sheet(beside):
    path = sheet(beside, "path\tsample\tgroup\tage", "b.d\tB\told\t24", "a.d\tA\tyoung\t06")
    read = read_raw_samples(path)
    assert read.runs == (RawRun("B", beside / "b.d"), RawRun("A", beside / "a.d"))
    assert read.table.to_dict("list") == {"sample": ["B", "A"], "group": ["old", "young"], "age": ["24", "06"]}
    assert (read.kind, read.counts) == ("sheet", ())
    assert read.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "content",
    [
        b"path\tsample\tgroup\na.d\tA\tx\nb.d\tB\ty\n",
        b"\xef\xbb\xbfpath,sample,group\r\na.d,A,x\r\nb.d,B,y\r\n",
        b'"path";"sample";"group"\n"a.d";"A";"x"\n"b.d";"B";"y"',
        b"# made by hand\nSample\tPATH\tgroup\nA\ta.d\tx\n\nB\tb.d\ty\n",
        gzip.compress(b"path\tsample\tgroup\na.d\tA\tx\nb.d\tB\ty\n", mtime=0),
        b"path,sample,group\na.d,A,x,\nb.d,B,y,\n",
        b"path\tsample\tgroup\na.d/\t A \tx\n./b.d\\\tB\ty\n",
    ],
    ids=["tabs", "excel", "semicolons", "capitals", "gzip", "commas at the ends", "blanks and slashes"],
)
def test_tables_are_written_in_many_ways(beside, content):
    (beside / "s.txt").write_bytes(content)
    read = read_raw_samples(beside / "s.txt")
    assert [(run.sample, run.path.resolve()) for run in read.runs] == [("A", beside / "a.d"), ("B", beside / "b.d")]
    assert read.table.to_dict("list") == {"sample": ["A", "B"], "group": ["x", "y"]}


def test_a_workbook(beside):
    table = pd.DataFrame({"path": ["a.d", "b.d"], "sample": ["A", "7"], "age": [3, 24]})
    table.to_excel(beside / "s.xlsx", index=False)
    read = read_raw_samples(beside / "s.xlsx")
    assert read.table.to_dict("list") == {"sample": ["A", "7"], "age": ["3", "24"]}


def test_folders_give_names_where_the_sheet_has_none(beside):
    read = read_raw_samples(sheet(beside, "# two runs", "path", "a.d", "b.d"))
    assert [run.sample for run in read.runs] == ["a", "b"]
    assert counted(read) == {"comment lines skipped": 1, "samples named after their folders": 2}


def test_repairs_are_counted(beside):
    (beside / "deep").mkdir()
    (beside / "deep" / "e.d").mkdir()
    read = read_raw_samples(sheet(beside, "path\tsample", "deep\\e.d\t E", "a.d.zip\tA ", "b.d\tB"))
    assert [run.path for run in read.runs] == [beside / "deep" / "e.d", beside / "a.d", beside / "b.d"]
    assert counted(read) == {"cells stripped": 2, "backslashes taken as separators": 1, "archives found unpacked": 1}


def test_paths_are_found(beside, monkeypatch):
    monkeypatch.setenv("HOME", str(beside))
    monkeypatch.setenv("USERPROFILE", str(beside))
    other = beside / "run 1"
    other.mkdir()
    (other / "analysis.tdf").write_bytes(b"")
    (beside / "sheets").mkdir()
    lines = ["~/a.d\tA", f"{(beside / 'b.d').as_uri()}\tB", "../c.d\tC", f"{other.as_uri()}\tD"]
    path = sheet(beside / "sheets", "path\tsample", *lines)
    expected = [beside / "a.d", beside / "b.d", beside / "c.d", other]
    assert [run.path.resolve() for run in read_raw_samples(path).runs] == expected
    monkeypatch.chdir(beside / "sheets")
    assert [run.path.resolve() for run in read_raw_samples(Path("samples.tsv")).runs] == expected


def test_the_simulated_sheet(tmp_path):
    study = simulate_raw(tmp_path, n_proteins=4, gradient=10.0, replicates=1)
    read = read_raw_samples(study.samples)
    assert tuple(run.path for run in read.runs) == study.runs
    assert read.table["group"].tolist() == ["young", "aged"]
    assert read.counts == ()
    assert acquisition_mode(read.runs) == "ddaPASEF"


def fits(name: str) -> bool:
    plain = name.strip()
    return plain == name and name.lower() not in MISSING_MARKS and name.lower() not in RESERVED


NAMES = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=12).filter(fits)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    for number in range(3):
        (folder / f"{number}.d").mkdir()
    return folder


@settings(max_examples=40, deadline=None)
@given(names=st.lists(NAMES, min_size=1, max_size=3, unique=True), separator=st.sampled_from("\t,;"))
def test_odd_names_come_back_as_they_were(many, names, separator):
    table = pd.DataFrame({"path": [f"{n}.d" for n in range(len(names))], "sample": names, "batch": names})
    table.to_csv(many / "s.txt", sep=separator, index=False)
    read = read_raw_samples(many / "s.txt")
    assert [run.sample for run in read.runs] == names
    assert read.table.to_dict("list") == {"sample": names, "batch": names}
    assert read.counts == ()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([""], "the file is empty"),
        (["path\tsample"], "a header and no rows"),
        (["file\tsample", "a.d\tA"], "has no column 'path'. Runs are found through this column. Rename 'file' to 'path'"),
        (["where\tsample", "a.d\tA", "b.d/\tB"], "Rename 'where' to 'path'"),
        (["where\tsample", "here\tA"], "there are 'where', 'sample'"),
        (["path\tSamples", "a.d\tA"], "Rename 'Samples' to 'sample' if it is meant"),
        (["path\tPath\tsample", "a.d\tb.d\tA"], "differ only in letter case: 'path', 'Path'"),
        (["path\tsample\tx\tx", "a.d\tA\t1\t2"], "column names stand more than once: 'x'"),
        (["a.d\tA", "b.d\tB"], "the first line names a run, 'a.d': there is no header"),
        (["a.d\told\t1\tddaPASEF"], "there is no header"),
        (["path\tsample", "a.d\tA", "b.d\tA"], "1 samples stand more than once: 'A in lines 2 and 3'"),
        (["path\tsample", "a.d\tA", "", "./a.d\tB"], "1 folders stand more than once: 'a.d in lines 2 and 4'"),
        (["path\tsample", "a1.d\tA"], "line 2: there is no folder 'a1.d'"),
        (["path\tsample", "a1.d\tA"], "Did you mean 'a.d', which lies there"),
        (["path\tsample", "a\tA"], "Did you mean 'a.d', which lies there"),
        (["path\tsample", r"D:\data\a.d" + "\tA"], "Did you mean 'a.d', which lies beside the sheet"),
        (["path\tsample", r"D:\data\a.d" + "\tA"], r"there is no folder 'D:\data\a.d'"),
        (["path\tsample", "ftp://host/x/a.d\tA"], "is an address, not a folder"),
        (["path\tsample", "t.raw\tA"], "'t.raw' is a file, not a folder"),
        (["path\tsample", "t.zip\tA"], "'t.zip' is packed"),
        (["path\tsample", "p.d\tA"], "there is no folder 'p.d', only 'p.d.tgz'"),
        (["path\tsample", "p.d.tgz\tA"], "'p.d.tgz' is packed"),
        (["path\tsample", "q.d.zip\tA"], "unpack it, so that 'q.d' is a folder"),
        (["path\tsample", "a.d/analysis.tdf\tA"], "Name the folder that holds it, 'a.d'"),
        (["path\tsample", ".\tA"], "it has 'a.d', 'b.d', 'c.d'"),
        (["path\tsample", "\tA"], "line 2: the path is empty"),
        (["path\tsample", "a.d\t", "b.d\tNA"], "2 samples have no name: ' in line 2', 'NA in line 3'"),
        (["path,sample", 'a.d,"A\tB"'], "have a tab or a line break in their name"),
        (["path\tsample", "a.d\tGene"], "are named like a column of the protein matrix: 'Gene in line 2'"),
        (["path\tsample", "b.d\tB", "a.d\tA\tB"], "1 lines have more cells than the header"),
        (["path\tsample", f"{'x' * 400}.d\tA"], "there is no folder"),
        (["path\tsample", "file:///%00.d\tA"], "there is no folder"),
        (["path\tsample", "~nobody_at_all/a.d\tA"], "there is no folder"),
        (["path\tsample", *(f"no/{n}.d\t{n}" for n in range(9))], "none of the 9 folders exists"),
    ],
)  # fmt: skip
def test_bad_sheets(beside, lines, said):
    for name in ("t.raw", "t.zip", "p.d.tgz", "a.d/analysis.tdf"):
        (beside / name).write_bytes(b"")
    told = refused(sheet(beside, *lines))
    assert said in "\n".join(told)
    assert len(told) == 1
    assert told[0].startswith(str(beside / "samples.tsv"))


def test_all_problems_are_told_at_once(beside):
    lines = ["a.d\tA", "b.d\tA", "no.d\tgene", "\tD", "a.d\t"]
    told = "\n".join(refused(sheet(beside, "path\tsample", *lines)))
    for said in (
        "line 4: there is no",
        "line 5: the path",
        "'a.d in lines 2 and 6'",
        "no name",
        "like a column",
        "'A in",
    ):
        assert said in told


def test_where_a_folder_was_looked_for_is_said_in_full(beside, monkeypatch):
    sheet(beside, "path\tsample", "no/x.d\tA")
    monkeypatch.chdir(beside)
    (told,) = refused(Path("samples.tsv"))
    assert f"It was looked for in {beside / 'no'}" in told


def test_derived_names_that_clash_ask_for_a_column(beside):
    for name in "xy":
        (beside / name / "r.d").mkdir(parents=True)
    (told,) = refused(sheet(beside, "path", "x/r.d", "y/r.d"))
    assert "Add a column 'sample'" in told


def test_a_link_to_a_folder_is_that_folder(beside):
    try:
        (beside / "link.d").symlink_to(beside / "a.d", target_is_directory=True)
    except OSError:
        pytest.skip("links are not allowed here")
    (told,) = refused(sheet(beside, "path\tsample", "a.d\tA", "link.d\tB"))
    assert "'a.d in lines 2 and 3'" in told


@pytest.mark.parametrize(
    "content", ["path\tsample\na.d\tA\n".encode("utf-16"), b"%PDF-1.7 path\n", b"\x00\x01\x02\x03"]
)
def test_what_is_no_table(beside, content):
    (beside / "s.tsv").write_bytes(content)
    assert len(refused(beside / "s.tsv")) == 1
    assert len(refused(beside / "absent.tsv")) == 1
    assert len(refused(beside)) == 1


def test_a_fragpipe_manifest(beside):
    lines = ["a.d\told\t1\tDDA", "b.d\told\t\tDDA+", "c.d\t\t\tDIA\t"]
    read = read_raw_samples(sheet(beside, *lines))
    assert read.kind == "fragpipe"
    assert [run.sample for run in read.runs] == ["old_1", "old", "c"]
    assert read.table.to_dict("list") == {
        "sample": ["old_1", "old", "c"],
        "experiment": ["old", "old", ""],
        "replicate": ["1", "", ""],
        "data_type": ["DDA", "DDA+", "DIA"],
    }
    assert counted(read) == {"samples named after their folders": 1}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["a.d\told\t1\tDDA", "b.d\told\t1\tDDA"], "several files of one replicate: 'old_1'"),
        (["a.d\told\t1\tDDA", "no.d\told\t2\tDDA"], "line 2: there is no folder 'no.d'"),
        (["a.d\told\t1\tDDA", "b.d\told\t2\tDDA\tx"], "more than the four cells of a FragPipe manifest, first line 2"),
        (["a.d\told\t1\tDDA", "b.d"], "line 2: nothing"),
    ],
)
def test_bad_manifests(beside, lines, said):
    path = sheet(beside, *lines)
    if said.endswith("nothing"):
        assert [run.sample for run in read_raw_samples(path).runs] == ["old_1", "b"]
    else:
        (told,) = refused(path)
        assert said in told


def test_an_sdrf(beside):
    header = (
        "Source Name\tcharacteristics[age]\tcharacteristics[sex]\tassay name\tcomment[label]\tcomment[modification parameters]\t"
        "comment[modification parameters]\tComment[Data File]\tfactor value[age]\tFactor Value [diet]"
    )
    rows = [
        "m1\t24M\tfemale\trun 1\tAC=MS:1002038;NT=label free sample\tOxidation\tAcetyl\ta.d\t24M\tlow",
        "m2\t6M\tmale\trun 2\tAC=MS:1002038;NT=label free sample\tOxidation\tAcetyl\tb.d.zip\t6M\thigh",
        "m2\t6M\tmale\trun 2\tAC=MS:1002038;NT=label free sample\tOxidation\tAcetyl\tb.d.zip\t6M\thigh",
    ]
    read = read_raw_samples(sheet(beside, header, *rows))
    assert read.kind == "sdrf"
    assert read.runs == (RawRun("m1", beside / "a.d"), RawRun("m2", beside / "b.d"))
    assert list(read.table.columns) == [
        "sample", "source name", "sex", "assay name", "comment[label]", "comment[modification parameters]",
        "comment[modification parameters] 2", "age", "diet",
    ]  # fmt: skip
    assert read.table["diet"].tolist() == ["low", "high"]
    assert read.table["comment[modification parameters] 2"].tolist() == ["Acetyl", "Acetyl"]
    assert counted(read) == {
        "columns that repeat another": 1,
        "rows that repeat another": 1,
        "archives found unpacked": 1,
    }


def test_an_sdrf_keeps_what_its_short_names_would_hide(beside):
    header = "source name\tcharacteristics[age]\tcharacteristics[sample]\tsample\tfactor value[age]\tcomment[data file]"
    read = read_raw_samples(sheet(beside, header, "m1\t24M\tx\ty\told\ta.d"))
    assert read.table.to_dict("list") == {
        "sample": ["m1"],
        "source name": ["m1"],
        "characteristics[age]": ["24M"],
        "characteristics[sample]": ["x"],
        "sample in the sheet": ["y"],
        "age": ["old"],
    }


@pytest.mark.parametrize(
    ("assays", "samples", "item"),
    [
        (["r1", "r2"], ["r1", "r2"], "samples named by assay name"),
        (["r1", "r1"], ["a", "b"], "samples named after their folders"),
    ],
)
def test_repeats_in_an_sdrf_are_named_by_run_or_file(beside, assays, samples, item):
    rows = [
        f"m1\tmouse\t{assay}\tlabel free sample\t1\t{file}" for assay, file in zip(assays, ["a.d", "b.d"], strict=True)
    ]
    read = read_raw_samples(sheet(beside, SDRF, *rows))
    assert [run.sample for run in read.runs] == samples
    assert counted(read) == {item: 2}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["m1\tmouse\tr\tTMT126\t1\ta.d", "m2\tmouse\tr\tTMT127\t1\ta.d"], "'a.d' with 'TMT126', 'TMT127'"),
        (["m1\tmouse\tr\tTMT126\t1\ta.d", "m2\tmouse\ts\tTMT126\t1\tb.d"], "'a.d', 'b.d' with 'TMT126'"),
        (["m1\tmouse\tr\tSILAC light\t1\ta.d", "m1\tmouse\tr\tSILAC heavy\t1\ta.d"], "1 data files hold labelled"),
        (["m1\tmouse\tr\tlabel free sample\t1\ta.d", "m1\tmouse\ts\tlabel free sample\t2\tb.d"], "in fractions: 'm1 (2)'"),
        (["m1\tmouse\tr\tlabel free sample\t1\ta.d", "m2\tmouse\tr\tlabel free sample\t1\ta.d"], "'a.d in line 3'"),
        (["m1\tmouse\tr\tlabel free sample\t1\tq.d.zip"], "unpack it, so that 'q.d' is a folder"),
        (["m1\tmouse\tr\tlabel free sample\t1\t"], "line 2: the path is empty"),
        ([], "a header and no rows"),
    ],
)  # fmt: skip
def test_bad_sdrfs(beside, rows, said):
    (told,) = refused(sheet(beside, SDRF, *rows))
    assert said in told


def test_an_sdrf_without_files(beside):
    (told,) = refused(sheet(beside, "source name\tcharacteristics[age]", "m1\t24M"))
    assert "an SDRF without the column 'comment[data file]'" in told


def runs_of(folder: Path, **kinds: int) -> list[RawRun]:
    return [
        RawRun(name, write_tiny(folder / f"{name}.d", [some_ions(1, 5)] * 2, kind=kind)) for name, kind in kinds.items()
    ]


def test_the_mode_of_runs(tmp_path):
    dda = runs_of(tmp_path, A=8, B=8)
    assert acquisition_mode(dda) == "ddaPASEF"
    assert acquisition_mode(runs_of(tmp_path, C=9)) == "diaPASEF"
    (dda[0].path / "analysis.tdf").write_bytes(b"cut short")
    change(runs_of(tmp_path, D=8)[0].path, "delete from Frames")
    empty = RawRun("D", tmp_path / "D.d")
    assert acquisition_mode([dda[0], empty, RawRun("no", tmp_path / "no.d"), dda[1]]) == "ddaPASEF"
    with pytest.raises(DataError, match="the database cannot be read") as caught:
        acquisition_mode([dda[0], empty])
    assert "the table Frames has no row" in str(caught.value)
    with pytest.raises(DataError, match="there is no run"):
        acquisition_mode([])


def test_modes_that_do_not_go_together(tmp_path):
    runs = runs_of(tmp_path, A=8, B=9, C=10, D=0, E=2, F=8)
    change(runs[5].path, "update Frames set MsMsType = 9 where Id = 1")
    with pytest.raises(DataError) as caught:
        acquisition_mode(runs)
    told = str(caught.value)
    assert "modes are mixed: 1 ddaPASEF ('A'), 1 diaPASEF ('B')" in told
    assert "run the command twice, and bring the tables as two assays" in told
    for said in ("prmPASEF: 'C'", "MS1 only: 'D'", "MS/MS without PASEF: 'E'", "ddaPASEF and diaPASEF: 'F'"):
        assert said in told
    assert len(caught.value.problems) == 5
