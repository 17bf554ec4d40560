"""Study files of the real data beside the checkout; the tables are read where they lie, nothing is copied."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

MOTRPAC_ASSAYS = (
    ("muscle_protein", "muscle", "protein", "gastrocnemius_proteome_log2ratio", 'precursors = "num_peptides"'),
    ("muscle_rna", "muscle", "rna", "gastrocnemius_rnaseq_counts", ""),
    ("fat_protein", "fat", "protein", "scwat_proteome_log2ratio", ""),
    ("fat_rna", "fat", "rna", "scwat_rnaseq_counts", ""),
)

PLASMA_TRAITS = (
    "corticosterone", "glucagon", "glucose", "glycerol", "insulin_pm", "lactate", "leptin", "nefa", "total_ketones",
)  # fmt: skip


def write_motrpac(folder: Path, shared_data: Path) -> Path:
    """Endurance training in rats: muscle to fat, eight weeks against sedentary, sex as a covariate; gives the study file."""
    data = shared_data / "motrpac_rat_training"
    folder.mkdir(parents=True, exist_ok=True)
    sheets, sections = [], []
    for name, organ, modality, stem, precursors in MOTRPAC_ASSAYS:
        sheet = pd.read_csv(data / f"{stem}.samples.tsv.gz", sep="\t", dtype=str)
        sheets.append(
            sheet[["sample", "pid", "sex", "timepoint"]].rename(columns={"pid": "subject"}).assign(assay=name)
        )
        columns = ", ".join(['id = "feature_id"', 'gene = "gene_symbol"', *([precursors] if precursors != "" else [])])
        sections.append(
            f'[[assay]]\nname = "{name}"\norgan = "{organ}"\nmodality = "{modality}"\n'
            f'file = "{data / f"{stem}.matrix.tsv.gz"}"\nfeatures = "{data / f"{stem}.features.tsv.gz"}"\n'
            f"columns = {{ {columns} }}\n"
        )
    pd.concat(sheets).to_csv(folder / "samples.tsv", sep="\t", index=False)
    head = (
        '[study]\nname = "training_muscle_to_fat"\nspecies = "rat"\nsamples = "samples.tsv"\n\n'
        '[contrast]\nfactor = "timepoint"\ncase = "8W"\ncontrol = "SED"\ncovariates = ["sex"]\n\n'
        '[axis]\nsource = "muscle"\ntarget = "fat"\n'
    )
    return _written(folder, head, sections)


def write_tsumagari(folder: Path, shared_data: Path) -> Path:
    """Ageing mouse brain: cortex to hippocampus, 24 against 3 months, protein only; gives the study file."""
    data = shared_data / "tsumagari2023_mouse_ageing_brain"
    folder.mkdir(parents=True, exist_ok=True)
    sheet = pd.read_csv(data / "samples.tsv", sep="\t", dtype=str).rename(columns={"mouse_id": "subject"})
    sheet.to_csv(folder / "samples.tsv", sep="\t", index=False)
    sections = [
        f'[[assay]]\nname = "{organ}_protein"\norgan = "{organ}"\nmodality = "protein"\n'
        f'file = "{data / f"{organ}.log2.tsv.gz"}"\n'
        'columns = { id = "uniprot", gene = "gene_symbol", protein = "uniprot", precursors = "n_peptides" }\n'
        for organ in ("cortex", "hippocampus")
    ]
    head = (
        '[study]\nname = "ageing_cortex_to_hippocampus"\nspecies = "mouse"\nsamples = "samples.tsv"\n\n'
        '[contrast]\nfactor = "age_months"\ncase = "24"\ncontrol = "3"\n\n'
        '[axis]\nsource = "cortex"\ntarget = "hippocampus"\n'
    )
    return _written(folder, head, sections)


def write_motrpac_population(folder: Path, shared_data: Path, settings: str = "") -> Path:
    """The same rats of all time points as one population, with hormones and fuels in their plasma as traits; gives the study file."""
    data = shared_data / "motrpac_rat_training"
    contrast = write_motrpac(folder, shared_data).read_text(encoding="utf-8")
    sections = contrast[contrast.index("[[assay]]") :]
    traits = ", ".join(f'"{name}"' for name in PLASMA_TRAITS)
    head = (
        '[study]\nname = "training_population"\nspecies = "rat"\nsamples = "samples.tsv"\n\n'
        f'[population]\ncovariates = ["timepoint"]\n{settings}\n'
        f'[[population.traits]]\nfile = "{data / "plasma_analytes.tsv.gz"}"\nsubject = "pid"\nvalues = [{traits}]\n'
    )
    return _written(folder, head, [sections])


def write_prometis_population(folder: Path, shared_data: Path, settings: str = "") -> Path:
    """Liver and plasma of the same mice, to be read as one population; gives the study file."""
    data = shared_data / "prometis_mouse_liver_plasma"
    folder.mkdir(parents=True, exist_ok=True)
    sheets, sections = [], []
    for organ in ("liver", "plasma"):
        sheet = pd.read_csv(data / f"proteomics_{organ}.samples.tsv", sep="\t", dtype=str)
        sheets.append(
            sheet.rename(columns={"mouse_id": "subject", "gene": "genotype"}).assign(assay=f"{organ}_protein")
        )
        sections.append(
            f'[[assay]]\nname = "{organ}_protein"\norgan = "{organ}"\nmodality = "protein"\nscale = "log2"\n'
            f'file = "{data / f"proteomics_{organ}.matrix.tsv.gz"}"\n'
            f'features = "{data / f"proteomics_{organ}.features.tsv.gz"}"\n'
            'columns = { id = "feature_id", gene = "gene_symbol", protein = "uniprot_id" }\n'
        )
    pd.concat(sheets).to_csv(folder / "samples.tsv", sep="\t", index=False)
    head = (
        '[study]\nname = "liver_to_plasma"\nspecies = "mouse"\nsamples = "samples.tsv"\n\n'
        '[prepare]\nnormalise = "none"\n\n'  # the authors have normalised, and filled in what was missing
        f'[population]\npairs = [["liver", "plasma"]]\n{settings}\n'
    )
    return _written(folder, head, sections)


def _written(folder: Path, head: str, sections: list[str]) -> Path:
    path = folder / "study.toml"
    path.write_text("\n".join([head, *sections]), encoding="utf-8")
    return path
