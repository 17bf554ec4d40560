"""Known truth: the E. coli proteome spiked into human cells, through the public function with nothing set."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.spike_in import largest_fdp, pairs, partial_auc, read

pytestmark = [pytest.mark.public, pytest.mark.slow]


def test_the_default_is_at_least_as_good_as_what_was_published(shared_data):
    """The best published on the same table: partial AUC .725, TPR .646 at a false discovery proportion of .036."""
    data = read(shared_data / "spikein_ionstar_shen2018")
    assert (data.changed.sum(), (~data.changed).sum()) == (561, 2989)
    scores = pairs(data)
    assert len(scores) == 10
    assert np.mean([score.partial_auc for score in scores]) >= 0.725
    assert np.mean([score.tpr for score in scores]) >= 0.62
    assert np.mean([score.fdp for score in scores]) <= largest_fdp(scores)


def test_the_score_counts_what_was_not_tested_as_missed():
    changed = np.array([True, True, False, True] + [False] * 96)
    found_first = np.where(changed, 1e-9, np.linspace(0.01, 1, 100))
    assert partial_auc(found_first, changed) == pytest.approx(1.0)
    missed = found_first.copy()
    missed[0] = np.nan
    assert partial_auc(missed, changed) == pytest.approx(2 / 3)
    assert partial_auc(np.full(100, 0.5), changed) == pytest.approx(0.05)
