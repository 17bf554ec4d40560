"""Text for a terminal of 80 columns."""

from __future__ import annotations

import textwrap

WIDTH = 80


def wrapped(label: str, text: str, indent: int) -> list[str]:
    """Lines of a text after a label; further lines begin where the text begins.

    Parameters
    ----------
    label : str
        Stands before the first line; may be empty.
    text : str
        The text.
    indent : int
        Column in which the text begins.

    Returns
    -------
    list of str
        At least one line.
    """
    first = f"  {label}".ljust(indent)
    first = first if len(first) <= indent else f"{first} "
    lines = textwrap.wrap(
        " ".join(text.split()), WIDTH, initial_indent=first, subsequent_indent=" " * indent, break_on_hyphens=False
    )
    return lines if len(lines) > 0 else [first.rstrip()]
