"""False discovery rate and power of the ways of multiple testing, after the real moderated test.

    python benchmarks/multiple_testing.py --studies 100

Variances are drawn from a scaled inverse chi-square prior of five degrees of freedom around 0.04 (log2 scale), true effects are of
0.6 either way. The covariate of the weights is the moderated standard deviation. Standard errors are those of the mean of studies.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from organokine.kernels.covariate_weights import covariate_weights
from organokine.kernels.discovery import discovery_p
from organokine.kernels.linear_model import ModeratedTest, moderated_test
from organokine.kernels.multiple_testing import benjamini_hochberg, storey_q

SCENARIOS = {
    "no effect, 50 features": {"n": 50, "share": 0.0},
    "no effect, 300 features": {"n": 300, "share": 0.0},
    "no effect, 2,000 features": {"n": 2000, "share": 0.0},
    "1 % true, 2,000": {"n": 2000, "share": 0.01},
    "10 % true, 300": {"n": 300, "share": 0.1},
    "10 % true, 2,000": {"n": 2000, "share": 0.1},
    "30 % true, 2,000": {"n": 2000, "share": 0.3},
    "10 % true, effects in proportion to the error": {"n": 2000, "share": 0.1, "proportional": True},
    "10 % true, three factors are half the variance": {"n": 2000, "share": 0.1, "factors": 3},
    "10 % true, errors of t with 4 df": {"n": 2000, "share": 0.1, "tail": 4.0},
    "10 % true, log-normal variances": {"n": 2000, "share": 0.1, "log_normal": True},
}
METHODS = ("BH", "Storey", "covariate weights", "discovery")


def simulate(
    rng: np.random.Generator,
    per_group: int,
    *,
    n: int,
    share: float,
    factors: int = 0,
    tail: float = 0.0,
    proportional: bool = False,
    log_normal: bool = False,
) -> tuple[ModeratedTest, np.ndarray]:
    shape = (n, 2 * per_group)
    errors = rng.standard_t(tail, shape) / np.sqrt(tail / (tail - 2)) if tail > 0 else rng.standard_normal(shape)
    if factors > 0:
        loadings = rng.standard_normal((n, factors)) * np.sqrt(0.5 / factors)
        errors = errors * np.sqrt(0.5) + loadings @ rng.standard_normal((factors, shape[1]))
    sd = np.sqrt(0.04 * (rng.lognormal(0, 1, n) if log_normal else 5 / rng.chisquare(5, n)))
    true = rng.random(n) < share
    size = 3 * sd if proportional else np.full(n, 0.6)
    values = errors * sd[:, None]
    values[:, per_group:] += (true * size * rng.choice([-1, 1], n))[:, None]
    design = np.stack([np.ones(shape[1]), np.repeat([0.0, 1.0], per_group)], axis=1)
    return moderated_test(values + rng.normal(25, 2, (n, 1)), design, [0.0, 1.0]), true


def one_study(seed: int, scenario: str, per_group: int, fdr: float) -> list[float]:
    rng = np.random.default_rng([seed, per_group])
    test, true = simulate(rng, per_group, **SCENARIOS[scenario])
    qs = (
        benjamini_hochberg(test.p),
        storey_q(test.p).q,
        benjamini_hochberg(test.p, covariate_weights(test.p, test.sd, rng=rng)),
        benjamini_hochberg(discovery_p(test.effect, test.se, test.df).p),
    )
    found = [q <= fdr for q in qs]
    false = [(k & ~true).sum() / max(1, k.sum()) for k in found]
    return false + [(k & true).sum() / max(1, true.sum()) for k in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=100)
    parser.add_argument("--per-group", type=int, nargs="+", default=[3, 4, 6])
    parser.add_argument("--fdr", type=float, default=0.05)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    print(f"Realised false discovery rate (standard error) / true positive rate at {given.fdr:g}.\n")
    print("| scenario | animals | " + " | ".join(METHODS) + " |")
    print("|---|---|" + "---|" * len(METHODS))
    with ProcessPoolExecutor(given.workers) as pool:
        for scenario in SCENARIOS:
            for per_group in given.per_group:
                run = partial(one_study, scenario=scenario, per_group=per_group, fdr=given.fdr)
                rates = np.array(list(pool.map(run, range(given.studies), chunksize=5)))
                mean, error = rates.mean(axis=0), rates.std(axis=0) / np.sqrt(given.studies)
                cells = [f"{mean[i]:.3f} ({error[i]:.3f}) / {mean[i + 4]:.3f}" for i in range(len(METHODS))]
                print(f"| {scenario} | {per_group} + {per_group} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
