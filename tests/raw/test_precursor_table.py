from __future__ import annotations

import numpy as np
import pandas as pd

from organokine.raw.fasta import read_fasta
from organokine.raw.precursors import precursor_table
from organokine.raw.protein_groups import group_proteins
from organokine.raw.settings import SearchSettings


def test_samples_may_be_called_like_columns(tmp_path):
    (tmp_path / "a.fasta").write_text(">P1\nMAGICPEPTIDEK\n", encoding="utf-8")
    samples = ["charge", "sequence"]
    matches = pd.DataFrame(
        {
            "sample": pd.Categorical(["charge", "charge"], categories=samples),
            "sequence": ["AAAK", "CCCK"],
            "peptide": ["AAAK", "CCCK"],
            "charge": [2, 3],
            "mz": 500.0,
            "q": 0.001,
            "score": [2.0, 1.0],
            "spectrum": [0, 1],
            "minutes": 1.0,
            "one_over_k0": 0.9,
            "mass_error": 0.5,
            "accepted": True,
        }
    )
    index = pd.MultiIndex.from_tuples([("AAAK", 2), ("CCCK", 3)], names=["sequence", "charge"])
    quantities = pd.DataFrame([[4.0, 8.0], [np.nan, 2.0]], index=index, columns=samples)
    groups = group_proteins({"AAAK": ["P1"], "CCCK": ["P1"]})
    found = precursor_table(matches, quantities, groups, read_fasta(tmp_path / "a.fasta", "FASTA"), SearchSettings())
    told = found[["sample", "sequence", "charge", "quantity", "identified"]].fillna(-1.0).to_numpy().tolist()
    assert told == [
        ["charge", "AAAK", 2, 4.0, True],
        ["charge", "CCCK", 3, -1.0, True],
        ["sequence", "AAAK", 2, 8.0, False],
        ["sequence", "CCCK", 3, 2.0, False],
    ]
