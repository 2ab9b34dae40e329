"""The admission plug-ins that every API server runs by default, and what others would have a say."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Protocol

from skel.client.request import Response
from skel.kube.gvk import group_of
from skel.patch.values import Json
from skel.replay.dry.answers import not_found, refused
from skel.replay.dry.metadata import selects
from skel.replay.dry.place import Place
from skel.replay.dry.state import OWN_NAMESPACES, State, Stored, home

_HOOKS = tuple(
    home("admissionregistration.k8s.io/v1", resource)
    for resource in ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")
)
_POLICIES = home("admissionregistration.k8s.io/v1", "validatingadmissionpolicies")
_ASKED_ALWAYS = (*_HOOKS, _POLICIES)
_ACCOUNTS, _PRIORITIES = home("v1", "serviceaccounts"), home("scheduling.k8s.io/v1", "priorityclasses")
_RUNTIMES, _LIMITS = home("node.k8s.io/v1", "runtimeclasses"), home("v1", "limitranges")
_QUOTAS = home("v1", "resourcequotas")
_ENFORCE = "pod-security.kubernetes.io/enforce"
_NAMESPACE = "kubernetes.io/metadata.name"
_LEVELS = frozenset({"privileged", "baseline", "restricted"})
_BOUNDED = ("min", "max", "maxLimitRequestRatio")


class Incoming(Protocol):
    """An object that is to be written."""

    @property
    def clean(self) -> Json:
        """All of it; it may have to be decoded first."""


def refusal(state: State, place: Place, name: str, incoming: Incoming) -> Response | None:
    """Why an object that is new is refused, None if nothing speaks against it."""
    if place.namespace:
        namespace = state.objects[("", "namespaces")].get(("", place.namespace))
        if namespace is None:
            return not_found("v1", "namespaces", place.namespace)
        if namespace.leaving:
            why = f"unable to create new content in namespace {place.namespace} because it is being terminated"
            return refused(place.api_version, place.resource, name, why)
    if place.resource == "pods" and place.api_version == "v1":
        why = next(_against_pod(state, place.namespace, incoming.clean.get("spec") or {}), "")
        return refused(place.api_version, place.resource, name, why) if why else None
    return None


def _against_pod(state: State, namespace: str, spec: Json) -> Iterator[str]:
    priority, runtime = spec.get("priorityClassName"), spec.get("runtimeClassName")
    # The controllers make the account `default` in each namespace.
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    if account != "default" and state.get(_ACCOUNTS, namespace, account) is None:
        yield f'error looking up service account {namespace}/{account}: serviceaccount "{account}" not found'
    if priority and state.get(_PRIORITIES, "", priority) is None:
        yield f"no PriorityClass with name {priority} was found"
    if runtime and state.get(_RUNTIMES, "", runtime) is None:
        yield f'pod rejected: RuntimeClass "{runtime}" not found'
    if spec.get("overhead") and not runtime:
        yield "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
    given, computed = spec.get("priority"), _priority(state, priority)
    if given is not None and given != computed:
        yield (
            f"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller "
            f"computed {computed} from the given PriorityClass name"
        )


def _priority(state: State, name: str) -> int:
    """The priority behind a name, without one that of the class that holds for all pods without."""
    if name:
        stored = state.get(_PRIORITIES, "", name)
        return int(stored.clean.get("value", 0)) if stored else 0
    usual = (stored.clean for stored in state.listed(_PRIORITIES, ""))
    return max((int(found.get("value", 0)) for found in usual if found.get("globalDefault")), default=0)


def protected(place: Place) -> Response | None:
    """Namespaces that can't be deleted."""
    if place.resource == "namespaces" and place.name in OWN_NAMESPACES[:3]:
        return refused("v1", "namespaces", place.name, "this namespace may not be deleted")
    return None


def is_quota_of(stored: Stored, resource: str) -> bool:
    hard = ((stored.clean.get("spec") or {}).get("hard") or {}).keys()
    counted = {resource, f"count/{resource}"} & hard or any(key.startswith(f"count/{resource}.") for key in hard)
    amounts = resource in {"pods", "persistentvolumeclaims"} and any("." in key or "/" not in key for key in hard)
    return bool(counted or amounts)


def others_decide(state: State, place: Place, operation: str, meta: Json) -> str:
    """Who else would be asked and can't be: the sentence for an answer that is not known, empty if there is nobody.

    `meta` is the metadata of the object.
    """
    if operation == "UPDATE" and not is_anyone_asked(state):
        return ""
    return next(_others(state, place, operation, meta), "")


def is_anyone_asked(state: State) -> bool:
    """Whether somebody has a say in changes."""
    return any(map(state.objects.get, _ASKED_ALWAYS))


def _others(state: State, place: Place, operation: str, meta: Json) -> Iterator[str]:
    for where in _HOOKS:
        for stored in state.listed(where, ""):
            if not place.api_version.startswith("admissionregistration.k8s.io/"):
                yield from _asked(state, stored, place, operation, meta)
    if any(state.listed(_POLICIES, "")) and not place.api_version.startswith("admissionregistration.k8s.io/"):
        yield "validating admission policies are written in CEL, which is not run here"
    if operation == "CREATE" and place.namespace:
        yield from _in_namespace(state, place)


def _in_namespace(state: State, place: Place) -> Iterator[str]:
    for stored in state.listed(_QUOTAS, place.namespace):
        if is_quota_of(stored, place.resource):
            yield f"the resource quota {stored.metadata.get('name')} may be used up; what is used is not counted here"
    if place.resource not in {"pods", "persistentvolumeclaims"}:
        return
    for stored in state.listed(_LIMITS, place.namespace):
        limits = (stored.clean.get("spec") or {}).get("limits") or ()
        if any(limit.get(bound) for limit in limits for bound in _BOUNDED):
            yield f"the limit range {stored.metadata.get('name')} may forbid it; it is not applied here"
    if place.resource == "pods":
        yield from _security(state, place.namespace)


def _security(state: State, namespace: str) -> Iterator[str]:
    stored = state.objects[("", "namespaces")].get(("", namespace))
    labels = stored.metadata.get("labels") or {} if stored else {}
    level = labels.get(_ENFORCE, "privileged")
    if level in _LEVELS - {"privileged"}:
        yield f"the namespace enforces the pod security standard {level}, which is not checked here"


def _asked(state: State, stored: Stored, place: Place, operation: str, meta: Json) -> Iterator[str]:
    for hook in stored.clean.get("webhooks") or ():
        if any(_matches(rule, place, operation) for rule in hook.get("rules") or ()) and _selected(
            state, hook, place, meta
        ):
            yield f"the webhook {hook.get('name')} of {stored.metadata.get('name')} decides, and it is not called here"


def _matches(rule: Json, place: Place, operation: str) -> bool:
    group, version = group_of(place.api_version), place.api_version.rpartition("/")[2]
    scope = rule.get("scope", "*")
    return (
        _has(rule, "operations", operation)
        and _has(rule, "apiGroups", group)
        # Other versions of the same group are converted for the webhook.
        and (_has(rule, "apiVersions", version) or bool(rule.get("apiVersions")))
        and any(_is_resource(pattern, place.resource) for pattern in rule.get("resources") or ())
        and (scope == "*" or (scope == "Namespaced") == bool(place.namespace))
    )


def _has(rule: Json, name: str, word: str) -> bool:
    words = rule.get(name) or ()
    return "*" in words or word in words


def _is_resource(pattern: str, resource: str) -> bool:
    return pattern == "*/*" or ("/" not in pattern and fnmatchcase(resource, pattern))


def _selected(state: State, hook: Json, place: Place, meta: Json) -> bool:
    objects, namespaces = hook.get("objectSelector") or {}, hook.get("namespaceSelector") or {}
    if not selects(objects, meta.get("labels")):
        return False
    if not place.namespace and place.resource != "namespaces":
        return True
    stored = state.objects[("", "namespaces")].get(("", place.namespace))
    labels = (stored.metadata if stored else meta).get("labels") or {}
    return selects(namespaces, {**labels, _NAMESPACE: place.namespace or place.name})
