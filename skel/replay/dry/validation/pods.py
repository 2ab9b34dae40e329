"""Pods and pod templates."""

from __future__ import annotations

from collections.abc import Iterable

from skel.patch.values import Json
from skel.replay.dry.cause import Cause, Causes, at, each, forbidden, invalid, required
from skel.replay.dry.metadata import annotation_map, choice, complaints, labels
from skel.replay.dry.names import dns_label, dns_subdomain, qualified_name
from skel.replay.dry.validation.addresses import is_address
from skel.replay.dry.validation.containers import Around, containers, trimmed_images
from skel.replay.dry.validation.ports import host_network_ports
from skel.replay.dry.validation.quantities import requirements
from skel.replay.dry.validation.remembering import remembered
from skel.replay.dry.validation.scheduling import affinity, spread, tolerations
from skel.replay.dry.validation.security import annotated_security, pod_security, system_fields
from skel.replay.dry.validation.volumes import volumes

_RESTART = frozenset({"Always", "OnFailure", "Never"})
_DNS = frozenset({"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"})
_MAX_SECONDS = 2**31 - 1
_RELAXED_SEARCHES = 33
_COST = "controller.kubernetes.io/pod-deletion-cost"
_MIRROR = "kubernetes.io/config.mirror"


def pod(found: Json, minor: int) -> Causes:
    """A pod of its own."""
    meta, spec = found.get("metadata") or {}, found.get("spec") or {}
    yield from at(_annotations(meta.get("annotations") or {}, spec, minor), "metadata")
    yield from at(pod_spec(spec, minor, meta.get("name", "")), "spec")
    yield from at(trimmed_images(spec), "spec")
    if spec.get("ephemeralContainers"):
        yield forbidden("spec", "ephemeralContainers", detail="cannot be set on create")


def pod_template(found: Json, minor: int) -> Causes:
    """A PodTemplate."""
    yield from at(template(found.get("template") or {}, minor), "template")


def template(found: Json, minor: int) -> Causes:
    """The template of a workload."""
    yield from template_metadata(found, minor)
    spec = found.get("spec") or {}
    yield from at(pod_spec(spec, minor), "spec")
    if spec.get("ephemeralContainers"):
        yield forbidden("spec", "ephemeralContainers", detail="ephemeral containers not allowed in pod template")


def template_metadata(found: Json, minor: int) -> Causes:
    meta = found.get("metadata") or {}
    yield from labels(meta.get("labels"), "labels")
    yield from annotation_map(meta.get("annotations"))
    yield from _annotations(meta.get("annotations") or {}, found.get("spec") or {}, minor)


def _annotations(found: Json, spec: Json, minor: int) -> Causes:
    if _MIRROR in found and not spec.get("nodeName"):
        detail = "must set spec.nodeName if mirror pod annotation is set"
        yield invalid("annotations", _MIRROR, value=found[_MIRROR], detail=detail)
    if _COST in found and not _is_cost(found[_COST]):
        yield invalid("annotations", _COST, value=found[_COST], detail="must be a 32bit integer")
    yield from annotated_security(found, spec)


def _is_cost(text: str) -> bool:
    digits = text.removeprefix("-")
    if not digits.isdecimal() or not digits.isascii() or (digits.startswith("0") and text != "0"):
        return False
    return len(digits) < 12 and -(2**31) <= int(text) < 2**31


def pod_spec(spec: Json, minor: int, owner: str = "") -> Iterable[Cause]:
    """The spec of a pod; `owner` is the name of a pod that is no template."""
    # What is scaled, or made again under another name, has the pods that it had.
    names_claims = any("ephemeral" in volume for volume in spec.get("volumes") or ())
    return _pod_spec(spec, minor, owner if names_claims else "")


@remembered
def _pod_spec(spec: Json, minor: int, owner: str) -> Causes:
    good, causes = volumes(spec.get("volumes") or (), minor, owner)
    yield from at(causes, "volumes")
    yield from each("resourceClaims", spec.get("resourceClaims") or (), _resource_claim)
    claims = frozenset(claim.get("name", "") for claim in spec.get("resourceClaims") or ())
    yield from containers(spec, Around(good, claims, minor))
    yield from choice(spec, "restartPolicy", _RESTART)
    yield from choice(spec, "dnsPolicy", _DNS)
    yield from choice(spec, "preemptionPolicy", ("PreemptLowerPriority", "Never"), empty=False)
    yield from labels(spec.get("nodeSelector"), "nodeSelector")
    yield from at(pod_security(spec.get("securityContext")), "securityContext")
    yield from _host(spec)
    yield from at(affinity(spec.get("affinity"), minor), "affinity")
    yield from at(_dns(spec, minor), "dnsConfig")
    yield from each("readinessGates", spec.get("readinessGates") or (), _gate)
    yield from at(spread(spec.get("topologySpreadConstraints") or (), minor), "topologySpreadConstraints")
    yield from _names(spec)
    yield from tolerations(spec.get("tolerations") or (), "tolerations")
    yield from _aliases(spec.get("hostAliases") or (), minor)
    yield from requirements({"limits": spec.get("overhead") or {}}, "overhead")
    if "os" in spec:
        yield from system_fields(spec)
    yield from _deadline(spec)


def _resource_claim(claim: Json) -> Causes:
    if not claim.get("name"):
        yield required("name")
    if ("resourceClaimName" in claim) == ("resourceClaimTemplateName" in claim):
        yield invalid(value=claim, detail="must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")


def _deadline(spec: Json) -> Causes:
    seconds = spec.get("activeDeadlineSeconds")
    if seconds is not None and not 1 <= seconds <= _MAX_SECONDS:
        detail = f"must be between 1 and {_MAX_SECONDS}, inclusive"
        yield invalid("activeDeadlineSeconds", value=seconds, detail=detail)


def _host(spec: Json) -> Causes:
    if spec.get("hostNetwork"):
        yield from host_network_ports(spec.get("containers") or ())
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        yield invalid("securityContext", "shareProcessNamespace", value=True, detail=detail)
    if spec.get("hostUsers") is False:
        yield from _own_users(spec)


def _own_users(spec: Json) -> Causes:
    detail = "when `hostUsers` is false"
    yield from (forbidden(name, detail=detail) for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name))


def _names(spec: Json) -> Causes:
    for name in ("serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"):
        if spec.get(name) or (name == "runtimeClassName" and name in spec):
            yield from complaints(spec[name], dns_subdomain(spec[name]), name)
    if spec.get("serviceAccount") and not spec.get("serviceAccountName"):
        yield from complaints(spec["serviceAccount"], dns_subdomain(spec["serviceAccount"]), "serviceAccountName")
    for name in ("hostname", "subdomain"):
        if spec.get(name):
            yield from complaints(spec[name], dns_label(spec[name]), name)


def _gate(gate: Json) -> Causes:
    name = gate.get("conditionType", "")
    yield from complaints(name, qualified_name(name), "conditionType")


def _dns(spec: Json, minor: int) -> Causes:
    config = spec.get("dnsConfig")
    if spec.get("dnsPolicy") == "None":
        if config is None:
            yield required(detail="must provide `dnsConfig` when `dnsPolicy` is None")
        elif not config.get("nameservers"):
            detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            yield required("nameservers", detail=detail)
    if config:
        yield from _dns_config(config, minor)


def _dns_config(config: Json, minor: int) -> Causes:
    servers, searches = config.get("nameservers") or (), config.get("searches") or ()
    if len(servers) > 3:
        yield invalid("nameservers", value=servers, detail="must not have more than 3 nameservers")
    for number, server in enumerate(servers):
        if not is_address(server, minor):
            yield invalid("nameservers", number, value=server, detail="must be valid IP address")
    if len(searches) > 32:
        yield invalid("searches", value=searches, detail="must not have more than 32 search paths")
    for number, search in enumerate(searches):
        name = search.removesuffix(".")
        if minor < _RELAXED_SEARCHES:
            yield from complaints(name, dns_subdomain(name), "searches", number)
        elif search != ".":
            yield from complaints(name, dns_subdomain(name.replace("_", "a")), "searches", number)
    for number, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            yield required("options", number, detail="must not be empty")


def _aliases(aliases: Iterable[Json], minor: int) -> Causes:
    for alias in aliases:
        if not is_address(alias.get("ip", ""), minor):
            yield invalid("hostAliases", "ip", value=alias.get("ip", ""), detail="must be valid IP address")
        for name in alias.get("hostnames") or ():
            yield from complaints(name, dns_subdomain(name), "hostAliases", "hostnames")
