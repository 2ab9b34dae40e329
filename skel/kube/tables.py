"""Reads the generated files in `data/`; nothing but their form is known here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FOLDER = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class Origin:
    """From what the facts of a minor were made. `version` is that of the Go module k8s.io/kubernetes, empty if the
    file did not say; `sha256` is of the OpenAPI document.
    """

    minor: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Origins:
    """`files` are the sha256 of the other files of data, by name."""

    checked: str
    minors: tuple[Origin, ...]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind in all minors; `served` and `on` (by default) hold positions in the list of minors."""

    api_version: str
    kind: str
    resource: str
    namespaced: bool
    definition: str
    served: frozenset[int]
    on: frozenset[int]

    @property
    def is_subresource(self) -> bool:
        return "/" in self.resource


@dataclass(frozen=True, slots=True)
class Marker:
    """What the makers wrote into the source of a kind: minors, and the kind that takes its place."""

    introduced: str = ""
    deprecated: str = ""
    removed: str = ""
    replacement: tuple[str, str] | None = None


def load(name: str) -> Any:
    """The content of a file of data."""
    return json.loads((FOLDER / name).read_bytes())


@cache
def origin() -> Origins:
    found = load("origin.json")
    rows = tuple(Origin(minor, row["version"], row["sha256"]) for minor, row in found["minors"].items())
    return Origins(found["checked"], rows, MappingProxyType(found["files"]))


@cache
def minor_names() -> tuple[str, ...]:
    return tuple(row.minor for row in origin().minors)


@cache
def kind_rows() -> Mapping[tuple[str, str], KindRow]:
    """All kinds, by apiVersion and kind, in alphabetical order."""
    rows = (
        KindRow(api_version, kind, resource, namespaced, definition, positions(served), positions(on))
        for api_version, kind, resource, namespaced, definition, served, on in load("kinds.json")
    )
    return MappingProxyType({(row.api_version, row.kind): row for row in rows})


@cache
def markers() -> Mapping[tuple[str, str], Marker]:
    return MappingProxyType(
        {(row["apiVersion"], row["kind"]): _marker(row) for row in load("lifecycle.json")},
    )


def _marker(row: Mapping[str, Any]) -> Marker:
    heir = row.get("replacement")
    replacement = (heir[0], heir[1]) if heir else None
    return Marker(row.get("introduced", ""), row.get("deprecated", ""), row.get("removed", ""), replacement)


@cache
def positions(spans: str) -> frozenset[int]:
    """`1.13-1.21 1.33-` as positions in the list of minors; a span without end goes on to the newest."""
    names = minor_names()
    found: set[int] = set()
    for span in spans.split():
        first, dash, last = span.partition("-")
        end = last or (names[-1] if dash else first)
        found.update(range(names.index(first), names.index(end) + 1))
    return frozenset(found)
