"""A rule on trial: each case through the public way of a program, and the laws that every rule keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum
from typing import TYPE_CHECKING

from skel.engine.change import Changes, ObjectChange
from skel.engine.summary import Finding
from skel.language.diagnostic import SkelError
from skel.packs.cases import Case, Manifest
from skel.packs.manifest import PackRule
from skel.packs.yaml_text import yaml_text
from skel.patch.operations import export
from skel.patch.values import equal_json
from skel.program import Program, compile_sources
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.errors import TraceError
from skel.trace.model import Trace

if TYPE_CHECKING:
    from skel.packs.cases import Parameter

KEY = b"the key of cases"
"""What `pseudonym` uses in cases, so that their results stay the same."""


class Outcome(StrEnum):
    """`failed`: what the case expects did not come. `noisy`: something came that it does not expect."""

    PASSED = "passed"
    FAILED = "failed"
    NOISY = "noisy"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case; `why` is one sentence, `detail` the lines that show it."""

    case: Case
    outcome: Outcome
    why: str = ""
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """What a program made of the objects of a case. `mine` is what became of the object of the case, None: gone."""

    trace: Trace
    changes: Changes
    touched: tuple[ObjectChange, ...]
    mine: Manifest | None
    findings: tuple[Finding, ...]


class Bench:
    """Compiles a rule once for each target and parameters, and runs its cases.

    `default_target` is the release for cases that name none; without `component` there are no targets.
    """

    def __init__(self, rule: PackRule, component: str, default_target: str) -> None:
        self.rule = rule
        self.component = component
        self.default_target = default_target
        self._programs: dict[tuple[str, tuple[tuple[str, Parameter], ...]], Program] = {}

    def program(self, case: Case | None = None) -> Program:
        """The program for a case. Raises SkelError."""
        target = (case.target if case else "") or self.default_target
        parameters: Mapping[str, Parameter] = case.parameters if case else {}
        key = (target, tuple(sorted(parameters.items())))
        found = self._programs.get(key)
        if found is None:
            found = self._programs[key] = compile_sources(
                [self.rule.source],
                parameters=parameters,
                targets={self.component: target} if self.component and target else {},
                secret=KEY,
            )
        return found

    def verdict(self, case: Case) -> Verdict:
        """Try one case. Never raises for anything that a rule or a case can do."""
        try:
            run = run_case(self.program(case), case)
        except SkelError as error:
            return self._ended(case, error.diagnostics[0].message)
        except TraceError as error:
            return self._ended(case, error.message)
        if case.expected.error:
            why = f"it should end with an error that says `{case.expected.error}`"
            return Verdict(case, Outcome.FAILED, why, _shown(case, run))
        return _judge_result(case, run) or self._judge_laws(case, run) or Verdict(case, Outcome.PASSED)

    def _ended(self, case: Case, message: str) -> Verdict:
        wanted = case.expected.error
        if wanted and wanted in message:
            return Verdict(case, Outcome.PASSED)
        why = f"it ends with another error than `{wanted}`" if wanted else "it ends with an error"
        return Verdict(case, Outcome.FAILED, why, (message,))

    def _judge_laws(self, case: Case, run: Run) -> Verdict | None:
        """What holds for every rule, whatever the case says."""
        for change in run.touched:
            wrong = _patch_problem(change)
            if wrong:
                return Verdict(case, Outcome.FAILED, "its operations do not lead from before to after", (wrong,))
        if case.repeatable and run.changes:
            _, again = self.program(case).apply(run.trace, workers=1)
            if again:
                why = "it changes things again when it is run a second time"
                return Verdict(case, Outcome.FAILED, why, tuple(_change_lines(list(again.objects()))))
        if case.others and not case.expected.is_whole:
            turned = run_case(self.program(case), case, is_first=True)
            if not _same(turned.mine, run.mine) or _said(turned) != _said(run):
                why = "the result depends on the order of the objects"
                return Verdict(case, Outcome.FAILED, why, diff(run.mine, turned.mine))
        return None


def run_case(program: Program, case: Case, *, is_first: bool = False) -> Run:
    """Run the objects of a case, its own one behind the others or before them. Raises TraceError."""
    position = 0 if is_first else len(case.others)
    objects = [case.before, *case.others] if is_first else [*case.others, case.before]
    trace, changes = program.apply(trace_of(objects), workers=1)
    touched = tuple(changes.objects())
    mine: Manifest | None = case.before
    for change in touched:
        if change.object.position == position and change.before is not None:
            mine = decode_object(change.after) if change.after is not None else None
    name = _name(case.before)
    findings = tuple(finding for finding in changes.summary.findings if finding.object == name)
    return Run(trace, changes, touched, mine, findings)


def trace_of(objects: list[Manifest]) -> Trace:
    """A trace with one event in which all objects are applied."""
    return Trace.make([Event(0, [encode_object(item) for item in objects], [])], {"trackedObjects": {}}, {}, {})


def _name(manifest: Manifest) -> str:
    """How a run calls the object."""
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict):
        return "an object without a name"
    words = (manifest.get("kind"), metadata.get("namespace"), metadata.get("name"))
    return "/".join(word for word in words if isinstance(word, str) and word)


# ---- judging ---------------------------------------------------------------------------------------------------------


def _judge_result(case: Case, run: Run) -> Verdict | None:
    """The complaint about what came, None if it is what the case expects."""
    expected = case.expected
    if expected.is_whole:
        return _judge_whole(case, run)
    if expected.after is not None:
        wanted = expected.after[0] if expected.after else None
        if not _same(run.mine, wanted):
            return Verdict(case, Outcome.FAILED, _difference(case, run, wanted), diff(wanted, run.mine))
    elif not _same(run.mine, case.before):
        return Verdict(case, Outcome.NOISY, "it changes the object", diff(case.before, run.mine))
    return _judge_findings(case, run)


def _said(run: Run) -> tuple[str, ...]:
    return tuple(finding.message for finding in run.findings)


def _judge_whole(case: Case, run: Run) -> Verdict | None:
    wanted = list(case.expected.after or ())
    real = [decode_object(raw) for event in run.trace.events for raw in event.applied_objs]
    if equal_json(wanted, real):
        return _judge_findings(case, run)
    return Verdict(case, Outcome.FAILED, "other objects are left", _diff(_texts(wanted), _texts(real)))


def _judge_findings(case: Case, run: Run) -> Verdict | None:
    wanted = case.expected.finding
    said = _said(run)
    if not wanted and said:
        return Verdict(case, Outcome.NOISY, "it reports a finding", said)
    if wanted and not any(wanted in message for message in said):
        return Verdict(case, Outcome.FAILED, f"no finding says `{wanted}`", said)
    return None


def _difference(case: Case, run: Run, wanted: Manifest | None) -> str:
    if run.mine is None:
        return "the object is deleted"
    if _same(run.mine, case.before):
        return "it changes nothing"
    return "another object comes out" if wanted is not None else "the object should be deleted"


def _same(left: Manifest | None, right: Manifest | None) -> bool:
    if left is None or right is None:
        return left is right
    return equal_json(left, right)


def _patch_problem(change: ObjectChange) -> str:
    """Apply the operations with another implementation of RFC 6902; what is wrong with the result, if anything."""
    import jsonpatch

    if change.before is None or change.after is None:
        return ""
    before, after = decode_object(change.before), decode_object(change.after)
    try:
        patched = jsonpatch.apply_patch(before, export(change.operations))
    except jsonpatch.JsonPatchException as error:
        return f"jsonpatch: {error}"
    return "" if equal_json(patched, after) else "\n".join(diff(after, patched))


# ---- showing ---------------------------------------------------------------------------------------------------------


def diff(wanted: Manifest | None, real: Manifest | None, *, context: int = 3) -> tuple[str, ...]:
    """The lines that differ, with some around them: `-` is wanted, `+` came."""
    return _diff(_texts([wanted] if wanted is not None else []), _texts([real] if real is not None else []), context)


def _texts(objects: list[Manifest]) -> list[str]:
    return "---\n".join(map(yaml_text, objects)).splitlines()


def _diff(wanted: list[str], real: list[str], context: int = 3) -> tuple[str, ...]:
    lines = unified_diff(wanted, real, lineterm="", n=context)
    return tuple(line for number, line in enumerate(lines) if number >= 2)


def _shown(case: Case, run: Run) -> tuple[str, ...]:
    return diff(case.before, run.mine) or ("it changes nothing",)


def _change_lines(changes: list[ObjectChange]) -> list[str]:
    return [
        line
        for change in changes
        for line in diff(
            decode_object(change.before) if change.before is not None else None,
            decode_object(change.after) if change.after is not None else None,
        )
    ]
