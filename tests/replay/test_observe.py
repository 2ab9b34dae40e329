"""What is written of a cluster while a replay goes on, and what is not."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.client.request import Response
from skel.client.watch import Changed, Listed
from skel.replay.line_files import LineFiles
from skel.replay.namespaces import Namespaces
from skel.replay.observe import Look, Observation, kinds_of, observing
from skel.replay.observed import observe as figures_of
from skel.replay.pod_lines import Instant, PodLines
from skel.replay.pod_marks import Ours
from skel.replay.run_reading import open_run
from skel.replay.virtual import Simulation
from skel.replay.watchers import EventLines, NodeLines, ObjectLines
from tests.replay.fake_cluster import FakeCluster, owned, pod, pod_path, reference, until
from tests.replay.replays import deployment, history

Json = Any
OURS = Ours(Namespaces())
SIMULATION = Simulation("sim-1", Namespaces())
PODS = "/api/v1/pods"


def read(file: Path) -> list[Json]:
    return [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]


def at(t: float) -> Instant:
    return Instant(t, t / 10)


def lives(*states: tuple[float, Json]) -> list[Json]:
    """The lines of pods that were seen in these states."""
    lines = PodLines(OURS)
    return [line for t, state in states for line in lines.seen(state, at(t), "Deployment/web")]


def test_a_line_for_each_change_of_a_pod() -> None:
    found = lives(
        (1, pod("a")), (2, pod("a")), (3, pod("a", node="n")), (4, pod("a", "Running", node="n")),
        (4.5, pod("a", "Running", node="n", labels={"new": "label"})), (9, pod("a", "Succeeded", node="n")),
    )  # fmt: skip
    assert [(line["t"], line["phase"], line["node"]) for line in found] == [
        (1, "Pending", ""), (3, "Pending", "n"), (4, "Running", "n"), (9, "Succeeded", "n"),
    ]  # fmt: skip
    assert found[-1] == {
        "t": 9, "wall": 0.9, "round": 0, "namespace": "shop", "name": "a", "owner": "Deployment/web",
        "phase": "Succeeded", "node": "n", "reason": "",
        "created": 1, "scheduled": 3, "running": 4, "finished": 9, "deleted": None,
    }  # fmt: skip


def test_a_pod_that_is_through_before_anybody_looked_has_all_times() -> None:
    [line] = lives((5, pod("a", "Succeeded", node="n")))
    assert (line["created"], line["scheduled"], line["running"], line["finished"]) == (5, 5, 5, 5)


def test_pods_of_others_are_not_looked_at() -> None:
    assert lives((1, pod("a", namespace="default", annotations={}))) == []


def test_gone_pods_are_forgotten() -> None:
    lines = PodLines(OURS)
    list(lines.seen(pod("a", "Running"), at(1)))
    list(lines.seen(pod("b"), at(1)))
    assert lines.phases == {"Running": 1, "Pending": 1}
    assert lines.missing({"uid-b"}) == ["uid-a"]
    [line] = lines.gone("uid-a", at(2))
    assert (line["phase"], line["deleted"], line["finished"]) == ("Deleted", 2, None)
    assert list(lines.gone("uid-a", at(3))) == []
    assert lines.phases == {"Pending": 1}


phases = st.sampled_from(["Pending", "Running", "Succeeded", "Failed", "Unknown"])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.one_of(phases, st.none())), max_size=40))
def test_law_phases_are_those_of_the_pods_that_are_there(story: list[tuple[str, str | None]]) -> None:
    lines, there = PodLines(OURS), dict[str, str]()
    for time, (name, phase) in enumerate(story):
        if phase is None:
            list(lines.gone(f"uid-{name}", at(time)))
            there.pop(name, None)
        else:
            list(lines.seen(pod(name, phase), at(time)))
            there[name] = phase
    assert dict(lines.phases) == {phase: list(there.values()).count(phase) for phase in set(there.values())}


def event(uid: str, count: int = 1, namespace: str = "virtual-shop", **more: Json) -> Json:
    return {
        "metadata": {"uid": uid, "name": f"web.{uid}", "namespace": namespace or "default"},
        "involvedObject": {"kind": "Pod" if namespace else "Node", "namespace": namespace, "name": "web"},
        "type": "Warning", "reason": "FailedScheduling", "message": "0/3 nodes", "count": count,
        "source": {"component": "default-scheduler"}, **more,
    }  # fmt: skip


def test_an_event_is_told_when_it_comes_and_when_it_is_counted_on() -> None:
    lines = EventLines(OURS)
    story = (Listed([event("old")]), Changed("ADDED", event("1")), Changed("MODIFIED", event("1")))
    more = (Changed("MODIFIED", event("1", 5)), Changed("DELETED", event("1", 5)), Listed([event("1", 5), event("2")]))
    found = [line for change in (*story, *more) for line in lines.take(change, at(1))]
    assert [(line["name"], line["count"]) for line in found] == [("web.1", 1), ("web.1", 5), ("web.2", 1)]
    assert found[0]["involvedObject"] == {"kind": "Pod", "namespace": "shop", "name": "web"}


def test_events_of_others_are_left_out_but_those_of_nodes_are_not() -> None:
    lines = EventLines(OURS)
    found = [*lines.take(Changed("ADDED", event("1", namespace="default")), at(1))]
    assert found == []
    [line] = lines.take(Changed("ADDED", event("2", namespace="")), at(1))
    assert line["involvedObject"]["kind"] == "Node"


def test_the_newer_form_of_events_counts_elsewhere() -> None:
    [line] = EventLines(OURS).take(Changed("ADDED", event("1", 0, series={"count": 7}, source=None)), at(1))
    assert (line["count"], line["component"]) == (7, "")


def node(name: str, *, ready: bool = True, closed: bool = False) -> Json:
    conditions = [{"type": "Ready", "status": "True" if ready else "Unknown"}]
    return {"metadata": {"name": name}, "spec": {"unschedulable": closed}, "status": {"conditions": conditions}}


def test_nodes_come_go_and_change() -> None:
    lines = NodeLines()
    story = (
        Listed([node("a"), node("b", ready=False)]),
        Changed("MODIFIED", node("a")),
        Changed("MODIFIED", node("b")),
        Changed("MODIFIED", node("a", closed=True)),
        Changed("DELETED", node("a")),
        Listed([]),
    )
    found = [line for change in story for line in lines.take(change, at(1))]
    assert [(line["change"], line["name"], line["ready"], line["unschedulable"]) for line in found] == [
        ("added", "a", True, False), ("added", "b", False, False), ("modified", "b", True, False),
        ("modified", "a", True, True), ("deleted", "a", False, False), ("deleted", "b", False, False),
    ]  # fmt: skip


def test_objects_are_told_of_when_their_spec_changes() -> None:
    def thing(generation: int) -> Json:
        made = owned("Deployment", "web")
        return {**made, "metadata": {**made["metadata"], "generation": generation, "managedFields": [1]}}

    lines = ObjectLines(OURS, "apps/v1", "Deployment")
    story = (Listed([]), Changed("ADDED", thing(1)), Changed("MODIFIED", thing(1)), Changed("MODIFIED", thing(2)))
    found = [line for change in (*story, Listed([])) for line in lines.take(change, at(1))]
    assert [(line["change"], line["generation"]) for line in found] == [("added", 1), ("modified", 2), ("deleted", 2)]
    last = lines.last(thing(3), at(2))
    assert (last["change"], last["namespace"], last["object"]["kind"]) == ("final", "shop", "Deployment")
    assert "managedFields" not in last["object"]["metadata"]


def test_lines_wait_in_memory_but_not_without_end(tmp_path: Path) -> None:
    files = LineFiles(tmp_path)
    files.begin("a.jsonl")
    files.put("a.jsonl", {"n": 1})
    assert (tmp_path / "a.jsonl").read_bytes() == b""
    for number in range(30):
        files.put("a.jsonl", {"n": number, "text": "x" * 10_000})
    assert (tmp_path / "a.jsonl").stat().st_size > 200_000
    files.close()
    assert len(read(tmp_path / "a.jsonl")) == files.lines["a.jsonl"] == 31


def test_a_file_of_an_earlier_attempt_goes_on_without_its_torn_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"n":1}\n{"n":')
    files = LineFiles(tmp_path)
    files.put("a.jsonl", {"n": 2})
    files.close()
    assert read(tmp_path / "a.jsonl") == [{"n": 1}, {"n": 2}]


def full_disk(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """Let `room` more bytes be written, a part of the last piece too, as a real one does."""
    write, left = os.write, [room]

    def limited(descriptor: int, data: bytes) -> int:
        part = memoryview(data)[: left[0]]
        if not part:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left[0] -= len(part)
        return write(descriptor, part)

    monkeypatch.setattr("skel.replay.line_files.os.write", limited)


def test_a_full_disk_ends_the_files_with_a_whole_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full_disk(monkeypatch, 20)
    files = LineFiles(tmp_path)
    for number in range(5):
        files.put("a.jsonl", {"n": number})
    files.flush()
    assert read(tmp_path / "a.jsonl") == [{"n": 0}, {"n": 1}]
    assert files.problem == (
        f"{tmp_path / 'a.jsonl'} can't be written: no space left on device; the replay goes on without being watched"
    )
    files.put("b.jsonl", {"n": 9})
    files.close()
    assert not (tmp_path / "b.jsonl").exists()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def watched(
    cluster: FakeCluster, folder: Path, story: Callable[[], Coroutine[Any, Any, None]], **look: Any
) -> Observation:
    """Observe while a story goes on; a second of the run is ten of the trace."""
    loop = asyncio.get_running_loop()
    zero = loop.time()

    def now() -> Instant:
        elapsed = loop.time() - zero
        return Instant(elapsed * 10, elapsed)

    async with observing(cluster, folder, Look(SIMULATION, **look), now) as observation:
        await until(lambda: cluster.watched(PODS) and cluster.watched("/api/v1/events"))
        await story()
    return observation


def test_a_run_is_observed_as_comparing_reads_it(tmp_path: Path) -> None:
    cluster = FakeCluster()
    web = owned("Deployment", "web")
    replicas = owned("ReplicaSet", "web-1", reference(web))
    cluster.put("/apis/apps/v1/namespaces/virtual-shop/deployments/web", web)
    cluster.put("/apis/apps/v1/namespaces/virtual-shop/replicasets/web-1", replicas)

    async def story() -> None:
        for state in (pod("a"), pod("a", node="n"), pod("a", "Running", node="n"), pod("a", "Succeeded", node="n")):
            state["metadata"]["ownerReferences"] = [reference(replicas)]
            cluster.put(pod_path("a"), state)
            await asyncio.sleep(0.02)
        cluster.put("/api/v1/namespaces/virtual-shop/events/e", event("1", 3))

    observation = run(watched(cluster, tmp_path, story, kinds=(("apps/v1", "Deployment"), ("v1", "Pod"))))
    (tmp_path / "run.json").write_text('{"schemaVersion": 1, "speed": 10}')
    opened = open_run(tmp_path)
    story_of_pods = figures_of(opened, Any).pods  # type: ignore[arg-type]  # requests are not looked at here
    assert story_of_pods is not None
    assert (story_of_pods.seen, story_of_pods.finished, dict(story_of_pods.nodes)) == (1, 1, {"n": 1})
    assert len(story_of_pods.samples["lifetime"]) == 1
    assert [line.owner for line in opened.pods()] == ["Deployment/web"] * 4
    assert [(line.reason, line.count) for line in opened.events()] == [("FailedScheduling", 3)]
    finals = [line["kind"] for line in read(tmp_path / "objects.jsonl") if line["change"] == "final"]
    assert finals == ["Deployment", "Pod"]
    assert dict(observation.lines) == {"pods.jsonl": 4, "events.jsonl": 1, "objects.jsonl": 3}
    assert observation.problems == ()


def test_that_nothing_was_seen_is_not_that_nobody_looked(tmp_path: Path) -> None:
    async def story() -> None: ...

    run(watched(FakeCluster(), tmp_path, story))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        "pods.jsonl": b"", "events.jsonl": b"", "nodes.jsonl": b"", "objects.jsonl": b"",
    }  # fmt: skip


def test_what_happens_while_the_server_forgets_is_seen(tmp_path: Path) -> None:
    cluster = FakeCluster()

    async def story() -> None:
        cluster.put(pod_path("a"), pod("a"))
        cluster.put(pod_path("b"), pod("b"))
        await asyncio.sleep(0.05)
        cluster.forget()
        del cluster.objects[pod_path("a")]
        cluster.objects[pod_path("b")]["status"]["phase"] = "Running"
        await asyncio.sleep(0.05)

    observation = run(watched(cluster, tmp_path, story))
    found = [(line["name"], line["phase"]) for line in read(tmp_path / "pods.jsonl")]
    assert found == [("a", "Pending"), ("b", "Pending"), ("a", "Deleted"), ("b", "Running")]
    assert dict(observation.phases) == {"Running": 1}


def test_what_may_not_be_watched_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    cluster = FakeCluster()
    cluster.answers["GET /api/v1/nodes"] = [Response(403, {"message": "nodes is forbidden"})]

    async def story() -> None:
        cluster.put(pod_path("a"), pod("a"))
        await asyncio.sleep(0.05)

    observation = run(watched(cluster, tmp_path, story))
    assert observation.problems == ("nodes: not watched: /api/v1/nodes can't be listed: 403 nodes is forbidden",)
    assert len(read(tmp_path / "pods.jsonl")) == 1


def test_a_kind_that_comes_later_is_watched_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skel.replay.observe._ASK_AGAIN_SECONDS", 0.02)
    cluster = FakeCluster()
    group = "/apis/example.com/v1"
    rows = {"resources": [{"name": "robots", "kind": "Robot", "namespaced": True}]}
    cluster.answers[f"GET {group}"] = [Response(404, None), Response(200, rows), Response(200, rows)]
    robot = owned("Robot", "r", api_version="example.com/v1")
    cluster.put(f"{group}/namespaces/virtual-shop/robots/r", robot)

    async def story() -> None:
        await until(lambda: cluster.watched(f"{group}/robots"))

    run(watched(cluster, tmp_path, story, kinds=(("example.com/v1", "Robot"),)))
    assert [line["change"] for line in read(tmp_path / "objects.jsonl")] == ["added", "final"]


def test_a_kind_whose_version_is_gone_goes_on_in_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skel.replay.observe._ASK_AGAIN_SECONDS", 0.02)
    cluster = FakeCluster()
    rows = {"resources": [{"name": "cronjobs", "kind": "CronJob", "namespaced": True}]}
    cluster.answers["GET /apis/batch/v1beta1"] = [Response(200, rows)]
    cluster.answers["GET /apis/batch"] = [Response(200, {"versions": [{"groupVersion": "batch/v1"}]})] * 9
    path = "/apis/batch/{}/namespaces/virtual-shop/cronjobs/r"
    report = owned("CronJob", "r", api_version="batch/v1beta1")
    cluster.put(path.format("v1beta1"), {**report, "metadata": {**report["metadata"], "generation": 1}})

    async def story() -> None:
        await until(lambda: cluster.watched("/apis/batch/v1beta1/cronjobs"))
        thing = cluster.objects.pop(path.format("v1beta1"))
        cluster.put(path.format("v1"), thing)
        cluster.forget()
        cluster.answers["GET /apis/batch/v1beta1/cronjobs"] = [Response(404, {"message": "gone"})]
        await until(lambda: cluster.watched("/apis/batch/v1/cronjobs"))
        cluster.put(path.format("v1"), {**thing, "metadata": {**thing["metadata"], "generation": 2}})
        await asyncio.sleep(0.05)

    observation = run(watched(cluster, tmp_path, story, kinds=(("batch/v1beta1", "CronJob"),)))
    assert observation.problems == ()
    assert [(line["change"], line["apiVersion"]) for line in read(tmp_path / "objects.jsonl")] == [
        ("added", "batch/v1beta1"), ("modified", "batch/v1"), ("final", "batch/v1"),
    ]  # fmt: skip


def test_a_full_disk_does_not_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full_disk(monkeypatch, 100)
    cluster = FakeCluster()

    async def story() -> None:
        for number in range(50):
            cluster.put(pod_path(f"p{number}"), pod(f"p{number}"))
        await asyncio.sleep(0.1)

    observation = run(watched(cluster, tmp_path, story, kinds=(("v1", "Pod"),)))
    assert len(observation.problems) == 1
    assert "no space left on device" in observation.problems[0]
    assert dict(observation.phases) == {"Pending": 50}, "the live view goes on"


def test_a_run_that_is_broken_off_keeps_what_was_seen(tmp_path: Path) -> None:
    cluster = FakeCluster()

    async def story() -> None:
        cluster.put(pod_path("a"), pod("a"))
        await asyncio.sleep(0.05)
        raise ValueError("broken off")

    with pytest.raises(ValueError, match="broken off"):
        run(watched(cluster, tmp_path, story, kinds=(("v1", "Pod"),)))
    assert [line["name"] for line in read(tmp_path / "pods.jsonl")] == ["a"]
    assert read(tmp_path / "objects.jsonl") == []


def test_the_kinds_of_a_trace_are_those_that_it_applies() -> None:
    trace = history((0, [deployment("a"), deployment("b")], []), (5, [pod("x")], [owned("ReplicaSet", "gone")]))
    assert kinds_of(trace) == (("apps/v1", "Deployment"), ("v1", "Pod"))


def test_a_kind_in_two_versions_is_watched_once() -> None:
    old, new = (owned("CronJob", "a", api_version=f"batch/{version}") for version in ("v1beta1", "v1"))
    assert kinds_of(history((0, [old], []), (5, [new], []))) == (("batch/v1beta1", "CronJob"),)
