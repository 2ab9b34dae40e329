"""Writes of custom resources whose definitions are in the state."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from skel.client.request import Request, Response
from skel.kube.fields import Field, root
from skel.patch.values import Json
from skel.replay.dry.admission import others_decide, refusal
from skel.replay.dry.answers import bad_request, exists, failure, not_allowed, not_found, not_valid, unknown
from skel.replay.dry.cause import Cause, at, path_text
from skel.replay.dry.custom import Custom, defined, departures, unknown_fields
from skel.replay.dry.decode import Form, Mismatch, Unknown, reader
from skel.replay.dry.metadata import metadata
from skel.replay.dry.names import dns_subdomain
from skel.replay.dry.place import Place
from skel.replay.dry.state import State, Stored, home
from skel.replay.dry.writing import STRICT_SINCE, header_problem, shown

_DEFINITIONS = home("apiextensions.k8s.io/v1", "customresourcedefinitions")


_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class _Whole:
    clean: Json


class CustomKinds:
    """The custom kinds of a state."""

    def __init__(self, minor: int, state: State) -> None:
        self._minor = minor
        self._state = state
        self._kinds: dict[tuple[str, str], Custom] = {}
        tree = root("v1", "ConfigMap", f"1.{minor}")
        self._metadata: Field | None = tree.fields["metadata"] if tree else None

    def learn(self) -> None:
        """Look at the definitions again."""
        self._kinds = {}
        for stored in self._state.listed(_DEFINITIONS, ""):
            if stored.api_version == "apiextensions.k8s.io/v1":
                self._kinds.update(defined(stored.clean))

    def find(self, place: Place) -> Custom | None:
        return self._kinds.get((place.api_version, place.resource))

    def answer(self, request: Request, place: Place, custom: Custom) -> Response:
        body = request.body
        create = request.method == "POST"
        if create == bool(place.name):
            return not_allowed()
        if not isinstance(body, dict):
            return bad_request("the object provided is unrecognized (must be of type Object)")
        if problem := header_problem(body, place.api_version, custom.kind):
            return bad_request(problem)
        meta = self._meta(body, place)
        if isinstance(meta, Response):
            return meta
        return self._place(request, place, custom, {**body, "metadata": meta})

    def _meta(self, body: Json, place: Place) -> Json | Response:
        strangers: Unknown = []
        given = body.get("metadata") or {}
        try:
            clean = reader(self._metadata, Form.JSON)(given, strangers) if self._metadata else dict(given)
        except Mismatch as error:
            return bad_request(str(error.inside("metadata")))
        name = clean.get("name") or place.name
        if place.name and name != place.name:
            words = "the name of the object ({}) does not match the name on the URL ({})"
            return bad_request(words.format(name, place.name))
        if clean.get("namespace") and place.namespace and clean["namespace"] != place.namespace:
            return bad_request("the namespace of the provided object does not match the namespace sent on the request")
        clean = {key: value for key, value in clean.items() if key != "namespace"}
        return {
            **clean,
            **({"name": name} if name else {}),
            **({"namespace": place.namespace} if place.namespace else {}),
        }

    def _place(self, request: Request, place: Place, custom: Custom, whole: Json) -> Response:
        query = dict(request.query)
        strangers = [path_text(steps) for steps in unknown_fields(custom.schema, whole)]
        warnings = tuple(f'unknown field "{text}"' for text in strangers) if self._minor >= STRICT_SINCE else ()
        if strangers and request.method == "PATCH":
            return failure(500, "InternalError", f".{strangers[0]}: field not declared in schema")
        if warnings and query.get("fieldValidation") == "Strict":
            return bad_request(f"strict decoding error: {', '.join(warnings)}")
        said = (custom.warning,) if custom.warning else ()
        return self._judged(request, place, custom, whole, (*said, *warnings))

    def _judged(
        self, request: Request, place: Place, custom: Custom, whole: Json, warnings: tuple[str, ...]
    ) -> Response:
        name, where = whole["metadata"].get("name", ""), home(place.api_version, place.resource)
        old = self._state.get(where, place.namespace, name)
        if old is None and request.method == "PUT":
            return not_found(place.api_version, place.resource, name)
        if (old is None or request.method == "POST") and (refused := refusal(self._state, place, name, _Whole(whole))):
            return refused
        causes = self._causes(custom, whole)
        if causes:
            return not_valid(place.api_version, custom.kind, name, causes, warnings)
        if old is not None and request.method == "POST":
            return exists(place.api_version, place.resource, name)
        operation = "UPDATE" if old else "CREATE"
        reason = others_decide(self._state, place, operation, whole["metadata"])
        if custom.has_rules:
            reason = f"{custom.kind} has validation rules in CEL, which are not run here"
        stored = self._store(request, place, whole, old)
        if reason:
            return unknown(reason, warnings)
        return Response(200 if old else 201, shown(stored, whole), warnings)

    def _causes(self, custom: Custom, whole: Json) -> list[Cause]:
        found = list(
            at(metadata(whole["metadata"], dns_subdomain, namespaced=custom.namespaced, core=False), "metadata")
        )
        return [*found, *departures(custom.schema, whole)]

    def _store(self, request: Request, place: Place, whole: Json, old: Stored | None) -> Stored:
        if dict(request.query).get("dryRun"):
            return old or Stored.of(b"", whole["metadata"], place.api_version)
        name = whole["metadata"].get("name") or f"{whole['metadata'].get('generateName', '')}{self._state.clock:05d}"
        whole["metadata"]["name"] = name
        stored = Stored.of(_encode(whole), whole["metadata"], place.api_version)
        return self._state.put(home(place.api_version, place.resource), place.namespace, name, stored)
