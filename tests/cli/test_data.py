from __future__ import annotations

import json

import pytest

from skel.kube.release import minors
from tests.cli import golden
from tests.cli.conftest import Run, assert_refused


def test_what_is_known(skel: Run) -> None:
    result = skel("data")
    assert (result.code, result.err) == (0, "")
    golden.check("data", result.text)


@pytest.mark.parametrize("release", ["1.16", "1.25", "1.29"])
def test_changes_of_a_release(skel: Run, release: str) -> None:
    result = skel("data", release)
    assert (result.code, result.err) == (0, "")
    golden.check(f"data-{release}", result.text)
    assert skel("data", f"v{release}.7").text == result.text


@pytest.mark.parametrize("kind", ["CronJob", "Ingress", "PodSecurityPolicy", "Eviction", "MutatingAdmissionPolicy"])
def test_life_of_a_kind(skel: Run, kind: str) -> None:
    result = skel("data", kind)
    assert (result.code, result.err) == (0, "")
    golden.check(f"data-{kind}", result.text)
    assert skel("data", kind.upper()).text == result.text


def test_a_kind_by_resource_and_by_version(skel: Run) -> None:
    assert skel("data", "cronjobs").text == skel("data", "CronJob").text
    lines = skel("data", "batch/v1beta1.CronJob").text.splitlines()
    assert [line.split()[0] for line in lines] == ["apiVersion", "batch/v1beta1", "cronjobs:"]


def test_known_as_json(skel: Run) -> None:
    found = json.loads(skel("data", "-o", "json").out)
    assert found["schemaVersion"] == 1
    assert found["data"]["minors"] == list(minors())
    entry = found["minors"][12]
    assert {key: entry[key] for key in ("minor", "module", "version", "kinds", "onByDefault")} == {
        "minor": "1.25",
        "module": "k8s.io/kubernetes",
        "version": "v1.25.16",
        "kinds": 62,
        "onByDefault": 60,
    }
    assert len(entry["sha256"]) == 64


def test_changes_as_json(skel: Run) -> None:
    found = json.loads(skel("data", "1.16", "-o", "json").out)["changes"]
    assert (found["minor"], found["before"]) == ("1.16", "1.15")
    assert found["removed"] == []
    assert found["turnedOff"][1] == {
        "apiVersion": "apps/v1beta1",
        "kind": "Deployment",
        "resource": "deployments",
        "namespaced": True,
        "wasOnByDefault": True,
        "replacement": {"apiVersion": "apps/v1", "kind": "Deployment"},
    }
    assert [entry["kind"] for entry in found["new"] if not entry["onByDefault"]] == ["EndpointSlice"]
    assert [entry["removed"] for entry in found["deprecated"]] == ["1.22", "1.22", "1.22"]


def test_life_as_json(skel: Run) -> None:
    (old, *_) = json.loads(skel("data", "batch/v1beta1.CronJob", "-o", "json").out)["kinds"]
    assert old == {
        "apiVersion": "batch/v1beta1",
        "kind": "CronJob",
        "introduced": "1.8",
        "deprecated": "1.21",
        "removed": "1.25",
        "gone": "1.25",
        "planned": None,
        "replacement": {"apiVersion": "batch/v1", "kind": "CronJob"},
        "resource": "cronjobs",
        "namespaced": True,
        "served": [{"first": "1.13", "last": "1.24", "onByDefault": True}],
    }


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("what", minors()[1:])
def test_every_release_has_its_changes(skel: Run, what: str, form: str) -> None:
    result = skel("data", what, "-o", form)
    assert (result.code, result.err) == (0, "")
    assert what in result.text


def test_colour(skel: Run) -> None:
    assert "\x1b[" in skel("data", "1.25", "--color", "always").text
    assert "\x1b[" not in skel("data", "1.25").text


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("1.99", "there is no data for Kubernetes 1.99 (known: 1.13 to"),
        ("1.13", "1.13 is the first known minor"),
        ("25", "did you mean 1.25?"),
        ("1.25.x", "'1.25.x' is not a release"),
        ("CronJbo", "did you mean `CronJob`?"),
        ("Certificate", "no known minor serves a kind 'Certificate'"),
        ("example.com/v1.Widget", "custom resources are not part of the data"),
        ("", "''"),
    ],
)
def test_what_is_not_known(skel: Run, what: str, words: str) -> None:
    assert_refused(skel("data", what), words)
