"""The naive interpreter's eyes: which places a path reaches, which values a side has, whether a selector holds."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import re2

from skel.kube.version import version_key
from skel.language import ast
from tests.oracle_functions import MEASURES, Json, Missing, call, fresh, is_number

Pointer = tuple[str | int, ...]


class Ambiguous(Exception):
    """A value that must be one is several."""


@dataclass
class Look:
    """What a selector sees: one object, its event's time and the first one's, and the places bound so far."""

    obj: Json
    ts: int
    first: int
    tracked: Mapping[str, Json]
    targets: Mapping[str, str]
    key: bytes
    bound: dict[int, list[Pointer]] = field(default_factory=dict)
    item: Pointer = ()
    templates: tuple[tuple[ast.Step, ...], ...] = ()
    applied: list[Json] = field(default_factory=list)


def at(obj: Json, place: Pointer) -> Json:
    """The value at a place, Missing if there is none."""
    for part in place:
        in_map = isinstance(obj, dict) and isinstance(part, str) and part in obj
        in_array = isinstance(obj, list) and isinstance(part, int) and part < len(obj)
        if not in_map and not in_array:
            return Missing
        obj = obj[part]
    return obj


# ---- paths -----------------------------------------------------------------------------------------------------------

TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    **dict.fromkeys(
        ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"), ("spec", "template")
    ),
}


def places(path: ast.Path, seen: Look) -> list[Pointer]:
    """Every place once, in the order in which it is reached."""
    return list(dict.fromkeys(p for start, steps in starts(path, seen) for p in follow(start, steps, seen)))


def starts(path: ast.Path, seen: Look) -> Iterator[tuple[Pointer, tuple[ast.Step, ...]]]:
    """Where the path begins, and the steps from there."""
    match path.root:
        case ast.ObjectRoot():
            yield (), path.steps
        case ast.ItemRoot():
            yield seen.item, path.steps
        case ast.VariableRoot(slot=slot):
            for place in seen.bound.get(slot, []):
                yield place, path.steps
        case ast.PodRoot(template=template):
            for steps in seen.templates:
                yield (), (*steps, *(() if template else (key("spec"),)), *path.steps)


def enter(seen: Look) -> None:
    """A command begins: `podSpec` is where the kind has it now, whatever the command itself does to the kind."""
    seen.templates = tuple(templates(seen))


def templates(seen: Look) -> Iterator[tuple[ast.Step, ...]]:
    """The steps to the pod templates of this kind."""
    kind, version = (seen.obj.get(name) if isinstance(seen.obj, dict) else None for name in ("kind", "apiVersion"))
    if not isinstance(kind, str) or not isinstance(version, str):
        return
    if kind in TEMPLATES and (version.split("/")[0] if "/" in version else "") in ("", "apps", "batch", "extensions"):
        yield tuple(key(name) for name in TEMPLATES[kind])
        return
    for pointer in seen.tracked.get(f"{version}.{kind}", {}).get("podSpecTemplatePaths") or ():
        parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        yield tuple(ast.Each(NO_SPAN) if part == "*" else key(part) for part in parts)


NO_SPAN: Final[Any] = None


def key(name: str) -> ast.Key:
    return ast.Key(name, NO_SPAN, quoted=True)


def follow(here: Pointer, steps: tuple[ast.Step, ...], seen: Look) -> Iterator[Pointer]:
    if at(seen.obj, here) is Missing:
        return
    if not steps:
        yield here
        return
    for place in step_from(here, steps[0], seen):
        yield from follow(place, steps[1:], seen)


def step_from(here: Pointer, step: ast.Step, seen: Look) -> Iterator[Pointer]:
    node = at(seen.obj, here)
    match step:
        case ast.Key(name=name) if isinstance(node, dict):
            yield from [(*here, name)] if name in node else []
        case ast.Key(name=name, quoted=False) if isinstance(node, list) and name.isdecimal():
            yield (*here, int(name))
        case ast.Index(value=value) if isinstance(node, list):
            yield from [(*here, value % len(node))] if -len(node) <= value < len(node) else []
        case ast.Each() if isinstance(node, list):
            yield from ((*here, i) for i in range(len(node)))
        case ast.AnyKey() if isinstance(node, dict):
            yield from ((*here, name) for name in node)
        case ast.Filter(test=test) if isinstance(node, list):
            yield from ((*here, i) for i in range(len(node)) if holds(test, replace(seen, item=(*here, i))))
        case ast.Deep():
            yield here
            for part in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
                yield from step_from((*here, part), step, seen)


# ---- values ----------------------------------------------------------------------------------------------------------


def some(value: ast.Value, seen: Look) -> list[Json]:
    """All values of one side of a term."""
    match value:
        case ast.Path():
            return [at(seen.obj, place) for place in places(value, seen)]
        case ast.ListValue(items=items):
            return [list(choice) for choice in itertools.product(*(some(item, seen) for item in items))]
        case ast.MapValue(entries=entries):
            choices = itertools.product(*(some(item, seen) for _, item in entries))
            return [dict(zip((name for name, _ in entries), choice, strict=True)) for choice in choices]
        case ast.Call(arguments=arguments):
            choices = itertools.product(*(some(argument, seen) for argument in arguments))
            results = [call(value, list(choice), seen.key) for choice in choices]
            return [result for result in results if result is not Missing]
        case ast.Literal():
            return [value.value]
        case ast.Suffixed(text=text):
            return [text]
        case ast.TimeValue():
            return [seen.ts]


def one(value: ast.Value, seen: Look) -> Json:
    """The value to write, Missing if there is none. Raises Ambiguous if a path in it has several."""
    match value:
        case ast.Path():
            found = some(value, seen)
            if any(not equal(found[0], other) for other in found):
                raise Ambiguous(str(found))
            return fresh(found[0]) if found else Missing
        case ast.ListValue(items=items):
            parts = [one(item, seen) for item in items]
            return Missing if Missing in parts else parts
        case ast.MapValue(entries=entries):
            made = {name: one(item, seen) for name, item in entries}
            return Missing if Missing in made.values() else made
        case ast.Call(arguments=arguments):
            parts = [one(argument, seen) for argument in arguments]
            return Missing if Missing in parts else call(value, parts, seen.key)
        case _:
            return some(value, seen)[0]


def equal(left: Json, right: Json) -> bool:
    """By value: 1 == 1.0, a boolean equals only a boolean, the order of a map does not count."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


# ---- terms -----------------------------------------------------------------------------------------------------------

ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARE: Final = {**ORDER, "==": operator.eq, "!=": operator.ne, "!==": operator.ne}


def holds(term: ast.Term, seen: Look) -> bool:
    match term:
        case ast.Everything():
            return True
        case ast.Compare():
            return compare(term, seen)
        case ast.In():
            return is_in(term, seen)
        case ast.Text():
            pairs = itertools.product(some(term.left, seen), some(term.right, seen))
            return any(text_test(term.operator, left, right) for left, right in pairs)
        case ast.Exists(path=path):
            return bool(places(path, seen))
        case ast.Known(kind=kind, path=path):
            return any(is_known(kind, value, seen) for value in some(path, seen))
        case ast.TimeTest():
            time = seen.ts - seen.first if term.relative else seen.ts
            return bool(COMPARE[term.operator](time, term.seconds))
        case ast.TargetTest():
            given = seen.targets.get(term.component)
            return given is not None and bool(COMPARE[term.operator](version_key(given), version_key(term.version)))
        case ast.Bind():
            return bind(term, seen)
        case ast.And(terms=terms):
            return all(holds(inner, seen) for inner in terms)
        case ast.Or(terms=terms):
            return any(holds(inner, seen) for inner in terms)
        case ast.Not(term=inner):
            return not holds(inner, seen)


def is_known(kind: str, name: Json, seen: Look) -> bool:
    """Whether an applied object of that kind and name is in the namespace of the object at hand, or in none."""
    here = at(seen.obj, ("metadata", "namespace"))
    here = here if isinstance(here, str) else ""
    return any(
        isinstance(name, str)
        and at(other, ("kind",)) == kind
        and isinstance(at(other, ("apiVersion",)), str)
        and at(other, ("metadata", "name")) == name
        and (at(other, ("metadata", "namespace")) in (here, Missing, None, ""))
        for other in seen.applied
    )


def bind(term: ast.Bind, seen: Look) -> bool:
    """The variable is each place alone while the test runs, then the places that passed."""
    passed = []
    for place in places(term.path, seen):
        seen.bound[term.variable.slot] = [place]
        if term.test is None or holds(term.test, seen):
            passed.append(place)
    seen.bound[term.variable.slot] = passed
    return bool(passed)


def measured(side: ast.Value, values: list[Json], other: ast.Value) -> list[Json]:
    """Under `quantity(..)` on either side, both sides are quantities; what is none falls out."""
    for value in (side, other):
        if isinstance(value, ast.Call) and value.function in MEASURES:
            # A number counts as it is written: version 1.30 is not 1.3.
            written = [side.span.text] if isinstance(side, ast.Literal) and is_number(side.value) else values
            sizes = [MEASURES[value.function](v) for v in written]
            return [size for size in sizes if size is not None]
    return values


def compare(term: ast.Compare, seen: Look) -> bool:
    left = measured(term.left, some(term.left, seen), term.right)
    right = measured(term.right, some(term.right, seen), term.left) if left or term.operator == "!==" else []
    match term.operator:
        case "==":
            return any(equal(a, b) for a in left for b in right)
        case "!==":
            return not any(equal(a, b) for a in left for b in right)
        case "!=":
            return bool(right) and any(not any(equal(a, b) for b in right) for a in left)
        case _:
            return any(ordered(a, b) and ORDER[term.operator](a, b) for a in left for b in right)


def ordered(left: Json, right: Json) -> bool:
    """Two numbers or two strings (or two measures) have an order; booleans have none."""
    if is_number(left) and is_number(right):
        return True
    return type(left) is type(right) and not isinstance(left, dict | list | bool | None)


def is_in(term: ast.In, seen: Look) -> bool:
    """The items of a written list, or those of the arrays that the right side reaches and its other values."""
    if isinstance(term.right, ast.ListValue):
        items = [value for item in term.right.items for value in some(item, seen)]
    else:
        found = some(term.right, seen)
        items = [item for value in found for item in (value if isinstance(value, list) else [value])]
    left = measured(term.left, some(term.left, seen), term.left)
    return any(equal(a, b) for a in left for b in measured(term.left, items, term.left))


def text_test(word: str, left: Json, right: Json) -> bool:
    if word == "contains" and isinstance(left, list):
        return any(equal(item, right) for item in left)
    if not isinstance(right, str):
        return False
    if word == "contains" and isinstance(left, dict):
        return right in left
    if not isinstance(left, str):
        return False
    if word == "=~":
        return re2.search(right, left) is not None
    return {"startswith": left.startswith(right), "endswith": left.endswith(right), "contains": right in left}[word]
