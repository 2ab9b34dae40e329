"""Probes of containers and hooks of their life."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, at, forbidden, invalid, required
from skel.replay.dry.metadata import choice, complaints, nonnegative
from skel.replay.dry.names import header_name
from skel.replay.dry.validation.ports import port_or_name

_GRACE_SINCE = 25
_SCHEMES = frozenset({"HTTP", "HTTPS"})
_NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def probe(found: Json, minor: int, *steps: str) -> Causes:
    """Any probe; none is fine."""
    if found is not None:
        yield from at(_probe(found, minor), *steps)


def _probe(found: Json, minor: int) -> Causes:
    yield from _handler(found, ("exec", "httpGet", "tcpSocket", "grpc"))
    yield from nonnegative(found, *_NUMBERS)
    grace = found.get("terminationGracePeriodSeconds")
    if grace is not None and grace <= 0 and minor >= _GRACE_SINCE:
        yield invalid("terminationGracePeriodSeconds", value=grace, detail="must be greater than 0")


def must_succeed_once(found: Json, *steps: str) -> Causes:
    """Liveness and startup probes can't ask for more than one success."""
    if found is not None and found.get("successThreshold", 0) not in {0, 1}:
        yield invalid(*steps, "successThreshold", value=found["successThreshold"], detail="must be 1")


def no_grace(found: Json, *steps: str) -> Causes:
    """A readiness probe kills nothing."""
    if found is not None and "terminationGracePeriodSeconds" in found:
        yield invalid(
            *steps,
            "terminationGracePeriodSeconds",
            value=found["terminationGracePeriodSeconds"],
            detail="must not be set for readinessProbes",
        )


def lifecycle(found: Json, *steps: str) -> Causes:
    for hook in ("postStart", "preStop"):
        if found and hook in found:
            yield from at(_handler(found[hook], ("exec", "httpGet", "tcpSocket", "sleep")), *steps, hook)


def _handler(found: Json, kinds: Iterable[str]) -> Causes:
    given = [kind for kind in kinds if kind in found]
    if not given:
        yield required(detail="must specify a handler type")
        return
    yield from at(_HANDLERS[given[0]](found[given[0]]), given[0])
    for kind in given[1:]:
        yield forbidden(kind, detail="may not specify more than 1 handler type")


def _exec(found: Json) -> Causes:
    if not found.get("command"):
        yield required("command")


def _http(found: Json) -> Causes:
    yield from port_or_name(found, "port")
    yield from choice(found, "scheme", _SCHEMES)
    for header in found.get("httpHeaders") or ():
        name = header.get("name", "")
        yield from complaints(name, header_name(name), "httpHeaders")


def _tcp(found: Json) -> Causes:
    yield from port_or_name(found, "port")


def _sleep(found: Json) -> Causes:
    if found.get("seconds", 0) < 0:
        detail = "must be greater than 0 and less than terminationGracePeriodSeconds"
        yield invalid("seconds", value=found["seconds"], detail=detail)


_HANDLERS: Mapping[str, Callable[[Json], Causes]] = MappingProxyType(
    {"exec": _exec, "httpGet": _http, "tcpSocket": _tcp, "grpc": _tcp, "sleep": _sleep}
)
