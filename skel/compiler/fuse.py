"""Neighbouring removals from the same maps as one step: `[*].livenessProbe` and `[*].lifecycle` share their walk.

Only steps whose selector is known to hold are fused. They touch different keys of the same maps, so doing them map by
map leaves what doing them rule by rule leaves; who removed what is read off the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from skel.compiler.action import Action
from skel.compiler.frame import Frame
from skel.compiler.paths import Context, object_steps
from skel.compiler.plan import Step
from skel.compiler.step import CompiledStep
from skel.compiler.walk import Hits, compile_steps, is_plain
from skel.compiler.write import Log
from skel.language import ast
from skel.patch.operations import Remove


@dataclass(frozen=True, slots=True)
class _Removal:
    """A step that removes one key of each map that the way reaches."""

    step: CompiledStep
    way: tuple[ast.Step, ...]
    key: str


def fuse(steps: Iterable[tuple[Step, CompiledStep]], context: Context) -> Iterator[CompiledStep]:
    """The steps in order, runs of removals that can share a walk as one."""
    read = [(compiled, _removal(step, compiled, context)) for step, compiled in steps]
    for _, group in groupby(read, key=lambda pair: pair[1] and pair[1].way):
        run = list(group)
        removals = [removal for _, removal in run if removal is not None]
        rules = {removal.key: removal.step.rule for removal in removals}
        if len(removals) > 1 and len(rules) == len(removals):
            yield replace(removals[-1].step, action=_remove_keys(removals[0].way, tuple(rules), context), rules=rules)
        else:
            yield from (compiled for compiled, _ in run)


def _removal(step: Step, compiled: CompiledStep, context: Context) -> _Removal | None:
    if not compiled.is_certain or compiled.writes_header or not isinstance(step.command, ast.Remove):
        return None
    ways = object_steps(step.command.path, context) or ()
    if len(ways) != 1 or not is_plain(ways[0][-1]):
        return None
    *way, last = ways[0]
    is_simple = all(isinstance(part, ast.Key | ast.Index | ast.Each | ast.AnyKey) for part in way)
    return _Removal(compiled, tuple(way), last.name) if is_simple and isinstance(last, ast.Key) else None


def _remove_keys(way: tuple[ast.Step, ...], keys: tuple[str, ...], context: Context) -> Action:
    walk = compile_steps(way, context.filters)

    def act(frame: Frame, log: Log) -> None:
        hits: Hits = []
        walk(frame.holder, 0, (), hits, frame)
        for container, place, here in hits:
            node = container[place]
            if type(node) is dict:
                for key in keys:
                    if key in node:
                        del node[key]
                        log.append(Remove((*here, key)))

    return act
