"""Names that are the same in each run: owner and ordinal of creation instead of what the server made up."""

from __future__ import annotations

from collections import Counter

from skel.faults import objects
from skel.patch.values import Json

# Their pods are named by a rule, so the names say more than ordinals.
_NAMING = frozenset({"StatefulSet"})


class Names:
    """Learns objects in the order of their creation, and gives each its canonical name, `ReplicaSet/rs#3`.

    Those of one batch are made side by side and differ in nothing, so it does not matter which of them came first.
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._made: Counter[str] = Counter()

    def learn(self, thing: Json) -> str:
        """The name; an object that was not seen before gets the next ordinal of its owner."""
        key = objects.uid(thing) or f"{thing.get('kind')}/{objects.name(thing)}"
        if key not in self._known:
            self._known[key] = self._new(thing)
        return self._known[key]

    def group(self, thing: Json) -> str:
        """What a kind's objects of one owner are called together: `Pod ReplicaSet/rs`; a name of its own: with it."""
        label = self.learn(thing).partition("#")[0]
        kind = str(thing.get("kind"))
        return label if label.startswith(f"{kind}/") else f"{kind} {label}"

    def _new(self, thing: Json) -> str:
        over = objects.owner(thing)
        if over is None:
            start = objects.meta(thing).get("generateName")
            return self._next(f"{thing.get('kind')}/{start}") if start else f"{thing.get('kind')}/{objects.name(thing)}"
        parent = self._known.get(over.uid) or f"{over.kind}/{over.name}"
        if over.kind in _NAMING:
            return f"{parent}/{objects.name(thing)}"
        return self._next(parent, str(thing.get("kind")))

    def _next(self, parent: str, kind: str = "") -> str:
        self._made[f"{kind} {parent}"] += 1
        # The first `#` ends the group, also below an owner that has an ordinal itself.
        return f"{parent.replace('#', '.')}#{self._made[f'{kind} {parent}']}"
