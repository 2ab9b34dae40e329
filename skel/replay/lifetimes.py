"""How long each pod of a replay runs: as long as the pod that was recorded in its place.

A trace holds lifetimes by the owner of the pods and the hash of their spec, in the order in which the pods came. The
n-th pod of an owner with a spec takes the n-th lifetime that is recorded for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from skel.kube.gvk import group_of, split_gvk
from skel.patch.values import Json
from skel.trace.identity import Identity
from skel.trace.lifecycle import Lifetimes, merge_lifetimes, start_of
from skel.trace.model import Lifecycles

OwnerKey = tuple[str, str, str]
"""Group, kind and `namespace/name`: an owner is the same in every version of its API."""

# The kinds of this group moved, and the controllers name the new one.
_MOVED_GROUPS = {"extensions": "apps"}


class Basis(StrEnum):
    """By what the recorded lifetimes of a pod were found; all but the first are fallbacks."""

    HASH = "hash"
    ONLY = "only"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Place:
    """Which recorded lifetime a pod has: of which owner and recorded spec, and the number among its pods from 0."""

    owner: OwnerKey
    spec: int
    number: int
    basis: Basis
    seconds: float | None
    """How long the recorded pod ran; None if it ran on, or nothing is known of it."""


@dataclass(slots=True)
class LifetimeCounts:
    """`pods` that asked; of these, those without a record, by basis, ending, and those beyond the recorded ones."""

    pods: int = 0
    unrecorded: int = 0
    by_hash: int = 0
    by_only: int = 0
    by_order: int = 0
    ending: int = 0
    beyond: int = 0

    @property
    def fallbacks(self) -> int:
        return self.by_only + self.by_order

    def summary(self) -> dict[str, int]:
        """As it stands in `run.json`."""
        return {
            "pods": self.pods,
            "ending": self.ending,
            "byHash": self.by_hash,
            "byOnlyHash": self.by_only,
            "byOrder": self.by_order,
            "beyondRecord": self.beyond,
            "unrecorded": self.unrecorded,
        }


class LifetimeBook:
    """The recorded lifetimes, and who has taken which. Its size grows with the trace, not with the run."""

    def __init__(self, lifecycles: Lifecycles) -> None:
        merged: dict[OwnerKey, Lifetimes] = {}
        for owner, lifetimes in lifecycles.items():
            key = owner_key(owner)
            merged[key] = merge_lifetimes(merged[key], lifetimes) if key in merged else lifetimes
        self._owners = {key: _Owner(lifetimes) for key, lifetimes in merged.items() if any(lifetimes.values())}
        self.counts = LifetimeCounts()

    def __bool__(self) -> bool:
        """Whether anything is recorded."""
        return bool(self._owners)

    def take(self, owners: Iterable[Identity], spec: int) -> Place | None:
        """The lifetime of a new pod with this hash; of the first owner of which something is recorded, if there is one.

        `owners` stand from the nearest to the farthest, the pod itself last.
        """
        self.counts.pods += 1
        key = self._known(owners)
        if key is None:
            self.counts.unrecorded += 1
            return None
        place = self._owners[key].take(key, spec)
        self._count(place)
        return place

    def recall(self, owners: Iterable[Identity], spec: int, number: int) -> None:
        """A pod was given a number by a run that is taken up again: what comes now comes after it."""
        key = self._known(owners)
        if key is not None:
            self._owners[key].recall(spec, number)

    def restart(self) -> None:
        """Begin with the first lifetimes again: the trace is played once more."""
        for owner in self._owners.values():
            owner.restart()

    def _known(self, owners: Iterable[Identity]) -> OwnerKey | None:
        return next((key for key in map(owner_key, owners) if key in self._owners), None)

    def _count(self, place: Place) -> None:
        counts = self.counts
        match place.basis:
            case Basis.HASH:
                counts.by_hash += 1
            case Basis.ONLY:
                counts.by_only += 1
            case Basis.ORDER:
                counts.by_order += 1
        counts.ending += place.seconds is not None
        counts.beyond += place.number >= self._owners[place.owner].recorded(place.spec)


class _Owner:
    """The lifetimes of one owner's pods."""

    def __init__(self, lifetimes: Mapping[int, list[Json]]) -> None:
        self._records = {spec: records for spec, records in lifetimes.items() if records}
        # The order in which the specs came: of a Deployment, its revisions.
        self._order = sorted(self._records, key=lambda spec: _first_start(self._records[spec]))
        self._taken: dict[int, int] = {}
        self._pods: Counter[int] = Counter()

    def take(self, key: OwnerKey, spec: int) -> Place:
        recorded, basis = self._match(spec)
        number = self._pods[recorded]
        self._pods[recorded] += 1
        records = self._records[recorded]
        return Place(key, recorded, number, basis, seconds_of(records[number % len(records)]))

    def recall(self, spec: int, number: int) -> None:
        recorded, _ = self._match(spec)
        self._pods[recorded] = max(self._pods[recorded], number + 1)

    def recorded(self, spec: int) -> int:
        """How many pods with this spec are recorded."""
        return len(self._records[spec])

    def restart(self) -> None:
        self._taken.clear()
        self._pods.clear()

    def _match(self, spec: int) -> tuple[int, Basis]:
        """The recorded spec that stands for one of the replay."""
        if spec in self._records:
            return self._taken.setdefault(spec, spec), Basis.HASH
        if len(self._records) == 1:
            return self._order[0], Basis.ONLY
        if spec not in self._taken:
            free = set(self._order) - set(self._taken.values())
            self._taken[spec] = next((other for other in self._order if other in free), self._order[-1])
        return self._taken[spec], Basis.ORDER


def owner_key(owner: Identity) -> OwnerKey:
    kind, name = owner
    api_version, word = split_gvk(kind)
    group = group_of(api_version)
    return _MOVED_GROUPS.get(group, group), word, name


def seconds_of(lifetime: Json) -> float | None:
    """How long a pod ran; None for one that ran on when the recording ended, or that never ran."""
    match lifetime:
        case {"Finished": [int() | float() as start, int() | float() as end]}:
            return max(0.0, float(end - start))
        case _:
            return None


def _first_start(lifetimes: list[Json]) -> tuple[bool, int]:
    starts = [start for start in map(start_of, lifetimes) if start is not None]
    return not starts, min(starts, default=0)
