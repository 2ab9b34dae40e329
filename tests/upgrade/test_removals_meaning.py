"""A rewritten object means what it meant: the new server makes of it what the old one made of the original."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from skel.packs import registry
from skel.program import Program, compile_sources
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.model import Trace
from tests.upgrade.server_views import (
    UNMATCHED,
    Manifest,
    autoscaler,
    ingress,
    is_protected,
    without_nulls,
    workload,
)

LABELS = {"app": "web"}
SOME_LABELS = st.sampled_from([None, {}, {"app": "web"}, {"app": "web", "tier": "gold"}])


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Manifest]:
    """A map in which each field may be missing, null, or of the strategy."""
    return st.fixed_dictionaries({}, optional={key: st.none() | value for key, value in fields.items()})


@cache
def program(rule_id: str) -> Program:
    rule = registry.find("kubernetes").rule(rule_id)
    assert rule is not None
    return compile_sources([rule.source], targets={"kubernetes": rule.since})


def rewritten(rule_id: str, manifest: Manifest) -> Manifest:
    trace = Trace.make([Event(0, [encode_object(manifest)], [])], {"trackedObjects": {}}, {}, {})
    after, _ = program(rule_id).apply(trace, workers=1)
    found = decode_object(after.events[0].applied_objs[0])
    assert isinstance(found, dict)
    return found


@st.composite
def workloads(draw: st.DrawFn, /, api_version: str, kind: str, **fields: st.SearchStrategy[Any]) -> Manifest:
    template = {
        "metadata": draw(maybe(labels=SOME_LABELS)),
        "spec": {"containers": [{"name": "web", "image": "nginx"}]},
    }
    spec = draw(
        maybe(
            replicas=st.integers(0, 3),
            selector=st.just({"matchLabels": LABELS}),
            revisionHistoryLimit=st.integers(0, 12),
            **fields,
        )
    )
    metadata = {"name": "web", **draw(maybe(labels=SOME_LABELS, annotations=st.just({"team": "shop"})))}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": {**spec, "template": template}}


STEPS = st.integers(0, 3) | st.just("10%")
ROLLING = maybe(type=st.just("RollingUpdate"), rollingUpdate=maybe(maxSurge=STEPS, maxUnavailable=STEPS))
DEPLOYMENT = {
    "strategy": ROLLING | st.just({"type": "Recreate"}) | st.just({"type": "Recreate", "rollingUpdate": None}),
    "progressDeadlineSeconds": st.sampled_from([0, 600]),
    "rollbackTo": maybe(revision=st.integers(0, 3)),
}
DELETING = st.sampled_from([{"type": "OnDelete"}, {"type": ""}])


@given(workloads("extensions/v1beta1", "Deployment", **DEPLOYMENT))
def test_deployment_extensions(manifest: Manifest) -> None:
    assert workload(rewritten("deployment-extensions", manifest)) == workload(manifest)


@given(workloads("apps/v1beta1", "Deployment", **DEPLOYMENT))
def test_deployment_apps_v1beta1(manifest: Manifest) -> None:
    assert workload(rewritten("deployment-apps-v1beta1", manifest)) == workload(manifest)


@given(workloads("apps/v1beta2", "Deployment", strategy=ROLLING))
def test_deployment_apps_v1beta2(manifest: Manifest) -> None:
    assert workload(rewritten("workloads-apps-v1beta2", manifest)) == workload(manifest)


@given(
    workloads(
        "extensions/v1beta1",
        "DaemonSet",
        updateStrategy=DELETING | maybe(type=st.just("RollingUpdate"), rollingUpdate=maybe(maxUnavailable=STEPS)),
        templateGeneration=st.integers(0, 5),
    )
)
def test_daemonset_extensions(manifest: Manifest) -> None:
    assert workload(rewritten("daemonset-extensions", manifest)) == workload(manifest)


@given(workloads("extensions/v1beta1", "ReplicaSet"))
def test_replicaset_extensions(manifest: Manifest) -> None:
    assert workload(rewritten("replicaset-extensions", manifest)) == workload(manifest)


@given(
    workloads(
        "apps/v1beta1",
        "StatefulSet",
        serviceName=st.just("web"),
        podManagementPolicy=st.just("Parallel"),
        updateStrategy=DELETING
        | maybe(type=st.just("RollingUpdate"), rollingUpdate=maybe(partition=st.integers(0, 3))),
    )
)
def test_statefulset_apps_v1beta1(manifest: Manifest) -> None:
    assert workload(rewritten("statefulset-apps-v1beta1", manifest)) == workload(manifest)


BACKEND = maybe(
    serviceName=st.sampled_from(["web", "api"]),
    servicePort=st.integers(1, 65535) | st.sampled_from(["http", "80"]),
    resource=st.just({"kind": "Bucket", "name": "icons"}),
)
PATHS = st.builds(
    lambda path, backend: {**path, "backend": backend},
    maybe(path=st.just("/api"), pathType=st.sampled_from(["Exact", "Prefix"])),
    BACKEND,
)
RULES = maybe(host=st.just("example.com"), http=st.fixed_dictionaries({"paths": st.lists(PATHS, max_size=3)}))


@given(maybe(backend=BACKEND, rules=st.lists(RULES, max_size=3), ingressClassName=st.just("nginx")))
def test_ingress(spec: Manifest) -> None:
    for api_version, rule in (
        ("extensions/v1beta1", "ingress-extensions"),
        ("networking.k8s.io/v1beta1", "ingress-networking-v1beta1"),
    ):
        manifest = {"apiVersion": api_version, "kind": "Ingress", "metadata": {"name": "web"}, "spec": spec}
        assert without_nulls(rewritten(rule, manifest)) == ingress(manifest)


SELECTOR = st.just({"matchLabels": {"verb": "GET"}})
USED: st.SearchStrategy[Manifest] = st.sampled_from(
    [
        {"targetAverageUtilization": 50},
        {"targetAverageUtilization": 50, "targetAverageValue": None},
        {"targetAverageUtilization": None, "targetAverageValue": "1Gi"},
        {"targetAverageValue": "100m"},
    ]
)


def _metric(kind: str, *parts: st.SearchStrategy[Manifest]) -> st.SearchStrategy[Manifest]:
    key = kind[0].lower() + kind[1:]
    return st.tuples(*parts).map(lambda found: {"type": kind, key: {k: v for part in found for k, v in part.items()}})


AIMS: st.SearchStrategy[Manifest] = st.sampled_from(
    [{"targetValue": "5"}, {"targetAverageValue": "2"}, {"targetValue": None, "targetAverageValue": "2"}]
)
METRICS = st.one_of(
    _metric("Resource", st.just({"name": "cpu"}), USED),
    _metric("ContainerResource", st.just({"name": "cpu", "container": "web"}), USED),
    _metric("Pods", st.just({"metricName": "hits", "targetAverageValue": "1k"}), maybe(selector=SELECTOR)),
    _metric(
        "Object",
        st.just({"metricName": "hits", "targetValue": "5", "target": {"kind": "Service", "name": "web"}}),
        maybe(selector=SELECTOR, averageValue=st.just("2")),
    ),
    _metric(
        "External",
        maybe(metricSelector=SELECTOR),
        AIMS,
        st.just({"metricName": "backlog"}),
    ),
)


@given(st.none() | st.lists(METRICS, max_size=4))
def test_autoscaler_v2beta1(metrics: list[Manifest] | None) -> None:
    manifest = {
        "apiVersion": "autoscaling/v2beta1",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 3, "metrics": metrics},
    }
    assert without_nulls(rewritten("autoscaler-v2beta1", manifest)) == autoscaler(manifest)


EVERY_POD = {"matchExpressions": [{"key": UNMATCHED, "operator": "DoesNotExist"}]}
TESTS = st.sampled_from(
    [
        {"key": "app", "operator": "Exists"},
        {"key": "tier", "operator": "DoesNotExist"},
        {"key": "app", "operator": "In", "values": ["web"]},
        {"key": "app", "operator": "NotIn", "values": ["web"]},
    ]
)
SELECTORS = (
    st.none() | st.just(EVERY_POD) | maybe(matchLabels=SOME_LABELS, matchExpressions=st.lists(TESTS, max_size=2))
)


@given(SELECTORS, st.dictionaries(st.sampled_from(["app", "tier"]), st.sampled_from(["web", "gold"])))
def test_poddisruptionbudget(selector: Manifest | None, labels: dict[str, str]) -> None:
    manifest = {
        "apiVersion": "policy/v1beta1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web"},
        "spec": {"minAvailable": 1, "selector": selector},
    }
    after = rewritten("poddisruptionbudget-policy-v1", manifest)
    assert after["apiVersion"] == "policy/v1"
    assert is_protected("policy/v1", after["spec"]["selector"], labels) == is_protected(
        "policy/v1beta1", selector, labels
    )
