"""What is no token of the language: which mistake it is, and what to take it for so that reading can go on."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from skel.language import codes
from skel.language.diagnostic import Diagnostic, Edit, Fix
from skel.language.text import Source, Span


@dataclass(frozen=True, slots=True)
class Mend:
    """Go on at `end`, as if a token of that kind and text had been there; an empty kind is none."""

    diagnostic: Diagnostic
    end: int
    kind: str = ""
    text: str = ""


# Double and single typographic quotes: U+201C to U+201F and U+2018 to U+201B, and the French ones.
_DOUBLE, _SINGLE = "\u201c-\u201f\u00ab\u00bb", "\u2018-\u201b"
_SMART = re.compile(f"[{_DOUBLE}]([^\"{_DOUBLE}\n]*)[\"{_DOUBLE}]|[{_SINGLE}]([^'{_SINGLE}\n]*)['{_SINGLE}]")
_LINE = re.compile(r"[^\r\n]*")
_SPACED_NAME = re.compile(r"\$[ \t]+([A-Za-z0-9_]+)")
_TIME_LIKE = re.compile(r"@[A-Za-z0-9_-]+")
_COMMENT = re.compile(r"//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?")
_REST_OF_KEY = re.compile(r"[/A-Za-z0-9_.~:-]+")
_WORD = re.compile(r"[\w-]+")
_WORD_CHARACTER = re.compile(r"[\w-]")
_BLANKS = re.compile(r"[^\S\r\n\t ]+|[\u200b-\u200f\u2060\ufeff]+")


def unreadable(source: Source, position: int) -> Mend:
    """What to say about the character at `position`, at which no token begins, and how to go on."""
    text = source.text
    first = text[position]
    if first in "\"'":
        return _open_string(source, position)
    if _SMART.match(text, position):
        return _smart_quotes(source, position)
    if first in "&$@":
        return _sigil(source, position)
    if found := _COMMENT.match(text, position):
        return _foreign_comment(Span(source, position, found.end()))
    if first == ".":
        return _dot(source, position)
    if first == "/":
        return _slash(source, position)
    if ord(first) > 127 and _WORD.match(text, position):
        return _not_ascii(source, position)
    return _other(source, position)


def open_string(source: Source, position: int) -> Mend:
    """A string without its end, taken as far as its line goes."""
    return _open_string(source, position)


def _open_string(source: Source, position: int) -> Mend:
    found = _LINE.match(source.text, position)
    assert found is not None
    quote = source.text[position]
    notes: tuple[str, ...] = ()
    if f"\\{quote}" in found[0]:
        notes = ("a string that ends with a backslash is written in single quotes: 'C:\\\\'",)
    diagnostic = codes.OPEN_STRING.at(
        Span(source, position, found.end()), "this string has no end", f"no `{quote}` follows", notes=notes
    )
    return Mend(diagnostic, found.end(), "STRING", f"{found[0]}{quote}")


def _smart_quotes(source: Source, position: int) -> Mend:
    found = _SMART.match(source.text, position)
    assert found is not None
    span = Span(source, position, found.end())
    inner = found[1] if found[1] is not None else found[2]
    fix = Fix("use plain quotes", (Edit(span, f'"{inner}"'),))
    diagnostic = codes.SMART_QUOTES.at(span, "these quotes are typographic", "strings stand in `\"` or `'`", fix=fix)
    return Mend(diagnostic, found.end(), "STRING", f'"{inner}"')


def _sigil(source: Source, position: int) -> Mend:
    text, first = source.text, source.text[position]
    if first == "&":
        span = Span(source, position, position + 1)
        fix = Fix("write `&&`", (Edit(span, "&&"),))
        diagnostic = codes.SINGLE_AMPERSAND.at(span, "`&` is no operator", "`&&` means and", fix=fix)
        return Mend(diagnostic, span.end, "AND", "&&")
    if found := _SPACED_NAME.match(text, position):
        span = Span(source, position, found.end())
        name = f"${found[1]}"
        fix = Fix("remove the blank", (Edit(span, name),))
        diagnostic = codes.BLANK_IN_PATH.at(span, "a blank stands between `$` and the name", f"write `{name}`", fix=fix)
        return Mend(diagnostic, span.end, "VARIABLE", name)
    if found := _TIME_LIKE.match(text, position):
        span = Span(source, position, found.end())
        hint = "the time is `@t`, the item of a filter `@`"
        diagnostic = codes.UNREADABLE.at(span, f"`{found[0]}` is not known", hint)
        return Mend(diagnostic, span.end, "TIME", "@t")
    return _other(source, position)


def _foreign_comment(span: Span) -> Mend:
    diagnostic = codes.FOREIGN_COMMENT.at(
        Span(span.source, span.start, span.start + 2), "this is no comment", "a comment begins with `#`"
    )
    return Mend(diagnostic, span.end)


def _dot(source: Source, position: int) -> Mend:
    text = source.text
    after = position + 1
    if after < len(text) and ord(text[after]) > 127 and _WORD.match(text, after):
        mend = _not_ascii(source, after)
        return Mend(mend.diagnostic, mend.end, "DOT_KEY", text[position : mend.end])
    span = Span(source, position, after)
    if text[after : after + 1] == ".":
        return Mend(codes.MISSING_KEY.at(span, "no key stands between the dots"), after)
    if _BLANKS.match(text, after) or text[after : after + 1] in (" ", "\t", "\r", "\n"):
        return Mend(codes.MISSING_KEY.at(span, "no key follows this dot", "a path has no blanks inside"), after)
    return Mend(codes.MISSING_KEY.at(span, "no key follows this dot"), after)


def _slash(source: Source, position: int) -> Mend:
    found = _REST_OF_KEY.match(source.text, position)
    assert found is not None
    note = 'for example `metadata.labels."app.kubernetes.io/name"`'
    span = Span(source, position, position + 1)
    hint = "put the whole key in quotes"
    diagnostic = codes.UNREADABLE.at(span, "`/` can't stand in a bare key", hint, notes=(note,))
    return Mend(diagnostic, found.end())


def _not_ascii(source: Source, position: int) -> Mend:
    text, start = source.text, position
    while start and _WORD_CHARACTER.match(text[start - 1]):
        start -= 1
    found = _WORD.match(text, start)
    assert found is not None
    span = Span(source, start, found.end())
    fix = Fix("put it in quotes", (Edit(span, f'"{found[0]}"'),))
    diagnostic = codes.NOT_ASCII.at(
        span, f"`{found[0]}` has letters outside ASCII", f'put it in quotes: `"{found[0]}"`', fix=fix
    )
    # The letters before it are a token already.
    return Mend(diagnostic, found.end(), "NAME" if start == position else "", found[0])


def _other(source: Source, position: int) -> Mend:
    text = source.text
    first = text[position]
    if found := _BLANKS.match(text, position):
        span = Span(source, position, found.end())
        fix = Fix("write a plain blank", (Edit(span, " "),))
        return Mend(codes.UNREADABLE.at(span, f"a {_name(first)} stands here", "it is invisible", fix=fix), span.end)
    end = position + 1
    while end < len(text) and text[end] == first:
        end += 1
    shown = f"`{first}`" if first.isprintable() else _name(first)
    return Mend(codes.UNREADABLE.at(Span(source, position, end), f"{shown} means nothing here"), end)


def _name(character: str) -> str:
    name = unicodedata.name(character, "")
    code = f"U+{ord(character):04X}"
    return f"{name} ({code})" if name else f"control character {code}" if ord(character) < 160 else f"character {code}"
