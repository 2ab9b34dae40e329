"""What each version of an object has to show: the manifest at first, then what is different. Without secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff

from skel.findings.redact import redacted_manifest
from skel.report.diff import yaml_lines
from skel.report.timeline.lanes import Lane
from skel.trace.codec import decode_object
from skel.trace.history import Version

MOST_VERSIONS = 4000
"""Versions of which a page shows the text; the rest only says that it is there."""
MOST_TEXT = 4_000_000
"""Characters of all texts of a page together."""
LONGEST = 40_000
"""Characters of one text."""

NEW, CHANGED, SAME, DELETED, LEFT_OUT = "new", "changed", "same", "deleted", "left out"


@dataclass(frozen=True, slots=True)
class Shown:
    """A version: seconds since the start, the number of its event, what it is, and its text."""

    time: int
    event: int
    what: str
    api_version: str
    text: str = ""


def details(lanes: Iterable[Lane], start: int) -> Iterator[tuple[Shown, ...]]:
    """The versions of each lane, in its order. Texts go to lanes with findings, then to those that change most."""
    listed = list(lanes)
    budget = _Budget(MOST_VERSIONS, MOST_TEXT)
    order = sorted(
        range(len(listed)), key=lambda number: (not listed[number].findings, -listed[number].changes, number)
    )
    found: dict[int, tuple[Shown, ...]] = {}
    for number in order:
        found[number] = tuple(_versions(listed[number].versions, start, budget))
    for number in range(len(listed)):
        yield found[number]


@dataclass(slots=True)
class _Budget:
    versions: int
    text: int

    def __bool__(self) -> bool:
        return self.versions > 0 and self.text > 0

    def spend(self, text: str) -> None:
        self.versions -= 1
        self.text -= len(text)


def _versions(versions: Iterable[Version], start: int, budget: _Budget) -> Iterator[Shown]:
    before: list[str] | None = None
    for version in versions:
        time = version.time - start
        if version.deleted:
            before = None
            yield Shown(time, version.event, DELETED, version.api_version)
        elif not budget:
            yield Shown(time, version.event, LEFT_OUT, version.api_version)
        else:
            lines = yaml_lines(redacted_manifest(decode_object(version.raw)))
            what, text = _compared(before, lines)
            budget.spend(text)
            before = lines
            yield Shown(time, version.event, what, version.api_version, text)


def _compared(before: list[str] | None, after: list[str]) -> tuple[str, str]:
    if before is None:
        return NEW, _cut("\n".join(after))
    if before == after:
        return SAME, ""
    return CHANGED, _cut("\n".join(list(unified_diff(before, after, lineterm="", n=3))[2:]))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n... and {len(text) - LONGEST:,} characters more"
