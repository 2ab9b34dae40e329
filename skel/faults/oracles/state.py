"""What exists at one revision: the ground that oracles stand on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from skel.faults import objects
from skel.faults.model import Event, Revision
from skel.faults.names import Names
from skel.patch.values import Json


@dataclass(frozen=True, slots=True)
class Change:
    """A revision with what was there before it: None for an object that is new."""

    revision: Revision
    before: Json | None

    @property
    def object(self) -> Json:
        return self.revision.object

    @property
    def kind(self) -> str:
        return str(self.object.get("kind", ""))

    @property
    def is_new(self) -> bool:
        return self.before is None and self.revision.event is not Event.DELETED

    @property
    def is_gone(self) -> bool:
        return self.revision.event is Event.DELETED


class State:
    """The objects of a trial, by kind and by controller; `at` is the virtual time in seconds, `step` the last done."""

    def __init__(self) -> None:
        self.at = 0.0
        self.step = 0
        self.number = 0
        self.names = Names()
        self._things: dict[str, dict[str, Json]] = defaultdict(dict)
        self._owned: dict[str, dict[str, Json]] = defaultdict(dict)
        self._by_uid: dict[str, Json] = {}

    def take(self, revision: Revision) -> Change:
        """Go on by one revision; its object need not have a uid in tests, a name is enough."""
        thing = revision.object
        key = f"{objects.meta(thing).get('namespace', '')}/{objects.name(thing)}"
        self.names.learn(thing)
        self.at, self.step, self.number = max(self.at, revision.at), revision.step, revision.number
        there = self._things[str(thing.get("kind"))]
        before = there.get(key)
        if before is not None:
            self._forget(before)
        if revision.event is Event.DELETED:
            there.pop(key, None)
            return Change(revision, before)
        there[key] = thing
        self._by_uid[objects.uid(thing)] = thing
        if over := objects.owner(thing):
            self._owned[over.uid][objects.uid(thing) or key] = thing
        # Deleted and made again under one name is a new object.
        is_same = before is not None and objects.uid(before) == objects.uid(thing)
        return Change(revision, before if is_same else None)

    def _forget(self, thing: Json) -> None:
        self._by_uid.pop(objects.uid(thing), None)
        if over := objects.owner(thing):
            self._owned[over.uid].pop(objects.uid(thing), None)

    def all(self, kind: str) -> Iterator[Json]:
        """The objects of a kind that exist."""
        return iter(tuple(self._things[kind].values()))

    def owned(self, thing: Json, kind: str = "Pod") -> list[Json]:
        """The objects of a kind whose controller it is."""
        return [it for it in self._owned[objects.uid(thing)].values() if it.get("kind") == kind]

    def active(self, thing: Json) -> list[Json]:
        """Its pods that count: not finished, not on their way out."""
        return [pod for pod in self.owned(thing) if objects.is_active(pod)]

    def owner(self, thing: Json) -> Json | None:
        """Its controller, if that exists."""
        over = objects.owner(thing)
        return self._by_uid.get(over.uid) if over else None

    def name(self, thing: Json) -> str:
        """`ReplicaSet/rs#3`, the same in each run."""
        return self.names.learn(thing)
