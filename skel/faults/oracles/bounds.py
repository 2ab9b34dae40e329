"""How large a number may be while a controller has not seen the newest one."""

from __future__ import annotations

from skel.faults import objects
from skel.patch.values import Json


class Bounds:
    """The largest value of a field that the controller of an object may still act on.

    Until `status.observedGeneration` says that it has seen the newest spec, an older and larger value is as good.
    """

    def __init__(self, *path: str) -> None:
        self._path = path
        self._highest: dict[str, int] = {}

    def see(self, thing: Json) -> None:
        uid = objects.uid(thing)
        value = self.value(thing)
        if objects.status(thing).get("observedGeneration", 0) == objects.meta(thing).get("generation", 1):
            self._highest[uid] = value
        else:
            self._highest[uid] = max(value, self._highest.get(uid, 0))

    def value(self, thing: Json) -> int:
        """As it stands in the object; 1 if it is not set, as the server takes it."""
        found = objects.section(thing, *self._path[:-1]).get(self._path[-1])
        return 1 if found is None else int(found)

    def of(self, thing: Json) -> int:
        return self._highest.get(objects.uid(thing), self.value(thing))
