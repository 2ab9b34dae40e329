"""The body of a request that stays in this process, in two: metadata, and the rest as bytes.

Objects that change often differ in their metadata alone, and come back to few states of the rest: by its bytes it is
known again, and nobody has to look inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
from msgspec import Raw

from skel.patch.values import Json

_decode = msgspec.msgpack.Decoder().decode
_encode = msgspec.msgpack.Encoder().encode


def encoded(value: Json) -> bytes:
    """Nothing for what MessagePack can't hold: numbers of more than 64 bits are no numbers of Kubernetes either."""
    try:
        return _encode(value)
    except (TypeError, ValueError, OverflowError):
        return b""


@dataclass(slots=True, eq=False)
class Later:
    """A rest that is made when somebody needs its bytes: `manifest` is what was recorded, without metadata and status,
    its values still raw. `note` is for what a model finds out about it. Whoever reads `raw` may get a TraceError.
    """

    manifest: Mapping[str, Raw]
    make: Callable[[], bytes]
    note: object = None
    _raw: bytes = b""

    @property
    def raw(self) -> bytes:
        self._raw = self._raw or self.make()
        return self._raw


Kept = bytes | Later


@dataclass(slots=True)
class Rest:
    """An object without its metadata, as bytes; none if no bytes can hold it. `part` is the same decoded, None until
    somebody asks.
    """

    kept: Kept
    part: Json = None

    @classmethod
    def of(cls, body: Json) -> Rest:
        part = {name: value for name, value in body.items() if name != "metadata"}
        return cls(encoded(part), part)

    @property
    def raw(self) -> bytes:
        return bytes_of(self.kept)

    @property
    def value(self) -> Json:
        if self.part is None:
            self.part = _decode(self.raw)
        return self.part


def bytes_of(kept: Kept) -> bytes:
    return kept if isinstance(kept, bytes) else kept.raw


@dataclass(slots=True)
class Halves:
    """The body of a request to write whose kind is that of its path. The metadata belongs to who gets it. An object
    that is accepted is not sent back.
    """

    metadata: dict[str, Json]
    rest: Rest
