"""Made-up tables about the quality of assays, for the made-up runs: plausible, with every kind of row."""

from __future__ import annotations

import numpy as np
import pandas as pd
from fake_manifest import ASSAYS


def quality_tables(qc: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables `qc_assay`, `qc_batch`, `qc_panels` and `qc_pairs` that go with a table `qc`."""
    rng = np.random.default_rng(9)
    parts: dict[str, list[pd.DataFrame]] = {"qc_assay": [], "qc_batch": [], "qc_panels": [], "qc_pairs": []}
    for assay, organ, modality, _ in ASSAYS:
        samples = qc[qc["assay"] == assay]
        parts["qc_assay"].append(_measures(assay, modality, samples))
        parts["qc_batch"].append(_columns(assay, len(samples)))
        parts["qc_pairs"].append(_pairs(rng, assay, list(samples["sample"])))
        if modality == "protein":
            parts["qc_panels"].append(_panels(rng, assay, organ, list(samples["sample"])))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def _measures(assay: str, modality: str, samples: pd.DataFrame) -> pd.DataFrame:
    rows = [("", "features", 3400.0, "features", len(samples), "")]
    for group in ("", *samples["group"].unique()):
        n = len(samples) if group == "" else int((samples["group"] == group).sum())
        rows += [(group, "identified", 3200.0, "features", n, ""), (group, "correlation", 0.96, "r", 15, "")]
        if modality == "protein":
            counts = {"complete": 2900.0, "absent": 12.0}
            rows += [(group, "missing", 0.08, "share", n, "")]
            rows += [(group, name, value, "features", n, "") for name, value in counts.items()]
            rows += [(group, "keratin", 0.0012, "share", n, "")]
        if group != "":
            cv = {"05": 0.05, "25": 0.1, "50": 0.16, "75": 0.24, "95": 0.5}
            rows += [(group, f"cv_{at}", value, "share", 3000, "") for at, value in cv.items()]
    return pd.DataFrame(rows, columns=["group", "measure", "value", "unit", "n", "note"]).assign(assay=assay)


def _columns(assay: str, n: int) -> pd.DataFrame:
    about = [
        ("age", "factor", "", 0.7, 0.001, np.nan), ("sex", "covariate", "", 0.1, 0.6, 0.0),
        ("sex", "covariate", "age", 0.2, 0.4, 0.0), ("plate", "other", "", 0.2, 0.5, 0.1),
        ("plate", "other", "age, sex", 0.3, 0.3, 0.1), ("cage", "other", "", 0.7, 0.01, 1.0),
    ]  # fmt: skip
    rows = [
        {
            "column": column, "role": role, "given": given, "component": component, "component_share": 0.4 / component,
            "share": share / component, "df": 1, "p": q / 3, "q": q, "confounding": confounded,
            "confounding_by_chance": 0.09, "note": "2 whole numbers, taken for labels" if column == "plate" else "",
        }
        for column, role, given, share, q, confounded in about
        for component in (1, 2, 3)
    ]  # fmt: skip
    rows.append(
        {"column": "cage", "role": "other", "given": "age, sex", "component": 0, "note": "follows from age, sex"}
    )
    rows.append({"column": "id", "role": "other", "given": "", "component": 0, "note": "12 labels for 12 samples"})
    return pd.DataFrame(rows).assign(assay=assay, n=n)


def _panels(rng: np.random.Generator, assay: str, organ: str, samples: list[str]) -> pd.DataFrame:
    panels = ["keratin", "reagent", "erythrocyte"] + (["immunoglobulin", "plasma"] if organ != "plasma" else [])
    return pd.concat(
        pd.DataFrame(
            {
                "assay": assay, "sample": samples, "panel": panel, "n_features": 6, "share": rng.uniform(0.001, 0.002, len(samples)),
                "level": np.nan if panel == "reagent" else rng.normal(0, 0.4, len(samples)),
            }
        )
        for panel in panels
    )  # fmt: skip


def _pairs(rng: np.random.Generator, assay: str, samples: list[str]) -> pd.DataFrame:
    first, second = np.triu_indices(len(samples), 1)
    names = np.array(samples, dtype=object)
    r = rng.uniform(0.9, 0.98, len(first))
    return pd.DataFrame({"assay": assay, "sample": names[first], "other": names[second], "r": r})
