"""One file from a server: streamed, hashed, continued where it stopped, and kept only if it is whole."""

from __future__ import annotations

import hashlib
import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from organokine.output import file_sha256, write_text
from organokine.references.updates.connection import as_fault, open_address
from organokine.references.updates.faults import TRY_AGAIN, SourceFault

BLOCK = 1 << 18
RELEASE_HEADER = "X-UniProt-Release"


@dataclass(frozen=True)
class Limits:
    """How patient a download is.

    Attributes
    ----------
    timeout : float
        Seconds without a byte after which the connection counts as dead.
    total : float
        Seconds for one file, all attempts together.
    attempts : int
        How often a file is asked for.
    pause : float
        Seconds before the second attempt; doubled before each further one, unless the server asks for more.
    longest_pause : float
        If the server asks for a longer pause than this many seconds, the update ends instead of waiting.
    fresh : float
        Seconds for which a whole file of an earlier, failed update is used without asking the server again.
    """

    timeout: float = 30.0
    total: float = 3600.0
    attempts: int = 4
    pause: float = 1.0
    longest_pause: float = 60.0
    fresh: float = 86_400.0


@dataclass(frozen=True)
class Fetched:
    """A whole file, and what is known of it.

    Attributes
    ----------
    address : str
        Where it came from.
    sha256 : str
        Its hash.
    size : int
        Bytes.
    retrieved : str
        When, in UTC.
    version : str
        Release that the server names, or the date of its last change; empty if it says neither.
    etag, modified : str
        What the server needs to tell whether the file has changed; empty if it gives none.
    """

    address: str
    sha256: str
    size: int
    retrieved: str
    version: str = ""
    etag: str = ""
    modified: str = ""

    @property
    def validator(self) -> str:
        """What proves to a server that the beginning of a file is still the beginning of the same file."""
        return self.etag if self.etag != "" and not self.etag.startswith("W/") else self.modified


def fetch(address: str, path: Path, *, expected: str | None, largest: int, limits: Limits) -> Fetched:
    """Fetch a file into the download folder.

    Parameters
    ----------
    address : str
        Address of the file.
    path : pathlib.Path
        Where to put it. Beside it stand a note of what is known of it, and, while it is incomplete, the part so far.
    expected : str or None
        SHA-256 it must have.
    largest : int
        Bytes above which it is refused.
    limits : Limits
        Patience.

    Returns
    -------
    Fetched
        What is known of the file; it may be an earlier one that has not changed.

    Raises
    ------
    SourceFault
        If the file cannot be had whole. An earlier whole file and the part so far stay where they are; a part with the
        wrong hash does not.
    """
    earlier = known(path)
    if earlier is not None and _still_good(earlier, address, expected, limits.fresh):
        return earlier
    path.parent.mkdir(parents=True, exist_ok=True)
    download = _Download(address, path, expected, largest, limits.timeout, time.monotonic() + limits.total)
    for attempt in range(1, limits.attempts + 1):
        try:
            return download.attempt(earlier if expected is None else None)
        except SourceFault as fault:
            if fault.wait is not None and fault.wait > limits.longest_pause:
                what = f"{fault.what} and asks to wait {fault.wait:.0f} seconds"
                raise SourceFault(what, TRY_AGAIN) from None
            pause = max(limits.pause * 2 ** (attempt - 1), fault.wait or 0.0)
            if not fault.passes or attempt == limits.attempts or time.monotonic() + pause > download.end:
                raise
            time.sleep(pause)
    message = "a download is attempted at least once"
    raise ValueError(message)


def known(path: Path) -> Fetched | None:
    """What is known of a whole file fetched earlier; None if there is none, or it is not what the note says."""
    try:
        found = Fetched(**json.loads(_note(path).read_text(encoding="utf-8")))
        return found if path.stat().st_size == found.size and file_sha256(path) == found.sha256 else None
    except (OSError, ValueError, TypeError):
        return None


def forget(path: Path) -> None:
    """Remove a file and what is known of it, so that it is fetched anew."""
    for each in (_note(path), path, _part(path), _note(_part(path))):
        each.unlink(missing_ok=True)


def _still_good(earlier: Fetched, address: str, expected: str | None, fresh: float) -> bool:
    if expected is not None:
        return earlier.sha256 == expected
    age = (datetime.now(UTC) - datetime.fromisoformat(earlier.retrieved)).total_seconds()
    return earlier.address == address and 0 <= age < fresh


@dataclass(frozen=True)
class _Download:
    """One file that is being fetched; `end` is the moment at which patience ends."""

    address: str
    path: Path
    expected: str | None
    largest: int
    timeout: float
    end: float

    @property
    def part(self) -> Path:
        return _part(self.path)

    def attempt(self, earlier: Fetched | None) -> Fetched:
        """Ask for the file, or for the rest of it, or whether it has changed."""
        begun = _begun(self.part, self.address)
        start = self.part.stat().st_size if begun is not None else 0
        headers = _headers(begun, start, earlier, self.address)
        with open_address(self.address, headers, self.timeout) as response:
            if response.status == 304 and earlier is not None:
                return earlier
            if response.status == 416:
                forget_part(self.part)
                what = "the server does not know the rest of the file"
                raise SourceFault(what, TRY_AGAIN, passes=True)
            start = start if _continues(response, start) else 0
            announced = response.headers.get("Content-Length", "")
            whole = start + int(announced) if announced.isdigit() else None
            if whole is not None and whole > self.largest:
                raise _too_large(self.largest)
            found = _described(self.address, response.headers)
            write_text(_note(self.part), json.dumps(asdict(found)))
            digest, size = self._stream(response, start)
        if whole is not None and size != whole:
            what = f"the connection ended after {size:,} of {whole:,} bytes"
            raise SourceFault(what, TRY_AGAIN, passes=True)
        return self._keep(replace(found, sha256=digest, size=size))

    def _stream(self, response: Any, start: int) -> tuple[str, int]:
        digest, size = hashlib.sha256(), start
        if start > 0:
            with self.part.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
        with self.part.open("ab" if start > 0 else "wb") as file:
            while True:
                try:
                    block = response.read1(BLOCK)
                except (OSError, http.client.HTTPException) as error:
                    raise as_fault(error) from None
                if len(block) == 0:
                    return digest.hexdigest(), size
                size += len(block)
                if size > self.largest:
                    raise _too_large(self.largest)
                digest.update(block)
                file.write(block)
                if time.monotonic() > self.end:
                    what = f"the server is too slow: {size:,} bytes came in the time allowed"
                    raise SourceFault(what, TRY_AGAIN)

    def _keep(self, found: Fetched) -> Fetched:
        if self.expected is not None and found.sha256 != self.expected:
            forget_part(self.part)
            what = f"its SHA-256 is {found.sha256}, but SHA256SUMS of the mirror says {self.expected}"
            raise SourceFault(what, "Tell whoever keeps the mirror: the file or the list there is wrong")
        _note(self.path).unlink(missing_ok=True)
        self.part.replace(self.path)
        write_text(_note(self.path), json.dumps(asdict(found)))
        _note(self.part).unlink(missing_ok=True)
        return found


def _headers(begun: Fetched | None, n_bytes: int, earlier: Fetched | None, address: str) -> dict[str, str]:
    if begun is not None:
        return {"Range": f"bytes={n_bytes}-", "If-Range": begun.validator}
    if earlier is None or earlier.address != address:
        return {}
    if earlier.etag != "":
        return {"If-None-Match": earlier.etag}
    return {"If-Modified-Since": earlier.modified} if earlier.modified != "" else {}


def _begun(part: Path, address: str) -> Fetched | None:
    """What is known of a part that can be continued; any other part is removed."""
    try:
        found = Fetched(**json.loads(_note(part).read_text(encoding="utf-8")))
        if found.address == address and found.validator != "" and part.stat().st_size > 0:
            return found
    except (OSError, ValueError, TypeError):
        pass
    forget_part(part)
    return None


def _continues(response: http.client.HTTPResponse, start: int) -> bool:
    """Whether the server sends the rest of the file, from where the part ends."""
    said: str = response.headers.get("Content-Range", "")
    return response.status == 206 and said.startswith(f"bytes {start}-")


def _described(address: str, headers: Mapping[str, str]) -> Fetched:
    modified = headers.get("Last-Modified") or ""
    return Fetched(
        address=address,
        sha256="",
        size=0,
        retrieved=datetime.now(UTC).isoformat(timespec="seconds"),
        version=headers.get(RELEASE_HEADER) or _date(modified),
        etag=headers.get("ETag") or "",
        modified=modified,
    )


def _date(modified: str) -> str:
    """Date of a `Last-Modified`, empty if there is none."""
    try:
        return parsedate_to_datetime(modified).date().isoformat()
    except ValueError:
        return ""


def _too_large(largest: int) -> SourceFault:
    return SourceFault(
        f"the file is larger than {largest:,} bytes, so it is not what it should be",
        "Look for a newer version of organokine, if the source has grown so much",
    )


def forget_part(part: Path) -> None:
    """Remove the part of a file and the note on it."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".json")
