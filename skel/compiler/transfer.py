"""`move` and `copy`: one value goes from a place to another."""

from __future__ import annotations

from collections.abc import Callable

from skel.compiler import write
from skel.compiler.frame import Frame, Place, locate
from skel.compiler.paths import Context, Reach, compile_reach
from skel.compiler.values import NOTHING, Evaluate, compile_value
from skel.compiler.write import Log
from skel.language import ast
from skel.patch.follow import follow
from skel.patch.values import Json, copy_json

NO_SOURCE = "there is nothing to move or copy"


def compile_transfer(command: ast.Transfer, context: Context) -> Callable[[Frame, Log], None]:
    carry = _copy(command, context) if command.keep else _move(command, context)
    root = command.target.root
    if isinstance(root, ast.VariableRoot) and command.source.root == root:
        return _by_item(root.slot, carry)
    return carry


def _by_item(slot: int, carry: Callable[[Frame, Log], None]) -> Callable[[Frame, Log], None]:
    """Source and target start at the same variable: each item keeps its own value. Last item first, so places stay
    true.
    """

    def act(frame: Frame, log: Log) -> None:
        items = frame.bindings[slot]
        for item in reversed(items):
            frame.bindings[slot] = [item]
            carry(frame, log)
        frame.bindings[slot] = items

    return act


def _target(path: ast.Path, context: Context) -> tuple[Reach, write.Tokens]:
    base, tail = write.split(path)
    return compile_reach(base, context), tail


def _copy(command: ast.Transfer, context: Context) -> Callable[[Frame, Log], None]:
    evaluate: Evaluate = compile_value(command.source, context)
    reach, tail = _target(command.target, context)

    def act(frame: Frame, log: Log) -> None:
        value = evaluate(frame)
        if value is NOTHING:
            frame.skip(NO_SOURCE)
            return
        for place in reversed(reach(frame)):
            if reason := write.put(place, tail, copy_json(value), log):
                frame.skip(reason)

    return act


def _move(command: ast.Transfer, context: Context) -> Callable[[Frame, Log], None]:
    """Take the source away, then write; if nothing could be written, everything is put back."""
    sources = compile_reach(command.source, context)
    evaluate: Evaluate = compile_value(command.source, context)
    reach, tail = _target(command.target, context)

    def act(frame: Frame, log: Log) -> None:
        value = evaluate(frame)
        taken = sources(frame)
        if value is NOTHING or any(not here for _, _, here in taken):
            frame.skip(NO_SOURCE if value is NOTHING else write.WHOLE_OBJECT)
            return
        if len(taken) == 1 and any(_lands_on(place, tail, taken[-1]) for place in reach(frame)):
            return  # a value that moves onto itself
        start, before = len(log), [container[key] for container, key, _ in taken]
        bindings = [list(places) for places in frame.bindings]
        for place in reversed(taken):
            write.remove(place, log)
        follow_bindings(frame, log, start)
        reasons = [write.put(place, tail, copy_json(value), log) for place in reversed(reach(frame))]
        for reason in filter(None, reasons):
            frame.skip(reason)
        if all(reasons):
            _put_back(taken, before)
            frame.bindings[:] = bindings
            del log[start:]

    return act


def _lands_on(place: Place, tail: write.Tokens, source: Place) -> bool:
    found, rest = write.descend(place, tail)
    return not rest and found[2] == source[2]


def _put_back(taken: list[Place], values: list[Json]) -> None:
    for (container, key, _), value in zip(taken, values, strict=True):
        if isinstance(container, list) and isinstance(key, int):
            container.insert(key, value)
        else:
            container[key] = value


def follow_bindings(frame: Frame, log: Log, start: int) -> None:
    """Let the variables follow their items through the operations behind `start`."""
    operations = log[start:]
    if not operations:
        return
    for slot, places in enumerate(frame.bindings):
        kept = []
        for _, _, here in places:
            pointer = here
            for operation in operations:
                moved = follow(pointer, operation)
                if moved is None:
                    break
                pointer = moved
            else:
                place = locate(frame.holder, pointer)
                if place is not None:
                    kept.append(place)
        frame.bindings[slot] = kept


def following(action: Callable[[Frame, Log], None]) -> Callable[[Frame, Log], None]:
    """The action inside a `when` with variables: they follow their items through what it does."""

    def act(frame: Frame, log: Log) -> None:
        start, before = len(log), [list(places) for places in frame.bindings]
        action(frame, log)
        frame.bindings[:] = before
        if frame.holder[0] is not None:
            follow_bindings(frame, log, start)

    return act
