"""The naive interpreter's hands: what an action does to the places of one object.

Each change of a value is one of two: `take` removes what is at a place, `put` writes there. Both tell the variables of
an enclosing `when`, so that these follow their items.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from skel.language import ast
from tests.oracle_functions import Json, Missing, fresh, replaced
from tests.oracle_look import Look, Pointer, at, one, places

Writer = Callable[[Look, Pointer, Json], int]
"""Write a value at a place; 1 if that must be skipped."""


EVERYTHING = -1_000_000
"""The slot in which a variable's whole set waits while the variable stands for one item."""


class Gone(Exception):
    """The object has left its event."""


def change(command: ast.ObjectCommand, seen: Look) -> int:
    """Do the action of a command whose selector holds; the number of skips."""
    match command:
        case ast.Remove(path=path):
            return remove(path, seen)
        case ast.Modify(path=path, value=value, only_absent=only_absent):
            return write(path, value, put_absent if only_absent else put_always, seen)
        case ast.Append(path=path, value=value):
            return write(path, value, append, seen)
        case ast.Merge(path=path, value=value):
            return write(path, value, merge, seen)
        case ast.Transfer():
            return transfer(command, seen)
        case ast.Rename() | ast.Rekey() | ast.Replace():
            for place in reversed(places(command.path, seen)):
                reword(command, place, seen)
            return 0
        case ast.Delete() | ast.Require() | ast.Deny():
            raise AssertionError("these change nothing in an object")
        case _:
            assert_never(command)


def reword(command: ast.Rename | ast.Rekey | ast.Replace, place: Pointer, seen: Look) -> None:
    """Change the key of a place, a key of the map there, or the string there."""
    match command:
        case ast.Rename(name=name):
            if place and isinstance(place[-1], str):
                rename(seen, place[:-1], place[-1], one(name, seen))
        case ast.Rekey(old=old, new=new):
            rename(seen, place, one(old, seen), one(new, seen))
        case ast.Replace(pattern=pattern, replacement=replacement):
            if isinstance(old := at(seen.obj, place), str):
                put(seen, place, replaced(old, one(pattern, seen), one(replacement, seen)))


# ---- the two changes -------------------------------------------------------------------------------------------------


def take(seen: Look, place: Pointer) -> None:
    """Remove the value; items behind it move up, and so do the variables that stand for them."""
    parent, last = at(seen.obj, place[:-1]), place[-1]
    del parent[last]
    for slot, bound in seen.bound.items():
        seen.bound[slot] = [after_removal(p, place) for p in bound if p[: len(place)] != place]


def after_removal(pointer: Pointer, gone: Pointer) -> Pointer:
    depth, index = len(gone) - 1, gone[-1]
    here = pointer[depth] if len(pointer) > depth and pointer[:depth] == gone[:-1] else None
    if isinstance(here, int) and isinstance(index, int) and here > index:
        return (*pointer[:depth], here - 1, *pointer[depth + 1 :])
    return pointer


def put(seen: Look, place: Pointer, value: Json) -> None:
    """Write the value, and make the maps and arrays on the way. What was below the place is gone."""
    if exactly(at(seen.obj, place), value):
        return
    seen.obj = with_value(seen.obj, place, fresh(value))
    for slot, bound in seen.bound.items():
        seen.bound[slot] = [p for p in bound if p == place or p[: len(place)] != place]


def with_value(node: Json, place: Pointer, value: Json) -> Json:
    if not place:
        return value
    first, rest = place[0], place[1:]
    if isinstance(first, str):
        old = node if isinstance(node, dict) else {}
        return {**old, first: with_value(old.get(first), rest, value)}
    items = list(node) if isinstance(node, list) else []
    items[first : first + 1] = [with_value(items[first] if first < len(items) else None, rest, value)]
    return items


def exactly(left: Json, right: Json) -> bool:
    """No difference that a reader of the bytes could see, but for the order of maps: 1 is not 1.0."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(exactly(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(exactly, left, right))
    return type(left) is type(right) and repr(left) == repr(right)


# ---- writing ---------------------------------------------------------------------------------------------------------


def split(path: ast.Path) -> tuple[ast.Path, tuple[ast.Step, ...]]:
    """The part that reaches what is there, and the keys and indices behind it, which can be made."""
    count = len(path.steps)
    while count and isinstance(path.steps[count - 1], ast.Key | ast.Index):
        count -= 1
    if 0 < count < len(path.steps) and isinstance(path.steps[count - 1], ast.Deep):
        count += 1  # right behind `**` nothing is made
    return replace(path, steps=path.steps[:count]), path.steps[count:]


def targets(path: ast.Path, seen: Look) -> list[Pointer]:
    """The places from which something may be made."""
    return places(split(path)[0], seen)


def makeable(obj: Json, base: Pointer, steps: tuple[ast.Step, ...]) -> Pointer | None:
    """The place that the steps name below the base, there or to be made; None if it can't be."""
    place, node = base, at(obj, base)
    for step in steps:
        part = step_into(node, step)
        if part is None:
            return None
        place = (*place, part)
        node = at(obj, place)
    return place


def step_into(node: Json, step: ast.Step) -> str | int | None:
    """The key or index to go on with. Below a missing, null or scalar node a map is made, or an array before `[0]`."""
    if isinstance(step, ast.Key):
        if not isinstance(node, list):
            return step.name
        index = int(step.name) if not step.quoted and step.name.isdecimal() else -1
        return index if 0 <= index <= len(node) else None
    assert isinstance(step, ast.Index)
    if isinstance(node, dict):
        return None
    length = len(node) if isinstance(node, list) else 0
    index = step.value + length if step.value < 0 else step.value
    return index if 0 <= index < length or step.value == length else None


def write(path: ast.Path, value: ast.Value, writer: Writer, seen: Look) -> int:
    """Find all targets, read all values, then write from the last target to the first."""
    slot = path.root.slot if isinstance(path.root, ast.VariableRoot) else None
    work: dict[Pointer, Json] = {}
    if slot is not None and mentions(value, slot):
        for item in seen.bound.get(slot, []):
            alone = replace(seen, bound={**seen.bound, slot: [item]})
            for base in targets(path, alone):
                work.setdefault(base, one(value, alone))
        skips = 0
    else:
        bases = targets(path, seen)
        result = one(value, seen) if bases else Missing
        skips = 1 if bases and result is Missing else 0
        work = dict.fromkeys(bases, result) if result is not Missing else {}
    return skips + sum(write_one(seen, base, path, result, writer) for base, result in reversed(work.items()))


def write_one(seen: Look, base: Pointer, path: ast.Path, value: Json, writer: Writer) -> int:
    place = makeable(seen.obj, base, split(path)[1])
    return 1 if value is Missing or place is None else writer(seen, place, value)


def mentions(value: ast.Value, slot: int) -> bool:
    match value:
        case ast.Path(root=root):
            return isinstance(root, ast.VariableRoot) and root.slot == slot
        case ast.Call(arguments=parts) | ast.ListValue(items=parts):
            return any(mentions(part, slot) for part in parts)
        case ast.MapValue(entries=entries):
            return any(mentions(part, slot) for _, part in entries)
        case _:
            return False


def put_always(seen: Look, place: Pointer, value: Json) -> int:
    put(seen, place, value)
    return 0


def put_absent(seen: Look, place: Pointer, value: Json) -> int:
    if at(seen.obj, place) is Missing:
        put(seen, place, value)
    return 0


def append(seen: Look, place: Pointer, value: Json) -> int:
    items = at(seen.obj, place)
    if items is Missing or items is None:
        put(seen, place, [value])
    elif isinstance(items, list):
        put(seen, (*place, len(items)), value)
    else:
        return 1
    return 0


def merge(seen: Look, place: Pointer, patch: Json) -> int:
    """JSON Merge Patch (RFC 7386), each difference on its own."""
    target = at(seen.obj, place)
    if not isinstance(patch, dict) or not (target is Missing or target is None or isinstance(target, dict)):
        return 1
    if not isinstance(target, dict):
        put(seen, place, {})
    for name, value in patch.items():
        below = (*place, name)
        if value is None:
            if at(seen.obj, below) is not Missing:
                take(seen, below)
        elif not isinstance(value, dict):
            put(seen, below, value)
        else:
            if not isinstance(at(seen.obj, below), dict):
                put(seen, below, {})
            merge(seen, below, value)
    return 0


# ---- removing, renaming, moving --------------------------------------------------------------------------------------


def remove(path: ast.Path, seen: Look) -> int:
    found = set(places(path, seen))
    outermost = [place for place in found if not any(place[:depth] in found for depth in range(len(place)))]
    if outermost == [()]:
        return 1
    for place in sorted(outermost, key=backwards, reverse=True):
        take(seen, place)
    return 0


def backwards(place: Pointer) -> list[tuple[str, int]]:
    """Sorts the items of one array by index."""
    return [("", part) if isinstance(part, int) else (part, 0) for part in place]


def rename(seen: Look, parent: Pointer, old: str, new: str) -> None:
    """The value goes to its new name, and the variables on it go along; those on an earlier value there are gone."""
    node = at(seen.obj, parent)
    if not isinstance(node, dict) or old not in node or old == new:
        return
    source, target = (*parent, old), (*parent, new)
    node[new] = node.pop(old)
    for slot, bound in seen.bound.items():
        kept = [p for p in bound if p[: len(target)] != target]
        seen.bound[slot] = [target + p[len(source) :] if p[: len(source)] == source else p for p in kept]


def transfer(command: ast.Transfer, seen: Look) -> int:
    """`copy` is `modify` with a path; `move` takes its source away before it looks for its target."""
    carry = copy_over if command.keep else move_over
    root = command.target.root
    if not isinstance(root, ast.VariableRoot) or not mentions(command.source, root.slot):
        return carry(command, seen)
    # Each item gets a slot of its own, so that it follows the changes made for the others.
    alone = {-1 - i: [item] for i, item in enumerate(seen.bound.get(root.slot, []))}
    seen.bound |= alone
    skips = 0
    for own in sorted(alone):
        everything, seen.bound[root.slot] = seen.bound[root.slot], seen.bound[own]
        seen.bound[EVERYTHING] = everything
        skips += carry(command, seen) if seen.bound[own] else 0
        seen.bound[root.slot] = seen.bound.pop(EVERYTHING)
    for own in alone:
        del seen.bound[own]
    return skips


def copy_over(command: ast.Transfer, seen: Look) -> int:
    value = one(command.source, seen)
    if value is Missing:
        return 1
    bases = targets(command.target, seen)
    return sum(write_one(seen, base, command.target, value, put_always) for base in reversed(bases))


def move_over(command: ast.Transfer, seen: Look) -> int:
    value, sources = one(command.source, seen), places(command.source, seen)
    if value is Missing or () in sources:
        return 1
    tail = split(command.target)[1]
    if len(sources) == 1 and any(makeable(seen.obj, b, tail) in sources for b in targets(command.target, seen)):
        return 0  # a value that moves onto itself stays
    before, bound = fresh(seen.obj), dict(seen.bound)
    for place in sorted(sources, key=backwards, reverse=True):
        take(seen, place)
    bases = targets(command.target, seen)
    skips = sum(write_one(seen, base, command.target, value, put_always) for base in reversed(bases))
    if skips == len(bases):
        seen.obj, seen.bound = before, bound
    return skips
