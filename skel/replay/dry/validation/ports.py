"""Ports of containers, Services, probes and policies."""

from __future__ import annotations

from collections.abc import Iterable

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, duplicate, invalid, required
from skel.replay.dry.metadata import choice, complaints
from skel.replay.dry.names import port_name, port_number

PROTOCOLS = frozenset({"TCP", "UDP", "SCTP"})


def port_or_name(owner: Json, name: str) -> Causes:
    """A port as number or as name; absent is the number 0, which is none."""
    value = owner.get(name, 0)
    yield from complaints(value, port_name(value) if isinstance(value, str) else port_number(value), name)


def container_ports(ports: Iterable[Json]) -> Causes:
    names: set[str] = set()
    for number, port in enumerate(ports):
        for cause in _container_port(port, names):
            yield cause.under(("ports", number))


def _container_port(port: Json, names: set[str]) -> Causes:
    name = port.get("name")
    if name and (found := port_name(name)):
        yield from complaints(name, found, "name")
    elif name in names:
        yield duplicate("name", value=name)
    elif name:
        names.add(name)
    inner = port.get("containerPort", 0)
    if inner:
        yield from complaints(inner, port_number(inner), "containerPort")
    else:
        yield required("containerPort")
    if outer := port.get("hostPort"):
        yield from complaints(outer, port_number(outer), "hostPort")
    yield from choice(port, "protocol", PROTOCOLS)


def host_port_conflicts(containers: Iterable[Json], *steps: str) -> Causes:
    """Two containers of a pod can't have the same port of the node."""
    taken: set[str] = set()
    for number, container in enumerate(containers):
        for index, port in enumerate(container.get("ports") or ()):
            if not port.get("hostPort"):
                continue
            key = f"{port.get('protocol') or 'TCP'}/{port.get('hostIP', '')}/{port['hostPort']}"
            if key in taken:
                yield duplicate(*steps, number, "ports", index, "hostPort", value=key)
            taken.add(key)


def host_network_ports(containers: Iterable[Json]) -> Causes:
    """In the network of the node a port is the port of the node."""
    for number, container in enumerate(containers):
        for index, port in enumerate(container.get("ports") or ()):
            if port.get("hostPort") and port["hostPort"] != port.get("containerPort"):
                detail = "must match `hostPort` when `hostNetwork` is true"
                yield invalid(
                    "containers",
                    number,
                    "ports",
                    index,
                    "containerPort",
                    value=port.get("containerPort"),
                    detail=detail,
                )
