"""CellPhoneDB: peptide ligands and the receptor complexes that hear them (doi:10.1038/s41596-020-0292-x)."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organokine.references.projection import without_ligands
from organokine.references.updates.faults import SourceFault
from organokine.references.updates.reading import Read, archive_members, check_columns, names_in, parsed

if TYPE_CHECKING:
    from organokine.references.updates.cards import Card

RESOURCE = "CellPhoneDB"
REFERENCE = "doi:10.1038/s41596-020-0292-x"
SUBUNITS = tuple(f"uniprot_{number}" for number in range(1, 6))
_TABLES = {
    "data/interaction_input.csv": ("partner_a", "partner_b", "is_ppi", "directionality"),
    "data/complex_input.csv": ("complex_name", "other_desc", *SUBUNITS),
    "data/gene_input.csv": ("uniprot", "hgnc_symbol"),
}


def read(path: Path, card: Card) -> Read:
    """Read ligand-receptor pairs.

    Parameters
    ----------
    path : pathlib.Path
        ZIP archive of a release of cellphonedb-data.
    card : Card
        The source.

    Returns
    -------
    Read
        Columns ligand, receptor (parts of a complex joined by `+`), source, reference; human symbols. A ligand that is a complex
        has one row for each part. Metabolite ligands, told by the enzymes that make them, are left out and counted.
    """
    contents = archive_members(path, card, list(_TABLES))
    tables = {name: _csv(contents[name], name, needed, card) for name, needed in _TABLES.items()}
    interactions, complexes, genes = tables.values()
    symbols = genes.drop_duplicates("uniprot").set_index("uniprot")["hgnc_symbol"].to_dict()
    parts = {name: [symbols.get(each, "") for each in rest if each != ""] for name, *rest in _subunits(complexes)}
    enzymes = set(complexes.loc[complexes["other_desc"] == "biosynthesis_enzyme", "complex_name"])
    heard = interactions[interactions["directionality"] == "Ligand-Receptor"]
    peptide = (heard["is_ppi"].str.lower() == "true") & ~heard["partner_a"].isin(enzymes)
    rows, unnamed = [], 0
    for ligand, receptor in heard.loc[peptide, ["partner_a", "partner_b"]].itertuples(index=False):
        sides = [parts.get(name, [symbols.get(name, "")]) for name in (ligand, receptor)]
        if "" in itertools.chain(*sides):
            unnamed += 1
            continue
        source = RESOURCE if len(sides[0]) == 1 else f"{RESOURCE}, as part of {'+'.join(sides[0])}"
        rows += [(part, "+".join(sides[1]), source, REFERENCE) for part in sides[0]]
    pairs = without_ligands(pd.DataFrame(rows, columns=["ligand", "receptor", "source", "reference"]))
    return Read(pairs, card.version, {"metabolite ligands": int((~peptide).sum()), "partners without a gene": unnamed})


def _subunits(complexes: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(complexes[["complex_name", *SUBUNITS]].itertuples(index=False, name=None))


def _csv(content: bytes, name: str, needed: tuple[str, ...], card: Card) -> pd.DataFrame:
    stream = io.BytesIO(content)
    try:
        header = names_in(stream.readline(), ",")
        check_columns(header, needed)
        return parsed(stream, header, {each: each for each in needed}, card, sep=",")
    except SourceFault as fault:
        what = f"{name}: {fault.what}"
        raise SourceFault(what, fault.remedy) from None
