"""What goes wrong with faults, as distinct from what they find."""

from __future__ import annotations

from skel.client.errors import ClientError


class FaultError(ClientError):
    """A world, a clock or a fault that can't be had. `message` says why, `hint` is the way out."""
