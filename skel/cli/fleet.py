"""`skel fleet`: many traces at once."""

from __future__ import annotations

from types import MappingProxyType

import click

from skel.cli.lazy import LazyGroup

VERBS = MappingProxyType({"check": "Find what an upgrade of Kubernetes breaks, in many traces."})


@click.group(cls=LazyGroup, verbs=VERBS, home="skel.cli.fleet_")
def command() -> None:
    """Many traces at once: on all cores, or on many machines."""
