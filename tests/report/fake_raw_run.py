"""A made-up result of a search of raw files, as large as a small study, and its provenance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from organokine.errors import Problem
from organokine.raw.result import RawResult
from organokine.raw.settings import SearchSettings
from organokine.raw_tables import PRECURSORS, RUNS
from organokine.readers.base import Count

ENGINE = {"name": "sagepy", "version": "0.4.6", "licence": "MIT"}
FEW = Problem(
    "peptides", "3 decoys among 180 targets", "q-values mean nothing with so few", "Search a whole proteome, set `fdr` to 0.05"
)  # fmt: skip
SAMPLES = ("liver_young_1", "liver_young_2", "liver_young_3", "liver_aged_1", "liver_aged_2", "liver_aged_3")


def runs(samples: tuple[str, ...] = SAMPLES, failed: tuple[str, ...] = ()) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    n = len(samples)
    table = pd.DataFrame(
        {
            "sample": samples, "file": [f"20261101_{name}_Slot1-{place}_1_1234.d" for place, name in enumerate(samples)], "state": "searched",
            "acquired": [f"2026-11-0{1 + place % 9}T1{place % 10}:24:00.123+01:00" for place in range(n)],
            "spectra": rng.integers(60_000, 70_000, n), "matched": rng.integers(20_000, 25_000, n), "precursors": rng.integers(16_000, 18_000, n),
            "quantified": rng.integers(18_000, 20_000, n), "transferred": rng.integers(3_000, 4_000, n),
            "protein_groups": rng.integers(3_200, 3_400, n), "mass_error": np.linspace(-1, 4, n), "mass_spread": rng.uniform(1.8, 2.4, n),
            "mass_drift": rng.normal(0, 1, n), "mobility_shift": np.linspace(-0.3, 0.5, n), "mobility_spread": rng.uniform(0.2, 0.3, n),
            "trend_spread": rng.uniform(0.012, 0.014, n), "trend_outliers": rng.integers(30, 90, n), "minutes_shift": rng.normal(0, 0.2, n),
        }
    )  # fmt: skip
    held = table.astype({name: object for name in table.columns if name not in {"sample", "file", "acquired", "state"}})
    is_failed = held["sample"].isin(failed)
    held.loc[is_failed, list(held.columns[4:])] = None
    held.loc[is_failed, "state"] = "failed"
    return RUNS.conform(held)


def level(n_accepted: int = 12_040, *, enough: bool = True, **more: Any) -> dict[str, Any]:
    counted = {
        "n_targets": 12_040,
        "n_decoys": 119,
        "n_accepted": n_accepted,
        "false_low": 0.0085,
        "false_high": 0.0119,
        "enough": enough,
    }
    return counted | more  # fmt: skip


def trend(n: int = 3000) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    charge = np.sort(rng.choice([2, 3, 4], n, p=[0.6, 0.3, 0.1]))
    mz = rng.uniform(400, 1200, n)
    residual = rng.normal(0, 0.018, n)
    return {
        "charge": charge.tolist(),
        "mz": mz.round(4).tolist(),
        "one_over_k0": (0.55 + 0.0006 * mz - 0.09 * (charge - 2) + residual).round(5).tolist(),
        "residual": [None if state == 4 else value for state, value in zip(charge, residual.round(6).tolist(), strict=True)],
        "n": 5 * n,
    }  # fmt: skip


def mobility() -> dict[str, Any]:
    return {
        "window_percent": 3.0,
        "peptides": {"with": 12_040, "without": 11_310, "both": 11_200, "only_with": 840, "only_without": 110},
        "quantities": {
            "precursors_with": 19_210, "cells_with": 101_300, "precursors_without": 21_300, "cells_without": 118_200, "cells_both": 99_800
        },
        "interference": {"median_log2": 0.04, "high_log2": 0.61, "share_twice": 0.062},
        "spread_between_samples": {"precursors": 17_800, "with": 0.31, "without": 0.37},
    }  # fmt: skip


def result(**given: Any) -> RawResult:
    """A whole result; parts of its quality that are None are left out."""
    quality: dict[str, Any] = {
        "simulated": False, "engine": ENGINE, "settings": SearchSettings(fdr=0.01, missed_cleavages=1).model_dump(mode="json"),
        "false_discovery": {
            "level": 0.01, "peptides": level(engine_accepted=12_400, both_accepted=11_980), "spectra": level(134_000),
            "proteins": {"n_groups": 3_400, "n_decoy_groups": 12},
        },
        "mobility": mobility(), "trend": trend(), "counts": [], "runs": len(SAMPLES),
    }  # fmt: skip
    quality |= given.pop("quality", {})
    proteins = pd.DataFrame({"protein_group": [f"P{place:05d}" for place in range(3400)]})
    counts = (
        Count("contaminants", 41, 3_441, "KRT1", "protein groups left out of `proteins.tsv`"),
        Count("groups with fewer unique peptides than asked", 620, None, "", ""),
    )
    whole: dict[str, Any] = {
        "proteins": proteins, "precursors": PRECURSORS.empty(), "runs": runs(), "counts": counts, "warnings": ()
    }  # fmt: skip
    return RawResult(quality={name: part for name, part in quality.items() if part is not None}, **whole | given)


def provenance(samples: tuple[str, ...] = SAMPLES) -> dict[str, Any]:
    files = ["proteome.fasta", *(str(Path(f"{name}.d") / "analysis.tdf_bin") for name in samples)]
    return {
        "organokine": "0.1", "command": "", "created": "2026-11-26T10:40:12+00:00", "engine": ENGINE,
        "inputs": [{"file": file, "bytes": 1_234_567_890, "sha256": f"{place:x}" * 64} for place, file in enumerate(files)],
        "versions": {"numpy": "2.2", "pandas": "2.3", "sagepy": "0.4.6"}, "settings": {},
        "searches": {name: f"{place:x}" * 40 for place, name in enumerate(samples)},
    }  # fmt: skip
