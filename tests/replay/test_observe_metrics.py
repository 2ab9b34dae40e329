"""What is kept of the metrics of a control plane."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from skel.client.access import Access
from skel.replay.component_metrics import Component, MetricLines, Sample, samples
from skel.replay.namespaces import Namespaces
from skel.replay.observe import Look, Observation, observing
from skel.replay.pod_lines import Instant
from skel.replay.virtual import Simulation
from tests.replay.fake_cluster import FakeCluster

# Cut out of what an API server and a scheduler of 1.24 answer.
PAGE = """\
# HELP apiserver_request_total [STABLE] Counter of apiserver requests.
# TYPE apiserver_request_total counter
apiserver_request_total{code="201",component="apiserver",resource="pods",verb="POST"} 17
apiserver_request_total{code="404",component="apiserver",resource="cron\\"jobs",verb="PATCH"} 2
# TYPE apiserver_request_duration_seconds histogram
apiserver_request_duration_seconds_bucket{resource="pods",verb="POST",le="0.005"} 3
apiserver_request_duration_seconds_bucket{resource="pods",verb="POST",le="+Inf"} 17
apiserver_request_duration_seconds_sum{resource="pods",verb="POST"} 0.125
apiserver_request_duration_seconds_count{resource="pods",verb="POST"} 17
# TYPE apiserver_request_totally_else gauge
apiserver_request_totally_else 5
# TYPE scheduler_pending_pods gauge
scheduler_pending_pods{queue="active"} NaN
scheduler_pending_pods{queue="unschedulable"} 4
go_goroutines 1200
process_resident_memory_bytes 2.68435456e+08
"""


def test_only_what_a_replay_is_looked_at_by_is_kept() -> None:
    assert list(samples(PAGE)) == [
        Sample("apiserver_request_total",
               (("code", "201"), ("component", "apiserver"), ("resource", "pods"), ("verb", "POST")), 17),
        Sample("apiserver_request_total",
               (("code", "404"), ("component", "apiserver"), ("resource", 'cron"jobs'), ("verb", "PATCH")), 2),
        Sample("apiserver_request_duration_seconds_sum", (("resource", "pods"), ("verb", "POST")), 0.125),
        Sample("apiserver_request_duration_seconds_count", (("resource", "pods"), ("verb", "POST")), 17),
        Sample("scheduler_pending_pods", (("queue", "unschedulable"),), 4),
        Sample("process_resident_memory_bytes", (), 268435456),
    ]  # fmt: skip


@pytest.mark.parametrize("page", ["", "\n", "<html>no metrics</html>", "# EOF"])
def test_a_page_without_them_has_none(page: str) -> None:
    assert list(samples(page)) == []


def test_a_damaged_page_is_told() -> None:
    with pytest.raises(ValueError, match=r"\S"):
        list(samples('apiserver_request_total{code="201" seventeen\n'))


def test_a_line_for_each_value_that_has_changed() -> None:
    lines = MetricLines()
    first = list(lines.take("kube-apiserver", PAGE, Instant(1, 0.1)))
    assert len(first) == 6
    assert first[-1] == {
        "t": 1, "wall": 0.1, "round": 0, "component": "kube-apiserver",
        "name": "process_resident_memory_bytes", "labels": {}, "value": 268435456,
    }  # fmt: skip
    assert list(lines.take("kube-apiserver", PAGE, Instant(2, 0.2))) == []
    [line] = lines.take("kube-apiserver", PAGE.replace("} 4\n", "} 0\n"), Instant(3, 0.3))
    assert (line["t"], line["value"]) == (3, 0)
    assert len(list(lines.take("kube-scheduler", PAGE, Instant(4, 0.4)))) == 6, "each component for itself"


@asynccontextmanager
async def component(answer: Callable[[int], web.Response]) -> AsyncIterator[Component]:
    """A component whose answers are numbered from 0."""
    asked = -1

    async def metrics(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return answer(asked)

    application = web.Application()
    application.router.add_get("/metrics", metrics)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield Component("kube-scheduler", Access(f"http://127.0.0.1:{runner.addresses[0][1]}"))
    finally:
        await runner.cleanup()


async def measured(folder: Path, answer: Callable[[int], web.Response], seconds: float) -> Observation:
    async with component(answer) as one:
        look = Look(Simulation("s", Namespaces()), components=(one,), interval=1.0, shortest=0.02, speed=100.0)
        async with observing(FakeCluster(), folder, look, lambda: Instant(7, 0.7)) as observation:
            await asyncio.sleep(seconds)
    return observation


def values(folder: Path) -> list[float]:
    return [msgspec.json.decode(line)["value"] for line in (folder / "metrics.jsonl").read_bytes().splitlines()]


def test_a_component_is_asked_now_and_then_and_at_the_end(tmp_path: Path) -> None:
    pages: list[int] = []

    def answer(number: int) -> web.Response:
        pages.append(number)
        return web.Response(text=f"scheduler_pending_pods {number}\n")

    observation = asyncio.run(measured(tmp_path, answer, 0.1))
    assert len(pages) > 3
    assert values(tmp_path) == pages
    assert observation.problems == ()


def test_a_component_that_is_away_for_a_while_is_waited_for(tmp_path: Path) -> None:
    def answer(number: int) -> web.Response:
        if number in {1, 2}:
            raise web.HTTPServiceUnavailable
        return web.Response(text=f"scheduler_pending_pods {number}\n")

    observation = asyncio.run(measured(tmp_path, answer, 0.3))
    assert values(tmp_path)[:2] == [0, 3]
    assert observation.problems == ()


def test_a_component_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    look = Look(
        Simulation("s", Namespaces()), components=(Component("kwok", Access("http://127.0.0.1:9")),), shortest=0.01
    )

    async def nobody() -> Observation:
        async with observing(
            FakeCluster(), tmp_path, replace(look, speed=None), lambda: Instant(7, 0.7)
        ) as observation:
            await asyncio.sleep(0.2)
        return observation

    assert asyncio.run(nobody()).problems == ("metrics of kwok: no answer until 7 s",)


def test_a_component_that_refuses_is_let_alone(tmp_path: Path) -> None:
    def answer(number: int) -> web.Response:
        raise web.HTTPForbidden

    [problem] = asyncio.run(measured(tmp_path, answer, 0.3)).problems
    assert problem.startswith("metrics of kube-scheduler: not watched: ")
    assert problem.endswith("/metrics answers 403")


def test_the_pause_is_simulated_time_but_never_too_short() -> None:
    def pause(speed: float | None) -> float:
        return Look(Simulation("s", Namespaces()), interval=60.0, shortest=5.0, speed=speed).pause

    assert [pause(speed) for speed in (1.0, 2.0, 60.0, None)] == [60, 30, 5, 5]
