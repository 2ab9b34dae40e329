"""The objects that a selector of the language holds for."""

from __future__ import annotations

from collections.abc import Mapping

from skel.compiler.frame import Frame
from skel.compiler.plan import ObjectPhase
from skel.compiler.program import BoundPhase
from skel.engine.events import run_stretch
from skel.engine.tally import Seen
from skel.language.diagnostic import SkelError
from skel.program import compile_sources
from skel.tools.selector_program import SelectorProgram
from skel.trace.codec import without_gc
from skel.trace.identity import Identity, sight
from skel.trace.model import Trace
from skel.trace.names import Names
from skel.trace.tracked import tracked_objects


def find(
    trace: Trace,
    selector: str,
    *,
    definitions: str = "",
    targets: Mapping[str, str] | None = None,
    secret: bytes = b"",
    name: str = "<selector>",
) -> list[Seen]:
    """Where the objects are that the selector matches, in the order of the trace.

    `definitions` is a program text that the selector may refer to, `name` how messages call it. Raises SkelError with
    places in the selector, and
    TraceError for objects that can't be read.
    """
    wrapped = SelectorProgram.of(selector, definitions, name)
    try:
        program = compile_sources([wrapped.source], targets=targets, secret=secret).compiled
    except SkelError as error:
        raise SkelError(wrapped.complaints(error.diagnostics)) from None
    phase = next(phase for phase in program.plan.phases if isinstance(phase, ObjectPhase))
    bound = BoundPhase(phase, program.options, tracked_objects(trace.config))
    events = trace.events
    frame = Frame(program.plan.slots, program.plan.blocks, Names(events).has)
    with without_gc():
        stretch = run_stretch(bound, frame, events, range(len(events)))
    return sorted(hit.seen for hit in stretch.tally.hits)


def objects_matching(trace: Trace, selector: str) -> set[Identity]:
    """The objects of which any version matches the selector."""
    found: set[Identity] = set()
    for seen in find(trace, selector):
        event = trace.events[seen.event]
        raw = (event.deleted_objs if seen.deleted else event.applied_objs)[seen.position]
        if sighting := sight(raw):
            found.add(sighting.identity)
    return found
