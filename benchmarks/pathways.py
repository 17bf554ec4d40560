"""How often a gene set is called where the labels of real organs say nothing, by the correlation that its test assumes.

    python benchmarks/pathways.py ../shared/data --labels 60

Every animal of the MoTrPAC study gets a fake label: half of each group of each sex is called case, so that neither the training nor the sex
can show; both stay in the model. The embedded processes of the Gene Ontology are tested in each of the four assays. Printed is the
share of sets at p < 0.05, and the share of fake studies with any set at q < 0.1 (Benjamini-Hochberg): as if genes were independent, with
the correlation that limma's camera presets (0.01), with the estimated one inflating the whole variance (camera) or the errors alone (as
organokine does), and by ranks. The last column are the sets at q < 0.1 with the true labels.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import organokine
from organokine.evidence.lookup import matrix_by_gene
from organokine.kernels.enrichment import SetTest, set_correlation, set_rank_test, set_test, z_of_t
from organokine.kernels.linear_model import moderated_test, residuals
from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.references import load_references
from organokine.references.gene_sets import load_gene_sets
from organokine.stages.prepare import prepare
from tests.public_studies import write_motrpac

MINIMUM = 15
LEVEL, RATE = 0.05, 0.1


def ways(values: np.ndarray, design: np.ndarray, members: np.ndarray) -> dict[str, SetTest]:
    """Every test of every set, for the second column of the design."""
    asked = np.eye(design.shape[1])[1]
    moderated = moderated_test(values, design, asked)
    z, df = z_of_t(moderated.t, moderated.df), float(design.shape[0] - design.shape[1])
    r = set_correlation(residuals(values, design).values, members)
    return {
        "independent": set_test(z, members, 0.0),
        "preset 0.01": set_test(z, members, 0.01),
        "estimated, all variance": set_test(z, members, r, df),
        "estimated, errors only": set_test(z, members, r, df, sampling_variance=1.0),
        "estimated, ranks": set_rank_test(z, members, r, df),
    }


def fake_labels(case: np.ndarray, sex: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half of each group of each sex."""
    label = np.zeros(len(case))
    for group in (True, False):
        for each in np.unique(sex):
            members = rng.permutation(np.flatnonzero((case == group) & (sex == each)))
            label[members[rng.integers(2) :: 2]] = 1.0
    return label


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the real studies")
    parser.add_argument("--labels", type=int, default=60, help="fake labels per assay")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        study = organokine.read_study(write_motrpac(Path(folder), given.data.resolve()))
    assays = prepare(study, load_references("rat")).assays
    processes = load_gene_sets("rat")[0]
    print("| assay | test | sets at p < 0.05 | fake studies with a set at q < 0.1 | sets at q < 0.1, true labels |")
    print("|---|---|---|---|---|")
    with threadpool_limits(limits=1):
        for name, adata in assays.items():
            table = matrix_by_gene(adata, kept=True)
            members = processes.over(list(table.index)).to_numpy()
            members = members[:, np.count_nonzero(members, axis=0) >= MINIMUM]
            case = (adata.obs["timepoint"] == "8W").to_numpy()
            sex = adata.obs["sex"].to_numpy()
            fixed = np.column_stack([np.ones(len(case)), sex == sex[0], case]).astype(float)
            rng = np.random.default_rng(0)
            found: dict[str, list[tuple[float, bool]]] = {}
            for _ in range(given.labels):
                label = fake_labels(case, sex, rng)
                design = np.column_stack([fixed[:, 0], label, fixed[:, 1:]])
                for way, test in ways(table.to_numpy(), design, members).items():
                    q = benjamini_hochberg(test.p)
                    found.setdefault(way, []).append((np.mean(test.p < LEVEL), bool((q < RATE).any())))
            true = ways(table.to_numpy(), fixed[:, [0, 2, 1]], members)
            for way, rates in found.items():
                share, any_of = np.mean(rates, axis=0)
                called = int((benjamini_hochberg(true[way].p) < RATE).sum())
                cells = f"{100 * share:.1f} % | {100 * any_of:.0f} % | {called} of {members.shape[1]}"
                print(f"| {name.replace('_', ' ')} | {way} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
