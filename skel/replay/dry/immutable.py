"""What can't be changed once an object is there, by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from skel.kube.fields import Field, below
from skel.patch.values import Json
from skel.replay.dry.cause import Causes, Steps, forbidden, invalid
from skel.replay.dry.equality import same
from skel.replay.dry.validation.quantities import amount
from skel.replay.dry.validation.storage import NOT_A_SOURCE

Compare = Callable[[Json, Json, Field, int], Causes]
"""(new, old, field tree of the kind, minor) -> causes. Both objects are clean."""

Part = Callable[[Json], Json]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What a kind can't change: `compare` says why not. Where `part` is the same in both states, it has no need to."""

    compare: Compare
    part: Part


_FIXED = "field is immutable"


def _get(found: Json, path: Steps) -> Json:
    for step in path:
        found = (found or {}).get(step)
    return found


def _differs(path: Steps, new: Json, old: Json, tree: Field) -> bool:
    return not same(below(tree, path), _get(new, path), _get(old, path))


def _fields(paths: tuple[str, ...], new: Json, old: Json, tree: Field, minor: int) -> Causes:
    """Fields that must stay as they are, each written with dots."""
    del minor
    for text in paths:
        path = tuple(text.split("."))
        if _differs(path, new, old, tree):
            yield invalid(*path, value=_get(new, path), detail=_FIXED)


def _fixed(*paths: str) -> Compare:
    return partial(_fields, paths)


_FREE = frozenset({"replicas", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"})
"""What every minor lets be changed in a StatefulSet."""


def _stateful_set(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    free = _FREE | ({"ordinals"} if minor >= 27 else set()) | ({"revisionHistoryLimit"} if minor >= 33 else set())
    before = {name: value for name, value in (old.get("spec") or {}).items() if name not in free}
    after = {name: value for name, value in (new.get("spec") or {}).items() if name not in free}
    if not same(below(tree, ("spec",)), after, before):
        words = ", ".join(f"'{name}'" for name in sorted(free))
        yield forbidden("spec", detail=f"updates to statefulset spec for fields other than {words} are forbidden")


def _job(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    before, after = old.get("spec") or {}, new.get("spec") or {}
    paths = ["spec.completionMode", "spec.podFailurePolicy"]
    # Since 1.27 Indexed Jobs grow and shrink, both numbers together.
    together = after.get("completions") == after.get("parallelism", 1)
    if minor < 27 or after.get("completionMode") != "Indexed" or not together:
        paths.append("spec.completions")
    if "selector" in after:
        paths.append("spec.selector")
    yield from _fields(tuple(paths), new, old, tree, minor)
    # A Job that does not run yet may still be told where to run.
    free = _SCHEDULING if before.get("suspend") else frozenset()
    if not same(below(tree, ("spec", "template")), _without(after, free), _without(before, free)):
        yield invalid("spec", "template", value="...", detail=_FIXED)


_SCHEDULING = frozenset({"nodeSelector", "tolerations", "affinity", "schedulingGates"})


def _without(spec: Json, free: frozenset[str]) -> Json:
    template = spec.get("template") or {}
    if not free:
        return template
    inner = {name: value for name, value in (template.get("spec") or {}).items() if name not in free}
    return {**template, "spec": inner, "metadata": {}}


def _pod(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    del minor
    before, after = old.get("spec") or {}, new.get("spec") or {}
    for kind in ("containers", "initContainers"):
        if len(before.get(kind) or ()) != len(after.get(kind) or ()):
            yield forbidden("spec", kind, detail="pod updates may not add or remove containers")
            return
    if not same(below(tree, ("spec",)), _fixed_part(after), _fixed_part(before)):
        detail = (
            "pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, "
            "`spec.activeDeadlineSeconds`, `spec.tolerations` (only additions to existing tolerations) or "
            "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
        )
        yield forbidden("spec", detail=detail)
    added = after.get("tolerations") or ()
    if any(toleration not in added for toleration in before.get("tolerations") or ()):
        detail = "existing toleration can not be modified except its tolerationSeconds"
        yield forbidden("spec", "tolerations", detail=detail)


def _fixed_part(spec: Json) -> Json:
    free = {"activeDeadlineSeconds", "tolerations", "schedulingGates"}
    # What admission plug-ins fill in belongs to them.
    free |= {"priority", "preemptionPolicy", "nodeName", "serviceAccountName"}
    part = {name: value for name, value in spec.items() if name not in free}
    for kind in ("containers", "initContainers"):
        part[kind] = [{**container, "image": "", "imagePullPolicy": ""} for container in spec.get(kind) or ()]
    return part


def _claim(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    free = {"resources"}
    before, after = old.get("spec") or {}, new.get("spec") or {}
    if not before.get("volumeName"):
        free.add("volumeName")
    if "storageClassName" not in before and minor >= 26:
        free.add("storageClassName")
    left = {name: value for name, value in after.items() if name not in free}
    right = {name: value for name, value in before.items() if name not in free}
    if not same(below(tree, ("spec",)), left, right):
        detail = "spec is immutable after creation except resources.requests for bound claims"
        yield forbidden("spec", detail=detail)
    if claimed(new) < claimed(old) and minor < 34:
        detail = "field can not be less than previous value"
        yield forbidden("spec", "resources", "requests", "storage", detail=detail)


def claimed(found: Json) -> float:
    """The storage that a claim asks for, in bytes."""
    requests = ((found.get("spec") or {}).get("resources") or {}).get("requests") or {}
    return float(amount(requests.get("storage", "0")))


def _volume(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    before = {name: value for name, value in (old.get("spec") or {}).items() if name not in NOT_A_SOURCE}
    after = {name: value for name, value in (new.get("spec") or {}).items() if name not in NOT_A_SOURCE}
    if not same(below(tree, ("spec",)), after, before):
        detail = "spec.persistentvolumesource is immutable after creation"
        yield forbidden("spec", "persistentvolumesource", detail=detail)
    yield from _fields(("spec.volumeMode",), new, old, tree, minor)
    if "nodeAffinity" in (old.get("spec") or {}):
        yield from _fields(("spec.nodeAffinity",), new, old, tree, minor)


def _service(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    del tree, minor
    before, after = old.get("spec") or {}, new.get("spec") or {}
    if "ExternalName" in {before.get("type"), after.get("type")}:
        return
    left, right = before.get("clusterIP"), after.get("clusterIP")
    if right and left != right:
        yield invalid("spec", "clusterIPs", 0, value=[right], detail="may not change once set")


def _secret(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    if (new.get("type") or "Opaque") != (old.get("type") or "Opaque"):
        yield invalid("type", value=new.get("type", ""), detail=_FIXED)
    yield from _sealed(new, old, tree, minor)


def _sealed(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    """ConfigMaps and Secrets that say that they are immutable."""
    del tree, minor
    if not old.get("immutable"):
        return
    detail = "field is immutable when `immutable` is set"
    if not new.get("immutable"):
        yield forbidden("immutable", detail=detail)
    if (new.get("stringData") or {}).items() - (old.get("stringData") or {}).items():
        yield forbidden("data", detail=detail)
    for name in ("data", "binaryData"):
        if (new.get(name) or {}) != (old.get(name) or {}):
            yield forbidden(name, detail=detail)


def _role_reference(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    del minor
    if _differs(("roleRef",), new, old, tree):
        yield invalid("roleRef", value=new.get("roleRef"), detail="cannot change roleRef")


def _storage_class(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    del tree, minor
    usual = {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", "parameters": {}}
    for name in ("parameters", "provisioner", "reclaimPolicy"):
        if (new.get(name) or usual.get(name)) != (old.get(name) or usual.get(name)):
            yield forbidden(name, detail=f"updates to {name} are forbidden.")
    if new.get("volumeBindingMode", "Immediate") != old.get("volumeBindingMode", "Immediate"):
        yield invalid("volumeBindingMode", value=new.get("volumeBindingMode"), detail=_FIXED)


def _priority_class(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    del tree, minor
    if new.get("value", 0) != old.get("value", 0):
        yield forbidden("value", detail="may not be changed in an update.")
    usual = "PreemptLowerPriority"
    if new.get("preemptionPolicy", usual) != old.get("preemptionPolicy", usual):
        yield invalid("preemptionPolicy", value=new.get("preemptionPolicy"), detail=_FIXED)


def _node(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    del tree, minor
    before, after = old.get("spec") or {}, new.get("spec") or {}
    for name, words in (("podCIDR", "podCIDR"), ("providerID", "providerID")):
        if before.get(name) and before[name] != after.get(name):
            detail = f'node updates may not change {words} except from "" to valid'
            yield forbidden("spec", name, detail=detail)


def _csi_driver(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    del tree
    usual = {"attachRequired": True, "podInfoOnMount": False, "fsGroupPolicy": "ReadWriteOnceWithFSType"}
    before, after = old.get("spec") or {}, new.get("spec") or {}
    names = ["attachRequired", "volumeLifecycleModes"] + (["fsGroupPolicy", "podInfoOnMount"] if minor < 29 else [])
    for name in names:
        if after.get(name, usual.get(name)) != before.get(name, usual.get(name)):
            yield invalid("spec", name, value=after.get(name), detail=_FIXED)


def _quota(new: Json, old: Json, tree: Field, minor: int) -> Causes:
    del tree, minor
    before, after = ((found.get("spec") or {}).get("scopes") or () for found in (old, new))
    if set(before) != set(after):
        yield invalid("spec", "scopes", value=list(after), detail=_FIXED)


def _at(*path: str) -> Part:
    return lambda clean: _get(clean, path)


def _whole(clean: Json) -> Json:
    return {name: value for name, value in clean.items() if name not in {"apiVersion", "metadata", "status"}}


def _if_sealed(clean: Json) -> Json:
    return _whole(clean) if clean.get("immutable") else None


def _sealed_or_type(clean: Json) -> Json:
    return clean.get("type"), _if_sealed(clean)


def _hardly_free(clean: Json) -> Json:
    return {name: value for name, value in (clean.get("spec") or {}).items() if name not in _FREE}


_SPEC, _SELECTED = _at("spec"), Fixed(_fixed("spec.selector"), _at("spec", "selector"))

_BY_KIND: Mapping[tuple[str, str], Fixed] = MappingProxyType(
    {
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"): Fixed(
            _fixed("spec.group", "spec.names.plural", "spec.scope", "spec.names.kind"), _SPEC
        ),
        ("apps/v1", "ControllerRevision"): Fixed(_fixed("data"), _at("data")),
        ("apps/v1", "DaemonSet"): _SELECTED,
        ("apps/v1", "Deployment"): _SELECTED,
        ("apps/v1", "ReplicaSet"): _SELECTED,
        ("apps/v1", "StatefulSet"): Fixed(_stateful_set, _hardly_free),
        ("batch/v1", "Job"): Fixed(_job, _SPEC),
        ("discovery.k8s.io/v1", "EndpointSlice"): Fixed(_fixed("addressType"), _at("addressType")),
        ("discovery.k8s.io/v1beta1", "EndpointSlice"): Fixed(_fixed("addressType"), _at("addressType")),
        ("networking.k8s.io/v1", "IngressClass"): Fixed(_fixed("spec.controller"), _at("spec", "controller")),
        ("node.k8s.io/v1", "RuntimeClass"): Fixed(_fixed("handler"), _at("handler")),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): Fixed(_role_reference, _at("roleRef")),
        ("rbac.authorization.k8s.io/v1", "RoleBinding"): Fixed(_role_reference, _at("roleRef")),
        ("scheduling.k8s.io/v1", "PriorityClass"): Fixed(_priority_class, _whole),
        ("storage.k8s.io/v1", "CSIDriver"): Fixed(_csi_driver, _SPEC),
        ("storage.k8s.io/v1", "CSIStorageCapacity"): Fixed(_fixed("nodeTopology", "storageClassName"), _whole),
        ("storage.k8s.io/v1", "StorageClass"): Fixed(_storage_class, _whole),
        ("storage.k8s.io/v1", "VolumeAttachment"): Fixed(_fixed("spec"), _SPEC),
        ("v1", "ConfigMap"): Fixed(_sealed, _if_sealed),
        ("v1", "Node"): Fixed(_node, _SPEC),
        ("v1", "PersistentVolume"): Fixed(_volume, _SPEC),
        ("v1", "PersistentVolumeClaim"): Fixed(_claim, _SPEC),
        ("v1", "Pod"): Fixed(_pod, _SPEC),
        ("v1", "ResourceQuota"): Fixed(_quota, _at("spec", "scopes")),
        ("v1", "Secret"): Fixed(_secret, _sealed_or_type),
        ("v1", "Service"): Fixed(_service, _SPEC),
    }
)


def fixed_parts(api_version: str, kind: str) -> Fixed | None:
    """How two states of a kind are compared, None if everything may change."""
    return _BY_KIND.get((api_version, kind))
