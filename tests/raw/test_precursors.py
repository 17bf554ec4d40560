"""From matches to the table of precursors."""

from __future__ import annotations

import pandas as pd
import pytest

from organokine.raw.fasta import read_fasta
from organokine.raw.precursors import precursor_table
from organokine.raw.protein_groups import group_proteins
from organokine.raw.settings import SearchSettings

OWN = ">sp|P04104|K2C1_MOUSE Keratin OS=Mus musculus OX=10090 GN=Krt1\nAAAAAAAKCCCCCCCK\n"
CONTAMINANT = ">contam_sp|P04104|K2C1_MOUSE Keratin\nAAAAAAAKCCCCCCCK\n"


@pytest.mark.parametrize("text", [OWN + CONTAMINANT, CONTAMINANT + OWN], ids=["last", "first"])
def test_a_protein_that_the_contaminants_name_is_one_wherever_it_stands(tmp_path, text):
    (tmp_path / "a.fasta").write_text(text, encoding="utf-8")
    peptides = ["AAAAAAAK", "CCCCCCCK"]
    matches = pd.DataFrame(
        {
            "sample": pd.Categorical(["a", "a"]),
            "sequence": peptides,
            "peptide": peptides,
            "charge": 2,
            "mz": [400.0, 500.0],
            "q": 0.001,
            "score": [2.0, 1.0],
            "spectrum": [0, 1],
            "minutes": 1.0,
            "one_over_k0": 0.9,
            "mass_error": 0.0,
            "accepted": True,
        }
    )
    quantities = pd.DataFrame({"sequence": peptides, "charge": 2, "a": [1.0, 2.0]}).set_index(["sequence", "charge"])
    groups = group_proteins({peptide: ["P04104"] for peptide in peptides})
    found = precursor_table(matches, quantities, groups, read_fasta(tmp_path / "a.fasta", "a.fasta"), SearchSettings())
    assert found["contaminant"].tolist() == [True, True]
    assert found["gene"].tolist() == ["Krt1", "Krt1"]
