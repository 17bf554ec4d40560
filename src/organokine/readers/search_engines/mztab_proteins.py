"""The protein section of mzTab 1.0, as OpenMS, quantms, MaxQuant and others write it."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from organokine.errors import DataError, Problem
from organokine.readers.base import RawTable
from organokine.readers.cells import is_missing
from organokine.readers.grid import Grid, grid_of_text, read_text
from organokine.readers.precursors.runs import run_stem
from organokine.readers.search_engines.protein_tables import Layout, quantity_count, read_layout, required
from organokine.readers.search_engines.row_filters import RowFilter, flagged
from organokine.readers.search_engines.samples import SampleColumn

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

_ABUNDANCE = re.compile(r"protein_abundance_(assay\[[0-9]+\])")
_DECOY_COLUMNS = ("opt_global_cv_PRIDE:0000303_decoy_hit", "opt_global_cv_MS:1002217_decoy_peptide")
_RESULT_TYPE = "opt_global_result_type"
_NO_RESULTS = ("protein_details", "general_protein_group")
_PARAMETER = re.compile(r"\[[^,\]]*,[^,\]]*, *(?P<name>\"[^\"]*\"|[^,\]]*), *(?P<value>[^\]]*)\]")


class _Document(NamedTuple):
    """Metadata by key, and the section of proteins."""

    metadata: dict[str, str]
    grid: Grid


def is_mztab(sniffed: Sniffed) -> bool:
    """Metadata that begin as mzTab begins."""
    return any(line.startswith("MTD\tmzTab-version") for line in sniffed.lines)


def read_mztab_proteins(
    path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read the protein section of mzTab; parameters and errors as in `read_layout`.

    An assay is known by the stem of its file where each has its own, else as `assay[1]`.
    """
    document = _document(path, where)
    grid = _described(document.grid)
    engine, version = _software(document.metadata)
    identifier = required(("accession",), grid, "mzTab", where)
    samples = _samples(grid, document.metadata)
    counts = []
    if len(samples) > 0:
        counts.append(quantity_count("protein_abundance_assay", [sample.column for sample in samples]))
    decoys = [filtered for column in _DECOY_COLUMNS for filtered in flagged(grid, column, "decoys", where)]
    layout = Layout(
        engine, samples, identifier, version, (), (identifier,), _peptides(grid), ("description",), [*decoys, *_details(grid)],
        counts,
    )  # fmt: skip
    return read_layout(grid, layout, assay, folder, known, where)


def _document(path: Path, where: str) -> _Document:
    lines = [line.rstrip("\n") for line in io.StringIO(read_text(path, where), newline=None)]
    metadata = {}
    for line in lines:
        if line.startswith("MTD\t"):
            _, key, *value = line.split("\t")
            metadata[key.strip()] = "\t".join(value).strip()
    section = [line if line.startswith(("PRH\t", "PRT\t")) else "" for line in lines]
    first = next((line for line in section if line != ""), "")
    if not first.startswith("PRH\t"):
        what = "the file has no section of proteins (a line that begins with PRH, and lines that begin with PRT)"
        why = "mzTab without proteins has no protein intensities"
        raise DataError(Problem(where, what, why, "Write the file with its quantified proteins"))
    return _Document(metadata, grid_of_text("\n".join(section), where))


def _software(metadata: Mapping[str, str]) -> tuple[str, str]:
    match = _PARAMETER.fullmatch(metadata.get("software[1]", ""))
    if match is None or match["name"].strip(' "') == "":
        return "mzTab", metadata.get("mzTab-version", "")
    return match["name"].strip(' "'), match["value"].strip(' "')


def _samples(grid: Grid, metadata: Mapping[str, str]) -> list[SampleColumn]:
    columns = {name: match[1] for name in grid.header if (match := _ABUNDANCE.fullmatch(name)) is not None}
    stems = {}
    for assay in columns.values():
        run = metadata.get(f"{assay}-ms_run_ref", "")
        stems[assay] = run_stem(metadata.get(f"{run}-location", ""))
    times = Counter(stems.values())
    return [
        SampleColumn(
            name, (stems[assay], assay) if stems[assay] not in ("", "null") and times[stems[assay]] == 1 else (assay,)
        )
        for name, assay in columns.items()
    ]


def _details(grid: Grid) -> list[RowFilter]:
    """Rows of OpenMS that repeat the members of a group, without quantities."""
    if _RESULT_TYPE not in grid.header:
        return []
    rows = grid.body[_RESULT_TYPE].str.strip().isin(_NO_RESULTS)
    return [RowFilter("rows of group members", rows, f"by the column {_RESULT_TYPE!r}; their group has its own row")]


def _described(grid: Grid) -> Grid:
    """Groups with the descriptions of all their members, which OpenMS writes into the rows of the members only."""
    if not {"accession", "description", "ambiguity_members"} <= set(grid.header):
        return grid
    has_text = ~is_missing(grid.body["description"])
    texts = dict(zip(grid.body["accession"][has_text], grid.body["description"][has_text], strict=True))
    members = grid.body["accession"] + "," + grid.body["ambiguity_members"]
    joined = members.map(
        lambda names: ";".join(dict.fromkeys(texts[name] for name in map(str.strip, names.split(",")) if name in texts))
    )
    return replace(grid, body=grid.body.assign(description=joined))


def _peptides(grid: Grid) -> tuple[str, ...]:
    """The number over the experiment; numbers of single runs are not added up, since runs share peptides."""
    return ("opt_global_nr_found_peptides",) if "opt_global_nr_found_peptides" in grid.header else ()
