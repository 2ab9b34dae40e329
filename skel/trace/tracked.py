"""The kinds that a trace tracks: `config.trackedObjects`."""

from __future__ import annotations

from typing import Any

from skel.patch.values import Json
from skel.trace.model import Config
from skel.trace.moves import Moves

_LIFECYCLE = "trackLifecycle"


def tracked_objects(config: Config) -> dict[str, Any]:
    """What is tracked, by gvk; empty if the configuration says nothing. What has no text for a key is no kind."""
    tracked = config.get("trackedObjects")
    if not isinstance(tracked, dict):
        return {}
    return tracked if all(isinstance(key, str) for key in tracked) else {}


def rebuild_config(config: Config, moves: Moves) -> Config:
    """The configuration with an entry for every kind that tracked objects moved to.

    An entry that is there wins, but lifetimes are tracked if either kind had them tracked. The old entry goes when no
    object of its kind is left.
    """
    old = tracked_objects(config)
    targets = _targets(moves)
    if targets.keys().isdisjoint(old):
        return config
    result: dict[str, Json] = {}
    for kind, entry in old.items():
        heirs = targets.get(kind, [])
        if not heirs or moves.kinds_left[kind]:
            result[kind] = _united(entry, result.get(kind))
        for heir in heirs:
            result[heir] = _united(old.get(heir, entry), result.get(heir), entry)
    return {**config, "trackedObjects": result}


def _targets(moves: Moves) -> dict[str, list[str]]:
    """Each gvk -> the other ones that objects of it moved to, in order."""
    targets: dict[str, dict[str, None]] = {}
    for (kind, _), heirs in moves.moved.items():
        for heir, _ in heirs:
            if heir != kind:
                targets.setdefault(kind, {})[heir] = None
    return {kind: list(heirs) for kind, heirs in targets.items()}


def _united(entry: Json, *others: Json) -> Json:
    """The entry, with lifetimes tracked if any of them says so."""
    if not isinstance(entry, dict) or not any(isinstance(other, dict) and other.get(_LIFECYCLE) for other in others):
        return entry
    return {**entry, _LIFECYCLE: True}
