"""Roles and who has them."""

from __future__ import annotations

from collections.abc import Iterable

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, at, each, invalid, required, unsupported
from skel.replay.dry.metadata import complaints, selector
from skel.replay.dry.names import dns_subdomain, path_segment

_GROUP = "rbac.authorization.k8s.io"


def role(found: Json, minor: int) -> Causes:
    del minor
    yield from each("rules", found.get("rules") or (), lambda rule: _rule(rule, namespaced=True))


def cluster_role(found: Json, minor: int) -> Causes:
    yield from each("rules", found.get("rules") or (), lambda rule: _rule(rule, namespaced=False))
    if "aggregationRule" in found:
        yield from at(_aggregation(found["aggregationRule"], minor), "aggregationRule")


def _aggregation(found: Json, minor: int) -> Causes:
    del minor
    if not found.get("clusterRoleSelectors"):
        detail = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        yield required("clusterRoleSelectors", detail=detail)
    yield from each("clusterRoleSelectors", found.get("clusterRoleSelectors") or (), selector)


def _rule(rule: Json, *, namespaced: bool) -> Causes:
    paths = rule.get("nonResourceURLs")
    if not rule.get("verbs"):
        yield required("verbs", detail="verbs must contain at least one value")
    if paths:
        if namespaced:
            detail = "namespaced rules cannot apply to non-resource URLs"
            yield invalid("nonResourceURLs", value=paths, detail=detail)
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            detail = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid("nonResourceURLs", value=paths, detail=detail)
        return
    if not rule.get("apiGroups"):
        yield required("apiGroups", detail="resource rules must supply at least one api group")
    if not rule.get("resources"):
        yield required("resources", detail="resource rules must supply at least one resource")


def role_binding(found: Json, minor: int) -> Causes:
    del minor
    yield from at(_reference(found.get("roleRef") or {}, ("Role", "ClusterRole")), "roleRef")
    yield from each("subjects", found.get("subjects") or (), lambda subject: _subject(subject, namespaced=True))


def cluster_role_binding(found: Json, minor: int) -> Causes:
    del minor
    yield from at(_reference(found.get("roleRef") or {}, ("ClusterRole",)), "roleRef")
    yield from each("subjects", found.get("subjects") or (), lambda subject: _subject(subject, namespaced=False))


def _reference(found: Json, kinds: Iterable[str]) -> Causes:
    group, kind, name = found.get("apiGroup") or _GROUP, found.get("kind", ""), found.get("name")
    if group != _GROUP:
        yield unsupported("apiGroup", value=group, known=(_GROUP,))
    if kind not in kinds:
        yield unsupported("kind", value=kind, known=kinds)
    if name:
        yield from complaints(name, path_segment(name), "name")
    else:
        yield required("name")


def _subject(subject: Json, *, namespaced: bool) -> Causes:
    kind, name, group = subject.get("kind", ""), subject.get("name"), subject.get("apiGroup", "")
    if not name:
        yield required("name")
    match kind:
        case "ServiceAccount":
            if name:
                yield from complaints(name, dns_subdomain(name), "name")
            if group:
                yield unsupported("apiGroup", value=group, known=("",))
            if not namespaced and not subject.get("namespace"):
                yield required("namespace")
        case "User" | "Group":
            if (group or _GROUP) != _GROUP:
                yield unsupported("apiGroup", value=group, known=(_GROUP,))
        case _:
            yield unsupported("kind", value=kind, known=("ServiceAccount", "User", "Group"))
