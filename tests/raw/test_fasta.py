from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.errors import DataError
from organokine.raw.fasta import read_fasta

MOUSE = ">sp|P01|AAA_MOUSE Protein of a = b OS=Mus musculus OX=10090 GN=Aaa PE=1 SV=2\nMKWVTFISLLR\nPEPTIDEK\n"
OTHER = ">tr|A0A1|A0A1_MOUSE Something OS=Mus musculus OX=10090 PE=4 SV=1\nMSLEWK\n"
HUMAN = ">sp|Q02|BBB_HUMAN Other OS=Homo sapiens OX=9606 GN=BBB PE=1 SV=1\nMSTTTK\n"
CONTAMINANT = ">contam_sp|P00761|TRYP_PIG Trypsin OS=Sus scrofa OX=9823 PE=1 SV=1\nFPTDDDDK\n"


@pytest.fixture
def read(tmp_path):
    def read(content, species="mouse"):
        path = tmp_path / "my.fasta"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_fasta(path, "FASTA my.fasta", species)

    return read


def told(error) -> str:
    return "\n".join(str(problem) for problem in error.value.problems)


def counted(fasta) -> dict[str, int]:
    return {count.item: count.n for count in fasta.counts}


def test_headers_of_uniprot_and_plain_ones(read):
    fasta = read(MOUSE + OTHER + ">ENSMUSP01 some words\nMPEPK\n" + CONTAMINANT)
    first, second, plain, contaminant = fasta.entries
    assert first[:7] == ("sp|P01|AAA_MOUSE", "P01", "AAA_MOUSE", "Aaa", 10090, True, False)
    assert first.sequence == "MKWVTFISLLRPEPTIDEK"
    assert (second.accession, second.gene, second.is_reviewed) == ("A0A1", "", False)
    assert (plain.name, plain.accession, plain.entry, plain.taxon) == ("ENSMUSP01", "ENSMUSP01", "", None)
    assert contaminant.is_contaminant
    assert counted(fasta) == {"contaminants": 1, "entries without OX=": 1}


def test_gzip_windows_lines_and_a_byte_order_mark_read_alike(read):
    plain = read(MOUSE + OTHER)
    packed = read(gzip.compress((MOUSE + OTHER).encode(), mtime=0))
    assert packed.entries == plain.entries
    assert packed.sha256 == plain.sha256
    windows = read(b"\xef\xbb\xbf" + (MOUSE + OTHER).replace("\n", "\r\n").encode())
    assert windows.entries == plain.entries
    assert read(MOUSE).sha256 != plain.sha256


def test_what_is_no_fault_is_counted(read):
    fasta = read(MOUSE + ">P9 twin\nmkwvtfisllrpeptidek*\n" + ">P8\nMXBK\n" + HUMAN)
    assert counted(fasta) == {
        "contaminants": 0,
        "entries with the sequence of another": 2,
        "entries with unclear residues": 1,
        "sequences ending with a star": 1,
        "sequences with small letters": 1,
        "entries without OX=": 2,
        "entries of other species": 1,
    }
    assert counted(read(MOUSE + HUMAN, species=None)) == {"contaminants": 0}


def test_all_faults_are_told_at_once(read):
    with pytest.raises(DataError) as error:
        read(MOUSE + MOUSE + ">rev_sp|P01|AAA_MOUSE\nKEDIT\n>E1\n>P7\nPEP-1K\n>\nPEPK\n")
    assert len(error.value.problems) == 5
    message = told(error)
    assert "1 identifiers stand more than once: 'P01 in lines 1, 4'" in message
    assert "1 of 6 entries are decoys already: 'rev_sp|P01|AAA_MOUSE in line 7'" in message
    assert "1 of 6 entries have no sequence: 'E1 in line 9'" in message
    assert "('-', '1'): 'P7 in line 10'" in message
    assert "1 headers are empty, first in line 12" in message


def test_a_semicolon_in_an_identifier_is_refused(read):
    with pytest.raises(DataError, match="1 identifiers hold a semicolon"):
        read(MOUSE + ">P3;1 some words\nMSLEWK\n")


def test_a_contaminant_may_be_a_protein_of_the_study(read):
    fasta = read(MOUSE + MOUSE.replace(">sp|", ">contam_sp|"))
    assert [entry.is_contaminant for entry in fasta.entries] == [False, True]


def test_another_species_is_refused_and_contaminants_do_not_count(read):
    with pytest.raises(DataError, match=r"0 of 1 entries are of the study's species mouse .*OX=9606 \(human\)"):
        read(HUMAN + CONTAMINANT)
    assert len(read(HUMAN, species="human").entries) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"gene\tS1\nA\t1\n", "it is no FASTA: line 1"),
        (b">g1\nACGTACGTNN\n>g2\nACGUACGA\n", "nucleotides"),
        (gzip.compress(MOUSE.encode(), mtime=0)[:40], "damaged"),
        (">P1 \xe9".encode("latin-1") + b"\nPEPK\n", "not UTF-8"),
        (b"PK\x03\x04" + bytes(40), "my.fasta"),
    ],
)
def test_what_is_no_fasta_is_refused(read, content, message):
    with pytest.raises(DataError, match=message):
        read(content)


def test_a_folder_and_an_absent_file_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "absent.fasta"):
        with pytest.raises(DataError):
            read_fasta(path, "FASTA", "mouse")


@settings(max_examples=25)
@given(st.lists(st.text("ACDEFGHIKLMNPQRSTVWY", min_size=10, max_size=40), min_size=1, max_size=5), st.integers(1, 70))
def test_where_lines_break_does_not_matter(tmp_path_factory, sequences, width):
    folder = tmp_path_factory.mktemp("fasta")
    sequences = [f"MKW{sequence}" for sequence in sequences]
    lines = []
    for number, sequence in enumerate(sequences):
        lines += [f">P{number}", *(sequence[i : i + width] for i in range(0, len(sequence), width))]
    (folder / "a.fasta").write_text("\n".join(lines))
    assert [entry.sequence for entry in read_fasta(folder / "a.fasta", "FASTA").entries] == sequences
