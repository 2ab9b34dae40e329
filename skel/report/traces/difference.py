"""What is different between two traces."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from msgspec import Raw

from skel.patch.values import Json
from skel.report.diff import manifest_diff, plain_diff
from skel.report.terminal import Paint, printable
from skel.report.traces.words import after, plural
from skel.trace.codec import decode_object
from skel.trace.differing import Moment, ObjectDifference, Side, TraceDifference
from skel.trace.history import Version

SCHEMA_VERSION = 1
_SIGNS = {Side.BOTH: ("~", "yellow"), Side.ONE: ("-", "red"), Side.OTHER: ("+", "green")}


def difference_lines(found: TraceDifference, names: tuple[str, str], paint: Paint) -> Iterator[str]:
    """Each object with the moments at which it differs, then the counts."""
    one, other = map(printable, names)
    yield paint(f"--- {one}", "red")
    yield paint(f"+++ {other}", "green")
    for difference in found.differences:
        yield ""
        yield from _object(difference, paint)
    yield ""
    yield from _summary(found, one, other)


def _object(difference: ObjectDifference, paint: Paint) -> Iterator[str]:
    sign, colour = _SIGNS[difference.side]
    heading = f"{sign} {printable(str(difference))}"
    if difference.side is not Side.BOTH:
        yield paint(heading, colour, "bold") + f"  {plural(len(difference.moments), 'version')}"
        return
    total = len(difference.moments) + difference.same
    yield paint(heading, colour, "bold") + f"  {len(difference.moments)} of {plural(total, 'version')} differ"
    for lines, moments in _alike(difference.moments, paint):
        for number, moment in enumerate(moments):
            if number < 3 or len(moments) == 4:
                yield paint(f"  {after(moment.time)}  {_said(moment)}", "cyan")
        if len(moments) > 4:
            yield paint(f"  and {len(moments) - 3} more times alike", "dim")
        yield from lines


def _alike(moments: Sequence[Moment], paint: Paint) -> Iterator[tuple[tuple[str, ...], list[Moment]]]:
    """The moments behind each other at which the same is different."""

    def change(moment: Moment) -> tuple[str, ...]:
        # Where lines stand says nothing of what is different.
        return tuple(line for line in plain_diff(_raw(moment.one), _raw(moment.other)) if line[0] in "+-")

    for _, group in groupby(moments, key=lambda moment: (moment.side, change(moment))):
        found = list(group)
        yield (
            tuple(manifest_diff(_raw(found[0].one), _raw(found[0].other), paint)) if _is_shown(found[0]) else (),
            found,
        )


def _is_shown(moment: Moment) -> bool:
    return moment.side is Side.BOTH


def _said(moment: Moment) -> str:
    match moment.side:
        case Side.ONE:
            return f"only in a: {_verb(moment.one)}"
        case Side.OTHER:
            return f"only in b: {_verb(moment.other)}"
        case _:
            one, other = _verb(moment.one), _verb(moment.other)
            return one if one == other else f"{one} in a, {other} in b"


def _verb(version: Version | None) -> str:
    return "deleted" if version and version.deleted else "applied"


def _raw(version: Version | None) -> Raw | None:
    return version.raw if version else None


def _summary(found: TraceDifference, one: str, other: str) -> Iterator[str]:
    if not found:
        yield f"no difference in {plural(found.objects, 'object')}"
        return
    same = found.objects - len(found.differences)
    yield (
        f"{plural(found.objects, 'object')}: {same:,} the same, {found.count(Side.BOTH):,} changed, "
        f"{found.count(Side.ONE):,} only in {one}, {found.count(Side.OTHER):,} only in {other}"
    )
    if found.lifetimes:
        more = f" and {len(found.lifetimes) - 3} more" if len(found.lifetimes) > 3 else ""
        yield f"lifetimes of pods differ: {', '.join(map(printable, found.lifetimes[:3]))}{more}"
    if found.config:
        yield "other kinds are tracked, or in another way"


def difference_json(found: TraceDifference, names: tuple[str, str]) -> str:
    """A JSON document under a schema version; `time` is in seconds since the start of each trace."""
    document: dict[str, Any] = {
        "schemaVersion": SCHEMA_VERSION,
        "a": names[0],
        "b": names[1],
        "objects": found.objects,
        "changed": found.count(Side.BOTH),
        "onlyInA": found.count(Side.ONE),
        "onlyInB": found.count(Side.OTHER),
        "config": found.config,
        "lifetimes": list(found.lifetimes),
        "differences": [_json(difference) for difference in found.differences],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, default=repr) + "\n"


def _json(difference: ObjectDifference) -> dict[str, Json]:
    return {
        "kind": difference.kind,
        "namespace": difference.namespace,
        "name": difference.name,
        "in": difference.side.value,
        "sameVersions": difference.same,
        "moments": [
            {"time": moment.time, "in": moment.side.value, "a": _version(moment.one), "b": _version(moment.other)}
            for moment in difference.moments
        ],
    }


def _version(version: Version | None) -> dict[str, Json] | None:
    if version is None:
        return None
    return {"event": version.event, "deleted": version.deleted, "manifest": decode_object(version.raw)}
