"""What one file is: its reader, samples, features, identifications, scale and runs, without a study."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from organokine.errors import DataError, first_examples
from organokine.guesses import guess_modality
from organokine.readers.annotated import holds_counts, is_annotated
from organokine.readers.assay import detect_reader
from organokine.readers.base import Count, RawTable, Reader, Remark
from organokine.readers.identifiers import map_identifiers
from organokine.readers.plasma import PLASMA_READERS
from organokine.readers.precursors.cards import PRECURSOR_READERS
from organokine.readers.precursors.run_facts import NO_MOBILITY
from organokine.readers.rnaseq import RNA_READERS
from organokine.readers.scale import Scaled, detect_scale, to_scale
from organokine.readers.search_engines import PROTEIN_READERS
from organokine.readers.sniff import sniff
from organokine.readers.symbols import tidy_symbols
from organokine.study_file import AssaySection

if TYPE_CHECKING:
    from organokine.study_file import Modality, Species

N_NAMES = 3
WIDTH = 80
_LABEL = 14
_TRANSCRIPT = r"ENS[A-Z]*[GT][0-9]{11}.*"


class Inspection(NamedTuple):
    """What a file is.

    Attributes
    ----------
    file : str
        Its path as given.
    kind : str
        By content: `text`, `parquet`, `workbook`, `hdf5`, `folder` or `unknown`.
    format, reads : str
        Name of the reader, as in the key `format` of an assay, and what it reads.
    engine, version : str
        Program that wrote it; empty where the file does not say.
    modality : str
        `protein` or `rna`, guessed from the name and the content.
    samples : tuple of str
        Samples or runs.
    n_features, n_with_gene, n_with_accession : int
        Rows, and those with a gene symbol and a protein accession.
    precursors : float or None
        Median number of precursors per row; None if the file does not say.
    identified : tuple of float or None
        Fewest, median and most rows measured in a sample; None if the values cannot be used.
    missing : float or None
        Share of all values that were not measured.
    scale, zeros : str
        Scale of the file, and whether its zeros are missing values or values; empty if the values cannot be used.
    has_fixed_scale : bool
        Whether the format fixes the scale, so that it is not guessed from the values.
    missed_cleavages, contaminants : tuple of float or None
        Lowest, median and highest share in a run of precursors with a missed cleavage, and of intensity left out as
        contaminants; None if the file does not say.
    mobility : str
        Ion mobility by run in one sentence.
    counts : tuple of Count
        What was dropped and repaired.
    remarks : tuple of Remark
        What a user should know.
    problems : tuple of str
        Why the file cannot be used; empty if it can.
    """

    file: str
    kind: str
    format: str
    reads: str
    engine: str = ""
    version: str = ""
    modality: str = ""
    samples: tuple[str, ...] = ()
    n_features: int = 0
    n_with_gene: int = 0
    n_with_accession: int = 0
    precursors: float | None = None
    identified: tuple[float, float, float] | None = None
    missing: float | None = None
    scale: str = ""
    zeros: str = ""
    has_fixed_scale: bool = False
    missed_cleavages: tuple[float, float, float] | None = None
    contaminants: tuple[float, float, float] | None = None
    mobility: str = ""
    counts: tuple[Count, ...] = ()
    remarks: tuple[Remark, ...] = ()
    problems: tuple[str, ...] = ()


def inspect(path: str | Path, species: Species | None = None) -> Inspection:
    """Look at one file or folder as an assay would read it.

    Parameters
    ----------
    path : str or pathlib.Path
        Table, or folder of tables of one program.
    species : str or None
        `human`, `mouse` or `rat`: genes are then mapped, and what was mapped is counted.

    Returns
    -------
    Inspection
        Never an error: what is wrong with the file is in `problems`.
    """
    path = Path(path)
    sniffed = sniff(path)
    reader = detect_reader(sniffed)
    found = Inspection(str(path), sniffed.kind, reader.name, reader.reads)
    section = section_of(path, reader)
    try:
        table = reader.read(path, section, path.parent, None, path.name)
    except DataError as error:
        return found._replace(problems=tuple(str(problem) for problem in error.problems))
    modality = modality_of(reader, path.name, table)
    found = _of_table(found, table, modality)
    if species is not None:
        symbols = tidy_symbols(table.features["gene"], table.features["protein"], species, "table")
        mapped = map_identifiers(symbols, table.features["protein"], species)
        found = found._replace(
            counts=(*found.counts, *symbols.counts, *mapped.counts), remarks=(*found.remarks, *mapped.remarks)
        )
    try:
        scaled = to_scale(table.values, table.scale, "auto", modality, path.name)
    except DataError as error:
        return found._replace(problems=tuple(str(problem) for problem in error.problems))
    return _of_values(found, scaled)


def section_of(path: Path, reader: Reader) -> AssaySection:
    """The section of an assay with which a reader can look at a file; its modality is that of the reader, or a guess.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    reader : Reader
        Its reader.

    Returns
    -------
    AssaySection
        To be read relative to the folder of the file.
    """
    named = guess_modality(path.name)
    is_rna = named == "rna" or (named is None and reader.detect is is_annotated and holds_counts(path))
    modality = _modality_of(reader) or ("rna" if is_rna else "protein")
    return AssaySection(name="table", organ="organ", modality=modality, file=path.name or str(path))


def modality_of(reader: Reader, name: str, table: RawTable) -> Modality:
    """Whether a table is of proteins or RNA: by the reader, the name, the identifiers, and whole numbers, in this order.

    Parameters
    ----------
    reader : Reader
        Its reader.
    name : str
        Name of the file.
    table : RawTable
        Its content.

    Returns
    -------
    str
        `protein` or `rna`.
    """
    by_reader, named = _modality_of(reader), guess_modality(name)
    if by_reader is not None:
        return by_reader
    if table.scale == "counts" or named == "rna":
        return "rna"
    is_gene = table.values.index.to_series().astype(str).str.fullmatch(_TRANSCRIPT)
    if named is None and bool(is_gene.mean() > 0.5):
        return "rna"
    if named == "protein" or bool((table.features["protein"] != "").mean() > 0.5):
        return "protein"
    return "rna" if detect_scale(table.values.to_numpy(dtype=float), "rna") == "counts" else "protein"


def _modality_of(reader: Reader) -> Modality | None:
    if reader in RNA_READERS:
        return "rna"
    return "protein" if reader in (*PLASMA_READERS, *PRECURSOR_READERS, *PROTEIN_READERS) else None


def as_text(found: Inspection) -> str:
    """An inspection to read on a terminal of 80 columns.

    Parameters
    ----------
    found : Inspection
        What was found.

    Returns
    -------
    str
        Lines without colours; the name of the file first.
    """
    lines = [_printed(found.file)]
    for label, text in _facts(found):
        lines += _wrapped(label, text)
    for title, rows in (
        ("counted", [_count_text(count) for count in found.counts]),
        (
            "remarks",
            list(
                dict.fromkeys(
                    f"{remark.name}: {remark.detail}" for remark in found.remarks if remark.detail != found.mobility
                )
            ),
        ),
        ("problems", list(found.problems)),
    ):
        for number, row in enumerate(rows):
            lines += _wrapped(title if number == 0 else "", row)
    return "\n".join(lines)


def as_json(found: list[Inspection]) -> str:
    """Inspections as JSON: a list of objects, one per file, with the fields of `Inspection`."""
    rows: list[dict[str, Any]] = []
    for each in found:
        row = each._asdict()
        row["counts"] = [vars(count) for count in each.counts]
        row["remarks"] = [vars(remark) for remark in each.remarks]
        rows.append(row)
    return json.dumps(rows, indent=2, ensure_ascii=False)


def _of_table(found: Inspection, table: RawTable, modality: Modality) -> Inspection:
    precursors = table.features["precursors"].to_numpy(dtype=float)
    known = precursors[np.isfinite(precursors)]
    return found._replace(
        engine=table.engine,
        version=table.version,
        modality=modality,
        samples=tuple(str(name) for name in table.values.columns),
        n_features=len(table.values),
        n_with_gene=int((table.features["gene"] != "").sum()),
        n_with_accession=int((table.features["protein"] != "").sum()),
        precursors=float(np.median(known)) if len(known) > 0 else None,
        has_fixed_scale=table.scale != "auto",
        missed_cleavages=_over_runs(table, "missed_cleavage_fraction"),
        contaminants=_over_runs(table, "contaminant_fraction"),
        mobility=_mobility(table),
        counts=table.counts,
        remarks=table.remarks,
    )


def _of_values(found: Inspection, scaled: Scaled) -> Inspection:
    values = scaled.values.to_numpy(dtype=float)
    measured = np.isfinite(values)
    per_sample = (measured & (values > 0) if scaled.scale == "counts" else measured).sum(axis=0)
    return found._replace(
        identified=(float(per_sample.min()), float(np.median(per_sample)), float(per_sample.max())),
        missing=float(1 - measured.mean()),
        scale=scaled.detected,
        zeros=scaled.zeros,
        counts=(*found.counts, *(count for count in scaled.counts if not count.item.startswith("scale "))),
    )


def _over_runs(table: RawTable, column: str) -> tuple[float, float, float] | None:
    """Lowest, median and highest value of a column of the table `runs`; None if no run has one."""
    if table.runs is None or column not in table.runs.columns or table.runs[column].isna().all():
        return None
    values = table.runs[column].dropna()
    return float(values.min()), float(values.median()), float(values.max())


def _mobility(table: RawTable) -> str:
    runs = table.runs
    if runs is None or "n_with_mobility" not in runs.columns or not (runs["n_with_mobility"] > 0).any():
        return NO_MOBILITY
    n_with, n_all = int(runs["n_with_mobility"].sum()), int(runs["n_precursors"].sum())
    flagged = f", {int(runs['n_contradicting'].sum()):,} flagged"
    return f"{n_with:,} of {n_all:,} precursors in {int((runs['n_with_mobility'] > 0).sum())} runs{flagged}"


def _facts(found: Inspection) -> list[tuple[str, str]]:
    facts = [("format", f"{found.format} ({found.kind}): {found.reads}")]
    if found.n_features == 0:
        return facts
    program = f"{found.engine} {found.version}".strip() if found.engine != "" else "the file does not say"
    facts += [
        ("written by", program if found.version != "" or found.engine == "" else f"{program}, version not in the file"),
        ("modality", f"{found.modality}, guessed"),
        ("samples", f"{len(found.samples)}: {first_examples(found.samples, N_NAMES)}"),
        (
            "features",
            f"{found.n_features:,}; {found.n_with_gene:,} with a gene symbol, {found.n_with_accession:,} with an accession",
        ),
    ]
    if found.precursors is not None:
        facts.append(("precursors", f"{found.precursors:g} per feature in the median"))
    if found.identified is not None and found.missing is not None:
        fewest, median, most = found.identified
        known = "as the format has it" if found.has_fixed_scale else "found from the values"
        facts += [
            ("identified", f"{fewest:,.0f} / {median:,.0f} / {most:,.0f} per sample (fewest, median, most)"),
            ("missing", f"{100 * found.missing:.1f} % of all values"),
            ("scale", f"{found.scale}, {known}; a zero is {_ZERO[found.zeros]}"),
        ]
    for label, shares, of in (
        ("digestion", found.missed_cleavages, "of precursors have a missed cleavage"),
        ("contaminants", found.contaminants, "of the intensity, left out"),
    ):
        if shares is not None:
            lowest, median, highest = (100 * share for share in shares)
            facts.append((label, f"{lowest:.1f} / {median:.1f} / {highest:.1f} % {of} (lowest, median, highest run)"))
    return [*facts, ("ion mobility", found.mobility)]


def _printed(name: str) -> str:
    """A name without signs that would move the cursor or colour the terminal."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in name)


_ZERO = {"missing": "a missing value", "value": "a value"}


def _count_text(count: Count) -> str:
    share = f"{count.n:,}" if count.of is None else f"{count.n:,} of {count.of:,}"
    rest = "; ".join(text for text in (count.example, count.note) if text != "")
    return f"{count.item}: {share}" + (f" ({rest})" if rest != "" else "")


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        _printed(" ".join(text.split())),
        WIDTH,
        initial_indent=f"  {label:<{_LABEL}}",
        subsequent_indent=" " * (_LABEL + 2),
        break_on_hyphens=False,
    )
