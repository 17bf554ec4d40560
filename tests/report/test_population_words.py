"""What the report of a population says: found, not found, not scored, and what the draws could have shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fake_population import FDR, population_tables

from organokine.report.population_pairs import MOST_DETAILS, Pair, detailed, pairs_of, rows_shown
from organokine.report.population_words import FLAGS, in_words, of_candidate, of_pair, rung_name, same_gene

Tables = dict[str, pd.DataFrame]


def told(tables: Tables, fdr: float = FDR) -> str:
    return " ".join(in_words(tables, fdr))


def changed(tables: Tables, name: str, **columns: object) -> Tables:
    return tables | {name: tables[name].assign(**columns)}


def first(tables: Tables) -> Pair:
    return pairs_of(tables, FDR)[0]


def test_what_was_found_stands_first() -> None:
    text = told(population_tables())
    assert text.startswith(
        "2 ordered pairs of organs were scored, each over 44 individuals. 3 of 120 candidates, counting a gene once in every pair, are "
        "significant at q ≤ 0.1 at every number of hidden factors (0, 5 and 15). 2 of them stand out from genes of like level that have "
        "no secretion route: Gdf15 (liver to muscle, q\u00a0=\u00a00.0040) and Fgf21 (liver to muscle, q\u00a0=\u00a00.0040)."
    )  # fmt: skip
    assert text.endswith("looks the same.")


def test_one_pair_and_one_candidate_are_spoken_of_as_one() -> None:
    text = told(population_tables(standing=("Gdf15",), not_scored=[("muscle", "liver")]))
    assert text.startswith(
        "One pair of organs was scored, liver to muscle, over 44 individuals. 1 of 60 candidates is significant"
    )
    assert "It stands out from genes of like level that have no secretion route: Gdf15 (q\u00a0=\u00a00.0060)." in text
    assert (
        "Not scored for too few individuals with both organs and all covariates: muscle to liver (n\u00a0=\u00a07)."
        in text
    )


def test_what_is_only_like_matched_genes_is_no_finding() -> None:
    text = told(population_tables(standing=("Angptl4",)))
    assert "1 of 120 candidates" in text
    assert "None of them stands out from genes of like level" in text
    assert "stand out from genes of like level that have no secretion route:" not in text


def test_what_was_held_against_no_gene_does_not_stand_out() -> None:
    tables = population_tables(standing=("Gdf15", "Fgf21"))
    assert "Both of them stand out from genes of like level" in told(tables)
    assert "None of them stands out" in told(changed(tables, "population", p_competitive=np.nan))


def test_where_nothing_is_found_it_says_what_could_have_been() -> None:
    tables = population_tables(standing=())
    text = told(tables)
    assert "None of 120 candidates" in text
    assert "no proof that no messenger is there" in text
    assert "It is not for want of draws: one candidate alone could have reached q\u00a0=\u00a00.012." in text
    too_few = changed(tables, "population_pairs", smallest_q=0.4, draws_for_one=40_000)
    assert (
        "could not have reached q ≤ 0.1 (its smallest possible q is 0.40; 40\u202f000 permutations would do)"
        in told(too_few)
    )
    assert "not for want of draws" not in told(too_few)
    unknown = changed(tables, "population_pairs", smallest_q=np.nan, draws_for_one=None)
    assert "alone" not in told(unknown)


def test_an_extrapolation_is_called_none() -> None:
    tables = population_tables(standing=())
    far = tables["population"]["gene"].isin(["Gene001", "Gene002"]) & (tables["population"]["source"] == "liver")
    extrapolated = changed(tables, "population", q_extrapolated=np.where(far, 0.01, np.nan))
    assert "By extrapolated p, which is no test, 2 more candidates would count." in told(extrapolated)
    assert "would count" not in told(population_tables())


def test_numbers_of_factors_that_were_left_out_are_told() -> None:
    tables = changed(population_tables(), "population_pairs", factors="0;5", factors_left_out="15")
    assert "at every number of hidden factors (0 and 5)" in told(tables)
    assert "15 hidden factors were not taken out, as too few degrees of freedom" in told(tables)
    tables["population_pairs"].loc[0, ["factors", "factors_left_out"]] = ["0;5;15", ""]
    assert "15 hidden factors were not taken out in 1 of 2 pairs" in told(tables)
    assert "hidden factors" not in told(changed(population_tables(), "population_pairs", factors="0"))


def test_reasons_are_told_once_with_the_first_pairs() -> None:
    organs = ("a", "b", "c", "d", "e")
    lost = [(source, target) for source in "cde" for target in organs if source != target]
    tables = population_tables(organs, not_scored=lost)
    tables["population_pairs"].loc[tables["population_pairs"]["source"] == "e", "state"] = "no_degrees_of_freedom"
    text = told(tables)
    assert "c to e (n\u00a0=\u00a07) and 4 more pairs." in text
    assert (
        "Not scored for covariates or hidden factors that leave too few degrees of freedom: e to a (n\u00a0=\u00a07), "
        in text
    )


def test_a_pair_says_who_was_compared() -> None:
    said = of_pair(first(population_tables()), "mouse")
    assert said[0] == "44 mice have both organs (F 22, M 22); 2 liver alone and 1 muscle alone, not used."
    assert said[1] == "Taken out of both organs: sex and age, then 5 and 15 hidden factors."
    assert said[2].startswith(
        "60 candidates scored against 5\u202f000 genes of muscle; 3 at q ≤ 0.1, of which 2 stand out"
    )
    assert said[2].endswith("Not scored: 1 candidate (too few values).")


def test_genes_against_themselves_have_three_probabilities() -> None:
    text = same_gene(first(population_tables()))
    assert [each in text for each in ("+0.24", "2.0×10⁻⁴", "+0.01", "0.40", "9.0×10⁻⁴")] == [True] * 5
    assert same_gene(first(changed(population_tables(), "population_pairs", same_gene_secreted=np.nan))) == ""


def test_a_candidate_says_what_is_extrapolated_and_what_is_odd() -> None:
    row = first(population_tables()).scored.iloc[2].to_dict()
    text = " ".join(of_candidate(row))
    assert "no test), q\u00a0=\u00a0" in text
    assert "Against genes of like level without a secretion route p\u00a0=\u00a00.30." in text
    assert "60\u00a0% of the score comes from target genes that rise with it" in text
    assert f"Angptl4 {FLAGS['like_matched'][1]} and {FLAGS['same_gene'][1]}." in text
    assert "extrapolated" not in " ".join(of_candidate(row | {"p_extrapolated": np.nan}))


@pytest.mark.parametrize(
    ("rung", "is_adjusted", "name"),
    [
        ("none", True, "nothing"),
        ("0", True, "covariates"),
        ("0", False, "0 factors"),
        ("5", True, "+\u00a05\u00a0factors"),
        ("5", False, "5 factors"),
    ],
)
def test_steps_have_names(rung: str, is_adjusted: bool, name: str) -> None:
    assert rung_name(rung, is_adjusted=is_adjusted) == name


def test_pairs_with_most_to_show_come_first_and_those_not_scored_last() -> None:
    pairs = pairs_of(population_tables(("a", "b", "c"), not_scored=[("b", "a")]), FDR)
    assert [pair.name for pair in pairs] == [f"pair-{place}" for place in range(1, 7)]
    assert pairs[0].label == "a to b"
    assert (len(pairs[0].significant), len(pairs[0].specific)) == (3, 2)
    assert pairs[-1].label == "b to a"
    assert [pair.is_scored for pair in pairs] == [True] * 5 + [False]


def test_an_organ_with_two_assays_is_called_by_their_names() -> None:
    tables = population_tables(("liver_rna", "liver_protein", "muscle"))
    organs = {name: name.partition("_")[0] for name in ("liver_rna", "liver_protein", "muscle")}
    pairs = tables["population_pairs"]
    found = pairs_of(
        tables
        | {"population_pairs": pairs.assign(source_organ=pairs["source"].map(organs), target_organ=pairs["target"].map(organs))},
        FDR,
    )  # fmt: skip
    assert {pair.source for pair in found} == {"liver RNA", "liver protein", "muscle"}


def test_of_many_pairs_less_is_shown_of_each() -> None:
    few = pairs_of(population_tables(), FDR)
    assert len(rows_shown(few[0], 2)) == 50
    assert len(rows_shown(few[0], 132)) == 10
    assert {name: len(genes) for name, genes in detailed(few).items()} == {"pair-1": 6, "pair-2": 6}
    many = pairs_of(population_tables(("a", "b", "c", "d", "e"), n_leading=4), FDR)
    chosen = detailed(many)
    assert sum(len(genes) for genes in chosen.values()) == MOST_DETAILS
    assert chosen["pair-1"][:3] == ["Gdf15", "Fgf21", "Angptl4"]
