"""A pod of the simulation has the hash of the pod that was recorded."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.findings.model import FoundObject
from skel.replay.namespaces import Namespaces
from skel.replay.virtual import Simulation, virtual
from skel.trace.codec import decode_object
from skel.trace.model import Trace
from skel.trace.pod_hash import pod_spec_hash, stable_spec

# What every API server adds to a pod of its own accord.
ADDED: dict[str, Any] = {
    "enableServiceLinks": True,
    "preemptionPolicy": "PreemptLowerPriority",
    "priority": 0,
    "serviceAccount": "default",
    "serviceAccountName": "default",
    "nodeName": "node-7",
    "tolerations": [
        {"effect": "NoExecute", "key": f"node.kubernetes.io/{word}", "operator": "Exists", "tolerationSeconds": 300}
        for word in ("not-ready", "unreachable")
    ],
    "volumes": [{"name": "kube-api-access-x7f2p", "projected": {"sources": []}}],
}


def first_object(traces: Path, name: str) -> dict[str, Any]:
    trace = Trace.open(str(traces / name))
    return next(decode_object(raw) for event in trace.events for raw in event.applied_objs)


def recorded_hash(traces: Path, name: str) -> int:
    lifecycles = Trace.open(str(traces / name)).pod_lifecycles
    return next(iter(next(iter(lifecycles.values()))))


@pytest.mark.shared
def test_recorded_bare_pod(shared_traces: Path) -> None:
    pod = first_object(shared_traces, "bare-pods.sktrace")
    assert pod_spec_hash(pod["spec"]) == recorded_hash(shared_traces, "bare-pods.sktrace")


@pytest.mark.shared
def test_pod_of_recorded_cronjob_as_a_replay_makes_it(shared_traces: Path) -> None:
    cronjob = first_object(shared_traces, "cronjob.sktrace")
    thing = FoundObject("batch/v1", "CronJob", "default", "hello-simkube")
    virtual(Simulation("s", Namespaces()), cronjob, thing, namespaced=True, step="1.0")
    spec = cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    ours = spec.pop("tolerations")
    pod = {**spec, **ADDED, "tolerations": [*ours, *ADDED["tolerations"]]}
    assert pod_spec_hash(pod) == recorded_hash(shared_traces, "cronjob.sktrace")


def test_what_differs_from_pod_to_pod_does_not_count() -> None:
    mount = {"name": "kube-api-access-abcde", "mountPath": "/token"}
    bare = {"containers": [{"name": "a", "image": "b"}], "volumes": []}
    pod = {
        "containers": [{"name": "a", "image": "b", "volumeMounts": [mount], "ports": [{"containerPort": 80}]}],
        "volumes": [{"name": "kube-api-access-abcde"}],
        "nodeName": "n",
        "serviceAccountName": "default",
        "serviceAccount": "default",
        "affinity": None,
    }
    assert pod_spec_hash(pod) == pod_spec_hash(bare)


def test_what_a_person_wrote_does_count() -> None:
    bare: dict[str, Any] = {"containers": [{"name": "a", "image": "b"}]}
    others: tuple[dict[str, Any], ...] = (
        {"containers": [{"name": "a", "image": "c"}]},
        {**bare, "nodeSelector": {"disk": "fast"}},
        {**bare, "tolerations": [{"key": "gpu", "operator": "Exists"}]},
        {**bare, "volumes": [{"name": "data"}]},
        {**bare, "initContainers": [{"name": "i", "image": "b", "ports": [{"containerPort": 1}]}]},
    )
    for other in others:
        assert pod_spec_hash(other) != pod_spec_hash(bare)


def test_odd_specs_have_a_hash() -> None:
    odd_ones: tuple[dict[str, Any], ...] = (
        {},
        {"containers": None},
        {"containers": "x", "volumes": {}},
        {"tolerations": "x", "nodeSelector": []},
    )
    for odd in odd_ones:
        assert isinstance(pod_spec_hash(odd), int)


specs = st.fixed_dictionaries(
    {"containers": st.lists(st.fixed_dictionaries({"name": st.text(max_size=3), "image": st.text(max_size=3)}))},
    optional={
        "nodeSelector": st.dictionaries(st.sampled_from(["disk", "zone"]), st.text(max_size=3), min_size=1),
        "tolerations": st.lists(st.fixed_dictionaries({"key": st.text(max_size=3)}), min_size=1),
        "volumes": st.lists(st.fixed_dictionaries({"name": st.text(max_size=3)})),
        "hostNetwork": st.booleans(),
    },
)


@given(specs)
def test_law_what_a_replay_puts_into_a_pod_does_not_change_its_hash(spec: dict[str, Any]) -> None:
    pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": copy.deepcopy(spec)}
    virtual(Simulation("s", Namespaces()), pod, FoundObject("v1", "Pod", "a", "p"), namespaced=True, step="1.0")
    assert pod_spec_hash(pod["spec"]) == pod_spec_hash(spec)


@given(specs)
def test_law_hashing_leaves_the_spec_alone_and_is_idempotent(spec: dict[str, Any]) -> None:
    before = copy.deepcopy(spec)
    stable = stable_spec(spec)
    assert spec == before
    assert stable_spec(stable) == stable
