"""Lists of genes that the embedded routes are measured on, made from tables that the routes were not made from.

    python benchmarks/reference_lists.py --oracle ../shared/data/references

Prints how many genes each list has, by species and half. The lists, in the words of UniProt (reviewed entries, 2023):

- leaderless: Secreted, no signal peptide;
- classical: Secreted with a signal peptide, and a hormone, cytokine or growth factor: a producer of a peptide hormone
  (hormone2cell), so called by CellPhoneDB's table of proteins, a source gene of a hormone (HGv1), or cut into a PEPTIDE;
- mediators: the two together, the known mediators of the target;
- secreted: all that are Secreted;
- ev_cargo: the 300 genes with most experiments in ExoCarta 5 that are neither Secreted nor have a signal peptide;
- intracellular: in nucleus, cytoplasm or mitochondrion and nowhere else, not Secreted, no signal peptide, not in ExoCarta.

Immunoglobulin chains are left out: their germline segments are no genes of a protein to NCBI, and they are of the blood panel.
Not independent of the embedded set are two things: hormone2cell lends its hormones to the rules, and CellPhoneDB its pairs (its
table of proteins is not used); and Gene Ontology takes much of its electronic annotation from UniProt.

Every list is cut into halves by the checksum (CRC-32) of the human symbol: even is the development half, on which rules may be
chosen, odd the test half, which is only reported. A mouse gene falls with the human ortholog whose evidence it has, if there is one.
"""

from __future__ import annotations

import argparse
import json
import zlib
from pathlib import Path

import pandas as pd

from organokine.references import load_references
from organokine.references.store import IMMUNOGLOBULIN
from r_data import read_frames

LISTS = ("mediators", "leaderless", "classical", "secreted", "ev_cargo", "intracellular")
HALVES = ("development", "test")
CONTROL_PLACES = ["Nucleus", "Cytoplasm", "Mitochondrion"]
OTHER_PLACES = ["Membrane", "Golgi", "ER", "Endosome", "Lysosome", "Peroxisome"]
N_CARGO = 300
MESSENGERS = "cytokine|hormone|growthfactor|neuropeptide"
EXOCARTA_SPECIES = {"human": "Homo sapiens", "mouse": "Mus musculus"}


def gene_lists(oracle: Path, species: str) -> pd.DataFrame:
    """One row per gene with a reviewed UniProt entry: a truth value per list of `LISTS`, and its half.

    Parameters
    ----------
    oracle : Path
        Folder of the reference tables to measure against.
    species : str
        `human` or `mouse`.

    Returns
    -------
    pandas.DataFrame
        Index the official symbols; columns `LISTS` (boolean) and half (of `HALVES`).
    """
    entries = uniprot(oracle, species)
    pairs = pd.read_parquet(oracle / "prototype/orthologs_mouse_human.parquet")
    messengers = hormone_producers(oracle) | cellphonedb_messengers(oracle)
    cargo = exocarta(oracle, EXOCARTA_SPECIES[species])
    known_cargo = set(cargo.index)
    human_symbol = pd.Series(entries.index, index=entries.index)
    if species == "mouse":
        first = load_references(species).orthologs(list(entries.index), "human").drop_duplicates("gene")
        human_symbol = first.set_index("gene")["ortholog"].replace("", None).fillna(human_symbol)
        messengers = set(pairs.loc[pairs["human_symbol"].isin(messengers), "mouse_symbol"])
        human_cargo = exocarta(oracle, EXOCARTA_SPECIES["human"]).index
        known_cargo |= set(pairs.loc[pairs["human_symbol"].isin(human_cargo), "mouse_symbol"])
    named = entries.index.isin(messengers | hormone_sources(oracle, species, entries.index))
    table = pd.DataFrame(index=entries.index)
    table["leaderless"] = entries["Secreted"] & ~entries["SIGNAL"]
    table["classical"] = entries["Secreted"] & entries["SIGNAL"] & (named | entries["PEPTIDE"])
    table["mediators"] = table["leaderless"] | table["classical"]
    table["secreted"] = entries["Secreted"]
    inside = ~entries["Secreted"] & ~entries["SIGNAL"]
    leading = cargo[cargo.index.isin(entries.index[inside])].index[:N_CARGO]
    table["ev_cargo"] = table.index.isin(leading)
    only = entries[CONTROL_PLACES].any(axis=1) & ~entries[OTHER_PLACES].any(axis=1)
    table["intracellular"] = inside & only & ~table.index.isin(known_cargo)
    odd = [zlib.crc32(symbol.encode()) % 2 for symbol in human_symbol]
    table["half"] = [HALVES[each] for each in odd]
    immunoglobulin = [IMMUNOGLOBULIN.fullmatch(symbol) is not None for symbol in table.index]
    return table[~pd.Series(immunoglobulin, index=table.index)]


def uniprot(oracle: Path, species: str) -> pd.DataFrame:
    """Locations and features of reviewed entries, by official symbol: boolean columns."""
    located = read_frames(oracle / f"uniprot_location_OmicsXZ/{species}.rda")[species]
    name = f"{species}_uniprot_processing"
    features = read_frames(oracle / f"uniprot_features_TermineR/{name}.rda")[name]
    symbols = pd.read_parquet(oracle / f"prototype/secretion_{species}.parquet", columns=["symbol", "uniprot"])
    symbols = symbols.dropna().drop_duplicates("uniprot").set_index("uniprot")["symbol"]
    for kind in ("SIGNAL", "PEPTIDE"):
        located[kind] = located["proteinID"].isin(features.loc[features["type"] == kind, "accession"])
    located["symbol"] = located["proteinID"].map(symbols)
    columns = ["Secreted", "SIGNAL", "PEPTIDE", *CONTROL_PLACES, *OTHER_PLACES]
    return located.dropna(subset=["symbol"]).drop_duplicates("symbol").set_index("symbol")[columns].astype(bool)


def hormone_producers(oracle: Path) -> set[str]:
    """Human genes of peptide hormones."""
    table = pd.read_csv(oracle / "hormones_hormone2cell/hormone_producing_definition_v2.0.0.tsv", sep="\t")
    return set(table.loc[table["hormone_type_broad"] == "peptide_protein", "hpc_include1"].str.strip())


def cellphonedb_messengers(oracle: Path) -> set[str]:
    """Human genes that CellPhoneDB calls a secreted cytokine, hormone, growth factor or neuropeptide."""
    folder = oracle / "lr_cellphonedb_v5"
    symbols = pd.read_csv(folder / "gene_input.csv").drop_duplicates("uniprot").set_index("uniprot")["hgnc_symbol"]
    table = pd.read_csv(folder / "protein_input.csv")
    secreted = table["secreted"].astype(str).str.upper() == "TRUE"
    named = table["secreted_desc"].fillna("").str.lower().str.contains(MESSENGERS)
    return set(table.loc[secreted & named, "uniprot"].map(symbols).dropna())


def hormone_sources(oracle: Path, species: str, symbols: pd.Index) -> set[str]:
    """Source genes of the hormones of HGv1, which writes symbols in small letters."""
    text = (oracle / f"secretome_lists/hgv1_hormone_source_target_genes.{species}.json").read_text(encoding="utf-8")
    named = {gene for hormone in json.loads(text).values() for gene in hormone["source"]}
    return {symbol for symbol in symbols if symbol.lower() in named}


def exocarta(oracle: Path, species: str) -> pd.Series:
    """Number of experiments in ExoCarta by symbol, most first."""
    table = pd.read_csv(oracle / "secretome_lists/exocarta5_protein_experiment_counts.tsv.gz", sep="\t")
    table = table[table["SPECIES"] == species].drop_duplicates("GENE SYMBOL").set_index("GENE SYMBOL")
    return table["n_experiments"].sort_values(ascending=False, kind="stable")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle", type=Path, required=True, help="folder of the reference tables to measure against")
    oracle = parser.parse_args().oracle
    print("| species | half | " + " | ".join(LISTS) + " |")
    print("|---|---|" + "---|" * len(LISTS))
    for species in EXOCARTA_SPECIES:
        table = gene_lists(oracle, species)
        for half in HALVES:
            counts = table.loc[table["half"] == half, list(LISTS)].sum()
            print(f"| {species} | {half} | " + " | ".join(f"{n:,}" for n in counts) + " |")


if __name__ == "__main__":
    main()
