from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from organokine.design import design_matrix
from organokine.errors import DataError
from organokine.perturbation_section import InteractionSection, PerturbationSection
from organokine.simulate import Simulated
from organokine.stages.arm_tables import thinned
from organokine.stages.arms import can_show, divide_shared, shared_samples, side_of
from organokine.stages.prepare import prepare
from organokine.study import Study
from organokine.study_file import ContrastSection
from tests.arm_study import GAIN, LOSS, arms, assembled, simulated, with_arms

TARGET = "cerebellum_protein"


@pytest.fixture(scope="module")
def made() -> Simulated:
    return simulated()


@pytest.fixture(scope="module")
def study(made: Simulated) -> Study:
    return assembled(made)


@pytest.fixture(scope="module")
def tables(study: Study) -> dict[str, pd.DataFrame]:
    return arms(study)


def first(tables: dict[str, pd.DataFrame], comparison: str = "perturbed") -> pd.Series:
    rows = tables["perturbations"]
    return rows[rows["comparison"] == comparison].iloc[0]


def only_gain(made: Simulated, **changes: Any) -> Simulated:
    """The study with its first arm alone, changed."""
    sections = made.file.model_dump(exclude_none=True)
    sections["perturbation"] = [sections["perturbation"][0] | changes]
    sections["assay"] = [each for each in sections["assay"] if each["name"] != LOSS]
    kept = {name: table for name, table in made.tables.items() if name != LOSS}
    samples = made.samples[made.samples["assay"] != LOSS].reset_index(drop=True)
    return made._replace(file=type(made.file).model_validate(sections), tables=kept, samples=samples)


def test_gain_in_young_is_sufficient_and_loss_in_old_is_necessary(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["perturbations"].set_index("kind")
    assert rows["verdict"].to_dict() == {"gain": "sufficient", "loss": "necessary"}
    assert rows["direction"].to_dict() == {"gain": 1, "loss": -1}
    assert (rows["engagement"] == "engaged").all()
    assert (rows["n_arrangements"] == 252).all()
    assert rows["smallest_p"].to_numpy() == pytest.approx(1 / 252)
    for kind, true in (("gain", 0.6), ("loss", -0.6)):
        assert rows.loc[kind, "fraction_low"] < true < rows.loc[kind, "fraction_high"]
        assert rows.loc[kind, "fraction"] == pytest.approx(true, abs=0.2)
    assert (rows["engagement_log2fc"].abs() > 2).all()
    assert (rows["contrast_log2fc"] > 0.5).all()


def test_scores_of_animals_are_those_of_their_groups(tables: dict[str, pd.DataFrame]) -> None:
    scores = tables["perturbation_scores"]
    means = scores.groupby(["arm", "side", "group"])["score"].mean()
    assert means["AAV-Anxa2", "arm", "AAV-GFP"] == pytest.approx(0, abs=1e-9)
    assert means["AAV-Anxa2", "contrast", "old"] == pytest.approx(1, abs=0.25)
    row = tables["perturbations"].set_index("arm").loc["AAV-Anxa2"]
    assert means["AAV-Anxa2", "arm", "AAV-Anxa2"] == pytest.approx(row["fraction"], abs=1e-9)
    assert len(scores) == 2 * (10 + 12)
    assert scores["dose"].isna().all()


def test_the_moved_gene_is_left_out_of_the_pictures(tables: dict[str, pd.DataFrame]) -> None:
    genes = tables["perturbation_genes"]
    assert "Anxa2" not in set(genes["gene"])
    assert set(genes["arm"]) == {"AAV-Anxa2", "AAV-shAnxa2"}
    assert len(tables["perturbation_overlap"]) == 2 * 24 * 24


def test_thinning_keeps_the_clearest_and_an_even_rest() -> None:
    t = np.random.default_rng(0).normal(size=5000)
    points = pd.DataFrame({"contrast_t": t}, index=[f"g{place:04d}" for place in range(5000)])
    kept = thinned(points)
    assert len(kept) == 2000
    assert set(points.index[np.argsort(-np.abs(t))[:1000]]) <= set(kept.index)
    assert kept.index.is_monotonic_increasing
    assert thinned(points.head(100)).equals(points.head(100))


def test_an_arm_that_did_not_move_its_gene_has_failed_and_is_not_negative() -> None:
    row = first(arms(assembled(only_gain(simulated(arm_move=0.0)))))
    assert (row["engagement"], row["state"], row["verdict"]) == ("not_engaged", "not_engaged", "")
    assert np.isnan(row["p"])


def test_an_arm_that_goes_the_other_way_is_not_taken_for_support() -> None:
    row = first(arms(assembled(only_gain(simulated(arm_fraction=-0.6)))))
    assert (row["state"], row["verdict"]) == ("tested", "opposite")
    assert row["p"] > 0.95
    assert row["fraction_high"] < 0


def test_a_knock_out_that_is_measured_in_controls_only_has_moved() -> None:
    made = simulated()
    table = made.tables[LOSS]
    sheet = made.samples[made.samples["assay"] == LOSS]
    case = sheet.loc[sheet["virus"] == "AAV-shAnxa2", "sample"]
    table.values.loc["Anxa2", case] = np.nan
    rows = arms(assembled(made))["perturbations"].set_index("kind")
    assert rows.loc["loss", "engagement"] == "engaged"
    assert rows.loc["loss", "engagement_p"] == pytest.approx(1 / 252)
    assert "0 of 5 perturbed and 5 of 5 control" in rows.loc["loss", "note"]


def test_engagement_that_no_table_shows_is_declared_or_missing(made: Simulated) -> None:
    table = made.tables[GAIN]
    without = made.tables | {
        GAIN: replace(table, values=table.values.drop("Anxa2"), features=table.features.drop("Anxa2"))
    }
    made = made._replace(tables=without)
    study = assembled(only_gain(made))
    assert "engagement_not_measured" in set(study.flags["flag"])
    row = first(arms(study))
    assert (row["state"], row["engagement"], row["verdict"]) == ("engagement_not_measured", "not_measured", "")
    assert row["p"] < 0.05, "the result is shown, and supports no claim"
    row = first(arms(assembled(only_gain(made, engagement="declared"))))
    assert (row["state"], row["engagement"], row["verdict"]) == ("tested", "declared", "sufficient")


def test_engagement_can_be_seen_in_another_assay(made: Simulated) -> None:
    sections = made.file.model_dump(exclude_none=True)
    other = next(each for each in sections["assay"] if each["name"] == GAIN) | {"name": "seen", "organ": "muscle"}
    sections["assay"] = [*sections["assay"], other]
    sections["perturbation"][0]["engagement"] = "seen"
    rows = made.samples[made.samples["assay"] == GAIN].assign(assay="seen")
    bent = made._replace(
        file=type(made.file).model_validate(sections),
        tables={**made.tables, "seen": made.tables[GAIN]},
        samples=pd.concat([made.samples, rows], ignore_index=True),
    )
    row = first(arms(assembled(bent)))
    assert (row["engagement"], row["engagement_assay"], row["contrast_assay"]) == ("engaged", "seen", "muscle_protein")
    assert row["organ"] == "cerebellum"


def test_an_inhibitor_may_act_without_moving_the_level() -> None:
    made = only_gain(simulated(arm_move=0.0, arm_fraction=-0.6), kind="inhibitor")
    assert first(arms(assembled(made)))["state"] == "engagement_not_measured"
    of_arm = made.samples["assay"] == GAIN
    made = made._replace(samples=made.samples.assign(age=made.samples["age"].mask(of_arm, "old")))
    row = first(arms(assembled(with_arms(made, lambda arm: arm | {"engagement": "declared", "background": "old"}))))
    assert (row["state"], row["verdict"]) == ("tested", "necessary")


def test_a_compound_without_a_direction_supports_nothing_and_a_transfer_no_gene(made: Simulated) -> None:
    row = first(arms(assembled(only_gain(made, kind="compound"))))
    assert (row["state"], row["shows"], row["direction"]) == ("direction_unknown", "undirected", 0)
    assert row["p"] >= 2 / 252
    row = first(arms(assembled(only_gain(made, kind="transfer", moves="up"))))
    assert (row["state"], row["verdict"]) == ("tested", "transfers")


def test_three_animals_have_a_p_unless_sex_is_kept_apart() -> None:
    made = only_gain(simulated(arm_animals=3))
    row = first(arms(assembled(made)))
    assert (row["state"], row["smallest_p"]) == ("tested", 0.05)
    row = first(arms(assembled(with_arms(made, lambda arm: arm | {"covariates": ["sex"]}))))
    assert row["state"] == "too_few_animals_for_p"
    assert row["smallest_p"] == pytest.approx(1 / 12)
    assert np.isnan(row["p"])
    assert np.isfinite(row["rho"])
    assert np.isfinite(row["fraction_low"])


def sharing(made: Simulated, which: str) -> Simulated:
    """The study with the same young animals as controls (or, perturbed, the same animals) of contrast and arm."""
    made = only_gain(made)
    target, gain = made.tables[TARGET], made.tables[GAIN]
    sheet = made.samples
    young = sheet.loc[(sheet["assay"] == TARGET) & (sheet["age"] == "young")]
    group = sheet["virus"] == ("AAV-GFP" if which == "controls" else "AAV-Anxa2")
    own = sheet.index[(sheet["assay"] == GAIN) & group]
    taken = young.head(len(own))
    values = gain.values.copy()
    values[sheet.loc[own, "sample"]] = target.values[taken["sample"]].reindex(values.index).to_numpy()
    sheet = sheet.copy()
    sheet.loc[own, "subject"] = taken["subject"].to_numpy()
    return made._replace(tables=made.tables | {GAIN: replace(gain, values=values)}, samples=sheet)


def test_shared_controls_are_divided_and_said(made: Simulated) -> None:
    bent = sharing(made, "controls")
    row = first(arms(assembled(bent)))
    assert row["shared_samples"] == 5
    assert (row["n_case"], row["n_control"]) == (5, 2)
    assert (
        "5 controls were samples of the contrast as well and were divided: 3 stayed with the contrast, 2" in row["note"]
    )
    assert row["n_arrangements"] == 21
    assert row["state"] == "tested"


def test_shared_controls_are_seen_by_their_values_under_another_name(made: Simulated) -> None:
    bent = sharing(made, "controls")
    samples = bent.samples.copy()
    is_arm = samples["assay"] == GAIN
    samples.loc[is_arm, "subject"] = [f"other{place}" for place in range(int(is_arm.sum()))]
    study = assembled(bent._replace(samples=samples))
    assays = prepare(study, None).assays
    found = shared_samples(assays[TARGET], assays[GAIN])
    assert len(found) == 5
    assert all(contrast.endswith(TARGET) and arm.endswith(GAIN) for arm, contrast in found.items())


def test_perturbed_animals_of_the_contrast_are_refused(made: Simulated) -> None:
    row = first(arms(assembled(sharing(made, "perturbed"))))
    assert (row["state"], row["shared_samples"], row["n_genes"]) == ("shared_samples", 5, 0)
    assert "agree by construction" in row["note"]
    assert np.isnan(row[["p", "rho", "fraction"]].astype(float)).all()


def test_controls_too_few_to_be_divided_are_refused(made: Simulated) -> None:
    study = assembled(sharing(simulated(arm_animals=3), "controls"))
    assays = prepare(study, None).assays
    arm = study.file.perturbation[0]
    asked = ContrastSection(factor=arm.factor, case=arm.case, control=arm.control)
    split = divide_shared(assays[TARGET], study.file.contrast, assays[GAIN], asked, np.random.default_rng(0))
    assert split.contrast is None
    assert "too few to be divided" in split.note


def test_dividing_leaves_no_animal_on_both_sides_and_both_designs_whole(made: Simulated) -> None:
    study = assembled(sharing(made, "controls"))
    assays = prepare(study, None).assays
    arm = study.file.perturbation[0]
    asked = ContrastSection(factor=arm.factor, case=arm.case, control=arm.control)
    for seed in range(5):
        split = divide_shared(assays[TARGET], study.file.contrast, assays[GAIN], asked, np.random.default_rng(seed))
        subjects = [
            set(assays[name].obs.loc[kept, "subject"]) for name, kept in ((TARGET, split.contrast), (GAIN, split.arm))
        ]
        assert subjects[0] & subjects[1] == set()
        assert len(subjects[0] | subjects[1]) == 12 + 5
        design_matrix(assays[TARGET].obs.loc[split.contrast], study.file.contrast)


def three_groups(made: Simulated, third: str) -> Simulated:
    """The gain arm with a third group: perturbed animals that fall back to the controls in part."""
    made = only_gain(made)
    gain, sheet = made.tables[GAIN], made.samples
    own = sheet[sheet["assay"] == GAIN]
    case, control = own[own["virus"] == "AAV-Anxa2"], own[own["virus"] == "AAV-GFP"]
    difference = gain.values[case["sample"]].mean(axis=1) - gain.values[control["sample"]].mean(axis=1)
    rng = np.random.default_rng(9)
    names = [f"rescue{place}" for place in range(5)]
    noise = rng.normal(0, 0.2, (len(gain.values), 5))
    more = (
        gain.values[control["sample"]].mean(axis=1).to_numpy()[:, None] + noise + 0.1 * difference.to_numpy()[:, None]
    )
    values = pd.concat([gain.values, pd.DataFrame(more, gain.values.index, names)], axis=1)
    rows = case.assign(sample=names, subject=names, virus=third)
    return made._replace(
        tables=made.tables | {GAIN: replace(gain, values=values)}, samples=pd.concat([sheet, rows], ignore_index=True)
    )


def test_a_rescue_asks_twice_and_the_rescued_are_held_against_the_perturbed(made: Simulated) -> None:
    bent = with_arms(three_groups(made, "rescued"), lambda arm: arm | {"rescue": "rescued"})
    found = arms(assembled(bent))
    perturbed, rescue = first(found), first(found, "rescue")
    assert (perturbed["verdict"], rescue["verdict"]) == ("sufficient", "reverses")
    assert (perturbed["moves"], rescue["moves"]) == ("up", "down")
    assert rescue["engagement"] == "engaged"
    assert rescue["fraction"] < 0
    assert (rescue["n_case"], rescue["n_control"]) == (5, 5)


def test_an_interaction_asks_for_the_difference_of_two_effects(made: Simulated) -> None:
    made = only_gain(simulated(arm_animals=8))
    sheet = made.samples.copy()
    own = sheet.index[sheet["assay"] == GAIN]
    sheet.loc[own, "genotype"] = ["ko", "wt"] * 8
    gain = made.tables[GAIN]
    values = gain.values.copy()
    # In wild types the virus does nothing.
    case = sheet.loc[own][lambda rows: (rows["virus"] == "AAV-Anxa2") & (rows["genotype"] == "wt")]["sample"]
    other = sheet.loc[own][lambda rows: (rows["virus"] == "AAV-GFP") & (rows["genotype"] == "wt")]["sample"]
    rng = np.random.default_rng(4)
    values[case] = values[other].to_numpy() + rng.normal(0, 0.2, (len(values), 4))
    bent = made._replace(tables=made.tables | {GAIN: replace(gain, values=values)}, samples=sheet)
    section = {"factor": "genotype", "case": "ko", "control": "wt"}
    row = first(arms(assembled(with_arms(bent, lambda arm: arm | {"interaction": section}))), "interaction")
    assert row["state"] == "tested"
    assert row["verdict"] == "reproduces"
    assert row["fraction_low"] < 0.6 < row["fraction_high"]
    assert row["n_arrangements"] == 1001


def test_an_interaction_without_one_of_its_groups_is_refused(made: Simulated) -> None:
    adata = prepare(assembled(only_gain(made)), None).assays[GAIN]
    section = only_gain(made, interaction={"factor": "sex", "case": "male", "control": "female"}).file.perturbation[0]
    asked = ContrastSection(factor="virus", case="AAV-Anxa2", control="AAV-GFP")
    assert side_of(adata, asked, section).n_factor == 4
    one_lost = (adata.obs["sex"] == "male") & (adata.obs["virus"] == "AAV-GFP")
    with pytest.raises(DataError, match="do not fill the four groups of virus and sex"):
        side_of(adata[~one_lost.to_numpy()], asked, section)


def test_doses_are_put_in_order_and_a_trend_among_perturbed_animals_is_tested() -> None:
    made = only_gain(simulated(arm_animals=6))
    sheet, gain = made.samples.copy(), made.tables[GAIN]
    own = sheet[sheet["assay"] == GAIN]
    case, control = (own.loc[own["virus"] == virus] for virus in ("AAV-Anxa2", "AAV-GFP"))
    sheet.loc[case.index, "vg"] = [1e11, 1e9, 1e10] * 2
    values = gain.values.copy()
    share = {1e9: 0.1, 1e10: 0.5, 1e11: 1.0}
    middle = values[control["sample"]].mean(axis=1)
    for sample, dose in zip(case["sample"], [1e11, 1e9, 1e10] * 2, strict=True):
        values[sample] = middle + share[dose] * (values[sample] - middle)
    bent = made._replace(tables=made.tables | {GAIN: replace(gain, values=values)}, samples=sheet)
    found = arms(assembled(with_arms(bent, lambda arm: arm | {"dose": "vg"})))
    doses = found["perturbation_doses"]
    assert doses["dose"].tolist() == [0.0, 1e9, 1e10, 1e11]
    assert doses["n"].tolist() == [6, 2, 2, 2]
    assert doses["fraction"].is_monotonic_increasing
    assert doses["engagement_log2fc"].is_monotonic_increasing
    assert np.isnan(doses["fraction_low"].iloc[0])
    assert first(found)["dose_p"] == pytest.approx(1 / 90), (
        "one arrangement of 90 puts two animals on each of three doses"
    )
    assert set(found["perturbation_scores"]["dose"].dropna()) == {0.0, 1e9, 1e10, 1e11}


def test_an_organ_the_contrast_does_not_have_leaves_no_signature(made: Simulated) -> None:
    sections = only_gain(made).file.model_dump(exclude_none=True)
    for assay in sections["assay"]:
        assay["organ"] = "liver" if assay["name"] == GAIN else assay["organ"]
    bent = only_gain(made)._replace(file=type(made.file).model_validate(sections))
    study = assembled(bent)
    assert "no_contrast_assay" in set(study.flags["flag"])
    row = first(arms(study))
    assert row["state"] == "no_contrast_assay"
    assert row["engagement"] == "engaged"


def test_without_arms_all_tables_are_empty() -> None:
    assert all(len(table) == 0 for table in arms(assembled(simulated(perturbations=False))).values())


CONTRAST = ContrastSection(factor="age", case="old", control="young")


def arm(kind: str) -> PerturbationSection:
    return PerturbationSection(name="a", gene="G", kind=kind, assay="a", factor="virus", case="x", control="y")


@pytest.mark.parametrize(
    ("kind", "comparison", "direction", "background", "word"),
    [
        ("gain", "perturbed", 1, "young", "sufficient"),
        ("loss", "perturbed", 1, "young", "sufficient"),
        ("gain", "perturbed", 1, "", "reproduces"),
        ("gain", "perturbed", 1, "old", "reproduces"),
        ("loss", "perturbed", -1, "old", "necessary"),
        ("inhibitor", "perturbed", -1, "old", "necessary"),
        ("gain", "perturbed", -1, "old", "reverses"),
        ("loss", "perturbed", -1, "young", "opposes"),
        ("loss", "perturbed", -1, "", "opposes"),
        ("gain", "rescue", -1, "young", "reverses"),
        ("loss", "rescue", 1, "old", "reproduces"),
        ("loss", "interaction", -1, "old", "necessary"),
        ("loss", "interaction", -1, "", "opposes"),
        ("gain", "interaction", -1, "young", "opposes"),
        ("gain", "interaction", 1, "young", "reproduces"),
        ("transfer", "perturbed", 1, "young", "transfers"),
        ("compound", "perturbed", 0, "young", "undirected"),
    ],
)
def test_the_word_of_a_design(kind: str, comparison: str, direction: int, background: str, word: str) -> None:
    assert can_show(arm(kind), comparison, direction, background, CONTRAST) == word


def test_an_interaction_with_the_contrast_itself_is_asked_of_animals_that_have_it() -> None:
    levels = {"factor": CONTRAST.factor, "case": CONTRAST.case, "control": CONTRAST.control}
    asks_old = arm("loss").model_copy(update={"interaction": InteractionSection(**levels)})
    turned = levels | {"case": CONTRAST.control, "control": CONTRAST.case}
    asks_young = arm("loss").model_copy(update={"interaction": InteractionSection(**turned)})
    assert can_show(asks_old, "interaction", -1, "", CONTRAST) == "necessary"
    assert can_show(asks_young, "interaction", -1, "", CONTRAST) == "opposes"
