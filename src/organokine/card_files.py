"""Cards of a finished run as files, and the file of notes beside the study file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from organokine.appraisal.answers import FILE, with_note
from organokine.errors import DataError, OutputError, Problem, first_examples, nearest
from organokine.output import plain_name, write_text

if TYPE_CHECKING:
    from organokine.appraisal.answers import Answer, Note
    from organokine.study_file import StudyFile

SCHEMA = "organokine.card/1"
CARDS = "cards"
WHY = "A card is one of the files that a run leaves"


def read_cards(out: Path) -> dict[str, dict[str, Any]]:
    """All cards of the output folder of a run, in the order of the ranking.

    Raises
    ------
    OutputError
        If the folder holds no cards, files that are no cards of this version, or cards that were changed after their run.
    """
    folder = out / CARDS
    if not folder.is_dir():
        what = (
            "there is no such folder"
            if not out.exists()
            else "it is not the output folder of a finished run: it has no cards"
        )
        raise OutputError(Problem(str(out), what, WHY, "Name the folder that `organokine run` wrote, or run the study"))
    read = {path.name: _card_of(path) for path in sorted(folder.glob("*.json"))}
    found = [card for card in read.values() if card is not None]
    damaged = [name for name, card in read.items() if card is None]
    if len(damaged) > 0:
        what = f"{len(damaged)} files are no cards of this version, first {first_examples(damaged, 1)}"
        raise OutputError(
            Problem(str(folder), what, WHY, "Run the study again with `organokine run`; finished stages are kept")
        )
    for card in found:
        _require_unchanged(card, out)
    return {card["gene"]: card for card in sorted(found, key=lambda card: (card["ranking"]["rank"], card["gene"]))}


def _card_of(path: Path) -> dict[str, Any] | None:
    """The card in a file; None if it is none of this version."""
    try:
        card = dict(json.loads(path.read_text(encoding="utf-8")))
        fits = card["schema"] == SCHEMA and isinstance(card["gene"], str) and "provenance" in card
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return card if fits else None


def _require_unchanged(card: Mapping[str, Any], out: Path) -> None:
    """A card carries the hash of what is in it: one that was cut short or edited after the run is not passed on."""
    content = {name: value for name, value in card.items() if name != "id"}
    found = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    if card.get("id") != f"sha256:{found}":
        what = f"the card of {card['gene']!r} is not as its run wrote it: its hash is another one"
        why = "It would pass on what the run did not find"
        raise OutputError(
            Problem(str(out), what, why, "Run the study again with `organokine run`; finished stages are kept")
        )


def read_card(out: Path, gene: str) -> dict[str, Any]:
    """The card of one candidate; its symbol may be written in any case.

    Raises
    ------
    OutputError
        As `read_cards`, or if the candidate has no card; says which have one, and its rank if it has one.
    """
    cards = read_cards(out)
    by_lower = {name.casefold(): name for name in cards}
    if gene.casefold() in by_lower:
        return cards[by_lower[gene.casefold()]]
    rank = next((rank for name, rank in _ranks(out).items() if name.casefold() == gene.casefold()), None)
    what = f"{gene!r} has no card" + (
        f"; it is candidate {rank}, and only leading ones have one" if rank is not None else ""
    )
    near = nearest(gene, cards)
    remedy = f"Did you mean {near!r}? " if near is not None and rank is None else ""
    raise OutputError(
        Problem(
            str(out),
            what,
            "Only leading candidates are appraised",
            f"{remedy}Cards are there of {first_examples(cards, 30)}",
        )
    )


def _ranks(out: Path) -> dict[str, str]:
    """Rank of every candidate by its symbol; empty if the table is not there."""
    try:
        lines = (out / "mediators.tsv").read_text(encoding="utf-8").splitlines()
        columns = lines[0].split("\t")
        at_gene, at_rank = columns.index("gene"), columns.index("rank")
    except (OSError, UnicodeDecodeError, IndexError, ValueError):
        return {}
    rows = [line.split("\t") for line in lines[1:]]
    return {row[at_gene]: row[at_rank] for row in rows if len(row) == len(columns)}


def add_entry(study: Path, entry: Answer | Note) -> Path:
    """Append a note or an answer to `answers.toml` beside a study file.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    StudyFileError, DataError, OutputError
        If there is no such study, the file is at fault, it cannot be written, or a finished run beside the study does not know the
        candidate.
    """
    from organokine.study_file_reader import read_study_file

    file = read_study_file(study)
    path = file.folder / FILE
    entry = entry.model_copy(update={"gene": _as_ranked(entry.gene, file)})
    try:
        text = path.read_text(encoding="utf-8-sig") if path.exists() else ""
        write_text(path, with_note(text, entry))
    except UnicodeDecodeError:
        raise DataError(
            Problem(str(path), "it is not UTF-8 text", "Nothing can be added to it", "Save the file as UTF-8")
        ) from None
    except OSError as error:
        what = f"it cannot be written ({error.strerror})"
        raise OutputError(
            Problem(str(path), what, "The note would be lost", "Look at the rights of the file")
        ) from None
    return path


def lacks_card(study: Path, gene: str) -> bool:
    """Whether a finished run beside a study has cards, and none of this candidate."""
    from organokine.study_file_reader import read_study_file

    file = read_study_file(study)
    out = file.folder / f"{plain_name(file.study.name)}_organokine"
    return (
        gene != "*" and (out / CARDS).is_dir() and gene.casefold() not in {name.casefold() for name in read_cards(out)}
    )


def _as_ranked(gene: str, file: StudyFile) -> str:
    """The symbol as the finished run beside the study writes it; as given if there is no such run yet."""
    known = list(_ranks(file.folder / f"{plain_name(file.study.name)}_organokine"))
    if len(known) == 0 or gene == "*":
        return gene
    found = [name for name in known if name.casefold() == gene.casefold()]
    if len(found) > 0:
        return found[0]
    near = nearest(gene, known)
    remedy = f"Did you mean {near!r}?" if near is not None else "Look at mediators.tsv for how it is written"
    what = "the finished run of this study has no such candidate"
    raise DataError(Problem(gene, what, "The note would stand on no card", remedy))
