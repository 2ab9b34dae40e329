"""What is counted and measured in a run: names, units, and which direction is worse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    COUNT = "count"
    SECONDS = "seconds"


class Worse(StrEnum):
    """Which change of a measure is one for the worse."""

    UP = "up"
    DOWN = "down"
    EITHER = "either"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a run. `name` has dots, the group first: tolerances name either. `title` is for people.

    What is compared one by one already is not judged as a sum as well.
    """

    name: str
    title: str
    worse: Worse = Worse.NEITHER
    unit: Unit = Unit.COUNT
    is_judged: bool = True

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]


def _count(name: str, title: str, worse: Worse = Worse.NEITHER) -> Measure:
    return Measure(name, title, worse)


def _sum(name: str, title: str) -> Measure:
    return Measure(name, title, is_judged=False)


REQUESTS = (
    _sum("requests.sent", "requests"),
    _sum("requests.accepted", "accepted"),
    _sum("requests.rejected", "rejected"),
    _sum("requests.unknown", "unknown"),
    _sum("requests.retried", "sent again"),
)
PODS = (
    _count("pods.seen", "pods"),
    _count("pods.pending", "pending at the end", Worse.UP),
    _count("pods.running", "running at the end"),
    _count("pods.finished", "finished", Worse.DOWN),
    _count("pods.failed", "failed", Worse.UP),
    _count("pods.pending-peak", "pending at a time, at most", Worse.UP),
)
NODES = (_count("nodes.used", "nodes with pods"), _count("nodes.fullest", "pods on the fullest node"))

SHARES = ((50, "half of the pods"), (90, "90 % of the pods"), (99, "99 % of the pods"), (100, "at most"))
"""Shares of pods in percent that latencies are told for."""
LATENCIES = (
    ("scheduling", "until it has a node", Worse.UP),
    ("start-up", "until it runs", Worse.UP),
    ("lifetime", "runs", Worse.EITHER),
)


def latency_measures(what: str, title: str, worse: Worse) -> tuple[tuple[int, Measure], ...]:
    """The measures of one latency, each with its share: `latency.scheduling.p50`."""
    group = "latency" if what != "lifetime" else "lifetime"
    stem = f"latency.{what}" if group == "latency" else "lifetime"
    return tuple(
        (share, Measure(f"{stem}.{'max' if share == 100 else f'p{share}'}", f"{title}: {whose}", worse, Unit.SECONDS))
        for share, whose in SHARES
    )


def code_measure(status: int) -> Measure:
    return _sum(f"requests.code.{status}", f"answers {status}")


def warning_measure(text: str) -> Measure:
    return Measure(f"warnings.{text}", text, Worse.UP)


def event_measure(kind: str, reason: str, type_: str) -> Measure:
    """`events.Pod.FailedScheduling`."""
    worse = Worse.UP if type_ == "Warning" else Worse.NEITHER
    return Measure(f"events.{kind}.{reason}", f"{kind} {reason}", worse)
