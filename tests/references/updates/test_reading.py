from __future__ import annotations

import gzip
import io
import stat
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organokine.references.updates.cards import CARDS
from organokine.references.updates.faults import SourceFault
from organokine.references.updates.reading import archive_members, opened, read_table
from tests.references.updates.official import archive

CARD = replace(CARDS[0], fewest=2, unpacked=1 << 20)
COLUMNS = {"a": "first", "c": "third"}
TABLE = b'#a\tb\tc\n1\t2\t3\n4\t"5\t6\n'


@pytest.fixture
def written(tmp_path):
    def write(content: bytes):
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_table_is_read_compressed_or_not_whatever_its_name(written, pack):
    table = read_table(written(pack(TABLE)), CARD, COLUMNS)
    assert table.to_dict("list") == {"first": ["1", "4"], "third": ["3", "6"]}


def test_rows_are_filtered_but_counted_before(written):
    table = read_table(written(TABLE), CARD, COLUMNS, keep=lambda piece: piece["first"] == "4")
    assert table["third"].tolist() == ["6"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the column 'a', 'c' is missing"),
        (b"a\tb\tx\n1\t2\t3\n", "the column 'c' is missing; its columns are 'a', 'b', 'x'"),
        (
            b"<!DOCTYPE html>\n<html><body>Please log in</body></html>\n",
            "is missing; its columns are '<!DOCTYPE html>'",
        ),
        (b"a\tb\tc\n1\t2\t3\n", "it has 1 rows, at least 2 are expected"),
        (b"a\tb\tc\n", "it has 0 rows"),
        (b"a\tb\tc\n1\t2\t3\n4\n", "is cut short"),
        (b"a\tb\tc\n1\t2\t3\n4\t5\n", "is cut short"),
        (b"a\tb\tc\n1\t2\t\xff\n4\t5\t6\n", "cannot be read as a table"),
        (gzip.compress(TABLE, mtime=0)[:-9], "damaged or cut short"),
        (gzip.compress(TABLE, mtime=0)[:20], "damaged or cut short"),
        (b"\x1f\x8bnonsense", "damaged or cut short"),
        (gzip.compress(b"a\tb\tc\n" + b"1\t2\t3\n" * 200_000, mtime=0), "unpacked it is larger than 1,048,576 bytes"),
    ],
)
def test_what_is_not_the_table_it_should_be_is_refused(written, content, message):
    with pytest.raises(SourceFault) as caught:
        read_table(written(content), CARD, COLUMNS)
    assert message in caught.value.what


def test_cells_that_are_not_needed_may_be_absent(written):
    table = read_table(written(b"a\tb\tc\td\n1\t2\t3\t4\n4\t5\t6\n7\t8\t9\t\n1\t2\t3\t4\t5\n"), CARD, COLUMNS)
    assert sorted(table["third"]) == ["3", "3", "6", "9"]


@given(st.binary(max_size=300), st.booleans())
def test_noise_is_refused_and_never_a_crash(tmp_path_factory, noise, packed):
    path = tmp_path_factory.mktemp("noise") / "file"
    path.write_bytes(gzip.compress(noise, mtime=0) if packed else noise)
    with pytest.raises(SourceFault):
        read_table(path, CARD, COLUMNS)
    with pytest.raises(SourceFault):
        archive_members(path, CARD, ["wanted.csv"])


def test_a_stream_ends_where_the_file_ends(written):
    with opened(written(gzip.compress(b"one\ntwo\n", mtime=0)), CARD) as stream:
        assert list(stream) == [b"one\n", b"two\n"]


def test_members_are_found_by_their_ending(written):
    path = written(archive({"top-1.0/data/wanted.csv": b"1", "top-1.0/other/unwanted.csv": b"2"}))
    assert archive_members(path, CARD, ["wanted.csv"]) == {"wanted.csv": b"1"}


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/etc/evil", "..\\evil", "C:\\evil", "C:/evil", "\\\\host\\evil", "a/.."]
)
def test_names_that_lead_out_of_the_folder_are_refused(written, tmp_path, name):
    path = written(archive({"data/wanted.csv": b"1", name: b"evil"}))
    with pytest.raises(SourceFault, match="leads out of its folder"):
        archive_members(path, CARD, ["wanted.csv"])
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_links_are_refused(written):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        link = zipfile.ZipInfo("wanted.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
    with pytest.raises(SourceFault, match="link"):
        archive_members(written(stream.getvalue()), CARD, ["wanted.csv"])


def test_a_member_that_explodes_is_refused(written):
    path = written(archive({"wanted.csv": b"0" * (CARD.unpacked + 1)}))
    assert path.stat().st_size < 5000
    with pytest.raises(SourceFault, match="unpacked"):
        archive_members(path, CARD, ["wanted.csv"])


@pytest.mark.parametrize("members", [{"other.csv": b"1"}, {"a/wanted.csv": b"1", "b/wanted.csv": b"2"}])
def test_a_wanted_file_is_there_once(written, members):
    with pytest.raises(SourceFault, match="one is expected"):
        archive_members(written(archive(members)), CARD, ["wanted.csv"])


@pytest.mark.parametrize("damage", [lambda content: content[:-30], lambda content: content[:40] + b"x" + content[41:]])
def test_a_damaged_archive_is_refused(written, damage):
    path = written(damage(archive({"wanted.csv": b"some content that is packed, packed, packed"})))
    with pytest.raises(SourceFault, match="damaged"):
        archive_members(path, CARD, ["wanted.csv"])
