"""JSON values: an independent copy, and equality as JSON means it."""

from __future__ import annotations

from typing import Any

Json = Any
"""A JSON value: dict, list, str, int, float, bool or None."""


def copy_json(value: Json) -> Json:
    """A copy that shares no dict and no list with `value`; many times faster than `copy.deepcopy`."""
    kind = type(value)
    if kind is dict:
        return {key: copy_json(item) for key, item in value.items()}
    if kind is list:
        return [copy_json(item) for item in value]
    return value


def equal_json(left: Json, right: Json) -> bool:
    """Equality by value: 1 equals 1.0, but a boolean equals only a boolean, at any depth."""
    # Unequal for Python is unequal for JSON; only what is equal for Python may still be a boolean beside a number.
    return left == right and _same_booleans(left, right)


def _same_booleans(left: Json, right: Json) -> bool:
    kind = type(left)
    if kind is dict:
        return all(_same_booleans(item, right[key]) for key, item in left.items())
    if kind is list:
        return all(map(_same_booleans, left, right))
    return (kind is bool) == (type(right) is bool)
