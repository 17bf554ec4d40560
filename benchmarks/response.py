"""How often the line `response` confirms a candidate whose target knows nothing of the contrast, on real studies of two organs.

    python benchmarks/response.py ../shared/data SecAct.tsv.gz --swaps 60

The source keeps its labels. Those of the target are swapped between the animals of one sex, so that nothing in it can respond. Counted are
the candidates that change in the source (q at most 0.1), have a way out of the cell and a signature: which share of them is
confirmed at p of at most 0.05, as if genes were replicates (the usual test of signatures and gene sets, two-sided and in the direction
of the source), by rearranged animals, by their place among other signatures, and by both, as the line does. Then it is counted how
many swapped studies are given a candidate of tier 2, with and without the line, and how often a planted response is seen. The
signatures are those of SecAct; its file is in the package secactpy and may be named by its path.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import organokine
from organokine.evidence import LINES, response
from organokine.evidence.base import EvidenceInput
from organokine.evidence.lookup import source_change
from organokine.kernels import ligand_score
from organokine.kernels.relabeling import relabeled_t, relabelings
from organokine.randomness import named_generator
from organokine.readers.signature_files import read_signatures
from organokine.references import References, load_references
from organokine.stages.differential import differential_table
from organokine.stages.evidence import by_role, find_candidates, gather
from organokine.stages.prepare import prepare
from organokine.stages.rank import rank
from organokine.study import Study
from organokine.study_file_sets import ResponseSection
from tests.public_studies import write_motrpac, write_tsumagari

WAYS = ("genes, two-sided", "genes", "animals", "signatures", "both")
LEVEL = 0.05
SIZES = (0.05, 0.1, 0.2)
STUDIES = (
    ("training, muscle to fat, RNA", write_motrpac, ""),
    ("training, muscle to fat, protein", write_motrpac, "fat_rna"),
    ("ageing, cortex to hippocampus, protein", write_tsumagari, ""),
)
TIER = 2


class Case(NamedTuple):
    """A study with signatures: prepared assays, its table `differential`, its references and its candidates."""

    name: str
    study: Study
    assays: dict
    differential: pd.DataFrame
    references: References
    candidates: pd.DataFrame


def load(name: str, path: Path, secact: Path, *, without: str = "") -> Case:
    """Read and prepare a study, and put the signatures into its symbols; `without` names a target assay to leave out."""
    study = organokine.read_study(path)
    section = ResponseSection(signatures=str(secact), species="human", name="SecAct")
    signatures = read_signatures(Path(), section, study.file.study.species)
    kept = {key: adata for key, adata in study.assays.items() if key != without}
    listed = tuple(assay for assay in study.file.assay if assay.name != without)
    study = replace(
        study,
        assays=kept,
        signatures=signatures,
        file=study.file.model_copy(update={"response": section, "assay": listed}),
    )
    references = load_references(study.file.study.species)
    assays = dict(prepare(study, references).assays)
    differential = differential_table(assays, study.file.contrast, study.file.differential)
    return Case(name, study, assays, differential, references, find_candidates(by_role(study, assays)))


def given_of(case: Case, n_permutations: int) -> EvidenceInput:
    options = case.study.file.response.model_copy(update={"n_permutations": n_permutations})
    return EvidenceInput(
        file=case.study.file.model_copy(update={"response": options}),
        candidates=case.candidates,
        differential=case.differential,
        prepared=by_role(case.study, case.assays),
        qc=pd.DataFrame(),
        references=case.references,
        rng=lambda name: named_generator(1, name),
        signatures=case.study.signatures,
    )


def swapped(case: Case, rng: np.random.Generator) -> Case:
    """The labels of the target moved between animals of the same covariates, alike in all its assays."""
    contrast, axis = case.study.file.contrast, case.study.file.axis
    assays = dict(case.assays)
    targets = [name for name, adata in assays.items() if adata.uns["organokine"]["organ"] == axis.target]
    animals = pd.concat([assays[name].obs for name in targets]).drop_duplicates("subject").set_index("subject")
    strata = (
        animals.groupby(list(contrast.covariates), observed=True) if len(contrast.covariates) > 0 else [("", animals)]
    )
    label: dict[str, str] = {}
    for _, members in strata:
        label |= dict(zip(members.index, rng.permutation(members[contrast.factor].astype(str)), strict=True))
    for name in targets:
        assays[name] = assays[name].copy()
        assays[name].obs[contrast.factor] = [label[subject] for subject in assays[name].obs["subject"]]
    return case._replace(assays=assays)


def chosen(given: EvidenceInput) -> pd.DataFrame:
    """Candidates that change in the source and can leave it: their direction."""
    change = source_change(given)
    weight = given.references.routes(list(change.index))["route"].map(given.file.ranking.route_weights)
    known = change.index.isin(given.signatures.weights.columns)
    rows = change[(change["q"] <= 0.1) & (weight.to_numpy() > 0) & known]
    return np.sign(rows["log2fc"].astype(float)).to_frame("direction")


def shares(case: Case, n_permutations: int = 199) -> tuple[np.ndarray, response.Scored]:
    """Share of the chosen candidates that each way confirms."""
    given = given_of(case, n_permutations)
    scored, _ = response.score_target(given)
    rows = chosen(given).join(scored.table)
    one_sided = stats.norm.sf(rows["score"] * rows["direction"])
    both = np.maximum(rows["animals_p"], rows["competitive_p"])
    p = (2 * np.minimum(one_sided, 1 - one_sided), one_sided, rows["animals_p"], rows["competitive_p"], both)
    return np.array([np.mean(each <= LEVEL) for each in p]), scored


def claims(case: Case, n_swaps: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Candidates of tier 2 or above in swapped studies: without the line, and with it."""
    found = []
    axis = case.study.file.axis
    qc = prepare(case.study, case.references).qc
    lines = [line for line in LINES if (line.tier or 0) <= TIER and line.role != "support"]
    for _ in range(n_swaps):
        other = swapped(case, rng)
        targets = {name: a for name, a in other.assays.items() if a.uns["organokine"]["organ"] == axis.target}
        tested = differential_table(targets, case.study.file.contrast, case.study.file.differential)
        rest = case.differential[~case.differential["assay"].isin(targets)]
        differential = pd.concat([rest, tested], ignore_index=True)
        given = given_of(other, 199)
        study = replace(other.study, file=given.file)
        evidence = gather(study, other.assays, differential, qc, case.references, lines)
        counts = []
        for asked in ([line for line in lines if line.name != "response"], lines):
            ranking = rank(evidence.evidence, evidence.flags, evidence.candidates, asked, case.study.file.ranking)
            counts.append(int((ranking.mediators["tier"] >= TIER).sum()))
        found.append((counts[0], counts[1]))
    return found


def planted(case: Case, size: float, n: int, rng: np.random.Generator) -> tuple[float, float]:
    """How often a ligand's response in the target is seen among swapped animals, at the level and at a fifth of it.

    Cases move along the signature of a candidate with the weights in standard deviations, times `size`, times the standard deviation of
    each gene.
    """
    hits = np.zeros(2)
    for _ in range(n):
        other = swapped(case, rng)
        given = given_of(other, 199)
        direction = np.sign(source_change(given)["log2fc"].astype(float)).dropna()
        ligand = rng.choice(direction.index[direction.index.isin(given.signatures.weights.columns)])
        role = ("target", "rna") if ("target", "rna") in given.prepared else ("target", "protein")
        adata = given.prepared[role].copy()
        w = given.signatures.weights[ligand].reindex(adata.var["gene"]).to_numpy()
        w = np.where(adata.var["gene"] == ligand, 0.0, np.nan_to_num((w - np.nanmean(w)) / np.nanstd(w)))
        is_case = (adata.obs[case.study.file.contrast.factor] == case.study.file.contrast.case).to_numpy()
        values = np.asarray(adata.X, dtype=float).copy()
        values[is_case] += direction[ligand] * size * np.nan_to_num(np.nanstd(values, axis=0)) * w
        adata.X = values
        prepared = dict(given.prepared) | {role: adata}
        table = response.score_target(replace(given, prepared=prepared))[0].table.loc[ligand]
        hits += max(table["animals_p"], table["competitive_p"]) <= np.array([LEVEL, LEVEL / 5])
    return tuple(hits / n)


def speed() -> None:
    """Processor time of 1,000 signatures of 8,000 genes over 1,000 arrangements of 20 animals, on one thread."""
    rng = np.random.default_rng(0)
    values, weights = rng.normal(size=(8000, 20)), rng.normal(size=(8000, 1000))
    design = np.column_stack([np.ones(20), np.repeat([0.0, 1.0], 10)])
    own = np.eye(8000, 1000, dtype=bool)
    orders = relabelings(list(design[:, 1]), [0] * 20, 999, rng).orders
    start = time.process_time()
    prepared = ligand_score.signatures(weights, own)
    asked = relabeled_t(values, design, np.array([0.0, 1.0]), orders)
    scored = ligand_score.scores(asked, len(orders), prepared)
    direction = np.ones(1000)
    ligand_score.animal_p(scored, direction)
    ligand_score.competitive_p(ligand_score.standardised(scored), prepared.overlap, direction)
    print(f"\n1,000 signatures of 8,000 genes, 1,000 arrangements: {time.process_time() - start:.1f} s on one thread")


def cells(values: np.ndarray) -> str:
    return " | ".join(f"{100 * value:.1f} %" for value in values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the real studies")
    parser.add_argument("secact", type=Path, help="SecAct.tsv.gz")
    parser.add_argument("--studies", type=int, nargs="+", default=[1, 2, 3], help="which of the three, by number")
    parser.add_argument("--swaps", type=int, default=60, help="swapped studies for the shares")
    parser.add_argument("--claims", type=int, default=20, help="swapped studies that are ranked")
    parser.add_argument("--planted", type=int, default=20, help="planted responses of each size")
    given = parser.parse_args()
    secact = given.secact.resolve()
    with threadpool_limits(limits=1):
        for place, (name, write, without) in enumerate(STUDIES, start=1):
            if place in given.studies:
                with tempfile.TemporaryDirectory() as folder:
                    case = load(name, write(Path(folder), given.data.resolve()), secact, without=without)
                report(case, given)
        speed()


def report(case: Case, given: argparse.Namespace) -> None:
    rng = np.random.default_rng(7)
    found, scored = shares(case, 999)
    n = len(chosen(given_of(case, 19)))
    print(f"\n## {case.name}: {n} candidates, {len(scored.table)} signatures worth {scored.n_effective:.1f}\n")
    print(f"| target labels | {' | '.join(WAYS)} |\n|---|{'---|' * len(WAYS)}")
    print(f"| true | {cells(found)} |")
    every = np.array([shares(swapped(case, rng))[0] for _ in range(given.swaps)])
    print(f"| swapped, mean of {given.swaps} | {cells(every.mean(axis=0))} |")
    print(f"| swapped, 95th percentile | {cells(np.quantile(every, 0.95, axis=0))} |", flush=True)
    given_a_claim = np.array(claims(case, given.claims, rng)) > 0
    for name, hits in zip(("without", "with"), given_a_claim.sum(axis=0), strict=True):
        print(f"\nSwapped studies given a candidate of tier 2 {name} the line: {hits} of {given.claims}")
    print(f"\n| planted response, SD of a gene | p <= {LEVEL:g} | p <= {LEVEL / 5:g} |\n|---|---|---|")
    for size in SIZES:
        print(f"| {size:g} | {cells(np.array(planted(case, size, given.planted, rng)))} |", flush=True)


if __name__ == "__main__":
    main()
