"""What this machine offers, and what slows it down: versions, linear algebra, threads, memory, temp folder."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, NamedTuple

CPUINFO = Path("/proc/cpuinfo")
# What OpenBLAS's SkylakeX kernels are compiled with; avx512f alone (Knights Landing) would meet illegal instructions.
AVX512_FLAGS = frozenset({"avx512f", "avx512bw", "avx512dq", "avx512vl"})
AVX512_KERNELS = frozenset({"skylakex", "cooperlake", "sapphirerapids"})
DEPENDENCIES = (
    "numpy",
    "scipy",
    "pandas",
    "anndata",
    "pyarrow",
    "pydantic",
    "typer",
    "statsmodels",
    "plotly",
    "alphabase",
    "directlfq",
    "numba",
)
EXTRAS = {
    "pydeseq2": "deseq2",
    "mudata": "mudata",
    "distributed": "dask",
    "sagepy": "raw",
    "opentimspy": "raw",
    "zstandard": "raw",
}
"""Distributions that only an extra of the package brings."""


class Fact(NamedTuple):
    """One thing found out: its name, and what it is, in words."""

    name: str
    value: str


class Diagnosis(NamedTuple):
    """What was found, and what the user may want to change."""

    facts: list[Fact]
    warnings: list[str]


def has_avx512(cpuinfo: Path = CPUINFO) -> bool:
    """Whether the processor runs AVX-512 kernels; False where the system does not say.

    Parameters
    ----------
    cpuinfo : pathlib.Path
        The Linux description of the processors.
    """
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    return AVX512_FLAGS.issubset(flags)


def prefer_avx512_kernels(environment: MutableMapping[str, str], cpuinfo: Path = CPUINFO) -> None:
    """Ask OpenBLAS for its AVX-512 kernels where the processor has them and the user did not choose.

    The OpenBLAS inside the NumPy and SciPy wheels takes AMD Zen 5 for an AVX2 processor and loses half its speed. It reads
    the variable once, so this must run before NumPy is imported.

    Parameters
    ----------
    environment : mutable mapping of str to str
        The process environment; changed in place.
    cpuinfo : pathlib.Path
        The Linux description of the processors.
    """
    if "OPENBLAS_CORETYPE" not in environment and has_avx512(cpuinfo):
        environment["OPENBLAS_CORETYPE"] = "SkylakeX"


def examine(cpuinfo: Path = CPUINFO) -> Diagnosis:
    """Look at this machine.

    Parameters
    ----------
    cpuinfo : pathlib.Path
        The Linux description of the processors.

    Returns
    -------
    Diagnosis
        Facts in reading order, and warnings (empty if all is well).
    """
    libraries = _linear_algebra()
    temp_fact, temp_warnings = _temp_folder()
    facts = [
        *_versions(),
        *(_library_fact(library) for library in libraries),
        Fact("cores", _cores()),
        Fact("memory", _memory()),
        temp_fact,
    ]
    return Diagnosis(facts, [*kernel_warnings(libraries, avx512=has_avx512(cpuinfo)), *temp_warnings])


def kernel_warnings(libraries: list[dict[str, Any]], *, avx512: bool) -> list[str]:
    """Warn of every OpenBLAS that runs older kernels than the processor has.

    Parameters
    ----------
    libraries : list of dict
        What `threadpoolctl.threadpool_info` says of the loaded libraries.
    avx512 : bool
        Whether the processor has AVX-512.

    Returns
    -------
    list of str
        One warning per library, with the advice.
    """
    return [
        f"{_library_name(library)} has picked its {library.get('architecture')} kernels on a processor with AVX-512, "
        "which costs about half its speed. Set the environment variable OPENBLAS_CORETYPE=SkylakeX before Python starts; "
        "the organokine command does so itself unless the variable is set already."
        for library in libraries
        if avx512
        and library.get("internal_api") == "openblas"
        and str(library.get("architecture", "")).lower() not in AVX512_KERNELS
    ]


def _versions() -> list[Fact]:
    import platform
    from importlib import metadata

    from organokine import __version__

    facts = [
        Fact("organokine", __version__),
        Fact("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
    ]
    for name in (*DEPENDENCIES, *EXTRAS):
        absent = f"not installed; pip install 'organokine[{EXTRAS[name]}]'" if name in EXTRAS else "not installed"
        try:
            facts.append(Fact(name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            facts.append(Fact(name, absent))
    return facts


def _linear_algebra() -> list[dict[str, Any]]:
    # Only libraries that are loaded are seen, so NumPy's and SciPy's own are loaded here.
    import numpy as np  # noqa: F401
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    return [dict(library) for library in threadpool_info()]


def _library_name(library: Mapping[str, Any]) -> str:
    # The wheels keep their libraries in a folder `numpy.libs` or `scipy.libs`, which tells the two OpenBLAS apart.
    owner = Path(str(library.get("filepath", ""))).parent.name.partition(".")[0]
    return f"{library.get('internal_api')} {library.get('version')} of {owner}"


def _library_fact(library: Mapping[str, Any]) -> Fact:
    kernels = f", {library['architecture']} kernels" if "architecture" in library else ""
    return Fact(
        str(library.get("user_api")), f"{_library_name(library)}{kernels}, {library.get('num_threads')} threads"
    )


def _cores() -> str:
    total = os.cpu_count()
    if not hasattr(os, "sched_getaffinity"):
        return str(total)
    return f"{len(os.sched_getaffinity(0))} usable of {total}"


def _memory() -> str:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "unknown"
    return f"{total / 2**30:.1f} GB"


def _temp_folder() -> tuple[Fact, list[str]]:
    import shutil
    import tempfile

    folder = tempfile.gettempdir()
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free / 2**30
    except OSError as error:
        warning = (
            f"{folder} cannot be written ({error.strerror}). Set the environment variable TMPDIR to a folder that can."
        )
        return Fact("temp folder", f"{folder}, not writable"), [warning]
    return Fact("temp folder", f"{folder}, {free:.1f} GB free"), []
