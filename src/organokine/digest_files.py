"""The digest of a finished run as a folder of pages, written aside and renamed into place."""

from __future__ import annotations

import shutil
from pathlib import Path

from organokine.card_files import read_card, read_cards
from organokine.digest.markdown import view_markdown
from organokine.digest.site import INDEX, site_of
from organokine.digest.views import view_of
from organokine.errors import OutputError, Problem
from organokine.output import HIDDEN, write_text

DIGEST = "digest"
MARK = '<meta name="generator" content="organokine digest">'


def write_digest(out: Path, *, draft: bool = False) -> Path:
    """Write the pages of all cards of a run into `OUT/digest`, in place of those of an earlier time.

    Parameters
    ----------
    out : pathlib.Path
        Output folder of a run.
    draft : bool
        Whether cards that a contradiction blocks get a page too, which is stamped.

    Returns
    -------
    pathlib.Path
        The index.

    Raises
    ------
    OutputError
        If the folder holds no cards or one that was changed, or cannot be written, or something that is no digest stands in its place.
    """
    pages = site_of(read_cards(out), draft=draft)
    final, aside = out / DIGEST, out / HIDDEN / DIGEST
    _refuse_foreign(final)
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        for name, text in pages.items():
            write_text(aside / name, text)
        if final.exists():
            shutil.rmtree(final)
        aside.replace(final)
    except OSError as error:
        what = f"the digest cannot be written: {error.strerror or error}"
        raise OutputError(
            Problem(str(final), what, "Pages would be missing", "Look at the rights of the folder, or free some space")
        ) from error
    return final / f"{INDEX}.html"


def read_view(out: Path, gene: str, reader: str) -> str:
    """One view of the card of one candidate as Markdown.

    Raises
    ------
    OutputError
        As `read_card`.
    """
    return view_markdown(view_of(read_card(out, gene), reader))


def _refuse_foreign(folder: Path) -> None:
    """Only a digest of ours is replaced; its index says that it is one."""
    if not folder.exists():
        return
    index = folder / f"{INDEX}.html"
    try:
        is_ours = MARK in index.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        is_ours = False
    if not is_ours:
        what = "something that is no digest has this name"
        raise OutputError(
            Problem(str(folder), what, "It would be overwritten", "Move it away, and write the digest again")
        )
