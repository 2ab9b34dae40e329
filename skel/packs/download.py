"""Fetching an archive: the only place of this room that touches the network."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPMessage
from typing import IO
from urllib.request import Request

from skel.packs.archive import LARGEST_ARCHIVE
from skel.packs.errors import PackError

PATIENCE = 30.0
"""Seconds for each answer of the server."""
LONGEST = 300.0
"""Seconds for the whole."""
_AT_ONCE = 1 << 16


def download(url: str, *, is_pinned: bool) -> bytes:
    """The bytes behind a URL, at most LARGEST_ARCHIVE. What is not `https` must be pinned, or be on this machine.

    Raises PackError for whatever goes wrong.
    """
    _check(url, is_pinned)
    request = urllib.request.Request(url, headers={"User-Agent": "skel", "Accept": "*/*"})  # noqa: S310  (checked above)
    try:
        with urllib.request.build_opener(_Redirects(is_pinned)).open(request, timeout=PATIENCE) as answer:
            return _read(answer, url)
    except urllib.error.HTTPError as error:
        error.close()
        raise PackError(f"{url} can't be fetched: the server says {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise PackError(f"{url} can't be fetched: {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        raise PackError(f"{url} can't be fetched: {str(error) or type(error).__name__}") from None


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows only to where one might have gone in the first place."""

    def __init__(self, is_pinned: bool) -> None:
        self.is_pinned = is_pinned

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        try:
            _check(newurl, self.is_pinned)
        except PackError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _read(answer: http.client.HTTPResponse, url: str) -> bytes:
    content = bytearray()
    end = time.monotonic() + LONGEST
    while chunk := answer.read(_AT_ONCE):
        content += chunk
        if len(content) > LARGEST_ARCHIVE:
            raise PackError(f"{url} is larger than {LARGEST_ARCHIVE} bytes")
        if time.monotonic() > end:
            raise PackError(f"{url} took longer than {LONGEST:.0f} seconds")
    if answer.length:
        raise PackError(f"{url} can't be fetched: the connection ended too early")
    return bytes(content)


def _check(url: str, is_pinned: bool) -> None:
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise PackError(f"{url!r} is no URL") from None
    if parts.scheme not in {"https", "http"} or not host or parts.username is not None or not url.isprintable():
        raise PackError(f"{url!r} is no URL of a pack", "it begins with https:// and holds no password")
    is_near = host in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme == "http" and not is_pinned and not is_near:
        raise PackError(f"{url} is not encrypted", "use https, or give --sha256")
