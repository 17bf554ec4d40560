"""One request to a server: HTTPS with its certificate verified, few redirects, and every failure in words."""

from __future__ import annotations

import email.utils
import errno
import http.client
import ipaddress
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from functools import cache
from typing import Any

import organokine
from organokine.references.updates.faults import TRY_AGAIN, SourceFault

REDIRECTS = 5
MOVED = "Look for a newer version of organokine, or name a mirror with --mirror"
NO_NETWORK = "Look at the network; what was fetched so far is kept and continued"
_NOBODY = (errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH)
_BUSY = (429, 500, 502, 503, 504)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows few redirects, and none that gives up encryption."""

    max_redirections = REDIRECTS
    max_repeats = 2

    def redirect_request(self, req: urllib.request.Request, fp: Any, *rest: Any) -> urllib.request.Request | None:
        try:
            _check_redirect(req.type, rest[-1])
        except SourceFault:
            fp.close()
            raise
        return super().redirect_request(req, fp, *rest)


def _check_redirect(scheme: str, address: str) -> None:
    if scheme == "https" and not address.lower().startswith("https:"):
        what = f"the server sends from an encrypted address on to {address!r}, which is not"
        raise SourceFault(what, MOVED)
    check_address(address)


def check_address(address: str) -> None:
    """Refuse an address that is not encrypted, unless it is this machine itself.

    Raises
    ------
    SourceFault
        If the scheme is neither `https` nor, for a loopback address, `http`; or if there is a password in the address.
    """
    try:
        parts = urllib.parse.urlsplit(address)
        host = parts.hostname
    except ValueError:
        parts, host = urllib.parse.urlsplit(""), None
    if host is None or parts.scheme not in ("http", "https"):
        what = f"{address!r} is not an address of the web"
        raise SourceFault(what, "Give an address that begins with https://")
    if parts.scheme == "http" and not _is_loopback(host):
        what = f"{address!r} is not encrypted, so anybody between here and there could change the tables"
        raise SourceFault(what, "Give an address that begins with https://")
    if parts.username is not None:
        what = "there is a name or password in the address"
        raise SourceFault(what, "Give the address without it")


def open_address(address: str, headers: Mapping[str, str], timeout: float) -> Any:
    """Send a request and give the response, whose body is not read yet.

    Parameters
    ----------
    address : str
        Address; see `check_address`.
    headers : mapping of str to str
        Further headers.
    timeout : float
        Seconds to wait for a connection or for the next bytes.

    Returns
    -------
    http.client.HTTPResponse
        With a status of 200, 206, 304 or 416; to be closed by the caller.

    Raises
    ------
    SourceFault
        If there is no such response; `passes` tells whether it may come later.
    """
    check_address(address)
    own = {"User-Agent": f"organokine/{organokine.__version__}", "Accept-Encoding": "identity"}
    request = urllib.request.Request(address, headers=own | dict(headers))
    try:
        return _opener(address).open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code in (304, 416):
            return error
        error.close()
        raise _answered(error) from None
    except urllib.error.URLError as error:
        raise as_fault(error.reason) from None
    except (OSError, http.client.HTTPException) as error:
        raise as_fault(error) from None


def as_fault(error: object) -> SourceFault:
    """A failure of the connection, in words; `passes` where the same request may succeed later."""
    if isinstance(error, SourceFault):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        what = f"the certificate of the server is not trusted ({error.verify_message})"
        return SourceFault(what, "Certificates are always verified: mend those of this machine, or name another mirror")
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(error, socket.gaierror):
        return SourceFault("the server's name is not known here: is there a network?", NO_NETWORK)
    if isinstance(error, OSError) and error.errno in _NOBODY:
        return SourceFault(f"the server cannot be reached ({words})", NO_NETWORK)
    what = f"the connection failed ({words})"
    if isinstance(error, TimeoutError):
        what = "the server stopped answering"
    elif isinstance(error, http.client.IncompleteRead):
        what = "the connection ended before the file did"
    return SourceFault(what, TRY_AGAIN, passes=True)


def _opener(address: str) -> urllib.request.OpenerDirector:
    """An opener that knows the web only: no files, no FTP, and no proxy between this machine and itself."""
    opener = urllib.request.OpenerDirector()
    host = urllib.parse.urlsplit(address).hostname or ""
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler({} if _is_loopback(host) else None),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=_verified()),
        _Redirects(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ]
    for handler in handlers:
        opener.add_handler(handler)
    return opener


@cache
def _verified() -> ssl.SSLContext:
    """Certificates and host names are verified; reading the certificates of this machine takes longer than a small file."""
    return ssl.create_default_context()


def _answered(error: urllib.error.HTTPError) -> SourceFault:
    if error.code in _BUSY:
        wait = _retry_after(error.headers.get("Retry-After"))
        return SourceFault(f"the server answers {error.code} ({error.reason})", TRY_AGAIN, passes=True, wait=wait)
    if 300 <= error.code < 400 and "not allowed" in str(error.reason):
        return SourceFault("the server sends on to an address that is not of the web", MOVED)
    if 300 <= error.code < 400:
        what = f"the server sends in a circle, or over more than {REDIRECTS} addresses"
        return SourceFault(what, MOVED)
    return SourceFault(f"the server answers {error.code} ({error.reason}) to {error.url}", MOVED)


def _retry_after(value: str | None) -> float | None:
    """Seconds of a `Retry-After`, which may be a number or a date."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
