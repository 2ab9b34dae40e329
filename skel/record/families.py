"""Who owns whom, as far as it was seen: owner references, from a pod up to a Deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skel.kube.gvk import gvk
from skel.patch.values import Json

_DEEPEST = 8
_MOST = 100_000
"""Objects whose owners are remembered; the oldest go, for owners outlive what they own but for a moment."""


@dataclass(frozen=True, slots=True)
class Owner:
    """An entry of `ownerReferences`."""

    api_version: str
    kind: str
    name: str
    uid: str

    @property
    def gvk(self) -> str:
        return gvk(self.api_version, self.kind)


def owners_of(thing: Mapping[str, Json]) -> tuple[Owner, ...]:
    """Who makes an object: those of its owners that are its controller.

    Other owners only take it along when they go; nobody makes it again.
    """
    metadata = thing.get("metadata")
    rows = metadata.get("ownerReferences") if isinstance(metadata, dict) else None
    if not isinstance(rows, list):
        return ()
    maps = [row for row in rows if isinstance(row, dict) and row.get("controller") is True]
    return tuple(Owner(*(str(row.get(key) or "") for key in ("apiVersion", "kind", "name", "uid"))) for row in maps)


class Families:
    """Remembers of each object by whom it is owned."""

    def __init__(self) -> None:
        self._owners: dict[str, tuple[Owner, ...]] = {}

    def note(self, thing: Mapping[str, Json]) -> None:
        """Remember the owners of an object that may itself own others."""
        metadata = thing.get("metadata")
        uid = metadata.get("uid") if isinstance(metadata, dict) else None
        if isinstance(uid, str) and uid:
            self.set(uid, owners_of(thing))

    def set(self, uid: str, owners: tuple[Owner, ...]) -> None:
        self._owners.pop(uid, None)
        self._owners[uid] = owners
        if len(self._owners) > _MOST:
            del self._owners[next(iter(self._owners))]

    def knows(self, uid: str) -> bool:
        return uid in self._owners

    def is_owned(self, uid: str) -> bool:
        """Whether an object is known to have owners."""
        return bool(self._owners.get(uid))

    def chain(self, thing: Mapping[str, Json]) -> Iterator[Owner]:
        """All owners, the nearest first, as far as they are known."""
        return self._above(owners_of(thing), 0)

    def _above(self, owners: tuple[Owner, ...], depth: int) -> Iterator[Owner]:
        for owner in owners if depth < _DEEPEST else ():
            yield owner
            yield from self._above(self._owners.get(owner.uid, ()), depth + 1)
