"""What stands in the first line, in the last one, and in the pane."""

from __future__ import annotations

from collections.abc import Sequence

from skel.report.terminal import Paint, printable
from skel.report.traces.words import length, plural
from skel.trace.errors import TraceError
from skel.tui import details
from skel.tui.explorer import Explorer
from skel.tui.keys import KEYS


def head(explorer: Explorer) -> str:
    """The trace, its length, where we are, what was kept, and the filter."""
    axis = explorer.axis(1)
    shown, total = len(explorer.shown), len(explorer.rows)
    count = plural(total, "change") if shown == total else f"{shown:,} of {plural(total, 'change')}"
    place = f"{explorer.cursor + 1:,}/{count}" if shown else count
    kept = f"  {plural(len(explorer.session.applied), 'rule')} kept" if explorer.session.applied else ""
    by = f"  filter: {explorer.filter.text}" if explorer.filter.text else ""
    return printable(f"{explorer.session.name}  {length(axis.end - axis.start)}  {place}{kept}{by}")


def foot(message: str) -> str:
    """A message, or else the keys that one needs first."""
    return printable(message) or "  ".join(f"{key.shown} {key.label}" for key in KEYS if key.label)


def _nothing(explorer: Explorer) -> list[str]:
    lines = ["nothing is shown; Esc shows everything again"]
    if any("*" not in pattern for _, pattern in explorer.filter.fields):
        lines.append("kind:, ns: and name: take whole words; `*` stands for the rest: name:cart*")
    return lines


def pane(explorer: Explorer, tab: str, paint: Paint, width: int) -> Sequence[str]:
    """What that tab says of the row under the cursor."""
    trace, row = explorer.session.trace, explorer.row
    if row is None:
        return _nothing(explorer)
    number = explorer.shown[explorer.cursor]
    try:
        match tab:
            case "manifest":
                return details.manifest(trace, row)
            case "diff":
                return details.diff(trace, explorer.rows, number, paint)
            case "versions":
                return details.versions(explorer.rows, number, explorer.start, paint, latest=explorer.latest)
            case "lifetimes":
                return details.lifetimes(trace, row.who)
            case _:
                return details.findings(explorer.findings.get(row.who, ()), paint, width)
    except TraceError as error:
        return [error.message]
