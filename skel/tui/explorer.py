"""The state behind the screen: which rows there are, which are shown, and at which one we look."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from skel.findings.model import Finding
from skel.repl.session import Session
from skel.tui.density import Axis
from skel.tui.filtering import Filter
from skel.tui.rows import Row, Who, read_rows


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The answer to a filter: the numbers of the rows that it shows."""

    filter: Filter
    shown: list[int]


class Explorer:
    """A trace under the eyes of a person. `cursor` is a place in `shown`, 0 also if nothing is shown."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.findings: Mapping[Who, tuple[Finding, ...]] = {}
        self.filter = Filter()
        self.shown: list[int] = []
        self.cursor = 0
        self.look_again()

    def look_again(self) -> None:
        """Read the trace of the session as it is now; everything is shown."""
        self.rows = read_rows(self.session.trace)
        self.latest = {row.who: number for number, row in enumerate(self.rows)}
        self.adopt(Narrowed(Filter(), list(range(len(self.rows)))))

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.shown[self.cursor]] if self.shown else None

    @property
    def start(self) -> int:
        return self.session.trace.start

    def axis(self, columns: int) -> Axis:
        """The time of the whole trace, markers included, on so many columns."""
        events = self.session.trace.events
        times = (events[0].ts, events[-1].ts) if events else (0, 0)
        return Axis(min(times), max(times), max(1, columns))

    def narrowed(self, text: str) -> Narrowed:
        """What a filter would show; nothing changes. Raises TraceError and SkelError."""
        wanted = Filter.parse(text)
        chosen = None
        if wanted.selector:
            hits = self.session.find(wanted.selector)
            chosen = frozenset((hit.event, hit.deleted, hit.position) for hit in hits)
        return Narrowed(wanted, wanted.select(self.session.trace, self.rows, chosen))

    def adopt(self, narrowed: Narrowed) -> None:
        """Show that, and stay at the row, or the one after it."""
        here = self.shown[self.cursor] if self.shown else 0
        self.filter, self.shown = narrowed.filter, narrowed.shown
        self.move_to(bisect_left(self.shown, here))

    def move_to(self, cursor: int) -> None:
        """Look at another row; beyond the end is the last one."""
        self.cursor = max(0, min(cursor, len(self.shown) - 1))

    def move_to_time(self, time: int) -> None:
        """Look at the first row that is shown at that second or later."""
        self.move_to(bisect_left(self.shown, time, key=lambda number: self.rows[number].time))

    def move_to_version(self, step: int) -> bool:
        """Look at the version before (-1) or after (1) of the same object; False if none is shown."""
        row = self.row
        if row is None:
            return False
        ahead = range(self.cursor + step, len(self.shown) if step > 0 else -1, step)
        for place in ahead:
            if self.rows[self.shown[place]].who == row.who:
                self.cursor = place
                return True
        return False

    def move_to_finding(self, step: int) -> bool:
        """Look at the next row (1), or the one before (-1), whose object has findings; False if there is none."""
        for place in range(self.cursor + step, len(self.shown) if step > 0 else -1, step):
            if self.rows[self.shown[place]].who in self.findings:
                self.cursor = place
                return True
        return False

    def take_findings(self, found: Iterable[Finding]) -> None:
        """Keep what a check found, by object."""
        by_object: dict[Who, list[Finding]] = {}
        for finding in found:
            if thing := finding.object:
                by_object.setdefault((thing.kind, thing.namespace, thing.name), []).append(finding)
        self.findings = {who: tuple(items) for who, items in by_object.items()}
