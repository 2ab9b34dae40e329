"""One end of a connection, as light as it can be: a socket of which the loop tells when something can be done with it.

Streams of asyncio cost about as much as all the rest that is done with a request, and its TLS as much again.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl

_PIECE = 1 << 16
"""Bytes that are read at once; more than a record of TLS, so that nothing stays behind in its buffer."""
_AT_ONCE = 1 << 22
"""Bytes after which others have their turn."""
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Broken(ConnectionError):
    """The other side went away, or said something that is no HTTP."""


class End:
    """`came` is what has come and nobody has taken yet. One task at a time waits for more, and one speaks."""

    def __init__(self, connected: socket.socket) -> None:
        """Of a socket that does not block. What has come already is there at once."""
        self.came = bytearray()
        self.is_over = False
        """Nothing comes any more."""
        self._socket = connected
        self._number = connected.fileno()
        self._is_plain = not isinstance(connected, ssl.SSLSocket)
        self._is_closed = False
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[None] | None = None
        self._speaking: asyncio.Future[None] | None = None
        self._loop.add_reader(self._number, self._read)
        self._read()

    async def more(self) -> bool:
        """Wait until something comes; false if nothing can come any more."""
        if self.is_over:
            return False
        self._waiting = self._loop.create_future()
        await self._waiting
        return True

    def take(self, size: int) -> bytes:
        """The first bytes of what has come."""
        taken = bytes(self.came[:size])
        del self.came[:size]
        return taken

    async def say(self, data: bytes) -> None:
        """All of it has left this process on return. Raises Broken."""
        sent = self._send(data)
        while sent < len(data):
            self._speaking = self._loop.create_future()
            self._loop.add_writer(self._number, _set, self._speaking)
            try:
                await self._speaking
            finally:
                self._speak_no_more()
            sent += self._send(memoryview(data)[sent:])

    def close(self) -> None:
        """At once; who waits here learns that it is over."""
        if self._is_closed:
            return
        self._hear_no_more()
        self._speak_no_more()
        self._is_closed = True
        self._socket.close()

    def _send(self, data: bytes | memoryview) -> int:
        """How many bytes of it are gone."""
        if self._is_closed:
            raise Broken("it is closed")
        try:
            return self._socket.send(data)
        except _NOT_NOW:
            return 0
        except OSError as error:
            raise Broken(str(error)) from None

    def _read(self) -> None:
        """Everything that is there, so that what came together is dealt with together."""
        came = self.came
        try:
            while data := self._socket.recv(_PIECE):
                came += data
                # Behind TLS a short piece is one record, and there may be another one.
                if (self._is_plain and len(data) < _PIECE) or len(came) > _AT_ONCE:
                    break
            else:
                self._hear_no_more()
        except _NOT_NOW:
            pass
        except OSError:
            self._hear_no_more()
        _set(self._waiting)

    def _hear_no_more(self) -> None:
        if not self.is_over:
            self.is_over = True
            self._loop.remove_reader(self._number)
            _set(self._waiting)

    def _speak_no_more(self) -> None:
        speaking, self._speaking = self._speaking, None
        if speaking is not None:
            self._loop.remove_writer(self._number)
            _set(speaking)


def _set(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


async def connect(host: str, port: int, tls: ssl.SSLContext) -> End:
    """To an address (IPv4). Raises OSError."""
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as undo:
        plain = undo.enter_context(socket.socket())
        plain.setblocking(False)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        await loop.sock_connect(plain, (host, port))
        secure = undo.enter_context(tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False))
        await _shake_hands(secure, loop)
        undo.pop_all()
    return End(secure)


async def _shake_hands(secure: ssl.SSLSocket, loop: asyncio.AbstractEventLoop) -> None:
    """What is said meanwhile fits into the buffers of a new connection, so that only answers are waited for."""
    number = secure.fileno()
    while True:
        try:
            return secure.do_handshake()
        except ssl.SSLWantReadError:
            ready = loop.create_future()
            loop.add_reader(number, _set, ready)
            try:
                await ready
            finally:
                loop.remove_reader(number)
