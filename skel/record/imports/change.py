"""What every source gives: objects as they became, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

from skel.patch.values import Json


@dataclass(frozen=True, slots=True)
class Change:
    """From `at` (Unix seconds) on an object is as `thing` says; if it is `gone`, that was its last state."""

    at: int
    thing: dict[str, Json]
    gone: bool = False
