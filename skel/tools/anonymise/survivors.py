"""A last look from outside: words of the old names that still stand somewhere in the new trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from skel.patch.pointer import Pointer, format_pointer
from skel.patch.values import Json
from skel.tools.anonymise.run import is_pseudonym
from skel.tools.anonymise.vocabulary import known_fields, known_kinds, known_resources, public_words
from skel.trace.codec import decode_object, without_gc
from skel.trace.identity import sight
from skel.trace.model import Trace
from skel.trace.reference import ObjectReference

_WORD = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}", re.ASCII)


def survivors(before: Trace, after: Trace) -> list[tuple[str, str]]:
    """Words that names of the old trace are made of, and where the new one has them: `("acme", "Node/a at /...")`.

    Words that Kubernetes itself uses say nothing. Names that were meant to stay, such as `kube-system`, are none.
    """
    with without_gc():
        words = {word for name in _names(before) - _names(after) for word in words_of(name)} - _vocabulary()
        found: dict[str, str] = {}
        for text, place in _texts(after):
            for word in words_of(text) & words:
                found.setdefault(word, place)
    return sorted(found.items())


def words_of(text: str) -> set[str]:
    """The words of four letters and more, in small letters."""
    return {word.lower() for word in _WORD.findall(text) if len(word) >= 4}


def _names(trace: Trace) -> set[str]:
    found: set[str] = set()
    for event in trace.events:
        for raw in (*event.applied_objs, *event.deleted_objs):
            if seen := sight(raw):
                found.update(name for name in (seen.metadata.name, seen.metadata.namespace) if name)
    return found


@cache
def _vocabulary() -> frozenset[str]:
    known = (*known_fields(), *known_kinds(), *known_resources(), *public_words())
    return frozenset(word for text in known for word in words_of(text))


def _texts(trace: Trace) -> Iterator[tuple[str, str]]:
    """Every text once that is no pseudonym, keys included, and the first place where it stands."""
    seen: set[str] = set()
    for number, event in enumerate(trace.events):
        for deleted, objects in ((False, event.applied_objs), (True, event.deleted_objs)):
            for position, raw in enumerate(objects):
                manifest = decode_object(raw)
                for text, pointer in _walk(manifest, ()):
                    if text not in seen and not is_pseudonym(text):
                        seen.add(text)
                        thing = ObjectReference.of(manifest, number, event.ts, position, deleted=deleted)
                        yield text, f"{thing} at {format_pointer(pointer)}"


def _walk(node: Json, here: Pointer) -> Iterator[tuple[str, Pointer]]:
    match node:
        case dict():
            for key, value in node.items():
                yield str(key), (*here, key)
                yield from _walk(value, (*here, key))
        case list():
            for number, item in enumerate(node):
                yield from _walk(item, (*here, number))
        case str():
            yield node, here
        case _:
            return
