"""Where the documents come from: a folder of files, or Go modules through the ordinary `go` client."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KUBERNETES = "k8s.io/kubernetes"
MARKER_MODULES = ("k8s.io/api", "k8s.io/apiextensions-apiserver", "k8s.io/kube-aggregator")
OPENAPI_IN_MODULE = "api/openapi-spec/swagger.json"
_FILE = re.compile(r"(1\.[0-9]+)\.json(?:\.gz)?", re.ASCII)
_QUERY = re.compile(r"v?1\.([0-9]+)(?:\.[0-9]+)?", re.ASCII)


class NotFetched(Exception):
    """The `go` client did not deliver. The message is what it said."""


@dataclass(frozen=True, slots=True)
class Document:
    """The OpenAPI of a minor; `version` is empty where it does not say, `sha256` is of the bytes as published."""

    minor: str
    version: str
    sha256: str
    content: Mapping[str, Any]


def document(minor: str, raw: bytes, version: str = "") -> Document:
    """A document from its bytes; where no version is given, it may say so itself."""
    content = json.loads(raw)
    own = content["info"]["version"]
    return Document(minor, version or (own if own.startswith("v") else ""), hashlib.sha256(raw).hexdigest(), content)


@dataclass(frozen=True, slots=True)
class Module:
    """A Go module as downloaded."""

    version: str
    folder: Path


def documents(folder: Path) -> Iterator[Document]:
    """The files `1.25.json` and `1.25.json.gz` of a folder, by minor; none if there is no such folder."""
    files = {match[1]: file for file in sorted(folder.glob("*")) if (match := _FILE.fullmatch(file.name))}
    for minor in sorted(files, key=minor_number):
        data = files[minor].read_bytes()
        yield document(minor, gzip.decompress(data) if files[minor].suffix == ".gz" else data)


def minor_number(minor: str) -> int:
    return int(minor.partition(".")[2])


def fetch(query: str) -> Document:
    """The OpenAPI of a minor (`1.37`, its newest patch release that can be had) or of one release (`1.37.2`).

    Raises NotFetched.
    """
    match = _QUERY.fullmatch(query)
    if match is None:
        raise NotFetched(f"{query!r} is not a release such as 1.37 or 1.37.2")
    module = download(KUBERNETES, query if query.startswith("v") else f"v{query}")
    return document(f"1.{match[1]}", (module.folder / OPENAPI_IN_MODULE).read_bytes(), module.version)


def download(module: str, version: str) -> Module:
    """A release of a module, or of a minor (`v1.37`) the newest one that can be had. Raises NotFetched."""
    try:
        return _download(module, version)
    except NotFetched:
        if version.count(".") > 1:
            raise
        # The list of versions may be incomplete; the first release of a minor is always there.
        return _download(module, f"{version}.0")


def _download(module: str, version: str) -> Module:
    """Let `go` download a module into its own cache."""
    go = shutil.which("go")
    if go is None:
        raise NotFetched("the `go` command is needed to fetch modules; it is not installed")
    # In an empty folder, so that no go.mod around here has a say.
    with tempfile.TemporaryDirectory() as nowhere:
        command = [go, "mod", "download", "-json", f"{module}@{version}"]
        done = subprocess.run(command, cwd=nowhere, capture_output=True, text=True, check=False)  # noqa: S603
    answer = json.loads(done.stdout) if done.stdout.startswith("{") else {"Error": done.stderr.strip()}
    if "Dir" not in answer:
        raise NotFetched(f"{module}@{version}: {answer.get('Error') or done.stderr.strip()}")
    return Module(answer["Version"], Path(answer["Dir"]))
