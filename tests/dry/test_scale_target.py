"""From 1.34 an autoscaler names the group of its target: the dry target and the rule of the library say the same."""

from __future__ import annotations

from typing import Any

import pytest

import skel
from skel.client.request import JSON, Request, Response
from skel.patch.values import Json
from skel.replay.dry.target import DryTarget
from skel.trace.codec import Event, decode_object, encode_object

CODE = "KU299"
NO_GROUP = "apiVersion must specify API group"
NO_VERSION = "unexpected GroupVersion string"
# What is scaled, and what a server says of it.
REFERENCES = (
    ({"kind": "Deployment"}, NO_GROUP),
    ({"kind": "Deployment", "apiVersion": ""}, NO_GROUP),
    ({"kind": "ReplicaSet", "apiVersion": "v1"}, NO_GROUP),
    ({"kind": "StatefulSet", "apiVersion": "/v1"}, NO_GROUP),
    ({"kind": "StatefulSet", "apiVersion": "/"}, NO_GROUP),
    ({"kind": "Rollout"}, NO_GROUP),
    ({"kind": "Rollout", "apiVersion": "v1alpha1"}, NO_GROUP),
    ({"kind": "Deployment", "apiVersion": "apps/v1/deployments"}, NO_VERSION),
    ({"kind": "ReplicationController", "apiVersion": "//v1"}, NO_VERSION),
    ({"kind": "ReplicationController"}, ""),
    ({"kind": "ReplicationController", "apiVersion": "v1"}, ""),
    ({"kind": "Deployment", "apiVersion": "apps/v1"}, ""),
    ({"kind": "Deployment", "apiVersion": "extensions/v1beta1"}, ""),
    ({"kind": "Rollout", "apiVersion": "argoproj.io/v1alpha1"}, ""),
)


def autoscaler(version: str, reference: dict[str, str], *metrics: Json) -> dict[str, Any]:
    spec = {"scaleTargetRef": {**reference, "name": "web"}, "maxReplicas": 3}
    return {
        "apiVersion": f"autoscaling/{version}",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {**spec, "metrics": list(metrics)} if metrics else spec,
    }


def created(minor: str, body: Json) -> Response:
    place = f"/apis/{body['apiVersion']}/namespaces/default/horizontalpodautoscalers"
    return DryTarget(minor).answer(Request("POST", place, (), body, JSON))


def trace_of(*bodies: Json) -> skel.Trace:
    events = [Event(number, [encode_object(body)], []) for number, body in enumerate(bodies)]
    return skel.Trace.make(events, {"trackedObjects": {}}, {}, {})


def found(*bodies: Json) -> set[str]:
    """The names of the autoscalers that the rule finds."""
    named = [{**body, "metadata": {"name": str(number)}} for number, body in enumerate(bodies)]
    findings = skel.upgrade.check(trace_of(*named), source="1.33", target="1.34")
    return {one.object.name for one in findings if one.code == CODE and one.object}


def refused(body: Json, words: str) -> bool:
    """By the first release that looks; the one before takes it."""
    answer = created("1.34", body)
    assert created("1.33", body).status == 201
    assert (answer.status, words in answer.message) == (422 if words else 201, True), answer.message
    return answer.status == 422


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_what_a_server_refuses_is_found(version: str) -> None:
    bodies = [autoscaler(version, reference) for reference, _ in REFERENCES]
    verdicts = [refused(body, words) for body, (_, words) in zip(bodies, REFERENCES, strict=True)]
    assert found(*bodies) == {str(number) for number, lost in enumerate(verdicts) if lost}


def test_what_is_rewritten_is_taken() -> None:
    lost = [reference for reference, _ in REFERENCES[:5]]
    bodies = [autoscaler("v2", reference) for reference in lost]
    done = skel.upgrade.migrate(trace_of(*bodies), source="1.33", target="1.34", unsafe=True)
    after = [decode_object(event.applied_objs[0]) for event in done.trace.events]
    assert [one["spec"]["scaleTargetRef"]["apiVersion"] for one in after] == ["apps/v1"] * len(lost)
    assert {created("1.34", one).status for one in after} == {201}


def test_without_unsafe_it_is_only_told() -> None:
    """The autoscaler scaled nothing, and would begin to."""
    done = skel.upgrade.migrate(trace_of(autoscaler("v2", {"kind": "Deployment"})), source="1.33", target="1.34")
    (event,) = done.trace.events
    assert decode_object(event.applied_objs[0])["spec"]["scaleTargetRef"] == {"kind": "Deployment", "name": "web"}


def test_the_object_of_a_metric_may_be_of_the_core_group() -> None:
    target = {"type": "Value", "value": "5"}
    bodies = []
    for version in ("", "v1", "networking.k8s.io/v1/ingresses"):
        described = {"apiVersion": version, "kind": "Service", "name": "web"}
        source = {"describedObject": described, "metric": {"name": "hits"}, "target": target}
        reference = {"apiVersion": "apps/v1", "kind": "Deployment"}
        bodies.append(autoscaler("v2", reference, {"type": "Object", "object": source}))
    assert [refused(body, words) for body, words in zip(bodies, ("", "", NO_VERSION), strict=True)] == [0, 0, 1]
    assert found(*bodies) == {"2"}
