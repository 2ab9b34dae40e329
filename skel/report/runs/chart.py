"""Timelines as shapes for an inline SVG: pure geometry. Colours are classes, so that both themes fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from skel.replay.measure import Unit
from skel.replay.observed import Observed
from skel.replay.pod_story import PHASES
from skel.replay.run_lines import ACCEPTED, REJECTED, UNKNOWN
from skel.replay.series import bar_width
from skel.report.runs.words import amount, clock

WIDE, HALF = 960.0, 460.0
"""Of a chart over the whole page, and of one of two beside each other."""
LEFT, RIGHT, TOP = 60.0, 8.0, 8.0
_PLOT = 84.0
_LANE = 14.0
_AXIS = 20.0
_LINES = 110.0
_GAP = 1.0
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with what to say when one points at it."""

    x: float
    y: float
    width: float
    height: float
    level: str
    tip: str


@dataclass(frozen=True, slots=True)
class Line:
    """A stepped line, as the value of `d` of an SVG path."""

    level: str
    path: str


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of `height`; `about` says in words what it shows, `lanes` name the rows below the plot."""

    title: str
    about: str
    wide: float
    height: float
    plot: float
    bars: tuple[Box, ...] = ()
    hits: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    lanes: tuple[Label, ...] = ()
    times: tuple[Label, ...] = ()
    highest: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.bars and not self.lines


@dataclass(frozen=True, slots=True)
class Axis:
    """Simulated time from left to right, in bars of `width` seconds; the picture is `wide`."""

    width: int
    bars: int
    wide: float = WIDE

    def x(self, bar: float) -> float:
        return LEFT + (self.wide - LEFT - RIGHT) * bar / self.bars

    def span(self, bar: int) -> str:
        return f"{clock(bar * self.width)} to {clock((bar + 1) * self.width)}"

    def labels(self, y: float) -> tuple[Label, ...]:
        """As many as there is room for, at times that people know."""
        length, room = self.width * self.bars, self.wide // 110
        step = next((width for width in _STEPS if width >= length / room), 86_400 * (length // (room * 86_400) + 1))
        found: list[Label] = []
        while len(found) * step <= length:
            time = len(found) * step
            found.append(Label(round(self.x(time / self.width), 1), y, clock(time)))
        return tuple(found)


def axis(runs: Sequence[Observed], wide: float = WIDE) -> Axis:
    """One for all charts of a kind, so that they can be compared."""
    widths = [line.width for seen in runs for line in seen.requests.timelines.values()]
    widths += [level.width for seen in runs if seen.pods for level in seen.pods.levels.values()]
    length = max((seen.length for seen in runs), default=0.0)
    width = bar_width(length, widths)
    return Axis(width, int(length // width) + 1, wide)


def request_charts(runs: Sequence[Observed], along: Axis) -> tuple[Chart, ...]:
    """A chart a run, all with the same scale: bars for what was sent, a lane each for what was not accepted."""
    spread = [_spread(seen, along) for seen in runs]
    highest = max((max(map(sum, zip(*counts.values(), strict=True)), default=0) for counts in spread), default=0)
    lanes = [verdict for verdict in (REJECTED, UNKNOWN) if any(any(counts[verdict]) for counts in spread)]
    return tuple(_request_chart(seen, counts, along, highest, lanes) for seen, counts in zip(runs, spread, strict=True))


def _spread(seen: Observed, along: Axis) -> Mapping[str, tuple[int, ...]]:
    known = seen.requests.timelines
    none = (0,) * along.bars
    found = {word: known[word].spread(along.width, along.bars) if word in known else none for word in _VERDICTS}
    return found | {word: line.spread(along.width, along.bars) for word, line in known.items() if word not in found}


_VERDICTS = (ACCEPTED, REJECTED, UNKNOWN)


def _request_chart(
    seen: Observed, counts: Mapping[str, tuple[int, ...]], along: Axis, highest: int, lanes: Sequence[str]
) -> Chart:
    bars, hits = [], []
    for bar in range(along.bars):
        at = {word: values[bar] for word, values in counts.items() if values[bar]}
        if not at:
            continue
        tip = f"{along.span(bar)}: {', '.join(f'{count:,} {word}' for word, count in at.items())}"
        bars.append(_column(along, bar, sum(at.values()) / highest, "sent"))
        bars += [_mark(along, bar, number, word) for number, word in enumerate(lanes) if word in at]
        hits.append(Box(round(along.x(bar), 2), TOP, round(along.x(bar + 1) - along.x(bar), 2), _PLOT, "hit", tip))
    below = TOP + _PLOT + _LANE * len(lanes)
    return Chart(
        title=seen.run.name,
        about=f"Requests over simulated time, {along.span(0).partition(' to ')[2]} a bar",
        wide=along.wide,
        height=below + _AXIS,
        plot=TOP + _PLOT,
        bars=tuple(bars),
        hits=tuple(Box(hit.x, hit.y, hit.width, below - TOP, hit.level, hit.tip) for hit in hits),
        lanes=tuple(Label(LEFT - 6, _lane(number) + 8, word) for number, word in enumerate(lanes)),
        times=along.labels(below + 14),
        highest=f"{highest:,}",
    )


def _column(along: Axis, bar: int, share: float, level: str) -> Box:
    height = max(1.5, _PLOT * share)
    x, wide = _place(along, bar)
    return Box(x, round(TOP + _PLOT - height, 2), wide, round(height, 2), level, "")


def _mark(along: Axis, bar: int, lane: int, level: str) -> Box:
    """Wide enough to be seen, however short its time is."""
    x, wide = _place(along, bar)
    return Box(x, _lane(lane), max(wide, 3.0), _LANE - 4, level, "")


def _place(along: Axis, bar: int) -> tuple[float, float]:
    x, end = along.x(bar), along.x(bar + 1)
    return round(x, 2), round(max(1.0, end - x - _GAP), 2)


def _lane(number: int) -> float:
    return TOP + _PLOT + 4 + _LANE * number


def pod_charts(before: Sequence[Observed], after: Sequence[Observed], along: Axis) -> tuple[Chart, ...]:
    """A chart a phase, with a line a run; phases that no pod came to are left out."""
    found = []
    for phase in PHASES:
        sides = [(level, seen) for level, side in (("before", before), ("after", after)) for seen in side if seen.pods]
        lines = [(level, seen.pods.levels[phase].spread(along.width, along.bars)) for level, seen in sides if seen.pods]
        highest = max((max(values) for _, values in lines), default=0)
        if highest:
            found.append(_pod_chart(phase, lines, along, highest))
    return tuple(found)


def _pod_chart(phase: str, lines: Iterable[tuple[str, tuple[int, ...]]], along: Axis, highest: int) -> Chart:
    known = list(lines)
    bottom = TOP + _LINES
    drawn = [Line(level, _steps(values, along, highest, bottom)) for level, values in known]
    hits = [
        Box(
            round(along.x(bar), 2),
            TOP,
            round(along.x(bar + 1) - along.x(bar), 2),
            _LINES,
            "hit",
            f"{along.span(bar)}: {_told(known, bar)}",
        )
        for bar in range(along.bars)
    ]
    return Chart(
        title=phase,
        about=f"Pods in the phase {phase} over simulated time, the most in {along.span(0).partition(' to ')[2]}",
        wide=along.wide,
        height=bottom + _AXIS,
        plot=bottom,
        hits=tuple(hits),
        lines=tuple(drawn),
        times=along.labels(bottom + 14),
        highest=amount(highest, Unit.COUNT),
    )


def _told(lines: Sequence[tuple[str, tuple[int, ...]]], bar: int) -> str:
    """`before 3, after 5`, a band where runs differ."""
    words = []
    for level in dict.fromkeys(level for level, _ in lines):
        values = [values[bar] for own, values in lines if own == level]
        shown = f"{values[0]:,}" if len(set(values)) == 1 else f"{min(values):,} to {max(values):,}"
        words.append(f"{level} {shown}")
    return ", ".join(words)


def _steps(values: Sequence[int], along: Axis, highest: int, bottom: float) -> str:
    """Only where the level changes, so that a quiet hour costs two points."""
    heights = [round(bottom - _LINES * value / highest, 1) for value in values]
    path = [f"M{along.x(0):.1f} {heights[0]:.1f}"]
    for number, (one, other) in enumerate(pairwise(heights), start=1):
        if one != other:
            path.append(f"H{along.x(number):.1f}V{other:.1f}")
    path.append(f"H{along.x(len(values)):.1f}")
    return "".join(path)
