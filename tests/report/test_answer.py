from __future__ import annotations

from dataclasses import replace

from fake_run import RUNS

from organokine.report.data import ReportData
from organokine.report.sections import answer


def of(name: str) -> ReportData:
    run = RUNS[name]()
    return ReportData(run.tables, run.manifest)


def test_first_sentence_counts_candidates_animals_and_tiers() -> None:
    assert answer.how_many(of("plain")) == (
        "Of 260 candidates measured in the muscle, in a study of 12 mice (young: n = 6, aged: n = 6), 2 at tier 3 (animal-level link), "
        "3 at tier 2 (arrives in, or specifically moves, the target) and 9 at tier 1 (changed and secreted) stand at a false "
        "discovery rate of 0.1."
    )


def test_first_sentence_says_that_nothing_stands() -> None:
    assert answer.how_many(of("all_missing")).endswith(
        "none reaches tier 1: no claim stands at a false discovery rate of 0.1."
    )


def test_first_sentence_of_a_run_without_candidates() -> None:
    assert answer.how_many(of("no_candidates")).startswith("No candidate was measured in the source organ")


def test_first_sentence_says_that_no_animal_has_both_organs() -> None:
    assert "(young: n = 6, aged: n = 6; none of them with both organs)" in answer.how_many(of("unpaired"))


def test_second_sentence_names_the_first_and_promises_nothing_at_tier_0() -> None:
    assert answer.first_ones(of("plain")).startswith("The first are Anxa2 (tier 3, q = ")
    assert answer.first_ones(of("all_missing")) == (
        "The first in order are Anxa2, Gdf15, Sparc, Fndc5 and Il6; the order is a suggestion, and no error rate is controlled "
        "for it."
    )


def test_third_sentence_names_the_limit_and_the_animals_needed() -> None:
    limits = answer.what_limits(of("tier_two_empty"))
    assert "arrival (“Is the protein in the target beyond what its own mRNA explains?”): 14 of 14" in limits
    assert limits.endswith(
        "; about 9 animals per group would be needed to see a 1.5-fold arrival with a power of 80 %."
    )
    assert "would be needed" not in answer.what_limits(of("plain"))


def test_ladder_counts_the_table_itself() -> None:
    steps = answer.ladder(of("plain"))
    assert [step["n"] for step in steps] == [246, 9, 3, 2, 0, 0]
    assert [step["asked"] for step in steps] == [True, True, True, True, False, False]


def test_ladder_shows_a_tier_that_was_not_asked_without_a_count() -> None:
    html = answer.SECTION.html(of("plain"))
    assert html.count("not asked: no perturbation arm") == 2


def test_caveats_of_the_claims_stand_beside_the_answer() -> None:
    data = of("plain")
    assert "caveats" not in answer.SECTION.html(data)
    caveat = {"line": "arrival", "tier": 2, "state": "alone", "n": 2, "of": 5, "caveat": "RNA was <not> measured"}
    warned = replace(data, manifest=data.manifest | {"caveats": [caveat]})
    assert answer.what_is_not_shown(warned) == ["For 2 of the 5 at tier 2 or above: RNA was <not> measured."]
    assert "RNA was &lt;not&gt; measured." in answer.SECTION.html(warned)
