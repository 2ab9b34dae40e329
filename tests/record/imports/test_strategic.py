"""Strategic merge patches are applied as Kubernetes applies them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skel.record.imports.strategic import patched

# Computed and applied by k8s.io/apimachinery 0.36.3 (pkg/util/strategicpatch) on Deployments drawn at random.
CASES = [json.loads(line) for line in (Path(__file__).parent / "data" / "strategic.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_as_kubernetes(number: int) -> None:
    case = CASES[number]
    before = json.dumps(case["before"])
    assert patched(case["before"], case["patch"]) == case["after"]
    assert json.dumps(case["before"]) == before


POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p"},
    "spec": {"containers": [{"name": "a", "image": "x:1"}]},
}


@pytest.mark.parametrize(
    ("patch", "spec"),
    [
        # As people write them: without an order.
        ({"spec": {"containers": [{"name": "a", "image": "x:2"}]}}, {"containers": [{"name": "a", "image": "x:2"}]}),
        (
            {"spec": {"containers": [{"name": "b", "image": "y"}]}},
            {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y"}]},
        ),
        ({"spec": {"containers": [{"name": "a", "$patch": "delete"}]}}, {"containers": []}),
        ({"spec": {"containers": [{"$patch": "replace"}, {"name": "z"}]}}, {"containers": [{"name": "z"}]}),
        ({"spec": {"$patch": "replace", "nodeName": "n"}}, {"nodeName": "n"}),
        ({"spec": {"tolerations": [{"key": "k"}]}}, {**POD["spec"], "tolerations": [{"key": "k"}]}),  # type: ignore[dict-item]
    ],
)
def test_by_hand(patch: dict[str, Any], spec: dict[str, Any]) -> None:
    assert patched(POD, patch)["spec"] == spec


def test_kinds_without_a_schema() -> None:
    """Of a custom resource lists are replaced."""
    thing = {"apiVersion": "example.com/v1", "kind": "Thing", "spec": {"items": [{"name": "a"}], "b": 1}}
    assert patched(thing, {"spec": {"items": [{"name": "c"}], "b": None}})["spec"] == {"items": [{"name": "c"}]}
