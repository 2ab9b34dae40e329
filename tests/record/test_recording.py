"""The rule of the recorder, object by object."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from skel.record.entries import Applied, Deleted, Entry, Held, Lived
from skel.record.pods import span
from skel.record.recording import Recording
from skel.record.tracked import everything, of_kinds
from skel.trace.codec import decode_object
from tests.record.watch_server import Objects

Json = Any
SHOP = Objects()
KIND = "apps/v1.Deployment"


def recorded(recording: Recording, sink: Held) -> list[tuple[str, str]]:
    return [(type(entry).__name__, entry.name) for entry in sink() if isinstance(entry, Applied | Deleted)]


def begun(*kinds: str, **how: Any) -> tuple[Recording, Held]:
    sink = Held()
    return Recording(of_kinds(kinds) if kinds else everything(), sink, **how), sink


def test_what_was_never_there_does_not_go() -> None:
    recording, sink = begun(KIND)
    assert not recording.deleted(1, SHOP.deployment("a"))
    assert len(sink) == 0


def test_another_object_of_the_same_name() -> None:
    """Nobody saw the first one go, but it did: its pods are not those of the second."""
    recording, sink = begun(KIND)
    assert recording.applied(1, SHOP.deployment("a", uid="one"))
    assert not recording.applied(2, SHOP.deployment("a", uid="one"))
    assert recording.applied(3, SHOP.deployment("a", uid="two"))
    assert recorded(recording, sink) == [("Applied", "shop/a"), ("Deleted", "shop/a"), ("Applied", "shop/a")]
    (plate,) = (decode_object(entry.object) for entry in sink() if isinstance(entry, Deleted))
    assert plate == {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "shop"}}


def test_times_never_go_back() -> None:
    recording, sink = begun(KIND)
    recording.applied(10, SHOP.deployment("a"))
    recording.applied(4, SHOP.deployment("b"))
    assert [entry.at for entry in sink() if isinstance(entry, Applied)] == [10, 10]
    assert recording.counts.late == 1


def test_objects_are_left_as_they_are() -> None:
    recording, _ = begun(KIND)
    thing = {**SHOP.deployment("a", uid="u", managedFields=[{"manager": "m"}]), "status": {"replicas": 1}}
    before = repr(thing)
    recording.applied(1, thing)
    assert repr(thing) == before


def test_what_is_no_object_is_not_recorded() -> None:
    recording, sink = begun()
    for thing in ({}, {"kind": "Pod"}, {"apiVersion": "v1", "kind": "Pod", "metadata": {}}, {"metadata": 3}):
        assert not recording.applied(1, thing)
        assert not recording.deleted(1, thing)
        assert not recording.pod(1, thing)
    assert len(sink) == 0


def test_a_bare_pod_is_recorded_without_its_node() -> None:
    recording, sink = begun("v1.Pod")
    recording.applied(1, SHOP.thing("v1", "Pod", "p", {"containers": [], "nodeName": "n"}))
    assert not recording.applied(2, SHOP.thing("v1", "Pod", "p", {"containers": [], "nodeName": "m"}))
    (entry,) = sink()
    assert isinstance(entry, Applied)
    assert decode_object(entry.object)["spec"] == {"containers": []}


STARTED, ENDED = "2024-05-01T10:00:00Z", "2024-05-01T10:00:30Z"
BEGAN = 1714557600


def status(phase: str, *containers: Json, key: str = "containerStatuses") -> Json:
    return {"status": {"phase": phase, key: list(containers)}}


def test_a_crash_loop_is_no_end() -> None:
    """All containers have terminated, and will be begun again; the first start counts."""
    over = {"state": {"terminated": {"startedAt": STARTED, "finishedAt": ENDED}}}
    assert span(status("Running", over), 0) == (BEGAN, -1)
    again = {"state": {"running": {"startedAt": ENDED}}, "lastState": {"terminated": {"startedAt": STARTED}}}
    assert span(status("Running", again), 0) == (BEGAN, -1)


def test_a_pod_that_never_began_or_does_not_say_when_it_ended() -> None:
    waiting = {"state": {"waiting": {"reason": "ContainerCreating"}}}
    assert span(status("Pending", waiting), 5) is None
    assert span(status("Failed"), 5) is None
    evicted = {"state": {"running": {"startedAt": STARTED}}}
    assert span(status("Failed", evicted), BEGAN + 7) == (BEGAN, BEGAN + 7)
    assert span({"status": None}, 5) is None
    assert span(status("Running", {"state": {"running": {"startedAt": "soon"}}}), 5) is None


def test_init_containers_begin_a_pod() -> None:
    init = {"state": {"terminated": {"startedAt": STARTED, "finishedAt": ENDED}}}
    assert span(status("Pending", init, key="initContainerStatuses"), 5) == (BEGAN, -1)


uids = st.sampled_from(["x", "y", ""])
things = st.tuples(st.sampled_from(["apply", "delete", "list"]), st.sampled_from("ab"), st.integers(0, 2), uids)


@given(st.lists(things, max_size=25), st.integers(0, 25))
def test_a_recording_that_is_recalled_goes_on_the_same(steps: list[tuple[str, str, int, str]], cut: int) -> None:
    """What was recorded holds all that is needed to decide what comes next."""
    whole, all_of_it = begun(KIND)
    first, before = begun(KIND)
    second, after = begun(KIND)
    for number, step in enumerate(steps):
        apply(whole, number, step)
        if number < cut:
            apply(first, number, step)
    for entry in before():
        second.recall(entry)
    for number, step in list(enumerate(steps))[cut:]:
        apply(second, number, step)
    assert entries(before, after) == entries(all_of_it)
    assert second.objects() == whole.objects()


def apply(recording: Recording, at: int, step: tuple[str, str, int, str]) -> None:
    word, name, value, uid = step
    thing = SHOP.deployment(name, value, **({"uid": uid} if uid else {}))
    match word:
        case "apply":
            recording.applied(at, thing)
        case "delete":
            recording.deleted(at, thing)
        case _:
            recording.missing(at, KIND, [f"shop/{name}"])


def entries(*sinks: Held) -> list[Entry]:
    return [entry for sink in sinks for entry in sink()]


def test_pods_are_recalled_as_well() -> None:
    recording, sink = begun("v1.Pod")
    pod = {**SHOP.thing("v1", "Pod", "p", {"containers": []}, uid="u"), **running()}
    recording.pod(1, pod)
    again, later = begun("v1.Pod")
    for entry in sink():
        again.recall(entry)
    assert not again.pod(2, pod)
    assert again.pod(BEGAN + 9, pod, gone=True)
    (life,) = lives(later())
    assert (life.start, life.end, life.gone) == (BEGAN, BEGAN + 9, True)
    assert again.pods() == 0


def running() -> Json:
    return status("Running", {"state": {"running": {"startedAt": STARTED}}})


def lives(found: Iterable[Entry]) -> list[Lived]:
    return [entry for entry in found if isinstance(entry, Lived)]
