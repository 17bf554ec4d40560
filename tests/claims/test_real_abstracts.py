"""Headers that claim people above real abstracts: animals are seen, people are left alone."""

from __future__ import annotations

import pytest

from benchmarks.claims import header_rows, records

pytestmark = [pytest.mark.public, pytest.mark.slow]


def test_rodents_are_flagged_and_people_are_not(shared_data):
    shares = {kind: flagged for kind, _, _, flagged in header_rows(list(records(shared_data)))}
    assert shares["rodents only"] >= 0.85
    assert shares["humans only"] <= 0.02
