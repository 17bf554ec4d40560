"""Type I error where several samples come from one animal: 4 + 4 animals with two samples each, and fewer; nothing changes.

    python benchmarks/blocks.py --features 20000

Group is between animals (nested) or within them (paired: one sample of each animal in each group). The correlation of the two samples
is one for all features, or differs between them (Beta(2, 2); 0.1 or 0.9). Printed is the share of p < 0.05 if the animal is left out of
the model, with the consensus correlation, with each feature's own shrunken towards the others, with each feature's own as estimated,
and with the true one; and the same as a multiple of what is expected at p < 0.001.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import numpy as np
from threadpoolctl import threadpool_limits

from organokine.kernels.block_correlation import block_correlation
from organokine.kernels.linear_model import moderated_test

N_ANIMALS = 8
N_SAMPLES = 2
LEVELS = (0.05, 0.001)
WAYS = ("left out", "consensus", "shrunken", "own", "true")


def correlations(kind: str, n_features: int, rng: np.random.Generator) -> np.ndarray:
    match kind:
        case "Beta(2, 2)":
            return rng.beta(2.0, 2.0, n_features)
        case "0.1 or 0.9":
            return rng.choice([0.1, 0.9], n_features)
        case _:
            return np.full(n_features, float(kind))


def rates(
    kind: str, n_features: int, *, nested: bool, missing: float, n_animals: int = N_ANIMALS, n_samples: int = N_SAMPLES
) -> dict[str, list[float]]:
    rng = np.random.default_rng([4, 4])
    true = correlations(kind, n_features, rng)
    n = n_animals * n_samples
    animal = np.repeat(np.arange(n_animals), n_samples)
    group = animal % 2 if nested else np.arange(n) % 2
    shared = rng.normal(size=(n_features, n_animals))[:, animal]
    noise = np.sqrt(true)[:, None] * shared + np.sqrt(1 - true)[:, None] * rng.normal(size=(n_features, n))
    values = 20.0 + noise * 0.3 * np.sqrt(5 / rng.chisquare(5, (n_features, 1)))
    values[rng.random(values.shape) < missing] = np.nan
    design = np.column_stack([np.ones(n), group])
    found = block_correlation(values, design, animal)
    own = np.where(np.isfinite(found.by_feature), found.by_feature, found.consensus)
    known: Mapping[str, float | np.ndarray] = dict(
        zip(WAYS, (0.0, found.consensus, found.shrunken, own, true), strict=True)
    )
    result = {}
    for way, correlation in known.items():
        p = moderated_test(values, design, [0.0, 1.0], blocks=animal, correlation=correlation).p
        result[way] = [float(np.mean(p[np.isfinite(p)] < level)) for level in LEVELS]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", type=int, default=20_000, help="features per table")
    given = parser.parse_args()
    print(f"| animals | correlation | {' | '.join(WAYS)} |\n|---|---|{'---|' * len(WAYS)}")
    cases = [
        ("0", True, 0.0),
        ("0.5", True, 0.0),
        ("0.8", True, 0.0),
        ("Beta(2, 2)", True, 0.0),
        ("Beta(2, 2)", True, 0.2),
    ]
    cases += [("0.1 or 0.9", True, 0.0), ("0.5", False, 0.0), ("Beta(2, 2)", False, 0.0), ("0.1 or 0.9", False, 0.0)]
    with threadpool_limits(1):
        for kind, nested, missing in cases:
            found = rates(kind, given.features, nested=nested, missing=missing)
            cells = [f"{at_05:.3f} ({at_001 / LEVELS[1]:.1f}x)" for at_05, at_001 in found.values()]
            where = f"{'nested' if nested else 'paired'}{', 20 % missing' if missing > 0 else ''}"
            print(f"| {where} | {kind} | {' | '.join(cells)} |", flush=True)
        for n_animals, n_samples in ((6, 2), (6, 6), (4, 2), (4, 10)):
            found = rates("0.5", given.features, nested=True, missing=0.0, n_animals=n_animals, n_samples=n_samples)
            cells = [f"{at_05:.3f} ({at_001 / LEVELS[1]:.1f}x)" for at_05, at_001 in found.values()]
            half = n_animals // 2
            print(f"| nested, {half} + {half} of {n_samples} samples | 0.5 | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
