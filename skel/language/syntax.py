"""Text to the tree of the grammar, with recovery behind errors. Enough for the formatter, which starts the faster
for it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from skel.language import mistakes
from skel.language.codes import OPEN_STRING
from skel.language.diagnostic import Diagnostic
from skel.language.driver import Advice, Driver, Trouble
from skel.language.lexer import Lexed, lex
from skel.language.tables import load
from skel.language.text import Source, Span
from skel.language.tree import Node, Token
from skel.language.unreadable import open_string

# Reading the rest again for each string without an end must not take quadratic time.
MOST_READINGS = 50


@dataclass(frozen=True, slots=True)
class Syntax:
    """The text as the grammar sees it. `damaged` are the offsets of the errors: a statement around one is not
    complete.
    """

    source: Source
    root: Node
    comments: tuple[Span, ...]
    diagnostics: tuple[Diagnostic, ...]
    damaged: tuple[int, ...]
    lost_names: bool


def parse_syntax(source: Source) -> Syntax:
    """The tree of the grammar, with recovery behind errors."""
    reader = _Reader(source)
    root = Driver(load(), reader.lexed.tokens, reader.advise).run()
    found = (*reader.lexed.diagnostics, *reader.diagnostics)
    return Syntax(
        source,
        root,
        tuple(reader.lexed.comments),
        tuple(sorted(found, key=lambda diagnostic: diagnostic.span.start)),
        tuple(sorted({diagnostic.span.start for diagnostic in reader.lexed.diagnostics} | reader.mended)),
        reader.lost_names,
    )


class _Reader:
    """Advises the driver at errors, and says each thing once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lexed: Lexed = lex(source)
        self.diagnostics: list[Diagnostic] = []
        self.mended: set[int] = set()
        self.last = -1
        self.lost_names = False
        self.has_ended = False
        self.read_again = 0

    def advise(self, trouble: Trouble) -> Advice | None:
        at = trouble.token.start
        begun = trouble.begun.start if trouble.begun is not None else at
        if opened := self._opened_before(trouble):
            return self._read_again(trouble, opened)
        found = mistakes.find(trouble, self.source)
        unread = self._unread(begun, at)
        # The end of the file may lack a `;` and a `}`; elsewhere one place has one mistake.
        is_open_block = trouble.token.kind == "$END" and trouble.begun is None and not self.has_ended
        if (not unread and at != self.last) or is_open_block:
            self.diagnostics.append(found.diagnostic)
            self.has_ended |= is_open_block
        self.last = at
        if found.advice is None or not found.advice.instead:
            self.mended.add(begun)
            self.lost_names |= trouble.begun is not None and trouble.begun.kind in ("DEFINE", "IMPORT", "PARAM")
        # A string that swallowed the `;` of its line swallowed the end of its statement.
        if any(lost.code == OPEN_STRING.code and ";" in lost.span.text for lost in unread):
            return Advice(resume=True)
        return found.advice

    def _unread(self, start: int, end: int) -> list[Diagnostic]:
        """What the lexer reported between two offsets, both included."""
        found = self.lexed.diagnostics
        first = bisect_left(found, start, key=_start)
        return found[first : bisect_right(found, end, key=_start)]

    # ---- strings without an end --------------------------------------------------------------------------------------

    def _opened_before(self, trouble: Trouble) -> Token | None:
        """A string of several lines before the trouble: most likely it lacks its end, and began to eat the program."""
        if self.read_again >= MOST_READINGS:
            return None
        for token in (trouble.before, trouble.token):
            if token is not None and token.kind == "STRING" and "\n" in token.text and ";" in token.text:
                return token
        return None

    def _read_again(self, trouble: Trouble, opened: Token) -> Advice:
        """Report the string, and read the text again from the end of its first line."""
        mend = open_string(self.source, opened.start)
        again = lex(self.source, mend.end)
        self.read_again += 1
        lexed = self.lexed
        lexed.diagnostics[:] = [found for found in lexed.diagnostics if found.span.start < opened.start]
        lexed.comments[:] = [comment for comment in lexed.comments if comment.start < opened.start]
        lexed.diagnostics += [mend.diagnostic, *again.diagnostics]
        lexed.comments += again.comments
        place = trouble.at if trouble.token is opened else trouble.at - 1
        trouble.tokens[place:] = [Token("STRING", mend.text, opened.start, mend.end), *again.tokens]
        # The driver holds the string already if it stands before the trouble; in either case the statement is lost.
        return Advice(dropped=place + 1 - trouble.at)


def _start(diagnostic: Diagnostic) -> int:
    return diagnostic.span.start
