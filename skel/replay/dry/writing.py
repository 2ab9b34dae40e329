"""Create, update and apply: the way of an object through a server, in the order in which a server looks at it.

Bytes to types (400), its place (400), admission (403, 404), validation (422), and last what is already there (409).
"""

from __future__ import annotations

from dataclasses import dataclass

from skel.client.request import Request, Response
from skel.patch.values import Json
from skel.replay.dry.admission import others_decide, refusal
from skel.replay.dry.allocation import depends_on_network, taken
from skel.replay.dry.answers import (
    Warnings,
    accepted,
    bad_request,
    conflict,
    exists,
    failure,
    not_allowed,
    not_found,
    not_valid,
    unknown,
)
from skel.replay.dry.cause import Cause, path_text
from skel.replay.dry.decode import Form
from skel.replay.dry.immutable import claimed
from skel.replay.dry.judge import Judge, Judged, cleaned, part_as_bytes
from skel.replay.dry.kinds import Kind
from skel.replay.dry.place import Place
from skel.replay.dry.state import State, Stored
from skel.replay.halves import Halves, Rest

STRICT_SINCE = 25
"""The first minor that has looked at `fieldValidation`; all before drop unknown fields silently."""


@dataclass(slots=True)
class Write:
    """A request to write. `apply`: server-side apply, else POST or PUT; `name` is empty if the server makes one.
    `brief`: nobody wants to have the object back.
    """

    kind: Kind
    place: Place
    rest: Rest
    meta: Json
    name: str
    apply: bool
    create: bool
    strictness: str
    dry: bool
    brief: bool


@dataclass(slots=True)
class Found:
    """What is known of a body: the clean object, its metadata apart, and all that is to be said about it."""

    rest: Rest
    metadata: Json
    judged: Judged
    causes: tuple[Cause, ...]
    warnings: Warnings

    @property
    def clean(self) -> Json:
        """The whole object."""
        return {**self.rest.value, "metadata": self.metadata}


class Writer:
    """Answers writes of built-in kinds against a state."""

    def __init__(self, minor: int, state: State, judge: Judge) -> None:
        self._minor = minor
        self._state = state
        self._judge = judge

    def answer(self, request: Request, kind: Kind, place: Place) -> Response:
        write = self._write(request, kind, place)
        if isinstance(write, Response):
            return write
        found = self._read(write)
        if isinstance(found, Response):
            return found
        old = self._state.get(kind.home, place.namespace, write.name)
        return self._existing(write, found, old) if old else self._new(write, found)

    def _write(self, request: Request, kind: Kind, place: Place) -> Write | Response:
        """The request in its parts, or why it is none."""
        create, apply = request.method == "POST", request.method == "PATCH"
        if create == bool(place.name):
            return not_allowed()
        halves = _halves(request.body, kind)
        if isinstance(halves, Response):
            return halves
        meta, rest = halves
        query = dict(request.query)
        strictness = query.get("fieldValidation") or "Warn"
        name = meta.get("name") or place.name
        if not isinstance(name, str) or (place.name and name != place.name):
            words = "the name of the object ({}) does not match the name on the URL ({})"
            return bad_request(words.format(name, place.name))
        if problem := self._namespace_problem(meta, kind, place):
            return bad_request(problem)
        if apply and meta.get("managedFields"):
            return bad_request("metadata.managedFields must be nil")
        dry, brief = bool(query.get("dryRun")), type(request.body) is Halves
        return Write(kind, place, rest, meta, name, apply, create, strictness, dry, brief)

    def _namespace_problem(self, meta: Json, kind: Kind, place: Place) -> str:
        given = meta.get("namespace") or ""
        if not kind.namespaced or not given or given == place.namespace:
            return ""
        return "the namespace of the provided object does not match the namespace sent on the request"

    def _read(self, write: Write) -> Found | Response:
        """Bytes to types: what does not fit ends here."""
        kind = write.kind
        form = Form.APPLIED if write.apply else Form.JSON
        meta = dict(write.meta)
        if write.name:
            meta["name"] = write.name
        if kind.namespaced:
            meta["namespace"] = write.place.namespace
        else:
            # Objects of the whole cluster lose it on the way in.
            meta.pop("namespace", None)
        rest = self._judge.judge(kind, write.rest, meta, form)
        head = self._judge.metadata(kind, meta, form)
        if mismatch := rest.mismatch or head.mismatch:
            return self._not_decoded(write, mismatch)
        strangers = [path_text(steps) for steps in (*head.unknown, *rest.unknown)]
        if write.apply and (problem := _apply_problem(strangers, rest, head)):
            return self._not_applied(write, problem)
        unknown_fields = [f'unknown field "{text}"' for text in strangers]
        if unknown_fields and write.strictness == "Strict" and self._minor >= STRICT_SINCE:
            return bad_request(_handled(kind, f"strict decoding error: {', '.join(unknown_fields)}"))
        says = self._minor >= STRICT_SINCE and write.strictness == "Warn"
        warnings = (*kind.warnings, *(unknown_fields if says else ()), *rest.warnings)
        named = meta if head.clean is None else head.clean
        return Found(cleaned(write.rest, rest), named, rest, (*head.causes, *rest.causes), warnings)

    def _not_decoded(self, write: Write, mismatch: str) -> Response:
        if write.apply:
            return self._not_applied(write, mismatch)
        return bad_request(_handled(write.kind, mismatch))

    def _not_applied(self, write: Write, problem: str) -> Response:
        where = f"{write.meta.get('namespace') or ''}/{write.name}"
        version = write.kind.api_version if "/" in write.kind.api_version else f"/{write.kind.api_version}"
        kind = f"{version}, Kind={write.kind.kind}"
        # Servers give no reason here.
        return failure(500, "", f"failed to create typed patch object ({where}; {kind}): {problem}")

    def _new(self, write: Write, found: Found) -> Response:
        kind, place = write.kind, write.place
        if not write.create and not write.apply:
            return not_found(kind.api_version, kind.resource, write.name)
        if write.apply and write.meta.get("uid"):
            why = "uid mismatch: the provided object specified uid, and no existing object was found"
            return conflict(kind.api_version, kind.resource, write.name, why)
        if write.meta.get("resourceVersion") and write.create and not write.dry:
            message = "resourceVersion should not be set on objects to be created"
            return failure(500, "InternalError", message)
        if refused := refusal(self._state, place, write.name, found):
            return refused
        causes = (*found.causes, *self._taken(write, found))
        if causes:
            return not_valid(kind.api_version, kind.kind, write.name, causes, found.warnings)
        return self._accept(write, found, "CREATE")

    def _taken(self, write: Write, found: Found) -> tuple[Cause, ...]:
        is_service = write.kind.resource == "services" and not write.dry
        return tuple(taken(self._state, found.clean)) if is_service else ()

    def _existing(self, write: Write, found: Found, old: Stored) -> Response:
        kind = write.kind
        version, uid = write.meta.get("resourceVersion"), write.meta.get("uid")
        if write.create:
            refused = refusal(self._state, write.place, write.name, found)
            if refused or not found.causes:
                return refused or exists(kind.api_version, kind.resource, write.name)
        elif (version and version != str(old.version)) or (uid and uid != old.uid):
            why = "the object has been modified; please apply your changes to the latest version and try again"
            return conflict(kind.api_version, kind.resource, write.name, why)
        causes = [*found.causes, *self._changed(write, found, old), *self._taken(write, found)]
        if causes:
            return not_valid(kind.api_version, kind.kind, write.name, causes, found.warnings)
        if kind.resource == "persistentvolumeclaims" and claimed(found.clean) != claimed(old.clean):
            self._store(write, found)
            return unknown(
                "a claim changes its size only once it is bound, and if its storage class allows that", found.warnings
            )
        return self._accept(write, found, "UPDATE")

    def _changed(self, write: Write, found: Found, old: Stored) -> tuple[Cause, ...]:
        fixed = write.kind.fixed
        if fixed is None or write.create:
            return ()
        if old.fixed and part_as_bytes(fixed, found.judged, found.rest) == old.fixed:
            return ()
        return tuple(fixed.compare(found.clean, old.clean, write.kind.shape.tree, self._minor))

    def _accept(self, write: Write, found: Found, operation: str) -> Response:
        kind = write.kind
        reason = others_decide(self._state, write.place, operation, found.metadata)
        if kind.resource == "services":
            reason = reason or depends_on_network(found.clean)
        if kind.check is None:
            reason = f"what a server checks of {kind.api_version} {kind.kind} is not known here"
        stored = self._store(write, found)
        if reason:
            return unknown(reason, found.warnings)
        status = 201 if operation == "CREATE" else 200
        if write.brief:
            return accepted(status, found.warnings)
        return Response(status, shown(stored, found.clean), found.warnings)

    def _store(self, write: Write, found: Found) -> Stored:
        state, kind, place = self._state, write.kind, write.place
        name = write.name or f"{write.meta.get('generateName', '')}{state.clock % 100_000:05d}"
        if write.dry:
            old = state.get(kind.home, place.namespace, name)
            return old or Stored.of(found.rest.kept, found.metadata, kind.api_version)
        found.metadata["name"] = name
        stored = Stored.of(found.rest.kept, found.metadata, kind.api_version)
        if kind.fixed is not None:
            stored.fixed = part_as_bytes(kind.fixed, found.judged, found.rest)
        return state.put(kind.home, place.namespace, name, stored)


def _halves(body: Json, kind: Kind) -> tuple[Json, Rest] | Response:
    """Metadata and rest of a body, or why there are none."""
    if type(body) is Halves:
        return body.metadata, body.rest
    if not isinstance(body, dict):
        return bad_request("the object provided is unrecognized (must be of type Object)")
    if problem := header_problem(body, kind.api_version, kind.kind):
        return bad_request(problem)
    given = body.get("metadata")
    meta = {} if given is None else given
    if not isinstance(meta, dict):
        return bad_request(f'{kind.kind} in version "{_version(kind)}" cannot be handled as a {kind.kind}')
    return meta, Rest.of(body)


def _apply_problem(strangers: list[str], rest: Judged, head: Judged) -> str:
    if strangers:
        return ", ".join(f".{text}: field not declared in schema" for text in strangers)
    return ", ".join(f".{path_text(steps)}: {words}" for steps, words in (*head.lists, *rest.lists))


def header_problem(body: Json, api_version: str, kind: str) -> str:
    """Whether a body says itself that it is of another kind."""
    given = body.get("apiVersion", ""), body.get("kind", "")
    if not given[0] or not given[1]:
        missing = "Kind" if not given[1] else "apiVersion"
        return f"Object '{missing}' is missing"
    if given[0] != api_version:
        words = "the API version in the data ({}) does not match the expected API version ({})"
        return words.format(given[0], api_version)
    if given[1] != kind:
        return f"{given[1]} in version {api_version} cannot be handled as a {kind}"
    return ""


def shown(stored: Stored, clean: Json) -> Json:
    """An object as a server gives it back."""
    meta = {**clean.get("metadata", {}), "uid": stored.uid, "resourceVersion": str(stored.version)}
    return {**clean, "metadata": meta}


def _handled(kind: Kind, why: str) -> str:
    return f'{kind.kind} in version "{_version(kind)}" cannot be handled as a {kind.kind}: {why}'


def _version(kind: Kind) -> str:
    return kind.api_version.rpartition("/")[2]
