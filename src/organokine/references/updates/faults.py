"""What can be wrong with one source of an update."""

from __future__ import annotations


class SourceFault(Exception):
    """One source cannot be fetched or read.

    Parameters
    ----------
    what : str
        What is wrong, in words.
    remedy : str
        What to do.
    passes : bool
        The same request may succeed later: the server is busy, the connection was cut.
    wait : float or None
        Seconds the server asks to wait before it is asked again.
    """

    def __init__(self, what: str, remedy: str, *, passes: bool = False, wait: float | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.passes = passes
        self.wait = wait


TRY_AGAIN = "Try again later; what was fetched so far is kept and continued"
NOT_WHOLE = "Try again later; if it stays so, look for a newer version of organokine"
FORMAT_CHANGED = "Look for a newer version of organokine that knows the new format"
