"""Exact equality and order. Equality by value, as selectors see it, is `equal_json`."""

from __future__ import annotations

from skel.patch.values import Json


def same(left: Json, right: Json) -> bool:
    """Exact equality, types included, order of map keys left aside: whether a write would change anything."""
    if type(left) is not type(right):
        return False
    if type(left) is dict:
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if type(left) is list:
        return len(left) == len(right) and all(map(same, left, right))
    if type(left) is float:
        return repr(left) == repr(right)  # -0.0 is not 0.0, and nan is itself
    return bool(left == right)


def is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def comparable(left: Json, right: Json) -> bool:
    """Whether `<` means something: two numbers or two strings (by code point)."""
    return (isinstance(left, str) and isinstance(right, str)) or (is_number(left) and is_number(right))
