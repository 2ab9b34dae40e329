"""What a migration makes of the objects in the cases of rules, told by real servers of the old and the new release."""

from __future__ import annotations

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

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("programs"), pytest.mark.timeout(300)]

Manifest = dict[str, Any]
OLD, NEW = "1.24", "1.25"
STRICT = "?dryRun=All&fieldValidation=Strict"


def lost_objects() -> Iterator[Manifest]:
    """The objects of APIs that the new release does not serve any more, each with a name of its own."""
    for rule in find("kubernetes").rules:
        for number, case in enumerate(read_cases(rule.cases_file)[0] if rule.category == REMOVAL else ()):
            thing = deepcopy(case.before)
            served = lookup(str(thing.get("apiVersion")), str(thing.get("kind")), OLD)
            gone = lookup(str(thing.get("apiVersion")), str(thing.get("kind")), NEW) is None
            if served is None or not served.on_by_default or not gone or case.is_quiet:
                continue
            name = f"{rule.id[:40]}-{number}"
            thing["metadata"] = {**thing.get("metadata", {}), "name": name}
            thing["metadata"].pop("namespace", None)
            if served.namespaced:
                thing["metadata"]["namespace"] = "default"
            yield thing


def path_of(thing: Manifest, minor: str) -> str:
    api_version, kind = thing["apiVersion"], thing["kind"]
    served = lookup(api_version, kind, minor) or lookup(api_version, kind, OLD)
    assert served is not None
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    return f"{root}/namespaces/default/{served.resource}" if served.namespaced else f"{root}/{served.resource}"


def migrated(thing: Manifest) -> Manifest:
    trace = skel.Trace.make([Event(0, [encode_object(thing)], [])], {"trackedObjects": {}}, {}, {})
    after = skel.upgrade.migrate(trace, source=OLD, target=NEW).trace
    return decode_object(after.events[0].applied_objs[0])


def meaning(body: Manifest) -> Manifest:
    """The object as the server sees it, without what is of this server alone."""
    for endpoint in body.get("endpoints", []):
        # The server shows old topology in v1, and drops it from what is written there. What read v1beta1 took the host
        # name for the node where none was named; what reads v1 does not, so the rule writes it out.
        endpoint.pop("deprecatedTopology", None)
        endpoint.pop("nodeName", None)
    metadata = body.get("metadata", {})
    kept = {key: metadata.get(key) or {} for key in ("labels", "annotations")}
    return {**{key: value for key, value in body.items() if key not in {"metadata", "status"}}, **kept}


def test_what_the_old_server_takes_the_new_one_takes_and_it_means_the_same(clusters: Path) -> None:
    old, new = up(OLD, "old").kubeconfig, up(NEW, "new").kubeconfig
    told: set[str] = set()
    for thing in lost_objects():
        name = thing["metadata"]["name"]
        if ask(old, "POST", path_of(thing, OLD) + STRICT, thing).status != 201:
            continue  # a case may be a sketch of an object
        assert ask(new, "POST", path_of(thing, OLD) + STRICT, thing).status == 404, name
        repaired = migrated(thing)
        if repaired["apiVersion"] == thing["apiVersion"]:
            continue  # for a person to do
        answer = ask(new, "POST", path_of(repaired, NEW) + STRICT, repaired)
        assert answer.status == 201, (name, answer.body)
        # Either way round: what else a release changes (a reference to a lost version) is repaired on both.
        assert meaning(answer.body) == meaning(migrated(seen_as(old, thing, repaired).body)), name
        told.add(thing["kind"])
    assert told >= {"CronJob", "PodDisruptionBudget", "HorizontalPodAutoscaler", "EndpointSlice", "RuntimeClass"}


def seen_as(config: Path, thing: Manifest, repaired: Manifest) -> Response:
    """The old server's own view of the original, in the version that the migration chose."""
    name = thing["metadata"]["name"]
    assert ask(config, "POST", path_of(thing, OLD), thing).status == 201, name
    return ask(config, "GET", f"{path_of(repaired, OLD)}/{name}")
