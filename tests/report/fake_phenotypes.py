"""Made-up tables of functional tests: a rod over days, a beam with slips, grip, and gait of many parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from organokine.phenotype_tables import PHENOTYPE_TABLES

GROUPS = ("young", "old")
N = 12
GAIT = (
    "stride length", "stance width", "swing time", "stance time", "cadence", "duty factor", "paw area", "regularity",
)  # fmt: skip
ROD: dict[str, Any] = {
    "phenotype": "rod, week 12", "test": "rotarod", "measure": "latency", "term": "group", "role": "primary",
    "method": "mixed model with the animal as unit", "adjusted_for": "sex", "scale": "difference", "unit": "s",
    "estimate": -42.0, "se": 10.6, "df": 21.0, "ci_low": -64.0, "ci_high": -20.0, "p": 0.0006, "q": 0.0006,
    "standardised": -1.6, "n_case": N, "n_control": N, "n_units": 2 * N, "n_values": 216, "state": "estimated", "note": "",
}  # fmt: skip
SLOPE = ROD | {
    "term": "group x day", "role": "secondary", "unit": "s per day", "estimate": -8.1, "ci_low": -15.0, "ci_high": -1.2, "p": 0.023,
    "q": np.nan, "standardised": np.nan,
}  # fmt: skip
TOBIT = ROD | {
    "role": "estimate", "method": "random-intercept Tobit model", "estimate": -59.0, "ci_low": np.nan, "ci_high": np.nan,
    "p": np.nan, "q": np.nan, "se": np.nan, "df": np.nan, "standardised": np.nan,
    "note": "28 % of the trials of young mice ended at the ceiling of 300 s",
}  # fmt: skip
BY_STRENGTH = ROD | {
    "role": "secondary", "method": "mixed model, adjusted for strength", "adjusted_for": "sex;grip;weight;activity", "estimate": -31.0,
    "ci_low": -55.0, "ci_high": -7.0, "p": 0.014, "q": np.nan, "df": 18.0, "standardised": np.nan,
}  # fmt: skip
SLIPS = ROD | {
    "phenotype": "beam", "test": "beam", "measure": "slips", "method": "quasi-Poisson model of animal totals", "scale": "ratio",
    "unit": "", "estimate": 1.8, "se": 0.18, "ci_low": 1.24, "ci_high": 2.6, "p": 0.004, "q": 0.008, "n_values": 72,
    "standardised": 1.2,
}  # fmt: skip
CROSSING = SLIPS | {
    "measure": "time", "method": "mixed model of log times", "estimate": 1.12, "ci_low": 0.9, "ci_high": 1.39, "p": 0.29,
    "q": 0.29, "standardised": 0.4,
}  # fmt: skip
FAILED = SLIPS | {
    "measure": "failures", "method": "Fisher's exact test", "estimate": np.nan, "ci_low": np.nan, "ci_high": np.nan, "p": np.nan,
    "q": np.nan, "state": "no_failures", "standardised": np.nan,
}  # fmt: skip
GRIP = ROD | {
    "phenotype": "grip", "test": "grip", "measure": "force", "method": "analysis of covariance, best three", "unit": "g",
    "adjusted_for": "weight;sex", "estimate": -11.0, "ci_low": -27.0, "ci_high": 5.0, "p": 0.17, "q": 0.17, "standardised": -0.6,
    "n_values": 120,
}  # fmt: skip


def rows() -> list[dict[str, Any]]:
    effect = (np.arange(len(GAIT)) - 2) / 5
    p = 2 * stats.t.sf(np.abs(effect) / 0.2, 21)
    q = stats.false_discovery_control(p)
    gait = [
        ROD | {
            "phenotype": "gait", "test": "gait", "measure": name, "method": "mixed model", "adjusted_for": "speed;sex", "unit": "cm",
            "estimate": effect[place], "ci_low": effect[place] - 0.416, "ci_high": effect[place] + 0.416, "se": 0.2,
            "p": p[place], "q": q[place], "standardised": effect[place] / 0.6, "n_values": 24,
        }
        for place, name in enumerate(GAIT)
    ]  # fmt: skip
    return [ROD, SLOPE, TOBIT, BY_STRENGTH, SLIPS, CROSSING, FAILED, GRIP, *gait]


def phenotype_tables(effects: list[dict[str, Any]] | None = None) -> dict[str, pd.DataFrame]:
    """The six tables, conformed: every animal of every measure, learning and survival of the rod, power, ARRIVE."""
    table = pd.DataFrame(rows() if effects is None else effects)
    rng = np.random.default_rng(8)
    measures = table.drop_duplicates(["phenotype", "measure"]).to_dict("records")
    days = _days(rng)
    found = {
        "phenotypes": table,
        "phenotype_animals": pd.concat([_animals(rng, row) for row in measures], ignore_index=True),
        "phenotype_days": days,
        "phenotype_curves": pd.concat([_learning(days), _survival(rng)], ignore_index=True),
        "phenotype_power": _power(),
        "arrive": _arrive(),
    }
    return {schema.name: schema.conform(found[schema.name]) for schema in PHENOTYPE_TABLES}


LEVELS = {"latency": (180.0, -42.0, 30.0), "slips": (2.0, 1.6, 0.8), "force": (95.0, -11.0, 16.0)}
"""By measure: mean of the controls, difference, and standard deviation."""


def _animals(rng: np.random.Generator, row: dict[str, Any]) -> pd.DataFrame:
    level, difference, spread = LEVELS.get(row["measure"], (6.0, 0.5, 0.8))
    is_case = np.repeat([False, True], N)
    return pd.DataFrame(
        {
            "phenotype": row["phenotype"], "test": row["test"], "measure": row["measure"],
            "domain": "strength" if row["test"] == "grip" else "coordination",
            "subject": [f"m{place + 1:02d}" for place in range(2 * N)], "group": np.repeat(GROUPS, N), "is_case": is_case,
            "sex": ["f", "m"] * N, "cage": "", "weight": rng.normal(28, 3, 2 * N) + 4 * is_case,
            "value": np.maximum(0, level + difference * is_case + rng.normal(0, spread, 2 * N)),
            "unit": "slips per crossing" if row["measure"] == "slips" else "s" if row["measure"] == "time" else row["unit"],
            "better": {"rotarod": "higher", "beam": "lower", "grip": "higher"}.get(row["test"], ""),
            "n_values": 9, "n_at_ceiling": 0,
        }
    )  # fmt: skip


def _days(rng: np.random.Generator) -> pd.DataFrame:
    own = rng.normal(0, 25, 2 * N)
    parts = []
    for day in (1.0, 2.0, 3.0):
        gain = np.repeat([20.0, 12.0], N) * day
        parts.append(
            pd.DataFrame(
                {
                    "phenotype": ROD["phenotype"], "measure": "latency", "subject": [f"m{place + 1:02d}" for place in range(2 * N)],
                    "group": np.repeat(GROUPS, N), "day": day, "n_values": 3,
                    "value": 140 + own + gain - 30 * np.repeat([0, 1], N) + rng.normal(0, 12, 2 * N),
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _learning(days: pd.DataFrame) -> pd.DataFrame:
    found = days.groupby(["group", "day"])["value"].agg(["mean", "sem", "size"]).reset_index()
    half = 2.2 * found["sem"]
    return pd.DataFrame(
        {
            "phenotype": ROD["phenotype"], "measure": "latency", "curve": "learning", "group": found["group"], "x": found["day"],
            "y": found["mean"], "y_low": found["mean"] - half, "y_high": found["mean"] + half, "n": found["size"],
        }
    )  # fmt: skip


def _survival(rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for group, scale in zip(GROUPS, (210.0, 140.0), strict=True):
        x = np.concatenate([[0.0], np.sort(np.minimum(rng.gamma(6, scale / 6, 30), 300))])
        y = 1 - np.arange(31) / 31
        parts.append(
            pd.DataFrame(
                {
                    "phenotype": ROD["phenotype"], "measure": "latency", "curve": "survival", "group": group, "x": x, "y": y,
                    "y_low": np.maximum(0, y - 0.12), "y_high": np.minimum(1, y + 0.1), "n": N,
                }
            ).drop_duplicates("x")
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _power() -> pd.DataFrame:
    share = np.array([0.05, 0.1, 0.2, 0.3, 0.5])
    return pd.DataFrame(
        {
            "phenotype": ROD["phenotype"], "measure": "latency", "share": share, "difference": 180 * share, "unit": "s",
            "n_per_group": pd.array([None, 64, 17, 9, 4], dtype="Int64"), "smallest_detectable": 36.0, "sd_animals": 29.0,
            "sd_trials": 33.0, "sd_cages": np.nan, "trials": 9.0,
        }
    )  # fmt: skip


def _arrive() -> pd.DataFrame:
    fields = [
        ("1 Study design", "groups", "rod, week 12: old against young", "computed"),
        ("2 Sample size", "justification", "", "not_recorded"),
        ("5 Blinding", "blinded assessment of outcomes", "yes", "declared"),
        ("10 Results", "effect sizes", "latency -42 s (95 % interval -64 to -20 s)", "computed"),
    ]
    return pd.DataFrame(fields, columns=["item", "field", "answer", "badge"])


def hostile(tables: dict[str, pd.DataFrame], evil: str) -> dict[str, pd.DataFrame]:
    """The same tables with an evil text before whatever a user may type; the first phenotype alone."""
    changed = {}
    columns = {"phenotype", "measure", "subject", "group", "unit", "note", "method", "adjusted_for", "state", "answer"}
    for name, table in tables.items():
        own = table[table["phenotype"] == ROD["phenotype"]] if "phenotype" in table else table
        changed[name] = own.assign(**{column: evil + own[column] for column in columns & set(own.columns)})
    return changed
