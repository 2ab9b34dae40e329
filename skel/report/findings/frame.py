"""A finding in a program or manifest, shown with the line that it is about, as the compiler shows its own messages."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from skel.findings.model import Finding, Location
from skel.findings.secret_text import redact_text
from skel.language.diagnostic import Diagnostic
from skel.language.render import block
from skel.language.text import Source, Span
from skel.report.terminal import printable

Read = Callable[[str], str | None]
"""The text of a file, None if there is none to show."""

_WORD = re.compile(r"[\w.$@/-]+|.", re.DOTALL)
_COLOR = re.compile(r"\x1b\[[0-9;]*m")
BIGGEST = 4 * 1024 * 1024
"""Bytes of a file beyond which no line of it is shown."""


@lru_cache(maxsize=64)
def read_text(name: str) -> str | None:
    """The text of a file on this machine."""
    path = Path(name)
    try:
        if not path.is_file() or path.stat().st_size > BIGGEST:
            return None
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return None


def frame(finding: Finding, read: Read, *, color: bool) -> str | None:
    """The finding with its line of the text; None if there is no such line, or a secret stands on it."""
    text = read(finding.location.file) if finding.location.line else None
    span = _span(Source(finding.location.file, text), finding.location) if text is not None else None
    if span is None:
        return None
    fix = (f"{finding.fix.title} ({finding.fix.safety} fix)",) if finding.fix else ()
    notes = tuple(note for note in (finding.help, *fix, finding.url) if note)
    diagnostic = Diagnostic(printable(finding.code), span, finding.message, severity=finding.severity, notes=notes)
    return block(diagnostic, color=color)


def tells_a_secret(shown: str) -> bool:
    """Whether a frame, coloured or not, holds what no report may hold."""
    plain = _COLOR.sub("", shown)
    return redact_text(plain) != plain


def _span(source: Source, place: Location) -> Span | None:
    """What the place covers: to its end if it names one on the same line, else a word."""
    line = place.line or 0
    if line > len(source.line_starts):
        return None
    shown = source.line(line)
    column = (place.column or 1) - 1
    if column > len(shown) or redact_text(shown) != shown:
        return None
    start = source.line_starts[line - 1] + column
    if place.end_column is not None and place.end_line in {None, line}:
        return Span(source, start, start + max(1, place.end_column - 1 - column))
    word = _WORD.match(shown, column) if place.column else None
    end = word.end() - column if word else len(shown) - column
    return Span(source, start, start + max(1, end))
