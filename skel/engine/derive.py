"""From what a phase counted to what the trace keeps by name: index, pod lifetimes, tracked kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from skel.compiler.header import Header
from skel.engine.tally import Name, Tally
from skel.kube.gvk import gvk
from skel.trace.codec import Event
from skel.trace.derived import rebuild
from skel.trace.identity import Identity, identity, sight
from skel.trace.index import spec_hash
from skel.trace.model import Trace
from skel.trace.moves import Moves
from skel.trace.reading import decode_part


def with_derived(trace: Trace, events: list[Event], tally: Tally) -> Trace:
    """The trace with the new events, and with everything that follows from them."""
    hashes = {who: found for name, found in tally.hashes.items() if (who := _identity(name))}
    lost = {who for name in tally.lost if (who := _identity(name))}
    # Sorted, so that the order in which parts of the trace were run leaves no mark.
    moved = {who: _identities(tally.moved[old]) for old in sorted(tally.moved, key=str) if (who := _identity(old))}
    kept = {who for name in tally.kept & tally.lost if (who := _identity(name))}
    moves = Moves(hashes, moved, lost, stayed=kept, kinds_left=_kinds(tally.headers))
    # Several took one name, or somebody had it already who may not have been looked at, or the last version of
    # somebody went and others stayed: ask the events which version stands last.
    arrivals = Counter(heir for heirs in moved.values() for heir in heirs)
    met = {heir for heir, count in arrivals.items() if count > 1 or heir[1] in trace.index.get(heir[0], {})}
    moves.seen.update(last_hashes(events, met | kept))
    return trace.with_events(events, **rebuild(trace, moves)._asdict())


def _identity(name: Name) -> Identity | None:
    api_version, kind, namespace, word = name
    return identity(api_version, kind, namespace, word)


def _identities(names: Iterable[Name]) -> list[Identity]:
    return sorted(who for name in names if (who := _identity(name)))


def _kinds(headers: Counter[Header]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for (api_version, kind), count in headers.items():
        if api_version and kind:
            kinds[gvk(api_version, kind)] += count
    return kinds


_FEW = 8
"""Names that are looked for in the bytes of an object first."""


def last_hashes(events: list[Event], wanted: Iterable[Identity]) -> dict[Identity, int | None]:
    """The hash of the last applied spec of each of these, found in the events themselves."""
    left, found = set(wanted), dict[Identity, int | None]()
    # Where few are wanted, most objects show in their bytes that they are none of them.
    signs = [name.rpartition("/")[2].encode("utf-8", "replace") for _, name in left] if len(left) <= _FEW else [b""]
    for event in reversed(events):
        if not left:
            break
        for raw in reversed(event.applied_objs):
            data = bytes(raw)
            sighting = sight(raw) if any(sign in data for sign in signs) else None
            if sighting is not None and sighting.identity in left:
                left.discard(sighting.identity)
                spec = decode_part(sighting.spec, object, f"the spec of {sighting.identity[1]}")
                found[sighting.identity] = spec_hash(spec)
    return found
