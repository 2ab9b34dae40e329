"""What stands in a run directory, as values: `run.json` and a line of each `.jsonl` file.

What a writer left out has a value that says nothing; what it wrote besides is passed over. Times are seconds.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

SCHEMA_VERSION = 1

ACCEPTED, REJECTED, UNKNOWN = "accepted", "rejected", "unknown"
"""The verdicts on a request. A reader takes others as they are."""
COMPLETE = "complete"
"""How a run ended that went on to its end; else `interrupted` or `failed`, or `running` if it could not say."""


class TraceFacts(Struct, frozen=True, rename="camel"):
    """Which trace was played. `start` and `end` are Unix seconds."""

    name: str | None = ""
    sha256: str | None = ""
    start: float | None = None
    end: float | None = None
    events: int | None = None
    objects: int | None = None

    @property
    def length(self) -> float:
        """Simulated seconds from its beginning to its end, 0 if they are not known."""
        return max(0.0, self.end - self.start) if self.start is not None and self.end is not None else 0.0


class Behind(Struct, frozen=True):
    """How far the run was behind its schedule, in seconds of the run."""

    max: float | None = None
    mean: float | None = None


class RunHeader(Struct, frozen=True, rename="camel"):
    """`run.json`."""

    schema_version: int = SCHEMA_VERSION
    tool: str | None = ""
    trace: TraceFacts = msgspec.field(default_factory=TraceFacts)
    target: str | None = ""
    kubernetes: str | None = ""
    speed: float | None = None
    started: str | None = ""
    finished: str | None = ""
    ended: str | None = ""
    seconds: float | None = None
    error: str | None = ""
    namespace_prefix: str | None = ""
    behind: Behind | None = None

    @property
    def is_complete(self) -> bool:
        return self.ended == COMPLETE


class RequestLine(Struct, gc=False):
    """A line of `requests.jsonl`: one object that was sent, and what came of it.

    `t` is simulated seconds since the start of the trace, `wall` seconds since the run began, `round` the repetition.
    """

    t: float = 0.0
    wall: float = 0.0
    round: int = 0
    event: int | None = None
    verb: str | None = ""
    apiVersion: str | None = ""  # noqa: N815  (the names in the file)
    kind: str | None = ""
    namespace: str | None = ""
    name: str | None = ""
    status: int | None = 0
    verdict: str | None = UNKNOWN
    reason: str | None = ""
    message: str | None = ""
    warnings: list[str] | None = None
    attempts: int | None = 1
    rule: str | None = None
    fix: str | None = None


class PodLine(Struct, gc=False):
    """A line of `pods.jsonl`: a pod after a change. All times are simulated seconds since the start of the trace."""

    t: float = 0.0
    namespace: str | None = ""
    name: str | None = ""
    owner: str | None = ""
    phase: str | None = ""
    node: str | None = ""
    created: float | None = None
    scheduled: float | None = None
    running: float | None = None
    finished: float | None = None


class Involved(Struct, gc=False):
    """The object that an event is about."""

    kind: str | None = ""
    namespace: str | None = ""
    name: str | None = ""


class EventLine(Struct, gc=False):
    """A line of `events.jsonl`: a Kubernetes event when it came or was counted on. `count` is how often it was seen."""

    t: float = 0.0
    type: str | None = ""
    reason: str | None = ""
    message: str | None = ""
    count: int | None = 1
    name: str | None = ""
    namespace: str | None = ""
    involvedObject: Involved | None = None  # noqa: N815  (the name in the file)
