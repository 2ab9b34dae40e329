"""Kubeconfigs for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

Json = Any


def written(
    file: Path, *, server: str = "https://one.example", name: str = "one", user: Json = None, **cluster: Json
) -> Path:
    """A file with one context, cluster and user of the same name. JSON is YAML."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": server, **cluster}}],
        "users": [{"name": name, "user": user or {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "shop"}}],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.encode(content))
    return file
