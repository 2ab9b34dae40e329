"""Upgrades in the middle of a run, for programs."""

from __future__ import annotations

import msgspec

from skel.findings.secret_text import redact_text
from skel.patch.values import Json
from skel.replay.upgrade_lines import Upgrade


def upgrade_json(upgrade: Upgrade | None) -> Json:
    """What `upgrade.json` says, without secrets; None for a run without upgrades."""
    return _redacted(msgspec.to_builtins(upgrade))


def _redacted(value: Json) -> Json:
    match value:
        case str():
            return redact_text(value)
        case dict():
            return {key: _redacted(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_redacted(inner) for inner in value]
        case _:
            return value
