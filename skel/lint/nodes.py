"""Everything in a tree, whatever its form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Protocol, cast

from skel.language import ast
from skel.language.text import Span


class Node(Protocol):
    """A part of a tree that has a place."""

    @property
    def span(self) -> Span: ...


def below(node: object) -> Iterator[Node]:
    """The node and every node in it, in the order of the fields."""
    if isinstance(node, tuple):
        for part in node:
            yield from below(part)
    elif is_dataclass(node) and hasattr(node, "span"):
        yield cast(Node, node)
        for item in fields(node):
            yield from below(getattr(node, item.name))


def variables(node: object) -> Iterator[str]:
    """The names behind `$` that a tree as written looks at; those that it binds count where they are used."""
    for part in below(node):
        match part:
            case ast.Path(root=ast.VariableRoot(name=name)):
                yield name
            case ast.NamedKey(variable=name):
                yield name
            case _:
                pass


def uses(node: object) -> Iterator[str]:
    """The definitions that a tree as written uses."""
    return (part.name for part in below(node) if isinstance(part, ast.Use))
