"""Nodes -> values, as kubectl sees them: tags, aliases, merge keys, keys that stand there twice.

Nothing is ever built but maps, lists, text, numbers, booleans and null.
"""

from __future__ import annotations

import base64
import binascii

from skel.manifests import limits
from skel.manifests.complaint import Twice, UnreadableError
from skel.manifests.nodes import Alias, Mapping, Node, Scalar, Sequence, is_merge, too_deep
from skel.manifests.scalars import NotJsonError, key_text, resolve
from skel.patch.values import Json

_YAML = "tag:yaml.org,2002:"
_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "null": (type(None),),
    "timestamp": (str,),
}


class Values:
    """Makes values of the nodes of one document. `twice` are the keys of which only the last one counts."""

    def __init__(self) -> None:
        self.twice: list[Twice] = []
        self._open: set[int] = set()
        self._aliased = 0
        self._depth = 0

    def value(self, node: Node) -> Json:
        """Raises UnreadableError."""
        if self._depth > limits.DEPTH:
            raise UnreadableError(node.start, too_deep())
        if self._open:
            self._aliased += 1
            if self._aliased > limits.ALIASED:
                raise UnreadableError(node.start, f"aliases make more than {limits.ALIASED} values of this document")
        self._depth += 1
        try:
            return self._value(node)
        finally:
            self._depth -= 1

    def _value(self, node: Node) -> Json:
        match node:
            case Scalar():
                return scalar_value(node)
            case Mapping():
                refuse_python(node)
                return self._map(node)
            case Sequence(items=items):
                refuse_python(node)
                return [self.value(item) for item in items]
            case Alias():
                return self._alias(node)

    def _alias(self, node: Alias) -> Json:
        if id(node.target) in self._open:
            raise UnreadableError(node.start, f"`*{node.name}` stands inside of what `&{node.name}` names")
        self._open.add(id(node.target))
        try:
            return self.value(node.target)
        finally:
            self._open.discard(id(node.target))

    def _map(self, node: Mapping) -> dict[str, Json]:
        result: dict[str, Json] = {}
        own: dict[str, int] = {}
        for key, value in node.pairs:
            if is_merge(key):
                for source in merged(value):
                    result.update(self.value(source))
                continue
            name = key_name(key)
            if name in own and not self._open:
                self.twice.append(Twice(name, own[name], key.start))
            own.setdefault(name, key.start)
            result[name] = self.value(value)
        return result


def merged(value: Node) -> list[Node]:
    """The maps that `<<` takes over, in the order in which the later ones win. Raises UnreadableError."""
    sources: list[Node] = value.items[::-1] if isinstance(value, Sequence) else [value]
    for source in sources:
        target = source.target if isinstance(source, Alias) else source
        if not isinstance(target, Mapping):
            raise UnreadableError(source.start, "`<<` takes a map, or a list of maps")
    return sources


def key_name(key: Node) -> str:
    """The text of a key. Raises UnreadableError."""
    node = key.target if isinstance(key, Alias) else key
    if not isinstance(node, Scalar):
        raise UnreadableError(key.start, "a map or a list can't be a key: if this is a template, it needs quotes")
    if node.tag or not node.plain:
        value = scalar_value(node)
        return value if isinstance(value, str) else _checked(key_text(node.value), key)
    return _checked(key_text(node.value), key)


def _checked(name: str | None, key: Node) -> str:
    if name is None:
        raise UnreadableError(key.start, "null, or a number beyond 64 bits, can't be a key: put it in quotes")
    return name


def scalar_value(node: Scalar) -> Json:
    """Raises UnreadableError."""
    try:
        if node.tag:
            return _tagged(node)
        return resolve(node.value) if node.plain else node.value
    except NotJsonError:
        raise UnreadableError(node.start, f"`{node.value}` is no number that JSON has: put it in quotes") from None


def _tagged(node: Scalar) -> Json:
    refuse_python(node)
    name = node.tag.removeprefix(_YAML)
    if name == "binary":
        return _binary(node)
    if name not in _TYPES:
        return node.value
    value = resolve(node.value)
    if not isinstance(value, _TYPES[name]) or (isinstance(value, bool) and name != "bool"):
        raise UnreadableError(node.start, f"`{node.value}` can't be read as `!!{name}`")
    return value


def _binary(node: Scalar) -> str:
    try:
        return base64.b64decode("".join(node.value.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise UnreadableError(node.start, "`!!binary` needs base64") from None


def refuse_python(node: Scalar | Mapping | Sequence) -> None:
    """A tag that asks for Python objects is an attack or a mistake; nothing is built in either case."""
    if node.tag.startswith(_YAML + "python"):
        name = node.tag.removeprefix(_YAML)
        raise UnreadableError(node.start, f"`!!{name}` asks for a Python object: nothing is built; remove the tag")
