"""How tests read: text in, values and complaints out."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from skel.manifests.document import Manifests
from skel.manifests.reading import read_inputs
from skel.trace.codec import decode_object

Json = Any


def read(text: str | bytes) -> Manifests:
    """From standard input."""
    return read_inputs(["-"], BytesIO(text.encode() if isinstance(text, str) else text))


def objects(manifests: Manifests) -> list[Json]:
    [event] = manifests.trace.events
    assert event.ts == 0
    assert len(event.applied_objs) == len(manifests.documents)
    assert not event.deleted_objs
    return [decode_object(raw) for raw in event.applied_objs]


def names(manifests: Manifests) -> list[str]:
    return [value["metadata"]["name"] for value in objects(manifests)]


def said(manifests: Manifests) -> list[str]:
    """Each problem as a line."""
    return [f"{it.location}: {'error' if it.is_error else 'warning'}: {it.message}" for it in manifests.problems]


def pod(name: str, **more: Json) -> str:
    """A small object as YAML."""
    lines = [f"{key}: {value}" for key, value in more.items()]
    return "\n".join(["apiVersion: v1", "kind: Pod", f"metadata: {{name: {name}}}", *lines]) + "\n"
