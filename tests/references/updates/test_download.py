from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import replace
from http.server import HTTPServer, SimpleHTTPRequestHandler

import pytest

from organokine.references.updates import connection, download
from organokine.references.updates.faults import SourceFault
from tests.references.conftest import QUICK
from tests.references.updates.loopback import Behaviour, serving

CONTENT = bytes(range(256)) * 40
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server():
    with serving({"/file": CONTENT}) as started:
        yield started


@pytest.fixture
def path(tmp_path):
    return tmp_path / "downloads" / "file"


def fetch(server, path, expected=None, largest=1 << 20, limits=QUICK):
    return download.fetch(f"{server.address}/file", path, expected=expected, largest=largest, limits=limits)


def behave(server, **how):
    server.behaviour["/file"] = Behaviour(**how)


def fault_of(server, path, **options) -> SourceFault:
    with pytest.raises(SourceFault) as caught:
        fetch(server, path, **options)
    return caught.value


def test_a_file_is_streamed_hashed_and_noted(server, path):
    behave(server, headers={"X-UniProt-Release": "2026_04"})
    found = fetch(server, path)
    assert path.read_bytes() == CONTENT
    assert (found.sha256, found.size, found.version) == (DIGEST, len(CONTENT), "2026_04")
    assert sorted(each.name for each in path.parent.iterdir()) == ["file", "file.json"]


def test_the_date_of_the_last_change_stands_in_for_a_release(server, path):
    assert fetch(server, path).version == "2026-10-01"


def test_a_cut_connection_is_continued_where_it_stopped(server, path):
    behave(server, cuts=[5000])
    assert fetch(server, path).sha256 == DIGEST
    assert [headers.get("Range") for _, headers in server.asked] == [None, "bytes=5000-"]


def test_the_next_call_continues_what_an_earlier_one_left(server, path):
    behave(server, cuts=[3000])
    fault = fault_of(server, path, limits=replace(QUICK, attempts=1))
    assert fault.what == "the connection ended after 3,000 of 10,240 bytes"
    assert not path.exists()
    assert fetch(server, path).sha256 == DIGEST
    assert server.asked[-1][1]["Range"] == "bytes=3000-"


def test_a_killed_download_is_continued(server, path):
    behave(server, pause=0.02)
    script = (
        "import sys; from pathlib import Path; from organokine.references.updates.download import *\n"
        "fetch(sys.argv[1], Path(sys.argv[2]), expected=None, largest=1 << 20, limits=Limits())"
    )
    process = subprocess.Popen([sys.executable, "-c", script, f"{server.address}/file", str(path)])
    part = path.with_name("file.part")
    while not (part.exists() and part.stat().st_size > 200):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert not path.exists()
    behave(server)
    assert fetch(server, path).sha256 == DIGEST
    assert int(server.asked[-1][1]["Range"].removeprefix("bytes=").rstrip("-")) >= 200


@pytest.mark.parametrize("how", [{"etag": False}, {"ranges": False}])
def test_without_proof_that_it_is_the_same_file_a_part_is_not_continued(server, path, how):
    behave(server, cuts=[5000], **how)
    assert fetch(server, path).sha256 == DIGEST


def test_a_file_that_changed_meanwhile_is_not_glued_together(server, path):
    behave(server, cuts=[3000])
    fault_of(server, path, limits=replace(QUICK, attempts=1))
    server.files["/file"] = CONTENT[::-1]
    fetch(server, path)
    assert path.read_bytes() == CONTENT[::-1]


def test_a_part_that_is_too_long_is_started_anew(server, path):
    behave(server, cuts=[3000])
    fault_of(server, path, limits=replace(QUICK, attempts=1))
    path.with_name("file.part").write_bytes(CONTENT + b"more")
    behave(server)
    assert fetch(server, path).sha256 == DIGEST


def test_a_cut_without_a_length_is_seen_where_pieces_are_numbered(server, path):
    """What ends early and says neither its length nor its pieces is left to the reader: see test_reading."""
    behave(server, cuts=[5000], length=False)
    assert fetch(server, path).size == 5000


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(server, path, status):
    behave(server, statuses=[status])
    assert fetch(server, path).sha256 == DIGEST


def test_a_server_that_stays_busy_is_left_alone(server, path):
    behave(server, statuses=[503] * 9)
    assert "the server answers 503" in fault_of(server, path).what
    assert len(server.asked) == QUICK.attempts


def test_the_pause_a_server_asks_for_is_kept(server, path):
    behave(server, statuses=[503], headers={"Retry-After": "1"})
    began = time.monotonic()
    fetch(server, path)
    assert time.monotonic() - began >= 1


def test_a_long_pause_ends_the_update_instead(server, path):
    behave(server, statuses=[429], headers={"Retry-After": "7200"})
    assert "asks to wait 7200 seconds" in fault_of(server, path).what
    assert len(server.asked) == 1


def test_what_is_not_there_is_asked_for_once(server, path):
    server.files.clear()
    assert "404" in fault_of(server, path).what
    assert len(server.asked) == 1


def test_a_silent_server_is_not_waited_for_forever(server, path):
    behave(server, pause=1)
    fault = fault_of(server, path, limits=replace(QUICK, timeout=0.1, attempts=1))
    assert fault.what == "the server stopped answering"


def test_a_dripping_server_is_not_waited_for_forever(server, path):
    behave(server, pause=0.05)
    assert "too slow" in fault_of(server, path, limits=replace(QUICK, total=0.3)).what


def test_nobody_there(server, path):
    address = "http://127.0.0.1:9/file"
    began = time.monotonic()
    with pytest.raises(SourceFault, match="cannot be reached"):
        download.fetch(address, path, expected=None, largest=9, limits=replace(QUICK, pause=9))
    assert time.monotonic() - began < 9, "who is not there now is not waited for"


def test_no_network_is_told_at_once(path, monkeypatch):
    def unknown(*_: object, **_named: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SourceFault, match="is there a network") as caught:
        download.fetch("https://example.org/file", path, expected=None, largest=9, limits=replace(QUICK, pause=9))
    assert not caught.value.passes


def test_a_wrong_hash_is_refused_and_nothing_of_it_is_kept(server, path):
    fault = fault_of(server, path, expected="0" * 64)
    assert DIGEST in fault.what
    assert "0" * 64 in fault.what
    assert list(path.parent.iterdir()) == []


def test_a_right_hash_needs_no_second_download(server, path):
    fetch(server, path, expected=DIGEST)
    fetch(server, path, expected=DIGEST)
    assert len(server.asked) == 1


def test_an_earlier_file_with_another_hash_is_replaced(server, path):
    fetch(server, path)
    server.files["/file"] = b"new"
    fetch(server, path, expected=hashlib.sha256(b"new").hexdigest())
    assert path.read_bytes() == b"new"


def test_circles_end(server, path):
    behave(server, redirect=f"{server.address}/file")
    assert "circle" in fault_of(server, path).what
    assert len(server.asked) <= connection.REDIRECTS + 1


def test_a_chain_of_redirects_ends(server, path):
    for number in range(9):
        server.behaviour[f"/{number}"] = Behaviour(redirect=f"/{number + 1}")
    behave(server, redirect="/0")
    assert "circle" in fault_of(server, path).what


def test_a_redirect_is_followed(server, path):
    server.files["/moved"] = CONTENT
    behave(server, redirect="/moved")
    assert fetch(server, path).sha256 == DIGEST


@pytest.mark.parametrize("target", ["http://example.org/file", "ftp://example.org/file", "file:///etc/passwd"])
def test_a_redirect_leads_to_no_address_that_is_not_encrypted(server, path, target):
    behave(server, redirect=target)
    fault_of(server, path)
    assert not path.exists()


def test_a_redirect_gives_up_no_encryption(monkeypatch):
    request = connection.urllib.request.Request("https://example.org/file")
    with pytest.raises(SourceFault, match="encrypted"):
        connection._Redirects().redirect_request(request, io.BytesIO(), 302, "Found", {}, "http://127.0.0.1/file")


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/x",
        "ftp://example.org/x",
        "file:///etc/passwd",
        "example.org",
        "",
        "https://me:word@example.org/",
        "http://[x",
    ],
)
def test_addresses_that_are_refused(address):
    with pytest.raises(SourceFault):
        connection.check_address(address)


@pytest.mark.parametrize(
    "address", ["https://example.org/x?y", "http://127.0.0.1:80/", "http://[::1]/", "http://localhost/"]
)
def test_addresses_that_are_accepted(address):
    connection.check_address(address)


def test_a_file_that_is_too_large_is_refused_before_and_while_it_comes(server, path):
    assert "larger than 100 bytes" in fault_of(server, path, largest=100).what
    behave(server, length=False)
    assert "larger than 100 bytes" in fault_of(server, path, largest=100).what
    assert not path.exists()


def test_a_file_of_today_is_not_asked_for_again(server, path):
    fetch(server, path)
    fetch(server, path)
    assert len(server.asked) == 1


def test_an_older_file_is_kept_if_it_has_not_changed(server, path):
    first = fetch(server, path)
    assert fetch(server, path, limits=replace(QUICK, fresh=0)) == first
    assert "If-None-Match" in server.asked[-1][1]
    server.files["/file"] = b"new"
    assert fetch(server, path, limits=replace(QUICK, fresh=0)).size == 3


def test_a_file_that_was_damaged_meanwhile_is_fetched_anew(server, path):
    fetch(server, path)
    path.write_bytes(CONTENT[:-1] + b"x")
    fetch(server, path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("note", ["", "{", "[]", '{"address": 1}'])
def test_a_damaged_note_is_no_note(server, path, note):
    fetch(server, path)
    path.with_name("file.json").write_text(note)
    assert download.known(path) is None
    assert fetch(server, path).sha256 == DIGEST


def test_a_proxy_of_the_environment_does_not_stand_between_this_machine_and_itself(server, path, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert fetch(server, path).sha256 == DIGEST


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, path):
    if shutil.which("openssl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("openssl is not installed, and CI may not skip the check of certificates")
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "1",
    ]
    made += [
        "-keyout",
        str(key),
        "-out",
        str(certificate),
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    server.handle_error = lambda *_: None  # the client hangs up, as it should
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        address = f"https://127.0.0.1:{server.server_address[1]}/"
        with pytest.raises(SourceFault, match="certificate") as caught:
            download.fetch(address, path, expected=None, largest=1 << 20, limits=QUICK)
        assert not caught.value.passes
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_notes_hold_no_more_than_what_is_needed(server, path):
    fetch(server, path)
    assert set(json.loads(path.with_name("file.json").read_text())) == set(download.Fetched.__dataclass_fields__)
    assert [each.name for each in path.parent.parent.iterdir()] == ["downloads"]
