"""Lifecycle markers: what the makers of Kubernetes wrote beside each type about its beginning and end.

They stand in the Go modules `k8s.io/api`, `k8s.io/apiextensions-apiserver` and `k8s.io/kube-aggregator`, in the files
`zz_generated.prerelease-lifecycle.go`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from skel.kube.generate.facts import Gvk
from skel.kube.version import version_key

Row = Mapping[str, Any]
"""introduced, deprecated, removed: minors; replacement: apiVersion and kind; source: module and version."""

Markers = Mapping[Gvk, Row]

FILE_NAME = "zz_generated.prerelease-lifecycle.go"
_MINORS = ("introduced", "deprecated", "removed")
_METHOD = re.compile(
    r"func \(in \*(?P<kind>\w+)\) APILifecycle(?P<what>\w+)\(\) [^{]*\{\s*return (?P<value>[^\n]*)", re.ASCII
)
_MINOR = re.compile(r"(\d+), (\d+)", re.ASCII)
_REPLACEMENT = re.compile(r'Group: "(.*?)", Version: "(.*?)", Kind: "(.*?)"')


def from_list(document: Mapping[str, Mapping[str, Any]]) -> dict[Gvk, Row]:
    """Markers of a JSON file: `group/version/Kind` to the minors, the replacement and where each was read."""
    return {_gvk(name): dict(_row(found)) for name, found in document.items()}


def _gvk(text: str) -> Gvk:
    api_version, _, kind = text.rpartition("/")
    return api_version, kind


def _row(found: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((name, found[name]) for name in _MINORS if name in found)
    if "replacement" in found:
        yield "replacement", list(_gvk(found["replacement"]))
    yield "source", found["introduced_from"]


def from_module(folder: Path, source: str, kinds: Iterable[tuple[Gvk, str]]) -> dict[Gvk, Row]:
    """Markers of an unpacked Go module; `kinds` come with their definitions, whose name holds the package."""
    by_package = {definition: gvk for gvk, definition in kinds if definition}
    found: dict[Gvk, Row] = {}
    for file in sorted(folder.rglob(FILE_NAME)):
        package = f"{file.parent.parent.name}.{file.parent.name}"
        for kind, row in _methods(file.read_text("utf-8")).items():
            if gvk := by_package.get(f"{package}.{kind}"):
                found[gvk] = {**row, "source": source}
    return found


def _methods(text: str) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for match in _METHOD.finditer(text):
        row = rows.setdefault(match["kind"], {})
        if minor := _MINOR.fullmatch(match["value"]):
            row[match["what"].lower()] = f"{minor[1]}.{minor[2]}"
        elif heir := _REPLACEMENT.search(match["value"]):
            group = f"{heir[1]}/" if heir[1] else ""
            row["replacement"] = [f"{group}{heir[2]}", heir[3]]
    return rows


def merge(known: Markers, found: Markers) -> dict[Gvk, Row]:
    """Both; where they contradict each other the newer source is right, where they agree the older one is named."""
    merged = dict(known)
    for gvk, row in found.items():
        if gvk not in merged or (_said(row) != _said(merged[gvk]) and _age(row) >= _age(merged[gvk])):
            merged[gvk] = row
    return merged


def _said(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "source"}


def _age(row: Row) -> Any:
    return version_key(str(row["source"]).rpartition(" ")[2]) or ()


def pack(markers: Markers, kinds: Iterable[Gvk]) -> str:
    """`lifecycle.json`: a line for each of these kinds that has a marker."""
    held = set(kinds)
    rows = [{"apiVersion": g[0], "kind": g[1], **row} for g, row in sorted(markers.items()) if g in held]
    return "[\n" + ",\n".join(json.dumps(_ordered(row)) for row in rows) + "\n]\n"


def _ordered(row: Row) -> dict[str, Any]:
    names = ("apiVersion", "kind", *_MINORS, "replacement", "source")
    return {name: row[name] for name in names if name in row}


def unpack(text: str) -> dict[Gvk, Row]:
    rows = json.loads(text)
    return {
        (row["apiVersion"], row["kind"]): {k: v for k, v in row.items() if k not in {"apiVersion", "kind"}}
        for row in rows
    }
