"""Programs on trial: a few objects through the real engine, and what a program selects in a trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from skel.kube.release import minors
from skel.language import ast
from skel.language.diagnostic import SkelError
from skel.lint.execution import Touched
from skel.lint.file import KUBERNETES, File
from skel.patch.values import Json
from skel.program import Program
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.errors import TraceError
from skel.trace.model import Trace


def execute(module: ast.ResolvedModule, objects: Sequence[Json], targets: Mapping[str, str]) -> list[Json] | None:
    """Run a program on objects, each in an event of its own. See `execution.Execute`."""
    events = [Event(number, [encode_object(item)], []) for number, item in enumerate(objects)]
    try:
        new, _ = Program(module, targets=targets).apply(Trace.make(events, {"trackedObjects": {}}, {}, {}), workers=1)
    except (SkelError, TraceError):
        return None
    left = {event.ts: decode_object(event.applied_objs[0]) for event in new.events if event.applied_objs}
    return [left.get(number) for number in range(len(objects))]


def touched_in(trace: Trace, module: ast.ResolvedModule, targets: Mapping[str, str]) -> dict[str, Touched]:
    """What each rule of a program does to a trace, by id. Raises TraceError."""
    _, changes = Program(module, targets=targets).apply(trace)
    findings = Counter(finding.rule for finding in changes.summary.findings)
    return {rule.id: Touched(rule.matched, rule.changed + findings[rule.id]) for rule in changes.summary.rules}


def with_trace(file: File, trace: Trace) -> File:
    """The file with what its rules do to a trace; as it is if it can't be run alone. Raises TraceError."""
    needs_value = any(isinstance(item, ast.Param) and item.default is None for item in file.module.statements)
    if file.is_broken or needs_value:
        return file
    targets = {KUBERNETES: file.setting.target or minors()[-1]}
    return replace(file, setting=replace(file.setting, touched=touched_in(trace, file.analysis.module, targets)))
