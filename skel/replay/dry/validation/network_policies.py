"""NetworkPolicies."""

from __future__ import annotations

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, at, forbidden, invalid, required, unsupported
from skel.replay.dry.metadata import choice, complaints, selector
from skel.replay.dry.names import port_number
from skel.replay.dry.validation.addresses import network
from skel.replay.dry.validation.ports import PROTOCOLS, port_or_name

_TYPES = ("Ingress", "Egress")


def network_policy(found: Json, minor: int) -> Causes:
    yield from at(_policy(found.get("spec") or {}, minor), "spec")


def _policy(spec: Json, minor: int) -> Causes:
    yield from selector(spec.get("podSelector"), "podSelector", values=minor >= 27)
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for number, rule in enumerate(spec.get(direction) or ()):
            yield from at(_rule(rule, side, minor), direction, number)
    types = spec.get("policyTypes") or ()
    if len(types) > len(_TYPES):
        yield invalid("policyTypes", value=types, detail="may not specify more than two policyTypes")
        return
    for number, kind in enumerate(types):
        if kind not in _TYPES:
            yield unsupported("policyTypes", number, value=kind, known=_TYPES)


def _rule(rule: Json, side: str, minor: int) -> Causes:
    for number, port in enumerate(rule.get("ports") or ()):
        yield from at(_port(port), "ports", number)
    for number, peer in enumerate(rule.get(side) or ()):
        yield from at(_peer(peer, minor), side, number)


def _port(port: Json) -> Causes:
    number, end = port.get("port"), port.get("endPort")
    yield from choice(port, "protocol", PROTOCOLS, empty=False)
    if number is not None:
        yield from port_or_name(port, "port")
    if end is None:
        return
    if number is None:
        yield invalid("endPort", value=end, detail="may not be specified when `port` is not specified")
    elif isinstance(number, str):
        yield invalid("endPort", value=end, detail="may not be specified when `port` is non-numeric")
    else:
        if end < number:
            yield invalid("endPort", value=number, detail="must be greater than or equal to `port`")
        yield from complaints(end, port_number(end), "endPort")


def _peer(peer: Json, minor: int) -> Causes:
    for name in ("podSelector", "namespaceSelector"):
        yield from selector(peer.get(name), name, values=minor >= 27)
    if "ipBlock" in peer:
        yield from at(_block(peer["ipBlock"], minor), "ipBlock")
    if not peer:
        yield required(detail="must specify a peer")
    elif "ipBlock" in peer and len(peer) > 1:
        yield forbidden(detail="may not specify both ipBlock and another peer")


def _block(block: Json, minor: int) -> Causes:
    text = block.get("cidr")
    if not text:
        yield required("cidr")
        return
    whole = network(text, minor)
    if whole is None:
        yield invalid("cidr", value=text, detail="not a valid CIDR")
        return
    for number, hole in enumerate(block.get("except") or ()):
        inner = network(hole, minor)
        if inner is None:
            yield invalid("except", number, value=hole, detail="not a valid CIDR")
            return
        same = inner.version == whole.version
        if not same or whole.prefixlen >= inner.prefixlen or inner.network_address not in whole:
            yield invalid("except", number, value=hole, detail="must be a strict subset of `cidr`")
