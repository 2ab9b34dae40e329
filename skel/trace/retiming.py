"""A trace at other times: its events, and the recorded lifetimes of pods with them."""

from __future__ import annotations

from collections.abc import Callable

from skel.patch.values import Json
from skel.trace.model import Trace


def retimed(trace: Trace, moved: Callable[[int], int]) -> Trace:
    """The trace with every time, in Unix seconds, as `moved` gives it."""
    events = [event.copy_with(moved(event.ts), event.applied_objs, event.deleted_objs) for event in trace.events]
    lifetimes = {
        owner: {key: [_moved_lifetime(lifetime, moved) for lifetime in found] for key, found in hashes.items()}
        for owner, hashes in trace.pod_lifecycles.items()
    }
    return trace.with_events(events, pod_lifecycles=lifetimes)


def _moved_lifetime(lifetime: Json, moved: Callable[[int], int]) -> Json:
    match lifetime:
        case {"Running": int(start)}:
            return {**lifetime, "Running": moved(start)}
        case {"Finished": [int(start), int(end)]}:
            return {**lifetime, "Finished": [moved(start), moved(end)]}
        case _:
            return lifetime
