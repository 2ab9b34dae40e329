"""Paths as questions: does any value that the path reaches pass a test?

The counterpart of `walk` for selectors: no pointers, no list of hits, and the first answer ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import assert_never

from skel.compiler.frame import Frame
from skel.compiler.walk import FilterCompiler, ItemTest, is_plain
from skel.language import ast
from skel.patch.values import Json

Leaf = Callable[[Json], bool]
Seek = Callable[[Json, Frame], bool]


def compile_seek(steps: tuple[ast.Step, ...], leaf: Leaf, compile_filter: FilterCompiler) -> Seek:
    """One question for all the steps, built from the last to the first."""
    if steps and all(is_plain(step) for step in steps):
        return _last_keys(_names(steps), leaf)
    seek: Seek = lambda node, _: leaf(node)  # noqa: E731
    groups = [(run, tuple(part)) for run, part in groupby(steps, is_plain)]
    if groups and groups[-1][0]:
        seek = _last_keys(_names(groups.pop()[1]), leaf)
    for is_run, group in reversed(groups):
        if is_run:
            seek = _keys(_names(group), seek)
            continue
        for step in reversed(group):
            seek = _single(step, seek, compile_filter)
    return seek


def _names(steps: tuple[ast.Step, ...]) -> tuple[str, ...]:
    return tuple(step.name for step in steps if isinstance(step, ast.Key))


def _single(step: ast.Step, then: Seek, compile_filter: FilterCompiler) -> Seek:
    match step:
        case ast.Key():
            return _digits(step.name, then)
        case ast.Index():
            return _index(step.value, then)
        case ast.Each():
            return _each(then)
        case ast.AnyKey():
            return lambda node, frame: type(node) is dict and any(then(item, frame) for item in node.values())
        case ast.Deep():
            return _deep(then)
        case ast.Filter():
            return _filter(compile_filter(step.test), then)
        case ast.NamedKey():
            raise AssertionError("parameters are replaced before a path is compiled")
        case _:
            assert_never(step)


def _last_keys(keys: tuple[str, ...], leaf: Leaf) -> Seek:
    *before, last = keys

    def seek(node: Json, frame: Frame) -> bool:
        for name in before:
            if type(node) is not dict:
                return False
            node = node.get(name)
        return type(node) is dict and last in node and leaf(node[last])

    return seek


def _keys(keys: tuple[str, ...], then: Seek) -> Seek:
    def seek(node: Json, frame: Frame) -> bool:
        for name in keys:
            if type(node) is not dict or name not in node:
                return False
            node = node[name]
        return then(node, frame)

    return seek


def _digits(name: str, then: Seek) -> Seek:
    index = int(name)

    def seek(node: Json, frame: Frame) -> bool:
        if type(node) is dict:
            return name in node and then(node[name], frame)
        return type(node) is list and index < len(node) and then(node[index], frame)

    return seek


def _index(value: int, then: Seek) -> Seek:
    def seek(node: Json, frame: Frame) -> bool:
        return type(node) is list and -len(node) <= value < len(node) and then(node[value], frame)

    return seek


def _each(then: Seek) -> Seek:
    def seek(node: Json, frame: Frame) -> bool:
        if type(node) is list:
            for item in node:
                if then(item, frame):
                    return True
        return False

    return seek


def _deep(then: Seek) -> Seek:
    def seek(node: Json, frame: Frame) -> bool:
        if then(node, frame):
            return True
        if type(node) is dict:
            return any(seek(item, frame) for item in node.values())
        return type(node) is list and any(seek(item, frame) for item in node)

    return seek


def _filter(test: ItemTest, then: Seek) -> Seek:
    def seek(node: Json, frame: Frame) -> bool:
        if type(node) is not list:
            return False
        return any(test((node, i, ()), frame) and then(item, frame) for i, item in enumerate(node))

    return seek
