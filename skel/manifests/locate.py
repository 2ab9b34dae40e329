"""The line of a field, found when a report asks for it: the text is read again, the places of one file are kept."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from skel.manifests import json_text
from skel.manifests.complaint import UnreadableError
from skel.manifests.document import Document, Source
from skel.manifests.nodes import Alias, Mapping, Node, Sequence, is_merge
from skel.manifests.pieces import line_and_column
from skel.manifests.roots import JsonRoot, Root, YamlRoot, roots
from skel.manifests.values import key_name, merged
from skel.patch.pointer import Pointer
from skel.trace.errors import TraceError


def locate(document: Document, pointer: Pointer = ()) -> tuple[int, int]:
    """Line and column (from 1) of the field in the document: its key, or the item of a list.

    For a field that is not there it is the place of the map in which it would be.
    """
    source = document.source
    try:
        if (line := _line_of_key(document, pointer)) is not None:
            return line, 1
        text, found = _roots(source, _stamp(source))
        root = found[document.number - 1]
        offset = _offset(text, root, document.path + pointer)
    except (TraceError, UnreadableError, OSError, IndexError, RecursionError):
        return document.line, 1
    return line_and_column(text, offset)


def _line_of_key(document: Document, pointer: Pointer) -> int | None:
    """The line of a key of the whole object, if it stands at the beginning of one: nothing else in a block of YAML may.

    Most findings are about `apiVersion`, and this needs no parser. The last of two such lines counts.
    """
    if len(pointer) != 1 or document.path or document.source.is_json:
        return None
    found = None
    sign = f"{pointer[0]}:"
    for number, line in enumerate(_lines(document.source, _stamp(document.source))[document.line - 1 :], document.line):
        if number > document.line and line.startswith(("---", "...")):
            break
        if line.startswith(sign) and line[len(sign) : len(sign) + 1] in {"", " ", "\t", "\r"}:
            found = number
    return found


@lru_cache(maxsize=2)
def _lines(source: Source, stamp: object) -> list[str]:
    return source.read().text.split("\n")


def _stamp(source: Source) -> object:
    """Differs when the text does."""
    if source.kept is not None:
        return source.kept
    status = Path(source.path).stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


@lru_cache(maxsize=2)
def _roots(source: Source, stamp: object) -> tuple[str, list[Root]]:
    text = source.read().text
    return text, roots(text, is_json=source.is_json)


def _offset(text: str, root: Root, pointer: Pointer) -> int:
    match root:
        case JsonRoot(start=start):
            return json_text.find(text, start, pointer)
        case YamlRoot(piece=piece, node=node):
            return piece.start + _find(node, pointer)
        case None:
            raise UnreadableError(0, "broken")


def _find(node: Node, pointer: Pointer) -> int:
    found = node.start
    for token in pointer:
        step = _step(node, token)
        if step is None:
            break
        found, node = step
    return found


def _step(node: Node, token: str | int) -> tuple[int, Node] | None:
    """Where the child begins, with its key, and the child."""
    match node:
        case Alias(target=target):
            return _step(target, token)
        case Sequence(items=items) if isinstance(token, int) and token < len(items):
            return items[token].start, items[token]
        case Mapping(pairs=pairs):
            return _entry(pairs, str(token))
        case _:
            return None


def _entry(pairs: list[tuple[Node, Node]], name: str) -> tuple[int, Node] | None:
    """The entry that counts: the last one, or that of a merge key behind it."""
    for key, value in reversed(pairs):
        if is_merge(key):
            for source in reversed(merged(value)):
                if (found := _step(source, name)) is not None:
                    return found
        elif key_name(key) == name:
            return key.start, value
    return None
