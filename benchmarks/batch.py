"""How often the remark `batch_effect` is made without a batch, and with one: a plate of two labels outside the model.

    python benchmarks/batch.py --assays 300

Assays of 200 features with three common factors; the group moves every feature at random. The sheet has a plate (the batch, if there is
one), a technician of three labels and an hour, dealt at random; sex is in the model. Samples are normal, have heavy tails (t with 4
degrees of freedom), or one of them stands apart. A batch moves every feature by so many residual standard deviations. Printed are the
shares of assays with the remark, with exact 95 % intervals.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from threadpoolctl import threadpool_limits

from organokine.kernels.association import explained_share, leading_components
from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.kernels.quality import median_correlation, stands_apart
from organokine.stages.quality_batch import BATCH_Q, LEAST_DF, LEAST_SHARE, N_COMPONENTS

N_FEATURES = 200
SIZES = (3, 4, 6, 12)
KINDS = ("normal", "heavy tails", "one stands apart")
BATCHES = (0.5, 1.0, 2.0)


def assay(n_per_group: int, kind: str, batch: float, rng: np.random.Generator) -> tuple[np.ndarray, pd.DataFrame]:
    """Values (n_features, n_samples) and the sample sheet."""
    n = 2 * n_per_group
    draw = rng.standard_normal if kind != "heavy tails" else lambda size: rng.standard_t(4, size) / np.sqrt(2)
    sheet = pd.DataFrame({"age": np.repeat(["young", "old"], n_per_group), "sex": np.resize(["f", "m"], n)})
    for column, labels in (("plate", ["p", "q"]), ("technician", ["a", "b", "c"])):
        sheet[column] = rng.permutation(np.resize(labels, n))
    sheet["hour"] = rng.uniform(8, 18, n)
    values = 20.0 + rng.normal(0, 2, (N_FEATURES, 1)) + rng.normal(0, 0.5, (N_FEATURES, 3)) @ draw((3, n))
    values += draw((N_FEATURES, n)) + np.outer(rng.normal(size=N_FEATURES), sheet["age"] == "old")
    values += batch * np.outer(rng.normal(size=N_FEATURES), sheet["plate"] == "p")
    if kind == "one stands apart":
        values[:, rng.integers(n)] += rng.normal(0, 6, N_FEATURES)
    return values, sheet


def is_said(values: np.ndarray, sheet: pd.DataFrame) -> bool:
    """The decision of `organokine.stages.quality_batch` on this sheet."""
    kept = ~stands_apart(median_correlation(values))
    sheet = sheet[kept]
    columns = {name: indicators(sheet[name]) for name in ("age", "sex", "plate", "technician")}
    columns["hour"] = sheet[["hour"]].to_numpy()
    given = np.column_stack([np.ones(len(sheet)), columns.pop("age"), columns.pop("sex")])
    scores = leading_components(values[:, kept], given, N_COMPONENTS).scores
    found = [explained_share(scores, column, given) for column in columns.values()]
    found = [each for each in found if each.df > 0 and each.df_residual >= LEAST_DF]
    if len(found) == 0:
        return False
    q = benjamini_hochberg(np.concatenate([each.p for each in found]))
    return bool(((q <= BATCH_Q) & (np.concatenate([each.share for each in found]) >= LEAST_SHARE)).any())


def indicators(labels: pd.Series) -> np.ndarray:
    names = labels.to_numpy(dtype=str)
    return (names[:, None] == np.unique(names)[None, :]).astype(float)


def rate(n_assays: int, n_per_group: int, kind: str, batch: float) -> str:
    rng = np.random.default_rng([n_per_group, KINDS.index(kind), int(10 * batch)])
    said = sum(is_said(*assay(n_per_group, kind, batch, rng)) for _ in range(n_assays))
    low, high = binomtest(said, n_assays).proportion_ci()
    return f"{said / n_assays:.3f} ({low:.3f}-{high:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assays", type=int, default=300, help="assays in each cell")
    n_assays = parser.parse_args().assays
    head = "| " + " | ".join(f"{n} + {n} samples" for n in SIZES) + " |"
    with threadpool_limits(limits=1):
        print(f"| no batch {head}")
        for kind in KINDS:
            print(f"| {kind} | " + " | ".join(rate(n_assays, n, kind, 0.0) for n in SIZES) + " |", flush=True)
        print(f"| batch of so many standard deviations {head}")
        for batch in BATCHES:
            print(f"| {batch} | " + " | ".join(rate(n_assays, n, "normal", batch) for n in SIZES) + " |", flush=True)


if __name__ == "__main__":
    main()
