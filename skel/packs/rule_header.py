"""What a rule says about itself, read without its body.

The usual file (comments, imports, `rule "id" {`, the entries) is read by one expression in some microseconds; anything
else by the parser. `verify` proves that both see the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from skel.language import ast
from skel.language.diagnostic import Diagnostic, Severity
from skel.language.parser import parse
from skel.language.text import Source, Span


@dataclass(frozen=True, slots=True)
class Entry:
    """`value` and where it is written."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Header:
    """The id of a rule and its entries by key."""

    id: str
    entries: dict[str, Entry]
    span: Span

    def text(self, key: str) -> str:
        entry = self.entries.get(key)
        return entry.value if entry is not None else ""

    def place(self, key: str) -> Span:
        """Where the entry stands; the head of the rule if there is none."""
        entry = self.entries.get(key)
        return entry.span if entry is not None else self.span


# Strings with a backslash are left to the parser.
_SPACE = r"(?:\s|\#[^\n]*\n)*+"
_STRING = r'"([^"\\]*+)"'
_START = re.compile(rf'{_SPACE}(?:import\s*{_STRING}\s*;{_SPACE})*+(rule\s*"([^"\\\n]++)")\s*\{{', re.VERBOSE)
_BODY = re.compile(rf"{_SPACE}(?:\}}|[a-zA-Z_][\w-]*+\s*+\(|when\b(?!\s*\"))")
_ENTRY = re.compile(rf"{_SPACE}([a-z]++)\s++({_STRING})\s*+;")


def read_header(source: Source) -> tuple[Header | None, tuple[Diagnostic, ...]]:
    """The header of the only rule in a file, and what is wrong if there is none."""
    quick = quick_header(source)
    return (quick, ()) if quick is not None else parsed_header(source)


def quick_header(source: Source) -> Header | None:
    """The header of a file of the usual form, None for any other."""
    start = _START.match(source.text)
    if start is None:
        return None
    entries: dict[str, Entry] = {}
    at = start.end()
    while entry := _ENTRY.match(source.text, at):
        if entry[1] in entries:
            return None
        entries[entry[1]] = Entry(entry[3], Span(source, entry.start(2), entry.end(2)))
        at = entry.end()
    if not _BODY.match(source.text, at):
        return None
    return Header(start[3], entries, Span(source, start.start(2), start.end(2)))


def parsed_header(source: Source) -> tuple[Header | None, tuple[Diagnostic, ...]]:
    """The same by the parser, with everything that is wrong with the syntax."""
    parsed = parse(source)
    errors = tuple(found for found in parsed.diagnostics if found.severity is Severity.ERROR)
    rules = [statement for statement in parsed.module.statements if isinstance(statement, ast.Rule)]
    if errors or len(rules) != 1:
        return None, errors
    (rule,) = rules
    entries = {item.key: Entry(item.value, item.span) for item in rule.metadata}
    head = Span(source, rule.span.start, rule.span.start + len(rule.span.text.split("{", 1)[0].rstrip()))
    return Header(rule.id, entries, head), ()
