"""Edits that leave a tidy text behind."""

from __future__ import annotations

from skel.language.diagnostic import Edit
from skel.language.text import Source, Span


def without(span: Span) -> Edit:
    """Take a statement or a comment away, with its line if nothing else stands there."""
    text = span.source.text
    start, end = span.start, span.end
    while start and text[start - 1] in " \t":
        start -= 1
    is_first = not start or text[start - 1] == "\n"
    behind = end
    while behind < len(text) and text[behind] in " \t":
        behind += 1
    is_last = behind == len(text) or text[behind] in "\r\n"
    if is_first and is_last:
        end = _line_end(span.source, behind)
    elif is_first:
        start, end = span.start, behind
    elif is_last:
        end = behind
    return Edit(Span(span.source, start, end), "")


def without_part(before: Span, part: Span) -> Edit:
    """Take a part away together with the sign between it and the part before."""
    return Edit(Span(part.source, before.end, part.end), "")


def _line_end(source: Source, offset: int) -> int:
    """The offset behind the line end at an offset."""
    found = source.text.find("\n", offset)
    return found + 1 if found >= 0 else len(source.text)


def spelled(text: str) -> str:
    """A string literal of that text, in the quotes that need no escapes if there are such."""
    if '"' not in text and text.isprintable() and not text.endswith("\\"):
        return f'"{text}"'
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + "".join(_escaped(character) for character in escaped) + "'"


def _escaped(character: str) -> str:
    return character if character.isprintable() else f"\\u{ord(character):04x}"
