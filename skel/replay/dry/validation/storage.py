"""PersistentVolumes, StorageClasses and what describes CSI drivers."""

from __future__ import annotations

from collections.abc import Iterable

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, Key, at, duplicate, forbidden, invalid, required, too_long, unsupported
from skel.replay.dry.metadata import choice, complaints, nonnegative, selector
from skel.replay.dry.names import dns_label, dns_subdomain, qualified_name
from skel.replay.dry.validation.claims import VOLUME_MODES, access_modes
from skel.replay.dry.validation.paths import no_backsteps
from skel.replay.dry.validation.quantities import amount
from skel.replay.dry.validation.scheduling import node_selector
from skel.replay.dry.validation.volumes import driver_name, source_of_volume, token

_SECRETS = (
    "controllerPublishSecretRef",
    "controllerExpandSecretRef",
    "nodePublishSecretRef",
    "nodeStageSecretRef",
    "nodeExpandSecretRef",
)
NOT_A_SOURCE = frozenset(
    {
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeMode",
        "volumeAttributesClassName",
    }
)
"""Fields of the spec of a volume; each other one is its source."""


def persistent_volume(found: Json, minor: int) -> Causes:
    yield from at(_volume(found.get("spec") or {}, minor), "spec")


def _volume(spec: Json, minor: int) -> Causes:
    modes, capacity = spec.get("accessModes") or (), spec.get("capacity") or {}
    if not modes:
        yield required("accessModes")
    yield from access_modes(modes, minor)
    yield from _capacity(capacity)
    yield from choice(spec, "persistentVolumeReclaimPolicy", ("Delete", "Recycle", "Retain"))
    if "nodeAffinity" in spec:
        needed = spec["nodeAffinity"].get("required")
        if needed is None:
            yield required("nodeAffinity", "required", detail="must specify required node constraints")
        else:
            yield from at(node_selector(needed), "nodeAffinity", "required")
    yield from _source(spec, minor)
    if spec.get("storageClassName"):
        yield from complaints(spec["storageClassName"], dns_subdomain(spec["storageClassName"]), "storageClassName")
    yield from choice(spec, "volumeMode", VOLUME_MODES, empty=False)


def _capacity(capacity: Json) -> Causes:
    if not capacity:
        yield required("capacity")
    elif set(capacity) != {"storage"}:
        yield unsupported("capacity", value=capacity, known=("storage",))
    for name, value in capacity.items():
        if amount(value) <= 0:
            yield invalid("capacity", Key(name), value=value, detail="must be greater than zero")


def _source(spec: Json, minor: int) -> Causes:
    given = [name for name in spec if name not in NOT_A_SOURCE]
    if not given:
        yield required(detail="must specify a volume type")
    for name in given[:1]:
        yield from at(_persistent_source(name, spec[name], minor), name)
    for name in given[1:]:
        yield forbidden(name, detail="may not specify more than 1 volume type")
    if "local" in given and "nodeAffinity" not in spec:
        yield required("local", "nodeAffinity", detail="Local volume requires node affinity")
    path = (spec.get("hostPath") or {}).get("path", "")
    if path and not path.strip("/") and spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        detail = "may not be 'recycle' for a hostPath mount of '/'"
        yield forbidden("persistentVolumeReclaimPolicy", detail=detail)


def _persistent_source(name: str, found: Json, minor: int) -> Causes:
    match name:
        case "csi":
            yield from driver_name(found.get("driver", ""), "driver")
            if not found.get("volumeHandle"):
                yield required("volumeHandle")
            for secret in _SECRETS:
                if secret in found:
                    yield from at(_secret(found[secret], minor), secret)
        case "local":
            if not found.get("path"):
                yield required("path")
            yield from no_backsteps(found.get("path", ""), "path")
        case _:
            yield from source_of_volume(name, found, minor)


def _secret(found: Json, minor: int) -> Causes:
    check = dns_subdomain if minor >= 26 else dns_label
    for name, syntax in (("name", check), ("namespace", dns_label)):
        if found.get(name):
            yield from complaints(found[name], syntax(found[name]), name)
        else:
            yield required(name)


def storage_class(found: Json, minor: int) -> Causes:
    del minor
    provisioner, parameters = found.get("provisioner", ""), found.get("parameters") or {}
    if provisioner:
        yield from complaints(provisioner, qualified_name(provisioner.lower()), "provisioner")
    else:
        yield required("provisioner")
    if len(parameters) > 512 or sum(len(key) + len(value) for key, value in parameters.items()) > 256 * 1024:
        yield too_long("parameters", limit=256 * 1024)
    if "" in parameters:
        yield invalid("parameters", value="", detail="field can not be empty.")
    yield from choice(found, "reclaimPolicy", ("Delete", "Retain"))
    mode = found.get("volumeBindingMode", "Immediate")
    if mode not in {"Immediate", "WaitForFirstConsumer"}:
        yield unsupported("volumeBindingMode", value=mode, known=("Immediate", "WaitForFirstConsumer"))
    yield from _topologies(found.get("allowedTopologies") or ())


def _topologies(terms: Iterable[Json]) -> Causes:
    # The server compares with room for terms to come, too: an empty one is always there already.
    seen: list[Json] = [{}]
    for number, term in enumerate(terms):
        keys: set[str] = set()
        whole = {
            item.get("key", ""): sorted(item.get("values") or ()) for item in term.get("matchLabelExpressions") or ()
        }
        if whole in seen:
            yield duplicate("allowedTopologies", number, "matchLabelExpressions", value="")
        seen.append(whole)
        for index, expression in enumerate(term.get("matchLabelExpressions") or ()):
            yield from at(_topology(expression, keys), "allowedTopologies", number, "matchLabelExpressions", index)


def _topology(expression: Json, keys: set[str]) -> Causes:
    values, key = expression.get("values") or [], expression.get("key", "")
    if not values:
        yield required("values")
    for number, value in enumerate(values):
        if value in values[:number]:
            yield duplicate("values", number, value=value)
    yield from complaints(key, qualified_name(key), "key")
    if key in keys:
        yield duplicate("key", value=key)
    keys.add(key)


def csi_driver(found: Json, minor: int) -> Causes:
    del minor
    spec = found.get("spec") or {}
    yield from at(choice(spec, "fsGroupPolicy", ("ReadWriteOnceWithFSType", "File", "None"), empty=False), "spec")
    for mode in spec.get("volumeLifecycleModes") or ():
        if mode not in {"Persistent", "Ephemeral"}:
            yield unsupported("spec", "volumeLifecycleModes", value=mode, known=("Persistent", "Ephemeral"))
    seen: set[str] = set()
    for number, request in enumerate(spec.get("tokenRequests") or ()):
        audience = request.get("audience", "")
        if audience in seen:
            yield duplicate("spec", "tokenRequests", number, "audience", value=audience)
            continue
        seen.add(audience)
        yield from at(token(request), "spec", "tokenRequests", number)


def csi_node(found: Json, minor: int) -> Causes:
    del minor
    names: set[str] = set()
    for number, driver in enumerate((found.get("spec") or {}).get("drivers") or ()):
        yield from at(_node_driver(driver, names), "spec", "drivers", number)


def _node_driver(driver: Json, names: set[str]) -> Causes:
    name, node = driver.get("name", ""), driver.get("nodeID", "")
    yield from driver_name(name, "name")
    if not node:
        yield required("nodeID")
    if len(node) > 256:
        yield invalid("nodeID", value=node, detail="must be 256 characters or less")
    yield from at(nonnegative(driver.get("allocatable") or {}, "count"), "allocatable")
    if name in names:
        yield duplicate("name", value=name)
    names.add(name)
    keys = driver.get("topologyKeys") or []
    for number, key in enumerate(keys):
        yield from complaints(key, qualified_name(key))
        if key in keys[:number]:
            yield duplicate(value=key)


def storage_capacity(found: Json, minor: int) -> Causes:
    yield from selector(found.get("nodeTopology"), "nodeTopology", values=minor >= 27)
    name = found.get("storageClassName", "")
    yield from complaints(name, dns_subdomain(name), "storageClassName")
    if amount(found.get("capacity", "0")) < 0:
        yield invalid("capacity", value=found["capacity"], detail="must be greater than or equal to 0")


def volume_attachment(found: Json, minor: int) -> Causes:
    del minor
    spec = found.get("spec") or {}
    source, node = spec.get("source") or {}, spec.get("nodeName", "")
    yield from driver_name(spec.get("attacher", ""), "spec", "attacher")
    yield from complaints(node, dns_subdomain(node), "spec", "nodeName")
    both = {"inlineVolumeSpec", "persistentVolumeName"} & source.keys()
    if len(both) != 1:
        detail = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
        yield forbidden("spec", "source", detail=detail) if both else required("spec", "source", detail=detail)

    if "persistentVolumeName" in source:
        name = source["persistentVolumeName"]
        yield from complaints(name, dns_subdomain(name), "spec", "source", "persistentVolumeName")
