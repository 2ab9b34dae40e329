"""Against a real server: what is written is there whole or not at all, what is read is whole or an error."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from skel.storage import cloud, leftovers
from skel.storage.errors import TraceError
from skel.storage.listing import traces
from skel.storage.place import Bucket, place
from skel.storage.store import read_bytes, write_atomically
from tests.storage.faulty import Asked, Cut, Fault, HangUp, Rule, Status, Wait, address, always, faulty, once
from tests.storage.gateway import SECRET, Gateway, environment, objects

MIB = 1 << 20
BIG = os.urandom(1 * MIB) * 7 + b"end"


def save(path: str, data: bytes) -> None:
    write_atomically(path, lambda file: file.writelines([data]))


def unfinished(gateway: Gateway, path: str = "s3://bucket/a") -> frozenset[str] | None:
    """Uploads that were begun and neither ended nor taken back, as the server tells."""
    target = place(path)
    assert isinstance(target, Bucket)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT", f"http://{gateway.address}")
        return asyncio.run(leftovers.uploads(cloud._open(target), target))


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts as small as the protocol allows, so that a small object has some."""
    monkeypatch.setattr(cloud, "PART", 5 * MIB)
    monkeypatch.setattr(cloud, "IN_ONE", 5 * MIB)


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_there_and_back(bucket: Path, size: int) -> None:
    data = os.urandom(size)
    save("s3://bucket/some/folder/a.sktrace", data)
    assert objects(bucket) == {"some/folder/a.sktrace": data}
    assert read_bytes("s3://bucket/some/folder/a.sktrace") == data


@pytest.mark.usefixtures("parts")
def test_in_parts(bucket: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty(lambda _: None, behind=gateway.address) as server:
        monkeypatch.setenv("AWS_ENDPOINT", f"http://{address(server)}")
        save("s3://bucket/a", BIG)
        assert read_bytes("s3://bucket/a") == BIG
        sent = [asked for asked in server.asked if "partNumber" in asked.path]
        got = [
            asked.headers.get("range")
            for asked in server.asked
            if asked.method == "GET" and "uploads" not in asked.path
        ]
    assert len(sent) == 2
    assert sorted(filter(None, got)) == ["bytes=0-5242879", f"bytes=5242880-{len(BIG) - 1}"]
    assert objects(bucket) == {"a": BIG}
    assert unfinished(gateway) == frozenset()


def test_from_within_a_coroutine(bucket: Path) -> None:
    async def both() -> bytes:
        save("s3://bucket/a", b"x")
        return read_bytes("s3://bucket/a")

    assert asyncio.run(both()) == b"x"
    assert objects(bucket) == {"a": b"x"}


def test_the_default_sizes(bucket: Path, gateway: Gateway) -> None:
    data = os.urandom(MIB) * 70
    save("s3://bucket/a", data)
    assert read_bytes("s3://bucket/a") == data
    assert unfinished(gateway) == frozenset()


def test_names_of_objects(bucket: Path) -> None:
    save("s3://bucket/with space/100%25/ä?.sktrace".replace("?", "%3F"), b"x")
    assert list(objects(bucket)) == ["with space/100%/ä?.sktrace"]
    assert [found.path for found in traces("s3://bucket/")] == ["s3://bucket/with%20space/100%25/%C3%A4%3F.sktrace"]
    assert read_bytes(traces("s3://bucket/")[0].path) == b"x"


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("s3://bucket/none", r"^s3://bucket/none does not exist \(check the URL\)$"),
        ("s3://none/a", r"^s3://none/a can't be read: there is no bucket s3://none"),
        ("s3://bucket/folder/", "is a folder of a bucket, not one object"),
        ("s3://bucket", "is a folder of a bucket"),
        ("s3://bucket/a//b", "is no name of an object"),
        ("s3:///a", r"names no bucket \(write s3://BUCKET/PATH"),
        ("s3://bucket/a?versionId=1", r"ends at `\?` and `#`"),
    ],
)
def test_what_cannot_be_read(path: str, message: str) -> None:
    with pytest.raises(TraceError, match=message):
        read_bytes(path)


def test_what_cannot_be_written(bucket: Path) -> None:
    for path in ("s3://none/a", "s3://bucket/a/", "s3://bucket"):
        with pytest.raises(TraceError):
            save(path, b"x")
    assert not objects(bucket)


@pytest.mark.usefixtures("bucket")
def test_a_wrong_key_is_named_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-wrong-secret")
    with pytest.raises(
        TraceError, match=r"access is refused \(SignatureDoesNotMatch\) \(check AWS_ACCESS_KEY_ID"
    ) as caught:
        read_bytes("s3://bucket/a")
    assert not any(word in str(caught.value) for word in (SECRET, "wrong", environment("")["AWS_ACCESS_KEY_ID"]))


@pytest.mark.usefixtures("bucket")
def test_no_key_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(TraceError, match=r"there are no credentials \(check AWS_ACCESS_KEY_ID"):
        read_bytes("s3://bucket/a")


@pytest.mark.usefixtures("bucket")
def test_no_encryption_must_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    with pytest.raises(TraceError, match=r"is http, without encryption \(AWS_ALLOW_HTTP=true"):
        read_bytes("s3://bucket/a")


@pytest.mark.usefixtures("impatient", "gateway")
def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(TraceError, match=r"^s3://bucket/a could not be read: nobody answers there \(check the network"):
        read_bytes("s3://bucket/a")


def test_more_than_is_taken(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bucket / "a").write_bytes(bytes(2000))
    monkeypatch.setenv("SKEL_MAX_SIZE", "1KiB")
    with pytest.raises(TraceError, match=r"s3://bucket/a has 1.953 KiB, more than the 1 KiB that are taken"):
        read_bytes("s3://bucket/a")


# ---- faults ----------------------------------------------------------------------------------------------------------


def is_part(number: int) -> Callable[[Asked], bool]:
    return lambda asked: f"partNumber={number}&" in asked.path


READS: list[Rule] = [
    once(Status(503)),
    once(Status(500)),
    once(Status(429)),
    once(HangUp()),
    once(Cut(1000)),
    once(Cut(6 * MIB)),
    once(Wait(4)),
]


@pytest.mark.usefixtures("parts", "impatient")
@pytest.mark.parametrize("number", range(len(READS)))
def test_a_read_survives(bucket: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    (bucket / "a").write_bytes(BIG)
    with faulty(READS[number], behind=gateway.address) as server:
        monkeypatch.setenv("AWS_ENDPOINT", f"http://{address(server)}")
        assert read_bytes("s3://bucket/a") == BIG


@pytest.mark.usefixtures("parts", "impatient")
@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (always(Status(503)), "the server answers 503 Service Unavailable, after several tries"),
        (always(Status(400)), r"can't be .*: the server answers 400 Bad Request.* \(check the URL"),
        (always(HangUp()), "could not be read: the connection broke"),
        (always(Cut(100)), "could not be read: the connection broke"),
        (always(Wait(4)), "could not be read: no answer came in time"),
        (always(Status(403)), "access is refused"),
    ],
)
def test_a_read_ends_with_an_error(
    bucket: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, rule: Rule, message: str
) -> None:
    (bucket / "a").write_bytes(BIG)
    with faulty(rule, behind=gateway.address) as server:
        monkeypatch.setenv("AWS_ENDPOINT", f"http://{address(server)}")
        with pytest.raises(TraceError, match=message):
            read_bytes("s3://bucket/a")


@pytest.mark.usefixtures("parts")
def test_an_object_that_changes_meanwhile_is_no_mixture(
    bucket: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("s3://bucket/a", BIG)

    def replace(asked: Asked) -> None:
        if asked.headers.get("range", "").startswith("bytes=5242880"):
            save("s3://bucket/a", BIG[::-1])

    with faulty(replace, behind=gateway.address) as server:
        environ = dict(os.environ, AWS_ENDPOINT=f"http://{address(server)}")
        done = subprocess.run(
            [sys.executable, "-c", READ_IN_PARTS], env=environ, capture_output=True, text=True, timeout=60
        )
    assert "changed while it was read" in done.stdout


READ_IN_PARTS = """
from skel.storage import cloud, store
from skel.storage.errors import TraceError
cloud.PART = 5 << 20
try:
    store.read_bytes("s3://bucket/a")
    print("no error")
except TraceError as error:
    print(error)
"""

WRITES: dict[str, Rule] = {
    "503 to part 1": once(Status(503), is_part(1)),
    "no answer to part 2": once(HangUp(), is_part(2)),
    "part 2 arrives, its answer does not": once(HangUp(done=True), is_part(2)),
    "a slow part": once(Wait(4), is_part(1)),
    "500 to the end": once(Status(500), lambda asked: asked.method == "POST" and "uploadId" in asked.path),
}


@pytest.mark.usefixtures("parts", "impatient")
@pytest.mark.parametrize("name", WRITES)
def test_a_write_survives(bucket: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with faulty(WRITES[name], behind=gateway.address) as server:
        monkeypatch.setenv("AWS_ENDPOINT", f"http://{address(server)}")
        save("s3://bucket/a", BIG)
    assert objects(bucket) == {"a": BIG}
    assert unfinished(gateway) == frozenset()


@pytest.mark.usefixtures("parts", "impatient")
@pytest.mark.parametrize(
    "rule",
    [
        always(Status(403), is_part(1)),
        always(Status(503), is_part(2)),
        always(HangUp(), is_part(2)),
        always(HangUp(done=True), is_part(2)),
        always(Status(403), lambda asked: asked.method == "POST" and "uploadId" in asked.path),
        always(Status(400, {}, b"<Error><Code>EntityTooLarge</Code></Error>"), is_part(2)),
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_a_write_that_fails_leaves_nothing(
    bucket: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, rule: Rule, there: bool
) -> None:
    if there:
        save("s3://bucket/a", b"old")
    with faulty(rule, behind=gateway.address) as server:
        monkeypatch.setenv("AWS_ENDPOINT", f"http://{address(server)}")
        with pytest.raises(TraceError, match="s3://bucket/a"):
            save("s3://bucket/a", BIG)
    assert objects(bucket) == ({"a": b"old"} if there else {})
    assert unfinished(gateway) == frozenset()


@pytest.mark.usefixtures("parts", "impatient", "bucket")
def test_another_upload_of_the_same_name_is_left_alone(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(asked: Asked) -> Fault | None:
        return HangUp() if asked.method == "DELETE" or "partNumber=2&" in asked.path else None

    with faulty(stuck, behind=gateway.address) as server:
        monkeypatch.setenv("AWS_ENDPOINT", f"http://{address(server)}")
        with pytest.raises(TraceError):
            save("s3://bucket/a", BIG)  # can't take its parts back
        others = unfinished(gateway)
        assert others
        server.rule = always(Status(403), is_part(2))
        with pytest.raises(TraceError):
            save("s3://bucket/a", BIG)
        assert unfinished(gateway) == others


def test_what_fails_while_it_is_made_is_never_sent(bucket: Path) -> None:
    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically("s3://bucket/a", fail)
    assert not objects(bucket)


def test_the_server_dies_in_the_middle(tmp_path: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Gateway(tmp_path / "root")
    other.start()
    bucket = other.bucket("bucket")

    def kill(asked: Asked) -> None:
        if "partNumber=2&" in asked.path:
            other.kill()

    for name, value in {"RETRIES": 2, "GIVE_UP": 10.0, "PATIENCE": 2.0, "PART": 5 * MIB, "IN_ONE": 5 * MIB}.items():
        monkeypatch.setattr(cloud, name, value)
    with faulty(kill, behind=other.address) as server:
        monkeypatch.setenv("AWS_ENDPOINT", f"http://{address(server)}")
        with pytest.raises(TraceError, match="s3://bucket/a could not be written"):
            save("s3://bucket/a", BIG)
    assert not objects(bucket)
    assert gateway.address != other.address


WRITE_IN_PARTS = """
import sys
from skel.storage import cloud, leftovers
from skel.cli.main import main
cloud.PART = cloud.IN_ONE = 5 << 20
main()
"""


@pytest.mark.parametrize("number", [1, 2])
def test_an_interrupt_takes_the_parts_back(bucket: Path, gateway: Gateway, tmp_path: Path, number: int) -> None:
    save("s3://bucket/out.sktrace", b"old")
    child: list[subprocess.Popen[str]] = []
    (tmp_path / "t.sktrace").write_bytes(big_trace())

    def interrupt(asked: Asked) -> Wait | None:
        if f"partNumber={number}&" in asked.path:
            child[0].send_signal(signal.SIGINT)
            return Wait(0.5)
        return None

    with faulty(interrupt, behind=gateway.address) as server:
        environ = dict(os.environ, AWS_ENDPOINT=f"http://{address(server)}")
        command = [sys.executable, "-c", WRITE_IN_PARTS, "transform", str(tmp_path / "t.sktrace")]
        command += ["-e", "remove(status);", "-o", "s3://bucket/out.sktrace"]
        child.append(subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True))
        began = time.monotonic()
        _, said = child[0].communicate(timeout=60)
    assert child[0].returncode == 130, said
    assert "interrupted; nothing is half written" in said
    assert time.monotonic() - began < 15
    assert objects(bucket) == {"out.sktrace": b"old"}
    assert unfinished(gateway, "s3://bucket/out.sktrace") == frozenset()


def big_trace() -> bytes:
    from skel.trace.codec import Event, encode_object
    from skel.trace.model import Trace

    pods = [
        encode_object(
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"a{n}"}, "status": {"a": n}, "x": "y" * MIB}
        )
        for n in range(12)
    ]
    return Trace.make([Event(1, pods, [])], {"trackedObjects": {}}, {}, {}).to_bytes()
