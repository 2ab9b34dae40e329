"""`skel cluster up`: a real control plane with simulated nodes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skel.cli.cluster_options import Shown, need_extra

if TYPE_CHECKING:
    from skel.cluster.nodes import Manifest

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("name", default="skel")
@click.option(
    "--kubernetes", "version", metavar="RELEASE", help="The release, 1.25 or 1.25.16. A cluster keeps its own."
)
@click.option(
    "--nodes", "count", type=click.IntRange(0, 20_000), metavar="N", help="Make that many nodes of 32 CPUs and 256 GiB."
)
@click.option("--node-file", type=_file, help="Make the nodes of a YAML file.")
@click.option("--nodes-from", "trace", metavar="TRACE", help="Make the nodes that a trace knows.")
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    metavar="N",
    help="The port of the API server (default: any that is free).",
)
@click.option(
    "--flag",
    "flags",
    multiple=True,
    metavar="COMPONENT:FLAG=VALUE",
    help="For a component: kube-apiserver:feature-gates=..., etcd:quota-backend-bytes=...",
)
def command(
    name: str,
    version: str | None,
    count: int | None,
    node_file: Path | None,
    trace: str | None,
    port: int | None,
    flags: tuple[str, ...],
) -> int:
    """Bring up the cluster NAME: etcd, API server, controller manager, scheduler and kwok, on the loopback address.

    Its programs are taken from the cache or the PATH, else downloaded, else built with `go`. The cluster stays until
    `skel cluster down`. Of a cluster that is there, what does not run is started again.
    """
    need_extra()
    nodes = _nodes(count, node_file, trace)
    from skel.cluster.control_plane import up

    began = time.monotonic()
    cluster = up(version or _version_of(name), name, nodes, port=port, flags=_flags(flags), progress=Shown())
    took = time.monotonic() - began
    click.echo(f"{cluster.name}: Kubernetes {cluster.version}, {len(nodes)} nodes made, ready after {took:.1f} s")
    click.echo(f"  server      {cluster.server}")
    click.echo(f"  kubeconfig  {cluster.kubeconfig}")
    click.echo(f"  end it      skel cluster down {cluster.name}")
    return 0


def _flags(texts: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """`etcd:quota-backend-bytes=67108864` by component and flag."""
    from skel.cluster.state import COMPONENTS

    found: dict[str, dict[str, str]] = {}
    for text in texts:
        component, _, rest = text.partition(":")
        flag, has_value, value = rest.partition("=")
        if component not in COMPONENTS or not has_value or not flag.strip("-"):
            known = ", ".join(COMPONENTS)
            raise click.UsageError(f"--flag takes COMPONENT:FLAG=VALUE, not {text!r}; components are {known}")
        found.setdefault(component, {})[f"--{flag.lstrip('-')}"] = value
    return found


def _version_of(name: str) -> str:
    from skel.cluster.state import home, read_state

    state = read_state(home(name))
    if state is None:
        raise click.UsageError("--kubernetes RELEASE is missing")
    return state.kubernetes


def _nodes(count: int | None, node_file: Path | None, trace: str | None) -> list[Manifest]:
    from skel.cluster.nodes import from_template, from_text, from_trace

    if sum(source is not None for source in (count, node_file, trace)) > 1:
        raise click.UsageError("--nodes, --node-file and --nodes-from exclude each other")
    if node_file is not None:
        return from_text(node_file.read_text("utf-8", "replace"), str(node_file))
    if trace is not None:
        from skel.trace.model import Trace

        found = from_trace(Trace.open(trace))
        if not found:
            raise click.ClickException(f"{trace} knows no nodes; --nodes N makes some")
        return found
    return from_template(count or 0)
