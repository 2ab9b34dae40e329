"""A web server that misbehaves: in front of the gateway, or with a few files of its own."""

from __future__ import annotations

import http.client
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer


@dataclass(frozen=True)
class Asked:
    """A request: `number` counts all of them from 1."""

    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Status:
    """Answer with this status instead."""

    code: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Cut:
    """Give the true answer, and hang up after so many bytes of its body."""

    after: int


@dataclass(frozen=True)
class Wait:
    """Take so many seconds first."""

    seconds: float


@dataclass(frozen=True)
class HangUp:
    """No answer at all. `done`: what was asked for is done all the same."""

    done: bool = False


Fault = Status | Cut | Wait | HangUp
Rule = Callable[[Asked], Fault | None]


class Server(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True
    rule: Rule
    behind: str
    files: dict[str, bytes]
    asked: list[Asked]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no event."""


class _Faulty(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def _any(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(size)
        if len(body) < size:  # the client is gone
            self.close_connection = True
            return
        asked = Asked(len(self.server.asked) + 1, self.command, self.path, dict(self.headers.items()), body)
        self.server.asked.append(asked)
        fault = self.server.rule(asked)
        if isinstance(fault, Wait):
            time.sleep(fault.seconds)
        if isinstance(fault, HangUp):
            if fault.done:
                self._real(asked)
            self.close_connection = True
            return
        answer = fault if isinstance(fault, Status) else self._real(asked)
        self._say(answer, fault.after if isinstance(fault, Cut) else None)

    def _say(self, answer: Status, cut: int | None) -> None:
        self.send_response(answer.code)
        for name, value in answer.headers.items():
            if name.lower() not in {"transfer-encoding", "connection", "content-length", "date", "server"}:
                self.send_header(name, value)
        length = answer.headers.get("Content-Length", "0") if self.command == "HEAD" else len(answer.body)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[:cut])
        if cut is not None and cut < len(answer.body):
            self.close_connection = True

    def _real(self, asked: Asked) -> Status:
        return self._passed_on(asked) if self.server.behind else self._own(asked)

    def _passed_on(self, asked: Asked) -> Status:
        connection = http.client.HTTPConnection(self.server.behind, timeout=30)
        try:
            connection.putrequest(asked.method, asked.path, skip_host=True, skip_accept_encoding=True)
            for name, value in asked.headers.items():
                connection.putheader(name, value)
            connection.endheaders(asked.body or None)
            answer = connection.getresponse()
            return Status(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def _own(self, asked: Asked) -> Status:
        path = asked.path.partition("?")[0]
        if asked.method == "PUT":
            self.server.files[path] = asked.body
            return Status(201)
        if path not in self.server.files:
            return Status(404)
        data = self.server.files[path]
        start = asked.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
        if start:
            ranged = {"ETag": '"1"', "Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
            return Status(206, ranged, data[int(start) :])
        return Status(200, {"ETag": '"1"'}, data)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _any  # noqa: N815


@contextmanager
def faulty(rule: Rule, behind: str = "", files: dict[str, bytes] | None = None) -> Iterator[Server]:
    """A server that does what the rule says, else what the one `behind` it does, or its own `files`."""
    server = Server(("127.0.0.1", 0), _Faulty)
    server.rule, server.behind, server.files, server.asked = rule, behind, files or {}, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def address(server: Server) -> str:
    return f"127.0.0.1:{server.server_address[1]}"


def once(fault: Fault, matches: Callable[[Asked], bool] = lambda _: True) -> Rule:
    """The fault for the first request that matches."""
    left = [fault]

    def rule(asked: Asked) -> Fault | None:
        return left.pop() if left and matches(asked) else None

    return rule


def always(fault: Fault, matches: Callable[[Asked], bool] = lambda _: True) -> Rule:
    return lambda asked: fault if matches(asked) else None
