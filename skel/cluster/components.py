"""How each component is called: pure, from the state of a cluster to command lines and their configuration files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from skel.cluster.pki import FRONT_PROXY
from skel.cluster.state import Home, State
from skel.cluster.versions import DATA
from skel.kube.version import version_key

LOOPBACK = "127.0.0.1"
SERVICES = "10.96.0.0/16"
PODS = "10.128.0.0/9"
_ADVERTISED = "192.0.2.1"
"""Stands in Endpoints, where a loopback address is refused; from the range for documentation, and nobody binds it."""
_NODE_ADDRESS = "192.0.2.2"
_QPS = "2000"
_IN_FLIGHT = "3000"
_NODE_GRACE = "3600s"
"""How long a node may be silent. Nodes do not fail here by themselves, but a loaded machine can be slow."""
_LEASE_SECONDS = 1200
_ETCD_BYTES = 8 << 30
_PARALLEL = 16
"""Pods and nodes that kwok works on at a time; its own default of 4 is what limits thousands of pods."""
_SCORED_PERCENT = 5
"""Of the nodes; but at least a hundred are always looked at. On two cores the scheduler is what limits many pods."""


def command(component: str, program: Path, place: Home, state: State) -> tuple[str, ...]:
    """The command line of a component."""
    flags: Mapping[str, str | int | Path]
    match component:
        case "etcd":
            flags = _etcd(place, state)
        case "kube-apiserver":
            flags = _server(place, state)
        case "kube-controller-manager":
            flags = _controllers(place, state)
        case "kube-scheduler":
            flags = _scheduler(place, state)
        case _:
            # At its usual level kwok writes a line for each change of each pod.
            files = {"--kubeconfig": kubeconfig_file(place, component), "--config": place.config("kwok.yaml")}
            flags = {**files, "--v": "WARN"}
    flags = {**flags, **state.flags.get(component, {})}
    return (str(program), *(f"{flag}={value}" for flag, value in flags.items()))


def _etcd(place: Home, state: State) -> Mapping[str, str | int | Path]:
    client, peer = (f"https://{LOOPBACK}:{port}" for port in (state.ports.etcd, state.ports.etcd_peer))
    pki = place.pki
    return {
        "--data-dir": place.data,
        "--listen-client-urls": client,
        "--advertise-client-urls": client,
        "--listen-peer-urls": peer,
        "--initial-advertise-peer-urls": peer,
        "--initial-cluster": f"default={peer}",
        "--client-cert-auth": "true",
        "--trusted-ca-file": pki / "ca.crt",
        "--cert-file": pki / "server.crt",
        "--key-file": pki / "server.key",
        "--peer-client-cert-auth": "true",
        "--peer-trusted-ca-file": pki / "ca.crt",
        "--peer-cert-file": pki / "server.crt",
        "--peer-key-file": pki / "server.key",
        # What is lost with the machine was a simulation.
        "--unsafe-no-fsync": "true",
        "--quota-backend-bytes": _ETCD_BYTES,
        "--log-level": "warn",
    }


def _server(place: Home, state: State) -> Mapping[str, str | int | Path]:
    pki = place.pki
    return {
        "--etcd-servers": f"https://{LOOPBACK}:{state.ports.etcd}",
        "--etcd-cafile": pki / "ca.crt",
        "--etcd-certfile": pki / "etcd-client.crt",
        "--etcd-keyfile": pki / "etcd-client.key",
        "--bind-address": LOOPBACK,
        "--secure-port": state.ports.server,
        "--advertise-address": _ADVERTISED,
        "--cert-dir": pki,
        "--tls-cert-file": pki / "server.crt",
        "--tls-private-key-file": pki / "server.key",
        "--client-ca-file": pki / "ca.crt",
        "--token-auth-file": pki / "tokens.csv",
        "--anonymous-auth": "false",
        "--authorization-mode": "Node,RBAC",
        "--allow-privileged": "true",
        "--service-account-issuer": "https://kubernetes.default.svc",
        "--service-account-key-file": pki / "sa.pub",
        "--service-account-signing-key-file": pki / "sa.key",
        "--service-cluster-ip-range": SERVICES,
        # The aggregator: what serves metrics.k8s.io may stand behind this server.
        "--requestheader-client-ca-file": pki / "ca.crt",
        "--requestheader-allowed-names": FRONT_PROXY,
        "--requestheader-username-headers": "X-Remote-User",
        "--requestheader-group-headers": "X-Remote-Group",
        "--requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "--proxy-client-cert-file": pki / "front-proxy.crt",
        "--proxy-client-key-file": pki / "front-proxy.key",
        "--max-requests-inflight": _IN_FLIGHT,
        "--max-mutating-requests-inflight": _IN_FLIGHT,
        # A replay looks at them when it is over.
        "--event-ttl": "24h",
        "--profiling": "false",
    }


def _controllers(place: Home, state: State) -> Mapping[str, str | int | Path]:
    pki = place.pki
    return {
        **_secure(place, "kube-controller-manager", state.ports.controller_manager),
        "--kubeconfig": kubeconfig_file(place, "kube-controller-manager"),
        "--leader-elect": "false",
        "--service-account-private-key-file": pki / "sa.key",
        "--root-ca-file": pki / "ca.crt",
        "--cluster-signing-cert-file": pki / "ca.crt",
        "--cluster-signing-key-file": pki / "ca.key",
        "--node-monitor-grace-period": _NODE_GRACE,
        "--kube-api-qps": _QPS,
        "--kube-api-burst": _QPS,
        "--concurrent-deployment-syncs": 20,
        "--concurrent-replicaset-syncs": 20,
        "--concurrent-statefulset-syncs": 20,
        "--profiling": "false",
    }


def _scheduler(place: Home, state: State) -> Mapping[str, str | int | Path]:
    return {
        **_secure(place, "kube-scheduler", state.ports.scheduler),
        "--config": place.config("kube-scheduler.yaml"),
    }


def _secure(place: Home, component: str, port: int) -> Mapping[str, str | int | Path]:
    """Serving health and metrics to those whom the API server knows."""
    return {
        "--bind-address": LOOPBACK,
        "--secure-port": port,
        "--cert-dir": place.pki,
        "--tls-cert-file": place.pki / "server.crt",
        "--tls-private-key-file": place.pki / "server.key",
        "--client-ca-file": place.pki / "ca.crt",
        "--authentication-kubeconfig": kubeconfig_file(place, component),
        "--authorization-kubeconfig": kubeconfig_file(place, component),
    }


def kubeconfig_file(place: Home, component: str) -> Path:
    return place.config(f"{component}.kubeconfig")


def scheduler_config(place: Home, state: State) -> str:
    """The configuration of the scheduler, in the form that its minor reads."""
    is_old = (version_key(state.kubernetes) or ((), ())) < (version_key("1.25") or ((), ()))
    document = {
        "apiVersion": f"kubescheduler.config.k8s.io/{'v1beta3' if is_old else 'v1'}",
        "kind": "KubeSchedulerConfiguration",
        "clientConnection": {
            "kubeconfig": str(kubeconfig_file(place, "kube-scheduler")),
            "qps": int(_QPS),
            "burst": int(_QPS),
        },
        "leaderElection": {"leaderElect": False},
        "percentageOfNodesToScore": _SCORED_PERCENT,
        "enableProfiling": False,
    }
    return yaml.safe_dump(document, sort_keys=False)


def kwok_config(state: State) -> str:
    """The configuration of kwok: what it does, and the stages of nodes and pods."""
    options: dict[str, Any] = {
        "manageAllNodes": True,
        "cidr": PODS,
        "nodeIP": _NODE_ADDRESS,
        "serverAddress": f"{LOOPBACK}:{state.ports.kwok}",
        "enableDebuggingHandlers": False,
        "enableProfilingHandler": False,
        "nodeLeaseDurationSeconds": _LEASE_SECONDS,
        "podPlayStageParallelism": _PARALLEL,
        "nodePlayStageParallelism": _PARALLEL,
        "nodeLeaseParallelism": _PARALLEL,
    }
    head = {"apiVersion": "config.kwok.x-k8s.io/v1alpha1", "kind": "KwokConfiguration", "options": options}
    return yaml.safe_dump_all([head, *_stages()], sort_keys=False)


def _stages() -> list[dict[str, Any]]:
    kind = {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage"}
    files = (DATA / file for file in ("node-stages.yaml", "pod-stages.yaml"))
    stages = (stage for file in files for stage in yaml.safe_load(file.read_text("utf-8")))
    return [{**kind, "metadata": {"name": stage["name"]}, "spec": stage["spec"]} for stage in stages]
