"""Stage: ask every evidence line of every candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from organokine import tables
from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import matrix_by_gene
from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.randomness import named_generator
from organokine.study_file import PLASMA

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.references import References
    from organokine.study import Study


class Evidence(NamedTuple):
    """What the lines said.

    Attributes
    ----------
    evidence : pandas.DataFrame
        Table `evidence`.
    flags : pandas.DataFrame
        Table `flags`: remarks on genes.
    candidates : pandas.DataFrame
        Index gene, column `protein`.
    """

    evidence: pd.DataFrame
    flags: pd.DataFrame
    candidates: pd.DataFrame


def by_role(study: Study, assays: Mapping[str, AnnData]) -> dict[tuple[str, str], AnnData]:
    """Prepared assays by role (`source`, `target`, `plasma`) and modality; what was not measured is absent."""
    axis = study.file.axis
    organs = {} if axis is None else {"source": axis.source, "target": axis.target}
    roles = {}
    for role, organ in (organs | {PLASMA: PLASMA}).items():
        for modality in ("protein", "rna"):
            name = study.find(organ, modality)
            if name is not None:
                roles[role, modality] = assays[name]
    return roles


def find_candidates(prepared: Mapping[tuple[str, str], AnnData]) -> pd.DataFrame:
    """Every gene measured in the source: protein seen in any sample, or transcript above the expression filter.

    Returns
    -------
    pandas.DataFrame
        Index gene, sorted; column `protein`, the accession of the representative source protein or empty.
    """
    genes: set[str] = set()
    accession: dict[str, str] = {}
    if ("source", "protein") in prepared:
        adata = prepared["source", "protein"]
        genes |= set(matrix_by_gene(adata, kept=False).dropna(how="all").index)
        rows = adata.var[adata.var["representative"].to_numpy(dtype=bool)]
        accession = dict(zip(rows["gene"], rows["protein"], strict=True))
    if ("source", "rna") in prepared:
        genes |= set(matrix_by_gene(prepared["source", "rna"], kept=True).index)
    index = pd.Index(sorted(genes), name="gene", dtype=object)
    return pd.DataFrame({"protein": [accession.get(gene, "") for gene in index]}, index=index)


def gather(  # noqa: PLR0913  each table is named
    study: Study,
    assays: Mapping[str, AnnData],
    differential: pd.DataFrame,
    qc: pd.DataFrame,
    references: References,
    lines: Sequence[Line],
    *,
    perturbations: pd.DataFrame | None = None,
    phenotypes: pd.DataFrame | None = None,
    population: pd.DataFrame | None = None,
) -> Evidence:
    """Run the lines over the candidates and put their answers into one table.

    Parameters
    ----------
    study : Study
        The study as read.
    assays : mapping of str to anndata.AnnData
        Prepared assays.
    differential, qc : pandas.DataFrame
        Tables of these names; the lines see the samples of the contrast alone.
    references : References
        Reference knowledge.
    lines : sequence of Line
        Cards, in the order of the chain.
    perturbations : pandas.DataFrame, optional
        Table of that name.
    phenotypes : pandas.DataFrame, optional
        Table `phenotype_animals`.
    population : pandas.DataFrame, optional
        Table of that name.

    Returns
    -------
    Evidence
        Tables `evidence` and `flags`, and the candidates.
    """
    prepared = by_role(study, assays)
    candidates = find_candidates(prepared)
    given = EvidenceInput(
        file=study.file,
        candidates=candidates,
        differential=differential,
        prepared=prepared,
        qc=qc[~qc["assay"].isin(study.file.arm_assays)],
        references=references,
        rng=lambda name: named_generator(study.file.study.seed, name),
        perturbations=perturbations,
        phenotypes=phenotypes,
        population=population,
        signatures=study.signatures,
    )
    answers = [_ask(line, given) for line in lines]
    evidence = pd.concat([answer.drop(columns="flags", errors="ignore") for answer in answers], ignore_index=True)
    return Evidence(tables.EVIDENCE.conform(evidence), _flags(answers), candidates)


def _ask(line: Line, given: EvidenceInput) -> pd.DataFrame:
    answer = line.run(given)
    if not answer.index.equals(given.candidates.index):
        message = f"line {line.name}: rows must be the candidates in their order"
        raise ValueError(message)
    frame = answer.assign(line=line.name, gene=answer.index).reset_index(drop=True)
    if "p" in frame.columns:
        frame["q"] = benjamini_hochberg(frame["p"].to_numpy(dtype=float))
    if "weight" not in frame.columns:
        frame["weight"] = 1.0
    return frame


def _flags(answers: Sequence[pd.DataFrame]) -> pd.DataFrame:
    rows = [
        {"scope": "gene", "name": gene, "flag": flag, "source": line, "detail": note}
        for answer in answers
        if "flags" in answer.columns
        for gene, flags, line, note in zip(
            answer["gene"],
            answer["flags"],
            answer["line"],
            answer["note"] if "note" in answer.columns else [""] * len(answer),
            strict=True,
        )
        for flag in flags.split(";")
        if flag != ""
    ]
    return tables.FLAGS.conform(pd.DataFrame(rows, columns=tables.FLAGS.names()))
