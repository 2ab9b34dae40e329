"""An object over time, and manifests as they were."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from msgspec import Raw

from skel.patch.values import Json
from skel.report.diff import Dumper, manifest_diff
from skel.report.moment import moment
from skel.report.terminal import Paint, printable
from skel.report.traces.words import after, plural
from skel.trace.codec import decode_object
from skel.trace.history import History, Version

SCHEMA_VERSION = 1


def history_lines(history: History, start: int, paint: Paint) -> Iterator[str]:
    """Each version: when, and what is different from the one before."""
    versions = history.versions
    yield paint(printable(str(history)), "bold") + f"  {plural(len(versions), 'version')}"
    before: Version | None = None
    for version in versions:
        yield ""
        yield _heading(version, before, start, paint)
        last = None if before is None or before.deleted else before.raw
        if version.deleted:
            # What was there last is what is deleted; its status and the like are no news.
            before = version
            continue
        lines = list(manifest_diff(last, version.raw, paint))
        if last is None:
            lines = [line for line in lines if "@@ " not in line]
        yield from lines or ["  no difference"]
        before = version


def _heading(version: Version, before: Version | None, start: int, paint: Paint) -> str:
    verb = "deleted" if version.deleted else "applied"
    if before is not None and before.api_version != version.api_version:
        verb += f" as {printable(version.api_version)}"
    when = f"{after(version.time - start):>8}  {moment(version.time)}  event {version.event}"
    return paint(f"{when}  {verb}", "red" if version.deleted else "cyan")


def histories_json(histories: Iterable[History]) -> str:
    """A JSON document: each object with its versions, manifests included."""
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "objects": [
            {
                "kind": history.kind,
                "namespace": history.namespace,
                "name": history.name,
                "versions": [
                    {
                        "event": version.event,
                        "ts": version.time,
                        "time": moment(version.time),
                        "deleted": version.deleted,
                        "manifest": decode_object(version.raw),
                    }
                    for version in history.versions
                ],
            }
            for history in histories
        ],
    }
    return _json(document)


def manifests_yaml(objects: Iterable[Raw]) -> Iterator[str]:
    """Documents that kubectl takes, one an object."""
    for raw in objects:
        yield "---\n"
        yield yaml.dump(decode_object(raw), Dumper=Dumper, sort_keys=False, width=10_000, allow_unicode=True)


def manifests_json(objects: Iterable[Raw]) -> str:
    """One object as it is, several as a List."""
    manifests = [decode_object(raw) for raw in objects]
    if len(manifests) == 1:
        return _json(manifests[0])
    return _json({"apiVersion": "v1", "kind": "List", "items": manifests})


def _json(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=_odd) + "\n"


def _odd(value: Any) -> str:
    """What JSON has no word for, such as binary data; `skel trace convert` keeps it exactly."""
    return repr(value)
