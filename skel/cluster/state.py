"""What is kept of a cluster on the disk: one folder, readable by its owner alone."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from skel.cluster.errors import ClusterError
from skel.cluster.folders import clusters_folder

SCHEMA = 1
FILE = "cluster.json"
COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
"""In the order in which they are started."""

Flags = Mapping[str, Mapping[str, str]]

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,38}[a-z0-9])?", re.ASCII)
# Below the ports that kernels give to outgoing connections: the API server alone opens a hundred of those.
_FIRST_PORT, _LAST_PORT = 20_000, 32_000


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each component listens, all on the loopback address."""

    server: int
    etcd: int
    etcd_peer: int
    controller_manager: int
    scheduler: int
    kwok: int


@dataclass(frozen=True, slots=True)
class State:
    """A cluster as it was set up. Versions are patches; `created` is in Unix seconds. `flags` are further ones, by
    component: `{"etcd": {"--quota-backend-bytes": "67108864"}}`.
    """

    name: str
    kubernetes: str
    etcd: str
    kwok: str
    ports: Ports
    created: float
    flags: Flags = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Home:
    """Where the parts of a cluster lie."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def state(self) -> Path:
        return self.folder / FILE

    @property
    def pki(self) -> Path:
        return self.folder / "pki"

    @property
    def data(self) -> Path:
        return self.folder / "etcd"

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    def config(self, file: str) -> Path:
        return self.folder / "config" / file

    def log(self, component: str) -> Path:
        return self.folder / "logs" / f"{component}.log"

    def pid(self, component: str) -> Path:
        return self.folder / "pids" / component

    def make(self) -> None:
        for part in ("pki", "etcd", "config", "logs", "pids"):
            (self.folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)


def home(name: str) -> Home:
    """Where a cluster lies, or would lie. Raises ClusterError for a name that is none."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise ClusterError(
            f"{name!r} is no name for a cluster", "use lower case letters, digits, `-` and `.`, at most 40"
        )
    return Home(clusters_folder() / name)


def homes() -> tuple[Home, ...]:
    """All clusters of this user, by name."""
    folder = clusters_folder()
    found = folder.iterdir() if folder.is_dir() else ()
    return tuple(Home(path) for path in sorted(found) if _NAME.fullmatch(path.name) and path.is_dir())


def read_state(place: Home) -> State | None:
    """What is kept, None if there is nothing or an `up` never came that far. Raises ClusterError for another form."""
    try:
        content = json.loads(place.state.read_text("utf-8"))
        if content.pop("schemaVersion") != SCHEMA:
            raise ClusterError(
                f"{place.state} was written by another version of skel", f"remove {place.folder} by hand"
            )
        return State(**{**content, "ports": Ports(**content["ports"])})
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = f"`skel cluster down {place.name}` ends and removes it"
        raise ClusterError(f"{place.state} can't be understood: {error}", hint) from None


def write_state(place: Home, state: State) -> None:
    write_private(place.state, json.dumps({"schemaVersion": SCHEMA, **asdict(state)}, indent=2) + "\n")


def write_private(file: Path, content: str | bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(content.encode("utf-8") if isinstance(content, str) else content)
    new.replace(file)


def free_ports(taken: Iterable[int], server: int | None = None) -> Ports:
    """Ports on which nobody listens and that are not `taken`; `server` is what was asked for. Raises ClusterError."""
    if server is not None and not _is_free(server):
        raise ClusterError(f"port {server} is taken", "choose another --port, or leave it out")
    count = len(fields(Ports))
    used = {*taken, *([] if server is None else [server])}
    # Anywhere in the range: runs that do not know of each other, such as two users, should not choose the same ones.
    first = secrets.randbelow(_LAST_PORT - _FIRST_PORT) + _FIRST_PORT
    candidates = (*range(first, _LAST_PORT), *range(_FIRST_PORT, first))
    wanted = (port for port in candidates if port not in used and _is_free(port))
    found = [port for port, _ in zip(wanted, range(count), strict=False)]
    if len(found) < count:
        raise ClusterError(f"there are no {count} free ports between {_FIRST_PORT} and {_LAST_PORT}")
    return Ports(server or found[0], *found[1:])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_taken(port: int) -> bool:
    """Whether somebody listens on a port of the loopback address."""
    return not _is_free(port)
