"""What goes wrong with a control plane of our own."""

from __future__ import annotations

from skel.client.errors import ClientError


class ClusterError(ClientError):
    """A cluster that can't be had, started, changed or ended as asked. `message` says why, `hint` is the way out."""
