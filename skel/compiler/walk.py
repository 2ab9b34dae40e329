"""Paths as closures: from a place to the places below it, in document order.

A walk is built once, outside; at run time it only looks. Runs of plain keys are one frame, and the last run of a path
tests before it builds a pointer, because most items of most arrays do not have what a rule looks for.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import assert_never

from skel.compiler.frame import Frame, Place
from skel.language import ast
from skel.patch.pointer import Pointer
from skel.patch.values import Json

Hits = list[Place]
Walk = Callable[[Json, "str | int", Pointer, Hits, Frame], None]
"""From container[key], at the pointer, put what is reached into the hits."""

ItemTest = Callable[[Place, Frame], bool]
"""Whether an item passes a filter or a variable's test."""

ValueTest = Callable[[Json, Frame], bool]

FilterCompiler = Callable[[ast.Term], ItemTest]


def arrive(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
    """The end of every path: this place is reached."""
    hits.append((container, key, here))


def _arrive_if(passes: ValueTest) -> Walk:
    def walk(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
        if passes(container[key], frame):
            hits.append((container, key, here))

    walk.passes = passes  # type: ignore[attr-defined]
    return walk


def compile_steps(steps: tuple[ast.Step, ...], compile_filter: FilterCompiler, passes: ValueTest | None = None) -> Walk:
    """One walk for all the steps, built from the last to the first; with `passes`, only to values that pass."""
    walk = arrive if passes is None else _arrive_if(passes)
    for is_run, group in reversed([(run, tuple(part)) for run, part in groupby(steps, is_plain)]):
        if is_run:
            walk = _key_run(tuple(step.name for step in group if isinstance(step, ast.Key)), walk)
            continue
        for step in reversed(group):
            walk = _single(step, walk, compile_filter)
    return walk


def is_plain(step: ast.Step) -> bool:
    """A key that is nothing but a key of a map."""
    return isinstance(step, ast.Key) and not is_digit_key(step)


def is_digit_key(step: ast.Step) -> bool:
    """`.0` is a key of a map and an index of an array, as in a JSON pointer."""
    return isinstance(step, ast.Key) and not step.quoted and step.name.isdigit()


def _single(step: ast.Step, then: Walk, compile_filter: FilterCompiler) -> Walk:
    match step:
        case ast.Key():
            return _digits(step.name, then)
        case ast.Index():
            return _index(step.value, then)
        case ast.Each():
            return _each(then)
        case ast.AnyKey():
            return _any_key(then)
        case ast.Deep():
            return _deep(then)
        case ast.Filter():
            return _filter(compile_filter(step.test), then)
        case ast.NamedKey():
            raise AssertionError("parameters are replaced before a path is compiled")
        case _:
            assert_never(step)


def _key_run(keys: tuple[str, ...], then: Walk) -> Walk:
    """Follow plain keys in one frame: `spec.template.spec` is one call, not three."""
    items_run: tuple[str, ...] = getattr(then, "items_run", ())
    if items_run:
        return _keys_each_run(keys, items_run)
    *before, last = keys

    def walk(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
        node = container[key]
        for name in before:
            if type(node) is not dict:
                return
            node = node.get(name)
        if type(node) is dict and last in node:
            then(node, last, here + keys, hits, frame)

    def walk_last(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
        node = container[key]
        for name in before:
            if type(node) is not dict:
                return
            node = node.get(name)
        if type(node) is dict and last in node:
            hits.append((node, last, here + keys))

    walk_last.run = keys  # type: ignore[attr-defined]
    return walk_last if then is arrive else walk


def _each(then: Walk) -> Walk:
    def walk(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
        items = container[key]
        if type(items) is list:
            for i in range(len(items)):
                then(items, i, (*here, i), hits, frame)

    run: tuple[str, ...] = getattr(then, "run", ())
    passes: ValueTest | None = getattr(then, "passes", None)
    if passes is not None:
        return _each_if(passes)
    return _keys_each_run((), run) if run else walk


def _each_if(passes: ValueTest) -> Walk:
    """`[*]` at the end of a variable's path: the test comes before the pointer."""

    def walk(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
        items = container[key]
        if type(items) is list:
            for i, item in enumerate(items):
                if passes(item, frame):
                    hits.append((items, i, (*here, i)))

    return walk


def _keys_each_run(keys: tuple[str, ...], tail: tuple[str, ...]) -> Walk:
    """`a.b[*].c.d` at the end of a path, the commonest of all, in one frame; a pointer is made for a hit alone."""
    *before, last = tail

    def walk(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
        items = container[key]
        for name in keys:
            if type(items) is not dict:
                return
            items = items.get(name)
        if type(items) is not list:
            return
        for i, node in enumerate(items):
            for name in before:
                if type(node) is not dict:
                    break
                node = node.get(name)
            if type(node) is dict and last in node:
                hits.append((node, last, (*here, *keys, i, *tail)))

    if not keys:
        walk.items_run = tail  # type: ignore[attr-defined]  # keys before it can join it
    return walk


def _digits(name: str, then: Walk) -> Walk:
    index = int(name)

    def walk(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
        node = container[key]
        if type(node) is dict and name in node:
            then(node, name, (*here, name), hits, frame)
        elif type(node) is list and index < len(node):
            then(node, index, (*here, index), hits, frame)

    return walk


def _index(value: int, then: Walk) -> Walk:
    def walk(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
        items = container[key]
        if type(items) is not list:
            return
        i = value if value >= 0 else len(items) + value
        if 0 <= i < len(items):
            then(items, i, (*here, i), hits, frame)

    return walk


def _any_key(then: Walk) -> Walk:
    def walk(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
        node = container[key]
        if type(node) is dict:
            for name in node:
                then(node, name, (*here, name), hits, frame)

    return walk


def _deep(then: Walk) -> Walk:
    def walk(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
        then(container, key, here, hits, frame)
        node = container[key]
        if type(node) is dict:
            for name in node:
                walk(node, name, (*here, name), hits, frame)
        elif type(node) is list:
            for i in range(len(node)):
                walk(node, i, (*here, i), hits, frame)

    return walk


def _filter(test: ItemTest, then: Walk) -> Walk:
    def walk(container: Json, key: str | int, here: Pointer, hits: Hits, frame: Frame) -> None:
        items = container[key]
        if type(items) is not list:
            return
        for i in range(len(items)):
            place = (items, i, (*here, i))
            if test(place, frame):
                then(*place, hits, frame)

    return walk
