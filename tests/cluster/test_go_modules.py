from __future__ import annotations

from skel.cluster.go_modules import main_module, recipe, replaced
from skel.cluster.versions import Product, etcd, kwok

KUBERNETES = Product("kubernetes", "1.25.16")
PUBLISHED = """\
module k8s.io/kubernetes

go 1.19

require (
	github.com/blang/semver v3.5.1+incompatible
	k8s.io/api v0.0.0
)

replace (
	github.com/blang/semver => github.com/blang/semver v3.5.1+incompatible
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/kube-scheduler => ./staging/src/k8s.io/kube-scheduler
)
"""


def test_the_module_to_build_in_keeps_every_pin() -> None:
    text = main_module(PUBLISHED, KUBERNETES)
    assert text.startswith("module skel.invalid/build\n")
    assert "\tgithub.com/blang/semver => github.com/blang/semver v3.5.1+incompatible\n" in text
    assert "\tk8s.io/api => k8s.io/api v0.25.16\n" in text
    assert "staging" not in text
    assert text.endswith("\nrequire k8s.io/kubernetes v1.25.16\n")


def test_a_substitute_changes_one_module_only() -> None:
    text = main_module(PUBLISHED, KUBERNETES)
    changed = replaced(text, "kube-scheduler", "0.25.9")
    assert "k8s.io/kube-scheduler => k8s.io/kube-scheduler v0.25.9" in changed
    assert changed.replace("kube-scheduler v0.25.9", "kube-scheduler v0.25.16") == text


def test_a_program_of_kubernetes_will_say_its_version() -> None:
    steps = recipe(KUBERNETES)
    assert steps.packages["kube-apiserver"] == "k8s.io/kubernetes/cmd/kube-apiserver"
    assert "-X k8s.io/component-base/version.gitVersion=v1.25.16" in steps.flags[-1]
    assert "-X k8s.io/component-base/version.gitMinor=25" in steps.flags[-1]


def test_the_others_are_modules_of_their_own() -> None:
    assert recipe(etcd()).packages == {"etcd": "go.etcd.io/etcd/server/v3"}
    assert recipe(kwok()).packages == {"kwok": "sigs.k8s.io/kwok/cmd/kwok"}
    assert f"Version=v{kwok().version}" in recipe(kwok()).flags[-1]
