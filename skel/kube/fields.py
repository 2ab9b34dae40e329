"""The field tree of each kind in each minor, from `data/fields.json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from skel.kube.tables import kind_rows, load, minor_names, positions
from skel.patch.pointer import Pointer

ANY_ITEM = "*"
"""Stands in a path for every item of an array, and for every key of a map."""

# How `data/fields.json` names numbers, as type and format.
_NUMBERS = {"int32": "integer", "int64": "integer", "double": "number"}


@dataclass(frozen=True, slots=True)
class Field:
    """What may stand at a place.

    `type` is object (named fields), array (`items`), map (any key, `values`), string, boolean, integer, number,
    int-or-string, quantity, time (RFC 3339), byte (base64) or any. `format` is int32, int64 or double. `definition`
    names the type of an object, such as `core.v1.Container`. `list_type` is map, set or atomic; items of a map list
    are told apart by `list_keys`. `merge_key` is that of a strategic merge patch.
    """

    type: str
    required: bool = False
    format: str = ""
    definition: str = ""
    items: Field | None = None
    values: Field | None = None
    list_type: str = ""
    list_keys: tuple[str, ...] = ()
    merge_key: str = ""
    minor: str = ""

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields of an object, by name, in alphabetical order; empty for everything else."""
        return _fields(self.definition, self.minor) if self.definition else _NO_FIELDS

    @property
    def is_open(self) -> bool:
        """Whether anything may stand below."""
        return self.type == "any" or (self.values is not None and self.values.is_open)


_NO_FIELDS: Mapping[str, Field] = MappingProxyType({})
_ANY = Field("any")


def root(api_version: str, kind: str, minor: str) -> Field | None:
    """The field tree of a kind, None if the minor does not have it. The minor is one of `release.minors()`."""
    row = kind_rows().get((api_version, kind))
    if row is None or not row.definition or minor_names().index(minor) not in row.served:
        return None
    return Field("object", definition=row.definition, minor=minor)


@cache
def _definitions() -> Mapping[str, Mapping[str, str | list[str]]]:
    found: Mapping[str, Mapping[str, str | list[str]]] = load("fields.json")
    return found


@cache
def _fields(definition: str, minor: str) -> Mapping[str, Field]:
    number = minor_names().index(minor)
    found = {}
    for name, texts in _definitions()[definition].items():
        for text in [texts] if isinstance(texts, str) else texts:
            entry, _, spans = text.partition(" @")
            if name and (not spans or number in positions(spans.replace(",", " "))):
                found[name] = _field(entry, minor)
    return MappingProxyType(found)


@cache
def _field(entry: str, minor: str) -> Field:
    """`[]@core.v1.ContainerPort required list=map:containerPort,protocol` as a field."""
    kind, *flags = entry.split(" ")
    settings = dict(flag.partition("=")[::2] for flag in flags)
    list_type, _, list_keys = settings.get("list", "").partition(":")
    return _typed(
        kind,
        minor,
        required="required" in settings,
        list_type=list_type,
        list_keys=tuple(filter(None, list_keys.split(","))),
        merge_key=settings.get("patch", "").partition(":")[2],
    )


def _typed(
    kind: str,
    minor: str,
    *,
    required: bool = False,
    list_type: str = "",
    list_keys: tuple[str, ...] = (),
    merge_key: str = "",
) -> Field:
    match kind[:2], kind[:1]:
        case "[]", _:
            items = _typed(kind[2:], minor)
            return Field("array", required, "", "", items, None, list_type, list_keys, merge_key, minor)
        case "{}", _:
            return Field("map", required, values=_typed(kind[2:], minor), minor=minor)
        case _, "@":
            return Field("object", required, definition=kind[1:], minor=minor)
        case _:
            number = _NUMBERS.get(kind)
            return Field(number or kind, required, format=kind if number else "", minor=minor)


def below(field: Field, path: Pointer) -> Field | None:
    """The field that a path leads to, None if there is none.

    An index or `*` leads to the items of an array, any key to the values of a map.
    """
    for step in path:
        found = _step(field, step)
        if found is None:
            return None
        field = found
    return field


def _step(field: Field, step: str | int) -> Field | None:
    match field.type:
        case "any":
            return _ANY
        case "object":
            return field.fields.get(str(step))
        case "array":
            return field.items if isinstance(step, int) or step == ANY_ITEM else None
        case "map":
            return field.values
        case _:
            return None


def paths(field: Field) -> Iterator[tuple[Pointer, Field]]:
    """Every path below a field with what it leads to, parents first. What contains itself is entered once a path."""
    todo: list[tuple[Pointer, Field, frozenset[str]]] = [((), field, frozenset())]
    while todo:
        path, at, inside = todo.pop()
        if path:
            yield path, at
        if at.definition in inside:
            continue
        within = inside | {at.definition} if at.definition else inside
        children = [((*path, name), child, within) for name, child in at.fields.items()]
        children += [((*path, ANY_ITEM), child, within) for child in (at.items, at.values) if child]
        todo.extend(reversed(children))
