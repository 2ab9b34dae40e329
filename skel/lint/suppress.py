"""Ignores in comments: `# skel: ignore[SK113] reason`, on the line itself or above what it covers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from skel.language import ast
from skel.language.diagnostic import Diagnostic, Severity
from skel.language.text import Span
from skel.lint.file import File

_IGNORE = re.compile(r"#\s*skel:\s*ignore\b[ \t]*(?:\[(?P<codes>[^\]]*)\])?(?P<reason>.*)", re.DOTALL)
FIRST_OF_LINTS = "SK100"


@dataclass(frozen=True, slots=True)
class Ignore:
    """One comment. It covers what begins between the two offsets."""

    comment: Span
    codes: tuple[Span, ...]
    reason: str
    start: int
    end: int

    def code_for(self, diagnostic: Diagnostic) -> Span | None:
        """The code that covers it. What keeps a program from running can't be ignored."""
        place = diagnostic.span
        is_fatal = diagnostic.severity is Severity.ERROR and diagnostic.code < FIRST_OF_LINTS
        if is_fatal or place.source != self.comment.source or not self.start <= place.start < self.end:
            return None
        return next((code for code in self.codes if code.text.upper() == diagnostic.code), None)


@dataclass(frozen=True, slots=True)
class Silenced:
    """A diagnostic that a comment covers."""

    diagnostic: Diagnostic
    reason: str


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is left, what is covered, and the codes of ignores that cover nothing."""

    left: tuple[Diagnostic, ...]
    silenced: tuple[Silenced, ...]
    unused: tuple[tuple[Ignore, Span], ...]


def sift(file: File, found: Iterable[Diagnostic]) -> Sifted:
    """Take out what the comments of the file cover."""
    ignores = tuple(ignores_of(file))
    used: set[tuple[int, int]] = set()
    left, silenced = [], []
    for diagnostic in found:
        covering = [(code, ignore) for ignore in ignores if (code := ignore.code_for(diagnostic)) is not None]
        used.update((code.start, code.end) for code, _ in covering)
        if covering:
            silenced.append(Silenced(diagnostic, covering[0][1].reason))
        else:
            left.append(diagnostic)
    unused = ((ignore, code) for ignore in ignores for code in ignore.codes if (code.start, code.end) not in used)
    return Sifted(tuple(left), tuple(silenced), tuple(unused))


def ignores_of(file: File) -> Iterator[Ignore]:
    """The ignores of a file, in their order."""
    for comment in file.comments:
        match = _IGNORE.match(comment.text)
        if match is not None:
            start, end = _covered(file, comment)
            yield Ignore(comment, tuple(_codes(comment, match)), match["reason"].strip(" \t:-\u2013\u2014"), start, end)


def _codes(comment: Span, match: re.Match[str]) -> Iterator[Span]:
    if match["codes"] is None:
        return
    base = comment.start + match.start("codes")
    for word in re.finditer(r"[^\s,]+", match["codes"]):
        yield Span(comment.source, base + word.start(), base + word.end())


# ---- what a comment covers -------------------------------------------------------------------------------------------


def _covered(file: File, comment: Span) -> tuple[int, int]:
    """The line of the comment; where it stands alone, the statement below it, of a block the head."""
    source = file.source
    line, _ = source.position(comment.start)
    start = source.line_starts[line - 1]
    if source.text[start : comment.start].strip():
        return start, comment.start
    below = _next_code(file, line)
    if below is None:
        return comment.end, comment.end
    first = source.line_starts[below - 1]
    return first, max([first + len(source.line(below)), *_ends(file, below)])


def _next_code(file: File, line: int) -> int | None:
    """The next line below that holds more than a comment."""
    for number in range(line + 1, len(file.source.line_starts) + 1):
        text = file.source.line(number).strip()
        if text and not text.startswith("#"):
            return number
    return None


def _ends(file: File, line: int) -> Iterator[int]:
    """Where the statements end that begin in a line, or their heads."""
    for statement in file.statements():
        if file.source.position(statement.span.start)[0] == line:
            yield _head_end(statement)


def _head_end(statement: ast.Statement) -> int:
    if isinstance(statement, ast.Rule | ast.Define | ast.When):
        inner = (*(statement.metadata if isinstance(statement, ast.Rule) else ()), *statement.commands)
        head = statement.span.text.find("{")
        first = min((part.span.start for part in inner), default=statement.span.end)
        return min(first, statement.span.start + head + 1) if isinstance(statement, ast.Rule | ast.Define) else first
    return statement.span.end
