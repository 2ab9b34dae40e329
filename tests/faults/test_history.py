from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from skel.faults.actions import Advance, DeletePod, Hold, Release, Touch
from skel.faults.history import canonical, digest, identical, rests
from skel.faults.model import Event, Scenario, Step, Verdict, Watch
from skel.faults.names import Names
from tests.faults import kept
from tests.faults.making import added, pod, revisions, thing
from tests.faults.simulated import SimulatedWorld, base

SLOW_WATCH = replace(
    base(),
    steps=(
        Step(Hold("pods"), Watch("replicasets", Event.ADDED)),
        Step(Advance(301)),
        Step(Touch("ReplicaSet", "rs")),
        Step(DeletePod("ReplicaSet/rs")),
        Step(Release("pods")),
    ),
)


def test_the_history_of_a_slow_watch() -> None:
    report = asyncio.run(SimulatedWorld().trial(SLOW_WATCH))
    lines = [
        line for moment in report.moments for line in (f"{moment.step} {moment.what}", *map("  ".__add__, moment.lines))
    ]
    kept.check("fault-history", "\n".join([*lines, digest(report.moments), ""]))


def test_names_are_owner_and_ordinal_of_creation() -> None:
    web = thing("Deployment", "web")
    inner = thing("ReplicaSet", "web-5d9", over=web)
    db = thing("StatefulSet", "db")
    names = Names()
    seen = [web, inner, pod("web-5d9-x", inner), pod("web-5d9-a", inner), db, pod("db-0", db), pod("alone")]
    assert [names.learn(it) for it in seen] == [
        "Deployment/web",
        "Deployment/web#1",
        "Deployment/web.1#1",
        "Deployment/web.1#2",
        "StatefulSet/db",
        "StatefulSet/db/db-0",
        "Pod/alone",
    ]
    assert names.group(seen[2]) == "Pod Deployment/web.1"


def test_a_step_with_a_trigger_does_not_wait_for_a_rest() -> None:
    assert rests(SLOW_WATCH) == [(0, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)]
    assert rests(Scenario("empty", ())) == [(0, 0), (1, 1)]


@given(st.integers(1, 6), st.randoms(use_true_random=False))
def test_names_of_the_server_and_the_order_in_a_batch_do_not_count(count: int, random: Random) -> None:
    over = thing("ReplicaSet", "rs", {"replicas": count})
    scenario = Scenario("s", ())
    plain = [pod(f"rs-{number}", over) for number in range(count)]
    other = [pod(f"rs-{number}-{random.random()}", over) for number in range(count)]
    first, second = (canonical(scenario, revisions(added(over, *pods))) for pods in (plain, other))
    assert digest(first) == digest(second)


def test_one_pod_more_is_another_history() -> None:
    over = thing("ReplicaSet", "rs")
    shas = {
        digest(canonical(Scenario("s", ()), revisions(added(over, *(pod(f"p{n}", over) for n in range(count))))))
        for count in range(4)
    }
    assert len(shas) == 4


def test_k_of_n() -> None:
    report = asyncio.run(SimulatedWorld().trial(SLOW_WATCH))
    other = replace(report, sha256="other")
    died = replace(report, verdict=Verdict.DIED)
    assert str(identical([report, report, other, died])) == "2 of 4 histories identical"
    assert identical([report, report]).is_all
