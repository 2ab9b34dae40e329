from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from skel.cluster.errors import ClusterError
from skel.cluster.nodes import from_template, from_text, from_trace, node, with_kubelet
from skel.trace.codec import encode_object
from skel.trace.model import Event, Trace
from tests.snippets import blocks

POOLS = """\
count: 5
metadata:
  name: worker
  labels: {pool: work, topology.kubernetes.io/zone: [a, b]}
spec:
  taints: [{key: dedicated, value: work, effect: NoSchedule}]
status:
  capacity: {cpu: "4", memory: 16Gi, pods: "58"}
---
apiVersion: v1
kind: Node
metadata: {name: big}
"""

RECORDED: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {
        "name": "ip-10-0-0-1",
        "uid": "8f6a",
        "resourceVersion": "12",
        "labels": {"node.kubernetes.io/instance-type": "m5.large", "kubernetes.io/arch": "arm64"},
        "annotations": {"team": "shop"},
    },
    "spec": {
        "podCIDR": "10.1.0.0/24",
        "providerID": "aws:///x",
        "unschedulable": True,
        "taints": [
            {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"},
            {"key": "gpu", "effect": "NoSchedule"},
        ],
    },
    "status": {
        "capacity": {"cpu": "2", "memory": "8Gi", "pods": "29"},
        "allocatable": {"cpu": "1900m", "memory": "7Gi", "pods": "29"},
        "conditions": [{"type": "Ready", "status": "Unknown"}],
        "nodeInfo": {"kubeletVersion": "v1.23.9"},
        "images": [{"names": ["x"]}],
    },
}


def test_a_template() -> None:
    nodes = from_template(3)
    assert [item["metadata"]["name"] for item in nodes] == ["node-0", "node-1", "node-2"]
    assert nodes[0]["metadata"]["labels"]["kubernetes.io/hostname"] == "node-0"
    assert nodes[0]["metadata"]["labels"]["type"] == "virtual"
    assert nodes[0]["status"]["allocatable"] == {"cpu": "32", "memory": "256Gi", "pods": "110"}
    assert from_template(0) == []


def test_a_file_with_pools() -> None:
    nodes = from_text(POOLS, "nodes.yaml")
    assert [item["metadata"]["name"] for item in nodes] == [*(f"worker-{n}" for n in range(5)), "big"]
    assert [item["metadata"]["labels"].get("topology.kubernetes.io/zone") for item in nodes] == [*"ababa", None]
    assert nodes[0]["spec"]["taints"] == [{"key": "dedicated", "value": "work", "effect": "NoSchedule"}]
    assert nodes[4]["status"]["capacity"]["cpu"] == "4"
    assert "count" not in nodes[0]


def test_the_file_of_the_documentation() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "clusters.md"
    (example,) = (block.text for block in blocks(page) if block.language == "yaml")
    nodes = from_text(example, "nodes.yaml")
    assert [nodes[0]["metadata"]["name"], nodes[-1]["metadata"]["name"]] == ["worker-0", "worker-79"]
    assert {item["metadata"]["labels"]["topology.kubernetes.io/zone"] for item in nodes} == set("abc")


def test_a_list_as_kubectl_prints_it() -> None:
    text = yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": [RECORDED]})
    assert from_text(text, "nodes.yaml") == from_text(yaml.safe_dump([RECORDED]), "nodes.yaml") == [node(RECORDED)]


def test_what_belonged_to_the_old_cluster_goes() -> None:
    made = node(RECORDED)
    assert made["metadata"] == {
        "name": "ip-10-0-0-1",
        "labels": {
            "kubernetes.io/hostname": "ip-10-0-0-1",
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "arm64",
            "node.kubernetes.io/instance-type": "m5.large",
            "type": "virtual",
        },
        "annotations": {"team": "shop", "kwok.x-k8s.io/node": "fake"},
    }
    assert made["spec"] == {"unschedulable": True, "taints": [{"key": "gpu", "effect": "NoSchedule"}]}
    assert made["status"] == {key: RECORDED["status"][key] for key in ("capacity", "allocatable", "nodeInfo")}


def test_nothing_is_changed_in_place() -> None:
    before = yaml.safe_dump(RECORDED)
    node(RECORDED)
    assert yaml.safe_dump(RECORDED) == before


def test_the_kubelet_is_of_the_release_unless_it_is_known() -> None:
    assert with_kubelet(from_template(1)[0], "1.25.16")["status"]["nodeInfo"] == {"kubeletVersion": "v1.25.16"}
    assert with_kubelet(node(RECORDED), "1.25.16")["status"]["nodeInfo"] == {"kubeletVersion": "v1.23.9"}


def test_the_nodes_of_a_trace() -> None:
    later = {**RECORDED, "metadata": {**RECORDED["metadata"], "labels": {"new": "yes"}}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "ip-10-0-0-1", "namespace": "Node"}}
    events = [
        Event(0, [encode_object(item) for item in (RECORDED, pod)], []),
        Event(5, [encode_object(item) for item in (later, node({"metadata": {"name": "two"}}))], []),
    ]
    nodes = from_trace(Trace.make(events, {}, {}, {}))
    assert [item["metadata"]["name"] for item in nodes] == ["ip-10-0-0-1", "two"]
    assert nodes[0]["metadata"]["labels"]["new"] == "yes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no nodes"),
        ("[]", "has no nodes"),
        ("a: [", "is not YAML"),
        ("- 3", "is no mapping"),
        ("kind: Pod", "an object of kind 'Pod'"),
        ("count: many", "`count` in f.yaml must be a number"),
        ("count: -1", "`count` in f.yaml must be a number"),
        ("count: true", "`count` in f.yaml must be a number"),
        ("count: 99999999", "up to 20000"),
        ("{count: 2, metadata: 3}", "`metadata` in f.yaml is no mapping"),
        ("{metadata: 3}", "is no mapping"),
        ("{spec: {taints: 3}}", "is no list"),
        ("{spec: {taints: [3]}}", "is no mapping"),
        ("{status: [1]}", "is no mapping"),
        ("{metadata: {labels: 3}}", "is no mapping"),
        ("[{metadata: {name: a}}, {metadata: {name: a}}]", "has the node `a` twice"),
    ],
)
def test_bad_files(text: str, message: str) -> None:
    with pytest.raises(ClusterError, match=message):
        from_text(text, "f.yaml")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "metadata",
                        "spec",
                        "status",
                        "labels",
                        "taints",
                        "capacity",
                        "name",
                        "count",
                        "kind",
                        "items",
                        "key",
                    ]
                ),
                inner,
            )
        ),
    )
)
def test_whatever_a_file_holds_there_are_nodes_or_one_complaint(content: object) -> None:
    try:
        nodes = from_text(yaml.safe_dump(content), "f.yaml")
    except ClusterError:
        return
    assert all(item["kind"] == "Node" for item in nodes)
