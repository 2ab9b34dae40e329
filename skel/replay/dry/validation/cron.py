"""The schedule of a CronJob, read as the library of the server reads it (`robfig/cron`, `ParseStandard`)."""

from __future__ import annotations

import re

from skel.kube.duration import parse_duration

_MACROS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_DAYS = {name: number for number, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}
# What each field may hold, and what its numbers are called.
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
_NUMBER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


class _Bad(ValueError):
    pass


def schedule_problem(schedule: str) -> str:
    """What is wrong with a schedule, empty if nothing is."""
    text = schedule
    if text.startswith(("TZ=", "CRON_TZ=")):
        _, blank, text = text.partition(" ")
        if not blank:
            return f"provided bad location {schedule}"
        text = text.strip()
    try:
        _macro(text) if text.startswith("@") else _five(text)
    except _Bad as error:
        return str(error)
    return ""


def _macro(text: str) -> None:
    every = text.removeprefix("@every ")
    if every != text:
        if parse_duration(every) is None:
            raise _Bad(f"failed to parse duration {text}")
    elif text not in _MACROS:
        raise _Bad(f"unrecognized descriptor: {text}")


def _five(text: str) -> None:
    fields = text.split()
    if len(fields) != 5:
        raise _Bad(f"expected exactly 5 fields, found {len(fields)}: {fields}")
    for field, (low, high, names) in zip(fields, _FIELDS, strict=True):
        for part in filter(None, field.split(",")):
            _range(part, low, high, names)


def _range(text: str, low: int, high: int, names: dict[str, int]) -> None:
    span, *steps = text.split("/")
    ends = span.split("-")
    if ends[0] in {"*", "?"}:
        start, end = low, high
    else:
        start = _value(ends[0], names)
        end = _value(ends[1], names) if len(ends) == 2 else start
        if len(ends) > 2:
            raise _Bad(f"too many hyphens: {text}")
        if steps and len(ends) == 1:
            end = high
    if len(steps) > 1:
        raise _Bad(f"too many slashes: {text}")
    if steps and _natural(steps[0]) == 0:
        raise _Bad(f"step of range should be a positive number: {text}")
    if start < low:
        raise _Bad(f"beginning of range ({start}) below minimum ({low}): {text}")
    if end > high:
        raise _Bad(f"end of range ({end}) above maximum ({high}): {text}")
    if start > end:
        raise _Bad(f"beginning of range ({start}) beyond end of range ({end}): {text}")


def _value(text: str, names: dict[str, int]) -> int:
    known = names.get(text.lower())
    return _natural(text) if known is None else known


def _natural(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise _Bad(f"failed to parse int from {text}")
    number = int(text)
    if number < 0:
        raise _Bad(f"negative number ({number}) not allowed: {text}")
    return number
