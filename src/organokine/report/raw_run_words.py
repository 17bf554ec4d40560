"""What the page of a raw run says in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from organokine.report import words

if TYPE_CHECKING:
    import pandas as pd

    from organokine.raw.result import RawResult

FALSE_DISCOVERY = (
    "Every spectrum was also compared with decoys: sequences turned round, which are in no sample. A wrong match hits a decoy as often as a "
    "target, so the decoys above a score tell how many of the targets above it are wrong. Each peptide competes with its own "
    "decoy, and the better of the two is counted. The interval holds the share of wrong ones with 95 % confidence at either end; few "
    "decoys make it wide, and where its upper end is beyond twice the asked rate the same counts arise from a list that is far worse."
)
NO_FALSE_DISCOVERY = "The engine hands over no matches to decoys: its own error rates are taken as they are, and nothing was counted again."
NO_MOBILITY = "The same without ion mobility was not computed: what it contributes is not known."
NO_TREND = "No peptide was identified by a spectrum with 1/K0: there is no trend to show."
INTERFERENCE = (
    "What is larger without the window are other ions of the same m/z and time that the window keeps out. Values that are measured only "
    "without it are not gained: nothing says that they are of the same ion. The spread between samples holds what is "
    "different between groups as well as noise, so only its two values are compared."
)


def answer(result: RawResult) -> list[str]:
    """How many runs, peptides and protein groups, and whether the error rate means anything."""
    return [_files(result.runs), _found(result), *_between_runs(result.runs)]


def _files(runs: pd.DataFrame) -> str:
    failed = [str(name) for name in runs.loc[runs["state"] == "failed", "sample"]]
    searched = f"{words.count(len(runs) - len(failed))} of {words.counted(len(runs), 'file')} {'was' if len(runs) == 1 else 'were'} searched"
    if len(failed) == 0:
        return f"{searched}."
    named = words.listed(failed[:3]) if len(failed) <= 3 else f"{', '.join(failed[:3])} and {len(failed) - 3} more"
    return f"{searched}; of those that failed nothing is in any table: {named}."


def _found(result: RawResult) -> str:
    counted = result.quality.get("false_discovery")
    groups = f"{words.counted(len(result.proteins), 'protein group')} {'is' if len(result.proteins) == 1 else 'are'} reported"
    if not counted:
        return f"{groups}, at the error rates of the engine."
    rate, peptides = words.small_share(counted["level"]), counted["peptides"]
    if not peptides["enough"]:
        few = f"There are too few decoys ({words.count(peptides['n_decoys'])}) for an error rate of {rate} to mean anything"
        return f"{few}: {words.counted(peptides['n_accepted'], 'peptide')} would be accepted by it, and {groups}."
    if peptides["n_accepted"] == 0:
        return f"No peptide can be accepted at a false discovery rate of {rate}, and {groups}."
    accepted = words.counted(peptides["n_accepted"], "peptide")
    return f"{accepted} {'is' if peptides['n_accepted'] == 1 else 'are'} accepted at a counted false discovery rate of {rate}, and {groups}."


def _between_runs(runs: pd.DataFrame) -> list[str]:
    held = runs.dropna(subset=["quantified", "transferred"])
    quantified = int(held["quantified"].sum())
    if quantified == 0:
        return []
    middle = words.count(int(np.median(held["quantified"].to_numpy(dtype=float))))
    share = words.percent(int(held["transferred"].sum()) / quantified)
    return [
        f"In the median a run has {middle} precursors with a quantity; {share} of all these values were matched between runs."
    ]


def verdict(level: str, counted: Mapping[str, Any]) -> str:
    """Whether there are enough decoys at one level, in a few words."""
    if not counted["enough"]:
        return "too few decoys"
    return f"none is right at {level}" if counted["n_accepted"] == 0 else "enough decoys"


def interval(counted: Mapping[str, Any]) -> str:
    """The interval of the share of wrong ones; a dash where there is none."""
    low, high = counted["false_low"], counted["false_high"]
    if words.is_missing(low) or words.is_missing(high):
        return words.MISSING
    return f"{words.small_share(low)} to {words.small_share(high)}"


def mobility(found: Mapping[str, Any]) -> list[str]:
    """What ion mobility contributes, in sentences."""
    peptides, interference = found["peptides"], found["interference"]
    if words.is_missing(peptides["without"]):
        return [NO_MOBILITY]
    accepted = f"With ion mobility {words.counted(peptides['with'], 'peptide')} are accepted, without it {words.count(peptides['without'])}."
    said = [
        f"The same files were scored and quantified once with ion mobility and within its window, and once without. {accepted}"
    ]
    if interference is not None:
        twice, high = words.small_share(interference["share_twice"]), 2 ** interference["high_log2"]
        said.append(
            f"Of the quantities measured in both ways, {twice} are more than twice as large without the window of "
            f"{found['window_percent']:g} % in 1/K0; in one of ten the factor is {high:.2f} or more."
        )
    return said
