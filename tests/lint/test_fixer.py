"""What a fix promises: the complaint is gone, the program is whole, its formatting and its comments stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.language.analyse import analyse_all
from skel.language.diagnostic import Safety
from skel.language.formatter import format_source
from skel.language.text import Source
from skel.lint.examples import example
from skel.lint.fixer import fix_all
from skel.lint.rule import Bad, Described
from skel.lint.rules import ALL
from skel.lint.runner import again, lint
from tests.lint.proving import opened

MENDED = [(described, bad) for described in ALL for bad in described.BAD if bad.fixed]
# Statements that can stand in one file, with and without something to mend.
STATEMENTS = [
    bad.program for _, bad in MENDED if not (bad.files or bad.in_pack or bad.strict_reference or bad.target)
] + ["# a remark\nremove(spec.x);", 'rule "r0" {\n    title "A rule";\n    remove(spec.y);\n}', "remove(spec.x"]


def formatted(text: str) -> str:
    return format_source(Source("example.skel", text))


@pytest.mark.parametrize(("described", "bad"), MENDED, ids=lambda value: getattr(value, "NAME", ""))
@pytest.mark.parametrize("pretty", [False, True])
def test_examples_are_mended(described: Described, bad: Bad, pretty: bool) -> None:
    text = formatted(bad.program) if pretty else bad.program
    file = example(text, bad)
    after = fix_all(file, unsafe=True)
    assert after.count >= 1
    assert described.CODE.code not in {
        found.code for found in lint(again(file, Source("example.skel", after.text))).diagnostics
    }
    assert not pretty or formatted(after.text) == after.text


@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=6), st.booleans(), st.booleans())
def test_fixes_of_many_statements(statements: list[str], unsafe: bool, pretty: bool) -> None:
    text = "\n".join(statement.replace("r0", f"r{number}") for number, statement in enumerate(statements)) + "\n"
    pretty = pretty and "remove(spec.x" not in statements
    text = formatted(text) if pretty else text
    file = opened(text)
    after = fix_all(file, unsafe=unsafe)
    source = Source("example.skel", after.text)
    assert len(analyse_all(source).errors) <= len(file.analysis.errors)
    left = [found.fix for found in lint(again(file, source)).diagnostics if found.fix is not None]
    assert not [fix for fix in left if unsafe or fix.safety is Safety.SAFE]
    assert after.text.count("# a remark") == text.count("# a remark")
    assert not pretty or formatted(after.text) == after.text
    assert fix_all(again(file, source), unsafe=unsafe).count == 0


def test_safe_fixes_do_not_touch_what_needs_a_look() -> None:
    text = 'modify(kind == "Deployment", spec.replicas = "3");\n'
    assert fix_all(opened(text), unsafe=False).text == text
    assert fix_all(opened(text), unsafe=True).text == text.replace('"3"', "3")


def test_mistakes_of_the_language_are_mended_too() -> None:
    after = fix_all(opened('delete(kind = "Pod");\n'), unsafe=False)
    assert (after.text, after.count) == ('delete(kind == "Pod");\n', 1)


def test_an_ignored_finding_is_not_mended() -> None:
    text = "remove(**.**.image); # skel: ignore[SK124] as it is\n"
    assert fix_all(opened(text), unsafe=True).text == text


def test_two_fixes_that_touch_come_one_after_the_other() -> None:
    text = 'delete(kind == "A" && kind == "A" && kind == "A");\n'
    assert fix_all(opened(text), unsafe=False).text == 'delete(kind == "A");\n'
