"""Join the searches of all runs: one error rate over all, protein groups, quantities in all runs, and how far to trust them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem
from organokine.raw import sage, sage_joint
from organokine.raw.acceptance import Acceptance, accept, as_plain, decoy_groups, decoy_remarks
from organokine.raw.folder import RawFolder, open_folder
from organokine.raw.joint_score import FEATURES, joint_score
from organokine.raw.memory import available_bytes, survey_bytes, too_large
from organokine.raw.mobility_use import Uses, mobility_use
from organokine.raw.precursor_mobility import exact_mobility
from organokine.raw.precursors import precursor_table, protein_matrix
from organokine.raw.protein_groups import ProteinGroups, group_proteins
from organokine.raw.remarks import nothing_but_contaminants, oddities, uncharged, unfitted
from organokine.raw.result import MATCH_COLUMNS, RawFile, RawResult
from organokine.raw.run_quality import run_remarks, run_table, trend_sample
from organokine.raw.twins import proteins_of_twins, twin_of

if TYPE_CHECKING:
    from organokine.raw.fasta import Fasta
    from organokine.raw.settings import SearchSettings
    from organokine.readers.base import Count

WITHOUT_MOBILITY = 1000.0
"""Window of 1/K0 in per cent, to either side, that holds every ion: the highest 1/K0 of an instrument is three times the lowest."""


class Runs(NamedTuple):
    """Searches to be joined.

    Attributes
    ----------
    files : tuple of RawFile
        All files of the sheet, those that failed with their problems.
    packed : tuple of bytes
        Matches of those that did not, in their order.
    """

    files: tuple[RawFile, ...]
    packed: tuple[bytes, ...]

    @property
    def searched(self) -> list[RawFile]:
        """Files without problems."""
        return [file for file in self.files if len(file.problems) == 0]


def combine(
    runs: Runs,
    fasta: Fasta,
    settings: SearchSettings,
    counts: Sequence[Count] = (),
    echo: Callable[[str], None] = print,
) -> RawResult:
    """Join the searches of several runs.

    Parameters
    ----------
    runs : Runs
        Files and their matches.
    fasta : Fasta
        What they were searched against.
    settings : SearchSettings
        How they were searched, and how they are joined.
    counts : sequence of Count
        What was counted before, for `qc.json` and the page.
    echo : callable
        Told what is being done.

    Returns
    -------
    RawResult
        `quality` holds `engine`, `settings`, `false_discovery` (level; counts and verdicts for peptides and spectra; protein groups that
        the decoys alone would give), `mobility` (see `mobility_use`; None if not asked for), `trend` (see `trend_sample`), `counts` and `runs`.

    Raises
    ------
    DataError
        If no file was searched, searches are of another FASTA, or memory is too small.
    """
    folders = [open_folder(file.path) for file in runs.searched]
    _refuse_impossible(runs, folders)
    database = sage.build_database(fasta, settings)
    matches = sage_joint.join_searches(runs.packed, database)
    rescored = sage_joint.Rescored([], ())
    if len(matches.psms) > 0:
        rescored = sage_joint.rescore(matches, database, settings)
    described, features = _described(matches, runs.searched, folders)
    scored = joint_score(features, described["decoy"], described["peptide"], use_mobility=True)
    accepted = accept(described.assign(score=scored.score), settings.fdr)
    echo(f"{len(accepted.sequences):,} peptides accepted of {len(accepted.matches):,} matched spectra")
    groups = _groups(accepted, fasta, settings)
    quantities = _quantities(matches, accepted, rescored.alignments, database, runs.searched, settings)
    precursors = precursor_table(accepted.matches, quantities.within, groups, fasta, settings)
    proteins, counted = protein_matrix(precursors, [file.sample for file in runs.searched])
    n_decoy_groups = decoy_groups(accepted, settings)
    table = run_table(runs.files, accepted.matches, precursors, proteins)
    every = (*counts, *uncharged(folders), *fasta.counts, *groups.counts, *counted)
    warnings = [
        *decoy_remarks(accepted, len(groups.groups), n_decoy_groups, settings.fdr),
        *unfitted((*rescored.missing, *scored.missing)),
        *(problem for file in runs.files for problem in file.problems),
        *oddities(folders),
        *nothing_but_contaminants(precursors, proteins),
        *run_remarks(table, settings),
    ]
    quality = {
        "engine": {"name": sage.NAME, "version": sage.engine_version(), "licence": sage.LICENCE},
        "settings": settings.model_dump(mode="json"),
        "false_discovery": _false_discovery(accepted, len(groups.groups), n_decoy_groups, settings.fdr),
        "mobility": _mobility(described, features, accepted, quantities, settings),
        "trend": trend_sample(accepted.matches),
        "counts": [count.__dict__ for count in every],
        "runs": len(runs.files),
    }
    return RawResult(proteins, precursors, table, quality, every, tuple(warnings))


class _Quantities(NamedTuple):
    """Intensities of accepted precursors, by sequence and charge, one column per sample: within the window of 1/K0, and without it."""

    within: pd.DataFrame
    without: pd.DataFrame | None


def _refuse_impossible(runs: Runs, folders: Sequence[RawFolder]) -> None:
    if len(folders) == 0:
        problems = [problem for file in runs.files for problem in file.problems]
        what = f"none of the {len(runs.files)} runs could be searched"
        raise DataError(
            [Problem("raw data", what, "There is nothing to join", "Mend what is told of each of them"), *problems]
        )
    problems = too_large(survey_bytes(folders), available_bytes(), len(folders))
    if len(problems) > 0:
        raise DataError(problems)


def _described(
    matches: sage_joint.Matches, files: Sequence[RawFile], folders: Sequence[RawFolder]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Matches with the names of their samples and exact 1/K0, not scored yet, and what they are scored by."""
    if len(matches.psms) == 0:
        return _no_matches(files), pd.DataFrame(columns=list(FEATURES), dtype=float)
    frame, features = sage_joint.match_frames(matches)
    mobility = np.full(len(frame), np.nan)
    number = frame["file"].to_numpy()
    for place, folder in enumerate(folders):
        rows = np.flatnonzero(number == place)
        spectrum, mz = frame["spectrum"].to_numpy()[rows], frame["measured_mz"].to_numpy()[rows]
        mobility[rows] = exact_mobility(folder, spectrum, mz)
    names = pd.Index([file.sample for file in files], dtype=object)
    frame["sample"] = pd.Categorical.from_codes(number, categories=names)
    return frame.assign(one_over_k0=mobility, score=np.nan)[list(MATCH_COLUMNS)], features


def _no_matches(files: Sequence[RawFile]) -> pd.DataFrame:
    kinds = dict.fromkeys(MATCH_COLUMNS, "float64")
    kinds |= {
        "sequence": "object",
        "peptide": "object",
        "proteins": "object",
        "decoy": "bool",
        "spectrum": "int64",
        "charge": "int64",
    }
    frame = pd.DataFrame(columns=list(MATCH_COLUMNS)).astype(kinds)
    return frame.assign(sample=pd.Categorical([], categories=[file.sample for file in files]))


def _groups(accepted: Acceptance, fasta: Fasta, settings: SearchSettings) -> ProteinGroups:
    """Protein groups; their peptides stand with every isoleucine written as leucine."""
    held = accepted.matches[accepted.matches["accepted"]].drop_duplicates("peptide")
    proteins = proteins_of_twins(held["peptide"], fasta, settings)
    for peptide, names in zip(held["peptide"], held["proteins"], strict=True):
        proteins.setdefault(twin_of(peptide), set()).update(names)
    reviewed = [entry.accession for entry in fasta.entries if entry.is_reviewed]
    return group_proteins(proteins, least_unique=settings.least_unique, reviewed=reviewed)


def _quantities(
    matches: sage_joint.Matches,
    accepted: Acceptance,
    alignments: Sequence[Any],
    database: Any,
    files: Sequence[RawFile],
    settings: SearchSettings,
) -> _Quantities:
    samples = [file.sample for file in files]
    chosen = [matches.psms[place] for place in best_of_precursors(accepted.matches)]
    if len(chosen) == 0:
        index = pd.MultiIndex.from_arrays([[], []], names=["sequence", "charge"])
        nothing = pd.DataFrame(index=index, columns=samples, dtype=float)
        return _Quantities(nothing, nothing if settings.compare_mobility else None)
    surveys = [frame for place, file in enumerate(files) for frame in sage_joint.read_surveys(file.path, place)]
    windows = [settings.mobility_percent, *([WITHOUT_MOBILITY] if settings.compare_mobility else [])]
    found = [
        sage_joint.quantify(chosen, database, surveys, alignments, settings, window).set_axis(samples, axis="columns")
        for window in windows
    ]
    return _Quantities(found[0], found[1] if len(found) > 1 else None)


def best_of_precursors(matches: pd.DataFrame) -> np.ndarray:
    """Places of the best accepted match of each precursor, over all runs; of equal ones the first."""
    ranked = matches.reset_index(drop=True).query("accepted").sort_values("score", ascending=False, kind="stable")
    return ranked.drop_duplicates(["sequence", "charge"]).index.to_numpy()


def _mobility(
    described: pd.DataFrame,
    features: pd.DataFrame,
    accepted: Acceptance,
    quantities: _Quantities,
    settings: SearchSettings,
) -> dict[str, Any] | None:
    """The same matches scored again as if nothing were known of 1/K0, and their quantities without its window."""
    if quantities.without is None:
        return None
    scored = joint_score(features, described["decoy"], described["peptide"], use_mobility=False)
    again = accept(described.assign(score=scored.score), settings.fdr)
    return mobility_use(
        Uses(accepted.sequences, quantities.within),
        Uses(again.sequences, quantities.without),
        settings.mobility_percent,
    )


def _false_discovery(accepted: Acceptance, n_groups: int, n_decoy_groups: int, level: float) -> dict[str, Any]:
    engine = {"engine_accepted": accepted.engine_accepted, "both_accepted": accepted.both_accepted}
    return {
        "level": level,
        "peptides": as_plain(accepted.peptides) | engine,
        "spectra": as_plain(accepted.spectra),
        "proteins": {"n_groups": n_groups, "n_decoy_groups": n_decoy_groups},
    }
