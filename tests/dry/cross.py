"""Objects whose fields contradict each other, and second states of objects: edits in `manifests/*.edits`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from skel.patch.values import Json, copy_json

FOLDER = Path(__file__).parent / "manifests"
_GONE = "<gone>"
_TIMES = re.compile(r"<(.) (\d+) times>")


@cache
def edits_of(name: str) -> dict[str, list[dict[str, Json]]]:
    """Sets of edits by kind; a key is a path with dots."""
    found: dict[str, list[dict[str, Json]]] = yaml.safe_load((FOLDER / f"{name}.edits").read_text("utf-8"))
    return found


def edited(valid: Json, name: str) -> Iterator[Json]:
    """The valid object with each set of edits for its kind; sets that don't fit are left out."""
    for edits in edits_of(name).get(valid["kind"], ()):
        found = copy_json(valid)
        try:
            for path, value in edits.items():
                _edit(found, path.split("."), _spelled_out(value))
        except (KeyError, IndexError, TypeError, AttributeError):
            continue
        yield found


def _edit(found: Json, path: list[str], value: Json) -> None:
    *steps, last = path
    for step in steps:
        found = found[int(step)] if step.isdigit() else found.setdefault(step, {})
    if value == _GONE:
        found.pop(last, None)
    elif last.isdigit():
        found[int(last)] = value
    else:
        found[last] = value


def _spelled_out(value: Json) -> Json:
    """`<x 1048577 times>` as that text."""
    if isinstance(value, dict):
        return {key: _spelled_out(item) for key, item in value.items()}
    if isinstance(value, str) and (match := _TIMES.fullmatch(value)):
        return match[1] * int(match[2])
    return copy_json(value)
