from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from organokine.references.updates.download import Limits
from organokine.references.updates.update import Options, Updated, update
from tests.references.updates.loopback import serving
from tests.references.updates.official import on_mirror, small, twins

QUICK = Limits(timeout=5.0, total=20.0, attempts=3, pause=0.01)
"""Patience of tests: no pause is worth waiting for."""


@pytest.fixture(autouse=True)
def nothing_but_this_machine(monkeypatch):
    """No test of updates may talk to, or ask the name of, another machine."""
    connect = socket.socket.connect

    def checked(self: socket.socket, address: tuple[str, int]) -> None:
        assert address[0] in {"127.0.0.1", "::1"}, f"a test wants to talk to {address}"
        connect(self, address)

    def resolved(host: str, *arguments: object, **named: object) -> object:
        assert host in {"127.0.0.1", "::1", "localhost"}, f"a test asks for the address of {host}"
        return getaddrinfo(host, *arguments, **named)

    getaddrinfo = socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", checked)
    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store, and nothing else in the folder it is in."""
    folder = tmp_path / "store"
    monkeypatch.setenv("ORGANOKINE_REFS", str(folder))
    return folder


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Updated]]:
    """A store with a release made from the twins, large sets and all; not to be changed."""
    folder = tmp_path_factory.mktemp("made") / "store"
    with pytest.MonkeyPatch.context() as patch, serving(on_mirror(twins())) as server:
        patch.setenv("ORGANOKINE_REFS", str(folder))
        extra = ("secact", "nichenet_human")
        options = Options(mirror=server.address, cards=small(), extra=extra, limits=QUICK)
        yield folder, update(options, lambda _: None)


@pytest.fixture
def release(made: tuple[Path, Updated], monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a release in the store that the environment names."""
    monkeypatch.setenv("ORGANOKINE_REFS", str(made[0]))
    return made[1].name
