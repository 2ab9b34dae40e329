"""What is left of an object without that which changes most, and is good whatever it is: images and numbers of pods.

Of two objects with one likeness a server says the same, as long as it has nothing against one of them.
"""

from __future__ import annotations

from skel.kube.pod_template import BUILT_IN
from skel.patch.values import Json
from skel.replay.halves import encoded

_IMAGE = "i"
_MANY = 2
"""Stands for all numbers above one: some disks can't be shared."""
_MOST = 2**31


def likeness(kind: str, part: Json) -> bytes:
    """Of an object that has pods, apart from its metadata; nothing for others, and for what has another form."""
    pointer = BUILT_IN.get(kind)
    if pointer is None:
        return b""
    try:
        made = node = dict(part)
        for step in (*pointer, "spec"):
            node[step] = node = dict(node[step])
        for name in ("containers", "initContainers"):
            if name in node:
                node[name] = [_without_image(container) for container in node[name]]
        spec = made["spec"]
        if "replicas" in spec and type(spec["replicas"]) is int and 0 <= spec["replicas"] < _MOST:
            spec["replicas"] = min(spec["replicas"], _MANY) or 1
    except (KeyError, TypeError, ValueError):
        return b""
    return encoded(made)


def _without_image(container: Json) -> Json:
    image = container.get("image") if type(container) is dict else None
    return {**container, "image": _IMAGE} if type(image) is str and image and image.strip() == image else container
