"""The account of a migration: which rules repaired how many objects."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from types import MappingProxyType
from typing import TYPE_CHECKING

from skel.report.terminal import Paint, printable

if TYPE_CHECKING:
    from skel.engine.summary import Summary
    from skel.manifests.files import PatchedFile


_STYLES = MappingProxyType({"+": "green", "-": "red", "@": "cyan"})


def migration_lines(summary: Summary, paint: Paint) -> Iterator[str]:
    """A line for each rule that changed something, those that could not do all of it, and one for the whole."""
    changed = [rule for rule in summary.rules if rule.changed]
    width = max((len(rule.id) for rule in changed), default=0)
    for rule in changed:
        yield f"{paint('repaired', 'green')} {rule.changed:>7,}  {printable(rule.id):<{width}}  {printable(rule.title)}"
    for rule in summary.rules:
        for reason, count in sorted(rule.skips.items()):
            yield f"{paint('skipped', 'yellow')}  {count:>7,}  {rule.id}: {reason}"
    gone = f", {summary.deleted:,} deleted" if summary.deleted else ""
    yield f"{summary.objects:,} objects, {summary.changed:,} changed{gone}"


def file_diff(file: PatchedFile, paint: Paint) -> Iterator[str]:
    """A unified diff of a file; nothing if it stays as it is."""
    before, after = file.before.text.splitlines(), file.after.splitlines()
    for line in unified_diff(before, after, str(file.source), str(file.source), lineterm=""):
        style = _STYLES.get(line[0], "")
        yield paint(printable(line), style) if style else printable(line)
