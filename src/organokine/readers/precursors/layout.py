"""Where an engine writes what: the card of a table of precursors, and which columns of a file it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.readers.base import Count
from organokine.readers.precursors.filters import Mark, q_value_limits
from organokine.readers.precursors.table import OPTIONAL, Repeats

if TYPE_CHECKING:
    from organokine.study_file import AssaySection


@dataclass(frozen=True)
class Layout:
    """The card of a table of precursors. Each role lists names of columns, the first that a file has is taken.

    Attributes
    ----------
    engine : str
        Program that writes the table.
    precursor : tuple of tuple of str
        Alternatives; each is a set of columns that together name a precursor.
    protein, genes : tuple of str
        Protein group and its genes; genes may be absent.
    run : tuple of str
        Names of the run in a long table, the preferred first; the sample sheet decides where several are there.
    quantity : tuple of str
        Linear quantity of the precursor in a long table.
    engine_quantity, mobility, predicted_mobility, mz, charge, rt : tuple of str
        What may be there.
    sequence : tuple of str
        Sequence of the precursor with its modifications; a column that names the precursor costs nothing more to read.
    marks : mapping of str to Mark
        Columns that mark rows to be left out.
    q_values : mapping of str to float
        Largest q-values, as the engine's author advises.
    instead : mapping of str to str
        Column of `q_values` to the one that is asked instead where it holds nothing but zeros.
    repeats : str
        What a precursor that stands several times in a run means; see `to_wide`.
    """

    engine: str
    precursor: tuple[tuple[str, ...], ...]
    protein: tuple[str, ...]
    genes: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    quantity: tuple[str, ...] = ()
    engine_quantity: tuple[str, ...] = ()
    mobility: tuple[str, ...] = ()
    predicted_mobility: tuple[str, ...] = ()
    mz: tuple[str, ...] = ()
    charge: tuple[str, ...] = ()
    rt: tuple[str, ...] = ()
    sequence: tuple[str, ...] = ()
    marks: Mapping[str, Mark] = field(default_factory=dict)
    q_values: Mapping[str, float] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)
    repeats: Repeats = "same"


@dataclass(frozen=True)
class Found:
    """The columns of one file.

    Attributes
    ----------
    precursor, runs : tuple of str
        Columns that together name a precursor; columns that may name the run.
    protein : str
        Column of the protein group.
    genes, sequence : str or None
        Column of genes; of sequences.
    numbers : dict of str to str
        Role (`quantity` and those of `OPTIONAL`) to column.
    marks : dict of str to Mark
        Columns that mark rows.
    limits : dict of str to float
        Largest q-value by column.
    instead : dict of str to str
        Columns that the study file does not name, to those asked instead where they hold nothing but zeros.
    """

    precursor: tuple[str, ...]
    runs: tuple[str, ...]
    protein: str
    genes: str | None
    sequence: str | None
    numbers: dict[str, str]
    marks: dict[str, Mark]
    limits: dict[str, float]
    instead: dict[str, str]

    @property
    def text(self) -> list[str]:
        """Columns to be read as text, each once."""
        may_be_absent = [name for name in (self.genes, self.sequence) if name is not None]
        return list(dict.fromkeys((*self.precursor, *self.runs, self.protein, *may_be_absent, *self.marks)))

    @property
    def mobility_unit(self) -> str:
        """`CCS` where the column says so, else `1/K0`; empty without a column."""
        column = self.numbers.get("mobility")
        return "" if column is None else "CCS" if "ccs" in column.lower() else "1/K0"

    @property
    def numeric(self) -> list[str]:
        """Columns to be read as numbers, each once and not as text too."""
        return [
            name
            for name in dict.fromkeys((*self.numbers.values(), *self.limits, *self.instead.values()))
            if name not in self.text
        ]


def find_columns(layout: Layout, header: tuple[str, ...], assay: AssaySection, where: str, *, wide: bool) -> Found:
    """Find the columns of a layout in a file.

    Parameters
    ----------
    layout : Layout
        The card.
    header : tuple of str
        Columns of the file.
    assay : AssaySection
        Its section; `columns` may name those of genes and proteins, `q_values` the filters.
    where : str
        What to call the table in messages.
    wide : bool
        Whether runs are columns, so that none names the run or the quantity.

    Returns
    -------
    Found
        What to read.

    Raises
    ------
    DataError
        With every column that is missing.
    """
    problems: list[Problem] = []
    protein = _named(assay.columns.protein, "protein", layout.protein, header, where, problems)
    genes = _named(assay.columns.gene, "gene", layout.genes, header, where, problems)
    precursor = next((names for names in layout.precursor if set(names) <= set(header)), ())
    needed = {"the precursor": layout.precursor[0]} if precursor == () else {}
    if protein is None and assay.columns.protein is None:
        needed["the protein group"] = layout.protein
    numbers = {role: _first(getattr(layout, role), header) for role in OPTIONAL}
    runs = tuple(name for name in layout.run if name in header)
    if not wide:
        numbers["quantity"] = _first(layout.quantity, header)
        needed |= {} if numbers["quantity"] is not None else {"the quantity": layout.quantity}
        needed |= {} if len(runs) > 0 else {"the run": layout.run}
    problems += [_missing(what, names, header, layout.engine, where) for what, names in needed.items()]
    if len(problems) > 0:
        raise DataError(problems)
    limits = q_value_limits(layout.q_values, assay.q_values, header, where)
    may_stand_in = {
        column: other
        for column, other in layout.instead.items()
        if column in limits and other in header and {column, other}.isdisjoint(assay.q_values)
    }
    return Found(
        precursor=precursor,
        runs=runs,
        protein="" if protein is None else protein,
        genes=genes,
        sequence=_first(layout.sequence, header),
        numbers={role: name for role, name in numbers.items() if name is not None},
        marks={name: mark for name, mark in layout.marks.items() if name in header},
        limits=limits,
        instead=may_stand_in,
    )


def _first(names: Sequence[str], header: Sequence[str]) -> str | None:
    return next((name for name in names if name in header), None)


def _named(
    given: str | None, kind: str, names: Sequence[str], header: Sequence[str], where: str, problems: list[Problem]
) -> str | None:
    if given is None:
        return _first(names, header)
    if given not in header:
        near = nearest(given, header)
        remedy = f"Write {near!r}" if near is not None else f"Columns are {first_examples(header, 8)}"
        why = "It was asked for by name, so none is guessed"
        problems.append(Problem(f"{where} columns.{kind}", f"there is no column {given!r}", why, remedy))
    return given


def _missing(what: str, names: Sequence[str], header: Sequence[str], engine: str, where: str) -> Problem:
    absent = [name for name in names if name not in header]
    found = f"there is no column of {what} ({' or '.join(absent)})"
    near = [(name, column) for name in absent if (column := nearest(name, header)) is not None]
    likeness = [SequenceMatcher(None, name.lower(), column.lower()).ratio() for name, column in near]
    hint = "" if len(near) == 0 else f"; is it {near[likeness.index(max(likeness))][1]!r}?"
    why = f"A table of precursors by {engine} has it"
    return Problem(
        where, f"{found}{hint}", why, "Export the table with this column, under the name the engine gives it"
    )


def said(found: Found, filtered_at: Mapping[str, float], n_rows: int) -> list[Count]:
    """Which quantity and which filters were taken."""
    filters = ", ".join(f"{column} <= {limit:g}" for column, limit in filtered_at.items())
    note = (
        f"filters: {filters}; set by q_values of the assay"
        if filters != ""
        else "no filter by q-value: as the program wrote them"
    )
    counts = [Count("rows of precursors read", n_rows, None, "", note)]
    if "quantity" in found.numbers:
        counts.append(Count("quantity of precursors", n_rows, None, found.numbers["quantity"], "column that was taken"))
    return counts
