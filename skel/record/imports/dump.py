"""What OpenShift's must-gather and `kubectl cluster-info dump` collect: the state of a cluster, in many files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath
from types import MappingProxyType

from skel.record.imports.change import Change
from skel.record.imports.files import texts
from skel.record.imports.losses import Losses
from skel.record.imports.reading import objects
from skel.record.imports.snapshot import Snapshot

# What lies beside the objects; no namespace has a name like these. Events tell nothing that a replay could play.
_ELSE = re.compile(r"(?:^|/)(?:(?:audit|host_service|network)_logs/|events\.(?:json|yaml)$)")
# Without a folder to write to, `cluster-info dump` prints the logs of the pods between the objects.
_LOGS = re.compile(rb"^==== START logs for .*?^==== END logs for [^\n]*$", re.MULTILINE | re.DOTALL)
# Old versions of kubectl leave out what the lists are of; the names of the files tell.
_LISTS = MappingProxyType(
    {
        "services": ("v1", "ServiceList"),
        "replication-controllers": ("v1", "ReplicationControllerList"),
        "pods": ("v1", "PodList"),
        "nodes": ("v1", "NodeList"),
        "daemonsets": ("apps/v1", "DaemonSetList"),
        "deployments": ("apps/v1", "DeploymentList"),
        "replicasets": ("apps/v1", "ReplicaSetList"),
    }
)


def dump_changes(paths: Sequence[str], losses: Losses, *, at: int | None = None) -> Iterator[Change]:
    """All objects of a cluster at one time, and lives of pods as far as their status tells.

    `at` is in Unix seconds, by default the newest time that the objects tell.
    """
    snapshot = Snapshot(losses)
    for text in texts(paths, losses, skip=lambda name: _ELSE.search(name) is not None):
        for thing, place in objects(replace(text, data=_readable(text.name, text.data)), losses):
            snapshot.add(thing, place)
    yield from snapshot.changes(at)


def _readable(name: str, data: bytes) -> bytes:
    if b"==== START logs for " in data:
        return _LOGS.sub(b"", data)
    stem = PurePath(name).stem
    return _with_kind(data, *_LISTS[stem]) if name.endswith(".json") and stem in _LISTS else data


def _with_kind(data: bytes, api_version: str, kind: str) -> bytes:
    """A list that says what it is a list of."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(content, dict) or "kind" in content or not isinstance(content.get("items"), list):
        return data
    return json.dumps({"apiVersion": api_version, "kind": kind, **content}).encode()
