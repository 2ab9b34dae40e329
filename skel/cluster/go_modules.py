"""What a build from published Go modules is given, as text: nothing here runs anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from skel.cluster.versions import Product

MAIN_MODULE = "skel.invalid/build"
"""The name of the module that is built in; `.invalid` can't be anybody's."""

_STAGING = re.compile(r"=> \./staging/src/(k8s\.io/[a-z0-9-]+)")
_NAMED_IN = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a product is built: the packages of its programs, by name, the flags, and the module that has them."""

    module: str
    packages: Mapping[str, str]
    flags: tuple[str, ...] = ()


def recipe(product: Product) -> Recipe:
    """The recipe of a product."""
    match product.name:
        case "kubernetes":
            module = "k8s.io/kubernetes"
            packages = {program: f"{module}/cmd/{program}" for program in product.programs}
            # Without the cloud providers of old: they are never used here. Minors without the tag ignore it.
            return Recipe(module, packages, ("-tags", "providerless", "-ldflags", _kubernetes_flags(product)))
        case "etcd":
            module = "go.etcd.io/etcd/server/v3"
            return Recipe(module, {"etcd": module}, ("-ldflags", "-s -w"))
        case _:
            module = "sigs.k8s.io/kwok"
            named = f"-s -w -X {module}/pkg/consts.Version=v{product.version}"
            return Recipe(module, {"kwok": f"{module}/cmd/kwok"}, ("-ldflags", named))


def _kubernetes_flags(product: Product) -> str:
    major, minor, _ = product.version.split(".")
    values = {
        "gitVersion": f"v{product.version}",
        "gitMajor": major,
        "gitMinor": minor,
        "gitCommit": "module",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
    }
    named = [f"-X {package}.{key}={value}" for package in _NAMED_IN for key, value in values.items()]
    return " ".join(("-s -w", *named))


def main_module(published: str, product: Product) -> str:
    """The go.mod of a build of Kubernetes, from its published one: the same pins of everything.

    A published module has no staging modules inside; they are published on their own, with 0 in the place of 1.
    """
    staging = f"v0.{product.version.partition('.')[2]}"
    text = re.sub(r"(?m)^module k8s\.io/kubernetes$", f"module {MAIN_MODULE}", published)
    text = _STAGING.sub(rf"=> \1 {staging}", text)
    return f"{text}\nrequire k8s.io/kubernetes v{product.version}\n"


def replaced(text: str, name: str, version: str) -> str:
    """A go.mod that takes another version of the staging module `name`."""
    return re.sub(rf"(?m)(=> k8s\.io/{re.escape(name)}) v\S+$", rf"\1 v{version}", text)
