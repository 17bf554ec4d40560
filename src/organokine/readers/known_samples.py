"""Samples of a table that the sample sheet names, and the others counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count


def keep_known(
    names: Sequence[str], known: Collection[str] | None, item: str, where: str
) -> tuple[list[int], list[Count]]:
    """Positions of the samples that the sheet names, and the others counted.

    Parameters
    ----------
    names : sequence of str
        Samples of the table.
    known : collection of str or None
        Samples of the sheet; None keeps all.
    item : str
        What one sample is in the file, in the plural, such as `columns` or `files`.
    where : str
        What to call the table in messages.

    Returns
    -------
    tuple
        Positions in `names`, and what was left out.

    Raises
    ------
    DataError
        If no sample is left, or one stands more than once.
    """
    kept = [position for position, name in enumerate(names) if known is None or name in known]
    if len(kept) == 0:
        raise DataError(_none_known(names, known, item, where))
    repeated = [name for name, n in Counter(names[position] for position in kept).items() if n > 1]
    if len(repeated) > 0:
        what = f"{len(repeated)} samples stand more than once among the {item}: {first_examples(repeated)}"
        why = f"It is not known which of the {item} is the sample"
        raise DataError(Problem(where, what, why, "Give each its own name, or leave the copy out"))
    rest = [name for name in names if known is not None and name not in known]
    if len(rest) == 0:
        return kept, []
    note = f"{item} that the sample sheet does not name: left out"
    return kept, [Count(f"{item} without a row in the sheet", len(rest), len(names), first_examples(rest), note)]


def _none_known(names: Sequence[str], known: Collection[str] | None, item: str, where: str) -> Problem:
    if len(names) == 0 or known is None:
        return Problem(where, f"there are no {item} to read", "There is nothing to read", "Export the table again")
    shown, wanted = first_examples(names, 2), first_examples(sorted(known), 2)
    what = f"none of the {len(known)} samples of the sample sheet ({wanted}) is among the {item} ({shown})"
    remedy = f"Write these names of {item} into the column `sample` of the sample sheet"
    return Problem(where, what, "Values are joined to animals by the name of the sample", remedy)
