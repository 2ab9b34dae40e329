"""Deployments, ReplicaSets, DaemonSets, StatefulSets and ReplicationControllers."""

from __future__ import annotations

from skel.patch.values import Json
from skel.replay.dry.cause import Cause, Causes, at, forbidden, invalid, required, unsupported
from skel.replay.dry.metadata import choice, complaints, nonnegative, selector, selects
from skel.replay.dry.names import dns_label, percent
from skel.replay.dry.validation.claims import claim_spec
from skel.replay.dry.validation.pods import template, template_metadata

IntOrPercent = int | str
_RETENTION = frozenset({"Retain", "Delete"})
_DISKS_ARE_FREE, _DATA_IS_AN_OBJECT = 31, 32
_LOOKS_AT_PODS, _LOOKS_AT_SERVICE, _LOOKS_AT_NAME = 34, 33, 30


def deployment(found: Json, minor: int) -> Causes:
    yield from at(_deployment(found.get("spec") or {}, minor), "spec")


def _deployment(spec: Json, minor: int) -> Causes:
    yield from nonnegative(spec, "replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")
    yield from _selected(spec, minor, "deployment")
    yield from at(_deployment_strategy(spec.get("strategy") or {}), "strategy")
    deadline = spec.get("progressDeadlineSeconds", 600)
    if deadline <= spec.get("minReadySeconds", 0):
        yield invalid("progressDeadlineSeconds", value=deadline, detail="must be greater than minReadySeconds")


def _deployment_strategy(strategy: Json) -> Causes:
    match strategy.get("type") or "RollingUpdate":
        case "Recreate":
            if "rollingUpdate" in strategy:
                detail = "may not be specified when strategy `type` is 'Recreate'"
                yield forbidden("rollingUpdate", detail=detail)
        case "RollingUpdate":
            yield from at(_rolling_deployment(strategy.get("rollingUpdate") or {}), "rollingUpdate")
        case other:
            yield unsupported("type", value=other, known=("Recreate", "RollingUpdate"))


def _rolling_deployment(rolling: Json) -> Causes:
    less, more = rolling.get("maxUnavailable", "25%"), rolling.get("maxSurge", "25%")
    yield from int_or_percent(less, "maxUnavailable")
    yield from int_or_percent(more, "maxSurge")
    if not _number(less) and not _number(more):
        yield invalid("maxUnavailable", value=less, detail="may not be 0 when `maxSurge` is 0")
    yield from at_most_all(less, "maxUnavailable")


def int_or_percent(value: IntOrPercent, *steps: str) -> Causes:
    """A number of things, or a share of them."""
    if isinstance(value, str):
        yield from (invalid(*steps, value=value, detail=words) for words in percent(value))
    elif value < 0:
        yield invalid(*steps, value=value, detail="must be greater than or equal to 0")


def at_most_all(value: IntOrPercent, *steps: str) -> Causes:
    if isinstance(value, str) and not percent(value) and int(value[:20].rstrip("%")) > 100:
        yield invalid(*steps, value=value, detail="must not be greater than 100%")


def _number(value: IntOrPercent) -> int:
    if isinstance(value, int):
        return value
    return 0 if percent(value) else int(value[:20].rstrip("%"))


def _selected(spec: Json, minor: int, kind: str) -> Causes:
    """A selector that is there, not empty, and matches the template; and a template whose pods live on."""
    wanted, pods = spec.get("selector"), spec.get("template") or {}
    if wanted is None:
        yield required("selector")
    else:
        yield from selector(wanted, "selector")
        if not wanted.get("matchLabels") and not wanted.get("matchExpressions"):
            yield invalid("selector", value=wanted, detail=f"empty selector is invalid for {kind}")
    if wanted and not selects(wanted, (pods.get("metadata") or {}).get("labels")):
        yield mismatch(pods)
    yield from at(template(pods, minor), "template")
    yield from lives_on(pods, kind)
    if spec.get("replicas", 1) > 1:
        yield from _shared_disks(pods, minor)


def _shared_disks(pods: Json, minor: int) -> Causes:
    """Many pods can share a disk only if none of them writes; newer minors leave that to the driver."""
    if minor >= _DISKS_ARE_FREE:
        return
    for number, volume in enumerate((pods.get("spec") or {}).get("volumes") or ()):
        if not volume.get("gcePersistentDisk", {"readOnly": True}).get("readOnly"):
            detail = (
                "must be true for replicated pods > 1; GCE PD can only be mounted on multiple machines if it is "
                "read-only"
            )
            yield invalid(
                "template", "spec", "volumes", number, "gcePersistentDisk", "readOnly", value=False, detail=detail
            )


def mismatch(pods: Json) -> Cause:
    given = (pods.get("metadata") or {}).get("labels")
    return invalid("template", "metadata", "labels", value=given, detail="`selector` does not match template `labels`")


def lives_on(pods: Json, kind: str) -> Causes:
    spec = pods.get("spec") or {}
    policy = spec.get("restartPolicy") or "Always"
    if policy != "Always":
        yield unsupported("template", "spec", "restartPolicy", value=policy, known=("Always",))
    if "activeDeadlineSeconds" in spec:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        yield forbidden("template", "spec", "activeDeadlineSeconds", detail=detail)


def replica_set(found: Json, minor: int) -> Causes:
    spec = found.get("spec") or {}
    yield from nonnegative(spec, "replicas", "minReadySeconds")
    yield from at(_selected(spec, minor, "ReplicaSet"), "spec")


def replication_controller(found: Json, minor: int) -> Causes:
    spec = found.get("spec") or {}
    pods = spec.get("template")
    yield from at(nonnegative(spec, "replicas", "minReadySeconds"), "spec")
    if pods is None:
        yield required("spec", "template")
        return
    given = (pods.get("metadata") or {}).get("labels") or {}
    wanted = spec.get("selector") or given
    if not wanted:
        yield required("spec", "selector")
    if not wanted.items() <= given.items():
        yield mismatch(pods).under(("spec",))
    yield from at(template(pods, minor), "spec", "template")
    yield from at(lives_on(pods, "ReplicationController"), "spec")


def daemon_set(found: Json, minor: int) -> Causes:
    yield from at(_daemon_set(found.get("spec") or {}, minor), "spec")


def _daemon_set(spec: Json, minor: int) -> Causes:
    yield from nonnegative(spec, "minReadySeconds", "revisionHistoryLimit")
    wanted, pods = spec.get("selector"), spec.get("template") or {}
    yield from selector(wanted, "selector")
    # Without a selector nothing is selected, and so nothing matches.
    if not selects(wanted, (pods.get("metadata") or {}).get("labels")):
        yield mismatch(pods)
    if wanted is not None and not wanted.get("matchLabels") and not wanted.get("matchExpressions"):
        yield invalid("selector", value=wanted, detail="empty selector is invalid for daemonset")
    yield from at(template(pods, minor), "template")
    yield from lives_on(pods, "DaemonSet")
    yield from _shared_disks(pods, minor)
    yield from at(_daemon_strategy(spec.get("updateStrategy") or {}), "updateStrategy")


def _daemon_strategy(strategy: Json) -> Causes:
    match strategy.get("type") or "RollingUpdate":
        case "OnDelete":
            return
        case "RollingUpdate":
            yield from at(_rolling_daemons(strategy.get("rollingUpdate") or {}), "rollingUpdate")
        case other:
            yield unsupported(value=other, known=("RollingUpdate", "OnDelete"))


def _rolling_daemons(rolling: Json) -> Causes:
    less, more = rolling.get("maxUnavailable", 1), rolling.get("maxSurge", 0)
    for name, value in (("maxUnavailable", less), ("maxSurge", more)):
        yield from int_or_percent(value, name)
        yield from at_most_all(value, name)
    if _number(less) and _number(more):
        yield invalid("maxSurge", value=more, detail="may not be set when maxUnavailable is non-zero")
    elif not _number(less) and not _number(more):
        yield required("maxUnavailable", detail="cannot be 0 when maxSurge is 0")


def stateful_set(found: Json, minor: int) -> Causes:
    name = (found.get("metadata") or {}).get("name", "")
    if minor >= _LOOKS_AT_NAME:
        yield from complaints(name, dns_label(name), "metadata", "name")
    yield from at(_stateful_set(found.get("spec") or {}, minor), "spec")


def _stateful_set(spec: Json, minor: int) -> Causes:
    policy = spec.get("podManagementPolicy") or "OrderedReady"
    if policy not in {"OrderedReady", "Parallel"}:
        yield invalid("podManagementPolicy", value=policy, detail="must be 'OrderedReady' or 'Parallel'")
    yield from at(_stateful_strategy(spec.get("updateStrategy") or {}), "updateStrategy")
    for name in ("whenDeleted", "whenScaled"):
        retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
        yield from at(choice(retention, name, _RETENTION), "persistentVolumeClaimRetentionPolicy")
    yield from nonnegative(spec, "replicas", "minReadySeconds")
    yield from at(nonnegative(spec.get("ordinals") or {}, "start"), "ordinals")
    if minor >= _LOOKS_AT_SERVICE and spec.get("serviceName"):
        yield from complaints(spec["serviceName"], dns_label(spec["serviceName"]), "serviceName")
    yield from _selected_by_set(spec, minor)


def _selected_by_set(spec: Json, minor: int) -> Causes:
    pods = _with_claims(spec)
    wanted = spec.get("selector")
    if wanted is None:
        yield required("selector")
    else:
        yield from selector(wanted, "selector")
        if not wanted.get("matchLabels") and not wanted.get("matchExpressions"):
            yield invalid("selector", value=wanted, detail="empty selector is invalid for statefulset")
    if wanted and not selects(wanted, (pods.get("metadata") or {}).get("labels")):
        yield mismatch(pods)
    # For most of its life the server did not look at the pods of a StatefulSet.
    whole = minor >= _LOOKS_AT_PODS
    yield from at(template(pods, minor) if whole else template_metadata(pods, minor), "template")
    yield from lives_on(pods, "StatefulSet")
    if whole:
        for number, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
            yield from at(claim_spec(claim.get("spec") or {}, minor), "volumeClaimTemplates", number, "spec")


def _with_claims(spec: Json) -> Json:
    """The template with the volumes that the claim templates will be."""
    pods: Json = spec.get("template") or {}
    claims = {(claim.get("metadata") or {}).get("name", "") for claim in spec.get("volumeClaimTemplates") or ()}
    inner = {name: value for name, value in (pods.get("spec") or {}).items() if name not in {"hostname", "subdomain"}}
    own = [volume for volume in inner.get("volumes") or () if volume.get("name") not in claims]
    made = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in sorted(claims)]
    return {**pods, "spec": {**inner, "volumes": [*own, *made]}}


def _stateful_strategy(strategy: Json) -> Causes:
    rolling = strategy.get("rollingUpdate")
    match strategy.get("type") or "RollingUpdate":
        case "OnDelete":
            if rolling is not None:
                detail = "only allowed for updateStrategy 'RollingUpdate'"
                yield invalid("rollingUpdate", value=rolling, detail=detail)
        case "RollingUpdate":
            yield from at(nonnegative(rolling or {}, "partition"), "rollingUpdate")
        case other:
            yield invalid(value=other, detail="must be 'RollingUpdate' or 'OnDelete'")


def controller_revision(found: Json, minor: int) -> Causes:
    if found.get("data") is None:
        yield required("data", detail="data is mandatory")
    elif minor >= _DATA_IS_AN_OBJECT and not isinstance(found["data"], dict):
        yield required("data", detail="data must be a valid JSON object")
    yield from nonnegative(found, "revision")
