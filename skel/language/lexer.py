"""Text to tokens. What is no token is reported with its own words and mended, so that the parser can go on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from skel.language.diagnostic import Diagnostic
from skel.language.tables import load
from skel.language.text import Source, Span
from skel.language.tree import Token
from skel.language.unreadable import unreadable

BYTE_ORDER_MARK = "\ufeff"


@dataclass(slots=True)
class Lexed:
    """`damaged` are the offsets at which something was reported."""

    tokens: list[Token] = field(default_factory=list)
    comments: list[Span] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{regex})" for name, regex in load().terminals))


def lex(source: Source, start: int = 0) -> Lexed:
    """Every token from `start` to the end, with an END token behind the last. Never raises."""
    lexed = Lexed()
    text, keywords = source.text, load().keywords
    match = _pattern().match
    tokens = lexed.tokens
    position = start + 1 if start == 0 and text.startswith(BYTE_ORDER_MARK) else start
    size = len(text)
    while position < size:
        found = match(text, position)
        if found is None:
            position = _mend(source, position, lexed)
            continue
        kind = str(found.lastgroup)
        end = found.end()
        if kind == "NAME":
            word = found.group()
            tokens.append(Token(keywords.get(word, kind), word, position, end))
        elif kind == "COMMENT":
            lexed.comments.append(Span(source, position, end))
        elif kind != "BLANK":
            tokens.append(Token(kind, found.group(), position, end))
        position = end
    tokens.append(Token("$END", "", size, size))
    return lexed


def _mend(source: Source, position: int, lexed: Lexed) -> int:
    """Report what stands here, put a token in its place if it is clear which, and say where to go on."""
    mend = unreadable(source, position)
    lexed.diagnostics.append(mend.diagnostic)
    if mend.kind:
        lexed.tokens.append(Token(mend.kind, mend.text, position, mend.end))
    return mend.end
