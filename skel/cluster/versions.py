"""Which programs a control plane is made of, and in which versions: `data/versions.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from skel.cluster.errors import ClusterError
from skel.kube.release import UnknownRelease, parse_release

DATA = Path(__file__).resolve().parent / "data"
KUBERNETES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
"""The programs of Kubernetes itself."""

_PATCH = re.compile(r"v?(1\.\d{1,3}\.\d{1,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Product:
    """Programs that are published together: `name` is kubernetes, etcd or kwok, `version` has no leading v."""

    name: str
    version: str

    @property
    def programs(self) -> tuple[str, ...]:
        return KUBERNETES if self.name == "kubernetes" else (self.name,)

    @property
    def minor(self) -> str:
        """`1.25` of `1.25.16`."""
        return ".".join(self.version.split(".")[:2])

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@cache
def pinned() -> Mapping[str, str]:
    """The patch of each minor, ascending: `{"1.24": "1.24.17", ...}`."""
    return {patch.rpartition(".")[0]: patch for patch in _file()["kubernetes"]}


def kubernetes(text: str) -> Product:
    """Kubernetes as asked for: `1.25` is the pinned patch, `1.25.3` or `v1.25.3` that one. Raises ClusterError."""
    try:
        minor = parse_release(text)
    except UnknownRelease as error:
        raise ClusterError(str(error)) from None
    if minor not in pinned():
        first, *_, last = pinned()
        raise ClusterError(f"a control plane of Kubernetes {minor} can't be had", f"there are {first} to {last}")
    exact = _PATCH.fullmatch(text)
    return Product("kubernetes", exact[1] if exact else pinned()[minor])


def etcd() -> Product:
    return Product("etcd", _file()["etcd"])


def kwok() -> Product:
    return Product("kwok", _file()["kwok"])


def substitutes(product: Product) -> Mapping[str, str]:
    """For staging modules that a module proxy may lack: the version to take in their place, by name."""
    found: Mapping[str, str] = _file().get("substitutes", {}).get(product.version, {})
    return found


@cache
def _file() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DATA / "versions.yaml").read_text("utf-8"))
    return content
