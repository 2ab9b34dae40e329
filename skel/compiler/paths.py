"""A path with its root: the places it reaches in a frame, their values, and whether one of them passes a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import assert_never

from skel.compiler.frame import Frame, Predicate
from skel.compiler.seek import Leaf, compile_seek
from skel.compiler.walk import FilterCompiler, Hits, ValueTest, Walk, compile_steps, is_plain
from skel.language import ast
from skel.patch.values import Json

Reach = Callable[[Frame], Hits]


@dataclass(frozen=True)
class Context:
    """What is known when a rule is compiled for one group, version and kind.

    `templates` are the paths of its pod templates; `targets` the version of each component to migrate to; `secret` the
    key of `pseudonym`; `filters` compiles the test of `[?(...)]`, which needs the selectors' compiler.
    """

    filters: FilterCompiler
    templates: tuple[tuple[ast.Step, ...], ...] = ()
    targets: Mapping[str, str] = field(default_factory=dict)
    secret: bytes = b""


def object_steps(path: ast.Path, context: Context) -> tuple[tuple[ast.Step, ...], ...] | None:
    """The path from the object's root, one for each pod template; None if it starts at a variable or an item."""
    match path.root:
        case ast.ObjectRoot():
            return (path.steps,)
        case ast.PodRoot(template=True):
            return tuple(prefix + path.steps for prefix in context.templates)
        case ast.PodRoot():
            return tuple((*prefix, ast.Key("spec", path.span), *path.steps) for prefix in context.templates)
        case ast.VariableRoot() | ast.ItemRoot():
            return None
        case _:
            assert_never(path.root)


def plain_keys(path: ast.Path, context: Context) -> tuple[str, ...]:
    """The keys of a path that is a single run of keys from the object's root; empty for any other path."""
    ways = object_steps(path, context) or ()
    if len(ways) != 1 or not all(is_plain(step) for step in ways[0]):
        return ()
    return tuple(step.name for step in ways[0] if isinstance(step, ast.Key))


def compile_reach(path: ast.Path, context: Context, passes: ValueTest | None = None) -> Reach:
    """The places of the path, each once, in document order; with `passes`, those whose value passes."""
    stages = _stages(path.steps)
    if len(stages) > 1:
        return _in_stages(ast.Path(path.root, stages[0], path.span), stages[1:], context, passes)
    reach = _from_root(path, context, passes)
    return _without_repeats(reach) if _may_repeat(path, context) else reach


def _stages(steps: tuple[ast.Step, ...]) -> list[tuple[ast.Step, ...]]:
    """The steps, cut before each `**` but the first."""
    cuts = [number for number, step in enumerate(steps) if isinstance(step, ast.Deep)][1:]
    return [steps[start:end] for start, end in pairwise([0, *cuts, len(steps)])]


def _in_stages(path: ast.Path, rest: list[tuple[ast.Step, ...]], context: Context, passes: ValueTest | None) -> Reach:
    """A path with several `**`: each place once before the next one, or the work would grow with their power."""
    reach = compile_reach(path, context)
    tests = [None] * (len(rest) - 1) + [passes]
    walks = [compile_steps(steps, context.filters, test) for steps, test in zip(rest, tests, strict=True)]

    def staged(frame: Frame) -> Hits:
        places = reach(frame)
        for walk in walks:
            hits: Hits = []
            for place in places:
                walk(*place, hits, frame)
            places = list({place[2]: place for place in hits}.values())
        return places

    return staged


def _from_root(path: ast.Path, context: Context, passes: ValueTest | None) -> Reach:
    if isinstance(path.root, ast.VariableRoot):
        if not path.steps and passes is None:
            return _bound(path.root.slot)
        return _from_variable(path.root.slot, compile_steps(path.steps, context.filters, passes))
    if isinstance(path.root, ast.ItemRoot):
        return _from_item(compile_steps(path.steps, context.filters, passes))
    walks = [compile_steps(steps, context.filters, passes) for steps in object_steps(path, context) or ()]
    if len(walks) == 1:
        return _from_object(walks[0])
    return _from_templates([_from_object(walk) for walk in walks])


def _from_object(walk: Walk) -> Reach:
    def reach(frame: Frame) -> Hits:
        hits: Hits = []
        walk(frame.holder, 0, (), hits, frame)
        return hits

    return reach


def _from_templates(reaches: list[Reach]) -> Reach:
    return lambda frame: [place for reach in reaches for place in reach(frame)]


def _from_item(walk: Walk) -> Reach:
    def reach(frame: Frame) -> Hits:
        hits: Hits = []
        walk(*frame.item, hits, frame)
        return hits

    return reach


def _bound(slot: int) -> Reach:
    return lambda frame: frame.bindings[slot]


def _from_variable(slot: int, walk: Walk) -> Reach:
    def reach(frame: Frame) -> Hits:
        hits: Hits = []
        for place in frame.bindings[slot]:
            walk(*place, hits, frame)
        return hits

    return reach


def _may_repeat(path: ast.Path, context: Context) -> bool:
    """Only `**` can lead to one place on two ways."""
    several_roots = isinstance(path.root, ast.VariableRoot) or len(object_steps(path, context) or ()) > 1
    return several_roots and any(isinstance(step, ast.Deep) for step in path.steps)


def _without_repeats(reach: Reach) -> Reach:
    return lambda frame: list({place[2]: place for place in reach(frame)}.values())


def compile_values(path: ast.Path, context: Context) -> Callable[[Frame], list[Json]]:
    """The values at the places of the path."""
    reach = compile_reach(path, context)
    return lambda frame: [container[key] for container, key, _ in reach(frame)]


def compile_any(path: ast.Path, leaf: Leaf, context: Context) -> Predicate:
    """Whether some value of the path passes the test."""
    if len(_stages(path.steps)) > 1:
        values = compile_values(path, context)
        return lambda frame: any(map(leaf, values(frame)))
    if isinstance(path.root, ast.VariableRoot):
        return _any_of_variable(path.root.slot, path.steps, leaf, context)
    if isinstance(path.root, ast.ItemRoot):
        seek = compile_seek(path.steps, leaf, context.filters)
        return lambda frame: seek(frame.item[0][frame.item[1]], frame)
    if keys := plain_keys(path, context):
        return _any_key(keys, leaf)
    seeks = [compile_seek(steps, leaf, context.filters) for steps in object_steps(path, context) or ()]
    if len(seeks) == 1:
        only = seeks[0]
        return lambda frame: only(frame.holder[0], frame)
    return lambda frame: any(seek(frame.holder[0], frame) for seek in seeks)


def _any_key(keys: tuple[str, ...], leaf: Leaf) -> Predicate:
    """The path is a run of plain keys: one frame for the usual question."""
    *before, last = keys

    def predicate(frame: Frame) -> bool:
        node = frame.holder[0]
        for name in before:
            if type(node) is not dict:
                return False
            node = node.get(name)
        return type(node) is dict and last in node and leaf(node[last])

    def is_there(frame: Frame) -> bool:
        node = frame.holder[0]
        for name in before:
            if type(node) is not dict:
                return False
            node = node.get(name)
        return type(node) is dict and last in node

    return is_there if leaf is anything else predicate


def anything(_: Json) -> bool:
    """The test of `exists`."""
    return True


def _any_of_variable(slot: int, steps: tuple[ast.Step, ...], leaf: Leaf, context: Context) -> Predicate:
    seek = compile_seek(steps, leaf, context.filters)

    def predicate(frame: Frame) -> bool:
        return any(seek(container[key], frame) for container, key, _ in frame.bindings[slot])

    return predicate
