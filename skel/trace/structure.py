"""Whether a trace says the same in all its parts: times, events, index, lifetimes of pods, tracked kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec import Raw

from skel.findings.model import Finding, FoundObject, Location
from skel.findings.severity import Severity
from skel.kube.gvk import gvk, split_gvk
from skel.patch.values import Json
from skel.trace.codec import Event, probe, without_gc
from skel.trace.identity import Identity, sight
from skel.trace.index import spec_hash
from skel.trace.lifecycle import start_of
from skel.trace.model import Trace
from skel.trace.reading import decode_part
from skel.trace.structure_codes import (
    BACK_IN_TIME,
    ENDS_BEFORE,
    LIFETIME_ALONE,
    NAMES,
    NEVER_THERE,
    NO_EVENTS,
    NO_OBJECT,
    NOT_INDEXED,
    OTHER_HASH,
    OWNER_UNKNOWN,
    TITLES,
    UNTRACKED,
    WITHOUT_OBJECT,
)
from skel.trace.tracked import tracked_objects

_SEVERITY = {
    NO_EVENTS: Severity.ERROR,
    BACK_IN_TIME: Severity.ERROR,
    NO_OBJECT: Severity.ERROR,
    ENDS_BEFORE: Severity.ERROR,
    NEVER_THERE: Severity.WARNING,
    NOT_INDEXED: Severity.WARNING,
    OWNER_UNKNOWN: Severity.WARNING,
}
"""All others are good to know."""


@dataclass(slots=True)
class _Life:
    """When an object was there, and the last spec of it. A `gap` is a time at which it was not."""

    event: int
    spec: Raw | None = None
    is_there: bool = False
    spans: list[tuple[int, int | None]] = field(default_factory=list)

    def comes(self, time: int, spec: Raw) -> None:
        self.spec = spec
        if not self.is_there:
            self.spans.append((time, None))
        self.is_there = True

    def goes(self, time: int) -> None:
        if self.is_there:
            self.spans[-1] = (self.spans[-1][0], time)
        self.is_there = False

    def has(self, time: int) -> bool:
        return any(start <= time and (end is None or time <= end) for start, end in self.spans)


def structural_findings(trace: Trace) -> list[Finding]:
    """What contradicts itself. Of the objects only the specs are decoded, to compare them with the index."""
    with without_gc():
        checker = _Checker(trace)
        return [*checker.events(), *checker.index(), *checker.lifetimes(), *checker.tracked()]


class _Checker:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.lives: dict[Identity, _Life] = {}
        self.kinds: Counter[str] = Counter()

    def events(self) -> Iterator[Finding]:
        """Times and objects; what the other checks need is collected on the way."""
        if not self.trace.events:
            yield self._found(NO_EVENTS, "there are no events")
        never: dict[Identity, list[int]] = {}
        latest: int | None = None
        for number, event in enumerate(self.trace.events):
            if latest is not None and event.ts < latest:
                message = f"event {number} is {latest - event.ts} seconds before event {number - 1}"
                yield self._found(BACK_IN_TIME, message, event=number)
            latest = event.ts
            yield from self._objects(event, number, never)
        for who, numbers in never.items():
            name = _shown(who)
            message = f"{name} is deleted, but it is not there"
            yield self._found(NEVER_THERE, message, event=numbers[0], who=who, times=len(numbers))

    def _objects(self, event: Event, number: int, never: dict[Identity, list[int]]) -> Iterator[Finding]:
        for deleted, objects in ((False, event.applied_objs), (True, event.deleted_objs)):
            for position, raw in enumerate(objects):
                seen = sight(raw)
                if seen is None:
                    yield from self._odd(raw, number, position, deleted=deleted)
                    continue
                who = seen.identity
                self.kinds[who[0]] += 1
                if deleted:
                    life = self.lives.get(who)
                    if life is None or not life.is_there:
                        never.setdefault(who, []).append(number)
                    else:
                        life.goes(event.ts)
                else:
                    life = self.lives.setdefault(who, _Life(number))
                    life.event = number
                    life.comes(event.ts, seen.spec)

    def _odd(self, raw: Raw, number: int, position: int, *, deleted: bool) -> Iterator[Finding]:
        """What has no name is for the rules of the validation pack; what is no object at all they can't see."""
        header = probe(raw)
        if header is not None and header.apiVersion and header.kind:
            self.kinds[gvk(header.apiVersion, header.kind)] += 1
            return
        word = "deleted" if deleted else "applied"
        yield self._found(NO_OBJECT, f"{word} object {position} has no apiVersion and kind", event=number)

    def index(self) -> Iterator[Finding]:
        """One finding a kind for what is good to know, one an object for what should be repaired."""
        index, tracked = self.trace.index, tracked_objects(self.trace.config)
        for kind, entries in index.items():
            alone = [name for name in entries if (kind, name) not in self.lives]
            yield from self._group(WITHOUT_OBJECT, alone, f"of {kind} {_are(alone)} in no event")
        other: dict[str, list[str]] = {}
        for who, life in self.lives.items():
            kind, name = who
            recorded = index.get(kind, {}).get(name)
            if recorded is None:
                if kind in tracked:
                    yield self._found(NOT_INDEXED, f"{_shown(who)} is not in the index", event=life.event, who=who)
            elif life.spec is not None and recorded != self._hash(life.spec, name):
                other.setdefault(kind, []).append(name)
        for kind, names in other.items():
            yield from self._group(OTHER_HASH, names, f"of {kind} have another hash in the index than their last spec")

    def _group(self, code: str, names: list[str], what: str) -> Iterator[Finding]:
        if names:
            yield self._found(code, f"{len(names)} {what}, such as {names[0]}", times=len(names))

    def lifetimes(self) -> Iterator[Finding]:
        early: dict[str, list[str]] = {}
        for owner, hashes in self.trace.pod_lifecycles.items():
            recorded = [lifetime for found in hashes.values() for lifetime in found]
            backwards = sum(map(_is_backwards, recorded))
            if backwards:
                message = f"{backwards} pods of {_shown(owner)} end before they begin"
                yield self._found(ENDS_BEFORE, message, who=owner, times=backwards)
            life = self.lives.get(owner)
            if life is None:
                message = f"{len(recorded)} lifetimes of pods of {_shown(owner)}, which is in no event"
                yield self._found(OWNER_UNKNOWN, message, who=owner)
                continue
            starts = [start for start in map(start_of, recorded) if start is not None]
            if not all(map(life.has, starts)):
                early.setdefault(owner[0], []).append(owner[1])
        for kind, names in early.items():
            yield from self._group(
                LIFETIME_ALONE, names, f"of {kind} have pods that begin while their owner is not there"
            )

    def tracked(self) -> Iterator[Finding]:
        """A trace that was not recorded, but made of manifests, tracks nothing."""
        tracked = tracked_objects(self.trace.config)
        for kind, count in sorted(self.kinds.items()):
            if tracked and kind not in tracked:
                yield self._found(UNTRACKED, f"{kind} is not tracked, and the events have it", times=count)

    def _hash(self, spec: Raw, name: str) -> int:
        return spec_hash(decode_part(spec, object, f"{self.trace.name}: the spec of {name}"))

    def _found(
        self, code: str, message: str, *, event: int | None = None, who: Identity | None = None, times: int = 1
    ) -> Finding:
        return Finding(
            code=code,
            rule=f"trace/{NAMES[code]}",
            severity=_SEVERITY.get(code, Severity.INFO),
            message=message,
            location=Location(self.trace.name, event=event),
            object=_found_object(who) if who else None,
            title=TITLES[code],
            category="validation",
            times=times,
        )


def _shown(who: Identity) -> str:
    return f"{split_gvk(who[0])[1]}/{who[1]}"


def _are(names: list[str]) -> str:
    return "are" if len(names) > 1 else "is"


def _found_object(who: Identity) -> FoundObject:
    api_version, kind = split_gvk(who[0])
    namespace, _, name = who[1].rpartition("/")
    return FoundObject(api_version, kind, namespace, name)


def _is_backwards(lifetime: Json) -> bool:
    match lifetime:
        case {"Finished": [int(start), int(end)]}:
            return end < start
        case _:
            return False
