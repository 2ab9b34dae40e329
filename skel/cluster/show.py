"""How clusters are shown: lines for people, mappings for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from skel.cluster.cluster import Component, Status
from skel.cluster.kubeconfig import server_url


def table(found: Iterable[Status]) -> Iterator[str]:
    """A line a cluster, below a heading."""
    yield _row("NAME", "KUBERNETES", "STATUS", "SERVER")
    for each in found:
        yield _row(each.name, _version(each), each.word, _server(each))


def lines(found: Status) -> Iterator[str]:
    """A cluster and its components."""
    yield f"{found.name}: Kubernetes {_version(found)}, {found.word}"
    yield f"  server  {_server(found)}"
    yield f"  folder  {found.folder}"
    for component in found.components:
        number = str(component.process.pid) if component.process and component.is_running else "-"
        yield f"  {component.name:<24}{_word(component):<12}{number:>8}"


def as_json(found: Status) -> dict[str, Any]:
    return {
        "name": found.name,
        "kubernetes": found.state.kubernetes if found.state else None,
        "status": found.word,
        "server": server_url(found.state) if found.state else None,
        "folder": str(found.folder),
        "components": [
            {
                "name": component.name,
                "status": _word(component),
                "pid": component.process.pid if component.process and component.is_running else None,
                "log": str(component.log),
            }
            for component in found.components
        ],
    }


def _row(*cells: str) -> str:
    return "{:<24}{:<12}{:<10}{}".format(*cells)


def _version(found: Status) -> str:
    return found.state.kubernetes if found.state else "?"


def _server(found: Status) -> str:
    return server_url(found.state) if found.state else "?"


def _word(component: Component) -> str:
    if component.is_healthy:
        return "answers"
    return "is silent" if component.is_running else "stopped"
