"""FlowSchemas and PriorityLevelConfigurations: how the API server shares itself among its clients."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, at, each, forbidden, invalid, required, unsupported
from skel.replay.dry.metadata import complaints
from skel.replay.dry.names import Complaints, dns_label, dns_subdomain

_VERBS = frozenset({"get", "list", "create", "update", "delete", "deletecollection", "patch", "watch", "proxy"})
_KINDS = {"ServiceAccount": "serviceAccount", "User": "user", "Group": "group"}
_MOST_QUEUES = 10_000_000


def flow_schema(found: Json, minor: int) -> Causes:
    del minor
    spec, name = found.get("spec") or {}, (found.get("metadata") or {}).get("name", "")
    yield from at(_precedence(spec.get("matchingPrecedence") or 1000, name), "spec", "matchingPrecedence")
    method = spec.get("distinguisherMethod")
    if method is not None and method.get("type") not in {"ByUser", "ByNamespace"}:
        known = ("ByUser", "ByNamespace")
        yield unsupported("spec", "distinguisherMethod", "type", value=method.get("type", ""), known=known)
    level = (spec.get("priorityLevelConfiguration") or {}).get("name")
    steps = ("spec", "priorityLevelConfiguration", "name")
    if level:
        yield from complaints(level, dns_subdomain(level), *steps)
    else:
        yield required(*steps, detail="must reference a priority level")
    yield from at(each("rules", spec.get("rules") or (), _rule), "spec")


def _precedence(order: int, name: str) -> Causes:
    if not 1 <= order <= 10000:
        yield invalid(value=order, detail="must be a positive value and not greater than 10000")
    if order == 1 and name != "exempt":
        yield invalid(value=order, detail="only the schema named 'exempt' may have matchingPrecedence 1")


def _rule(rule: Json) -> Causes:
    subjects, resources, paths = (rule.get(name) or () for name in ("subjects", "resourceRules", "nonResourceRules"))
    if not subjects:
        yield required("subjects", detail="subjects must contain at least one value")
    yield from each("subjects", subjects, _subject)
    if not resources and not paths:
        yield required(detail="at least one of resourceRules and nonResourceRules has to be non-empty")
    yield from each("resourceRules", resources, _resource_rule)
    yield from each("nonResourceRules", paths, _path_rule)


def _subject(subject: Json) -> Causes:
    kind = subject.get("kind", "")
    if kind not in _KINDS:
        yield unsupported("kind", value=kind, known=_KINDS)
        return
    own = _KINDS[kind]
    yield from (
        forbidden(other, detail=f"{other} is forbidden when subject kind is not its own")
        for other in _KINDS.values()
        if other != own and other in subject
    )
    if own not in subject:
        yield required(own, detail=f"{own} is required when subject kind is '{kind}'")
        return
    name = subject[own].get("name")
    if not name:
        yield required(own, "name")
    elif own == "serviceAccount" and name != "*":
        yield from complaints(name, dns_subdomain(name), own, "name")
    if own == "serviceAccount":
        namespace = subject[own].get("namespace")
        if namespace:
            yield from complaints(namespace, dns_label(namespace), own, "namespace")
        else:
            yield required(own, "namespace", detail="must specify namespace for service account")


def _words(rule: Json, name: str) -> Causes:
    words = rule.get(name) or ()
    if not words:
        yield required(name, detail=f"rules must supply at least one of {name}")
    elif "*" in words and len(words) > 1:
        yield invalid(name, value=words, detail=f"if '*' is present, must not specify other {name}")


def _verbs(rule: Json) -> Causes:
    yield from _words(rule, "verbs")
    verbs = rule.get("verbs") or ()
    if "*" not in verbs and not _VERBS.issuperset(verbs):
        yield unsupported("verbs", value=verbs, known=_VERBS)


def _resource_rule(rule: Json) -> Causes:
    yield from _verbs(rule)
    yield from _words(rule, "apiGroups")
    yield from _words(rule, "resources")
    namespaces = rule.get("namespaces") or ()
    if not namespaces and not rule.get("clusterScope"):
        detail = "resource rules that are not cluster scoped must supply at least one namespace"
        yield required("namespaces", detail=detail)
    elif "*" in namespaces:
        yield from _words(rule, "namespaces")
    else:
        yield from _each_named(namespaces, "namespaces", dns_label)


def _each_named(words: Iterable[str], name: str, check: Callable[[str], Complaints]) -> Causes:
    for number, word in enumerate(words):
        yield from complaints(word, check(word), name, number)


def _path_rule(rule: Json) -> Causes:
    yield from _verbs(rule)
    yield from _words(rule, "nonResourceURLs")
    for number, path in enumerate(rule.get("nonResourceURLs") or ()):
        if path != "*" and (not path.startswith("/") or "//" in path or " " in path):
            yield invalid("nonResourceURLs", number, value=path, detail="must start with slash")


def priority_level(found: Json, minor: int) -> Causes:
    del minor
    spec, name = found.get("spec") or {}, (found.get("metadata") or {}).get("name", "")
    kind, limited = spec.get("type", ""), spec.get("limited")
    if (kind == "Exempt") != (name == "exempt"):
        detail = "type must be 'Exempt' if and only if name is 'exempt'"
        yield invalid("spec", "type", value=kind, detail=detail)
    match kind:
        case "Exempt":
            if limited is not None:
                yield forbidden("spec", "limited", detail="must be nil if the type is not Limited")
        case "Limited":
            if limited is None:
                yield required("spec", "limited", detail="must not be empty when type is Limited")
            else:
                yield from at(_limited(limited), "spec", "limited")
        case _:
            yield unsupported("spec", "type", value=kind, known=("Exempt", "Limited"))


def _limited(limited: Json) -> Causes:
    old, new = limited.get("assuredConcurrencyShares"), limited.get("nominalConcurrencyShares")
    if (old is not None and old < 0) or (new is not None and new < 0):
        yield invalid("nominalConcurrencyShares", value=old or new, detail="must be a non-negative integer")
    response = limited.get("limitResponse") or {}
    kind, queuing = response.get("type", ""), response.get("queuing")
    match kind:
        case "Reject":
            if queuing is not None:
                detail = "must be nil if limited.limitResponse.type is not Limited"
                yield forbidden("limitResponse", "queuing", detail=detail)
        case "Queue":
            if queuing is None:
                detail = "must not be empty if limited.limitResponse.type is Limited"
                yield required("limitResponse", "queuing", detail=detail)
            else:
                yield from at(_queuing(queuing), "limitResponse", "queuing")
        case _:
            yield unsupported("limitResponse", "type", value=kind, known=("Queue", "Reject"))


def _queuing(queuing: Json) -> Causes:
    queues, hand, length = (
        queuing.get("queues") or 64,
        queuing.get("handSize") or 8,
        queuing.get("queueLengthLimit") or 50,
    )
    if length < 0:
        yield invalid("queueLengthLimit", value=length, detail="must be positive")
    if queues < 0 or queues > _MOST_QUEUES:
        yield invalid("queues", value=queues, detail=f"must be positive and not greater than {_MOST_QUEUES}")
    if hand < 0:
        yield invalid("handSize", value=hand, detail="must be positive")
    if hand > queues:
        yield invalid("handSize", value=hand, detail=f"should not be greater than queues ({queues})")
