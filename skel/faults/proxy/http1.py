"""HTTP/1.1 on asyncio streams, as much of it as stands between a component and an API server (RFC 9112)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus

LIMIT = 1 << 20
"""Bytes of a head, and of the buffer of a connection."""
_NO_BODY = frozenset({204, 304})
_HOP = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive", "upgrade"})
"""Headers of one connection; the other one gets its own."""


class Broken(ConnectionError):
    """The other side went away, or said something that is no HTTP."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first line in its three parts, and the headers as they came."""

    first: tuple[str, str, str]
    headers: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """The value of a header, its name in lower case; empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.first[1])

    def passed_on(self, without: Iterable[str] = ()) -> Iterator[str]:
        """The lines of the headers that concern the other side as well."""
        left_out = _HOP.union(without)
        return (f"{key}: {value}" for key, value in self.headers if key.lower() not in left_out)


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """None if the other side closed before it began. Raises Broken."""
    try:
        text = (await reader.readuntil(b"\r\n\r\n"))[:-4].decode("latin-1")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise Broken("it ended in the middle of a head") from None
        return None
    except asyncio.LimitOverrunError as error:
        raise Broken(f"no head of HTTP: {error}") from None
    first, *lines = text.split("\r\n")
    one, two, three = (*first.split(" ", 2), "", "")[:3]
    if not (one.startswith("HTTP/") or three.startswith("HTTP/")):
        raise Broken(f"no head of HTTP: {first[:40]!r}")
    pairs = (line.partition(":") for line in lines)
    return Head((one, two, three), tuple((key.strip(), value.strip()) for key, _, value in pairs))


async def read_body(reader: asyncio.StreamReader, head: Head, *, of_head: bool = False) -> bytes:
    """The whole body that belongs to a head; `of_head`: it answers a HEAD. Raises Broken."""
    is_answer = head.first[0].startswith("HTTP/")
    if of_head or (is_answer and head.status in _NO_BODY):
        return b""
    if head.get("transfer-encoding").lower() == "chunked":
        return b"".join([chunk async for chunk in chunks(reader)])
    try:
        length = head.get("content-length")
        if length:
            return await reader.readexactly(int(length))
        return await reader.read() if is_answer else b""
    except (asyncio.IncompleteReadError, ValueError) as error:
        raise Broken(f"it ended in the middle of a body: {error}") from None


async def chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The chunks of a body as they come. Raises Broken if it breaks off."""
    try:
        while True:
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
            data = await reader.readexactly(size + 2)
            if not size:
                return
            yield data[:-2]
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
        raise Broken(f"it ended in the middle of a chunk: {error}") from None


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


def message(first: str, lines: Iterable[str], body: bytes | None) -> bytes:
    """A whole message; a body of None has a form that stands in the lines."""
    length = () if body is None else (f"Content-Length: {len(body)}",)
    return "\r\n".join((first, *lines, *length, "", "")).encode("latin-1") + (body or b"")


def status_answer(status: int, retry_after: int = 0) -> bytes:
    """What an API server says to a request that it does not carry out: a Status."""
    phrase = HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else "Failure"
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": _MESSAGES.get(status, phrase),
        "reason": _REASONS.get(status, "InternalError"),
        "code": status,
        **({"details": {"retryAfterSeconds": retry_after}} if retry_after else {}),
    }
    lines = ["Content-Type: application/json", *([f"Retry-After: {retry_after}"] if retry_after else [])]
    return message(f"HTTP/1.1 {status} {phrase}", lines, json.dumps(body).encode())


# https://github.com/kubernetes/apimachinery/blob/master/pkg/api/errors/errors.go
_REASONS = {
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Expired",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}
_MESSAGES = {
    410: "The resourceVersion for the provided watch is too old.",
    429: "the server has received too many requests and has asked us to try again later",
    500: "an error on the server has prevented the request from succeeding",
    503: "the server is currently unable to handle the request",
    504: "Timeout: request did not complete within requested timeout - context deadline exceeded",
}
