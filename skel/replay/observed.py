"""The figures of one run, gathered in one pass over each of its files."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from skel.findings.model import FoundObject
from skel.replay.measure import (
    LATENCIES,
    NODES,
    PODS,
    REQUESTS,
    Measure,
    code_measure,
    event_measure,
    latency_measures,
    warning_measure,
)
from skel.replay.outcomes import object_of
from skel.replay.pod_story import PodStory
from skel.replay.run_lines import ACCEPTED, REJECTED, UNKNOWN, EventLine, RequestLine
from skel.replay.run_reading import EVENTS, Run
from skel.replay.run_reading import PODS as POD_FILE
from skel.replay.series import Counts

Figures = dict[Measure, float]
_OF_THE_CLUSTER = frozenset({("Node", "RegisteredNode"), ("Node", "RemovingNode")})
"""Kind and reason of events that say when a controller manager came to know the simulated nodes, not what a history
does: they come in a run or before it, as it happens.
"""


@dataclass(slots=True)
class Warned:
    """A warning of the server: how often it came, and the object of the first."""

    times: int
    first: FoundObject


@dataclass(slots=True)
class RequestFigures:
    """Fed with the lines of a run while they are aligned with those of others."""

    verdicts: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    retried: int = 0
    warnings: dict[str, Warned] = field(default_factory=dict)
    timelines: dict[str, Counts] = field(default_factory=dict)
    end: float = 0.0

    def watch(self, lines: Iterator[RequestLine]) -> Iterator[RequestLine]:
        """Pass the lines on and count them."""
        for line in lines:
            self.add(line)
            yield line

    def add(self, line: RequestLine) -> None:
        verdict = line.verdict or UNKNOWN
        self.verdicts[verdict] += 1
        self.codes[line.status or 0] += 1
        self.retried += (line.attempts or 1) > 1
        self.end = max(self.end, line.t)
        timeline = self.timelines.get(verdict)
        if timeline is None:
            timeline = self.timelines[verdict] = Counts()
        timeline.add(line.t)
        for text in line.warnings or ():
            self._warn(text, line)

    def _warn(self, text: str, line: RequestLine) -> None:
        known = self.warnings.get(text)
        if known is None:
            self.warnings[text] = Warned(1, object_of(line))
        else:
            known.times += 1

    def figures(self) -> Figures:
        counted = (
            sum(self.verdicts.values()),
            self.verdicts[ACCEPTED],
            self.verdicts[REJECTED],
            self.verdicts[UNKNOWN],
            self.retried,
        )
        found: Figures = dict(zip(REQUESTS, map(float, counted), strict=True))
        found |= {code_measure(code): float(times) for code, times in sorted(self.codes.items()) if code}
        found |= {warning_measure(text): float(warned.times) for text, warned in sorted(self.warnings.items())}
        return found


@dataclass(slots=True)
class Observed:
    """Everything that is known of a run. `pods` and `events` are None where nobody watched them."""

    run: Run
    requests: RequestFigures
    pods: PodStory | None = None
    events: dict[tuple[str, str, str], int] | None = None

    @property
    def length(self) -> float:
        """Simulated seconds."""
        return max(self.run.header.trace.length, self.requests.end, self.pods.end if self.pods else 0.0)

    def figures(self) -> Figures:
        found = self.requests.figures()
        if self.pods is not None:
            found |= _pod_figures(self.pods)
        for (kind, reason, type_), times in sorted((self.events or {}).items()):
            found[event_measure(kind, reason, type_)] = float(times)
        return found


def observe(run: Run, requests: RequestFigures) -> Observed:
    """Read what was watched besides the requests."""
    pods = PodStory.of(run.pods(), run.header.speed or 1.0) if run.has(POD_FILE) else None
    return Observed(run, requests, pods, _events(run.events()) if run.has(EVENTS) else None)


def _events(lines: Iterator[EventLine]) -> dict[tuple[str, str, str], int]:
    """How often each reason was given, by kind of object. A line of an event that is known counts what came since."""
    known: dict[tuple[str, str], int] = {}
    found: Counter[tuple[str, str, str]] = Counter()
    for line in lines:
        count = max(1, line.count or 1)
        if line.name:
            who = line.namespace or "", line.name
            known[who], count = max(count, known.get(who, 0)), max(0, count - known.get(who, 0))
        kind = (line.involvedObject.kind if line.involvedObject else "") or ""
        if (kind, line.reason) not in _OF_THE_CLUSTER:
            found[kind, line.reason or "", line.type or ""] += count
    return dict(found)


def _pod_figures(pods: PodStory) -> Figures:
    counted = (pods.seen, pods.pending, pods.running, pods.finished, pods.failed, pods.pending_peak)
    found: Figures = dict(zip(PODS, map(float, counted), strict=True))
    nodes = (len(pods.nodes), max(pods.nodes.values(), default=0))
    found |= dict(zip(NODES, map(float, nodes), strict=True))
    for what, title, worse in LATENCIES:
        samples = array("d", sorted(pods.samples[what]))
        if samples:
            found |= {measure: share_of(samples, share) for share, measure in latency_measures(what, title, worse)}
    return found


def share_of(ascending: array[float], percent: int) -> float:
    """The value that so many percent of the samples do not exceed (the nearest rank)."""
    rank = -(-len(ascending) * percent // 100)
    return ascending[max(0, rank - 1)]
