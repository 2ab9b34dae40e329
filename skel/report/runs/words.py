"""How runs, figures and outcomes are put into words, the same in every report for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from skel.findings.model import FoundObject
from skel.replay.compare import Comparison, Verdict
from skel.replay.measure import Measure, Unit
from skel.replay.observed import Observed
from skel.replay.outcomes import ABSENT, Answer, Group, Turn
from skel.replay.rehearsal import Readiness, Rehearsal, plural
from skel.replay.tolerances import Compared

VERDICTS = ("accepted", "rejected", "unknown")
FEW = 8
"""Objects of a group that a text names."""


def clock(seconds: float) -> str:
    """Simulated time: `0:05`, `1:02:03`, `2d 1:02:03`."""
    whole = int(seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    if days:
        return f"{days}d {hours}:{minutes:02}:{left:02}"
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def amount(value: float, unit: Unit) -> str:
    """`1,234`; `0.25 s`, `12 s`, `1:02:03` for what takes long."""
    if unit is Unit.COUNT:
        return f"{value:,.0f}"
    if value >= 600:
        return clock(value)
    return f"{value:,.0f} s" if value >= 100 else f"{value:.1f} s" if value >= 10 else f"{value:.2f} s"


def band(values: tuple[float, ...], unit: Unit) -> str:
    """`3`, or `3 to 5` where the runs of a side differ; nothing where it was not measured."""
    if not values:
        return ""
    low, high = amount(min(values), unit), amount(max(values), unit)
    return low if low == high else f"{low} to {high}"


def change(found: Compared) -> str:
    """`+3`, `-1.20 s`: from the middle of one side to that of the other; empty if there is none."""
    if not found.before or not found.after:
        return ""
    unit, usual = found.measure.unit, _middle(found.before)
    by = _middle(found.after) - usual
    if abs(by) <= (0.5 if unit is Unit.COUNT else 0.005):
        return ""
    share = f" ({by / usual:+.0%})" if unit is Unit.SECONDS and usual and abs(by / usual) >= 0.005 else ""
    return f"{'+' if by > 0 else '-'}{amount(abs(by), unit)}{share}"


def _middle(values: tuple[float, ...]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def tolerance(found: Compared) -> str:
    """`20 % or 0.5 s`, `exact`, `not judged`; nothing for what is compared one by one."""
    if not found.measure.is_judged:
        return ""
    if not found.tolerance.is_judged:
        return "not judged"
    unit = " s" if found.measure.unit is Unit.SECONDS else ""
    parts = [f"{found.tolerance.share * 100:g} %"] if found.tolerance.share else []
    parts += [f"{found.tolerance.amount:g}{unit}"] if found.tolerance.amount else []
    return " or ".join(parts) or "exact"


def warnings(measures: Iterable[Compared]) -> Iterator[tuple[str, Compared]]:
    """Warnings of the server that came, went, or come more or less often, each with a word for it."""
    for one in measures:
        if one.measure.group == "warnings" and not is_quiet(one):
            if not any(one.before):
                yield "new warning", one
            elif not any(one.after):
                yield "warning gone", one
            else:
                yield "warning", one


def is_quiet(found: Compared) -> bool:
    """Whether there is nothing to show: zero on both sides, or what only matters if it changed."""
    if not any((*found.before, *found.after)):
        return True
    only_if_changed = found.measure.group in {"requests", "warnings", "events"}
    return only_if_changed and set(found.before) == set(found.after)


def tally(verdicts: Counter[str]) -> str:
    """`22 accepted, 3 rejected`; `nothing was sent`."""
    others = sorted(set(verdicts) - set(VERDICTS))
    return (
        ", ".join(f"{verdicts[word]:,} {word}" for word in (*VERDICTS, *others) if verdicts[word]) or "nothing was sent"
    )


def run_line(seen: Observed) -> str:
    """`local:1.25.16, 25 requests (22 accepted, 3 rejected), 12 pods, 1:00:00 at speed 60`."""
    header = seen.run.header
    verdicts = seen.requests.verdicts
    sent = plural(sum(verdicts.values()), "request")
    if set(+verdicts) - {"accepted"}:
        sent += f" ({tally(verdicts)})"
    pods = plural(seen.pods.seen, "pod") if seen.pods else ""
    speed = f" at speed {header.speed:g}" if header.speed else ""
    target = header.target or (f"Kubernetes {header.kubernetes}" if header.kubernetes else "")
    end = "" if header.is_complete else f"broke off ({header.ended or 'nobody knows why'})"
    return ", ".join(part for part in (target, sent, pods, f"{clock(seen.length)}{speed}", end) if part)


def said(answer: Answer) -> str:
    """`404 NotFound: the server could not find the requested resource`."""
    if answer.verdict == ABSENT:
        return ABSENT
    head = " ".join(word for word in (str(answer.status) if answer.status else "", answer.reason) if word)
    return ": ".join(part for part in (head, answer.message) if part) or answer.verdict


def turned(group: Group) -> str:
    """`newly rejected`, for a run alone `rejected`."""
    if not group.before:
        return group.answer.verdict
    return group.turn.value


def about(group: Group) -> str:
    """`CronJob batch/v1beta1`."""
    return " ".join(word for word in (group.kind, group.api_version) if word) or "objects without a kind"


def when(first: float, times: int) -> str:
    """`at 0:05`, `3 times, first at 0:05`."""
    return f"at {clock(first)}" if times == 1 else f"{times:,} times, first at {clock(first)}"


def object_name(thing: FoundObject) -> str:
    return str(thing) or "an object without a name"


def measure_title(measure: Measure) -> str:
    match measure.group:
        case "latency":
            return f"{measure.name.split('.')[1]}, {measure.title.partition(': ')[2]}"
        case "lifetime":
            return measure.title.partition(": ")[2]
        case _:
            return measure.title


GROUP_TITLES = {
    "requests": "Requests",
    "pods": "Pods",
    "latency": "Latency, from the creation of a pod",
    "lifetime": "How long pods run, in simulated time",
    "nodes": "Nodes",
    "events": "Events, by object and reason",
}


def grouped(measures: Iterable[Compared]) -> Iterator[tuple[str, list[Compared]]]:
    """What is worth a line of a table, under the title of its group. Warnings are too long for one."""
    found: dict[str, list[Compared]] = {}
    for one in measures:
        if not is_quiet(one) and one.measure.group != "warnings":
            found.setdefault(one.measure.group, []).append(one)
    for group, entries in found.items():
        yield GROUP_TITLES[group], entries


def comparison_verdict(found: Comparison) -> str:
    """What a reader in a hurry takes away; it agrees with the exit code."""
    what = joined(_differing(found))
    match found.verdict:
        case Verdict.SAME:
            return "The same: no difference beyond the tolerances."
        case Verdict.DIFFERENT:
            return f"Different: {what}."
        case Verdict.INCOMPLETE:
            return f"Not everything could be compared. So far: {what or 'no difference beyond the tolerances'}."


def _differing(found: Comparison) -> Iterator[str]:
    if not found.tolerated:
        yield f"{plural(found.turned_requests, 'request')} with another outcome"
    warned = sum(one.measure.group == "warnings" for one in found.differences)
    if warned:
        yield f"{plural(warned, 'warning')} of the server that came or went"
    if figures := len(found.differences) - warned:
        yield f"{plural(figures, 'figure')} beyond the tolerance"


def joined(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = [*parts] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def change_verdict(found: Rehearsal) -> str:
    """What the last step of a rehearsal comes to."""
    comparison = found.comparison
    same = f"{plural(comparison.same_requests, 'request')} with the same outcome"
    what = joined([*_differing(comparison), same])
    if found.still_rejected or found.worse:
        return f"It got worse: {what}."
    return f"Nothing got worse: {what}."


def rehearsal_verdict(found: Rehearsal) -> str:
    scene = found.scene
    match found.readiness:
        case Readiness.READY if found.migration.changes:
            return f"Ready for {scene.target}, once migrated."
        case Readiness.READY:
            return f"Ready for {scene.target}: nothing has to be changed."
        case Readiness.NOT_READY:
            return f"Not ready for {scene.target}."
        case Readiness.UNDECIDED:
            return f"Undecided: nothing speaks against {scene.target} so far, but not everything could be looked at."


def worst(turn: Turn) -> str:
    """The level that colours it."""
    if turn is Turn.REJECTED:
        return "error"
    return "info" if turn is Turn.ACCEPTED else "warning"
