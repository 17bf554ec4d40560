"""The reference knowledge of one species, ready for look-ups."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np

from organokine import errors
from organokine.errors import Problem
from organokine.references.registry import TableEntry, read_verified, registry
from organokine.study_file import Species

if TYPE_CHECKING:
    import pandas as pd

IMMUNOGLOBULIN = re.compile(r"IG(H(A\d?|D|E|M|G(\d[A-C]?)?|V\d.*)|K(C|V\d.*)|L(C|C\d.*|V\d.*))", flags=re.IGNORECASE)
"""Heavy and light chain constant regions and V segments by their symbols. Genes such as IGHMBP2, IGLL1 and IGLON5 do not match."""

ROUTE_COLUMNS = ("route", "routes", "grade", "evidence")


@dataclass(frozen=True)
class References:
    """Reference knowledge of one species. Look-ups are by gene symbol; synonyms are resolved where they are unambiguous.

    Attributes
    ----------
    species : str
        `human`, `mouse` or `rat`.
    route_table : pandas.DataFrame
        One row per gene with a known route; columns gene, route, routes, grade, evidence.
    receptor_table : pandas.DataFrame
        Long: ligand, receptor, source, reference.
    panel_table : pandas.DataFrame
        gene, panel.
    contaminant_table : pandas.DataFrame
        panel, gene (empty for proteins of other species), protein.
    names : mapping of str to str
        Official symbols and unambiguous synonyms to the official symbol.
    entries : tuple of TableEntry
        The embedded tables of this species.
    """

    species: str
    route_table: pd.DataFrame
    receptor_table: pd.DataFrame
    panel_table: pd.DataFrame
    contaminant_table: pd.DataFrame
    names: Mapping[str, str]
    entries: tuple[TableEntry, ...]

    def routes(self, genes: Sequence[str]) -> pd.DataFrame:
        """Secretion routes of genes.

        Parameters
        ----------
        genes : sequence of str
            Symbols; official ones first, else unambiguous synonyms.

        Returns
        -------
        pandas.DataFrame
            Index the given strings in the given order; columns route (leading; `unknown` where nothing is known), routes (all,
            joined by `;`), grade (of the leading route: see `organokine.references.routes.GRADES`; `none` where nothing
            is known), evidence (empty where nothing is known).
        """
        import pandas as pd

        rows = {gene: row for row, gene in enumerate(self.route_table["gene"])}
        position = np.array([rows.get(gene, rows.get(self.names.get(gene, ""), -1)) for gene in genes], dtype=int)
        unknown = {"route": "unknown", "routes": "unknown", "grade": "none", "evidence": ""}
        known = position >= 0
        columns = {}
        for name in ROUTE_COLUMNS:
            values = np.full(len(position), unknown[name], dtype=object)
            values[known] = self.route_table[name].to_numpy(dtype=object)[position[known]]
            columns[name] = values
        return pd.DataFrame(columns, index=pd.Index(list(genes), dtype=object, name="gene"))

    def receptors(self, genes: Sequence[str]) -> pd.DataFrame:
        """Known receptors of genes.

        Parameters
        ----------
        genes : sequence of str
            Symbols of ligands; official ones first, else unambiguous synonyms.

        Returns
        -------
        pandas.DataFrame
            One row per given gene and receptor, in the order of the genes; columns ligand (as given), receptor (parts of a
            complex joined by `+`), source, reference. Genes without a known receptor have no row.
        """
        import pandas as pd

        given = pd.DataFrame({"ligand": list(dict.fromkeys(genes))}, dtype=object)
        ligands = set(self.receptor_table["ligand"])
        given["known"] = [gene if gene in ligands else self.names.get(gene, gene) for gene in given["ligand"]]
        known = self.receptor_table.rename(columns={"ligand": "known"})
        return given.merge(known, on="known", how="inner")[["ligand", "receptor", "source", "reference"]]

    def panels(self) -> pd.DataFrame:
        """Blood panels in the species' spelling: columns gene, panel (erythrocyte, immunoglobulin, plasma, platelet)."""
        return self.panel_table.copy()

    def contaminants(self) -> pd.DataFrame:
        """Proteins that come from hands, hair and the bench: columns panel (keratin, reagent), gene, protein.

        `gene` is a symbol of the study's species, or empty; `protein` is an accession of whatever species the protein is of, or
        empty. A search against the study's species alone finds human keratin under the study's own symbols.
        """
        return self.contaminant_table.copy()

    def is_immunoglobulin(self, genes: Sequence[str]) -> np.ndarray:
        """Boolean array: the symbol is of an immunoglobulin chain, by its prefix or by the panel."""
        listed = set(self.panel_table.loc[self.panel_table["panel"] == "immunoglobulin", "gene"])
        return np.array([gene in listed or IMMUNOGLOBULIN.fullmatch(gene) is not None for gene in genes], dtype=bool)

    def resolve(self, symbols: Sequence[str]) -> pd.Series:
        """Official symbols.

        Parameters
        ----------
        symbols : sequence of str
            Symbols or synonyms, in the species' spelling.

        Returns
        -------
        pandas.Series
            Index the given strings in the given order; the symbol itself where it is official, else the one official symbol
            it is a synonym of; the empty string where it is unknown or ambiguous.
        """
        import pandas as pd

        given = list(symbols)
        index = pd.Index(given, dtype=object, name="given")
        return pd.Series([self.names.get(name, "") for name in given], index=index, dtype=object, name="symbol")

    def versions(self) -> pd.DataFrame:
        """What the tables were made from: columns name, version, licence, sha256, citation, sources."""
        import pandas as pd

        rows = [
            (entry.name, entry.version, entry.licence, entry.sha256, entry.citation, "; ".join(entry.sources))
            for entry in self.entries
        ]
        return pd.DataFrame(rows, columns=["name", "version", "licence", "sha256", "citation", "sources"])


def load_references(species: str) -> References:
    """Load the embedded tables of a species and check their hashes.

    Parameters
    ----------
    species : str
        `human`, `mouse` or `rat`.

    Returns
    -------
    knowledge : References
        Ready for look-ups; nothing is read from the network.

    Raises
    ------
    ReferenceError
        If the species is not served, or a table is missing or damaged.
    """
    if species not in get_args(Species):
        raise errors.ReferenceError(
            Problem(
                "species",
                f"there are no references for {species!r}",
                "Secretion routes and receptors are known by species",
                f"Use one of {', '.join(get_args(Species))}",
            )
        )
    entries = tuple(entry for entry in registry() if species in entry.species)
    tables = {
        entry.name.removesuffix(f"_{species}"): read_table(entry)
        for entry in entries
        if not entry.name.startswith("accessions")
    }
    panels, contaminants = tables["panels"], tables["contaminants"]
    is_own = contaminants["species"] == species
    return References(
        species=species,
        route_table=tables["routes"],
        receptor_table=tables["receptors"],
        panel_table=panels.loc[panels["species"] == species, ["gene", "panel"]].reset_index(drop=True),
        contaminant_table=contaminants.assign(gene=contaminants["gene"].where(is_own, ""))
        .loc[is_own | (contaminants["protein"] != ""), ["panel", "gene", "protein"]]
        .reset_index(drop=True),
        names=names_of(tables["genes"]),
        entries=entries,
    )


def read_table(entry: TableEntry) -> pd.DataFrame:
    """An embedded table as text, after its hash was checked; an empty cell is the empty string."""
    import pandas as pd

    content = read_verified(entry)
    if entry.file.endswith(".gz"):
        content = gzip.decompress(content)
    return pd.read_csv(io.BytesIO(content), sep="\t", dtype=str, keep_default_na=False)


def names_of(genes: pd.DataFrame) -> dict[str, str]:
    """Official symbols and unambiguous synonyms to official symbols."""
    owners: dict[str, set[str]] = {}
    for symbol, synonyms in zip(genes["symbol"], genes["synonyms"], strict=True):
        for synonym in synonyms.split("|"):
            owners.setdefault(synonym, set()).add(symbol)
    names = {synonym: next(iter(symbols)) for synonym, symbols in owners.items() if len(symbols) == 1}
    names.pop("", None)
    return names | {symbol: symbol for symbol in genes["symbol"]}
