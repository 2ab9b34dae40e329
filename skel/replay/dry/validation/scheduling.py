"""Where a pod may run: affinity, tolerations, spread."""

from __future__ import annotations

from collections.abc import Iterable

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, at, duplicate, each, forbidden, invalid, required, unsupported
from skel.replay.dry.metadata import choice, complaints, selector, set_operator
from skel.replay.dry.names import dns_label, dns_subdomain, label_value, qualified_name

EFFECTS = frozenset({"NoSchedule", "PreferNoSchedule", "NoExecute"})
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def affinity(found: Json, minor: int) -> Causes:
    if not found:
        return
    if node := found.get("nodeAffinity"):
        yield from at(_node_affinity(node), "nodeAffinity")
    for name in ("podAffinity", "podAntiAffinity"):
        if pod := found.get(name):
            yield from at(_pod_affinity(pod, minor), name)


def _node_affinity(found: Json) -> Causes:
    if (needed := found.get(_REQUIRED)) is not None:
        yield from at(node_selector(needed), _REQUIRED)
    for number, term in enumerate(found.get(_PREFERRED) or ()):
        for cause in (*_weight(term), *at(_node_term(term.get("preference") or {}), "preference")):
            yield cause.under((_PREFERRED, number))


def node_selector(found: Json) -> Causes:
    """At least one term, each of expressions over labels and fields of nodes."""
    terms = found.get("nodeSelectorTerms")
    if not terms:
        yield required("nodeSelectorTerms", detail="must have at least one node selector term")
        return
    yield from each("nodeSelectorTerms", terms, _node_term)


def _node_term(term: Json) -> Causes:
    yield from each("matchExpressions", term.get("matchExpressions") or (), _node_expression)
    yield from each("matchFields", term.get("matchFields") or (), _node_field)


def _node_expression(expression: Json) -> Causes:
    if expression.get("operator") not in {"Gt", "Lt"}:
        yield from set_operator(expression)
    elif len(expression.get("values") or ()) != 1:
        yield required("values", detail="must be specified single value when `operator` is 'Lt' or 'Gt'")
    key = expression.get("key", "")
    yield from complaints(key, qualified_name(key), "key")


def _node_field(expression: Json) -> Causes:
    values = expression.get("values") or ()
    operator = expression.get("operator", "")
    if operator not in {"In", "NotIn"}:
        yield invalid("operator", value=operator, detail="not a valid selector operator")
    elif len(values) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        yield required("values", detail=detail)
    if expression.get("key") != "metadata.name":
        yield invalid("key", value=expression.get("key", ""), detail="not a valid field selector key")
    else:
        for number, value in enumerate(values):
            yield from complaints(value, dns_subdomain(value), "values", number)


def _weight(term: Json) -> Causes:
    weight = term.get("weight", 0)
    if not 1 <= weight <= 100:
        yield invalid("weight", value=weight, detail="must be in the range 1-100")


def _pod_affinity(found: Json, minor: int) -> Causes:
    for number, term in enumerate(found.get(_REQUIRED) or ()):
        yield from at(_pod_term(term, minor), _REQUIRED, number)
    for number, term in enumerate(found.get(_PREFERRED) or ()):
        inner = at(_pod_term(term.get("podAffinityTerm") or {}, minor), "podAffinityTerm")
        for cause in (*_weight(term), *inner):
            yield cause.under((_PREFERRED, number))


def _pod_term(term: Json, minor: int) -> Causes:
    for name in ("labelSelector", "namespaceSelector"):
        yield from selector(term.get(name), name, values=minor >= 27)
    for name in term.get("namespaces") or ():
        yield from complaints(name, dns_label(name), "namespace")
    key = term.get("topologyKey", "")
    if not key:
        yield required("topologyKey", detail="can not be empty")
    yield from complaints(key, qualified_name(key), "topologyKey")


def tolerations(found: Iterable[Json], *steps: str) -> Causes:
    for number, toleration in enumerate(found):
        yield from at(_toleration(toleration), *steps, number)


def _toleration(toleration: Json) -> Causes:
    key, operator = toleration.get("key"), toleration.get("operator", "")
    effect, value = toleration.get("effect", ""), toleration.get("value", "")
    if key:
        yield from complaints(key, qualified_name(key), "key")
    elif operator != "Exists":
        detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        yield invalid("operator", value=operator, detail=detail)
    if "tolerationSeconds" in toleration and effect != "NoExecute":
        yield invalid("effect", value=effect, detail="effect must be 'NoExecute' when `tolerationSeconds` is set")
    match operator:
        case "Equal" | "":
            yield from complaints(value, label_value(value), "operator")
        case "Exists":
            if value:
                yield invalid("operator", value=value, detail="value must be empty when `operator` is 'Exists'")
        case _:
            yield unsupported("operator", value=operator, known=("Equal", "Exists"))
    yield from choice(toleration, "effect", EFFECTS)


def spread(constraints: Json, minor: int) -> Causes:
    """Topology spread constraints."""
    seen: set[tuple[str, str]] = set()
    for number, constraint in enumerate(constraints):
        key, action = constraint.get("topologyKey", ""), constraint.get("whenUnsatisfiable", "")
        if (key, action) in seen:
            yield duplicate(number, "{topologyKey, whenUnsatisfiable}", value=f"{{{key}, {action}}}")
        seen.add((key, action))
        yield from at(_constraint(constraint, minor), number)


def _constraint(constraint: Json, minor: int) -> Causes:
    action, skew = constraint.get("whenUnsatisfiable", ""), constraint.get("maxSkew", 0)
    if skew <= 0:
        yield invalid("maxSkew", value=skew, detail="must be greater than zero")
    if not constraint.get("topologyKey"):
        yield required("topologyKey", detail="can not be empty")
    elif minor >= 27:
        yield from complaints(constraint["topologyKey"], qualified_name(constraint["topologyKey"]), "topologyKey")
    if action not in {"DoNotSchedule", "ScheduleAnyway"}:
        yield unsupported("whenUnsatisfiable", value=action, known=("DoNotSchedule", "ScheduleAnyway"))
    yield from _domains(constraint, action, minor)
    for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        yield from choice(constraint, name, ("Honor", "Ignore") if minor >= 26 else constraint.get(name, ()))
    if minor >= 27:
        yield from selector(constraint.get("labelSelector"), "labelSelector")
        yield from _label_keys(constraint)


def _domains(constraint: Json, action: str, minor: int) -> Causes:
    # Behind a gate that is off, the field is dropped before anybody looks.
    domains = constraint.get("minDomains") if minor >= 25 else None
    if domains is None:
        return
    if domains <= 0:
        yield invalid("minDomains", value=domains, detail="must be greater than zero")
    if action != "DoNotSchedule":
        detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        yield invalid("minDomains", value=domains, detail=detail)


def _label_keys(constraint: Json) -> Causes:
    keys = constraint.get("matchLabelKeys") or ()
    chosen = constraint.get("labelSelector") or {}
    taken = {*(chosen.get("matchLabels") or {}), *(item.get("key") for item in chosen.get("matchExpressions") or ())}
    if keys and "labelSelector" not in constraint:
        yield forbidden("matchLabelKeys", detail="must not be specified when labelSelector is not set")
    for number, key in enumerate(keys):
        yield from complaints(key, qualified_name(key), "matchLabelKeys", number)
        if key in taken:
            yield invalid("matchLabelKeys", number, value=key, detail="exists in both matchLabelKeys and labelSelector")
