"""A trace in memory: events at hand, everything else kept as bytes until somebody asks for it."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, TypeVar, cast

from skel.patch.values import Json, equal_json
from skel.storage.store import read_bytes, shown, write_atomically
from skel.trace.codec import Event, OddEvent, encode_object, map_header, write_events
from skel.trace.errors import TraceError
from skel.trace.reading import PLACEHOLDER, VERSION, Index, Lifecycles, Owner, Parts, decode_part, decode_trace

__all__ = ["Config", "Event", "Index", "Lifecycles", "OddEvent", "Owner", "Trace", "TraceError"]
T = TypeVar("T")
Config = dict[str, Json]


class Trace:
    """A trace of version 2. It is never changed: `with_events` makes another one.

    `events` and what the properties return belong to the trace: copy before you change it.
    """

    version = VERSION

    def __init__(
        self, events: list[Event], parts: Parts, *, name: str = "the trace", source: bytes | None = None
    ) -> None:
        """`parts` are the other top-level values by key, in order; `source` the bytes from which all this was read."""
        self.events = events
        self.name = name
        self._parts = parts
        self._source = source
        self._decoded: dict[str, Json] = {}

    @classmethod
    def open(cls, path: str) -> Trace:
        """Read a trace from a file, or from standard input for `-`. Raises TraceError."""
        return cls.from_bytes(read_bytes(path), shown(path))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "the trace") -> Trace:
        """Read a trace; `name` is how messages call it. Raises TraceError with the place of what is wrong."""
        parts, events = decode_trace(data, name)
        return cls(events, parts, name=name, source=data)

    @classmethod
    def make(cls, events: list[Event], config: Config, index: Index, pod_lifecycles: Lifecycles) -> Trace:
        """A new trace from its parts."""
        parts = {
            "version": encode_object(VERSION),
            "config": encode_object(config, "config"),
            "events": PLACEHOLDER,
            "index": encode_object(index, "index"),
            "pod_lifecycles": encode_object(pod_lifecycles, "pod_lifecycles"),
        }
        return cls(events, parts)

    @property
    def config(self) -> Config:
        """What the tracer was told to track: `{"trackedObjects": {gvk: {...}}}`."""
        return self._part("config", Config)

    @property
    def index(self) -> Index:
        """Hash of the last spec by gvk and `namespace/name`."""
        return self._part("index", Index)

    @property
    def pod_lifecycles(self) -> Lifecycles:
        """Lifetimes of pods by owner and hash of the pod spec: `{"Running": s}`, `{"Finished": [s, s]}`, `"Empty"`."""
        return self._part("pod_lifecycles", Lifecycles)

    @property
    def start(self) -> int:
        """Time of the first event in Unix seconds, 0 if there is none."""
        return self.events[0].ts if self.events else 0

    @property
    def end(self) -> int:
        """Time of the last event in Unix seconds, 0 if there is none."""
        return self.events[-1].ts if self.events else 0

    @property
    def source(self) -> bytes | None:
        """The bytes from which the trace was read, None if something was replaced since."""
        return self._source

    @property
    def parts(self) -> Parts:
        """The encoded top-level values by key, in order; `events` holds only its place."""
        return dict(self._parts)

    def with_events(
        self,
        events: list[Event] | None = None,
        *,
        config: Config | None = None,
        index: Index | None = None,
        pod_lifecycles: Lifecycles | None = None,
    ) -> Trace:
        """The trace with other parts; None and equal values leave a part, and its bytes, as they are."""
        given: dict[str, Json] = {"config": config, "index": index, "pod_lifecycles": pod_lifecycles}
        new = {key: value for key, value in given.items() if value is not None and not self._has(key, value)}
        same_events = events is None or events is self.events
        if same_events and not new:
            return self
        parts = {**self._parts, **{key: encode_object(value, key) for key, value in new.items()}}
        return Trace(self.events if events is None else events, parts, name=self.name)

    def save(self, path: str) -> None:
        """Write the trace to a file, whole or not at all, or to standard output for `-`. Raises TraceError."""
        write_atomically(path, self.write)

    def to_bytes(self) -> bytes:
        """The bytes of the file: those it was read from if nothing was replaced."""
        if self._source is not None:
            return self._source
        file = BytesIO()
        self.write(file)
        return file.getvalue()

    def write(self, file: BinaryIO) -> None:
        """Write the bytes of the trace to an open file."""
        if self._source is not None:
            file.write(self._source)
        else:
            self.write_usual(file)

    def write_usual(self, file: BinaryIO) -> None:
        """Write the frame anew, as the reference would, around objects and parts as they are."""
        file.write(map_header(len(self._parts)))
        for key, raw in self._parts.items():
            file.write(encode_object(key))
            if key == "events":
                write_events(file, self.events)
            else:
                file.write(raw)

    def _has(self, key: str, value: Json) -> bool:
        return equal_json(getattr(self, key), value)

    def _part(self, key: str, kind: type[T]) -> T:
        if key not in self._decoded:
            self._decoded[key] = decode_part(self._parts[key], kind, f"{self.name}: {key}")
        return cast("T", self._decoded[key])
