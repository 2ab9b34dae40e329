from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.findings.secret_kinds import entropy, secret_kind
from skel.tools.secrets import find_secrets, secrets_of, without_secrets
from skel.trace.census import recompute_index
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.model import Trace

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"
AWS = "AKIAIOSFODNN7EXAMPLE"


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (JWT, "a signed token (JWT)"),
        (PEM, "a private key"),
        ("-----BEGIN CERTIFICATE-----", "a certificate"),
        (f"--id={AWS}", "an access key of AWS"),
        ("postgres://shop:hunter2@db.shop:5432/orders", "a login in a URL"),
        ("ghp_" + "a1B2" * 9, "a token of a known service"),
        ("db password=hunter2", "a password or token with its name"),
        ("Server=db;Password=hunter2;", "a password or token with its name"),
        ("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", "a random token"),
        ("5f4dcc3b5aa765d61d8327deb882cf99", "a random token"),
        (base64(PEM), "a private key in base64"),
        (base64("postgres://shop:hunter2@db"), "a login in a URL in base64"),
        (base64(base64(JWT)), "a signed token (JWT) in base64"),
        (f"before {base64(AWS)} behind", "an access key of AWS in base64"),
    ],
)
def test_what_looks_like_a_secret(text: str, kind: str) -> None:
    assert secret_kind(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name-ky7t4m6nb5",
        "registry.k8s.io/ingress-nginx/controller:v1.9.4",
        "nginx@sha256:" + "0af1" * 16,
        "requiredDuringSchedulingIgnoredDuringExecution",
        "kubectl.kubernetes.io/last-applied-configuration",
        "0b6f5e1c-1111-4222-8333-44445555ffff",
        "system:serviceaccounts:kube-system",
        "2025-01-01T10:00:00Z",
        "*/5 * * * *",
        "secretKeyRef",
        "https://shop.example/api?token_type=bearer",
    ],
)
def test_what_does_not(text: str) -> None:
    assert secret_kind(text) == ""


def test_entropy() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2


def pod(**spec: Any) -> dict[str, Any]:
    container = {"name": "web", **spec}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [container]},
    }


@pytest.mark.parametrize(
    ("thing", "pointer"),
    [
        (
            pod(env=[{"name": "A", "value": "b"}, {"name": "DB_PASSWORD", "value": "hunter2"}]),
            "/spec/containers/0/env/1/value",
        ),
        (pod(args=["--db-password", "hunter2"]), "/spec/containers/0/args/1"),
        (pod(apiKey="hunter2"), "/spec/containers/0/apiKey"),
        ({"kind": "Secret", "data": {"a": "aHVudGVyMg=="}}, "/data/a"),
        ({"kind": "Secret", "stringData": {"a": "hunter2"}}, "/stringData/a"),
        ({"kind": "ConfigMap", "data": {"app.ini": f"[db]\nkey = {AWS}\n"}}, "/data/app.ini"),
        ({"kind": "ConfigMap", "data": {f"{AWS}": "x"}}, f"/data/{AWS}"),
    ],
)
def test_places(thing: dict[str, Any], pointer: str) -> None:
    assert ["/" + "/".join(map(str, place)) for place, _ in secrets_of(thing)] == [pointer]
    cleaned = without_secrets(trace_of(thing))
    assert find_secrets(cleaned) == []
    assert b"hunter2" not in cleaned.to_bytes()
    assert AWS.encode() not in cleaned.to_bytes()


@pytest.mark.parametrize(
    "thing",
    [
        pod(env=[{"name": "DB_PASSWORD", "value": "$(OTHER)"}, {"name": "DB_PASSWORD", "value": ""}]),
        pod(env=[{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]),
        pod(tokenExpirationSeconds=3600),
        {"kind": "Secret", "data": {}},
    ],
)
def test_what_only_points_to_a_secret(thing: dict[str, Any]) -> None:
    assert list(secrets_of(thing)) == []


def trace_of(*things: dict[str, Any]) -> Trace:
    trace = Trace.make([Event(1, list(map(encode_object, things)), [])], {}, {}, {})
    return trace.with_events(index=recompute_index(trace))


def test_the_same_place_once() -> None:
    thing = encode_object(pod(args=[AWS]))
    trace = Trace.make([Event(1, [thing], []), Event(2, [thing], [thing])], {}, {}, {})
    (found,) = find_secrets(trace)
    assert (found.times, found.object.event) == (3, 0)
    assert str(found) == "Pod/shop/web at /spec/containers/0/args/0: an access key of AWS"


def test_the_index_stays_true() -> None:
    trace = trace_of(pod(args=[AWS]), pod(args=["a"]) | {"metadata": {"name": "other"}})
    cleaned = without_secrets(trace)
    assert cleaned.index == recompute_index(cleaned)
    assert cleaned.index["v1.Pod"]["shop/web"] != trace.index["v1.Pod"]["shop/web"]
    assert cleaned.events[0].applied_objs[1] is trace.events[0].applied_objs[1]


def test_without_secrets_nothing_changes() -> None:
    trace = trace_of(pod(args=["a"]))
    assert without_secrets(trace) is trace


texts = st.one_of(st.text(max_size=20), st.sampled_from([JWT, PEM, AWS, base64(JWT), "password=x", "--token"]))
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(texts, st.integers(0, 9), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(texts, st.sampled_from(["name", "value", "password"])), inner, max_size=3),
    ),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, max_size=3))
def test_what_is_redacted_is_gone(thing: dict[str, Any]) -> None:
    cleaned = without_secrets(trace_of({**thing, "kind": "Pod"}))
    assert find_secrets(cleaned) == []
    assert type(decode_object(cleaned.events[0].applied_objs[0])) is dict
