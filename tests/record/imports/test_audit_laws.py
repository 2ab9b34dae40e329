"""The history in an audit log is that of the server, however its lines were put into files."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.record.imports.audit.read import audit_changes
from skel.record.imports.losses import Losses
from skel.record.imports.options import Wanted
from tests.record.imports.audit_log import read
from tests.record.imports.server import Server, deployment
from tests.record.imports.story import named, steps, traced

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
