"""One row of quality control per raw file, and loud remarks on runs that do not go with the settings or with the other runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from organokine.errors import Problem, first_examples
from organokine.kernels.mobility import TO_SD, charge_trend_residuals, mobility_quality
from organokine.raw_tables import PRECURSORS, RUNS

if TYPE_CHECKING:
    from organokine.raw.result import RawFile
    from organokine.raw.settings import SearchSettings

FEWEST = 10
"""Identified precursors from which a median or a slope of a run is given: the median of ten is known to 0.4 of their scatter."""
MOST_DRIFT_POINTS = 1000
"""Points of a slope, evenly spaced in time: half a million pairs, which know it to a fiftieth of the scatter."""
MOST_TREND_POINTS = 3000
"""Points of the plot of 1/K0; more hide one another."""
_NEEDED = ["sample", "sequence", "charge", "mz", "mass_error", "fragment_error", "minutes", "one_over_k0"]


def run_table(
    files: Sequence[RawFile],
    matches: pd.DataFrame,
    precursors: pd.DataFrame,
    proteins: pd.DataFrame | None = None,
    fewest: int = FEWEST,
) -> pd.DataFrame:
    """What was found in every file, and how its calibration goes with that of the others.

    Errors and shifts are those of identified precursors, each with its best spectrum in the run. Where the engine gives no
    matches, the table of precursors takes their place, and `matched` is missing.

    Parameters
    ----------
    files : sequence of RawFile
        All files, in the order of the sheet.
    matches : pandas.DataFrame
        Columns `organokine.raw.result.MATCH_COLUMNS` and `accepted` (bool): a target, accepted at the error rate. An
        empty frame without that column if the engine gives none.
    precursors : pandas.DataFrame
        `organokine.raw_tables.PRECURSORS`.
    proteins : pandas.DataFrame, optional
        The table of proteins, one column per sample, to count its values. Without it groups with a quantity of any precursor
        are counted, contaminants left out.
    fewest : int
        Identified precursors from which a number of a run is given; below it is NaN.

    Returns
    -------
    pandas.DataFrame
        `organokine.raw_tables.RUNS`, in the order of `files`. A file with problems has the state `failed` and no numbers. Shifts
        against the median over the runs are NaN with one run; with two runs they are half of the difference.
    """
    best = _best(matches, precursors)
    against = best.groupby(["sequence", "charge"])
    is_shared = against["sample"].transform("size") >= 2
    best = best.assign(
        mobility_off=(100 * (best["one_over_k0"] / against["one_over_k0"].transform("median") - 1)).where(is_shared),
        minutes_off=(best["minutes"] - against["minutes"].transform("median")).where(is_shared),
    )
    counted = _counts(matches, precursors, proteins)
    rows: list[dict[str, Any]] = []
    for file in files:
        known = {"sample": file.sample, "file": file.path.name, "acquired": file.acquired}
        if len(file.problems) > 0:
            rows.append({**known, "state": "failed"})
            continue
        own = best[best["sample"] == file.sample]
        numbers = {name: of.get(file.sample, 0) for name, of in counted.items()}
        rows.append(
            {**known, "state": "searched", "spectra": file.n_spectra, **numbers, **_calibration_of(own, fewest)}
        )
    return RUNS.conform(pd.DataFrame(rows, columns=RUNS.names()))


def _best(matches: pd.DataFrame, precursors: pd.DataFrame) -> pd.DataFrame:
    """Every identified precursor of every run with its best spectrum, in an order that does not depend on that of the rows."""
    if len(matches) > 0:
        accepted = matches.loc[matches["accepted"], [*_NEEDED, "score", "spectrum"]]
        ranked = accepted.assign(sample=accepted["sample"].astype(str)).sort_values(
            ["sample", "sequence", "charge", "score", "spectrum"], ascending=[True, True, True, False, True]
        )
        found = ranked.drop_duplicates(["sample", "sequence", "charge"])[_NEEDED]
    else:
        is_identified = precursors["identified"].fillna(value=False).astype(bool)
        held = precursors.assign(fragment_error=np.nan)
        found = held.loc[is_identified, _NEEDED].sort_values(["sample", "sequence", "charge"])
    numbers = ["charge", "mz", "mass_error", "fragment_error", "minutes", "one_over_k0"]
    return found.astype({"sample": object} | dict.fromkeys(numbers, "float64")).reset_index(drop=True)


def _counts(
    matches: pd.DataFrame, precursors: pd.DataFrame, proteins: pd.DataFrame | None
) -> dict[str, Mapping[str, int]]:
    """Counts by column of the table of runs and by sample."""
    is_identified = precursors["identified"].fillna(value=False).astype(bool)
    is_quantified = precursors["quantity"].notna()
    counted: dict[str, Mapping[str, int]] = {
        "precursors": _by_sample(precursors[is_identified]),
        "quantified": _by_sample(precursors[is_quantified]),
        "transferred": _by_sample(precursors[is_quantified & ~is_identified]),
    }
    if "accepted" in matches.columns:
        counted["matched"] = _by_sample(matches[matches["accepted"]])
        counted["decoys"] = _by_sample(matches[matches["decoy_as_good"]])
    if proteins is None:
        is_own = is_quantified & ~precursors["contaminant"].fillna(value=False).astype(bool)
        groups = precursors.loc[is_own & (precursors["protein_group"] != ""), ["sample", "protein_group"]]
        counted["protein_groups"] = _by_sample(groups.drop_duplicates())
    else:
        counted["protein_groups"] = {str(name): int(proteins[name].notna().sum()) for name in proteins.columns}
    return counted


def _by_sample(rows: pd.DataFrame) -> dict[str, int]:
    return {str(name): int(n) for name, n in rows["sample"].value_counts().items()}


def _calibration_of(own: pd.DataFrame, fewest: int) -> dict[str, float | None]:
    """Errors, shifts and drift of one run."""
    mass, mass_spread = _middle(own["mass_error"], fewest)
    mobility, mobility_spread = _middle(own["mobility_off"], fewest)
    k0, mz, charge = (own[name].to_numpy() for name in ("one_over_k0", "mz", "charge"))
    trend = mobility_quality(k0, np.full(len(own), np.nan), mz, charge)
    has_trend = bool(np.isfinite(trend.mad_trend))
    return {
        "fragment_error": _middle(own["fragment_error"], fewest)[0],
        "mass_error": mass,
        "mass_spread": mass_spread,
        "mass_drift": _drift(own, fewest),
        "mobility_shift": mobility,
        "mobility_spread": mobility_spread,
        "trend_spread": trend.mad_trend,
        "trend_outliers": int(trend.flagged.sum()) if has_trend else None,
        "minutes_shift": _middle(own["minutes_off"], fewest)[0],
    }


def _middle(values: pd.Series, fewest: int) -> tuple[float, float]:
    """Median and robust standard deviation; NaN of fewer values."""
    held = values.dropna().to_numpy(dtype=float)
    if len(held) < fewest or len(held) == 0:
        return np.nan, np.nan
    middle = float(np.median(held))
    return middle, TO_SD * float(np.median(np.abs(held - middle)))


def _drift(own: pd.DataFrame, fewest: int) -> float:
    """Slope of the mass error over time (Theil and Sen) times the time between the first and the last precursor, ppm."""
    complete = own[["minutes", "mass_error"]].dropna().sort_values(["minutes", "mass_error"]).to_numpy(dtype=float)
    if len(complete) < max(fewest, 2) or np.ptp(complete[:, 0]) == 0:
        return np.nan
    chosen = complete[_evenly(len(complete), MOST_DRIFT_POINTS)]
    slope = stats.theilslopes(chosen[:, 1], chosen[:, 0]).slope
    return float(slope * np.ptp(complete[:, 0]))


def _evenly(n: int, most: int) -> np.ndarray:
    """Places of at most so many evenly spaced rows, the first and the last among them."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int))


def trend_sample(
    matches: pd.DataFrame, precursors: pd.DataFrame | None = None, most: int = MOST_TREND_POINTS
) -> dict[str, Any]:
    """Identified precursors by m/z and 1/K0, and how far each lies from the trend of its charge in its run.

    Parameters
    ----------
    matches, precursors : pandas.DataFrame
        As in `run_table`.
    most : int
        Points, evenly spaced in the order of charge and m/z; all take part in the trends.

    Returns
    -------
    dict
        Plain JSON. Lists of one length: `charge`, `mz` (Th), `one_over_k0` and `residual` (V s/cm2; None where the run has too
        few precursors of the charge); `n`, the precursors of all runs of which these were chosen.
    """
    held = PRECURSORS.empty() if precursors is None else precursors
    best = _best(matches, held).dropna(subset=["mz", "one_over_k0", "charge"])
    residual = pd.Series(np.nan, index=best.index)
    for _, own in best.groupby("sample"):
        residual[own.index] = charge_trend_residuals(
            own["one_over_k0"].to_numpy(), own["mz"].to_numpy(), own["charge"].to_numpy()
        )
    ordered = best.assign(residual=residual).sort_values(["charge", "mz", "one_over_k0", "residual"])
    chosen = ordered.iloc[_evenly(len(ordered), most)] if len(ordered) > 0 else ordered
    return {
        "charge": [int(value) for value in chosen["charge"]],
        "mz": [round(float(value), 4) for value in chosen["mz"]],
        "one_over_k0": [round(float(value), 5) for value in chosen["one_over_k0"]],
        "residual": [round(float(value), 6) if np.isfinite(value) else None for value in chosen["residual"]],
        "n": len(best),
    }


def run_remarks(  # noqa: PLR0913  every limit may be set
    runs: pd.DataFrame,
    settings: SearchSettings,
    *,
    spreads: float = 2.0,
    least_matched: float = 1 / 3,
    most_of_window: float = 0.5,
    most_of_error: float = 2 / 3,
    most_transferred: float = 0.5,
    most_decoys: float = 3.0,
    most_named: int = 3,
) -> list[Problem]:
    """What a user must read of single runs before the tables.

    Parameters
    ----------
    runs : pandas.DataFrame
        Table `runs`.
    settings : SearchSettings
        Those of the search, for its windows.
    spreads : float
        A window must hold the median error of a run and so many robust standard deviations; 2 hold 95 % of the precursors.
    least_matched : float
        Share of the median over runs below which a run has far fewer matched spectra. Replicates differ by tens of per cent; a
        third is a failed injection, a clogged column or another sample.
    most_of_window : float
        Share of a window for quantities by which a run may differ from the median of the other runs. At a half, a precursor
        with an error of the other half falls out of the window in one of them.
    most_of_error : float
        Share of a window that the median error of fragments may take up; the straight calibration alone takes half of it where it is
        off by 7 ppm, as on real runs.
    most_transferred : float
        Share of the quantities of a run that may rest on matches between runs alone. Beyond a half most of what is told of the
        sample was identified in others.
    most_decoys : float
        By how much the share of decoys in a run may exceed the error rate, which holds over all runs together. Runs of one study differ
        by less than two; a blank, or a sample of something else, consists of what is false.
    most_named : int
        Runs with a remark of their own; of more with the same remark only the worst has its numbers told, so that a long list does
        not hide the other remarks.

    Returns
    -------
    list of Problem
        By kind, then in the order of the runs; empty if nothing is to be said. Files that failed are not among them.
    """
    searched = runs[runs["state"] != "failed"].reset_index(drop=True)
    kinds = (
        _beyond_window(searched, settings, spreads),
        _fragments_off(searched, settings, most_of_error),
        _few_matched(searched, least_matched),
        _apart(searched, _MOBILITY, settings, most_of_window),
        _apart(searched, _MASS, settings, most_of_window),
        _mostly_transferred(searched, most_transferred),
        _many_decoys(searched, settings.fdr, most_decoys),
    )
    return [problem for found in kinds for problem in _gathered(found, len(searched), most_named)]


class _Remark(NamedTuple):
    """One remark on one run, and how bad it is: larger is worse."""

    size: float
    problem: Problem


class _Window(NamedTuple):
    """A column of the table of runs, what it is called, its unit, and the setting that must hold it."""

    column: str
    called: str
    unit: str
    key: str


_MOBILITY = _Window("mobility_shift", "1/K0", "percent", "mobility_percent")
_MASS = _Window("mass_error", "the mass error", "ppm", "precursor_ppm")


def _gathered(found: list[_Remark], n_runs: int, most: int) -> list[Problem]:
    """Each remark of one kind, or a single one for many runs."""
    if len(found) <= most:
        return [remark.problem for remark in found]
    worst = max(found, key=lambda remark: remark.size).problem
    others = first_examples([remark.problem.where for remark in found if remark.problem is not worst])
    what = f"the worst is {worst.where}: {worst.what}; likewise {others}"
    return [Problem(f"{len(found)} of {n_runs} runs", what, worst.why, worst.remedy)]


def _beyond_window(runs: pd.DataFrame, settings: SearchSettings, spreads: float) -> list[_Remark]:
    window, key = settings.precursor_ppm, "precursor_ppm"
    found = []
    for row in runs.to_dict("records"):
        reach = abs(row["mass_error"]) + spreads * row["mass_spread"]
        if reach > window:
            what = (
                f"masses are off by {row['mass_error']:+.1f} ppm in the median and scatter by {row['mass_spread']:.1f} ppm, so that "
                f"{spreads:g} standard deviations reach {reach:.1f} ppm; {key} is {window:g}"
            )
            remedy = f"Set {key} to {math.ceil(reach)} or more, or calibrate the instrument and measure again"
            problem = Problem(_named(row), what, "Precursors of this run beyond the window are not identified", remedy)
            found.append(_Remark(reach, problem))
    return found


def _fragments_off(runs: pd.DataFrame, settings: SearchSettings, most: float) -> list[_Remark]:
    """Runs where the engine's straight calibration takes up much of the windows that rest on it: of fragments, and of quantities."""
    window, key = min((settings.fragment_ppm, "fragment_ppm"), (settings.quantity_ppm, "quantity_ppm"))
    found = []
    for row in runs.dropna(subset=["fragment_error"]).to_dict("records"):
        if row["fragment_error"] > most * window:
            what = f"m/z of fragments are off by {row['fragment_error']:.1f} ppm in the median; {key} is {window:g}"
            why = "Matches and quantities rest on the engine's straight calibration, and what lies beyond the window is lost"
            remedy = f"Set fragment_ppm and quantity_ppm to {math.ceil(row['fragment_error'] / most)} or more"
            found.append(_Remark(row["fragment_error"], Problem(_named(row), what, why, remedy)))
    return found


def _many_decoys(runs: pd.DataFrame, level: float, most: float, fewest: int = 10) -> list[_Remark]:
    """Runs with more decoys than the error rate allows; fewer than ten are chance."""
    found = []
    for row in runs.dropna(subset=["decoys", "matched"]).to_dict("records"):
        share = row["decoys"] / max(row["matched"], 1)
        if row["decoys"] >= fewest and share > most * level:
            what = f"{row['decoys']} decoys beside {row['matched']} matched spectra, where {100 * level:g} % was asked for over all runs"
            why = "The error rate holds for the runs together: of what is told of this run alone, far more is false"
            remedy = "Take it out of the sheet if it is a blank or a failed injection; else search it by itself"
            found.append(_Remark(share, Problem(_named(row), what, why, remedy)))
    return found


def _few_matched(runs: pd.DataFrame, least: float) -> list[_Remark]:
    column = "matched" if runs["matched"].notna().any() else "precursors"
    called = "matched spectra" if column == "matched" else "identified precursors"
    counts = runs[column].to_numpy(dtype=float, na_value=np.nan)
    if len(runs) < 2 or np.isnan(counts).all():
        return []
    middle = float(np.nanmedian(counts))
    found = []
    for row, n in zip(runs.to_dict("records"), counts, strict=True):
        if n < least * middle:
            what = f"{n:.0f} {called}, and {middle:.0f} in the median of {len(runs)} runs"
            why = "Proteins that are missing in this run, or low, may say more of the injection than of the sample"
            remedy = "Look at its total ion current (`organokine raw inspect`); measure it again, or take it out of the sheet"
            found.append(_Remark(-float(n), Problem(_named(row), what, why, remedy)))
    return found


def _apart(runs: pd.DataFrame, asked: _Window, settings: SearchSettings, most: float) -> list[_Remark]:
    """Runs that differ from the other runs by a large part of the window in which quantities are looked for."""
    window = float(getattr(settings, asked.key))
    found = []
    off = _from_the_others(runs[asked.column].to_numpy(dtype=float))
    for row, by in zip(runs.to_dict("records"), off, strict=True):
        if abs(by) > most * window:
            what = f"{asked.called} differs by {by:+.2f} {asked.unit} from the median of the other runs; {asked.key} is {window:g}"
            why = "What is matched between this run and the others falls out of the window, and its quantities are too low or missing"
            remedy = f"Calibrate all runs alike, or set {asked.key} to {math.ceil(abs(by) / most)} or more"
            found.append(_Remark(abs(by), Problem(_named(row), what, why, remedy)))
    return found


def _from_the_others(values: np.ndarray) -> np.ndarray:
    """Each value less the median of the others, (n_runs,); NaN without others."""
    off = np.full(len(values), np.nan)
    held = np.flatnonzero(np.isfinite(values))
    if len(held) >= 2:
        for place in held:
            off[place] = values[place] - np.median(values[held[held != place]])
    return off


def _mostly_transferred(runs: pd.DataFrame, most: float) -> list[_Remark]:
    found = []
    for row in runs.dropna(subset=["quantified", "transferred"]).to_dict("records"):
        quantified, transferred = int(row["quantified"]), int(row["transferred"])
        if transferred > most * quantified:
            what = f"{transferred} of {quantified} quantities were matched between runs: no spectrum of this run identifies them"
            why = "They take for granted that this sample holds what the others hold, and may be of another ion or of noise"
            remedy = "Read its low values with care, or set match_between_runs to false"
            found.append(_Remark(transferred / quantified, Problem(_named(row), what, why, remedy)))
    return found


def _named(row: dict[Any, Any]) -> str:
    return f"{row['sample']} ({row['file']})"
