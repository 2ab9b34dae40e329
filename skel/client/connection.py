"""The one place that talks to an API server: requests in, responses out, no second thoughts (those are the caller's).

Only credentials are renewed here, once for a request that the server answers with 401.
"""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from io import BytesIO
from time import time
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec
from multidict import CIMultiDictProxy
from yarl import URL

from skel.client.access import Access
from skel.client.credentials import Identity, Wallet
from skel.client.errors import ClientError, Disconnected
from skel.client.request import Request, Response
from skel.client.tls import tls_context
from skel.patch.values import Json

LARGEST = 3 * 1024 * 1024
"""Bytes of a body that an API server takes (`MaxRequestBodyBytes`); it cuts the connection of what is larger."""
_ONE_PIECE = 1024 * 1024
_WARNING = re.compile(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"')
_LOST = (aiohttp.ClientError, ConnectionError, TimeoutError, asyncio.IncompleteReadError)


class Connection:
    """A session with one API server. Use it as `async with`, or close it."""

    def __init__(self, access: Access, *, at_once: int = 32, timeout: float = 60.0) -> None:
        """`at_once`: connections that are kept open; `timeout`: seconds for a whole answer."""
        self.access = access
        self._wallet = Wallet(access.credentials)
        self._at_once = at_once
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 10.0))
        # Asked once: aiohttp would look at the environment, and for a .netrc, before each request.
        self._proxy = access.proxy or _proxy_of(access.server)
        self._session: aiohttp.ClientSession | None = None
        self._shown: Identity | None = None
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder().decode

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(self, request: Request) -> Response:
        """One answer, whatever its status. Raises Disconnected if none came, ClientError for bad credentials."""
        body = None if request.body is None else self._encode(request.body)
        if body is not None and len(body) > LARGEST:
            return _too_large(len(body))
        identity = await self._wallet.identity()
        response = await self._exchange(request, body, identity)
        if response.status == 401 and self._wallet.can_renew:
            self._wallet.forget(identity)
            response = await self._exchange(request, body, await self._wallet.identity())
        return response

    async def text(self, path: str) -> str:
        """A page that is no JSON, such as /metrics. Raises ClientError for any status but 200."""
        async with self._answer(Request("GET", path), None, await self._wallet.identity(), "*/*") as answer:
            if answer.status != 200:
                raise ClientError(f"{self.access.server}{path} answers {answer.status}")
            return await answer.text()

    async def lines(self, request: Request, *, idle: float) -> AsyncIterator[bytes]:
        """The lines of an answer without end; a status that is no success is one line, the Status.

        Ends with the answer, or when it says nothing for `idle` seconds: that is a dead connection, or a kind of which
        nothing has changed since the server began, which then sends no bookmarks either. Who asks again finds out.
        Raises Disconnected if it breaks off.
        """
        identity = await self._wallet.identity()
        patience = aiohttp.ClientTimeout(total=None, sock_connect=10.0, sock_read=idle)
        async with self._answer(request, None, identity, timeout=patience) as answer:
            if answer.status == 401:
                self._wallet.forget(identity)
            if answer.status >= 400:
                yield self._encode({**_status(self._decoded(await answer.read())), "code": answer.status})
                return
            rest = b""
            while chunk := await _next(answer, in_a_line=bool(rest)):
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    yield line
            if rest:
                yield rest

    async def _exchange(self, request: Request, body: bytes | None, identity: Identity) -> Response:
        async with self._answer(request, body, identity) as answer:
            data = await answer.read()
        return Response(
            answer.status, self._decoded(data), _warnings(answer.headers), _seconds(answer.headers.get("Retry-After"))
        )

    def _decoded(self, data: bytes) -> Json:
        if not data:
            return None
        try:
            return self._decode(data)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            # A proxy in between answers in its own words.
            return {"kind": "Status", "message": " ".join(data[:300].decode("utf-8", "replace").split())}

    @asynccontextmanager
    async def _answer(
        self,
        request: Request,
        body: bytes | None,
        identity: Identity,
        accept: str = "application/json",
        timeout: aiohttp.ClientTimeout | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = {"Accept": accept, **self._wallet.headers(identity)}
        if body is not None:
            headers["Content-Type"] = request.content_type
        try:
            session = await self._open(identity)
            async with session.request(
                request.method,
                URL(self.access.server + request.target, encoded=True),
                # Bytes would be sent in one piece, and hold up everything else.
                data=BytesIO(body) if body is not None and len(body) > _ONE_PIECE else body,
                headers=headers,
                timeout=timeout or self._timeout,
                server_hostname=self.access.tls_server_name or None,
                proxy=self._proxy,
                allow_redirects=False,
            ) as answer:
                yield answer
        except aiohttp.ClientConnectorCertificateError as error:
            raise ClientError(
                f"the certificate of {self.access.server} is not trusted: {error.certificate_error}",
                "the kubeconfig must name its authority",
            ) from None
        except _LOST as error:
            raise Disconnected(f"{self.access.server} gave no answer: {_reason(error)}") from None

    async def _open(self, identity: Identity) -> aiohttp.ClientSession:
        """The session; another one if the certificate has changed."""
        shown = self._shown
        if self._session is not None and shown is not None and shown.certificate != identity.certificate:
            await self.close()
        if self._session is None:
            context: ssl.SSLContext | bool = tls_context(self.access, identity) or True
            connector = aiohttp.TCPConnector(limit=self._at_once, ssl=context, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(connector=connector)
        self._shown = identity
        return self._session


async def _next(answer: aiohttp.ClientResponse, *, in_a_line: bool) -> bytes:
    """What comes next, nothing at the end or where the server falls silent between lines."""
    try:
        return await answer.content.readany()
    except aiohttp.SocketTimeoutError:
        if in_a_line:
            raise
        return b""


def _status(body: Json) -> dict[str, Json]:
    """What a server says of a refusal. One that does not know a path says so in words of its own."""
    return body if isinstance(body, dict) else {"kind": "Status"}


def _proxy_of(server: str) -> str | None:
    """The proxy that the environment names for it (HTTPS_PROXY, NO_PROXY)."""
    parts = urlsplit(server)
    if not parts.hostname or proxy_bypass(parts.hostname):
        return None
    return getproxies().get(parts.scheme)


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    inner = getattr(error, "os_error", None)
    if isinstance(inner, OSError) and inner.errno is not None and inner.errno > 0:
        return os.strerror(inner.errno).lower()
    return str(inner or error) or type(error).__name__


def _too_large(size: int) -> Response:
    message = f"the object has {size:,} bytes, more than the {LARGEST:,} that an API server takes; it was not sent"
    return Response(413, {"kind": "Status", "reason": "RequestEntityTooLarge", "message": message, "code": 413})


def _warnings(headers: CIMultiDictProxy[str]) -> tuple[str, ...]:
    if "Warning" not in headers:
        return ()
    texts = (match[1] for value in headers.getall("Warning") for match in _WARNING.finditer(value))
    return tuple(text.replace('\\"', '"').replace("\\\\", "\\") for text in texts)


def _seconds(value: str | None) -> float | None:
    """Retry-After: seconds, or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except ValueError:
        return None
