"""How the components of a world are called: as on any cluster of ours, with what makes a run repeatable."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from skel.cluster.binaries import Binaries
from skel.cluster.components import LOOPBACK, command, kubeconfig_file
from skel.cluster.state import Flags, Home, State
from skel.faults.errors import FaultError
from skel.faults.model import CONTROLLER_MANAGER
from skel.faults.world_component import Program

SCHEDULER = "kube-scheduler"
KWOK = "kwok"
KNOWN = (CONTROLLER_MANAGER, SCHEDULER, KWOK)
OWN = "controller"
"""A controller that the user brings along."""
_SERVER = "kube-apiserver"

# One worker a queue: which of two takes an object first is nobody's decision.
_ONE_WORKER = (
    "deployment",
    "endpoint",
    "gc",
    "namespace",
    "rc",
    "replicaset",
    "resource-quota",
    "service",
    "service-endpoint",
    "serviceaccount-token",
    "statefulset",
    "ttl-after-finished",
)
_NO_LIMIT = "1000000"
"""Requests a second: the limit counts by a clock that nearly stands still."""
# Whoever asks for health and metrics is a stranger; asking the API server who he is would be a request of its own.
_OPEN = {
    "--authentication-kubeconfig": "",
    "--authorization-kubeconfig": "",
    "--client-ca-file": "",
    "--authorization-always-allow-paths": "/healthz,/readyz,/livez,/metrics",
}


def flags_for(target: str, gates: Mapping[str, bool], further: Sequence[str]) -> Flags:
    """The flags of all components of a world. Raises FaultError for a flag that is none."""
    manager = {
        **_OPEN,
        **{f"--concurrent-{name}-syncs": "1" for name in _ONE_WORKER},
        "--kube-api-qps": _NO_LIMIT,
        "--kube-api-burst": _NO_LIMIT,
    }
    flags: dict[str, dict[str, str]] = {
        _SERVER: {"--storage-media-type": "application/json"},
        CONTROLLER_MANAGER: manager,
        SCHEDULER: dict(_OPEN),
    }
    asked = dict(_pair(flag) for flag in further)
    if gates:
        asked["--feature-gates"] = ",".join(f"{name}={str(is_on).lower()}" for name, is_on in sorted(gates.items()))
    return {**flags, target: {**flags.get(target, {}), **asked}}


def _pair(flag: str) -> tuple[str, str]:
    name, equals, value = flag.partition("=")
    if not name.startswith("--") or not equals:
        raise FaultError(f"{flag!r} is no flag", "write --name=value")
    return name, value


def executable(program: str) -> str:
    """As a shell finds it; the component runs in another folder. Raises FaultError."""
    found = shutil.which(program)
    if found is None:
        raise FaultError(f"there is no program {program} that can be started", "name its file, or put it on the PATH")
    return str(Path(found).absolute())


def program_for(name: str, programs: Binaries, place: Home, state: State, own: Sequence[str] = ()) -> Program:
    """`own` is the command line of a controller of the user. Raises FaultError for a component that is not known."""
    match name:
        case "kube-controller-manager":
            address = f"https://{LOOPBACK}:{state.ports.controller_manager}"
            return Program(name, _line(name, programs, place, state), address, "/healthz", "/metrics")
        case "kube-scheduler":
            address = f"https://{LOOPBACK}:{state.ports.scheduler}"
            return Program(name, _line(name, programs, place, state), address, "/healthz", "/metrics")
        case "kwok":
            address = f"http://{LOOPBACK}:{state.ports.kwok}"
            return Program(name, _line(name, programs, place, state), address, "/healthz")
        case _ if own:
            file = str(kubeconfig_file(place, name))
            program, *arguments = (word.replace("$KUBECONFIG", file) for word in own)
            return Program(name, (executable(program), *arguments), environment={"KUBECONFIG": file})
        case _:
            raise FaultError(f"there is no component `{name}`", f"there are {', '.join(KNOWN)}")


def _line(name: str, programs: Binaries, place: Home, state: State) -> tuple[str, ...]:
    return command(name, programs.programs[name], place, state)
