"""Real tables of other engines: known mixtures of three species, and a diaPASEF-like report with a row per fragment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.readers import READERS, RawTable
from organokine.readers.sniff import sniff
from organokine.study_file import AssaySection

pytestmark = pytest.mark.public

FILES = {
    "fragpipe_combined_ion_sample.tsv.gz": ("fragpipe_ion", "FragPipe", 1000),
    "maxquant_2.5.1_evidence_sample.txt.gz": ("maxquant_evidence", "MaxQuant", 130),
    "alphadia_1.10_sample.tsv.gz": ("alphadia_matrix", "AlphaDIA", 55),
}


def read(folder: Path, file: str) -> RawTable:
    sniffed = sniff(folder / file)
    name = next(name for name, reader in READERS.items() if reader.detect(sniffed))
    section = AssaySection(name="a", organ="muscle", modality="protein", file=file)
    return READERS[name].read(folder / file, section, folder, None, "t")


def change(table: RawTable) -> pd.Series:
    """log2 of B against A."""
    logs = np.log2(table.values)
    return logs.filter(like="B_Sample").mean(axis=1) - logs.filter(like="A_Sample").mean(axis=1)


@pytest.mark.parametrize("file", FILES)
def test_a_mixture_is_read_and_its_human_part_does_not_change(shared_data: Path, file: str) -> None:
    name, engine, n_proteins = FILES[file]
    folder = shared_data / "search_engine_reports"
    assert next(each for each, reader in READERS.items() if reader.detect(sniff(folder / file))) == name
    table = read(folder, file)
    assert table.engine == engine
    assert table.values.shape[1] == 6
    assert len(table.values) >= n_proteins
    assert "mobility_unit" not in table.runs.columns
    human = table.values.index.str.contains("HUMAN")
    if human.sum() > 20:
        assert abs(change(table)[human].median()) < 0.3
    assert not table.values.index.str.contains("Cont_|CON__|contam_").any()


def test_yeast_goes_down_and_bacteria_go_up_in_the_mixture(shared_data: Path) -> None:
    table = read(shared_data / "search_engine_reports", "fragpipe_combined_ion_sample.tsv.gz")
    medians = {
        species: change(table)[table.values.index.str.contains(species)].median() for species in ("YEAST", "ECOLI")
    }
    assert medians["YEAST"] < -0.5
    assert medians["ECOLI"] > 0.7


def test_fragments_of_spectronaut_come_together(shared_data: Path) -> None:
    table = read(shared_data / "search_engine_reports", "spectronaut_report_sample.tsv.gz")
    counts = {count.item: count.n for count in table.counts}
    assert table.values.shape == (33, 1)
    assert counts["precursors repeated in a run"] == 416
    assert table.features["precursors"].sum() == 84
    assert "A0A0B4J2D5;P0DPI2" in table.values.index
