"""What is left of an object without that which changes most, and can be told to be good by itself: images, the number
of pods, schedules, the values of a ConfigMap.

Of two objects with one outline a server says the same, as long as it has nothing against one of them. An outline is
drawn without decoding anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import msgspec
from msgspec import UNSET, Raw, UnsetType
from msgspec.msgpack import Decoder, Encoder

from skel.kube.fields import Field
from skel.kube.pod_template import BUILT_IN
from skel.replay.dry.validation.config import LIMIT
from skel.replay.dry.validation.cron import schedule_problem

Type = Any
"""What msgspec takes as a type."""

# Of others the images can't be changed, or have to be looked at.
_DRAWN = frozenset({"CronJob", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"})
_CONTAINERS = ("containers", "initContainers")
_IMAGE = "i"
_MANY = 2
"""Stands for all numbers above one: some disks can't be shared."""
_MOST = 2**31
_SPECIAL = frozenset({"binaryData", "immutable"})
_NONE: Mapping[str, tuple[Type, object]] = MappingProxyType({})
_encode = Encoder().encode
_texts = Decoder(dict[str, str]).decode


def _number(pods: int) -> int | None:
    return (min(pods, _MANY) or 1) if 0 <= pods < _MOST else None


def _schedule(text: str) -> str | None:
    return "" if text and "TZ" not in text and not schedule_problem(text) else None


# Fields of a spec with what stands for them if they are good.
_LOOSE: Mapping[str, tuple[Type, Callable[[Any], object]]] = MappingProxyType(
    {"replicas": (int, _number), "schedule": (str, _schedule)}
)


class Outline(Protocol):
    """Of one kind."""

    def draw(self, manifest: Mapping[str, Raw]) -> bytes:
        """The outline of a manifest without metadata; nothing for one that has to be looked at."""


class _Workload:
    """A kind with a pod template. The images must be there."""

    def __init__(self, spec: Field, way: tuple[str, ...]) -> None:
        """`way` leads from the spec of the object to that of its pods."""
        self._decode = Decoder(_type(spec, way, _LOOSE)).decode
        self._way = way

    def draw(self, manifest: Mapping[str, Raw]) -> bytes:
        others = dict(manifest)
        try:
            spec = self._decode(others.pop("spec"))
        except (KeyError, msgspec.MsgspecError, ValueError, RecursionError):
            return b""
        pods = spec
        for step in self._way:
            pods = getattr(pods, step)
            if pods is UNSET:
                return b""
        for name in _CONTAINERS:
            for container in getattr(pods, name) or ():
                if not container.image:
                    return b""
                container.image = _IMAGE
        for name, (_, stand_in) in _LOOSE.items():
            value = getattr(spec, name, UNSET)
            if value is not UNSET:
                instead = stand_in(value)
                if instead is None:
                    return b""
                setattr(spec, name, instead)
        return _encode((others, spec))


class _ConfigMap:
    """One that may be changed, and is far from being too large."""

    def draw(self, manifest: Mapping[str, Raw]) -> bytes:
        data = manifest.get("data")
        if data is None or len(memoryview(data)) > LIMIT // 2 or manifest.keys() & _SPECIAL:
            return b""
        try:
            names = list(_texts(data))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return b""
        return _encode(({**manifest, "data": names},))


def outline_of(kind: str, tree: Field) -> Outline | None:
    """How the objects of a kind are drawn, None if they are not."""
    if kind == "ConfigMap":
        return _ConfigMap()
    if kind not in _DRAWN:
        return None
    _, *way = map(str, BUILT_IN[kind])
    return _Workload(tree.fields["spec"], (*way, "spec"))


def _type(field: Field, way: tuple[str, ...], loose: Mapping[str, tuple[Type, object]] = _NONE) -> Type:
    """Everything stays raw but what stands on the way."""
    known: dict[str, Type] = dict.fromkeys(field.fields, Raw)
    known |= {name: kind for name, (kind, _) in loose.items() if name in field.fields}
    if way:
        known[way[0]] = _type(field.fields[way[0]], way[1:])
    else:
        known |= {name: list[_container(field.fields[name])] for name in _CONTAINERS}  # type: ignore[misc]
    return _struct(field, known)


def _container(field: Field) -> Type:
    assert field.items is not None
    return _struct(field.items, {**dict.fromkeys(field.items.fields, Raw), "image": str})


def _struct(field: Field, known: Mapping[str, Type]) -> Type:
    fields = [(name, kind | UnsetType, UNSET) for name, kind in known.items()]
    return msgspec.defstruct(
        field.definition.rpartition(".")[2], fields, forbid_unknown_fields=True, gc=False, kw_only=True
    )
