"""All searches of Sage together: predictions over all files, and quantities of what was accepted.

Which peptides are quantified is decided by us: their features are handed over with a q of 0, since the engine's own q is 1 for all
where decoys are few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from organokine.errors import DataError, Problem
from organokine.raw.sage import panics

if TYPE_CHECKING:
    import pandas as pd

    from organokine.raw.settings import SearchSettings

ISOTOPE = 1.0033548378
"""Mass of 13C minus that of 12C, in u."""
PROTON = 1.007276466621
"""Mass of a proton, in u."""
CENTROID_PPM = 5.0
"""Peaks of one MS1 frame that are put together lie this near in m/z: half a peak at the resolution of a timsTOF. Default of the engine."""
CENTROID_PERCENT = 3.0
"""The same in 1/K0. Default of the engine."""


class Matches(NamedTuple):
    """Spectra of all files with their best peptides, as the engine holds them.

    Attributes
    ----------
    psms : list
        Objects of sagepy, file by file, in the order of their spectra.
    file : numpy.ndarray
        (n,) number of the file of each.
    n_files : int
        Files, those without any match with them.
    """

    psms: list[Any]
    file: np.ndarray
    n_files: int


class Rescored(NamedTuple):
    """What is left of a joint score besides the matches.

    Attributes
    ----------
    alignments : list
        Alignment of each file, for `quantify`; of one without matches it is none.
    missing : tuple of str
        Parts of the score that could not be fitted, as with few matches; the score was made without them.
    """

    alignments: list[Any]
    missing: tuple[str, ...]


def join_searches(packed: Sequence[bytes], database: Any) -> Matches:
    """Matches of all files together.

    Parameters
    ----------
    packed : sequence of bytes
        Of `search_folder`, one per file.
    database : sagepy.core.database.IndexedDatabase
        The database they were searched against, built anew.

    Raises
    ------
    DataError
        If matches are not of this database.
    """
    from sagepy.core.scoring import json_bin_to_psms

    psms: list[Any] = []
    files: list[int] = []
    for number, content in enumerate(packed):
        listed = json_bin_to_psms(content) if len(content) > 0 else []
        for psm in listed:
            psm.sage_feature_file_id = number
        for psm in listed[:: max(len(listed) // 20, 1)]:
            _refuse_other_database(psm, database)
        psms += listed
        files += [number] * len(listed)
    return Matches(psms, np.asarray(files, dtype=np.int64), len(packed))


def _refuse_other_database(psm: Any, database: Any) -> None:
    """The place of a peptide in the database is all that the engine remembers of it."""
    asked = psm.sequence
    held = database[psm.peptide_idx].sequence if psm.peptide_idx < database.num_peptides else ""
    if asked != held:
        what = f"a search found {asked} where the database holds {held or 'nothing'}"
        why = "It was made with another FASTA or other settings, and its peptides would be taken for others"
        raise DataError(Problem("searches", what, why, "Delete the folder of finished searches and search again"))


def rescore(matches: Matches, database: Any, settings: SearchSettings) -> Rescored:
    """Align retention times, predict them and 1/K0, and let the engine make its own q-values.

    The matches are changed in place. The engine's discriminant is learned from the decoys that it counts, which makes its q-values
    too small where these are few; they are shown, and not used (see `organokine.raw.joint_score`).

    Parameters
    ----------
    matches : Matches
        All files together.
    database : sagepy.core.database.IndexedDatabase
        See `build_database`.
    settings : SearchSettings
        Tolerance of the precursor.

    Returns
    -------
    Rescored
        Alignments, and what could not be fitted.
    """
    from sagepy.core.fdr import assign_initial_spectrum_q_psms, lda_rescore_psms, sage_fdr_psm
    from sagepy.core.mass import Tolerance
    from sagepy.core.ml.mobility_model import predict_sage_im
    from sagepy.core.ml.retention_alignment import Alignment, psc
    from sagepy.core.ml.retention_model import predict_sage_rt

    psms = matches.psms
    with panics("the joint step"):
        assign_initial_spectrum_q_psms(psms)
        # the engine's own wrapper counts files by those that have matches, which is wrong if one has none
        aligned = psc.py_global_alignment_psm([psm.get_py_ptr() for psm in psms], matches.n_files)
        models = {"predicted retention time": predict_sage_rt, "predicted 1/K0": predict_sage_im}
        missing = [name for name, predict in models.items() if not _is_fitted(predict, psms, database)]
        lda_rescore_psms(psms, Tolerance(ppm=(-settings.precursor_ppm, settings.precursor_ppm)))
        sage_fdr_psm(psms, database, use_hyper_score=False)
    return Rescored([Alignment.from_py_ptr(each) for each in aligned], tuple(missing))


def _is_fitted(predict: Callable[[list[Any], Any], None], psms: list[Any], database: Any) -> bool:
    """Whether a model could be fitted; the engine raises where matches are few or nothing like it, as with a FASTA of another species."""
    try:
        predict(psms, database)
    except RuntimeError:
        return False
    return True


def match_frames(matches: Matches) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Matches as frames in the order of `matches`; see `organokine.raw.result.MATCH_COLUMNS`.

    Returns
    -------
    pandas.DataFrame
        Those columns but `sample`, `score` and `one_over_k0`; `file` is the number of the file, `measured_mz` the m/z that the
        engine read (Th).
    pandas.DataFrame
        `organokine.raw.joint_score.FEATURES`.
    """
    import pandas as pd
    from sagepy.utility import psm_collection_to_pandas

    held = psm_collection_to_pandas(matches.psms, num_threads=1)
    shift = held["isotope_error"].to_numpy(dtype=float)
    calculated = held["calcmass"].to_numpy(dtype=float)
    measured = held["expmass"].to_numpy(dtype=float) - np.round(shift / ISOTOPE) * ISOTOPE
    charge = held["charge"].to_numpy(dtype=np.int64)
    frame = pd.DataFrame(
        {
            "file": matches.file,
            "spectrum": held["spec_idx"].astype("int64"),
            "sequence": _of_target(held, "sequence_modified", "sequence_decoy_modified"),
            "peptide": _of_target(held, "sequence", "sequence_decoy"),
            "charge": charge,
            "decoy": held["decoy"].astype(bool),
            "proteins": [tuple(names) for names in held["proteins"]],
            "hyperscore": held["hyperscore"].astype(float),
            "mz": calculated / charge + PROTON,
            "mass_error": 1e6 * (measured - calculated) / calculated,
            "fragment_error": held["average_ppm"].astype(float),
            "minutes": held["rt"].astype(float),
            "measured_mz": held["expmass"].astype(float) / charge + PROTON,
            "engine_q": held["peptide_q"].astype(float),
        }
    )
    return frame, _features(held, frame)


def _features(held: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """What the joint score is made of, under the names used here."""
    import pandas as pd

    names = {
        "hyperscore": "hyperscore", "delta_next": "delta_next", "matched_peaks": "matched_peaks", "longest_b": "longest_b",
        "matched_intensity": "matched_intensity_pct", "longest_y_share": "longest_y_pct", "minutes_off": "delta_rt_model",
        "mobility_off": "delta_ims_model",
    }  # fmt: skip
    features = pd.DataFrame({name: held[theirs].astype(float) for name, theirs in names.items()})
    return features.assign(
        minus_log_poisson=-held["poisson"].astype(float),
        residues=frame["peptide"].str.len().astype(float),
        fragment_error=frame["fragment_error"],
        mass_error=frame["mass_error"],
    )


def _of_target(held: pd.DataFrame, own: str, partner: str) -> pd.Series:
    """Sequences of targets: of a decoy the engine gives its own, and that of the target it competes with beside it."""
    return held[own].where(~held["decoy"].astype(bool), held[partner]).astype(object)


def read_surveys(folder: Path, file: int) -> list[Any]:
    """MS1 frames of one file with mobility, centroided; all of them stay in memory."""
    from sagepy.core.spectrum import BrukerProcessingConfig, SpectrumProcessor, read_spectra

    processor = SpectrumProcessor(take_top_n=2**31 - 1, deisotope=False)
    config = BrukerProcessingConfig(mz_ppm=CENTROID_PPM, ims_pct=CENTROID_PERCENT)
    with panics(str(folder)):
        raw = read_spectra(str(folder), ms_level=1, file_id=file, bruker_config=config, requires_ms1=True)
        return [processor.process_with_mobility(each) for each in raw]


def quantify(
    chosen: Sequence[Any],
    database: Any,
    surveys: Sequence[Any],
    alignments: Sequence[Any],
    settings: SearchSettings,
    mobility_percent: float,
) -> pd.DataFrame:
    """Intensities of precursors in MS1, in all files at once.

    Parameters
    ----------
    chosen : sequence
        The match of each precursor that says where it is sought in every file: its aligned retention time and 1/K0, and its file, onto
        which the others are warped. Of several matches of one precursor the engine takes the first.
    database : sagepy.core.database.IndexedDatabase
        See `build_database`.
    surveys : sequence
        MS1 frames of all files.
    alignments : sequence
        Of `rescore`.
    settings : SearchSettings
        Windows and charges.
    mobility_percent : float
        Window of 1/K0 to either side; 1000 holds every ion.

    Returns
    -------
    pandas.DataFrame
        One row per precursor, by `sequence` and `charge`, and one column per number of a file: linear intensities summed over the
        peak, NaN where none was found. Decoys of the engine are left out.
    """
    from sagepy.core import lfq

    wanted = lfq.LfqSettings(
        peak_scoring_strategy=lfq.PeakScoringStrategy("hybrid"),
        integration_strategy=lfq.IntegrationStrategy("sum"),
        ppm_tolerance=settings.quantity_ppm,
        mobility_pct_tolerance=mobility_percent,
        combine_charge_states=False,
    )
    by_charge: dict[int, list[Any]] = {}
    for psm in chosen:
        by_charge.setdefault(int(psm.charge), []).append(psm)
    rows: dict[tuple[str, int], Sequence[float]] = {}
    # charge by charge, since the engine seeks every charge of a peptide at the 1/K0 of one of them
    for charge, psms in sorted(by_charge.items()):
        with panics("quantities"):
            features = [_accepted_feature(psm.get_py_ptr().sage_feature) for psm in psms]
            asked = lfq.psc.py_build_feature_map(wanted.get_py_ptr(), (charge, charge), features)
            found = lfq.FeatureMap.from_py_feature_map(asked).quantify_with_mobility(
                database, list(surveys), list(alignments)
            )
        names = {psm.peptide_idx: psm.sequence_modified for psm in psms}
        rows |= {
            (names[precursor.peptide_id.idx], charge): intensity
            for (precursor, decoy), (_, intensity) in found.items()
            if not decoy
        }
    return _intensity_frame(rows, len(alignments))


def _intensity_frame(rows: Mapping[tuple[str, int], Sequence[float]], n_files: int) -> pd.DataFrame:
    import pandas as pd

    index = pd.MultiIndex.from_tuples(sorted(rows), names=["sequence", "charge"])
    values = np.array([rows[key] for key in index], dtype=float).reshape(len(index), n_files)
    return pd.DataFrame(np.where(values > 0, values, np.nan), index=index, columns=range(n_files))


def _accepted_feature(feature: Any) -> Any:
    """The same feature with the q of an accepted one, made without the Python class, which mixes up the order of its fields."""
    from sagepy_connector import py_scoring

    fields = (
        "peptide_idx", "psm_id", "peptide_len", "spec_id", "file_id", "rank", "label", "expmass", "calcmass", "charge", "delta_mass",
        "isotope_error", "average_ppm", "hyperscore", "delta_next", "delta_best", "matched_peaks", "longest_b", "longest_y",
        "longest_y_pct", "missed_cleavages", "matched_intensity_pct", "scored_candidates", "poisson", "discriminant_score",
        "posterior_error", "ms2_intensity", "rt", "aligned_rt", "predicted_rt", "delta_rt_model", "ims", "predicted_ims",
        "delta_ims_model",
    )  # fmt: skip
    held = {name: getattr(feature, name) for name in fields}
    return py_scoring.PyFeature(**held, spectrum_q=0.0, peptide_q=0.0, protein_q=0.0)
