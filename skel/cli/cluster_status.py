"""`skel cluster status`: how the components of a cluster do."""

from __future__ import annotations

import json

import click

from skel.cli.cluster_options import chosen, need_extra


@click.command()
@click.argument("name", required=False)
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
def command(name: str | None, form: str) -> int:
    """Show how each component of the cluster NAME does. Exit code 1 if one of them does not answer."""
    need_extra()
    from skel.cluster.cluster import status
    from skel.cluster.show import as_json, lines

    found = status(chosen(name))
    if form == "json":
        click.echo(json.dumps({"schemaVersion": 1, **as_json(found)}, indent=2))
    else:
        click.echo("\n".join(lines(found)))
    return 0 if found.word == "running" else 1
