"""Services, Endpoints and EndpointSlices."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, Key, at, duplicate, each, forbidden, invalid, required, too_many, unsupported
from skel.replay.dry.metadata import choice, complaints, labels
from skel.replay.dry.names import dns_label, dns_subdomain, label_value, port_number, qualified_name
from skel.replay.dry.validation.addresses import is_address, is_ipv6, network, ordinary_address, valid_address
from skel.replay.dry.validation.ports import PROTOCOLS, port_or_name

_TYPES = frozenset({"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"})
_FAMILIES = frozenset({"IPv4", "IPv6"})
_POLICIES = frozenset({"SingleStack", "PreferDualStack", "RequireDualStack"})
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_TRAFFIC = frozenset({"Cluster", "Local"})
_KUBELET_PORT, _KUBELET_PORT_FREE = 10250, 33


def service(found: Json, minor: int) -> Causes:
    spec = found.get("spec") or {}
    kind = spec.get("type") or "ClusterIP"
    headless = spec.get("clusterIP") == "None"
    yield from at(_by_type(spec, kind, minor, headless=headless), "spec")
    yield from at(_ports(spec, kind), "spec")
    yield from labels(spec.get("selector"), "spec", "selector")
    yield from at(_affinity(spec), "spec")
    if kind != "ExternalName":
        yield from at(_cluster_addresses(spec, minor), "spec")
    for number, address in enumerate(spec.get("externalIPs") or ()):
        bad = list(valid_address(address, minor, "spec", "externalIPs", number))
        yield from bad or ordinary_address(address, "spec", "externalIPs", number)
    yield from at(choice(spec, "type", _TYPES), "spec")
    yield from _source_ranges(found, spec, minor)
    yield from at(_balancer(spec, kind), "spec")
    yield from at(_traffic(spec, kind, minor), "spec")


def _by_type(spec: Json, kind: str, minor: int, *, headless: bool) -> Causes:
    if not spec.get("ports") and not headless and kind != "ExternalName":
        yield required("ports")
    if headless and kind in {"NodePort", "LoadBalancer"}:
        yield invalid("clusterIPs", 0, value="None", detail=f"may not be set to 'None' for {kind} services")
    if kind == "LoadBalancer" and minor < _KUBELET_PORT_FREE:
        for number, port in enumerate(spec.get("ports") or ()):
            if port.get("port") == _KUBELET_PORT:
                detail = f"may not expose port {_KUBELET_PORT} externally since it is used by kubelet"
                yield invalid("ports", number, value=_KUBELET_PORT, detail=detail)
    if kind == "ExternalName":
        yield from _external(spec)


def _external(spec: Json) -> Causes:
    if spec.get("clusterIP") or spec.get("clusterIPs"):
        yield forbidden("clusterIPs", detail="may not be set for ExternalName services")
    for name in ("ipFamilies", "ipFamilyPolicy"):
        if spec.get(name):
            yield forbidden(name, detail="may not be set for ExternalName services")
    name = spec.get("externalName", "").removesuffix(".")
    if name:
        yield from complaints(name, dns_subdomain(name), "externalName")
    else:
        yield required("externalName")


def _ports(spec: Json, kind: str) -> Causes:
    ports = spec.get("ports") or ()
    names: set[str] = set()
    taken: set[tuple[str, int]] = set()
    outer: set[tuple[str, int]] = set()
    for number, port in enumerate(ports):
        for cause in (*_port(port, names, several=len(ports) > 1), *_node_port(port, kind, outer)):
            yield cause.under(("ports", number))
        key = port.get("protocol") or "TCP", port.get("port", 0)
        if key in taken:
            yield duplicate("ports", number, value={"protocol": key[0], "port": key[1]})
        taken.add(key)


def _port(port: Json, names: set[str], *, several: bool) -> Causes:
    name = port.get("name")
    if name:
        yield from complaints(name, dns_label(name), "name")
        if name in names:
            yield duplicate("name", value=name)
        names.add(name)
    elif several:
        yield required("name")
    yield from complaints(port.get("port", 0), port_number(port.get("port", 0)), "port")
    yield from choice(port, "protocol", PROTOCOLS)
    if port.get("targetPort", 0) not in {0, ""}:
        yield from port_or_name(port, "targetPort")
    if port.get("appProtocol") is not None:
        yield from complaints(port["appProtocol"], qualified_name(port["appProtocol"]), "appProtocol")


def _node_port(port: Json, kind: str, taken: set[tuple[str, int]]) -> Causes:
    outer = port.get("nodePort", 0)
    if not outer:
        return
    if kind == "ClusterIP":
        yield forbidden("nodePort", detail="may not be used when `type` is 'ClusterIP'")
    key = port.get("protocol") or "TCP", outer
    if key in taken:
        yield duplicate("nodePort", value=outer)
    taken.add(key)


def _affinity(spec: Json) -> Causes:
    affinity, config = spec.get("sessionAffinity") or "None", spec.get("sessionAffinityConfig")
    if affinity not in {"ClientIP", "None"}:
        yield unsupported("sessionAffinity", value=affinity, known=("ClientIP", "None"))
    if affinity == "ClientIP" and config:
        seconds = (config.get("clientIP") or {}).get("timeoutSeconds", 10800)
        if not 0 < seconds <= 86400:
            detail = "must be greater than 0 and less than 86400"
            yield invalid("sessionAffinityConfig", "clientIP", "timeoutSeconds", value=seconds, detail=detail)


def _cluster_addresses(spec: Json, minor: int) -> Causes:
    first, all_of_them = spec.get("clusterIP"), spec.get("clusterIPs") or []
    if first and all_of_them and all_of_them[0] != first:
        yield invalid("clusterIPs", value=all_of_them, detail="first value must match `clusterIP`")
    if not first and all_of_them:
        yield invalid("clusterIPs", value=all_of_them, detail="must be empty when `clusterIP` is not specified")
    yield from _families(spec.get("ipFamilies") or ())
    yield from choice(spec, "ipFamilyPolicy", _POLICIES, empty=False)
    yield from _cluster_list(all_of_them or ([first] if first else []), spec, minor)


def _families(families: Iterable[str]) -> Causes:
    seen: set[str] = set()
    for number, family in enumerate(families):
        if family not in _FAMILIES:
            yield unsupported("ipFamilies", number, value=family, known=_FAMILIES)
        if family in seen:
            yield duplicate("ipFamilies", number, value=family)
        seen.add(family)


def _cluster_list(addresses: list[str], spec: Json, minor: int) -> Causes:
    if addresses[:1] == ["None"]:
        if len(addresses) > 1:
            yield invalid("clusterIPs", value=addresses, detail="'None' must be the first and only value")
        return
    bad = [
        cause
        for number, address in enumerate(addresses)
        for cause in valid_address(address, minor, "clusterIPs", number)
    ]
    yield from bad
    if len(addresses) > 2:
        yield invalid("clusterIPs", value=addresses, detail="may only hold up to 2 values")
    if bad:
        return
    if len(addresses) > 1 and len({is_ipv6(address) for address in addresses}) < 2:
        yield invalid("clusterIPs", value=addresses, detail="may specify no more than one IP for each IP family")
    for number, (address, family) in enumerate(zip(addresses, spec.get("ipFamilies") or (), strict=False)):
        if family in _FAMILIES and is_ipv6(address) != (family == "IPv6"):
            detail = f"expected an {family} value as indicated by `ipFamilies[{number}]`"
            yield invalid("clusterIPs", number, value=address, detail=detail)


def _source_ranges(found: Json, spec: Json, minor: int) -> Causes:
    ranges = spec.get("loadBalancerSourceRanges")
    annotation = ((found.get("metadata") or {}).get("annotations") or {}).get(_RANGES)
    if not ranges and annotation is None:
        return
    place = ("spec", "LoadBalancerSourceRanges") if ranges else ("metadata", "annotations", Key(_RANGES))
    given = ranges or [part for part in (annotation or "").split(",") if part.strip()]
    if spec.get("type") != "LoadBalancer":
        yield forbidden(*place, detail="may only be used when `type` is 'LoadBalancer'")
    if any(network(text.strip(), minor) is None for text in given):
        detail = "must be a list of IP ranges. For example, 10.240.0.0/24,10.250.0.0/24 "
        yield invalid(*place, value=given, detail=detail)


def _balancer(spec: Json, kind: str) -> Causes:
    if kind != "LoadBalancer":
        for name in ("allocateLoadBalancerNodePorts", "loadBalancerClass"):
            if name in spec:
                yield forbidden(name, detail="may only be used when `type` is 'LoadBalancer'")
    elif spec.get("loadBalancerClass") is not None:
        yield from complaints(spec["loadBalancerClass"], qualified_name(spec["loadBalancerClass"]), "loadBalancerClass")


def _traffic(spec: Json, kind: str, minor: int) -> Causes:
    policy, check = spec.get("externalTrafficPolicy"), spec.get("healthCheckNodePort", 0)
    external = bool(spec.get("externalIPs")) and minor >= 26 and kind == "ClusterIP"
    if policy and kind not in {"NodePort", "LoadBalancer"} and not external:
        detail = "may only be set when `type` is 'NodePort' or 'LoadBalancer'"
        yield invalid("externalTrafficPolicy", value=policy, detail=detail)
    else:
        yield from choice(spec, "externalTrafficPolicy", _TRAFFIC)
    if check and not (kind == "LoadBalancer" and policy == "Local"):
        detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        yield invalid("healthCheckNodePort", value=check, detail=detail)
    elif check:
        yield from complaints(check, port_number(check), "healthCheckNodePort")
    if "internalTrafficPolicy" in spec and minor >= 22 and spec["internalTrafficPolicy"] not in _TRAFFIC:
        yield unsupported("internalTrafficPolicy", value=spec["internalTrafficPolicy"], known=_TRAFFIC)


def endpoints(found: Json, minor: int) -> Causes:
    yield from each("subsets", found.get("subsets") or (), partial(_subset, minor))


def _subset(minor: int, subset: Json) -> Causes:
    if not subset.get("addresses") and not subset.get("notReadyAddresses"):
        yield required(detail="must specify `addresses` or `notReadyAddresses`")
    for name in ("addresses", "notReadyAddresses"):
        yield from each(name, subset.get(name) or (), partial(_endpoint_address, minor))
    ports = subset.get("ports") or ()
    yield from each("ports", ports, lambda port: _endpoint_port(port, several=len(ports) > 1))


def _endpoint_address(minor: int, address: Json) -> Causes:
    text = address.get("ip", "")
    yield from valid_address(text, minor, "ip")
    if is_address(text, minor):
        yield from ordinary_address(text, "ip")
    if address.get("hostname"):
        yield from complaints(address["hostname"], dns_label(address["hostname"]), "hostname")
    if "nodeName" in address:
        yield from complaints(address["nodeName"], dns_subdomain(address["nodeName"]), "nodeName")


def _endpoint_port(port: Json, *, several: bool) -> Causes:
    name = port.get("name")
    if name:
        yield from complaints(name, dns_label(name), "name")
    elif several:
        yield required("name")
    yield from complaints(port.get("port", 0), port_number(port.get("port", 0)), "port")
    yield from choice(port, "protocol", PROTOCOLS)
    if port.get("appProtocol") is not None:
        yield from complaints(port["appProtocol"], qualified_name(port["appProtocol"]), "appProtocol")


def endpoint_slice(found: Json, minor: int) -> Causes:
    kind, items, ports = found.get("addressType", ""), found.get("endpoints") or (), found.get("ports") or ()
    if not kind:
        yield required("addressType")
    yield from choice(found, "addressType", ("IPv4", "IPv6", "FQDN"))
    if len(items) > 1000:
        yield too_many("endpoints", count=len(items), limit=1000)
    else:
        yield from each("endpoints", items, lambda item: _endpoint(item, kind, minor))
    names: set[str] = set()
    yield from each("ports", ports, lambda port: _slice_port(port, names))


def _endpoint(item: Json, kind: str, minor: int) -> Causes:
    addresses = item.get("addresses") or ()
    if not addresses:
        yield required("addresses", detail="must contain at least 1 address")
    elif len(addresses) > 100:
        yield too_many("addresses", count=len(addresses), limit=100)
    for number, address in enumerate(addresses):
        yield from at(_slice_address(address, kind, minor), "addresses", number)
    if "nodeName" in item:
        yield from complaints(item["nodeName"], dns_subdomain(item["nodeName"]), "nodeName")
    if "hostname" in item:
        yield from complaints(item["hostname"], dns_label(item["hostname"]), "hostname")
    yield from labels(item.get("deprecatedTopology"), "deprecatedTopology")
    for number, zone in enumerate((item.get("hints") or {}).get("forZones") or ()):
        name = zone.get("name", "")
        yield from complaints(name, label_value(name), "hints", "forZones", number, "name")


def _slice_address(address: str, kind: str, minor: int) -> Causes:
    match kind:
        case "IPv4" | "IPv6":
            if not is_address(address, minor) or is_ipv6(address) != (kind == "IPv6"):
                yield invalid(value=address, detail=f"must be a valid {kind} address")
            yield from ordinary_address(address)
        case "FQDN":
            yield from complaints(address, dns_subdomain(address.removesuffix(".")))
            if "." not in address:
                yield invalid(value=address, detail="should be a domain with at least two segments separated by dots")


def _slice_port(port: Json, names: set[str]) -> Causes:
    name = port.get("name", "")
    if name:
        yield from complaints(name, dns_label(name), "name")
    if name in names:
        yield duplicate("name", value=name)
    names.add(name)
    yield from choice(port, "protocol", PROTOCOLS, empty=False)
    if port.get("appProtocol") is not None:
        yield from complaints(port["appProtocol"], qualified_name(port["appProtocol"]), "appProtocol")
