"""What commands do to each other when they run one behind the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skel.language import ast
from skel.lint.canonical import is_one_place
from skel.lint.claims import UNKNOWN, constant
from skel.lint.file import File
from skel.lint.logic import exclude, implies
from skel.lint.places import any_touch
from skel.lint.step import Step
from skel.patch.values import equal_json

MOST_STEPS = 400
"""Of a longer program each command is compared with so many before it: the time must not grow with the square."""


def is_barrier(step: Step) -> bool:
    """Whether new objects or other times come in, so that nothing is known behind it."""
    return isinstance(step.command, ast.Insert | ast.Shift | ast.Scale | ast.Clone)


def is_kept(places: tuple[ast.Path, ...], between: Sequence[Step]) -> bool:
    """Whether none of these commands writes to the places."""
    return not any(is_barrier(step) or any_touch(step.writes, places) for step in between)


def leaves_nothing(steps: Sequence[Step], early: int, late: int) -> bool:
    """Whether the first command takes away, from each object, what the second one would select.

    It deletes them, gives another value to what the second one tests, or removes what it asks for.
    """
    first, second = steps[early], steps[late]
    after = _after(first) if first.is_certain and _may_decide(first, second) else None
    if after is None or not is_kept(first.reads, steps[early + 1 : late]):
        return False
    return implies(second.held, first.held) and exclude(second.held, after)


def _may_decide(first: Step, second: Step) -> bool:
    """Whether what the first command does can matter to the selector of the second one."""
    return isinstance(first.command, ast.Delete) or any_touch(first.writes, second.reads)


def _after(step: Step) -> ast.Term | None:
    """What holds for each selected object when the command has run; None if that can't be told."""
    match step.command:
        case ast.Delete():
            return ast.Not(ast.Everything(step.span), step.span)
        case ast.Modify(path=path, value=ast.Literal() as value, only_absent=False):
            place = step.spread(path)
            return ast.Compare(place, "==", value, step.span) if is_one_place(place) and _is_made(place) else None
        case ast.Remove(path=path):
            place = step.spread(path)
            return ast.Not(ast.Exists(place, step.span), step.span) if _is_whole(path) else None
        case _:
            return None


def _is_made(path: ast.Path) -> bool:
    """Whether a write always arrives: every map on the way is made."""
    return all(isinstance(step, ast.Key) and not step.name.isdigit() for step in path.steps)


def _is_whole(path: ast.Path) -> bool:
    """Whether all that the path reaches goes, whatever a variable stands for."""
    return isinstance(path.root, ast.ObjectRoot) and is_one_place(path)


def same_writes(file: File) -> Iterator[tuple[Step, Step, Sequence[Step]]]:
    """Pairs of commands that write different constants to the same places, whatever is there, and nothing between that
    looks at them; with what stands between.
    """
    for steps in file.sequences:
        last: dict[str, list[int]] = {}
        for late, step in enumerate(steps):
            key = _constant_place(step)
            if key is None:
                continue
            for early in last.get(key, [])[-MOST_STEPS:]:
                if _is_rivalry(steps, early, late):
                    yield steps[early], step, steps[early + 1 : late]
            last.setdefault(key, []).append(late)


def _constant_place(step: Step) -> str | None:
    """Where a command writes a constant, as text; None if it does not, or if the value there decides."""
    match step.command:
        case ast.Modify(path=path, value=value, only_absent=False) if constant(value) is not UNKNOWN and step.is_own:
            place = step.spread(path)
            # A variable stands for those places alone that its test chose.
            is_free = not isinstance(path.root, ast.VariableRoot) and not any_touch(step.reads, (place,))
            return repr(place) if is_free else None
        case _:
            return None


def _is_rivalry(steps: Sequence[Step], early: int, late: int) -> bool:
    first, second = steps[early], steps[late]
    if not (first.is_certain and second.is_certain):
        return False
    assert isinstance(first.command, ast.Modify)
    assert isinstance(second.command, ast.Modify)
    between = steps[early + 1 : late]
    is_read = any(any_touch(first.writes, (*step.reads, *step.values)) for step in between)
    return not equal_json(constant(first.command.value), constant(second.command.value)) and not is_read
