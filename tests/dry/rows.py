"""The set of objects that real API servers and the dry target both judge, and how each is sent."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import yaml

from skel.client.request import APPLY, JSON, Request
from skel.kube.release import is_builtin_group, minors, served
from skel.patch.values import Json
from tests.dry.cross import FOLDER, edited
from tests.dry.mutate import mutants

DATA = Path(__file__).parent / "data"
OBJECTS = DATA / "objects.jsonl.gz"
STDLIB = Path(__file__).parent.parent.parent / "stdlib"
WAYS = ("strict", "lenient", "apply")
_DRY = ("dryRun", "All")
_APPLY = (("fieldManager", "skel"), ("force", "true"))


@dataclass(frozen=True, slots=True)
class Row:
    """One object. `before` is the state that is there already, None for an object that is new."""

    number: int
    mutation: str
    object: Json
    before: Json = None


def valid_objects() -> Iterator[Json]:
    for file in sorted(FOLDER.glob("*.yaml")):
        yield from yaml.safe_load_all(file.read_text("utf-8"))


def library_objects() -> Iterator[Json]:
    """What stands in the cases of the rule library, before and after."""
    for file in sorted(STDLIB.rglob("*.cases.yaml")):
        for case in yaml.safe_load(file.read_text("utf-8")) or ():
            for state in (case.get("before"), case.get("after")):
                yield from _parts(state)


def _parts(state: Json) -> Iterator[Json]:
    if isinstance(state, list):
        for item in state:
            yield from _parts(item)
    elif isinstance(state, dict) and is_builtin_group(str(state.get("apiVersion", ""))) and _is_kept(state.get("kind")):
        yield state


def _is_kept(kind: Json) -> bool:
    """Reviews are questions to a server, no objects."""
    return isinstance(kind, str) and not kind.endswith("Review")


def make(seed: int, rounds: int) -> Iterator[Row]:
    """All rows of a seed: valid objects, those of the library, mutants, contradictions, second states."""
    found: list[tuple[str, Json, Json]] = [("valid", valid, None) for valid in valid_objects()]
    found += [("library", item, None) for item in library_objects()]
    for valid in valid_objects():
        found += [(name, mutant, None) for name, mutant in mutants(valid, seed, rounds)]
        found += [("cross-field", item, None) for item in edited(valid, "cross-field")]
        found += [("update", item, valid) for item in edited(valid, "second-states")]
    seen: set[str] = set()
    for name, item, before in found:
        key = json.dumps([item, before], sort_keys=True, default=str)
        if key not in seen:
            seen.add(key)
            yield Row(len(seen), name, json.loads(json.dumps(item, default=str)), before)


def read_rows() -> list[Row]:
    with gzip.open(OBJECTS, "rt", encoding="utf-8") as lines:
        return [Row(**json.loads(line)) for line in lines]


def write_rows(rows: list[Row]) -> None:
    DATA.mkdir(exist_ok=True)
    with OBJECTS.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        for row in rows:
            out.write(json.dumps(asdict(row), separators=(",", ":")).encode() + b"\n")


def collection(manifest: Json, minor: str) -> tuple[str, str] | None:
    """The path of the collection of an object, and its namespace; None for a kind that nobody serves."""
    api_version, kind = manifest.get("apiVersion"), manifest.get("kind")
    anywhere = (served(one).get((api_version, kind)) for one in (minor, *reversed(minors())))
    entry = next(filter(None, anywhere), None)
    if entry is None:
        return None
    prefix = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    if not entry.namespaced:
        return f"{prefix}/{entry.resource}", ""
    meta = manifest.get("metadata")
    given = meta.get("namespace") if isinstance(meta, dict) else None
    namespace = given if isinstance(given, str) and given else "default"
    return f"{prefix}/namespaces/{quote(namespace, safe='')}/{entry.resource}", namespace


def name_of(manifest: Json) -> str:
    meta = manifest.get("metadata")
    name = meta.get("name") if isinstance(meta, dict) else None
    return name if isinstance(name, str) else ""


def request(manifest: Json, minor: str, way: str, *, dry: bool = True) -> Request | None:
    """How an object is sent in one of the ways; None where that is not possible."""
    where = collection(manifest, minor)
    if where is None:
        return None
    effect = (_DRY,) if dry else ()
    if way == "apply":
        name = quote(name_of(manifest), safe="")
        return Request("PATCH", f"{where[0]}/{name}", (*_APPLY, *effect), manifest, APPLY) if name else None
    strictness = ("fieldValidation", "Strict" if way == "strict" else "Warn")
    return Request("POST", where[0], (strictness, *effect), manifest, JSON)


def unique(row: Row) -> Row:
    """A second state under a name of its own: finalizers keep what was deleted."""
    suffix = f"-{row.number}"
    return Row(row.number, row.mutation, _renamed(row.object, suffix), _renamed(row.before, suffix))


def _renamed(manifest: Json, suffix: str) -> Json:
    if manifest["kind"] == "CustomResourceDefinition":
        # Two definitions of one group would fight for the name of the kind.
        return json.loads(json.dumps(manifest).replace("example.com", f"g{suffix}.example.com"))
    return {**manifest, "metadata": {**manifest["metadata"], "name": manifest["metadata"]["name"] + suffix}}
