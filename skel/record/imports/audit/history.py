"""Notes in their order -> the objects as they became."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from skel.patch.values import Json
from skel.record.imports.audit.note import Did, Note
from skel.record.imports.audit.requests import BAD_OBJECT
from skel.record.imports.change import Change
from skel.record.imports.losses import Losses, Reason

UNSEEN = Reason("deletion", "it does not show the object, and nothing did before")
UNSCALED = Reason("scaling", "nothing showed the object before; the next change of it will")

_decode = msgspec.json.Decoder(dict[str, Json]).decode
_PODS = "pods"
_GRAVE = 600 * 1_000_000
"""Microseconds for which the dead are remembered, so that a late answer does not raise them."""


@dataclass(slots=True)
class _Known:
    """An object that is there. `body` is how it was shown at last."""

    uid: str
    version: int
    generation: int
    api_version: str
    kind: str
    body: bytes


Name = tuple[str, str, str]
"""Resource, namespace and name."""


class History:
    """What is there now. Its size grows with the objects that are there."""

    def __init__(self, losses: Losses, *, every_change: bool = False) -> None:
        self._losses = losses
        self._every_change = every_change
        self._known: dict[str, _Known] = {}
        self._names: dict[Name, str] = {}
        self._gone: dict[str, None] = {}
        self._graves: deque[tuple[int, str]] = deque()

    def changes(self, notes: Iterable[Note]) -> Iterator[Change]:
        """Each change of an object, at whole seconds that never go back."""
        what: dict[int, Callable[[Note, str], Iterator[Change]]] = {
            Did.WROTE: self._wrote,
            Did.TOLD: self._told,
            Did.SCALED: self._scaled,
            Did.MARKED: self._marked,
            Did.REMOVED: self._removed,
        }
        for note in notes:
            self._forget(note.time)
            uid = note.uid or self._names.get(_name(note), "") or "/".join(_name(note))
            # An answer may be written down after that of the deletion behind it.
            if uid not in self._gone or not note.uid:
                yield from what[note.did](note, uid)

    def _wrote(self, note: Note, uid: str) -> Iterator[Change]:
        known = self._known.get(uid)
        if known is not None and note.version and note.version <= known.version:
            return
        yield from self._replaced(note, uid)
        if known is None or not self._is_same(note, known):
            self._keep(note, uid)
            yield from self._change(note, note.body)
            return
        known.version = note.version
        if note.api_version == known.api_version:
            known.body = note.body

    def _told(self, note: Note, uid: str) -> Iterator[Change]:
        known = self._known.get(uid)
        if known is None or (note.generation > known.generation and note.api_version == known.api_version):
            yield from self._replaced(note, uid)
            self._keep(note, uid)
            yield from self._change(note, note.body)
        elif note.resource == _PODS:
            yield from self._change(note, note.body)

    def _scaled(self, note: Note, uid: str) -> Iterator[Change]:
        known = self._known.get(uid)
        thing = self._read(note, known.body) if known else None
        scale = self._read(note, note.body)
        if known is None or thing is None or scale is None:
            self._losses.add(UNSCALED, note.place)
            return
        if note.version and note.version <= known.version:
            return
        wanted, spec = scale.get("spec"), thing.get("spec")
        # Zero is left out.
        replicas = wanted.get("replicas", 0) if isinstance(wanted, dict) else 0
        if not isinstance(spec, dict) or spec.get("replicas") == replicas:
            return
        thing["spec"] = {**spec, "replicas": replicas}
        known.version, known.generation, known.body = note.version, known.generation + 1, msgspec.json.encode(thing)
        yield Change(note.time // 1_000_000, thing)

    def _marked(self, note: Note, uid: str) -> Iterator[Change]:
        """Other metadata of what is known; of anything else they would not show what it is."""
        known = self._known.get(uid)
        if known is None or (note.version and note.version <= known.version):
            return
        thing, partial = self._read(note, known.body), self._read(note, note.body)
        if thing is None or partial is None:
            return
        thing["metadata"] = partial.get("metadata")
        known.version, known.body = note.version, msgspec.json.encode(thing)
        if self._every_change:
            yield Change(note.time // 1_000_000, thing)

    def _removed(self, note: Note, uid: str) -> Iterator[Change]:
        known = self._known.pop(uid, None)
        if self._names.get(_name(note)) == uid:
            del self._names[_name(note)]
        self._gone[uid] = None
        self._graves.append((note.time, uid))
        if note.body and (known is None or known.api_version == note.api_version):
            yield from self._change(note, note.body, gone=True)
        elif known is not None:
            # It goes in the version of the API in which it came.
            yield from self._change(_as(note, known), known.body, gone=True)
        else:
            self._losses.add(UNSEEN, note.place)

    def _replaced(self, note: Note, uid: str) -> Iterator[Change]:
        """Another object of that name must have gone before this one came."""
        name = _name(note)
        before = self._names.get(name)
        if before is not None and before != uid:
            known = self._known.pop(before, None)
            self._gone[before] = None
            self._graves.append((note.time, before))
            if known is not None:
                yield from self._change(_as(note, known), known.body, gone=True)
        self._names[name] = uid

    def _is_same(self, note: Note, known: _Known) -> bool:
        """Whether the spec can't be another one: a generation counts the changes of a spec."""
        return not self._every_change and note.resource != _PODS and 0 < note.generation == known.generation

    def _keep(self, note: Note, uid: str) -> None:
        self._known[uid] = _Known(uid, note.version, note.generation, note.api_version, note.kind, note.body)

    def _forget(self, now: int) -> None:
        while self._graves and self._graves[0][0] + _GRAVE < now:
            self._gone.pop(self._graves.popleft()[1], None)

    def _change(self, note: Note, body: bytes, *, gone: bool = False) -> Iterator[Change]:
        thing = self._read(note, body)
        if thing is not None:
            # Items of a list do not say it themselves.
            thing.setdefault("apiVersion", note.api_version)
            thing.setdefault("kind", note.kind)
            yield Change(note.time // 1_000_000, thing, gone)

    def _read(self, note: Note, body: bytes) -> dict[str, Json] | None:
        try:
            return _decode(body)
        except (ValueError, RecursionError):
            self._losses.add(BAD_OBJECT, note.place)
            return None


def _name(note: Note) -> Name:
    return note.resource, note.namespace, note.name


def _as(note: Note, known: _Known) -> Note:
    """The note with what is known of its object."""
    return msgspec.structs.replace(note, api_version=known.api_version, kind=known.kind)
