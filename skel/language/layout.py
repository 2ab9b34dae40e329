"""Breaks what is too long for a line: texts, places where a line may end, and groups that end none or all of their
lines there.

After Wadler, "A prettier printer" (2003), with remarks that wait for the end of their line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A line may end here; if it does not, `flat` stands here."""

    flat: str = " "


@dataclass(frozen=True, slots=True)
class Nest:
    """Lines that begin in `body` stand four columns further in."""

    body: Doc


@dataclass(frozen=True, slots=True)
class Group:
    """All of its lines end, or none; `broken` if they must."""

    body: Doc
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment: a line of its own if it stands at the beginning of one, else the end of the line at hand."""

    text: str


Doc = Union[str, Line, Nest, Group, Remark, "list[Doc]"]


def group(body: Doc) -> Group:
    """A group that is broken if there is a remark in it."""
    return Group(body, has_remark(body))


def has_remark(doc: Doc) -> bool:
    match doc:
        case Remark():
            return True
        case Nest(body) | Group(body):
            return has_remark(body)
        case list():
            return any(has_remark(part) for part in doc)
        case _:
            return False


def flat_width(doc: Doc) -> int:
    """Columns that it takes if no line ends in it."""
    match doc:
        case str():
            return len(doc)
        case Line(flat):
            return len(flat)
        case Nest(body) | Group(body):
            return flat_width(body)
        case list():
            return sum(map(flat_width, doc))
        case _:
            return 0


class _Page:
    """Text so far; `waiting` are the remarks for the end of the line."""

    def __init__(self, indent: int) -> None:
        self.parts: list[str] = []
        self.column = indent
        self.is_fresh = True
        self.waiting: list[str] = []

    def write(self, text: str) -> None:
        self.parts.append(text)
        last = text.rfind("\n")
        self.column = len(text) - last - 1 if last >= 0 else self.column + len(text)
        self.is_fresh = self.is_fresh and not text

    def newline(self, indent: int) -> None:
        self.flush()
        self.parts.append("\n" + " " * indent)
        self.column = indent
        self.is_fresh = True

    def flush(self) -> None:
        self.parts += [f" {text}" for text in self.waiting]
        self.waiting = []


def print_doc(doc: Doc, indent: int) -> str:
    """The text, whose first line begins at column `indent`; that indent itself is not part of it."""
    page = _Page(indent)
    work: list[tuple[int, bool, Doc]] = [(indent, False, doc)]
    while work:
        level, is_flat, part = work.pop()
        match part:
            case str():
                page.write(part)
            case list():
                work += [(level, is_flat, inner) for inner in reversed(part)]
            case Nest(body):
                work.append((level + 4, is_flat, body))
            case Group(body, broken):
                fits = not broken and (is_flat or _fits(WIDTH - page.column, body, work))
                work.append((level, fits, body))
            case Line(flat) if is_flat:
                page.write(flat)
            case Line():
                page.newline(level)
            case Remark(text) if page.is_fresh and page.parts:
                page.parts.append(text)
                page.newline(level)
            case Remark(text):
                page.waiting.append(text)
    page.flush()
    return "".join(page.parts)


def _fits(room: int, body: Doc, rest: list[tuple[int, bool, Doc]]) -> bool:
    """Whether the body, flat, and what follows up to the next possible end of a line fit into the room."""
    work: list[tuple[bool, Doc]] = [(True, body)]
    behind = len(rest)
    while room >= 0:
        if not work:
            if not behind:
                return True
            behind -= 1
            work.append((rest[behind][1], rest[behind][2]))
        is_flat, part = work.pop()
        match part:
            case str():
                first, newline, _ = part.partition("\n")
                room -= len(first)
                if newline:
                    return room >= 0
            case list():
                work += [(is_flat, inner) for inner in reversed(part)]
            case Nest(inner) | Group(inner):
                work.append((is_flat, inner))
            case Line(flat) if is_flat:
                room -= len(flat)
            case Line():
                return True
            case Remark():
                pass
    return False
