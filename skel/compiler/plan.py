"""The plan: a program as a straight list of steps, before any trace is seen.

`when` blocks are laid flat: one step opens the block, the steps inside ask whether it is open. So there is one loop
that runs everything, and after a step that changed the kind of an object the next step can be looked up for the new
kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from skel.compiler.footprint import Footprint, bound_paths, footprint, is_bound
from skel.language import ast


@dataclass(frozen=True, slots=True)
class Open:
    """Opens the `when` block of that number if the selector holds."""

    block: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do to an object. `guard` is the block it stands in, `follows` if variables of a block must be kept
    true.
    """

    index: int
    rule: int
    selector: ast.Term
    command: ast.ObjectCommand | Open
    guard: int | None
    follows: bool
    footprint: Footprint


@dataclass(frozen=True, slots=True)
class ObjectPhase:
    """Steps that run on every object of every event."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class TracePhase:
    """A command on the trace itself; it sees the result of everything before it."""

    rule: int
    command: ast.TraceCommand


@dataclass(frozen=True, slots=True)
class Plan:
    rules: tuple[ast.ResolvedRule, ...]
    phases: tuple[ObjectPhase | TracePhase, ...]
    slots: int
    blocks: int


class _Planner:
    """Walks the rules in order and lays their commands flat."""

    def __init__(self) -> None:
        self.phases: list[ObjectPhase | TracePhase] = []
        self.steps: list[Step] = []
        self.blocks = 0
        self.count = 0
        self.bound: dict[int, ast.Path] = {}
        self.around: list[ast.Term] = []

    def command(self, command: ast.Command, rule: int, guard: int | None, follows: bool) -> None:
        match command:
            case ast.When():
                self.block(command, rule, guard, follows)
            case ast.Insert() | ast.Drop() | ast.Shift() | ast.Scale() | ast.Clone():
                self.close_phase()
                self.phases.append(TracePhase(rule, command))
            case ast.Use():
                raise AssertionError("definitions are expanded before a program is planned")
            case _:
                self.step(command.selector, command, rule, guard, follows)

    def block(self, command: ast.When, rule: int, guard: int | None, follows: bool) -> None:
        block = self.blocks
        self.blocks += 1
        self.step(command.selector, Open(block), rule, guard, follows)
        self.around.append(command.selector)
        for inner in command.commands:
            self.command(inner, rule, block, follows or is_bound(command.selector))
        self.around.pop()

    def step(
        self, selector: ast.Term, command: ast.ObjectCommand | Open, rule: int, guard: int | None, follows: bool
    ) -> None:
        self.bound.update(bound_paths(selector))
        seen = footprint(selector, None if isinstance(command, Open) else command, self.bound, tuple(self.around))
        self.steps.append(Step(self.count, rule, selector, command, guard, follows, seen))
        self.count += 1

    def close_phase(self) -> None:
        if self.steps:
            self.phases.append(ObjectPhase(tuple(self.steps)))
            self.steps = []
            self.count = 0


def plan(module: ast.ResolvedModule) -> Plan:
    """Lay the rules of a resolved module flat. Total: every module that passed the checker has a plan."""
    planner = _Planner()
    for number, rule in enumerate(module.rules):
        for command in rule.commands:
            planner.command(command, number, None, False)
    planner.close_phase()
    return Plan(module.rules, tuple(planner.phases), module.slots, planner.blocks)
