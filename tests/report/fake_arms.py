"""Made-up tables of perturbation arms: one that stands, one that failed, a rescue, doses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

ARM: dict[str, Any] = {
    "arm": "AAV-Anxa2", "comparison": "perturbed", "gene": "Anxa2", "kind": "gain", "moves": "up", "organ": "cerebellum",
    "modality": "protein", "background": "young", "shows": "sufficient", "n_case": 5, "n_control": 5, "engagement": "engaged",
    "engagement_assay": "aav", "engagement_log2fc": 3.0, "engagement_p": 1e-6, "contrast_log2fc": 0.68,
    "contrast_assay": "cerebellum_protein", "direction": 1, "state": "tested", "rho": 0.2, "p": 0.008, "smallest_p": 0.004,
    "n_arrangements": 252, "fraction": 0.46, "fraction_low": 0.2, "fraction_high": 0.72, "n_genes": 60, "up_up": 20,
    "down_down": 15, "up_down": 6, "down_up": 4, "dose_p": np.nan, "shared_samples": 0, "verdict": "sufficient", "note": "",
}  # fmt: skip
FAILED = ARM | {
    "arm": "AAV-Gdf15", "gene": "Gdf15", "engagement": "not_engaged", "engagement_log2fc": 0.1, "engagement_p": 0.4,
    "state": "not_engaged", "p": np.nan, "verdict": "", "dose_p": 0.02, "note": "4 controls were divided",
}  # fmt: skip


def arm_tables(rows: list[dict[str, Any]] | None = None) -> dict[str, pd.DataFrame]:
    """The five tables, not yet conformed."""
    table = pd.DataFrame([ARM, FAILED] if rows is None else rows)
    rng = np.random.default_rng(3)
    parts: dict[str, list[pd.DataFrame]] = {"scores": [], "doses": [], "genes": [], "overlap": []}
    for arm, comparison in table[["arm", "comparison"]].itertuples(index=False):
        key = {"arm": arm, "comparison": comparison}
        for side, groups in (("contrast", ("young", "aged")), ("arm", ("GFP", "Anxa2"))):
            for group in groups:
                names = [f"{side}_{group}_{place}" for place in range(4)]
                about = {"side": side, "sample": names, "subject": names, "group": group, "score": rng.normal(size=4)}
                parts["scores"].append(pd.DataFrame(about).assign(**key))
        doses = {"dose": [0.0, 1e10, 1e11], "n": 3, "engagement_log2fc": [0.0, 1.0, 2.0], "fraction": [0.0, 0.2, 0.5]}
        ends = {"fraction_low": [np.nan, 0.0, 0.3], "fraction_high": [np.nan, 0.4, 0.7]}
        parts["doses"].append(pd.DataFrame(doses | ends).assign(**key))
        effect = rng.normal(size=60)
        both = {"contrast_log2fc": effect, "contrast_t": effect, "arm_log2fc": effect / 2, "arm_t": effect}
        parts["genes"].append(pd.DataFrame(both).assign(gene=[f"Gene{place}" for place in range(60)], **key))
        steps = np.arange(10, 60, 10)
        grid = {"contrast_top": np.repeat(steps, 5), "arm_top": np.tile(steps, 5), "signed": rng.normal(size=25)}
        parts["overlap"].append(pd.DataFrame(grid).assign(**key))
    found = {f"perturbation_{name}": pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    return {"perturbations": table, **found}
