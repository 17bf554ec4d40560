"""Reading a DIA-NN 2 report of millions of precursor rows: seconds and peak memory of a fresh process.

The report is invented: 71 columns with the names and types that DIA-NN 2 writes, precursors of proteins as many as a deep
timsTOF study has, a quarter of the cells missing, ion mobility on the line of its charge. Only the columns that are needed are
read. directLFQ, which turns precursors into proteins afterwards, is timed apart.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

TEXT = [
    "Run",
    "Precursor.Id",
    "Modified.Sequence",
    "Stripped.Sequence",
    "Protein.Ids",
    "Protein.Group",
    "Protein.Names",
]
TEXT += ["Genes", "Channel", "Site.Occupancy.Probabilities", "Protein.Sites"]
WHOLE = ["Run.Index", "Precursor.Charge", "Precursor.Lib.Index", "Decoy", "Proteotypic"]
Q_VALUES = ["Q.Value", "PEP", "Global.Q.Value", "Lib.Q.Value", "Peptidoform.Q.Value", "Global.Peptidoform.Q.Value"]
Q_VALUES += ["Lib.Peptidoform.Q.Value", "Translated.Q.Value", "Channel.Q.Value", "PG.Q.Value", "PG.PEP", "GG.Q.Value"]
Q_VALUES += ["Protein.Q.Value", "Global.PG.Q.Value", "Lib.PG.Q.Value"]
NUMBERS = ["Precursor.Mz", "RT", "iRT", "Predicted.RT", "Predicted.iRT", "IM", "iIM", "Predicted.IM", "Predicted.iIM"]
NUMBERS += ["Precursor.Quantity", "Precursor.Normalised", "Ms1.Area", "Ms1.Normalised", "Ms1.Apex.Area"]
NUMBERS += ["Ms1.Apex.Mz.Delta", "Normalisation.Factor", "Quantity.Quality", "Empirical.Quality", "Normalisation.Noise"]
NUMBERS += ["Ms1.Profile.Corr", "Evidence", "Mass.Evidence", "Channel.Evidence", "Ms1.Total.Signal.Before"]
NUMBERS += [
    "Ms1.Total.Signal.After",
    "RT.Start",
    "RT.Stop",
    "FWHM",
    "PG.TopN",
    "PG.MaxLFQ",
    "Genes.TopN",
    "Genes.MaxLFQ",
]
NUMBERS += ["Genes.MaxLFQ.Unique", "PG.MaxLFQ.Quality", "Genes.MaxLFQ.Quality", "Genes.MaxLFQ.Unique.Quality"]
NUMBERS += ["PTM.Site.Confidence", "Lib.PTM.Site.Confidence", "Best.Fr.Mz", "Best.Fr.Mz.Delta"]
AMINO_ACIDS = "ACDEFGHILMNPQSTVWY"
PRESENT = 0.75
PRECURSORS_PER_PROTEIN = 22


def write_report(path: Path, n_rows: int, n_runs: int, rng: np.random.Generator) -> None:
    """Write the report run by run, so that making it does not need the memory that is measured."""
    import pyarrow as pa
    from pyarrow import parquet

    names, numbers = precursors(round(n_rows / n_runs / PRESENT), rng)
    with parquet.ParquetWriter(path, schema(), compression="zstd") as writer:
        left = n_rows
        for run in range(n_runs):
            n = left // (n_runs - run)
            left -= n
            rows = np.sort(rng.choice(len(numbers["charge"]), n, replace=False))
            columns = one_run(run, rows, names, numbers, rng)
            writer.write_table(pa.table(columns, schema=schema()), row_group_size=100_000)


def schema() -> object:
    import pyarrow as pa

    fields = [pa.field(name, pa.string()) for name in TEXT] + [pa.field(name, pa.int64()) for name in WHOLE]
    return pa.schema(fields + [pa.field(name, pa.float32()) for name in (*Q_VALUES, *NUMBERS)])


def precursors(n: int, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    n_proteins = max(n // PRECURSORS_PER_PROTEIN, 1)
    protein = np.minimum((n_proteins * rng.beta(0.6, 1.0, n)).astype(int), n_proteins - 1)
    letters = rng.choice(list(AMINO_ACIDS), size=(n, 14))
    sequences = np.array(["".join(row) + "K" for row in letters])
    charge = rng.choice([2, 3, 4], n, p=[0.65, 0.3, 0.05])
    accessions = np.array([f"P{i:05d}" + (f";Q{i:05d}" if i % 10 == 0 else "") for i in range(n_proteins)])
    genes = np.array([f"Gene{i}" for i in range(n_proteins)])
    names = {
        "Precursor.Id": np.char.add(sequences, charge.astype(str)),
        "Modified.Sequence": sequences,
        "Stripped.Sequence": sequences,
        "Protein.Ids": accessions[protein],
        "Protein.Group": accessions[protein],
        "Protein.Names": genes[protein],
        "Genes": genes[protein],
    }
    mz = rng.uniform(400, 1200, n)
    mobility = 0.35 + 0.0008 * mz - 0.12 * (charge - 2)
    numbers = {"charge": charge, "mz": mz, "mobility": mobility, "level": rng.normal(20, 2.5, n), "protein": protein}
    return names, numbers


def one_run(
    run: int, rows: np.ndarray, names: dict[str, np.ndarray], numbers: dict[str, np.ndarray], rng: np.random.Generator
) -> dict[str, object]:
    n = len(rows)
    columns: dict[str, object] = {name: values[rows] for name, values in names.items()}
    columns |= {"Run": np.full(n, f"20260101_timsTOF_muscle_{run + 1:02d}")}
    columns |= {name: np.full(n, "") for name in TEXT if name not in columns}
    columns |= {name: np.zeros(n, dtype=np.int64) for name in WHOLE}
    columns |= {name: rng.random(n, dtype=np.float32) * 0.0101 for name in Q_VALUES}
    columns |= {name: rng.random(n, dtype=np.float32) for name in NUMBERS}
    quantity = 2 ** (numbers["level"][rows] + rng.normal(0, 0.3, n))
    predicted = numbers["mobility"][rows]
    columns |= {"Precursor.Charge": numbers["charge"][rows], "Precursor.Mz": numbers["mz"][rows].astype(np.float32)}
    columns |= {"Precursor.Normalised": quantity.astype(np.float32), "Precursor.Quantity": quantity.astype(np.float32)}
    columns |= {"Predicted.IM": predicted.astype(np.float32)}
    columns |= {"IM": (predicted + rng.normal(0, 0.01, n)).astype(np.float32)}
    sums = np.bincount(numbers["protein"][rows], quantity)
    columns |= {"PG.MaxLFQ": sums[numbers["protein"][rows]].astype(np.float32)}
    return columns


def read_report(path: Path, *, proteins: bool) -> None:
    """Read the report in this process and print what it took."""
    from organokine.readers.precursors.diann import DIANN
    from organokine.readers.precursors.long import read_precursors
    from organokine.readers.precursors.proteins import to_proteins
    from organokine.readers.precursors.run_facts import run_facts
    from organokine.study_file import AssaySection

    assay = AssaySection(name="muscle", organ="muscle", modality="protein", file=path.name)
    start = now()
    table = read_precursors(path, DIANN, assay, None, "report")
    told("precursors read", start, f"{len(table.rows):,} rows, {table.rows.memory_usage(deep=True).sum() / 1e6:.0f} MB")
    start = now()
    runs = run_facts(table, assay, DIANN.repeats).runs
    told("runs looked at", start, f"{len(runs)} runs")
    for method in ("engine", "directlfq") if proteins else ("engine",):
        start = now()
        shape = to_proteins(table, method, "report").values.shape
        told(f"proteins by {method}", start, f"{shape[0]} x {shape[1]}")


def now() -> tuple[float, float]:
    """Seconds on the clock and of the processor."""
    return time.perf_counter(), time.process_time()


def told(what: str, start: tuple[float, float], result: str) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    clock, processor = (end - begin for end, begin in zip(now(), start, strict=True))
    print(f"| {what} | {clock:.1f} | {processor:.1f} | {peak:.2f} GB | {result} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000, help="rows of the report")
    parser.add_argument("--runs", type=int, default=24, help="runs of the report")
    parser.add_argument("--proteins", action="store_true", help="directLFQ as well")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--read", type=Path, help="read this report in this process, and make none")
    arguments = parser.parse_args()
    if arguments.read is not None:
        read_report(arguments.read, proteins=arguments.proteins)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.parquet"
        write_report(path, arguments.rows, arguments.runs, np.random.default_rng(arguments.seed))
        n_columns = len(TEXT) + len(WHOLE) + len(Q_VALUES) + len(NUMBERS)
        print(f"{arguments.rows:,} rows x {n_columns} columns, {path.stat().st_size / 1e6:.0f} MB\n")
        print("| step | seconds | processor seconds | peak memory so far | result |\n|---|---|---|---|---|", flush=True)
        more = ["--proteins"] if arguments.proteins else []
        subprocess.run([sys.executable, __file__, "--read", str(path), *more], check=True)


if __name__ == "__main__":
    main()
