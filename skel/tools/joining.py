"""Merging traces that were not recorded together: at other times, in clusters with namespaces of the same name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import TypeVar

from skel.language.text import Source
from skel.program import Program, compile_sources
from skel.trace.errors import TraceError
from skel.trace.merged_events import last_times
from skel.trace.merging import Conflict, Merged, merge_traces
from skel.trace.model import Trace
from skel.trace.retiming import retimed
from skel.trace.slicing import slice_trace

T = TypeVar("T")
_LONGEST = 63
"""Characters of the name of a namespace (RFC 1123)."""

_PREFIX = """\
param $prefix = "";

modify($n := **.namespace | $n =~ "^.", $n = concat($prefix, $n));
modify($n := **.namespaces[*] | $n =~ "^.", $n = concat($prefix, $n));
modify($n := **."kubernetes.io/metadata.name" | $n =~ "^.", $n = concat($prefix, $n));
modify($e := **[?(@.key == "kubernetes.io/metadata.name")] && $n := $e.values[*] | $n =~ "^.",
    $n = concat($prefix, $n));
modify(kind == "Namespace" && apiVersion == "v1", metadata.name = concat($prefix, metadata.name));
"""


class OnConflict(StrEnum):
    """What to do with objects of which two traces tell different stories.

    `refuse`: nothing. `prefix`: the later trace's namespaces get another name; objects without a namespace are those of
    the first. `first`: they are those of the first. `both`: both stories are told.
    """

    REFUSE = "refuse"
    PREFIX = "prefix"
    FIRST = "first"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Joined:
    """The trace with the conflicts that are left in it, those that were settled, and the prefixes that settled them."""

    merged: Merged
    settled: tuple[Conflict, ...] = ()
    prefixes: tuple[tuple[str, str], ...] = ()

    @property
    def trace(self) -> Trace:
        return self.merged.trace


def join(
    traces: Sequence[Trace],
    *,
    starts: Sequence[int | None] = (),
    prefixes: Sequence[str] = (),
    on_conflict: OnConflict = OnConflict.REFUSE,
) -> Joined:
    """Merge traces. For each, `starts` may say when it begins (Unix seconds, None: as recorded), and `prefixes` what is
    put before its namespaces. Raises TraceError.
    """
    moved = [_moved(trace, start) for trace, start in zip(traces, _padded(starts, len(traces), None), strict=True)]
    named = zip(moved, _padded(prefixes, len(traces), ""), strict=True)
    first, *others = [with_prefix(trace, prefix) if prefix else trace for trace, prefix in named]
    whole = merge_traces([first, *others])
    if not whole.conflicts or on_conflict in {OnConflict.REFUSE, OnConflict.BOTH}:
        return Joined(whole)
    joined = Joined(Merged(first))
    for number, other in enumerate(others, start=2):
        joined = _settled(joined, other, on_conflict, f"t{number}-")
    return joined


def _settled(joined: Joined, other: Trace, on_conflict: OnConflict, prefix: str) -> Joined:
    """One trace more, without conflicts."""
    step = merge_traces([joined.trace, other])
    repeated = joined.merged.repeated + step.repeated
    if not step.conflicts:
        return replace(joined, merged=replace(step, repeated=repeated))
    settled = replace(joined, settled=(*joined.settled, *step.conflicts))
    if on_conflict is OnConflict.PREFIX and any("/" in conflict.object[1] for conflict in step.conflicts):
        named = replace(settled, prefixes=(*joined.prefixes, (other.name, prefix)))
        return _settled(named, with_prefix(other, prefix), OnConflict.FIRST, prefix)
    lost = {conflict.object for conflict in step.conflicts}
    return _settled(settled, slice_trace(other, keep=lambda who: who not in lost), on_conflict, prefix)


def with_prefix(trace: Trace, prefix: str) -> Trace:
    """The trace with the prefix before its namespaces, wherever an object names one. Raises TraceError if one gets too
    long.
    """
    named, _ = _prefix_program(prefix).apply(trace)
    for _, name in last_times(named.events):
        namespace, slash, _ = name.rpartition("/")
        if slash and len(namespace) > _LONGEST:
            raise TraceError(f"the namespace {namespace} is longer than {_LONGEST} characters", "use a shorter prefix")
    return named


@cache
def _prefix_program(prefix: str) -> Program:
    return compile_sources([Source("<prefix>", _PREFIX)], parameters={"prefix": prefix})


def _moved(trace: Trace, start: int | None) -> Trace:
    if start is None or start == trace.start:
        return trace
    by = start - trace.start
    return retimed(trace, lambda second: second + by)


def _padded(values: Sequence[T], length: int, otherwise: T) -> list[T]:
    return [*values, *([otherwise] * (length - len(values)))]
