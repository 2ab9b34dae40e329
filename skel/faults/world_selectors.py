"""Which changes a watch has to show, by its namespace and its field selector."""

from __future__ import annotations

from skel.faults.proxy.route import Route
from skel.faults.world_truth import Change
from skel.patch.values import Json


def is_shown(route: Route, change: Change) -> bool:
    """Whether a watch shows a change: what it selects, and what it did until then."""
    states = [thing for thing in (change.object, change.before) if thing is not None]
    if not states:
        return not _selectors(route)
    return any(_is_selected(route, thing) for thing in states)


def can_tell(route: Route) -> bool:
    """Labels select by rules of their own; nobody says then what is missing."""
    return "labelSelector" not in route.query


def _is_selected(route: Route, thing: Json) -> bool:
    meta = thing["metadata"]
    if route.namespace and meta.get("namespace") != route.namespace:
        return False
    if route.name and meta["name"] != route.name:
        return False
    return all(_fits(thing, term) for term in _selectors(route))


def _selectors(route: Route) -> list[str]:
    return [term for term in route.query.get("fieldSelector", "").split(",") if term]


def _fits(thing: Json, term: str) -> bool:
    """One term: `a.b=c`, `a.b==c` or `a.b!=c`."""
    path, is_not, wanted = term.partition("!=")
    if not is_not:
        path, _, wanted = term.replace("==", "=").partition("=")
    value: Json = thing
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return (str(value or "") != wanted) if is_not else (str(value or "") == wanted)
