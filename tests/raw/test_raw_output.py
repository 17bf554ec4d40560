"""Results are taken for those of a run only if nothing they hold has changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from organokine import raw_output
from organokine.raw.fasta import Fasta
from organokine.raw.result import RawFile
from organokine.raw.samples import RawRun, RawSamples
from organokine.raw.search import Searched
from organokine.raw.settings import SearchSettings
from organokine.raw_job import Given, RawJob

JOB = RawJob(Path("samples.tsv"), Path("some.fasta"), Path("out"), species="mouse")
SAMPLES = RawSamples(
    (RawRun("a", Path("a.d")),), pd.DataFrame({"sample": ["a"], "group": ["young"]}), "sheet", (), "0" * 64
)
FOUND = [Searched(RawFile("a", Path("a.d")), "1" * 64, reused=True)]


def key(job: RawJob = JOB, samples: RawSamples = SAMPLES, found: list[Searched] = FOUND) -> str | None:
    return raw_output.result_key(Given(job, samples, Fasta((), (), ""), "ddaPASEF", "sage"), found, None)


def test_the_same_has_the_same_key():
    assert key() == key(job=replace(JOB, workers=8, command="another"))


@pytest.mark.parametrize(
    "other",
    [
        {"samples": replace(SAMPLES, table=pd.DataFrame({"sample": ["a"], "group": ["aged"]}))},
        {"samples": replace(SAMPLES, table=pd.DataFrame({"sample": ["a"], "age": ["young"]}))},
        {"job": replace(JOB, species="rat")},
        {"job": replace(JOB, settings=SearchSettings(fdr=0.05))},
        {"found": [FOUND[0]._replace(key="2" * 64)]},
        {"found": [FOUND[0]._replace(file=RawFile("b", Path("a.d")))]},
    ],
)
def test_whatever_stands_in_the_results_changes_the_key(other):
    assert key(**other) != key()


def test_another_version_of_what_makes_the_numbers_changes_the_key(monkeypatch):
    before = key()
    monkeypatch.setattr(raw_output, "version", lambda _: "9.9")
    assert key() != before
