"""Finished searches on disk: one file each, named by the hash of all it depends on, written aside and renamed.

A search that was killed leaves nothing; one that was finished is never done again for the same file, FASTA, settings and engine.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from organokine.raw import sage
from organokine.raw.folder import FRAMES_FILE, TABLES_FILE, open_folder
from organokine.raw.frames import block_starts
from organokine.raw.settings import OF_A_SEARCH

if TYPE_CHECKING:
    from organokine.raw.settings import SearchSettings

MATCHES = "matches.bin"
NOTE = "search.json"
END = 1 << 20
"""Bytes at either end of the frames that enter the hash; all of them would have to be read, and a run has gigabytes. The tables, which
hold the offset and the intensities of every frame, enter whole."""
START = 64
"""Bytes of every frame that enter the hash, so that a copy whose middle was lost is not taken for the whole one."""
_DAMAGE = (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged zip may raise."""
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


class Search(NamedTuple):
    """A finished search.

    Attributes
    ----------
    packed : bytes
        Matches; see `organokine.raw.sage.search_folder`.
    n_spectra : int
        Fragment spectra.
    """

    packed: bytes
    n_spectra: int


def folder_fingerprint(folder: Path) -> str:
    """Hash of the content of a `.d` folder: its tables, the size and both ends of its frames, and the start of each. Copies have the same."""
    digest = hashlib.sha256()
    with (folder / TABLES_FILE).open("rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())
    frames = folder / FRAMES_FILE
    size = frames.stat().st_size
    digest.update(str(size).encode())
    with frames.open("rb") as file:
        digest.update(file.read(END))
        file.seek(max(size - END, 0))
        digest.update(file.read(END))
    for start in block_starts(frames, open_folder(folder).frames["offset"].to_numpy(), START):
        digest.update(start)
    return digest.hexdigest()


def search_key(folder: Path, fasta_sha256: str, settings: SearchSettings) -> str:
    """Hash of all that the search of one file depends on.

    Parameters
    ----------
    folder : pathlib.Path
        The `.d` folder.
    fasta_sha256 : str
        Of the FASTA's text.
    settings : SearchSettings
        Of these, only what a search depends on: another error rate leaves the key as it is.
    """
    about = {
        "folder": folder_fingerprint(folder),
        "fasta": fasta_sha256,
        "settings": settings.model_dump(mode="json", include=set(OF_A_SEARCH)),
        "engine": [sage.NAME, sage.engine_version()],
        "code": hashlib.sha256(Path(sage.__file__).read_bytes()).hexdigest(),
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class SearchStore:
    """The folder of finished searches.

    Attributes
    ----------
    folder : pathlib.Path
        Where the files are.
    """

    folder: Path

    def path(self, key: str) -> Path:
        """File of a search."""
        return self.folder / f"{key}.zip"

    def load(self, key: str) -> Search | None:
        """A finished search, or None if there is none or its file is damaged."""
        try:
            with zipfile.ZipFile(self.path(key)) as file:
                packed, note = file.read(MATCHES), json.loads(file.read(NOTE))
            if note["key"] != key or note["sha256"] != hashlib.sha256(packed).hexdigest():
                return None
            return Search(packed, int(note["n_spectra"]))
        except _DAMAGE:
            return None

    def save(self, key: str, search: Search) -> None:
        """Keep a finished search; any number of processes may write it, and whichever comes last has the same matches."""
        note = {"key": key, "n_spectra": search.n_spectra, "sha256": hashlib.sha256(search.packed).hexdigest()}
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in ((MATCHES, search.packed), (NOTE, json.dumps(note).encode())):
                file.writestr(zipfile.ZipInfo(name, _FIRST_DAY), data, zipfile.ZIP_DEFLATED)
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.folder / f"{key[:16]}-{uuid4().hex}.part"
        try:
            aside.write_bytes(content.getvalue())
            aside.replace(self.path(key))
        finally:
            aside.unlink(missing_ok=True)
