"""Map a function over items: serially, in processes, or on a cluster. The answer never depends on where it is computed."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from organokine.errors import OrganokineError, Problem

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

Item = TypeVar("Item")
Answer = TypeVar("Answer")

CONNECT_SECONDS = 30
"""How long a Dask scheduler may take to answer before it counts as unreachable."""


class WorkerLostError(OrganokineError):
    """A process or a machine ended before its work did."""


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
    with _pool(min(workers, len(listed))) as pool:
        return list(pool.map(function, listed))


def as_finished(
    function: Callable[[Item], Answer], items: Sequence[Item], workers: int = 1, scheduler: str | None = None
) -> Iterator[tuple[int, Answer]]:
    """Apply a function to every item and give each answer as soon as it is there.

    Each item is computed on one thread, wherever that is, so that sums are taken in the same order and answers agree to the bit.

    Parameters
    ----------
    function : callable
        A module-level function (or a partial of one), since processes must be able to find it.
    items : sequence
        What to apply it to; started in this order.
    workers : int
        1 runs here; more start that many processes. Without meaning if there is a scheduler.
    scheduler : str, optional
        Address of a running Dask scheduler, such as `tcp://node7:8786`; its workers compute (extra `dask`).

    Yields
    ------
    tuple of int and object
        Place of the item, and its answer.

    Raises
    ------
    WorkerLostError
        If a worker process or machine is gone.
    OrganokineError
        If the extra is not installed, or the scheduler cannot be reached. What the function raises, is raised.
    """
    if scheduler is not None:
        yield from _on_cluster(function, items, scheduler)
    elif workers <= 1 or len(items) <= 1:
        from threadpoolctl import threadpool_limits

        for place, item in enumerate(items):
            with threadpool_limits(limits=1):
                answer = function(item)
            yield place, answer
    else:
        yield from _in_processes(function, items, min(workers, len(items)))


def n_slots(workers: int, scheduler: str | None = None) -> int:
    """How many items are computed at a time: the workers, or the threads of a Dask cluster as it is now."""
    if scheduler is None:
        return max(workers, 1)
    _, client = _connected(scheduler)
    try:
        return max(int(sum(client.ncores().values())), 1)
    finally:
        client.close()


def _in_processes(
    function: Callable[[Item], Answer], items: Sequence[Item], workers: int
) -> Iterator[tuple[int, Answer]]:
    from concurrent.futures import as_completed
    from concurrent.futures.process import BrokenProcessPool

    pool = _pool(workers, initializer=_be_a_worker)
    try:
        places = {pool.submit(function, item): place for place, item in enumerate(items)}
        for future in as_completed(places):
            yield places.pop(future), future.result()
    except BrokenProcessPool as error:
        raise WorkerLostError(
            Problem(
                f"{workers} workers",
                "a worker process ended before its work was done",
                "Most often the system stops it because the memory is used up",
                "Start again with fewer --workers, or on a machine with more memory: what was finished is not computed again",
            )
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _pool(workers: int, initializer: Callable[[], None] | None = None) -> ProcessPoolExecutor:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=initializer)


def _be_a_worker() -> None:
    """Compute on one thread, and leave it to the parent to answer an interrupt: what is being computed is finished."""
    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(limits=1)


def _on_one_thread(function: Callable[[Item], Answer], item: Item) -> Answer:
    """Compute on one thread; the limit stays, since a worker may have several threads that would lift it for each other."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1)
    return function(item)


def _on_cluster(
    function: Callable[[Item], Answer], items: Sequence[Item], scheduler: str
) -> Iterator[tuple[int, Answer]]:
    from concurrent.futures import CancelledError

    distributed, client = _connected(scheduler)
    try:
        futures = client.map(partial(_on_one_thread, function), items, pure=False)
        places = {future.key: place for place, future in enumerate(futures)}
        for future in distributed.as_completed(futures, loop=client.loop):
            yield places[future.key], future.result()
            future.release()
    except (distributed.KilledWorker, CancelledError) as error:
        raise WorkerLostError(
            Problem(
                scheduler,
                "the cluster lost workers or the work they had",
                "Most often a job's memory or time was used up",
                "Give its jobs more of either and start again: what was finished is not computed again",
            )
        ) from error
    finally:
        client.close()


def _connected(scheduler: str) -> tuple[Any, Any]:
    """The package, and a client of the scheduler."""
    try:
        import distributed
    except ImportError as error:
        raise OrganokineError(
            Problem(
                "--scheduler",
                "the package distributed is not installed",
                "Work is handed to a Dask scheduler through it",
                "Install it: pip install 'organokine[dask]'; or leave the option out",
            )
        ) from error
    try:
        connect: Any = distributed.Client
        return distributed, connect(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise OrganokineError(
            Problem(
                scheduler,
                "no Dask scheduler answers at this address",
                "The work is handed out by it",
                "Look at the address, such as tcp://node7:8786, and whether the scheduler runs",
            )
        ) from error
