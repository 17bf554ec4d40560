"""A server on this machine that behaves as badly as it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODIFIED = "Thu, 01 Oct 2026 08:00:00 GMT"


@dataclass
class Behaviour:
    """How a path is answered. All lists are used up from the front; then the file is served properly.

    Attributes
    ----------
    statuses : list of int
        Error statuses to give first.
    cuts : list of int
        Bytes after which the connection is cut.
    headers : dict
        Further headers of every answer.
    redirect : str
        Where to send the client, always.
    pause : float
        Seconds before each piece of 64 bytes.
    ranges, etag, length : bool
        Whether the server continues files, names their state, and tells their length.
    """

    statuses: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    redirect: str = ""
    pause: float = 0.0
    ranges: bool = True
    etag: bool = True
    length: bool = True


@dataclass
class Loopback:
    """The server: files by path, behaviour by path, and what was asked."""

    files: dict[str, bytes]
    behaviour: dict[str, Behaviour] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    address: str = ""

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        loopback = self.server.loopback
        how = loopback.behaviour.get(self.path, Behaviour())
        loopback.asked.append((self.path, dict(self.headers)))
        self.close_connection = True
        if how.redirect != "":
            return self._head(302, {"Location": how.redirect, "Content-Length": "0"})
        if len(how.statuses) > 0:
            return self._head(how.statuses.pop(0), {"Content-Length": "0"} | how.headers)
        if self.path not in loopback.files:
            return self._head(404, {"Content-Length": "0"})
        content = loopback.files[self.path]
        headers = dict(how.headers)
        tag = f'"{hash(content) & 0xFFFFFFFF:08x}"'
        if how.etag:
            headers |= {"ETag": tag, "Last-Modified": MODIFIED}
            if self.headers.get("If-None-Match") == tag:
                return self._head(304, headers)
        start = self._start(content, tag) if how.ranges else 0
        status = 200
        if start > 0:
            status = 206
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if how.length:
            headers["Content-Length"] = str(len(content) - start)
        self._head(status, headers)
        return self._body(content[start:], how)

    def _start(self, content: bytes, tag: str) -> int:
        asked = self.headers.get("Range", "")
        if not asked.startswith("bytes=") or self.headers.get("If-Range") not in (tag, MODIFIED):
            return 0
        start = int(asked.removeprefix("bytes=").rstrip("-"))
        return start if start < len(content) else 0

    def _body(self, content: bytes, how: Behaviour) -> None:
        cut = how.cuts.pop(0) if len(how.cuts) > 0 else None
        try:
            if how.pause == 0:
                self.wfile.write(content[:cut])
                return
            for position in range(0, len(content), 64):
                time.sleep(how.pause)
                self.wfile.write(content[position : position + 64])
                self.wfile.flush()
        except OSError:
            pass  # the client has gone

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    loopback: Loopback


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Loopback]:
    """Serve files on 127.0.0.1 while the context lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.loopback = Loopback(files, address=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.loopback
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
