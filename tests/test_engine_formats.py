"""One study in the formats of four programs: reading them changes nothing of what the study says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import organokine as ok
from organokine import cli
from organokine.references import load_references
from organokine.stages.differential import differential_table
from organokine.stages.prepare import prepare
from organokine.study import Study
from organokine.study_file import DifferentialSection
from tests.small_study import write_small_study

FILES = {
    "muscle protein.tsv": "muscle_report.parquet",
    "cerebellum_protein.tsv": "cerebellum/combined_protein.tsv",
    "muscle_rna.tsv": "muscle_counts.txt",
    "cerebellum_rna.tsv": "cerebellum_rna.h5ad",
}


def write_diann(table: pd.DataFrame, path: Path) -> None:
    """A report of DIA-NN 2: as many parallel precursors as the protein has, and rows that its filters leave out."""
    samples = [name for name in table.columns if name.startswith("mu_")]
    repeated = table.loc[table.index.repeat(table["precursors"])]
    number = repeated.groupby("protein").cumcount()
    wide = (2.0 ** repeated[samples]).mul(1.5 ** (number % 7), axis=0)
    wide = wide.assign(
        **{"Precursor.Id": [f"PEPK{n}2" for n in range(len(wide))], "Protein.Group": repeated["protein"]}
    )
    rows = wide.assign(Genes=repeated["gene"]).melt(
        ["Precursor.Id", "Protein.Group", "Genes"], var_name="Run", value_name="Precursor.Normalised"
    )
    rows = rows.assign(
        **{
            "Q.Value": 0.001,
            "PG.Q.Value": 0.01,
            "Lib.Q.Value": 0.001,
            "Lib.PG.Q.Value": 0.001,
            "Decoy": 0,
            "Run.Index": 1,
        }
    )
    noise = rows.iloc[:3].assign(**{"Precursor.Normalised": 1e12})
    noise = noise.assign(**{"Q.Value": [0.5, 0.001, 0.001], "PG.Q.Value": [0.01, 0.5, 0.01], "Decoy": [0, 0, 1]})
    pd.concat([noise, rows]).to_parquet(path)


def write_fragpipe(table: pd.DataFrame, path: Path) -> None:
    samples = [name for name in table.columns if name.startswith("cb_")]
    path.parent.mkdir()
    pd.DataFrame(
        {
            "Protein": "sp|" + table["protein"] + "|X_MOUSE",
            "Protein ID": table["protein"],
            "Gene": table["gene"],
            "Combined Total Peptides": table["precursors"],
            **{f"{name} MaxLFQ Intensity": 2.0 ** table[name] for name in samples},
        }
    ).to_csv(path, sep="\t", index=False)


def write_featurecounts(table: pd.DataFrame, path: Path) -> None:
    place = {"Chr": "1", "Start": 1, "End": 900, "Strand": "+", "Length": 900}
    counts = table.drop(columns="gene").rename(columns=lambda name: f"/data/star/{name}.sorted.bam")
    body = pd.concat([table[["gene"]].rename(columns={"gene": "Geneid"}).assign(**place), counts], axis="columns")
    path.write_text('# Program:featureCounts v2.0.6; Command:"x"\n' + body.to_csv(sep="\t", index=False))


def write_h5ad(table: pd.DataFrame, path: Path) -> None:
    values = table.set_index("gene").T
    data = AnnData(
        np.log1p(values.to_numpy(float)), pd.DataFrame(index=values.index), pd.DataFrame(index=values.columns)
    )
    data.layers["counts"] = values.to_numpy(float)
    data.uns["log1p"] = {}
    data.write_h5ad(path)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return ok.read_study(write_small_study(tmp_path_factory.mktemp("plain")))


@pytest.fixture(scope="module")
def converted(plain: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study file of the same study in other formats."""
    folder = tmp_path_factory.mktemp("converted")
    writers = (write_diann, write_fragpipe, write_featurecounts, write_h5ad)
    for (old, new), write in zip(FILES.items(), writers, strict=True):
        write(pd.read_csv(plain.file.folder / old, sep="\t"), folder / new)
    text = (plain.file.folder / "study.toml").read_text(encoding="utf-8")
    for old, new in FILES.items():
        text = text.replace(old, new)
    lines = [line for line in text.splitlines() if not line.startswith("columns")]
    (folder / "study.toml").write_text("\n".join(lines), encoding="utf-8")
    (folder / "samples.tsv").write_bytes((plain.file.folder / "samples.tsv").read_bytes())
    return folder / "study.toml"


def test_values_precursors_and_results_are_those_of_the_plain_study(plain: Study, converted: Path) -> None:
    study = ok.read_study(converted)
    assert [assay.format for assay in study.file.assay] == ["diann", "featurecounts", "fragpipe", "anndata"]
    for name, data in plain.assays.items():
        found = study.assays[name][data.obs_names, data.var_names]
        centred = [adata.X - np.mean(adata.X, axis=0) for adata in (found, data)]
        np.testing.assert_allclose(*centred, atol=1e-6)
        if name.endswith("protein"):
            np.testing.assert_array_equal(found.var["precursors"], data.var["precursors"])
        assert found.var["gene"].tolist() == data.var["gene"].tolist()
    joins = study.joins.set_index(["assay", "item"])
    assert "Lib.PG.Q.Value <= 0.01; set by q_values" in joins.loc[("muscle_protein", "rows of precursors read"), "note"]
    for item in ("decoys", "rows with Q.Value above 0.01", "rows with PG.Q.Value above 0.05"):
        assert joins.loc[("muscle_protein", item), "n"] == 1
    before, after = differential(plain), differential(study)
    for name in plain.assays:
        # directLFQ adds the precursors up, so the level of a protein rises with their number, and the prior with it
        columns = ["log2fc"] if name == "muscle_protein" else ["log2fc", "se", "df", "p"]
        for column in columns:
            np.testing.assert_allclose(after.loc[name, column], before.loc[name, column], rtol=1e-4)


def differential(study: Study, options: DifferentialSection | None = None) -> pd.DataFrame:
    prepared = prepare(study, load_references("mouse")).assays
    table = differential_table(prepared, study.file.contrast, options or DifferentialSection())
    return table.sort_values(["assay", "feature"]).set_index("assay")


def test_the_number_of_precursors_reaches_the_variance_prior(converted: Path) -> None:
    study = ok.read_study(converted)
    with_them, without = (differential(study, DifferentialSection(precursor_trend=asked)) for asked in (True, False))
    assert not np.allclose(with_them.loc["muscle_protein", "se"], without.loc["muscle_protein", "se"])
    np.testing.assert_array_equal(with_them.loc["muscle_rna", "se"], without.loc["muscle_rna", "se"])


def test_a_filter_of_the_study_file_goes_before_that_of_the_reader(converted: Path) -> None:
    text = converted.read_text(encoding="utf-8")
    asked = 'file = "muscle_report.parquet"\nq_values = { "Q.Value" = 0.9 }'
    loose = converted.with_name("loose.toml")
    loose.write_text(text.replace('file = "muscle_report.parquet"', asked), encoding="utf-8")
    joins = ok.read_study(loose).joins.set_index(["assay", "item"])
    assert ("muscle_protein", "rows with Q.Value above 0.01") not in joins.index
    assert "Q.Value <= 0.9" in joins.loc[("muscle_protein", "rows of precursors read"), "note"]


def test_new_knows_the_programs_of_the_folder(
    converted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in converted.parent.glob("muscle_*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "cerebellum_rna.h5ad").write_bytes((converted.parent / "cerebellum_rna.h5ad").read_bytes())
    assert cli.status(["new", str(tmp_path)]) == 0
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    assert all(f'format = "{name}"' in text for name in ("diann", "featurecounts", "anndata"))
    capsys.readouterr()
    assert cli.status(["check", str(tmp_path / "study.toml")]) == 1, "the names of the samples tell no group"
    assert capsys.readouterr().err.count("Fill in that column") == 2
