from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import organokine as ok
from organokine.errors import DataError
from tests.arm_study import GAIN, arms, assembled, simulated

TARGET = "cerebellum_protein"


@pytest.fixture(scope="module")
def sides() -> tuple[pd.DataFrame, pd.DataFrame, ok.Samples, ok.Samples]:
    made = simulated()
    sheets = [made.samples[made.samples["assay"] == name].drop(columns="assay") for name in (TARGET, GAIN)]
    return (
        made.tables[TARGET].values,
        made.tables[GAIN].values,
        ok.Samples(sheets[0], "age", "old", "young", ("sex", "batch")),
        ok.Samples(sheets[1], "virus", "AAV-Anxa2", "AAV-GFP"),
    )


HOW: dict[str, Any] = {"gene": "Anxa2", "modality": "protein", "scale": "log2"}


def test_two_matrices_give_what_a_run_gives(sides: Any) -> None:
    row = ok.perturbation(*sides, **HOW, background="young").summary.iloc[0]
    of_run = arms(assembled(simulated()))["perturbations"].iloc[0]
    assert row["verdict"] == of_run["verdict"] == "sufficient"
    numbers = ["rho", "p", "fraction", "fraction_low", "fraction_high", "engagement_log2fc", "smallest_p", "n_genes"]
    np.testing.assert_allclose(row[numbers].astype(float), of_run[numbers].astype(float), rtol=0.02)


def test_what_was_expected_may_be_declared_and_without_a_gene_nothing_is_claimed(sides: Any) -> None:
    row = ok.perturbation(*sides, modality="protein", scale="log2", expects="reproduces").summary.iloc[0]
    assert (row["gene"], row["direction"], row["state"], row["verdict"]) == ("", 1, "engagement_not_measured", "")
    assert row["p"] < 0.05
    against = ok.perturbation(*sides, **HOW, expects="reverses").summary.iloc[0]
    assert against["verdict"] == "opposite"


def test_two_tables_have_no_p_and_no_interval(sides: Any) -> None:
    tables = [
        ok.differential(
            values, of.table, factor=of.factor, case=of.case, control=of.control, scale="log2", covariates=of.covariates,
            genes=pd.Series(values.index, values.index),
        )
        for values, of in zip(sides[:2], sides[2:], strict=True)
    ]  # fmt: skip
    found = ok.perturbation(*tables, gene="Anxa2")
    row, whole = found.summary.iloc[0], ok.perturbation(*sides, **HOW).summary.iloc[0]
    assert row["state"] == "no_animals"
    assert np.isnan(row[["p", "smallest_p", "fraction_low", "fraction_high"]].astype(float)).all()
    assert row["fraction"] == pytest.approx(whole["fraction"], abs=0.1)
    assert row["rho"] == pytest.approx(whole["rho"], abs=0.1)
    assert row["engagement"] == "engaged"
    assert len(found.scores) == 0
    assert "Anxa2" not in set(found.genes["gene"])


def test_bad_input_is_refused_with_its_name(sides: Any) -> None:
    contrast, arm, of_contrast, of_arm = sides
    refused: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
        ("one of the two came with samples", (contrast, arm, of_contrast), {}),
        ("kind: ", (*sides,), HOW | {"kind": "gane"}),
        (
            "case is 'AAV-GFP' and control is 'AAV-GFP'",
            (contrast, arm, of_contrast, of_arm._replace(case="AAV-GFP")),
            HOW,
        ),
        ("no sample has virus = 'x'", (contrast, arm, of_contrast, of_arm._replace(case="x")), HOW),
        ("only 1 of virus", (contrast, arm, of_contrast, of_arm._replace(table=of_arm.table.iloc[4:])), HOW),
        (
            "have 0 genes in common",
            (contrast, arm.set_axis([f"x{i}" for i in range(len(arm))]), of_contrast, of_arm),
            HOW,
        ),
        (r"\[arm\]: no sample has virus = 'x'", (contrast, arm, of_contrast, of_arm._replace(case="x")), HOW),
        ("neither table has a gene 'anxa2'.*Write 'Anxa2'", (*sides,), HOW | {"gene": "anxa2"}),
        ("and moves = 'down' says the other way", (*sides,), HOW | {"moves": "down"}),
        ("'sideways' is not a level", (*sides,), HOW | {"background": "sideways"}),
        ("10 doses are no numbers", (*sides,), HOW | {"dose": "sex"}),
        ("table contrast: the columns 'gene'", (contrast, arm), {}),
    ]
    for message, given, how in refused:
        with pytest.raises(DataError, match=message):
            ok.perturbation(*given, **how)
    twice = pd.DataFrame({"gene": ["a", "a"], "log2fc": 1.0, "se": 1.0, "df": 5.0, "t": 1.0, "p": 0.5})
    with pytest.raises(DataError, match="1 genes stand in several rows: 'a'"):
        ok.perturbation(twice, twice)
    with pytest.raises(DataError, match="the two tables are the same"):
        ok.perturbation(twice.head(1), twice.head(1))


def test_a_change_of_the_gene_that_is_not_seen_gives_no_direction(sides: Any) -> None:
    contrast, arm, of_contrast, of_arm = sides
    flat = contrast.copy()
    flat.loc["Anxa2"] = 20.0 + np.random.default_rng(4).normal(0, 0.3, flat.shape[1])
    row = ok.perturbation(flat, arm, of_contrast, of_arm, **HOW).summary.iloc[0]
    assert (row["direction"], row["state"], row["verdict"]) == (0, "direction_unknown", "")
    assert np.isfinite(row["contrast_log2fc"])
    expected = ok.perturbation(flat, arm, of_contrast, of_arm, **HOW, expects="reproduces").summary.iloc[0]
    assert (expected["direction"], expected["state"]) == (1, "tested")


def test_the_sheet_of_a_study_will_do(sides: Any) -> None:
    whole = simulated().samples.drop_duplicates("sample")
    given = ok.perturbation(*sides[:2], *(each._replace(table=whole) for each in sides[2:]), **HOW)
    pd.testing.assert_frame_equal(given.summary, ok.perturbation(*sides, **HOW).summary)


def motrpac(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Log2 ratios of the gastrocnemius proteome by gene, and its samples; the row with most values stands for its gene."""
    stem = folder / "motrpac_rat_training" / "gastrocnemius_proteome_log2ratio"
    read = {part: pd.read_csv(f"{stem}.{part}.tsv.gz", sep="\t") for part in ("matrix", "features", "samples")}
    values = read["matrix"].set_index("feature_id")
    gene = read["features"].set_index("feature_id")["gene_symbol"].reindex(values.index)
    order = values.notna().sum(axis=1).sort_values(ascending=False, kind="stable").index
    kept = order[gene[order].notna() & ~gene[order].duplicated()]
    sheet = read["samples"].astype({"sample": str}).rename(columns={"pid": "subject"})
    sheet["weeks"] = sheet["timepoint"].map({"SED": 0, "1W": 1, "2W": 2, "4W": 4, "8W": 8})
    sheet["trained"] = np.where(sheet["weeks"] > 0, "yes", "no")
    return values.loc[kept].set_axis(gene[kept].to_numpy()), sheet


@pytest.mark.public
@pytest.mark.slow
def test_training_of_males_stands_in_for_a_perturbation_and_is_reproduced_in_females(shared_data: Path) -> None:
    values, sheet = motrpac(shared_data)
    males, females = (sheet[sheet["sex"] == sex] for sex in ("Male", "Female"))
    contrast = ok.Samples(males, "timepoint", "8W", "SED")
    how: dict[str, Any] = {"gene": "Hk2", "modality": "protein", "scale": "log2"}
    found = ok.perturbation(values, values, contrast, ok.Samples(females, "trained", "yes", "no"), dose="weeks", **how)
    row, doses = found.summary.iloc[0], found.doses.set_index("dose")
    assert row["shared_samples"] == 0, "the rats of the two sexes are other rats"
    assert (row["engagement"], row["state"], row["verdict"]) == ("engaged", "tested", "reproduces")
    assert row["fraction_low"] > 0
    assert doses.index.tolist() == [0, 1, 2, 4, 8]
    assert 0 < doses.loc[1, "fraction"] < doses.loc[8, "fraction"]
    assert row["dose_p"] < 0.01

    everyone = ok.Samples(sheet, "timepoint", "8W", "SED", ("sex",))
    row = ok.perturbation(values, values, everyone, everyone._replace(case="1W"), **how).summary.iloc[0]
    assert row["shared_samples"] == 10
    assert "10 controls were samples of the contrast as well and were divided" in row["note"]
    row = ok.perturbation(values, values, everyone, everyone, **how).summary.iloc[0]
    assert row["state"] == "shared_samples"
    assert np.isnan(row["p"])
