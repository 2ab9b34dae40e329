"""The tree as the grammar sees it: nodes named after their rules, tokens at the leaves, punctuation left out.

It is more permissive than the language. The builders make a typed tree of it, the formatter writes it down again.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Token:
    """`kind` is the name of a terminal; `start` and `end` are offsets. A token with `end == start` was put in by
    recovery.
    """

    kind: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Node:
    """`name` is that of a rule, `parts` what the grammar keeps of it."""

    name: str
    parts: list[Part]
    start: int
    end: int

    def nodes(self) -> list[Node]:
        return [part for part in self.parts if isinstance(part, Node)]


Part = Token | Node


def is_token(part: Part, *kinds: str) -> bool:
    return isinstance(part, Token) and part.kind in kinds


def is_node(part: Part, *names: str) -> bool:
    return isinstance(part, Node) and part.name in names
