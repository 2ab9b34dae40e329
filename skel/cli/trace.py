"""`skel trace`: tools for trace files, a module each."""

from __future__ import annotations

from types import MappingProxyType

import click

from skel.cli.lazy import LazyGroup

VERBS = MappingProxyType(
    {
        "convert": "Turn a trace into JSON, or JSON into a trace.",
        "validate": "Look for what a replay would stumble over.",
    }
)


@click.group(cls=LazyGroup, verbs=VERBS, home="skel.cli.trace_")
def command() -> None:
    """Tools for trace files."""
