"""Dry replays go two ways, straight and through all the layers: on every history both say the same."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skel.client.request import Request, Response
from skel.findings.model import FoundObject
from skel.patch.values import Json, copy_json
from skel.replay import shards
from skel.replay.direct import Direct
from skel.replay.driver import Driver
from skel.replay.dry.target import DryTarget
from skel.replay.namespaces import Namespaces
from skel.replay.plan import Plan
from skel.replay.repair import Repairs
from skel.replay.run_folder import RunFolder
from skel.replay.schedule import Window
from skel.replay.virtual import Simulation, mark, recorded_metadata, sign
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace
from tests.dry.mutate import places, put
from tests.dry.rows import request, valid_objects
from tests.replay.replays import START, lines, simple

VALID = list(valid_objects())
ROOMS = [simple("Namespace", name, namespace=None) for name in ("shop", "team")]
SCALED = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "shop"}}
SPARK: Json = {
    "apiVersion": "s.io/v1",
    "kind": "App",
    "metadata": {"name": "a"},
    "driver": {"spec": {"containers": []}},
}
ODD: list[Json] = [
    {**SCALED, "spec": {"size": 3}},
    {**SPARK, "metadata": {"name": "a", "namespace": "team"}},
    simple("CronJob", "old", "batch/v1beta1"),
    simple("ConfigMap", "x/y%z"),
    simple("ConfigMap", "bad_name"),
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "made-", "namespace": "shop"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": None, "annotations": []}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": None},
    {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": 7}},
    {"kind": "Secret", "metadata": {"name": "s"}},
    simple("SelfSubjectReview", "me", "authentication.k8s.io/v1"),
    {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "v"}, "spec": {"capacity": 2**63}},
]
DEFINITION: Json = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"kind": "Widget", "plural": "widgets"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
                    }
                },
            }
        ],
    },
}
HOOK: Json = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "watch"},
    "webhooks": [
        {
            "name": "watch.example.com",
            "clientConfig": {"url": "https://example.com/"},
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            "rules": [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}],
        }
    ],
}
POOL = [*VALID, *ODD, *ROOMS, DEFINITION]
TRACKED = {"s.io/v1.App": {"podSpecTemplatePaths": ["/driver", "/metadata/annotations"]}}
Happened = tuple[list[Json], list[Json], bool]
"""What is applied, what is deleted, and whether the first comes once more."""
VALUES: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-5, 2**40) | st.text(max_size=8) | st.just({}) | st.just([])
)
LABELS = st.dictionaries(st.sampled_from(["app", "a/b", "-bad-"]), st.sampled_from(["x", "no space", "1"]), max_size=2)


@st.composite
def objects(draw: st.DrawFn, pool: tuple[Json, ...] = tuple(POOL)) -> Json:
    """One of few objects, so that they meet again; some with a defect, some with other metadata."""
    found = copy_json(draw(st.sampled_from(pool)))
    if draw(st.integers(0, 3)) == 0:
        put(found, draw(st.sampled_from([place for place, _ in places(found)])), draw(VALUES))
    metadata = found.get("metadata") if isinstance(found, dict) else None
    if isinstance(metadata, dict):
        if metadata.get("namespace") is not None:
            metadata["namespace"] = draw(st.sampled_from(["shop", "team"]))
        for name in ("labels", "annotations"):
            if draw(st.integers(0, 5)) == 0:
                metadata[name] = draw(LABELS)
    return found


EVENTS = st.lists(
    st.tuples(st.lists(objects(), max_size=4), st.lists(objects(), max_size=2), st.booleans()), min_size=1, max_size=8
)


@st.composite
def states(draw: st.DrawFn) -> list[Happened]:
    """A good object in one state after the other; now and then it goes, or somebody begins to watch over changes."""
    first = draw(st.sampled_from(VALID))
    events: list[Happened] = [([*ROOMS, first], [], False)]
    for state in draw(st.lists(objects((first,)), min_size=1, max_size=6)):
        gone, watched = (draw(st.integers(0, 9)) == 0 for _ in range(2))
        events.append(([state, *([HOOK] if watched else [])], [first] if gone else [], draw(st.booleans())))
    return events


def traced(events: list[Happened]) -> Trace:
    made: list[Event] = []
    for number, (applied, deleted, again) in enumerate(events):
        made.append(
            Event(START + number, [encode_object(one) for one in applied], [encode_object(one) for one in deleted])
        )
        if again:
            made.append(Event(START + number, made[-1].applied_objs, []))
    return Trace.make(made, {"trackedObjects": TRACKED}, {}, {})


class Layered:
    """The same target, as one in another process would be seen."""

    is_dry = True

    def __init__(self, target: DryTarget) -> None:
        self.name, self.version, self._target = target.name, target.version, target

    async def send(self, request: Request) -> Response:
        return await self._target.send(request)

    async def close(self) -> None:
        pass


def played(trace: Trace, minor: str, *, straight: bool, **more: Any) -> tuple[Json, Json, Json]:
    """The journal, the counts and the objects that are there at the end."""
    target = DryTarget(minor)
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(trace, "sim-1", window=Window(speed=None), **more)
        driver = Driver(plan, target if straight else Layered(target), folder=RunFolder(Path(folder) / "run"))
        result = asyncio.run(driver.run())
        journal = [{**line, "wall": 0} for line in lines(Path(folder) / "run")]
    known = ("counts", "rejected", "error", "ended")
    return journal, {key: result.info.get(key) for key in known}, dict(kept(target))


def kept(target: DryTarget) -> Iterator[tuple[Any, Json]]:
    for home, shelf in target.state.objects.items():
        for key, one in shelf.items():
            yield (home, key), (one.clean, one.uid, one.version, one.leaving, one.fixed, one.api_version)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared here is the state of the model, which is whole only without workers."""
    monkeypatch.setattr(shards, "can_split", lambda: False)


@pytest.fixture
def no_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules that explain rejections take long, and see only the trace."""
    monkeypatch.setattr(Repairs, "_check", lambda self, release: {})


@pytest.mark.usefixtures("no_rules")
@pytest.mark.parametrize("minor", ["1.24", "1.25", "1.33"])
def test_both_ways_say_the_same(minor: str) -> None:
    @given(events=EVENTS)
    @settings(max_examples=60, deadline=None)
    def same(events: list[Happened]) -> None:
        trace = traced(events)
        assert played(trace, minor, straight=True) == played(trace, minor, straight=False)

    same()


@pytest.mark.usefixtures("no_rules")
@pytest.mark.parametrize("minor", ["1.24", "1.36"])
def test_both_ways_say_the_same_of_what_changes(minor: str) -> None:
    @given(events=states())
    @settings(max_examples=40, deadline=None)
    def same(events: list[Happened]) -> None:
        trace = traced(events)
        assert played(trace, minor, straight=True) == played(trace, minor, straight=False)

    same()


@pytest.mark.usefixtures("no_rules")
def test_both_ways_say_the_same_of_a_long_history() -> None:
    """Everything that is valid, three times; a namespace and a definition that go and come again between."""
    moved = [{**one, "metadata": {**one["metadata"], "namespace": "team"}} for one in VALID]
    everything = [*ROOMS, DEFINITION, *VALID, *ODD, *moved]
    trace = traced([(everything, [], True), ([], [*ROOMS, DEFINITION], False), (everything, [], True)])
    straight, layered = (played(trace, "1.25", straight=way, repeat=2) for way in (True, False))
    assert straight == layered
    verdicts = {line["verdict"] for line in straight[0]}
    assert verdicts == {"accepted", "rejected", "unknown"}


def test_most_objects_go_straight(monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[bool] = []
    apply = Direct.apply

    def counted(self: Direct, *args: Any) -> Any:
        outcome = apply(self, *args)
        gone.append(outcome is not None)
        return outcome

    monkeypatch.setattr(Direct, "apply", counted)
    workload = next(one for one in VALID if one["kind"] == "Deployment")
    played(traced([([workload], [], True)] * 10), "1.25", straight=True)
    # The first one waits for its namespace.
    assert gone == [False] + [True] * 19


def test_what_is_there_changes_without_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answer = DryTarget.answer

    def counted(self: DryTarget, request: Request) -> Response:
        asked.append(request.method)
        return answer(self, request)

    monkeypatch.setattr(DryTarget, "answer", counted)
    workload = next(one for one in VALID if one["kind"] == "Deployment")
    changed = [
        {**workload, "metadata": {**workload["metadata"], "labels": {"n": str(number)}}, "spec": workload["spec"]}
        for number in range(20)
    ]
    played(traced([([one], [], False) for one in changed]), "1.25", straight=True)
    # Its namespace, and the object when it is new.
    assert asked == ["POST", "PATCH"]


def test_what_is_remembered_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skel.replay.rests._REMEMBERED_BYTES", 4096)
    events: list[Happened] = [
        ([{**simple("ConfigMap", f"c-{number % 3}"), "data": {"k": "x" * 500 + str(number)}}], [], True)
        for number in range(40)
    ]
    assert played(traced(events), "1.25", straight=True) == played(traced(events), "1.25", straight=False)


def test_the_raw_bytes_tell_states_apart() -> None:
    """Objects whose keys and values could run into each other are two."""
    events: list[Happened] = [
        ([{**simple("ConfigMap", "c"), "data": {"a": "1"}, "binaryData": {}}], [], False),
        ([{**simple("ConfigMap", "c"), "binaryData": {}, "data": {"a": "1"}}], [], False),
        ([{**simple("ConfigMap", "c"), "data": {}, "binaryData": {"a": "1"}}], [], False),
    ]
    straight = played(traced(events), "1.25", straight=True)
    assert straight == played(traced(events), "1.25", straight=False)
    assert [line["verdict"] for line in straight[0]] == ["accepted", "accepted", "rejected"]


def test_services_go_the_long_way() -> None:
    """What is said of one that wants an address of IPv6 hangs on more than on what changes in it."""
    service = {**simple("Service", "a"), "spec": {"ports": [{"port": 80}], "ipFamilies": ["IPv6"]}}
    other = {**service, "metadata": {**service["metadata"], "labels": {"app": "a"}}}
    events: list[Happened] = [([simple("ConfigMap", "b"), one], [], False) for one in (service, other)]
    straight = played(traced(events), "1.25", straight=True)
    assert straight == played(traced(events), "1.25", straight=False)
    assert [line["verdict"] for line in straight[0]] == ["accepted", "unknown"] * 2


LONG = st.sampled_from(["x", "x" * 300_000])
METADATA = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "Bad"])},
    optional={
        "labels": LABELS | VALUES | st.dictionaries(st.just("app"), VALUES),
        "annotations": st.dictionaries(st.sampled_from(["a/b", "-bad-"]), LONG | VALUES) | VALUES,
        "finalizers": st.just(["nobody"]),
    },
)


@given(metadata=METADATA)
@example(metadata={"name": "a", "labels": {}, "annotations": {"a/b": "x" * 300_000}})
@settings(max_examples=150, deadline=None)
def test_the_quick_look_at_metadata_says_what_the_close_one_says(metadata: Json) -> None:
    sent = request({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}, "1.25", "apply")
    assert sent is not None
    quick = DryTarget("1.25").answer(sent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("skel.replay.dry.judge.is_good", lambda *_: False)
        assert DryTarget("1.25").answer(sent) == quick


REVISION = "deployment.kubernetes.io/revision"
RECORDED = st.fixed_dictionaries(
    {"name": st.just("a"), "namespace": st.just("shop")},
    optional={
        "labels": LABELS | VALUES,
        "annotations": st.dictionaries(st.sampled_from(["deployment.kubernetes.io/revision", "a/b"]), st.text())
        | VALUES,
        "uid": VALUES,
        "managedFields": VALUES,
        "ownerReferences": VALUES,
        "generateName": VALUES,
        "clusterName": VALUES,
    },
)


@given(metadata=RECORDED)
def test_recorded_metadata_is_read_as_if_it_had_been_decoded(metadata: Json) -> None:
    simulation, thing = Simulation("sim-1", Namespaces("virtual")), FoundObject("v1", "ConfigMap", "shop", "a")
    quick = recorded_metadata(encode_object(metadata))
    mark(simulation, metadata, thing, namespaced=True, step="0.1")
    if quick is None:
        # It may say more than labels and annotations, or something that is none.
        return
    sign(simulation, quick, thing, namespaced=True, step="0.1")
    assert quick == metadata


def test_metadata_as_servers_give_it_is_not_decoded() -> None:
    owned = {"uid": "u", "managedFields": [{"manager": "kubectl"}], "ownerReferences": [{"kind": "ReplicaSet"}]}
    given_back = {"name": "a", "namespace": "shop", "labels": {"app": "a"}, **owned, "creationTimestamp": None}
    assert recorded_metadata(encode_object(given_back)) == {"labels": {"app": "a"}, "annotations": {}}


@pytest.mark.usefixtures("no_rules")
def test_what_is_judged_together_with_annotations_is_judged_again_with_others() -> None:
    """All of these differ in metadata alone."""
    cost = "controller.kubernetes.io/pod-deletion-cost"
    pod = {**simple("Pod", "p"), "spec": {"containers": [{"name": "c", "image": "busybox"}]}}
    found = [{**pod, "metadata": {**pod["metadata"], "annotations": {cost: text}}} for text in ("1", "2", "x", "3")]
    trace = traced([([one], [], False) for one in (simple("ConfigMap", "first"), pod, *found)])
    straight, layered = (played(trace, "1.25", straight=way) for way in (True, False))
    assert straight == layered
    assert [line["status"] for line in straight[0][1:]] == [201, 200, 200, 422, 200]
