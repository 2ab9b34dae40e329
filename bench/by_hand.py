"""What `r10.skel` costs if it is written by hand: how near the engine can come to the floor at all.

    python -m bench.by_hand [TRACE] [--without-hashes]

The program is a loop in Python over decoded objects. It keeps no account of rules, renames nobody and reports nothing,
but it leaves the same objects, and hashes the same changed specs for the index, unless it is told not to.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from bench import scenarios
from skel.trace.codec import Event, without_gc
from skel.trace.index import spec_hash
from skel.trace.model import Trace

Json = Any
EVENTS = 100_000
_decode = msgspec.msgpack.Decoder().decode
_encode = msgspec.msgpack.Encoder().encode
_MINUTES = 600
_REFERENCES = "secretKeyRef", "configMapKeyRef"


def changed(thing: Json) -> tuple[bool, bool]:
    """Do to an object what the program does: whether it changed, and whether its spec did."""
    kind = thing["kind"]
    is_changed = thing.pop("status", None) is not None
    if kind == "CronJob" and thing["apiVersion"] == "batch/v1beta1":
        thing["apiVersion"] = "batch/v1"
        is_changed = True
    pods = ((thing.get("spec") or {}).get("template") or {}).get("spec")
    has_new_spec = pods is not None and pods_changed(pods)
    if pods is not None and (thing["metadata"].get("labels") or {}).get("tier") == "gold":
        pods.setdefault("nodeSelector", {})["simkube.dev/foo"] = "gold"
        has_new_spec = True
    return is_changed or has_new_spec, has_new_spec


def pods_changed(pods: Json) -> bool:
    is_changed = False
    secrets = {volume["name"] for volume in pods.get("volumes") or () if "secret" in volume}
    for container in pods.get("containers") or ():
        if container.pop("livenessProbe", None) is not None:
            is_changed = True
        if env := container.get("env"):
            kept = [item for item in env if not refers(item.get("valueFrom") or {})]
            is_changed = is_changed or len(kept) != len(env)
            container["env"] = kept
        if secrets and (mounts := container.get("volumeMounts")):
            container["volumeMounts"] = [mount for mount in mounts if mount["name"] not in secrets]
        if container.get("image") == "nginx:1.14.2":
            container["image"] = "nginx:1.27"
            is_changed = True
    if secrets:
        pods["volumes"] = [volume for volume in pods["volumes"] if "secret" not in volume]
    return is_changed or bool(secrets)


def refers(source: Json) -> bool:
    return any(key in source for key in _REFERENCES)


def is_deleted(thing: Json, seconds: int) -> bool:
    is_meant = thing["kind"] == "ConfigMap" and thing["metadata"].get("namespace") == "observability"
    return is_meant and seconds >= _MINUTES


def transformed(trace: Trace, *, hashes: bool) -> tuple[list[Event], int]:
    """The events, the last one first as the engine does it, and how many specs were hashed."""
    start, known, hashed, events = trace.start, set[tuple[Any, ...]](), 0, list[Event]()
    for event in reversed(trace.events):
        objects: list[Raw] = []
        for raw in reversed(event.applied_objs):
            thing = _decode(raw)
            is_changed, has_new_spec = changed(thing)
            if is_deleted(thing, event.ts - start):
                continue
            meta = thing["metadata"]
            name = (thing["apiVersion"], thing["kind"], meta.get("namespace"), meta["name"])
            if hashes and has_new_spec and name not in known:
                spec_hash(thing["spec"])
                hashed += 1
            known.add(name)
            objects.append(Raw(_encode(thing)) if is_changed else raw)
        objects.reverse()
        events.append(event.copy_with(event.ts, objects, event.deleted_objs))
    events.reverse()
    return events, hashed


def main() -> None:
    parser = argparse.ArgumentParser(description="r10.skel by hand.")
    parser.add_argument("trace", nargs="?", type=Path)
    parser.add_argument("--without-hashes", action="store_true")
    given = parser.parse_args()
    path = given.trace or scenarios.trace_of(EVENTS)
    with without_gc():
        trace = Trace.open(str(path))
        events, hashed = transformed(trace, hashes=not given.without_hashes)
        trace.with_events(events).save(str(scenarios.WORK / "by-hand.sktrace"))
    print(f"{time.process_time():.2f} s of CPU time, {hashed:,} specs hashed")


if __name__ == "__main__":
    main()
