"""A Python function being written: its lines, the values it names, and the nodes that its statements share.

The function gets an object apart once, in `places`: a map that several statements look into is one variable, EMPTY
where the object has no such map, and an array is one variable, `()` where it has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

Keys = tuple[str, ...]

EMPTY: dict[str, Any] = {}
"""Stands for a map that is not there. Nobody writes to it."""

_INDENT = "    "
_TAKEN = frozenset(
    ["root", "holder", "opened", "frame", "log", "matched", "changed", "before", "array", "place", "item"]
)
"""What every function calls its own."""


@dataclass(frozen=True, slots=True)
class _Again:
    """A line that looks up the shared nodes again, if what was written at the keys concerns one of them."""

    keys: Keys
    indent: str


@dataclass(slots=True)
class Sheet:
    """Lines inside of a function. `values` are the globals that it uses, by name; `looks` are the first two keys of
    every place of the object that it looks at.
    """

    values: dict[str, Any] = field(default_factory=dict)
    looks: set[Keys] = field(default_factory=set)
    _lines: list[str | _Again] = field(default_factory=list)
    _depth: int = 1
    _maps: dict[Keys, str] = field(default_factory=lambda: {(): "root"})
    _arrays: dict[Keys, str] = field(default_factory=dict)
    _names: set[str] = field(default_factory=lambda: set(_TAKEN))

    def line(self, text: str) -> None:
        self._lines.append(_INDENT * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """The lines written inside stand below this one, which ends with a colon."""
        self.line(head)
        self._depth += 1
        yield
        self._depth -= 1

    def fresh(self, word: str) -> str:
        """A name that is not used yet."""
        name = next(name for name in chain([word], map(f"{word}_{{}}".format, count(2))) if name not in self._names)
        self._names.add(name)
        return name

    def value(self, word: str, value: Any) -> str:
        """The name under which the function knows this value."""
        name = self.fresh(word)
        self.values[name] = value
        return name

    # ---- shared nodes ------------------------------------------------------------------------------------------------

    def map_of(self, keys: Keys) -> str:
        """The variable of the map that may have the last of these keys."""
        self.looks.add(keys[:2])
        return self._map(keys[:-1])

    def array(self, keys: Keys) -> str:
        """The variable of the array at these keys of the object."""
        if keys not in self._arrays:
            self.map_of(keys)
            self._arrays[keys] = self.fresh(_word(keys))
        return self._arrays[keys]

    def _map(self, keys: Keys) -> str:
        if keys not in self._maps:
            self._map(keys[:-1])
            self._maps[keys] = self.fresh(_word(keys))
        return self._maps[keys]

    def again(self, keys: Keys) -> None:
        """Something was written at these keys: the shared nodes there and below are looked up again."""
        self._lines.append(_Again(keys, _INDENT * self._depth))

    # ---- the text ----------------------------------------------------------------------------------------------------

    def source(self, head: str) -> str:
        """The whole text: `places`, and the function under its head."""
        return "\n".join([*self._places(), "", "", head, *self._body(), ""])

    def _body(self) -> Iterator[str]:
        names = ", ".join([*self._maps.values(), *self._arrays.values()])
        look = f"({names},) = places(holder[0])"
        yield f"{_INDENT}holder, opened = frame.holder, frame.opened"
        yield _INDENT + look
        shared = [*self._maps, *self._arrays]
        for line in self._lines:
            if isinstance(line, str):
                yield line
            elif any(keys[: len(line.keys)] == line.keys for keys in shared):
                yield line.indent + look
        yield f"{_INDENT}return None"

    def _places(self) -> Iterator[str]:
        yield "def places(root):"
        yield "    if type(root) is not dict:"
        yield "        root = EMPTY"
        for keys, name in sorted(self._maps.items(), key=lambda item: len(item[0])):
            if keys:
                yield f"    {name} = {self._maps[keys[:-1]]}.get({keys[-1]!r})"
                yield f"    if type({name}) is not dict:"
                yield f"        {name} = EMPTY"
        for keys, name in self._arrays.items():
            yield f"    {name} = {self._maps[keys[:-1]]}.get({keys[-1]!r})"
            yield f"    if type({name}) is not list:"
            yield f"        {name} = ()"
        yield f"    return {', '.join([*self._maps.values(), *self._arrays.values()])},"


def _word(keys: Keys) -> str:
    """A readable name for what is at the keys."""
    return "at_" + "_".join(re.sub(r"\W", "_", key, flags=re.ASCII) for key in keys)
