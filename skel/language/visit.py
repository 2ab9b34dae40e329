"""The parts of a tree: every path of a selector, every value within a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from skel.language import ast


def term_paths(term: ast.Term) -> Iterator[ast.Path]:
    """Every path in a selector, those in filters as well."""
    match term:
        case ast.Everything() | ast.TimeTest() | ast.TargetTest():
            return
        case ast.Compare() | ast.Text() | ast.In():
            yield from value_paths(term.left)
            yield from value_paths(term.right)
        case ast.Exists() | ast.Known():
            yield from path_paths(term.path)
        case ast.Bind():
            yield from path_paths(term.path)
            if term.test is not None:
                yield from term_paths(term.test)
        case ast.And() | ast.Or():
            for part in term.terms:
                yield from term_paths(part)
        case ast.Not():
            yield from term_paths(term.term)
        case _:
            assert_never(term)


def command_paths(command: ast.Command | None) -> Iterator[ast.Path]:
    """The paths whose values a command uses, those of its selector and of its place left out."""
    match command:
        case ast.Modify() | ast.Append() | ast.Merge():
            yield from value_paths(command.value)
        case ast.Transfer():
            yield command.source
        case ast.Require():
            yield from term_paths(command.condition)
        case _:
            return


def value_paths(value: ast.Value) -> Iterator[ast.Path]:
    for part in value_parts(value):
        if isinstance(part, ast.Path):
            yield from path_paths(part)


def path_paths(path: ast.Path) -> Iterator[ast.Path]:
    yield path
    for step in path.steps:
        if isinstance(step, ast.Filter):
            yield from term_paths(step.test)


def value_parts(value: ast.Value) -> Iterator[ast.Value]:
    """The value and everything in it."""
    yield value
    match value:
        case ast.Call():
            inner = value.arguments
        case ast.ListValue():
            inner = value.items
        case ast.MapValue():
            inner = tuple(item for _, item in value.entries)
        case _:
            return
    for part in inner:
        yield from value_parts(part)
