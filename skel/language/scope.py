"""What a `$name` means at a place: a variable with its slot, or a parameter with what was given for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from skel.language import ast


@dataclass(frozen=True, slots=True)
class Slot:
    """A variable, bound by a selector."""

    number: int


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter: a value or a path, resolved where it was written. `weight` is its size in nodes."""

    value: ast.Value
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Unknown:
    """A parameter of a definition that is read but not used."""


Binding = Slot | Given | Unknown


@dataclass(slots=True)
class Scope:
    """Names on top of those of `outer`. `binds` says why no variable can be bound here, "" if one can; `in_filter`
    that `@` is known.
    """

    outer: Scope | None = None
    names: dict[str, Binding] = field(default_factory=dict)
    no_bind: str = ""
    in_filter: bool = False

    def find(self, name: str) -> Binding | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None

    def visible(self) -> list[str]:
        names = list(self.names)
        return names + self.outer.visible() if self.outer is not None else names

    def inner(self) -> Scope:
        """A scope whose variables end with it."""
        return Scope(self, {}, self.no_bind, self.in_filter)

    def without_binds(self, why: str) -> Scope:
        return Scope(self, {}, self.no_bind or why, self.in_filter)

    def of_filter(self) -> Scope:
        return Scope(self, {}, "in a filter", in_filter=True)


def of_names(names: Mapping[str, Binding]) -> Scope:
    return Scope(None, dict(names))
