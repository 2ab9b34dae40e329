"""A target of replays in this process: it keeps the state of a cluster and answers as an API server of a minor would.

It knows the API server alone: there are no controllers, nothing is scheduled, and nobody's webhooks are called. What a
real server would say because of those, it calls unknown.
"""

from __future__ import annotations

from skel.client.request import APPLY, Request, Response
from skel.kube.release import is_builtin_group, parse_release
from skel.replay.dry.admission import protected
from skel.replay.dry.again import Again, is_usual
from skel.replay.dry.answers import not_allowed, not_found, not_served, qualified, unknown
from skel.replay.dry.custom_writing import CustomKinds
from skel.replay.dry.judge import Judge
from skel.replay.dry.kinds import Kind, Kinds
from skel.replay.dry.place import Place, place_of
from skel.replay.dry.state import CONSULTED, Home, State, home
from skel.replay.dry.writing import Writer, shown

_DEFINITIONS = home("apiextensions.k8s.io/v1", "customresourcedefinitions")


class DryTarget:
    """Implements `Target` and `Model` of `skel.replay.target`. `minor` is `1.25`. Raises UnknownRelease."""

    is_dry = True

    def __init__(self, minor: str) -> None:
        self.version = parse_release(minor)
        self.name = f"dry:{self.version}"
        self.state = State()
        number = int(self.version.partition(".")[2])
        self._kinds = Kinds(self.version)
        self._own_apis()
        self._judge = Judge(number)
        self._writer = Writer(number, self.state, self._judge)
        self._custom = CustomKinds(number, self.state)

    def _own_apis(self) -> None:
        """Each API of the server is an object itself."""
        for api_version in {api_version for api_version, _ in self._kinds}:
            group, _, version = api_version.rpartition("/")
            body = {"kind": "APIService", "metadata": {"name": f"{version}.{group}"}, "spec": {"version": version}}
            self.state.own("apiregistration.k8s.io/v1", "apiservices", "", body)

    async def send(self, request: Request) -> Response:
        """Answer at once; see `answer`."""
        return self.answer(request)

    async def close(self) -> None:
        """Forget nothing: there is nothing to let go of."""

    def knows(self, api_version: str, resource: str) -> bool:
        """Whether the kind is built in, and served by default."""
        return (api_version, resource) in self._kinds

    def consults(self, kind: str) -> bool:
        """Whether the admission of others, or what they are given, depends on objects of the kind."""
        return kind in CONSULTED

    def again(self, path: str) -> Again | None:
        """The short way for an object of a built-in kind, None if there is none for the kind."""
        place = place_of(path)
        kind = self._kinds.get((place.api_version, place.resource)) if place else None
        if place is None or kind is None or not is_usual(kind, place):
            return None
        return Again(self._judge, self.state, kind, place)

    def answer(self, request: Request) -> Response:
        """Answer one request and keep what it changes. Never raises, whatever the request holds."""
        place = place_of(request.path)
        if place is None:
            return unknown(f"only objects are known here, not {request.path}")
        if place.subresource:
            return unknown(f"{place.resource}/{place.subresource} is not known here")
        try:
            return self._answer(request, place)
        except RecursionError:
            return unknown("the object is nested too deeply to be looked at")

    def _answer(self, request: Request, place: Place) -> Response:
        kind = self._kinds.get((place.api_version, place.resource))
        if kind is None:
            return self._not_built_in(request, place)
        if problem := _scope_problem(place, namespaced=kind.namespaced, method=request.method):
            return problem
        if kind.kind.endswith("Review"):
            return unknown(f"a {kind.kind} is a question, not an object")
        if request.method in {"POST", "PUT"} or (request.method == "PATCH" and request.content_type == APPLY):
            answer = self._writer.answer(request, kind, place)
            if kind.home == _DEFINITIONS and answer.status in {0, 200, 201}:
                self._custom.learn()
            return answer
        return self._read_or_delete(request, place, kind.home, kind)

    def _not_built_in(self, request: Request, place: Place) -> Response:
        custom = self._custom.find(place)
        if custom is not None:
            if problem := _scope_problem(place, namespaced=custom.namespaced, method=request.method):
                return problem
            if request.method in {"POST", "PUT"} or (request.method == "PATCH" and request.content_type == APPLY):
                return self._custom.answer(request, place, custom)
            return self._read_or_delete(request, place, home(place.api_version, place.resource), None)
        if is_builtin_group(place.api_version):
            return not_served()
        return unknown(f"no definition of {qualified(place.api_version, place.resource)} was seen")

    def _read_or_delete(self, request: Request, place: Place, where: Home, kind: Kind | None) -> Response:
        match request.method:
            case "GET" if dict(request.query).get("watch"):
                return unknown("nothing can be watched here")
            case "GET":
                return self._get(place, where, kind) if place.name else self._list(place, where, kind)
            case "DELETE" if place.name:
                return self._delete(request, place, where)
            case "DELETE":
                return self._delete_all(request, place, where)
            case "PATCH":
                return unknown(f"patches of type {request.content_type} are not known here")
            case _:
                return not_allowed()

    def _get(self, place: Place, where: Home, kind: Kind | None) -> Response:
        stored = self.state.get(where, place.namespace, place.name)
        if stored is None:
            return not_found(place.api_version, place.resource, place.name)
        if kind is not None and stored.api_version != place.api_version:
            return unknown("objects are not converted between versions here")
        return Response(200, shown(stored, stored.clean))

    def _list(self, place: Place, where: Home, kind: Kind | None) -> Response:
        items = [shown(stored, stored.clean) for stored in self.state.listed(where, place.namespace)]
        name = kind.kind if kind else place.resource
        meta = {"resourceVersion": str(self.state.clock)}
        return Response(200, {"apiVersion": place.api_version, "kind": f"{name}List", "metadata": meta, "items": items})

    def _delete(self, request: Request, place: Place, where: Home) -> Response:
        if refused := protected(place):
            return refused
        stored = self.state.get(where, place.namespace, place.name)
        if stored is None:
            return not_found(place.api_version, place.resource, place.name)
        if not dict(request.query).get("dryRun"):
            if stored.metadata.get("finalizers"):
                stored.leaving = True
            else:
                self.state.remove(where, place.namespace, place.name)
                if where == _DEFINITIONS:
                    self._custom.learn()
        details = {"name": place.name, "kind": place.resource, "uid": stored.uid}
        return Response(200, {"kind": "Status", "apiVersion": "v1", "status": "Success", "details": details})

    def _delete_all(self, request: Request, place: Place, where: Home) -> Response:
        for stored in list(self.state.listed(where, place.namespace)):
            meta = stored.metadata
            one = Place(place.api_version, place.resource, meta.get("namespace", ""), meta["name"])
            self._delete(request, one, where)
        return Response(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"})


def _scope_problem(place: Place, *, namespaced: bool, method: str) -> Response | None:
    if namespaced and not place.namespace and (place.name or method != "GET"):
        return not_served() if place.name else not_allowed()
    if place.namespace and not namespaced:
        return not_served()
    return None
