"""Applies fixes: as many at once as do not touch each other, again and again until nothing is left to mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from skel.language.analyse import analyse_all
from skel.language.diagnostic import Edit, Fix, Safety, SkelError
from skel.language.formatter import format_source
from skel.language.imports import Loader
from skel.language.text import Source
from skel.lint.file import File
from skel.lint.runner import again, lint

MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Fixed:
    """The text after all fixes, and how many were applied."""

    text: str
    count: int


def fix_all(file: File, *, unsafe: bool) -> Fixed:
    """Mend a program as far as its fixes go: the safe ones, or all.

    A fix that breaks the program is left out. A text that was formatted before is formatted afterwards.
    """
    source, count = file.source, 0
    was_formatted = _is_formatted(source)
    for _ in range(MOST_ROUNDS):
        fixes = (found.fix for found in lint(again(file, source)).diagnostics if found.fix is not None)
        chosen = _apart(fix for fix in fixes if _is_own(fix, source) and (unsafe or fix.safety is Safety.SAFE))
        after, applied = _mended(source, chosen, file.loader)
        if not applied:
            break
        count += applied
        source = after
    if count and was_formatted:
        source = Source(source.name, format_source(source))
    return Fixed(source.text, count)


def _is_formatted(source: Source) -> bool:
    try:
        return format_source(source) == source.text
    except SkelError:
        return False  # a mistake stands in the way, which a fix may take out of it


def _is_own(fix: Fix, source: Source) -> bool:
    return bool(fix.edits) and all(edit.span.source == source for edit in fix.edits)


def _apart(fixes: Iterable[Fix]) -> list[Fix]:
    """The fixes, first come first served, whose edits do not touch those of another."""
    chosen: list[Fix] = []
    taken: list[Edit] = []
    for fix in fixes:
        if not any(_touch(edit, other) for edit in fix.edits for other in taken):
            chosen.append(fix)
            taken += fix.edits
    return chosen


def _touch(one: Edit, other: Edit) -> bool:
    return one.span.start <= other.span.end and other.span.start <= one.span.end


def _mended(source: Source, fixes: list[Fix], loader: Loader) -> tuple[Source, int]:
    """The text with all fixes; or with one after the other, without those that break it."""
    together = apply_edits(source, [edit for fix in fixes for edit in fix.edits])
    if _errors(together, loader) <= _errors(source, loader):
        return together, len(fixes)
    for fix in fixes:
        alone = apply_edits(source, list(fix.edits))
        if _errors(alone, loader) <= _errors(source, loader):
            return alone, 1
    return source, 0


def _errors(source: Source, loader: Loader) -> int:
    return len(analyse_all(source, loader=loader).errors)


def apply_edits(source: Source, edits: list[Edit]) -> Source:
    """The text with some edits that do not touch each other."""
    text = source.text
    for edit in sorted(edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return Source(source.name, text)
