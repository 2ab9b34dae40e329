"""The image and the manifests that run a replay inside of a cluster: valid, clean, and with no right too many."""

from __future__ import annotations

import asyncio
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from skel import __version__
from skel.cli.main import run as skel
from skel.client.errors import Disconnected
from skel.client.request import Request, Response
from skel.cluster.components import kwok_config
from skel.cluster.state import Ports, State
from skel.kube.gvk import group_of
from skel.kube.release import lookup, minors
from skel.kube.schema import validate
from skel.replay.driver import Driver
from skel.replay.observe import kinds_of
from skel.replay.plan import Plan
from skel.replay.retry import Patience
from skel.replay.schedule import Window
from skel.trace.model import Trace
from tests.replay.upgrade_world import World

Json = Any
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "deploy"
STAGES = FOLDER / "stages.yaml"
MANIFESTS = sorted(file for file in FOLDER.glob("*.yaml") if file != STAGES)
TRACE = ROOT / "examples" / "traces" / "shop.sktrace"
Right = tuple[str, str, str]
"""Group, resource and verb."""


def documents(file: Path) -> list[Json]:
    return list(yaml.safe_load_all(file.read_text("utf-8")))


@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: file.name)
@pytest.mark.parametrize("minor", ["1.25", "1.29", "1.33", minors()[-1]])
def test_every_field_is_known_to_the_release(file: Path, minor: str) -> None:
    for document in documents(file):
        assert validate(document, minor) == (), document["kind"]


def test_the_stages_are_those_of_our_own_control_planes() -> None:
    head, *stages = yaml.safe_load_all(kwok_config(State("x", "1.25.16", "", "", Ports(1, 2, 3, 4, 5, 6), 0.0)))
    assert head["kind"] == "KwokConfiguration"
    assert documents(STAGES) == stages


def test_check_finds_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert skel(["check", str(FOLDER), "--from", "1.25", "--to", minors()[-1]]) == 0
    assert "no findings" in capfd.readouterr().out


def jobs() -> list[Json]:
    found = [document for file in MANIFESTS for document in documents(file) if document["kind"] == "Job"]
    assert len(found) == 2
    return found


@pytest.mark.parametrize("job", jobs(), ids=["volume", "config map"])
def test_the_job_has_no_power_over_its_node(job: Json) -> None:
    pod = job["spec"]["template"]["spec"]
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
    assert pod["terminationGracePeriodSeconds"] > Plan(trace=Trace.make([], {}, {}, {}), simulation="x").rooms.clean_up
    assert job["spec"]["backoffLimit"] == 0


@pytest.mark.parametrize("job", jobs(), ids=["volume", "config map"])
def test_the_command_of_the_job_is_one(job: Json, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Everywhere but in a pod it ends with this one complaint: every option of it is known."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert {"/trace", "/runs"} <= mounts
    here = [word.replace("/trace/shop.sktrace", str(TRACE)) for word in container["args"]]
    words = [word.replace("/runs", str(tmp_path)) for word in here]
    assert skel(words) == 2
    assert "this is none" in capfd.readouterr().err


def test_the_image() -> None:
    text = (FOLDER / "Dockerfile").read_text("utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert {re.fullmatch(r"python:3\.\d+-slim-\w+", base) is not None for base in bases} == {True}
    (user,) = re.findall(r"^USER (\d+):\d+$", text, re.MULTILINE)
    assert int(user) != 0
    assert f"ARG SKEL_VERSION={__version__}\n" in text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (package, extra) = re.findall(r'"([\w-]+)\[(\w+)\]==\$\{SKEL_VERSION\}"', text)[0]
    assert package == project["name"]
    assert extra in project["optional-dependencies"]
    assert 'ENTRYPOINT ["skel"]' in text
    images = {container["image"] for job in jobs() for container in job["spec"]["template"]["spec"]["containers"]}
    assert images == {f"registry.example/skel:{__version__}"}


class Forgetful(World):
    """Loses the first answer to each write, so that the driver has to look; remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.objects["", "configmaps", "kube-system", "skel-simulation"] = {"metadata": {"name": "skel-simulation"}}
        self.asked: list[Request] = []
        self._lost: set[str] = set()

    async def send(self, request: Request) -> Response:
        self.asked.append(request)
        response = await super().send(request)
        place = f"{request.method} {request.path}"
        if request.method in {"PATCH", "POST"} and place not in self._lost:
            self._lost.add(place)
            raise Disconnected("the answer is lost")
        return response


def rights(request: Request) -> set[Right]:
    """What RBAC asks for; nothing for what everybody may read. An apply that makes an object needs `create` as well."""
    parts = request.path.strip("/").split("/")
    rest = parts[2:] if parts[0] == "api" else parts[3:]
    if not rest:
        return set()
    if rest[0] == "namespaces" and len(rest) > 2:
        rest = rest[2:]
    group = "" if parts[0] == "api" else parts[1]
    verbs = {"GET": {"get"}, "POST": {"create"}, "DELETE": {"delete"}, "PATCH": {"patch", "create"}}[request.method]
    if request.method == "GET" and len(rest) == 1:
        verbs = {"list"}
    return {(group, rest[0], verb) for verb in verbs}


def asked_by_the_driver(trace: Trace) -> set[Right]:
    server = Forgetful()
    patience = Patience(total=5.0, first=0.001, longest=0.001)
    plan = Plan(trace, "sim-1", window=Window(speed=None), at_once=1, patience=patience)
    result = asyncio.run(Driver(plan, server).run())
    assert (result.ended, result.error) == ("complete", "")
    return {right for request in server.asked for right in rights(request)}


def asked_by_the_observation(trace: Trace) -> set[Right]:
    """Watches of pods, events, nodes and all that the trace applies; owners of pods; lifetimes written on pods."""
    watched = {("", "pods"), ("", "events"), ("", "nodes")}
    for api_version, kind in kinds_of(trace):
        served = next(filter(None, (lookup(api_version, kind, minor) for minor in reversed(minors()))))
        watched.add((group_of(api_version), served.resource))
    owners = {("apps", "replicasets", "get"), ("batch", "jobs", "get")}
    return {(*thing, verb) for thing in watched for verb in ("list", "watch")} | owners | {("", "pods", "patch")}


def granted() -> tuple[set[Right], set[str]]:
    (role,) = [one for one in documents(FOLDER / "access.yaml") if one["kind"] == "ClusterRole"]
    found: set[Right] = set()
    urls: set[str] = set()
    for rule in role["rules"]:
        assert "*" not in {*rule["verbs"], *rule.get("resources", ()), *rule.get("apiGroups", ())}
        urls |= set(rule.get("nonResourceURLs", ()))
        found |= {
            (group, resource, verb)
            for group in rule.get("apiGroups", ())
            for resource in rule.get("resources", ())
            for verb in rule["verbs"]
        }
    return found, urls


def test_the_rights_are_those_that_a_replay_of_the_example_needs() -> None:
    trace = Trace.from_bytes(TRACE.read_bytes())
    needed = asked_by_the_driver(trace) | asked_by_the_observation(trace)
    allowed, urls = granted()
    assert sorted(needed - allowed) == []
    assert sorted(allowed - needed) == [], "a right that nothing asks for"
    assert urls == {"/metrics"}


def test_the_mark_can_be_looked_for_and_nothing_else_in_kube_system() -> None:
    (role,) = [one for one in documents(FOLDER / "access.yaml") if one["kind"] == "Role"]
    assert role["metadata"]["namespace"] == "kube-system"
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["skel-simulation"], "verbs": ["get"]}
    ]


def test_whoever_is_bound_exists() -> None:
    found = documents(FOLDER / "access.yaml")
    names = {(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in found}
    for binding in (one for one in found if one["kind"].endswith("Binding")):
        role = binding["roleRef"]
        assert (role["kind"], binding["metadata"].get("namespace"), role["name"]) in names
        for subject in binding["subjects"]:
            assert (subject["kind"], subject["namespace"], subject["name"]) in names
    for job in jobs():
        assert (
            "ServiceAccount",
            job["metadata"]["namespace"],
            job["spec"]["template"]["spec"]["serviceAccountName"],
        ) in names
