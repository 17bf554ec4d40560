"""Ligands and the receptors that hear them, human and by orthology."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from organokine.references.projection import NO_COMPLEXES, merged, whole_receptors, without_ligands

REFERENCES = {
    "connectomeDB2020": "doi:10.1038/s41467-020-18873-z",
    "CellPhoneDB": "doi:10.1038/s41596-020-0292-x",
    "hormone2cell": "hormone2cell 0.1.2",
}
BY_HAND = "hand-written"
BY_HAND_REFERENCE = "organokine, curated_mediators.tsv"
RESOURCES = {"connectomedb2020": NO_COMPLEXES, "cellphonedb": "CellPhoneDB"}

WRONG_PRODUCERS = {("metrnl", "NMB")}
"""Hormone and gene pairs of hormone2cell that are plainly wrong: neuromedin B does not make meteorin-like."""
UNTYPED_PEPTIDES = {"cck_sulfated"}
"""Peptide hormones whose kind hormone2cell leaves empty."""
HAPLOTYPE_COPIES = {"C4B_2": "C4B"}
"""Symbols of copies on alternative haplotypes, with the accession of the gene itself."""
GENERIC_PARTS = {"CGA"}
"""Subunits shared by several hormones: they carry no receptor of their own."""


METABOLITE_KINDS = {"amine_derived": "amine", "lipid-based": "prostanoid", "steroid": "steroid"}
"""Kinds of hormones that are no proteins, by the word of hormone2cell."""


def heard_pairs(liana: Path, producing: pd.DataFrame, heard: pd.DataFrame) -> pd.DataFrame:
    """All pairs of proteins: ligand, receptor, source, reference; metabolite hormones are left out.

    Pair lists give a metabolite as the enzyme that makes it (melatonin as AANAT): where the receptor is that of the metabolite,
    the pair is one of `metabolite_hormones`.
    """
    metabolites = metabolite_hormones(producing, heard)
    disguised = {
        (enzyme, receptor)
        for enzymes, known in zip(metabolites["enzymes"], metabolites["receptors"], strict=True)
        for enzyme in enzymes.replace(";", "+").split("+")
        for receptor in known.split(";")
    }
    table = pd.concat([pairs(liana), hormone_pairs(producing, heard)])
    asked = zip(table["ligand"], table["receptor"], strict=True)
    return table[[pair not in disguised for pair in asked]]


def all_pairs(liana: Path, producing: pd.DataFrame, heard: pd.DataFrame, mediators: pd.DataFrame) -> pd.DataFrame:
    """The pairs of all packages and of the hand-written table, one row per ligand and receptor."""
    return whole_receptors(merged(pd.concat([heard_pairs(liana, producing, heard), curated_pairs(mediators)])))


def curated_pairs(mediators: pd.DataFrame) -> pd.DataFrame:
    """The receptors of the hand-written table: ligand, receptor, source, reference."""
    table = mediators.assign(receptor=mediators["receptors"].str.split(";")).explode("receptor")
    table = table[table["receptor"] != ""].rename(columns={"symbol": "ligand"})
    return table.assign(source=BY_HAND, reference=BY_HAND_REFERENCE)[["ligand", "receptor", "source", "reference"]]


def metabolite_hormones(producing: pd.DataFrame, heard: pd.DataFrame) -> pd.DataFrame:
    """Hormones that are no proteins: hormone, name, kind, enzymes, absent, receptors, source.

    `enzymes` are what a cell needs to make it (genes of a set joined by `+`, alternative sets by `;`), `absent` the genes
    that would turn it into something else.
    """
    chosen = producing[producing["hormone_type_broad"].isin(list(METABOLITE_KINDS))]
    rows = []
    for hormone, sets in chosen.groupby("hormone_short"):
        made = ["+".join(_given(row)) for _, row in sets.filter(like="hpc_include").iterrows()]
        absent = [gene for _, row in sets.filter(like="hpc_exclude").iterrows() for gene in _given(row)]
        known = heard.loc[heard["hormone_short"] == hormone, ["receptorgene1", "receptorgene2"]]
        listened = ["+".join(_given(row)) for _, row in known.iterrows()]
        first = sets.iloc[0]
        rows.append(
            {
                "hormone": hormone,
                "name": first["hormone_display"].partition("(")[0].strip(),
                "kind": METABOLITE_KINDS[first["hormone_type_broad"]],
                "enzymes": ";".join(dict.fromkeys(made)),
                "absent": ";".join(dict.fromkeys(absent)),
                "receptors": ";".join(dict.fromkeys(listened)),
                "source": REFERENCES["hormone2cell"],
            }
        )
    return pd.DataFrame(rows)


def _given(row: pd.Series) -> list[str]:
    return [gene.strip() for gene in row.dropna() if gene.strip() != ""]


def pairs(liana: Path) -> pd.DataFrame:
    """Pairs of connectomeDB2020 and CellPhoneDB: one row per ligand gene; complex parts joined by `+`."""
    table = pd.read_csv(liana / "liana/resource/omni_resource.csv", index_col=0)
    table = table[table["resource"].isin(list(RESOURCES))]
    rows = []
    columns = ["source", "source_genesymbol", "target", "target_genesymbol", "resource"]
    for ligand_id, ligand, receptor_id, receptor, resource in table[columns].itertuples(index=False):
        parts = _parts(ligand_id, ligand)
        name = RESOURCES[resource]
        source = name if len(parts) == 1 else f"{name}, as part of {'+'.join(parts)}"
        rows += [(part, "+".join(_parts(receptor_id, receptor)), source, REFERENCES[name]) for part in parts]
    return without_ligands(_tidy(rows))


def _parts(identifier: str, symbols: str) -> list[str]:
    parts = symbols.split("_") if identifier.startswith("COMPLEX:") else [symbols]
    return [HAPLOTYPE_COPIES.get(part, part) for part in parts]


def hormone_pairs(producing: pd.DataFrame, receptor: pd.DataFrame) -> pd.DataFrame:
    """Peptide hormones of hormone2cell: the gene of the hormone and its receptors."""
    made = producers(producing)
    heard = receptor.dropna(subset=["receptorgene1"])
    rows = []
    for hormone, first, second in heard[["hormone_short", "receptorgene1", "receptorgene2"]].itertuples(index=False):
        parts = [first.strip()] if pd.isna(second) else [first.strip(), second.strip()]
        genes = made.loc[made["hormone"] == hormone, "gene"]
        rows += [(gene, "+".join(parts), f"hormone2cell: {hormone}", REFERENCES["hormone2cell"]) for gene in genes]
    return _tidy(rows)


def producers(producing: pd.DataFrame) -> pd.DataFrame:
    """Genes of peptide and protein hormones: hormone, gene. Processing enzymes and metabolite hormones are left out."""
    untyped = producing["hormone_short"].isin(UNTYPED_PEPTIDES)
    peptides = producing[(producing["hormone_type_broad"] == "peptide_protein") | untyped]
    subunits = peptides["hpc_include2"].where(peptides["hormone_type_fine"] == "protein_multimer")
    long = pd.concat(
        [
            pd.DataFrame({"hormone": peptides["hormone_short"], "gene": peptides["hpc_include1"].str.strip()}),
            pd.DataFrame({"hormone": peptides["hormone_short"], "gene": subunits.str.strip()}),
        ]
    ).dropna()
    wrong = [pair in WRONG_PRODUCERS for pair in long.itertuples(index=False, name=None)]
    return long[~pd.Series(wrong, index=long.index) & ~long["gene"].isin(GENERIC_PARTS)].drop_duplicates()


def _tidy(rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    return merged(pd.DataFrame(rows, columns=["ligand", "receptor", "source", "reference"]))
