"""The packs of add-ons: tied to the releases of the add-on, the same by hops as in one jump, and complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest

from skel.findings.model import Finding
from skel.kube.version import version_key
from skel.packs.cases import Manifest
from skel.packs.manifest import Pack
from skel.packs.registry import find
from skel.packs.suites import pack_suite
from skel.packs.trial import trace_of
from skel.patch.values import equal_json
from skel.trace.codec import decode_object
from skel.trace.model import Trace
from skel.upgrade.checking import check, prepare
from skel.upgrade.migrating import migrate_trace, repair

RELEASES = {
    "cert-manager": (
        "0.10",
        "0.11",
        "0.12",
        "1.0",
        "1.3",
        "1.4",
        "1.5",
        "1.6",
        "1.8",
        "1.9",
        "1.17",
        "1.18",
        "1.19",
        "1.21",
    ),
    "karpenter": ("0.31", "0.32", "0.33", "0.37", "1.0", "1.1", "1.6", "1.14"),
}
"""Releases on the way from the oldest that a pack knows to the newest; each one that changes something is there."""
SERVED = {
    "cert-manager": {"cert-manager.io/v1", "acme.cert-manager.io/v1"},
    "karpenter": {"karpenter.sh/v1", "karpenter.k8s.aws/v1"},
}
"""What the newest release serves in the groups of the add-on."""

CERTIFICATE: Manifest = {
    "apiVersion": "cert-manager.io/v1alpha2",
    "kind": "Certificate",
    "metadata": {"name": "shop-tls", "namespace": "shop"},
    "spec": {"secretName": "shop-tls", "dnsNames": ["shop.example.com"], "issuerRef": {"name": "ca"}},
}


@dataclass(frozen=True, slots=True)
class Subject:
    """An object of a case."""

    pack: Pack
    name: str
    before: Manifest

    def __str__(self) -> str:
        return f"{self.pack.name}-{self.name}".replace(" ", "-")


def subjects() -> Iterator[Subject]:
    for name in RELEASES:
        suite = pack_suite(find(name).folder)
        assert suite.pack is not None
        for entry in suite.entries:
            for case in entry.cases:
                yield Subject(suite.pack, f"{entry.file.stem}-{case.name}", case.before)


SUBJECTS = tuple(subjects())


def migrated(pack: Pack, trace: Trace, source: str, target: str, *, unsafe: bool = True) -> Trace:
    upgrade = prepare(components={pack.component: (source, target)}, packs=[pack])
    return migrate_trace(upgrade, trace, repair=repair(upgrade, unsafe=unsafe)).trace


def objects(trace: Trace) -> list[Manifest]:
    return [decode_object(raw) for event in trace.events for raw in event.applied_objs]


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("name", RELEASES)
def test_hops_equal_one_jump(name: str, *, unsafe: bool) -> None:
    """All objects of all cases in one trace, as the order of rules and of objects must not matter."""
    pack, releases = find(name), RELEASES[name]
    trace = trace_of([subject.before for subject in SUBJECTS if subject.pack.name == name])
    jumped = migrated(pack, trace, releases[0], releases[-1], unsafe=unsafe)
    hopped = trace
    for source, target in pairwise(releases):
        hopped = migrated(pack, hopped, source, target, unsafe=unsafe)
    assert equal_json(objects(hopped), objects(jumped))
    assert equal_json(objects(migrated(pack, jumped, releases[0], releases[-1], unsafe=unsafe)), objects(jumped))


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_the_newest_release_serves_what_comes_out(subject: Subject) -> None:
    """In the groups of the add-on nothing is left in a version that is gone, and no owner is called by one."""
    pack, releases = subject.pack, RELEASES[subject.pack.name]
    for manifest in objects(migrated(pack, trace_of([subject.before]), releases[0], releases[-1])):
        owners = manifest["metadata"].get("ownerReferences", [])
        for version in (manifest["apiVersion"], *(owner["apiVersion"] for owner in owners)):
            group = version.partition("/")[0]
            assert group not in pack.groups or version in SERVED[pack.name]


@pytest.mark.parametrize("name", RELEASES)
def test_the_list_of_releases_is_complete(name: str) -> None:
    pack = find(name)
    assert {rule.since for rule in pack.rules} <= set(RELEASES[name])
    assert (pack.oldest, pack.newest) == (RELEASES[name][0], RELEASES[name][-1])
    since = [version_key(rule.since) for rule in pack.rules]
    assert since == sorted(since, key=lambda key: key or ())


def found(releases: tuple[str | None, str] | None) -> list[Finding]:
    components = {"cert-manager": releases} if releases else None
    return list(check(trace_of([CERTIFICATE]), components=components).findings)


def test_rules_follow_the_release_of_the_addon() -> None:
    """What Kubernetes it runs on plays no part."""
    assert [one.code for one in found(("1.5", "1.6"))] == ["CM120"]
    assert [one.severity.value for one in found(("1.5", "1.6"))] == ["error"]
    assert [(one.code, one.severity.value) for one in found(("1.3", "1.4"))] == [("CM120", "warning")], "announced"
    assert found(("1.2", "1.3")) == []
    assert {one.code for one in found((None, "1.18"))} == {"CM120", "CM140", "CM141"}


def test_without_the_release_nothing_is_said_but_that() -> None:
    result = check(trace_of([CERTIFICATE]))
    assert result.findings == ()
    (note,) = result.not_checked
    assert note.what == "cert-manager.io/v1alpha2 Certificate"
    assert "--component cert-manager=VERSION" in note.reason


def test_with_the_release_nothing_is_left_unchecked() -> None:
    assert check(trace_of([CERTIFICATE]), components={"cert-manager": (None, "1.6")}).not_checked == ()


@pytest.mark.parametrize(
    ("old", "disruption"),
    [
        ({}, {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "Never"}),
        ({"ttlSecondsAfterEmpty": 30}, {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "30s"}),
        ({"consolidation": {"enabled": False}}, {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "Never"}),
        (
            {"consolidation": {"enabled": True}},
            {"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "0s"},
        ),
    ],
)
def test_a_provisioner_keeps_its_way_to_remove_nodes(old: Manifest, disruption: Manifest) -> None:
    """Two defaults flip on the way, and each would let Karpenter replace nodes that it left alone."""
    provisioner = {"apiVersion": "karpenter.sh/v1alpha5", "kind": "Provisioner", "metadata": {"name": "a"}, "spec": old}
    (pool,) = objects(migrated(find("karpenter"), trace_of([provisioner]), "0.31", "1.4", unsafe=False))
    assert (pool["apiVersion"], pool["kind"]) == ("karpenter.sh/v1", "NodePool")
    assert pool["spec"]["disruption"] == disruption
    assert pool["spec"]["template"]["spec"]["expireAfter"] == "Never"
