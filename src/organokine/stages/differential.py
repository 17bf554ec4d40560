"""Stage: what was asked of a factor, of every feature of every assay."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from organokine import tables
from organokine.design import AnyLevel, LevelContrast, Slope, design_matrix
from organokine.errors import DataError, Problem
from organokine.kernels.block_correlation import block_correlation
from organokine.kernels.discovery import discovery_p
from organokine.kernels.linear_model import joint_test, moderated_test
from organokine.kernels.multiple_testing import benjamini_hochberg, storey_q
from organokine.kernels.normalisation import row_means
from organokine.kernels.sample_weights import sample_weights
from organokine.parallel import map_items

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.design import Asked, Design
    from organokine.study_file import DifferentialSection

CONFIDENCE = 0.95
"""Coverage of the intervals in the tables and the report."""


class Tested(NamedTuple):
    """One assay, tested.

    Attributes
    ----------
    table : pandas.DataFrame
        Rows of the table `differential`, or of `joint` for any difference between levels.
    facts : dict of str to str
        What the model found out on the way, in words.
    """

    table: pd.DataFrame
    facts: dict[str, str]


class _Model(NamedTuple):
    """What a test of the kept features of one assay needs."""

    values: np.ndarray
    kept: np.ndarray
    design: Design
    options: dict[str, Any]
    facts: dict[str, str]


def differential_table(
    assays: Mapping[str, AnnData], asked: Asked, options: DifferentialSection, *, workers: int = 1
) -> pd.DataFrame:
    """Moderated t-tests of all prepared assays.

    Null hypothesis: case and control have the same mean log2 level, given the covariates.

    Parameters
    ----------
    assays : mapping of str to anndata.AnnData
        Prepared assays: `X` normalised log2, NaN not measured; `var["kept"]`; precision weights in `layers["weights"]` and
        the counts in `layers["counts"]` for counts.
    asked : ContrastSection, LevelContrast or Slope
        Factor, what is asked of it, covariates.
    options : DifferentialSection
        Options of the model.
    workers : int
        Processes, one assay each.

    Returns
    -------
    pandas.DataFrame
        Table `differential`: every feature of every assay, tested or with the reason why not.

    Raises
    ------
    DataError
        If a design cannot separate the contrast from a covariate.
    """
    ask = partial(assay_differential, asked=asked, options=options)
    parts = map_items(ask, assays.values(), workers)
    return tables.DIFFERENTIAL.conform(pd.concat(parts, ignore_index=True))


def assay_differential(adata: AnnData, asked: Asked, options: DifferentialSection) -> pd.DataFrame:
    """Moderated t-tests of one prepared assay; see `differential_table`."""
    return examine_assay(adata, asked, options).table


def examine_assay(
    adata: AnnData,
    asked: Asked,
    options: DifferentialSection,
    *,
    blocks: pd.Series | None = None,
    correlation: Literal["consensus", "feature"] = "consensus",
) -> Tested:
    """Test one prepared assay.

    Parameters
    ----------
    adata : anndata.AnnData
        Prepared assay; see `differential_table`.
    asked : ContrastSection, LevelContrast, Slope or AnyLevel
        Factor, what is asked of it, covariates.
    options : DifferentialSection
        Options of the model.
    blocks : pandas.Series, optional
        By sample: samples of one block (repeated samples of one animal) are correlated.
    correlation : str
        `consensus`: the same correlation in all features (Smyth, Michaud and Scott 2005); `feature`: each feature's own,
        shrunken towards the others.

    Returns
    -------
    Tested
        The table, and what the model found out.

    Raises
    ------
    DataError
        If the design cannot separate the contrast from a covariate, or an option does not go with the assay.
    """
    model = _model(adata, asked, options)
    if blocks is not None:
        model.options.update(_blocks(model, blocks.loc[adata.obs_names], correlation))
    table = _described(adata, asked, model)
    if isinstance(asked, AnyLevel):
        found, reason = _joint_columns(model, sorted(set(adata.obs[asked.factor].astype(str))))
    elif options.engine == "deseq2" and "counts" in adata.layers:
        found, reason = _deseq2_columns(adata, model)
    else:
        found, reason = _moderated_columns(model, options)
    whole = {name: _spread(values, model.kept) for name, values in found.items()}
    state = table["state"].to_numpy(dtype=object, copy=True)
    state[model.kept] = reason
    return Tested(table.assign(**whole, state=state), model.facts)


def _model(adata: AnnData, asked: Asked, options: DifferentialSection) -> _Model:
    name = adata.uns["organokine"]["name"]
    design = design_matrix(adata.obs, asked, f"assay {name}")
    values = np.asarray(adata.X, dtype=float).T
    kept = adata.var["kept"].to_numpy(dtype=bool)
    weights = np.asarray(adata.layers["weights"]).T[kept] if "weights" in adata.layers else None
    facts: dict[str, str] = {}
    if options.sample_weights:
        per_sample = sample_weights(values[kept], design.matrix, weights=weights)
        facts["sample weights"] = f"{per_sample.min():.2f} to {per_sample.max():.2f}"
        weights = np.broadcast_to(per_sample, (kept.sum(), len(per_sample))) * (1.0 if weights is None else weights)
    chosen: dict[str, Any] = {"weights": weights, "trend": options.trend, "robust": options.robust}
    precursors = adata.var["precursors"].to_numpy(dtype=float)[kept] if "precursors" in adata.var else np.empty(0)
    if (
        options.trend
        and options.precursor_trend
        and len(precursors) > 0
        and np.all((precursors > 0) & np.isfinite(precursors))
    ):
        chosen["covariate"] = np.column_stack([row_means(values[kept]), np.log2(precursors)])
        facts["prior variance"] = "follows the mean level and the number of precursors"
    return _Model(values, kept, design, chosen, facts)


def _blocks(model: _Model, labels: pd.Series, kind: str) -> dict[str, Any]:
    names = labels.to_numpy()
    values = model.values[model.kept]
    found = block_correlation(values, model.design.matrix, names, weights=model.options["weights"])
    if np.isnan(found.consensus):
        raise DataError(
            Problem(
                f"block {labels.name}",
                "no feature tells how alike the samples of one block are",
                "Some features need two measured samples in several blocks, and the design must not tell the blocks apart",
                "Leave the block out, or look at the sample sheet",
            )
        )
    model.facts["correlation within a block"] = f"{found.consensus:.2f}"
    return {"blocks": names, "correlation": found.consensus if kind == "consensus" else found.shrunken}


def _moderated_columns(model: _Model, options: DifferentialSection) -> tuple[dict[str, np.ndarray], np.ndarray]:
    test = moderated_test(
        model.values[model.kept],
        model.design.matrix,
        model.design.contrast,
        minimum_effect=options.minimum_log2fc,
        **model.options,
    )
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, test.df) * test.se
    columns = {
        "log2fc": test.effect,
        "se": test.se,
        "ci_low": test.effect - half,
        "ci_high": test.effect + half,
        "sd": test.sd,
        "df": test.df,
        "t": test.t,
        "p": test.p,
    }
    if np.isfinite(test.p).any():
        model.facts["prior degrees of freedom"] = f"{np.nanmedian(test.df_prior):.1f}"
    reason = np.where(test.estimable & np.isfinite(test.p), "tested", "not_estimable")
    return columns | _corrected(columns, options), reason


def _corrected(columns: Mapping[str, np.ndarray], options: DifferentialSection) -> dict[str, np.ndarray]:
    """`q`, and the p it rests on."""
    p = columns["p"]
    if options.multiple_testing == "storey":
        return {"q": storey_q(p).q}
    # The order of discovery is that of effects against zero; a smallest change worth claiming is another null.
    if options.multiple_testing == "bh" or options.minimum_log2fc > 0:
        return {"q": benjamini_hochberg(p)}
    found = discovery_p(columns["log2fc"], columns["se"], columns["df"])
    return {"discovery_p": found.p, "q": benjamini_hochberg(found.p)}


def _deseq2_columns(adata: AnnData, model: _Model) -> tuple[dict[str, np.ndarray], np.ndarray]:
    from organokine.stages.deseq2 import deseq2_test, table_columns

    counts = np.asarray(adata.layers["counts"]).T[model.kept]
    test = deseq2_test(counts, model.design.matrix, model.design.contrast)
    if len(test.notes) > 0:
        model.facts["notes of DESeq2"] = "; ".join(test.notes)
    return {**table_columns(test, CONFIDENCE)}, np.where(test.reason == "", "tested", test.reason)


def _joint_columns(model: _Model, levels: list[str]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    test = joint_test(model.values[model.kept], model.design.matrix, model.design.contrast, **model.options)
    against_first = np.column_stack([np.zeros(len(test.effects)), test.effects])
    known = np.asarray(np.isfinite(against_first).all(axis=1))
    filled = np.where(known[:, None], against_first, 0.0)
    names = np.array(levels, dtype=object)
    columns = {
        "largest_log2fc": np.where(known, np.ptp(filled, axis=1), np.nan),
        "highest": np.where(known, names[filled.argmax(axis=1)], ""),
        "lowest": np.where(known, names[filled.argmin(axis=1)], ""),
        "sd": test.sd,
        "f": test.f,
        "df_numerator": test.df_numerator,
        "df": test.df,
        "p": test.p,
        "q": benjamini_hochberg(test.p),
    }
    return columns, np.where(test.estimable & np.isfinite(test.p), "tested", "not_estimable")


def _described(adata: AnnData, asked: Asked, model: _Model) -> pd.DataFrame:
    """Who a feature is, and where it was measured."""
    about = adata.uns["organokine"]
    measured = np.isfinite(model.values)
    frame = pd.DataFrame(
        {
            "assay": about["name"],
            "organ": about["organ"],
            "modality": about["modality"],
            "feature": adata.var_names.to_numpy(),
            "gene": adata.var["gene"].to_numpy(),
            "protein": adata.var["protein"].to_numpy(),
            "representative": adata.var["representative"].to_numpy(dtype=bool),
            "mean_log2": adata.var["mean_log2"].to_numpy(dtype=float),
            "n_missing": (~measured).sum(axis=1),
            "state": adata.var["reason"].to_numpy(),
        }
    )
    if isinstance(asked, AnyLevel):
        return frame.assign(n_measured=measured.sum(axis=1))
    sides = _sides(adata.obs, asked)
    return (
        frame
        if sides is None
        else frame.assign(**{name: measured[:, side].sum(axis=1) for name, side in sides.items()})
    )


def _sides(obs: pd.DataFrame, asked: Asked) -> dict[str, np.ndarray] | None:
    """Which samples are compared with which; None for a slope, where every sample counts on its own."""
    match asked:
        case Slope() | AnyLevel():
            return None
        case LevelContrast():
            weight = (
                obs[asked.factor].astype(str).map(lambda level: asked.weights.get(level, 0.0)).to_numpy(dtype=float)
            )
            return {"n_case": weight > 0, "n_control": weight < 0}
        case _:
            level = obs[asked.factor].astype(str).to_numpy()
            return {"n_case": level == asked.case, "n_control": level == asked.control}


def _spread(values: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Values of the kept features among all of them."""
    numbers = values.dtype.kind == "f"
    whole = np.full(len(kept), np.nan if numbers else "", dtype=float if numbers else object)
    whole[kept] = values
    return whole
