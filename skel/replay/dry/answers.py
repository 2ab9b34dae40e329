"""Answers in the form and with the words of an API server.

What a model can't know has the status 0 (`skel.client.request.UNKNOWN`) and a Status with the reason `Unknown`. The
object is then kept as if it had been accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from skel.client.request import UNKNOWN, Response
from skel.kube.gvk import group_of
from skel.patch.values import Json
from skel.replay.dry.cause import Cause

Details = dict[str, Json]
Warnings = tuple[str, ...]
_BRIEF = MappingProxyType({status: Response(status, None) for status in (200, 201)})


def accepted(status: int, warnings: Warnings = ()) -> Response:
    """The answer to somebody who does not want to have the object back."""
    return Response(status, None, warnings) if warnings else _BRIEF[status]


def failure(code: int, reason: str, message: str, details: Details | None = None, warnings: Warnings = ()) -> Response:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": details or {},
        "code": code,
    }
    return Response(code, body, warnings)


def unknown(message: str, warnings: Warnings = ()) -> Response:
    """The answer of a server is not known, for the reason that `message` gives."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "reason": "Unknown", "message": message}
    return Response(UNKNOWN, body, warnings)


def not_served() -> Response:
    return failure(404, "NotFound", "the server could not find the requested resource")


def not_allowed() -> Response:
    return failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def bad_request(message: str) -> Response:
    return failure(400, "BadRequest", message)


def not_found(api_version: str, resource: str, name: str) -> Response:
    message = f'{qualified(api_version, resource)} "{name}" not found'
    return failure(404, "NotFound", message, _details(api_version, resource, name))


def exists(api_version: str, resource: str, name: str) -> Response:
    message = f'{qualified(api_version, resource)} "{name}" already exists'
    return failure(409, "AlreadyExists", message, _details(api_version, resource, name))


def conflict(api_version: str, resource: str, name: str, why: str) -> Response:
    message = f'Operation cannot be fulfilled on {qualified(api_version, resource)} "{name}": {why}'
    return failure(409, "Conflict", message, _details(api_version, resource, name))


def refused(api_version: str, resource: str, name: str, why: str) -> Response:
    """What an admission plug-in says."""
    message = f'{qualified(api_version, resource)} "{name}" is forbidden: {why}'
    return failure(403, "Forbidden", message, _details(api_version, resource, name))


def not_valid(api_version: str, kind: str, name: str, causes: Sequence[Cause], warnings: Warnings) -> Response:
    texts = [str(cause) for cause in causes]
    listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    message = f'{qualified(api_version, kind)} "{name}" is invalid: {listed}'
    found = [{"reason": cause.reason, "message": cause.message, "field": cause.field} for cause in causes]
    details = {**_details(api_version, kind, name), "causes": found}
    return failure(422, "Invalid", message, details, warnings)


def qualified(api_version: str, word: str) -> str:
    """`deployments.apps`, and `pods` in the core group."""
    group = group_of(api_version)
    return f"{word}.{group}" if group else word


def _details(api_version: str, word: str, name: str) -> Details:
    group = group_of(api_version)
    return {"name": name, **({"group": group} if group else {}), "kind": word}
