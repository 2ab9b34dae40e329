"""SK113 impossible-selector: no object can meet a selector.

Two of its conditions exclude each other, so the command never runs. Conditions on several places (`[*]`) do not: there,
one place may meet the first and another the second.
"""

from __future__ import annotations

from collections.abc import Iterator

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Label, Severity
from skel.lint.file import File
from skel.lint.logic import Contradiction, canonical, impossible
from skel.lint.nodes import below
from skel.lint.rule import Bad, Found
from skel.lint.step import Step

CODE, NAME = Code("SK113", Severity.WARNING), "impossible-selector"
OK = (
    'delete(kind == "Pod" || kind == "Job");',
    'delete(spec.containers[*].name == "a" && spec.containers[*].name == "b");',
    "delete(spec.replicas > 3 && spec.replicas < 5);",
    'when kind == "A" { modify(kind = "B"); remove(kind == "B", status); }',
)
BAD = (
    Bad('delete(kind == "Pod" && kind == "Job");', at='kind == "Job"'),
    Bad("delete(spec.replicas > 3 && spec.replicas < 2);", at="spec.replicas < 2"),
    Bad("delete(exists(spec.a) && !exists(spec.a));", at="exists(spec.a)"),
    Bad("delete(!exists(spec) && spec.replicas == 1);", at="spec.replicas == 1"),
    Bad('delete(kind in ["A", "B"] && kind in ["C", "D"]);', at='kind in ["C", "D"]'),
    Bad('remove($c := spec.containers[*] | $c.name == "a" && $c.name == "b", $c);', at='$c.name == "b"'),
    Bad('remove($c := spec.containers[*] | ($c.name == "a" && $c.name == "b"), $c);', at='$c.name == "b"'),
    Bad('remove(spec.containers[?(@.name == "a" && @.name == "b")]);', at='@.name == "b"'),
    Bad('when kind == "A" { delete(kind == "B"); }', at='kind == "B"'),
    Bad('delete(lower(metadata.name) == "Web");', at='lower(metadata.name) == "Web"'),
    Bad("delete(quantity(spec.cpu) > 1 && quantity(spec.cpu) < 500m);", at="quantity(spec.cpu) < 500m"),
    Bad('delete(target("kubernetes") >= 1.25 && target("kubernetes") < 1.20);', at='target("kubernetes") < 1.20'),
)


def check(file: File) -> Found:
    seen: set[int] = set()
    for step in file.own_steps():
        inner = tuple(_inner(step))
        yield from inner
        found = None if inner else impossible(step.held)
        if found is not None and not _is_told(step, seen):
            yield _complaint(step, found)


def _is_told(step: Step, seen: set[int]) -> bool:
    """Whether the block around is impossible itself and was complained of for another command in it."""
    if impossible(canonical(*step.around, ast.Everything(step.span))) is None:
        return False
    block = step.blocks[-1].span.start
    is_told = block in seen
    seen.add(block)
    return is_told


def _inner(step: Step) -> Iterator[Diagnostic]:
    """Tests of items that no item can meet, in binds and filters."""
    for node in below((canonical(*step.around, step.selector), step.command)):
        test = node.test if isinstance(node, ast.Bind | ast.Filter) else None
        found = impossible(canonical(test)) if test is not None else None
        if found is not None:
            yield _complaint(step, found)


def _complaint(step: Step, found: Contradiction) -> Diagnostic:
    first, second = found.first, found.second
    if first is second:
        return CODE.at(step.own(second.span), "no object can meet this condition", "this never holds")
    labels = (Label(step.own(first.span), "it can't hold together with this"),)
    return CODE.at(step.own(second.span), "no object can meet this selector", "this excludes the other", labels=labels)
