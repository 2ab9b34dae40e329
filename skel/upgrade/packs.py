"""The packs that a check reads when nobody names any."""

from __future__ import annotations

from collections.abc import Sequence

from skel.packs.manifest import Kind, Pack
from skel.packs.registry import available, find


def upgrade_packs(names: Sequence[str] = ()) -> tuple[Pack, ...]:
    """Every pack for upgrades that is there, and those that are named (a name or a path)."""
    named = tuple(find(name) for name in names)
    others = (pack for pack in available() if pack.kind is Kind.UPGRADE)
    return (*(pack for pack in others if pack.name not in {one.name for one in named}), *named)
