"""Programs that stand in for an engine: they note how they were called and leave a report that was made by hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd

from organokine.raw.engines import EngineJob, EngineSettings

TWINS = Path(__file__).resolve().parents[2] / "readers" / "twins" / "precursors"

_PROGRAM = """#!{python}
import json, os, pathlib, shutil, signal, sys
words = sys.argv[1:]
me = pathlib.Path(__file__).resolve().parent
with (me / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps(words) + "\\n")
print("{says}", flush=True)
print("on the other stream", file=sys.stderr, flush=True)
after = lambda word: pathlib.Path(words[words.index(word) + 1])
searches = "--fasta-search" not in words
leaves = {leaves!r} if searches else "library.predicted.speclib"
folder = after("--output") if "--output" in words else after("--out").parent
{acts}
if not searches:
    (folder / leaves).write_text("predicted")
elif leaves:
    shutil.copyfile(me / "recorded", folder / leaves)
"""


def write_stub(folder: Path, name: str, recorded: Path, leaves: str, *, says: str = "", acts: str = "") -> Path:
    """A program that leaves `recorded` under the name `leaves`; `acts` is Python that it runs before."""
    folder.mkdir(parents=True)
    program = folder / name
    program.write_text(_PROGRAM.format(python=sys.executable, leaves=leaves, says=says, acts=acts), encoding="utf-8")
    program.chmod(0o755)
    (folder / "recorded").write_bytes(recorded.read_bytes())
    return program


def calls_of(program: Path) -> list[list[str]]:
    noted = program.parent / "calls.jsonl"
    return [json.loads(line) for line in noted.read_text("utf-8").splitlines()] if noted.exists() else []


def write_job(folder: Path, stems: tuple[str, ...] = ("m1", "m2", "m3", "m4"), **settings: object) -> EngineJob:
    """Runs, whose files an engine of straw never opens, and a FASTA; samples are named otherwise than runs."""
    folders = tuple(folder / f"{stem}.d" for stem in stems)
    for run in folders:
        run.mkdir(parents=True)
        (run / "analysis.tdf").write_text(run.name)
        (run / "analysis.tdf_bin").write_bytes(b"ions")
    (folder / "mouse.fasta").write_text(">sp|P07356|ANXA2_MOUSE\nMSTVHEILCKLSLEGDHSTPPSAYGSVK\n")
    samples = tuple(f"mouse {i}" for i, _ in enumerate(stems, start=1))
    return EngineJob(folders, samples, folder / "mouse.fasta", folder / "out", EngineSettings(**settings), 4)


def recorded_diann_2(folder: Path) -> Path:
    """The twin of 1.9 as DIA-NN 2 writes it: Parquet, without paths, with decoys."""
    twin = pd.read_csv(TWINS / "diann_1.9_report.tsv", sep="\t", keep_default_na=False, na_values={"Q.Value": [""]})
    twin = twin.drop(columns=["File.Name", "PG.Quantity", "PG.Normalised"]).assign(**{"Run.Index": 0, "Decoy": 0})
    decoy = twin.iloc[:2].assign(**{"Decoy": 1, "Precursor.Id": ["DECOY1", "DECOY2"]})
    path = folder / "diann_2.parquet"
    pd.concat([twin, decoy], ignore_index=True).to_parquet(path)
    return path


def recorded_alphadia_2(folder: Path) -> Path:
    path = folder / "alphadia_2.parquet"
    pd.read_csv(TWINS / "alphadia_2_precursors.tsv", sep="\t", keep_default_na=False).to_parquet(path)
    return path
