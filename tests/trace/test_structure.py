from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from skel.findings.severity import Severity
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace
from skel.trace.structure import structural_findings
from skel.trace.structure_codes import NAMES, TITLES, meaning
from tests.trace.making import trace_of
from tests.trace.recordings import START, manifest, recorded, recordings

WEB, CART = ("Deployment", "shop", "web"), ("Deployment", "shop", "cart")
KEY = "apps/v1.Deployment"
GOOD = recorded((0, {WEB: 1}, []), (10, {CART: 3}, []), (20, {}, [CART]))


def codes(trace: Trace) -> list[str]:
    return [finding.code for finding in structural_findings(trace)]


def test_a_good_trace() -> None:
    assert codes(GOOD) == []


@given(recordings())
def test_recordings_are_good(trace: Trace) -> None:
    assert codes(trace) == []


LATE = Event(START - 5, [], [])
ODD = Event(START + 30, [encode_object({"metadata": {"name": "a"}}), encode_object([1])], [])
UNKNOWN = Event(START + 30, [], [encode_object(manifest(CART))])
OTHER = Event(START + 30, [encode_object({**manifest(WEB), "kind": "Other"})], [])
EARLY: dict[Any, Any] = {(KEY, "shop/web"): {1: [{"Finished": [START - 9, START]}]}}
BACKWARDS: dict[Any, Any] = {(KEY, "shop/web"): {1: [{"Finished": [START + 9, START + 5]}, "Empty"]}}
NOBODY: dict[Any, Any] = {(KEY, "shop/nobody"): {1: [{"Running": START}]}}


@pytest.mark.parametrize(
    ("trace", "code", "words"),
    [
        (trace_of(), "TR101", "no events"),
        (GOOD.with_events([*GOOD.events, LATE]), "TR102", "event 3 is 25 seconds before event 2"),
        (GOOD.with_events([*GOOD.events, ODD]), "TR103", "applied object 0 has no apiVersion and kind"),
        (GOOD.with_events([*GOOD.events, UNKNOWN]), "TR104", "Deployment/shop/cart is deleted, but it is not there"),
        (
            GOOD.with_events(index={KEY: {"shop/web": 1, "shop/cart": GOOD.index[KEY]["shop/cart"]}}),
            "TR110",
            "1 of apps/v1.Deployment",
        ),
        (
            GOOD.with_events(index={KEY: {"shop/web": GOOD.index[KEY]["shop/web"]}}),
            "TR111",
            "Deployment/shop/cart is not",
        ),
        (GOOD.with_events(index={KEY: {**GOOD.index[KEY], "shop/x": 1}}), "TR112", "such as shop/x"),
        (GOOD.with_events(pod_lifecycles=BACKWARDS), "TR120", "1 pods of Deployment/shop/web end before"),
        (GOOD.with_events(pod_lifecycles=NOBODY), "TR121", "Deployment/shop/nobody, which is in no event"),
        (GOOD.with_events(pod_lifecycles=EARLY), "TR122", "begin while their owner is not there"),
        (GOOD.with_events([*GOOD.events, OTHER]), "TR130", "apps/v1.Other is not tracked"),
    ],
)
def test_each_fault(trace: Trace, code: str, words: str) -> None:
    found = structural_findings(trace)
    assert {finding.code for finding in found} == {code}
    assert words in found[0].message


def test_what_a_replay_can_live_with_is_no_error() -> None:
    errors = {code for code in TITLES if code in {"TR101", "TR102", "TR103", "TR120"}}
    found = structural_findings(GOOD.with_events([*GOOD.events, LATE, ODD]))
    assert {finding.code for finding in found if finding.severity is Severity.ERROR} <= errors


def test_every_code_has_a_page() -> None:
    assert len(set(NAMES.values())) == len(NAMES)
    assert all(meaning(code) for code in TITLES)
    assert meaning("tr101")
    assert meaning("SK001") == ""


def test_recorded_traces(shared_traces: Path) -> None:
    """The index of the bare pods belongs to later specs than the recorded ones."""
    for name, wanted in (("cronjob", []), ("dsb-scaling", []), ("bare-pods", ["TR110", "TR112"])):
        assert sorted(codes(Trace.open(str(shared_traces / f"{name}.sktrace")))) == wanted
