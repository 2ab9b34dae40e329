"""Reads and validates objects of built-in kinds; what was judged once is remembered by its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from skel.patch.values import Json
from skel.replay.dry.advice import pod_warnings
from skel.replay.dry.cause import Cause, Steps, at
from skel.replay.dry.decode import Form, Mismatch
from skel.replay.dry.immutable import Fixed
from skel.replay.dry.kinds import Kind
from skel.replay.dry.metadata import metadata
from skel.replay.dry.names import dns_label
from skel.replay.dry.texts import has_good_texts
from skel.replay.halves import Later, Rest, encoded

_REMEMBERED, _ALIKE = 20_000, 4096
# The server gives these a name if they have none.
_NAMES_THEMSELVES, _NAMELESS = frozenset({"LimitRange"}), "00000000-0000-0000-0000-000000000000"
_OWN = "k8s.io", "kubernetes.io"
_encode = msgspec.msgpack.Encoder().encode
_NOTHING_READ = encoded(None)
_About = tuple[str, str, bool, bytes]
"""The kind, whether it is applied, and what is read of the metadata."""
_Key = tuple[str, str, bool, bytes, bytes]


@dataclass(slots=True)
class Judged:
    """What is to say about an object, or about its metadata. `mismatch` and `lists` come before everything else.

    `clean` is None if the object is clean as it is: what is remembered must not hold on to what others may change.
    `raw` is `clean` as bytes, `fixed` the part that can't change, both made when somebody asks for them.
    """

    clean: Json | None
    unknown: tuple[Steps, ...] = ()
    mismatch: str = ""
    lists: tuple[tuple[Steps, str], ...] = ()
    causes: tuple[Cause, ...] = ()
    warnings: tuple[str, ...] = ()
    raw: bytes = b""
    fixed: bytes = b""

    @property
    def is_good(self) -> bool:
        """Whether the object is clean as it is, and valid."""
        return self.clean is None and not (self.unknown or self.lists or self.causes)


def cleaned(rest: Rest, judged: Judged) -> Rest:
    """What is kept of something that was judged."""
    if judged.clean is None:
        return rest
    judged.raw = judged.raw or encoded(judged.clean)
    return Rest(judged.raw, judged.clean)


def _read_part(meta: Json, names: tuple[str, ...]) -> Json:
    part = {name: meta[name] for name in names if name in meta}
    annotations = part.get("annotations")
    if isinstance(annotations, dict):
        part["annotations"] = {key: value for key, value in annotations.items() if any(own in key for own in _OWN)}
    return part


class _Note(NamedTuple):
    """A judgement, and what it depends on besides the rest."""

    about: _About
    judged: Judged


class Judge:
    """Of one minor. `minor` is the number behind the dot."""

    def __init__(self, minor: int) -> None:
        self._minor = minor
        self._known: dict[_Key, Judged] = {}
        self._alike: dict[_Key, Judged] = {}
        """Good ones, by their outlines."""

    def judge(self, kind: Kind, rest: Rest, meta: Json, form: Form) -> Judged:
        """Judge everything of an object but its metadata; equal ones are judged once.

        `meta` is the metadata as the server completes it; some kinds are judged together with it.
        """
        read = _read_part(meta, kind.reads) if kind.reads else None
        read_raw = encoded(read) if read is not None else _NOTHING_READ
        about = kind.api_version, kind.kind, form is Form.APPLIED, read_raw
        if kind.outline is not None and isinstance(rest.kept, Later):
            note = rest.kept.note
            if not (isinstance(note, _Note) and note.about == about):
                drawn = kind.outline.draw(rest.kept.manifest)
                note = rest.kept.note = _Note(about, self._drawn((*about, drawn), kind, rest, read, form))
            return note.judged
        if not (rest.raw and read_raw):
            return self._judge(kind, rest, read, form)
        key = (*about, rest.raw)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._judge(kind, rest, read, form)
        return found

    def _drawn(self, key: _Key, kind: Kind, rest: Rest, read: Json, form: Form) -> Judged:
        """The same where others of one outline, the last part of the key, may have been judged."""
        found = self._alike.get(key) if key[-1] else None
        if found is None:
            found = self._judge(kind, rest, read, form)
            if key[-1] and found.is_good:
                if len(self._alike) >= _ALIKE:
                    self._alike.clear()
                self._alike[key] = found
        return found

    def _judge(self, kind: Kind, rest: Rest, read: Json, form: Form) -> Judged:
        part = rest.value if read is None else {**rest.value, "metadata": read}
        try:
            clean, unknown = kind.shape.read(part, form)
        except Mismatch as error:
            return Judged({}, mismatch=str(error))
        check = kind.check
        return Judged(
            None if clean is part else clean,
            tuple(steps for steps in unknown if steps[0] != "metadata"),
            lists=kind.shape.list_problems(clean),
            causes=tuple(check(clean, self._minor)) if check else (),
            warnings=tuple(pod_warnings(kind.kind, clean)),
        )

    def metadata(self, kind: Kind, meta: Json, form: Form) -> Judged:
        """Judge the metadata of a body."""
        if is_good(kind, meta):
            return _GOOD
        try:
            clean, unknown = kind.metadata.read(meta, form)
        except Mismatch as error:
            return Judged({}, mismatch=str(error.inside("metadata")))
        is_whole = clean is meta
        if kind.kind in _NAMES_THEMSELVES and "name" not in clean:
            clean, is_whole = {**clean, "name": _NAMELESS}, False
        return Judged(
            None if is_whole else clean,
            tuple(("metadata", *steps) for steps in unknown),
            lists=kind.metadata.list_problems(clean),
            causes=tuple(at(metadata(clean, kind.name_check, namespaced=kind.namespaced, core=kind.core), "metadata")),
        )


_GOOD = Judged(None)


def part_as_bytes(fixed: Fixed, judged: Judged, clean: Rest) -> bytes:
    """The part that can't change. It lies in the rest of an object, and is made once for all that are equal there."""
    judged.fixed = judged.fixed or _encode(fixed.part(clean.value))
    return judged.fixed


def is_good(kind: Kind, meta: Json) -> bool:
    """Whether nothing is to be said about metadata; false as well where that takes a closer look."""
    name, namespace = meta.get("name"), meta.get("namespace", "")
    if type(name) is not str or type(namespace) is not str:
        return False
    return is_good_name(kind, namespace, name) and has_good_texts(meta)


def is_good_name(kind: Kind, namespace: str, name: str) -> bool:
    """Whether objects of a kind may have these names; the namespace of one that is in none is empty."""
    if kind.namespaced != bool(namespace) or not name or kind.name_check(name):
        return False
    return not (namespace and dns_label(namespace))
