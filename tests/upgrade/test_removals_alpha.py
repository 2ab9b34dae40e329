"""Each alpha API that a release took away is rewritten to what the release serves, or reported."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

from skel.kube.release import Gvk, lookup, minors, served
from skel.kube.schema import validate
from skel.packs import registry
from skel.packs.cases import Case, Manifest, read_cases
from skel.program import Program
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.model import Trace
from skel.upgrade.route import KUBERNETES, Route
from skel.upgrade.selection import REMOVAL, Stage, choose, compile_rules

TARGETS = minors()[1:]
LOST: dict[str, list[Gvk]] = {
    minor: sorted(gvk for gvk in served(before).keys() - served(minor).keys() if "alpha" in gvk[0])
    for before, minor in pairwise(minors())
}


@cache
def program(target: str) -> Program:
    """The removals up to the target."""
    routes = {KUBERNETES: Route(KUBERNETES, "", target)}
    chosen = choose([registry.find(KUBERNETES)], routes)
    due = tuple(one for one in chosen if one.stage is Stage.DUE and one.rule.category == REMOVAL)
    return compile_rules(due, routes).program


def run(target: str, manifests: list[Manifest]) -> tuple[list[Manifest], set[int]]:
    """What becomes of the objects, and the numbers of those that are reported."""
    events = [Event(number, [encode_object(manifest)], []) for number, manifest in enumerate(manifests)]
    after, changes = program(target).apply(Trace.make(events, {"trackedObjects": {}}, {}, {}), workers=1)
    objects = [decode_object(event.applied_objs[0]) for event in after.events]
    return objects, {finding.event for finding in changes.summary.findings}


@cache
def cases() -> tuple[tuple[str, Case], ...]:
    """The cases of the alpha rules that rewrite something, each with the release in which its rule begins."""
    rules = [rule for rule in registry.find(KUBERNETES).rules if rule.path.startswith("alpha/")]
    return tuple((rule.since, case) for rule in rules for case in read_cases(rule.cases_file)[0] if case.expected.after)


def test_the_facts_name_losses() -> None:
    assert ("settings.k8s.io/v1alpha1", "PodPreset") in LOST["1.20"]
    assert sum(map(len, LOST.values())) >= 35


@pytest.mark.parametrize("target", [minor for minor in TARGETS if LOST[minor]])
def test_no_loss_goes_unseen(target: str) -> None:
    sketches: list[Manifest] = [
        {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}} for api_version, kind in LOST[target]
    ]
    objects, reported = run(target, sketches)
    for number, found in enumerate(objects):
        is_served = lookup(str(found["apiVersion"]), str(found["kind"]), target) is not None
        assert is_served or number in reported, sketches[number]


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_rewritten_fits_every_later_release(target: str) -> None:
    due = [case for since, case in cases() if minors().index(since) <= minors().index(target)]
    objects, _ = run(target, [case.before for case in due])
    for case, found in zip(due, objects, strict=True):
        assert validate(found, target) == (), (case.name, found)
