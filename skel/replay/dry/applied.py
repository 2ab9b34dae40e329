"""What server-side apply asks of lists: that their items can be told apart (structured-merge-diff, `typed`).

Lists of type `map` are merged by the keys of their items, lists of type `set` by value; where no type is published, the
key of a strategic merge takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from types import MappingProxyType

from skel.kube.fields import Field
from skel.patch.values import Json
from skel.replay.dry.cause import Step, Steps
from skel.replay.dry.decode import zero
from skel.replay.dry.equality import DEFAULTS

Problems = Sequence[tuple[Steps, str]]
Look = Callable[[Json], Problems]
_NONE: Problems = ()
_NEVER = 1000
_NAMELESS_SINCE = MappingProxyType({"core.v1.LocalObjectReference": 30})
"""Types whose name is empty if nobody gives one, by minor (`+default=""` in their `types.go`)."""


@cache
def lists_of(field: Field) -> Look | None:
    """How to look for lists in a clean value in which two items have the same key, None if there can't be any."""
    return _look(field, frozenset())


def _look(field: Field, above: frozenset[str]) -> Look | None:
    if field.definition in above:
        return None
    within = above | {field.definition} if field.definition else above
    match field.type:
        case "object":
            inner = {name: look for name, child in field.fields.items() if (look := _look(child, within))}
            return _in_object(inner) if inner else None
        case "map" if field.values is not None:
            look = _look(field.values, within)
            return _in_map(look) if look else None
        case "array" if field.items is not None:
            return _in_array(field, field.items, _look(field.items, within))
        case _:
            return None


def _inside(step: Step, problems: Problems) -> Problems:
    return [((step, *steps), words) for steps, words in problems]


def _in_object(inner: dict[str, Look]) -> Look:
    items = tuple(inner.items())

    def look(value: Json) -> Problems:
        found = _NONE
        for name, below in items:
            if name in value and (problems := below(value[name])):
                found = [*found, *_inside(name, problems)]
        return found

    return look


def _in_map(inner: Look) -> Look:
    def look(value: Json) -> Problems:
        return [problem for key, item in value.items() for problem in _inside(key, inner(item))]

    return look


def _in_array(field: Field, items: Field, inner: Look | None) -> Look | None:
    keys = field.list_keys or ((field.merge_key,) if field.merge_key and not field.list_type else ())
    own = _set if field.list_type == "set" else _keyed(keys, items) if keys else None
    if own is None or inner is None:
        return own or (_in_items(inner) if inner else None)
    return _both(own, _in_items(inner))


def _in_items(inner: Look) -> Look:
    def look(value: Json) -> Problems:
        found = _NONE
        for number, item in enumerate(value):
            if problems := inner(item):
                found = [*found, *_inside(number, problems)]
        return found

    return look


def _both(first: Look, second: Look) -> Look:
    def look(value: Json) -> Problems:
        return first(value) or second(value)

    return look


def _set(value: Json) -> Problems:
    return [((), f'set item "{item}" is duplicated') for number, item in enumerate(value) if item in value[:number]]


def _keyed(keys: tuple[str, ...], items: Field) -> Look:
    usual = DEFAULTS.get(items.definition, {})
    # What a type demands is there for the merge, empty if need be.
    needed = {name: zero(child) for name, child in items.fields.items() if child.required and name in keys}
    if _minor(items) >= _NAMELESS_SINCE.get(items.definition, _NEVER):
        needed["name"] = ""
    others = [usual.get(name, needed.get(name)) for name in keys]
    absent = (None,) * len(keys)
    if len(keys) == 1:
        return _by_name(keys[0], others[0])

    def look(value: Json) -> Problems:
        found = [tuple(map(item.get, keys, others)) for item in value]
        if len(set(found)) == len(found) and absent not in found:
            return _NONE
        return list(_complaints(keys, found))

    return look


def _by_name(key: str, usual: Json) -> Look:
    """The same for the usual list, whose items have one key."""

    def look(value: Json) -> Problems:
        found = [item.get(key, usual) for item in value]
        if len(set(found)) == len(found) and None not in found:
            return _NONE
        return list(_complaints((key,), [(name,) for name in found]))

    return look


def _minor(field: Field) -> int:
    return int(field.minor.partition(".")[2] or 0)


def _complaints(keys: tuple[str, ...], found: list[tuple[Json, ...]]) -> Iterator[tuple[Steps, str]]:
    for number, key in enumerate(found):
        if all(part is None for part in key):
            what = f'omits key field "{keys[0]}" (and doesn\'t have default value)'
            yield (), f"element {number}: associative list with keys has an element that {what}"
        elif key in found[:number]:
            words = ",".join(f'{name}="{part}"' for name, part in zip(keys, key, strict=True))
            yield (), f"duplicate entries for key [{words}]"
