"""Web servers: a trace behind http:// or https://, read with GET and written with PUT, signed URLs of a bucket too."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote, urlsplit, urlunsplit

from skel.storage.errors import TraceError
from skel.storage.limits import GIVE_UP, PATIENCE, RETRIES, largest, too_large
from skel.storage.place import shown

if TYPE_CHECKING:
    from http.client import HTTPResponse

_AT_ONCE = 1 << 20
_PARTIAL = 206
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same request may succeed."""


class _Passing(Exception):
    """Something that may be gone at the next try. `wait` is what the server asks for, in seconds."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        self.reason = reason
        self.wait = wait
        super().__init__(reason)


@dataclass(slots=True)
class _Download:
    """What has come so far, and which version of the file it belongs to."""

    data: bytearray
    version: str = ""


def read(url: str) -> bytes:
    """All that is behind a URL; goes on where it broke off. Raises TraceError."""
    state = _Download(bytearray())
    _trying(url, "read", lambda: _get(url, state))
    return bytes(state.data)


def write(url: str, file: BinaryIO, size: int) -> None:
    """Send `size` bytes of an open file with PUT. Raises TraceError.

    The length goes first, so a server that gets less of it knows that it is not all.
    """

    def put() -> None:
        file.seek(0)
        with _opened(url, "PUT", {"Content-Length": str(size), "Content-Type": "application/octet-stream"}, file):
            pass

    _trying(url, "written", put)


def _trying(url: str, verb: str, attempt: Any) -> None:
    """Again after a pause that doubles, until it works, there were enough tries or it took too long."""
    began = monotonic()
    for number in range(RETRIES + 1):
        try:
            attempt()
        except _Passing as failure:
            pause = max(failure.wait, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**number))
            if number == RETRIES or monotonic() + pause - began > GIVE_UP:
                reason = f"{shown(url)} could not be {verb}: {failure.reason}, after {number + 1} tries"
                raise TraceError(reason, "check the URL and the network, or try again later") from None
            sleep(pause)
        else:
            return


def _get(url: str, state: _Download) -> None:
    import http.client

    data = state.data
    headers = {"Range": f"bytes={len(data)}-", "If-Range": state.version} if data and state.version else {}
    with _opened(url, "GET", headers) as answer:
        if answer.status != _PARTIAL:
            data.clear()  # the server sends all of it again
        state.version = answer.headers.get("ETag", "")
        declared = answer.length
        if declared is not None and len(data) + declared > largest():
            raise too_large(shown(url), len(data) + declared)
        try:
            while piece := answer.read(_AT_ONCE):
                data += piece
                if len(data) > largest():
                    raise too_large(shown(url))
        except (http.client.IncompleteRead, OSError) as error:
            raise _Passing(_said(error)) from None
        if answer.length:
            raise _Passing("the connection broke in the middle of the answer")


def _opened(url: str, method: str, headers: Mapping[str, str], body: Any = None) -> HTTPResponse:
    import http.client
    import urllib.error
    import urllib.request

    address, login = _without_login(url)
    request = urllib.request.Request(address, data=body, headers={"User-Agent": "skel", **headers}, method=method)  # noqa: S310
    if login:
        request.add_unredirected_header("Authorization", login)
    try:
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=PATIENCE)  # noqa: S310  (http or https only)
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(url, method, error.code, error.reason, error.headers.get("Retry-After", "")) from None
    except urllib.error.URLError as error:
        raise _unreachable(url, error.reason) from None
    except (http.client.HTTPException, OSError) as error:
        raise _Passing(_said(error)) from None
    except ValueError as error:
        raise TraceError(f"{shown(url)} is no URL: {error}", "check it") from None
    return answer


def _refused(url: str, method: str, status: int, words: str, retry_after: str) -> Exception:
    said = f"the server answers {status} {words[:60]}".rstrip()
    if status in _PASSING:
        return _Passing(said, min(float(retry_after), GIVE_UP) if retry_after.isdigit() else 0.0)
    if status in {404, 410} and method == "GET":
        return TraceError(f"{shown(url)} does not exist: {said}", "check the URL")
    if status in {401, 403}:
        return TraceError(f"{shown(url)}: {said}", "a signed URL holds for a limited time: sign it again")
    if status in {405, 501} and method == "PUT":
        return TraceError(f"{shown(url)} can't be written: {said}", "write to a file, or to s3://, gs://, azure://")
    return TraceError(f"{shown(url)} could not be {'read' if method == 'GET' else 'written'}: {said}")


def _unreachable(url: str, reason: object) -> Exception:
    import ssl

    if isinstance(reason, ssl.SSLCertVerificationError):
        message = f"{shown(url)}: the certificate is not trusted: {reason.verify_message}"
        return TraceError(message, "SSL_CERT_FILE names a file of further authorities")
    return _Passing(_said(reason))


def _said(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "no answer came in time"
    if isinstance(error, ConnectionRefusedError):
        return "nobody answers there"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "the connection broke"


def _without_login(url: str) -> tuple[str, str]:
    """The URL to ask for, and the header that its user and password make."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, ""
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return bare, "Basic " + base64.b64encode(login).decode()
