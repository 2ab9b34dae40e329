"""Index and pod lifetimes of a slice: what is true of the objects that are in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import Raw

from skel.patch.values import Json
from skel.trace.identity import Identity
from skel.trace.index import spec_hash
from skel.trace.model import Index, Lifecycles, Trace
from skel.trace.reading import decode_part

Keep = Callable[[Identity], bool] | None


@dataclass(slots=True)
class SeenObjects:
    """Who is in a slice, and who is elsewhere in the trace.

    `last` has the last spec of each object in the slice, None for one that is only deleted there; `gone` are those that
    it leaves deleted. `before` and `after` are the objects in events before its start and behind its end; `overtaken`
    those of `after` that are applied there.
    """

    last: dict[Identity, Raw | None] = field(default_factory=dict)
    gone: set[Identity] = field(default_factory=set)
    before: set[Identity] = field(default_factory=set)
    after: set[Identity] = field(default_factory=set)
    overtaken: set[Identity] = field(default_factory=set)

    def has(self, who: Identity, keep: Keep) -> bool:
        """Whether what is recorded of an object belongs into the slice. One that is in no event at all does in each."""
        if who in self.last:
            return True
        return who not in self.before and who not in self.after and (keep is None or keep(who))

    def stays(self, who: Identity) -> bool:
        """Whether the object is in the trace behind the slice as well."""
        return who in self.after or (who in self.last and who not in self.gone)


def index_of(trace: Trace, seen: SeenObjects, keep: Keep) -> Index:
    """The entries of the objects in the slice, with the hash of the last spec there.

    The recorded hash stays where the trace knows no later version: it may be one that came after the last event.
    """
    result: Index = {}
    for kind, entries in trace.index.items():
        kept = {
            name: _hash(seen, (kind, name), recorded)
            for name, recorded in entries.items()
            if seen.has((kind, name), keep)
        }
        if kept or not entries:
            result[kind] = kept
    return result


def _hash(seen: SeenObjects, who: Identity, recorded: int) -> int:
    spec = seen.last.get(who)
    if spec is None or who not in seen.overtaken:
        return recorded
    return spec_hash(decode_part(spec, object, f"the spec of {who[1]}"))


def lifecycles_of(trace: Trace, seen: SeenObjects, keep: Keep, start: int | None, end: int | None) -> Lifecycles:
    """The lifetimes of pods whose owner is in the slice, as far as they touch its time. They stay whole.

    One at a time when the trace does not have the owner is where the owner is.
    """
    result: Lifecycles = {}
    for owner, lifetimes in trace.pod_lifecycles.items():
        if not seen.has(owner, keep):
            continue
        begin = start if owner in seen.before or owner not in seen.last else None
        finish = end if seen.stays(owner) or owner not in seen.last else None
        kept = {
            key: found
            for key, recorded in lifetimes.items()
            if (found := [one for one in recorded if touches(one, begin, finish)]) or not recorded
        }
        if kept or not lifetimes:
            result[owner] = kept
    return result


def touches(lifetime: Json, start: int | None, end: int | None) -> bool:
    """Whether a pod lived at some time from `start` up to `end`; one of which nothing is known may have."""
    match lifetime:
        case {"Running": int(born)}:
            return end is None or born < end
        case {"Finished": [int(born), int(died)]}:
            return (end is None or born < end) and (start is None or died >= start)
        case _:
            return True
