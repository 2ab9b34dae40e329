"""Recordings of KWOK, laid out as its source writes them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
import yaml

from skel.record.imports.kwok import kwok_changes
from skel.record.imports.losses import Losses
from skel.record.imports.options import Wanted
from skel.trace.codec import decode_object
from skel.trace.model import Trace
from tests.record.imports.server import SECONDS, deployment
from tests.record.imports.story import named, steps, traced

Json = dict[str, Any]
TIME = "2026-05-01T10:00:00Z"


def there(thing: Json) -> Json:
    thing["metadata"] |= {"uid": thing["metadata"]["name"], "creationTimestamp": TIME}
    return thing


def change(method: str, name: str, seconds: float, template: Json | None = None, resource: str = "deployments") -> Json:
    group = {"group": "apps"} if resource == "deployments" else {}
    return {
        "apiVersion": "action.kwok.x-k8s.io/v1alpha1",
        "kind": "ResourcePatch",
        "resource": {**group, "version": "v1", "resource": resource},
        "target": {"name": name, "namespace": "shop"},
        "durationNanosecond": int(seconds * 1e9),
        "method": method,
        **({"template": template} if template is not None else {}),
    }


def read(folder: Path, documents: list[Json], at: int | None = None) -> tuple[Trace, Losses]:
    losses = Losses()
    (folder / "rec.yaml").write_text(yaml.safe_dump_all(documents, explicit_start=True))
    wanted = Wanted(skip_noise=True)
    return traced(kwok_changes([str(folder / "rec.yaml")], losses, at=at), folder, wanted), losses


RECORDING = [
    there(deployment("cart")),
    there({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}, "spec": {}}),
    change("create", "shelf", 0, there(deployment("shelf"))),
    change(
        "patch",
        "cart",
        2.5,
        {
            "spec": {
                "replicas": 4,
                "template": {
                    "spec": {
                        "$setElementOrder/containers": [{"name": "main"}, {"name": "side"}],
                        "containers": [{"name": "side", "image": "s:1"}],
                    }
                },
            }
        },
    ),
    change("delete", "shelf", 61),
]


def test_a_recording(tmp_path: Path) -> None:
    trace, losses = read(tmp_path, RECORDING)
    assert [event.ts - SECONDS for event in trace.events] == [0, 2, 61]
    cart = named(steps(trace), "cart")
    assert [spec["replicas"] for spec in cart] == [1, 4]
    assert [item["name"] for item in cart[1]["template"]["spec"]["containers"]] == ["main", "side"]
    assert named(steps(trace), "shelf") == [deployment("shelf")["spec"], None]
    assert not named(steps(trace), "node-1")
    assert not losses


def test_its_beginning_can_be_said(tmp_path: Path) -> None:
    trace, _ = read(tmp_path, RECORDING, at=1_000)
    assert [event.ts for event in trace.events] == [1_000, 1_002, 1_061]


def test_a_snapshot_alone(tmp_path: Path) -> None:
    trace, _ = read(tmp_path, [there(deployment("cart")), there(deployment("shelf"))])
    assert [(event.ts, len(event.applied_objs)) for event in trace.events] == [(SECONDS, 2)]


def test_two_kinds_of_one_name(tmp_path: Path) -> None:
    """KWOK computes the patch for the second one from the first one."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "spec": {"replicas": None, "template": None, "ports": [{"port": 80}]},
    }
    trace, losses = read(tmp_path, [there(deployment("cart")), change("patch", "cart", 1, service, "services")])
    last = decode_object(trace.events[-1].applied_objs[0])
    assert (last["apiVersion"], last["kind"], last["spec"]) == ("v1", "Service", {"ports": [{"port": 80}]})
    assert not losses


def test_the_older_format(tmp_path: Path) -> None:
    kind = {"group": "apps", "version": "v1", "resource": "deployments"}
    old = {
        "apiVersion": "kwok.x-k8s.io/internal",
        "kind": "ResourcePatch",
        "target": {"type": kind, "name": "cart", "namespace": "shop"},
    }
    steps_ = [
        {**old, "durationNanosecond": 0, "create": True, "patch": there(deployment("cart"))},
        {**old, "durationNanosecond": 10**9, "patch": {"spec": {"replicas": 2}}},
        {**old, "durationNanosecond": 2 * 10**9, "delete": True},
    ]
    trace, losses = read(tmp_path, steps_)
    assert [spec and spec["replicas"] for spec in named(steps(trace), "cart")] == [1, 2, None]
    assert not losses


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    broken = [
        there(deployment("cart")),
        change("patch", "nobody", 1, {"spec": {}}),
        change("delete", "nobody", 1),
        {**change("patch", "cart", 1), "method": "apply"},
        {**change("patch", "cart", 1, {}), "durationNanosecond": "soon"},
    ]
    trace, losses = read(tmp_path, broken)
    assert [name for _, name, _ in steps(trace)] == ["cart"]
    text = "\n".join(losses.lines())
    assert "could not use 2 changes: its object is not in the recording" in text
    assert "could not use 2 changes: no ResourcePatch as KWOK writes it" in text
    lines = (tmp_path / "rec.yaml").read_text().splitlines()
    at = next(number for number, line in enumerate(lines, 1) if "nobody" in line)
    first = max(number for number, line in enumerate(lines[:at], 1) if line == "---") + 1
    assert f"rec.yaml:{first}" in text


def test_large_and_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are read some at a time; lines are counted from the beginning of the file."""
    monkeypatch.setattr("skel.record.imports.documents._AT_ONCE", 3_000)
    monkeypatch.setattr("skel.record.imports.opened.BLOCK", 1_000)
    documents = [there(deployment(f"cart-{number}")) for number in range(60)]
    text = yaml.safe_dump_all(documents, explicit_start=True) + "---\nkind: {broken\n"
    (tmp_path / "rec.yaml.gz").write_bytes(gzip.compress(text.encode()))
    losses = Losses()
    trace = traced(kwok_changes([str(tmp_path / "rec.yaml.gz")], losses), tmp_path)
    assert len(steps(trace)) == 60
    (line,) = losses.lines()
    number = int(line.partition("rec.yaml.gz:")[2].partition(":")[0])
    assert abs(number - text.count("\n")) <= 1
