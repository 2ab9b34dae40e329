"""Builds the example trace from the manifests and the timeline in `examples/shop`: same files, same bytes.

python -m examples.make_trace           writes examples/traces/shop.sktrace
python -m examples.make_trace --check   exit code 1 if the file is not what would be written
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import yaml

from skel.trace.index import spec_hash

HERE = Path(__file__).resolve().parent
SHOP = HERE / "shop"
TRACE = HERE / "traces" / "shop.sktrace"

Fields = dict[str, Any]


class Shop:
    """The objects of the shop as they are now, and the index of all that were seen."""

    def __init__(self) -> None:
        self.objects: dict[str, Fields] = {}
        self.index: dict[str, dict[str, int]] = {}

    def apply(self, name: str, changes: Fields) -> Fields:
        manifest = self.objects.setdefault(name, read(name))
        for path, value in changes.items():
            write(manifest, path.split("."), value)
        self.index.setdefault(gvk(manifest), {})[key(manifest)] = spec_hash(manifest.get("spec"))
        return copy.deepcopy(manifest)

    def delete(self, name: str) -> Fields:
        return self.objects.pop(name)


def read(name: str) -> Fields:
    """A manifest, its keys in alphabetical order as the recorder writes them."""
    manifest = yaml.safe_load((SHOP / f"{name}.yaml").read_text("utf-8"))
    ordered: Fields = in_order(manifest)
    return ordered


def in_order(value: Any) -> Any:
    match value:
        case dict():
            return {key: in_order(value[key]) for key in sorted(value)}
        case list():
            return [in_order(item) for item in value]
        case _:
            return value


def write(node: Any, path: list[str], value: Any) -> None:
    for part in path[:-1]:
        node = node[int(part)] if isinstance(node, list) else node[part]
    node[path[-1]] = value


def gvk(manifest: Fields) -> str:
    return f"{manifest['apiVersion']}.{manifest['kind']}"


def key(manifest: Fields) -> str:
    return f"{manifest['metadata']['namespace']}/{manifest['metadata']['name']}"


def pod_spec(manifest: Fields) -> Fields:
    spec = manifest["spec"]
    found: Fields = (spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec)["template"]["spec"]
    return found


def events(shop: Shop, timeline: Fields) -> Iterator[Fields]:
    for entry in timeline["events"]:
        applied = [shop.apply(name, changes) for name, changes in entry.get("apply", {}).items()]
        deleted = [shop.delete(name) for name in entry.get("delete", [])]
        yield {"ts": timeline["start"] + entry["at"], "applied_objs": applied, "deleted_objs": deleted}


def lifecycles(timeline: Fields) -> dict[tuple[str, str], dict[int, list[Fields]]]:
    found = {}
    for name, spans in timeline["lifetimes"].items():
        manifest = read(name)
        records = [lifetime([timeline["start"] + second for second in span]) for span in spans]
        found[gvk(manifest), key(manifest)] = {spec_hash(pod_spec(manifest)): records}
    return found


def lifetime(times: list[int]) -> Fields:
    return {"Finished": times} if len(times) == 2 else {"Running": times[0]}


def trace_bytes() -> bytes:
    timeline = yaml.safe_load((SHOP / "timeline.yaml").read_text("utf-8"))
    shop = Shop()
    trace = {
        "version": 2,
        "config": {"trackedObjects": timeline["tracked"]},
        "events": list(events(shop, timeline)),
        "index": shop.index,
        "pod_lifecycles": lifecycles(timeline),
    }
    packed = msgpack.packb(trace)
    assert isinstance(packed, bytes)
    return packed


def main() -> int:
    wanted = trace_bytes()
    if "--check" in sys.argv[1:]:
        if TRACE.exists() and TRACE.read_bytes() == wanted:
            return 0
        print(f"{TRACE.name} is out of date: run `make update`", file=sys.stderr)
        return 1
    TRACE.parent.mkdir(exist_ok=True)
    TRACE.write_bytes(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
