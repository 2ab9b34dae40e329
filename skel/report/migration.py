"""The account of a migration: which rules repaired how many objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from skel.report.terminal import Paint, printable

if TYPE_CHECKING:
    from skel.engine.summary import Summary


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
