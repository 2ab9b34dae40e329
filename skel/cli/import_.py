"""`skel import`: traces from what people have, a module for each source."""

from __future__ import annotations

from types import MappingProxyType

import click

from skel.cli.lazy import LazyGroup

VERBS = MappingProxyType(
    {
        "audit": "The audit log of an API server: the true history.",
        "manifests": "Files and folders of manifests, `kubectl get -o yaml`, Velero.",
        "git": "The commits of a repository with manifests.",
        "helm": "The revisions of Helm releases, from a cluster or files.",
        "dump": "A must-gather, or `kubectl cluster-info dump`.",
        "kwok": "What `kwokctl snapshot record` wrote.",
    }
)


@click.group(cls=LazyGroup, verbs=VERBS, home="skel.cli.import_")
def command() -> None:
    """Make a trace of what you have.

    What a source holds and can't be used is counted and named on standard error.
    """
