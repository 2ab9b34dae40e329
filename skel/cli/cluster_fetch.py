"""`skel cluster fetch`: the programs of a release, without starting them."""

from __future__ import annotations

import click

from skel.cli.cluster_options import Shown


@click.command()
@click.argument("versions", nargs=-1, required=True, metavar="RELEASE...")
def command(versions: tuple[str, ...]) -> int:
    """Get the programs of these releases into the cache (SKEL_CACHE), so that a cluster is up in seconds later."""
    from skel.cluster.binaries import binaries

    for version in versions:
        found = binaries(version, Shown())
        click.echo(f"{found.kubernetes}:")
        for name, path in found.programs.items():
            click.echo(f"  {name:<24}{path}")
    return 0
