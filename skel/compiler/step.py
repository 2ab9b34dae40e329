"""One step, compiled for objects of one group, version and kind."""

from __future__ import annotations

from dataclasses import dataclass

from skel.compiler.action import Action, compile_action
from skel.compiler.frame import Predicate
from skel.compiler.paths import Context
from skel.compiler.plan import Open, Step
from skel.compiler.predicate import compile_term
from skel.compiler.transfer import following
from skel.language import ast


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """`predicate` is None if the selector is known to hold, `action` None if the step only opens the block `opens`.

    A certain step holds for every object of its header. `selector` is what is left of it there, True if nothing is.
    """

    index: int
    rule: int
    selector: ast.Term | bool
    command: ast.ObjectCommand | Open
    predicate: Predicate | None
    action: Action | None
    guard: int | None
    opens: int | None
    follows: bool
    writes_header: bool
    is_certain: bool


def compile_step(step: Step, selector: ast.Term | bool, context: Context) -> CompiledStep:
    """The step with what is left of its selector for this header; True if nothing is."""
    command = step.command
    action = None if isinstance(command, Open) else compile_action(command, context)
    return CompiledStep(
        index=step.index,
        rule=step.rule,
        selector=selector,
        command=command,
        predicate=None if isinstance(selector, bool) else compile_term(selector, context),
        action=following(action) if action is not None and step.follows else action,
        guard=step.guard,
        opens=command.block if isinstance(command, Open) else None,
        follows=step.follows,
        writes_header=step.footprint.writes_header,
        is_certain=isinstance(selector, bool) and step.guard is None and not isinstance(command, Open),
    )
