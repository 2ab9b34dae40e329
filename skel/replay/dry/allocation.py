"""What a server hands out once: ports of nodes and addresses of Services. Its own dry run does not look at them."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from skel.patch.values import Json
from skel.replay.dry.cause import Cause, Causes, invalid
from skel.replay.dry.state import State, home

_SERVICES = home("v1", "services")
_USUAL = ip_network("10.96.0.0/16")
_NODE_PORTS = range(30000, 32768)


def taken(state: State, clean: Json) -> Causes:
    """Ports and addresses that a Service asks for and can't get."""
    meta, spec = clean.get("metadata") or {}, clean.get("spec") or {}
    address = spec.get("clusterIP")
    if address in {None, "", "None"} and not any(_node_ports(spec)):
        return
    others = [
        stored.clean.get("spec") or {}
        for stored in state.listed(_SERVICES, "")
        if (stored.metadata.get("namespace"), stored.metadata.get("name")) != (meta.get("namespace"), meta.get("name"))
    ]
    ports = {port for other in others for port in _node_ports(other)}
    for number, port in enumerate(spec.get("ports") or ()):
        yield from _port(port, number, ports)
    if address not in {None, "", "None"} and any(other.get("clusterIP") == address for other in others):
        yield invalid("spec", "clusterIPs", value=[address], detail="provided IP is already allocated")


def _node_ports(spec: Json) -> Iterator[tuple[str, int]]:
    for port in spec.get("ports") or ():
        if port.get("nodePort"):
            yield port.get("protocol") or "TCP", port["nodePort"]


def _port(port: Json, number: int, taken_ports: set[tuple[str, int]]) -> Iterator[Cause]:
    outer = port.get("nodePort", 0)
    if not outer:
        return
    if outer not in _NODE_PORTS:
        detail = "provided port is not in the valid range. The range of valid ports is 30000-32767"
        yield invalid("spec", "ports", number, "nodePort", value=outer, detail=detail)
    elif (port.get("protocol") or "TCP", outer) in taken_ports:
        yield invalid("spec", "ports", number, "nodePort", value=outer, detail="provided port is already allocated")


def _is_usual(address: str) -> bool:
    """Whether an address lies in the range that clusters have unless told otherwise."""
    try:
        return ip_address(address) in _USUAL
    except ValueError:
        return False


def depends_on_network(clean: Json) -> str:
    """What a Service asks of the network of the cluster, which nobody here knows; empty if nothing."""
    spec = clean.get("spec") or {}
    address = spec.get("clusterIP")
    if address not in {None, "", "None"} and not _is_usual(address):
        return f"whether {address} is one of the addresses that the cluster has for Services is not known here"
    if "IPv6" in (spec.get("ipFamilies") or ()) or spec.get("ipFamilyPolicy") == "RequireDualStack":
        return "whether the cluster has IPv6 is not known here"
    return ""
