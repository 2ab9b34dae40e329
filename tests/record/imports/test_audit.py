"""The audit log of an API server gives back what became of each object, and names what it can't use."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.record.imports.audit.read import audit_changes
from skel.record.imports.losses import Losses
from skel.record.imports.options import Wanted
from skel.record.imports.selector import parse_selector
from skel.trace.codec import decode_object
from skel.trace.errors import TraceError
from skel.trace.model import Trace
from tests.record.imports.server import SECONDS, Server, deployment
from tests.record.imports.story import named, steps, traced


def written(folder: Path, lines: list[bytes], name: str = "audit.log") -> str:
    file = folder / name
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    return str(file)


def read(folder: Path, lines: list[bytes], wanted: Wanted | None = None) -> tuple[Trace, Losses]:
    losses = Losses()
    wanted = wanted or Wanted(skip_noise=True)
    return traced(audit_changes([written(folder, lines)], losses, wanted), folder, wanted), losses


@pytest.fixture
def server() -> Server:
    return Server()


# ---- the true history ------------------------------------------------------------------------------------------------


def test_a_life(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.at = 2_000
    server.update(cart, {"replicas": 2}, verb="patch")
    server.at = 5_000
    server.delete(cart)
    trace, losses = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert [event.ts - SECONDS for event in trace.events] == [0, 2, 5]
    assert not losses
    assert trace.index == {"apps/v1.Deployment": {"shop/cart": trace.index["apps/v1.Deployment"]["shop/cart"]}}


def test_what_the_server_wrote_is_left_out(server: Server, tmp_path: Path) -> None:
    server.create(deployment("cart"))
    trace, _ = read(tmp_path, server.lines)
    assert decode_object(trace.events[0].applied_objs[0])["metadata"] == {"name": "cart", "namespace": "shop"}


@pytest.mark.parametrize(
    "how",
    [
        {"code": 409},
        {"code": 500},
        {"dry": True},
        {"stage": "RequestReceived"},
        {"stage": "Panic"},
        {"level": "Metadata"},
        {"level": "Request"},
    ],
    ids=str,
)
def test_requests_that_changed_nothing_or_show_nothing(server: Server, tmp_path: Path, how: dict[str, Any]) -> None:
    server.create(deployment("cart"))
    server.log("update", deployment("cart", 9), deployment("cart", 9), **how)
    trace, losses = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert bool(losses) == ("level" in how)


def test_the_level_is_named(server: Server, tmp_path: Path) -> None:
    server.create(deployment("cart"))
    for _ in range(1_200):
        server.log("patch", deployment("cart"), None, level="Metadata")
    for verb in ("get", "list", "watch"):
        server.log(verb, deployment("cart"), None, level="Metadata")
    _, losses = read(tmp_path, server.lines)
    (line,) = losses.lines()
    assert line.startswith("could not use 1,200 requests: level Metadata ")
    assert f"{tmp_path}/audit.log:2, " in line


def test_status_says_nothing_new(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.status(cart, {"readyReplicas": 1})
    trace, _ = read(tmp_path, server.lines, Wanted(every_change=True))
    assert steps(trace) == server.truth


def test_status_shows_what_was_there_before_the_log(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.lines.clear()
    server.status(cart, {"readyReplicas": 1})
    trace, _ = read(tmp_path, server.lines)
    assert steps(trace) == server.truth


@pytest.mark.parametrize("replicas", [0, 7])
def test_scale(server: Server, tmp_path: Path, replicas: int) -> None:
    cart = server.create(deployment("cart"))
    server.scale(cart, replicas)
    server.status(cart, {"replicas": replicas})
    trace, losses = read(tmp_path, server.lines)
    assert named(steps(trace), "cart") == named(server.truth, "cart")
    assert not losses


def test_scale_of_something_never_seen(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.lines.clear()
    server.scale(cart, 3)
    server.status(cart, {"replicas": 3})
    trace, losses = read(tmp_path, server.lines)
    assert named(steps(trace), "cart") == [cart["spec"]]
    assert "1 scaling" in losses.lines()[0]


def test_finalizers_hold_an_object(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.at = 3_000
    server.mark(cart, finalizers=["foregroundDeletion"])
    server.at = 9_000
    server.release(cart)
    trace, _ = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert trace.events[-1].ts == SECONDS + 9


def partial(thing: dict[str, Any]) -> dict[str, Any]:
    """What the garbage collector gets: it asks for metadata alone."""
    return {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": thing["metadata"]}


def test_the_garbage_collector_takes_the_last_finalizer(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.mark(cart, finalizers=["foregroundDeletion"])
    del cart["metadata"]["finalizers"]
    server.log("patch", cart, partial(cart))
    trace, losses = read(tmp_path, server.lines)
    assert named(steps(trace), "cart") == [cart["spec"], None]
    assert not losses


def test_metadata_alone(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    for thing in (cart, deployment("unknown")):
        thing["metadata"] |= {"labels": {"a": "b"}, "resourceVersion": "900"}
        server.log("patch", thing, partial(thing))
    assert len(steps(read(tmp_path, server.lines)[0])) == 1
    trace, _ = read(tmp_path, server.lines, Wanted(every_change=True))
    assert [decode_object(event.applied_objs[0])["metadata"].get("labels") for event in trace.events] == [
        None,
        {"a": "b"},
    ]


def test_a_collection_is_deleted(server: Server, tmp_path: Path) -> None:
    for name in ("a", "b"):
        server.create(deployment(name))
    other = server.create(deployment("c", namespace="other"))
    held = server.create(deployment("held"))
    held["metadata"]["finalizers"] = ["example.com/keep"]
    server.clear("shop", "Deployment")
    trace, _ = read(tmp_path, server.lines)
    gone = [name for _, name, spec in steps(trace) if spec is None]
    assert gone == ["a", "b"]
    assert named(steps(trace), "c") == [other["spec"]]


def test_deleted_and_made_again(server: Server, tmp_path: Path) -> None:
    """The answer to the deletion is written down after that to the creation."""
    first = server.create(deployment("cart"))
    server.delete(first, late=500)
    server.create(deployment("cart", 5))
    trace, losses = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert not losses


def test_a_deletion_nobody_saw(server: Server, tmp_path: Path) -> None:
    first = server.create(deployment("cart"))
    server.delete(first)
    server.lines.pop()
    server.create(deployment("cart", 5))
    trace, _ = read(tmp_path, server.lines)
    assert steps(trace) == server.truth


def test_a_late_answer_does_not_win(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.update(cart, {"replicas": 2}, late=900)
    server.update(cart, {"replicas": 3})
    trace, _ = read(tmp_path, server.lines)
    assert steps(trace) == server.truth


def test_deletion_of_what_was_never_seen(server: Server, tmp_path: Path) -> None:
    old = server.create(deployment("old"))
    server.lines.clear()
    server.delete(old)
    server.create(deployment("new"))
    trace, losses = read(tmp_path, server.lines)
    assert [name for _, name, _ in steps(trace)] == ["new"]
    assert losses.lines()[0].startswith("could not use 1 deletion")


def test_two_versions_of_one_object(server: Server, tmp_path: Path) -> None:
    """A controller's status in another version of the API is not another object."""
    cart = server.create(deployment("cart"))
    other = {**cart, "apiVersion": "apps/v1beta2", "spec": {**cart["spec"], "rollbackTo": None}}
    server.status(other, {"replicas": 1})
    other["metadata"]["resourceVersion"] = server._next()
    server.log("patch", other, other)
    server.at = 5_000
    server.delete(other, shown=True)
    trace, _ = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert {decode_object(event.deleted_objs[0])["apiVersion"] for event in trace.events[1:]} == {"apps/v1"}


# ---- pods ------------------------------------------------------------------------------------------------------------


def job_pod(server: Server, name: str) -> dict[str, Any]:
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "report", "uid": "job-1", "controller": True}
    metadata = {"name": name, "namespace": "shop", "ownerReferences": [owner]}
    spec = {"containers": [{"name": "main", "image": "report:1"}], "nodeName": "node-1"}
    return server.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


def test_lifetimes_of_pods(server: Server, tmp_path: Path) -> None:
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "report", "namespace": "shop"},
        "spec": {"a": 1},
    }
    job["metadata"] |= {"uid": "job-1", "resourceVersion": "1", "generation": 1}  # type: ignore[operator]
    about = {"kind": "Deployment", "metadata": {"name": "report", "namespace": "shop"}}
    server.log("create", about, job)
    pod = job_pod(server, "report-x")
    server.status(
        pod, {"phase": "Running", "containerStatuses": [{"state": {"running": {"startedAt": "2026-05-01T10:00:05Z"}}}]}
    )
    ended = {"startedAt": "2026-05-01T10:00:05Z", "finishedAt": "2026-05-01T10:01:05Z"}
    server.at = 66_000
    server.status(pod, {"phase": "Succeeded", "containerStatuses": [{"state": {"terminated": ended}}]})
    server.delete(pod, shown=True)
    trace, _ = read(tmp_path, server.lines)
    assert [kind for kind, _, _ in steps(trace)] == ["Job"]
    ((owner, lives),) = trace.pod_lifecycles.items()
    assert owner == ("batch/v1.Job", "shop/report")
    assert list(lives.values()) == [[{"Finished": [SECONDS + 5, SECONDS + 65]}]]


def test_a_pod_ends_in_peace(server: Server, tmp_path: Path) -> None:
    """`kubectl delete` marks it, and its kubelet deletes it when it has ended."""
    pod = server.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop"}, "spec": {"a": 1}}
    )
    pod["metadata"] |= {"deletionTimestamp": server.moment(0), "deletionGracePeriodSeconds": 30}
    server.log("delete", pod, pod)
    server.at = 20_000
    pod["metadata"]["deletionGracePeriodSeconds"] = 0
    server.delete(pod, shown=True)
    trace, _ = read(tmp_path, server.lines)
    assert [(event.ts - SECONDS, len(event.deleted_objs)) for event in trace.events] == [(0, 0), (20, 1)]


# ---- laws ------------------------------------------------------------------------------------------------------------

actions = st.lists(
    st.tuples(
        st.sampled_from(["create", "update", "update", "status", "scale", "delete", "mark", "read", "noop"]),
        st.sampled_from("abc"),
        st.integers(0, 5),
        st.integers(0, 300),
        st.integers(0, 2_000),
    ),
    min_size=1,
    max_size=30,
)


def played(script: list[tuple[str, str, int, int, int]]) -> Server:
    """Play on the model what makes sense of it."""
    server = Server()
    server.create(deployment("first"))
    for action, name, number, late, pause in script:
        server.at += pause
        thing = server.objects.get(("Deployment", "shop", name))
        marked = thing is not None and "finalizers" in thing["metadata"]
        match action:
            case "create" if thing is None:
                server.create(deployment(name, number), late=late)
            case "update" if thing is not None:
                server.update(thing, {"replicas": number}, late=late)
            case "status" if thing is not None:
                server.status(thing, {"readyReplicas": number}, late=late)
            case "scale" if thing is not None:
                server.scale(thing, number, late=late)
            case "delete" if thing is not None and not marked:
                server.delete(thing, shown=number % 2 == 0, late=late)
            case "delete" if thing is not None:
                server.release(thing, late=late)
            case "mark" if thing is not None and not marked:
                server.mark(thing, finalizers=["x"], late=late)
            case "noop" if thing is not None:
                server.update(thing, {}, late=late)
            case _:
                server.log("get", deployment(name), None, level="Metadata", late=late)
    return server


@given(actions)
def test_the_history_is_that_of_the_server(tmp_path_factory: pytest.TempPathFactory, script: Any) -> None:
    server = played(script)
    trace, losses = read(tmp_path_factory.mktemp("log"), server.lines)
    for name in "abc":
        assert named(steps(trace), name) == named(server.truth, name)
    assert not losses
    assert [event.ts for event in trace.events] == sorted(event.ts for event in trace.events)


@given(actions, st.randoms(use_true_random=False), st.integers(1, 4), st.booleans())
def test_shuffled_doubled_rotated_packed(
    tmp_path_factory: pytest.TempPathFactory, script: Any, random: Any, parts: int, packed: bool
) -> None:
    """However the lines are put into files, the trace is the same to the byte."""
    server = played(script)
    folder = tmp_path_factory.mktemp("log")
    straight, _ = read(folder, server.lines)
    lines = [*server.lines, *random.sample(server.lines, len(server.lines) // 2)]
    random.shuffle(lines)
    names = []
    for number in range(parts):
        data = b"\n".join(lines[number::parts])
        file = folder / f"audit-{number}.log"
        file.write_bytes(gzip.compress(data) if packed else data)
        names.append(str(file))
    losses = Losses()
    mixed = traced(audit_changes(names, losses, Wanted()), folder)
    assert mixed.to_bytes() == straight.to_bytes()
    assert not losses


# ---- forms and filters -----------------------------------------------------------------------------------------------


def test_batches_of_a_webhook(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.update(cart, {"replicas": 2})
    items = [{key: value for key, value in json.loads(line).items() if key != "kind"} for line in server.lines]
    batch = {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": items}
    straight, _ = read(tmp_path, server.lines)
    for text in (json.dumps(batch), json.dumps(batch, indent=2)):
        trace, losses = read(tmp_path, [text.encode()])
        assert trace.to_bytes() == straight.to_bytes()
        assert not losses


def test_the_older_version(server: Server, tmp_path: Path) -> None:
    server.create(deployment("cart"))
    trace, _ = read(tmp_path, [server.lines[0].replace(b"audit.k8s.io/v1", b"audit.k8s.io/v1beta1")])
    assert steps(trace) == server.truth


def test_namespaces_labels_and_times(server: Server, tmp_path: Path) -> None:
    one = deployment("one")
    one["metadata"]["labels"] = {"tier": "web"}
    one = server.create(one)
    server.create(deployment("two"))
    server.create(deployment("three", namespace="other"))
    server.at = 10_000
    server.update(one, {"replicas": 4})

    def names(wanted: Wanted) -> list[tuple[str, Any]]:
        trace, _ = read(tmp_path, server.lines, wanted)
        return [(name, spec["replicas"]) for _, name, spec in steps(trace)]

    assert names(Wanted(frozenset({"other"}))) == [("three", 1)]
    assert names(Wanted(selector=parse_selector("tier=web"))) == [("one", 1), ("one", 4)]
    assert names(Wanted(selector=parse_selector("!tier"))) == [("two", 1), ("three", 1)]
    assert names(Wanted(end=SECONDS + 5)) == [("one", 1), ("two", 1), ("three", 1)]
    assert names(Wanted(start=SECONDS + 5)) == [("one", 1), ("two", 1), ("three", 1), ("one", 4)]


# ---- bad input -------------------------------------------------------------------------------------------------------


def test_lines_that_are_no_events(server: Server, tmp_path: Path) -> None:
    server.create(deployment("cart"))
    broken = [
        *server.lines,
        b"I0501 10:00:00.000000 1 main.go:1] a line of another log",
        b'{"kind": "Pod", "apiVersion": "v1"}',
        b'{"kind": "Event", "auditID": "x\xff"}',
        b'{"kind": "Event", "auditID": 7}',
        b"[1, 2]",
        b"",
        b"   ",
        b'{"a": ' * 5_000,
        server.lines[0][:300],
    ]
    trace, losses = read(tmp_path, broken)
    assert steps(trace) == server.truth
    said = "\n".join(losses.lines())
    for words in (
        "could not use 3 lines: no event of audit.k8s.io",
        "could not use 1 line: cut off",
        "could not use 2 lines: no JSON",
        "could not use 1 line: holds bytes that are no UTF-8",
        "audit.log:2",
        "audit.log:10",
    ):
        assert words in said


@pytest.mark.parametrize(
    "answer",
    [
        b'{"kind": "Deployment"}',
        b'{"kind": 5}',
        b"7",
        b'{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "finalizers": "y"}}',
        b'{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "a": "\xff"}, "spec": {}}',
    ],
)
def test_answers_that_are_no_objects(server: Server, tmp_path: Path, answer: bytes) -> None:
    server.create(deployment("cart"))
    server.log("create", deployment("x"), {"REPLACE": 1})
    server.lines[-1] = server.lines[-1].replace(b'{"REPLACE": 1}', answer)
    trace, losses = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert "audit.log:2" in losses.lines()[0]


def test_objects_that_the_server_cut(server: Server, tmp_path: Path) -> None:
    server.create(deployment("cart"))
    server.log("update", deployment("cart"), None, annotations={"audit.k8s.io/truncated": "true"})
    server.log("update", deployment("cart"), None)
    _, losses = read(tmp_path, server.lines)
    assert "--audit-log-truncate-max-event-size" in "\n".join(losses.lines())
    assert len(losses.lines()) == 2


def test_a_line_of_ten_megabytes(server: Server, tmp_path: Path) -> None:
    big = deployment("big")
    big["spec"]["blob"] = "x" * 10_000_000
    server.create(big)
    server.create(deployment("cart"))
    trace, losses = read(tmp_path, server.lines)
    assert [name for _, name, _ in steps(trace)] == ["big", "cart"]
    assert not losses


def test_a_line_without_end(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skel.record.imports.audit.lines.LONGEST", 3_000_000)
    server.create(deployment("cart"))
    lines = [b"x" * 8_000_000, *server.lines, b"y" * 8_000_000]
    trace, losses = read(tmp_path, lines)
    assert steps(trace) == server.truth
    assert "audit.log:1, " in losses.lines()[0]
    assert "audit.log:3)" in losses.lines()[0]


def test_a_packed_log_that_is_cut_off(server: Server, tmp_path: Path) -> None:
    for number in range(2_000):
        server.create(deployment(f"cart-{number}"))
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"\n".join(server.lines))[:-5_000])
    losses = Losses()
    trace = traced(audit_changes([str(tmp_path / "a.gz")], losses, Wanted()), tmp_path)
    assert 100 < len(steps(trace)) < 2_000
    assert "packed file" in "\n".join(losses.lines())


def test_zstd_and_members(server: Server, tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    server.create(deployment("cart"))
    server.create(deployment("shelf"))
    one, two = server.lines
    pack = zstandard.ZstdCompressor().compress
    for data in (pack(one + b"\n") + pack(two), gzip.compress(one + b"\n") + gzip.compress(two) + b"\0" * 512):
        (tmp_path / "packed").write_bytes(data)
        losses = Losses()
        trace = traced(audit_changes([str(tmp_path / "packed")], losses, Wanted()), tmp_path)
        assert steps(trace) == server.truth
        assert not losses


def test_no_log_at_all(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="does not exist"):
        traced(audit_changes([str(tmp_path / "none")], Losses(), Wanted()), tmp_path)
    with pytest.raises(TraceError, match="nothing was found"):
        read(tmp_path, [b"nonsense"])
    assert not (tmp_path / "story.sktrace").exists()
