"""Where something is computed changes nothing but the order of the answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from organokine import parallel
from organokine.errors import OrganokineError
from organokine.parallel import WorkerLostError, as_finished, map_items, n_slots
from tests.parallel_functions import killed_at_three, most_threads, product, refused_at_three, slow_if_first, square


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def test_map_items_keeps_the_order() -> None:
    assert map_items(square, range(5)) == map_items(square, range(5), workers=2) == [0, 1, 4, 9, 16]


def test_every_item_is_answered_once(scheduler: str) -> None:
    expected = [(place, place * place) for place in range(7)]
    assert list(as_finished(square, range(7))) == expected
    assert sorted(as_finished(square, range(7), workers=2)) == expected
    assert sorted(as_finished(square, range(7), scheduler=scheduler)) == expected
    assert list(as_finished(square, [])) == []


def test_answers_come_as_they_are_there() -> None:
    places = [place for place, _ in as_finished(slow_if_first, range(6), workers=2)]
    assert places[0] != 0
    assert sorted(places) == list(range(6))


def test_sums_are_taken_in_one_order(scheduler: str) -> None:
    here = dict(as_finished(product, range(3)))
    assert dict(as_finished(product, range(3), workers=2)) == here
    assert dict(as_finished(product, range(3), scheduler=scheduler)) == here


def test_each_item_has_one_thread() -> None:
    assert {threads for _, threads in as_finished(most_threads, range(2))} == {1}
    assert {threads for _, threads in as_finished(most_threads, range(2), workers=2)} == {1}


def test_a_killed_process_is_one_message_after_what_was_finished() -> None:
    found = []
    with pytest.raises(WorkerLostError, match="the memory is used up") as caught:
        found.extend(as_finished(killed_at_three, range(4), workers=2))
    assert caught.value.problems[0].where == "2 workers"
    assert all(place == answer for place, answer in found)


@pytest.mark.parametrize("where", ["here", "processes", "cluster"])
def test_what_a_function_raises_is_raised(where: str, scheduler: str) -> None:
    options = {"here": {}, "processes": {"workers": 2}, "cluster": {"scheduler": scheduler}}[where]
    with pytest.raises(ValueError, match="three is refused"):
        list(as_finished(refused_at_three, range(6), **options))


def test_slots(scheduler: str) -> None:
    assert (n_slots(3), n_slots(0), n_slots(1, scheduler)) == (3, 1, 2)


def test_a_scheduler_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(parallel, "CONNECT_SECONDS", 0.2)
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        with pytest.raises(OrganokineError, match="no Dask scheduler answers"):
            list(as_finished(square, range(2), scheduler=address))


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(OrganokineError, match=r"pip install 'organokine\[dask\]'"):
        list(as_finished(square, range(2), scheduler="tcp://127.0.0.1:8786"))
