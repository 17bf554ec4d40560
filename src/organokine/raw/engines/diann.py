"""DIA-NN 1.8 to 2: a library predicted from the FASTA first, then all runs against it.

Options as documented in the README of github.com/vdemichev/DiaNN. What versions do differently is left to the files they leave: any of
them takes the name of a report in tsv, and 1.9 and 2 write Parquet beside or instead of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from organokine.errors import Problem, first_examples
from organokine.raw.engines.base import HALVES, Engine, EngineJob, Modification, own_words, version_in
from organokine.readers.precursors.diann import DIANN as LAYOUT

_VARIABLE: dict[Modification, str] = {"oxidation": "UniMod:35,15.994915,M", "acetyl": "UniMod:1,42.010565,*n"}
_LIBRARY = "library.predicted.speclib"
_OWN = ("--f", "--dir", "--lib", "--fasta", "--out", "--out-lib", "--temp", "--cfg", "--no-main-report", "--cut")
_SPLITS = "--"
_VERSION = re.compile(r"^DIA-NN (\d\S*(?: beta \d+)?)", re.MULTILINE)


def _commands(path: Path, job: EngineJob) -> list[list[str]]:
    """Two commands: the author advises against predicting and searching in one (issue 1238)."""
    shared = [*_digest(job), "--threads", str(job.threads), "--verbose", "1", *job.settings.extra]
    fasta, ppm = str(job.fasta.resolve()), f"{job.settings.mass_accuracy:g}"
    out = job.out.resolve()
    library = [
        *(str(path), "--fasta", fasta, "--fasta-search", "--predictor", "--gen-spec-lib"),
        *("--out-lib", str(out / "library.parquet"), "--out", str(out / "library.tsv"), *shared),
    ]
    search = [
        *(str(path), "--lib", str(out / _LIBRARY), "--fasta", fasta),
        *(word for folder in job.folders for word in ("--f", str(folder.resolve()))),
        *("--out", str(out / "report.tsv"), "--qvalue", f"{job.settings.fdr:g}"),
        *("--mass-acc", ppm, "--mass-acc-ms1", ppm, "--temp", str(out / HALVES), "--use-quant"),
        *(["--reanalyse", "--rt-profiling"] if len(job.folders) > 1 else []),
        *shared,
    ]
    return [library, search]


def _digest(job: EngineJob) -> list[str]:
    """Peptides and modifications; both steps must be told the same. The first methionine may be cut off, as it mostly is."""
    settings = job.settings
    words = [
        *("--cut", "K*,R*", "--missed-cleavages", str(settings.missed_cleavages), "--met-excision"),
        *("--min-pep-len", str(settings.minimum_length), "--max-pep-len", str(settings.maximum_length)),
        *("--min-pr-charge", str(settings.minimum_charge), "--max-pr-charge", str(settings.maximum_charge)),
        *(["--unimod4"] if settings.carbamidomethyl else []),
    ]
    if len(settings.variable) == 0 or settings.maximum_variable == 0:
        return words
    words += ["--var-mods", str(settings.maximum_variable)]
    return words + [word for name in settings.variable for word in ("--var-mod", _VARIABLE[name])]


def _files(job: EngineJob) -> Mapping[str, str]:  # noqa: ARG001  all cards are called alike
    return {}


def _products(job: EngineJob) -> list[tuple[Path, ...]]:
    return [(job.out / _LIBRARY,), (job.out / "report.parquet", job.out / "report.tsv")]


def _faults(job: EngineJob) -> list[Problem]:
    problems = own_words(TITLE, job.settings.extra, _OWN)
    paths = [str(path.resolve()) for path in (*job.folders, job.fasta, job.out)]
    cut = [path for path in paths if _SPLITS in path]
    if len(cut) > 0:
        what = f"{len(cut)} paths hold two hyphens in a row: {first_examples(cut)}"
        why = "DIA-NN takes them for the start of an option, wherever they stand"
        problems.append(Problem("paths", what, why, "Rename the folder or file"))
    return problems


TITLE = "DIA-NN"
DIANN = Engine(
    name="diann",
    title=TITLE,
    modes=("diaPASEF",),
    executables=("diann", "diann-linux", "DiaNN", "diann.exe", "DiaNN.exe"),
    licence="DIA-NN is not open source: read and accept its terms; builds named Academia are for non-profit research only",
    get_it="get DIA-NN from the releases of github.com/vdemichev/DiaNN",
    format="diann",
    layout=LAYOUT,
    commands=_commands,
    files=_files,
    products=_products,
    faults=_faults,
    version=partial(version_in, _VERSION),
)
"""DIA-NN. `--mass-acc` and others may be given once more in `extra`: the last one counts. The window of scans is found from the first
run that has no results yet, so a run that was cut short may differ a little from one that was not, unless `extra` has `--window`."""
