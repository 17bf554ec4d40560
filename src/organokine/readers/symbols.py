"""Gene symbols as files hold them, turned into one symbol per row: groups, dates, letter case.

Spreadsheets turn the symbols of three families into dates (Ziemann et al. 2016, doi 10.1186/s13059-016-1044-7). The day is the
number of the member, so a date is turned back where only one gene has that name; the families have since been renamed
(Bruford et al. 2020, doi 10.1038/s41588-020-0669-3) and the present symbol is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.errors import first_examples
from organokine.readers.base import Count, Remark
from organokine.readers.cells import MISSING_MARKS

if TYPE_CHECKING:
    from organokine.study_file import Species

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec"
_DATES = (
    re.compile(rf"(?P<day>\d{{1,2}})[-/. ](?P<month>{_MONTHS})", re.IGNORECASE),
    re.compile(rf"(?P<month>{_MONTHS})[-/. ](?P<day>\d{{1,2}})", re.IGNORECASE),
    re.compile(r"\d{4}-(?P<month>\d{2})-(?P<day>\d{2})(?:[ T]00:00:00)?"),
)
_OTHER_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|3[5-9]\d{3}(?:\.0)?|4[0-7]\d{3}(?:\.0)?")
_MAYBE_DATE = re.compile(r"[0-9][-/. ]|[-/. ][0-9]|[0-9]{5}")
_MONTH_OF_NUMBER = {"03": "mar", "09": "sep", "12": "dec"}

# MARCH1 and MARCH2 share their date with MARC1 and MARC2: only another identifier of the row can tell.
_DECIDED_BY_IDENTIFIER = {
    "MARCHF1": ("Q8TCQ1", "Q6NZQ8", "ENSG00000145416", "ENSRNOG00000026310", "MARH1_"),
    "MARCHF2": ("Q9P0N8", "Q99M02", "ENSG00000099785", "ENSRNOG00000007769", "MARH2_"),
    "MTARC1": ("Q5VT66", "Q9CW42", "ENSG00000186205", "MARC1_"),
    "MTARC2": ("Q969Z3", "Q922Q1", "ENSG00000117791", "MARC2_"),
}
_LAST_MARCHF = 11
_SEPTINS = (*range(1, 13), 14)


@dataclass(frozen=True)
class Symbols:
    """Genes of the rows of a table: `gene` (one symbol, empty if unmapped) and `genes` (all of the row, joined by `;`)."""

    gene: pd.Series
    genes: pd.Series
    counts: tuple[Count, ...]
    remarks: tuple[Remark, ...]


def tidy_symbols(
    written: pd.Series, protein: pd.Series, species: Species, assay: str, minimum_share: float = 0.8
) -> Symbols:
    """Give each row one gene symbol.

    Parameters
    ----------
    written : pandas.Series
        Gene symbols as the file holds them, index the native identifier; `A;B` is a group.
    protein : pandas.Series
        Protein accessions of the same rows; with the identifiers they decide between genes that share a date.
    species : str
        `human`, `mouse` or `rat`; decides the letter case.
    assay : str
        Name of the assay, for the flag `symbol_case`.
    minimum_share : float
        Share of symbols in the other species' case above which all are respelt. Far above chance (a mouse table has a few
        per cent of upper-case symbols such as `LOC` and `MGC` names) and far below a table that was respelt by hand.

    Returns
    -------
    Symbols
        Nothing is dropped: a row without a usable symbol has the empty string as its gene.
    """
    text = written.str.strip()
    text = text.mask(text.str.lower().isin(MISSING_MARKS), "")
    text, date_counts, date_remarks, unusable = _without_dates(text, protein, species)
    text, case_counts, case_remarks = _in_case_of(text, species, assay, minimum_share)
    groups = [list(dict.fromkeys(part.strip() for part in name.split(";") if part.strip() != "")) for name in text]
    gene = pd.Series([members[0] if len(members) > 0 else "" for members in groups], index=text.index, dtype=object)
    genes = pd.Series([";".join(members) for members in groups], index=text.index, dtype=object)
    gene = gene.mask(unusable, "")
    group_counts, group_remarks = _group_remarks(gene, groups)
    counts = (*date_counts, *case_counts, *group_counts)
    return Symbols(gene, genes, counts, (*date_remarks, *case_remarks, *group_remarks))


def gene_of_date(text: str, identifiers: str, species: Species) -> str | None:
    """Find the gene behind a date.

    Parameters
    ----------
    text : str
        For example `1-Mar`, `Sep-02` or `2019-03-07`.
    identifiers : str
        All other identifiers of the row in one string.
    species : str
        `human`, `mouse` or `rat`; decides the letter case.

    Returns
    -------
    str or None
        The present symbol; None if `text` is no date, the empty string if it is one and more than one gene or none fits.
    """
    match = next((found for pattern in _DATES if (found := pattern.fullmatch(text)) is not None), None)
    if match is None:
        return "" if _OTHER_DATE.fullmatch(text) is not None else None
    month = match["month"].lower()[:3]
    symbol = _symbol_of_day(_MONTH_OF_NUMBER.get(month, month), int(match["day"]), identifiers, species)
    return symbol if species == "human" else symbol.capitalize()


def _symbol_of_day(month: str, day: int, identifiers: str, species: Species) -> str:
    if month == "mar" and day in {1, 2}:
        fits = [
            symbol
            for symbol, known in _DECIDED_BY_IDENTIFIER.items()
            if symbol.endswith(str(day)) and any(name in identifiers for name in known)
        ]
        return fits[0] if len(fits) == 1 else ""
    if month == "mar" and day <= _LAST_MARCHF:
        return f"MARCHF{day}"
    if month == "sep" and day in _SEPTINS:
        return f"SEPTIN{day}"
    if month == "sep" and day == 15:
        return "SELENOF"
    # In rodents Dec1 is an old name of Bhlhe40, and DELEC1 has no counterpart.
    return "DELEC1" if month == "dec" and day == 1 and species == "human" else ""


def _without_dates(
    text: pd.Series, protein: pd.Series, species: Species
) -> tuple[pd.Series, list[Count], list[Remark], np.ndarray]:
    symbols = text.to_list()
    unusable = np.zeros(len(symbols), dtype=bool)
    found: list[tuple[str, str]] = []
    # A column of numbers holds database keys, not dates.
    is_symbolic = text.str.contains(r"[A-Za-z]", regex=True).mean() > 0.5
    for row, (name, key, accession) in enumerate(zip(text, text.index, protein, strict=True)):
        if not is_symbolic or _MAYBE_DATE.search(name) is None:
            continue
        genes = [gene_of_date(part.strip(), f"{key} {accession}", species) for part in name.split(";")]
        if all(gene is None for gene in genes):
            continue
        unusable[row] = genes[0] == ""
        found.extend((part, gene) for part, gene in zip(name.split(";"), genes, strict=True) if gene is not None)
        symbols[row] = ";".join(gene or part for part, gene in zip(name.split(";"), genes, strict=True))
    counts, remarks = _date_remarks(found, len(text))
    return pd.Series(symbols, index=text.index, dtype=object), counts, remarks, unusable


def _date_remarks(found: list[tuple[str, str]], n_features: int) -> tuple[list[Count], list[Remark]]:
    recovered = [f"{name} -> {gene}" for name, gene in found if gene != ""]
    lost = [name for name, gene in found if gene == ""]
    counts = []
    if len(recovered) > 0:
        note = "dates that a spreadsheet made of symbols, turned back: only one gene fits"
        counts.append(
            Count("symbols recovered from dates", len(recovered), n_features, first_examples(recovered), note)
        )
    if len(lost) > 0:
        note = "more than one gene, or none, fits: taken as unmapped and flagged"
        counts.append(Count("symbols that may be dates", len(lost), n_features, first_examples(lost), note))
    unclear = "looks like a symbol that a spreadsheet turned into a date; more than one gene, or none, fits"
    remarks = [
        Remark("gene", name, "symbol_date", f"{name!r} {unclear}")
        if gene == ""
        else Remark(
            "gene", gene, "symbol_recovered", f"written {name!r}: a spreadsheet had turned the symbol into a date"
        )
        for name, gene in found
    ]
    return counts, remarks


def _in_case_of(
    text: pd.Series, species: Species, assay: str, minimum_share: float
) -> tuple[pd.Series, list[Count], list[Remark]]:
    letters = text[text.str.contains(r"[A-Za-z].*[A-Za-z]", regex=True)]
    foreign = (
        letters.str.fullmatch(r"[A-Z][^A-Z]+") if species == "human" else ~letters.str.contains(r"[a-z]", regex=True)
    )
    if len(letters) == 0 or foreign.mean() <= minimum_share:
        return text, [], []
    respelt = text.map(str.upper if species == "human" else _rodent_case)
    changed = int((respelt != text).sum())
    example = next(f"{old} -> {new}" for old, new in zip(text, respelt, strict=True) if old != new)
    detail = f"{foreign.mean():.0%} of the symbols are not in the case of {species}: is the species right?"
    count = Count("symbol_case", changed, len(text), repr(example), f"{detail} All were respelt")
    return respelt, [count], [Remark("assay", assay, "symbol_case", f"{detail} All were respelt, so that genes match")]


def _rodent_case(symbol: str) -> str:
    if symbol.endswith("RIK"):
        return symbol[:-3] + "Rik"
    return "-".join(part.capitalize() for part in symbol.split("-"))


def _group_remarks(gene: pd.Series, groups: list[list[str]]) -> tuple[list[Count], list[Remark]]:
    shared = [(name, members) for name, members in zip(gene, groups, strict=True) if len(members) > 1 and name != ""]
    if len(shared) == 0:
        return [], []
    example = first_examples(";".join(members) for _, members in shared)
    note = "rows that stand for several genes: the first is taken, `genes` keeps all"
    remarks = [
        Remark("gene", name, "protein_group", f"a row stands for {';'.join(members)} together")
        for name, members in shared
    ]
    return [Count("features of several genes", len(shared), len(gene), example, note)], remarks
