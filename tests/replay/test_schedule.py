from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from skel.findings.model import FoundObject
from skel.replay.schedule import Moment, ReplayStep, Verb, Window, group, length, schedule
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace

Json = Any
START = 1_700_000_000


def thing(kind: str, name: str, api_version: str = "v1", namespace: str | None = "shop") -> Json:
    metadata = {"name": name} if namespace is None else {"name": name, "namespace": namespace}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def trace_of(*events: tuple[int, list[Json], list[Json]]) -> Trace:
    made = [
        Event(START + at, [encode_object(one) for one in applied], [encode_object(one) for one in deleted])
        for at, applied, deleted in events
    ]
    return Trace.make(made, {"trackedObjects": {}}, {}, {})


def drawn(moments: list[Moment]) -> str:
    """A line for each step and for each moment without one."""
    lines = []
    for moment in moments:
        lines += [
            f"{one.at:g} {one.time:g} {one.group} {one.number} {one.verb} {one.object} @{one.event}.{one.position}"
            for one in moment.steps
        ] or [f"{moment.at:g} {moment.time:g} -"]
    return "\n".join(lines)


HISTORY = trace_of(
    (0, [], []),
    (
        5,
        [
            thing("Deployment", "web", "apps/v1"),
            thing("ConfigMap", "settings"),
            thing("CustomResourceDefinition", "carts.shop.example", "apiextensions.k8s.io/v1", None),
            thing("Cart", "one", "shop.example/v1"),
            thing("ServiceAccount", "web"),
            thing("Namespace", "shop", "v1", None),
            thing("PriorityClass", "high", "scheduling.k8s.io/v1", None),
        ],
        [],
    ),
    (65, [thing("Deployment", "web", "apps/v1")], [thing("Cart", "one", "shop.example/v1")]),
    (
        125,
        [],
        [
            thing("CustomResourceDefinition", "carts.shop.example", "apiextensions.k8s.io/v1", None),
            thing("Namespace", "shop", "v1", None),
            thing("ConfigMap", "settings"),
            thing("Deployment", "web", "apps/v1"),
        ],
    ),
    (185, [], []),
)


def test_what_others_need_comes_first_and_goes_last() -> None:
    assert drawn(list(schedule(HISTORY, Window(speed=60)))) == (
        "0 0 -\n"
        "0.0833333 5 0 0 apply CustomResourceDefinition/carts.shop.example @1.2\n"
        "0.0833333 5 1 1 apply Namespace/shop @1.5\n"
        "0.0833333 5 2 2 apply PriorityClass/high @1.6\n"
        "0.0833333 5 3 3 apply ConfigMap/shop/settings @1.1\n"
        "0.0833333 5 3 4 apply ServiceAccount/shop/web @1.4\n"
        "0.0833333 5 4 5 apply Deployment/shop/web @1.0\n"
        "0.0833333 5 4 6 apply Cart/shop/one @1.3\n"
        "1.08333 65 4 7 apply Deployment/shop/web @2.0\n"
        "1.08333 65 4 8 delete Cart/shop/one @2.0\n"
        "2.08333 125 4 9 delete Deployment/shop/web @3.3\n"
        "2.08333 125 5 10 delete ConfigMap/shop/settings @3.2\n"
        "2.08333 125 7 11 delete Namespace/shop @3.1\n"
        "2.08333 125 8 12 delete CustomResourceDefinition/carts.shop.example @3.0\n"
        "3.08333 185 -"
    )


def test_a_later_start_begins_with_what_is_there_then() -> None:
    assert drawn(list(schedule(HISTORY, Window(start=70, duration=60, speed=None)))) == (
        "0 70 0 0 apply CustomResourceDefinition/carts.shop.example @1.2\n"
        "0 70 1 1 apply Namespace/shop @1.5\n"
        "0 70 2 2 apply PriorityClass/high @1.6\n"
        "0 70 3 3 apply ConfigMap/shop/settings @1.1\n"
        "0 70 3 4 apply ServiceAccount/shop/web @1.4\n"
        "0 70 4 5 apply Deployment/shop/web @2.0\n"
        "0 125 4 6 delete Deployment/shop/web @3.3\n"
        "0 125 5 7 delete ConfigMap/shop/settings @3.2\n"
        "0 125 7 8 delete Namespace/shop @3.1\n"
        "0 125 8 9 delete CustomResourceDefinition/carts.shop.example @3.0\n"
        "0 130 -"
    )


def test_the_start_and_the_duration_shift_the_times() -> None:
    moments = list(schedule(HISTORY, Window(start=60, duration=10, speed=2)))
    assert [(moment.at, moment.time) for moment in moments] == [(0.0, 60.0), (2.5, 65.0), (5.0, 70.0)]
    assert length(HISTORY, Window(start=60, duration=10)) == 10
    assert length(HISTORY, Window(start=60)) == 125


def test_a_start_behind_the_end_is_the_last_state() -> None:
    (moment,) = schedule(HISTORY, Window(start=1000))
    assert [step.object.kind for step in moment.steps] == ["PriorityClass", "ServiceAccount"]


def test_a_clock_that_was_set_back_does_not_turn_the_time() -> None:
    trace = trace_of((10, [], []), (5, [thing("Pod", "a")], []), (20, [], []))
    assert [moment.at for moment in schedule(trace, Window())] == [0.0, 0.0, 10.0]


def test_an_object_without_a_name_has_a_step_too() -> None:
    nameless = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "job-"}}
    (moment,) = schedule(trace_of((0, [nameless, {"odd": True}], [])), Window())
    assert [step.object for step in moment.steps] == [
        FoundObject("batch/v1", "Job", "", ""),
        FoundObject("", "", "", ""),
    ]


KINDS = (
    ("v1", "Namespace"),
    ("v1", "ConfigMap"),
    ("apps/v1", "Deployment"),
    ("batch/v1", "Job"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
)
OBJECTS = st.builds(
    lambda gvk, name, namespace: thing(gvk[1], name, gvk[0], namespace),
    st.sampled_from(KINDS),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([None, "x", "y"]),
)
TRACES = st.lists(
    st.tuples(st.integers(0, 300), st.lists(OBJECTS, max_size=6), st.lists(OBJECTS, max_size=3)), min_size=1, max_size=8
).map(lambda events: trace_of(*sorted(events, key=lambda event: event[0])))


@given(TRACES, st.sampled_from([None, 0.5, 1.0, 60.0]))
def test_every_object_exactly_once(trace: Trace, speed: float | None) -> None:
    steps = all_steps(trace, Window(speed=speed))
    places = [
        (number, verb, position)
        for number, event in enumerate(trace.events)
        for verb, objects in ((Verb.APPLY, event.applied_objs), (Verb.DELETE, event.deleted_objs))
        for position in range(len(objects))
    ]
    assert sorted((step.event, step.verb, step.position) for step in steps) == sorted(places)
    assert [step.number for step in steps] == list(range(len(steps)))


@given(TRACES)
def test_the_order_of_each_object_is_kept(trace: Trace) -> None:
    by_object: dict[object, list[tuple[int, bool, int]]] = {}
    for step in all_steps(trace, Window()):
        by_object.setdefault(step.key, []).append((step.event, step.verb is Verb.DELETE, step.position))
    assert all(places == sorted(places) for places in by_object.values())


@given(TRACES)
def test_groups_and_times_never_go_back(trace: Trace) -> None:
    steps = all_steps(trace, Window(speed=3))
    order = [(step.event, step.group) for step in steps]
    assert order == sorted(order)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert all(step.at == step.time / 3 for step in steps)


@given(TRACES, st.integers(0, 320))
def test_starting_later_leaves_the_same_behind(trace: Trace, start: int) -> None:
    """Whatever is there at the end is there as well if a part was folded into the first moment."""
    assert state(all_steps(trace, Window(start=start))) == state(all_steps(trace, Window()))


def test_groups_of_deletes_mirror_those_of_applies() -> None:
    definition = FoundObject("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "x")
    pod = FoundObject("v1", "Pod", "a", "x")
    assert group(Verb.APPLY, definition) < group(Verb.APPLY, pod) == group(Verb.DELETE, pod)
    assert group(Verb.DELETE, pod) < group(Verb.DELETE, definition)


def all_steps(trace: Trace, window: Window) -> list[ReplayStep]:
    return [step for moment in schedule(trace, window) for step in moment.steps]


def state(steps: list[ReplayStep]) -> dict[object, bytes]:
    there: dict[object, bytes] = {}
    for step in steps:
        if step.verb is Verb.APPLY:
            there[step.key] = bytes(step.raw)
        else:
            there.pop(step.key, None)
    return there


def test_what_comes_alone_has_the_group_that_it_has_among_others() -> None:
    """An event with one object takes a shorter way."""
    for one in (thing("Namespace", "shop", "v1", None), thing("ConfigMap", "c"), thing("Deployment", "web", "apps/v1")):
        for alone, among in (
            (trace_of((0, [one], [])), trace_of((0, [one, thing("Cart", "x", "shop.example/v1")], []))),
            (trace_of((0, [], [one])), trace_of((0, [thing("Cart", "x", "shop.example/v1")], [one]))),
        ):
            [found] = steps_of(alone)
            [same] = [step for step in steps_of(among) if step.object == found.object]
            assert (found.group, found.verb) == (same.group, same.verb)
            assert found.group == group(found.verb, found.object)


def steps_of(trace: Trace) -> list[ReplayStep]:
    return [step for moment in schedule(trace, Window()) for step in moment.steps]
