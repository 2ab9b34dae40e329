"""`skel fault`: deterministic faults on real control planes, a module for each verb."""

from __future__ import annotations

from types import MappingProxyType

import click

from skel.cli.lazy import LazyGroup

VERBS = MappingProxyType(
    {
        "reproduce": "Show a failure mode of the catalogue on a release.",
        "run": "Play a scenario, on releases and gates side by side.",
        "explore": "Look for faults that break an invariant, and make what is found small.",
        "shrink": "Make the scenario of a report as small as it can be.",
        "check": "Judge stored reports with other invariants.",
        "list": "Show the failure modes, the invariants or the actions.",
        "new": "Write a scenario, or an invariant, to begin with.",
        "schema": "Print the JSON Schema of scenarios.",
    }
)


@click.group(cls=LazyGroup, verbs=VERBS, home="skel.cli.fault_")
def command() -> None:
    """Deterministic faults: slow watches, lost answers and moved clocks on real control planes."""
