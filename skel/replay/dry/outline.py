"""What is left of an object without that which changes most, and is good whatever it is: images and numbers of pods.

Of two objects with one outline a server says the same, as long as it has nothing against one of them. An outline is
drawn without decoding anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType
from msgspec.msgpack import Decoder, Encoder

from skel.kube.fields import Field
from skel.kube.pod_template import BUILT_IN

Type = Any
"""What msgspec takes as a type."""

# Of others the images can't be changed, or have to be looked at.
_DRAWN = frozenset({"CronJob", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"})
_CONTAINERS = ("containers", "initContainers")
_IMAGE = "i"
_MANY = 2
"""Stands for all numbers above one: some disks can't be shared."""
_MOST = 2**31
_encode = Encoder().encode


class Outline:
    """Of a kind with a pod template."""

    def __init__(self, spec: Field, way: tuple[str, ...]) -> None:
        """`way` leads from the spec of the object to that of its pods."""
        self._decode = Decoder(_type(spec, way, ("replicas",))).decode
        self._way = way

    def draw(self, manifest: Mapping[str, Raw]) -> bytes:
        """The outline of a manifest without metadata; nothing for one of another form, or where images are missing."""
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
                if not container.image or container.image.strip() != container.image:
                    return b""
                container.image = _IMAGE
        number = getattr(spec, "replicas", UNSET)
        if number is not UNSET:
            if not 0 <= number < _MOST:
                return b""
            spec.replicas = min(number, _MANY) or 1
        return _encode((others, spec))


def outline_of(kind: str, tree: Field) -> Outline | None:
    """How the objects of a kind are drawn, None if they are not."""
    if kind not in _DRAWN:
        return None
    _, *way = map(str, BUILT_IN[kind])
    return Outline(tree.fields["spec"], (*way, "spec"))


def _type(field: Field, way: tuple[str, ...], numbers: tuple[str, ...] = ()) -> Type:
    """Everything stays raw but what stands on the way."""
    known: dict[str, Type] = dict.fromkeys(field.fields, Raw)
    known |= {name: int for name in numbers if name in field.fields}
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
