"""`skel cluster upgrade`: another release on the same data."""

from __future__ import annotations

import time

import click

from skel.cli.cluster_options import Shown, chosen, need_extra


@click.command()
@click.argument("name", required=False)
@click.option("--kubernetes", "version", metavar="RELEASE", required=True, help="The release to go to: 1.26, 1.26.15.")
def command(name: str | None, version: str) -> int:
    """Upgrade the cluster NAME in place, minor by minor: API server, then controller manager and scheduler.

    The data stay. Clients lose their connections for the seconds in which the API server starts.
    """
    need_extra()
    from skel.cluster.control_plane import upgrade

    began = time.monotonic()
    cluster = upgrade(chosen(name), version, progress=Shown())
    click.echo(f"{cluster.name}: Kubernetes {cluster.version} after {time.monotonic() - began:.1f} s")
    return 0
