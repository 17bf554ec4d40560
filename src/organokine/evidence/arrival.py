"""Is the protein in the target beyond what its own mRNA explains?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import (
    ASKED,
    by_gene,
    design_of_subset,
    effect_columns,
    matrix_by_gene,
    one_sided,
    source_change,
)
from organokine.kernels.linear_model import moderated_test


def run(given: EvidenceInput) -> pd.DataFrame:
    """Intersection-union of "protein moves with the source" and "protein minus mRNA moves with the source".

    Both are one-sided moderated t-tests in the target, in the direction of the source; the p-value is the larger. Protein
    minus mRNA is taken animal by animal; where the two come from different animals, the difference of their changes is
    tested with the degrees of freedom of Satterthwaite. A gene whose transcript is below detection in the target, or a study without
    target RNA, is asked by its protein alone, and `state` says so.

    Null hypothesis: in the target the protein, or the protein beyond its mRNA, does not move in the direction of the source.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; effect is the log2 change of the target protein.

    References
    ----------
    Berger (1982), doi 10.1080/00401706.1982.10487790; Satterthwaite (1946), doi 10.2307/3002019.
    """
    source = source_change(given)
    genes = source.index
    direction = np.sign(source["log2fc"].to_numpy(dtype=float))
    protein = by_gene(given, "target", "protein").reindex(genes)
    protein_p = one_sided(protein["t"].to_numpy(dtype=float), protein["df"].to_numpy(dtype=float), direction)
    excess = _beyond_own_mrna(given).reindex(genes)
    excess_p = one_sided(excess["t"].to_numpy(dtype=float), excess["df"].to_numpy(dtype=float), direction)
    has_excess = np.isfinite(excess_p)
    p = np.where(has_excess, np.maximum(protein_p, excess_p), protein_p)
    without_rna = "rna_not_detected" if ("target", "rna") in given.prepared else "rna_not_measured"
    state = np.select(
        [np.isfinite(p) & has_excess, np.isfinite(p), np.isnan(direction), protein["state"].notna()],
        [ASKED, without_rna, "no_direction", "not_testable"],
        "not_measured_in_target",
    )
    note = [
        f"protein minus mRNA {effect:+.2f} log2, p = {beyond:.2g}; protein alone p = {alone:.2g}" if known else ""
        for effect, beyond, alone, known in zip(excess["effect"], excess_p, protein_p, has_excess, strict=True)
    ]
    unexplained = np.where(np.isfinite(p) & (state == "rna_not_measured"), "target_rna_not_measured", "")
    return pd.DataFrame(
        effect_columns(protein) | {"p": p, "state": state, "note": note, "flags": unexplained}, index=genes
    )


def _beyond_own_mrna(given: EvidenceInput) -> pd.DataFrame:
    """Test of protein minus mRNA of the target by gene: columns `effect`, `t`, `df`; empty without target RNA."""
    contrast = given.file.contrast
    if contrast is None or ("target", "protein") not in given.prepared or ("target", "rna") not in given.prepared:
        return pd.DataFrame(columns=["effect", "t", "df"], dtype=float)
    protein, rna = given.prepared["target", "protein"], given.prepared["target", "rna"]
    sample_of = pd.Series(rna.obs_names, index=rna.obs["subject"].to_numpy())
    obs = protein.obs[protein.obs["subject"].isin(sample_of.index)]
    sizes = obs[contrast.factor].astype(str).value_counts().reindex([contrast.case, contrast.control], fill_value=0)
    design = design_of_subset(obs, contrast)
    if design is None or sizes.min() < given.file.prepare.minimum_values:
        return _difference_of_changes(given)
    protein_values = matrix_by_gene(protein, kept=True)[obs.index]
    rna_values = matrix_by_gene(rna, kept=True)[sample_of[obs["subject"]].to_numpy()]
    shared = protein_values.index.intersection(rna_values.index)
    options = given.file.differential
    test = moderated_test(
        protein_values.loc[shared].to_numpy() - rna_values.loc[shared].to_numpy(),
        design.matrix,
        design.contrast,
        trend=options.trend,
        robust=options.robust,
        covariate=protein_values.loc[shared].mean(axis=1).to_numpy(),
    )
    return pd.DataFrame({"effect": test.effect, "t": test.t, "df": test.df}, index=shared)


def _difference_of_changes(given: EvidenceInput) -> pd.DataFrame:
    """The same from the changes of protein and mRNA, measured in different animals and so independent."""
    protein, rna = by_gene(given, "target", "protein"), by_gene(given, "target", "rna")
    tested = protein.index[protein["p"].notna()].intersection(rna.index[rna["p"].notna()])
    protein, rna = protein.loc[tested], rna.loc[tested]
    effect = protein["log2fc"] - rna["log2fc"]
    variance = protein["se"] ** 2 + rna["se"] ** 2
    df = variance**2 / (protein["se"] ** 4 / protein["df"] + rna["se"] ** 4 / rna["df"])
    return pd.DataFrame({"effect": effect, "t": effect / np.sqrt(variance), "df": df})


LINE = Line(
    name="arrival",
    question="Is the protein in the target beyond what its own mRNA explains?",
    needs=("protein of the target organ", "RNA of the target organ (better)"),
    null="In the target the protein, or the protein beyond its mRNA, does not move in the direction of the source.",
    unit="log2",
    reference="10.1080/00401706.1982.10487790",
    run=run,
    role="arm",
    tier=2,
    caveats={
        ASKED: "a protein beyond its own mRNA may have arrived, or be made faster or broken down more slowly in the target",
        "rna_not_detected": "no transcript was detected in the target, which at this depth does not prove that there is none",
        "rna_not_measured": "RNA of the target was not measured: a protein that both organs make and change alike cannot be "
        "told from one that travels",
    },
    columns={"target_log2fc": "effect", "arrival_p": "p"},
)
