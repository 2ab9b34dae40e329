"""What one request did, as far as a history needs it: small enough to be sorted by the million."""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder


class Did(IntEnum):
    """What a request did to objects."""

    WROTE = 0
    """`body` is the object as it is now."""
    TOLD = 1
    """`body` is the object as it is now, but what was written is only its status."""
    SCALED = 2
    """`body` is a Scale of the object."""
    MARKED = 3
    """`body` holds the metadata of the object alone, as they are now."""
    REMOVED = 4
    """The object is gone; `body` is its last state, or nothing."""


class Note(Struct, array_like=True, gc=False):
    """One request. `time` is in microseconds since 1970, `version` the resourceVersion, 0 if it tells nothing.

    `resource` is that of the request (`deployments.apps`), `file` and `line` its place; the others are the object's.
    """

    time: int
    version: int
    id: str
    did: int
    resource: str
    namespace: str
    name: str
    uid: str
    api_version: str
    kind: str
    generation: int
    body: bytes
    file: str
    line: int

    @property
    def key(self) -> tuple[int, int, str]:
        """By what requests are sorted; of one request there is one."""
        return self.time, self.version, self.id

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


encode_note = Encoder().encode
decode_note = Decoder(Note).decode
