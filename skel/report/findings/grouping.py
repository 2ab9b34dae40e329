"""Findings by release, then by rule: what many objects share is said once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from skel.findings.model import Finding, Fix

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Group:
    """What one rule found in one release; never empty, in the order of the report."""

    findings: tuple[Finding, ...]
    message: str
    """The message, if all have the same."""
    fix: Fix | None
    """The fix, if all have the same."""

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def headline(self) -> str:
        """What it is about: the title, or the message where that says the same and more."""
        first = self.first
        if self.message and self.message.startswith(first.title):
            return self.message
        return first.title or first.rule

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """What the headline does not say yet: the message that all have, and the reason."""
        said = (self.message, self.first.help)
        return tuple(text for text in dict.fromkeys(said) if text and text != self.headline)


@dataclass(frozen=True, slots=True)
class Hop:
    """A release with its groups; the empty name for what no release brought."""

    name: str
    groups: tuple[Group, ...]

    def __iter__(self) -> Iterator[Finding]:
        return (finding for group in self.groups for finding in group.findings)


def by_hop(findings: Iterable[Finding]) -> tuple[Hop, ...]:
    """The findings, which must be in the order of reports."""
    return tuple(Hop(name, tuple(_groups(found))) for name, found in groupby(findings, key=lambda entry: entry.hop))


def _groups(findings: Iterable[Finding]) -> Iterator[Group]:
    for _, found in groupby(findings, key=lambda entry: (entry.code, entry.rule, entry.severity, entry.object is None)):
        same = tuple(found)
        message = _shared(finding.message for finding in same) or ""
        yield Group(same, message, _shared(finding.fix for finding in same))


def _shared(values: Iterable[T]) -> T | None:
    first, *rest = values
    return first if all(value == first for value in rest) else None
