"""From what a phase counted to what the trace keeps by name: index, pod lifetimes, tracked kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from skel.compiler.program import Header
from skel.engine.tally import Tally
from skel.kube.gvk import gvk
from skel.trace.codec import Event
from skel.trace.derived import rebuild
from skel.trace.identity import Identity, sight
from skel.trace.index import spec_hash
from skel.trace.model import Trace
from skel.trace.moves import Moves
from skel.trace.reading import decode_part


def with_derived(trace: Trace, events: list[Event], tally: Tally) -> Trace:
    """The trace with the new events, and with everything that follows from them."""
    moves = Moves(
        seen=dict(tally.hashes),
        # Sorted, so that the order in which parts of the trace were run leaves no mark.
        moved={old: sorted(tally.moved[old]) for old in sorted(tally.moved)},
        lost=tally.lost,
        stayed=tally.lost & tally.kept,
        kinds_left=_kinds(tally.headers),
    )
    arrivals = {heir for heirs in moves.moved.values() for heir in heirs}
    known = {heir for heir in arrivals - tally.kept if heir[1] in trace.index.get(heir[0], {})} if arrivals else set()
    # An object took a name that another one has, which was not looked at: whichever stands last counts.
    moves.seen.update(last_hashes(events, known))
    return trace.with_events(events, **rebuild(trace, moves)._asdict())


def _kinds(headers: Counter[Header]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for (api_version, kind), count in headers.items():
        if api_version and kind:
            kinds[gvk(api_version, kind)] += count
    return kinds


def last_hashes(events: list[Event], wanted: Iterable[Identity]) -> dict[Identity, int | None]:
    """The hash of the last applied spec of each of these, found in the events themselves."""
    left, found = set(wanted), dict[Identity, int | None]()
    for event in reversed(events):
        if not left:
            break
        for raw in reversed(event.applied_objs):
            sighting = sight(raw)
            if sighting is not None and sighting.identity in left:
                left.discard(sighting.identity)
                spec = decode_part(sighting.spec, object, f"the spec of {sighting.identity[1]}")
                found[sighting.identity] = spec_hash(spec)
    return found
