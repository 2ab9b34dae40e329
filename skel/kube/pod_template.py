"""Where objects describe pods: the way to the pod template, by kind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from skel.kube.gvk import group_of, split_gvk
from skel.patch.pointer import PatchError, Pointer, parse_pointer

ANY_ITEM = "*"
"""Stands in a template pointer for every item of an array."""

_WORKLOAD_GROUPS = frozenset({"", "apps", "extensions", "batch"})
_IN_SPEC: Pointer = ("spec", "template")

# The pod spec is at `spec` below the template; a Pod is its own template.
BUILT_IN: Mapping[str, Pointer] = MappingProxyType(
    {
        "Pod": (),
        "PodTemplate": ("template",),
        "Deployment": _IN_SPEC,
        "ReplicaSet": _IN_SPEC,
        "StatefulSet": _IN_SPEC,
        "DaemonSet": _IN_SPEC,
        "Job": _IN_SPEC,
        "ReplicationController": _IN_SPEC,
        "CronJob": ("spec", "jobTemplate", "spec", "template"),
    }
)


def pod_templates(gvk: str, tracked: Mapping[str, Any]) -> tuple[Pointer, ...]:
    """Pointers to the pod templates of a kind, with `*` for every item of an array; none for a kind without pods.

    `tracked` is `config.trackedObjects` of the trace: for kinds that are not built in, its `podSpecTemplatePaths`
    (or the older `podSpecTemplatePath`) say where templates are. What is no JSON pointer there counts as absent.
    """
    api_version, kind = split_gvk(gvk)
    if kind in BUILT_IN and group_of(api_version) in _WORKLOAD_GROUPS:
        return (BUILT_IN[kind],)
    entry = tracked.get(gvk)
    if not isinstance(entry, Mapping):
        return ()
    paths = entry.get("podSpecTemplatePaths")
    if paths is None:
        paths = [entry.get("podSpecTemplatePath")]
    pointers = (_pointer(path) for path in paths) if isinstance(paths, list) else ()
    return tuple(dict.fromkeys(pointer for pointer in pointers if pointer is not None))


def pod_specs(gvk: str, tracked: Mapping[str, Any]) -> tuple[Pointer, ...]:
    """Pointers to the pod specs of a kind, as `pod_templates` gives the templates."""
    return tuple((*template, "spec") for template in pod_templates(gvk, tracked))


def _pointer(path: object) -> Pointer | None:
    if not isinstance(path, str):
        return None
    try:
        return parse_pointer(path)
    except PatchError:
        return None
