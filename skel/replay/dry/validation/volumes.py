"""Volumes of pods: exactly one source each, and what common sources need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from skel.patch.values import Json
from skel.replay.dry.cause import Cause, Causes, at, duplicate, each, forbidden, invalid, required, unsupported
from skel.replay.dry.metadata import annotation_map, choice, complaints, labels
from skel.replay.dry.names import dns_label, dns_subdomain
from skel.replay.dry.validation.claims import claim_spec
from skel.replay.dry.validation.environment import FILE_FIELDS, field_of_pod, resource_of_container
from skel.replay.dry.validation.paths import below_folder, file_mode, no_backsteps, volume_file
from skel.replay.dry.validation.quantities import amount
from skel.replay.dry.validation.remembering import remembered

_HOST_TYPES = frozenset(
    {"DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"}
)
_MANY = "may not specify more than 1 volume type"


def volumes(found: Iterable[Json], minor: int, owner: str = "") -> tuple[dict[str, Json], list[Cause]]:
    """The good volumes by name, and the causes. `owner` is the name of a pod; templates have none."""
    good: dict[str, Json] = {}
    causes: list[Cause] = []
    for number, volume in enumerate(found):
        mine = [cause.under((number,)) for cause in _volume(volume, minor, good, owner)]
        causes += mine
        if not mine:
            good[volume["name"]] = volume
    return good, causes


def _volume(volume: Json, minor: int, known: Mapping[str, Json], owner: str) -> Causes:
    # Without any source it is an empty folder.
    given = [source for source in volume if source != "name"]
    for source in given[:1]:
        yield from at(_source(volume[source], source, minor), source)
    for source in given[1:]:
        yield forbidden(source, detail=_MANY)
    name = volume.get("name")
    if not name:
        yield required("name")
        return
    yield from complaints(name, dns_label(name), "name")
    if name in known:
        yield duplicate("name", value=name)
    if owner and "ephemeral" in volume:
        yield from complaints(name, dns_subdomain(f"{owner}-{name}"), "name")


@remembered
def _source(found: Json, kind: str, minor: int) -> Causes:
    yield from source_of_volume(kind, found, minor)


def source_of_volume(kind: str, found: Json, minor: int) -> Causes:
    check = SOURCES.get(kind)
    return check(found, minor) if check else iter(())


def _empty_dir(found: Json, minor: int) -> Causes:
    del minor
    if amount(found.get("sizeLimit", "0")) < 0:
        yield forbidden("sizeLimit", detail="SizeLimit field must be a valid resource quantity")


def host_path(found: Json, minor: int) -> Causes:
    del minor
    if not found.get("path"):
        yield required("path")
        return
    yield from no_backsteps(found["path"], "path")
    yield from choice(found, "type", _HOST_TYPES)


def _projected_files(found: Json, name: str) -> Causes:
    if not found.get(name):
        yield required(name)
    yield from file_mode(found, "defaultMode")
    yield from each("items", found.get("items") or (), _key_to_path)


def _secret(found: Json, minor: int) -> Causes:
    del minor
    yield from _projected_files(found, "secretName")


def _config_map(found: Json, minor: int) -> Causes:
    del minor
    yield from _projected_files(found, "name")


def _key_to_path(item: Json) -> Causes:
    if not item.get("key"):
        yield required("key")
    if not item.get("path"):
        yield required("path")
    yield from volume_file(item.get("path", ""), "path")
    yield from file_mode(item, "mode")


def _claim(found: Json, minor: int) -> Causes:
    del minor
    if not found.get("claimName"):
        yield required("claimName")


def _ephemeral(found: Json, minor: int) -> Causes:
    template = found.get("volumeClaimTemplate")
    if template is None:
        yield required("volumeClaimTemplate")
        return
    meta = template.get("metadata") or {}
    inner = ("volumeClaimTemplate", "metadata")
    yield from at(annotation_map(meta.get("annotations")), *inner)
    yield from labels(meta.get("labels"), *inner, "labels")
    for name in meta.keys() - {"annotations", "labels", "creationTimestamp"}:
        yield forbidden(*inner, name, detail="cannot be set for an ephemeral volume")
    yield from at(claim_spec(template.get("spec") or {}, minor), "volumeClaimTemplate", "spec")


def _downward(found: Json, minor: int) -> Causes:
    yield from file_mode(found, "defaultMode")
    for item in found.get("items") or ():
        yield from _downward_file(item, minor)


def _downward_file(item: Json, minor: int) -> Causes:
    del minor
    if not item.get("path"):
        yield required("path")
    yield from volume_file(item.get("path", ""), "path")
    field, resource = item.get("fieldRef"), item.get("resourceFieldRef")
    if field is not None:
        yield from at(field_of_pod(field, FILE_FIELDS), "fieldRef")
        if resource is not None:
            yield invalid(value="resource", detail="fieldRef and resourceFieldRef can not be specified simultaneously")
    elif resource is not None:
        yield from at(resource_of_container(resource, needs_container=True), "resourceFieldRef")
    else:
        yield required(detail="one of fieldRef and resourceFieldRef is required")
    yield from file_mode(item, "mode")


def _projected(found: Json, minor: int) -> Causes:
    yield from file_mode(found, "defaultMode")
    for number, source in enumerate(found.get("sources") or ()):
        for kind in source:
            yield from at(_projection(kind, source[kind], minor), "sources", number, kind)
        if len(source) > 1:
            yield forbidden("sources", number, detail=_MANY)
    yield from _conflicts(found)


def _conflicts(found: Json) -> Causes:
    seen: set[str] = set()
    for path in _projected_paths(found):
        if path in seen:
            yield invalid(value=path, detail="conflicting duplicate paths")
        seen.add(path)


def _projected_paths(found: Json) -> Iterator[str]:
    for source in found.get("sources") or ():
        for kind in ("secret", "configMap", "downwardAPI"):
            items = (source.get(kind) or {}).get("items") or ()
            yield from (item["path"] for item in items if item.get("path"))


def _projection(kind: str, found: Json, minor: int) -> Causes:
    match kind:
        case "secret" | "configMap":
            yield from _projected_files(found, "name")
        case "downwardAPI":
            for item in found.get("items") or ():
                yield from _downward_file(item, minor)
        case "serviceAccountToken":
            yield from token(found)
            if not found.get("path"):
                yield required("path")


def token(found: Json) -> Causes:
    """How long a token lives: ten minutes at least."""
    seconds = found.get("expirationSeconds")
    if seconds is not None and seconds < 600:
        yield invalid("expirationSeconds", value=seconds, detail="may not specify a duration less than 10 minutes")
    if seconds is not None and seconds > 1 << 32:
        yield invalid("expirationSeconds", value=seconds, detail="may not specify a duration larger than 2^32 seconds")


def nfs(found: Json, minor: int) -> Causes:
    del minor
    yield from _needs(("server", "path"), found, 0)
    if not found.get("path", "").startswith("/"):
        yield invalid("path", value=found.get("path", ""), detail="must be an absolute path")


def _csi(found: Json, minor: int) -> Causes:
    del minor
    yield from driver_name(found.get("driver", ""), "driver")
    secret = found.get("nodePublishSecretRef")
    if secret is not None:
        if secret.get("name"):
            yield from complaints(secret["name"], dns_subdomain(secret["name"]), "name")
        else:
            yield required("nodePublishSecretRef", "name")


def driver_name(name: str, *steps: str) -> Causes:
    """A CSI driver."""
    if not name:
        yield required(*steps)
    if len(name) > 63:
        yield invalid(*steps, value=name, detail="must have at most 63 bytes")
    yield from complaints(name, dns_subdomain(name.lower()), *steps)


def _image(found: Json, minor: int) -> Causes:
    del minor
    if not found.get("reference"):
        yield required("reference")
    yield from choice(found, "pullPolicy", ("Always", "Never", "IfNotPresent"))


def disk(name: str, found: Json, minor: int) -> Causes:
    """A disk of a cloud with partitions."""
    yield from _needs((name,), found, minor)
    if not 0 <= found.get("partition", 0) <= 255:
        yield invalid("partition", value=found["partition"], detail="must be between 1 and 255, inclusive")


def _git(found: Json, minor: int) -> Causes:
    yield from _needs(("repository",), found, minor)
    yield from below_folder(found.get("directory", ""), "directory")


def _fc(found: Json, minor: int) -> Causes:
    del minor
    names, ids, lun = found.get("targetWWNs"), found.get("wwids"), found.get("lun")
    if not names and not ids:
        yield required("targetWWNs", detail="must specify either targetWWNs or wwids, but not both")
    if names and ids:
        yield invalid("targetWWNs", value=names, detail="targetWWNs and wwids can not be specified simultaneously")
    if names and lun is None:
        yield required("lun", detail="lun is required if targetWWNs is specified")
    elif names and not 0 <= (lun or 0) <= 255:
        yield invalid("lun", value=lun, detail="must be between 0 and 255, inclusive")


def _iscsi(found: Json, minor: int) -> Causes:
    yield from _needs(("targetPortal", "iqn"), found, minor)
    name = found.get("iqn", "")
    if name and not name.startswith(("iqn", "eui", "naa")):
        yield invalid("iqn", value=name, detail="must be valid format starting with iqn, eui, or naa")
    if not 0 <= found.get("lun", 0) <= 255:
        yield invalid("lun", value=found["lun"], detail="must be between 0 and 255, inclusive")
    if (found.get("chapAuthDiscovery") or found.get("chapAuthSession")) and "secretRef" not in found:
        yield required("secretRef")


def _azure_disk(found: Json, minor: int) -> Causes:
    yield from _needs(("diskName", "diskURI"), found, minor)
    yield from choice(found, "cachingMode", ("None", "ReadOnly", "ReadWrite"), empty=False)
    kind = found.get("kind", "Shared")
    prefix = "/subscriptions/" if kind == "Managed" else "https://"
    yield from choice(found, "kind", ("Shared", "Dedicated", "Managed"), empty=False)
    if not found.get("diskURI", "").startswith(prefix):
        yield unsupported("diskURI", value=found.get("diskURI", ""), known=(f"{prefix}...",))


def _needs(names: tuple[str, ...], found: Json, minor: int) -> Causes:
    del minor
    return (required(name) for name in names if not found.get(name))


Source = Callable[[Json, int], Causes]
SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "awsElasticBlockStore": partial(disk, "volumeID"),
        "azureDisk": _azure_disk,
        "azureFile": partial(_needs, ("secretName", "shareName")),
        "cephfs": partial(_needs, ("monitors",)),
        "cinder": partial(_needs, ("volumeID",)),
        "configMap": _config_map,
        "csi": _csi,
        "downwardAPI": _downward,
        "emptyDir": _empty_dir,
        "ephemeral": _ephemeral,
        "fc": _fc,
        "flexVolume": partial(_needs, ("driver",)),
        "gcePersistentDisk": partial(disk, "pdName"),
        "gitRepo": _git,
        "glusterfs": partial(_needs, ("endpoints", "path")),
        "hostPath": host_path,
        "image": _image,
        "iscsi": _iscsi,
        "nfs": nfs,
        "persistentVolumeClaim": _claim,
        "portworxVolume": partial(_needs, ("volumeID",)),
        "projected": _projected,
        "rbd": partial(_needs, ("monitors", "image")),
        "secret": _secret,
        "vsphereVolume": partial(_needs, ("volumePath",)),
    }
)
