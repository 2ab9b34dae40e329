"""An event of the log -> what the request did, or why that can't be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec.structs import replace

from skel.record.imports.audit.line import (
    AuditEvent,
    Body,
    DeleteOptions,
    ObjectRef,
    decode_body,
    decode_options,
    decode_spec,
)
from skel.record.imports.audit.lines import Place
from skel.record.imports.audit.note import Did, Note
from skel.record.imports.kinds import is_noise
from skel.record.imports.losses import Losses, Reason

_VERSIONED = frozenset({Did.WROTE, Did.SCALED, Did.MARKED})
COMPLETE = "ResponseComplete"
WHOLE = "RequestResponse"
_CHANGING = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_TRUNCATED = "audit.k8s.io/truncated"

# Below an object, these give it back whole. Others (binding, eviction, token, exec) say nothing of it.
_TELLING, _SCALING = "status", "scale"
# What clients get that ask for metadata alone, such as the garbage collector.
_PARTIAL = "PartialObjectMetadata"
_KNOWN = frozenset({"", _TELLING, _SCALING, "finalize", "ephemeralcontainers", "resize"})

CUT = Reason("request", f"the API server cut it (`{_TRUNCATED}`); raise --audit-log-truncate-max-event-size")
NO_OBJECT = Reason("request", "holds no object, though its level is RequestResponse")
NO_TIME = Reason("request", "has no time")
BAD_OBJECT = Reason("request", "the object in it can't be read")


def below_level(level: str) -> Reason:
    return Reason(
        "request",
        f"level {level or 'unknown'} does not show what it did; the audit policy must say RequestResponse for changes",
    )


class Requests:
    """Sorts the events of a log. What it says of an event does not depend on those before it."""

    def __init__(self, losses: Losses, namespaces: frozenset[str] = frozenset()) -> None:
        """`namespaces`: only what is in these, all if it is empty."""
        self._losses = losses
        self._namespaces = namespaces

    def notes(self, event: AuditEvent, place: Place) -> Iterable[Note]:
        """What the request did; nothing if it changed nothing, nothing of interest, or nobody can tell."""
        about = event.objectRef
        if (
            event.verb not in _CHANGING
            or event.stage != COMPLETE
            or about is None
            or not event.succeeded
            or is_noise(about.apiGroup, about.resource)
            or about.subresource not in _KNOWN
            or (self._namespaces and about.namespace not in self._namespaces and about.resource != "namespaces")
            or _is_dry(event)
        ):
            return ()
        if event.level != WHOLE:
            # The status of what is no pod would say nothing new.
            if about.subresource != _TELLING or about.resource == "pods":
                self._losses.add(below_level(event.level), str(place))
            return ()
        return self._whole(event, about, place)

    def _whole(self, event: AuditEvent, about: ObjectRef, place: Place) -> Iterable[Note]:
        data = bytes(event.responseObject)
        if not data:
            cut = event.annotations is not None and _TRUNCATED in event.annotations
            self._losses.add(CUT if cut else NO_OBJECT, str(place))
            return ()
        time = _microseconds(event.stageTimestamp) or _microseconds(event.requestReceivedTimestamp)
        if time is None:
            self._losses.add(NO_TIME, str(place))
            return ()
        try:
            return _noted(Request(event, about, time, place), decode_body(data), data)
        except (ValueError, RecursionError):
            self._losses.add(BAD_OBJECT, str(place))
            return ()


@dataclass(frozen=True, slots=True)
class Request:
    """One that changed something, at a time in microseconds."""

    event: AuditEvent
    about: ObjectRef
    time: int
    place: Place


def _noted(request: Request, body: Body, data: bytes) -> Iterable[Note]:
    if request.event.verb == "deletecollection":
        return _cleared(request, body)
    did = _did(request.event.verb, request.about.subresource, body, data)
    return () if did is None else (_note(request, did, body, data),)


def _cleared(request: Request, among: Body) -> Iterable[Note]:
    """Those of a collection that went; the others will be heard of."""
    options = options_of(request.event)
    rows = [(row, decode_body(row)) for row in map(bytes, among.items or ())]
    kind = among.kind.removesuffix("List")
    return [
        _note(request, Did.REMOVED, replace(body, apiVersion=among.apiVersion, kind=kind), row, f"/{number}")
        for number, (row, body) in enumerate(rows)
        if not _stays(request.about.resource, body, row, options)
    ]


def _note(request: Request, did: Did, body: Body, data: bytes, part: str = "") -> Note:
    about, of = request.about, body.metadata
    return Note(
        request.time,
        # What is gone keeps its place in time: its version may be that of the change before.
        _number(of.resourceVersion) if did in _VERSIONED else 0,
        request.event.auditID + part,
        did,
        about.what_object,
        of.namespace or about.namespace,
        of.name or about.name,
        of.uid or (body.details.uid if body.details else "") or about.uid,
        body.apiVersion,
        body.kind,
        of.generation,
        b"" if body.kind == "Status" or (did is Did.REMOVED and body.kind == _PARTIAL) else data,
        *request.place,
    )


def _did(verb: str, below: str, body: Body, data: bytes) -> Did | None:
    if body.kind == "Status":
        return Did.REMOVED if verb == "delete" else None
    if below == _SCALING:
        return Did.SCALED
    if not (body.kind and body.apiVersion and body.metadata.name):
        raise ValueError("no object")
    is_held = _is_held(body, data)
    if verb == "delete" and not is_held:
        return Did.REMOVED
    if body.metadata.deletionTimestamp is not None and verb != "create" and not is_held:
        return Did.REMOVED  # the last finalizer went
    if body.kind == _PARTIAL:
        return Did.MARKED
    return Did.TOLD if below == _TELLING else Did.WROTE


def _is_held(body: Body, data: bytes) -> bool:
    """Whether an object that is to be deleted is still there: for its finalizers, or to end in peace."""
    of = body.metadata
    if of.deletionTimestamp is None:
        return False
    return bool(of.finalizers or of.deletionGracePeriodSeconds or (body.kind == "Namespace" and _has_finalizers(data)))


def _has_finalizers(data: bytes) -> bool:
    """Of a namespace, which has them in its spec as well."""
    spec = decode_spec(data).spec
    return spec is not None and len(bytes(spec.finalizers).strip(b"[] \n\t")) > 0


def _stays(resource: str, body: Body, data: bytes, options: DeleteOptions) -> bool:
    """Whether an object of a collection that is deleted is still there afterwards; `body` is as it was before."""
    if body.metadata.finalizers:
        return True
    if resource != "pods" or options.gracePeriodSeconds == 0:
        return False
    # A pod on a node ends in peace, and its kubelet deletes it then.
    spec = decode_spec(data).spec
    return spec is not None and bool(bytes(spec.nodeName).strip(b'"'))


def options_of(event: AuditEvent) -> DeleteOptions:
    """With what somebody deletes; none if they say nothing readable."""
    data = bytes(event.requestObject)
    try:
        return decode_options(data) if data else DeleteOptions()
    except (ValueError, RecursionError):
        return DeleteOptions()


def _is_dry(event: AuditEvent) -> bool:
    if "dryRun=" in event.requestURI:
        return True
    return event.verb.startswith("delete") and bool(options_of(event).dryRun)


def _microseconds(text: str) -> int | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return int(time.timestamp()) * 1_000_000 + time.microsecond


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
