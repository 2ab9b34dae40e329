"""What describes the cluster: nodes, namespaces, priorities, runtimes, leases, flow control and certificates."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, Key, at, duplicate, forbidden, invalid, required, unsupported
from skel.replay.dry.metadata import choice, complaints, labels, nonnegative
from skel.replay.dry.names import dns_1035_label, dns_label, dns_subdomain, label_value, port_number, qualified_name
from skel.replay.dry.validation.addresses import network
from skel.replay.dry.validation.quantities import amount_of, requirements
from skel.replay.dry.validation.scheduling import EFFECTS, tolerations

_PEM = re.compile(rb"-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]*)-----END")
_SECURITY_MODES, _SECURITY_LEVELS = ("enforce", "audit", "warn"), frozenset({"privileged", "baseline", "restricted"})
_POD_SECURITY = 23
_HIGHEST_PRIORITY = 1_000_000_000
_SYSTEM = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}


def api_service(found: Json, minor: int) -> Causes:
    del minor
    spec, name = found.get("spec") or {}, (found.get("metadata") or {}).get("name", "")
    group, version, service = spec.get("group", ""), spec.get("version", ""), spec.get("service")
    if name != f"{version}.{group}":
        detail = f'must be `spec.version+"."+spec.group`: "{version}.{group}"'
        yield invalid("metadata", "name", value=name, detail=detail)
    if not group and version != "v1":
        yield required("spec", "group", detail="only v1 may have an empty group and it better be legacy kube")
    if group:
        yield from complaints(group, dns_subdomain(group), "spec", "group")
    yield from complaints(version, dns_1035_label(version), "spec", "version")
    for field, most in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        if not 0 < spec.get(field, 0) <= most:
            yield invalid("spec", field, value=spec.get(field, 0), detail=f"must be positive and less than {most}")
    yield from at(_api_backend(spec, service), "spec")


def _api_backend(spec: Json, service: Json) -> Causes:
    bundle, blind = spec.get("caBundle"), spec.get("insecureSkipTLSVerify")
    if service is None:
        for name, value in (("caBundle", bundle), ("insecureSkipTLSVerify", blind)):
            if value:
                yield invalid(name, value=name, detail=f"local APIServices may not have {name}")
        return
    yield from (required("service", name) for name in ("namespace", "name") if not service.get(name))
    yield from complaints(service.get("port", 443), port_number(service.get("port", 443)), "service", "port")
    if blind and bundle:
        yield invalid("insecureSkipTLSVerify", value=True, detail="may not be true if caBundle is present")


def node(found: Json, minor: int) -> Causes:
    spec, status = found.get("spec") or {}, found.get("status") or {}
    seen: set[tuple[str, str]] = set()
    for number, taint in enumerate(spec.get("taints") or ()):
        yield from at(_taint(taint, seen), "metadata", "taints", number)
    for side in ("capacity", "allocatable"):
        for name, value in (status.get(side) or {}).items():
            yield from at(amount_of(name, value), "status", side, name)
    cidrs: list[str] = spec.get("podCIDRs") or ([spec["podCIDR"]] if spec.get("podCIDR") else [])
    for number, text in enumerate(cidrs):
        if network(text, minor) is None:
            yield invalid("spec", "podCIDRs", number, value=text, detail="must be valid CIDR")
    if len(cidrs) > 2 or (len(cidrs) == 2 and len({":" in text for text in cidrs}) == 1):
        yield invalid("spec", "podCIDRs", value=cidrs, detail="may specify no more than one CIDR for each IP family")


def _taint(taint: Json, seen: set[tuple[str, str]]) -> Causes:
    key, value, effect = taint.get("key", ""), taint.get("value", ""), taint.get("effect", "")
    yield from complaints(key, qualified_name(key), "key")
    yield from complaints(value, label_value(value), "value")
    if not effect:
        yield required("effect")
    yield from choice(taint, "effect", EFFECTS)
    if (key, effect) in seen:
        yield duplicate(value=taint)
    seen.add((key, effect))


def namespace(found: Json, minor: int) -> Causes:
    labels = (found.get("metadata") or {}).get("labels") or {}
    for mode in _SECURITY_MODES if minor >= _POD_SECURITY else ():
        value = labels.get(f"pod-security.kubernetes.io/{mode}", "privileged")
        if value not in _SECURITY_LEVELS:
            detail = "must be one of privileged, baseline, restricted"
            yield invalid("metadata", "labels", Key(f"pod-security.kubernetes.io/{mode}"), value=value, detail=detail)
    for name in (found.get("spec") or {}).get("finalizers") or ():
        yield from complaints(name, qualified_name(name), "spec", "finalizers")
        if "/" not in name and name not in {"kubernetes", "orphan", "foregroundDeletion"}:
            detail = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid("spec", "finalizers", value=name, detail=detail)


def priority_class(found: Json, minor: int) -> Causes:
    del minor
    name, value = (found.get("metadata") or {}).get("name", ""), found.get("value", 0)
    if name.startswith("system-"):
        if _SYSTEM.get(name) != value or found.get("globalDefault"):
            detail = "priority class names with 'system-' prefix are reserved for system use only"
            yield forbidden("metadata", "name", detail=detail)
    elif value > _HIGHEST_PRIORITY:
        detail = f"maximum allowed value of a user defined priority is {_HIGHEST_PRIORITY}"
        yield forbidden("value", detail=detail)
    policy = found.get("preemptionPolicy")
    if policy is not None and policy not in {"PreemptLowerPriority", "Never"}:
        yield unsupported("preemptionPolicy", value=policy, known=("PreemptLowerPriority", "Never"))


def runtime_class(found: Json, minor: int) -> Causes:
    del minor
    handler = found.get("handler", "")
    yield from complaints(handler, dns_label(handler), "handler")
    fixed = (found.get("overhead") or {}).get("podFixed") or {}
    yield from requirements({"limits": fixed}, "overhead")
    where = found.get("scheduling") or {}
    yield from labels(where.get("nodeSelector"), "scheduling", "nodeSelector")
    tolerated = where.get("tolerations") or []
    yield from tolerations(tolerated, "scheduling", "tolerations")
    for number, toleration in enumerate(tolerated):
        if toleration in tolerated[:number]:
            yield duplicate("scheduling", "tolerations", number, value=toleration)


def lease(found: Json, minor: int) -> Causes:
    spec = found.get("spec") or {}
    seconds = spec.get("leaseDurationSeconds")
    if seconds is not None and seconds <= 0:
        yield invalid("spec", "leaseDurationSeconds", value=seconds, detail="must be greater than 0")
    yield from at(nonnegative(spec, "leaseTransitions"), "spec")
    if minor >= 32 and spec.get("strategy"):
        yield from complaints(spec["strategy"], qualified_name(spec["strategy"]), "spec", "strategy")


def certificate_request(found: Json, minor: int) -> Causes:
    del minor
    spec = found.get("spec") or {}
    if not is_certificate_request(spec.get("request", "")):
        yield invalid("spec", "request", value="", detail="PEM block type must be CERTIFICATE REQUEST")
    if not spec.get("usages"):
        yield required("spec", "usages")
    signer = spec.get("signerName", "")
    if not signer:
        yield required("spec", "signerName")
    elif "/" not in signer:
        yield invalid("spec", "signerName", value=signer, detail="must be a fully qualified domain and path")
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < 600:
        detail = "may not specify a duration less than 600 seconds"
        yield invalid("spec", "expirationSeconds", value=seconds, detail=detail)


def is_certificate_request(text: str) -> bool:
    """Whether base64 holds a PEM block with one whole ASN.1 sequence; what is in it is not read."""
    pem = _PEM.search(b64decode(text))
    if pem is None:
        return False
    try:
        der = b64decode(pem[1])
    except ValueError:
        return False
    if len(der) < 4 or der[0] != 0x30 or not der[1] & 0x80:
        return False
    size = der[1] & 0x7F
    return len(der) == 2 + size + int.from_bytes(der[2 : 2 + size], "big")


def event(found: Json, minor: int) -> Causes:
    """Events of the core group are hardly looked at: they must lie where what they are about lies."""
    del minor
    here = (found.get("metadata") or {}).get("namespace", "")
    there = (found.get("involvedObject") or {}).get("namespace", "")
    is_new = bool(found.get("eventTime"))
    if (not there and here not in {"", "default"} | ({"kube-system"} if is_new else set())) or (
        there and there != here and not is_new
    ):
        yield invalid("involvedObject", "namespace", value=there, detail="does not match event.namespace")
    if is_new:
        yield from _needed(found, ("reportingComponent", "reportingInstance", "action", "reason"))


def new_event(found: Json, minor: int) -> Causes:
    """Events of events.k8s.io: what they say is needed."""
    del minor
    here = (found.get("metadata") or {}).get("namespace", "")
    there = (found.get("regarding") or {}).get("namespace", "")
    if (there or "default") != here:
        yield invalid("involvedObject", "namespace", value=there, detail="does not match event.namespace")
    yield from _needed(found, ("eventTime", "reportingController", "reportingInstance", "action", "reason"))
    if found.get("type") not in {"Normal", "Warning"}:
        yield invalid("type", value=found.get("type", ""), detail="has invalid value")


def _needed(found: Json, names: Iterable[str]) -> Causes:
    return (required(name) for name in names if not found.get(name))
