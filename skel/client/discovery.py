"""From apiVersion and kind to the path of a resource, as the server itself tells it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from skel.client.errors import ClientError, Disconnected
from skel.client.request import Request, Response
from skel.patch.values import Json

Send = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind as a server serves it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def collection(self, namespace: str = "") -> str:
        """The path of all its objects, or of those in a namespace."""
        return _collection(self.api_version, self.plural, namespace if self.namespaced else "")

    def path(self, namespace: str, name: str) -> str:
        """The path of one object."""
        return f"{self.collection(namespace)}/{quote(name, safe='')}"


@lru_cache(4096)
def _collection(api_version: str, plural: str, namespace: str) -> str:
    inside = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{group_path(api_version)}{inside}/{plural}"


def group_path(api_version: str) -> str:
    """`/api/v1`, or `/apis/apps/v1`."""
    return f"/{'apis' if '/' in api_version else 'api'}/{quote(api_version)}"


class Discovery:
    """What a server serves, asked for one apiVersion at a time, when it is needed."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._known: dict[str, Mapping[str, Resource]] = {}

    async def find(self, api_version: str, kind: str) -> Resource | None:
        """How the server serves a kind, None if it does not. Raises Disconnected, and ClientError for other trouble."""
        if api_version not in self._known:
            response = await self._send(Request("GET", group_path(api_version)))
            self._known[api_version] = _resources(api_version, response)
        return self._known[api_version].get(kind)

    async def find_any(self, api_version: str, kind: str) -> Resource | None:
        """The same; where that version is not served, the one of its group that the server likes best."""
        found = await self.find(api_version, kind)
        group, is_grouped, _ = api_version.partition("/")
        if found is not None or not is_grouped:
            return found
        response = await self._send(Request("GET", f"/apis/{quote(group)}"))
        for row in response.body.get("versions") or () if response.is_success else ():
            found = found or await self.find(row["groupVersion"], kind)
        return found

    def forget(self, api_version: str | None = None) -> None:
        """Ask again: the server may serve something else by now. None forgets everything."""
        if api_version is None:
            self._known.clear()
        else:
            self._known.pop(api_version, None)


def _resources(api_version: str, response: Response) -> dict[str, Resource]:
    if response.status == 404:
        return {}
    if not response.is_success or not isinstance(response.body, dict):
        said = f"the server does not say what it serves in {api_version}: {response.status} {response.message}".rstrip()
        # One that starts or is busy will say it later.
        raise Disconnected(said) if response.status in {429, 502, 503, 504} else ClientError(said)
    rows = response.body.get("resources")
    return {row["kind"]: _resource(api_version, row) for row in rows or () if _is_resource(row)}


def _is_resource(row: Json) -> bool:
    """A row with a slash is a part of an object, such as `pods/status`."""
    return isinstance(row, dict) and "/" not in row["name"] and bool(row.get("kind"))


def _resource(api_version: str, row: Mapping[str, Json]) -> Resource:
    return Resource(api_version, row["kind"], row["name"], row.get("namespaced") is True)
