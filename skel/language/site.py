"""Where builders work: the source, and the complaints so far."""

from __future__ import annotations

from skel.language.diagnostic import Diagnostic
from skel.language.text import Source, Span
from skel.language.tree import Part


class Misshapen(Exception):
    """A part of the tree that the grammar allows and the language does not."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


class Site:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []

    def report(self, diagnostic: Diagnostic) -> None:
        self.diagnostics.append(diagnostic)

    def span(self, part: Part) -> Span:
        return Span(self.source, part.start, part.end)

    def text(self, part: Part) -> str:
        return self.source.text[part.start : part.end]
