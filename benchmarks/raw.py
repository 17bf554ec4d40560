"""What `organokine raw run` finds, how much of it is false, and what it costs, on simulated runs: docs/raw-figures.md.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/raw.py [accuracy] [false] [clean] [cost]

Prints tables in Markdown; all parts take about ten minutes on two processors, a part by its name less. `accuracy` holds what is found against
what was simulated, `false` pools small studies for the share of accepted peptides that nobody simulated, `clean` asks whether too small
a FASTA is warned of, `cost` takes time and memory of processes of their own (Linux). A simulated FASTA has 8 proteins that no sample has for
every 3 that are there, and lacks a quarter of those that are.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sagepy.utility import psm_collection_to_pandas
from scipy import stats

from organokine.raw.acceptance import Acceptance, accept
from organokine.raw.fasta import read_fasta
from organokine.raw.folder import open_folder
from organokine.raw.joint_score import joint_score
from organokine.raw.sage import build_database
from organokine.raw.sage_joint import join_searches, match_frames, read_surveys, rescore
from organokine.raw.samples import RawRun
from organokine.raw.search import Task, find_searches, search_files
from organokine.raw.search_cache import SearchStore
from organokine.raw.settings import SearchSettings
from organokine.raw_job import RawJob
from organokine.raw_run import run_raw
from organokine.simulate.raw_study import RawStudy, simulate_raw

PARTS = ("accuracy", "false", "clean", "cost")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
FILES = (1, 2, 4, 8)
WORKERS = (1, 2)
CLEAN = (4, 12, 45)
"""Proteins in the FASTA, all of them in the samples."""


class Peptides(NamedTuple):
    """Accepted sequences with modifications: how many, by the engine's q, not simulated, of proteins that no sample has.

    `decoys` score as well as these. What begins with `plain` is by the score of the spectrum alone, with `learned` by the engine's
    discriminant, which is learned from the decoys that are counted.
    """

    accepted: int
    engine: int
    false: int
    absent: int
    decoys: int
    plain_accepted: int
    plain_false: int
    plain_decoys: int
    learned_accepted: int
    learned_false: int
    learned_decoys: int


def silent(_: str) -> None:
    """For what tells its progress."""


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    print(f"\n### {title}\n\n" + "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines))
    sys.stdout.flush()


def bound(n: int, truth: pd.DataFrame, level: float) -> int:
    """How many of n are of absent proteins in 975 of 1000 cases at most, if `level` is false and spread evenly over the FASTA."""
    held = truth[truth["in_fasta"]]
    return int(stats.binom.ppf(0.975, n, level * (~held["in_sample"]).mean()))


def tasks_of(study: RawStudy, fasta: Path, cache: Path, settings: SearchSettings, workers: int = 1) -> list[Task]:
    """The searches of a study."""
    held, store = read_fasta(fasta, str(fasta), None), SearchStore(cache)
    return [Task(RawRun(run.stem, run), held, settings, store, workers) for run in study.runs]


def accepted_peptides(study: RawStudy, cache: Path, settings: SearchSettings) -> Peptides:
    """All peptides that are accepted, also those of proteins that are not reported."""
    tasks = tasks_of(study, study.fasta, cache, settings)
    packed = [tasks[0].store.load(each.key).packed for each in find_searches(tasks, echo=silent)]
    database = build_database(tasks[0].fasta, settings)
    matches = join_searches(packed, database)
    rescore(matches, database, settings)
    frame, features = match_frames(matches)
    scores = (
        joint_score(features, frame["decoy"], frame["peptide"], use_mobility=True).score,
        frame["hyperscore"],
        psm_collection_to_pandas(matches.psms, num_threads=1)["discriminant_score"],
    )
    told, *others = (accept(frame.assign(score=score), settings.fdr) for score in scores)
    held = told.matches[told.matches["accepted"]].drop_duplicates("sequence")
    truth = pd.read_csv(study.truth, sep="\t").set_index("protein")
    absent = held["proteins"].map(lambda names: not truth.loc[list(names), "in_sample"].any())
    first = (
        len(held),
        told.engine_accepted,
        n_false(held["sequence"], study),
        int(absent.sum()),
        told.peptides.n_decoys,
    )
    return Peptides(*first, *(n for each in others for n in by_another_score(each, study)))


def by_another_score(told: Acceptance, study: RawStudy) -> tuple[int, int, int]:
    """Accepted, false, and decoys beside them."""
    return len(told.sequences), n_false(pd.Series(sorted(told.sequences)), study), told.peptides.n_decoys


def n_false(sequences: pd.Series, study: RawStudy) -> int:
    """Peptides that were not simulated. All cysteines are carbamidomethylated, and nothing else is modified."""
    simulated = pd.read_csv(study.ions, sep="\t")["peptide"]
    return int((~sequences.str.replace("[UNIMOD:4]", "", regex=False).isin(simulated)).sum())


def change_error(study: RawStudy, proteins: pd.DataFrame, truth: pd.DataFrame) -> tuple[float, float]:
    """Median absolute error of planted changes in log2, and the median of what came of changes by a factor of three."""
    sheet = pd.read_csv(study.samples, sep="\t")
    values = np.log2(proteins.set_index("protein")[list(sheet["sample"])])
    values -= values.median()
    first, other = (sheet.loc[sheet["group"] == name, "sample"] for name in sheet["group"].unique())
    found = values[list(other)].mean(axis=1) - values[list(first)].mean(axis=1)
    planted = truth.loc[found.index, f"log2fc_{sheet['group'].iloc[-1]}"]
    changed = planted.abs() > 1
    return float((found - planted).abs().median()), float((found * np.sign(planted))[changed].median())


def accuracy(place: Path, asked: argparse.Namespace) -> None:
    """Two tables: what is found, and what the window of 1/K0 does."""
    found, windows = [], []
    for gradient in asked.gradients:
        for seed in range(1, asked.seeds + 1):
            folder = place / f"accuracy_{gradient:g}_{seed}"
            study = simulate_raw(folder, n_proteins=asked.proteins, gradient=gradient, seed=seed)
            one, other = one_study(study, folder / "cache")
            found.append([f"{gradient:g} s, seed {seed}", *one])
            windows.append([f"{gradient:g} s, seed {seed}", *other])
    show(
        f"What is found of {asked.proteins} proteins in four runs",
        ("", "proteins there", "found", "absent ones reported (bound)", "peptides", "by the engine's q", "of absent proteins (bound)",
         "not simulated", "error of log2 changes", "changes of 1.58"),
        found,
    )  # fmt: skip
    show(
        "With the window of 1/K0, and without",
        ("", "peptides with", "without 1/K0", "values with", "without", "twice as large without", "error with", "without",
         "spread with", "without"),
        windows,
    )  # fmt: skip


def one_study(study: RawStudy, cache: Path) -> tuple[list[object], list[object]]:
    """The rows of one study in the tables of `accuracy`."""
    settings, truth = SearchSettings(), pd.read_csv(study.truth, sep="\t").set_index("protein")
    made = run(study, cache, settings)
    wide = run(study, cache, settings.model_copy(update={"mobility_percent": 100.0, "compare_mobility": False}))
    peptides = accepted_peptides(study, cache, settings)
    names = made.proteins["protein"]
    is_there = truth.loc[names, "in_sample"].to_numpy()
    there = int((truth["in_sample"] & truth["in_fasta"]).sum())
    (error, changed), (error_wide, _) = (
        change_error(study, each.proteins[truth.loc[each.proteins["protein"], "in_sample"].to_numpy()], truth)
        for each in (made, wide)
    )
    row = [
        there,
        f"{is_there.sum()} ({100 * is_there.sum() / there:.0f} %)",
        f"{(~is_there).sum()} ({bound(len(names), truth, settings.fdr)})",
        f"{peptides.accepted:,}",
        f"{peptides.engine:,}",
        f"{peptides.absent} ({bound(peptides.accepted, truth, settings.fdr)})",
        f"{peptides.false} ({100 * peptides.false / peptides.accepted:.2f} %)",
        f"{error:.3f}",
        f"{changed:.2f}",
    ]
    use = made.quality["mobility"]
    spread, cells = use["spread_between_samples"], use["quantities"]
    window = [
        f"{use['peptides']['with']:,}", f"{use['peptides']['without']:,}", f"{cells['cells_with']:,}", f"{cells['cells_without']:,}",
        f"{100 * use['interference']['share_twice']:.1f} %", f"{error:.3f}", f"{error_wide:.3f}",
        f"{spread['with']:.3f}", f"{spread['without']:.3f}",
    ]  # fmt: skip
    return row, window


class Made(NamedTuple):
    """What a run left."""

    proteins: pd.DataFrame
    quality: dict[str, Any]
    warnings: tuple[str, ...]


def run(study: RawStudy, cache: Path, settings: SearchSettings, fasta: Path | None = None) -> Made:
    """`organokine raw run` of a study, its searches kept in `cache`."""
    with tempfile.TemporaryDirectory() as out:
        job = RawJob(study.samples, study.fasta if fasta is None else fasta, Path(out) / "out", settings, cache=cache)
        left = run_raw(job, silent)
        proteins = pd.read_csv(left.folder / "proteins.tsv", sep="\t")
        quality = json.loads((left.folder / "qc.json").read_text(encoding="utf-8"))
    return Made(proteins, quality, left.warnings)


def false_discovery(place: Path, asked: argparse.Namespace) -> None:
    """Share of accepted peptides that are false, over small studies."""
    rows, every = [], []
    for seed in range(101, 101 + asked.studies):
        folder = place / f"false_{seed}"
        study = simulate_raw(folder, n_proteins=60, replicates=1, gradient=60.0, seed=seed)
        search_files(
            tasks_of(study, study.fasta, folder / "cache", SearchSettings()),
            scheduler=None,
            fail_fast=True,
            echo=silent,
        )
        every.append(accepted_peptides(study, folder / "cache", SearchSettings()))
        rows.append([f"seed {seed}", *share_of(every[-1:])])
    rows.append(["together", *share_of(every)])
    columns = (
        "", "peptides", "by the engine's q", "decoys", "not simulated, share (95 % interval)", "of absent proteins",
        "peptides by the spectrum alone", "decoys", "not simulated, share (95 % interval)",
        "peptides by the engine's discriminant", "decoys", "not simulated, share (95 % interval)",
    )  # fmt: skip
    show("False peptides at 1 %, small studies of 60 proteins in two runs of 60 s", columns, rows)


def share_of(every: Sequence[Peptides]) -> list[object]:
    """Sums over studies, with shares that are false."""
    total = Peptides(*(sum(values) for values in zip(*every, strict=True)))
    first = [f"{total.accepted:,}", f"{total.engine:,}", total.decoys, share(total.false, total.accepted), total.absent]
    plain = [f"{total.plain_accepted:,}", total.plain_decoys, share(total.plain_false, total.plain_accepted)]
    learned = [f"{total.learned_accepted:,}", total.learned_decoys, share(total.learned_false, total.learned_accepted)]
    return [*first, *plain, *learned]


def share(n: int, of: int) -> str:
    """A share in per cent with its exact binomial interval."""
    low, high = stats.binomtest(n, of).proportion_ci(0.95) if of > 0 else (0.0, 1.0)
    return f"{n}, {100 * n / max(of, 1):.2f} % ({100 * low:.2f}-{100 * high:.2f})"


def clean(place: Path, asked: argparse.Namespace) -> None:
    """Too small a FASTA, and what is said of it."""
    study = simulate_raw(place / "clean", n_proteins=60, replicates=1, gradient=60.0, seed=asked.seeds + 200)
    truth = pd.read_csv(study.truth, sep="\t").set_index("protein")
    entries = [">" + entry for entry in study.fasta.read_text(encoding="utf-8").split(">")[1:]]
    there = [entry for entry in entries if truth.loc[entry.split("|")[1], "in_sample"]]
    rows = []
    for n, listed in [*((n, there[:n]) for n in CLEAN), (len(entries), entries)]:
        fasta = place / f"clean_{n}.fasta"
        fasta.write_text("".join(listed), encoding="utf-8")
        made = run(study, place / "clean_cache", SearchSettings(compare_mobility=False), fasta)
        said = made.quality["false_discovery"]["peptides"]
        high = "" if said["false_high"] is None else f"{100 * said['false_high']:.1f} %"
        warned = any("too few to know it" in warning for warning in made.warnings)
        rows.append([n, said["n_decoys"], said["n_accepted"], said["engine_accepted"], high, "yes" if warned else "no"])
    columns = ("proteins in the FASTA", "decoys", "peptides", "by the engine's q", "false at most", "warned")
    show("A FASTA of few proteins, all in the samples; last the whole one", columns, rows)


def cost(place: Path, asked: argparse.Namespace) -> None:
    """Time and memory of both steps by number of files and workers, and memory of MS1 ions."""
    study = simulate_raw(place / "cost", replicates=4, n_proteins=asked.proteins, gradient=min(asked.gradients), seed=9)
    ions, spectra = size_of(study)
    print(
        f"\n8 runs of {min(asked.gradients):g} s, {ions / 8:,.0f} MS1 ions and {spectra / 8:,.0f} frames each; {machine()}"
    )
    rows, joint = [], {}
    for n in FILES:
        search = {workers: child("search", study, n, workers) for workers in WORKERS}
        joint[n] = child("joint", study, n, 1)
        cells = [f"{each.wall:.1f} ({each.cpu:.1f})" for each in (*search.values(), joint[n])]
        peaks = [f"{each.peak:.2f}" for each in (search[1], joint[n])]
        rows.append([n, *cells, f"{search[1].wall / search[2].wall:.2f}", *peaks])
    columns = (
        "files",
        "search, 1 worker, s (CPU)",
        "search, 2 workers",
        "joint step",
        "1 worker / 2",
        "peak of search, GB",
        "of joint step",
    )
    show("Time and memory by number of files", columns, rows)
    surveys = {n: child("surveys", study, n, 1) for n in (1, 8)}
    per_ion = [(each[8].peak - each[1].peak) * 1e9 / (ions * 7 / 8) for each in (surveys, joint)]
    rows = [["reading MS1", f"{per_ion[0]:.0f}"], ["the whole joint step", f"{per_ion[1]:.0f}"]]
    show("Memory for each MS1 ion, from one file to eight", ("", "bytes"), rows)


def size_of(study: RawStudy) -> tuple[int, int]:
    """MS1 ions and frames of all runs."""
    frames = [open_folder(run).frames for run in study.runs]
    return sum(int(each.loc[each["msms_type"] == 0, "n_peaks"].sum()) for each in frames), sum(map(len, frames))


def machine() -> str:
    """Processors and versions, without a date."""
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    name = platform.machine() if cpu is None else cpu.group(1)
    return f"{os.cpu_count()} x {name}, Python {platform.python_version()}"


class Cost(NamedTuple):
    """Of one process: GB at its peak, and seconds without its start."""

    peak: float
    wall: float
    cpu: float


def child(step: str, study: RawStudy, n: int, workers: int) -> Cost:
    """Do a step in a process of its own."""
    command = [sys.executable, __file__, "--child", step, str(study.samples.parent), str(n), str(workers)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | ONE_THREAD)
    return Cost(*(float(word) for word in done.stdout.split()))


def in_child(step: str, folder: Path, n: int, workers: int) -> None:
    """Search, join, or only read MS1 of the first n runs, and print what it cost."""
    sheet = pd.read_csv(folder / "samples.tsv", sep="\t").head(n)
    runs = [RawRun(sample, folder / path) for sample, path in zip(sheet["sample"], sheet["path"], strict=True)]
    clock, processor = time.perf_counter(), time.process_time()
    fasta, cache = folder / "proteome.fasta", folder / "cache"
    with tempfile.TemporaryDirectory() as out:
        if step == "search":
            store = SearchStore(Path(out))
            tasks = [Task(run, read_fasta(fasta, str(fasta), None), SearchSettings(), store, workers) for run in runs]
            search_files(tasks, scheduler=None, fail_fast=True, echo=silent)
            for kept in Path(out).iterdir():
                cache.mkdir(exist_ok=True)
                kept.replace(cache / kept.name)
        elif step == "joint":
            sheet.assign(path=[str(each.path) for each in runs]).to_csv(
                Path(out) / "samples.tsv", sep="\t", index=False
            )
            run_raw(RawJob(Path(out) / "samples.tsv", fasta, Path(out) / "out", cache=cache, search=False), silent)
        else:
            held = [read_surveys(each.path, place) for place, each in enumerate(runs)]
            print(len(held), file=sys.stderr)
    print(peak_memory(), time.perf_counter() - clock, time.process_time() - processor)


def peak_memory() -> float:
    """Of this process in GB. `ru_maxrss` would include what its parent held when it started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return float(re.search(r"VmHWM:\s*(\d+) kB", status).group(1)) * 1024 / 1e9


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--gradients", type=float, nargs="+", default=[90.0, 240.0], help="seconds")
    parser.add_argument("--seeds", type=int, default=2, help="studies a gradient")
    parser.add_argument("--proteins", type=int, default=120, help="in the samples")
    parser.add_argument("--studies", type=int, default=12, help="small studies for false peptides")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child is not None:
        step, folder, n, workers = asked.child
        return in_child(step, Path(folder), int(n), int(workers))
    unknown = sorted(set(asked.parts) - set(PARTS))
    if len(unknown) > 0:
        parser.error(f"no part is called {unknown[0]}; there are {', '.join(PARTS)}")
    chosen = dict(zip(PARTS, (accuracy, false_discovery, clean, cost), strict=True))
    with tempfile.TemporaryDirectory() as place:
        for name in PARTS if len(asked.parts) == 0 else asked.parts:
            chosen[name](Path(place), asked)
    return None


if __name__ == "__main__":
    main()
