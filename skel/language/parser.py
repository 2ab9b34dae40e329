"""Text to the tree of a module. Reading never fails: what is wrong is reported, the rest is still understood."""

from __future__ import annotations

from dataclasses import dataclass

from skel.language.ast import Module
from skel.language.builder import build_module
from skel.language.diagnostic import Diagnostic
from skel.language.syntax import parse_syntax
from skel.language.text import Source, Span


@dataclass(frozen=True, slots=True)
class Parsed:
    """The statements that could be understood, the comments, and everything that is wrong, in source order.

    `lost_names` if a statement that defines names could not be understood: then others may seem to be undefined.
    """

    module: Module
    comments: tuple[Span, ...]
    diagnostics: tuple[Diagnostic, ...]
    lost_names: bool = False


def parse(source: Source) -> Parsed:
    """The typed tree of a program. Never raises, whatever the text is."""
    syntax = parse_syntax(source)
    built = build_module(syntax.root, source, syntax.damaged)
    diagnostics = sorted((*syntax.diagnostics, *built.diagnostics), key=lambda diagnostic: diagnostic.span.start)
    return Parsed(built.module, syntax.comments, tuple(diagnostics), syntax.lost_names or built.lost_names)
