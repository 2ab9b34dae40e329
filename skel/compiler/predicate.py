"""Selectors as closures."""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, assert_never

from skel.compiler.comparison import compile_compare, compile_in, compile_text, constant_leaf
from skel.compiler.frame import Frame, Place, Predicate
from skel.compiler.paths import Context, Reach, anything, compile_any, compile_reach
from skel.compiler.seek import compile_seek
from skel.compiler.walk import Hits, ItemTest, ValueTest
from skel.kube.version import version_key
from skel.language import ast
from skel.patch.values import Json

ORDER: MappingProxyType[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "==": operator.eq,
        "!=": operator.ne,
        "!==": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)


def compile_term(term: ast.Term, context: Context) -> Predicate:
    match term:
        case ast.Everything():
            return lambda _: True
        case ast.Compare():
            return compile_compare(term, context)
        case ast.Text():
            return compile_text(term, context)
        case ast.In():
            return compile_in(term, context)
        case ast.Exists():
            return compile_any(term.path, anything, context)
        case ast.Known():
            return _known(term, context)
        case ast.TimeTest():
            return _time(term)
        case ast.TargetTest():
            answer = target_holds(term, context)
            return lambda _: answer
        case ast.Bind():
            return _bind(term, context)
        case ast.And():
            return _and([compile_term(part, context) for part in term.terms])
        case ast.Or():
            return _or([compile_term(part, context) for part in term.terms])
        case ast.Not():
            inner = compile_term(term.term, context)
            return lambda frame: not inner(frame)
        case _:
            assert_never(term)


def _and(parts: list[Predicate]) -> Predicate:
    if len(parts) == 2:
        first, second = parts
        return lambda frame: first(frame) and second(frame)
    return lambda frame: all(part(frame) for part in parts)


def _or(parts: list[Predicate]) -> Predicate:
    return lambda frame: any(part(frame) for part in parts)


def _known(term: ast.Known, context: Context) -> Predicate:
    reach, kind = compile_reach(term.path, context), term.kind

    def predicate(frame: Frame) -> bool:
        places = reach(frame)
        if not places:
            return False
        namespace = _namespace(frame.holder[0])
        return any(frame.known(kind, namespace, container[key]) for container, key, _ in places)

    return predicate


def _namespace(manifest: Json) -> str:
    metadata = manifest.get("metadata") if isinstance(manifest, dict) else None
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    return namespace if isinstance(namespace, str) else ""


def _time(term: ast.TimeTest) -> Predicate:
    holds, seconds = ORDER[term.operator], term.seconds
    if term.relative:
        return lambda frame: holds(frame.relative, seconds)
    return lambda frame: holds(frame.time, seconds)


def target_holds(term: ast.TargetTest, context: Context) -> bool:
    """Whether the version given for the component stands in that order; never if none was given."""
    given = version_key(context.targets.get(term.component, ""))
    asked = version_key(term.version)
    return given is not None and asked is not None and ORDER[term.operator](given, asked)


def _bind(term: ast.Bind, context: Context) -> Predicate:
    slot = term.variable.slot
    passes = _item_test(term.test, slot, context)
    if passes is not None:
        return _bind_directly(slot, compile_reach(term.path, context, passes))
    reach = compile_reach(term.path, context)
    test = compile_term(term.test, context) if term.test is not None else None

    def predicate(frame: Frame) -> bool:
        found = reach(frame)
        if test is not None:
            found = _passing(found, test, frame, slot)
        frame.bindings[slot] = found
        return bool(found)

    return predicate


def _bind_directly(slot: int, reach: Reach) -> Predicate:
    def predicate(frame: Frame) -> bool:
        found = frame.bindings[slot] = reach(frame)
        return bool(found)

    return predicate


def _item_test(term: ast.Term | None, slot: int, context: Context) -> ValueTest | None:
    """The test of a variable as a test of the value alone, if it asks of one path below the item. The usual case, and
    fast.
    """
    match term:
        case ast.Exists() if _is_below(term.path, slot):
            return compile_seek(term.path.steps, anything, context.filters)
        case ast.Compare() if isinstance(term.left, ast.Path) and _is_below(term.left, slot):
            leaf = constant_leaf(term)
            return None if leaf is None else compile_seek(term.left.steps, leaf, context.filters)
        case _:
            return None


def _is_below(path: ast.Path, slot: int) -> bool:
    return isinstance(path.root, ast.VariableRoot) and path.root.slot == slot


def _passing(found: Hits, test: Predicate, frame: Frame, slot: int) -> Hits:
    """The places for which the test holds, each tested with the variable standing for it alone."""
    kept = []
    for place in found:
        frame.bindings[slot] = [place]
        if test(frame):
            kept.append(place)
    return kept


def compile_filter(term: ast.Term, context: Context) -> ItemTest:
    """The test of `[?(...)]`: `@` is the item."""
    predicate = compile_term(term, context)

    def test(place: Place, frame: Frame) -> bool:
        outer, frame.item = frame.item, place
        passed = predicate(frame)
        frame.item = outer
        return passed

    return test


def new_context(**known: Any) -> Context:
    """A context whose filters are compiled with the context itself."""
    context: Context = Context(filters=lambda term: compile_filter(term, context), **known)
    return context
