"""AnnData and MuData in; studies as MuData out and in again."""

from __future__ import annotations

import sys
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from organokine.errors import DataError, OrganokineError
from organokine.exchange import write_h5mu
from organokine.readers import READERS, RawMatrix
from organokine.readers.annotated import MOST_SAMPLES
from organokine.readers.assay import read_assay
from organokine.readers.inspection import inspect
from organokine.readers.sniff import sniff
from organokine.study import read_study
from organokine.study_file import AssaySection, ColumnsSection
from tests.small_study import write_small_study

SAMPLES = ["s1", "s2", "s3"]
COUNTS = np.array([[1500.0, 0, 12], [1700, 3, 0], [900, 1, 40]])


def read(path: Path, known: list[str] | None = None, modality: str = "rna", **keys: object) -> RawMatrix:
    section = AssaySection(name="muscle_rna", organ="muscle", modality=modality, file=path.name, **keys)
    return read_assay(path.parent, section, "mouse", known)


def data(x: object = COUNTS, **keys: object) -> AnnData:
    var = pd.DataFrame(
        {"gene_name": ["Anxa2", "Il6", "Gdf15"], "n": [1, 2, 3]},
        index=["ENSMUSG00000032231", "ENSMUSG00000025746", "ENSMUSG00000038508"],
    )
    return AnnData(X=x, obs=pd.DataFrame({"group": ["a", "b", "b"]}, index=SAMPLES), var=var, **keys)


def written(adata: AnnData, folder: Path, name: str = "a.h5ad") -> Path:
    adata.write_h5ad(folder / name)
    return folder / name


def place(table: RawMatrix) -> str:
    return next(count.example for count in table.counts if count.item == "matrix that was read")


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_samples_are_observations_and_symbols_are_found(form, tmp_path):
    path = written(data(form(COUNTS)), tmp_path)
    assert [name for name, card in READERS.items() if card.detect(sniff(path))] == ["anndata", "matrix"]
    table = read(path, known=["s3", "s1", "other"])
    assert table.values.columns.to_list() == ["s1", "s3"]
    np.testing.assert_array_equal(table.values, COUNTS[[0, 2]].T)
    assert table.features["gene"].to_list() == ["Anxa2", "Il6", "Gdf15"]
    assert (table.scale, table.reader, table.engine, place(table)) == ("counts", "anndata", "AnnData", "X")


def test_counts_are_read_from_their_layer_for_rna_and_x_for_protein(tmp_path):
    adata = data(np.log1p(COUNTS), layers={"counts": COUNTS + 0.5}, uns={"log1p": {"base": np.nan}})
    table = read(written(adata, tmp_path))
    assert (table.scale, place(table)) == ("counts", "layers['counts']")
    np.testing.assert_array_equal(table.values, COUNTS.T + 0.5)
    del adata.uns["log1p"]
    assert place(read(written(adata, tmp_path), modality="protein")) == "X"


def test_natural_logarithms_without_counts_are_refused(tmp_path):
    path = written(data(np.log1p(COUNTS), uns={"log1p": {"base": np.nan}}), tmp_path)
    with pytest.raises(DataError, match="natural logarithms"):
        read(path)


def test_what_is_not_read_is_named_and_counts_beside_logarithms_are_rna(tmp_path):
    adata = data(np.log1p(COUNTS), layers={"counts": COUNTS, "scaled": COUNTS}, uns={"log1p": {"base": np.nan}})
    path = written(adata, tmp_path, "muscle.h5ad")
    counted = {count.item: count.example for count in read(path).counts}
    assert counted["matrices not read"] == "'X', \"layers['scaled']\""
    found = inspect(path)
    assert (found.modality, found.scale, found.problems) == ("rna", "counts", ())
    with pytest.raises(DataError, match=r"natural logarithms \(uns\['log1p'\]\)\. .*Write modality = \"rna\""):
        read(path, modality="protein")


def test_cells_are_refused_before_they_are_read(tmp_path):
    n_cells = MOST_SAMPLES + 1
    adata = AnnData(
        X=sparse.csr_matrix((n_cells, 2)), obs=pd.DataFrame(index=[f"c{number}" for number in range(n_cells)])
    )
    adata.obs["donor"] = "d"
    with pytest.raises(DataError, match=f"there are {n_cells} observations.*pseudobulk"):
        read(written(adata, tmp_path))


def test_columns_name_identifier_and_gene(tmp_path):
    adata = data()
    adata.var["accession"] = ["P1", "P2", "P3"]
    table = read(written(adata, tmp_path), columns=ColumnsSection(id="accession", gene="gene_name"))
    assert table.values.index.to_list() == ["P1", "P2", "P3"]
    with pytest.raises(DataError, match=r"columns\.id: var has no column 'acc'"):
        read(written(adata, tmp_path), columns=ColumnsSection(id="acc"))


def test_nan_is_not_measured(tmp_path):
    x = np.array([[20.0, np.nan, 25], [21, 22, 23], [24, 25, 26]])
    table = read(written(data(x), tmp_path), modality="protein")
    assert table.values.isna().to_numpy().tolist() == [[False] * 3, [True, False, False], [False] * 3]


@pytest.mark.parametrize("part", ["obs", "var", "X"])
def test_a_file_without_a_part_is_refused(part, tmp_path):
    path = written(data(), tmp_path)
    with h5py.File(path, "r+") as file:
        del file[part]
    with pytest.raises(DataError):
        read(path)


def test_damaged_files_and_other_hdf5_files_are_refused(tmp_path):
    path = written(data(), tmp_path)
    content = path.read_bytes()
    for share in (0.2, 0.5, 0.9):
        (tmp_path / "cut.h5ad").write_bytes(content[: int(len(content) * share)])
        with pytest.raises(DataError, match="cannot be read"):
            read(tmp_path / "cut.h5ad")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["table"] = [1, 2]
    with pytest.raises(DataError, match="has no obs and no var"):
        read(tmp_path / "other.h5")
    with pytest.raises(DataError):
        read(tmp_path / "nothing.h5ad", format="anndata")


def test_text_and_shapes_that_do_not_fit_are_refused(tmp_path):
    path = written(data(), tmp_path)
    with h5py.File(path, "r+") as file:
        attributes = dict(file["X"].attrs)
        del file["X"]
        file["X"] = np.ones((2, 3))
        file["X"].attrs.update(attributes)
    with pytest.raises(DataError, match=r"X has the shape \(2, 3\)"):
        read(path)


def test_repeated_samples_are_refused(tmp_path):
    path = written(data(), tmp_path)
    with h5py.File(path, "r+") as file:
        index = file["obs"].attrs["_index"]
        file["obs"][index][1] = "s1"
    with pytest.raises(DataError, match="1 samples stand more than once"):
        read(path)


def test_a_study_goes_to_mudata_and_back(tmp_path):
    pytest.importorskip("mudata")
    study = read_study(write_small_study(tmp_path / "study"))
    before = {name: adata.copy() for name, adata in study.assays.items()}
    assert list(study.to_mudata().mod) == list(study.assays)
    write_h5mu(tmp_path / "study.h5mu", study, {"differential": pd.DataFrame({"feature": ["a"], "p": [0.5]})})
    for name, adata in study.assays.items():
        section = AssaySection(
            name=name, organ="x", modality=adata.uns["organokine"]["modality"], file="study.h5mu", format="auto"
        )
        table = read_assay(tmp_path, section, "mouse")
        assert (table.engine, table.scale) == ("MuData", adata.uns["organokine"]["scale"])
        np.testing.assert_array_equal(table.values.to_numpy().T, adata.X)
        assert table.values.columns.to_list() == adata.obs_names.to_list()
        assert table.values.index.to_list() == adata.var_names.to_list()
        for column in ("gene", "genes", "protein", "precursors"):
            pd.testing.assert_series_equal(
                table.features[column], adata.var[column], check_names=False, check_index_type=False
            )
        pd.testing.assert_frame_equal(adata.obs, before[name].obs)
    with h5py.File(tmp_path / "study.h5mu") as file:
        assert {"runs", "joins", "flags", "differential", "study", "version"} <= set(file["uns"]["organokine"])


def test_a_modality_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    pytest.importorskip("mudata")
    write_h5mu(tmp_path / "study.h5mu", read_study(write_small_study(tmp_path / "study")))
    section = AssaySection(name="liver_rna", organ="liver", modality="rna", file="study.h5mu")
    with pytest.raises(DataError, match="none of the modalities 'cerebellum_protein', 'cerebellum_rna'"):
        read_assay(tmp_path, section, "mouse")


def test_without_mudata_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    study = read_study(write_small_study(tmp_path))
    monkeypatch.setitem(sys.modules, "mudata", None)
    with pytest.raises(OrganokineError, match=r"organokine\[mudata\]"):
        study.to_mudata()
