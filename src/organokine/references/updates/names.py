"""Names and orthologs of a release: official symbols, synonyms, accessions, and who is whose ortholog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from organokine.references.projection import SEQUENCE_NAME, join_accessions, join_synonyms, rodent_spelling
from organokine.references.store import names_of

CODING = "protein-coding"


class Names(NamedTuple):
    """Names of the genes of one species.

    Attributes
    ----------
    genes : pandas.DataFrame
        Protein-coding genes: symbol, synonyms (joined by `|`).
    symbols : mapping of str to str
        Official symbols of genes of any type by their identifier of NCBI Gene.
    owners : mapping of str to str
        The same by the accession of the species' own database (`MGI:1`).
    known : mapping of str to str
        Official symbols, and synonyms that lead to exactly one, to the official symbol.
    """

    genes: pd.DataFrame
    symbols: Mapping[str, str]
    owners: Mapping[str, str]
    known: Mapping[str, str]


def human_names(ncbi: pd.DataFrame, hgnc: pd.DataFrame, entries: pd.DataFrame) -> Names:
    """Human names; where NCBI lags behind, the symbol is that of HGNC, which gives them."""
    approved = hgnc[hgnc["geneid"] != ""].drop_duplicates("geneid").set_index("geneid")["symbol"]
    former = ncbi["symbol"]
    genes = ncbi.assign(symbol=ncbi["geneid"].map(approved).fillna(former), former=former)
    lists = [
        genes[["symbol", "former"]].set_axis(["symbol", "synonym"], axis=1),
        *(_exploded(hgnc["symbol"], hgnc[column]) for column in ("aliases", "previous")),
    ]
    return _names(genes, lists, entries)


def rodent_names(ncbi: pd.DataFrame, entries: pd.DataFrame) -> Names:
    """Names of mouse or rat."""
    return _names(ncbi, [], entries)


def with_other_spellings(names: Names, pairs: pd.DataFrame) -> Names:
    """Names with those of one-to-one orthologs as further synonyms: human ones in rodent spelling, those of the mouse for the rat.

    Parameters
    ----------
    names : Names
        Of mouse or rat.
    pairs : pandas.DataFrame
        Columns symbol, spelling.
    """
    rows = pd.concat(
        [_exploded(names.genes["symbol"], names.genes["synonyms"]), pairs.set_axis(["symbol", "synonym"], axis=1)]
    )
    rows = rows[rows["symbol"].isin(names.genes["symbol"])]
    genes = join_synonyms(rows, set(names.symbols.values()))
    return names._replace(genes=genes, known=_known(genes, names.symbols))


def one_to_one_spellings(pairs: pd.DataFrame) -> pd.DataFrame:
    """Symbols of one-to-one orthologs (human, symbol, type) with the human symbol in rodent spelling: symbol, spelling."""
    one = pairs[pairs["type"] == "one2one"]
    return pd.DataFrame({"symbol": one["symbol"], "spelling": one["human"].map(rodent_spelling)})


def _names(genes: pd.DataFrame, lists: list[pd.DataFrame], entries: pd.DataFrame) -> Names:
    symbols = dict(zip(genes["geneid"], genes["symbol"], strict=True))
    of_entry = entries["geneid"].map(symbols)
    rows = [
        _exploded(genes["symbol"], genes["synonyms"]),
        *lists,
        *(_exploded(of_entry, entries[column]) for column in ("gene", "synonyms")),
    ]
    pairs = pd.concat(rows, ignore_index=True).dropna()
    pairs = pairs[~pairs["synonym"].str.fullmatch(SEQUENCE_NAME)]
    coding = genes.loc[genes["type"] == CODING, "symbol"].drop_duplicates()
    pairs = pd.concat([pairs[pairs["symbol"].isin(coding)], pd.DataFrame({"symbol": coding, "synonym": ""})])
    table = join_synonyms(pairs, set(genes["symbol"]))
    owners = {key: symbol for key, symbol in zip(genes["database"], genes["symbol"], strict=True) if key != ""}
    return Names(table, symbols, owners, _known(table, symbols))


def _known(genes: pd.DataFrame, symbols: Mapping[str, str]) -> dict[str, str]:
    return names_of(genes) | {symbol: symbol for symbol in symbols.values()}


def _exploded(symbols: pd.Series, joined: pd.Series) -> pd.DataFrame:
    """Pairs symbol, synonym from synonyms joined by `|`."""
    pairs = pd.DataFrame({"symbol": symbols.to_numpy(), "synonym": joined.str.split("|").to_numpy()})
    return pairs.explode("synonym", ignore_index=True)


def genes_of_entries(entries: pd.DataFrame, names: Names) -> pd.Series:
    """Official symbols of UniProt entries: by the identifier of NCBI Gene, else by name; empty if neither is known."""
    by_name = entries["gene"].map(names.known)
    return entries["geneid"].map(names.symbols).fillna(by_name).fillna("")


def accessions(ncbi: pd.DataFrame, entries: pd.DataFrame, names: Names, embedded: pd.DataFrame | None) -> pd.DataFrame:
    """UniProt and Ensembl accessions of genes of any type; those of the embedded table that are in no source are kept.

    Parameters
    ----------
    ncbi, entries : pandas.DataFrame
        Genes of NCBI and entries of UniProt, these with their official `gene`.
    names : Names
        Names of the species.
    embedded : pandas.DataFrame or None
        Embedded table of the species, if there is one: unreviewed accessions are in no source.

    Returns
    -------
    pandas.DataFrame
        Columns symbol, uniprot, ensembl; accessions joined by `|`.
    """
    owner = ncbi["geneid"].map(names.symbols)
    pairs = {
        "uniprot": entries.loc[entries["gene"] != "", ["gene", "accession"]].set_axis(["symbol", "accession"], axis=1),
        "ensembl": _exploded(owner, ncbi["ensembl"]).set_axis(["symbol", "accession"], axis=1),
    }
    embedded = pd.DataFrame({"symbol": []}, dtype=str) if embedded is None else embedded
    for kind in embedded.columns.drop("symbol"):
        older = _exploded(embedded["symbol"].map(names.known), embedded[kind]).set_axis(["symbol", "accession"], axis=1)
        newer = set(pairs[kind]["accession"])
        pairs[kind] = pd.concat([pairs[kind], older[~older["accession"].isin(newer)]])
    return join_accessions({kind: table[table["accession"].fillna("") != ""].dropna() for kind, table in pairs.items()})


def orthologs(pairs: pd.DataFrame, human: Names, other: Names, curated: pd.DataFrame) -> pd.DataFrame:
    """Orthologs of human genes in one species.

    Parameters
    ----------
    pairs : pandas.DataFrame
        Columns source, human, other: identifiers of NCBI Gene, and which source has the pair.
    human, other : Names
        Names of both species.
    curated : pandas.DataFrame
        Columns symbol, accession: pairs of HGNC (human symbol; accessions of the other species' database, joined by `|`).

    Returns
    -------
    pandas.DataFrame
        Columns human, symbol, type (`one2one`, `one2many` either way round, `many2many`), confidence (1 where two sources agree,
        else 0), sources (how many have the pair).
    """
    by_number = pd.DataFrame(
        {
            "source": pairs["source"],
            "human": pairs["human"].map(human.symbols),
            "symbol": pairs["other"].map(other.symbols),
        }
    )
    listed = _exploded(curated["symbol"], curated["accession"])
    by_hgnc = pd.DataFrame({"source": "hgnc", "human": listed["symbol"], "symbol": listed["synonym"].map(other.owners)})
    table = pd.concat([by_number, by_hgnc]).dropna().drop_duplicates()
    table = table.groupby(["human", "symbol"])["source"].nunique().reset_index(name="sources")
    several_others = table["human"].duplicated(keep=False)
    several_humans = table["symbol"].duplicated(keep=False)
    table["type"] = np.select(
        [~several_humans & ~several_others, several_humans & several_others], ["one2one", "many2many"], "one2many"
    )
    table["confidence"] = (table["sources"] > 1).astype(int)
    return table[["human", "symbol", "type", "confidence", "sources"]]
