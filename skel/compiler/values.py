"""Values as closures: constants, the one value of a path, functions of values."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import prod
from typing import assert_never

from skel.compiler.frame import Frame
from skel.compiler.functions import FUNCTIONS, pseudonym
from skel.compiler.paths import Context, compile_values
from skel.language import ast
from skel.language.text import Span
from skel.patch.values import Json, copy_json, equal_json


class Nothing:
    """The value of a path that reaches nothing, and of a function that has no answer."""


NOTHING = Nothing()
Evaluate = Callable[[Frame], Json]
"""A value, or NOTHING."""

Several = Callable[[Frame], list[Json]]
"""All the values of a path, or the one value of anything else; empty if there is none."""


class NoAnswer(Exception):
    """A value that can't be had from this object, whose rule at `span` ends the run."""

    def __init__(self, span: Span, message: str) -> None:
        self.span = span
        super().__init__(message)


class Ambiguous(NoAnswer):
    """A path gave several different values where one is needed."""

    def __init__(self, span: Span, count: int) -> None:
        super().__init__(span, f"`{span.text}` has {count} different values here, and one is needed")


MOST_COMBINATIONS = 100_000
"""More combinations of values than any honest selector asks for: a rule from a stranger must not run for ever."""


def constant(value: ast.Value) -> Json:
    """The value if it can be told without an object, else NOTHING."""
    match value:
        case ast.Literal():
            return value.value
        case ast.Suffixed():
            return value.text
        case ast.ListValue():
            items = [constant(item) for item in value.items]
            return NOTHING if NOTHING in items else items
        case ast.MapValue():
            entries = {key: constant(item) for key, item in value.entries}
            return NOTHING if NOTHING in entries.values() else entries
        case _:
            return NOTHING


def compile_value(value: ast.Value, context: Context) -> Evaluate:
    """The value in a frame, copied, or NOTHING. Raises Ambiguous for a path with several different values."""
    fixed = constant(value)
    if fixed is not NOTHING:
        return (lambda _: copy_json(fixed)) if isinstance(fixed, dict | list) else (lambda _: fixed)
    match value:
        case ast.Path():
            return _one(value, context)
        case ast.Call():
            return _call(value, context)
        case ast.TimeValue():
            return lambda frame: frame.time
        case ast.ListValue():
            return _list(value, context)
        case ast.MapValue():
            return _map(value, context)
        case ast.Literal() | ast.Suffixed():
            raise AssertionError("constants are dealt with above")
        case _:
            assert_never(value)


Made = ast.Call | ast.ListValue | ast.MapValue


def compile_several(value: ast.Value, context: Context) -> Several:
    """Every value that a selector sees: all places of a path, and of what is made of paths every combination."""
    match value:
        case ast.Path():
            return compile_values(value, context)
        case ast.Call():
            return _combined(value, value.arguments, _whole(_function(value, context)), context)
        case ast.ListValue():
            return _combined(value, value.items, lambda *items: [copy_json(item) for item in items], context)
        case ast.MapValue():
            names = [key for key, _ in value.entries]
            items = tuple(item for _, item in value.entries)
            return _combined(value, items, lambda *found: dict(zip(names, map(copy_json, found), strict=True)), context)
        case ast.Literal() | ast.Suffixed() | ast.TimeValue():
            evaluate = compile_value(value, context)
            return lambda frame: [evaluate(frame)]
        case _:
            assert_never(value)


def _combined(value: Made, parts: tuple[ast.Value, ...], make: Callable[..., Json], context: Context) -> Several:
    """What `make` gives for each combination of the values of the parts, without those for which it gives NOTHING."""
    several = [compile_several(part, context) for part in parts]

    def combined(frame: Frame) -> list[Json]:
        found = [part(frame) for part in several]
        if prod(map(len, found)) > MOST_COMBINATIONS:
            raise NoAnswer(
                value.span, f"`{value.span.text}` has more than {MOST_COMBINATIONS:,} combinations of values"
            )
        return [result for choice in product(*found) if (result := make(*choice)) is not NOTHING]

    return combined


def _whole(function: Callable[..., Json]) -> Callable[..., Json]:
    """The function with NOTHING for no answer: None is a value elsewhere."""

    def call(*arguments: Json) -> Json:
        result = function(*arguments)
        return NOTHING if result is None else result

    return call


def _one(path: ast.Path, context: Context) -> Evaluate:
    values = compile_values(path, context)

    def evaluate(frame: Frame) -> Json:
        found = values(frame)
        if not found:
            return NOTHING
        first = found[0]
        if len(found) > 1:
            others = sum(not equal_json(first, value) for value in found)
            if others:
                raise Ambiguous(path.span, others + 1)
        return copy_json(first)

    return evaluate


def _list(value: ast.ListValue, context: Context) -> Evaluate:
    items = [compile_value(item, context) for item in value.items]

    def evaluate(frame: Frame) -> Json:
        results = [item(frame) for item in items]
        return NOTHING if any(result is NOTHING for result in results) else results

    return evaluate


def _map(value: ast.MapValue, context: Context) -> Evaluate:
    entries = [(key, compile_value(item, context)) for key, item in value.entries]

    def evaluate(frame: Frame) -> Json:
        results = {key: item(frame) for key, item in entries}
        return NOTHING if any(result is NOTHING for result in results.values()) else results

    return evaluate


def _call(call: ast.Call, context: Context) -> Evaluate:
    function = _whole(_function(call, context))
    arguments = [compile_value(argument, context) for argument in call.arguments]

    def evaluate(frame: Frame) -> Json:
        given = [argument(frame) for argument in arguments]
        return NOTHING if any(value is NOTHING for value in given) else function(*given)

    return evaluate


def _function(call: ast.Call, context: Context) -> Callable[..., Json]:
    if call.function == "pseudonym":
        return lambda value, space: pseudonym(context.secret, value, space)
    function = FUNCTIONS[call.function]
    if call.field:
        return lambda *arguments: function(*arguments, call.field)
    return function


def mentions(value: ast.Value, slot: int) -> bool:
    """Whether the value reads the variable in that slot."""
    match value:
        case ast.Path():
            return isinstance(value.root, ast.VariableRoot) and value.root.slot == slot
        case ast.Call():
            return any(mentions(argument, slot) for argument in value.arguments)
        case ast.ListValue():
            return any(mentions(item, slot) for item in value.items)
        case ast.MapValue():
            return any(mentions(item, slot) for _, item in value.entries)
        case ast.Literal() | ast.Suffixed() | ast.TimeValue():
            return False
        case _:
            assert_never(value)
