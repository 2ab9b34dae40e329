"""What a trace tells, in a form that is easily compared."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from skel.record.imports.change import Change
from skel.record.imports.into_trace import save_changes
from skel.record.imports.options import Wanted
from skel.trace.codec import decode_object
from skel.trace.model import Trace

Step = tuple[str, str, Any]
"""Kind, name and spec; the spec None for an object that went."""


def traced(changes: Iterable[Change], folder: Path, wanted: Wanted | None = None) -> Trace:
    """The trace of changes, by way of a file."""
    path = str(folder / "story.sktrace")
    save_changes(changes, path, wanted or Wanted())
    return Trace.open(path)


def steps(trace: Trace) -> list[Step]:
    """All that happens in a trace, in order."""
    return [
        (thing["kind"], thing["metadata"]["name"], None if gone else thing.get("spec"))
        for event in trace.events
        for gone, raws in ((False, event.applied_objs), (True, event.deleted_objs))
        for thing in map(decode_object, raws)
    ]


def named(found: Iterable[Step], name: str) -> list[Any]:
    """The specs of the objects of a name, one after the other; what is the same as before is told once."""
    specs: list[Any] = []
    for _, other, spec in found:
        if other == name and (not specs or specs[-1] != spec):
            specs.append(spec)
    return specs


def last(found: Iterable[Step]) -> dict[tuple[str, str], Any]:
    """What is there at the end."""
    return {(kind, name): spec for kind, name, spec in found if spec is not None or kind == "ConfigMap"}
