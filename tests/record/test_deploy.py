"""The image and the manifests that run a recorder inside of a cluster: valid, clean, and with no right too many."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from skel import __version__
from skel.cli.main import run as skel
from skel.cli.record import command
from skel.kube.gvk import group_of, split_gvk
from skel.kube.release import lookup, minors
from skel.kube.schema import validate
from skel.record.tracked import Tracked, from_config, usual

Json = Any
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "deploy" / "recorder"
MANIFESTS = sorted(FOLDER.glob("*.yaml"))


def documents() -> list[Json]:
    return [document for file in MANIFESTS for document in yaml.safe_load_all(file.read_text("utf-8"))]


def the(kind: str) -> Json:
    (found,) = (document for document in documents() if document["kind"] == kind)
    return found


def tracked() -> Tracked:
    return from_config(yaml.safe_load(the("ConfigMap")["data"]["tracer.yaml"]), "tracer.yaml")


@pytest.mark.parametrize("minor", ["1.25", "1.29", "1.33", minors()[-1]])
def test_every_field_is_known_to_the_release(minor: str) -> None:
    for document in documents():
        assert validate(document, minor) == (), document["kind"]


def test_check_finds_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert skel(["check", str(FOLDER), "--from", "1.25", "--to", minors()[-1]]) == 0
    assert "no findings" in capfd.readouterr().out


def test_the_rights_are_those_that_the_configuration_needs() -> None:
    granted = {
        (group, resource): set(rule["verbs"])
        for rule in the("ClusterRole")["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    needed = {}
    for kind in tracked():
        api_version, word = split_gvk(kind.gvk)
        served = lookup(api_version, word, "1.25")
        assert served is not None
        needed[group_of(api_version), served.resource] = {"get", "list", "watch"}
    # Between a pod and its Deployment.
    assert granted == {**needed, ("apps", "replicasets"): {"get"}}
    assert not any(resource == "secrets" for _, resource in granted)


def test_kinds_are_recorded_as_they_usually_are() -> None:
    assert [kind for kind in tracked() if kind != usual(kind.gvk)] == []


def test_the_recorder_has_no_power_over_its_node() -> None:
    pod = the("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] != 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert not [volume for volume in pod["volumes"] if "hostPath" in volume]
    assert the("Deployment")["spec"]["replicas"] == 1


def test_the_command_is_one() -> None:
    (container,) = the("Deployment")["spec"]["template"]["spec"]["containers"]
    verb, *words = container["args"]
    assert verb == "record"
    context = click.Context(command, info_name="record")
    command.parse_args(context, list(words))
    assert context.params["serve"] == f":{container['ports'][0]['containerPort']}"
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert Path(context.params["journal"]).parts[:2] == ("/", "journal")
    assert {"/journal", "/config", "/tmp"} == mounts


def test_the_image() -> None:
    text = (FOLDER / "Dockerfile").read_text("utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert {re.fullmatch(r"python:3\.\d+-slim-\w+", base) is not None for base in bases} == {True}
    (user,) = re.findall(r"^USER (\d+):\d+$", text, re.MULTILINE)
    assert int(user) != 0
    assert f"ARG SKEL_VERSION={__version__}\n" in text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (package, extras) = re.findall(r'"([\w-]+)\[([\w,]+)\]==\$\{SKEL_VERSION\}"', text)[0]
    assert package == project["name"]
    assert set(extras.split(",")) <= project["optional-dependencies"].keys()
    assert 'ENTRYPOINT ["skel"]' in text
