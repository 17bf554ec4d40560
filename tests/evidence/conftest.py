from __future__ import annotations

from collections.abc import Callable, Mapping

import anndata
import numpy as np
import pandas as pd
import pytest

from organokine.evidence.base import EvidenceInput
from organokine.randomness import named_generator
from organokine.stages.differential import differential_table
from organokine.stages.evidence import find_candidates
from organokine.study_file import StudyFile

GENES = [f"Gene{i:03d}" for i in range(120)]
SECRETED = set(GENES[:20])


class ToyReferences:
    """Reference knowledge of the toy study: the first twenty genes are secreted, Gene003 and Gene119 are of blood."""

    def routes(self, genes: list[str]) -> pd.DataFrame:
        route = ["classical" if gene in SECRETED else "intracellular" for gene in genes]
        return pd.DataFrame({"route": route, "routes": route, "grade": "curated", "evidence": "toy"}, index=genes)

    def receptors(self, genes: list[str]) -> pd.DataFrame:
        rows = [("Gene000", "Gene030+Gene031"), ("Gene001", "Gene032+Nowhere"), ("Gene001", "Nowhere")]
        table = pd.DataFrame(rows, columns=["ligand", "receptor"]).assign(source="toy", reference="")
        return table[table["ligand"].isin(genes)]

    def panels(self) -> pd.DataFrame:
        return pd.DataFrame({"gene": ["Gene003", "Gene119"], "panel": ["plasma", "erythrocyte"]})

    def origin(self, genes: list[str]) -> pd.DataFrame:
        organs = [{"Gene003": "liver;muscle", "Gene004": "all"}.get(gene, "") for gene in genes]
        return pd.DataFrame({"organs": organs}, index=genes)


def study_file(**ranking: object) -> StudyFile:
    return StudyFile.model_validate(
        {
            "study": {"name": "toy", "species": "mouse", "samples": "samples.tsv"},
            "contrast": {"factor": "age", "case": "old", "control": "young", "covariates": ["sex"]},
            "axis": {"source": "muscle", "target": "brain"},
            "assay": [{"name": "a", "organ": "muscle", "modality": "protein", "file": "a.tsv"}],
            "ranking": ranking,
        }
    )


def toy_assay(role: str, modality: str, values: pd.DataFrame, subjects: list[str], kept: np.ndarray) -> anndata.AnnData:
    """Genes x samples to a prepared assay."""
    n = values.shape[1]
    obs = pd.DataFrame(
        {
            "subject": subjects,
            "age": ["old" if int(subject[1:]) % 2 == 0 else "young" for subject in subjects],
            "sex": ["f" if int(subject[1:]) % 4 < 2 else "m" for subject in subjects],
        },
        index=[f"{role}_{modality}_{subject}" for subject in subjects],
    )
    measured = values.notna().any(axis=1).to_numpy()
    var = pd.DataFrame(
        {
            "gene": values.index,
            "protein": [f"P{gene}" for gene in values.index],
            "representative": True,
            "kept": kept & measured,
            "reason": np.where(kept & measured, "", "too_few_values"),
            "mean_log2": values.mean(axis=1).to_numpy(),
        },
        index=[f"id_{gene}" for gene in values.index],
    )
    organ = {"source": "muscle", "target": "brain", "plasma": "plasma"}[role]
    about = {"name": f"{role}_{modality}", "organ": organ, "modality": modality, "scale": "log2"}
    assert n == len(subjects)
    return anndata.AnnData(values.to_numpy().T.copy(), obs=obs, var=var, uns={"organokine": about})


@pytest.fixture
def toy_values() -> Callable[[int], dict[tuple[str, str], pd.DataFrame]]:
    """Null values of five assays, genes x subjects, which a test then changes."""

    def make(n_subjects: int = 16, seed: int = 0) -> dict[tuple[str, str], pd.DataFrame]:
        rng = np.random.default_rng(seed)
        subjects = [f"m{i:02d}" for i in range(n_subjects)]
        keys = [
            ("source", "protein"),
            ("source", "rna"),
            ("target", "protein"),
            ("target", "rna"),
            ("plasma", "protein"),
        ]
        level = np.linspace(15, 25, len(GENES))[:, None]
        return {
            key: pd.DataFrame(level + rng.normal(0, 0.3, (len(GENES), n_subjects)), index=GENES, columns=subjects)
            for key in keys
        }

    return make


@pytest.fixture
def ask() -> Callable[..., EvidenceInput]:
    """Build what a line is given from values; an assay that is left out is absent."""

    def build(
        values: Mapping[tuple[str, str], pd.DataFrame],
        unexpressed: Mapping[tuple[str, str], list[str]] | None = None,
        **ranking: object,
    ) -> EvidenceInput:
        file = study_file(**ranking)
        hidden = {} if unexpressed is None else unexpressed
        prepared = {
            (role, modality): toy_assay(
                role, modality, table, list(table.columns), ~table.index.isin(hidden.get((role, modality), []))
            )
            for (role, modality), table in values.items()
        }
        assert file.contrast is not None
        differential = differential_table(
            {adata.uns["organokine"]["name"]: adata for adata in prepared.values()}, file.contrast, file.differential
        )
        qc = pd.DataFrame(
            [
                {
                    "assay": adata.uns["organokine"]["name"],
                    "organ": adata.uns["organokine"]["organ"],
                    "modality": adata.uns["organokine"]["modality"],
                    "sample": sample,
                    "blood_index": float(np.nanmean(np.asarray(adata[sample, ["id_Gene003", "id_Gene119"]].X))),
                }
                for adata in prepared.values()
                for sample in adata.obs_names
            ]
        )
        return EvidenceInput(
            file=file,
            candidates=find_candidates(prepared),
            differential=differential,
            prepared=prepared,
            qc=qc,
            references=ToyReferences(),  # type: ignore[arg-type]
            rng=lambda name: named_generator(1, name),
        )

    return build
