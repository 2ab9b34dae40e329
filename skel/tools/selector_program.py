"""A selector as a program, `deny(selector, ...)`, and its mistakes as those of the selector alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from skel.language.diagnostic import Diagnostic, Edit, Label
from skel.language.text import Source, Span

_BEFORE, _BEHIND = "deny(", '\n, "hit");\n'


@dataclass(frozen=True, slots=True)
class SelectorProgram:
    """`typed` is the selector, `source` the program; definitions stand behind it."""

    typed: Source
    source: Source

    @classmethod
    def of(cls, selector: str, definitions: str = "", name: str = "<selector>") -> SelectorProgram:
        return cls(Source(name, selector), Source(name, f"{_BEFORE}{selector}{_BEHIND}{definitions}"))

    def complaints(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """What is wrong, at its place in what was typed. What shows only behind it means that it has no end."""
        found = list(diagnostics)
        end = len(_BEFORE) + len(self.typed.text)
        inside = [self._moved(one) for one in found if one.span.source is not self.source or one.span.start < end]
        last = Span(self.typed, len(self.typed.text), len(self.typed.text))
        return inside or [Diagnostic(found[0].code, last, "the selector has no end")]

    def _moved(self, found: Diagnostic) -> Diagnostic:
        fix = found.fix
        return replace(
            found,
            span=self._place(found.span),
            labels=tuple(Label(self._place(label.span), label.text) for label in found.labels),
            fix=fix and replace(fix, edits=tuple(Edit(self._place(e.span), e.replacement) for e in fix.edits)),
        )

    def _place(self, span: Span) -> Span:
        if span.source is not self.source:
            return span
        start, end = (min(max(0, at - len(_BEFORE)), len(self.typed.text)) for at in (span.start, span.end))
        return Span(self.typed, start, end)
