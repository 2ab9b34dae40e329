from __future__ import annotations

from typing import Any

import pytest

from skel.kube.pod_template import pod_specs, pod_templates
from skel.patch.pointer import Pointer

IN_SPEC = ("spec", "template")


@pytest.mark.parametrize(
    ("gvk", "template"),
    [
        ("v1.Pod", ()),
        ("apps/v1.Deployment", IN_SPEC),
        ("extensions/v1beta1.Deployment", IN_SPEC),
        ("apps/v1beta2.ReplicaSet", IN_SPEC),
        ("apps/v1.StatefulSet", IN_SPEC),
        ("extensions/v1beta1.DaemonSet", IN_SPEC),
        ("batch/v1.Job", IN_SPEC),
        ("v1.ReplicationController", IN_SPEC),
        ("batch/v1beta1.CronJob", ("spec", "jobTemplate", "spec", "template")),
        ("v1.PodTemplate", ("template",)),
    ],
)
def test_built_in_kinds(gvk: str, template: Pointer) -> None:
    # What a trace says of a built-in kind does not count: of a ReplicaSet it says `/spec`.
    tracked = {gvk: {"podSpecTemplatePaths": ["/elsewhere"]}}
    assert pod_templates(gvk, tracked) == (template,)
    assert pod_specs(gvk, {}) == ((*template, "spec"),)


@pytest.mark.parametrize("gvk", ["v1.Service", "example.com/v1.Job", "Pod.Node", "", "apps/v1.deployment"])
def test_kinds_without_pods(gvk: str) -> None:
    assert pod_templates(gvk, {}) == ()


@pytest.mark.parametrize(
    ("entry", "templates"),
    [
        ({"podSpecTemplatePaths": ["/spec/template"]}, (IN_SPEC,)),
        ({"podSpecTemplatePaths": ["/spec/a/*/template", "/b~1c"]}, (("spec", "a", "*", "template"), ("b/c",))),
        ({"podSpecTemplatePaths": [""]}, ((),)),
        ({"podSpecTemplatePaths": ["/a", "/a"]}, (("a",),)),
        ({"podSpecTemplatePath": "/spec/template"}, (IN_SPEC,)),
        ({"podSpecTemplatePath": "/old", "podSpecTemplatePaths": ["/new"]}, (("new",),)),
        ({"podSpecTemplatePaths": []}, ()),
        ({"podSpecTemplatePaths": "/a"}, ()),
        ({"podSpecTemplatePaths": ["a", "/~", 1, None]}, ()),
        ({}, ()),
        (None, ()),
        ("/a", ()),
    ],
)
def test_tracked_kinds(entry: Any, templates: tuple[Pointer, ...]) -> None:
    assert pod_templates("example.com/v1.Fleet", {"example.com/v1.Fleet": entry}) == templates
