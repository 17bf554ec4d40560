"""How often the remark `batch_effect` is made without a batch, and with one: a plate of two labels outside the model.

    python benchmarks/batch.py --assays 1000

Assays of 200 features with three common factors; the group moves every feature at random. The sheet has a plate (the batch, if there is
one), a technician of three labels and an hour, dealt at random; sex is in the model. Samples are normal, have heavy tails (t with 4
degrees of freedom), or one of them stands apart. A batch moves every feature by so many residual standard deviations. Printed are the
shares of assays with the remark, with exact 95 % intervals.
"""

from __future__ import annotations

import argparse

import anndata
import numpy as np
import pandas as pd
from scipy.stats import binomtest
from threadpoolctl import threadpool_limits

from organokine.kernels.quality import median_correlation, stands_below
from organokine.stages.quality_batch import batch_flags, batch_rows
from organokine.study_file import ContrastSection

CONTRAST = ContrastSection(factor="age", case="old", control="young", covariates=("sex",))
N_FEATURES = 200
SIZES = (3, 4, 6, 12)
KINDS = ("normal", "heavy tails", "one stands apart")
BATCHES = (0.5, 1.0, 2.0)


def assay(n_per_group: int, kind: str, batch: float, rng: np.random.Generator) -> anndata.AnnData:
    n = 2 * n_per_group
    draw = rng.standard_normal if kind != "heavy tails" else lambda size: rng.standard_t(4, size) / np.sqrt(2)
    sheet = pd.DataFrame(
        {"subject": [f"m{place}" for place in range(n)], "age": np.repeat(["young", "old"], n_per_group)}
    )
    sheet["sex"] = np.resize(["f", "m"], n)
    for column, labels in (("plate", ["p", "q"]), ("technician", ["a", "b", "c"])):
        sheet[column] = rng.permutation(np.resize(labels, n))
    sheet["hour"] = rng.uniform(8, 18, n)
    values = (
        20.0
        + rng.normal(0, 2, (N_FEATURES, 1))
        + rng.normal(0, 0.5, (N_FEATURES, 3)) @ draw((3, n))
        + draw((N_FEATURES, n))
    )
    values += np.outer(rng.normal(size=N_FEATURES), sheet["age"] == "old")
    values += batch * np.outer(rng.normal(size=N_FEATURES), sheet["plate"] == "p")
    if kind == "one stands apart":
        values[:, rng.integers(n)] += rng.normal(0, 6, N_FEATURES)
    var = pd.DataFrame({"kept": True}, index=[str(row) for row in range(N_FEATURES)])
    return anndata.AnnData(values.T, obs=sheet.set_axis(sheet["subject"]), var=var, uns={"organokine": {"name": "a"}})


def rate(n_assays: int, n_per_group: int, kind: str, batch: float) -> str:
    rng = np.random.default_rng([n_per_group, KINDS.index(kind), int(10 * batch)])
    said = 0
    for _ in range(n_assays):
        data = assay(n_per_group, kind, batch, rng)
        is_outlier = stands_below(median_correlation(np.asarray(data.X).T))
        flags = batch_flags(batch_rows(data, data.obs, is_outlier, CONTRAST), CONTRAST)
        said += any(flag["flag"] == "batch_effect" for flag in flags)
    low, high = binomtest(said, n_assays).proportion_ci()
    return f"{said / n_assays:.3f} ({low:.3f}-{high:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assays", type=int, default=1000, help="assays in each cell")
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
