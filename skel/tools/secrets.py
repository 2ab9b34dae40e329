"""What in a trace looks like a secret: where it stands, and the trace without it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from msgspec import Raw

from skel.findings.secret_kinds import secret_kind
from skel.findings.secret_text import field_is_secret, flag_is_secret, variable_is_secret
from skel.patch.pointer import Pointer, format_pointer
from skel.patch.values import Json
from skel.trace.census import recompute_index
from skel.trace.codec import Event, decode_object, encode_object, without_gc
from skel.trace.identity import Identity, sight
from skel.trace.model import Trace
from skel.trace.reference import ObjectReference

REPLACEMENT = "redacted"
"""In place of a secret. It is a name that Kubernetes takes anywhere."""
_REPLACED_DATA = b64encode(REPLACEMENT.encode()).decode()
_AS_KEY = ", as a key"
_OF_SECRET = "the data of a Secret"
Innocent = Callable[[str], bool]
"""Whether a text is known to be no secret, such as a pseudonym."""


def _nothing(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Secret:
    """What it looks like, the first object that has it, the place there, and how many objects have it there."""

    kind: str
    object: ObjectReference
    pointer: Pointer
    times: int = 1

    def __str__(self) -> str:
        return f"{self.object} at {format_pointer(self.pointer) or '/'}: {self.kind}"


def find_secrets(trace: Trace, *, innocent: Innocent = _nothing) -> list[Secret]:
    """Everything that looks like a secret, once for each object and place. `innocent` tells texts that are none."""
    found: dict[tuple[str, str, Pointer], Secret] = {}
    with without_gc():
        for number, event in enumerate(trace.events):
            for deleted, objects in ((False, event.applied_objs), (True, event.deleted_objs)):
                for position, raw in enumerate(objects):
                    manifest = decode_object(raw)
                    for pointer, kind in secrets_of(manifest, innocent):
                        thing = ObjectReference.of(manifest, number, event.ts, position, deleted=deleted)
                        key = (str(thing), kind, pointer)
                        times = found[key].times + 1 if key in found else 1
                        found[key] = Secret(kind, found[key].object if key in found else thing, pointer, times)
    return list(found.values())


def secrets_of(manifest: dict[str, Json], innocent: Innocent = _nothing) -> Iterator[tuple[Pointer, str]]:
    """The places in an object, and what each looks like. Of a Secret, all that it holds."""
    if manifest.get("kind") == "Secret":
        for key in ("data", "stringData"):
            values = manifest.get(key)
            for name, value in values.items() if isinstance(values, dict) else ():
                if value not in {REPLACEMENT, _REPLACED_DATA, ""}:
                    yield (key, name), _OF_SECRET
        manifest = {key: value for key, value in manifest.items() if key not in {"data", "stringData"}}
    for pointer, text, kind in _walk(manifest, ()):
        if not innocent(text):
            yield pointer, kind


def _walk(node: Json, here: Pointer) -> Iterator[tuple[Pointer, str, str]]:
    """Place, text and what it looks like."""
    match node:
        case {"name": str(name), "value": str(value)} if variable_is_secret(name) and _is_a_value(value):
            yield (*here, "value"), value, "the value of a variable for a secret"
        case dict():
            for key, value in node.items():
                yield from _entry(str(key), value, (*here, key))
        case list():
            behind_a_flag = (False, *map(flag_is_secret, node))
            for number, (item, behind) in enumerate(zip(node, behind_a_flag, strict=False)):
                if behind and isinstance(item, str) and _is_a_value(item):
                    yield (*here, number), item, "the value of an option for a secret"
                else:
                    yield from _walk(item, (*here, number))
        case str():
            if kind := secret_kind(node):
                yield here, node, kind
        case _:
            return


def _entry(key: str, value: Json, place: Pointer) -> Iterator[tuple[Pointer, str, str]]:
    if kind := secret_kind(key):
        yield place, key, f"{kind}{_AS_KEY}"
    elif isinstance(value, str) and field_is_secret(key) and _is_a_value(value):
        yield place, value, "the value of a field for a secret"
    else:
        yield from _walk(value, place)


def _is_a_value(text: str) -> bool:
    """Not empty, not taken out, and no reference to another variable."""
    return bool(text) and text != REPLACEMENT and not (text.startswith("$(") and text.endswith(")"))


def without_secrets(trace: Trace, *, innocent: Innocent = _nothing) -> Trace:
    """The trace with `redacted` in place of whatever looks like a secret, and an index that is true of it."""
    changed: set[Identity] = set()
    with without_gc():
        events = [_event(event, innocent, changed) for event in trace.events]
        if not changed and all(new is old for new, old in zip(events, trace.events, strict=True)):
            return trace
        result = trace.with_events(events)
        hashes = recompute_index(result)
        index = {
            kind: {
                name: hashes.get(kind, {}).get(name, old) if (kind, name) in changed else old
                for name, old in entries.items()
            }
            for kind, entries in trace.index.items()
        }
    return result.with_events(index=index)


def _event(event: Event, innocent: Innocent, changed: set[Identity]) -> Event:
    applied, deleted = (
        [_object(raw, innocent, changed) for raw in objects] for objects in (event.applied_objs, event.deleted_objs)
    )
    pairs = zip((*applied, *deleted), (*event.applied_objs, *event.deleted_objs), strict=True)
    return event if all(new is old for new, old in pairs) else event.copy_with(event.ts, applied, deleted)


def _object(raw: Raw, innocent: Innocent, changed: set[Identity]) -> Raw:
    manifest = decode_object(raw)
    places = list(secrets_of(manifest, innocent))
    if not places:
        return raw
    for pointer, kind in places:
        container = _node_at(manifest, pointer[:-1])
        if kind.endswith(_AS_KEY):
            del container[pointer[-1]]
        else:
            container[pointer[-1]] = _REPLACED_DATA if kind == _OF_SECRET and pointer[0] == "data" else REPLACEMENT
    if seen := sight(raw):
        changed.add(seen.identity)
    return encode_object(manifest)


def _node_at(node: Json, pointer: Pointer) -> Json:
    for token in pointer:
        node = node[token]
    return node
