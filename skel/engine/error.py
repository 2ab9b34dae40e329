"""What ends a run: an object for which a rule has no one answer, or that can't be read."""

from __future__ import annotations

from msgspec import Raw

from skel.engine.tally import Seen
from skel.language.text import Span
from skel.trace.errors import TraceError


class RunError(TraceError):
    """A run that can't go on, with its place in the trace and, if a rule is the reason, its place in the program."""

    def __init__(self, message: str, seen: Seen, raw: Raw | None = None, span: Span | None = None) -> None:
        self.seen = seen
        self.raw = raw
        self.span = span
        where = f"event {seen.event}, {'deleted' if seen.deleted else 'applied'} object {seen.position}"
        place = f"{span}: " if span is not None else ""
        super().__init__(f"{place}{message}, in {where}")

    def __reduce__(self) -> tuple[type[RunError], tuple[str, Seen]]:
        """Errors of worker processes travel without the object and the source text."""
        return _Carried, (self.message, self.seen)


class _Carried(RunError):
    """A RunError from another process: its message is complete."""

    def __init__(self, message: str, seen: Seen) -> None:
        TraceError.__init__(self, message)
        self.seen, self.raw, self.span = seen, None, None
