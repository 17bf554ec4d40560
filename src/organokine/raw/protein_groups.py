"""Protein groups from identified peptides: as few groups as explain them all, shared peptides to the larger group."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from organokine.errors import first_examples
from organokine.readers.base import Count
from organokine.readers.precursors.filters import is_decoy

if TYPE_CHECKING:
    import pandas as pd

LEAST_UNIQUE = 2
"""Peptides that no other group holds, for a group to be reported. One wrong peptide makes a wrong protein, and wrong peptides
gather on proteins of their own: with 1 % of wrong peptides the single-peptide proteins are where the errors are (Savitski et al.
2015, doi:10.1074/mcp.M114.046995). It costs small proteins; 1 keeps them (Gupta and Pevzner 2009, doi:10.1021/pr9004794)."""


@dataclass(frozen=True)
class ProteinGroups:
    """Groups of proteins that the peptides do not tell apart.

    Attributes
    ----------
    groups : pandas.DataFrame
        One row per group: `group` (accessions joined by `;`, the leading one first), `leading`, `n_proteins`, and the whole
        numbers `peptides` (all it explains), `unique_peptides` (no other group holds them) and `razor_peptides` (counted
        for it: its unique ones and the shared ones it keeps). Most peptides first.
    peptides : pandas.DataFrame
        One row per peptide of a reported group: `peptide`, `group` (the one it counts for), bool `is_unique`.
    counts : tuple of Count
        Decoys, and proteins and peptides left out, with why.
    """

    groups: pd.DataFrame
    peptides: pd.DataFrame
    counts: tuple[Count, ...]


def group_proteins(
    proteins: Mapping[str, Collection[str]], *, least_unique: int = LEAST_UNIQUE, reviewed: Collection[str] = ()
) -> ProteinGroups:
    """Group proteins by parsimony, and give each shared peptide to one group.

    Proteins with the same peptides are one group. Groups are taken greedily, the one that explains most peptides not yet
    explained first, and those that turn out superfluous are put back; what remains explains all peptides. Ties go to more
    peptides, then to reviewed entries, then by name, so the order of the input does not matter.

    Parameters
    ----------
    proteins : mapping of str to collection of str
        Peptide to *all* proteins it matches. Decoys, known by their prefix, never become part of a group; a peptide of decoys
        only is left out.
    least_unique : int
        Unique peptides that a group needs to be reported.
    reviewed : collection of str
        Accessions that lead a group before others.

    Returns
    -------
    ProteinGroups
        Empty tables if nothing is left.

    References
    ----------
    Parsimony: Nesvizhskii and Aebersold 2005, doi:10.1074/mcp.R500012-MCP200; razor peptides: Cox and Mann 2008,
    doi:10.1038/nbt.1511.
    """
    of_peptide = {peptide: {name for name in names if not is_decoy(name)} for peptide, names in proteins.items()}
    targets = {peptide: names for peptide, names in of_peptide.items() if len(names) > 0}
    first = frozenset(reviewed)
    candidates = _indistinguishable(targets, first)
    chosen = _without_superfluous(candidates, _cover(candidates, first))
    holders: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for members in chosen:
        for peptide in candidates[members]:
            holders[peptide].append(members)
    n_unique = {members: sum(len(holders[peptide]) == 1 for peptide in candidates[members]) for members in chosen}
    kept = [members for members in chosen if n_unique[members] >= least_unique]
    owner = _razor(holders, set(kept), {members: len(candidates[members]) for members in chosen}, first)
    tables = _tables(kept, candidates, n_unique, owner, holders)
    counts = _counts(proteins, targets, candidates, chosen, kept, len(owner), least_unique)
    return ProteinGroups(*tables, tuple(counts))


Groups = dict[tuple[str, ...], frozenset[str]]


def _rank(members: tuple[str, ...], reviewed: frozenset[str]) -> tuple[bool, tuple[str, ...]]:
    return members[0] not in reviewed, members


def _indistinguishable(of_peptide: Mapping[str, Collection[str]], reviewed: frozenset[str]) -> Groups:
    """Proteins with the same peptides, as members in order, to these peptides."""
    by_protein: dict[str, set[str]] = defaultdict(set)
    for peptide, names in of_peptide.items():
        for name in names:
            by_protein[name].add(peptide)
    by_peptides: dict[frozenset[str], list[str]] = defaultdict(list)
    for name, peptides in by_protein.items():
        by_peptides[frozenset(peptides)].append(name)
    return {
        tuple(sorted(names, key=lambda name: (name not in reviewed, name))): peptides
        for peptides, names in by_peptides.items()
    }


def _cover(candidates: Groups, reviewed: frozenset[str]) -> list[tuple[str, ...]]:
    """Greedy cover. The heap holds how much each explained when last asked; it can only have become less."""
    left = set(chain.from_iterable(candidates.values()))
    heap = [
        (-len(peptides), -len(peptides), _rank(members, reviewed), members) for members, peptides in candidates.items()
    ]
    heapq.heapify(heap)
    chosen = []
    while len(left) > 0:
        gain, size, rank, members = heapq.heappop(heap)
        now = len(candidates[members] & left)
        if now == -gain:
            chosen.append(members)
            left -= candidates[members]
        elif now > 0:
            heapq.heappush(heap, (-now, size, rank, members))
    return chosen


def _without_superfluous(candidates: Groups, chosen: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Put back groups all of whose peptides others hold, the last taken first."""
    n_holders: dict[str, int] = defaultdict(int)
    for members in chosen:
        for peptide in candidates[members]:
            n_holders[peptide] += 1
    kept = []
    for members in reversed(chosen):
        if all(n_holders[peptide] > 1 for peptide in candidates[members]):
            for peptide in candidates[members]:
                n_holders[peptide] -= 1
        else:
            kept.append(members)
    return kept[::-1]


def _razor(
    holders: Mapping[str, list[tuple[str, ...]]],
    kept: Collection[tuple[str, ...]],
    size: Mapping[tuple[str, ...], int],
    reviewed: frozenset[str],
) -> dict[str, tuple[str, ...]]:
    """Each peptide to the reported group with most peptides; absent if no reported group holds it."""
    owner = {}
    for peptide in sorted(holders):
        reported = [members for members in holders[peptide] if members in kept]
        if len(reported) > 0:
            owner[peptide] = min(reported, key=lambda members: (-size[members], _rank(members, reviewed)))
    return owner


def _tables(
    kept: Sequence[tuple[str, ...]],
    candidates: Groups,
    n_unique: Mapping[tuple[str, ...], int],
    owner: Mapping[str, tuple[str, ...]],
    holders: Mapping[str, list[tuple[str, ...]]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    n_razor: dict[tuple[str, ...], int] = defaultdict(int)
    for members in owner.values():
        n_razor[members] += 1
    rows = [
        (";".join(members), members[0], len(members), len(candidates[members]), n_unique[members], n_razor[members])
        for members in sorted(kept, key=lambda members: (-len(candidates[members]), members))
    ]
    names = ["group", "leading", "n_proteins", "peptides", "unique_peptides", "razor_peptides"]
    kinds = {"group": "object", "leading": "object"} | dict.fromkeys(names[2:], "int64")
    groups = pd.DataFrame(rows, columns=names).astype(kinds)
    peptides = [(peptide, ";".join(members), len(holders[peptide]) == 1) for peptide, members in owner.items()]
    kinds = {"peptide": "object", "group": "object", "is_unique": "bool"}
    return groups, pd.DataFrame(peptides, columns=list(kinds)).astype(kinds)


def _counts(
    given: Mapping[str, Collection[str]],
    targets: Mapping[str, Collection[str]],
    candidates: Groups,
    chosen: Sequence[tuple[str, ...]],
    kept: Sequence[tuple[str, ...]],
    n_used: int,
    least_unique: int,
) -> list[Count]:
    decoys = [peptide for peptide in given if peptide not in targets]
    explained = sorted(set(candidates) - set(chosen))
    dropped = sorted(set(chosen) - set(kept))
    too_few = f"fewer than {least_unique} peptides that no other group holds: left out"
    rows = [
        ("peptides of decoys only", len(decoys), len(given), sorted(decoys), "left out"),
        (
            "protein groups explained by others",
            len(explained),
            len(candidates),
            _joined(explained),
            "parsimony: left out",
        ),
        ("protein groups with too few unique peptides", len(dropped), len(chosen), _joined(dropped), too_few),
        ("peptides of no reported group", len(targets) - n_used, len(targets), [], "all their groups were left out"),
    ]
    return [Count(item, n, of, first_examples(shown, 1), note) for item, n, of, shown, note in rows if n > 0]


def _joined(groups: Sequence[tuple[str, ...]]) -> list[str]:
    return [";".join(members) for members in groups]
