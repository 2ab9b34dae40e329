"""Waiting until components answer, and saying what is wrong with one that does not."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path

from skel.cluster.components import LOOPBACK
from skel.cluster.errors import ClusterError
from skel.cluster.pki import ADMIN, tokens
from skel.cluster.process import is_running, read
from skel.cluster.progress import Progress
from skel.cluster.state import Home, State

_PATIENCE = 90.0
"""Seconds until a component that runs but does not answer counts as failed."""
_ANSWER = 5.0
"""Seconds for one answer."""
_PAUSE = 0.05
_TAIL, _WIDTH = 12, 200
"""Lines of a log, and characters of each, that belong into a message."""


class Probe:
    """Asks the components of one cluster how they are."""

    def __init__(self, place: Home, state: State) -> None:
        self._tls = ssl.create_default_context(cafile=place.pki / "ca.crt")
        # etcd talks to nobody without a certificate; for the others it would make us somebody else than the token says.
        self._etcd_tls = ssl.create_default_context(cafile=place.pki / "ca.crt")
        self._etcd_tls.load_cert_chain(place.pki / "etcd-client.crt", place.pki / "etcd-client.key")
        self._token = tokens(place.pki)[ADMIN]
        ports = state.ports
        self._places = {
            "etcd": (ports.etcd, "/health"),
            "kube-apiserver": (ports.server, "/readyz"),
            "kube-controller-manager": (ports.controller_manager, "/healthz"),
            "kube-scheduler": (ports.scheduler, "/healthz"),
            "kwok": (ports.kwok, "/healthz"),
        }

    def is_healthy(self, component: str) -> bool:
        port, path = self._places[component]
        connection = self._connection(component, port)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self._token}"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        else:
            return answer.status == HTTPStatus.OK
        finally:
            connection.close()

    def _connection(self, component: str, port: int) -> http.client.HTTPConnection:
        if component == "kwok":
            return http.client.HTTPConnection(LOOPBACK, port, timeout=_ANSWER)
        tls = self._etcd_tls if component == "etcd" else self._tls
        return http.client.HTTPSConnection(LOOPBACK, port, timeout=_ANSWER, context=tls)


def wait_until_healthy(place: Home, state: State, components: Iterable[str], progress: Progress) -> None:
    """Return when all answer. Raises ClusterError with the end of the log of one that ended, or never answers."""
    probe = Probe(place, state)
    began = time.monotonic()
    left = list(components)
    while left:
        for component in list(left):
            if not is_running(read(place.pid(component))):
                raise ClusterError(f"{component} ended while it started; the end of its log:{_tail(place, component)}")
            if probe.is_healthy(component):
                left.remove(component)
                progress.say(f"{component} answers after {time.monotonic() - began:.1f} s")
        if left and time.monotonic() - began > _PATIENCE:
            message = f"{left[0]} does not answer after {_PATIENCE:.0f} s; the end of its log:{_tail(place, left[0])}"
            raise ClusterError(message)
        if left:
            time.sleep(_PAUSE)


def _tail(place: Home, component: str) -> str:
    return "".join(f"\n  {line.strip()[:_WIDTH]}" for line in last_lines(place.log(component), _TAIL)) or " empty"


def last_lines(log: Path, count: int) -> list[str]:
    """The last lines of a log, none if there is no log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 400 * count))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    return text.splitlines()[-count:]
