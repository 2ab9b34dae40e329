from __future__ import annotations

import pytest

from skel.cluster.errors import ClusterError
from skel.cluster.versions import Product, etcd, kubernetes, kwok, pinned, substitutes
from skel.kube.release import minors


def test_a_minor_is_its_pinned_patch() -> None:
    assert kubernetes("1.24") == Product("kubernetes", "1.24.17")
    assert kubernetes("v1.25").version == pinned()["1.25"]


def test_a_patch_is_itself() -> None:
    assert kubernetes("v1.25.3").version == "1.25.3"


def test_a_build_of_a_vendor_is_the_pinned_patch() -> None:
    assert kubernetes("1.25.3-eks-1").version == "1.25.16"


@pytest.mark.parametrize("text", ["1.99", "latest", "", "1.25.x"])
def test_what_is_no_release_is_refused(text: str) -> None:
    with pytest.raises(ClusterError, match=r"1\.\d+ to 1\.\d+"):
        kubernetes(text)


def test_a_release_that_is_known_but_too_old_to_run_says_which_are_not() -> None:
    with pytest.raises(ClusterError, match=r"a control plane of Kubernetes 1\.19") as caught:
        kubernetes("1.19")
    assert "1.24 to" in caught.value.hint


def test_every_minor_from_the_first_on_can_run() -> None:
    known = list(minors())
    assert list(pinned()) == known[known.index("1.24") :]


def test_programs() -> None:
    assert kubernetes("1.25").programs == ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    assert (etcd().programs, kwok().programs) == (("etcd",), ("kwok",))


def test_substitutes_belong_to_pinned_patches() -> None:
    assert substitutes(kubernetes("1.25"))["controller-manager"] == "0.24.17"
    assert substitutes(kubernetes("1.26"))["controller-manager"] == "0.26.13"
    assert not substitutes(kubernetes("1.24"))
