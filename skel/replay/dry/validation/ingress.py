"""Ingresses and IngressClasses."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, at, each, forbidden, invalid, required, too_long, unsupported
from skel.replay.dry.metadata import complaints
from skel.replay.dry.names import (
    dns_label,
    dns_subdomain,
    domain_prefixed_path,
    path_segment,
    service_name,
    wildcard_subdomain,
)
from skel.replay.dry.validation.addresses import is_address
from skel.replay.dry.validation.ports import port_or_name

_CLASS = "kubernetes.io/ingress.class"
_PATH_TYPES = frozenset({"Exact", "Prefix", "ImplementationSpecific"})
_BAD_PARTS = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS = ("/..", "/.")


def ingress(found: Json, minor: int) -> Causes:
    """networking.k8s.io/v1."""
    yield from _ingress(found, found.get("spec") or {}, minor)


def old_ingress(found: Json, minor: int) -> Causes:
    """The beta: backends are flat, and the type of a path need not be given."""
    yield from _ingress(found, _as_v1(found.get("spec") or {}), minor)


def _as_v1(spec: Json) -> Json:
    new = {name: value for name, value in spec.items() if name not in {"backend", "rules"}}
    if "backend" in spec:
        new["defaultBackend"] = _backend_as_v1(spec["backend"])
    new["rules"] = [_rule_as_v1(rule) for rule in spec.get("rules") or ()]
    return new


def _rule_as_v1(rule: Json) -> Json:
    if "http" not in rule:
        return rule
    paths = rule["http"].get("paths") or ()
    new = [
        {"pathType": "ImplementationSpecific", **path, "backend": _backend_as_v1(path.get("backend") or {})}
        for path in paths
    ]
    return {**rule, "http": {"paths": new}}


def _backend_as_v1(backend: Json) -> Json:
    new = {name: value for name, value in backend.items() if name == "resource"}
    if backend.get("serviceName") or backend.get("servicePort"):
        port = backend.get("servicePort", 0)
        new["service"] = {
            "name": backend.get("serviceName", ""),
            "port": {"name": port} if isinstance(port, str) else {"number": port},
        }
    return new


def _ingress(found: Json, spec: Json, minor: int) -> Causes:
    rules, backend, name = spec.get("rules") or (), spec.get("defaultBackend"), spec.get("ingressClassName")
    if not rules and backend is None:
        yield invalid("spec", value=[], detail="either `defaultBackend` or `rules` must be specified")
    if backend is not None:
        yield from at(_backend(backend, minor), "spec", "defaultBackend")
    yield from at(each("rules", rules, partial(_rule, minor)), "spec")
    yield from at(each("tls", spec.get("tls") or (), _tls), "spec")
    if name is not None:
        yield from complaints(name, dns_subdomain(name), "spec", "ingressClassName")
        yield from _class_twice(((found.get("metadata") or {}).get("annotations") or {}).get(_CLASS), name, minor)


def _class_twice(annotation: str | None, name: str, minor: int) -> Causes:
    if annotation is None or (minor >= 27 and annotation == name):
        return
    both = "must match `ingressClassName` when both are specified"
    detail = both if minor >= 27 else "can not be set when the class field is also set"
    yield invalid("annotations", _CLASS, value=annotation, detail=detail)


def _rule(minor: int, rule: Json) -> Causes:
    host = rule.get("host")
    if host:
        if is_address(host, 0):
            yield invalid("host", value=host, detail="must be a DNS name, not an IP address")
        yield from complaints(host, wildcard_subdomain(host) if "*" in host else dns_subdomain(host), "host")
    if "http" in rule:
        if not rule["http"].get("paths"):
            yield required("http", "paths")
        yield from at(each("paths", rule["http"].get("paths") or (), partial(_path, minor)), "http")


def _path(minor: int, path: Json) -> Causes:
    kind, text = path.get("pathType"), path.get("path", "")
    if kind is None:
        yield required("pathType", detail="pathType must be specified")
        return
    match kind:
        case "Exact" | "Prefix":
            yield from _path_text(text)
        case "ImplementationSpecific":
            if text and not text.startswith("/"):
                yield invalid("path", value=text, detail="must be an absolute path")
        case _:
            yield unsupported("pathType", value=kind, known=_PATH_TYPES)
    yield from at(_backend(path.get("backend") or {}, minor), "backend")


def _path_text(text: str) -> Causes:
    if not text.startswith("/"):
        yield invalid("path", value=text, detail="must be an absolute path")
    yield from (invalid("path", value=text, detail=f"must not contain '{bad}'") for bad in _BAD_PARTS if bad in text)
    yield from (
        invalid("path", value=text, detail=f"cannot end with '{bad}'") for bad in _BAD_ENDS if text.endswith(bad)
    )


def _backend(backend: Json, minor: int) -> Causes:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        yield invalid(value="", detail="cannot set both resource and service backends")
    elif resource is not None:
        yield from at(_reference(resource), "resource")
    elif service is not None:
        yield from at(_service(service, minor), "service")
    else:
        yield invalid(value="", detail="resource or service backend is required")


def _service(service: Json, minor: int) -> Causes:
    name, port = service.get("name"), service.get("port") or {}
    if name:
        yield from complaints(name, service_name(minor)(name), "name")
    else:
        yield required("name")
    if port.get("name") and port.get("number"):
        yield invalid("port", value="", detail="cannot set both port name & port number")
    elif port.get("name"):
        yield from at(port_or_name(port, "name"), "port")
    elif port.get("number"):
        yield from at(port_or_name(port, "number"), "port")
    else:
        yield required("port", detail="port name or number is required")


def _reference(found: Json) -> Causes:
    if "apiGroup" in found:
        yield from complaints(found["apiGroup"], dns_subdomain(found["apiGroup"]), "apiGroup")
    for name in ("kind", "name"):
        if found.get(name):
            yield from complaints(found[name], path_segment(found[name]), name)
        else:
            yield required(name, detail=f"{name} is required")


def _tls(tls: Json) -> Causes:
    for number, host in enumerate(tls.get("hosts") or ()):
        yield from complaints(host, wildcard_subdomain(host) if "*" in host else dns_subdomain(host), "hosts", number)
    if tls.get("secretName"):
        yield from complaints(tls["secretName"], dns_subdomain(tls["secretName"]), "secretName")


def ingress_class(found: Json, minor: int) -> Causes:
    del minor
    spec = found.get("spec") or {}
    controller, parameters = spec.get("controller", ""), spec.get("parameters")
    if len(controller) > 250:
        yield too_long("spec", "controller", limit=250)
    if controller:
        yield from complaints(controller, domain_prefixed_path(controller), "spec", "controller")
    else:
        yield required("spec", "controller")
    if parameters is not None:
        yield from at(_parameters(parameters), "spec", "parameters")


def _parameters(found: Json) -> Causes:
    yield from _reference(found)
    scope, namespace = found.get("scope", "Cluster"), found.get("namespace")
    known: Iterable[str] = ("Cluster", "Namespace")
    if scope not in known:
        yield unsupported("scope", value=scope, known=known)
    elif scope == "Cluster" and namespace is not None:
        yield forbidden("namespace", detail="`parameters.scope` is set to 'Cluster'")
    elif scope == "Namespace" and namespace is None:
        yield required("namespace", detail="`parameters.scope` is set to 'Namespace'")
    elif scope == "Namespace":
        yield from complaints(namespace, dns_label(namespace), "namespace")
