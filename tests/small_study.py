"""A small valid study on disk, for tests of reading and of the command line: paired mice, plain random numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

GENES = [
    "Anxa2",
    "Il6",
    "Fndc5",
    "Ctsb",
    "Bdnf",
    "Gdf15",
    "Fgf21",
    "Mstn",
    "Sparc",
    "Igf1",
    "Vegfa",
    "Apln",
    "Metrnl",
    "Angptl4",
    "Cxcl1",
    "Ccl2",
    "Tnf",
    "Lif",
    "Il15",
    "Fst",
    "Decr1",
    "Acadvl",
    "Cox7a1",
    "Cox6b1",
    "Suclg2",
    "Hk2",
    "Pfkm",
    "Ldha",
    "Ldhb",
    "Mb",
    "Myh1",
    "Myh4",
    "Actn3",
    "Tnnt3",
    "Ckm",
    "Des",
    "Vim",
    "Gfap",
    "Mbp",
    "Calb1",
    "Pcp2",
    "Plp1",
    "Snap25",
    "Syn1",
    "Gapdh",
    "Actb",
    "Tubb5",
    "Hspa1b",
    "Hspa8",
    "Hsp90aa1",
    "Alb",
    "Hbb-bs",
    "Hba-a1",
    "Trf",
    "Apoa1",
    "C4b",
    "Septin7",
    "Marchf5",
    "Egfr",
    "Lrp1",
]
N_PER_GROUP = 6

STUDY_FILE = """\
[study]
name = "small"
species = "mouse"
samples = "samples.tsv"

[contrast]
factor = "group"
case = "aged"
control = "young"
covariates = ["sex"]

[axis]
source = "muscle"
target = "cerebellum"

[[assay]]
name = "muscle_protein"
organ = "muscle"
modality = "protein"
file = "muscle protein.tsv"
columns = { id = "protein", gene = "gene", protein = "protein", precursors = "precursors" }

[[assay]]
name = "muscle_rna"
organ = "muscle"
modality = "rna"
file = "muscle_rna.tsv"

[[assay]]
name = "cerebellum_protein"
organ = "cerebellum"
modality = "protein"
file = "cerebellum_protein.tsv"
columns = { id = "protein", gene = "gene", protein = "protein", precursors = "precursors" }

[[assay]]
name = "cerebellum_rna"
organ = "cerebellum"
modality = "rna"
file = "cerebellum_rna.tsv"
"""


def write_small_study(folder: Path, seed: int = 1) -> Path:
    """Write six young and six aged mice of both sexes, protein (log2) and RNA (counts) in two organs; gives the study file."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    mice = [f"m{number:02d}" for number in range(1, 2 * N_PER_GROUP + 1)]
    sheets = []
    for organ, short in (("muscle", "mu"), ("cerebellum", "cb")):
        for modality in ("protein", "rna"):
            samples = [f"{short}_{modality}_{mouse}" for mouse in mice]
            name = "muscle protein.tsv" if (organ, modality) == ("muscle", "protein") else f"{organ}_{modality}.tsv"
            table = _protein(samples, rng) if modality == "protein" else _counts(samples, rng)
            table.to_csv(folder / name, sep="\t", index=False)
            sheets.append(_sheet(f"{organ}_{modality}", samples, mice))
    pd.concat(sheets).to_csv(folder / "samples.tsv", sep="\t", index=False)
    path = folder / "study.toml"
    path.write_text(STUDY_FILE, encoding="utf-8")
    return path


def _sheet(assay: str, samples: list[str], mice: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "assay": assay,
            "sample": samples,
            "subject": mice,
            "group": np.repeat(["young", "aged"], N_PER_GROUP),
            "sex": np.tile(["female", "male"], N_PER_GROUP),
            "batch": np.tile(["b1", "b1", "b2"], 2 * N_PER_GROUP // 3),
        }
    )


def _protein(samples: list[str], rng: np.random.Generator) -> pd.DataFrame:
    level = rng.uniform(18.0, 28.0, len(GENES))
    values = level[:, None] + rng.normal(0.0, 0.3, (len(GENES), len(samples)))
    annotation = pd.DataFrame(
        {
            "protein": [f"Q{number:05d}" for number in range(10001, 10001 + len(GENES))],
            "gene": GENES,
            "precursors": rng.integers(1, 30, len(GENES)),
        }
    )
    return pd.concat([annotation, pd.DataFrame(values.round(4), columns=samples)], axis="columns")


def _counts(samples: list[str], rng: np.random.Generator) -> pd.DataFrame:
    mean = rng.uniform(50.0, 3000.0, len(GENES))
    counts = rng.negative_binomial(10, 10 / (10 + mean[:, None]), (len(GENES), len(samples)))
    return pd.concat([pd.DataFrame({"gene": GENES}), pd.DataFrame(counts, columns=samples)], axis="columns")
