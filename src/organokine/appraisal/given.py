"""What an appraisal is given: the tables of a run, the design of every assay, and nothing of any file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from organokine.appraisal.thresholds import THRESHOLDS, Thresholds
from organokine.study_file import PLASMA

if TYPE_CHECKING:
    from organokine.evidence import Line
    from organokine.study_file import AssaySection, StudyFile

Row = Mapping[str, Any]
SEX_COLUMNS = ("sex", "gender")
COHORT_COLUMNS = ("cohort", "site")
"""Columns of the sheet that tell independent cohorts apart."""


class RowIndex:
    """Rows of tables by the value of a column, found once."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], dict[Any, Any]] = {}
        self._rows: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        self._made: dict[tuple[Any, ...], Any] = {}

    def memo(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What `make` made the first time it was asked for under this key."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def rows(self, table: str, frame: pd.DataFrame, column: str, value: str) -> list[dict[str, Any]]:
        """Rows of `frame`, which is the table of that name, in which `column` has this value."""
        key = (table, column, value)
        if key not in self._rows:
            if key[:2] not in self._groups:
                self._groups[key[:2]] = dict(frame.groupby(column, sort=False).indices)
            places = self._groups[key[:2]].get(value, [])
            found = frame.iloc[places].to_dict("records") if len(places) > 0 else []
            self._rows[key] = [{str(name): each for name, each in row.items()} for row in found]
        return self._rows[key]


@dataclass(frozen=True)
class AppraisalInput:
    """Everything an appraisal may look at.

    Attributes
    ----------
    file : StudyFile
        The resolved study file.
    tables : mapping of str to pandas.DataFrame
        Tables of the run by name; those of `organokine.tables.TABLES`.
    designs : mapping of str to pandas.DataFrame
        By assay: index sample, column `subject`, then the design columns of the sample sheet.
    lines : sequence of Line
        Evidence lines of the run.
    limits : Thresholds
        Thresholds; others than the package's only to show what they decide.
    index : RowIndex
        Rows found so far; an appraisal of the same tables at other thresholds takes it over.
    """

    file: StudyFile
    tables: Mapping[str, pd.DataFrame]
    designs: Mapping[str, pd.DataFrame]
    lines: Sequence[Line] = ()
    limits: Thresholds = field(default=THRESHOLDS)
    index: RowIndex = field(default_factory=RowIndex)

    @property
    def source(self) -> str:
        """Organ that sends."""
        return "" if self.file.axis is None else self.file.axis.source

    @property
    def target(self) -> str:
        """Organ that receives."""
        return "" if self.file.axis is None else self.file.axis.target

    @cached_property
    def contrast_assays(self) -> tuple[AssaySection, ...]:
        """Assays of the contrast: all but those of perturbations."""
        return tuple(each for each in self.file.assay if each.name not in self.file.arm_assays)

    def assay(self, name: str) -> AssaySection | None:
        """Section of an assay by name."""
        return next((each for each in self.file.assay if each.name == name), None)

    def assay_of(self, role: str, modality: str) -> AssaySection | None:
        """Assay of a role (`source`, `target`, `plasma`) and modality."""
        organ = {"source": self.source, "target": self.target, "plasma": PLASMA}[role]
        return next((each for each in self.contrast_assays if (each.organ, each.modality) == (organ, modality)), None)

    def rows(self, table: str, column: str, value: str) -> list[dict[str, Any]]:
        """Rows of a table in which a column has this value, in its order."""
        return self.index.rows(table, self.tables[table], column, value)

    @property
    def copies(self) -> dict[str, set[str]]:
        """By assay: samples that are copies of an earlier sample of the same assay, by the correlation of whole samples."""
        found: dict[str, set[str]] = self.memo(("copies",), self._copies)
        return found

    def _copies(self) -> dict[str, set[str]]:
        pairs = self.tables["qc_pairs"]
        alike = pairs[pairs["r"] >= 1.0 - self.limits.copy_distance]
        return {str(assay): set(rows["other"]) for assay, rows in alike.groupby("assay", sort=True)}

    @property
    def n_tested(self) -> dict[str, int]:
        """By line: candidates over which its false discovery rate was controlled."""
        found: dict[str, int] = self.memo(("tested",), self._n_tested)
        return found

    def _n_tested(self) -> dict[str, int]:
        evidence = self.tables["evidence"]
        counts = evidence.loc[evidence["q"].notna(), "line"].value_counts()
        return {str(line): int(n) for line, n in counts.items()}

    def animals(self, assay: str, column: str) -> dict[str, int]:
        """Animals by level of a column; copies of samples do not count."""
        found: dict[str, int] = self.memo(("animals", assay, column), lambda: self._count(assay, column))
        return found

    def memo(self, key: tuple[str, ...], make: Callable[[], Any]) -> Any:
        """What depends on tables and on which samples are copies alone, made once for all thresholds."""
        return self.index.memo((*key, self.limits.copy_distance), make)

    def _count(self, assay: str, column: str) -> dict[str, int]:
        obs = self.designs[assay]
        if column not in obs.columns:
            return {}
        own = obs[~obs.index.isin(self.copies.get(assay, set())) & obs[column].notna()]
        counts = own.groupby(own[column].astype(str), sort=True)["subject"].nunique()
        return {str(level): int(n) for level, n in counts.items()}

    def sex_column(self, assay: str) -> str | None:
        """Column of an assay's design that holds the sex, or None."""
        return _column(self.designs[assay], SEX_COLUMNS)

    def cohort_column(self, assay: str) -> str | None:
        """Column that tells cohorts apart, or None."""
        return _column(self.designs[assay], COHORT_COLUMNS)

    @cached_property
    def selected(self) -> frozenset[str]:
        """Candidates that changed in the source organ: the family over which later links are corrected."""
        evidence = self.tables["evidence"]
        changed = (evidence["line"] == "source_change") & (evidence["q"] <= self.limits.largest_q)
        return frozenset(evidence.loc[changed, "gene"])

    @cached_property
    def family_q(self) -> dict[tuple[str, str], tuple[float, int]]:
        """By line and gene: Benjamini-Hochberg false discovery rate over the selected candidates, and how many they are.

        A candidate is looked at because it changed in the source. The links that follow rest on other organs or on what is left
        within groups, so that this selection does not favour them.
        """
        from organokine.kernels.multiple_testing import benjamini_hochberg

        evidence = self.tables["evidence"]
        asked = evidence[evidence["gene"].isin(self.selected) & evidence["p"].notna()]
        found: dict[tuple[str, str], tuple[float, int]] = {}
        for line, rows in asked.groupby("line", sort=True):
            q = benjamini_hochberg(rows["p"].to_numpy(dtype=float))
            found |= {(str(line), gene): (float(each), len(q)) for gene, each in zip(rows["gene"], q, strict=True)}
        return found


def _column(frame: pd.DataFrame, names: Sequence[str]) -> str | None:
    by_lower = {str(column).lower(): str(column) for column in frame.columns}
    return next((by_lower[name] for name in names if name in by_lower), None)
