"""Complaints as values: each has a stable code, a place, labels, notes and, where there is one, a fix.

Rendering is in `render.py`; the pages behind the codes are in `codes.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from skel.findings.severity import Safety, Severity
from skel.language.text import Span

__all__ = ["Diagnostic", "Edit", "Fix", "Label", "Safety", "Severity", "SkelError"]


@dataclass(frozen=True, slots=True)
class Label:
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Fix:
    title: str
    edits: tuple[Edit, ...]
    safety: Safety = Safety.SAFE


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One complaint. `hint` stands beside the caret; `notes` follow below the source excerpt."""

    code: str
    span: Span
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    fix: Fix | None = None


class SkelError(Exception):
    """A program that can't be compiled. `diagnostics` holds everything that was found, in source order."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{d.span}: {d.severity.value}[{d.code}]: {d.message}" for d in self.diagnostics))
