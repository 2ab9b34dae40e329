"""The warnings that API servers send along: APIs and fields that are on their way out (`pkg/api/pod/warnings.go`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from skel.kube.pod_template import BUILT_IN
from skel.kube.release import life, minors
from skel.kube.version import version_key
from skel.patch.values import Json

_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
        "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
        "failure-domain.beta.kubernetes.io/region": (
            'deprecated since v1.17; use "topology.kubernetes.io/region" instead'
        ),
        "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
        "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
    }
)
_ANNOTATIONS: Mapping[str, str] = MappingProxyType(
    {
        "scheduler.alpha.kubernetes.io/critical-pod": (
            'non-functional in v1.16+; use the "priorityClassName" field instead'
        ),
        "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
        "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
    }
)
_VOLUMES: Mapping[str, str] = MappingProxyType(
    {
        "gitRepo": "deprecated in v1.11",
        "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
        "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    }
)


@cache
def kind_warning(api_version: str, kind: str, minor: str) -> tuple[str, ...]:
    """That an API is deprecated in a minor; servers have said so since 1.19."""
    known = life(api_version, kind)
    if known is None or not known.deprecated or (version_key(minor) or ()) < (version_key(known.deprecated) or ()):
        return ()
    if minors().index(minor) < minors().index("1.19"):
        return ()
    text = f"{api_version} {kind} is deprecated in v{known.deprecated}+"
    gone = known.removed or known.planned
    text += f", unavailable in v{gone}+" if gone else ""
    if known.replacement:
        text += f"; use {known.replacement[0]} {known.replacement[1]}"
    return (text,)


def pod_warnings(kind: str, clean: Json) -> Iterator[str]:
    """What is said about the pods of a kind."""
    pointer = BUILT_IN.get(kind)
    if pointer is None:
        return
    template = clean
    for step in pointer:
        template = template.get(step) or {}
    prefix = "".join(f"{step}." for step in pointer)
    yield from _pod(template.get("metadata") or {}, template.get("spec") or {}, prefix)


def _pod(meta: Json, spec: Json, prefix: str) -> Iterator[str]:
    for key in spec.get("nodeSelector") or ():
        if key in _LABELS:
            yield f"{prefix}spec.nodeSelector[{key}]: {_LABELS[key]}"
    for number, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        key = constraint.get("topologyKey")
        if key in _LABELS:
            yield f"{prefix}spec.topologySpreadConstraints[{number}].topologyKey: {key} is {_LABELS[key]}"
    for key in meta.get("annotations") or ():
        if key in _ANNOTATIONS:
            yield f"{prefix}metadata.annotations[{key}]: {_ANNOTATIONS[key]}"
    for number, volume in enumerate(spec.get("volumes") or ()):
        for source in volume:
            if source in _VOLUMES:
                yield f"{prefix}spec.volumes[{number}].{source}: {_VOLUMES[source]}"
    yield from _repeated(spec, prefix)


def _repeated(spec: Json, prefix: str) -> Iterator[str]:
    for kind in ("initContainers", "containers"):
        for number, container in enumerate(spec.get(kind) or ()):
            names = [variable.get("name", "") for variable in container.get("env") or ()]
            if len(set(names)) == len(names):
                continue
            for index, name in enumerate(names):
                if name in names[:index]:
                    yield f'{prefix}spec.{kind}[{number}].env[{index}].name: duplicate name "{name}"'
