"""A cohort that is written and opened again is the same cohort, with its matrices on the disk."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.errors import OutputError
from organokine.population.cohort import Cohort
from organokine.population.cohort_files import cohort_fingerprint, open_cohort, save_cohort
from tests.population.cohorts import small_cohort


@pytest.fixture
def cohort() -> Cohort:
    made = small_cohort(3, n_genes=30, missing=0.1)
    labels = made.matrices["muscle"].individuals.assign(batch=[None, "b1"] * 20)
    muscle = replace(made.matrices["muscle"], individuals=labels)
    return replace(made, matrices=dict(made.matrices) | {"muscle": muscle}, factor="age", fdr=0.05)


def test_what_is_opened_is_what_was_saved(cohort: Cohort, tmp_path: Path) -> None:
    found = open_cohort(save_cohort(cohort, tmp_path, cohort_fingerprint(cohort)))
    assert list(found.matrices) == list(cohort.matrices)
    for name, mine in cohort.matrices.items():
        other = found.matrices[name]
        assert (other.name, other.organ, other.modality) == (mine.name, mine.organ, mine.modality)
        np.testing.assert_array_equal(other.values, mine.values)
        assert isinstance(other.values, np.memmap)
        assert not other.values.flags.writeable
        assert (other.genes.tolist(), other.genes.dtype) == (mine.genes.tolist(), object)
        pd.testing.assert_frame_equal(other.individuals, mine.individuals.fillna({"batch": np.nan}))
    assert (found.options, found.factor, found.seed, found.fdr) == (cohort.options, "age", cohort.seed, 0.05)
    pd.testing.assert_frame_equal(found.routes, cohort.routes, check_index_type=False)
    pd.testing.assert_frame_equal(found.traits, cohort.traits)


def test_a_cohort_without_traits(cohort: Cohort, tmp_path: Path) -> None:
    people = cohort.matrices["fat"].individuals.index
    for number, traits in enumerate((pd.DataFrame(), pd.DataFrame(index=people))):
        bare = replace(cohort, traits=traits)
        found = open_cohort(save_cohort(bare, tmp_path, cohort_fingerprint(bare) + str(number)))
        assert found.traits.shape[1] == 0


def test_it_is_written_once_and_a_damaged_one_again(cohort: Cohort, tmp_path: Path) -> None:
    name = cohort_fingerprint(cohort)
    folder = save_cohort(cohort, tmp_path, name)
    before = (folder / "0.npy").stat().st_mtime_ns
    assert save_cohort(cohort, tmp_path, name) == folder
    assert (folder / "0.npy").stat().st_mtime_ns == before
    whole = (folder / "0.npy").read_bytes()
    (folder / "0.npy").write_bytes(whole[:-8])
    assert save_cohort(cohort, tmp_path, name) == folder
    assert (folder / "0.npy").read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_a_folder_that_is_not_seen_here(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="on a disk that all machines see"):
        open_cohort(tmp_path / "elsewhere")


def test_the_fingerprint_knows_everything(cohort: Cohort) -> None:
    others = [
        replace(cohort, seed=9),
        replace(cohort, traits=cohort.traits + 1),
        replace(cohort, routes=cohort.routes.assign(route="ecm")),
        replace(cohort, options=cohort.options.model_copy(update={"leading": 3})),
    ]
    assert len({cohort_fingerprint(each) for each in (cohort, *others)}) == 5
    assert cohort_fingerprint(pickle.loads(pickle.dumps(cohort))) == cohort_fingerprint(cohort)
