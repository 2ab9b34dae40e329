"""An audit log -> changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from skel.record.imports.audit.callers import Callers
from skel.record.imports.audit.history import History
from skel.record.imports.audit.lines import events
from skel.record.imports.audit.order import Sorter, by_version
from skel.record.imports.audit.requests import Requests
from skel.record.imports.change import Change
from skel.record.imports.losses import Losses
from skel.record.imports.options import Wanted
from skel.trace.codec import without_gc


def audit_changes(
    paths: Iterable[str], losses: Losses, wanted: Wanted, callers: Callers | None = None
) -> Iterator[Change]:
    """What the requests in these files changed, in the order in which it happened; the files in any order.

    `callers` hears of all requests. Raises TraceError for a file that can't be opened.
    """
    requests = Requests(losses, wanted.namespaces)
    with Sorter() as notes:
        with without_gc():
            for event, place in events(paths, losses):
                if callers is not None:
                    callers.see(event)
                for note in requests.notes(event, place):
                    notes.add(note)
        history = History(losses, every_change=wanted.every_change)
        yield from history.changes(by_version(notes))


def audit_callers(paths: Iterable[str], losses: Losses, callers: Callers) -> None:
    """Only who called what."""
    with without_gc():
        for event, _ in events(paths, losses):
            callers.see(event)
