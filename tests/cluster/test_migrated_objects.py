"""What a migration makes of the objects in the cases of rules, told by real servers of the old and the new release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import skel
from skel.client.request import Response
from skel.cluster.control_plane import up
from skel.kube.release import lookup
from skel.packs.cases import read_cases
from skel.packs.registry import find
from skel.trace.codec import Event, decode_object, encode_object
from skel.upgrade.selection import REMOVAL
from tests.cluster.api import ask
from tests.cluster.programs import REAL, need

pytestmark = [*REAL, pytest.mark.usefixtures("plain_terminal", "clusters")]

Manifest = dict[str, Any]
STRICT = "?dryRun=All&fieldValidation=Strict"


def lost_objects(old: str, new: str) -> Iterator[Manifest]:
    """The objects of APIs that the new release does not serve any more, each with a name of its own."""
    for rule in find("kubernetes").rules:
        for number, case in enumerate(read_cases(rule.cases_file)[0] if rule.category == REMOVAL else ()):
            thing = deepcopy(case.before)
            served = lookup(str(thing.get("apiVersion")), str(thing.get("kind")), old)
            gone = lookup(str(thing.get("apiVersion")), str(thing.get("kind")), new) is None
            if served is None or not served.on_by_default or not gone or case.is_quiet:
                continue
            name = f"{rule.id[:40]}-{number}"
            thing["metadata"] = {**thing.get("metadata", {}), "name": name}
            thing["metadata"].pop("namespace", None)
            if served.namespaced:
                thing["metadata"]["namespace"] = "default"
            yield thing


def path_of(thing: Manifest, *minors: str) -> str:
    """Where its kind is in the first of the releases that serves it."""
    api_version, kind = thing["apiVersion"], thing["kind"]
    served = next((served for minor in minors if (served := lookup(api_version, kind, minor))), None)
    assert served is not None
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    return f"{root}/namespaces/default/{served.resource}" if served.namespaced else f"{root}/{served.resource}"


def migrated(thing: Manifest, old: str, new: str) -> Manifest:
    trace = skel.Trace.make([Event(0, [encode_object(thing)], [])], {"trackedObjects": {}}, {}, {})
    after = skel.upgrade.migrate(trace, source=old, target=new).trace
    return decode_object(after.events[0].applied_objs[0])


def meaning(body: Manifest) -> Manifest:
    """The object as the server sees it, without what is of this server alone."""
    for endpoint in body.get("endpoints", []):
        # The server shows old topology in v1, and drops it from what is written there. What read v1beta1 took the host
        # name for the node where none was named; what reads v1 does not, so the rule writes it out.
        endpoint.pop("deprecatedTopology", None)
        endpoint.pop("nodeName", None)
    if "metrics" in body.get("spec", {}):
        # A server that stores autoscaling/v1 puts the CPU behind the others; their order means nothing.
        body["spec"]["metrics"].sort(key=json.dumps)
    metadata = body.get("metadata", {})
    kept = {key: metadata.get(key) or {} for key in ("labels", "annotations")}
    return {**{key: value for key, value in body.items() if key not in {"metadata", "status"}}, **kept}


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (
            "1.24",
            "1.25",
            {"CronJob", "PodDisruptionBudget", "HorizontalPodAutoscaler", "EndpointSlice", "RuntimeClass"},
        ),
        ("1.25", "1.36", {"HorizontalPodAutoscaler", "FlowSchema", "PriorityLevelConfiguration", "CSIStorageCapacity"}),
    ],
)
def test_what_the_old_server_takes_the_new_one_takes_and_it_means_the_same(
    before: str, after: str, kinds: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    need(monkeypatch, before, after)
    old, new = up(before, "old").kubeconfig, up(after, "new").kubeconfig
    told: set[str] = set()
    for thing in lost_objects(before, after):
        name = thing["metadata"]["name"]
        if ask(old, "POST", path_of(thing, before) + STRICT, thing).status != 201:
            continue  # a case may be a sketch of an object
        assert ask(new, "POST", path_of(thing, before) + STRICT, thing).status == 404, name
        repaired = migrated(thing, before, after)
        if repaired["apiVersion"] == thing["apiVersion"]:
            continue  # for a person to do
        answer = ask(new, "POST", path_of(repaired, after) + STRICT, repaired)
        if _is_stricter(answer):
            continue
        assert answer.status == 201, (name, answer.body)
        place = path_of(repaired, before, after)
        if ask(old, "GET", place).is_success:
            # Either way round: what else a release changes (a reference to a lost version) is repaired on both.
            there = seen_as(old, thing, path_of(thing, before), place)
            assert meaning(answer.body) == meaning(migrated(there.body, before, after)), name
        told.add(thing["kind"])
    assert told >= kinds


def _is_stricter(answer: Response) -> bool:
    """Since 1.34 an autoscaler must name the group of its target, in any version of its API."""
    return answer.status == 422 and "apiVersion must specify API group" in answer.message


def seen_as(config: Path, thing: Manifest, path: str, place: str) -> Response:
    """The old server's own view of the original, in the version that the migration chose."""
    name = thing["metadata"]["name"]
    assert ask(config, "POST", path, thing).status == 201, name
    return ask(config, "GET", f"{place}/{name}")
