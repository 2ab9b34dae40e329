"""Where a place is after an operation: items move along when one before them goes or comes."""

from __future__ import annotations

from skel.patch.operations import Add, Copy, Move, Operation, Remove, Replace
from skel.patch.pointer import Pointer


def follow(pointer: Pointer, operation: Operation) -> Pointer | None:
    """The pointer to the same item after the operation, or None if the item is gone."""
    match operation:
        case Remove(path=path):
            return _after_removal(pointer, path)
        case Add(path=path) | Copy(path=path):
            return _after_arrival(pointer, path)
        case Replace(path=path):
            return None if _is_below(pointer, path) else pointer
        case Move(source=source, path=path):
            if pointer[: len(source)] == source:
                return path + pointer[len(source) :]
            rest = _after_removal(pointer, source)
            return None if rest is None or rest[: len(path)] == path else _after_arrival(rest, path)
        case _:
            return pointer


def _is_below(pointer: Pointer, path: Pointer) -> bool:
    return len(pointer) > len(path) and pointer[: len(path)] == path


def _same_array(pointer: Pointer, path: Pointer) -> int | None:
    """The index of the pointer in the array in which the path ends; None if it does not pass through that array."""
    depth = len(path) - 1
    if depth < 0 or len(pointer) <= depth or pointer[:depth] != path[:depth]:
        return None
    index = pointer[depth]
    return index if isinstance(index, int) and isinstance(path[depth], int) else None


def _moved(pointer: Pointer, path: Pointer, by: int) -> Pointer:
    depth = len(path) - 1
    return (*pointer[:depth], int(pointer[depth]) + by, *pointer[depth + 1 :])


def _after_removal(pointer: Pointer, path: Pointer) -> Pointer | None:
    if pointer[: len(path)] == path:
        return None
    index = _same_array(pointer, path)
    return _moved(pointer, path, -1) if index is not None and index > int(path[-1]) else pointer


def _after_arrival(pointer: Pointer, path: Pointer) -> Pointer | None:
    index = _same_array(pointer, path)
    if index is not None:
        return _moved(pointer, path, 1) if index >= int(path[-1]) else pointer
    return None if _is_below(pointer, path) else pointer
