from __future__ import annotations

import base64
import os
import time

import pytest

from skel.storage.errors import TraceError
from skel.storage.store import read_bytes, write_atomically
from tests.storage.faulty import Asked, Cut, Fault, HangUp, Rule, Status, Wait, address, always, faulty, once

DATA = os.urandom(3 << 20)


def test_there_and_back() -> None:
    with faulty(lambda _: None) as server:
        url = f"http://{address(server)}/traces/a.sktrace?signature=secret"
        write_atomically(url, lambda file: file.writelines([DATA]))
        assert read_bytes(url) == DATA
        assert [asked.path for asked in server.asked] == ["/traces/a.sktrace?signature=secret"] * 2


def test_packed() -> None:
    with faulty(lambda _: None) as server:
        url = f"http://{address(server)}/a.sktrace.gz?signature=secret"
        write_atomically(url, lambda file: file.writelines([b"x" * 1000]))
        assert len(server.files["/a.sktrace.gz"]) < 100
        assert read_bytes(url) == b"x" * 1000


READS: dict[str, Rule] = {
    "503": once(Status(503)),
    "429, wait": once(Status(429, {"Retry-After": "1"})),
    "hangs up": once(HangUp()),
    "breaks off": once(Cut(2 << 20)),
    "silent": once(Wait(4)),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", READS)
def test_a_read_survives(name: str) -> None:
    with faulty(READS[name], files={"/a": DATA}) as server:
        assert read_bytes(f"http://{address(server)}/a") == DATA
        ranges = [asked.headers.get("Range") for asked in server.asked]
    assert len(ranges) == 2
    assert ranges[1] == ("bytes=2097152-" if name == "breaks off" else None)


@pytest.mark.usefixtures("impatient")
def test_a_file_that_changes_meanwhile_is_no_mixture() -> None:
    def change(asked: Asked) -> Fault | None:
        if asked.number == 1:
            return Cut(2 << 20)
        return Status(200, {"ETag": '"2"'}, b"all new")

    with faulty(change, files={"/a": DATA}) as server:
        assert read_bytes(f"http://{address(server)}/a") == b"all new"
        assert server.asked[1].headers["If-Range"] == '"1"'


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (always(Status(404)), r"/a\?\.\.\. does not exist: the server answers 404 Not Found \(check the URL"),
        (always(Status(403)), r"the server answers 403 Forbidden \(a signed URL holds for a limited time"),
        (always(Status(503)), r"could not be read: the server answers 503 Service Unavailable, after 3 tries"),
        (always(HangUp()), "could not be read: the connection broke, after 3 tries"),
        (always(Wait(4)), "could not be read: no answer came in time"),
        (always(Status(418)), "could not be read: the server answers 418"),
    ],
)
def test_what_cannot_be_read(rule: Rule, message: str) -> None:
    with (
        faulty(rule, files={"/a": DATA}) as server,
        pytest.raises(TraceError, match=message) as caught,
    ):
        read_bytes(f"http://me:hidden@{address(server)}/a?signature=secret")
    assert "secret" not in str(caught.value)
    assert "hidden" not in str(caught.value)


@pytest.mark.usefixtures("impatient")
def test_nobody_answers() -> None:
    with pytest.raises(TraceError, match=r"127.0.0.1:9/a could not be read: nobody answers there, after 3 tries"):
        read_bytes("http://127.0.0.1:9/a")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (always(Status(405)), r"can't be written: the server answers 405 .* \(write to a file, or to s3://"),
        (always(Status(503)), "could not be written: the server answers 503"),
        (always(HangUp()), "could not be written: the connection broke"),
    ],
)
def test_what_cannot_be_written(rule: Rule, message: str) -> None:
    with faulty(rule) as server, pytest.raises(TraceError, match=message):
        write_atomically(f"http://{address(server)}/a", lambda file: file.writelines([DATA]))


@pytest.mark.usefixtures("impatient")
def test_a_write_survives() -> None:
    with faulty(once(Status(503))) as server:
        write_atomically(f"http://{address(server)}/a", lambda file: file.writelines([DATA]))
        assert server.files == {"/a": DATA}
        assert [asked.headers["Content-Length"] for asked in server.asked] == [str(len(DATA))] * 2


def test_a_login_goes_into_a_header() -> None:
    with faulty(lambda _: None, files={"/a": b"x"}) as server:
        assert read_bytes(f"http://me:p%40ss@{address(server)}/a") == b"x"
        header = server.asked[0].headers["Authorization"]
    assert base64.b64decode(header.removeprefix("Basic ")) == b"me:p@ss"


def test_more_than_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKEL_MAX_SIZE", "1MiB")
    with (
        faulty(lambda _: None, files={"/a": DATA}) as server,
        pytest.raises(TraceError, match="has 3 MiB, more than"),
    ):
        read_bytes(f"http://{address(server)}/a")


@pytest.mark.usefixtures("impatient")
def test_a_long_wait_is_not_waited() -> None:
    began = time.monotonic()
    with faulty(always(Status(503, {"Retry-After": "3600"}))) as server, pytest.raises(TraceError):
        read_bytes(f"http://{address(server)}/a")
    assert time.monotonic() - began < 5
