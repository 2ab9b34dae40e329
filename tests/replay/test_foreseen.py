"""What is judged ahead is believed: here by a twin that knows everything before the replay comes to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from skel.patch.values import Json
from skel.replay import direct
from skel.replay.ahead import Coming, Foreseen, Look
from skel.replay.clock import SystemClock
from skel.replay.direct import Direct
from skel.replay.dry.judge import Judge, Judged
from skel.replay.dry.target import DryTarget
from skel.replay.house import House, Rooms
from skel.replay.namespaces import Namespaces
from skel.replay.repair import Repairs
from skel.replay.resources import FactResources
from skel.replay.retry import Sender
from skel.replay.schedule import ReplayStep, Window, schedule
from skel.replay.virtual import Simulation
from tests.replay.replays import deployment, simple
from tests.replay.test_direct import ROOMS, TRACKED, VALID, played, traced

MINOR = "1.25"


def twin() -> Direct:
    target, clock = DryTarget(MINOR), SystemClock()
    sender = Sender(target, clock)
    simulation = Simulation("sim-1", Namespaces(), None, TRACKED)
    house = House(sender, clock, simulation, dry=True, rooms=Rooms())
    return Direct(target, sender, house, FactResources(target.version))


class Omniscient:
    """In the place of `Ahead`."""

    told: list[int]

    def __init__(self, look: Look, coming: Coming) -> None:
        del look
        other = twin()
        seen = (other.foresee(step) for moment in coming() for step in moment.steps)
        self._known = {found.number: found for found in seen if found}

    def find(self, number: int) -> Foreseen | None:
        found = self._known.get(number)
        if found:
            self.told.append(number)
        return found

    def close(self) -> None:
        pass


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps of which the replay was told."""
    monkeypatch.setattr(Repairs, "_check", lambda self, release: {})
    monkeypatch.setattr(direct, "Ahead", Omniscient)
    monkeypatch.setattr(Omniscient, "told", [], raising=False)
    return Omniscient.told


def workload(**pod: Json) -> Json:
    made = deployment("web")
    made["spec"]["selector"] = {"matchLabels": {"app": "web"}}
    made["spec"]["template"]["metadata"] = {"labels": {"app": "web"}}
    made["spec"]["template"]["spec"].update(pod)
    return made


def test_a_run_is_the_same(told: list[int]) -> None:
    events: list[tuple[list[Json], list[Json], bool]] = [([*ROOMS, *VALID], [], True), ([], ROOMS, False)]
    trace = traced([*events, *events])
    assert played(trace, MINOR, straight=True) == played(trace, MINOR, straight=False)
    assert len(told) > 20


def test_warnings_come_along(told: list[int]) -> None:
    old = workload(nodeSelector={"beta.kubernetes.io/os": "linux"})
    trace = traced([(found, [], False) for found in (ROOMS, [workload()], [old])])
    journal, _, _ = played(trace, MINOR, straight=True)
    assert len(told) == 2
    assert [len(line["warnings"]) for line in journal[-2:]] == [0, 1]


def test_what_is_good_is_not_judged_again(told: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is what can't change in it looked for: the second state takes the short way."""
    judged: list[str] = []
    judge = Judge._judge

    def counted(self: Judge, kind: object, *rest: object) -> Judged:
        judged.append(getattr(kind, "kind", ""))
        return judge(self, kind, *rest)  # type: ignore[arg-type]

    states = [workload(hostname=f"h-{number}") for number in range(3)]
    bad = workload(hostname="not good")
    cron = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "c", "namespace": "shop"},
        "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": _of_a_job()}}},
    }
    # The first object in a namespace goes the long way.
    first = simple("ConfigMap", "first")
    trace = traced([([one], [], False) for one in (first, *states, bad, cron)])
    monkeypatch.setattr(Judge, "_judge", counted)
    monkeypatch.setattr(Omniscient, "__init__", _quietly(judged, Omniscient.__init__))
    journal, _, _ = played(trace, MINOR, straight=True)
    assert [line["verdict"] for line in journal[-5:]] == ["accepted"] * 3 + ["rejected", "accepted"]
    assert len(told) == 4
    assert [kind for kind in judged if kind in {"Deployment", "CronJob"}] == ["Deployment"]


def _of_a_job() -> Json:
    return {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox"}]}}


def _quietly(judged: list[str], begin: object) -> object:
    """What the twin judges before the replay begins does not count."""

    def made(self: Omniscient, look: Look, coming: Coming) -> None:
        begin(self, look, coming)  # type: ignore[operator]
        judged.clear()

    return made


def test_only_what_is_new_and_good_is_told() -> None:
    other, steps = twin(), list(_steps([*ROOMS, workload(), workload(), workload(hostname="not good")]))
    assert [other.foresee(step) is not None for step in steps[-3:]] == [True, False, False]


def _steps(objects: list[Json]) -> Iterator[ReplayStep]:
    trace = traced([([one], [], False) for one in objects])
    return (step for moment in schedule(trace, Window(speed=None)) for step in moment.steps)
