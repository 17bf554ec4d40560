"""A study with one assay of raw runs, and a stand-in for the search of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from organokine.errors import Problem
from organokine.raw_tables import PRECURSORS
from tests.raw.tiny_folder import some_ions, write_tiny

RUNS = ("m1", "m2", "m3")
STUDY = """\
[study]
name = "raw"
species = "mouse"
samples = "samples.tsv"

[[assay]]
name = "muscle_protein"
organ = "muscle"
modality = "protein"
format = "raw"
file = "runs.tsv"
raw = { fasta = "mouse.fasta", fdr = 0.05 }
"""
FASTA = """\
>sp|P07356|ANXA2_MOUSE Annexin OS=Mus musculus OX=10090 GN=Anxa2 PE=1 SV=2
MSTVHEILCKLSLEGDHSTPPSAYGSVKPYTNFDAERDALNIETAVKTKGVDEVTIVNILTNR
"""
WARNED = Problem("mouse.fasta", "there are no contaminants", "Keratins are taken for others", "Add them")


def write_raw_study(folder: Path, *, kind: int = 8) -> Path:
    """Three tiny runs, their sheet, a FASTA, and a sample sheet; gives the study file."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, run in enumerate(RUNS):
        write_tiny(folder / f"{run}.d", [some_ions(10 * number + frame, 40) for frame in range(3)], kind=kind)
    (folder / "runs.tsv").write_text("path\tsample\n" + "".join(f"{run}.d\t{run}\n" for run in RUNS), encoding="utf-8")
    (folder / "samples.tsv").write_text("sample\tsubject\nm1\ta\nm2\tb\nm3\tc\n", encoding="utf-8")
    (folder / "mouse.fasta").write_text(FASTA, encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder / "study.toml"


def stand_in() -> SimpleNamespace:
    """A module with `read_inputs`, and `run_raw`, which writes precursors of two proteins and keeps what it was asked in `jobs`."""
    jobs: list[SimpleNamespace] = []

    def run_raw(job: SimpleNamespace, echo: Callable[[str], None]) -> SimpleNamespace:
        jobs.append(job)
        echo("1 of 3: m1 searched, 10 spectra")
        job.out.mkdir(parents=True, exist_ok=True)
        table = job.out / "precursors.parquet"
        precursors().to_parquet(table)
        counts = [
            {"item": "fragment spectra without a charge", "n": 7, "of": 30, "example": "m1.d", "note": ""},
            {"item": "protein intensities by directLFQ", "n": 2, "of": 2, "example": "", "note": ""},
        ]
        (job.out / "qc.json").write_text(json.dumps({"counts": counts, "simulated": True}), encoding="utf-8")
        return SimpleNamespace(table=table, format="raw_precursors", warnings=(str(WARNED),))

    return SimpleNamespace(run_raw=run_raw, read_inputs=lambda job: job, jobs=jobs)


def precursors() -> pd.DataFrame:
    """Two proteins with two precursors each, in all runs; the second protein doubles and triples."""
    rows = [
        {
            "sample": run,
            "protein_group": group,
            "gene": gene,
            "peptide": peptide,
            "sequence": peptide,
            "charge": 2,
            "mz": 500.0,
            "quantity": 1e5 * (1 + is_second * place),
            "identified": True,
            "minutes": 1.0,
            "one_over_k0": 0.9,
            "q": 0.001,
            "unique": True,
            "contaminant": False,
        }
        for place, run in enumerate(RUNS)
        for is_second, group, gene in ((0, "P07356", "Anxa2"), (1, "P08505", "Il6"))
        for peptide in (f"{gene.upper()}AAAK", f"{gene.upper()}CCCK")
    ]
    return PRECURSORS.conform(pd.DataFrame(rows))
