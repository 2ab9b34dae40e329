"""Diagnostics as people read them: the message, the line, a caret, labels, notes and the way out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from skel.language.diagnostic import Diagnostic, Fix, Severity
from skel.language.text import Source, Span

TAB = 4
WIDEST = 140
"""Columns of a line that are shown; of a longer one, those around the caret."""

_STYLES: MappingProxyType[str, str] = MappingProxyType(
    {"error": "1;31", "warning": "1;33", "info": "1;36", "bold": "1", "frame": "1;34", "label": "1;34"}
)


def render(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """All of them, one below the other, with a line that counts them at the end. No diagnostics, no text."""
    found = list(diagnostics)
    if not found:
        return ""
    blocks = [block(diagnostic, color=color) for diagnostic in found]
    return "\n\n".join(blocks) + f"\n\n{count(found)}\n"


def block(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """One of them, without a line end behind it."""
    return "\n".join(_Block(diagnostic, color).lines())


def count(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`."""
    found = list(diagnostics)
    parts = []
    for severity, word in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "remark")):
        number = sum(diagnostic.severity is severity for diagnostic in found)
        if number:
            parts.append(f"{number} {word}{'s' if number != 1 else ''}")
    return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class _Mark:
    """One underline. The main one has carets."""

    span: Span
    text: str
    main: bool

    @property
    def line(self) -> int:
        return self.span.source.position(self.span.start)[0]


class _Block:
    """One diagnostic."""

    def __init__(self, diagnostic: Diagnostic, color: bool) -> None:
        self.diagnostic = diagnostic
        self.color = color
        self.marks = [_Mark(diagnostic.span, diagnostic.hint, main=True)]
        self.marks += [_Mark(label.span, label.text, main=False) for label in diagnostic.labels]
        self.width = max(len(str(mark.line)) for mark in self.marks)

    def lines(self) -> Iterator[str]:
        diagnostic = self.diagnostic
        severity = diagnostic.severity.value
        head = self.paint(f"{severity}[{diagnostic.code}]", severity)
        yield f"{head}{self.paint(f': {visible(diagnostic.message)}', 'bold')}"
        own = diagnostic.span.source
        for source, marks in self.by_source():
            first = next((mark for mark in marks if mark.main), marks[0])
            arrow = "-->" if source is own else ":::"
            yield f"{' ' * self.width}{self.paint(arrow, 'frame')} {visible(str(first.span))}"
            yield from self.excerpt(source, marks)
        yield from self.footer()

    def by_source(self) -> Iterator[tuple[Source, list[_Mark]]]:
        own = self.diagnostic.span.source
        ordered = sorted(self.marks, key=lambda mark: (mark.span.source is not own, mark.span.source.name, mark.line))
        for _, marks in groupby(ordered, key=lambda mark: (mark.span.source is not own, mark.span.source.name)):
            group = list(marks)
            yield group[0].span.source, group

    def excerpt(self, source: Source, marks: list[_Mark]) -> Iterator[str]:
        yield self.gutter()
        last = 0
        for number, group in groupby(marks, key=lambda mark: mark.line):
            if last and number == last + 2:
                yield self.gutter(last + 1, _Line(source, last + 1, 0).clipped(0)[0])
            elif last and number > last + 2:
                yield self.paint("...", "frame")
            last = number
            there = sorted(group, key=lambda mark: not mark.main)
            yield from self.line(_Line(source, number, there[0].span.start), there)

    def line(self, line: _Line, marks: list[_Mark]) -> Iterator[str]:
        text, shift = line.clipped(line.columns(marks[0].span)[0])
        yield self.gutter(line.number, text)
        for mark in marks:
            start, end = (column - shift for column in line.columns(mark.span))
            sign, style = ("^", self.diagnostic.severity.value) if mark.main else ("-", "label")
            start = max(0, min(start, WIDEST))
            end = max(start + 1, min(end, WIDEST))
            underline = f"{sign * (end - start)} {visible(mark.text)}".rstrip()
            yield self.gutter(None, " " * start + self.paint(underline, style))

    def footer(self) -> Iterator[str]:
        diagnostic = self.diagnostic
        tails = [("note", note) for note in diagnostic.notes]
        if diagnostic.fix is not None and not _says(diagnostic.hint, diagnostic.fix):
            tails.append(("help", diagnostic.fix.title))
        if tails:
            yield self.gutter()
        for word, text in tails:
            yield f"{' ' * (self.width + 1)}{self.paint('=', 'frame')} {self.paint(word, 'bold')}: {visible(text)}"

    def gutter(self, number: int | None = None, text: str = "") -> str:
        shown = "" if number is None else str(number)
        return f"{self.paint(f'{shown:>{self.width}} |', 'frame')} {text}".rstrip()

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.color and text else text


def _says(hint: str, fix: Fix) -> bool:
    """Whether the hint tells already what the fix would do."""
    return fix.title in hint or any(edit.replacement and edit.replacement in hint for edit in fix.edits)


class _Line:
    """A line as it is shown, where each character has its own width; of a very long one a part around an offset."""

    def __init__(self, source: Source, number: int, offset: int) -> None:
        self.number = number
        self.source = source
        whole = source.line(number)
        start = source.line_starts[number - 1]
        left = max(0, offset - start - WIDEST) if len(whole) > 4 * WIDEST else 0
        self.start = start + left
        self.text = whole[left : left + 4 * WIDEST]
        self.is_cut = (left > 0, left + 4 * WIDEST < len(whole))

    def columns(self, span: Span) -> tuple[int, int]:
        """Where a span begins and ends on this line, in columns from 0; a span of several lines ends with the first."""
        start = max(0, span.start - self.start)
        end = min(span.end - self.start, len(self.text))
        return width(self.text[:start]), width(self.text[: max(start, end)])

    def clipped(self, column: int) -> tuple[str, int]:
        """The part of the line around a column, and how far that moved it to the left."""
        shown = expand(self.text)
        if width(shown) <= WIDEST and not any(self.is_cut):
            return shown, 0
        left = max(0, column - WIDEST // 2)
        cells = _cells(shown)
        kept = "".join(character for at, character in cells if left <= at < left + WIDEST - 2)
        start = next((at for at, _ in cells if at >= left), left)
        before = "…" if left or self.is_cut[0] else ""
        after = "…" if cells[-1][0] >= left + WIDEST - 2 or self.is_cut[1] else ""
        return f"{before}{kept}{after}", start - len(before)


def _cells(text: str) -> list[tuple[int, str]]:
    """Each character with its column."""
    column, cells = 0, []
    for character in text:
        cells.append((column, character))
        column += _width(character)
    return cells


def expand(text: str) -> str:
    """The line with tabs as blanks and everything that a terminal would obey made visible."""
    return visible(text.replace("\t", " " * TAB))


def visible(text: str) -> str:
    """Control characters, and those that turn the direction of writing, would show something else than what is
    there.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def width(text: str) -> int:
    """Columns in a terminal."""
    if text.isascii():
        return len(text) + (TAB - 1) * text.count("\t")
    return sum(map(_width, text))


def _width(character: str) -> int:
    if character == "\t":
        return TAB
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
