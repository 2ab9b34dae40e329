"""Where a request goes: `/apis/apps/v1/namespaces/shop/deployments/web/scale` in its parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class Place:
    """`namespace` and `name` are empty where the path has none."""

    api_version: str
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@lru_cache(4096)
def place_of(path: str) -> Place | None:
    """The parts of a path below `/api` or `/apis`, None for all others."""
    parts = path.split("/")
    if "%" in path:
        parts = [unquote(part) for part in parts]
    match parts:
        case ["", "api", version, *rest] if rest:
            return _below(version, rest)
        case ["", "apis", group, version, *rest] if rest:
            return _below(f"{group}/{version}", rest)
        case _:
            return None


def _below(api_version: str, parts: list[str]) -> Place | None:
    match parts:
        # `namespaces/shop/status` is a part of the namespace itself.
        case ["namespaces", namespace, resource, *rest] if resource not in {"status", "finalize"}:
            return _object(api_version, resource, namespace, rest)
        case [resource, *rest]:
            return _object(api_version, resource, "", rest)
        case _:
            return None


def _object(api_version: str, resource: str, namespace: str, rest: list[str]) -> Place | None:
    if len(rest) > 2 or not resource:
        return None
    return Place(api_version, resource, namespace, *rest)
