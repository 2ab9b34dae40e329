"""Commands as closures: find all places, read all values, then change from the last place to the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from skel.compiler import write
from skel.compiler.frame import Frame, Place
from skel.compiler.functions import substitute
from skel.compiler.paths import Context, compile_reach, plain_keys
from skel.compiler.predicate import compile_term
from skel.compiler.transfer import compile_transfer
from skel.compiler.values import NOTHING, Evaluate, compile_value, constant, mentions
from skel.compiler.write import Log
from skel.language import ast
from skel.patch.operations import Move, Remove, Replace
from skel.patch.values import Json, copy_json

Action = Callable[[Frame, Log], None]
"""Change the object in the frame; the log gets the operations, the frame the skips and findings."""

Writer = Callable[[Place, write.Tokens, Json, Log], str]

NO_VALUE = "the value is missing"


def compile_action(command: ast.ObjectCommand, context: Context) -> Action:
    match command:
        case ast.Delete():
            return _delete
        case ast.Remove():
            return _remove(command.path, context)
        case ast.Modify(only_absent=False):
            return _write(command.path, command.value, write.put, context)
        case ast.Modify():
            return _write(command.path, command.value, _put_if_absent, context)
        case ast.Append():
            return _write(command.path, command.value, write.append, context)
        case ast.Merge():
            return _write(command.path, command.value, write.merge, context)
        case ast.Rename():
            return _rename(command.path, text(command.name), context)
        case ast.Rekey():
            return _rekey(command.path, text(command.old), text(command.new), context)
        case ast.Replace():
            return _replace(command.path, text(command.pattern), text(command.replacement), context)
        case ast.Transfer():
            return compile_transfer(command, context)
        case ast.Require():
            return _require(command, context)
        case ast.Deny():
            return lambda frame, _: frame.find(command.message)
        case _:
            assert_never(command)


def text(value: ast.Value) -> str:
    """A string that the checker has seen to be one."""
    result = constant(value)
    assert isinstance(result, str)
    return result


def _delete(frame: Frame, log: Log) -> None:
    frame.holder[0] = None
    log.append(Remove(()))


def _require(command: ast.Require, context: Context) -> Action:
    holds = compile_term(command.condition, context)

    def act(frame: Frame, _: Log) -> None:
        if not holds(frame):
            frame.find(command.message)

    return act


# ---- removing --------------------------------------------------------------------------------------------------------


def _remove(path: ast.Path, context: Context) -> Action:
    keys = plain_keys(path, context)
    if keys:
        return _remove_key(keys)
    reach = compile_reach(path, context)

    def act(frame: Frame, log: Log) -> None:
        places = reach(frame)
        if len(places) > 1 and len({len(here) for _, _, here in places}) > 1:
            places = _outermost(places)
        # From the last to the first: an item that goes does not move those that are still to go.
        for container, key, here in reversed(places):
            if here:
                del container[key]
                log.append(Remove(here))
            else:
                frame.skip(write.WHOLE_OBJECT)

    return act


def _remove_key(keys: tuple[str, ...]) -> Action:
    """The path is a run of plain keys: at most one place, and no list of places."""
    *before, last = keys

    def act(frame: Frame, log: Log) -> None:
        node = frame.holder[0]
        for name in before:
            if type(node) is not dict:
                return
            node = node.get(name)
        if type(node) is dict and last in node:
            del node[last]
            log.append(Remove(keys))

    return act


def _outermost(places: list[Place]) -> list[Place]:
    """Without the places that lie inside another one."""
    pointers = {here for _, _, here in places}
    return [place for place in places if not any(place[2][:depth] in pointers for depth in range(len(place[2])))]


# ---- writing a value -------------------------------------------------------------------------------------------------


def _put_if_absent(place: Place, tokens: write.Tokens, value: Json, log: Log) -> str:
    found, rest = write.descend(place, tokens)
    return write.make(found, rest, value, log) if rest else ""


def _write(path: ast.Path, value: ast.Value, writer: Writer, context: Context) -> Action:
    base, tail = write.split(path)
    reach, evaluate = compile_reach(base, context), compile_value(value, context)
    if isinstance(path.root, ast.VariableRoot) and mentions(value, path.root.slot):
        return _write_by_item(path.root.slot, reach, evaluate, tail, writer)

    def act(frame: Frame, log: Log) -> None:
        places = reach(frame)
        if not places:
            return
        result = evaluate(frame)
        if result is NOTHING:
            frame.skip(NO_VALUE)
            return
        for i in range(len(places) - 1, -1, -1):
            reason = writer(places[i], tail, copy_json(result) if i else result, log)
            if reason:
                frame.skip(reason)

    return act


def _write_by_item(
    slot: int, reach: Callable[[Frame], list[Place]], evaluate: Evaluate, tail: write.Tokens, writer: Writer
) -> Action:
    """The variable is on both sides: each item gets the value of the same item. All values are read before any
    write.
    """

    def act(frame: Frame, log: Log) -> None:
        items = frame.bindings[slot]
        work: list[tuple[Place, Json]] = []
        for item in items:
            frame.bindings[slot] = [item]
            places = reach(frame)
            result = evaluate(frame) if places else NOTHING
            work += [(place, result) for place in places]
        frame.bindings[slot] = items
        for place, result in reversed(work):
            reason = NO_VALUE if result is NOTHING else writer(place, tail, copy_json(result), log)
            if reason:
                frame.skip(reason)

    return act


# ---- keys and texts --------------------------------------------------------------------------------------------------


def _rename(path: ast.Path, name: str, context: Context) -> Action:
    reach = compile_reach(path, context)

    def act(frame: Frame, log: Log) -> None:
        for container, key, here in reversed(reach(frame)):
            if isinstance(container, dict) and here:
                _rename_key(container, str(key), name, here[:-1], log)

    return act


def _rekey(path: ast.Path, old: str, new: str, context: Context) -> Action:
    reach = compile_reach(path, context)

    def act(frame: Frame, log: Log) -> None:
        for container, key, here in reversed(reach(frame)):
            node = container[key]
            if isinstance(node, dict) and old in node:
                _rename_key(node, old, new, here, log)

    return act


def _rename_key(node: dict[str, Json], old: str, new: str, here: tuple[str | int, ...], log: Log) -> None:
    if old != new:
        node[new] = node.pop(old)
        log.append(Move((*here, old), (*here, new)))


def _replace(path: ast.Path, pattern: str, replacement: str, context: Context) -> Action:
    reach = compile_reach(path, context)

    def act(frame: Frame, log: Log) -> None:
        for container, key, here in reversed(reach(frame)):
            before = container[key]
            if isinstance(before, str) and (after := substitute(before, pattern, replacement)) != before:
                container[key] = after
                log.append(Replace(here, after))

    return act
