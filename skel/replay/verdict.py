"""What an answer means for an object."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from skel.client.request import Response
from skel.findings.model import FoundObject
from skel.replay.schedule import Verb


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Outcome(Struct, frozen=True, gc=False):
    """What became of a step. `served`: whether the target knows the kind."""

    object: FoundObject
    response: Response
    attempts: int
    verdict: Verdict
    served: bool


def judge(verb: Verb, response: Response, *, served: bool) -> Verdict:
    """`served`: whether the target serves the kind at all."""
    if response.is_unknown:
        return Verdict.UNKNOWN
    if response.is_success or (verb is Verb.DELETE and served and response.status == 404):
        # What is to be deleted may well have gone by itself, as a finished Job does.
        return Verdict.ACCEPTED
    return Verdict.REJECTED


def is_not_served(response: Response) -> bool:
    """Whether it is the path that was not found, and not the object there: then the Status names none."""
    if response.status != 404:
        return False
    details = response.body.get("details") if isinstance(response.body, dict) else None
    return not (isinstance(details, dict) and details.get("name"))


def refused_here(reason: str, message: str) -> Response:
    """The answer to what could not be sent, in the words of a server."""
    return Response(400, {"kind": "Status", "status": "Failure", "reason": reason, "message": message, "code": 400})
