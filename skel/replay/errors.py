"""What ends a replay; what a server says of one object never does (unless that is asked for)."""

from __future__ import annotations

from skel.client.errors import ClientError


class ReplayError(ClientError):
    """A replay that can't begin or go on. `message` is one sentence, `hint` the way out."""
