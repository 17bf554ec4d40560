"""A new release: fetch all sources, read them, build the tables, and put them into the store whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import organokine
from organokine import errors
from organokine.errors import Problem, nearest
from organokine.output import write_text
from organokine.references import registry, releases
from organokine.references.updates.cards import CARDS, Card
from organokine.references.updates.connection import check_address
from organokine.references.updates.download import Fetched, Limits, fetch, forget, known
from organokine.references.updates.faults import SourceFault
from organokine.references.updates.reading import Read
from organokine.references.updates.registry_text import EMBEDDED_USED, registry_text, release_date, write_table
from organokine.references.updates.tables import build

SUMS = "SHA256SUMS"
LOG = "retrieved.json"
CARRIED = ("blood_panels", "contaminants", "curated_mediators", "metabolite_hormones")
"""Embedded tables that go into a release as they are, so that it does not depend on the version of the package."""
_EMBEDDED = frozenset((*CARRIED, *EMBEDDED_USED))
_WHY = "A release needs all its sources: no release was changed"
LONGEST_VERSION = 40
_PLAIN = re.compile(r"[^ -~]")
"""What a server or a file calls its version stands in tables and in TOML: plain letters only."""
_ASIDE = ".making-"


@dataclass(frozen=True)
class Options:
    """How a release is made.

    Attributes
    ----------
    mirror : str
        Address of a mirror; empty for the official servers.
    offline : bool
        Use only what is in the download folder already.
    extra : tuple of str
        Large sets to fetch as well.
    cards : tuple of Card
        The sources.
    limits : Limits
        Patience.
    """

    mirror: str = ""
    offline: bool = False
    extra: tuple[str, ...] = ()
    cards: tuple[Card, ...] = CARDS
    limits: Limits = field(default_factory=Limits)


class Updated(NamedTuple):
    """What an update made: the name of the release, whether it is new, and what was left out on the way."""

    name: str
    is_new: bool
    counts: Mapping[str, int]

    def as_text(self) -> str:
        """What to tell a user."""
        left_out = [f"  {n:,} {what}" for what, n in self.counts.items() if n > 0]
        first = (
            f"release {self.name}" if self.is_new else f"release {self.name} is still the newest: nothing has changed"
        )
        return "\n".join(
            [
                first,
                "left out:" if len(left_out) > 0 else "nothing was left out",
                *left_out,
                "To use it, write in the study file:",
                "[references]",
                f'release = "{self.name}"',
            ]
        )


def update(options: Options, tell: Callable[[str], None]) -> Updated:
    """Make a release and make it the current one.

    Parameters
    ----------
    options : Options
        How.
    tell : callable
        Told, line by line, what is being done.

    Returns
    -------
    Updated
        The release; the same bytes from all sources give the same release.

    Raises
    ------
    ReferenceError
        Naming every source that could not be fetched or read. The store is then as it was, but for the download folder, from
        which the next update goes on.
    """
    cards = _chosen(options)
    with _locked() as store:
        downloads = store / "downloads"
        fetched = _fetch_all(cards, downloads, options, tell)
        tell("reading and building")
        read = _read_all(cards, downloads, offline=options.offline)
        versions = {card.name: _version(card, read[card.name], fetched[card.name]) for card in cards}
        embedded = {entry.name: registry.read_table(entry) for entry in registry.registry() if entry.name in _EMBEDDED}
        built = build({name: each.table for name, each in read.items()}, embedded, versions)
        skipped = {f"{name}: {what}": n for name, each in read.items() for what, n in each.skipped.items()}
        counts = built.counts | skipped
        tables = built.tables | {name: embedded[name] for name in CARRIED}
        with _aside(store) as folder:
            for card in cards:
                if card.opt_in:
                    _link_or_copy(downloads / card.name / card.file, folder / card.file)
            files = {name: write_table(name, table, folder) for name, table in tables.items()}
            text = registry_text(cards, fetched, versions, files, counts)
            name = releases.name_of(release_date(versions), text)
            write_text(folder / releases.REGISTRY, text)
            write_text(folder / LOG, _log(fetched, options))
            is_new = _publish(folder, name)
        releases.set_current(name)
    return Updated(name, is_new, counts)


@contextmanager
def _aside(store: Path) -> Iterator[Path]:
    """A folder for a release in the making; nothing of it is left unless it was moved into its place."""
    folder = store / f"{_ASIDE}{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _chosen(options: Options) -> tuple[Card, ...]:
    large = [card.name for card in options.cards if card.opt_in]
    unknown = [name for name in options.extra if name not in large]
    if len(unknown) > 0:
        near = nearest(unknown[0], large)
        remedy = f"Write {near!r}" if near is not None else f"Choose from {', '.join(large)}"
        what = f"there is no large set {unknown[0]!r}"
        raise errors.ReferenceError(Problem("--with", what, "It cannot be fetched", remedy))
    return tuple(card for card in options.cards if not card.opt_in or card.name in options.extra)


@contextmanager
def _locked() -> Iterator[Path]:
    """The store, held by this update alone; what a killed update left half-made is removed."""
    from filelock import FileLock, Timeout

    store = releases.store_folder()
    try:
        (store / "releases").mkdir(parents=True, exist_ok=True)
        lock = FileLock(store / "lock")
        lock.acquire(timeout=0)
    except Timeout:
        why = "Two updates would mix their files"
        raise errors.ReferenceError(
            Problem(str(store), "another update is at work", why, "Wait for it to end")
        ) from None
    except OSError as error:
        raise _not_writable(store, error) from None
    try:
        for left in store.glob(f"{_ASIDE}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield store
    except OSError as error:
        raise _not_writable(store, error) from error
    finally:
        lock.release()


def _not_writable(store: Path, error: OSError) -> errors.ReferenceError:
    what = f"the store cannot be written: {error.strerror or error}"
    remedy = f"Free some space, or name another folder in {releases.FOLDER_VARIABLE}"
    return errors.ReferenceError(Problem(str(store), what, "No release can be kept", remedy))


def _fetch_all(
    cards: Sequence[Card], downloads: Path, options: Options, tell: Callable[[str], None]
) -> dict[str, Fetched]:
    if options.offline:
        return _all_here(cards, downloads)
    try:
        sums = _sums(downloads, options) if options.mirror != "" else {}
    except SourceFault as fault:
        raise errors.ReferenceError(Problem(options.mirror, fault.what, _WHY, fault.remedy)) from None
    found: dict[str, Fetched] = {}
    problems = []
    for card in cards:
        address = card.address if options.mirror == "" else f"{options.mirror.rstrip('/')}/{card.name}/{card.file}"
        path = downloads / card.name / card.file
        expected = sums.get(f"{card.name}/{card.file}")
        try:
            found[card.name] = fetch(address, path, expected=expected, largest=card.largest, limits=options.limits)
        except SourceFault as fault:
            problems.append(Problem(f"{card.name} ({address})", fault.what, _WHY, fault.remedy))
            tell(f"{card.name}: failed, {fault.what}")
        else:
            tell(f"{card.name}: {found[card.name].size / 1e6:,.1f} MB")
    if len(problems) > 0:
        raise errors.ReferenceError(problems)
    return found


def _all_here(cards: Sequence[Card], downloads: Path) -> dict[str, Fetched]:
    here = {card.name: known(downloads / card.name / card.file) for card in cards}
    absent = [name for name, each in here.items() if each is None]
    if len(absent) > 0:
        what = f"offline, and {len(absent)} of {len(cards)} sources are not in the download folder: {', '.join(absent)}"
        remedy = f"Run the update without --offline, or bring the folder {downloads} from a machine that has a network"
        raise errors.ReferenceError(Problem("refs update", what, "No server is asked when --offline is given", remedy))
    return {name: each for name, each in here.items() if each is not None}


def _sums(downloads: Path, options: Options) -> dict[str, str]:
    """Hashes that a mirror lists, by `NAME/FILE`; none if it has no list."""
    check_address(options.mirror)
    path = downloads / SUMS
    forget(path)
    try:
        fetch(f"{options.mirror.rstrip('/')}/{SUMS}", path, expected=None, largest=1 << 20, limits=options.limits)
    except SourceFault as fault:
        if " 404 " in fault.what:
            return {}
        raise
    lines = [line.split(maxsplit=1) for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    forget(path)
    strange = [" ".join(line) for line in lines if len(line) != 2 or len(line[0]) != 64]
    if len(strange) > 0:
        what = f"{SUMS} of the mirror has lines that are no hash and name, first {strange[0][:60]!r}"
        raise SourceFault(what, "Tell whoever keeps the mirror")
    return {name.strip().lstrip("*").removeprefix("./"): digest.lower() for digest, name in lines}


def _read_all(cards: Sequence[Card], downloads: Path, *, offline: bool) -> dict[str, Read]:
    """Read all sources; the file of a source that cannot be read is removed, so that it is fetched anew, unless it cannot be."""
    found: dict[str, Read] = {}
    problems = []
    for card in cards:
        path = downloads / card.name / card.file
        try:
            found[card.name] = card.read(path, card)
        except SourceFault as fault:
            if not offline:
                forget(path)
            problems.append(Problem(f"{card.name} ({card.file})", fault.what, _WHY, fault.remedy))
    if len(problems) > 0:
        raise errors.ReferenceError(problems)
    return found


def _version(card: Card, read: Read, fetched: Fetched) -> str:
    """Release as the content, the card or the server names it."""
    named = [each for each in (read.version, card.version, fetched.version) if each != ""]
    return _PLAIN.sub("", named[0])[:LONGEST_VERSION] if len(named) > 0 else "undated"


def _publish(aside: Path, name: str) -> bool:
    """Move a finished release into its place; False if it is there already and intact."""
    final = releases.release_folder(name)
    if final.exists():
        if len(registry.faults(name)) == 0:
            return False
        broken = final.with_name(f".broken-{name}")
        shutil.rmtree(broken, ignore_errors=True)
        final.rename(broken)
        aside.rename(final)
        shutil.rmtree(broken, ignore_errors=True)
        return True
    aside.rename(final)
    return True


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _log(fetched: Mapping[str, Fetched], options: Options) -> str:
    """When, by what and from where: what differs between two makings of one release."""
    about = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "organokine": organokine.__version__,
        "mirror": options.mirror,
        "retrieved": {name: each.retrieved for name, each in fetched.items()},
    }
    return json.dumps(about, indent=2) + "\n"
