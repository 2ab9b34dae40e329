"""`skel cluster list`: the clusters of this user."""

from __future__ import annotations

import json

import click

from skel.cli.cluster_options import need_extra


@click.command()
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
def command(form: str) -> int:
    """Show the clusters of this user: name, release, how it does, and where its API server listens."""
    need_extra()
    from skel.cluster.cluster import overview
    from skel.cluster.show import as_json, table

    found = overview()
    if form == "json":
        click.echo(json.dumps({"schemaVersion": 1, "clusters": [as_json(each) for each in found]}, indent=2))
    elif found:
        click.echo("\n".join(table(found)))
    else:
        click.echo("there are no clusters", err=True)
    return 0
