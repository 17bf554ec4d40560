"""The same real tables by alphabase's readers: equal numbers in the rows and columns that we keep."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.readers import READERS
from organokine.study_file import AssaySection

pytestmark = [pytest.mark.public, pytest.mark.slow]
TABLES = [
    ("diann_proteins", "diann", None, "diann_pg_matrix_tiny.tsv.gz"),
    ("maxquant", "maxquant", "lfq", "maxquant_proteinGroups.txt.gz"),
    ("fragpipe", "fragpipe", "razor", "fragpipe_combined_protein_tiny.tsv.gz"),
]
FLAGS = ["Reverse", "Potential contaminant", "Only identified by site"]


@pytest.mark.parametrize(("reader", "theirs", "quantity", "file"), TABLES)
def test_values_are_those_of_alphabase(
    reader: str, theirs: str, quantity: str | None, file: str, shared_data: Path, tmp_path: Path
) -> None:
    from alphabase.pg_reader import pg_reader_provider

    path = tmp_path / file.removesuffix(".gz")
    path.write_bytes(gzip.decompress((shared_data / "search_engine_reports" / file).read_bytes()))
    keys = {} if quantity is None else {"measurement_regex": quantity}
    expected = pg_reader_provider.get_reader(theirs, **keys).import_file(str(path)).replace(0, np.nan)
    if reader == "maxquant":
        expected = expected[pd.read_csv(path, sep="\t", usecols=FLAGS, dtype=str)[FLAGS].isna().all(axis=1).to_numpy()]
    section = AssaySection(name="a", organ="muscle", modality="protein", file=path.name)
    table = READERS[reader].read(path, section, tmp_path, None, "t")
    np.testing.assert_array_equal(table.values.to_numpy(), expected.to_numpy(dtype=float))
    named = zip(table.values.columns, expected.columns, strict=True)
    assert all(sample in column for sample, column in named)
