"""The account of a run, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skel.patch.values import Json
from skel.report.terminal import Paint, printable

if TYPE_CHECKING:
    from skel.engine.summary import RuleSummary, Summary

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Measures:
    """Wall time in seconds, sizes in bytes; 0 if nothing was written."""

    seconds: float = 0.0
    bytes_in: int = 0
    bytes_out: int = 0


def summary_lines(summary: Summary, measures: Measures, paint: Paint) -> Iterator[str]:
    """A table of rules, the reasons of skips, findings, and one line for the whole."""
    if summary.rules:
        yield from _table(summary.rules, paint)
    for rule in summary.rules:
        for reason, count in sorted(rule.skips.items()):
            yield paint("skipped", "yellow") + f" {rule.id}: {reason} ({_objects(count)})"
    for finding in summary.findings:
        color = "red" if finding.severity == "error" else "yellow"
        place = f"{printable(finding.object)} in event {finding.event}"
        yield paint(finding.severity, color, "bold") + f" {finding.rule}: {printable(finding.message)} ({place})"
    yield " · ".join(_totals(summary, measures))


def _table(rules: list[RuleSummary], paint: Paint) -> Iterator[str]:
    width = max(4, *(len(rule.id) for rule in rules))
    yield paint(f"{'rule':<{width}}  {'matched':>9}  {'changed':>9}  {'skipped':>9}", "bold")
    for rule in rules:
        row = f"{printable(rule.id):<{width}}  {rule.matched:>9,}  {rule.changed:>9,}  {rule.skipped:>9,}"
        title = f"  {printable(rule.title)}" if rule.title else ""
        yield (row if rule.matched else paint(row, "dim")) + paint(title, "dim")


def _totals(summary: Summary, measures: Measures) -> Iterator[str]:
    yield f"{_objects(summary.objects)} in {summary.events:,} events"
    parts = (
        (summary.changed, "changed"),
        (summary.deleted, "deleted"),
        (summary.came, "added"),
        (summary.went, "dropped"),
        (summary.skipped, "skipped"),
    )
    yield ", ".join(f"{count:,} {word}" for count, word in parts if count or word == "changed")
    yield f"{measures.seconds:.2f} s"
    if measures.bytes_out:
        yield f"{size(measures.bytes_in)} -> {size(measures.bytes_out)}"


def _objects(count: int) -> str:
    return f"{count:,} object{'' if count == 1 else 's'}"


def size(count: int) -> str:
    """Bytes in the unit that reads best."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("the last unit takes everything")


def summary_json(summary: Summary, measures: Measures) -> dict[str, Json]:
    """The same for programs, under a schema version."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "events": summary.events,
        "objects": summary.objects,
        "changed": summary.changed,
        "deleted": summary.deleted,
        "added": summary.came,
        "dropped": summary.went,
        "skipped": summary.skipped,
        "rules": [
            {
                "id": rule.id,
                "title": rule.title,
                "matched": rule.matched,
                "changed": rule.changed,
                "skipped": rule.skipped,
                "skips": dict(sorted(rule.skips.items())),
            }
            for rule in summary.rules
        ],
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity,
                "message": finding.message,
                "object": finding.object,
                "event": finding.event,
            }
            for finding in summary.findings
        ],
        "seconds": round(measures.seconds, 3),
        "bytesIn": measures.bytes_in,
        "bytesOut": measures.bytes_out,
    }
