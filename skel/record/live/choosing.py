"""Which kinds are recorded and where they are: what was asked for, and what the server serves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from skel.client.discovery import Discovery, Resource, Send
from skel.client.errors import ClientError
from skel.client.request import Query, Request
from skel.kube.gvk import gvk, split_gvk
from skel.record.live.feed import Feed
from skel.record.tracked import NEEDED, WORKLOADS, GroupKind, Tracked, TrackedKind, group_kind, usual

_POD, _NAMESPACE = gvk("v1", "Pod"), gvk("v1", "Namespace")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which objects of the kinds: in these namespaces (empty: all), without those, with this label selector."""

    namespaces: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    selector: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is recorded, where it is, and what can't be: sentences."""

    tracked: Tracked
    feeds: tuple[Feed, ...]
    problems: tuple[str, ...] = ()


async def choose(send: Send, asked: Tracked | None, extra: Sequence[str], scope: Scope) -> Choice:
    """The kinds of a configuration, or the usual ones in the version that the server prefers, and `extra` ones.

    Raises ClientError if nothing of it is served.
    """
    discovery = Discovery(send)
    kinds = list(asked) if asked is not None else await _usual(discovery, send, {group_kind(kind) for kind in extra})
    kinds += [usual(kind) for kind in extra if kind not in {known.gvk for known in kinds}]
    resources = {kind.gvk: await discovery.find(*split_gvk(kind.gvk)) for kind in kinds}
    served = [kind for kind in kinds if resources[kind.gvk] is not None]
    problems = [f"{kind.gvk} is not served here" for kind in kinds if resources[kind.gvk] is None]
    feeds = [feed for kind in served for feed in _feeds(kind, resources[kind.gvk], scope)]
    if not feeds:
        raise ClientError("nothing of what was asked for can be recorded", "; ".join(problems))
    if any(kind.lifecycle for kind in served):
        feeds = _with_lifetimes(feeds, scope)
    return Choice(Tracked(kinds), tuple(feeds), tuple(problems))


async def _usual(discovery: Discovery, send: Send, without: set[GroupKind]) -> list[TrackedKind]:
    preferred = await _preferred(send)
    found = []
    for group, kind in (*WORKLOADS, *NEEDED):
        for api_version in preferred.get(group, ()) if (group, kind) not in without else ():
            if await discovery.find(api_version, kind) is not None:
                found.append(usual(gvk(api_version, kind)))
                break
    return found


async def _preferred(send: Send) -> dict[str, list[str]]:
    """The versions of each group, the one that the server prefers first."""
    response = await send(Request("GET", "/apis"))
    if not response.is_success or not isinstance(response.body, dict):
        raise ClientError(f"the server does not say what it serves: {response.status} {response.message}".rstrip())
    groups = {"": ["v1"]}
    for group in response.body.get("groups") or ():
        versions = [row["groupVersion"] for row in group["versions"]]
        first = (group.get("preferredVersion") or {}).get("groupVersion")
        groups[group["name"]] = sorted(versions, key=lambda version: version != first)
    return groups


def _feeds(kind: TrackedKind, resource: Resource | None, scope: Scope) -> Iterable[Feed]:
    assert resource is not None
    labels: Query = (("labelSelector", scope.selector),) if scope.selector else ()
    if kind.gvk == _NAMESPACE:
        for name in scope.namespaces or ("",):
            wanted = (f"metadata.name={name}",) if name else tuple(f"metadata.name!={word}" for word in scope.excluded)
            yield replace(_feed(kind, resource, "", (*labels, *_fields(wanted))), namespace=name)
    elif not resource.namespaced:
        if not scope.namespaces:
            yield _feed(kind, resource, "", labels)
    else:
        fields = _fields(tuple(f"metadata.namespace!={word}" for word in scope.excluded))
        for name in scope.namespaces or ("",):
            yield _feed(kind, resource, name, (*labels, *(() if name else fields)))


def _feed(kind: TrackedKind, resource: Resource, namespace: str, query: Query) -> Feed:
    return Feed(kind.gvk, resource.collection(namespace), query, namespace)


def _fields(wanted: tuple[str, ...]) -> Query:
    return (("fieldSelector", ",".join(wanted)),) if wanted else ()


def _with_lifetimes(feeds: Sequence[Feed], scope: Scope) -> list[Feed]:
    """Pods have lifetimes whether they are recorded or not; labels choose among what is recorded, not among pods."""
    if not scope.selector and any(feed.kind == _POD for feed in feeds):
        return [replace(feed, is_lives=True) if feed.kind == _POD else feed for feed in feeds]
    pods = Resource("v1", "Pod", "pods", namespaced=True)
    fields = _fields(tuple(f"metadata.namespace!={word}" for word in scope.excluded))
    lives = [
        Feed(_POD, pods.collection(name), () if name else fields, name, is_recorded=False, is_lives=True)
        for name in scope.namespaces or ("",)
    ]
    return [*feeds, *lives]
