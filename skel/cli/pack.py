"""`skel pack`: packs of rules, a module for each verb."""

from __future__ import annotations

from types import MappingProxyType

import click

from skel.cli.lazy import LazyGroup

VERBS = MappingProxyType(
    {
        "list": "Show the packs that have a name.",
        "show": "Show a pack, or one rule of it.",
        "new": "Make a small pack that is complete.",
        "verify": "Check everything that a pack must be.",
        "add": "Fetch a pack from a URL and pin it.",
    }
)


@click.group(cls=LazyGroup, verbs=VERBS, home="skel.cli.pack_")
def command() -> None:
    """Packs of rules."""
