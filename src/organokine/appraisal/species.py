"""Species as the identifiers and the sample sheet tell it; what the study file says is held against this, and never sets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    from organokine.appraisal.given import AppraisalInput

TAXA = {"human": ("NCBITaxon:9606", "Homo sapiens"), "mouse": ("NCBITaxon:10090", "Mus musculus"),
        "rat": ("NCBITaxon:10116", "Rattus norvegicus")}  # fmt: skip
PATTERNS = (
    ("human", r"^ENS(?:G|T|P)\d{11}|_HUMAN$"),
    ("mouse", r"^ENSMUS(?:G|T|P)\d{11}|_MOUSE$"),
    ("rat", r"^ENSRNO(?:G|T|P)\d{11}|_RAT$"),
)
"""Identifiers that name their species: Ensembl prefixes and endings of UniProt entry names."""
SHEET_COLUMNS = ("species", "organism")
SHEET_WORDS = {
    "human": "human", "homo sapiens": "human", "9606": "human", "h. sapiens": "human",
    "mouse": "mouse", "mus musculus": "mouse", "10090": "mouse", "m. musculus": "mouse", "mice": "mouse",
    "rat": "rat", "rattus norvegicus": "rat", "10116": "rat", "r. norvegicus": "rat",
}  # fmt: skip
LEAST_SHARE = 0.8
"""Share of the symbols with letters that must be written one way for the case of symbols to speak; isolated exceptions, such as
C1orf genes of people and mitochondrial genes of mice, are always there."""


class Vote(NamedTuple):
    """What one assay, or the sheet, says."""

    assay: str
    by: str
    species: tuple[str, ...]
    n: int


class Derived(NamedTuple):
    """Species as derived.

    Attributes
    ----------
    species : str
        `human`, `mouse`, `rat`, `rodent` (symbols alone speak), or `unknown`.
    votes : tuple of Vote
        What it rests on.
    agrees : bool
        Whether all votes can be true together.
    fits_declared : bool
        Whether the species of the study file is among what all of them allow.
    """

    species: str
    votes: tuple[Vote, ...]
    agrees: bool
    fits_declared: bool


def derive_species(given: AppraisalInput) -> Derived:
    """Hold what identifiers, symbols and the sheet say against each other and against the study file."""
    table = given.tables["differential"]
    votes: list[Vote] = []
    for assay, rows in table.groupby("assay", sort=True):
        votes += _of_identifiers(str(assay), rows)
    for assay in sorted(given.designs):
        votes += _of_sheet(assay, given.designs[assay])
    allowed = set(TAXA)
    for vote in votes:
        allowed &= set(vote.species)
    declared = given.file.study.species
    agrees = len(allowed) > 0
    return Derived(_word(allowed, votes), tuple(votes), agrees, agrees and declared in allowed)


def _word(allowed: set[str], votes: list[Vote]) -> str:
    if len(votes) == 0 or len(allowed) == 0:
        return "unknown"
    return next(iter(allowed)) if len(allowed) == 1 else "rodent"


def _of_identifiers(assay: str, rows: pd.DataFrame) -> list[Vote]:
    names = pd.concat([rows["feature"], rows["protein"]]).astype(str)
    found = [(species, int(names.str.contains(pattern, regex=True).sum())) for species, pattern in PATTERNS]
    votes = [Vote(assay, "identifiers", (species,), n) for species, n in found if n > 0]
    if len(votes) > 0:
        # Contaminants and spikes carry names of another species; few of them do not outvote the table.
        most = max(vote.n for vote in votes)
        votes = [vote for vote in votes if vote.n > most * (1 - LEAST_SHARE)]
    return [*votes, *_of_symbols(assay, rows["gene"])]


def _of_symbols(assay: str, genes: pd.Series) -> list[Vote]:
    symbols = genes.astype(str)
    # Symbols of one or two signs are written alike in all species.
    long = symbols[
        symbols.str.contains(r"^[A-Za-z]\w{2,}", regex=True) & symbols.str.contains(r"^.[A-Za-z]", regex=True)
    ]
    if len(long) == 0:
        return []
    capital = float((long == long.str.upper()).mean())
    if capital >= LEAST_SHARE:
        return [Vote(assay, "case of symbols", ("human",), len(long))]
    if capital <= 1 - LEAST_SHARE:
        return [Vote(assay, "case of symbols", ("mouse", "rat"), len(long))]
    return []


def _of_sheet(assay: str, obs: pd.DataFrame) -> list[Vote]:
    column = next((name for name in obs.columns if str(name).lower() in SHEET_COLUMNS), None)
    if column is None:
        return []
    words = obs[column].dropna().astype(str).str.strip().str.lower()
    counts = words.map(SHEET_WORDS).dropna().value_counts()
    return [Vote(assay, "sample sheet", (str(species),), int(n)) for species, n in sorted(counts.items())]
