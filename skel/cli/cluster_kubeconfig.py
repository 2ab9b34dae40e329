"""`skel cluster kubeconfig`: how to reach a cluster."""

from __future__ import annotations

import click

from skel.cli.cluster_options import chosen, need_extra


@click.command()
@click.argument("name", required=False)
@click.option("--path", "is_path", is_flag=True, help="Print where the file is, not what is in it.")
def command(name: str | None, is_path: bool) -> int:
    """Print the kubeconfig of the cluster NAME. It holds the administrator's token."""
    need_extra()
    from skel.cluster.cluster import find

    file = find(chosen(name)).kubeconfig
    click.echo(file if is_path else file.read_text("utf-8"), nl=is_path)
    return 0
