"""`skel cluster logs`: what the components of a cluster say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from skel.cli.cluster_options import chosen, need_extra


@click.command()
@click.argument("name", required=False)
@click.option("-c", "--component", metavar="COMPONENT", help="Only etcd, kube-apiserver, ... (default: all).")
@click.option("--tail", type=click.IntRange(1), default=20, show_default=True, help="That many lines of each.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until it is interrupted.")
def command(name: str | None, component: str | None, tail: int, follow: bool) -> int:
    """Show the last lines of the logs of the cluster NAME."""
    need_extra()
    from skel.cluster.cluster import existing
    from skel.cluster.health import last_lines
    from skel.cluster.state import COMPONENTS
    from skel.report.terminal import printable

    if component is not None and component not in COMPONENTS:
        raise click.UsageError(f"there is no component {component!r}; there are {', '.join(COMPONENTS)}")
    place = existing(chosen(name))
    logs = {each: place.log(each) for each in ([component] if component else COMPONENTS)}
    if follow:
        return _follow(logs, tail)
    for log in logs.values():
        if not component:
            click.echo(f"==> {log} <==")
        click.echo("".join(f"{printable(line)}\n" for line in last_lines(log, tail)), nl=False)
    return 0


def _follow(logs: Mapping[str, Path], tail: int) -> int:
    """Lines as they come, of several components with their names; ends when the cluster is gone."""
    from skel.cluster.following import follow
    from skel.report.terminal import printable

    for component, line in follow(logs, tail):
        head = f"{component:<24}" if len(logs) > 1 else ""
        click.echo(f"{head}{printable(line)}")
    return 0
