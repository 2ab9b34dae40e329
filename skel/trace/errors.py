"""What goes wrong with a trace. The room that opens the places raises it first, so it stands there."""

from __future__ import annotations

from skel.storage.errors import TraceError

__all__ = ["TraceError"]
