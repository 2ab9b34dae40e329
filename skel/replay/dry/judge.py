"""Reads and validates objects of built-in kinds; what was judged once is remembered by its bytes."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from skel.patch.values import Json
from skel.replay.dry.advice import pod_warnings
from skel.replay.dry.cause import Cause, Steps, at
from skel.replay.dry.decode import Form, Mismatch
from skel.replay.dry.kinds import Kind
from skel.replay.dry.metadata import metadata

_REMEMBERED = 20_000
# The server gives these a name if they have none.
_NAMES_THEMSELVES, _NAMELESS = frozenset({"LimitRange"}), "00000000-0000-0000-0000-000000000000"
_OWN = "k8s.io", "kubernetes.io"
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to say about an object, or about its metadata. `mismatch` and `lists` come before everything else.

    `clean` is None if the object is clean as it is: what is remembered must not hold on to what others may change.
    """

    clean: Json | None
    unknown: tuple[Steps, ...] = ()
    mismatch: str = ""
    lists: tuple[tuple[Steps, str], ...] = ()
    causes: tuple[Cause, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rest:
    """An object without its metadata, or its metadata: clean, as bytes, and judged."""

    clean: Json
    raw: bytes
    judged: Judged


def _read_part(meta: Json, names: tuple[str, ...]) -> Json:
    part = {name: meta[name] for name in names if name in meta}
    annotations = part.get("annotations")
    if isinstance(annotations, dict):
        part["annotations"] = {key: value for key, value in annotations.items() if any(own in key for own in _OWN)}
    return part


class Judge:
    """Of one minor. `minor` is the number behind the dot."""

    def __init__(self, minor: int) -> None:
        self._minor = minor
        self._known: dict[tuple[str, str, Form, bytes], Judged] = {}
        self._known_metadata: dict[tuple[str, str, Form, bytes], Judged] = {}

    def judge(self, kind: Kind, body: Json, meta: Json, form: Form) -> Rest:
        """Judge everything of a body but its metadata; equal bodies are judged once.

        `meta` is the metadata as the server completes it; some kinds are judged together with it.
        """
        part = dict(body)
        part.pop("metadata", None)
        if kind.reads:
            part["metadata"] = _read_part(meta, kind.reads)
        try:
            raw = _encode(part)
        except (TypeError, ValueError, OverflowError):
            # Numbers that no 64 bits can hold are no numbers of Kubernetes either.
            return Rest(part, b"", self._judge(kind, part, form))
        key = (kind.api_version, kind.kind, form, raw)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._judge(kind, part, form)
        if found.clean is None:
            return Rest(part, raw, found)
        return Rest(found.clean, _encode(found.clean), found)

    def _judge(self, kind: Kind, part: Json, form: Form) -> Judged:
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

    def metadata(self, kind: Kind, meta: Json, form: Form) -> Rest:
        """Judge the metadata of a body; what is clean as it is, is judged once. `meta` is a dict that is nobody
        else's.
        """
        try:
            raw = _encode(meta)
        except (TypeError, ValueError, OverflowError):
            raw = b""
        key = (kind.api_version, kind.kind, form, raw)
        found = self._known_metadata.get(key) if raw else None
        if found is None:
            found = self._judge_metadata(kind, meta, form)
            if found.clean is not None:
                return Rest(found.clean, b"", found)
            if len(self._known_metadata) >= _REMEMBERED:
                self._known_metadata.clear()
            self._known_metadata[key] = found
        return Rest(meta, raw, found)

    def _judge_metadata(self, kind: Kind, meta: Json, form: Form) -> Judged:
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
