"""Facts of all minors as the texts of the files in `data/`, and back; `unpack(pack(x))` is x.

What holds in many minors is written once, with its span: `1.13-1.21` ends, `1.22-` goes on to the newest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from skel.kube.generate.defaults import on_by_default
from skel.kube.generate.facts import Definition, Gvk, KindFact, MinorFacts, NotUnderstood

Facts = Mapping[str, MinorFacts]
"""By minor, ascending."""


def pack_kinds(facts: Facts) -> str:
    """`kinds.json`: a row for each kind: apiVersion, kind, resource, namespaced, definition, served, on by default."""
    found: dict[Gvk, KindFact] = {}
    for known in facts.values():
        for gvk, fact in known.kinds.items():
            if found.setdefault(gvk, fact) != fact:
                raise NotUnderstood(f"{'.'.join(gvk)} is {found[gvk]} in one minor and {fact} in another")
    return _lines("[", "]", (json.dumps(_kind_row(facts, gvk, fact)) for gvk, fact in sorted(found.items())))


def _kind_row(facts: Facts, gvk: Gvk, fact: KindFact) -> list[Any]:
    served = [minor for minor, known in facts.items() if gvk in known.kinds]
    introduced = _number(served[0])
    on = [minor for minor in served if on_by_default(gvk[0], fact.resource, introduced, _number(minor))]
    names = tuple(facts)
    return [*gvk, fact.resource, fact.namespaced, fact.definition, spans(served, names), spans(on, names)]


def _number(minor: str) -> int:
    return int(minor.removeprefix("1."))


def pack_fields(facts: Facts) -> str:
    """`fields.json`: each definition, with its spans under the empty name and a text or list of texts for each field.

    A text is the type, then flags, then `@` and spans if they are not those of the definition.
    """
    names = sorted({name for known in facts.values() for name in known.definitions})
    return _lines("{", "}", (_definition_lines(facts, name) for name in names))


def _definition_lines(facts: Facts, name: str) -> str:
    there = {minor: known.definitions[name] for minor, known in facts.items() if name in known.definitions}
    minors = tuple(facts)
    own = spans(there, minors)
    rows = [f'"": {json.dumps(own)}']
    for field in sorted({field for definition in there.values() for field in definition}):
        versions: dict[str, list[str]] = {}
        for minor, definition in there.items():
            if field in definition:
                versions.setdefault(definition[field], []).append(minor)
        texts = [_with_spans(text, spans(held, minors), own) for text, held in versions.items()]
        rows.append(f"{json.dumps(field)}: {json.dumps(texts[0] if len(texts) == 1 else texts)}")
    return f"{json.dumps(name)}: {{\n  " + ",\n  ".join(rows) + "\n}"


def _with_spans(text: str, held: str, own: str) -> str:
    return text if held == own else f"{text} @{held.replace(' ', ',')}"


def _lines(start: str, end: str, rows: Iterable[str]) -> str:
    """A line for each row, so that the difference between two versions of the data can be read."""
    return f"{start}\n" + ",\n".join(rows) + f"\n{end}\n"


def spans(held: Iterable[str], minors: tuple[str, ...]) -> str:
    """The minors of `held` among all: `1.13-1.21 1.33-`."""
    numbers = sorted(minors.index(minor) for minor in held)
    starts = [number for number in numbers if number - 1 not in numbers]
    ends = [number for number in numbers if number + 1 not in numbers]
    return " ".join(_span(start, end, minors) for start, end in zip(starts, ends, strict=True))


def _span(start: int, end: int, minors: tuple[str, ...]) -> str:
    if end == len(minors) - 1:
        return f"{minors[start]}-"
    return minors[start] if start == end else f"{minors[start]}-{minors[end]}"


def unpack(kinds: str, fields: str, minors: tuple[str, ...]) -> dict[str, MinorFacts]:
    """The facts of each minor, from the texts of the files."""
    by_minor: dict[str, tuple[dict[Gvk, KindFact], dict[str, dict[str, str]]]] = {m: ({}, {}) for m in minors}
    for api_version, kind, resource, namespaced, definition, served, _ in json.loads(kinds):
        for minor in _held(served, minors):
            by_minor[minor][0][api_version, kind] = KindFact(resource, namespaced, definition)
    for name, found in json.loads(fields).items():
        own = found.pop("")
        for minor in _held(own, minors):
            by_minor[minor][1][name] = {}
        for field, texts in found.items():
            for text in [texts] if isinstance(texts, str) else texts:
                entry, _, held = text.partition(" @")
                for minor in _held(held.replace(",", " ") or own, minors):
                    by_minor[minor][1][name][field] = entry
    return {minor: MinorFacts(kinds, _frozen(definitions)) for minor, (kinds, definitions) in by_minor.items()}


def _frozen(definitions: dict[str, dict[str, str]]) -> Mapping[str, Definition]:
    return dict(definitions)


def _held(text: str, minors: tuple[str, ...]) -> Iterable[str]:
    for span in text.split():
        first, dash, last = span.partition("-")
        end = minors.index(last or (minors[-1] if dash else first))
        yield from minors[minors.index(first) : end + 1]
