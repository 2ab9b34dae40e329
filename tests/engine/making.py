"""Small traces to run programs on."""

from __future__ import annotations

from typing import Any

from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.model import Trace

Manifest = dict[str, Any]


def thing(kind: str = "Deployment", name: str = "a", api_version: str = "apps/v1", **fields: Any) -> Manifest:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        **fields,
    }


def trace(
    *events: tuple[int, list[Manifest], list[Manifest]],
    tracked: Manifest | None = None,
    index: dict[str, dict[str, int]] | None = None,
    lifecycles: dict[Any, Any] | None = None,
) -> Trace:
    """A trace of (second, applied, deleted)."""
    encoded = [
        Event(second, [encode_object(item) for item in applied], [encode_object(item) for item in deleted])
        for second, applied, deleted in events
    ]
    return Trace.make(encoded, {"trackedObjects": tracked or {}}, index or {}, lifecycles or {})


def plain(result: Trace) -> list[tuple[int, list[Manifest], list[Manifest]]]:
    """The events back as (second, applied, deleted)."""
    return [
        (
            event.ts,
            [decode_object(raw) for raw in event.applied_objs],
            [decode_object(raw) for raw in event.deleted_objs],
        )
        for event in result.events
    ]
