"""Whose a world is, so that one whose owner was killed does not stay."""

from __future__ import annotations

import os
import secrets

from skel.cluster.control_plane import down
from skel.cluster.errors import ClusterError
from skel.cluster.process import is_running, read, record
from skel.cluster.state import Home, home, homes

_PREFIX = "faults-"
_OWNER = "owner"


def claim() -> str:
    """The name of a new world; from now on it is known to be ours."""
    place = home(f"{_PREFIX}{secrets.token_hex(3)}")
    place.folder.mkdir(mode=0o700, parents=True)
    record(os.getpid(), place.folder / _OWNER)
    return place.name


def sweep() -> tuple[str, ...]:
    """End and remove the worlds whose owners are no more; their names."""
    left = [place.name for place in homes() if _is_left(place)]
    for name in left:
        try:
            down(name)
        except (ClusterError, FileNotFoundError):  # another run was quicker
            continue
    return tuple(left)


def _is_left(place: Home) -> bool:
    """One without an owner belongs to whoever made it by hand, or is only just being made."""
    owner = read(place.folder / _OWNER) if place.name.startswith(_PREFIX) else None
    return owner is not None and not is_running(owner)
