"""Each lint proves itself by the examples in its file."""

from __future__ import annotations

import re

import pytest

from skel.language.render import render
from skel.lint.examples import example
from skel.lint.pages import page_of
from skel.lint.rule import Bad, Described, Lint
from skel.lint.rules import ALL, RULES
from tests.lint.proving import applied

GOOD = [(lint, program) for lint in RULES for program in lint.OK]
BAD = [(lint, bad) for lint in RULES for bad in lint.BAD]


def name(value: object) -> str:
    return value.program.replace("\n", " ") if isinstance(value, Bad) else getattr(value, "NAME", str(value))


@pytest.mark.parametrize(("lint", "program"), GOOD, ids=name)
def test_good_example_is_clean(lint: Lint, program: str) -> None:
    file = example(program, lint.BAD[0])
    assert not file.diagnostics, render(file.diagnostics)
    assert not list(lint.check(file)), render(lint.check(file))


@pytest.mark.parametrize(("lint", "bad"), BAD, ids=name)
def test_bad_example_is_found(lint: Lint, bad: Bad) -> None:
    file = example(bad.program, bad)
    assert not [found for found in file.diagnostics if found.code < "SK060"], render(file.diagnostics)
    found = list(lint.check(file))
    assert [diagnostic.span.text for diagnostic in found] == [bad.at], render(found)
    assert all(diagnostic.code == lint.CODE.code for diagnostic in found)
    if bad.fixed:
        after = applied(bad.program, found[0])
        assert after == bad.fixed
        assert not list(lint.check(example(after, bad)))


@pytest.mark.parametrize("lint", ALL, ids=name)
def test_page(lint: Described) -> None:
    found = page_of(lint)
    assert re.fullmatch(rf"{lint.CODE.code} {lint.NAME}: .+\.", (lint.__doc__ or "").splitlines()[0])
    assert found.why
    assert lint.OK


def test_codes_are_in_order_and_unique() -> None:
    codes = [lint.CODE.code for lint in ALL]
    assert codes == sorted(set(codes))
    assert len({lint.NAME for lint in ALL}) == len(ALL)
