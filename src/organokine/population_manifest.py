"""The manifest of population mode, and what was done in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import organokine
from organokine.manifest import NORMALISATION, input_files, versions
from organokine.population.cohort import Cell, Cohort

if TYPE_CHECKING:
    from organokine.references import References
    from organokine.study import Study

STATISTICS = {
    "bicor": "biweight midcorrelation (Pearson's where a gene's median absolute deviation is zero)",
    "pearson": "Pearson's correlation",
    "spearman": "Spearman's correlation",
}
CITATIONS = (
    ("QENIE, the secretion score (Seldin et al. 2018)", "10.1016/j.cmet.2018.03.015"),
    ("Biweight midcorrelation (Langfelder and Horvath 2012)", "10.18637/jss.v046.i11"),
    ("Permutation p never zero (Phipson and Smyth 2010)", "10.2202/1544-6115.1585"),
    ("Tails of permutation nulls (Knijnenburg et al. 2009)", "10.1093/bioinformatics/btp211"),
    ("False discovery rate (Benjamini and Hochberg 1995)", "10.1111/j.2517-6161.1995.tb02031.x"),
)


def population_manifest(
    study: Study, references: References, cohort: Cohort, keys: Mapping[Cell, str], n_reused: int
) -> dict[str, object]:
    """Collect what a run of population mode rests on.

    Parameters
    ----------
    study : Study
        The study as read.
    references : References
        Reference knowledge used.
    cohort : Cohort
        What was computed on.
    keys : mapping of Cell to str
        Every cell, and the hash of what its answer depends on.
    n_reused : int
        Cells that were there already.

    Returns
    -------
    dict
        Plain JSON values.
    """
    own = [each.version_row() for each in (study.gene_sets,) if each is not None]
    return {
        "organokine": organokine.__version__,
        "mode": "population",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": study.file.model_dump(mode="json"),
        "simulated": study.file.declared.get("simulated") is True,
        "alpha": cohort.fdr,
        "seed": cohort.seed,
        "inputs": input_files(study.file),
        "references": [*references.versions().to_dict("records"), *own],
        "versions": population_versions(),
        "cells": {"n": len(keys), "reused": n_reused, "keys": {cell.name: key for cell, key in keys.items()}},
        "methods": population_facts(study, cohort),
        "citations": [{"text": text, "doi": doi} for text, doi in CITATIONS],
    }


def population_versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide numbers."""
    return versions() | {"numba": version("numba")}


def population_facts(study: Study, cohort: Cohort) -> dict[str, str]:
    """What was done, in words, by name."""
    options, file = cohort.options, study.file
    used = dict.fromkeys(
        each.normalise or file.prepare.normalise
        for each in file.assay
        if each.scale != "counts" and each.name in cohort.matrices
    )
    normalisation = [NORMALISATION[name] for name in used]
    if any(each.scale == "counts" for each in file.assay if each.name in cohort.matrices):
        normalisation.append("Counts were turned into log2 counts per million with library sizes scaled by TMM.")
    kept = "; ".join(f"{name} {_levels(levels)}" for name, levels in options.within.items())
    weights = [name for name, weight in file.ranking.route_weights.items() if weight > 0]
    return {
        "normalisation": " ".join(normalisation),
        "individuals": f"those with {kept}" if kept != "" else "all",
        "candidates": f"genes of the source with a route of {', '.join(weights)}"
        if options.candidates == "secreted"
        else "all genes of the source",
        "correlation": f"{STATISTICS[options.statistic]} across individuals with both organs",
        "score": "mean of -ln p over all genes of the target but the candidate itself",
        "null": f"{options.permutations:,} permutations of the individuals, shared by candidates with as many values; genes with ties "
        "or far outliers have their own",
        "adjusted for": "covariates, then "
        + ", ".join(map(str, options.factors))
        + " hidden factors of genes without a secretion route; the largest p counts",
        "matched genes": f"{options.matched} genes without a secretion route and of like level in the source",
        "false discovery rate": f"Benjamini and Hochberg on p over all pairs of organs, at {cohort.fdr:g}",
        "seed": str(cohort.seed),
    }


def _levels(levels: str | tuple[str, ...]) -> str:
    return levels if isinstance(levels, str) else " or ".join(levels)
