from __future__ import annotations

import pytest

from skel.kube.gvk import group_of, gvk, split_gvk


@pytest.mark.parametrize(
    ("api_version", "kind", "text", "group"),
    [
        ("apps/v1", "Deployment", "apps/v1.Deployment", "apps"),
        ("v1", "Pod", "v1.Pod", ""),
        ("networking.k8s.io/v1beta1", "Ingress", "networking.k8s.io/v1beta1.Ingress", "networking.k8s.io"),
    ],
)
def test_there_and_back(api_version: str, kind: str, text: str, group: str) -> None:
    assert gvk(api_version, kind) == text
    assert split_gvk(text) == (api_version, kind)
    assert group_of(api_version) == group


def test_a_kind_alone() -> None:
    assert split_gvk("Pod") == ("", "Pod")
