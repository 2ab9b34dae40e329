"""HTTP/1.1, as much of it as stands between a component and an API server (RFC 9112).

A message stays the bytes that it came in: most pass on as they are, and of the others only a few lines change.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from http import HTTPStatus

from skel.faults.proxy.end import Broken, End

_LIMIT = 1 << 20
"""Bytes of a head, and of the line before a chunk."""
_LENGTH = re.compile(rb"[0-9]{1,15}")
_SIZE = re.compile(rb"[0-9a-fA-F]{1,12}")
_NO_BODY = frozenset({204, 304})
_OF_FORM = rb"transfer-encoding|content-length"
_OF_CONNECTION = rb"connection|keep-alive|upgrade"
_NOT_FOR_SERVER = rb"host|accept-encoding|expect"
"""A compressed answer has no frames, and no body waits for a word of the server: it is here already."""


def _lines(names: bytes) -> re.Pattern[bytes]:
    """Headers of these names, each with the line break before it."""
    return re.compile(rb"\r\n(" + names + rb")[ \t]*:[ \t]*([^\r\n]*)(?=\r\n)", re.IGNORECASE)


_CONNECTION_LINES = _lines(_OF_CONNECTION)
_HOP_LINES = _lines(_OF_CONNECTION + b"|" + _OF_FORM)
_LINES_FOR_OTHERS = _lines(_OF_CONNECTION + b"|" + _OF_FORM + b"|" + _NOT_FOR_SERVER)
_FORM = frozenset(_OF_FORM.split(b"|"))


class Fields:
    """The headers of a message; in `block`, a line break stands before the first one and behind each.

    `length` is that of the body, where it is told; `is_last` says that nothing else comes on the connection.
    """

    def __init__(self, block: bytes) -> None:
        """Raises Broken."""
        hop: dict[bytes, bytes] = {name.lower(): value.rstrip() for name, value in _HOP_LINES.findall(block)}
        self.block = block
        self.is_chunked = b"chunked" in hop.get(b"transfer-encoding", b"").lower()
        self.length = _length(hop.get(b"content-length", b""))
        self.is_last = b"close" in hop.get(b"connection", b"").lower()
        self._is_of_one = not hop.keys() <= _FORM

    def get(self, name: str) -> str:
        """The value of a header; empty if there is none."""
        found = _lines(re.escape(name.encode())).search(self.block)
        return found[2].rstrip().decode("latin-1") if found else ""

    @cached_property
    def agent(self) -> str:
        return self.get("User-Agent")

    @cached_property
    def for_server(self) -> bytes:
        """The block without what the server gets from us, or not at all."""
        return _LINES_FOR_OTHERS.sub(b"", self.block)

    @cached_property
    def is_anonymous(self) -> bool:
        return not self.get("Authorization")

    @cached_property
    def awaits_word(self) -> bool:
        """Whether the body comes only when it is asked for (RFC 9110, 10.1.1)."""
        return self.get("Expect").lower() == "100-continue"

    @property
    def for_all(self) -> bytes:
        """The block without what concerns this connection alone."""
        return _CONNECTION_LINES.sub(b"", self.block) if self._is_of_one else self.block

    @property
    def without_form(self) -> bytes:
        """`for_all`, without what says how long the body is."""
        return _HOP_LINES.sub(b"", self.block)


def _length(text: bytes) -> int | None:
    if text and not _LENGTH.fullmatch(text):
        raise Broken(f"no length of a body: {text[:40]!r}")
    return int(text) if text else None


_known = lru_cache(maxsize=1024)(Fields)
"""A component sends the same ones again and again."""


@dataclass(frozen=True, slots=True)
class Head:
    """`first` is the first line."""

    first: bytes
    fields: Fields

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.first[9:12])


@dataclass(frozen=True, slots=True)
class Message:
    """`wire` is the body in the form in which it came; `is_open`: it ended with the connection."""

    head: Head
    wire: bytes
    is_open: bool = False

    @property
    def target(self) -> str:
        """Of a request."""
        return self.head.first.split(b" ")[1].decode("latin-1")

    @property
    def body(self) -> bytes:
        return b"".join(_payloads(self.wire)[0]) if self.head.fields.is_chunked else self.wire

    @property
    def is_last(self) -> bool:
        """Whether the connection is good for no other one."""
        return self.is_open or self.head.fields.is_last

    @property
    def passed_on(self) -> bytes:
        """As somebody else may get it; who speaks HTTP/1.1 can read each form of a body, but no open one."""
        if self.is_open:
            return message(self.head.first, self.head.fields.without_form, self.wire)
        return b"%b%b\r\n%b" % (self.head.first, self.head.fields.for_all, self.wire)


# --- what comes


async def read_request(end: End) -> Message | None:
    """None if the other side closed before it began. Raises Broken."""
    parts = await _read_head(end)
    if parts is None:
        return None
    first, block = parts
    if first.count(b" ") != 2 or not first.rpartition(b" ")[2].startswith(b"HTTP/"):
        raise Broken(f"no request of HTTP: {first[:40]!r}")
    fields = _known(block)
    if fields.awaits_word:
        await end.say(b"HTTP/1.1 100 Continue\r\n\r\n")
    return Message(Head(first, fields), await _read_body(end, fields))


async def read_answer_head(end: End) -> Head:
    """Raises Broken."""
    while True:
        parts = await _read_head(end)
        if parts is None:
            raise Broken("the API server closed the connection")
        first, block = parts
        if not (first.startswith(b"HTTP/1.") and first[9:12].isdigit()):
            raise Broken(f"no answer of HTTP: {first[:40]!r}")
        if not first.startswith(b"1", 9):  # else the answer is still to come
            return Head(first, Fields(block))


async def read_rest(end: End, head: Head, method: str) -> Message:
    """The whole answer to a request of that method. Raises Broken."""
    fields = head.fields
    if method == "HEAD" or head.status in _NO_BODY:
        return Message(head, b"")
    if fields.is_chunked or fields.length is not None:
        return Message(head, await _read_body(end, fields))
    while await end.more():
        pass
    return Message(head, end.take(len(end.came)), is_open=True)


async def chunks(end: End) -> AsyncIterator[bytes]:
    """What a chunked body holds, all together that has come at once. Raises Broken if it breaks off."""
    while True:
        found, at, is_over = _payloads(end.came)
        del end.came[:at]
        if found:
            yield b"".join(found)
        if is_over:
            return
        if not found:  # else more may have come while somebody dealt with it
            await _more(end)


async def _read_head(end: End) -> tuple[bytes, bytes] | None:
    """The first line, and the block of the headers; None if the other side closed before."""
    came = end.came
    while (stop := came.find(b"\r\n\r\n")) < 0:
        if len(came) > _LIMIT:
            raise Broken("no head of HTTP")
        if not await end.more():
            if came:
                raise Broken("it ended in the middle of a head")
            return None
    head = end.take(stop + 4)
    first, _, _ = head.partition(b"\r\n")
    return first, head[len(first) : -2]


async def _read_body(end: End, fields: Fields) -> bytes:
    """As it comes."""
    if not fields.is_chunked:
        length = fields.length or 0
        while len(end.came) < length:
            await _more(end)
        return end.take(length)
    at = 0
    while True:
        found = _chunk(end.came, at)
        if found is None:
            await _more(end)
            continue
        start, stop, at = found
        if start == stop:
            return end.take(at)


async def _more(end: End) -> None:
    if not await end.more():
        raise Broken("it ended in the middle of a body")


def _payloads(data: bytes | bytearray) -> tuple[list[bytes], int, bool]:
    """What the whole chunks in it hold, where the next one begins, and whether there is none."""
    found: list[bytes] = []
    at = 0
    while (chunk := _chunk(data, at)) is not None:
        start, stop, at = chunk
        if start == stop:
            return found, at, True
        found.append(bytes(data[start:stop]))
    return found, at, False


def _chunk(data: bytes | bytearray, at: int) -> tuple[int, int, int] | None:
    """Where the chunk at `at` holds something from and to, and the next one begins; None if not all of it is there.

    Only the last one holds nothing. Raises Broken.
    """
    line = data.find(b"\r\n", at)
    if line < 0:
        if len(data) - at > _LIMIT:
            raise Broken("no chunk of HTTP")
        return None
    text = bytes(data[at:line]).partition(b";")[0].strip()
    if not _SIZE.fullmatch(text):
        raise Broken(f"no size of a chunk: {text[:40]!r}")
    start = line + 2
    size = int(text, 16)
    if not size:
        end = data.find(b"\r\n\r\n", line)  # behind trailers, if there are any
        return None if end < 0 else (start, start, end + 4)
    stop = start + size
    if len(data) < stop + 2:
        return None
    if data[stop : stop + 2] != b"\r\n":
        raise Broken("a chunk is longer than it says")
    return start, stop, stop + 2


# --- what is said


LAST_CHUNK = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def message(first: bytes, block: bytes, body: bytes | None) -> bytes:
    """A whole message; `block` as in Fields. A body of None has a form that stands there."""
    if body is None:
        return b"%b%b\r\n" % (first, block)
    return b"%b%bContent-Length: %d\r\n\r\n%b" % (first, block, len(body), body)


def block(*lines: str) -> bytes:
    return "\r\n".join(("", *lines, "")).encode("latin-1")


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
    return message(f"HTTP/1.1 {status} {phrase}".encode(), block(*lines), json.dumps(body).encode())


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
