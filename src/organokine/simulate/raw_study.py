"""A simulated raw study as files: runs, sample sheet, FASTA, truth, and a note that says what it is."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from organokine.errors import OutputError, Problem
from organokine.randomness import named_generator
from organokine.raw.frames import require_zstandard
from organokine.simulate.raw_folder import SimulatedRun, write_folder
from organokine.simulate.raw_instrument import Instrument
from organokine.simulate.raw_peptides import Abundances, Ions, make_ions, planted_changes
from organokine.simulate.raw_proteins import fasta, random_proteins
from organokine.simulate.raw_spectra import Detection, detect, in_run, make_fragments
from organokine.simulate.raw_windows import Dda, Dia, dia_groups, dia_windows, make_frames, pick_precursors

if TYPE_CHECKING:
    from collections.abc import Sequence

Mode = Literal["dda", "dia"]
LEFT_OUT = 0.25  # share of the proteins in the samples that the FASTA lacks
ABSENT = 2  # proteins in the FASTA that no sample has, for each that is simulated
MOST_PROTEINS = 2000
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
README = """\
SIMULATED DATA. Nothing was measured, and no number here says anything about biology.

organokine made these {n_runs} {mode} runs of {n_proteins} proteins in {n_groups} group(s) with seed {seed}.
The sequences and accessions are invented; the gene symbols are those of real mouse genes and mean nothing here.

*.d               the runs, {gradient:g} s each
samples.tsv       path, sample and group of each run
proteome.fasta    {n_found} of the {n_proteins} proteins, and {n_absent} that no sample has. Whatever is found of these is false,
                  and so is whatever spectra of the {n_lacking} proteins that it lacks are taken for.
truth.tsv         the proteins: in_sample, in_fasta, and log2fc_GROUP, the planted change against `{first}`
truth_ions.tsv    their peptides by charge: m/z, apex in seconds, 1/K0, and share of the protein's ions. No analysis reads either.
"""


class _Plan(NamedTuple):
    """The options of `simulate_raw`."""

    mode: Mode
    n_proteins: int
    groups: tuple[str, ...]
    replicates: int
    gradient: float
    seed: int

    def generator(self, name: str) -> np.random.Generator:
        return named_generator(self.seed, f"raw {name}")

    @property
    def run_groups(self) -> np.ndarray:
        """Number of the group of each run."""
        return np.repeat(np.arange(len(self.groups)), self.replicates)

    @property
    def samples(self) -> list[str]:
        return [f"{group}_{number + 1}" for group in self.groups for number in range(self.replicates)]


class RawStudy(NamedTuple):
    """Where a simulated raw study lies.

    Attributes
    ----------
    runs : tuple of pathlib.Path
        The `.d` folders, group by group.
    samples, fasta, truth, ions, readme : pathlib.Path
        Sample sheet, proteome, planted proteins, their ions, and the note.
    """

    runs: tuple[Path, ...]
    samples: Path
    fasta: Path
    truth: Path
    ions: Path
    readme: Path


def simulate_raw(
    folder: str | Path,
    *,
    mode: Mode = "dda",
    n_proteins: int = 120,
    groups: Sequence[str] = ("young", "aged"),
    replicates: int = 2,
    gradient: float = 90.0,
    seed: int = 1,
) -> RawStudy:
    """Simulate timsTOF runs of a known protein mixture.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where to; made if absent. Files of an earlier simulation of the same names are replaced.
    mode : {"dda", "dia"}
        ddaPASEF or diaPASEF.
    n_proteins : int
        Proteins in the samples. A quarter of them are not in the FASTA, which has twice as many more that are in no sample.
        Below about 100 there are too few for a false discovery rate of proteins of 1 %.
    groups : sequence of str
        Names of the groups; changes are planted in all but the first.
    replicates : int
        Runs a group.
    gradient : float
        Length of a run in seconds. Short runs are crowded and shrink fold changes.
    seed : int
        The same seed gives the same bytes, with the same versions of NumPy, SQLite and zstandard. Neither the groups nor the number of
        replicates change the proteins.

    Returns
    -------
    RawStudy
        The files.

    Raises
    ------
    OutputError
        If an option does not fit, or the folder holds something else.
    OrganokineError
        If zstandard is not installed.
    """
    place = Path(folder)
    plan = _Plan(mode, n_proteins, tuple(groups), replicates, gradient, seed)
    problems = [*_option_problems(plan), *_folder_problems(place)]
    if len(problems) > 0:
        raise OutputError(problems)
    require_zstandard()
    proteins = random_proteins(n_proteins, ABSENT * n_proteins, LEFT_OUT, plan.generator("proteins"))
    options = Abundances()
    changes = planted_changes(n_proteins, len(plan.groups), options, plan.generator("changes"))
    present = proteins[proteins["in_sample"]]
    ions = make_ions(present, changes[:, plan.run_groups], gradient, options, plan.generator("peptides"))
    place.mkdir(parents=True, exist_ok=True)
    study = RawStudy(
        tuple(place / f"{sample}.d" for sample in plan.samples),
        *(place / name for name in ("samples.tsv", "proteome.fasta", "truth.tsv", "truth_ions.tsv", "README.txt")),
    )
    # The note goes first: it tells a folder that is half done from one of the user's own.
    study.readme.write_text(_note(plan, proteins), encoding="utf-8", newline="\n")
    _write_runs(study.runs, plan, ions)
    study.fasta.write_text(fasta(proteins), encoding="utf-8", newline="\n")
    for path, table in (
        (study.samples, _sheet(plan)),
        (study.truth, _truth(plan, proteins, changes)),
        (study.ions, ions.table),
    ):
        table.to_csv(path, sep="\t", index=False, lineterminator="\n", float_format="%.10g")
    return study


def _write_runs(paths: Sequence[Path], plan: _Plan, ions: Ions) -> None:
    instrument, detection = Instrument(), Detection()
    fragments = make_fragments(ions, instrument, plan.generator("fragments"))
    for number, (path, sample) in enumerate(zip(paths, plan.samples, strict=True)):
        rng = plan.generator(sample)
        # No two runs are alike: the column and the gas have their day.
        drift = (0.005 * plan.gradient * float(rng.normal()), 0.001 * float(rng.normal()))
        here = in_run(ions, number, instrument, detection, drift)
        precursors = groups = None
        if plan.mode == "dda":
            frames = make_frames(plan.gradient, Dda().frames, instrument)
            windows, precursors = pick_precursors(here, frames, instrument, detection, Dda(), rng)
        else:
            frames = make_frames(plan.gradient, Dia().frames, instrument)
            groups = dia_groups(instrument, Dia())
            windows = dia_windows(frames, groups)
        peaks = detect(here, fragments, frames, windows, instrument, detection, rng)
        minute = number * math.ceil(plan.gradient / 60 + 5)
        write_folder(path, SimulatedRun(sample, frames, windows, peaks, precursors, groups, minute), instrument)


def _sheet(plan: _Plan) -> pd.DataFrame:
    samples = plan.samples
    groups = [plan.groups[group] for group in plan.run_groups]
    return pd.DataFrame({"path": [f"{sample}.d" for sample in samples], "sample": samples, "group": groups})


def _truth(plan: _Plan, proteins: pd.DataFrame, changes: np.ndarray) -> pd.DataFrame:
    """The proteins and their changes; empty for those that no sample has."""
    truth = proteins.drop(columns="sequence")
    for column, name in enumerate(plan.groups[1:], start=1):
        truth[f"log2fc_{name}"] = pd.Series(changes[:, column])
    return truth


def _note(plan: _Plan, proteins: pd.DataFrame) -> str:
    found = int((proteins["in_sample"] & proteins["in_fasta"]).sum())
    return README.format(
        n_runs=len(plan.samples),
        mode=f"{plan.mode}PASEF",
        n_proteins=plan.n_proteins,
        n_groups=len(plan.groups),
        seed=plan.seed,
        gradient=plan.gradient,
        n_found=found,
        n_absent=int((~proteins["in_sample"]).sum()),
        n_lacking=plan.n_proteins - found,
        first=plan.groups[0],
    )


def _option_problems(plan: _Plan) -> list[Problem]:
    bad_names = [name for name in plan.groups if _PLAIN.fullmatch(name) is None]
    repeated = len({name.lower() for name in plan.groups}) < len(plan.groups)
    checks = [
        (plan.mode in get_args(Mode), "mode", plan.mode, "dda or dia"),
        (4 <= plan.n_proteins <= MOST_PROTEINS, "proteins", plan.n_proteins, f"from 4 to {MOST_PROTEINS}"),
        (1 <= plan.replicates <= 100, "replicates", plan.replicates, "from 1 to 100"),
        (10 <= plan.gradient <= 7200, "gradient", plan.gradient, "from 10 to 7200 seconds"),
        (plan.seed >= 0, "seed", plan.seed, "0 or more"),
        (len(plan.groups) > 0 and len(bad_names) == 0, "groups", ",".join(plan.groups), "letters, digits, - and _"),
        (not repeated, "groups", ",".join(plan.groups), "distinct, small and capital letters taken as one"),
    ]
    return [
        Problem(
            f"--{name}",
            f"{given!r} will not do",
            f"What is allowed: {allowed}",
            "Give another value",
        )
        for fits, name, given, allowed in checks
        if not fits
    ]


def _folder_problems(place: Path) -> list[Problem]:
    """A folder may be new, empty, or hold an earlier simulation."""
    if place.exists() and not place.is_dir():
        return [Problem(str(place), "is a file", "The runs go into a folder", "Name another place")]
    if not place.exists() or not any(place.iterdir()):
        return []
    try:
        with (place / "README.txt").open(encoding="utf-8") as file:
            is_ours = file.readline().startswith(README.splitlines()[0])
    except (OSError, UnicodeDecodeError):
        is_ours = False
    if is_ours:
        return []
    remedy = "Name a folder that is new or empty"
    return [Problem(str(place), "the folder holds files that are no simulation", "They might be replaced", remedy)]
