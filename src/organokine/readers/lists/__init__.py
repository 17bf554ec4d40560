"""Readers of the user's own reference lists. A kind of list is a card in `LIST_READERS`; nothing else knows it by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from organokine.readers.lists.base import ListReader, ListTable
from organokine.readers.lists.outcyte import read_outcyte
from organokine.readers.lists.signalp import read_signalp
from organokine.readers.lists.tables import read_receptors, read_routes, read_secretome

if TYPE_CHECKING:
    from pathlib import Path

    from organokine.study_file import ListSection

LIST_READERS: dict[str, ListReader] = {
    reader.kind: reader
    for reader in (
        ListReader("signalp", read_signalp, "inferred", is_prediction=True),
        ListReader("outcyte", read_outcyte, "inferred", is_prediction=True),
        ListReader("secretome", read_secretome, "high_throughput"),
        ListReader("routes", read_routes, "low_throughput"),
        ListReader("receptors", read_receptors, ""),
    )
}
"""All kinds of lists by name. The grades follow the words of Gene Ontology's evidence codes: a prediction from the sequence is an
inference (ISM), an experiment that sees thousands of proteins at once is high throughput (HDA), and a table in which
somebody wrote a route beside each gene is taken for as good as single experiments; the key `grade` says otherwise."""


def read_list(section: ListSection, folder: Path) -> ListTable:
    """Read one list as it stands in its file, genes not yet looked up.

    Parameters
    ----------
    section : ListSection
        Its section of the study file.
    folder : pathlib.Path
        What the path in the section is relative to.

    Returns
    -------
    ListTable
        One row per statement of the file.

    Raises
    ------
    DataError
        With what is wrong with the file.
    """
    return LIST_READERS[section.kind].read(folder / section.file, section, where_of(section))


def where_of(section: ListSection) -> str:
    """What a list is called in messages."""
    return f"[references.list {section.name}] {section.file}"


__all__ = ["LIST_READERS", "ListReader", "ListTable", "read_list", "where_of"]
