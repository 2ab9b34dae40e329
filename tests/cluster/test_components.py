from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from skel.client.kubeconfig import load
from skel.cluster.components import command, kwok_config, scheduler_config
from skel.cluster.kubeconfig import write_kubeconfigs
from skel.cluster.pki import ADMIN, make_pki, tokens
from skel.cluster.state import COMPONENTS, Home, Ports, State

STATE = State("a", "1.24.17", "3.6.16", "0.8.0", Ports(20000, 20001, 20002, 20003, 20004, 20005), 0.0)
PLACE = Home(Path("/home/me/clusters/a"))


def line(component: str) -> tuple[str, ...]:
    return command(component, Path("/cache") / component, PLACE, STATE)


def flags(component: str) -> dict[str, str]:
    return dict(flag.split("=", 1) for flag in line(component)[1:])


@pytest.mark.parametrize("component", COMPONENTS)
def test_each_component_is_called_by_its_whole_path(component: str) -> None:
    assert line(component)[0] == f"/cache/{component}"


def test_everything_listens_on_the_loopback_address_alone() -> None:
    assert flags("etcd")["--listen-client-urls"] == "https://127.0.0.1:20001"
    assert flags("etcd")["--listen-peer-urls"] == "https://127.0.0.1:20002"
    for component, port in (("kube-apiserver", 20000), ("kube-controller-manager", 20003), ("kube-scheduler", 20004)):
        assert (flags(component)["--bind-address"], flags(component)["--secure-port"]) == ("127.0.0.1", str(port))
    assert documents()[0]["options"]["serverAddress"] == "127.0.0.1:20005"


def test_nobody_reaches_the_data_without_a_certificate() -> None:
    assert flags("etcd")["--client-cert-auth"] == flags("etcd")["--peer-client-cert-auth"] == "true"
    assert flags("kube-apiserver")["--etcd-certfile"].endswith("/etcd-client.crt")
    assert flags("kube-apiserver")["--anonymous-auth"] == "false"


@pytest.mark.parametrize("component", COMPONENTS)
def test_no_secret_stands_in_a_command_line(component: str) -> None:
    paths = [value for value in line(component)[1:] if "/" in value]
    assert not re.search(r"[0-9a-f]{32}", " ".join(line(component)))
    assert all(
        str(PLACE.folder) in path or "127.0.0.1" in path or "kubernetes.default" in path or "/16" in path
        for path in paths
    )


@pytest.mark.parametrize(("version", "expected"), [("1.24.17", "v1beta3"), ("1.25.16", "v1"), ("1.36.3", "v1")])
def test_the_scheduler_reads_the_form_of_its_minor(version: str, expected: str) -> None:
    document = yaml.safe_load(scheduler_config(PLACE, replace(STATE, kubernetes=version)))
    assert document["apiVersion"] == f"kubescheduler.config.k8s.io/{expected}"
    assert document["percentageOfNodesToScore"] == 5


def documents() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(kwok_config(STATE)))


def test_kwok_works_on_many_pods_at_a_time() -> None:
    options = documents()[0]["options"]
    assert options["podPlayStageParallelism"] == options["nodePlayStageParallelism"] == 16
    assert options["manageAllNodes"] is True


def test_the_stages_are_whole_documents_without_references() -> None:
    stages = documents()[1:]
    assert [stage["metadata"]["name"] for stage in stages] == [
        "node-initialize",
        "node-heartbeat",
        "pod-run",
        "pod-create",
        "pod-ready",
        "pod-complete",
        "pod-delete",
    ]
    assert {stage["kind"] for stage in stages} == {"Stage"}
    assert not re.search(r"^[^#]*[:-] [&*]\w", kwok_config(STATE), re.MULTILINE)


def test_kubeconfigs(tmp_path: Path) -> None:
    place = Home(tmp_path / "a")
    place.make()
    make_pki(place.pki)
    write_kubeconfigs(place, STATE)
    access = load(str(place.kubeconfig))
    assert (access.server, access.context) == ("https://127.0.0.1:20000", "skel-a")
    assert access.credentials.token == tokens(place.pki)[ADMIN]
    assert access.ca == (place.pki / "ca.crt").read_bytes()
    assert place.kubeconfig.stat().st_mode & 0o777 == 0o600
    users = {load(str(file)).credentials.token for file in place.config("x").parent.glob("*.kubeconfig")}
    assert users == set(tokens(place.pki).values()) - {access.credentials.token}
    assert base64.b64encode(access.ca).decode() in place.kubeconfig.read_text()


def test_flags_of_ones_own_come_on_top() -> None:
    state = replace(STATE, flags={"etcd": {"--quota-backend-bytes": "1", "--log-level": "info"}})
    found = command("etcd", Path("/cache/etcd"), PLACE, state)
    assert found.count("--quota-backend-bytes=1") == found.count("--log-level=info") == 1
    assert not any(flag == "--log-level=warn" for flag in found)
    assert command("kwok", Path("/cache/kwok"), PLACE, state) == line("kwok")
