"""What an upgrade in the middle of a run changed, put into words: the same points in every report for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from skel.kube.gvk import gvk
from skel.replay.measure import Unit
from skel.replay.rehearsal import plural
from skel.replay.upgrade_lines import Changes, Group, HopLine, Leg, Named, Pods, Refusal, Upgrade
from skel.report.runs.words import amount, clock

_LATE = 60.0
"""Seconds of the trace by which an upgrade may begin late without a word."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that changed. `level` is error, warning or info; `word` a label; `about` says what it means."""

    level: str
    word: str
    title: str
    count: str = ""
    about: str = ""
    names: tuple[str, ...] = ()


def headline(hop: HopLine) -> str:
    """`1.24.17 → 1.25.16 at 30:00`."""
    return f"{hop.source} → {hop.target} at {clock(hop.t)}"


def course(hop: HopLine) -> str:
    """How it went: whether it had to wait, for how long it took, and who was away."""
    away = ", ".join(f"{one.component} {amount(one.seconds, Unit.SECONDS)}" for one in hop.away)
    is_late = hop.t - hop.asked > _LATE
    parts = [f"was to begin at {clock(hop.asked)}, and waited for what came before"] if is_late else []
    parts += [f"took {amount(hop.seconds, Unit.SECONDS)}"]
    parts += [f"away: {away}"] if away else []
    parts += [f"{plural(hop.refused, 'request')} found no server and {_were(hop.refused)} repeated"]
    return "; ".join(parts)


def points(hop: HopLine) -> Iterator[Point]:
    """What it changed, the worst first."""
    if hop.error:
        yield Point("error", "failed", hop.error)
    if hop.changes is not None:
        found = [*_kinds(hop.changes), *_objects(hop.changes), *_pods(hop.changes.pods)]
        yield from sorted(found, key=lambda point: _RANK[point.level])


_RANK = {"error": 0, "warning": 1, "info": 2}


def _kinds(found: Changes) -> Iterator[Point]:
    for group in found.vanished:
        level, count = ("error", f"{plural(group.objects, 'object')} stranded") if group.objects else ("info", "")
        about = "No version of it is served: what is stored can't be read, changed or deleted any more."
        yield Point(level, "vanished", f"{group.kind} {group.before}", count, about, _names(group.named))
    for group in found.read_back:
        about = "Written in a version that is not served any more; the same objects are read in another."
        title = f"{group.kind} {group.before} → {group.after}"
        yield Point("warning", "read back", title, plural(group.objects, "object"), about, _names(group.named))
    idle = [group for group in found.gone_versions if not group.objects]
    if idle:
        about = "No object of the replay was written in them, but whoever asks for them now finds nothing."
        yield Point("info", "not served any more", _versions(idle), plural(len(idle), "version"), about)
    if found.new_versions:
        yield Point("info", "newly served", _versions(found.new_versions), plural(len(found.new_versions), "version"))
    if found.stored_anew:
        about = "Objects stay as they are stored until somebody writes them again."
        yield Point("info", "stored in another version", ", ".join(found.stored_anew), "", about)


def _versions(groups: Iterable[Group]) -> str:
    return ", ".join(gvk(group.before, group.kind) for group in groups)


def _objects(found: Changes) -> Iterator[Point]:
    yield from _list("error", "lost", found.lost, "They are gone, and it was not the replay that deleted them.")
    yield from _list(
        "warning", "recreated", found.recreated, "Deleted and made again: the name is the same, the uid is not."
    )
    yield from _list(
        "warning", "reads differently", found.defaulted, "Nobody wrote them; the new release fills in fields."
    )
    yield from _list(
        "info", "touched", found.touched, "Written by controllers, without the replay having asked for it."
    )
    if found.status_only:
        yield Point("info", "only their status changed", _counted(found.status_only))
    if found.of_the_cluster:
        about = "What Kubernetes keeps for itself, such as its own roles, was brought up to date."
        yield Point("info", "of the cluster itself", _counted(found.of_the_cluster), "", about)
    if found.unread:
        yield Point("warning", "not read", ", ".join(found.unread), "", "What became of these is not known.")


def _list(level: str, word: str, named: Sequence[Named], about: str) -> Iterator[Point]:
    kinds: dict[str, list[Named]] = {}
    for one in named:
        kinds.setdefault(f"{one.kind}.{one.group}".rstrip("."), []).append(one)
    for kind, of_kind in kinds.items():
        yield Point(level, word, kind, plural(len(of_kind), "object"), about, _names(of_kind))


def _pods(pods: Pods) -> Iterator[Point]:
    fates = (("moved", pods.moved), ("restarted", pods.restarted), ("replaced", pods.replaced))
    for word, named in fates:
        if named:
            yield Point("warning", word, "Pod", plural(len(named), "pod"), "", _names(named))
    if pods.before:
        rest = pods.before - pods.same - sum(len(named) for _, named in fates)
        ended = f", {rest:,} ended or were not wanted any more" if rest else ""
        yield Point("info", "pods", f"{pods.same:,} of {pods.before:,} as they were{ended}")


def _names(named: Iterable[Named]) -> tuple[str, ...]:
    return tuple(_name(one) for one in named)


def _name(one: Named) -> str:
    name = f"{one.namespace}/{one.name}" if one.namespace else one.name
    details = "; ".join(part for part in (one.note, f"by {', '.join(one.by)}" if one.by else "") if part)
    return f"{name} ({details})" if details else name


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items())


def leg_line(leg: Leg) -> str:
    """`80 accepted, 1 rejected, 11 repeated`."""
    counts = (("accepted", leg.accepted), ("rejected", leg.rejected), ("unknown", leg.unknown))
    parts = [f"{count:,} {word}" for word, count in (*counts, ("repeated", leg.repeated)) if count]
    return ", ".join(parts) or "nothing was sent"


def new_on(leg: Leg) -> Iterator[Point]:
    """What no release before said."""
    for one in leg.refusals:
        if one.is_new:
            yield _refusal(one)
    for warned in leg.warnings:
        if warned.is_new:
            yield Point("warning", "new warning", warned.text, f"{warned.times:,} times")


def _refusal(one: Refusal) -> Point:
    said = " ".join(word for word in (str(one.status) if one.status else "", one.reason) if word)
    names = tuple(text for text in (f"rule {one.rule}" if one.rule else "", one.fix or "") if text)
    title = f"{one.kind} {one.api_version}".strip()
    return Point("error", "newly rejected", title, plural(one.requests, "request"), f"{said}: {one.message}", names)


def not_reached(upgrade: Upgrade) -> str:
    """Hops that were planned and never began; empty if there are none."""
    left = upgrade.planned[len(upgrade.hops) :]
    return ", ".join(f"{version} at {clock(at)}" for at, version in left)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
