"""Every question that can be asked of one table, and what is refused."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from organokine import tables
from organokine.errors import DataError
from organokine.stages.one_assay import compare

N_FEATURES = 400
GROUPS = ["high"] * 4 + ["low"] * 4 + ["middle"] * 4
QUESTIONS = {
    "groups": {"factor": "group", "case": "high", "control": "low"},
    "contrast": {"factor": "group", "contrast": {"high": 0.5, "middle": 0.5, "low": -1}},
    "slope": {"factor": "dose", "per_unit": True},
    "any level": {"factor": "group", "any_level": True},
}
PLAIN = {"normalise": "none", "trend": False, "robust": False, "multiple_testing": "bh"}


@pytest.fixture(scope="module")
def samples() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sample": [f"s{index}" for index in range(12)],
            "group": GROUPS,
            "dose": [2.0] * 4 + [0.0] * 4 + [1.0] * 4,
            "sex": ["f", "m"] * 6,
            "mouse": [f"m{index % 6}" for index in range(12)],
        }
    )


@pytest.fixture(scope="module")
def values(samples) -> pd.DataFrame:
    rng = np.random.default_rng(12)
    table = rng.normal(20.0, 2.0, (N_FEATURES, 1)) + rng.normal(0.0, 0.3, (N_FEATURES, 12))
    table[:20] += samples["dose"].to_numpy()
    names = [f"f{index}" for index in range(N_FEATURES)]
    return pd.DataFrame(table, index=names, columns=samples["sample"].to_list())


@pytest.mark.parametrize("kind", QUESTIONS)
def test_every_question_finds_what_was_planted_and_little_else(values, samples, kind: str) -> None:
    found = compare(values, samples, **QUESTIONS[kind]).table
    schema = tables.JOINT if kind == "any level" else tables.DIFFERENTIAL
    pd.testing.assert_frame_equal(schema.conform(found), found)
    called = (found["q"] < 0.05).to_numpy()
    assert called[:20].sum() >= 18
    assert called[20:].sum() <= 3
    expected = {"groups": 2.0, "contrast": 1.5, "slope": 1.0, "any level": 2.0}[kind]
    column = "largest_log2fc" if kind == "any level" else "log2fc"
    assert found[column].iloc[:20].mean() == pytest.approx(expected, abs=0.15)


def test_effects_are_those_of_the_cell_means(values, samples) -> None:
    level = values.T.groupby(samples["group"].to_numpy()).mean().T
    by_contrast = compare(values, samples, **QUESTIONS["contrast"], **PLAIN).table["log2fc"]
    expected = (level["high"] + level["middle"]) / 2 - level["low"]
    np.testing.assert_allclose(by_contrast, expected, rtol=0, atol=1e-12)
    slope = compare(values, samples, **QUESTIONS["slope"], **PLAIN).table["log2fc"]
    np.testing.assert_allclose(slope, np.polyfit(samples["dose"], values.T, 1)[0], rtol=0, atol=1e-12)
    joint = compare(values, samples, **QUESTIONS["any level"], **PLAIN).table
    np.testing.assert_allclose(joint["largest_log2fc"], np.ptp(level, axis=1), rtol=0, atol=1e-12)
    assert joint["highest"].to_list() == level.idxmax(axis=1).to_list()
    assert joint["lowest"].to_list() == level.idxmin(axis=1).to_list()


def test_the_joint_test_is_an_analysis_of_variance_where_nothing_is_borrowed(samples) -> None:
    """Two features are too few to borrow from: the F is the ordinary one."""
    rng = np.random.default_rng(2)
    values = pd.DataFrame(rng.normal(20, 1, (2, 12)), index=["a", "b"], columns=samples["sample"])
    joint = compare(values, samples, **QUESTIONS["any level"], **PLAIN).table
    groups = [values.loc[:, (samples["group"] == level).to_numpy()].to_numpy() for level in ("high", "low", "middle")]
    expected = stats.f_oneway(*groups, axis=1)
    np.testing.assert_allclose(joint["f"], expected.statistic, rtol=1e-10)
    np.testing.assert_allclose(joint["p"], expected.pvalue, rtol=1e-10)


def test_other_levels_lend_their_spread_to_a_contrast(values, samples) -> None:
    rng = np.random.default_rng(3)
    uneven = values + rng.normal(size=values.shape) * rng.lognormal(0, 1, (N_FEATURES, 1))
    alone = compare(uneven, samples, **QUESTIONS["groups"], **PLAIN).table
    among = compare(uneven, samples, factor="group", contrast={"high": 1, "low": -1}, **PLAIN).table
    np.testing.assert_allclose(among["log2fc"], alone["log2fc"], rtol=0, atol=1e-12)
    # Three degrees of freedom more in each feature; the prior is estimated anew.
    assert among["df"].median() == pytest.approx(alone["df"].median() + 3, abs=2)
    assert (among["n_case"] == 4).all()


def test_a_block_widens_what_lies_between_animals_and_narrows_what_lies_within(samples) -> None:
    rng = np.random.default_rng(5)
    of_mouse = rng.normal(0.0, 1.0, (N_FEATURES, 6))
    table = 20 + of_mouse[:, np.arange(12) % 6] + rng.normal(0.0, 0.3, (N_FEATURES, 12))
    values = pd.DataFrame(table, columns=samples["sample"]).rename("f{}".format)
    sheet = samples.assign(
        organ=["muscle"] * 6 + ["brain"] * 6, age=[("old", "young")[index % 2] for index in range(12)]
    )
    for factor, case, control, narrower in (("organ", "muscle", "brain", True), ("age", "old", "young", False)):
        asked = {"factor": factor, "case": case, "control": control, "normalise": "none"}
        blocked = compare(values, sheet, **asked, block="mouse")
        plain = compare(values, sheet, **asked)
        assert float(blocked.facts["correlation within a block"]) == pytest.approx(1 / 1.09, abs=0.06)
        each = compare(values, sheet, **asked, block="mouse", correlation="feature").table
        assert not np.allclose(each["se"], blocked.table["se"], rtol=1e-3)
        assert (each["se"] / blocked.table["se"]).median() == pytest.approx(1.0, abs=0.1)
        ratio = (blocked.table["se"] / plain.table["se"]).median()
        assert (ratio < 0.6) if narrower else (ratio > 1.2)


def test_precursors_enter_the_prior_where_all_have_them(values, samples) -> None:
    rng = np.random.default_rng(6)
    precursors = pd.Series(rng.integers(1, 40, N_FEATURES), index=values.index)
    scattered = values + rng.normal(size=values.shape) / np.sqrt(precursors.to_numpy())[:, None]
    asked = QUESTIONS["groups"]
    with_them = compare(scattered, samples, **asked, precursors=precursors)
    assert with_them.facts["prior variance"] == "follows the mean level and the number of precursors"
    without = compare(scattered, samples, **asked, precursors=precursors, precursor_trend=False)
    assert "prior variance" not in without.facts
    low = (precursors == 1).to_numpy()
    assert with_them.table["sd"][low].mean() > without.table["sd"][low].mean()
    some = precursors.astype(float).where(precursors > 1)
    assert "prior variance" not in compare(scattered, samples, **asked, precursors=some).facts


def test_a_smallest_change_is_another_null(values, samples) -> None:
    asked = QUESTIONS["groups"]
    ordinary = compare(values, samples, **asked, multiple_testing="bh").table
    stricter = compare(values, samples, **asked, minimum_log2fc=0.5).table
    assert (stricter["p"] >= ordinary["p"]).all()
    assert stricter["discovery_p"].isna().all()
    assert (stricter["q"] < 0.05).sum() >= 15
    assert (compare(values, samples, **asked, minimum_log2fc=3.0).table["q"] < 0.05).sum() == 0


def test_numbers_as_levels_are_the_text_of_the_sheet(values, samples) -> None:
    by_text = compare(values, samples, factor="dose", case="2", control="0").table
    for case, control in ((2, 0), (2.0, 0.0)):
        pd.testing.assert_frame_equal(
            compare(values, samples, factor="dose", case=case, control=control).table, by_text
        )
    contrast = compare(values, samples, factor="dose", contrast={2: 1, 0: -1}).table
    assert contrast["n_case"].eq(4).all()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"factor": "group"}, "exactly one question"),
        ({"factor": "group", "case": "high"}, "exactly one question"),
        ({"factor": "group", "case": "high", "control": "high"}, "case is 'high' and control is 'high'"),
        (QUESTIONS["groups"] | {"any_level": True}, "exactly one question"),
        ({"factor": "group", "contrast": {"high": 1, "low": 1}}, "are no difference"),
        ({"factor": "group", "contrast": {"high": 0, "low": 0}}, "are no difference"),
        ({"factor": "group", "contrast": {"high": np.nan, "low": -1}}, "are no difference"),
        ({"factor": "group", "contrast": {"higher": 1, "low": -1}}, "no sample has the level 'higher'"),
        ({"factor": "group", "case": "highest", "control": "low"}, "highest"),
        ({"factor": "grup", "any_level": True}, "Did you mean 'group'"),
        ({"factor": "group", "per_unit": True}, "12 of 12 values are no numbers"),
        ({"factor": "lonely", "any_level": True}, "at least 2 samples each"),
        ({"factor": "one", "any_level": True}, "at least 2 samples each"),
        ({"factor": "one", "per_unit": True}, "is 1 in all samples"),
        ({"factor": "group", "contrast": {"high": 1e300, "low": -1e300}}, "no more than 1000"),
        ({"factor": "gaps", "any_level": True}, "is missing in 2 of 12 samples, first 's0', 's1'"),
        (QUESTIONS["slope"] | {"covariates": ["gaps"]}, "is missing in 2 of 12 samples"),
        (QUESTIONS["groups"] | {"covariates": ["gaps"]}, "covariate 'gaps' is missing in 2 samples: 's0', 's1'"),
        (QUESTIONS["contrast"] | {"covariates": ["weight"]}, "'weight'"),
        (QUESTIONS["any level"] | {"covariates": ["dose_class"]}, "dose_class"),
        (QUESTIONS["groups"] | {"block": "cage"}, "no column 'cage'"),
        (QUESTIONS["groups"] | {"block": "sample"}, "all 12 blocks have one sample"),
        (QUESTIONS["groups"] | {"block": "gaps"}, "is missing in 2 of 12 samples"),
        (QUESTIONS["groups"] | {"engine": "deseq2"}, "does not hold counts"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused_with_the_culprit(values, samples, asked, words: str) -> None:
    sheet = samples.assign(
        lonely=["a"] + ["b"] * 11,
        one=[1.0] * 12,
        gaps=[None, ""] + ["x", "y"] * 5,
        dose_class=["2", "2", "2", "2", "0", "0", "0", "0", "1", "1", "1", "1"],
    )
    with pytest.raises(DataError, match=words.replace("(", r"\(")):
        compare(values, sheet, **asked)


def test_blocks_that_the_design_tells_apart_are_refused(values, samples) -> None:
    sheet = samples.assign(cage=[f"c{index // 2}" for index in range(12)])
    sheet["of_cage"] = sheet["cage"]
    with pytest.raises(DataError, match="no feature tells how alike"):
        compare(values, sheet, factor="sex", case="f", control="m", covariates=["of_cage"], block="cage")


def test_an_animal_with_several_samples_needs_a_block(values, samples) -> None:
    sheet = samples.rename(columns={"mouse": "subject"})
    with pytest.raises(DataError, match="subjects have several samples"):
        compare(values, sheet, **QUESTIONS["groups"] | {"case": "high", "control": "middle"})
    found = compare(values, sheet, **QUESTIONS["groups"] | {"case": "high", "control": "middle"}, block="subject")
    assert "correlation within a block" in found.facts


def test_one_animal_is_no_group_however_many_samples_it_gave(values, samples) -> None:
    sheet = samples.assign(animal=["a"] * 4 + list("bbcc") + list("ddee"))
    with pytest.raises(DataError, match="blocks by level are high: 1, low: 2"):
        compare(values, sheet, **QUESTIONS["groups"], block="animal")
    sheet = sheet.assign(animal=list("aabb") + list("ccdd") + list("eeff"))
    found = compare(values, sheet, **QUESTIONS["groups"], block="animal")
    assert found.facts["blocks"].startswith("4 of 8 samples by animal, at least 2 to a level; with fewer than 4")


def test_tables_of_every_kind_are_joined_by_name(values, samples) -> None:
    expected = compare(values, samples, **QUESTIONS["groups"]).table
    numbered = samples.assign(sample=range(101, 113))
    for columns in (range(101, 113), [str(name) for name in range(101, 113)], np.arange(101.0, 113.0)):
        found = compare(values.set_axis(columns, axis=1), numbered, **QUESTIONS["groups"]).table
        pd.testing.assert_frame_equal(found, expected)
    data = anndata.AnnData(sparse.csr_matrix(values.T.to_numpy()), obs=samples.set_index("sample"))
    data.var_names = values.index
    pd.testing.assert_frame_equal(compare(data, **QUESTIONS["groups"]).table, expected)


def test_a_sample_without_a_value_of_the_factor_is_named(values, samples) -> None:
    sheet = samples.assign(group=[None, *GROUPS[1:]])
    assert compare(values, sheet, **QUESTIONS["groups"]).facts["left out"] == "'s0': no value of group"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"precursors": pd.Series(["many"], index=["f0"])}, "1 are no counts, first 'many'"),
        ({"precursors": pd.Series([-1.0], index=["f0"])}, "1 are no counts"),
        ({"precursors": pd.Series([np.inf], index=["f0"])}, "1 are no counts"),
        ({"genes": pd.Series(["Anxa2"], index=["elsewhere"])}, "none of its 1 names"),
        ({"scale": "log10"}, "scale"),
        ({"normalise": "vsn"}, "normalise"),
        ({"engine": "limma"}, "engine"),
        ({"minimum_log2fc": -1}, "minimum_log2fc"),
        ({"modality": "lipid"}, "modality"),
        ({"correlation": "own"}, "correlation"),
        ({"fdr": 2.0}, "fdr"),
    ],
    ids=str,
)
def test_an_argument_without_meaning_is_the_users(values, samples, given, words: str) -> None:
    with pytest.raises(DataError, match=words):
        compare(values, samples, **QUESTIONS["groups"], **given)


def test_names_that_repeat_are_refused(values, samples) -> None:
    asked = QUESTIONS["groups"]
    twice = values.set_axis(["s0", "s0", *values.columns[2:]], axis=1)
    with pytest.raises(DataError, match="1 sample names repeat: 's0'"):
        compare(twice, samples, **asked)
    with pytest.raises(DataError, match="1 samples repeat: 's1'"):
        compare(values, samples.assign(sample=["s1", *samples["sample"][1:]]), **asked)
    with pytest.raises(DataError, match="1 columns repeat: 'sex'"):
        compare(values, pd.concat([samples, samples[["sex"]]], axis=1), **asked)
    with pytest.raises(DataError, match="names have 2 levels"):
        compare(pd.concat({"a": values}), samples, **asked)
    with pytest.raises(DataError, match="none of the 12 samples"):
        compare(values, samples.assign(sample=[f"x{index}" for index in range(12)]), **asked)


def test_a_declared_scale_does_not_let_impossible_values_in(values, samples) -> None:
    broken = values.copy()
    broken.iloc[3, 2] = 1e300
    with pytest.raises(DataError, match=r"1 values are above 1e\+100"):
        compare(broken, samples, **QUESTIONS["groups"], scale="log2")


def test_too_few_features_cannot_be_normalised(values, samples) -> None:
    with pytest.raises(DataError, match="2 features"):
        compare(values.iloc[:2], samples, **QUESTIONS["groups"])
    assert len(compare(values.iloc[:2], samples, **QUESTIONS["groups"], normalise="none").table) == 2


def test_an_unknown_option_is_refused(values, samples) -> None:
    with pytest.raises(TypeError, match="tend"):
        compare(values, samples, **QUESTIONS["groups"], tend=False)


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("any level", {"minimum_log2fc": 0.5}, "belongs to one change, not to several levels"),
        ("any level", {"multiple_testing": "storey"}, "not of Storey"),
        ("any level", {"sensitivity": True}, "case against control only"),
        ("slope", {"sensitivity": True}, "case against control only"),
        ("contrast", {"sensitivity": True}, "case against control only"),
    ],
)
def test_an_option_the_question_has_no_use_for_is_refused(values, samples, kind: str, options, words: str) -> None:
    with pytest.raises(DataError, match=words):
        compare(values, samples, **QUESTIONS[kind], **options)


@pytest.mark.parametrize(
    ("kind", "options", "rule", "smallest"),
    [
        ("groups", {}, "in the order of discovery", "no change at all"),
        ("groups", {"multiple_testing": "bh"}, "Benjamini and Hochberg on p", "no change at all"),
        ("groups", {"multiple_testing": "storey"}, "Storey on p", "no change at all"),
        ("groups", {"minimum_log2fc": 0.5}, "Benjamini and Hochberg on p", "0.5 log2 in either direction"),
        ("slope", {"minimum_log2fc": 0.5}, "Benjamini and Hochberg on p", "0.5 log2 per unit of dose in either"),
        ("any level", {}, "Benjamini and Hochberg on p", "no change at all"),
    ],
)
def test_facts_name_the_rule_and_the_smallest_change(values, samples, kind, options, rule: str, smallest: str) -> None:
    facts = compare(values, samples, **QUESTIONS[kind], **options).facts
    assert rule in facts["multiple testing"]
    assert smallest in facts["smallest change"]


def test_samples_of_a_slope_are_told_apart_by_their_number(values, samples) -> None:
    found = compare(values, samples, **QUESTIONS["slope"])
    number = samples.set_index("sample")["dose"].map("{:g}".format)
    assert found.qc.set_index("sample")["group"].to_dict() == number.to_dict()
    assert found.asked.factor == "dose"
