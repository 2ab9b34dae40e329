"""Findings as they may be shown: secrets never appear in a report.

This is the one place. Every report goes through it, so no form has to know what is a secret.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache, partial
from typing import Any, NewType, TypeVar

from skel.findings.model import Finding, Findings, Fix, Suppressed, TextEdit
from skel.findings.secret_text import REDACTED, field_is_secret, flag_is_secret, redact_text, variable_is_secret
from skel.patch.operations import Add, Copy, Move, Operation, Remove, Replace, Test
from skel.patch.pointer import Pointer
from skel.patch.values import Json

__all__ = ["REDACTED", "Redacted", "redacted", "redacted_manifest"]

Redacted = NewType("Redacted", Findings)
"""Findings without secrets; reports take nothing else."""

T = TypeVar("T")

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_OF_A_SECRET = ("data", "stringData")
# Where an edit of the text of a Secret does not touch what it holds.
_OPEN_IN_A_SECRET = ("/apiVersion", "/kind", "/metadata/name", "/metadata/labels")
_MORE_THAN_A_VALUE = re.compile(r"[:\n]")
# A shorter value would be found everywhere.
_TELLING = 6


def redacted(findings: Findings) -> Redacted:
    """The findings without what looks like a secret, in every text and in every value of their fixes."""
    shown = replace(
        _texts(replace(findings, findings=(), suppressed=())),
        findings=tuple(map(_finding, findings.findings)),
        suppressed=tuple(
            Suppressed(_finding(entry.finding), redact_text(entry.reason), redact_text(entry.by))
            for entry in findings.suppressed
        ),
    )
    return Redacted(shown)


def redacted_manifest(manifest: Json) -> Json:
    """An object as it may be shown: keys stay, values that look like a secret do not."""
    secret = isinstance(manifest, dict) and manifest.get("kind") == "Secret"
    return _shown(manifest, (), secret=secret)


def _finding(finding: Finding) -> Finding:
    """What is a secret by its place in the object is none of the finding's texts either."""
    secret = finding.object is not None and finding.object.kind == "Secret"
    known = sorted(set(_secrets_of(finding.fix, secret=secret)), key=len, reverse=True)
    if known:
        finding = _without(finding, known)
    return replace(_texts(replace(finding, fix=None)), fix=_fix(finding, secret=secret))


def _without(finding: Finding, known: list[str]) -> Finding:
    """The finding without these texts, the longest first; short ones only where a title of a fix tells its value."""
    telling = [text for text in known if len(text) >= _TELLING]
    short = [re.compile(rf"(?<!\w){re.escape(text)}(?!\w)") for text in known if 0 < len(text) < _TELLING]

    def clean(text: str) -> str:
        for secret in telling:
            text = text.replace(secret, REDACTED)
        return text

    shown: Finding = _mapped(finding, clean)
    if shown.fix is None:
        return shown
    title = shown.fix.title
    for pattern in short:
        title = pattern.sub(REDACTED, title)
    return replace(shown, fix=replace(shown.fix, title=title))


def _texts(value: T) -> T:
    """Every text inside a value of the model, however deep: a field that is added later is covered."""
    shown: T = _mapped(value, redact_text)
    return shown


def _mapped(value: Any, clean: Callable[[str], str]) -> Any:
    kind: type = type(value)
    if kind is str:
        return clean(value)
    if kind is tuple:
        return tuple([_mapped(item, clean) for item in value]) if value else value
    if kind in {Add, Replace, Test}:
        return kind(value.path, _mapped_json(value.value, clean))
    changed = {}
    for name in _parts(kind):
        old = getattr(value, name)
        new = _mapped(old, clean)
        if new is not old and new != old:
            changed[name] = new
    return replace(value, **changed) if changed else value


@cache
def _parts(kind: type) -> tuple[str, ...]:
    """The names of the fields of a class of the model; none for a number, or a text with a fixed choice."""
    return tuple(part.name for part in fields(kind)) if is_dataclass(kind) else ()


def _mapped_json(value: Json, clean: Callable[[str], str]) -> Json:
    match value:
        case dict():
            return {clean(key): _mapped_json(item, clean) for key, item in value.items()}
        case list():
            return [_mapped_json(item, clean) for item in value]
        case str():
            return clean(value)
        case _:
            return value


def _fix(finding: Finding, *, secret: bool) -> Fix | None:
    if finding.fix is None:
        return None
    pointer = finding.location.pointer if secret else ""
    return replace(
        _texts(replace(finding.fix, operations=(), edits=())),
        operations=tuple(_operation(operation, secret=secret) for operation in finding.fix.operations),
        edits=tuple(_edit(edit, pointer) if secret else _texts(edit) for edit in finding.fix.edits),
    )


def _edit(edit: TextEdit, pointer: str) -> TextEdit:
    """An edit of the text of a Secret: a single value in a place that holds none of its data, or nothing."""
    is_open = pointer.startswith(_OPEN_IN_A_SECRET) and not _MORE_THAN_A_VALUE.search(edit.replacement)
    return replace(_texts(edit), replacement=redact_text(edit.replacement) if is_open else REDACTED)


def _operation(operation: Operation, *, secret: bool) -> Operation:
    if isinstance(operation, Move | Copy):
        return type(operation)(_texts(operation.source), _texts(operation.path))
    if isinstance(operation, Remove):
        return Remove(_texts(operation.path))
    return type(operation)(_texts(operation.path), _shown(operation.value, operation.path, secret=secret))


def _shown(value: Json, path: Pointer, *, secret: bool) -> Json:
    """A value of the object as it may be shown; it stands at `path`."""
    if LAST_APPLIED in path or (secret and path and path[0] in _OF_A_SECRET):
        return _closed(value)
    match value:
        case {"name": str(name), "value": str()}:
            clean = _closed if variable_is_secret(name) else partial(_mapped_json, clean=redact_text)
            return {key: item if key == "name" else clean(item) for key, item in value.items()}
        case dict():
            return {key: _shown(item, (*path, key), secret=secret) for key, item in value.items()}
        case list():
            behind_a_flag = (False, *map(flag_is_secret, value))
            return [
                _closed(item) if behind and isinstance(item, str) else _shown(item, (*path, index), secret=secret)
                for index, (item, behind) in enumerate(zip(value, behind_a_flag, strict=False))
            ]
        case str():
            return REDACTED if _holds_a_secret(path) else redact_text(value)
        case _:
            return value


def _holds_a_secret(path: Pointer) -> bool:
    """Whether a text is likely one by its place alone. A variable's value is, because its name stands elsewhere."""
    match path:
        case (*_, "env", int(), "value"):
            return True
        case (*_, str(key)):
            return field_is_secret(key)
        case _:
            return False


def _closed(value: Json) -> Json:
    """Maps keep their keys: which entries a Secret has is no secret."""
    match value:
        case dict():
            return {key: _closed(item) for key, item in value.items()}
        case list():
            return [_closed(item) for item in value]
        case str():
            return REDACTED
        case _:
            return value


def _secrets_of(fix: Fix | None, *, secret: bool) -> Iterator[str]:
    """The texts that are secret by their place, as they stand and decoded."""
    for operation in fix.operations if fix else ():
        if isinstance(operation, Add | Replace | Test):
            for text in _differing(operation.value, _shown(operation.value, operation.path, secret=secret)):
                yield text
                yield from _decoded(text)


def _differing(before: Json, after: Json) -> Iterator[str]:
    match before:
        case dict():
            for key, item in before.items():
                yield from _differing(item, after[key])
        case list():
            for item, shown in zip(before, after, strict=True):
                yield from _differing(item, shown)
        case str() if after == REDACTED:
            yield before
        case _:
            return


def _decoded(text: str) -> Iterator[str]:
    try:
        yield b64decode(text, validate=True).decode()
    except (NotBase64, ValueError):
        return
