"""Where an object, and the field at a pointer in it, can be looked at."""

from __future__ import annotations

from collections.abc import Callable

from skel.engine.error import RunError
from skel.findings.model import Location, Problem
from skel.patch.pointer import Pointer, format_pointer
from skel.trace.model import Trace
from skel.trace.reference import ObjectReference

Locate = Callable[[ObjectReference, Pointer], Location]


def in_events(trace: Trace) -> Locate:
    """Places in a trace: the number of the event."""
    return lambda thing, pointer: Location(trace.name, event=thing.event, pointer=format_pointer(pointer))


def failed(failure: RunError, where: Locate) -> Problem:
    """An object that no rule could be run on."""
    seen = failure.seen
    thing = ObjectReference(seen.event, 0, seen.deleted, seen.position, "", "", "", "")
    return Problem(where(thing, ()), failure.message)
