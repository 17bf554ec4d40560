"""Engine: negative binomial models of raw counts by pydeseq2, instead of the moderated t of log counts.

pydeseq2 comes with the extra `deseq2` and is imported only when it is asked for.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from threadpoolctl import threadpool_limits

from organokine.errors import DataError, Problem
from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.readers.scale import MAXIMUM_COUNT

LOG = logging.getLogger(__name__)
Floats = NDArray[np.float64]


class Deseq2Test(NamedTuple):
    """One contrast of every feature. Arrays are (n_features,) if not said otherwise.

    Attributes
    ----------
    effect, se : numpy.ndarray
        Maximum-likelihood log2 fold change, not shrunken, and its standard error. NaN for `low_counts` and `missing_count`.
    t, p : numpy.ndarray
        Wald statistic and its two-sided p from the normal distribution; NaN unless `reason` is empty. Null hypothesis: the
        contrast is zero.
    mean : numpy.ndarray
        Mean of the counts divided by the size factors.
    dispersion : numpy.ndarray
        Dispersion used in the test: moderated, or the feature's own where it is far above the trend.
    converged : numpy.ndarray of bool
        Whether every iteration of the feature converged; if not it is tested all the same, as in DESeq2. True where there
        was none.
    reason : numpy.ndarray of str
        Empty if tested, else `low_counts` (no count above zero), `count_outlier` (one sample decides: Cook's distance above
        the .99 quantile of F, in groups of at least 3 samples with equal design), `missing_count` (a count is not known).
    size_factors : numpy.ndarray
        (n_samples,) relative library sizes, median of ratios.
    notes : tuple of str
        What was decided on the way that a user may want to know, one sentence each.
    """

    effect: Floats
    se: Floats
    t: Floats
    p: Floats
    mean: Floats
    dispersion: Floats
    converged: NDArray[np.bool_]
    reason: NDArray[np.object_]
    size_factors: Floats
    notes: tuple[str, ...]


def deseq2_test(counts: ArrayLike, design: ArrayLike, contrast: ArrayLike) -> Deseq2Test:
    """Wald test of one contrast of every feature in negative binomial models with moderated dispersions.

    Size factors, the trend of the dispersions and their prior come from the features given, so filter first; there is no
    filter of the engine's own. One process and one thread.

    Parameters
    ----------
    counts : array_like
        (n_features, n_samples) raw counts. NaN is not known and leaves the feature out. Counts that are not whole
        (expected counts, as Salmon writes them) are rounded, and noted.
    design : array_like
        (n_samples, n_coefficients) of full rank, covariates as numbers or indicators.
    contrast : array_like
        (n_coefficients,) weights of the coefficients.

    Returns
    -------
    Deseq2Test
        One row per feature, in order.

    Raises
    ------
    DataError
        If pydeseq2 is not installed, or if counts are negative, infinite or above 2 to the power of 53.

    References
    ----------
    Love 2014, doi:10.1186/s13059-014-0550-8 (DESeq2); Muzellec 2023, doi:10.1093/bioinformatics/btad547 (pydeseq2).
    """
    table = np.asarray(counts, dtype=np.float64)
    matrix = np.asarray(design, dtype=np.float64)
    _refuse_impossible(table)
    known = np.isfinite(table).all(axis=1)
    used = np.asarray(known & (np.where(np.isfinite(table), table, 0.0) >= 0.5).any(axis=1), dtype=np.bool_)
    reason = np.select([used, known], ["", "low_counts"], "missing_count").astype(object)
    if not used.any():
        return _untested(reason, table.shape[1])
    with _quiet() as messages, threadpool_limits(limits=1):
        fit, wald = _fitted(np.rint(table[used]), matrix, np.asarray(contrast, dtype=np.float64))
        test = _collected(fit, wald, used, reason)
    notes = (*_rounded(table[used]), *_decisions(fit, test), *sorted(set(messages)))
    for note in notes:
        LOG.info("deseq2: %s", note)
    return test._replace(notes=notes)


def deseq2_numbers(
    counts: ArrayLike, design: ArrayLike, contrast: ArrayLike, confidence: float = 0.95
) -> dict[str, Floats]:
    """Columns of table `differential` by `deseq2_test`.

    Parameters
    ----------
    counts, design, contrast : array_like
        As in `deseq2_test`.
    confidence : float
        Coverage of `ci_low` to `ci_high`.

    Returns
    -------
    dict of str to numpy.ndarray
        (n_features,) each: `log2fc se ci_low ci_high sd df t p q`. `t` is the Wald z, so `df` is infinite. `sd` is
        that of a log2 count in a library of mean size, as mean and dispersion imply it (delta method). `q` is
        Benjamini-Hochberg over the features tested; why the others were not is `Deseq2Test.reason`.

    Raises
    ------
    DataError
        As in `deseq2_test`.
    """
    return table_columns(deseq2_test(counts, design, contrast), confidence)


def table_columns(test: Deseq2Test, confidence: float = 0.95) -> dict[str, Floats]:
    """Columns of table `differential`; see `deseq2_numbers`."""
    half = float(stats.norm.ppf(0.5 + confidence / 2)) * test.se
    inverse_mean = np.divide(1.0, test.mean, out=np.full(test.mean.shape, np.nan), where=test.mean > 0)
    return {
        "log2fc": test.effect,
        "se": test.se,
        "ci_low": test.effect - half,
        "ci_high": test.effect + half,
        "sd": np.sqrt(inverse_mean + test.dispersion) / np.log(2),
        "df": np.where(np.isfinite(test.p), np.inf, np.nan),
        "t": test.t,
        "p": test.p,
        "q": benjamini_hochberg(test.p),
    }


def _untested(reason: NDArray[np.object_], n_samples: int) -> Deseq2Test:
    nothing = np.full(len(reason), np.nan)
    converged = np.ones(len(reason), dtype=bool)
    unknown = np.full(n_samples, np.nan)
    return Deseq2Test(nothing, nothing, nothing, nothing, nothing, nothing, converged, reason, unknown, ())


def _refuse_impossible(table: Floats) -> None:
    faults = {"negative": table < 0, "infinite": np.isinf(table), "above 2 to the power of 53": table > MAXIMUM_COUNT}
    problems = [
        Problem(
            "counts",
            f"{int(fault.sum())} values are {name}, first in row {np.argwhere(fault)[0][0] + 1}",
            "A count is a whole number of reads, zero or more",
            "Give the raw counts of the quantification, not transformed ones",
        )
        for name, fault in faults.items()
        if fault.any()
    ]
    if len(problems) > 0:
        raise DataError(problems)


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """Keep the engine's warnings from the user, and collect those that it words itself.

    Its import changes the filters of the whole process, which end here as they were.
    """
    collected: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield collected
        collected.extend(str(warning.message) for warning in caught if warning.category is UserWarning)


def _import() -> tuple[Callable[..., Any], Callable[..., Any]]:
    try:
        from pydeseq2.dds import DeseqDataSet
        from pydeseq2.ds import DeseqStats
    except ModuleNotFoundError as error:
        raise DataError(
            Problem(
                "engine deseq2",
                f"the package {error.name!r} is not installed",
                "The engine is an extra of organokine and not part of it",
                "pip install 'organokine[deseq2]', or leave the engine out",
            )
        ) from error
    return DeseqDataSet, DeseqStats


def _fitted(counts: Floats, design: Floats, contrast: Floats) -> tuple[Any, Any]:
    """The engine's data set and its Wald test, on features that are not all zero."""
    data_set, wald_test = _import()
    samples = [f"sample{index}" for index in range(len(design))]
    frame = pd.DataFrame(counts.T.astype(np.int64), samples, [f"feature{index}" for index in range(len(counts))])
    matrix = pd.DataFrame(design, samples, [f"coefficient{index}" for index in range(design.shape[1])])
    # Without a feature that every sample has, there is no geometric mean to take ratios to.
    method = "ratio" if (counts > 0).all(axis=1).any() else "poscounts"
    sheet = pd.DataFrame(index=samples)
    fit = data_set(counts=frame, metadata=sheet, design=matrix, size_factors_fit_type=method, n_cpus=1, quiet=True)
    fit.deseq2()
    wald = wald_test(fit, contrast=contrast, independent_filter=False, n_cpus=1, quiet=True)
    wald.summary()
    return fit, wald


def _collected(fit: Any, wald: Any, used: NDArray[np.bool_], reason: NDArray[np.object_]) -> Deseq2Test:
    def spread(values: Any) -> Floats:
        whole = np.full(len(used), np.nan)
        whole[used] = np.asarray(values, dtype=np.float64)
        return whole

    result, features = wald.results_df, fit.var
    # Features whose counts are all zero once the outliers are replaced get p = 1 there: here they could not be tested.
    emptied = np.zeros(len(features), dtype=bool)
    if features["replaced"].any():
        emptied = features.index.isin(fit.new_all_zeroes_genes)
    p = np.where(emptied, np.nan, result["pvalue"])
    converged = np.ones(len(used), dtype=bool)
    steps = [features[name].fillna(value=True) for name in ("_genewise_converged", "_MAP_converged", "_LFC_converged")]
    converged[used] = np.logical_and.reduce([np.asarray(step, dtype=bool) for step in steps])
    tested = np.isfinite(p)
    why = reason.copy()
    why[used] = np.where(tested, "", "count_outlier")
    return Deseq2Test(
        spread(result["log2FoldChange"]),
        spread(result["lfcSE"]),
        spread(np.where(tested, result["stat"], np.nan)),
        spread(p),
        spread(features["_normed_means"]),
        spread(features["dispersions"]),
        converged,
        why,
        np.asarray(fit.obs["size_factors"], dtype=np.float64),
        (),
    )


def _rounded(counts: Floats) -> list[str]:
    n_odd = int((counts != np.rint(counts)).sum())
    return [f"{n_odd} of {counts.size} counts were not whole and were rounded"] if n_odd > 0 else []


def _decisions(fit: Any, test: Deseq2Test) -> list[str]:
    n_stuck, n_outliers = int((~test.converged).sum()), int((test.reason == "count_outlier").sum())
    n_replaced = int(fit.var["replaced"].sum())
    notes = {
        f"the fits of {n_stuck} features did not converge": n_stuck > 0,
        f"{n_outliers} features were not tested because one sample decides them": n_outliers > 0,
        f"outlying counts of {n_replaced} features were replaced by the trimmed mean": n_replaced > 0,
        "no feature has a count in every sample: size factors are from the counts above zero": fit.size_factors_fit_type
        == "poscounts",
    }
    return [note for note, holds in notes.items() if holds]
