"""Sends the set to a real API server and keeps what it says.

python -m tests.dry.record --make [--seed 1] [--rounds 2]      writes the set itself
python -m tests.dry.record 1.25 --server https://127.0.0.1:6443 --token TOKEN --ca ca.crt

The server needs no other component. It gets objects of the set for a moment, in the namespace `default`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import ssl
import sys
import time
from collections.abc import Iterator
from http.client import HTTPSConnection, RemoteDisconnected
from urllib.parse import urlsplit

from skel.client.request import Request, Response
from skel.patch.values import Json
from tests.dry.rows import DATA, WAYS, Row, make, read_rows, request, unique, write_rows

Verdict = dict[str, Json]
_ESTABLISHED = 3.0
"""Seconds until the kind of a new definition is served, and its names are fixed."""


class Server:
    """One connection, one request after the other."""

    def __init__(self, server: str, token: str, ca_file: str) -> None:
        url = urlsplit(server)
        self.crashes = 0
        self._connection = HTTPSConnection(
            url.hostname or "", url.port, context=ssl.create_default_context(cafile=ca_file)
        )
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def answer(self, request: Request) -> Response | None:
        """The answer, None if the server closes the connection: some objects make it panic."""
        try:
            return self._answer(request)
        except (RemoteDisconnected, ConnectionError):
            self._connection.close()
            self.crashes += 1
            return None

    def _answer(self, request: Request) -> Response:
        headers = {**self._headers, "Content-Type": request.content_type}
        body = None if request.body is None else json.dumps(request.body)
        self._connection.request(request.method, request.target, body, headers)
        with self._connection.getresponse() as response:
            text = response.read()
            said = tuple(response.headers.get_all("Warning") or ())
        try:
            parsed = json.loads(text)
        except ValueError:
            parsed = {"message": text.decode("utf-8", "replace").strip()}
        return Response(response.status, parsed, said)


def verdict(response: Response) -> Verdict:
    """What is kept of an answer: status and, if it is a rejection, the start of what it says."""
    kept: Verdict = {"status": response.status}
    if not response.is_success:
        kept |= {"reason": response.reason, "message": response.message[:160]}
    if response.warnings:
        kept["warnings"] = len(response.warnings)
    return kept


def judged(server: Server, row: Row, minor: str) -> Iterator[tuple[str, Verdict]]:
    """The answers to a row by way."""
    if row.before is not None:
        yield from _updated(server, unique(row), minor)
        return
    for way in WAYS:
        sent = request(row.object, minor, way)
        answer = server.answer(sent) if sent is not None else None
        if answer is not None:
            yield way, verdict(answer)


def _updated(server: Server, row: Row, minor: str) -> Iterator[tuple[str, Verdict]]:
    before = request(row.before, minor, "apply", dry=False)
    after = request(row.object, minor, "apply")
    if before is None or after is None:
        return
    stored = server.answer(before)
    if row.object["kind"] == "CustomResourceDefinition":
        time.sleep(_ESTABLISHED)
    answer = server.answer(after) if stored is not None and stored.is_success else None
    if answer is not None:
        yield "apply", verdict(answer)
    server.answer(Request("DELETE", before.path))


def record(server: Server, minor: str) -> None:
    for namespace in ("default", "kube-system"):
        # What a controller would make.
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
        server.answer(Request("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts", (), account))
    file = DATA / f"verdicts-{minor}.jsonl.gz"
    with file.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        for row in read_rows():
            found = dict(judged(server, row, minor))
            if found:
                out.write(json.dumps({"number": row.number, **found}, separators=(",", ":")).encode() + b"\n")
    say(f"{minor}: {server.crashes} requests without an answer")


def say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Record the verdicts of a real API server.")
    parser.add_argument("minor", nargs="?")
    parser.add_argument("--make", action="store_true", help="write the set of objects anew")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    for name in ("server", "token", "ca"):
        parser.add_argument(f"--{name}", default="")
    given = parser.parse_args()
    if given.make:
        rows = list(make(given.seed, given.rounds))
        write_rows(rows)
        say(f"{len(rows)} objects")
    if given.minor:
        record(Server(given.server, given.token, given.ca), given.minor)


if __name__ == "__main__":
    main()
