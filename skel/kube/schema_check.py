"""Holds an object against the field tree of its kind, as strictly as the API server decodes it."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from skel.kube.fields import Field, root
from skel.kube.quantity import parse_quantity
from skel.kube.release import is_builtin_group, lookup, parse_release, subresources, successor
from skel.patch.pointer import Pointer, format_pointer

_TIME = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"([.,][0-9]{1,40})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])",
    re.ASCII,
)
_LIMITS = MappingProxyType({"int32": 2**31, "int64": 2**63})
# No number that means something is as large; Python does not even write out those of thousands of digits.
_HUGE = 10**60


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """Where an object departs from the schema. `pointer` is RFC 6901, empty for the whole object; `what` is
    unknown-field, type, missing or not-served.
    """

    pointer: str
    message: str
    what: str


def validate(manifest: Any, minor: str) -> tuple[SchemaProblem, ...]:
    """How an object departs from what a minor takes, in the order of the object; nothing for custom resources.

    As the API server, it takes null where a field is optional, whole numbers written as 3.0, quantities and ports as
    numbers or texts. Required fields of `status` may be absent: the server fills them. The items of a `List` are
    checked one by one. An API that must be switched on counts as served. Raises UnknownRelease.
    """
    return tuple(_problems(manifest, parse_release(minor)))


def _problems(manifest: Any, minor: str) -> Iterator[SchemaProblem]:
    todo: list[tuple[Any, Pointer]] = [(manifest, ())]
    while todo:
        value, at = todo.pop()
        header = _Header.of(value)
        if isinstance(header, str):
            yield SchemaProblem(format_pointer(at), header, "missing" if isinstance(value, Mapping) else "type")
        elif header.is_list and isinstance(value.get("items"), list):
            todo += reversed([(item, (*at, "items", number)) for number, item in enumerate(value["items"])])
        else:
            yield from _object_problems(header, value, at, minor)


@dataclass(frozen=True, slots=True)
class _Header:
    api_version: str
    kind: str

    @staticmethod
    def of(manifest: Any) -> _Header | str:
        """What the object says that it is, or what is wrong with that."""
        if not isinstance(manifest, Mapping):
            return f"expected an object, found {_shown(manifest)}"
        for key in ("apiVersion", "kind"):
            if not isinstance(manifest.get(key), str) or not manifest[key]:
                return f"`{key}` is missing, or no text"
        return _Header(manifest["apiVersion"], manifest["kind"])

    @property
    def is_list(self) -> bool:
        """`v1 List` and what `kubectl get -o yaml` makes of one kind, such as `apps/v1 DeploymentList`."""
        return self.kind.endswith("List") and is_builtin_group(self.api_version)


def _object_problems(header: _Header, manifest: Any, at: Pointer, minor: str) -> Iterator[SchemaProblem]:
    field = root(header.api_version, header.kind, minor)
    if field is not None and lookup(header.api_version, header.kind, minor):
        above = format_pointer(at)
        for problem in _departures(field, manifest):
            yield replace(problem, pointer=above + problem.pointer)
    elif is_builtin_group(header.api_version):
        yield SchemaProblem(format_pointer(at), _not_served(header, minor), "not-served")


def _not_served(header: _Header, minor: str) -> str:
    if part := subresources(minor).get((header.api_version, header.kind)):
        return f"{header.kind} is no object of its own, it is sent to {part.resource}"
    heir = successor(header.api_version, header.kind, minor)
    instead = f"; {heir[0]} {heir[1]} is" if heir else ""
    return f"{header.api_version} {header.kind} is not served in {minor}{instead}"


@dataclass(frozen=True, slots=True)
class _Place:
    """A step on the way to a value. Ways are spelled out only for problems, so that deep objects cost no more."""

    step: str | int
    parent: _Place | None

    def __str__(self) -> str:
        steps: list[str | int] = []
        at: _Place | None = self
        while at:
            steps.append(at.step)
            at = at.parent
        return format_pointer(tuple(reversed(steps)))


@dataclass(frozen=True, slots=True)
class _Look:
    """A value to hold against a field. What lies in `status` is `lenient`."""

    field: Field
    value: Any
    place: _Place | None
    lenient: bool = False

    def at(self, field: Field, value: Any, step: str | int) -> _Look:
        lenient = self.lenient or (step == "status" and self.place is None)
        return _Look(field, value, _Place(step, self.place), lenient)

    def problem(self, message: str, what: str, *steps: str) -> SchemaProblem:
        below = format_pointer(steps)
        return SchemaProblem(f"{self.place or ''}{below}", message, what)


def _departures(field: Field, manifest: Any) -> Iterator[SchemaProblem]:
    # A stack instead of recursion: schemas of custom resources nest as deep as their author likes.
    todo = [_Look(field, manifest, None)]
    while todo:
        look = todo.pop()
        match look.field.type, look.value:
            case ("any", _) | (_, None):
                continue
            case "object", Mapping():
                yield from _names(look)
                todo += reversed(list(_known_children(look)))
            case "map", Mapping() if look.field.values is not None:
                todo += [look.at(look.field.values, look.value[key], str(key)) for key in reversed(look.value)]
            case "array", list() if look.field.items is not None:
                items = list(enumerate(look.value))
                todo += [look.at(look.field.items, child, number) for number, child in reversed(items)]
            case _:
                yield from _value_problems(look)


def _known_children(look: _Look) -> Iterator[_Look]:
    known = look.field.fields
    return (look.at(known[key], child, key) for key, child in look.value.items() if key in known)


def _names(look: _Look) -> Iterator[SchemaProblem]:
    """Names that the object should not have, and those that it should."""
    known = look.field.fields
    for key in look.value:
        if key not in known:
            yield look.problem(_unknown(str(key), look.field), "unknown-field", str(key))
    for name, child in known.items():
        if child.required and not look.lenient and _is_missing(child, name, look.value):
            yield look.problem(f"`{name}` is required", "missing")


def _is_missing(child: Field, name: str, value: Mapping[Any, Any]) -> bool:
    """Null stands for an empty list or map; servers write it themselves (EndpointSlice: `endpoints: null`)."""
    return name not in value or (value[name] is None and child.type not in {"array", "map"})


def _unknown(key: str, field: Field) -> str:
    near = nearest_field(key, field)
    hint = f"; did you mean `{near}`?" if near else ""
    return f"`{key}` is not known here{hint}"


def nearest_field(name: str, field: Field) -> str | None:
    """The name of a field of an object that comes nearest to this one, None if none is near."""
    lowered = {known.lower(): known for known in field.fields if known != name}
    found = get_close_matches(name.lower()[:80], lowered, n=1, cutoff=0.75)
    return lowered[found[0]] if found else None


def _value_problems(look: _Look) -> Iterator[SchemaProblem]:
    expected, fits = _VALUES[look.field.type]
    limit = _LIMITS.get(look.field.format)
    if not fits(look.value):
        yield look.problem(f"expected {expected}, found {_shown(look.value)}", "type")
    elif limit and not -limit <= look.value < limit:
        yield look.problem(f"{_shown(look.value)} does not fit into {look.field.format}", "type")


def _is_integer(value: Any) -> bool:
    # YAML's 3.0 is sent as 3.
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_port(value: Any) -> bool:
    return isinstance(value, str) or (_is_integer(value) and -(2**31) <= value < 2**31)


def _is_quantity(value: Any) -> bool:
    if isinstance(value, str):
        return parse_quantity(value.strip()) is not None
    return _is_number(value) and abs(value) < _HUGE


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def _is_base64(value: Any) -> bool:
    if isinstance(value, bytes):
        return True
    if not isinstance(value, str):
        return False
    try:
        b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except (NotBase64, ValueError):
        return False
    return True


def _never(_: Any) -> bool:
    return False


# What each type is called in a message, and whether a value that is no null fits.
_VALUES: Mapping[str, tuple[str, Callable[[Any], bool]]] = MappingProxyType(
    {
        "object": ("an object", _never),
        "map": ("a map", _never),
        "array": ("a list", _never),
        "string": ("a text", lambda value: isinstance(value, str)),
        "boolean": ("true or false", lambda value: isinstance(value, bool)),
        "integer": ("a whole number", _is_integer),
        "number": ("a number", _is_number),
        "int-or-string": ("a whole number or a text", _is_port),
        "quantity": ("a quantity such as 500m or 1Gi", _is_quantity),
        "time": ("a time such as 2024-01-31T12:00:00Z", _is_time),
        "byte": ("base64", _is_base64),
    }
)


def _shown(value: Any) -> str:
    """A value in a message, cut short. Texts are not shown where they could be secrets: only that they are texts."""
    match value:
        case None | bool():
            return str(value).lower().replace("none", "null")
        case int() | float():
            return f"the number {value}" if abs(value) < _HUGE else "a huge number"
        case str() | bytes():
            return "a text"
        case list():
            return "a list"
        case _:
            return "a map"
