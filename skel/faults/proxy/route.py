"""What a request to an API server is about, read from its first line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import parse_qsl, quote, unquote, urlsplit

_OF_A_NAMESPACE = ("status", "finalize")
_TRUE = frozenset({"1", "true"})
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Route:
    """`resource` is the plural name, empty for what is no resource (`/healthz`, discovery)."""

    method: str
    path: str
    query: Mapping[str, str]
    group: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def is_watch(self) -> bool:
        return self.method == "GET" and self.query.get("watch", "") in _TRUE

    @property
    def is_list(self) -> bool:
        return self.method == "GET" and bool(self.resource) and not self.name and not self.is_watch

    @property
    def what(self) -> str:
        """`pods`, or `pods/status`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    @property
    def target(self) -> str:
        """Path and query as they stand in the first line."""
        words = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in self.query.items())
        return f"{self.path}?{words}" if words else self.path

    def asking(self, **changes: str | None) -> Route:
        """The same request with other parameters; None takes one away."""
        merged = {**self.query, **changes}
        return replace(self, query={key: value for key, value in merged.items() if value is not None})

    def is_about(self, what: str) -> bool:
        """Whether `what` (`pods`, `pods/status`, or `*`) means it; a plural name alone means no subresource."""
        return what in {EVERY, self.what}


@lru_cache(maxsize=4096)
def parse_route(method: str, target: str) -> Route:
    """Components ask for the same again and again."""
    parts = urlsplit(target)
    query = MappingProxyType(dict(parse_qsl(parts.query, keep_blank_values=True)))
    route = Route(method, parts.path, query)
    words = [unquote(word) for word in parts.path.split("/")[1:]]
    match words:
        case ["api", _, *rest]:
            return _resource(route, rest)
        case ["apis", group, _, *rest]:
            return _resource(replace(route, group=group), rest)
        case _:
            return route


def _resource(route: Route, words: list[str]) -> Route:
    match words:
        case ["namespaces", name, part] if part in _OF_A_NAMESPACE:
            return replace(route, resource="namespaces", name=name, subresource=part)
        case ["namespaces", namespace, resource, *rest]:
            return _object(replace(route, namespace=namespace, resource=resource), rest)
        case [resource, *rest] if resource:
            return _object(replace(route, resource=resource), rest)
        case _:
            return route


def _object(route: Route, words: list[str]) -> Route:
    name, subresource = ([*words, "", ""])[:2]
    return replace(route, name=name, subresource=subresource)
