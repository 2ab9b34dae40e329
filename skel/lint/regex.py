"""Regular expressions as a tree, as far as lints need one: whether they can match at all, and a text that they match.

The syntax is that of RE2 (https://github.com/google/re2/wiki/Syntax). What is not understood makes no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_QUANTIFIER = re.compile(r"(?:([*+?])|\{([0-9]{1,4})(,([0-9]{0,4}))?\})\??")
_GROUP = re.compile(r"\((?:\?(?:P?<[A-Za-z0-9_]+>|:))?")
_CLASS = re.compile(r"\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:[pP](?:\{\^?[A-Za-z_]+\}|[A-Z])|x(?:\{[0-9A-Fa-f]{1,6}\}|[0-9A-Fa-f]{2})|[\s\S])")
_CANDIDATES = "abcxyzABCXYZ0189-_./:@ ,;=+*#%&!?|()[]{}<>\"'\\~^$`\t\né\u4e00"
MOST_REPEATS = 50
LONGEST = 2_000


class Unclear(Exception):
    """The expression has something that is not understood here."""


@dataclass(frozen=True, slots=True)
class One:
    """One character: `sample` is one that fits."""

    sample: str


@dataclass(frozen=True, slots=True)
class Edge:
    """`^` or `$`."""

    at_start: bool


@dataclass(frozen=True, slots=True)
class Row:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Either:
    ways: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    part: Tree
    least: int


Tree = One | Edge | Row | Either | Repeat


def sample(pattern: str) -> str | None:
    """A text in which the expression is found, None if none is known."""
    tree = _tree(pattern)
    text = "".join(_texts(tree)) if tree is not None else ""
    return text if matches(pattern, text) else None


def never_matches(pattern: str) -> bool:
    """Whether it asks for a start behind something, or for an end before something."""
    tree = _tree(pattern)
    return tree is not None and _is_hopeless(tree, behind=False, before=False)


SAMPLES = ("", "a", "Z", "0", "-", "/", " ", "é", "a/b:c@d", "v1beta1", "true", "registry.k8s.io/pause:3.9", "a b\tc")


def always_matches(pattern: str) -> bool:
    """Whether it is found in texts that have nothing in common, the empty one among them."""
    return all(matches(pattern, text) for text in SAMPLES)


def matches(pattern: str, text: str) -> bool:
    compiled = compiled_regex(pattern)
    return compiled is not None and compiled.search(text) is not None


@lru_cache(maxsize=256)
def compiled_regex(pattern: str) -> Any:
    """The expression as the engine has it, None if it is not valid."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


# ---- questions to the tree -------------------------------------------------------------------------------------------


def _texts(tree: Tree) -> Iterator[str]:
    match tree:
        case One():
            yield tree.sample
        case Row():
            for part in tree.parts:
                yield from _texts(part)
        case Either():
            yield from _texts(tree.ways[0])
        case Repeat():
            for _ in range(min(tree.least, MOST_REPEATS)):
                yield from _texts(tree.part)
        case Edge():
            return


def _least(tree: Tree) -> int:
    """The length of the shortest text that it covers."""
    match tree:
        case One():
            return 1
        case Row():
            return sum(map(_least, tree.parts))
        case Either():
            return min(map(_least, tree.ways))
        case Repeat():
            return _least(tree.part) * tree.least
        case Edge():
            return 0


def _is_hopeless(tree: Tree, *, behind: bool, before: bool) -> bool:
    """Whether it can't match `behind` some character, or `before` one."""
    match tree:
        case Edge():
            return behind if tree.at_start else before
        case Row():
            return any(
                _is_hopeless(
                    part,
                    behind=behind or sum(map(_least, tree.parts[:number])) > 0,
                    before=before or sum(map(_least, tree.parts[number + 1 :])) > 0,
                )
                for number, part in enumerate(tree.parts)
            )
        case Either():
            return all(_is_hopeless(way, behind=behind, before=before) for way in tree.ways)
        case Repeat():
            return tree.least > 0 and _is_hopeless(tree.part, behind=behind, before=before)
        case One():
            return False


# ---- reading ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _tree(pattern: str) -> Tree | None:
    if len(pattern) > LONGEST or compiled_regex(pattern) is None:
        return None
    reader = _Reader(pattern)
    try:
        tree = reader.either()
    except (Unclear, RecursionError):
        return None
    return tree if reader.at == len(pattern) else None


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def either(self) -> Tree:
        ways = [self.row()]
        while self.pattern[self.at : self.at + 1] == "|":
            self.at += 1
            ways.append(self.row())
        return ways[0] if len(ways) == 1 else Either(tuple(ways))

    def row(self) -> Tree:
        parts: list[Tree] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts.append(self.repeated(self.part()))
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def repeated(self, part: Tree) -> Tree:
        while (found := _QUANTIFIER.match(self.pattern, self.at)) is not None:
            self.at = found.end()
            least = int(found[2]) if found[2] else int(found[1] == "+")
            part = Repeat(part, least)
        return part

    def part(self) -> Tree:
        match self.pattern[self.at]:
            case "(":
                return self.group()
            case "^" | "$" as edge:
                self.at += 1
                return Edge(edge == "^")
            case "[":
                return self.one(_CLASS)
            case "\\":
                return self.escape()
            case character:
                self.at += 1
                return One("a" if character == "." else character)

    def group(self) -> Tree:
        # Flags such as `(?i)` change what follows: `(?m)` even what an edge is.
        found = _GROUP.match(self.pattern, self.at)
        if found is None or self.pattern[found.end() : found.end() + 1] == "?":
            raise Unclear
        self.at = found.end()
        inner = self.either()
        if self.pattern[self.at : self.at + 1] != ")":
            raise Unclear
        self.at += 1
        return inner

    def escape(self) -> Tree:
        following = self.pattern[self.at + 1 : self.at + 2]
        if following in {"A", "z"}:
            self.at += 2
            return Edge(following == "A")
        if following in {"b", "B", "Q", "E", "C"}:
            raise Unclear
        return self.one(_ESCAPE)

    def one(self, form: re.Pattern[str]) -> Tree:
        """A character of a class: the first that fits."""
        found = form.match(self.pattern, self.at)
        compiled = compiled_regex(found[0]) if found is not None else None
        fitting = next((each for each in _CANDIDATES if compiled is not None and compiled.fullmatch(each)), None)
        if found is None or fitting is None:
            raise Unclear
        self.at = found.end()
        return One(fitting)
