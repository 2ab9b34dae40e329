"""What lints conclude without an object holds for every object."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import assume, given, note

from skel.language import ast
from skel.language.analyse import analyse, analyse_all
from skel.language.text import Source
from skel.lint.fixer import fix_all
from skel.lint.logic import canonical, implies, impossible
from skel.lint.runner import lint
from skel.lint.trial import execute
from tests.laws.running import exact, examples
from tests.lint.proving import opened
from tests.lint.small_world import Object, any_selector, many_objects, programs


def selector_of(text: str) -> ast.Term:
    module = analyse_all(Source("<program>", f"delete({text});")).module
    (command,) = module.rules[0].commands
    assert isinstance(command, ast.Delete)
    return canonical(command.selector)


def selected(text: str, objects: Sequence[Object]) -> list[bool]:
    left = execute(analyse(Source("<program>", f"delete({text});")), objects, {})
    assert left is not None
    return [item is None for item in left]


def result(text: str, objects: Sequence[Object]) -> str:
    return exact(execute(analyse(Source("<program>", text)), objects, {}))


@examples(200)
@given(any_selector, many_objects)
def test_no_object_meets_an_impossible_selector(selector: str, objects: list[Object]) -> None:
    assume(impossible(selector_of(selector)) is not None)
    note(selector)
    assert not any(selected(selector, objects))


@examples(200)
@given(any_selector, any_selector, many_objects)
def test_what_follows_from_a_selector_holds(one: str, other: str, objects: list[Object]) -> None:
    assume(implies(selector_of(one), selector_of(other)))
    note(f"{one}\n{other}")
    assert all(second for first, second in zip(selected(one, objects), selected(other, objects), strict=True) if first)


@examples(100)
@given(programs, many_objects)
def test_dead_commands_do_nothing(statements: list[str], objects: list[Object]) -> None:
    """Without what is unreachable, impossible or overwritten, a program gives the same."""
    text = "\n".join(statements) + "\n"
    file = opened(text)
    dead = [found for found in lint(file).diagnostics if found.code in {"SK112", "SK116"}]
    assume(dead)
    for found in dead:
        step = next(step for step in file.steps if step.span.start == found.span.start)
        without = f"{text[: step.span.start]}{text[step.span.end :]}"
        note(f"{found.code}: {step.span.text}\n{text}")
        assert result(without, objects) == result(text, objects)


@examples(100)
@given(programs, many_objects)
def test_safe_fixes_keep_the_meaning(statements: list[str], objects: list[Object]) -> None:
    text = "\n".join(statements) + "\n"
    mended = fix_all(opened(text), unsafe=False)
    assume(mended.count)
    note(f"{text}\n{mended.text}")
    assert result(mended.text, objects) == result(text, objects)
