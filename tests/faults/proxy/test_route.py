from __future__ import annotations

import pytest

from skel.faults.proxy.route import parse_route


@pytest.mark.parametrize(
    ("method", "target", "what"),
    [
        ("POST", "/api/v1/namespaces/shop/pods", ("", "pods", "shop", "", "")),
        ("POST", "/api/v1/namespaces/shop/pods/web-1/binding", ("", "pods", "shop", "web-1", "binding")),
        ("PUT", "/apis/apps/v1/namespaces/shop/replicasets/rs/status", ("apps", "replicasets", "shop", "rs", "status")),
        ("GET", "/api/v1/nodes/node-1", ("", "nodes", "", "node-1", "")),
        ("GET", "/api/v1/namespaces", ("", "namespaces", "", "", "")),
        ("GET", "/api/v1/namespaces/shop", ("", "namespaces", "", "shop", "")),
        ("PUT", "/api/v1/namespaces/shop/finalize", ("", "namespaces", "", "shop", "finalize")),
        ("GET", "/apis/apps/v1", ("apps", "", "", "", "")),
        ("GET", "/healthz", ("", "", "", "", "")),
    ],
)
def test_a_request_says_what_it_is_about(method: str, target: str, what: tuple[str, ...]) -> None:
    route = parse_route(method, target)
    assert (route.group, route.resource, route.namespace, route.name, route.subresource) == what


def test_a_list_and_a_watch_are_told_apart() -> None:
    assert parse_route("GET", "/api/v1/pods?limit=500&resourceVersion=0").is_list
    assert not parse_route("GET", "/api/v1/pods/web").is_list
    assert not parse_route("POST", "/api/v1/pods").is_list
    watch = parse_route("GET", "/api/v1/pods?watch=true&resourceVersion=7")
    assert watch.is_watch
    assert not watch.is_list


def test_a_plural_name_alone_means_no_subresource() -> None:
    status = parse_route("PUT", "/api/v1/namespaces/a/pods/b/status")
    assert not status.is_about("pods")
    assert status.is_about("pods/status")
    assert status.is_about("*")


def test_other_parameters_make_another_target() -> None:
    route = parse_route("GET", "/api/v1/pods?limit=500&resourceVersion=0&fieldSelector=spec.nodeName%21%3D")
    changed = route.asking(resourceVersion="9", limit=None)
    assert changed.target == "/api/v1/pods?resourceVersion=9&fieldSelector=spec.nodeName%21%3D"
