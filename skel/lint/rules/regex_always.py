"""SK121 regex-always: a regular expression matches every text.

As a test it asks only whether there is a text: `=~ ""` says so without looking like more. `exists` asks whether there
is anything.
"""

from __future__ import annotations

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Edit, Fix, Safety, Severity
from skel.lint.file import File
from skel.lint.patterns import patterns_of
from skel.lint.regex import always_matches
from skel.lint.rule import Bad, Found
from skel.lint.step import Step

CODE, NAME = Code("SK121", Severity.WARNING), "regex-always"
OK = (
    'delete(metadata.name =~ "a.*");',
    'delete(metadata.name =~ ".");',
    'delete(metadata.name =~ "");',
    'replace(spec.image, "^", "mirror/");',
)
BAD = (
    Bad('delete(metadata.name =~ ".*");', at='".*"', fixed="delete(exists(metadata.name));"),
    Bad('delete(metadata.name =~ "x*");', at='"x*"', fixed="delete(exists(metadata.name));"),
)


def check(file: File) -> Found:
    for step, literal, test in patterns_of(file):
        if test is not None and literal.value and always_matches(str(literal.value)):
            yield _complaint(step, literal, test)


def _complaint(step: Step, literal: ast.Literal, test: ast.Text) -> Diagnostic:
    fix = None
    if isinstance(test.left, ast.Path) and test.span.source == step.span.source:
        there = f"exists({test.left.span.text})"
        fix = Fix(f"write `{there}`", (Edit(test.span, there),), Safety.UNSAFE)
    hint = "the test says nothing about the text"
    return CODE.at(step.own(literal.span), "this regular expression matches every text", hint, fix=fix)
