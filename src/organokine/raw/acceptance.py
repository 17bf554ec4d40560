"""Which matches are believed: targets and decoys counted here, beside what the engine says, and whether the count means anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from organokine.errors import Problem
from organokine.kernels.target_decoy import DecoyVerdict, Picked, decoy_verdict, picked_q_values
from organokine.raw.protein_groups import group_proteins

if TYPE_CHECKING:
    from organokine.raw.settings import SearchSettings


class Acceptance(NamedTuple):
    """Matches with a verdict.

    Attributes
    ----------
    matches : pandas.DataFrame
        `organokine.raw.result.MATCH_COLUMNS`, with `q` (counted, of the peptide; NaN for decoys), `accepted`, and `decoy_as_good`: of a
        decoy, with a score at or above the lowest of an accepted match.
    peptides, spectra : DecoyVerdict
        Counts of both, and whether they mean anything.
    engine_accepted, both_accepted : int
        Peptides that the engine's own q accepts at the same level, and that both accept.
    decoy_proteins : tuple of tuple of str
        For each peptide of a decoy that scored as well as the accepted ones: the proteins it was reversed from.
    decoy_peptides : tuple of str
        These peptides.
    """

    matches: pd.DataFrame
    peptides: DecoyVerdict
    spectra: DecoyVerdict
    engine_accepted: int
    both_accepted: int
    decoy_proteins: tuple[tuple[str, ...], ...]
    decoy_peptides: tuple[str, ...]

    @property
    def sequences(self) -> frozenset[str]:
        """Sequences with modifications that were accepted."""
        return frozenset(self.matches.loc[self.matches["accepted"], "sequence"])


def accept(matches: pd.DataFrame, level: float) -> Acceptance:
    """Accept peptides, and of their spectra those that are good enough alone, by counting decoys.

    Every peptide with its modifications competes with its reversal, over all runs together, by its best score; a spectrum of an
    accepted peptide is accepted if its own score is, among all spectra. The null hypothesis of a peptide is that it is in no run.

    Parameters
    ----------
    matches : pandas.DataFrame
        `organokine.raw.result.MATCH_COLUMNS`.
    level : float
        False discovery rate.

    Returns
    -------
    Acceptance
        Nothing is accepted from an empty frame.
    """
    code, _ = pd.factorize(matches["sequence"])
    score, decoy = matches["score"].to_numpy(dtype=float), matches["decoy"].to_numpy(dtype=bool)
    peptides = picked_q_values(score, decoy, code)
    spectra = picked_q_values(score, decoy, np.arange(len(matches)))
    q = _by_code(peptides, code, peptides.q)
    is_target = ~decoy & _by_code(peptides, code, ~peptides.decoy).astype(bool)
    spectrum_q = _by_code(spectra, np.arange(len(matches)), spectra.q)
    accepted = is_target & (q <= level) & (spectrum_q <= level)
    lowest = score[accepted].min() if accepted.any() else np.inf
    as_good = decoy & (score >= lowest)
    whole = matches.assign(q=np.where(is_target, q, np.nan), accepted=accepted, decoy_as_good=as_good)
    ours = set(whole.loc[accepted, "sequence"])
    engines = set(whole.loc[~decoy & (whole["engine_q"] <= level).to_numpy(), "sequence"])
    reversed_ = whole.iloc[_decoys_as_good(peptides, level)]
    return Acceptance(
        whole,
        decoy_verdict(peptides, level)._replace(n_accepted=len(ours)),  # of which a spectrum is accepted by itself, too
        decoy_verdict(spectra, level),
        len(engines),
        len(ours & engines),
        tuple(reversed_["proteins"]),
        tuple(reversed_["peptide"]),
    )


def _by_code(picked: Picked, code: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values of pairs, for each row of the input; NaN for rows whose pair has no score."""
    found = np.full(int(code.max()) + 1 if len(code) > 0 else 0, np.nan)
    found[picked.pair] = values
    return np.asarray(found[code])


def _decoys_as_good(picked: Picked, level: float) -> np.ndarray:
    """Rows of the decoys that won their pair with a score at or above the lowest that was accepted."""
    accepted = ~picked.decoy & (picked.q <= level)
    if not accepted.any():
        return np.zeros(0, dtype=np.int64)
    return np.asarray(picked.row[picked.decoy & (picked.score >= picked.score[accepted].min())])


def decoy_groups(acceptance: Acceptance, settings: SearchSettings) -> int:
    """Protein groups that the decoys alone would give by the same rules: about as many of the reported ones are false."""
    by_peptide: dict[str, set[str]] = {}
    for peptide, names in zip(acceptance.decoy_peptides, acceptance.decoy_proteins, strict=True):
        by_peptide.setdefault(peptide, set()).update(names)
    return len(group_proteins(by_peptide, least_unique=settings.least_unique).groups)


def as_plain(verdict: DecoyVerdict) -> dict[str, Any]:
    """A verdict as plain JSON; None where it has no number."""
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value
        for name, value in verdict._asdict().items()
    }


def decoy_remarks(acceptance: Acceptance, n_groups: int, n_decoy_groups: int, level: float) -> list[Problem]:
    """What must be read before any table: too few decoys, an engine that disagrees, proteins that are false too often.

    Parameters
    ----------
    acceptance : Acceptance
        Matches with a verdict.
    n_groups, n_decoy_groups : int
        Protein groups reported, and those the decoys alone would give.
    level : float
        False discovery rate asked for.
    """
    where, said = "false discovery rate", acceptance.peptides
    found = []
    if not said.enough:
        high = 100 if not np.isfinite(said.false_high) else 100 * said.false_high
        what = (
            f"{said.n_decoys} decoys beside {said.n_targets} targets are too few to know it: {said.n_accepted} peptides are accepted at "
            f"{100 * level:g} %, and up to {high:.2g} % may be false"
        )
        why = "Every q-value rests on the count of decoys; with few proteins or very clean data it means nothing, and engines do not say so"
        remedy = "Search against the whole proteome of the species with contaminants, not a list of a few proteins; or search more runs together"
        found.append(Problem(where, what, why, remedy))
    if acceptance.engine_accepted < 0.8 * said.n_accepted or said.n_accepted < 0.8 * acceptance.engine_accepted:
        what = f"the engine's own q-values accept {acceptance.engine_accepted} peptides, the count of decoys {said.n_accepted}"
        why = "The engine fits curves to the scores of decoys, which fails where these are few; the tables follow the count"
        found.append(Problem(where, what, why, "Believe the smaller number; see false_discovery in qc.json"))
    if n_groups > 0 and n_decoy_groups > max(level * n_groups, 1):
        what = f"decoys alone would give {n_decoy_groups} protein groups beside the {n_groups} reported"
        why = f"About as many of those reported are false, more than {100 * level:g} %: wrong peptides gather on proteins of their own"
        found.append(Problem(where, what, why, "Ask for more peptides of a protein (least_unique), or a smaller fdr"))
    return found
