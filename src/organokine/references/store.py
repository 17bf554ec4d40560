"""The reference knowledge of one species, ready for look-ups."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np

from organokine import errors
from organokine.errors import Problem
from organokine.references.registry import TableEntry, read_table, registry
from organokine.references.releases import EMBEDDED, resolve_release
from organokine.study_file import Species

if TYPE_CHECKING:
    import pandas as pd

    from organokine.references.details import Details

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
        The tables of this species.
    details : Details
        Evidence of the routes, orthologs, metabolite hormones and organs of origin; read when they are first asked for.
    """

    species: str
    route_table: pd.DataFrame
    receptor_table: pd.DataFrame
    panel_table: pd.DataFrame
    contaminant_table: pd.DataFrame
    names: Mapping[str, str]
    entries: tuple[TableEntry, ...]
    details: Details

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
        found = self._rows_of(genes, self.receptor_table.rename(columns={"ligand": "gene"}))
        return found.rename(columns={"gene": "ligand"})[["ligand", "receptor", "source", "reference"]]

    def route_evidence(self, genes: Sequence[str]) -> pd.DataFrame:
        """What stands behind each route of genes.

        Parameters
        ----------
        genes : sequence of str
            Symbols; official ones first, else unambiguous synonyms.

        Returns
        -------
        pandas.DataFrame
            One row per given gene, route and piece of evidence: genes in the given order, routes in that of `routes`, the
            deciding evidence first. Columns gene (as given), route, grade (of this piece; a route has the grade of its first
            row), source (name and version), code (a Gene Ontology evidence code, `list` or `curated`), experimental (True
            where the code stands for an experiment), text, by_orthology (True where the evidence is that of the human
            ortholog). Genes of which nothing is known have no row.
        """
        from organokine.references.route_evidence import in_turn

        unique = list(dict.fromkeys(genes))
        return in_turn(self._rows_of(unique, self.details.route_evidence), self.routes(unique)["routes"])

    def orthologs(self, genes: Sequence[str], to_species: str) -> pd.DataFrame:
        """Orthologs of genes in another species.

        Parameters
        ----------
        genes : sequence of str
            Symbols; official ones first, else unambiguous synonyms.
        to_species : str
            `human`, `mouse` or `rat`, another one than that of these references.

        Returns
        -------
        pandas.DataFrame
            At least one row per given gene, in the given order. Columns gene (as given); ortholog (empty where there is none);
            type (Ensembl's `one2one`, `one2many`, `many2many`; `hcop` where only HCOP has the pair; `by_symbol` between
            mouse and rat, in a release `by_human`: by the human gene); confidence (Ensembl's: `high`, `low`, `not_called`; in
            a release whether two sources agree); sources (number of databases of HCOP that agree, in a release of NCBI, MGI
            and HGNC); by_symbol (True where the rat is involved: it takes the mouse's symbol, or the human one in rodent
            spelling, and type and confidence are those of mouse and human); state (`known`, `none_known`, or
            `unknown_symbol` for what is no symbol of the species).

        Raises
        ------
        ReferenceError
            If `to_species` is not served, or is the species of these references.
        """
        from organokine.references.orthologs import look_up

        _check_species(to_species)
        if to_species == self.species:
            raise errors.ReferenceError(
                Problem(
                    "to_species",
                    f"orthologs of {self.species} genes in {to_species} were asked for",
                    "An ortholog is the gene of another species",
                    f"Use one of {', '.join(name for name in get_args(Species) if name != self.species)}",
                )
            )
        return look_up(self.details.pairs_with(to_species), genes, self.names)

    def metabolite_hormones(self) -> pd.DataFrame:
        """Steroids, amines and prostanoids: hormones that are no proteins, and so never candidates or routes.

        Returns
        -------
        pandas.DataFrame
            One row per hormone; columns hormone, name, kind (`steroid`, `amine`, `prostanoid`), enzymes (what a cell needs to
            make it: all genes joined by `+`, any one of the genes joined by `|`, alternative ways joined by `;`), absent (genes
            that would turn it into something else, joined by `;`), receptors (joined by `;`), source. In mouse and rat by
            orthology; a way with a gene that has no ortholog is left out.
        """
        return self.details.metabolites.copy()

    def origin(self, genes: Sequence[str]) -> pd.DataFrame:
        """Organs known to make mediators, from the hand-written table; it names the leading ones and not all.

        Parameters
        ----------
        genes : sequence of str
            Symbols; official ones first, else unambiguous synonyms.

        Returns
        -------
        pandas.DataFrame
            Index the given strings in the given order; columns organs (joined by `;`, empty where none is known), reference,
            by_orthology, state (`known` or `none_known`).
        """
        import pandas as pd

        given = pd.Index(list(genes), dtype=object, name="gene")
        known = self._rows_of(genes, self.details.origin).set_index("gene").reindex(given)
        known["state"] = known["organs"].notna().map({True: "known", False: "none_known"})
        known["by_orthology"] = known["by_orthology"].eq(other=True)
        return known.fillna({"organs": "", "reference": ""})

    def _rows_of(self, genes: Sequence[str], table: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table with a column gene, under the given names and in their order; synonyms where the table lacks the name."""
        import pandas as pd

        given = pd.DataFrame({"given": list(dict.fromkeys(genes))}, dtype=object)
        listed = set(table["gene"])
        given["gene"] = [gene if gene in listed else self.names.get(gene, gene) for gene in given["given"]]
        return given.merge(table, on="gene", how="inner").drop(columns="gene").rename(columns={"given": "gene"})

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


def load_references(species: str, release: str = EMBEDDED) -> References:
    """Load the tables of a species and check their hashes.

    Parameters
    ----------
    species : str
        `human`, `mouse` or `rat`.
    release : str
        `embedded`, `current`, or the name of a release in the store.

    Returns
    -------
    knowledge : References
        Ready for look-ups; nothing is read from the network.

    Raises
    ------
    ReferenceError
        If the species is not served, there is no such release, or a table is missing or damaged.
    """
    from organokine.references.details import Details

    _check_species(species)
    release = resolve_release(release)
    entries = tuple(entry for entry in registry(release) if species in entry.species)
    wanted = ("contaminants", "genes", "panels", "receptors", "routes")
    names = {entry.name.removesuffix(f"_{species}"): entry for entry in entries}
    tables = {name: read_table(names[name]) for name in wanted}
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
        details=Details(species, release),
    )


def _check_species(species: str) -> None:
    if species not in get_args(Species):
        raise errors.ReferenceError(
            Problem(
                "species",
                f"there are no references for {species!r}",
                "Secretion routes and receptors are known by species",
                f"Use one of {', '.join(get_args(Species))}",
            )
        )


def names_of(genes: pd.DataFrame) -> dict[str, str]:
    """Official symbols and unambiguous synonyms to official symbols."""
    owners: dict[str, set[str]] = {}
    for symbol, synonyms in zip(genes["symbol"], genes["synonyms"], strict=True):
        for synonym in synonyms.split("|"):
            owners.setdefault(synonym, set()).add(symbol)
    names = {synonym: next(iter(symbols)) for synonym, symbols in owners.items() if len(symbols) == 1}
    names.pop("", None)
    return names | {symbol: symbol for symbol in genes["symbol"]}
