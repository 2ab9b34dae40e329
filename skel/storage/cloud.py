"""Buckets: S3 and what speaks like it, Google Cloud Storage, Azure. By obstore, which speaks as the recorder does and
reads the same environment variables (AWS_..., GOOGLE_..., AZURE_...).
"""

from __future__ import annotations

import os
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from skel.storage.cloud_errors import explained
from skel.storage.errors import TraceError
from skel.storage.leftovers import sweep, uploads
from skel.storage.limits import CONNECT, GIVE_UP, PATIENCE, RETRIES, largest, too_large
from skel.storage.place import Bucket

if TYPE_CHECKING:
    from obstore.store import ObjectStore

T = TypeVar("T")
PART = 16 << 20
"""Bytes of one request where an object is read or written in many."""
IN_ONE = 64 << 20
"""Bytes up to which an object is written in one request."""
MOST_PARTS = 10_000
AT_ONCE = 4
_TIDY = 20.0
"""Seconds that an interrupted upload gets to take its parts back."""
_CLIENT_SETTINGS = (
    "allow_http",
    "allow_invalid_certificates",
    "connect_timeout",
    "http1_only",
    "proxy_ca_certificate",
    "proxy_excludes",
    "proxy_url",
    "timeout",
)
_FLAGS = {"allow_http", "allow_invalid_certificates", "http1_only"}


@dataclass(frozen=True, slots=True)
class Stored:
    """One object below a prefix; `key` is its whole name in the bucket."""

    key: str
    size: int


def read(bucket: Bucket) -> bytes:
    """The whole object. Raises TraceError, also where it changes while it is read."""
    return _run(_read(_open(bucket), bucket), bucket, "read")


def write(bucket: Bucket, file: BinaryIO, size: int) -> None:
    """Make an object of the `size` bytes of an open file: it appears whole, or not at all. Raises TraceError."""
    _run(_write(_open(bucket), bucket, file, size), bucket, "written")


def listed(bucket: Bucket) -> list[Stored]:
    """What lies below a prefix, in the order of the keys. Raises TraceError."""
    return _run(_list(_open(bucket), bucket), bucket, "listed")


def _open(bucket: Bucket) -> ObjectStore:
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ImportError:
        way_out = "pip install 'skel-lang[cloud]' brings what reads and writes it"
        raise TraceError(f"{bucket} is in object storage", way_out) from None
    settings: Any = {"client_options": _client(bucket.cloud), "retry_config": _retries()}
    try:
        store: ObjectStore = from_url(bucket.root, **settings)
    except (BaseError, ValueError) as error:
        raise explained(error, bucket, "opened") from None
    return store


def _client(cloud: str) -> dict[str, Any]:
    """What the environment says of connections; given as an argument, or ours would hide it."""
    settings: dict[str, Any] = {"connect_timeout": f"{CONNECT:.0f}s", "timeout": f"{PATIENCE:.0f}s"}
    for name, value in os.environ.items():
        prefix, _, key = name.lower().partition("_")
        if prefix == cloud.lower() and key in _CLIENT_SETTINGS:
            settings[key] = value.strip().lower() in {"1", "true", "yes", "on"} if key in _FLAGS else value
    return settings


def _retries() -> dict[str, Any]:
    from datetime import timedelta

    backoff = {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=10), "base": 2.0}
    return {"max_retries": RETRIES, "retry_timeout": timedelta(seconds=GIVE_UP), "backoff": backoff}


def _run(work: Coroutine[Any, Any, T], bucket: Bucket, verb: str) -> T:
    """Run it to its end; Ctrl-C cancels it. Raises TraceError."""
    from obstore.exceptions import BaseError

    result: list[T] = []

    async def keep() -> None:
        # Not returned: asyncio.run may make a text of what its task returns, of all 300 MB.
        result.append(await work)

    try:
        _to_its_end(keep())
    except (BaseError, FileNotFoundError, ValueError, NotImplementedError) as error:
        raise explained(error, bucket, verb) from None
    except OSError as error:
        if error.errno is not None:  # of our own disk
            raise
        raise explained(error, bucket, verb) from None
    return result[0]


def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    # The caller is a coroutine that can afford to wait; its own loop can't run another one.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, work).result()


async def _read(store: ObjectStore, bucket: Bucket) -> bytes:
    """In one request if it is small, else in parts that must all be of one version."""
    import asyncio

    import obstore

    found = await obstore.get_async(store, bucket.key)
    size = found.meta["size"]
    if size > largest():
        raise too_large(str(bucket), size)
    if size <= PART:
        return bytes(await found.bytes_async())
    turn = asyncio.Semaphore(AT_ONCE)
    same = {"if_match": tag} if (tag := found.meta["e_tag"]) else {}

    async def part(start: int) -> Any:
        async with turn:
            options: Any = {"range": (start, min(start + PART, size)), **same}
            return await (await obstore.get_async(store, bucket.key, options=options)).bytes_async()

    return b"".join(await asyncio.gather(*(part(start) for start in range(0, size, PART))))


async def _write(store: ObjectStore, bucket: Bucket, file: BinaryIO, size: int) -> None:
    import obstore

    if size <= IN_ONE:
        await obstore.put_async(store, bucket.key, file.read(), use_multipart=False)
    else:
        await _write_parts(store, bucket, file, size)


async def _write_parts(store: ObjectStore, bucket: Bucket, file: BinaryIO, size: int) -> None:
    """In parts, which become an object at the end. Whatever goes wrong before, they are taken back."""
    import asyncio

    import obstore

    part = max(PART, -(-size // MOST_PARTS))
    source = _Source(file, part)
    before = await uploads(store, bucket)
    upload = asyncio.ensure_future(
        obstore.put_async(store, bucket.key, source, use_multipart=True, chunk_size=part, max_concurrency=AT_ONCE)
    )
    try:
        await asyncio.shield(upload)
    except BaseException:
        source.is_stopped = True
        if source.is_at_end and before is not None:
            upload.cancel()  # or it would go on to its end
        with suppress(BaseException):
            await asyncio.wait_for(upload, _TIDY)
        await sweep(store, bucket, before)
        raise


class _Source(Iterator[bytes]):
    """The pieces of a file, until somebody says stop; the upload takes its parts back then."""

    def __init__(self, file: BinaryIO, piece: int) -> None:
        self._file = file
        self._piece = piece
        self.is_stopped = False
        self.is_at_end = False

    def __next__(self) -> bytes:
        if self.is_stopped:
            raise RuntimeError("the upload was stopped")
        piece = self._file.read(self._piece)
        if not piece:
            self.is_at_end = True
            raise StopIteration
        return piece


async def _list(store: ObjectStore, bucket: Bucket) -> list[Stored]:
    import obstore

    found = [
        Stored(item["path"], item["size"])
        async for page in obstore.list(store, prefix=bucket.key.rstrip("/") or None)
        for item in page
    ]
    return sorted((item for item in found if not item.key.endswith("/")), key=lambda item: item.key)
