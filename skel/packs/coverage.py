"""Which commands of a rule no case ever reaches."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from skel.compiler.frame import Frame
from skel.compiler.header import Header
from skel.compiler.plan import ObjectPhase, Open
from skel.compiler.program import BoundPhase, Bucket, Options
from skel.compiler.step import CompiledStep
from skel.engine.events import run_list
from skel.engine.objects import ObjectRunner
from skel.language.diagnostic import SkelError
from skel.language.text import Span
from skel.packs.cases import Case
from skel.packs.trial import Bench, trace_of
from skel.patch.operations import Operation
from skel.program import Program
from skel.trace.errors import TraceError
from skel.trace.names import Names


class _Watched(BoundPhase):
    """A phase that notes which of its steps act, by index."""

    def __init__(self, phase: ObjectPhase, options: Options) -> None:
        super().__init__(phase, options, {})
        self.acted: set[int] = set()

    def bucket(self, header: Header, start: int = 0) -> Bucket:
        bucket = super().bucket(header, start)
        return replace(bucket, steps=tuple(map(self._watch, bucket.steps)), gates=None)

    def _watch(self, step: CompiledStep) -> CompiledStep:
        action = step.action
        if action is None:
            return step

        def watched(frame: Frame, log: list[Operation]) -> None:
            self.acted.add(step.index)
            action(frame, log)

        return replace(step, action=watched)


def unmatched_commands(bench: Bench, cases: Iterable[Case]) -> tuple[Span, ...]:
    """The commands written in the rule's own file whose selector holds in no case. Rules that command the trace itself
    have none.
    """
    phases: dict[Program, _Watched] = {}
    for case in cases:
        with suppress(SkelError):  # the case expects it, or has failed by now
            program = bench.program(case)
            match program.compiled.plan.phases:
                case (ObjectPhase() as phase,):
                    watched = phases.setdefault(program, _Watched(phase, program.compiled.options))
                    _run(program, watched, case)
                case _:
                    return ()
    commands: dict[Span, bool] = {}
    for watched in phases.values():
        for step in watched.steps:
            if not isinstance(step.command, Open):
                span = step.command.span
                commands[span] = commands.get(span, False) or step.index in watched.acted
    return tuple(span for span, is_met in commands.items() if not is_met and span.source == bench.rule.source)


def _run(program: Program, phase: _Watched, case: Case) -> None:
    """Run the objects of a case."""
    events = trace_of([*case.others, case.before]).events
    plan = program.compiled.plan
    # Whoever observes sees the steps one by one, not fused.
    runner = ObjectRunner(phase, Frame(plan.slots, plan.blocks, Names(events).has), lambda _rule, _operations: None)
    with suppress(TraceError):  # the case expects it, or has failed by now
        run_list(runner, events[0].applied_objs, 0, deleted=False)
