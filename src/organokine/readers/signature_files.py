"""Files of signatures and gene sets: wide (genes x signatures), long (signature, gene, weight), or GMT."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import io
import re
import zlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count
from organokine.references.gene_sets import FOOTPRINTS, PROCESSES, REACTOME
from organokine.references.signatures import SignatureSet, genes_in_species, in_species

if TYPE_CHECKING:
    from collections.abc import Sequence

    from organokine.study_file import Species, StudyFile
    from organokine.study_file_sets import PathwaysSection, ResponseSection

SECACT = "secact"
"""Name that stands for the signatures of the package `secactpy`, where it is installed."""
SECACT_ABOUT = ("SecAct", "MIT", "SecAct, by way of secactpy")
_SIGNATURE = ("signature", "ligand", "source", "set", "pathway", "tf")
_GENE = ("gene", "target", "symbol", "gene_symbol")
_WEIGHT = ("weight", "mor", "score", "value")
LEAST_KNOWN = 0.1
"""Share of the genes of a file that must have an official symbol of its species: most have one, and with fewer it is another species,
or another kind of identifier, of which a few symbols happen to be spelt alike in both."""
_TEXT_ONLY = "Save it as text, with tabs between the columns"
_WHY = "Signatures say how every gene moves, so each needs its gene and a number"
_GMT_LINE = "A line of a GMT file is a name, a description and genes, with tabs between"
_LAYOUTS = "Give a table of genes in rows and signatures in columns, one with the columns signature, gene and weight, or a GMT file"


class SignatureTable(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    weights : pandas.DataFrame
        Genes x signatures as written, 0 where there is no weight.
    knows_listed_only : bool
        True for a wide table, which has a number for every gene it knows; False for lists.
    counts : tuple of Count
        What was merged or taken as zero.
    sha256 : str
        Hash of the file.
    """

    weights: pd.DataFrame
    knows_listed_only: bool
    counts: tuple[Count, ...]
    sha256: str


class StudySets(NamedTuple):
    """What a study file names.

    Attributes
    ----------
    signatures, gene_sets : SignatureSet or None
        None where the study file names none, or they are at fault.
    counts : list of Count
        What was lost or merged.
    problems : list of Problem
        What is wrong with the files.
    """

    signatures: SignatureSet | None
    gene_sets: SignatureSet | None
    counts: list[Count]
    problems: list[Problem]


def read_sets(file: StudyFile) -> StudySets:
    """Read the signatures and gene sets of a study file; faults are collected, not raised."""
    found: list[SignatureSet | None] = []
    problems: list[Problem] = []
    for read in (
        partial(read_signatures, file.folder, file.response),
        partial(read_gene_sets, file.folder, file.pathways),
    ):
        try:
            found.append(read(file.study.species))
        except DataError as error:
            found.append(None)
            problems.extend(error.problems)
    counts = [count for each in found if each is not None for count in each.counts]
    return StudySets(found[0], found[1], counts, problems)


def read_signatures(folder: Path, section: ResponseSection, species: Species) -> SignatureSet | None:
    """Read the signatures that a study file names; None if it names none.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the study file.
    section : ResponseSection
        Its section.
    species : str
        Species of the study.

    Returns
    -------
    SignatureSet or None
        In the symbols of the study.

    Raises
    ------
    DataError
        If the file is absent, cannot be read as signatures, or none of them is of a gene of the species.
    """
    if section.signatures is None:
        return None
    where = f"[response] signatures {section.signatures}"
    name, licence, citation = section.name, section.licence, section.citation
    written = section.species
    if section.signatures == SECACT:
        path = _installed_secact(where)
        name, licence, citation = name or SECACT_ABOUT[0], licence or SECACT_ABOUT[1], citation or SECACT_ABOUT[2]
        written = written or "human"
    else:
        path = folder / section.signatures
    table = read_signature_file(path, where)
    weights, counts = in_species(table.weights, written or species, species)
    _refuse_unmapped(weights, table, where, written or species, counts)
    return SignatureSet(
        name=name or path.name,
        weights=weights,
        knows_listed_only=table.knows_listed_only,
        file=section.signatures,
        sha256=table.sha256,
        licence=licence,
        citation=citation,
        counts=(*table.counts, *counts),
    )


def read_gene_sets(folder: Path, section: PathwaysSection, species: Species) -> SignatureSet | None:
    """Read the gene sets that a study file names, as `read_signatures`; their names are no genes."""
    if section.sets is None:
        return None
    where = f"[pathways] sets {section.sets}"
    path = folder / section.sets
    table = read_signature_file(path, where)
    weights, counts = genes_in_species(table.weights, section.species or species, species)
    name = section.name or path.name
    if name in {PROCESSES, FOOTPRINTS, REACTOME}:
        why = "Both would be one collection in the table, and false discovery rates run over a collection"
        raise DataError(
            Problem(where, f"it is called {name!r}, as sets of organokine are", why, "Give it another `name`")
        )
    _refuse_unmapped(weights, table, where, section.species or species, counts)
    return SignatureSet(
        name=name,
        weights=weights,
        knows_listed_only=table.knows_listed_only,
        file=section.sets,
        sha256=table.sha256,
        licence=section.licence,
        citation=section.citation,
        counts=(*table.counts, *counts),
    )


def read_signature_file(path: Path, where: str) -> SignatureTable:
    """Read a file of signatures, gzip or not.

    Parameters
    ----------
    path : pathlib.Path
        A `.gmt` file (name, description, then genes of weight 1), or a table with tabs, commas or semicolons: long if its header
        names a signature and a gene, wide otherwise.
    where : str
        What to call it in messages.

    Returns
    -------
    SignatureTable
        Genes x signatures.

    Raises
    ------
    DataError
        If the file is absent, damaged, empty, or has a weight that is no number or a pair twice.
    """
    raw = _content(path, where)
    text = _text(raw, where)
    digest = hashlib.sha256(raw).hexdigest()
    if path.name.lower().removesuffix(".gz").endswith(".gmt"):
        return _of_gmt(text, where, digest)
    header = text[: text.find("\n")] if "\n" in text else text
    delimiter = "\t" if "\t" in header else max(";,", key=header.count)
    cells = [cell.strip().strip('"').lower() for cell in header.rstrip("\r").split(delimiter)]
    signature = next((name for name in _SIGNATURE if name in cells), None)
    gene = next((name for name in _GENE if name in cells), None)
    if signature is not None and gene is not None:
        return _of_long(text, delimiter, (cells, signature, gene), where, digest)
    if len(cells) < 2:
        raise DataError(Problem(where, f"only one column was found, headed {header[:40]!r}", _WHY, _LAYOUTS))
    twice = [cell for place, cell in enumerate(cells) if cell in cells[:place]]
    if len(twice) > 0:
        what = f"{len(twice)} columns stand twice, first {twice[0]!r}"
        raise DataError(Problem(where, what, "A signature has one column", "Keep one column of each"))
    return _of_wide(text, delimiter, where, digest)


def _installed_secact(where: str) -> Path:
    found = importlib.util.find_spec("secactpy")
    if found is None or found.submodule_search_locations is None:
        remedy = 'Install it with `pip install secactpy`, or name the file SecAct.tsv.gz and `species = "human"`'
        raise DataError(Problem(where, "the package secactpy is not installed", "It holds the signatures", remedy))
    return Path(next(iter(found.submodule_search_locations))) / "data" / "SecAct.tsv.gz"


def _content(path: Path, where: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        what = "the file does not exist" if not path.exists() else f"it cannot be opened ({error.strerror})"
        remedy = "Correct the path, which is relative to the study file, or leave the key out"
        raise DataError(Problem(where, what, "What is named belongs to the study", remedy)) from None


def _text(raw: bytes, where: str) -> str:
    if raw[:4] in {b"PK\x03\x04", b"PAR1"}:
        kind = "a workbook or a zip file" if raw[:2] == b"PK" else "a parquet file"
        raise DataError(Problem(where, f"it is {kind}, no text", _WHY, _TEXT_ONLY))
    try:
        content = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        text = content.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error):
        raise DataError(
            Problem(where, "the gzip file is damaged or cut off", _WHY, "Copy or download it again")
        ) from None
    except UnicodeDecodeError as error:
        what = f"it is not UTF-8 text (byte {error.start:,})"
        raise DataError(Problem(where, what, _WHY, _LAYOUTS)) from None
    if text.strip() == "":
        raise DataError(Problem(where, "the file is empty", _WHY, _LAYOUTS))
    return text


def _of_gmt(text: str, where: str, digest: str) -> SignatureTable:
    lines = [line.split("\t") for line in text.splitlines() if line.strip() != ""]
    short = [line[0][:40] for line in lines if len(line) < 2]
    if len(short) > 0:
        what = f"{len(short)} lines have one column only, first {short[0]!r}"
        raise DataError(Problem(where, what, _WHY, _GMT_LINE))
    unnamed = [number for number, line in enumerate(lines, start=1) if line[0].strip() == ""]
    if len(unnamed) > 0:
        what = f"{len(unnamed)} sets have no name, first in line {unnamed[0]}"
        raise DataError(Problem(where, what, "Sets are told apart by their names", _GMT_LINE))
    pairs = [(line[0].strip(), gene.strip(), 1.0) for line in lines for gene in line[2:] if gene.strip() != ""]
    named = pd.Series([line[0].strip() for line in lines])
    if named.duplicated().any():
        examples = first_examples(named[named.duplicated()])
        what = f"{int(named.duplicated().sum())} names stand twice, first {examples}"
        raise DataError(Problem(where, what, "Sets are told apart by their names", "Give each set its own name"))
    if len(pairs) == 0:
        raise DataError(Problem(where, f"none of its {len(lines)} sets has a gene", _WHY, _GMT_LINE))
    table = pd.DataFrame(pairs, columns=["signature", "gene", "weight"]).drop_duplicates(["signature", "gene"])
    empty = named[~named.isin(table["signature"])]
    note = "a name without genes: left out"
    counts = (Count("sets without a gene", len(empty), len(named), first_examples(empty), note),)
    return SignatureTable(
        _matrix(table), knows_listed_only=False, counts=counts if len(empty) > 0 else (), sha256=digest
    )


def _of_long(text: str, delimiter: str, header: tuple[list[str], str, str], where: str, digest: str) -> SignatureTable:
    cells, signature, gene = header
    weight = next((name for name in _WEIGHT if name in cells), None)
    table = _frame(text, delimiter, where, dtype=str)
    if len(table) == 0:
        raise DataError(Problem(where, "it has a header and no rows", _WHY, _LAYOUTS))
    table.columns = pd.Index(cells)
    long = pd.DataFrame({"signature": table[signature].str.strip(), "gene": table[gene].str.strip()})
    long["weight"] = "1" if weight is None else table[weight]
    blank = (long == "").any(axis=1) | long.isna().any(axis=1)
    if blank.any():
        what = (
            f"{int(blank.sum())} rows lack a signature, gene or weight, first row {int(np.flatnonzero(blank)[0]) + 2}"
        )
        raise DataError(Problem(where, what, _WHY, "Fill the cells, or remove the rows"))
    long["weight"] = _numbers(long[["weight"]], where)["weight"]
    twice = long.duplicated(["signature", "gene"])
    if twice.any():
        first = long[twice].iloc[0]
        what = f"{int(twice.sum())} pairs stand twice, first {first['signature']} and {first['gene']}"
        raise DataError(Problem(where, what, "A gene has one weight in a signature", "Keep one row of each"))
    return SignatureTable(_matrix(long), knows_listed_only=False, counts=(), sha256=digest)


def _of_wide(text: str, delimiter: str, where: str, digest: str) -> SignatureTable:
    table = _frame(text, delimiter, where, index_col=0)
    _refuse_shifted(table, text, delimiter, where)
    if table.shape[1] == 0 or len(table) == 0:
        raise DataError(Problem(where, "it has no genes or no signatures", _WHY, _LAYOUTS))
    table.index = table.index.astype(str).str.strip()
    table.columns = table.columns.astype(str).str.strip()
    table = _numbers(table, where)
    counts = []
    n_empty = int(table.isna().to_numpy().sum())
    if n_empty > 0:
        counts.append(Count("empty weights of signatures", n_empty, table.size, "", "taken as no weight"))
    table = table.fillna(0.0)
    if table.index.duplicated().any():
        twice = table.index[table.index.duplicated()]
        note = "the mean of their weights is taken"
        counts.append(Count("genes of the signatures twice", len(twice), len(table), first_examples(twice), note))
        table = table.groupby(level=0, sort=True).mean()
    return SignatureTable(table, knows_listed_only=True, counts=tuple(counts), sha256=digest)


def _refuse_shifted(table: pd.DataFrame, text: str, delimiter: str, where: str) -> None:
    """Refuse rows of one cell more than the header, unless the header plainly lacks the name of the genes, as one written by R.

    With a separator at the end of every row, all signatures would get the weights of their neighbours.
    """
    cells = [cell.strip().strip('"') for cell in text.partition("\n")[0].rstrip("\r").split(delimiter)]
    if table.shape[1] < len(cells):
        return
    if cells[0].lower() in {"", *_GENE} or bool(table.iloc[:, -1].isna().all()):
        what = f"its rows have {len(cells) + 1} cells and its header has {len(cells)}, first {cells[0]!r}"
        why = "It is not known which signature a column of weights belongs to"
        raise DataError(
            Problem(where, what, why, "Remove the separators at the ends of the rows, or complete the header")
        )


def _frame(text: str, delimiter: str, where: str, **options: object) -> pd.DataFrame:
    try:
        frame: pd.DataFrame = pd.read_csv(io.StringIO(text), sep=delimiter, **options)  # type: ignore[call-overload]
    except (ValueError, pd.errors.ParserError) as error:
        what = f"it cannot be read as a table ({str(error).strip().splitlines()[0][:100]})"
        raise DataError(Problem(where, what, _WHY, _LAYOUTS)) from None
    return frame


def _numbers(table: pd.DataFrame, where: str) -> pd.DataFrame:
    """The same as finite numbers, NaN for an empty cell."""
    numbers: pd.DataFrame = table.apply(pd.to_numeric, errors="coerce").astype(float)
    wrong = (numbers.isna() & table.notna()) | np.isinf(numbers)
    if wrong.to_numpy().any():
        row, column = np.argwhere(wrong.to_numpy())[0]
        what = (
            f"{int(wrong.to_numpy().sum())} weights are no finite number, first {str(table.iloc[row, column])[:40]!r} of "
            f"{str(table.index[row])[:40]!r} in {str(table.columns[column])[:40]!r}"
        )
        decimal = re.fullmatch(r"[-+]?\d+,\d+(e[-+]?\d+)?", str(table.iloc[row, column]).strip(), re.IGNORECASE)
        remedy = _LAYOUTS if decimal is None else "Write numbers with a full stop as the decimal sign"
        raise DataError(Problem(where, what, _WHY, remedy))
    return numbers


def _matrix(long: pd.DataFrame) -> pd.DataFrame:
    genes, gene_code = np.unique(long["gene"].to_numpy(dtype=str), return_inverse=True)
    names, name_code = np.unique(long["signature"].to_numpy(dtype=str), return_inverse=True)
    weights = np.zeros((len(genes), len(names)))
    weights[gene_code, name_code] = long["weight"].to_numpy(dtype=float)
    return pd.DataFrame(weights, index=pd.Index(genes, dtype=object), columns=pd.Index(names, dtype=object))


def _refuse_unmapped(
    weights: pd.DataFrame, table: SignatureTable, where: str, species: str, counts: Sequence[Count]
) -> None:
    n_genes, n_signatures = table.weights.shape
    unknown = sum(count.n for count in counts if count.item.startswith("genes of the") and "without" in count.item)
    if weights.size > 0 and n_genes - unknown >= LEAST_KNOWN * n_genes:
        return
    examples = first_examples(table.weights.index)
    what = f"none of its {n_genes} genes and {n_signatures} signatures is a gene of the study, first {examples}"
    if weights.size > 0:
        what = f"{unknown} of its {n_genes} genes are no genes of the study, first {examples}"
    raise DataError(
        Problem(
            where,
            what,
            f"They were read as symbols of the species {species}",
            "Give gene symbols, and set `species` to that of the file",
        )
    )
