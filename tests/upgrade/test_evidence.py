from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

import skel
from skel.findings.model import Finding, Findings
from skel.findings.severity import Severity
from skel.kube.helm import BadRelease, read_release
from skel.trace.codec import Event, encode_object

LAST = "kubectl.kubernetes.io/last-applied-configuration"
OLD = {"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "a", "namespace": "n"}}


def check(*objects: dict[str, Any]) -> Findings:
    events = [Event(0, [encode_object(one) for one in objects], [])]
    return skel.upgrade.check(skel.Trace.make(events, {"trackedObjects": {}}, {}, {}), source="1.24", target="1.25")


def served(*writers: tuple[str, str, str], **annotations: str) -> dict[str, Any]:
    fields = [
        {"manager": name, "operation": "Update", "apiVersion": version, "time": time} for name, version, time in writers
    ]
    metadata = {"name": "a", "namespace": "n", "managedFields": fields, "annotations": annotations}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": {"schedule": "* * * * *"}}


def only(findings: Findings) -> Finding:
    (finding,) = findings
    return finding


def test_an_object_without_old_writers_is_clean() -> None:
    assert not check(served(("kubectl", "batch/v1", "2024-01-01T00:00:00Z"))).findings


def test_a_manager_that_writes_the_old_version_is_found() -> None:
    finding = only(check(served(("operator", "batch/v1beta1", "2024-01-01T00:00:00Z"))))
    assert (finding.rule, finding.severity) == ("kubernetes/cronjob-batch-v1", Severity.WARNING)
    assert finding.fix is None
    assert finding.evidence[0].manager == "operator"
    assert finding.evidence[0].time == 1704067200.0


def test_a_later_writer_makes_it_stale_and_says_how_to_clear_it() -> None:
    times = ("kubectl", "batch/v1beta1", "2024-01-01T00:00:00Z"), ("helm", "batch/v1", "2024-02-01T00:00:00Z")
    finding = only(check(served(*times)))
    assert finding.is_stale
    assert finding.severity is Severity.INFO
    assert finding.evidence[0].clear


def test_an_earlier_writer_does_not() -> None:
    times = ("kubectl", "batch/v1beta1", "2024-03-01T00:00:00Z"), ("helm", "batch/v1", "2024-02-01T00:00:00Z")
    assert only(check(served(*times))).severity is Severity.WARNING


def test_the_writer_of_the_status_does_not_count() -> None:
    thing = served(("controller", "batch/v1beta1", "2024-01-01T00:00:00Z"))
    thing["metadata"]["managedFields"][0]["subresource"] = "status"
    assert not check(thing).findings


def test_the_manifest_applied_last_is_evidence() -> None:
    finding = only(check(served(**{LAST: json.dumps(OLD)})))
    assert [evidence.kind for evidence in finding.evidence] == ["last-applied"]
    assert not finding.is_stale


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"apiVersion": 1, "kind": []}', '{"apiVersion": "batch/v1"}'])
def test_an_annotation_that_says_nothing_is_no_evidence(text: str) -> None:
    assert not check(served(**{LAST: text})).findings


@pytest.mark.parametrize("fields", [None, 1, "x", [1], [{"time": 3}], [{"apiVersion": None}]])
def test_odd_managed_fields_end_nothing(fields: object) -> None:
    thing = served()
    thing["metadata"]["managedFields"] = fields
    assert not check(thing).findings


def test_both_are_one_finding() -> None:
    thing = served(("kubectl-client-side-apply", "batch/v1beta1", "2024-01-01T00:00:00Z"), **{LAST: json.dumps(OLD)})
    assert [evidence.kind for evidence in only(check(thing)).evidence] == ["managed-fields", "last-applied"]


# ---- Helm -----------------------------------------------------------------------------------------------------------

MANIFEST = 'apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: nightly}\nspec: {schedule: "* * * * *"}\n'


def secret(revision: int, manifest: str, status: str = "deployed", **replaced: object) -> dict[str, Any]:
    content = {"name": "shop", "namespace": "n", "version": revision, "info": {"status": status}, "manifest": manifest}
    packed = base64.b64encode(gzip.compress(json.dumps(content | replaced).encode()))
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "helm.sh/release.v1",
        "metadata": {"name": f"sh.helm.release.v1.shop.v{revision}", "namespace": "n"},
        "data": {"release": base64.b64encode(packed).decode()},
    }


def test_the_newest_revision_counts() -> None:
    finding = only(check(secret(1, MANIFEST, "superseded"), secret(2, MANIFEST)))
    assert str(finding.object) == "CronJob/n/nightly"
    assert "revision 2 of the Helm release shop" in finding.evidence[0].detail
    assert not check(secret(1, MANIFEST, "superseded"), secret(2, MANIFEST.replace("v1beta1", "v1"))).findings


def test_a_failed_revision_does_not_hide_the_deployed_one() -> None:
    findings = check(secret(2, MANIFEST), secret(3, MANIFEST.replace("v1beta1", "v1"), "failed"))
    assert "revision 2" in only(findings).evidence[0].detail


def test_a_release_adds_to_what_is_found_already() -> None:
    old = {**OLD, "metadata": {"name": "nightly", "namespace": "n"}, "spec": {"schedule": "* * * * *"}}
    finding = only(check(old, secret(2, MANIFEST)))
    assert [evidence.kind for evidence in finding.evidence] == ["object", "helm"]
    assert finding.severity is Severity.ERROR


def test_one_broken_release_does_not_end_the_run() -> None:
    broken = secret(2, MANIFEST)
    broken["data"]["release"] = "zzz"
    broken["metadata"]["name"] = "other"
    found = check(broken, secret(2, MANIFEST))
    assert len(found.findings) == 1
    assert found.is_partial
    assert "can't be read" in found.problems[0].message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "no `data.release`"),
        ({"release": 7}, "no `data.release`"),
        ({"release": base64.b64encode(b"///").decode()}, "unpacked"),
        ({"release": base64.b64encode(base64.b64encode(b"\x1f\x8bxx")).decode()}, "unpacked"),
        ({"release": base64.b64encode(base64.b64encode(b"{}")).decode()}, "no manifest"),
        ({"release": base64.b64encode(base64.b64encode(b"[" * 100_000)).decode()}, "unpacked"),
    ],
)
def test_what_is_no_release_has_words(data: object, words: str) -> None:
    with pytest.raises(BadRelease, match=words):
        read_release({"kind": "Secret", "data": data})


def test_a_bomb_is_refused() -> None:
    bomb = base64.b64encode(base64.b64encode(gzip.compress(b" " * 70_000_000))).decode()
    with pytest.raises(BadRelease, match="larger than"):
        read_release({"data": {"release": bomb}})
