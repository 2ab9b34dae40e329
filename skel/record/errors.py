"""What goes wrong with a recording: one kind of error, with a way out."""

from __future__ import annotations

from skel.trace.errors import TraceError


class RecordError(TraceError):
    """A recording that can't begin or go on."""
