"""What a person reads at the end of a replay; the last lines say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from skel.report.terminal import Paint, printable

if TYPE_CHECKING:
    from skel.replay.result import Rejected, RunResult

_MOST = 20
_LONGEST = 300


def replay_lines(result: RunResult, name: str, paint: Paint) -> Iterator[str]:
    """`name` is what was replayed."""
    counts = result.counts
    yield f"{paint(_ended(result), *_style(result))} {printable(name)} on {result.target} in {result.seconds:.2f} s"
    parts = [f"{counts.accepted:,} accepted", f"{counts.rejected:,} rejected"]
    parts += [f"{counts.unknown:,} unknown"] if counts.unknown else []
    requests = "request" if counts.retried == 1 else "requests"
    parts += [f"{counts.retried:,} {requests} repeated"] if counts.retried else []
    parts += [f"{counts.skipped:,} done before"] if counts.skipped else []
    noun = "object" if counts.steps == 1 else "objects"
    yield f"  {counts.steps:,} {noun}: {', '.join(parts)}"
    if result.behind.steps:
        yield f"  behind schedule by {result.behind.max:.2f} s at most, {result.behind.mean:.3f} s on average"
    yield from _lifetimes(result)
    if result.folder:
        yield f"  record: {result.folder}"
    if result.left:
        yield f"  left in the cluster: everything that PriorityClass {result.left} owns"
    yield from _rejected(result, paint)


def _lifetimes(result: RunResult) -> Iterator[str]:
    """How the pods got theirs; nothing if none are recorded."""
    found = result.info.get("lifetimes") or {}
    if not found.get("pods"):
        return
    noun = "pod" if found["pods"] == 1 else "pods"
    parts = [f"{found['pods']:,} {noun}", f"{found['ending']:,} with a recorded end"]
    fallbacks = found["byOnlyHash"] + found["byOrder"]
    parts += [f"{fallbacks:,} by a fallback, since their specs were not recorded"] if fallbacks else []
    parts += [f"{found['beyondRecord']:,} more than recorded"] if found["beyondRecord"] else []
    parts += [f"{found['unrecorded']:,} of which nothing is recorded"] if found["unrecorded"] else []
    yield f"  lifetimes: {', '.join(parts)}"


def _ended(result: RunResult) -> str:
    return "replayed" if result.ended == "complete" else f"{result.ended}:"


def _style(result: RunResult) -> tuple[str, ...]:
    return ("green", "bold") if result.exit_code == 0 else ("red", "bold")


def _rejected(result: RunResult, paint: Paint) -> Iterator[str]:
    if not result.rejected:
        return
    yield paint("rejected", "red", "bold")
    for one in result.rejected[:_MOST]:
        yield from _object(one, paint)
    more = len(result.rejected) - _MOST
    if more > 0:
        yield f"  ... and {more:,} more objects"
    fixes = dict.fromkeys(one.repair.fix for one in result.rejected if one.repair and one.repair.fix)
    for fix in fixes:
        yield f"{paint('fix', 'cyan')}: {printable(fix)}"


def _short(message: str) -> str:
    """Some messages hold whole objects; the record has all of it."""
    text = printable(" ".join(message.split()))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def _object(one: Rejected, paint: Paint) -> Iterator[str]:
    times = f", {one.times:,} times" if one.times > 1 else ""
    verb = "" if one.verb == "apply" else f"{one.verb}, "
    name, version = paint(printable(str(one.object)), "bold"), printable(one.object.api_version)
    yield f"  {name} ({verb}{version}, event {one.event}{times})"
    yield f"    {one.status} {printable(one.reason)}: {_short(one.message)}"
    if one.repair is not None:
        code = f"{one.repair.code} " if one.repair.code else ""
        yield f"    {code}{one.repair.rule}: {printable(one.repair.title)}".rstrip(": ")
        if not one.repair.fix and one.repair.help:
            yield f"    by hand: {printable(one.repair.help)}"
