from __future__ import annotations

import pytest

from organokine.errors import StudyFileError
from organokine.raw.config import read_settings
from organokine.raw.settings import OF_A_SEARCH, SearchSettings


def test_settings_are_read_over_the_defaults(tmp_path):
    (tmp_path / "raw.toml").write_text("fdr = 0.05\nvariable = { M = [35] }\nfixed = {}\n", encoding="utf-8")
    found = read_settings(tmp_path / "raw.toml")
    assert (found.fdr, found.variable, found.fixed, found.peaks) == (0.05, {"M": (35,)}, {}, 150)
    assert read_settings(None) == SearchSettings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fdrr = 0.05", "Write 'fdr'"),
        ("zzz = 1", "Known are missed_cleavages"),
        ("fdr = 2", "less than or equal to 0.2"),
        ("fdr = ", "not valid TOML"),
        ("minimum_length = 40", "minimum_length is larger than maximum_length"),
        ("variable = { M = [] }", "has no modification"),
        ("fixed = { Z1 = 4 }", "does not fit"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path, text, said):
    (tmp_path / "raw.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyFileError, match=said):
        read_settings(tmp_path / "raw.toml")


def test_settings_that_are_absent_or_no_text_are_told(tmp_path):
    with pytest.raises(StudyFileError, match="cannot be read"):
        read_settings(tmp_path / "absent.toml")
    (tmp_path / "raw.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StudyFileError, match="not UTF-8"):
        read_settings(tmp_path / "raw.toml")


def test_settings_of_a_search_exist():
    assert set(OF_A_SEARCH) < set(SearchSettings.model_fields)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fixed = { M = 35 }", "M has a fixed and a variable modification"),
        ('fixed = { "[" = 1 }', "does not fit"),
        ('variable = { "^C" = [39] }', "C has a fixed and a variable modification"),
    ],
)
def test_modifications_that_the_engine_would_get_wrong_are_refused(tmp_path, text, said):
    (tmp_path / "raw.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyFileError, match=said):
        read_settings(tmp_path / "raw.toml")
