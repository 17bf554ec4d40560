from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.raw.protein_groups import group_proteins

quick = settings(max_examples=60, deadline=None)
cases = st.dictionaries(
    st.sampled_from([f"PEP{i}" for i in range(9)]),
    st.sets(st.sampled_from([*"ABCDEF", "rev_A", "rev_B"]), min_size=1, max_size=4),
    max_size=9,
)


def rows(found) -> dict[str, tuple[int, int, int]]:
    return {
        row.group: (row.peptides, row.unique_peptides, row.razor_peptides)
        for row in found.groups.itertuples(index=False)
    }


def test_proteins_with_the_same_peptides_are_one_group_and_reviewed_ones_lead():
    proteins = {"P1": ["B", "A"], "P2": ["A", "B"]}
    assert rows(group_proteins(proteins)) == {"A;B": (2, 2, 2)}
    found = group_proteins(proteins, reviewed={"B"})
    assert found.groups.loc[0, ["group", "leading", "n_proteins"]].tolist() == ["B;A", "B", 2]


def test_a_protein_whose_peptides_another_has_too_is_explained():
    found = group_proteins({"P1": ["A", "F"], "P2": ["A", "F"], "P3": ["A"]})
    assert rows(found) == {"A": (3, 3, 3)}
    assert [(count.item, count.n, count.example) for count in found.counts] == [
        ("protein groups explained by others", 1, "'F'")
    ]


def test_a_shared_peptide_goes_to_the_larger_group():
    """A paralogue: ADT2 with three peptides of its own, ADT1 with two, and one that both have."""
    proteins = {"P1": ["ADT2"], "P2": ["ADT2"], "P3": ["ADT2"], "P4": ["ADT2", "ADT1"], "P5": ["ADT1"], "P6": ["ADT1"]}
    found = group_proteins(proteins)
    assert rows(found) == {"ADT2": (4, 3, 4), "ADT1": (3, 2, 2)}
    shared = found.peptides.set_index("peptide").loc["P4"]
    assert shared["group"] == "ADT2"
    assert not shared["is_unique"]


def test_one_unique_peptide_is_too_few_unless_asked_for():
    proteins = {"P1": ["A"], "P2": ["A"], "P3": ["A", "B"], "P4": ["B"]}
    found = group_proteins(proteins)
    assert rows(found) == {"A": (3, 2, 3)}
    assert {count.item: count.n for count in found.counts} == {
        "protein groups with too few unique peptides": 1,
        "peptides of no reported group": 1,
    }
    assert set(rows(group_proteins(proteins, least_unique=1))) == {"A", "B"}


def test_a_superfluous_group_is_put_back():
    """The greedy way takes M first (4 peptides), then L and R, and these hold all of M's."""
    proteins = {
        "P1": ["L", "M"], "P2": ["L", "M"], "P3": ["R", "M"], "P4": ["R", "M"], "P5": ["L"], "P6": ["R"],
    }  # fmt: skip
    assert rows(group_proteins(proteins)) == {"L": (3, 3, 3), "R": (3, 3, 3)}


def test_decoys_never_come_out():
    found = group_proteins({"P1": ["A", "rev_A"], "P2": ["A"], "P3": ["rev_B"], "P4": ["rev_B"]})
    assert rows(found) == {"A": (2, 2, 2)}
    assert [(count.item, count.n) for count in found.counts] == [("peptides of decoys only", 2)]
    assert len(group_proteins({"P3": ["rev_B"]}).groups) == 0
    assert len(group_proteins({}).peptides) == 0


@quick
@given(cases, st.integers(0, 3))
def test_every_peptide_of_a_target_is_explained_once_and_no_group_is_superfluous(proteins, least_unique):
    everything = group_proteins(proteins, least_unique=0)
    targets = {peptide: {n for n in names if "rev_" not in n} for peptide, names in proteins.items()}
    targets = {peptide: names for peptide, names in targets.items() if len(names) > 0}
    assert sorted(everything.peptides["peptide"]) == sorted(targets)
    assert (everything.groups["unique_peptides"] > 0).all()
    assert everything.groups["razor_peptides"].sum() == len(targets)
    assert not everything.groups["group"].str.contains("rev_").any()
    for peptide, group, _ in everything.peptides.itertuples(index=False):
        assert set(group.split(";")) <= targets[peptide]
    some = group_proteins(proteins, least_unique=least_unique)
    assert (some.groups["unique_peptides"] >= least_unique).all()
    assert set(some.groups["group"]) <= set(everything.groups["group"])


@quick
@given(cases, st.randoms(use_true_random=False))
def test_order_does_not_matter(proteins, random):
    shuffled = list(proteins.items())
    random.shuffle(shuffled)
    other = {peptide: random.sample(sorted(names), len(names)) for peptide, names in shuffled}
    first, second = group_proteins(proteins), group_proteins(other)
    assert first.groups.equals(second.groups)
    assert first.peptides.equals(second.peptides)
    assert first.counts == second.counts


@quick
@given(cases)
def test_groups_are_nearly_as_few_as_any(proteins):
    """The oracle tries all sets; the greedy way has at most 1 + 1/2 + ... + 1/n times as many (Chvatal 1979)."""
    n_groups = len(group_proteins(proteins, least_unique=0).groups)
    targets = [names - {"rev_A", "rev_B"} for names in proteins.values()]
    targets = [names for names in targets if len(names) > 0]
    fewest = next(n for n in range(7) if any(covers(some, targets) for some in combinations("ABCDEF", n)))
    assert fewest <= n_groups <= fewest * sum(1 / i for i in range(1, 10))


def covers(some, targets) -> bool:
    return all(not names.isdisjoint(some) for names in targets)


@pytest.mark.parametrize("least_unique", [1, 2])
def test_types_are_the_same_where_nothing_is_found(least_unique):
    full = group_proteins({"P1": ["A"], "P2": ["A"]}, least_unique=least_unique)
    empty = group_proteins({}, least_unique=least_unique)
    assert full.groups.dtypes.equals(empty.groups.dtypes)
    assert full.peptides.dtypes.equals(empty.peptides.dtypes)
