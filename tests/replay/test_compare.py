from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skel.replay.compare import Comparison, Verdict, compare
from skel.replay.outcomes import MOST_OBJECTS, Turn
from skel.replay.run_reading import Run
from skel.replay.tolerances import Judgement, tolerances
from tests.replay import shop_runs
from tests.replay.runs import a_run, cronjob, event, pod_lines, request

HOUR = [request(60.0 * minute) for minute in range(60)]


def runs(folder: Path, *requests: list[dict[str, Any]], **more: Any) -> list[Run]:
    return [a_run(folder / str(number), lines, **more) for number, lines in enumerate(requests)]


def judgements(found: Comparison) -> dict[str, Judgement]:
    return {one.measure.name: one.judgement for one in found.measures}


def test_the_same_run_is_the_same(tmp_path: Path) -> None:
    run = shop_runs.before(tmp_path)
    found = compare([run], [run])
    assert (found.verdict, found.exit_code) == (Verdict.SAME, 0)
    assert set(judgements(found).values()) <= {Judgement.SAME, Judgement.NOT_JUDGED}


def test_what_is_newly_rejected_is_named_with_its_reason(tmp_path: Path) -> None:
    found = compare([shop_runs.before(tmp_path)], [shop_runs.after(tmp_path)])
    assert (found.verdict, found.exit_code) == (Verdict.DIFFERENT, 1)
    rejected, unsure, accepted = found.turned
    assert (rejected.turn, rejected.kind, rejected.requests) == (Turn.REJECTED, "CronJob", 6)
    assert rejected.answer.rule == "kubernetes/cronjob-batch-v1"
    assert [(str(thing), seen.time, seen.times) for thing, seen in rejected.objects.items()] == [
        ("CronJob/shop/report", 0.0, 3),
        ("CronJob/shop/sweep", 0.0, 3),
    ]
    assert (unsure.turn, accepted.turn) == (Turn.UNSURE, Turn.ACCEPTED)
    assert (found.turned_requests, found.same_requests, found.rejected_in_both) == (8, 62, 1)


def test_the_order_of_lines_makes_no_difference(tmp_path: Path) -> None:
    one, other = runs(tmp_path, HOUR, HOUR[::-1])
    assert compare([one], [other]).verdict is Verdict.SAME


@pytest.mark.parametrize(
    ("before", "after", "turn"),
    [
        ("accepted", "rejected", Turn.REJECTED),
        ("unknown", "rejected", Turn.REJECTED),
        (None, "rejected", Turn.REJECTED),
        ("accepted", "unknown", Turn.UNSURE),
        ("rejected", "accepted", Turn.ACCEPTED),
        ("unknown", "accepted", Turn.ACCEPTED),
        ("accepted", None, Turn.MISSING),
        (None, "accepted", Turn.ADDED),
        ("rejected", "skipped", Turn.OTHER),
    ],
)
def test_each_turn(tmp_path: Path, before: str | None, after: str | None, turn: Turn) -> None:
    one, other = runs(tmp_path, *([request(0, verdict=word)] if word else [] for word in (before, after)))
    found = compare([one], [other])
    assert [group.turn for group in found.turned] == [turn]
    assert found.exit_code == 1


def test_objects_with_one_reason_are_one_group_however_many(tmp_path: Path) -> None:
    names = [f"web-{number:03}" for number in range(80)]
    one, other = runs(tmp_path, *([request(0, name, word) for name in names] for word in ("accepted", "rejected")))
    (group,) = compare([one], [other]).turned
    assert (group.requests, len(group.objects), group.more) == (80, MOST_OBJECTS, True)
    assert group.answer.message == 'Deployment.apps "..." is invalid: spec.replicas: Invalid value: -1'


def test_requests_may_be_tolerated(tmp_path: Path) -> None:
    one, other = runs(tmp_path, HOUR, [*HOUR[:-1], request(3540.0, verdict="rejected")])
    assert compare([one], [other]).exit_code == 1
    assert compare([one], [other], tolerance=tolerances(["requests=2%"])).exit_code == 0
    assert compare([one], [other], tolerance=tolerances(["requests=1%"])).exit_code == 1


def test_repeated_runs_say_how_much_is_noise(tmp_path: Path) -> None:
    flaky = [*HOUR[:-1], request(3540.0, verdict="rejected")]
    usual, odd, new = runs(tmp_path, HOUR, flaky, flaky)
    assert compare([usual], [new]).exit_code == 1
    assert compare([usual, odd], [new]).exit_code == 0


def test_a_figure_counts_where_it_leaves_the_band_by_more_than_the_tolerance(tmp_path: Path) -> None:
    def run(name: str, wait: float) -> Run:
        pods = [line for number in range(20) for line in pod_lines(number, 120.0 * number, wait=wait)]
        return a_run(tmp_path / name, HOUR, pods=pods)

    quick, slow, new = run("a", 1.0), run("b", 3.0), run("c", 3.6)
    name = "latency.start-up.p50"
    assert judgements(compare([quick], [new]))[name] is Judgement.WORSE
    assert judgements(compare([new], [quick]))[name] is Judgement.BETTER
    # 0.6 s above the band, of which a quarter of 3 s is allowed.
    assert judgements(compare([quick, slow], [new]))[name] is Judgement.WITHIN
    strict = tolerances(["latency=0.1s"])
    assert judgements(compare([quick, slow], [new], tolerance=strict))[name] is Judgement.WORSE
    assert judgements(compare([quick], [new], tolerance=tolerances(["latency=ignore"])))[name] is Judgement.NOT_JUDGED


def test_latencies_are_of_the_cluster_and_lifetimes_of_the_trace(tmp_path: Path) -> None:
    run = a_run(tmp_path / "a", HOUR, pods=pod_lines(0, 60.0, wait=2.0, runs=90.0), speed=60.0)
    values = {one.measure.name: one.before for one in compare([run], [run]).measures}
    assert values["latency.scheduling.p50"] == (1.0,)
    assert values["latency.start-up.p99"] == (2.0,)
    assert values["lifetime.p50"] == (90.0,)


def test_pods_that_live_another_time_than_recorded_are_a_difference_for_the_worse(tmp_path: Path) -> None:
    one, other = (
        a_run(tmp_path / name, HOUR, pods=pod_lines(0, 60.0, runs=runs_for))
        for name, runs_for in (("a", 60), ("b", 30))
    )
    assert judgements(compare([one], [other]))["lifetime.p50"] is Judgement.WORSE
    assert judgements(compare([other], [one]))["lifetime.p50"] is Judgement.WORSE


def test_a_pod_with_a_name_that_was_there_before_is_another_pod(tmp_path: Path) -> None:
    lives = [*pod_lines(1, 0.0), *(dict(line, phase="Failed") for line in pod_lines(1, 600.0)[-1:])]
    (run,) = runs(tmp_path, HOUR, pods=lives)
    values = {one.measure.name: one.before for one in compare([run], [run]).measures}
    assert (values["pods.seen"], values["pods.finished"], values["pods.failed"]) == ((2.0,), (1.0,), (1.0,))


def test_an_event_that_is_counted_on_is_not_counted_twice(tmp_path: Path) -> None:
    lines = [event(0, "x", "BackOff", count=3), event(60, "x", "BackOff", count=7), event(90, "y", "BackOff")]
    (run,) = runs(tmp_path, HOUR, events=lines)
    values = {one.measure.name: one.before for one in compare([run], [run]).measures}
    assert values["events.Pod.BackOff"] == (8.0,)


def test_a_warning_that_is_new_is_a_difference(tmp_path: Path) -> None:
    warned = [*HOUR[1:], request(0.0, warnings=["v1 is deprecated"])]
    one, other = runs(tmp_path, HOUR, warned)
    assert judgements(compare([one], [other]))["warnings.v1 is deprecated"] is Judgement.WORSE
    assert compare([one], [other], tolerance=tolerances(["warnings=ignore"])).exit_code == 0


def test_what_one_side_did_not_watch_is_not_judged(tmp_path: Path) -> None:
    dry = a_run(tmp_path / "dry", HOUR, speed=None)
    real = a_run(tmp_path / "real", HOUR, pods=pod_lines(0, 0.0), events=[event(0, "s", "Scheduled")])
    found = compare([dry], [real])
    assert found.exit_code == 0
    assert found.notes == (
        "the runs had different speeds: 60, as fast as it goes",
        "pods were not observed in dry, so they are not compared",
        "events were not observed in dry, so they are not compared",
    )


def test_a_run_that_broke_off_is_compared_as_far_as_it_came(tmp_path: Path) -> None:
    pods = pod_lines(0, 60.0)
    whole = a_run(tmp_path / "a", HOUR, pods=pods)
    part = a_run(tmp_path / "b", HOUR[:30], pods=pods[:2], ended="interrupted")
    for found in (compare([whole], [part]), compare([part], [whole])):
        assert (found.verdict, found.exit_code) == (Verdict.INCOMPLETE, 2)
        assert found.is_same
        assert found.problems == (
            "b did not come to its end (interrupted)",
            "30 requests could not be compared: not all runs came so far",
        )


def test_a_request_that_a_broken_off_run_passed_over_is_a_difference(tmp_path: Path) -> None:
    whole = a_run(tmp_path / "a", HOUR)
    part = a_run(tmp_path / "b", [*HOUR[:10], *HOUR[11:30]], ended="interrupted")
    assert [group.turn for group in compare([whole], [part]).turned] == [Turn.MISSING]


def test_repeated_rounds_are_compared_round_by_round(tmp_path: Path) -> None:
    again = [{**line, "round": 1} for line in HOUR]
    bad = [*again[:-1], {**again[-1], "verdict": "rejected"}]
    one, other = runs(tmp_path, HOUR + again, HOUR + bad)
    assert compare([one], [other]).turned_requests == 1


def test_an_empty_run_is_the_same_as_another(tmp_path: Path) -> None:
    one, other = runs(tmp_path, [], [])
    assert compare([one], [other]).exit_code == 0


def test_runs_of_different_traces_say_so(tmp_path: Path) -> None:
    one = a_run(tmp_path / "a", [cronjob(0, "a")], trace={"sha256": "1"})
    other = a_run(tmp_path / "b", [cronjob(0, "a", version="batch/v1")], trace={"sha256": "2"})
    found = compare([one], [other])
    assert found.exit_code == 0
    assert "different traces" in found.notes[0]


def test_a_run_that_fell_behind_its_schedule_says_so(tmp_path: Path) -> None:
    one = a_run(tmp_path / "a", HOUR, behind={"max": 1.0, "mean": 0.1})
    other = a_run(tmp_path / "b", HOUR, behind={"max": 7.46, "mean": 2.3})
    fast = a_run(tmp_path / "c", HOUR, behind={"max": 7.46, "mean": 2.3}, speed=None)
    (note,) = compare([one], [other]).notes
    assert note.startswith("b was up to 7.5 s behind its schedule: what lies within 448 s of the trace")
    assert not any("behind" in note for note in compare([one], [fast]).notes), "without a speed there is no schedule"


def test_when_a_controller_came_to_know_the_nodes_says_nothing_of_the_history(tmp_path: Path) -> None:
    known = [event(1, f"n{number}", "RegisteredNode", kind="Node") for number in range(100)]
    one = a_run(tmp_path / "one", HOUR, events=known)
    other = a_run(tmp_path / "other", HOUR, events=[])
    found = compare([one], [other])
    assert found.verdict is Verdict.SAME
    assert "events.Node.RegisteredNode" not in judgements(found)
