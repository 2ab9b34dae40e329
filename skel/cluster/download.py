"""Downloads programs from the sites that release them, and believes only what hashes to the published sum."""

from __future__ import annotations

import hashlib
import http.client
import os
import platform
import re
import shutil
import sys
import tarfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skel.cluster.errors import ClusterError
from skel.cluster.progress import Progress
from skel.cluster.versions import Product

PATIENCE = 20.0
"""Seconds for each answer of a server, and for each piece of a file."""
_AT_ONCE = 1 << 20
_LARGEST_SUMS = 1 << 20
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class Unreachable(ClusterError):
    """The site can't be reached, or does not have the file: another way may do."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file to fetch, where its SHA-256 is published, and the program in it; `member` if it is an archive."""

    program: str
    url: str
    sums: str
    member: str = ""

    @property
    def file(self) -> str:
        return self.url.rpartition("/")[2]


def downloads(product: Product) -> tuple[Download, ...]:
    """The files of a product for this machine, none if it is not released for it."""
    machine = _MACHINES.get(platform.machine().lower())
    if machine is None or not sys.platform.startswith("linux"):
        return ()
    version = product.version
    match product.name:
        case "kubernetes":
            home = f"https://dl.k8s.io/release/v{version}/bin/linux/{machine}"
            return tuple(Download(name, f"{home}/{name}", f"{home}/{name}.sha256") for name in product.programs)
        case "etcd":
            home = f"https://github.com/etcd-io/etcd/releases/download/v{version}"
            name = f"etcd-v{version}-linux-{machine}"
            return (Download("etcd", f"{home}/{name}.tar.gz", f"{home}/SHA256SUMS", f"{name}/etcd"),)
        case _:
            home = f"https://github.com/kubernetes-sigs/kwok/releases/download/v{version}"
            release = f"https://api.github.com/repos/kubernetes-sigs/kwok/releases/tags/v{version}"
            return (Download("kwok", f"{home}/kwok-linux-{machine}", release),)


def mirrored(url: str) -> str:
    """Where to fetch a URL: SKEL_MIRROR is the beginning, host and path of the official site follow."""
    mirror = os.environ.get("SKEL_MIRROR", "").rstrip("/")
    return f"{mirror}/{url.removeprefix('https://')}" if mirror else url


def published_sum(text: str, file: str) -> str:
    """The SHA-256 of a file in what its makers publish: a bare sum, lines of sums and names, or a release as JSON.

    Empty if there is none.
    """
    bare = re.fullmatch(r"\s*([0-9a-f]{64})\s*", text)
    if bare:
        return bare[1]
    name = re.escape(file)
    line = re.search(rf"(?m)^([0-9a-f]{{64}})\s+\*?{name}$", text)
    # In a release as JSON the digest stands behind the name, before the next one.
    asset = re.search(rf'"name":\s*"{name}"(?:(?!"name":)[\s\S])*?"digest":\s*"sha256:([0-9a-f]{{64}})"', text)
    found = line or asset
    return found[1] if found else ""


def download(product: Product, out: Path, progress: Progress) -> None:
    """Download the programs of a product into the folder `out`.

    Raises Unreachable if there is nothing for this machine or nobody answers, and ClusterError for a wrong sum.
    """
    wanted = downloads(product)
    if not wanted:
        raise Unreachable(f"{product} is not released for this machine ({sys.platform}, {platform.machine()})")
    for item in wanted:
        _fetch(item, out, product, progress)


def _fetch(item: Download, out: Path, product: Product, progress: Progress) -> None:
    with _opened(mirrored(item.sums)) as answer:
        expected = published_sum(answer.read(_LARGEST_SUMS).decode("utf-8", "replace"), item.file)
    if not expected:
        raise Unreachable(f"no sha256 of {item.file} is published at {mirrored(item.sums)}")
    file = out / f"{item.program}.download"
    real = _save(mirrored(item.url), file, f"downloading {item.program} of {product}", progress)
    if real != expected:
        raise ClusterError(f"{mirrored(item.url)} is not what was published: its sha256 is {real}, not {expected}")
    _unpack(item, file, out / item.program)
    file.unlink(missing_ok=True)


def _save(url: str, file: Path, text: str, progress: Progress) -> str:
    """Write what is behind a URL to a file; its SHA-256."""
    sum_ = hashlib.sha256()
    with _opened(url) as answer, file.open("wb") as target:
        total = int(answer.headers.get("Content-Length") or 0)
        while piece := answer.read(_AT_ONCE):
            target.write(piece)
            sum_.update(piece)
            progress.count(text, target.tell(), total)
    if total and file.stat().st_size != total:
        raise Unreachable(f"{url} can't be fetched: the connection ended too early")
    return sum_.hexdigest()


def _unpack(item: Download, file: Path, program: Path) -> None:
    if not item.member:
        file.rename(program)
    else:
        with tarfile.open(file) as archive:
            content = archive.extractfile(item.member)
            if content is None:
                raise ClusterError(f"{item.file} holds no {item.member}")
            with program.open("wb") as target:
                shutil.copyfileobj(content, target)
    program.chmod(0o755)


@contextmanager
def _opened(url: str) -> Iterator[http.client.HTTPResponse]:
    """What a server answers; whatever goes wrong while it is read ends as Unreachable."""
    if urllib.parse.urlsplit(url).scheme not in {"https", "http"}:
        raise ClusterError(f"{url} can't be fetched: SKEL_MIRROR must begin with https:// or http://")
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310  (checked above)
            yield answer
    except urllib.error.HTTPError as error:
        error.close()
        raise Unreachable(f"{url} can't be fetched: the server says {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise Unreachable(f"{url} can't be fetched: {error.reason}") from None
    except (ConnectionError, TimeoutError, http.client.HTTPException) as error:
        raise Unreachable(f"{url} can't be fetched: {str(error) or type(error).__name__}") from None
