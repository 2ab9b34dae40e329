"""Finds the programs of a control plane: in the cache, on the PATH, at the sites that release them, in Go modules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from skel.cluster.building import build, can_build
from skel.cluster.download import Unreachable, download
from skel.cluster.errors import ClusterError
from skel.cluster.folders import cache_folder, turn
from skel.cluster.progress import Progress, Silent
from skel.cluster.versions import Product, etcd, kubernetes, kwok

_VERSION = re.compile(r"v?(\d+\.\d+\.\d+)", re.ASCII)
_PATIENCE = 20.0
"""Seconds that a program may take to say its version."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one control plane: absolute paths by name, and the versions of what they belong to."""

    kubernetes: Product
    etcd: Product
    kwok: Product
    programs: Mapping[str, Path]


def binaries(version: str, progress: Progress | None = None) -> Binaries:
    """All programs for a release of Kubernetes (`1.25`, `1.25.16`), fetched or built if they are not there yet.

    Raises ClusterError, which says what to do.
    """
    products = (kubernetes(version), etcd(), kwok())
    found = [find(product) or fetch(product, progress or Silent()) for product in products]
    programs = {name: path for each in found for name, path in each.items()}
    return Binaries(*products, MappingProxyType(programs))


def are_present(version: str) -> bool:
    """Whether everything for a release is there, so that nothing need be fetched or built. Raises ClusterError."""
    return all(find(product) for product in (kubernetes(version), etcd(), kwok()))


def find(product: Product) -> Mapping[str, Path] | None:
    """The programs of a product that are on this machine, None if one of them is not."""
    return _in_cache(product) or _on_path(product)


def _home(product: Product) -> Path:
    return cache_folder() / "bin" / f"{product.name}-{product.version}"


def _in_cache(product: Product) -> Mapping[str, Path] | None:
    """What is in the cache was put there whole, so its name is enough."""
    paths = {program: _home(product) / program for program in product.programs}
    return paths if all(os.access(path, os.X_OK) for path in paths.values()) else None


def _on_path(product: Product) -> Mapping[str, Path] | None:
    found = {program: shutil.which(program) for program in product.programs}
    paths = {program: Path(path).absolute() for program, path in found.items() if path}
    if len(paths) < len(found) or any(version_of(path) != product.version for path in paths.values()):
        return None
    return paths


def version_of(program: Path) -> str:
    """What a program says of itself to `--version`: `1.25.16`; empty if it says nothing of use."""
    try:
        done = subprocess.run(  # noqa: S603  (the user's own PATH)
            [program, "--version"], capture_output=True, text=True, check=False, timeout=_PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = _VERSION.search(done.stdout)
    return found[1] if found and done.returncode == 0 else ""


def fetch(product: Product, progress: Progress) -> Mapping[str, Path]:
    """Put the programs of a product into the cache: downloaded, else built. Raises ClusterError."""
    home = _home(product)
    home.parent.mkdir(parents=True, exist_ok=True)
    with turn(home.parent / f".{home.name}.lock", progress):
        found = _in_cache(product)  # whoever was before us may have done it
        if found is None:
            began = time.monotonic()
            with _new_folder(home) as folder:
                _obtain(product, folder, progress)
                _prove(product, folder)
            found = _in_cache(product)
            progress.say(f"{product} is in {home} after {time.monotonic() - began:.0f} s")
    assert found is not None
    return found


@contextmanager
def _new_folder(home: Path) -> Iterator[Path]:
    """A folder that appears as `home` when it is complete, and not at all if something goes wrong."""
    with tempfile.TemporaryDirectory(prefix=f".{home.name}-", dir=home.parent) as scratch:
        folder = Path(scratch) / "programs"
        folder.mkdir(mode=0o755)
        yield folder
        if home.exists():  # incomplete, or it would have been used
            shutil.rmtree(home)
        folder.rename(home)


def _obtain(product: Product, folder: Path, progress: Progress) -> None:
    try:
        download(product, folder, progress)
    except Unreachable as error:
        if not can_build():
            raise _nothing_left(product, error) from None
        progress.say(f"{error.message}; there is a `go`")
        build(product, folder, progress)


def _nothing_left(product: Product, error: Unreachable) -> ClusterError:
    names = ", ".join(product.programs)
    hint = (
        f"install Go, which builds it from its modules; or set SKEL_MIRROR to a mirror of the release sites; "
        f"or put {names} of that version on the PATH or into {_home(product)}"
    )
    return ClusterError(f"{product} is not on this machine, there is no `go` to build it, and {error.message}", hint)


def _prove(product: Product, folder: Path) -> None:
    """What does not start or is something else must not get into the cache."""
    for program in product.programs:
        real = version_of(folder / program)
        if real != product.version:
            raise ClusterError(f"{program} of {product} says that it is {real or 'nothing at all'}")
