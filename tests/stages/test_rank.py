from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from organokine import tables
from organokine.evidence.base import Line
from organokine.stages.rank import TIERS, caveats, rank
from organokine.study_file import RankingSection


def toy_line(name: str, role: str, **card: object) -> Line:
    return Line(
        name=name,
        question=f"{name}?",
        needs=(),
        null="",
        unit="",
        reference="",
        run=lambda _: pd.DataFrame(),
        role=role,
        **card,
    )


LINES = (
    toy_line("moves", "arm", tier=1, columns={"source_p": "p"}),
    toy_line("leaves", "weight", columns={"route": "state"}),
    toy_line("gate", "gate", caps={"suspect": 1}),
    toy_line("lands", "arm", tier=2, columns={"arrival_p": "p"}),
    toy_line("follows", "arm", tier=3, columns={"link_p": "p"}),
)


def evidence(rows: dict[str, dict[str, object]]) -> pd.DataFrame:
    """Per gene: p of the arms, weight of `leaves`, state of `gate`."""
    parts = []
    for gene, row in rows.items():
        for line in LINES:
            value = row.get(line.name, np.nan)
            parts.append(
                {
                    "line": line.name,
                    "gene": gene,
                    "p": value if line.role == "arm" else np.nan,
                    "weight": row.get("leaves", 1.0) if line.role == "weight" else 1.0,
                    "state": row.get("gate", "") if line.role == "gate" else "",
                }
            )
    return tables.EVIDENCE.conform(pd.DataFrame(parts))


def ranked(rows: dict[str, dict[str, object]], flags: pd.DataFrame | None = None) -> pd.DataFrame:
    candidates = pd.DataFrame({"protein": ""}, index=pd.Index(sorted(rows), name="gene"))
    found = rank(evidence(rows), tables.FLAGS.empty() if flags is None else flags, candidates, LINES, RankingSection())
    return found.mediators.set_index("gene")


def background(n: int) -> dict[str, dict[str, object]]:
    rng = np.random.default_rng(0)
    return {
        f"null{i:03d}": {"moves": p, "lands": q, "follows": r}
        for i, (p, q, r) in enumerate(rng.uniform(0.02, 1, (n, 3)))
    }


def test_tiers_need_all_arms_below_them() -> None:
    table = ranked(
        background(50)
        | {
            "whole": {"moves": 1e-8, "lands": 1e-8, "follows": 1e-8},
            "no_link": {"moves": 1e-8, "lands": 1e-8, "follows": 0.7},
            "link_unasked": {"moves": 1e-8, "lands": 1e-8},
            "source_only": {"moves": 1e-8, "lands": 0.6, "follows": 1e-8},
            "target_only": {"moves": 0.6, "lands": 1e-8, "follows": 1e-8},
        }
    )
    assert table.loc[["whole", "no_link", "link_unasked", "source_only", "target_only"], "tier"].tolist() == [
        3,
        2,
        2,
        1,
        0,
    ]
    assert table.loc["no_link", "limiting_evidence"] == "follows"
    assert table.loc["link_unasked", "limiting_evidence"] == "follows"
    assert table.loc["source_only", "limiting_evidence"] == "lands"
    assert table.loc["target_only", "limiting_evidence"] == "moves"
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    assert table["tier"].is_monotonic_decreasing


def test_a_prior_of_zero_leaves_a_gene_at_tier_0_and_visible() -> None:
    table = ranked(background(20) | {"stays_inside": {"moves": 1e-9, "lands": 1e-9, "follows": 1e-9, "leaves": 0.0}})
    assert table.loc["stays_inside", "tier"] == 0
    assert table.loc["stays_inside", "limiting_evidence"] == "leaves"
    assert np.isnan(table.loc["stays_inside", "q"])


def test_a_gate_caps_the_tier_and_is_named() -> None:
    strong = {"moves": 1e-9, "lands": 1e-9, "follows": 1e-9}
    table = ranked(background(20) | {"blood": strong | {"gate": "suspect"}, "made": strong})
    assert table.loc[["made", "blood"], "tier"].tolist() == [3, 1]
    assert table.loc["blood", "limiting_evidence"] == "gate"


def test_missing_arms_are_never_taken_for_evidence() -> None:
    table = ranked({"nothing": {}, "half": {"lands": 1e-12, "follows": 1e-12}})
    assert table["tier"].tolist() == [0, 0]
    assert table[["q_tier1", "q_tier2", "q_tier3"]].isna().all(axis=None)


def test_flags_are_joined_and_columns_filled_from_the_cards() -> None:
    flags = tables.FLAGS.conform(
        pd.DataFrame(
            [
                {"scope": "gene", "name": "a", "flag": "blood_panel", "source": "gate"},
                {"scope": "gene", "name": "a", "flag": "rna_only", "source": "moves"},
                {"scope": "sample", "name": "a", "flag": "outlier", "source": "prepare"},
            ]
        )
    )
    table = ranked({"a": {"moves": 0.5, "lands": 0.25}}, flags)
    assert table.loc["a", "flags"] == "blood_panel;rna_only"
    assert table.loc["a", "source_p"] == 0.5
    assert table.loc["a", "arrival_p"] == 0.25
    assert np.isnan(table.loc["a", "plasma_p"])


def test_alternatives_of_one_tier_pay_for_their_number() -> None:
    lines = (*LINES[:4], toy_line("answers", "arm", tier=2, columns={"response_p": "p"}))
    rows = pd.DataFrame(
        [
            {"line": "moves", "gene": "a", "p": 1e-9, "weight": 1.0},
            {"line": "lands", "gene": "a", "p": 0.9, "weight": 1.0},
            {"line": "answers", "gene": "a", "p": 0.04, "weight": 1.0},
            {"line": "leaves", "gene": "a", "weight": 1.0},
        ]
    )
    candidates = pd.DataFrame({"protein": [""]}, index=pd.Index(["a"], name="gene"))
    found = rank(tables.EVIDENCE.conform(rows), tables.FLAGS.empty(), candidates, lines, RankingSection())
    assert found.mediators.loc[0, "q_tier2"] == pytest.approx(0.08)


def test_summary_says_which_tiers_were_asked() -> None:
    candidates = pd.DataFrame({"protein": ""}, index=pd.Index(["a"], name="gene"))
    found = rank(evidence({"a": {"moves": 1e-9}}), tables.FLAGS.empty(), candidates, LINES, RankingSection())
    by_tier = {row["tier"]: row for row in found.tiers}
    assert set(by_tier) == set(TIERS)
    assert by_tier[1]["asked"] is True
    assert by_tier[2]["asked"] is False
    assert "lands" in str(by_tier[2]["reason"])
    assert "no evidence line" in str(by_tier[4]["reason"])


def test_caveats_count_the_claims_they_hold_for() -> None:
    lines = (
        LINES[0],
        replace(LINES[3], caveats={"alone": "the protein alone was asked", "unused": "never"}),
    )
    mediators = pd.DataFrame({"gene": ["a", "b", "c", "d"], "tier": [3, 2, 2, 1]})
    rows = pd.DataFrame(
        [
            {"line": "lands", "gene": gene, "state": state}
            for gene, state in zip("abcd", ["alone", "alone", "whole", "alone"], strict=True)
        ]
    )
    found = caveats(mediators, tables.EVIDENCE.conform(rows), lines)
    assert found == [
        {"line": "lands", "tier": 2, "state": "alone", "n": 2, "of": 3, "caveat": "the protein alone was asked"}
    ]


def test_a_claim_is_no_surer_than_those_it_builds_on() -> None:
    rows = background(60) | {f"weak{i}": {"moves": 0.02, "lands": 1e-12, "follows": 1e-12} for i in range(3)}
    table = ranked(rows)
    assert (table["q_tier2"].dropna() >= table["q_tier1"].reindex(table["q_tier2"].dropna().index)).all()
    assert (table["q_tier3"].dropna() >= table["q_tier2"].reindex(table["q_tier3"].dropna().index)).all()
    assert (table.loc[["weak0", "weak1", "weak2"], "tier"] == 0).all(), "no tier 2 without tier 1"


def test_within_a_tier_the_smaller_q_comes_first() -> None:
    table = ranked(background(30) | {f"g{i}": {"moves": 10.0**-i, "lands": 0.5} for i in range(4, 9)})
    first = table[table["tier"] == 1]
    assert first.index.tolist() == ["g8", "g7", "g6", "g5", "g4"]
    assert first["q"].is_monotonic_increasing


ARMS = (
    toy_line("moved", "arm", tier=4, columns={"perturbation_p": "p"}),
    toy_line("undone", "arm", tier=5, columns={"reversal_p": "p"}),
)


def with_arms(rows: dict[str, dict[str, object]]) -> pd.DataFrame:
    """Ranked with two lines that almost no gene was asked by."""
    more = [
        {"line": line.name, "gene": gene, "p": row.get(line.name, np.nan), "weight": 1.0}
        for gene, row in rows.items()
        for line in ARMS
    ]
    table = pd.concat([evidence(rows), tables.EVIDENCE.conform(pd.DataFrame(more))], ignore_index=True)
    candidates = pd.DataFrame({"protein": ""}, index=pd.Index(sorted(rows), name="gene"))
    return rank(table, tables.FLAGS.empty(), candidates, (*LINES, *ARMS), RankingSection()).mediators.set_index("gene")


def test_one_perturbed_gene_pays_for_itself_alone() -> None:
    sure = {"moves": 1e-8, "lands": 1e-8, "follows": 1e-8}
    table = with_arms(background(60) | {"moved": sure | {"moved": 0.016, "undone": 0.03}, "left": sure})
    assert table.loc[["moved", "left"], "tier"].tolist() == [5, 3]
    assert table.loc["moved", ["q_tier4", "q_tier5"]].tolist() == pytest.approx([0.016, 0.03])
    assert np.isnan(table.loc["left", "q_tier4"])
    assert table.loc["left", "limiting_evidence"] == "moved"
    assert table.loc["moved", ["perturbation_p", "reversal_p"]].tolist() == [0.016, 0.03]


def test_a_perturbation_alone_lifts_nobody_and_a_loss_alone_waits_for_a_gain() -> None:
    sure = {"moves": 1e-8, "lands": 1e-8, "follows": 1e-8}
    rows = {
        "weak": {"moves": 0.5, "lands": 0.5, "follows": 0.5, "moved": 0.004, "undone": 0.004},
        "failed": sure | {"moved": 0.4, "undone": 0.004},
        "loss_only": sure | {"undone": 0.004},
    }
    table = with_arms(background(60) | rows)
    assert table.loc[["weak", "failed", "loss_only"], "tier"].tolist() == [0, 3, 3]
    assert table.loc[["failed", "loss_only"], "limiting_evidence"].tolist() == ["moved", "moved"]


def test_of_several_perturbed_genes_the_one_without_effect_is_claimed_no_more_often_than_declared() -> None:
    rng = np.random.default_rng(7)
    sure = {"moves": 1e-8, "lands": 1e-8, "follows": 1e-8}
    n, claimed = 20, 0
    for _ in range(n):
        p = (rng.integers(1, 253) / 252, rng.integers(1, 253) / 252)
        table = with_arms(background(5) | {"null": sure | {"moved": p[0]}, "other": sure | {"moved": p[1]}})
        claimed += bool((table.loc[["null", "other"], "tier"] >= 4).any())
    # With a rate of 0.1, more than 7 of 20 have probability 0.0004.
    assert claimed <= 7
