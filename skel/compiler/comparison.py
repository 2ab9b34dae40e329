"""Comparisons as closures. Against a constant the test is chosen once; otherwise both sides are looked up."""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from skel.compiler.equality import comparable, is_number
from skel.compiler.frame import Frame, Predicate
from skel.compiler.functions import FUNCTIONS, MEASURES, regex
from skel.compiler.paths import Context, compile_any
from skel.compiler.seek import Leaf
from skel.compiler.values import NOTHING, Several, compile_several, constant
from skel.language import ast
from skel.patch.values import Json, equal_json

_ORDERS: MappingProxyType[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
)


def compile_compare(term: ast.Compare, context: Context) -> Predicate:
    measure = _measure(term.left) or _measure(term.right)
    if measure:
        return _measured(term, measure, context)
    if term.operator == "!==":
        equals = compile_compare(ast.Compare(term.left, "==", term.right, term.span), context)
        return lambda frame: not equals(frame)
    leaf = constant_leaf(term)
    if leaf is not None and isinstance(term.left, ast.Path):
        return compile_any(term.left, leaf, context)
    return _pairwise(term.operator, compile_several(term.left, context), compile_several(term.right, context))


def constant_leaf(term: ast.Compare) -> Leaf | None:
    """The test of one value, if the right side is a constant and the left side is taken as it is."""
    if term.operator == "!==" or _measure(term.left) or _measure(term.right):
        return None
    fixed = constant(term.right)
    return None if fixed is NOTHING else _leaf(term.operator, fixed)


def _leaf(symbol: str, fixed: Json) -> Leaf:
    """The test of one value against a constant, as narrow as the constant allows."""
    if symbol == "==":
        if isinstance(fixed, str):
            return lambda value: bool(value == fixed)
        if fixed is None or isinstance(fixed, bool):
            return lambda value: value is fixed
        return lambda value: equal_json(value, fixed)
    if symbol == "!=":
        return lambda value: not equal_json(value, fixed)
    holds = _ORDERS[symbol]
    if isinstance(fixed, str):
        return lambda value: isinstance(value, str) and holds(value, fixed)
    if is_number(fixed):
        return lambda value: is_number(value) and holds(value, fixed)
    return lambda _: False


def _pairwise(symbol: str, lefts: Several, rights: Several) -> Predicate:
    if symbol == "!=":
        return lambda frame: _some_unequal(lefts(frame), rights(frame))
    if symbol == "==":
        return lambda frame: _some_equal(lefts(frame), rights(frame))
    holds = _ORDERS[symbol]
    return lambda frame: any(
        comparable(left, right) and holds(left, right) for right in rights(frame) for left in lefts(frame)
    )


def _some_equal(lefts: list[Json], rights: list[Json]) -> bool:
    return any(equal_json(left, right) for left in lefts for right in rights)


def _some_unequal(lefts: list[Json], rights: list[Json]) -> bool:
    """Some left value equals none of the right ones; with no right value nothing can be said."""
    return bool(rights) and any(not any(equal_json(left, right) for right in rights) for left in lefts)


# ---- quantity, duration, version: both sides are measured, then compared ---------------------------------------------


def _measure(value: ast.Value) -> str:
    return value.function if isinstance(value, ast.Call) and value.function in MEASURES else ""


def _measured(term: ast.Compare, measure: str, context: Context) -> Predicate:
    lefts, rights = _measures(term.left, measure, context), _measures(term.right, measure, context)
    symbol = term.operator
    if symbol == "==":
        return lambda frame: _some_equal(lefts(frame), rights(frame))
    if symbol == "!==":
        return lambda frame: not _some_equal(lefts(frame), rights(frame))
    if symbol == "!=":
        return lambda frame: _some_unequal(lefts(frame), rights(frame))
    holds = _ORDERS[symbol]

    def predicate(frame: Frame) -> bool:
        limits = rights(frame)
        return any(holds(left, right) for left in lefts(frame) for right in limits)

    return predicate


def _measures(value: ast.Value, measure: str, context: Context) -> Several:
    if _measure(value) == measure:
        return compile_several(value, context)
    function = FUNCTIONS[measure]
    if isinstance(value, ast.Literal | ast.Suffixed):
        # The text counts, not the number: version 1.30 is not 1.3.
        text = value.value if isinstance(value, ast.Literal) and isinstance(value.value, str) else value.span.text
        fixed = [result for result in (function(text),) if result is not None]
        return lambda _: fixed
    several = compile_several(value, context)
    return lambda frame: [result for item in several(frame) if (result := function(item)) is not None]


# ---- sets and text ---------------------------------------------------------------------------------------------------


def compile_in(term: ast.In, context: Context) -> Predicate:
    fixed = constant(term.right)
    if isinstance(term.left, ast.Path) and isinstance(fixed, list):
        if all(isinstance(item, str) for item in fixed):
            words = frozenset(fixed)
            return compile_any(term.left, lambda value: isinstance(value, str) and value in words, context)
        return compile_any(term.left, lambda value: any(equal_json(value, item) for item in fixed), context)
    lefts, rights = compile_several(term.left, context), _members(term.right, context)
    return lambda frame: _some_equal(lefts(frame), rights(frame))


def _members(value: ast.Value, context: Context) -> Several:
    """The items of a list; a path to arrays stands for their items."""
    if isinstance(value, ast.ListValue):
        parts = [compile_several(item, context) for item in value.items]
        return lambda frame: [result for part in parts for result in part(frame)]
    several = compile_several(value, context)
    return lambda frame: [
        item for result in several(frame) for item in (result if isinstance(result, list) else [result])
    ]


def compile_text(term: ast.Text, context: Context) -> Predicate:
    holds = _TEXT_TESTS[term.operator]
    fixed = constant(term.right)
    if fixed is NOTHING:
        lefts, rights = compile_several(term.left, context), compile_several(term.right, context)
        return lambda frame: any(holds(left, right) for right in rights(frame) for left in lefts(frame))
    test: Leaf = lambda value: holds(value, fixed)  # noqa: E731
    if isinstance(term.left, ast.Path):
        return compile_any(term.left, test, context)
    several = compile_several(term.left, context)
    return lambda frame: any(test(value) for value in several(frame))


def _matches(value: Json, pattern: Json) -> bool:
    return isinstance(value, str) and isinstance(pattern, str) and regex(pattern).search(value) is not None


def _starts(value: Json, start: Json) -> bool:
    return isinstance(value, str) and isinstance(start, str) and value.startswith(start)


def _ends(value: Json, end: Json) -> bool:
    return isinstance(value, str) and isinstance(end, str) and value.endswith(end)


def _contains(value: Json, part: Json) -> bool:
    if isinstance(value, str):
        return isinstance(part, str) and part in value
    if isinstance(value, list):
        return any(equal_json(item, part) for item in value)
    return isinstance(value, dict) and isinstance(part, str) and part in value


_TEXT_TESTS: MappingProxyType[str, Callable[[Json, Json], bool]] = MappingProxyType(
    {"=~": _matches, "startswith": _starts, "endswith": _ends, "contains": _contains}
)
