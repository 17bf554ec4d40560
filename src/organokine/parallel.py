"""Map a function over items: serially or in processes. The answer never depends on the number of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def map_items(function: Callable[[Item], Answer], items: Iterable[Item], workers: int = 1) -> list[Answer]:
    """Apply a function to every item and keep the order.

    Parameters
    ----------
    function : callable
        A module-level function (or a partial of one), since processes must be able to find it.
    items : iterable
        What to apply it to.
    workers : int
        1 runs here; more start that many processes.

    Returns
    -------
    list
        Answers in the order of the items.
    """
    listed = list(items)
    if workers <= 1 or len(listed) <= 1:
        return [function(item) for item in listed]
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=min(workers, len(listed)), mp_context=context) as pool:
        return list(pool.map(function, listed))
