"""`skel trace`: tools for trace files, a module each."""

from __future__ import annotations

from types import MappingProxyType

import click

from skel.cli.lazy import LazyGroup

VERBS = MappingProxyType(
    {
        "show": "Show what is in a trace, or an object over time.",
        "stats": "Count what is in a trace.",
        "validate": "Look for what a replay would stumble over.",
        "diff": "Say what is different between two traces.",
        "slice": "Cut out a stretch of time, or some objects.",
        "merge": "Make one trace of several.",
        "anonymise": "Replace names by pseudonyms, and refuse secrets.",
        "convert": "Turn a trace into JSON, or JSON into a trace.",
    }
)


@click.group(cls=LazyGroup, verbs=VERBS, home="skel.cli.trace_")
def command() -> None:
    """Tools for trace files."""
