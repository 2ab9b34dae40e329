"""A run as a picture: steps from left to right, pods above, below them a lane for each fault and component.

The axis is logical: a column for each step. Real time says nothing about what caused what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from skel.faults import words
from skel.faults.actions import EVERY, Advance, Delay, Hold, Pause, Rate, Release, Resume
from skel.faults.levels import Level, levels
from skel.faults.model import Happening, Report, Violation
from skel.report.runs.chart import Box, Label, Line

WIDE, LEFT, RIGHT, TOP = 960.0, 132.0, 10.0, 16.0
_PLOT, _LANE, _HEAD = 120.0, 22.0, 34.0
_JUMPS = "clock"
_USERS = "users"


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment as a line from top to bottom."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Story:
    """The picture. `columns` are the numbers of the steps with what they do, `grid` the lines between them."""

    title: str
    about: str
    height: float
    plot: float
    bottom: float
    highest: int
    columns: tuple[Label, ...]
    grid: tuple[float, ...]
    tips: tuple[Box, ...]
    lines: tuple[Line, ...]
    lanes: tuple[Label, ...]
    boxes: tuple[Box, ...]
    notes: tuple[Label, ...]
    marks: tuple[Mark, ...]
    wide: float = WIDE


def story(report: Report, title: str, most: int = 1) -> Story:
    """The picture of one run; `most` pods make one scale for several."""
    place = _Places(report)
    known = levels(report.revisions)
    highest = max([most, *(max(it.active, it.wanted) for it in known)])
    lanes = list(_lanes(report))
    below = TOP + _PLOT + 8
    bottom = below + _LANE * len(lanes)
    boxes, notes = _fill(report, lanes, place, below)
    return Story(
        title=title,
        about=f"{report.verdict.value}: pods over the steps of the scenario, and what was done in each",
        height=bottom + _HEAD,
        plot=TOP + _PLOT,
        bottom=bottom,
        highest=highest,
        columns=tuple(Label(place.middle(step), bottom + 16, str(step)) for step in range(place.count)),
        grid=tuple(place.x(step) for step in range(place.count + 1)),
        tips=tuple(_tip(report, step, place, bottom) for step in range(place.count)),
        lines=tuple(_pods(known, place, highest)),
        lanes=tuple(Label(LEFT - 8, below + _LANE * number + 15, lane) for number, lane in enumerate(lanes)),
        boxes=tuple(boxes),
        notes=tuple(notes),
        marks=tuple(_mark(it, place) for it in report.violations[:3]),
    )


class _Places:
    """Where a step begins, and where in its column a revision lies."""

    def __init__(self, report: Report) -> None:
        self.count = len(report.scenario.steps) + 2
        self._width = (WIDE - LEFT - RIGHT) / self.count
        self._of: dict[int, list[int]] = defaultdict(list)
        for revision in report.revisions:
            self._of[revision.step].append(revision.number)

    def x(self, step: float) -> float:
        return round(LEFT + self._width * step, 1)

    def middle(self, step: int) -> float:
        return self.x(step + 0.5)

    def revision(self, number: int, step: int) -> float:
        """Revisions of one step stand side by side."""
        inside = self._of.get(step, [])
        before = sum(other < number for other in inside)
        return self.x(min(step, self.count - 1) + 0.1 + 0.8 * before / max(len(inside), 1))


def _tip(report: Report, step: int, place: _Places, bottom: float) -> Box:
    said = _said(report, step)
    found = [line for moment in report.moments if moment.step == step for line in moment.lines]
    text = "\n".join([f"step {step}: {said}", *found])
    return Box(place.x(step), TOP, round(place.x(step + 1) - place.x(step), 1), bottom - TOP, "hit", text)


def _said(report: Report, step: int) -> str:
    steps = report.scenario.steps
    if step == 0:
        return "setup"
    return words.step(steps[step - 1]) if step <= len(steps) else "all faults are lifted"


def _pods(known: Sequence[Level], place: _Places, highest: int) -> Iterator[Line]:
    for level, values in (("before", [it.wanted for it in known]), ("after", [it.active for it in known])):
        if not known:
            return
        heights = [round(TOP + _PLOT * (1 - value / highest), 1) for value in values]
        path = [f"M{place.x(0)} {TOP + _PLOT}"]
        for it, height in zip(known, heights, strict=True):
            path.append(f"H{place.revision(it.number, it.step)}V{height}")
        yield Line(level, "".join([*path, f"H{place.x(place.count)}"]))


def _lanes(report: Report) -> Iterator[str]:
    """Held resources, the clock, users, and components with what they sent."""
    yield from dict.fromkeys(
        f"held {step.do.resource}" for step in report.scenario.steps if isinstance(step.do, Hold | Delay)
    )
    if any(isinstance(step.do, Advance | Rate) for step in report.scenario.steps):
        yield _JUMPS
    if any(not step.do.is_fault for step in report.scenario.steps):
        yield _USERS
    yield from dict.fromkeys([report.scenario.target, *_components(report.happenings)])


def _components(happenings: Iterable[Happening]) -> Iterator[str]:
    return (it.lane for it in happenings if it.lane not in {_JUMPS, _USERS, "scenario", ""})


def _fill(report: Report, lanes: Sequence[str], place: _Places, below: float) -> tuple[list[Box], list[Label]]:
    """The boxes in the lanes, and short notes in them."""
    boxes: list[Box] = []
    notes: list[Label] = []
    row = {lane: below + _LANE * number + 3 for number, lane in enumerate(lanes)}
    for first, last, lane in _holds(report, place.count):
        boxes.append(_box(place, first, last, row[lane], "held", f"{lane} from step {first} to {last}"))
    for step_number, lane, text in _queued(report.happenings):
        if lane in row:
            notes.append(Label(place.middle(max(step_number - 1, 0)), row[lane] + 12, text))
    for number, step in enumerate(report.scenario.steps, start=1):
        lane = _lane_of(step.do, report.scenario.target)
        if lane in row and not isinstance(step.do, Hold | Release | Delay):
            boxes.append(_box(place, number, number + 1, row[lane], _level(step.do), words.step(step)))
            notes.append(Label(place.middle(number), row[lane] + 12, _note(step.do)))
    for lane, counts in _requests(report.happenings).items():
        for number, count in counts.items():
            if lane in row and number < place.count:
                boxes.append(_box(place, number, number + 1, row[lane], "sent", f"{count} requests of {lane}"))
                notes.append(Label(place.middle(number), row[lane] + 12, str(count)))
    return boxes, notes


def _lane_of(do: object, target: str) -> str:
    if isinstance(do, Advance | Rate):
        return _JUMPS
    return target if getattr(do, "is_fault", False) else _USERS


def _level(do: object) -> str:
    return "jump" if isinstance(do, Advance | Rate) else "fault" if getattr(do, "is_fault", False) else "use"


def _note(do: object) -> str:
    if isinstance(do, Advance):
        return f"+{do.seconds:g}s"
    if isinstance(do, Pause | Resume):
        return do.word
    return str(getattr(do, "word", ""))


def _holds(report: Report, count: int) -> Iterator[tuple[int, int, str]]:
    """From which step to which a resource was held."""
    since: dict[str, int] = {}
    for number, step in enumerate(report.scenario.steps, start=1):
        match step.do:
            case Hold(resource=resource) | Delay(resource=resource):
                since.setdefault(resource, number)
            case Release(resource=resource):
                ended = list(since) if resource == EVERY else [resource] if resource in since else []
                for name in ended:
                    yield since.pop(name), number, f"held {name}"
            case _:
                pass
    for name, first in since.items():
        yield first, count - 1, f"held {name}"


def _queued(happenings: Iterable[Happening]) -> Iterator[tuple[int, str, str]]:
    """How many frames were held back when they were let go: `pods, 15 queued`."""
    for it in happenings:
        resource, comma, text = it.text.partition(", ")
        if it.what == "release" and comma and not text.startswith("0 "):
            yield it.step, f"held {resource}", text


def _requests(happenings: Iterable[Happening]) -> Mapping[str, Mapping[int, int]]:
    found: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for it in happenings:
        if it.what == "request":
            found[it.lane][it.step] += it.count
    return found


def _box(place: _Places, first: int, last: int, y: float, level: str, tip: str) -> Box:
    x = place.x(first) + 1
    return Box(x, y, round(max(place.x(last) - x - 1, 2), 1), _LANE - 6, level, tip)


def _mark(it: Violation, place: _Places) -> Mark:
    step = it.step if it.revision else place.count - 1
    x = place.revision(it.revision, step) if it.revision else place.x(place.count) - 2
    return Mark(x, it.oracle, "end" if x > WIDE / 2 else "start")
