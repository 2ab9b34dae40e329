"""What watches show of events, nodes and the objects of a replay -> lines of the run directory: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skel.client.watch import Changed, Listed
from skel.patch.values import Json
from skel.replay.pod_lines import Instant, Line, uid_of
from skel.replay.pod_marks import Ours, metadata_of

_MOST_EVENTS = 50_000
"""Events whose count is remembered; what is counted on after that is written once more."""


class EventLines:
    """A line for each Kubernetes event of the simulation and its nodes, and when it is counted on."""

    def __init__(self, ours: Ours) -> None:
        self._ours = ours
        self._counts: dict[str, int] = {}
        self._has_listed = False

    def take(self, change: Listed | Changed, instant: Instant) -> Iterator[Line]:
        if isinstance(change, Changed):
            if change.type != "DELETED":
                yield from self._see(change.object, instant)
            return
        is_first, self._has_listed = not self._has_listed, True
        for event in change.objects:
            # What was there before us is of another run.
            if is_first:
                self._is_news(event)
            else:
                yield from self._see(event, instant)

    def _see(self, event: Mapping[str, Json], instant: Instant) -> Iterator[Line]:
        about = event.get("involvedObject") or {}
        namespace = str(about.get("namespace") or "")
        if (namespace and not self._ours.is_virtual(namespace)) or not self._is_news(event):
            return
        original = self._ours.original(namespace) if namespace else ""
        source = event.get("source") or {}
        yield {
            **instant.line(),
            "type": event.get("type") or "",
            "reason": event.get("reason") or "",
            "message": event.get("message") or "",
            "count": count_of(event),
            "component": source.get("component") or event.get("reportingComponent") or "",
            "namespace": original,
            "name": metadata_of(event).get("name", ""),
            "involvedObject": {"kind": about.get("kind") or "", "namespace": original, "name": about.get("name") or ""},
        }

    def _is_news(self, event: Mapping[str, Json]) -> bool:
        uid, count = uid_of(event), count_of(event)
        if self._counts.get(uid) == count:
            return False
        if len(self._counts) >= _MOST_EVENTS:
            self._counts.pop(next(iter(self._counts)))
        self._counts[uid] = count
        return True


class NodeLines:
    """A line when a node comes, goes, becomes ready or not, or is closed for pods."""

    def __init__(self) -> None:
        self._nodes: dict[str, tuple[bool, bool]] = {}

    def take(self, change: Listed | Changed, instant: Instant) -> Iterator[Line]:
        if isinstance(change, Listed):
            names = {str(metadata_of(node).get("name", "")) for node in change.objects}
            for name in [name for name in self._nodes if name not in names]:
                yield self._gone(name, instant)
            for node in change.objects:
                yield from self._see(node, instant)
        elif change.type == "DELETED":
            name = str(metadata_of(change.object).get("name", ""))
            if name in self._nodes:
                yield self._gone(name, instant)
        else:
            yield from self._see(change.object, instant)

    def _see(self, node: Mapping[str, Json], instant: Instant) -> Iterator[Line]:
        name = str(metadata_of(node).get("name", ""))
        state = _is_ready(node), bool((node.get("spec") or {}).get("unschedulable"))
        before = self._nodes.get(name)
        if state != before:
            self._nodes[name] = state
            change = "added" if before is None else "modified"
            yield {**instant.line(), "change": change, "name": name, "ready": state[0], "unschedulable": state[1]}

    def _gone(self, name: str, instant: Instant) -> Line:
        del self._nodes[name]
        return {**instant.line(), "change": "deleted", "name": name, "ready": False, "unschedulable": False}


class ObjectLines:
    """A line when an object of the replay comes, goes, or gets another spec. `api_version` is where it is read."""

    def __init__(self, ours: Ours, api_version: str, kind: str) -> None:
        self._ours = ours
        self.api_version = api_version
        self._kind = kind
        self._seen: dict[str, tuple[Json, Line]] = {}

    def take(self, change: Listed | Changed, instant: Instant) -> Iterator[Line]:
        if isinstance(change, Listed):
            there = {uid_of(thing) for thing in change.objects}
            for uid in [uid for uid in self._seen if uid not in there]:
                yield self._gone(uid, instant)
            for thing in change.objects:
                yield from self._see(thing, instant)
        elif change.type != "DELETED":
            yield from self._see(change.object, instant)
        elif uid_of(change.object) in self._seen:
            yield self._gone(uid_of(change.object), instant)

    def _see(self, thing: Mapping[str, Json], instant: Instant) -> Iterator[Line]:
        uid, metadata = uid_of(thing), metadata_of(thing)
        generation = metadata.get("generation")
        before = self._seen.get(uid)
        if before is not None and before[0] == generation:
            return
        line = self.identity(thing)
        self._seen[uid] = generation, line
        change = "added" if before is None else "modified"
        yield {**instant.line(), "change": change, **line, "generation": generation}

    def _gone(self, uid: str, instant: Instant) -> Line:
        generation, line = self._seen.pop(uid)
        return {**instant.line(), "change": "deleted", **line, "generation": generation}

    def last(self, thing: Mapping[str, Json], instant: Instant) -> Line:
        """The whole object, as it was read back at the end."""
        metadata = {key: value for key, value in metadata_of(thing).items() if key != "managedFields"}
        whole = {"apiVersion": self.api_version, "kind": self._kind, **thing, "metadata": metadata}
        generation = metadata.get("generation")
        return {**instant.line(), "change": "final", **self.identity(thing), "generation": generation, "object": whole}

    def identity(self, thing: Mapping[str, Json]) -> Line:
        metadata = metadata_of(thing)
        namespace = str(metadata.get("namespace", ""))
        original = self._ours.original(namespace) if namespace else ""
        what = {"apiVersion": self.api_version, "kind": self._kind, "namespace": original}
        return {**what, "name": metadata.get("name", ""), "uid": metadata.get("uid", "")}


def count_of(event: Mapping[str, Json]) -> int:
    """How often an event was seen; the newer form of events counts elsewhere."""
    series = event.get("series") or {}
    return max(1, event.get("count") or 0, series.get("count") or 0)


def _is_ready(node: Mapping[str, Json]) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    return any(condition.get("type") == "Ready" and condition.get("status") == "True" for condition in conditions)
