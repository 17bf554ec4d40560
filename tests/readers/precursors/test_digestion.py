from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.readers.precursors.digestion import missed_cleavages, residues


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("PEPTIDEK2", "PEPTIDEK"),
        ("(UniMod:1)AC(UniMod:4)DEK3", "ACDEK"),
        ("_M[Oxidation (M)]AC[Carbamidomethyl (C)]K_.2", "MACK"),
        ("_(Acetyl (Protein N-term))M(Oxidation (M))K_", "MK"),
        ("n[42.0106]PEPC[57.0215]K/2", "PEPCK"),
        ("[+42.01]-PEPM[+15.99]K", "PEPMK"),
        ("K.PEPTM(+15.99)IDEK.R", "PEPTMIDEK"),
        ("-.PEPTIDEK.A", "PEPTIDEK"),
        (".(Acetyl)PEPTIDEK", "PEPTIDEK"),
        ("", ""),
        ("([", ""),
    ],
)
def test_residues_are_what_is_left_of_every_spelling(written: str, bare: str) -> None:
    assert residues(written) == bare


@pytest.mark.parametrize(
    ("peptide", "missed"),
    [("PEPTIDEK", 0), ("PEPTIDER", 0), ("AKDEK", 1), ("KDEK", 1), ("AKPDER", 0), ("AKPRDE", 1), ("AKK", 1), ("AC", 0)],
)
def test_a_cleavage_is_missed_inside_and_not_before_proline(peptide: str, missed: int) -> None:
    assert missed_cleavages([peptide]).tolist() == [missed]


def test_a_name_without_residues_is_not_known() -> None:
    assert np.isnan(missed_cleavages(["123", ""])).all()


@pytest.mark.public
@pytest.mark.parametrize(
    ("file", "written", "bare"),
    [
        ("maxquant_2.5.1_evidence_sample.txt.gz", "Modified sequence", "Sequence"),
        ("fragpipe_combined_ion_sample.tsv.gz", "Modified Sequence", "Peptide Sequence"),
        ("diann_1.9_report_orbitrap_sample.tsv.gz", "Precursor.Id", "Stripped.Sequence"),
        ("spectronaut_report_sample.tsv.gz", "EG.ModifiedSequence", "PEP.StrippedSequence"),
    ],
)
def test_engines_strip_their_sequences_alike(shared_data: Path, file: str, written: str, bare: str) -> None:
    table = pd.read_csv(shared_data / "search_engine_reports" / file, sep="\t", low_memory=False)
    assert table[written].map(residues).tolist() == table[bare].tolist()


@pytest.mark.public
def test_maxquant_counts_the_same_but_for_proline(shared_data: Path) -> None:
    """It was set to Trypsin/P, which also cleaves before proline."""
    table = pd.read_csv(shared_data / "search_engine_reports" / "maxquant_2.5.1_evidence_sample.txt.gz", sep="\t")
    without_proline = table[~table["Sequence"].str.contains("[KR]P")]
    expected = (without_proline["Missed cleavages"] > 0).astype(float)
    assert missed_cleavages(without_proline["Modified sequence"]).tolist() == expected.tolist()
