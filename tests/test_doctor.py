from __future__ import annotations

import tempfile
from importlib import metadata
from pathlib import Path

import pytest

from organokine import doctor

ZEN5 = "processor\t: 0\nflags\t\t: fpu avx2 avx512f avx512dq avx512bw avx512vl\nflags\t\t: fpu\n"
KNIGHTS_LANDING = "flags\t\t: fpu avx2 avx512f avx512cd avx512er avx512pf\n"
HASWELL = "flags\t\t: fpu avx2\n"
OPENBLAS = {
    "user_api": "blas",
    "internal_api": "openblas",
    "num_threads": 2,
    "filepath": "/somewhere/numpy.libs/libscipy_openblas64_.so",
    "version": "0.3.31",
    "architecture": "Haswell",
}


@pytest.fixture
def cpuinfo(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "cpuinfo"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(("text", "expected"), [(ZEN5, True), (KNIGHTS_LANDING, False), (HASWELL, False), ("", False)])
def test_avx512_is_read_from_the_flags(cpuinfo, text, expected):
    assert doctor.has_avx512(cpuinfo(text)) is expected


def test_a_system_without_cpuinfo_has_nothing_to_set(tmp_path):
    environment: dict[str, str] = {}
    doctor.prefer_avx512_kernels(environment, tmp_path / "absent")
    assert environment == {}


def test_the_variable_is_set_only_with_avx512_and_only_unless_chosen(cpuinfo):
    unset: dict[str, str] = {}
    doctor.prefer_avx512_kernels(unset, cpuinfo(ZEN5))
    assert unset == {"OPENBLAS_CORETYPE": "SkylakeX"}
    chosen = {"OPENBLAS_CORETYPE": "Zen"}
    doctor.prefer_avx512_kernels(chosen, cpuinfo(ZEN5))
    assert chosen == {"OPENBLAS_CORETYPE": "Zen"}
    old: dict[str, str] = {}
    doctor.prefer_avx512_kernels(old, cpuinfo(HASWELL))
    assert old == {}


@pytest.mark.parametrize(
    ("library", "avx512", "n_warnings"),
    [
        (OPENBLAS, True, 1),
        (OPENBLAS, False, 0),
        (OPENBLAS | {"architecture": "SkylakeX"}, True, 0),
        (OPENBLAS | {"architecture": "Zen"}, True, 1),
        ({"user_api": "openmp", "internal_api": "openmp"}, True, 0),
    ],
)
def test_old_kernels_are_warned_of_only_where_better_ones_run(library, avx512, n_warnings):
    warnings = doctor.kernel_warnings([library], avx512=avx512)
    assert len(warnings) == n_warnings
    assert all("OPENBLAS_CORETYPE=SkylakeX" in warning and "of numpy" in warning for warning in warnings)


def test_examine_names_versions_linear_algebra_and_machine():
    facts = dict(doctor.examine().facts)
    assert {"organokine", "python", "blas", "cores", "memory", "temp folder", *doctor.DEPENDENCIES} <= set(facts)
    assert "not installed" not in facts.values()
    assert "threads" in facts["blas"]


def test_an_extra_that_is_absent_is_named_with_its_remedy(monkeypatch):
    assert dict(doctor.examine().facts)["pydeseq2"][0].isdigit()
    original = metadata.version

    def version(name: str) -> str:
        if name == "pydeseq2":
            raise metadata.PackageNotFoundError(name)
        return original(name)

    monkeypatch.setattr(metadata, "version", version)
    diagnosis = doctor.examine()
    assert dict(diagnosis.facts)["pydeseq2"] == "not installed; pip install 'organokine[deseq2]'"
    assert not any("pydeseq2" in warning for warning in diagnosis.warnings)


def test_examine_warns_on_an_avx512_machine_with_old_kernels(cpuinfo, monkeypatch):
    monkeypatch.setattr(doctor, "_linear_algebra", lambda: [OPENBLAS])
    assert len(doctor.examine(cpuinfo(ZEN5)).warnings) == 1
    assert doctor.examine(cpuinfo(HASWELL)).warnings == []


def test_a_temp_folder_that_cannot_be_written_is_warned_of(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "absent"))
    diagnosis = doctor.examine()
    assert dict(diagnosis.facts)["temp folder"].endswith("not writable")
    assert any("TMPDIR" in warning for warning in diagnosis.warnings)
