"""Who calls old APIs: what the API server noted in the log, and what is known of its releases.

`k8s.io/deprecated` and `k8s.io/removed-release` stand in the annotations of a request since Kubernetes 1.19.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from skel.kube.release import life, minors, served
from skel.record.imports.audit.line import AuditEvent, ObjectRef

_DEPRECATED, _REMOVED = "k8s.io/deprecated", "k8s.io/removed-release"
_COMPLETE, _STARTED = "ResponseComplete", "ResponseStarted"


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """Who asks what of which API. `removed` is the release that does not serve it any more, empty if none is known."""

    removed: str
    api_version: str
    resource: str
    verb: str
    user: str
    agent: str


@dataclass(slots=True)
class Calls:
    """How often; the times of the first and the last one as they stand in the log (RFC 3339)."""

    count: int = 0
    first: str = ""
    last: str = ""

    def add(self, time: str) -> None:
        self.count += 1
        if time and (not self.first or time < self.first):
            self.first = time
        self.last = max(self.last, time)


class Callers:
    """Counts the requests to deprecated and removed APIs, each once. It remembers the id of each of these."""

    def __init__(self) -> None:
        self.calls: dict[Call, Calls] = {}
        self.events = 0
        self._seen: set[str] = set()
        self._open: dict[str, tuple[Call, str]] = {}

    def see(self, event: AuditEvent) -> None:
        self.events += 1
        about = event.objectRef
        if about is None or event.stage not in {_COMPLETE, _STARTED}:
            return
        removed = _removed(event.annotations, about)
        if removed is None or event.auditID in self._seen:
            return
        call = Call(removed, about.group_version, about.resource, event.verb, event.user.username, event.userAgent)
        time = event.requestReceivedTimestamp or event.stageTimestamp
        if event.stage == _STARTED:
            self._open[event.auditID] = call, time
            return
        self._seen.add(event.auditID)
        self._open.pop(event.auditID, None)
        self.calls.setdefault(call, Calls()).add(time)

    def rows(self) -> Iterator[tuple[Call, Calls]]:
        """Sorted by what is removed first, the most frequent callers of an API first."""
        for call, time in self._open.values():
            # A watch that had not ended when the log did.
            self.calls.setdefault(call, Calls()).add(time)
        self._open.clear()
        yield from sorted(self.calls.items(), key=lambda row: (_rank(row[0]), -row[1].count, row[0]))


def _rank(call: Call) -> tuple[bool, tuple[int, ...], str, str]:
    parts = tuple(int(part) for part in call.removed.split(".") if part.isdigit())
    return not parts, parts, call.api_version, call.resource


def _removed(annotations: Mapping[str, str] | None, about: ObjectRef) -> str | None:
    """The release that removes what was called; empty if it is deprecated and no release is named; None if neither."""
    said = annotations or {}
    if said.get(_DEPRECATED) == "true" or _REMOVED in said:
        return said.get(_REMOVED) or _known(about.group_version, about.resource) or ""
    return _known(about.group_version, about.resource)


@cache
def _known(api_version: str, resource: str) -> str | None:
    """What the data of Kubernetes' releases say, for logs of servers that did not say it yet."""
    kind = _kinds().get((api_version, resource))
    found = life(api_version, kind) if kind else None
    if found is None or not (found.removed or found.deprecated):
        return None
    return found.removed or found.planned


@cache
def _kinds() -> Mapping[tuple[str, str], str]:
    """apiVersion and resource -> kind, of all releases that are known."""
    return {(row.api_version, row.resource): row.kind for minor in minors() for row in served(minor).values()}
