from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.raw.fasta import Fasta, read_fasta
from organokine.raw.settings import SearchSettings
from organokine.raw.twins import proteins_of_twins, twin_of
from organokine.simulate.raw_proteins import digest


def fasta_of(folder, text: str) -> Fasta:
    (folder / "some.fasta").write_text(text, encoding="utf-8")
    return read_fasta(folder / "some.fasta", "FASTA")


def test_a_peptide_belongs_to_all_proteins_that_have_it_with_leucine_or_isoleucine(tmp_path):
    held = fasta_of(
        tmp_path,
        ">sp|P1|A_MOUSE\nMKMAGICPEPTIDEKAAAAAAAAR\n>sp|P2|B_MOUSE\nMAGLCPEPTLDEK\n>sp|P3|C_MOUSE\nMAGVCPEPTVDEK\n",
    )
    found = proteins_of_twins(["MAGICPEPTIDEK", "AAAAAAAAR"], held, SearchSettings())
    assert found == {"MAGLCPEPTLDEK": {"P1", "P2"}, "AAAAAAAAR": {"P1"}}


def test_peptides_are_those_that_trypsin_leaves(tmp_path):
    held = fasta_of(tmp_path, ">a\nAAAAAAAKPGGGGGGGKCCCCCCCR\n")
    settings_ = SearchSettings(missed_cleavages=0)
    asked = ["AAAAAAAKPGGGGGGGK", "CCCCCCCR", "AAAAAAAK", "AAAAAAAKPGGGGGGGKCCCCCCCR"]
    assert set(proteins_of_twins(asked, held, settings_)) == {"AAAAAAAKPGGGGGGGK", "CCCCCCCR"}
    assert "AAAAAAAKPGGGGGGGKCCCCCCCR" in proteins_of_twins(asked, held, SearchSettings(missed_cleavages=1))


@settings(max_examples=50)
@given(st.text("ACDEFGHIKLMNPQRSTVWY", min_size=1, max_size=80))
def test_fully_cut_peptides_are_those_of_another_digest(sequence):
    from organokine.raw.fasta import Entry

    held = Fasta((Entry("a", "a", "", "", None, False, False, sequence, 1),), (), "")
    pieces = [piece for piece in digest(sequence) if 7 <= len(piece) <= 30]
    found = proteins_of_twins(pieces, held, SearchSettings(missed_cleavages=0))
    assert set(found) == {twin_of(piece) for piece in pieces}
