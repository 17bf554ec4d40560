"""What a finished cell depends on, and that a damaged file is never taken for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.cell_store import CellStore, StoredResults, cell_keys
from organokine.population.cohort import Cell, Cohort
from organokine.population.cohort_files import matrix_fingerprint
from organokine.population.plan import enough_draws
from tests.population.cohorts import small_cohort
from tests.population_cells import quick_cell

CELL = Cell("muscle", "fat", "all", "none")


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return small_cohort(1, n_genes=40, organs=("muscle", "fat", "brain"))


def key_of(cohort: Cohort) -> str:
    organs = {name: matrix_fingerprint(matrix) for name, matrix in cohort.matrices.items()}
    return cell_keys(cohort, [CELL], organs)[CELL]


def with_options(cohort: Cohort, **changed: object) -> Cohort:
    return replace(cohort, options=cohort.options.model_copy(update=changed))


def with_matrix(cohort: Cohort, name: str, **changed: object) -> Cohort:
    return replace(cohort, matrices=dict(cohort.matrices) | {name: replace(cohort.matrices[name], **changed)})


def test_what_a_cell_does_not_depend_on(cohort: Cohort) -> None:
    cohort = with_options(cohort, permutations=100_000)  # more than any of these needs
    same = [
        with_options(cohort, leading=3, targets=7, pairs=(("muscle", "fat"),)),
        replace(cohort, traits=pd.DataFrame(), fdr=0.01),
        replace(cohort, matrices={name: cohort.matrices[name] for name in ("fat", "muscle")}),
        with_matrix(cohort, "brain", values=cohort.matrices["brain"].values + 1),
    ]
    assert {key_of(each) for each in same} == {key_of(cohort)}


def test_the_number_of_draws_is_part_of_what_a_cell_depends_on(cohort: Cohort) -> None:
    cohort = replace(with_options(cohort, permutations=999, most_permutations=100_000), fdr=0.01)
    fewer_tests = with_options(cohort, pairs=(("muscle", "fat"),))
    stricter = replace(cohort, fdr=0.001)
    assert enough_draws(fewer_tests) < enough_draws(cohort) < enough_draws(stricter)
    assert len({key_of(cohort), key_of(fewer_tests), key_of(stricter)}) == 3


def test_what_a_cell_depends_on(cohort: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    muscle, fat = cohort.matrices["muscle"], cohort.matrices["fat"]
    values = muscle.values.copy()
    values[3, 4] = np.nan
    routes = cohort.routes.copy()
    routes.loc[muscle.genes[0], "secreted"] = ~routes.loc[muscle.genes[0], "secreted"]
    others = [
        replace(cohort, seed=2),
        replace(cohort, factor="age"),
        replace(cohort, routes=routes),
        with_matrix(cohort, "muscle", values=values),
        with_matrix(cohort, "fat", genes=fat.genes[::-1]),
        with_matrix(cohort, "fat", individuals=fat.individuals.assign(age=1.0)),
        *(with_options(cohort, **{name: value}) for name, value in changed_options(cohort).items()),
    ]
    keys = [key_of(each) for each in (cohort, *others)]
    monkeypatch.setattr("organokine.cell_store.code_fingerprint", lambda: "other code")
    assert len({*keys, key_of(cohort)}) == len(keys) + 1


def changed_options(cohort: Cohort) -> dict[str, object]:
    """Every setting but those that choose cells or come after them, with another value."""
    own = cohort.options
    known = {"statistic": "spearman", "candidates": "all", "covariates": (), "sex": "gender", "factors": (0, 1)}
    later = {"pairs", "across_modalities", "within", "traits", "leading", "targets"}
    numbers = [name for name in type(own).model_fields if name not in known and name not in later]
    return known | {name: getattr(own, name) * 2 + 1 for name in numbers}


def spoilt(content: bytes, other: bytes) -> dict[str, bytes]:
    middle = len(content) // 3
    return {
        "cut": content[: len(content) // 2],
        "empty": b"",
        "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "another cell": other,
        "text": b"no zip",
    }


def test_a_cell_is_kept_and_found(cohort: Cohort, tmp_path: Path) -> None:
    store, made = CellStore(tmp_path / "cells"), quick_cell(cohort, CELL)
    assert store.load("a") is None
    store.save("a", CELL, made)
    results = StoredResults(store, {CELL: "a"})
    for mine, found in zip(made, results[CELL], strict=True):
        pd.testing.assert_frame_equal(mine, found, check_exact=True)
    assert (list(results), len(results), store.keys()) == ([CELL], 1, {"a"})
    content = store.path("a").read_bytes()
    store.save("a", CELL, made)
    assert store.path("a").read_bytes() == content, "the same answer is the same bytes"
    store.path("a").unlink()
    with pytest.raises(OSError, match="muscle/fat/all/none was damaged"):
        results[CELL]


def test_a_damaged_cell_is_no_cell(cohort: Cohort, tmp_path: Path) -> None:
    store = CellStore(tmp_path)
    store.save("a", CELL, quick_cell(cohort, CELL))
    store.save("b", Cell("fat", "muscle", "all", "none"), quick_cell(cohort, Cell("fat", "muscle", "all", "none")))
    content = store.path("a").read_bytes()
    for how, changed in spoilt(content, store.path("b").read_bytes()).items():
        store.path("a").write_bytes(changed)
        assert not store.has("a"), how
        assert store.load("a") is None, how


def test_any_byte_of_a_cell_counts(cohort: Cohort, tmp_path: Path) -> None:
    store = CellStore(tmp_path)
    store.save("a", CELL, quick_cell(cohort, CELL))
    content, right = store.path("a").read_bytes(), store.load("a")
    for place in np.random.default_rng(1).integers(0, len(content), 200):
        store.path("a").write_bytes(content[:place] + bytes([content[place] ^ 16]) + content[place + 1 :])
        found = store.load("a")
        # A zip has bytes that nobody reads, such as times; whatever is read is right, or refused.
        assert found is None or all(mine.equals(other) for mine, other in zip(found, right, strict=True))
