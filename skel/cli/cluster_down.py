"""`skel cluster down`: end a cluster."""

from __future__ import annotations

import click

from skel.cli.cluster_options import Shown, chosen, need_extra


@click.command()
@click.argument("name", required=False)
@click.option("--all", "is_all", is_flag=True, help="Every cluster of this user.")
def command(name: str | None, is_all: bool) -> int:
    """End the cluster NAME, or the only one there is, and remove everything of it, also one that is broken."""
    need_extra()
    from skel.cluster.control_plane import down
    from skel.cluster.state import homes

    if is_all and name is not None:
        raise click.UsageError("--all and a NAME exclude each other")
    for each in [place.name for place in homes()] if is_all else [chosen(name)]:
        down(each, progress=Shown())
        click.echo(f"{each} is gone")
    return 0
