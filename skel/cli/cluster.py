"""`skel cluster`: real control planes with simulated nodes on this machine, a module for each verb."""

from __future__ import annotations

from types import MappingProxyType

import click

from skel.cli.lazy import LazyGroup

VERBS = MappingProxyType(
    {
        "up": "Bring a cluster up.",
        "list": "Show the clusters.",
        "status": "Show how a cluster does.",
        "kubeconfig": "Print the kubeconfig of a cluster.",
        "logs": "Show what the components of a cluster say.",
        "upgrade": "Upgrade a cluster in place.",
        "down": "End a cluster and remove everything of it.",
        "fetch": "Get the programs of a release, and start nothing.",
    }
)


@click.group(cls=LazyGroup, verbs=VERBS, home="skel.cli.cluster_")
def command() -> None:
    """Real control planes with simulated nodes, on this machine."""
