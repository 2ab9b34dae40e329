"""What a recording is made of, one thing after the other: objects as they came, lifetimes of pods, moments, places.

This is what a journal holds (docs/recording.md), and what a trace is assembled from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec
from msgspec import Raw, Struct

RUNNING = -1
"""The end of a pod that runs."""


class Applied(Struct, array_like=True, tag="a", gc=False):
    """An object came, or changed. `at` is in Unix seconds, `kind` a gvk, `name` is `namespace/name`.

    `hash` is that of the spec, as the index of a trace has it; `content` that by which changes are seen, which is
    another one where there is no spec.
    """

    at: int
    kind: str
    name: str
    uid: str
    hash: int
    content: int
    object: Raw


class Deleted(Struct, array_like=True, tag="d", gc=False):
    """An object went; as it was at last, or its name alone where nobody saw it go."""

    at: int
    kind: str
    name: str
    object: Raw


class Lived(Struct, array_like=True, tag="l", gc=False):
    """What is known of the life of a pod now. The last one of a pod counts.

    `pod` is its uid, or its name where it has none; `kind` and `owner` say whose it is; `spec` is the hash of the
    stable part of its spec. `gone`: the pod is not there any more.
    """

    at: int
    pod: str
    kind: str
    owner: str
    spec: int
    start: int
    end: int = RUNNING
    gone: bool = False


class Moment(Struct, array_like=True, tag="m", gc=False):
    """An empty event: time went on until then, and somebody was looking."""

    at: int


class Place(Struct, array_like=True, tag="p", gc=False):
    """Where the watch of a feed stands: nothing that came before is missing. Empty: nobody knows."""

    feed: str
    version: str


Entry = Applied | Deleted | Lived | Moment | Place
Entries = Callable[[], Iterator[Entry]]
"""The same entries, from the beginning, each time it is called."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Entry]).decode


def encode_entries(entries: Sequence[Entry]) -> bytes:
    """Entries that belong together: all of them are read again, or none."""
    return _encode(entries)


def decode_entries(data: bytes) -> list[Entry]:
    """Raises msgspec.MsgspecError for what are no entries."""
    entries: list[Entry] = _decode(data)
    return entries


class Sink(Protocol):
    """Where entries go."""

    def put(self, entry: Entry) -> None: ...


class Held:
    """Entries in memory, encoded: for what is small, and for tests."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._data: list[bytes] = []
        for entry in entries:
            self.put(entry)

    def __len__(self) -> int:
        return len(self._data)

    def put(self, entry: Entry) -> None:
        self._data.append(encode_entries((entry,)))

    def __call__(self) -> Iterator[Entry]:
        return (entry for data in self._data for entry in decode_entries(data))
