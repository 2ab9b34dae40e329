from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.kube import release, tables
from skel.kube.release import (
    Served,
    TargetIsOlder,
    UnknownRelease,
    data_info,
    hops,
    is_builtin_group,
    life,
    lookup,
    minors,
    parse_release,
    served,
    subresources,
    successor,
)

EXTENSIONS = "apiextensions.k8s.io"
FLOW = "flowcontrol.apiserver.k8s.io"


def number(minor: str) -> int:
    return int(minor.removeprefix("1."))


def test_minors_ascend_without_gap() -> None:
    assert minors()[0] == "1.13"
    assert [number(minor) for minor in minors()] == list(range(13, 13 + len(minors())))
    assert len(minors()) >= 24


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1.25", "1.25"),
        ("v1.25", "1.25"),
        ("v1.25.3", "1.25"),
        ("1.25.3-eks-1", "1.25"),
        ("v1.27.3-gke.100", "1.27"),
        ("v1.29.4+k3s1", "1.29"),
        ("1.30.0-rc.1", "1.30"),
        ("1.24+", "1.24"),
    ],
)
def test_releases(text: str, minor: str) -> None:
    assert parse_release(text) == minor


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("25", "did you mean 1.25?"),
        ("25+", "did you mean 1.25?"),
        ("1.99", "there is no data for Kubernetes 1.99"),
        ("1.12.3", "there is no data for Kubernetes 1.12"),
        ("1.2", "there is no data for Kubernetes 1.2 "),
        ("2.0", "'2.0' is not a release"),
        ("1", "write it as 1.25"),
        ("", "''"),
        ("latest", "'latest'"),
        (" 1.25", "' 1.25'"),
        ("1.25\n", "is not a release"),
        ("1.025", "is not a release"),
        ("1.25.", "is not a release"),
        ("1.25.3.4", "is not a release"),
        ("1.\uff12\uff15", "is not a release"),
        ("1.25 1.26", "is not a release"),
    ],
)
def test_what_is_no_known_release(text: str, words: str) -> None:
    with pytest.raises(UnknownRelease) as caught:
        parse_release(text)
    assert words in str(caught.value)
    assert f"known: 1.13 to {minors()[-1]}" in str(caught.value)


@given(st.text(max_size=12) | st.from_regex(r"v?1\.[0-9]{1,3}(\.[0-9]+)?(-[a-z.]+)?", fullmatch=True))
def test_any_text_is_a_minor_or_an_error(text: str) -> None:
    try:
        assert parse_release(text) in minors()
    except UnknownRelease as error:
        assert "known: " in str(error)


def test_hops() -> None:
    assert hops("1.24", "v1.27.2") == ("1.25", "1.26", "1.27")
    assert hops("1.24.1", "1.24.9") == ()
    with pytest.raises(TargetIsOlder, match=r"1\.24 is older than 1\.25"):
        hops("1.25", "1.24")
    with pytest.raises(UnknownRelease):
        hops("1.25", "1.99")


@given(st.lists(st.sampled_from(minors()), min_size=3, max_size=3).map(lambda found: sorted(found, key=number)))
def test_a_way_is_its_parts(way: list[str]) -> None:
    first, middle, last = way
    assert hops(first, middle) + hops(middle, last) == hops(first, last)


# From the deprecation guide and the release notes.
LIVES = [
    ("batch/v1beta1", "CronJob", "1.8", "1.21", "1.25", ("batch/v1", "CronJob")),
    ("extensions/v1beta1", "Deployment", "1.1", "1.8", "1.16", ("apps/v1", "Deployment")),
    ("extensions/v1beta1", "Ingress", "1.1", "1.14", "1.22", ("networking.k8s.io/v1", "Ingress")),
    ("apps/v1beta2", "StatefulSet", "1.8", "1.9", "1.16", ("apps/v1", "StatefulSet")),
    ("policy/v1beta1", "PodSecurityPolicy", "1.10", "1.21", "1.25", None),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.12", "1.23", "1.26", ("autoscaling/v2", None)),
    (f"{FLOW}/v1beta1", "FlowSchema", "1.20", "1.23", "1.26", (f"{FLOW}/v1", "FlowSchema")),
    (f"{FLOW}/v1beta3", "FlowSchema", "1.26", "1.29", "1.32", (f"{FLOW}/v1", "FlowSchema")),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", "1.21", "1.24", "1.27", ("storage.k8s.io/v1", None)),
    (
        "apiextensions.k8s.io/v1beta1",
        "CustomResourceDefinition",
        "1.7",
        "1.16",
        "1.22",
        ("apiextensions.k8s.io/v1", None),
    ),
    ("apiregistration.k8s.io/v1beta1", "APIService", "1.7", "1.19", "1.22", ("apiregistration.k8s.io/v1", None)),
    ("v1", "Pod", "1.0", "", "", None),
    ("apps/v1", "Deployment", "1.9", "", "", None),
    ("batch/v1", "CronJob", "1.21", "", "", None),
]


@pytest.mark.parametrize(("api_version", "kind", "introduced", "deprecated", "removed", "heir"), LIVES)
def test_lives(
    api_version: str,
    kind: str,
    introduced: str,
    deprecated: str,
    removed: str,
    heir: tuple[str, str | None] | None,
) -> None:
    found = life(api_version, kind)
    assert found is not None
    assert (found.introduced, found.deprecated, found.removed) == (introduced, deprecated, removed)
    assert found.replacement == (heir and (heir[0], heir[1] or kind))


def test_a_life_in_steps() -> None:
    found = life("extensions/v1beta1", "Deployment")
    assert found is not None
    assert (found.removed, found.gone) == ("1.16", "1.18")
    assert found.planned == ""
    assert life("example.com/v1", "Widget") is None
    assert life("v1", "Deployment") is None


def test_planned_dates_are_wrong_for_what_went_sooner() -> None:
    found = life("certificates.k8s.io/v1alpha1", "PodCertificateRequest")
    assert found is not None
    assert (found.deprecated, found.removed) == ("", "1.35")


def test_a_subresource_kind_is_taken_longer_than_the_openapi_says() -> None:
    found = life("policy/v1beta1", "Eviction")
    assert found is not None
    assert (found.removed, found.replacement) == ("1.25", ("policy/v1", "Eviction"))


def test_what_was_lost_from_1_16_to_1_36() -> None:
    lost = [row for row in tables.kind_rows().values() if is_lost_api(row)]
    assert len(lost) == 54
    assert sum(bool(row.on) for row in lost) == 51


def is_lost_api(row: tables.KindRow) -> bool:
    found = life(row.api_version, row.kind)
    assert found is not None
    alpha = "alpha" in row.api_version
    return bool(found.removed) and not alpha and not row.is_subresource and 16 <= number(found.removed) <= 36


@pytest.mark.parametrize("gvk", list(tables.kind_rows()), ids=".".join)
def test_a_life_agrees_with_what_is_served(gvk: tuple[str, str]) -> None:
    found = life(*gvk)
    assert found is not None
    if tables.kind_rows()[gvk].is_subresource:
        return
    entries = {minor: lookup(*gvk, minor) for minor in minors()}
    for minor, entry in entries.items():
        if found.removed and number(minor) >= number(found.removed):
            assert entry is None or not entry.on_by_default
        if found.gone and number(minor) >= number(found.gone):
            assert entry is None
    assert found.removed == "" or found.planned == ""
    assert found.gone == "" or entries[minors()[number(found.gone) - 14]] is not None
    if found.replacement:
        assert lookup(*found.replacement, minors()[-1]) or found.replacement in subresources(minors()[-1])


@pytest.mark.parametrize(
    ("gvk", "minor", "on"),
    [
        (("apps/v1beta1", "Deployment"), "1.15", True),
        (("apps/v1beta1", "Deployment"), "1.16", False),
        (("extensions/v1beta1", "NetworkPolicy"), "1.17", False),
        (("extensions/v1beta1", "Ingress"), "1.17", True),
        (("batch/v1beta1", "CronJob"), "1.24", True),
        (("batch/v2alpha1", "CronJob"), "1.20", False),
        (("storage.k8s.io/v1beta1", "CSIStorageCapacity"), "1.26", True),
        (("autoscaling/v2beta2", "HorizontalPodAutoscaler"), "1.25", True),
        ((f"{FLOW}/v1beta2", "FlowSchema"), "1.28", True),
        ((f"{FLOW}/v1beta3", "FlowSchema"), "1.26", True),
        (("admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy"), "1.28", False),
        (("networking.k8s.io/v1beta1", "IPAddress"), "1.31", False),
        (("coordination.k8s.io/v1beta1", "Lease"), "1.21", True),
        (("coordination.k8s.io/v1beta1", "LeaseCandidate"), "1.33", False),
        (("resource.k8s.io/v1beta1", "ResourceClaim"), "1.32", False),
        (("resource.k8s.io/v1", "ResourceClaim"), "1.34", True),
    ],
)
def test_on_by_default(gvk: tuple[str, str], minor: str, on: bool) -> None:
    entry = lookup(*gvk, minor)
    assert entry is not None
    assert entry.on_by_default is on


@pytest.mark.parametrize(
    ("gvk", "resource", "namespaced"),
    [
        (("v1", "Pod"), "pods", True),
        (("v1", "Namespace"), "namespaces", False),
        (("v1", "Node"), "nodes", False),
        (("v1", "Endpoints"), "endpoints", True),
        (("v1", "Binding"), "bindings", True),
        (("networking.k8s.io/v1", "Ingress"), "ingresses", True),
        (("rbac.authorization.k8s.io/v1", "ClusterRole"), "clusterroles", False),
        (("apiextensions.k8s.io/v1", "CustomResourceDefinition"), "customresourcedefinitions", False),
        (("authorization.k8s.io/v1", "LocalSubjectAccessReview"), "localsubjectaccessreviews", True),
    ],
)
def test_resources(gvk: tuple[str, str], resource: str, namespaced: bool) -> None:
    assert lookup(*gvk, "1.25") == Served(*gvk, resource, namespaced, on_by_default=True)


@pytest.mark.parametrize("kind", ["PodList", "List", "DeleteOptions", "Scale", "Eviction", "Status", "PodExecOptions"])
def test_what_is_no_object_of_its_own(kind: str) -> None:
    for minor in minors():
        assert not [gvk for gvk in served(minor) if gvk[1] == kind and gvk[0] != "lifecycle.k8s.io/v1alpha1"]


def test_subresources() -> None:
    assert subresources("1.25")["policy/v1", "Eviction"].resource == "pods/eviction"
    assert subresources("1.25")["autoscaling/v1", "Scale"].resource == "*/scale"
    assert subresources("1.25")["authentication.k8s.io/v1", "TokenRequest"].resource == "serviceaccounts/token"


@pytest.mark.parametrize(
    ("gvk", "minor", "heir"),
    [
        (("extensions/v1beta1", "PodSecurityPolicy"), "1.16", ("policy/v1beta1", "PodSecurityPolicy")),
        (("extensions/v1beta1", "PodSecurityPolicy"), "1.25", None),
        ((f"{FLOW}/v1beta1", "FlowSchema"), "1.26", (f"{FLOW}/v1beta3", "FlowSchema")),
        ((f"{FLOW}/v1beta1", "FlowSchema"), "1.29", (f"{FLOW}/v1", "FlowSchema")),
        (("extensions/v1beta1", "Ingress"), "1.18", ("networking.k8s.io/v1beta1", "Ingress")),
        (("autoscaling/v2beta1", "HorizontalPodAutoscaler"), "1.25", ("autoscaling/v2", "HorizontalPodAutoscaler")),
        (("batch/v1", "CronJob"), "1.20", ("batch/v1beta1", "CronJob")),
        (("coordination.k8s.io/v1alpha2", "LeaseCandidate"), "1.33", ("coordination.k8s.io/v1beta1", "LeaseCandidate")),
        (("example.com/v1", "Widget"), "1.33", None),
    ],
)
def test_successors(gvk: tuple[str, str], minor: str, heir: tuple[str, str] | None) -> None:
    assert successor(*gvk, minor) == heir


def test_groups() -> None:
    assert is_builtin_group("v1")
    assert is_builtin_group("extensions/v1beta1")
    assert is_builtin_group("apps/v9")
    assert not is_builtin_group("cert-manager.io/v1")
    assert not is_builtin_group("snapshot.storage.k8s.io/v1")


def test_unknown_releases_are_refused_everywhere() -> None:
    for ask in (served, subresources, lambda minor: lookup("v1", "Pod", minor)):
        with pytest.raises(UnknownRelease):
            ask("1.99")


def test_data_info() -> None:
    info = data_info()
    assert str(info) == f"1.13 to {minors()[-1]}, checked {info.checked}"
    assert len(info.checked) == len("2026-01-01")
    assert all(origin.version.startswith(f"v{origin.minor}.") for origin in info.origins)
    assert len({origin.sha256 for origin in info.origins}) == len(minors())


def test_the_first_look_is_quick() -> None:
    assert min(first_look() for _ in range(5)) < 0.015


def first_look() -> float:
    caches = (release.served, release.minors, release.data_info, tables.kind_rows, tables.origin, tables.minor_names)
    for cached in (*caches, tables.positions):
        cached.cache_clear()
    start = time.perf_counter()
    assert served("1.25")
    return time.perf_counter() - start
