"""The part of a trace that is to be played: the objects of some namespaces, or those with labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Raw, Struct
from msgspec.msgpack import Decoder

from skel.findings.labels import Requirement
from skel.trace.identity import Identity, sight
from skel.trace.model import Trace
from skel.trace.slicing import slice_trace


class _Metadata(Struct, gc=False):
    labels: dict[str, str] | None = None


class _Labelled(Struct, gc=False):
    metadata: _Metadata


_decoder = Decoder(_Labelled)


def chosen(trace: Trace, namespaces: Sequence[str], labels: Sequence[Requirement]) -> Trace:
    """The trace with these objects alone, each over all of its life; without namespaces and labels, all of it.

    What belongs to no namespace stays: others may need it. Labels count if an object has them at any time.
    """
    if not (namespaces or labels):
        return trace
    wanted = {who for who, raw in _applied(trace) if _is_labelled(raw, labels)} if labels else None

    def keep(who: Identity) -> bool:
        namespace, is_inside, _ = who[1].rpartition("/")
        is_here = not namespaces or not is_inside or namespace in namespaces
        return is_here and (wanted is None or who in wanted)

    return slice_trace(trace, keep=keep)


def _applied(trace: Trace) -> Iterator[tuple[Identity, Raw]]:
    for event in trace.events:
        for raw in event.applied_objs:
            seen = sight(raw)
            if seen is not None:
                yield seen.identity, raw


def _is_labelled(raw: Raw, labels: Sequence[Requirement]) -> bool:
    try:
        found = _decoder.decode(raw).metadata.labels or {}
    except (msgspec.MsgspecError, ValueError):
        found = {}
    return all(one.holds(found) for one in labels)
