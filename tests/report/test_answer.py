from __future__ import annotations

import re
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
        "discovery rate of 0.1; 2 of the 5 at tier 2 or above also stand by the maximum p-value, the conservative reference."
    )


def test_first_sentence_counts_claims_by_the_maximum_p_value_and_by_direction() -> None:
    data = of("plain")
    data.tables["mediators"]["q_maxp"] = 0.1001
    data.tables["mediators"].loc[[1, 13, 14], "source_log2fc"] = -1.0
    assert answer.how_many(data).endswith(
        "at a false discovery rate of 0.1 (11 up and 2 down in the source); none of the 5 at tier 2 or above also stands by the "
        "maximum p-value, the conservative reference."
    )
    data.tables["mediators"]["tier"] = data.tables["mediators"]["tier"].clip(upper=1)
    assert "maximum p-value" not in answer.how_many(data)


def test_first_sentence_says_that_nothing_stands() -> None:
    assert answer.how_many(of("all_missing")).endswith(
        "none reaches tier 1: no claim stands at a false discovery rate of 0.1."
    )


def test_first_sentence_of_a_run_without_candidates() -> None:
    assert answer.how_many(of("no_candidates")).startswith("No candidate was measured in the source organ")


def test_first_sentence_says_that_no_animal_has_both_organs() -> None:
    assert "(young: n = 6, aged: n = 6; none of them with both organs)" in answer.how_many(of("unpaired"))


def test_second_sentence_shows_the_direction_and_escapes_names() -> None:
    data = of("hostile_names")
    data.tables["mediators"].loc[0, "source_log2fc"] = -0.4
    said = answer.first_ones(data)
    assert "<script>" not in said
    assert (
        '&gt;\u00a0<span class="way" role="img" aria-label="down" title="down in the source organ">↓</span> (tier 3'
        in said
    )


def test_second_sentence_names_the_first_and_promises_nothing_at_tier_0() -> None:
    assert answer.first_ones(of("plain")).striptags().startswith("The first are Anxa2 ↑ (tier 3, q = ")
    assert answer.first_ones(of("all_missing")) == (
        "The first in order are Anxa2, Gdf15, Sparc, Fndc5 and Il6; the order is a suggestion, and no error rate is controlled "
        "for it."
    )


def test_third_sentence_tells_asked_from_not_asked() -> None:
    assert answer.what_limits(of("tier_two_empty")) == (
        "What limits them most often is arrival (“Is the protein in the target beyond what its own mRNA explains?”), for 14 of 14 "
        "candidates that stand: 13 asked and not supported, 1 could not be asked (not measured)."
    )
    data = of("tier_two_empty")
    of_arrival = data.tables["evidence"]["line"] == "arrival"
    data.tables["evidence"].loc[of_arrival, "p"] = float("nan")
    data.tables["evidence"].loc[of_arrival, "state"] = ["no_rna", "not_in_target"] + ["not_in_target"] * 258
    assert answer.what_limits(data).endswith(": none could be asked (most: not in target).")
    data.tables["evidence"].loc[of_arrival, "p"] = 0.5
    assert answer.what_limits(data).endswith(": all asked and not supported.")


def test_third_sentence_of_a_state_or_of_a_line_that_no_run_asks() -> None:
    data = of("tier_two_empty")
    data.tables["mediators"]["limiting_evidence"] = "origin"
    assert "for 14 of 14 candidates that stand: held back by its state (most: made here)." in answer.what_limits(data)
    data.tables["mediators"]["limiting_evidence"] = "loss_of_function"
    assert answer.what_limits(data) == (
        "What limits them most often is loss of function, for 14 of 14 candidates that stand: no line of this run asks it."
    )


def with_animals(**needed: object) -> ReportData:
    data = of("tier_two_empty")
    return replace(data, manifest=data.manifest | {"animals_needed": data.manifest["animals_needed"] | needed})


def test_animals_needed_are_a_sentence_of_their_own() -> None:
    assert answer.animals_for_the_next_tier(of("plain")) == ""
    said = "About 9 animals per group would be needed to see a 1.5-fold arrival with a power of 80 %."
    assert answer.animals_for_the_next_tier(of("tier_two_empty")) == said
    assert answer.animals_for_the_next_tier(with_animals(n_per_group=None)) == said
    assert f"<p>{said}</p>" in answer.SECTION.html(of("tier_two_empty"))


def test_enough_animals_are_not_asked_for_more() -> None:
    assert answer.animals_for_the_next_tier(with_animals(n_now=9)) == (
        "The study has enough animals for a 1.5-fold change in both organs, and no claim of tier 2 was found: up to 9 per "
        "group, where about 9 give 80\u00a0% power."
    )
    assert answer.animals_for_the_next_tier(with_animals(n_now=12, n_per_group=10, correlation=0.7)).startswith(
        "The study has enough animals for an animal-level link of r = 0.7, and no claim of tier 2 was found: up to 12 per group"
    )


def test_ladder_counts_the_table_itself() -> None:
    steps = answer.ladder(of("plain"))
    assert [step["n"] for step in steps] == [246, 9, 3, 2, 0, 0]
    assert [step["asked"] for step in steps] == [True, True, True, True, False, False]


def test_ladder_shows_a_tier_that_was_not_asked_without_a_count() -> None:
    html = answer.SECTION.html(of("plain"))
    assert html.count("not asked: no perturbation arm") == 2


def warned(n: int) -> ReportData:
    data = of("plain")
    caveat = {"line": "arrival", "tier": 2, "state": "alone", "n": n, "of": 4, "caveat": "RNA was <not> measured"}
    return replace(data, manifest=data.manifest | {"caveats": [caveat]})


def test_caveat_of_few_claims_stands_small_beside_the_answer() -> None:
    assert "caveats" not in answer.SECTION.html(of("plain"))
    assert answer.what_is_not_shown(warned(1)) == ([], ["For 1 of the 4 at tier 2 or above: RNA was <not> measured."])
    assert "<li>For 1 of the 4 at tier 2 or above: RNA was &lt;not&gt; measured.</li>" in answer.SECTION.html(warned(1))


def test_caveat_of_half_the_claims_is_said_right_after_the_first_sentence() -> None:
    html = answer.SECTION.html(warned(2))
    assert "caveats" not in html
    said = re.findall("<p>(.*?)</p>", html)
    assert said[0].startswith("Of 260 candidates")
    assert said[1] == "For 2 of the 4 at tier 2 or above: RNA was &lt;not&gt; measured."
    assert said[2].startswith("The first are")
