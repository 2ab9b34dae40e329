"""SK110 repeated-command: a command stands twice, and nothing between changes what it does.

The second one finds its work done, or does it twice. Often one of them was meant to be another field or kind.
"""

from __future__ import annotations

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Fix, Label, Safety, Severity
from skel.lint.claims import UNKNOWN, constant
from skel.lint.edits import without
from skel.lint.file import File
from skel.lint.places import any_touch
from skel.lint.rule import Bad, Found
from skel.lint.step import Step, first_line

CODE, NAME = Code("SK110", Severity.WARNING), "repeated-command"
OK = (
    "remove(status);\nremove(metadata.uid);",
    "remove(spec.a);\nmodify(spec.a = 1);\nremove(spec.a);",
    "clone(*, 1);\nclone(*, 1);",
)
BAD = (
    Bad(
        "remove(status);\nremove(metadata.uid);\nremove(status);",
        at="remove(status);",
        fixed="remove(status);\nremove(metadata.uid);\n",
    ),
    Bad(
        'when kind == "Pod" { remove(status); remove(status); }',
        at="remove(status);",
        fixed='when kind == "Pod" { remove(status); }',
    ),
)


def check(file: File) -> Found:
    for steps in file.sequences:
        earlier: list[Step] = []
        for step in steps:
            first = _first(step, earlier)
            if first is not None and step.is_own:
                labels = (Label(first_line(first.span), "the first one"),)
                safety = Safety.SAFE if _is_done(step.command) else Safety.UNSAFE
                fix = Fix("take it away", (without(step.span),), safety)
                head = first_line(step.span)
                yield CODE.at(head, "this command stands twice", "the same again", labels=labels, fix=fix)
            earlier.append(step)


def _is_done(command: ast.Command) -> bool:
    """Whether the second one finds nothing to do."""
    match command:
        case ast.Delete() | ast.Remove():
            return True
        case ast.Modify(value=value):
            return constant(value) is not UNKNOWN
        case _:
            return False


def _first(step: Step, earlier: list[Step]) -> Step | None:
    """The same command before, with nothing between that writes what it looks at or writes."""
    if isinstance(step.command, ast.Insert | ast.Shift | ast.Scale | ast.Clone):
        return None
    places = (*step.reads, *step.writes)
    for other in reversed(earlier):
        if _is_same(step, other):
            return other
        if any_touch(other.writes, places):
            return None
    return None


def _is_same(step: Step, other: Step) -> bool:
    is_one_home = step.home is other.home or (_is_bare(step) and _is_bare(other))
    return is_one_home and other.is_own and step.held == other.held and _words(step) == _words(other)


def _is_bare(step: Step) -> bool:
    """Whether it stands in no rule."""
    return step.home.span == (step.blocks[0].span if step.blocks else step.span)


def _words(step: Step) -> list[str]:
    return step.span.text.split()
